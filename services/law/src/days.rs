//! Days that count: calendar days, working days with their make-up days (调休), months.
//!
//! A deadline is `{n, calendar day | working day | month, anchor}`. The anchor's own day does not count (民法典 arts. 201–203):
//! ten days from 1 March end with 11 March. A period in calendar days or months that would end on a day that is not worked
//! runs on to the next working day; one in working days ends on a working day by itself.

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// The furthest that a deadline is looked for, in days: beyond it something is wrong with the calendar.
const HORIZON: u64 = 4_000;

/// Which days are worked. Years that nobody has entered have weekends only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// First and last day of every public holiday.
    pub holidays: Vec<(NaiveDate, NaiveDate)>,
    /// Weekend days that are worked (调休).
    pub makeup_days: Vec<NaiveDate>,
}

impl Calendar {
    /// Whether a day is worked.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        if self.makeup_days.contains(&day) {
            return true;
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let free = self
            .holidays
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&day));
        !weekend && !free
    }

    /// This day, or the first working day after it.
    pub fn working_day_from(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days()
            .take(HORIZON as usize)
            .find(|day| self.is_working_day(*day))
            .unwrap_or(day)
    }

    /// The n-th working day after a day, which does not count itself.
    pub fn working_days_after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        day.iter_days()
            .skip(1)
            .take(HORIZON as usize)
            .filter(|day| self.is_working_day(*day))
            .nth(n.saturating_sub(1) as usize)
            .filter(|_| n > 0)
            .unwrap_or(day)
    }

    /// How many working days lie after `from`, up to `to`, which counts.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> usize {
        from.iter_days()
            .skip(1)
            .take_while(|day| *day <= to)
            .filter(|day| self.is_working_day(*day))
            .count()
    }
}

/// What a period is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 自然日
    Days,
    /// 工作日
    WorkingDays,
    /// 月
    Months,
    /// 年
    Years,
}

/// A period of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// How many.
    pub n: u32,
    /// Of what.
    pub unit: Unit,
}

impl Span {
    /// So many calendar days.
    pub fn days(n: u32) -> Self {
        Self {
            n,
            unit: Unit::Days,
        }
    }

    /// So many working days.
    pub fn working_days(n: u32) -> Self {
        Self {
            n,
            unit: Unit::WorkingDays,
        }
    }

    /// The last day of a period that an event of this day begins.
    pub fn after(self, anchor: NaiveDate, calendar: &Calendar) -> NaiveDate {
        match self.unit {
            Unit::WorkingDays => calendar.working_days_after(anchor, self.n),
            Unit::Days | Unit::Months | Unit::Years => {
                calendar.working_day_from(self.plain_after(anchor))
            }
        }
    }

    /// The same without regard to days that are not worked: for terms and cycles rather than for clocks.
    pub fn plain_after(self, anchor: NaiveDate) -> NaiveDate {
        let end = match self.unit {
            Unit::Days | Unit::WorkingDays => anchor.checked_add_days(Days::new(self.n.into())),
            Unit::Months => anchor.checked_add_months(Months::new(self.n)),
            Unit::Years => anchor.checked_add_months(Months::new(self.n.saturating_mul(12))),
        };
        end.unwrap_or(NaiveDate::MAX)
    }

    /// The latest day on which something must happen to lie so long before an event of this day.
    pub fn before(self, anchor: NaiveDate, calendar: &Calendar) -> NaiveDate {
        let day = match self.unit {
            Unit::Days => anchor.checked_sub_days(Days::new(self.n.into())),
            Unit::Months => anchor.checked_sub_months(Months::new(self.n)),
            Unit::Years => anchor.checked_sub_months(Months::new(self.n.saturating_mul(12))),
            Unit::WorkingDays => {
                let mut day = Some(anchor);
                let mut left = self.n;
                let mut steps = 0;
                while left > 0 && steps < HORIZON {
                    day = day.and_then(|day| day.pred_opt());
                    left -= u32::from(day.is_none_or(|day| calendar.is_working_day(day)));
                    steps += 1;
                }
                day
            }
        };
        day.unwrap_or(NaiveDate::MIN)
    }

    /// As people say it: `10 个工作日`.
    pub fn zh(self) -> String {
        let unit = match self.unit {
            Unit::Days => "日",
            Unit::WorkingDays => "个工作日",
            Unit::Months => "个月",
            Unit::Years => "年",
        };
        format!("{}{unit}", self.n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// National Day 2026: free from 1 to 7 October, worked on Sunday 20 September and Saturday 10 October.
    fn national_day() -> Calendar {
        Calendar {
            holidays: vec![(day("2026-10-01"), day("2026-10-07"))],
            makeup_days: vec![day("2026-09-20"), day("2026-10-10")],
        }
    }

    #[test]
    fn a_makeup_saturday_counts_as_a_working_day() {
        let calendar = national_day();
        // Thu 8, Fri 9, Sat 10 (worked), Mon 12.
        assert_eq!(
            Span::working_days(3).after(day("2026-09-30"), &calendar),
            day("2026-10-10")
        );
        assert_eq!(
            Span::working_days(4).after(day("2026-09-30"), &calendar),
            day("2026-10-12")
        );
    }

    #[test]
    fn calendar_days_that_end_in_a_holiday_run_on_to_the_next_working_day() {
        let calendar = national_day();
        assert_eq!(
            Span::days(10).after(day("2026-09-24"), &calendar),
            day("2026-10-08")
        );
        assert_eq!(
            Span::days(10).after(day("2026-03-02"), &calendar),
            day("2026-03-12")
        );
    }

    #[test]
    fn a_month_ends_on_the_same_day_of_the_next_or_on_its_last() {
        let month = Span {
            n: 1,
            unit: Unit::Months,
        };
        assert_eq!(month.plain_after(day("2026-01-31")), day("2026-02-28"));
        assert_eq!(
            month.before(day("2026-03-31"), &Calendar::default()),
            day("2026-02-28")
        );
    }

    proptest! {
        #[test]
        fn working_days_are_counted_as_they_are_added(start in 0_u64..700, n in 1_u32..60) {
            let calendar = national_day();
            let anchor = day("2026-01-01") + Days::new(start);
            let end = Span::working_days(n).after(anchor, &calendar);
            prop_assert!(calendar.is_working_day(end));
            prop_assert_eq!(calendar.working_days_between(anchor, end), n as usize);
            let back = Span::working_days(n).before(end, &calendar);
            prop_assert!(back <= anchor);
            prop_assert_eq!(calendar.working_days_between(back, end), n as usize);
        }

        #[test]
        fn a_longer_period_never_ends_sooner(start in 0_u64..700, n in 0_u32..60) {
            let calendar = national_day();
            let anchor = day("2026-01-01") + Days::new(start);
            for unit in [Unit::Days, Unit::WorkingDays, Unit::Months] {
                let (short, long) = (Span { n, unit }, Span { n: n + 1, unit });
                prop_assert!(short.after(anchor, &calendar) <= long.after(anchor, &calendar));
            }
        }
    }
}
