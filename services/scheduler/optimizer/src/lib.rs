//! The optimiser: who looks after which school, in which zone, and when each visit of the year takes place.
//!
//! A library without I/O, async or wire formats. Every model has the same four doors:
//!
//! - `Problem::new(data)` checks everything at once and answers with all [`Issue`]s, or with an immutable problem;
//! - `solve(&problem, &Stop, seed, warm, &mut watch)` answers with an [`Outcome`]: a solution, a proven lower bound,
//!   the gap between them and how the bound was had, or the rules that cannot hold together;
//! - `check(&problem, &solution)` lists every broken rule. It shares no code with the search;
//! - `objective(&problem, &solution)` prices a solution part by part.
//!
//! Costs are minutes of people's time in a year, so that one currency compares travel, evenness and continuity.
//! The same problem, seed and step limit give the same answer.

pub mod cpmp;
pub mod gap;
pub mod geo;
pub mod mip;
pub mod program;
#[cfg(test)]
mod regression;
mod seats;
mod tokens;
pub mod year;
pub mod zoning;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// The same sentence for a planner (Chinese) and beside it in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// 中文。
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Both languages at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// Something wrong in the data of a problem. `Problem::new` gives all of them at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The path of the field, such as `schools[3].days`.
    pub field: String,
    /// The value found there, as text.
    pub value: String,
    /// What is wrong and what to do.
    pub words: Words,
}

/// A hard rule that a solution breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The rule's short name, such as `zone_size`.
    pub rule: String,
    /// Ids of the schools, supervisors, zones or visits concerned.
    pub subjects: Vec<String>,
    /// What is broken, by how much.
    pub words: Words,
}

/// A set of rules that cannot hold together, in the planner's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Short names of the rules in conflict.
    pub rules: Vec<String>,
    /// The schools (or visits) that the conflict is about.
    pub schools: Vec<String>,
    /// The supervisors who could serve them, if any.
    pub supervisors: Vec<String>,
    /// Why they cannot hold together, with the numbers.
    pub words: Words,
    /// What would resolve it.
    pub ways_out: Vec<Words>,
}

/// How a quantity is spread over those who share it.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// What is spread, such as `days` or `travel_minutes`, of a year.
    pub quantity: String,
    /// The least that one has.
    pub least: f64,
    /// The mean.
    pub mean: f64,
    /// The most that one has.
    pub most: f64,
    /// Gini's coefficient: 0 when all have the same, near 1 when one has all.
    pub gini: f64,
}

impl Spread {
    /// The spread of values; Gini's coefficient is Σ (2r − n − 1) x ÷ (n Σ x) over the sorted values, with ranks r from 1.
    fn of(quantity: &str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
        let ranked = values
            .iter()
            .zip(1_u32..)
            .map(|(value, rank)| (2.0 * f64::from(rank) - count - 1.0) * value);
        Self {
            quantity: quantity.to_owned(),
            least: values.first().copied().unwrap_or_default(),
            mean: sum / count.max(1.0),
            most: values.last().copied().unwrap_or_default(),
            gini: if sum > 0.0 {
                ranked.sum::<f64>() / (count * sum)
            } else {
                0.0
            },
        }
    }
}

/// One part of an objective, in minutes a year, already weighted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Short name, such as `routine_travel`.
    pub name: String,
    /// Minutes a year.
    pub minutes: f64,
}

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The gap asked for was reached and it is (numerically) zero.
    Optimal,
    /// A solution with a bound; the gap asked for may or may not have been reached.
    Feasible,
    /// Proven: no solution exists. `conflicts` says why.
    Infeasible,
    /// Stopped before any solution was found and before it was proven that there is none.
    Unknown,
}

/// A new best solution, or a better bound, at a moment of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incumbent {
    /// Seconds since the solve began.
    pub seconds: f64,
    /// Value of the best solution so far; none while there is no solution.
    pub objective: Option<f64>,
    /// Best proven lower bound so far.
    pub bound: f64,
}

/// Minutes that a change of the plan in force weighs where changes come before cost: more than any single change saves.
pub const KEEP: f64 = 10_000.0;

/// How far a plan departs from the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Changes that a rule asks for by itself: somebody is gone, a day is closed.
    pub forced: usize,
    /// Changes beyond those.
    pub unforced: usize,
    /// Proven: no plan that keeps every rule has fewer beyond the forced ones.
    pub least: usize,
}

/// What a solve gives back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome<S> {
    /// How it ended.
    pub status: Status,
    /// The best solution found.
    pub solution: Option<S>,
    /// Its value; the sum of `parts`.
    pub objective: Option<f64>,
    /// Its value part by part.
    pub parts: Vec<Part>,
    /// A proven lower bound on every solution's value.
    pub bound: f64,
    /// `(objective − bound) / objective`, 0 when both are 0; none without a solution.
    pub gap: Option<f64>,
    /// How the bound was had, in words.
    pub proof: Words,
    /// How the search went; seconds never decrease, bounds never fall, objectives never rise.
    pub trace: Vec<Incumbent>,
    /// Why there is no solution; empty unless `status` is `Infeasible`.
    pub conflicts: Vec<Conflict>,
    /// How far the solution departs from the plan in force, where changes come before cost.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// Seconds spent.
    pub seconds: f64,
}

