//! The compact program is the model: what a year costs there, and which plan it takes for one.

use std::time::Duration;

use chrono::Days;
use proptest::prelude::*;

use super::sample::{county, day};
use super::*;
use crate::{Stop, Unwatched};

fn planned(data: Data) -> (Problem, Solution) {
    let problem = Problem::new(data).expect("sound data");
    let stop = Stop {
        steps: Some(100),
        ..Stop::new(Duration::from_secs(20), 1.0)
    };
    let outcome = solve(&problem, &stop, 1, None, &mut Unwatched);
    (problem, outcome.solution.expect("a plan"))
}

/// What the program makes of a plan, beside what the check and the objective do.
fn agrees(problem: &Problem, solution: &Solution) {
    let program = problem.program();
    let value = problem.point(solution).map(|point| program.value(&point));
    let broken = check(problem, solution);
    match value {
        Some(Ok(value)) => {
            assert!(broken.is_empty(), "only the program takes it: {broken:?}");
            let total: f64 = price(problem, solution)
                .iter()
                .map(|part| part.minutes)
                .sum();
            assert!((value - total).abs() < 1e-6, "{value} instead of {total}");
        }
        Some(Err(misfits)) => assert!(!broken.is_empty(), "only the check takes it: {misfits:?}"),
        None => assert!(!broken.is_empty(), "only the check takes it"),
    }
}

/// The year in its tenth week, with what was done, what was planned, a supervisor who is ill for long, and a pinned visit.
fn running(seed: u64) -> (Problem, Solution) {
    let (problem, plan) = planned(county(9, 4, 16, 4, seed));
    let mut data = problem.data().clone();
    let (past, current): (Vec<Visit>, Vec<Visit>) = plan
        .visits
        .into_iter()
        .partition(|visit| visit.date < day(7 * 5));
    data.from = Some(day(7 * 5));
    data.supervisors[1].leave = vec![(day(7 * 6), day(7 * 12))];
    data.schools[0].blackout = vec![(day(7 * 6), day(7 * 7))];
    let open = |visit: &&Visit| {
        !data.schools[0]
            .blackout
            .iter()
            .any(|&(from, to)| (from..=to).contains(&visit.date))
    };
    data.pins = current
        .iter()
        .filter(open)
        .filter(|visit| visit.team.len() > 1 && !visit.team.contains(&"K01".to_owned()))
        .take(1)
        .map(|visit| Pin {
            visit: visit.id.clone(),
            date: visit.date,
            team: Vec::new(),
        })
        .collect();
    data.fixed = past;
    data.current = current;
    planned(data)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_program_takes_what_the_check_takes_at_the_price_of_the_objective(
        seed in 0_u64..100,
        mid_year: bool,
        moves in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, 0_u64..12, 0_usize..4), 24),
    ) {
        let (problem, mut solution) = if mid_year {
            running(seed)
        } else {
            planned(county(9, 4, 16, 4, seed))
        };
        agrees(&problem, &solution);
        let past = problem.data().fixed.len();
        for (at, kind, days, person) in moves {
            let before = solution.clone();
            let n = past + at.index(solution.visits.len() - past);
            let visit = &mut solution.visits[n];
            match kind {
                0 => visit.date = visit.date + Days::new(days),
                1 => visit.date = visit.date - Days::new(days),
                _ => {
                    let member = at.index(visit.team.len());
                    visit.team[member] = format!("K{person:02}");
                }
            }
            agrees(&problem, &solution);
            if days % 3 > 0 {
                solution = before;
            }
        }
    }
}
