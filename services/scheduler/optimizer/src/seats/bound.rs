//! The Lagrangian bound.

use super::Model;
use super::knapsack::Knapsack;

/// How many steps without a better bound halve the step length.
const PATIENCE: u32 = 25;

/// Multipliers on their way to the best bound.
#[derive(Debug)]
pub struct Ascent {
    /// What each item is worth at the moment.
    pub worth: Vec<f64>,
    /// The multipliers of the best bound.
    pub best_worth: Vec<f64>,
    /// The best bound, not rounded.
    pub best: f64,
    /// What each seat saved at the best bound: the value of its knapsack.
    pub saved: Vec<f64>,
    length: f64,
    stalled: u32,
    knapsack: Knapsack,
}

/// A relaxed solution: open seats with the items that each would take.
#[derive(Debug)]
pub struct Relaxed {
    /// Its value: a lower bound.
    pub value: f64,
    /// Seat and items.
    pub takes: Vec<(usize, Vec<usize>)>,
}

impl Ascent {
    /// Begins with each item worth its second cheapest seat.
    pub fn new(model: &Model) -> Self {
        let worth: Vec<f64> = (0..model.items)
            .map(|item| {
                let mut costs: Vec<f64> = (0..model.seats)
                    .map(|seat| model.cost(seat, item))
                    .collect();
                costs.sort_by(f64::total_cmp);
                costs.get(1).or(costs.first()).copied().unwrap_or(0.0)
            })
            .collect();
        Self {
            best_worth: worth.clone(),
            worth,
            best: f64::NEG_INFINITY,
            saved: vec![0.0; model.seats],
            length: 1.5,
            stalled: 0,
            knapsack: Knapsack::default(),
        }
    }

    /// Goes back to the best multipliers and takes longer steps again.
    pub fn restart(&mut self, length: f64) {
        self.worth.clone_from(&self.best_worth);
        self.length = length;
        self.stalled = 0;
    }

    /// Whether steps have become too short to gain anything.
    pub fn spent(&self) -> bool {
        self.length < 2e-3
    }

    /// Evaluates the multipliers, keeps the bound if it is the best, and moves on towards `target` (an upper bound).
    pub fn step(&mut self, model: &Model, target: f64) -> Relaxed {
        let mut wants: Vec<Vec<(usize, f64, u32)>> = Vec::with_capacity(model.seats);
        let mut saved = Vec::with_capacity(model.seats);
        for seat in 0..model.seats {
            let items: Vec<_> = (0..model.items)
                .filter_map(|item| {
                    let profit = self.worth[item] - model.cost(seat, item);
                    let weight = model.weight(seat, item);
                    (profit > 1e-12 && weight <= model.capacity[seat])
                        .then_some((item, profit, weight))
                })
                .collect();
            saved.push(self.knapsack.value(&items, model.capacity[seat]));
            wants.push(items);
        }
        let mut order: Vec<usize> = (0..model.seats).collect();
        if let Some(open) = model.open {
            order.sort_by(|&a, &b| saved[b].total_cmp(&saved[a]).then(a.cmp(&b)));
            order.truncate(open);
        }
        let value =
            self.worth.iter().sum::<f64>() - order.iter().map(|&seat| saved[seat]).sum::<f64>();
        let mut short = vec![1.0f64; model.items];
        let takes: Vec<_> = order
            .into_iter()
            .map(|seat| {
                let items = self.knapsack.choice(&wants[seat], model.capacity[seat]);
                for &item in &items {
                    short[item] -= 1.0;
                }
                (seat, items)
            })
            .collect();

        if value > self.best + 1e-9 * value.abs().max(1.0) {
            self.best = value;
            self.best_worth.clone_from(&self.worth);
            self.saved = saved;
            self.stalled = 0;
        } else {
            self.stalled += 1;
            if self.stalled >= PATIENCE {
                self.length *= 0.6;
                self.stalled = 0;
                self.worth.clone_from(&self.best_worth);
            }
        }
        let norm: f64 = short.iter().map(|g| g * g).sum();
        if norm > 0.0 {
            let gap = (target - value).max(1e-4 * target.abs().max(1.0));
            let step = self.length * gap / norm;
            for (worth, g) in self.worth.iter_mut().zip(&short) {
                *worth += step * g;
            }
        }
        Relaxed { value, takes }
    }

    /// Seats that no solution better than `incumbent` opens, by the best bound: opening one in place of the last seat
    /// taken already costs too much.
    pub fn closed(&self, model: &Model, incumbent: f64) -> Vec<bool> {
        let Some(open) = model.open else {
            return vec![false; model.seats];
        };
        let mut order: Vec<usize> = (0..model.seats).collect();
        order.sort_by(|&a, &b| self.saved[b].total_cmp(&self.saved[a]).then(a.cmp(&b)));
        let Some(&last) = open.checked_sub(1).and_then(|n| order.get(n)) else {
            return vec![false; model.seats];
        };
        (0..model.seats)
            .map(|seat| {
                model.sharpen(self.best + (self.saved[last] - self.saved[seat]).max(0.0))
                    >= incumbent - 1e-9
            })
            .collect()
    }
}
