//! Reminders: which moments of a limit have fallen. Overdue is derived from the limit and the day, never stored.

use chrono::{Days, NaiveDate};

dudao_law::words!(
    /// How near a limit is: the moments that are told of once each.
    ReminderKind {
        /// It has passed.
        Overdue = "已逾期",
        /// It is today.
        Today = "今日到期",
        /// It comes near.
        Approaching = "即将到期",
    }
);

dudao_law::words!(
    /// What is due.
    ReminderMatter {
        /// The rectification of a finding.
        Finding = "问题整改",
        /// The investigation group of an accountability decision.
        InvestigationGroup = "成立问责调查组",
        /// The subject's statement.
        Statement = "陈述申辩",
        /// The decision of a review.
        ReviewDecision = "复查决定",
        /// The decision of an appeal.
        AppealDecision = "申诉处理决定",
        /// The correction of a wrong decision.
        Correction = "更正问责决定",
        /// The year's commendation.
        Commendation = "年度表彰",
    }
);

/// A limit of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The case, the decision or the commendation.
    pub resource: String,
    /// The finding; "" if it is not about one.
    pub finding: String,
    /// What is due.
    pub matter: ReminderMatter,
    /// What is wrong, or what is due.
    pub title: String,
    /// The unit.
    pub unit: String,
    /// What the unit is called.
    pub unit_name: String,
    /// Who has decided it or is in charge of it.
    pub officer: String,
    /// The last day.
    pub date: NaiveDate,
}

impl Limit {
    /// How near it is on a day; none while it is further than so many days ahead.
    pub fn kind(&self, ahead: u32, today: NaiveDate) -> Option<ReminderKind> {
        moments(self.date, ahead, today).last().copied()
    }
}

/// The day up to which limits count as near.
pub fn horizon(ahead: u32, today: NaiveDate) -> NaiveDate {
    today
        .checked_add_days(Days::new(ahead.into()))
        .unwrap_or(NaiveDate::MAX)
}

/// The moments of a limit that have fallen by a day, in the order in which they fall. A clock that jumps passes over none.
pub fn moments(limit: NaiveDate, ahead: u32, today: NaiveDate) -> Vec<ReminderKind> {
    let fallen = [
        (ReminderKind::Approaching, limit <= horizon(ahead, today)),
        (ReminderKind::Today, limit <= today),
        (ReminderKind::Overdue, limit < today),
    ];
    let fallen = fallen.into_iter().filter(|(_, fallen)| *fallen);
    fallen.map(|(kind, _)| kind).collect()
}

/// Every moment of these limits that has fallen by a day.
pub fn due(limits: Vec<Limit>, ahead: u32, today: NaiveDate) -> Vec<(Limit, ReminderKind)> {
    limits
        .into_iter()
        .flat_map(|limit| {
            let fallen = moments(limit.date, ahead, today);
            fallen.into_iter().map(move |kind| (limit.clone(), kind))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_limit_is_told_of_ten_days_before_on_the_day_and_once_it_has_passed() {
        use ReminderKind::{Approaching, Overdue, Today};
        let limit = day("2026-10-10");
        assert_eq!(moments(limit, 10, day("2026-09-29")), []);
        assert_eq!(moments(limit, 10, day("2026-09-30")), [Approaching]);
        assert_eq!(moments(limit, 10, day("2026-10-09")), [Approaching]);
        assert_eq!(moments(limit, 10, day("2026-10-10")), [Approaching, Today]);
        assert_eq!(
            moments(limit, 10, day("2026-10-11")),
            [Approaching, Today, Overdue]
        );
    }

    proptest! {
        #[test]
        fn moments_only_grow_however_the_clock_jumps(ahead in 0_u32..40, start in 0_u64..60, jump in 0_u64..60) {
            let limit = day("2026-10-10");
            let before = day("2026-09-01") + Days::new(start);
            let after = before + Days::new(jump);
            let (earlier, later) = (moments(limit, ahead, before), moments(limit, ahead, after));
            prop_assert!(later.starts_with(&earlier));
            prop_assert_eq!(later.contains(&ReminderKind::Overdue), after > limit);
        }
    }
}
