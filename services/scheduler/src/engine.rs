//! One solve on one thread: JSON in, JSON out. No I/O and no async; what is found on the way goes into [`Notes`].

use std::sync::{Arc, Mutex, PoisonError};

use dudao_optimizer::{
    Changes, Conflict, Issue, Outcome, Part, Status, Stop, Violation, Watch, Words, year, zoning,
};
use dudao_platform::document;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::plan::{Figures, Frozen, Kind};

/// Moments closer than this are told as one, in seconds.
const MOMENT_SECONDS: f64 = 0.1;

/// What the optimiser offers for a kind of plan: its four doors.
trait Model {
    type Data: Serialize + DeserializeOwned;
    type Problem;
    type Solution: Serialize + DeserializeOwned + Clone;

    fn problem(data: Self::Data) -> Result<Self::Problem, Vec<Issue>>;
    fn solve(
        problem: &Self::Problem,
        stop: &Stop,
        seed: u64,
        warm: Option<&Self::Solution>,
        watch: &mut dyn Watch<Self::Solution>,
    ) -> Outcome<Self::Solution>;
    fn check(problem: &Self::Problem, solution: &Self::Solution) -> Vec<Violation>;
    fn changes(problem: &Self::Problem, solution: &Self::Solution, least: usize)
    -> Option<Changes>;
}

struct Zoning;

impl Model for Zoning {
    type Data = zoning::Data;
    type Problem = zoning::Problem;
    type Solution = zoning::Solution;

    fn problem(data: Self::Data) -> Result<Self::Problem, Vec<Issue>> {
        zoning::Problem::new(data)
    }

    fn solve(
        problem: &Self::Problem,
        stop: &Stop,
        seed: u64,
        warm: Option<&Self::Solution>,
        watch: &mut dyn Watch<Self::Solution>,
    ) -> Outcome<Self::Solution> {
        zoning::solve(problem, stop, seed, warm, watch)
    }

    fn check(problem: &Self::Problem, solution: &Self::Solution) -> Vec<Violation> {
        zoning::check(problem, solution)
    }

    fn changes(
        problem: &Self::Problem,
        solution: &Self::Solution,
        least: usize,
    ) -> Option<Changes> {
        zoning::changes(problem, solution, least)
    }
}

struct Year;

impl Model for Year {
    type Data = year::Data;
    type Problem = year::Problem;
    type Solution = year::Solution;

    fn problem(data: Self::Data) -> Result<Self::Problem, Vec<Issue>> {
        year::Problem::new(data)
    }

    fn solve(
        problem: &Self::Problem,
        stop: &Stop,
        seed: u64,
        warm: Option<&Self::Solution>,
        watch: &mut dyn Watch<Self::Solution>,
    ) -> Outcome<Self::Solution> {
        year::solve(problem, stop, seed, warm, watch)
    }

    fn check(problem: &Self::Problem, solution: &Self::Solution) -> Vec<Violation> {
        year::check(problem, solution)
    }

    fn changes(
        problem: &Self::Problem,
        solution: &Self::Solution,
        least: usize,
    ) -> Option<Changes> {
        year::changes(problem, solution, least)
    }
}

/// What was found since the notes were last taken, by the solving thread for the one that stores it.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<Page>>);

/// The notes of a while.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Moments, in order; their seconds count from the beginning of this process's part.
    pub moments: Vec<Figures>,
    /// The newest solution; "" if there is none since.
    pub solution: String,
}

impl Notes {
    /// Takes what was noted.
    pub fn take(&self) -> Page {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, moment: Figures, solution: Option<String>) {
        let mut page = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if page
            .moments
            .last()
            .is_some_and(|last| moment.seconds - last.seconds < MOMENT_SECONDS)
        {
            page.moments.pop();
        }
        page.moments.push(moment);
        if let Some(solution) = solution {
            page.solution = solution;
        }
    }
}

