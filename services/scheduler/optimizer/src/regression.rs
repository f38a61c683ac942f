//! A dozen instances, each with one thread and a limit of steps: what was reached once is reached again.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use crate::{Outcome, Stop, Unwatched, cpmp, gap, year, zoning};

/// How much worse a value or a gap may be: floating point is not the same on every machine.
const SLACK: f64 = 0.002;

fn stop(steps: u64) -> Stop {
    Stop {
        steps: Some(steps),
        ..Stop::new(Duration::from_secs(120), 0.0)
    }
}

/// Objective and gap of an outcome.
fn figures<S>(outcome: &Outcome<S>) -> (f64, f64) {
    (
        outcome.objective.expect("a solution"),
        outcome.gap.expect("a solution"),
    )
}

/// Points in a square with demands of 1 to 20, `p` medians, and room for a tenth more than all.
fn median(points: usize, p: usize, seed: u64) -> (f64, f64) {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let demands: Vec<u32> = (0..points).map(|_| random.random_range(1..=20)).collect();
    let capacity = demands.iter().sum::<u32>() * 11 / 10 / p as u32 + 1;
    let mut text = format!("{points} {p}\n");
    for demand in demands {
        let (x, y) = (random.random_range(0..1000), random.random_range(0..1000));
        text += &format!("{x} {y} {capacity} {demand}\n");
    }
    let data = cpmp::Data::parse(&text, cpmp::Distance::Exact).expect("sound");
    let problem = cpmp::Problem::new(data).expect("sound");
    let outcome = cpmp::solve(&problem, &stop(20), 1, None, &mut Unwatched);
    assert!(cpmp::check(&problem, outcome.solution.as_ref().expect("a solution")).is_empty());
    figures(&outcome)
}

/// Costs of 10 to 50, weights of 5 to 25, and capacities of eight tenths of an even share (type C of Chu and Beasley 1997).
fn assignment(agents: usize, jobs: usize, seed: u64) -> (f64, f64) {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut table = |range: std::ops::RangeInclusive<u32>| -> Vec<Vec<u32>> {
        let row = |random: &mut Pcg64Mcg| {
            let cells = (0..jobs).map(|_| random.random_range(range.clone()));
            cells.collect::<Vec<u32>>()
        };
        (0..agents).map(|_| row(&mut random)).collect()
    };
    let (costs, weights) = (table(10..=50), table(5..=25));
    let mut text = format!("{agents} {jobs}\n");
    for row in costs.iter().chain(&weights) {
        let cells: Vec<String> = row.iter().map(u32::to_string).collect();
        text += &(cells.join(" ") + "\n");
    }
    for row in &weights {
        text += &format!("{} ", row.iter().sum::<u32>() * 8 / 10 / agents as u32);
    }
    let problem = gap::Problem::new(gap::Data::parse(&text).expect("sound")).expect("sound");
    figures(&gap::solve(&problem, &stop(20), 1, None, &mut Unwatched))
}

fn zones(schools: usize, supervisors: usize, seed: u64) -> (f64, f64) {
    let data = zoning::sample::county(schools, supervisors, seed);
    let problem = zoning::Problem::new(data).expect("sound");
    figures(&zoning::solve(&problem, &stop(50), 1, None, &mut Unwatched))
}

fn rounds(schools: usize, supervisors: usize, seed: u64) -> (f64, f64) {
    let data = year::sample::county(schools, supervisors, 36, 6, seed);
    let problem = year::Problem::new(data).expect("sound");
    figures(&year::solve(&problem, &stop(300), 1, None, &mut Unwatched))
}

macro_rules! instances {
    ($($name:ident: $solve:expr => $objective:expr, $gap:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let (objective, gap) = $solve;
                assert!(objective <= $objective * (1.0 + SLACK), "objective {objective}, was {}", $objective);
                assert!(gap <= $gap + SLACK, "gap {gap}, was {}", $gap);
            }
        )*
    };
}

instances! {
    fifty_points_on_five_medians: median(50, 5, 1) => 7367.606, 0.0;
    eighty_points_on_eight_medians: median(80, 8, 2) => 9578.585, 0.0;
    a_hundred_points_on_twenty_medians: median(100, 20, 3) => 6809.368, 0.0;
    a_hundred_and_fifty_points_on_ten_medians: median(150, 10, 4) => 16591.1, 0.0;
    forty_jobs_for_five_agents: assignment(5, 40, 1) => 706.0, 0.0;
    eighty_jobs_for_eight_agents: assignment(8, 80, 2) => 1177.0, 0.0;
    a_hundred_jobs_for_ten_agents: assignment(10, 100, 3) => 1482.0, 0.0;
    zones_for_thirty_schools: zones(30, 9, 1) => 20390.665, 0.0055;
    zones_for_sixty_schools: zones(60, 17, 2) => 32008.686, 0.0064;
    zones_for_a_hundred_schools: zones(100, 27, 3) => 40468.389, 0.0055;
    the_year_of_twenty_schools: rounds(20, 6, 1) => 6945.383, 0.0026;
    the_year_of_forty_schools: rounds(40, 11, 2) => 8666.872, 0.0055;
}
