//! Risk decides who is seen sooner (`rules.md` § 6): points from the last result, findings, complaints and the time since the
//! last visit. Every point is visible and every weight is a parameter. Distance is no factor, so a school that is seen often
//! because it is near is never preferred over one that is neglected because it is far.
//!
//! The plain factors add up to a cap at the most. Neglect goes above that by steps of the cap: one for a school whose
//! comprehensive inspection lies back longer than the cycle, one more for a school that nobody has visited at all for so
//! long. So a school not visited for longer than the cycle outranks every school that was, whatever else is known of them.

use chrono::NaiveDate;
use dudao_law::ruleset::Ruleset;
use serde::{Deserialize, Serialize};

dudao_law::words!(
    /// What raises a school's points.
    RiskFactorKind {
        /// The last result.
        Result = "上次督导结果",
        /// Findings not closed out.
        Open = "未销号问题",
        /// Those past their limit.
        Overdue = "逾期未改问题",
        /// Those that came back after they were closed out.
        Reopened = "反弹问题",
        /// Complaints of the last months.
        Complaint = "投诉举报",
        /// Time since the last visit.
        Elapsed = "距上次督导的时间",
        /// Not seen for longer than the cycle.
        Neglect = "超过周期未督导",
    }
);

/// The weights. What a county's rules do not set has our own figure, for which there is no legal basis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Points for the worst result.
    pub result: f64,
    /// Points where no result is known.
    pub unknown: f64,
    /// For each finding not closed out.
    pub open: f64,
    /// More for each that is overdue.
    pub overdue: f64,
    /// More for each that was reopened.
    pub reopened: f64,
    /// For each complaint.
    pub complaint: f64,
    /// For how many months a complaint counts.
    pub complaint_months: u32,
    /// For each year since the last visit.
    pub year: f64,
    /// The most that the plain factors add up to.
    pub cap: f64,
    /// Years within which a school is seen.
    pub cycle_years: f64,
}

/// A parameter of the weights, and our own figure for it.
const PARAMETERS: [(&str, f64); 10] = [
    ("risk.result", 3.0),
    ("risk.result_unknown", 2.0),
    ("risk.open_finding", 0.25),
    ("risk.overdue_finding", 0.5),
    ("risk.reopened_finding", 1.0),
    ("risk.complaint", 0.5),
    ("risk.complaint_months", 12.0),
    ("risk.year", 1.0),
    ("risk.cap", 10.0),
    ("comprehensive.cycle_years", 4.0),
];

impl Weights {
    /// Those of a county's rules.
    pub fn of(rules: &Ruleset) -> Self {
        let at = |at: usize| {
            let (key, own) = PARAMETERS[at];
            rules.optional(key).unwrap_or(own)
        };
        Self {
            result: at(0),
            unknown: at(1),
            open: at(2),
            overdue: at(3),
            reopened: at(4),
            complaint: at(5),
            complaint_months: at(6) as u32,
            year: at(7),
            // A cap of nothing would level all.
            cap: at(8).max(1.0),
            cycle_years: at(9).max(1.0),
        }
    }

    /// The most points that a school can have.
    pub fn ceiling(&self) -> f64 {
        3.0 * self.cap
    }
}

/// What is known of a school.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The last result as a share of the best, 0 to 1; none where no result is known.
    pub result: Option<f64>,
    /// Findings not closed out.
    pub open: u32,
    /// Those of them past their limit.
    pub overdue: u32,
    /// Those of them that came back.
    pub reopened: u32,
    /// Complaints that count.
    pub complaints: u32,
    /// The last visit that was made, of any kind.
    pub last_visit: Option<NaiveDate>,
    /// The last comprehensive inspection.
    pub last_comprehensive: Option<NaiveDate>,
}

/// A factor of a school's points.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// What it is.
    pub kind: RiskFactorKind,
    /// What was counted or measured.
    pub value: f64,
    /// Points for each one of it.
    pub weight: f64,
    /// What it adds before the cap.
    pub points: f64,
    /// The parameter that sets the weight.
    pub parameter: &'static str,
    /// The same in words.
    pub words: String,
}