/// How a solve has ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: Status,
    /// The figures of the solution.
    pub figures: Figures,
    /// The solution; "" if there is none.
    pub solution: String,
    /// How the bound was had.
    pub proof: Words,
    /// Why there is no solution.
    pub conflicts: Vec<Conflict>,
    /// How far the solution departs from the plan in force, if it is a revision.
    pub changes: Option<Changes>,
    /// What the independent check found.
    pub violations: Vec<Violation>,
}

/// Whether this release takes in all that a frozen problem and its solution say. One that a newer release has frozen may have a rule that
/// this one does not know, and is left to that.
pub fn knows(kind: Kind, frozen: &Frozen) -> bool {
    match kind {
        Kind::Zoning => takes_in::<Zoning>(frozen),
        Kind::Year => takes_in::<Year>(frozen),
    }
}

fn takes_in<M: Model>(frozen: &Frozen) -> bool {
    fn whole<T: Serialize + DeserializeOwned>(text: &str) -> bool {
        serde_json::from_str::<T>(text)
            .is_ok_and(|read| document::knows(text, &read).unwrap_or_default())
    }
    whole::<M::Data>(&frozen.problem)
        && (frozen.solution.is_empty() || whole::<M::Solution>(&frozen.solution))
}

/// Solves a frozen problem from its last solution on, and checks the result.
pub fn run(
    kind: Kind,
    frozen: &Frozen,
    before: &Figures,
    stop: &Stop,
    seed: u64,
    notes: &Notes,
) -> Result<Ended, String> {
    match kind {
        Kind::Zoning => solve::<Zoning>(frozen, before, stop, seed, notes),
        Kind::Year => solve::<Year>(frozen, before, stop, seed, notes),
    }
}

fn solve<M: Model>(
    frozen: &Frozen,
    before: &Figures,
    stop: &Stop,
    seed: u64,
    notes: &Notes,
) -> Result<Ended, String> {
    let data = serde_json::from_str(&frozen.problem).map_err(|e| e.to_string())?;
    let problem =
        M::problem(data).map_err(|issues| format!("a frozen problem is unsound: {issues:?}"))?;
    let warm: Option<M::Solution> = match frozen.solution.as_str() {
        "" => None,
        text => Some(serde_json::from_str(text).map_err(|e| e.to_string())?),
    };
    let mut noting = Noting {
        notes,
        best: before.objective,
    };
    let outcome = M::solve(&problem, stop, seed, warm.as_ref(), &mut noting);
    let mut figures = before.clone();
    let better = figures.improve(&Figures {
        objective: outcome.objective,
        parts: outcome.parts,
        bound: outcome.bound,
        seconds: before.seconds + outcome.seconds,
    });
    // Another process may have left a solution that this one did not reach again in the time left.
    let solution = if better {
        outcome.solution
    } else {
        warm.or(outcome.solution)
    };
    let least = outcome.changes.map_or(0, |changes| changes.least);
    let changes = solution
        .as_ref()
        .and_then(|found| M::changes(&problem, found, least));
    let violations = solution
        .as_ref()
        .map_or_else(Vec::new, |found| M::check(&problem, found));
    Ok(Ended {
        status: outcome.status,
        figures,
        solution: match &solution {
            Some(found) => serde_json::to_string(found).map_err(|e| e.to_string())?,
            None => String::new(),
        },
        proof: outcome.proof,
        conflicts: outcome.conflicts,
        changes,
        violations,
    })
}

/// Writes down what the optimiser tells.
struct Noting<'a> {
    notes: &'a Notes,
    best: Option<f64>,
}

impl<S: Serialize> Watch<S> for Noting<'_> {
    fn progress(&mut self, seconds: f64, solution: Option<&S>, parts: &[Part], bound: f64) {
        let objective = solution.map(|_| parts.iter().map(|part| part.minutes).sum());
        let better = objective.is_some_and(|new: f64| self.best.is_none_or(|old| new < old));
        if better {
            self.best = objective;
        }
        let solution = solution
            .filter(|_| better)
            .and_then(|found| serde_json::to_string(found).ok());
        let moment = Figures {
            objective,
            parts: parts.to_vec(),
            bound,
            seconds,
        };
        self.notes.add(moment, solution);
    }
}
