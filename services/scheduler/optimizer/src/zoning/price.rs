//! What a zoning costs, part by part.

use std::collections::HashSet;

use super::data::Solution;
use super::plan::Plan;
use super::problem::Problem;
use crate::Part;

/// The parts of a solution's cost in minutes a year, weighted; they add up to the objective.
///
/// - `routine_travel`: Σ visits × 2 × minutes between supervisor and school;
/// - `team_travel`: Σ team visits × 3 persons × 2 × mean minutes over the supervisors of the school's zone, the
///   expected travel of a team drawn from the zone, and so the zone's compactness;
/// - `imbalance`: weight × Σ days beyond `(1 + tolerance) ×` [`Problem::target`];
/// - `change`: weight × schools whose last supervisor is still there, may still serve them, and yet loses them;
/// - `town_cut`: weight × Σ over towns of (zones that it lies in − 1);
/// - `regroup`: weight × supervisors in another zone than last year's.
///
/// A solution that does not name every school and every supervisor once has no price, and so no parts.
pub fn objective(problem: &Problem, solution: &Solution) -> Vec<Part> {
    Plan::read(problem, solution)
        .map(|plan| parts(problem, &plan))
        .unwrap_or_default()
}

/// The sum of parts.
pub fn total(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.minutes).sum()
}

/// The parts of a plan's cost.
pub fn parts(problem: &Problem, plan: &Plan) -> Vec<Part> {
    let members = plan.members();
    let weights = &problem.data().weights;
    let (mut routine, mut team, mut change) = (0.0, 0.0, 0.0);
    let mut days = vec![0.0; problem.supervisors()];
    let mut touched = HashSet::new();
    for (i, &k) in plan.supervisor_of.iter().enumerate() {
        let mates = &members[plan.zone_of[k]];
        routine += problem.routine(k, i);
        team += mates.iter().map(|&l| problem.team(l, i)).sum::<f64>() / mates.len() as f64;
        change += problem.change(k, i);
        days[k] += problem.data().schools[i].days;
        if let Some(town) = problem.town(i) {
            touched.insert((town, plan.zone_of[k]));
        }
    }
    let beyond: f64 = days
        .iter()
        .enumerate()
        .map(|(k, d)| (d - problem.fair_days(k)).max(0.0))
        .sum();
    let cuts = touched.len() - problem.towns().len();
    // Who stays with whom is looked up only where it counts.
    let regrouped = if problem.keeps() {
        let moved = plan.regrouped(problem);
        moved.into_iter().filter(|&moved| moved).count()
    } else {
        0
    };
    [
        ("routine_travel", routine),
        ("team_travel", team),
        ("imbalance", weights.imbalance * beyond),
        ("change", change),
        ("town_cut", weights.town_cut * cuts as f64),
        ("regroup", weights.regroup * regrouped as f64),
    ]
    .map(|(name, minutes)| Part {
        name: name.to_owned(),
        minutes,
    })
    .to_vec()
}
