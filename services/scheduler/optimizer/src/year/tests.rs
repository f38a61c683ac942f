//! What a year's plan must be, as sentences.

use std::time::Duration;

use super::sample::county;
use super::*;
use crate::{Stop, Unwatched};

#[test]
#[ignore = "measures; run by hand"]
fn measure() {
    for (schools, supervisors) in [(144, 32), (181, 40), (300, 65)] {
        let problem = Problem::new(county(schools, supervisors, 48, 10, 1)).expect("sound");
        let stop = Stop::new(Duration::from_secs(20), 0.001);
        let outcome = solve(&problem, &stop, 1, None, &mut Unwatched);
        println!(
            "{schools} {supervisors}: {:?} {:?} bound {:.0} gap {:?} in {:.2}s, {:?}",
            outcome.status,
            outcome.objective,
            outcome.bound,
            outcome.gap,
            outcome.seconds,
            outcome
                .parts
                .iter()
                .map(|p| (p.name.as_str(), p.minutes.round()))
                .collect::<Vec<_>>()
        );
        for at in &outcome.trace {
            println!("   {:.2}s {:?}", at.seconds, at.objective);
        }
    }
}
