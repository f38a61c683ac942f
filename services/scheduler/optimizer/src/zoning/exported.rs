//! The compact program is the model: what a zoning costs there, and which it takes for one.

use std::time::Duration;

use proptest::prelude::*;

use super::sample::county;
use super::*;
use crate::program::Point;
use crate::{Stop, Unwatched};

fn zoned(data: Data) -> (Problem, Solution) {
    let problem = Problem::new(data).expect("sound data");
    let stop = Stop {
        steps: Some(20),
        ..Stop::new(Duration::from_secs(20), 1.0)
    };
    let outcome = solve(&problem, &stop, 1, None, &mut Unwatched);
    (problem, outcome.solution.expect("a zoning"))
}

fn point(problem: &Problem, solution: &Solution) -> Point {
    problem.point(solution).expect("a whole zoning")
}

fn total(problem: &Problem, solution: &Solution) -> f64 {
    let parts = objective(problem, solution);
    parts.iter().map(|part| part.minutes).sum()
}

/// What the program makes of a zoning, beside what the check and the objective do.
fn agrees(problem: &Problem, solution: &Solution) {
    let value = problem.program().value(&point(problem, solution));
    let broken = check(problem, solution);
    match value {
        Ok(value) => {
            assert!(broken.is_empty(), "only the program takes it: {broken:?}");
            let total = total(problem, solution);
            assert!((value - total).abs() < 1e-6, "{value} instead of {total}");
        }
        Err(misfits) => assert!(!broken.is_empty(), "only the check takes it: {misfits:?}"),
    }
}

/// A county with pins of each kind, a gap, and two towns' schools far off.
fn pinned(seed: u64) -> Data {
    let mut data = county(24, 8, seed);
    data.rules.gap_km = Some(25.0);
    data.rules.zone_max_schools = 14;
    let id = |n: usize| format!("S{n:03}");
    data.pins = vec![
        Pin::Together { a: id(0), b: id(2) },
        Pin::Apart { a: id(4), b: id(6) },
        Pin::Forbid {
            school: id(8),
            supervisor: "K00".into(),
        },
    ];
    data
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_program_takes_what_the_check_takes_at_the_price_of_the_objective(
        seed in 0_u64..100,
        keeping: bool,
        moves in prop::collection::vec((0_usize..24, 0_usize..8, any::<bool>()), 24),
    ) {
        let (problem, mut solution) = zoned(pinned(seed));
        let (problem, mut solution) = if keeping {
            let mut data = problem.data().clone();
            for person in &mut data.supervisors {
                let own = |zone: &&Zone| zone.supervisors.contains(&person.id);
                person.last_zone = solution.zones.iter().find(own).map(|zone| zone.id.clone());
            }
            data.weights = data.weights.keeping();
            (Problem::new(data).expect("sound data"), solution)
        } else {
            (problem, std::mem::take(&mut solution))
        };
        agrees(&problem, &solution);
        for (school, person, regroup) in moves {
            let before = solution.clone();
            let person = format!("K{person:02}");
            if regroup {
                let zones = solution.zones.len();
                for zone in &mut solution.zones {
                    zone.supervisors.retain(|k| *k != person);
                }
                let zone = &mut solution.zones[school % zones];
                zone.supervisors.push(person);
                zone.supervisors.sort();
            } else {
                solution.schools.insert(format!("S{school:03}"), person);
            }
            agrees(&problem, &solution);
            // Most moves break a rule: from there most others would, too.
            if school % 3 > 0 {
                solution = before;
            }
        }
    }
}

#[test]
fn a_zone_in_two_parts_is_no_point_of_the_program() {
    let (problem, solution) = zoned(pinned(3));
    let program = problem.program();
    let mut torn = point(&problem, &solution);
    let flow = torn.keys().find(|name| name.starts_with("flow")).cloned();
    torn.insert(flow.expect("a zone of several schools"), 0.0);
    let misfits = program.value(&torn).expect_err("a school without flow");
    assert!(
        misfits
            .iter()
            .all(|misfit| misfit.to_string().contains("fed_")),
        "{misfits:?}"
    );
}
