//! The compact model, or a part of it, on HiGHS.

use good_lp::{Expression, ProblemVariables, constraint, variable};

use super::Model;
use crate::Clock;
use crate::mip::{self, Failure, Limits};

/// A part of the model: these items to these seats, of which `open` may be used.
pub struct Part<'a> {
    /// Items to be seated.
    pub items: &'a [usize],
    /// Seats that may take them.
    pub seats: &'a [usize],
    /// How many of the seats are open; all if none.
    pub open: Option<usize>,
    /// Room at each of `seats`.
    pub room: &'a [u32],
    /// For each of `items`, its seat now.
    pub start: Option<&'a [usize]>,
    /// Which pairs of seat and item are in the part, besides those of `start`.
    pub keeps: &'a (dyn Fn(usize, usize) -> bool + Sync),
}

/// What became of a part.
pub struct Answer {
    /// For each item its seat, if a solution was found.
    pub seat_of: Option<Vec<usize>>,
    /// A proven lower bound on the part's value (−∞ if none): of the part as it stands, without what was left out.
    pub bound: f64,
    /// Whether it is proven that nothing better exists.
    pub optimal: bool,
    /// Whether it is proven that there is no solution at all.
    pub infeasible: bool,
}

/// Solves a part.
pub fn solve(model: &Model, part: &Part<'_>, clock: &Clock, limits: Limits) -> Answer {
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::default();
    let mut start = Vec::new();
    let open: Option<Vec<_>> = part.open.map(|_| {
        part.seats
            .iter()
            .map(|_| variables.add(variable().binary()))
            .collect()
    });
    if open.is_some() {
        start.extend(
            part.seats
                .iter()
                .map(|seat| f64::from(u8::from(part.start.is_some_and(|s| s.contains(seat))))),
        );
    }
    let mut pairs = Vec::new();
    for (n, &item) in part.items.iter().enumerate() {
        let now = part.start.and_then(|s| s.get(n)).copied();
        for (s, &seat) in part.seats.iter().enumerate() {
            let cost = model.cost(seat, item);
            let fits = model.weight(seat, item) <= part.room[s];
            if fits && ((part.keeps)(seat, item) || now == Some(seat)) {
                let pair = variables.add(variable().binary());
                objective.add_mul(cost, pair);
                start.push(f64::from(u8::from(now == Some(seat))));
                pairs.push((n, s, pair));
            }
        }
    }
    let mut once = vec![Expression::default(); part.items.len()];
    let mut load = vec![Expression::default(); part.seats.len()];
    for &(n, s, pair) in &pairs {
        once[n] += pair;
        load[s].add_mul(f64::from(model.weight(part.seats[s], part.items[n])), pair);
    }
    let mut rows: Vec<_> = once
        .into_iter()
        .map(|sum| constraint!(sum == 1.0))
        .collect();
    for (s, sum) in load.into_iter().enumerate() {
        let room = f64::from(part.room[s]);
        match &open {
            Some(open) => rows.push(constraint!(sum - room * open[s] <= 0.0)),
            None => rows.push(constraint!(sum <= room)),
        }
    }
    if let (Some(open), Some(count)) = (&open, part.open) {
        for &(_, s, pair) in &pairs {
            rows.push(constraint!(pair - open[s] <= 0.0));
        }
        let sum: Expression = open.iter().sum();
        rows.push(constraint!(sum == count as f64));
    }
    let start = part.start.is_some().then_some(start);
    match mip::minimise_until(clock, variables, objective, rows, limits, start) {
        Ok(solved) => {
            let first = open.as_ref().map_or(0, Vec::len);
            let mut seat_of = vec![usize::MAX; part.items.len()];
            for (value, &(n, s, _)) in solved.values[first..].iter().zip(&pairs) {
                if *value > 0.5 {
                    seat_of[n] = part.seats[s];
                }
            }
            let whole = seat_of.iter().all(|&seat| seat != usize::MAX);
            Answer {
                seat_of: whole.then_some(seat_of),
                bound: solved.bound,
                optimal: solved.optimal,
                infeasible: false,
            }
        }
        Err(Failure::Infeasible) => Answer {
            seat_of: None,
            bound: f64::NEG_INFINITY,
            optimal: false,
            infeasible: true,
        },
        Err(Failure::Stopped { bound }) => Answer {
            seat_of: None,
            bound,
            optimal: false,
            infeasible: false,
        },
        Err(Failure::Solver(_)) => Answer {
            seat_of: None,
            bound: f64::NEG_INFINITY,
            optimal: false,
            infeasible: false,
        },
    }
}
