//! The groups of all good solutions so far, put together anew by HiGHS: a set covering problem over them, with as many
//! groups as seats are open (Taillard 1999 for routing; for the p-median the master of Lorena and Senne 2004).

use std::collections::BTreeMap;

use good_lp::{Expression, ProblemVariables, constraint, variable};

use super::Model;
use super::bound::Ascent;
use crate::Clock;
use crate::mip::{self, Limits};

/// Groups given to HiGHS at once, at most.
const MOST: usize = 20_000;

/// Groups with their seats, each set of items once, with its cheapest seat.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    groups: BTreeMap<Vec<u32>, (usize, f64)>,
}

impl Pool {
    /// Adds the groups of a solution.
    pub fn add(&mut self, model: &Model, seat_of: &[usize]) {
        let mut members: BTreeMap<usize, (Vec<u32>, f64)> = BTreeMap::new();
        for (item, &seat) in seat_of.iter().enumerate() {
            let (items, cost) = members.entry(seat).or_default();
            items.extend(u32::try_from(item));
            *cost += model.cost(seat, item);
        }
        for (seat, (items, cost)) in members {
            let known = self.groups.entry(items).or_insert((seat, cost));
            if cost < known.1 {
                *known = (seat, cost);
            }
        }
    }

    /// Forgets the groups that are in no solution better than one that is `reach` above the bound: a solution with a group
    /// has its seat, instead of the last one taken at least.
    pub fn prune(&mut self, ascent: &Ascent, model: &Model, reach: f64) {
        let last = ascent.last(model);
        let penalty = |items: &[u32], seat: usize, cost: f64| {
            let worth = items.iter().map(|&item| ascent.best_worth[item as usize]);
            ascent.saved[seat].max(last) - (worth.sum::<f64>() - cost)
        };
        self.groups
            .retain(|items, (seat, cost)| penalty(items, *seat, *cost) <= reach);
        if self.groups.len() > MOST {
            let mut penalties: Vec<f64> = self
                .groups
                .iter()
                .map(|(items, (seat, cost))| penalty(items, *seat, *cost))
                .collect();
            let limit = *penalties.select_nth_unstable_by(MOST, f64::total_cmp).1;
            self.groups
                .retain(|items, (seat, cost)| penalty(items, *seat, *cost) < limit);
        }
    }

    /// The best solution that HiGHS can make of the groups, from a solution whose groups are among them.
    pub fn recombine(
        &self,
        model: &Model,
        start: &[usize],
        clock: &Clock,
        limits: Limits,
    ) -> Option<Vec<usize>> {
        let mut variables = ProblemVariables::new();
        let mut objective = Expression::default();
        let mut covered = vec![Expression::default(); model.items];
        let mut at = vec![(0, Expression::default()); model.seats];
        let mut begin = Vec::with_capacity(self.groups.len());
        let mut groups = Vec::with_capacity(self.groups.len());
        let mut first = Self::default();
        first.add(model, start);
        for (items, &(seat, cost)) in &self.groups {
            let taken = variables.add(variable().binary());
            objective.add_mul(cost, taken);
            for &item in items {
                covered[item as usize] += taken;
            }
            at[seat].0 += 1;
            at[seat].1 += taken;
            begin.push(f64::from(u8::from(first.groups.contains_key(items))));
            groups.push((items, seat, taken));
        }
        let mut rows = Vec::new();
        // What is covered twice stays where it costs less.
        rows.extend(covered.into_iter().map(|sum| constraint!(sum >= 1.0)));
        rows.extend(
            at.into_iter()
                .filter(|(count, _)| *count > 1)
                .map(|(_, sum)| constraint!(sum <= 1.0)),
        );
        if let Some(open) = model.open {
            let sum: Expression = groups.iter().map(|(_, _, taken)| *taken).sum();
            rows.push(constraint!(sum == open as f64));
        }
        let solved =
            mip::minimise_until(clock, variables, objective, rows, limits, Some(begin)).ok()?;
        let mut seat_of = vec![usize::MAX; model.items];
        for ((items, seat, _), _) in groups.iter().zip(&solved.values).filter(|(_, v)| **v > 0.5) {
            for item in items.iter().map(|item| *item as usize) {
                let now = seat_of[item];
                if now == usize::MAX || model.cost(*seat, item) < model.cost(now, item) {
                    seat_of[item] = *seat;
                }
            }
        }
        seat_of
            .iter()
            .all(|&seat| seat != usize::MAX)
            .then_some(seat_of)
    }
}