/// The points of a school.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// The sum: more is sooner.
    pub points: f64,
    /// Every factor, those that add nothing too.
    pub factors: Vec<Factor>,
}

/// Years from one day to another, parts of them too; 0 for one that lies ahead.
fn years(from: NaiveDate, to: NaiveDate) -> f64 {
    ((to - from).num_days().max(0) as f64) / 365.25
}

/// The points of a school as of a day.
pub fn risk(facts: &Facts, weights: &Weights, on: NaiveDate) -> Risk {
    let since = |day: Option<NaiveDate>| day.map(|day| years(day, on));
    let elapsed = since(facts.last_visit);
    // Never seen counts as long as the cycle, and as neglected.
    let waited = elapsed.unwrap_or(weights.cycle_years);
    let out = |since: Option<f64>| since.is_none_or(|years| years > weights.cycle_years);
    let neglect = f64::from(
        u8::from(out(elapsed)) + u8::from(out(since(facts.last_comprehensive)) || out(elapsed)),
    );
    let result = match facts.result {
        Some(share) => (
            1.0 - share.clamp(0.0, 1.0),
            weights.result,
            "risk.result",
            format!("上次结果得 {:.0}%", share.clamp(0.0, 1.0) * 100.0),
        ),
        None => (
            1.0,
            weights.unknown,
            "risk.result_unknown",
            "尚无督导结果".to_owned(),
        ),
    };
    let counted = |n: u32, weight: f64, parameter: &'static str, what: &str| {
        (f64::from(n), weight, parameter, format!("{what} {n} 项"))
    };
    let parts = [
        (RiskFactorKind::Result, result),
        (
            RiskFactorKind::Open,
            counted(facts.open, weights.open, "risk.open_finding", "未销号问题"),
        ),
        (
            RiskFactorKind::Overdue,
            counted(
                facts.overdue,
                weights.overdue,
                "risk.overdue_finding",
                "其中逾期",
            ),
        ),
        (
            RiskFactorKind::Reopened,
            counted(
                facts.reopened,
                weights.reopened,
                "risk.reopened_finding",
                "其中反弹",
            ),
        ),
        (
            RiskFactorKind::Complaint,
            counted(
                facts.complaints,
                weights.complaint,
                "risk.complaint",
                "近期投诉举报",
            ),
        ),
        (
            RiskFactorKind::Elapsed,
            (
                waited,
                weights.year,
                "risk.year",
                match facts.last_visit {
                    Some(day) => format!("上次督导 {day}，已过 {waited:.1} 年"),
                    None => "从未督导".to_owned(),
                },
            ),
        ),
        (
            RiskFactorKind::Neglect,
            (
                neglect,
                weights.cap,
                "risk.cap",
                match neglect as u8 {
                    0 => "周期内已督导".to_owned(),
                    1 => format!("超过 {:.0} 年未综合督导", weights.cycle_years),
                    _ => format!("超过 {:.0} 年未督导", weights.cycle_years),
                },
            ),
        ),
    ];
    let factors: Vec<_> = parts
        .into_iter()
        .map(|(kind, (value, weight, parameter, words))| Factor {
            kind,
            value,
            weight,
            points: value * weight,
            parameter,
            words,
        })
        .collect();
    let plain: f64 = factors
        .iter()
        .filter(|factor| factor.kind != RiskFactorKind::Neglect)
        .map(|factor| factor.points)
        .sum();
    Risk {
        // Just below the cap, so that a step of neglect always outranks what is below it.
        points: neglect * weights.cap + plain.min(weights.cap * 0.999),
        factors,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::super::fixture::{day, law, law_with};
    use super::*;

    const ON: &str = "2027-12-31";

    fn weights() -> Weights {
        Weights::of(&law().rules)
    }

    fn points(facts: &Facts) -> f64 {
        risk(facts, &weights(), day(ON)).points
    }

    fn seen(days_ago: u64) -> Facts {
        let at = day(ON).checked_sub_days(Days::new(days_ago));
        Facts {
            result: Some(1.0),
            last_visit: at,
            last_comprehensive: at,
            ..Facts::default()
        }
    }

    #[test]
    fn every_factor_is_shown_with_its_weight_and_its_parameter() {
        let facts = Facts {
            result: Some(0.5),
            open: 2,
            overdue: 1,
            reopened: 1,
            complaints: 2,
            ..seen(0)
        };
        let told = risk(&facts, &weights(), day(ON));
        let shown: Vec<_> = told
            .factors
            .iter()
            .map(|one| (one.kind, one.points))
            .collect();
        assert_eq!(
            shown,
            [
                (RiskFactorKind::Result, 1.5),
                (RiskFactorKind::Open, 0.5),
                (RiskFactorKind::Overdue, 0.5),
                (RiskFactorKind::Reopened, 1.0),
                (RiskFactorKind::Complaint, 1.0),
                (RiskFactorKind::Elapsed, 0.0),
                (RiskFactorKind::Neglect, 0.0),
            ]
        );
        assert!((told.points - 4.5).abs() < 1e-9);
        assert!(
            told.factors
                .iter()
                .all(|one| one.parameter.starts_with("risk.") && !one.words.is_empty())
        );
    }

    #[test]
    fn the_county_tunes_the_weights() {
        let facts = Facts {
            complaints: 2,
            ..seen(0)
        };
        let tuned = Weights::of(&law_with("risk.complaint", Some(3.0)).rules);
        assert!((risk(&facts, &tuned, day(ON)).points - 6.0).abs() < 1e-9);
        assert!((points(&facts) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_school_that_was_never_seen_counts_as_neglected() {
        assert!((points(&Facts::default()) - (20.0 + 6.0)).abs() < 1e-9);
        assert!(points(&Facts::default()) < weights().ceiling());
    }

    prop_compose! {
        fn facts()(
            result in proptest::option::of(0.0_f64..=1.0),
            open in 0_u32..60, overdue in 0_u32..60, reopened in 0_u32..60, complaints in 0_u32..60,
            visit in proptest::option::of(0_u64..3_000), comprehensive in proptest::option::of(0_u64..3_000),
        ) -> Facts {
            let ago = |days: Option<u64>| days.and_then(|days| day(ON).checked_sub_days(Days::new(days)));
            // A comprehensive inspection is a visit too.
            let visit = match (visit, comprehensive) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            Facts { result, open, overdue, reopened, complaints, last_visit: ago(visit), last_comprehensive: ago(comprehensive) }
        }
    }

    proptest! {
        #[test]
        fn more_findings_complaints_and_time_and_a_worse_result_never_lower_the_points(before in facts(), n in 1_u32..9, days in 1_u64..900) {
            let earlier = |day: Option<NaiveDate>| day.and_then(|day| day.checked_sub_days(Days::new(days)));
            let worse = [
                Facts { result: before.result.map(|share| (share - 0.1).max(0.0)), ..before.clone() },
                Facts { open: before.open + n, ..before.clone() },
                Facts { overdue: before.overdue + n, ..before.clone() },
                Facts { reopened: before.reopened + n, ..before.clone() },
                Facts { complaints: before.complaints + n, ..before.clone() },
                Facts { last_visit: earlier(before.last_visit), last_comprehensive: earlier(before.last_comprehensive), ..before.clone() },
                Facts { last_comprehensive: earlier(before.last_comprehensive), ..before.clone() },
                Facts { last_comprehensive: None, ..before.clone() },
            ];
            for after in worse {
                prop_assert!(points(&after) >= points(&before), "{:?} against {:?}", after, before);
            }
        }

        #[test]
        fn a_school_not_visited_for_longer_than_the_cycle_outranks_any_that_was(one in facts(), other in facts(), cap in 1.0_f64..50.0) {
            let weights = Weights { cap, ..weights() };
            let in_cycle = |facts: &Facts| facts.last_visit.is_some_and(|day_of| years(day_of, day(ON)) <= weights.cycle_years);
            prop_assume!(!in_cycle(&one) && in_cycle(&other));
            prop_assert!(risk(&one, &weights, day(ON)).points > risk(&other, &weights, day(ON)).points);
        }

        #[test]
        fn the_points_lie_between_nothing_and_the_ceiling(any in facts()) {
            let points = points(&any);
            prop_assert!((0.0..weights().ceiling()).contains(&points));
        }
    }
}
