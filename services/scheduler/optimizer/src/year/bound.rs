//! A proven lower bound on the cost of every plan, by parts that hold for themselves.

use std::collections::{BTreeMap, BTreeSet};

use good_lp::{Constraint, Expression, ProblemVariables, Variable, constraint, variable};

use super::data::Solution;
use super::place::cheapest_team;
use super::price;
use super::problem::{Job, Problem, Series};
use crate::Clock;
use crate::mip::{self, Failure, Limits};

/// Branch-and-bound nodes for whole trips.
const NODES: i32 = 200;

/// What every plan costs at least: the past, routine trips, team trips with waiting and peaks, and visits that must be moved.
pub fn find(problem: &Problem, clock: &Clock) -> f64 {
    let moves = problem.data().weights.change * moves(problem) as f64;
    past(problem) + trips(problem, clock) + teams(problem).max(jobs(problem, clock)) + moves
}

/// The fewest visits that must be moved although each could stay by itself: those that the rhythm of their school asks for. By
/// dynamic programming over visits and weeks, school by school, as if everyone had time for everything.
pub fn moves(problem: &Problem) -> usize {
    problem
        .series
        .iter()
        .map(|one| moves_of(problem, one))
        .sum()
}

fn moves_of(problem: &Problem, series: &Series) -> usize {
    let Some(last) = series
        .window
        .end
        .checked_sub(1)
        .filter(|&last| last >= series.window.start)
    else {
        return 0;
    };
    let first = problem.week[series.window.start];
    let weeks = problem.week[last] + 1 - first;
    let mut reached: Vec<Option<usize>> = vec![None; weeks];
    for (t, stake) in series.current.iter().enumerate() {
        let at = stake
            .current
            .at()
            .map(|&(day, _)| problem.week[day] - first);
        let step = |w: usize| {
            let before = if t == 0 {
                let gap = series.last.map(|last| (first + w).saturating_sub(last));
                gap.is_none_or(|gap| (series.min_gap..=series.max_gap).contains(&gap))
                    .then_some(0)
            } else {
                let from = w.saturating_sub(series.max_gap);
                let until = (w + 1).saturating_sub(series.min_gap);
                reached.get(from..until)?.iter().flatten().min().copied()
            };
            Some(before? + usize::from(at.is_some_and(|at| at != w)))
        };
        reached = (0..weeks).map(step).collect();
    }
    // Where no rhythm fits at all, there is no plan, and so nothing to count.
    reached.into_iter().flatten().min().unwrap_or(0)
}

