//! What zoning plans and year plans have in common.

use dudao_optimizer::{Changes, Conflict, Part, Violation, Words, relative_gap};
use serde::{Deserialize, Serialize};

use super::error::Wrong;
use super::lifecycle::State;

/// The two kinds of plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Responsibility zones.
    Zoning,
    /// The year's rounds.
    Year,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zoning, Self::Year];

    /// As it is stored and as rules are named: `zoning_plan`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Zoning => "zoning_plan",
            Self::Year => "year_plan",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == text)
    }

    /// The collection in names: `counties/{code}/zoningPlans/{plan}`.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Zoning => "zoningPlans",
            Self::Year => "yearPlans",
        }
    }

    /// The article that asks for such a plan.
    pub fn article(self) -> &'static str {
        match self {
            Self::Zoning => "泽办字〔2021〕9号 art. 五",
            Self::Year => "泽办字〔2021〕9号 art. 三",
        }
    }
}

/// Which plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The county's code.
    pub county: String,
    /// The kind.
    pub kind: Kind,
    /// Its id.
    pub plan: String,
}

impl Key {
    /// Reads a name, `counties/{code}/zoningPlans/{plan}`.
    pub fn parse(kind: Kind, name: &str) -> Option<Self> {
        let rest = name.strip_prefix("counties/")?;
        let (county, rest) = rest.split_once('/')?;
        let (collection, plan) = rest.split_once('/')?;
        let sound = !county.is_empty() && !plan.is_empty() && !plan.contains('/');
        (sound && collection == kind.collection()).then(|| Self {
            county: county.to_owned(),
            kind,
            plan: plan.to_owned(),
        })
    }

    /// Its name.
    pub fn name(&self) -> String {
        format!(
            "counties/{}/{}/{}",
            self.county,
            self.kind.collection(),
            self.plan
        )
    }
}

/// When a solve ends: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Seconds of wall-clock time, 1 to 86,400.
    pub seconds: f64,
    /// The proven relative gap that suffices, 0 to 1.
    pub gap: f64,
    /// Seed of the search.
    pub seed: u64,
    /// The most steps of the search; 0 for no limit.
    pub steps: u64,
}

impl Limits {
    /// Reads what was asked: 0 seconds means 60, no gap means 0.01.
    pub fn parse(
        path: &str,
        seconds: f64,
        gap: Option<f64>,
        seed: u64,
        steps: u64,
        wrong: &mut Vec<Wrong>,
    ) -> Self {
        let gap = gap.unwrap_or(0.01);
        let seconds = if seconds == 0.0 { 60.0 } else { seconds };
        if !(1.0..=86_400.0).contains(&seconds) {
            wrong.push(Wrong::new(
                format!("{path}.seconds"),
                format!("求解时间 {seconds} 秒不在 1 至 86400 之间"),
                format!("{seconds} seconds do not lie in 1 to 86400"),
            ));
        }
        if !(0.0..=1.0).contains(&gap) {
            wrong.push(Wrong::new(
                format!("{path}.gap"),
                format!("相对差距 {gap} 不在 0 至 1 之间"),
                format!("a gap of {gap} does not lie in 0 to 1"),
            ));
        }
        Self {
            seconds,
            gap,
            seed,
            steps,
        }
    }
}

/// How a solve goes, or went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Weighted minutes a year of the best solution.
    pub objective: Option<f64>,
    /// The objective part by part.
    pub parts: Vec<Part>,
    /// Proven lower bound.
    pub bound: f64,
    /// Seconds of solving so far, of every process that took part.
    pub seconds: f64,
}

impl Figures {
    /// (objective − bound) ÷ objective.
    pub fn gap(&self) -> Option<f64> {
        self.objective.map(|value| relative_gap(value, self.bound))
    }

