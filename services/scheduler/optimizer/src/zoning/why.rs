//! Why this school has this supervisor: everyone else, with the price or the reason against.

use super::data::Solution;
use super::plan::Plan;
use super::price;
use super::problem::Problem;
use crate::Words;

/// A supervisor as a choice for one school.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The supervisor's id.
    pub supervisor: String,
    /// Minutes on the road, one way.
    pub minutes: f64,
    /// Minutes a year of routine visits and change, weighted.
    pub cost: f64,
    /// Why they may not be responsible for the school; none if they may.
    pub refusal: Option<Words>,
    /// In a given zoning: what the objective would rise by if the school (with the schools that stay with it) went to
    /// this supervisor and all else stayed; 0 for the one who has it.
    pub rise: Option<f64>,
    /// In a given zoning: the rules that this alone would break.
    pub breaks: Vec<String>,
}

/// Every supervisor as a choice for a school, those who may serve first and the cheapest of them first; empty if there
/// is no such school. With a zoning, each also says what it would cost and break to give them the school there.
pub fn candidates(problem: &Problem, school: &str, within: Option<&Solution>) -> Vec<Candidate> {
    let data = problem.data();
    let Some(i) = data.schools.iter().position(|s| s.id == school) else {
        return Vec::new();
    };
    let base = within
        .and_then(|solution| Plan::read(problem, solution))
        .map(|plan| {
            let cost = price::total(&price::parts(problem, &plan));
            (plan, cost)
        });
    let mut candidates: Vec<Candidate> = data
        .supervisors
        .iter()
        .enumerate()
        .map(|(k, supervisor)| {
            let refusal = problem.refusal(k, i).map(super::problem::Refusal::words);
            let (mut rise, mut breaks) = (None, Vec::new());
            if let (Some((plan, cost)), None) = (&base, &refusal) {
                let mut other = plan.clone();
                for &member in &problem.groups()[problem.group(i)] {
                    other.supervisor_of[member] = k;
                }
                rise = Some(price::total(&price::parts(problem, &other)) - cost);
                breaks = super::check(problem, &other.write(problem))
                    .into_iter()
                    .map(|v| v.rule)
                    .collect();
                breaks.dedup();
            }
            Candidate {
                supervisor: supervisor.id.clone(),
                minutes: problem.minutes(k, i),
                cost: problem.routine(k, i) + problem.change(k, i),
                refusal,
                rise,
                breaks,
            }
        })
        .collect();
    candidates.sort_by(|a, b| {
        let order = a
            .refusal
            .is_some()
            .cmp(&b.refusal.is_some())
            .then(a.cost.total_cmp(&b.cost));
        order.then_with(|| a.supervisor.cmp(&b.supervisor))
    });
    candidates
}
