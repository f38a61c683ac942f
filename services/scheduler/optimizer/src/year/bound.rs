//! A proven lower bound on the cost of every plan, by parts that hold for themselves.

use std::collections::BTreeMap;

use good_lp::{Expression, ProblemVariables, Variable, constraint, variable};

use super::data::Solution;
use super::place::cheapest_team;
use super::price;
use super::problem::Problem;
use crate::Clock;
use crate::mip::{self, Failure, Limits};

/// Branch-and-bound nodes for whole trips.
const NODES: i32 = 200;

/// What every plan costs at least: the past, routine trips, team trips, waiting and peaks.
pub fn find(problem: &Problem, clock: &Clock) -> f64 {
    past(problem) + trips(problem, clock) + teams(problem) + waiting(problem, clock)
}

fn past(problem: &Problem) -> f64 {
    let solution = Solution {
        visits: problem.data().fixed.clone(),
    };
    let parts = price::price(problem, &solution);
    parts.iter().map(|part| part.minutes).sum()
}

/// Routine visits covered by trips to one school or two, whatever the days: a trip that is made is made by one of those
/// who may visit, to schools whose windows overlap.
fn trips(problem: &Problem, clock: &Clock) -> f64 {
    let series = &problem.series;
    let mut of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (s, one) in series.iter().enumerate() {
        for k in problem.all_visitors(one.school, one.window.clone()) {
            of.entry(k).or_default().push(s);
        }
    }
    let solve = |whole: bool| {
        let mut variables = ProblemVariables::new();
        let mut cover: Vec<Expression> = vec![Expression::from(0.0); series.len()];
        let mut cost = Expression::from(0.0);
        let new = |variables: &mut ProblemVariables| -> Variable {
            let x = variable().min(0.0);
            variables.add(if whole { x.integer() } else { x })
        };
        for (&k, list) in &of {
            for (n, &a) in list.iter().enumerate() {
                let x = new(&mut variables);
                cost += problem.single(k, series[a].school) * x;
                cover[a] += x;
                for &b in &list[n + 1..] {
                    let (one, other) = (&series[a], &series[b]);
                    let overlap = one.window.start.max(other.window.start)
                        < one.window.end.min(other.window.end);
                    if overlap
                        && one.school != other.school
                        && one.days + other.days <= 1.0 + 1e-9
                        && problem.data().rules.visits_per_trip >= 2
                    {
                        let x = new(&mut variables);
                        cost += problem.pair(k, one.school, other.school) * x;
                        cover[a] += x;
                        cover[b] += x;
                    }
                }
            }
        }
        let rows = cover
            .into_iter()
            .zip(series)
            .map(|(cover, one)| constraint!(cover >= one.numbers.len() as f64))
            .collect();
        let limits = Limits {
            nodes: whole.then_some(NODES),
            ..Limits::seconds(5.0)
        };
        match mip::minimise_until(clock, variables, cost, rows, limits, None) {
            Ok(solved) => solved.bound,
            Err(Failure::Stopped { bound }) => bound,
            Err(Failure::Infeasible | Failure::Solver(_)) => f64::NEG_INFINITY,
        }
    };
    if series.is_empty() {
        return 0.0;
    }
    solve(false).max(solve(true)).max(0.0)
}

/// For every job the least travel of a legal team, whatever the day.
fn teams(problem: &Problem) -> f64 {
    problem
        .jobs
        .iter()
        .map(|job| {
            let mut order: Vec<(f64, usize)> = (0..problem.present.len())
                .filter(|&k| problem.may_join(k, job))
                .filter(|&k| job.window.clone().any(|d| problem.present[k][d]))
                .map(|k| (problem.single(k, job.target), k))
                .collect();
            order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let leads = |k| problem.may_lead(k, job);
            let team = cheapest_team(&order, job.team, leads, |k| problem.specialist(k, job));
            team.map_or(0.0, |(cost, _)| cost * job.span() as f64)
        })
        .sum()
}

/// Jobs spread over weeks, by shares: waiting against peaks of those who may lead and of all.
///
/// The work of a week beyond the even load of all who are there is a peak whoever does it, and so is the leaders'.
/// Routine visits are left out: peaks only grow with them.
fn waiting(problem: &Problem, clock: &Clock) -> f64 {
    if problem.jobs.is_empty() {
        return 0.0;
    }
    let weeks = problem.weeks.len();
    let people = &problem.data().supervisors;
    let (mut there, mut leaders) = (vec![0.0; weeks], vec![0.0; weeks]);
    let (mut room, mut leads) = (vec![0.0; weeks], vec![0.0; weeks]);
    for (k, supervisor) in people.iter().enumerate() {
        for (w, days) in problem.weeks.iter().enumerate() {
            let present = days.clone().filter(|&d| problem.present[k][d]).count() as f64;
            if present == 0.0 {
                continue;
            }
            let most = present.min(supervisor.max_days_week);
            there[w] += problem.even;
            room[w] += most;
            if supervisor.full_time {
                leaders[w] += problem.even;
                leads[w] += most;
            }
        }
    }
    let mut variables = ProblemVariables::new();
    let mut cost = Expression::from(0.0);
    let mut all: Vec<Expression> = vec![Expression::from(0.0); weeks];
    let mut lead: Vec<Expression> = vec![Expression::from(0.0); weeks];
    let mut rows = Vec::new();
    for job in &problem.jobs {
        let mut whole = Expression::from(0.0);
        let mut last = None;
        for day in job.window.clone() {
            let week = problem.week[day];
            if last == Some(week) || problem.stay(job, day).is_none() {
                continue;
            }
            last = Some(week);
            let x = variables.add(variable().min(0.0).max(1.0));
            cost += problem.lateness(job, week) * x;
            whole += x;
            all[week] += job.days * job.team as f64 * x;
            lead[week] += job.days * x;
        }
        if last.is_none() {
            return 0.0;
        }
        rows.push(constraint!(whole == 1.0));
    }
    for (w, (all, lead)) in all.into_iter().zip(lead).enumerate() {
        let peak = variables.add(variable().min(0.0));
        cost += problem.data().weights.peak * peak;
        rows.push(constraint!(all.clone() - peak <= there[w]));
        rows.push(constraint!(lead.clone() - peak <= leaders[w]));
        rows.push(constraint!(all <= room[w]));
        rows.push(constraint!(lead <= leads[w]));
    }
    let limits = Limits::seconds(5.0);
    match mip::minimise_until(clock, variables, cost, rows, limits, None) {
        Ok(solved) => solved.bound.max(0.0),
        Err(_) => 0.0,
    }
}