    /// Takes over what is better in `newer`, and tells whether its solution is: figures never get worse, even when
    /// another process goes on with a solve and starts with a weaker bound.
    pub fn improve(&mut self, newer: &Self) -> bool {
        // The bound of a problem without a solution is infinite: its state says so, and JSON has no such number.
        if newer.bound.is_finite() {
            self.bound = self.bound.max(newer.bound);
        }
        self.seconds = self.seconds.max(newer.seconds);
        let better = match (self.objective, newer.objective) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => new < old,
        };
        if better {
            self.objective = newer.objective;
            self.parts.clone_from(&newer.parts);
        }
        better
    }
}

/// How a plan was made, and how good it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The final figures; while it is being solved, those so far.
    pub figures: Figures,
    /// How the bound was had; absent before the end.
    pub proof: Option<Words>,
    /// What the independent check found; empty for every plan that is proposed.
    pub violations: Vec<Violation>,
    /// Why there is no solution, if there is none.
    pub conflicts: Vec<Conflict>,
    /// What the planner should know.
    pub remarks: Vec<Words>,
    /// How far it departs from the plan in force, if it revises that.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// When solving began, in microseconds.
    pub start_us: Option<i64>,
    /// When solving ended, in microseconds.
    pub end_us: Option<i64>,
}

/// A supervisor left out of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The person's id within the county.
    pub supervisor: String,
    /// The person's name.
    pub name: String,
    /// Why, and by which rule.
    pub reason: Words,
}

/// A plan without its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Which.
    pub key: Key,
    /// The calendar year that it plans; 0 for a zoning plan.
    pub year: i32,
    /// Where it stands.
    pub state: State,
    /// When its solve ends.
    pub limits: Limits,
    /// What the planner asked for, as JSON of the kind's own inputs.
    pub inputs: String,
    /// Supervisors left out.
    pub left_out: Vec<LeftOut>,
    /// How it was made.
    pub report: Report,
    /// When it was created, in microseconds.
    pub created_us: i64,
    /// When it was last changed, in microseconds.
    pub updated_us: i64,
    /// How often it was written, from 1.
    pub version: i64,
}

/// What a plan's content is made of: the frozen problem and the best solution, both as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The optimiser's data.
    pub problem: String,
    /// The optimiser's solution; "" while there is none.
    pub solution: String,
}

/// A plan as it is made: its inputs, and the problem frozen from the county's data of that moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft<D> {
    /// The optimiser's data.
    pub data: D,
    /// Supervisors left out.
    pub left_out: Vec<LeftOut>,
    /// What the planner should know.
    pub remarks: Vec<Words>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_comes_back_from_its_key_and_others_do_not() {
        let name = "counties/140525/zoningPlans/p-1";
        let key = Key::parse(Kind::Zoning, name).expect("a name");
        assert_eq!(key.name(), name);
        for other in [
            "",
            "counties/140525/yearPlans/p-1",
            "counties/140525/zoningPlans/",
            "counties//zoningPlans/p",
            "counties/140525/zoningPlans/p/q",
        ] {
            assert_eq!(Key::parse(Kind::Zoning, other), None, "{other}");
        }
    }

    #[test]
    fn limits_without_figures_are_a_minute_and_one_percent() {
        let mut wrong = Vec::new();
        let limits = Limits::parse("limits", 0.0, None, 0, 0, &mut wrong);
        assert_eq!((limits.seconds, limits.gap, wrong.len()), (60.0, 0.01, 0));
        Limits::parse("limits", -1.0, Some(f64::NAN), 0, 0, &mut wrong);
        let fields: Vec<_> = wrong.iter().map(|w| w.field.as_str()).collect();
        assert_eq!(fields, ["limits.seconds", "limits.gap"]);
    }

    proptest! {
        #[test]
        fn figures_never_get_worse(told in prop::collection::vec((prop::option::of(0.0..1e6), 0.0..1e6, 0.0..100.0), 0..20)) {
            let mut figures = Figures::default();
            for (objective, bound, seconds) in told {
                let before = figures.clone();
                figures.improve(&Figures { objective, parts: Vec::new(), bound, seconds });
                prop_assert!(figures.bound >= before.bound && figures.seconds >= before.seconds);
                prop_assert!(before.objective.is_none_or(|old| figures.objective.is_some_and(|new| new <= old)));
            }
        }
    }
}