/// `(objective − bound) / objective`: the part of a plan's cost that is not proven necessary.
pub fn relative_gap(objective: f64, bound: f64) -> f64 {
    if objective - bound <= 1e-9 * objective.abs().max(1.0) {
        0.0
    } else {
        (objective - bound) / objective.abs().max(1e-9)
    }
}

/// When to stop: whichever comes first.
#[derive(Debug, Clone)]
pub struct Stop {
    /// Wall-clock limit.
    pub time: Duration,
    /// Stop when the proven relative gap is at most this.
    pub gap: f64,
    /// Limit on search steps (neighbourhoods tried). With one thread and a step limit that ends the search before
    /// the time limit does, the answer is the same bit for bit.
    pub steps: Option<u64>,
    /// Worker threads that the search may use (at least one).
    pub threads: usize,
    cancel: Arc<AtomicBool>,
}

impl Stop {
    /// A limit of time and gap, on one thread, without a step limit.
    pub fn new(time: Duration, gap: f64) -> Self {
        Self {
            time,
            gap,
            steps: None,
            threads: 1,
            cancel: Arc::default(),
        }
    }

    /// A handle that another thread may set to end the solve; the incumbent is kept.
    pub fn canceller(&self) -> Canceller {
        Canceller(Arc::clone(&self.cancel))
    }

    /// Starts the clock of this solve.
    pub fn start(&self) -> Clock {
        Clock {
            began: Instant::now(),
            stop: self.clone(),
            ended: Arc::default(),
        }
    }
}

/// Ends a running solve from another thread.
#[derive(Debug, Clone)]
pub struct Canceller(Arc<AtomicBool>);

impl Canceller {
    /// Asks the solve to end; it does so within a fraction of a second and keeps its incumbent.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A running solve's clock.
#[derive(Debug, Clone)]
pub struct Clock {
    began: Instant,
    stop: Stop,
    ended: Arc<AtomicBool>,
}

impl Clock {
    /// The clock of a part of this solve that runs beside the others, and what ends that part alone.
    fn branch(&self) -> (Self, Canceller) {
        let ended = Arc::default();
        let branch = Self {
            ended: Arc::clone(&ended),
            ..self.clone()
        };
        (branch, Canceller(ended))
    }

    /// Seconds since the solve began.
    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// What is left of the time limit; zero once cancelled.
    pub fn left(&self) -> Duration {
        if self.cancelled() {
            Duration::ZERO
        } else {
            self.stop.time.saturating_sub(self.began.elapsed())
        }
    }

    /// Whether the solve, or this part of it, was cancelled.
    pub fn cancelled(&self) -> bool {
        self.stop.cancel.load(Ordering::Relaxed) || self.ended.load(Ordering::Relaxed)
    }

    /// Whether the time is up or the solve was cancelled.
    pub fn over(&self) -> bool {
        self.left().is_zero()
    }
}

/// Follows a solve: called at every new incumbent or better bound, on the solving thread.
pub trait Watch<S> {
    /// A better solution, or a better bound (`solution` is then the incumbent, if there is one).
    fn progress(&mut self, seconds: f64, solution: Option<&S>, parts: &[Part], bound: f64);
}

/// Watches nothing.
#[derive(Debug, Default)]
pub struct Unwatched;

impl<S> Watch<S> for Unwatched {
    fn progress(&mut self, _: f64, _: Option<&S>, _: &[Part], _: f64) {}
}

/// The stages of schooling, as the county's school list names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 幼儿园
    Kindergarten,
    /// 小学
    Primary,
    /// 初中
    Junior,
    /// 高中
    Senior,
    /// 九年一贯制
    NineYear,
    /// 十二年一贯制
    TwelveYear,
    /// 完全中学
    CompleteSecondary,
    /// 中等职业学校
    Vocational,
    /// 特殊教育
    Special,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 9] = [
        Self::Kindergarten,
        Self::Primary,
        Self::Junior,
        Self::Senior,
        Self::NineYear,
        Self::TwelveYear,
        Self::CompleteSecondary,
        Self::Vocational,
        Self::Special,
    ];

    /// The Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Kindergarten => "幼儿园",
            Self::Primary => "小学",
            Self::Junior => "初中",
            Self::Senior => "高中",
            Self::NineYear => "九年一贯制",
            Self::TwelveYear => "十二年一贯制",
            Self::CompleteSecondary => "完全中学",
            Self::Vocational => "中等职业学校",
            Self::Special => "特殊教育",
        }
    }

    /// The English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Kindergarten => "kindergarten",
            Self::Primary => "primary school",
            Self::Junior => "junior high school",
            Self::Senior => "senior high school",
            Self::NineYear => "nine-year school",
            Self::TwelveYear => "twelve-year school",
            Self::CompleteSecondary => "complete secondary school",
            Self::Vocational => "secondary vocational school",
            Self::Special => "special education school",
        }
    }
}
