//! Linear and mixed-integer programs: modelled with good_lp, solved by HiGHS, and answered with the bound and the
//! duals that good_lp does not pass on.

mod growing;
mod interrupt;

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use ::highs::{HighsModelStatus, HighsSolutionStatus};
use good_lp::{Constraint, Expression, IntoAffineExpression, ProblemVariables, SolverModel, highs};

use crate::Clock;

pub(crate) use growing::Growing;

/// How often a running program's clock is looked at.
const PULSE: Duration = Duration::from_millis(25);
/// How long a cancelled program may take to end by itself.
const PATIENCE: Duration = Duration::from_millis(150);

/// When HiGHS stops.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Seconds of wall-clock time.
    pub seconds: f64,
    /// Relative gap at which an integer solution is good enough.
    pub gap: f64,
    /// Branch-and-bound nodes, where the answer must not depend on the clock.
    pub nodes: Option<i32>,
}

impl Limits {
    /// A limit of time alone: solve to optimality within `seconds`.
    pub fn seconds(seconds: f64) -> Self {
        Self {
            seconds,
            gap: 0.0,
            nodes: None,
        }
    }
}

/// A program's answer.
#[derive(Debug, Clone)]
pub struct Solved {
    /// The value of each variable, in the order of their creation.
    pub values: Vec<f64>,
    /// The objective at `values`.
    pub objective: f64,
    /// A proven lower bound; equal to `objective` for a linear program.
    pub bound: f64,
    /// The dual of each row, in the order of the constraints; empty for integer programs.
    pub duals: Vec<f64>,
    /// Whether `values` is proven optimal (within the gap asked for).
    pub optimal: bool,
}

/// Why a program has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// No values satisfy all rows.
    #[error("the program is infeasible")]
    Infeasible,
    /// A limit was reached first; `bound` is proven all the same.
    #[error("stopped before a solution was found; bound {bound}")]
    Stopped {
        /// A proven lower bound (−∞ if none).
        bound: f64,
    },
    /// HiGHS refused the program.
    #[error("HiGHS: {0}")]
    Solver(String),
}

/// [`minimise`] within what is left on the clock, and given up within a fifth of a second once it is cancelled.
///
/// A cancelled HiGHS mostly ends at once, with the bound that it has; as it does not ask whether to go on everywhere, it
/// runs on a thread of its own, whose answer is dropped if it takes too long.
pub fn minimise_until(
    clock: &Clock,
    variables: ProblemVariables,
    objective: Expression,
    rows: Vec<Constraint>,
    limits: Limits,
    start: Option<Vec<f64>>,
) -> Result<Solved, Failure> {
    let limits = Limits {
        seconds: limits.seconds.min(clock.left().as_secs_f64()),
        ..limits
    };
    let stopped = Failure::Stopped {
        bound: f64::NEG_INFINITY,
    };
    if clock.over() {
        return Err(stopped);
    }
    let (answer, answered) = channel();
    let own = clock.clone();
    let worker = thread::spawn(move || {
        let solved = minimise(&own, variables, objective, rows, limits, start.as_deref());
        // Nobody listens any more where it took too long after a cancel.
        answer.send(solved).unwrap_or_default();
    });
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        match answered.recv_timeout(PULSE) {
            Ok(solved) => return solved,
            Err(RecvTimeoutError::Timeout) if clock.cancelled() => waited += PULSE,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let ended = worker
                    .join()
                    .map_or("its thread panicked", |()| "its thread gave no answer");
                return Err(Failure::Solver(ended.to_owned()));
            }
        }
    }
    Err(stopped)
}

/// Minimises `objective` subject to `rows`. `start` gives a value for every variable, in the
/// order of their creation, to start from. Ends soon after the clock is cancelled; its time limit is `limits` alone.
///
/// One thread, fixed seed: the same program and node limit give the same answer.
pub fn minimise(
    clock: &Clock,
    variables: ProblemVariables,
    objective: Expression,
    rows: Vec<Constraint>,
    limits: Limits,
    start: Option<&[f64]>,
) -> Result<Solved, Failure> {
    let constant = objective.constant();
    let integer = variables
        .iter_variables_with_def()
        .any(|(_, definition)| definition.is_integer());
    let mut problem = variables.minimise(objective).using(highs);
    for row in rows {
        problem.add_constraint(row);
    }
    let refused = |error: &dyn std::fmt::Debug| Failure::Solver(format!("{error:?}"));
    let mut model = problem.try_into_inner().map_err(|e| refused(&e))?;
    model.make_quiet();
    let mut set = || -> Result<(), ::highs::TrySetOptionError> {
        model.try_set_option("threads", 1)?;
        model.try_set_option("parallel", "off")?;
        model.try_set_option("random_seed", 1)?;
        model.try_set_option("time_limit", limits.seconds.max(0.0))?;
        model.try_set_option("mip_rel_gap", limits.gap.max(0.0))?;
        model.try_set_option("mip_abs_gap", 1e-6)?;
        if let Some(nodes) = limits.nodes {
            model.try_set_option("mip_max_nodes", nodes)?;
        }
        Ok(())
    };
    set().map_err(|e| refused(&e))?;
    if start.is_some() {
        model
            .try_set_solution(start, None, None, None)
            .map_err(|e| refused(&e))?;
    }
    let solved = interrupt::solve(model, clock).map_err(|e| refused(&e))?;
    let dual_bound = if integer {
        solved
            .double_info_value(c"mip_dual_bound")
            .map_or(f64::NEG_INFINITY, |b| {
                if b.is_finite() { b } else { f64::NEG_INFINITY }
            })
    } else {
        f64::NEG_INFINITY
    };
    let status = solved.status();
    if matches!(
        status,
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible
    ) {
        return Err(Failure::Infeasible);
    }
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return Err(Failure::Stopped {
            bound: dual_bound + constant,
        });
    }
    let optimal = status == HighsModelStatus::Optimal || status == HighsModelStatus::ModelEmpty;
    let answer = solved.get_solution();
    let objective = solved.objective_value() + constant;
    let bound = if integer {
        dual_bound + constant
    } else if optimal {
        objective
    } else {
        f64::NEG_INFINITY
    };
    Ok(Solved {
        values: answer.columns().to_vec(),
        objective,
        bound: bound.min(objective),
        duals: if integer {
            Vec::new()
        } else {
            answer.dual_rows().to_vec()
        },
        optimal,
    })
}