fn past(problem: &Problem) -> f64 {
    let solution = Solution {
        visits: problem.data().fixed.clone(),
    };
    let parts = price::price(problem, &solution);
    // What is yet to be planned is missing here, not moved.
    let spent = parts.iter().filter(|part| part.name != "change");
    spent.map(|part| part.minutes).sum()
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
            ..Limits::seconds((0.3 * clock.left().as_secs_f64()).min(5.0))
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

/// Supervisors of a job that the joint relaxation knows by name: the nearest. All others count as one crowd, as near as
/// the nearest of them and never busy.
const NEAR: usize = 40;
/// Weeks that the joint relaxation looks at one by one; later ones are taken together, ever more of them.
const SINGLE_WEEKS: usize = 6;

/// A job's candidate in the joint relaxation.
struct Candidate {
    /// Who it is; none for the crowd.
    who: Option<usize>,
    minutes: f64,
    /// The most places of a team that it fills.
    most: f64,
    leads: bool,
    specialist: bool,
}

/// Team travel, waiting and peaks together, by shares: every job takes place in some weeks, by some of those who may
/// join, who each have so much room in a week before it is a peak, and routine visits to pay besides. Several weeks taken
/// together are bounded by their sums.
fn jobs(problem: &Problem, clock: &Clock) -> f64 {
    if problem.jobs.is_empty() {
        return 0.0;
    }
    let (spans, span_of) = spans(problem);
    let people = &problem.data().supervisors;
    let mut variables = ProblemVariables::new();
    let mut cost = Expression::from(0.0);
    let mut rows = Vec::new();
    let mut load = vec![vec![Expression::from(0.0); spans]; people.len()];
    for job in &problem.jobs {
        let candidates = candidates(problem, job);
        let mut shares = vec![Expression::from(0.0); candidates.len()];
        // For each span the first week in which the job can take place.
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for day in job.window.clone() {
            if problem.stay(job, day).is_some() {
                let week = problem.week[day];
                first.entry(span_of[week]).or_insert(week);
            }
        }
        if first.is_empty() {
            return 0.0;
        }
        let mut whole = Expression::from(0.0);
        for (&span, &week) in &first {
            let here = variables.add(variable().min(0.0).max(1.0));
            cost.add_mul(problem.lateness(job, week), here);
            whole += here;
            let (mut team, mut lead, mut expert) = (
                Expression::from(0.0),
                Expression::from(0.0),
                Expression::from(0.0),
            );
            for (candidate, share) in candidates.iter().zip(&mut shares) {
                let joins = variables.add(variable().min(0.0));
                rows.push(constraint!(joins <= candidate.most * here));
                cost.add_mul(candidate.minutes * job.span() as f64, joins);
                *share += joins;
                team += joins;
                if candidate.leads {
                    lead += joins;
                }
                if candidate.specialist {
                    expert += joins;
                }
                if let Some(k) = candidate.who {
                    load[k][span].add_mul(job.days, joins);
                }
            }
            rows.push(constraint!(team == job.team as f64 * here));
            rows.push(constraint!(lead >= here));
            if candidates.iter().any(|candidate| candidate.specialist) {
                rows.push(constraint!(expert >= here));
            }
        }
        rows.push(constraint!(whole == 1.0));
        for (candidate, share) in candidates.iter().zip(shares) {
            rows.push(constraint!(share <= candidate.most));
        }
    }
    rows.extend(routine(problem, &span_of, &mut variables, &mut load));
    for (k, (supervisor, load)) in people.iter().zip(load).enumerate() {
        let (mut even, mut room) = (vec![0.0; spans], vec![0.0; spans]);
        for (w, days) in problem.weeks.iter().enumerate() {
            let present = days.clone().filter(|&d| problem.present[k][d]).count() as f64;
            if present > 0.0 {
                even[span_of[w]] += problem.even;
                room[span_of[w]] += present.min(supervisor.max_days_week);
            }
        }
        for (load, (even, room)) in load.into_iter().zip(even.into_iter().zip(room)) {
            let peak = variables.add(variable().min(0.0).max((room - even).max(0.0)));
            cost.add_mul(problem.data().weights.peak, peak);
            rows.push(constraint!(load - peak <= f64::min(even, room)));
        }
    }
    let limits = Limits::seconds((0.3 * clock.left().as_secs_f64()).min(15.0));
    match mip::minimise_until(clock, variables, cost, rows, limits, None) {
        Ok(solved) => solved.bound.max(0.0),
        Err(Failure::Stopped { bound }) => bound.max(0.0),
        Err(Failure::Infeasible | Failure::Solver(_)) => 0.0,
    }
}

/// Routine visits as load of those who may pay them, by shares: until the end of each span as many as must have been paid by then, and
/// no more than can have been. Series of the same people and rhythm are one.
fn routine(
    problem: &Problem,
    span_of: &[usize],
    variables: &mut ProblemVariables,
    load: &mut [Vec<Expression>],
) -> Vec<Constraint> {
    let mut alike: BTreeMap<_, f64> = BTreeMap::new();
    for series in &problem.series {
        let mut who: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let open = &problem.open[series.school];
        for day in series.window.clone().filter(|&day| open[day]) {
            let visitors = problem.visitors(series.school, day).iter();
            let here = visitors.filter(|&&k| problem.present[k][day]);
            let span = span_of[problem.week[day]];
            who.entry(span).or_default().extend(here);
        }
        *alike.entry((who, rounds(problem, series))).or_default() += series.days;
    }
    let mut rows = Vec::new();
    for ((who, rounds), days) in alike {
        let mut paid = Expression::from(0.0);
        for (span, who) in who {
            for k in who {
                let share = variables.add(variable().min(0.0));
                load[k][span] += share;
                paid += share;
            }
            let last = span_of.iter().rposition(|&of| of == span).unwrap_or(0);
            let by = |week: fn(&(usize, usize)) -> usize| {
                days * rounds.iter().filter(|round| week(round) <= last).count() as f64
            };
            rows.push(constraint!(paid.clone() >= by(|round| round.1)));
            rows.push(constraint!(paid.clone() <= by(|round| round.0)));
        }
    }
    rows
}

/// The first and the last week in which each visit of a series can be paid by the rhythm alone; none if it fits nowhere.
fn rounds(problem: &Problem, series: &Series) -> Vec<(usize, usize)> {
    let count = series.numbers.len();
    let (Some(&first), Some(&last)) = (
        problem.week.get(series.window.start),
        series
            .window
            .end
            .checked_sub(1)
            .and_then(|day| problem.week.get(day)),
    ) else {
        return Vec::new();
    };
    let (mut from, mut to) = (vec![first; count], vec![last; count]);
    if let Some(before) = series.last {
        from[0] = from[0].max(before + series.min_gap);
        to[0] = to[0].min(before + series.max_gap);
    }
    for n in 1..count {
        from[n] = from[n].max(from[n - 1] + series.min_gap);
        to[n] = to[n].min(to[n - 1] + series.max_gap);
    }
    for n in (1..count).rev() {
        from[n - 1] = from[n - 1].max(from[n].saturating_sub(series.max_gap));
        to[n - 1] = to[n - 1].min(to[n].saturating_sub(series.min_gap));
    }
    let rounds: Vec<_> = from.into_iter().zip(to).collect();
    let fits = rounds.iter().all(|(from, to)| from <= to);
    if fits { rounds } else { Vec::new() }
}

/// The spans of weeks: how many, and that of each week. Single ones while work is likely to wait there.
fn spans(problem: &Problem) -> (usize, Vec<usize>) {
    let opens = problem.jobs.iter().map(|job| job.window.start).min();
    let opens = opens.map_or(0, |day| problem.week[day]);
    let span = |week: usize| match week.saturating_sub(opens) {
        late if late < SINGLE_WEEKS => late,
        // Two weeks, then four, eight, sixteen, …
        late => SINGLE_WEEKS + ((late - SINGLE_WEEKS) / 2 + 1).ilog2() as usize,
    };
    let of: Vec<usize> = (0..problem.weeks.len()).map(span).collect();
    (of.iter().max().map_or(0, |last| last + 1), of)
}

fn candidates(problem: &Problem, job: &Job) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = (0..problem.present.len())
        .filter(|&k| problem.may_join(k, job))
        .filter(|&k| job.window.clone().any(|d| problem.present[k][d]))
        .map(|k| Candidate {
            who: Some(k),
            minutes: problem.single(k, job.target),
            most: 1.0,
            leads: problem.may_lead(k, job),
            specialist: problem.specialist(k, job),
        })
        .collect();
    all.sort_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.who.cmp(&b.who)));
    let crowd = all.split_off(NEAR.min(all.len()));
    if let Some(nearest) = crowd.first() {
        all.push(Candidate {
            who: None,
            minutes: nearest.minutes,
            most: crowd.len() as f64,
            leads: crowd.iter().any(|candidate| candidate.leads),
            specialist: crowd.iter().any(|candidate| candidate.specialist),
        });
    }
    all
}