#[cfg(test)]
mod tests {
    use good_lp::{constraint, variable};

    use super::*;
    use crate::Stop;

    fn clock() -> Clock {
        Stop::new(Duration::from_secs(5), 0.0).start()
    }

    /// Two kinds of coins to pay at least 7: three of 3 for 2 each, or some of 1 for 1 each.
    fn coins(whole: bool) -> (ProblemVariables, Expression, Vec<Constraint>) {
        let mut variables = ProblemVariables::new();
        let definition = || variable().min(0.0);
        let mut coin = || {
            variables.add(if whole {
                definition().integer()
            } else {
                definition()
            })
        };
        let (three, one) = (coin(), coin());
        (
            variables,
            2.0 * three + one + 10.0,
            vec![constraint!(3.0 * three + one >= 7.0)],
        )
    }

    #[test]
    fn a_linear_program_gives_its_value_and_the_price_of_its_row() {
        let (variables, objective, rows) = coins(false);
        let solved = minimise(
            &clock(),
            variables,
            objective,
            rows,
            Limits::seconds(5.0),
            None,
        )
        .expect("solvable");
        assert!((solved.objective - (10.0 + 14.0 / 3.0)).abs() < 1e-6);
        assert!((solved.duals[0] - 2.0 / 3.0).abs() < 1e-6);
        assert!((solved.bound - solved.objective).abs() < 1e-9);
    }

    #[test]
    fn an_integer_program_gives_a_bound_that_includes_the_constant() {
        let (variables, objective, rows) = coins(true);
        let solved = minimise(
            &clock(),
            variables,
            objective,
            rows,
            Limits::seconds(5.0),
            Some(&[3.0, 0.0]),
        )
        .expect("solvable");
        assert!(solved.optimal);
        assert!((solved.objective - 15.0).abs() < 1e-6 && (solved.bound - 15.0).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_is_infeasible() {
        let mut variables = ProblemVariables::new();
        let x = variables.add(variable().min(0.0).max(1.0));
        let rows = vec![constraint!(x >= 2.0)];
        assert_eq!(
            minimise(
                &clock(),
                variables,
                x.into(),
                rows,
                Limits::seconds(5.0),
                None
            )
            .err(),
            Some(Failure::Infeasible)
        );
    }

    #[test]
    fn a_cancelled_clock_starts_nothing() {
        let stop = Stop::new(Duration::from_secs(5), 0.0);
        stop.canceller().cancel();
        let (variables, objective, rows) = coins(true);
        let answer = minimise_until(
            &stop.start(),
            variables,
            objective,
            rows,
            Limits::seconds(5.0),
            None,
        );
        assert!(matches!(answer, Err(Failure::Stopped { .. })));
    }

    #[test]
    fn a_cancelled_program_ends_itself_with_a_bound() {
        // Forty coins to pay an odd sum with even ones: the relaxation is easy, the proof takes longer than one waits.
        let mut variables = ProblemVariables::new();
        let coins: Vec<_> = (0..40)
            .map(|_| variables.add(variable().binary()))
            .collect();
        let values = (0..40u32).map(|n| f64::from(2 * (10_000 + n * n * 37 % 7_919)));
        let sum: Expression = coins
            .iter()
            .zip(values)
            .map(|(coin, value)| value * *coin)
            .sum();
        let short = variables.add(variable().min(0.0));
        let over = variables.add(variable().min(0.0));
        let rows = vec![constraint!(sum + short - over == 400_001.0)];
        let stop = Stop::new(Duration::from_secs(60), 0.0);
        let canceller = stop.canceller();
        let began = std::time::Instant::now();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            canceller.cancel();
        });
        let objective: Expression = short + over;
        let answer = minimise(
            &stop.start(),
            variables,
            objective,
            rows,
            Limits::seconds(60.0),
            None,
        );
        assert!(began.elapsed() < Duration::from_secs(5));
        let bound = match answer {
            Ok(solved) => solved.bound,
            Err(Failure::Stopped { bound }) => bound,
            Err(failure) => panic!("{failure}"),
        };
        assert!((0.0..1.0).contains(&bound), "{bound}");
    }
}
