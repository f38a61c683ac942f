//! The Lagrangian bound.

use std::collections::BinaryHeap;
use std::thread;

use super::Model;
use super::knapsack::{self, Want, relaxed_value};

/// How many steps without a better bound halve the step length.
const PATIENCE: u32 = 25;
/// Seats whose knapsacks are solved exactly at a time, beyond the first `open` of them.
const BLOCK: usize = 64;

/// Multipliers on their way to the best bound.
#[derive(Debug)]
pub struct Ascent {
    /// What each item is worth at the moment.
    pub worth: Vec<f64>,
    /// The multipliers of the best bound.
    pub best_worth: Vec<f64>,
    /// The best bound, not rounded.
    pub best: f64,
    /// What each seat saves at most at the best bound: the value of its knapsack, or more.
    pub saved: Vec<f64>,
    /// For each seat the items that it can hold, cheapest first.
    pub near: Vec<Vec<u32>>,
    threads: usize,
    length: f64,
    stalled: u32,
}

/// A relaxed solution: open seats with the items that each would take.
#[derive(Debug)]
pub struct Relaxed {
    /// Seat and items.
    pub takes: Vec<(usize, Vec<usize>)>,
}

impl Ascent {
    /// Begins with each item worth what it costs where the open seat after its own might be, if they lie evenly. So many
    /// `threads` work on each step; the answer does not depend on how many.
    pub fn new(model: &Model, threads: usize) -> Self {
        let near = spread(threads, model.seats, |seat| {
            let mut items: Vec<u32> = (0..model.items)
                .filter(|&item| model.weight(seat, item) <= model.capacity[seat])
                .filter_map(|item| u32::try_from(item).ok())
                .collect();
            let cost = |item: &u32| model.cost(seat, *item as usize);
            items.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)));
            items
        });
        let rank = model.seats / model.open.unwrap_or(model.seats).max(1);
        let worth: Vec<f64> = spread(threads, model.items, |item| {
            let mut costs: Vec<f64> = (0..model.seats)
                .map(|seat| model.cost(seat, item))
                .collect();
            let rank = rank.min(costs.len().saturating_sub(1));
            if costs.is_empty() {
                0.0
            } else {
                *costs.select_nth_unstable_by(rank, f64::total_cmp).1
            }
        });
        Self {
            best_worth: worth.clone(),
            worth,
            best: f64::NEG_INFINITY,
            saved: vec![0.0; model.seats],
            near,
            threads,
            length: 1.5,
            stalled: 0,
        }
    }

    /// Whether steps have become too short to gain anything.
    pub fn spent(&self) -> bool {
        self.length < 2e-3
    }

    /// What a seat would take: items that are worth more than they cost there.
    fn wants(&self, model: &Model, seat: usize, top: f64) -> Vec<Want> {
        self.near[seat]
            .iter()
            .map(|&item| item as usize)
            .map(|item| (item, model.cost(seat, item)))
            .take_while(|&(_, cost)| cost < top)
            .filter_map(|(item, cost)| {
                let profit = self.worth[item] - cost;
                (profit > 1e-12).then(|| Want {
                    item,
                    profit,
                    weight: model.weight(seat, item),
                })
            })
            .collect()
    }

    /// Evaluates the multipliers, keeps the bound if it is the best, and moves on towards `target` (an upper bound,
    /// guessed without one).
    pub fn step(&mut self, model: &Model, target: Option<f64>) -> Relaxed {
        let top = self.worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let open = model.open.unwrap_or(model.seats).min(model.seats);
        // A seat whose relaxed knapsack is below the last seat taken need not be solved.
        let mut saved = spread(self.threads, model.seats, |seat| {
            relaxed_value(&mut self.wants(model, seat, top), model.capacity[seat])
        });
        let mut order: Vec<usize> = (0..model.seats).collect();
        order.sort_by(|&a, &b| saved[b].total_cmp(&saved[a]).then(a.cmp(&b)));
        let mut taken: BinaryHeap<Take> = BinaryHeap::new();
        let mut rest = &order[..];
        while let Some(&next) = rest.first() {
            let full = taken.len() == open;
            if full && taken.peek().is_none_or(|least| least.saved >= saved[next]) {
                break;
            }
            let size = if full { BLOCK } else { open - taken.len() };
            let (block, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            let solved = spread(self.threads, block.len(), |n| {
                let seat = block[n];
                let wants = self.wants(model, seat, top);
                let (saved, items) = knapsack::solve(&wants, model.capacity[seat]);
                Take { saved, seat, items }
            });
            for take in solved {
                saved[take.seat] = take.saved;
                taken.push(take);
                if taken.len() > open {
                    taken.pop();
                }
            }
        }
        let mut takes = taken.into_vec();
        takes.sort();
        let value =
            self.worth.iter().sum::<f64>() - takes.iter().map(|take| take.saved).sum::<f64>();
        let mut short = vec![1.0f64; model.items];
        for &item in takes.iter().flat_map(|take| &take.items) {
            short[item] -= 1.0;
        }

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
            let target = target.unwrap_or(value + 0.05 * value.abs() + 1.0);
            let gap = (target - value).max(1e-4 * target.abs().max(1.0));
            let step = self.length * gap / norm;
            for (worth, g) in self.worth.iter_mut().zip(&short) {
                *worth += step * g;
            }
        }
        let takes = takes
            .into_iter()
            .map(|take| (take.seat, take.items))
            .collect();
        Relaxed { takes }
    }

    /// What the last seat taken saves at the best bound: none where all are.
    pub fn last(&self, model: &Model) -> f64 {
        let mut saved = self.saved.clone();
        saved.sort_by(|a, b| b.total_cmp(a));
        let last = model.open.and_then(|open| open.checked_sub(1));
        last.and_then(|n| saved.get(n))
            .copied()
            .unwrap_or(f64::NEG_INFINITY)
    }

    /// How much above the best bound every solution is that seats an item at a seat, at least; indexed like costs.
    ///
    /// Such a solution opens the seat, instead of the last one taken at least, and the rest of its capacity saves no more
    /// than by taking items in parts (Dantzig 1957).
    pub fn penalties(&self, model: &Model) -> Vec<f32> {
        let last = self.last(model);
        let rows = spread(self.threads, model.seats, |seat| {
            let base = last.max(self.saved[seat]);
            let capacity = f64::from(model.capacity[seat]);
            let profit = |item: usize| self.best_worth[item] - model.cost(seat, item);
            let weight = |item: usize| f64::from(model.weight(seat, item));
            let mut wants: Vec<usize> = (0..model.items)
                .filter(|&item| profit(item) > 0.0 && weight(item) <= capacity)
                .collect();
            let ratio = |item: usize| profit(item) / weight(item).max(1e-9);
            wants.sort_by(|&a, &b| ratio(b).total_cmp(&ratio(a)).then(a.cmp(&b)));
            let mut place = vec![usize::MAX; model.items];
            // Weight and profit of the items before each place.
            let mut before = vec![(0.0, 0.0)];
            let (mut load, mut sum) = (0.0, 0.0);
            for (n, &item) in wants.iter().enumerate() {
                place[item] = n;
                load += weight(item);
                sum += profit(item);
                before.push((load, sum));
            }
            (0..model.items)
                .map(|item| {
                    let room = capacity - weight(item);
                    if room < 0.0 {
                        return f32::INFINITY;
                    }
                    // With the item itself out of the order, what comes after it moves up.
                    let own = place[item];
                    let filled = |n: usize| {
                        let (load, sum) = before[n];
                        if n > own {
                            (load - weight(item), sum - profit(item))
                        } else {
                            (load, sum)
                        }
                    };
                    let (mut low, mut high) = (0, wants.len());
                    while low < high {
                        let middle = (low + high).div_ceil(2);
                        if filled(middle).0 <= room {
                            low = middle;
                        } else {
                            high = middle - 1;
                        }
                    }
                    let (load, mut sum) = filled(low);
                    if let Some(&next) = wants.get(low).filter(|next| **next != item) {
                        sum += (room - load) * ratio(next);
                    }
                    (base - profit(item) - sum).max(0.0) as f32
                })
                .collect::<Vec<f32>>()
        });
        rows.concat()
    }
}

/// A seat with what it saves by taking these items. The least is the first out of a heap.
#[derive(Debug, PartialEq)]
struct Take {
    saved: f64,
    seat: usize,
    items: Vec<usize>,
}

impl Eq for Take {}

impl Ord for Take {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other
            .saved
            .total_cmp(&self.saved)
            .then(self.seat.cmp(&other.seat))
    }
}

impl PartialOrd for Take {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What each of so many workers gives, side by side.
pub fn each<T: Send>(workers: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = &work;
    let done = thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|n| scope.spawn(move || work(n))).collect();
        let first = work(0);
        let others = others.into_iter().map(thread::ScopedJoinHandle::join);
        std::iter::once(Ok(first)).chain(others).collect::<Vec<_>>()
    });
    done.into_iter()
        .map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        .collect()
}

/// What `make` gives for each number below `count`, in order, made by so many threads.
pub fn spread<T: Send>(threads: usize, count: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    // Below this a thread costs more than it brings.
    if threads <= 1 || count < 64 {
        return (0..count).map(make).collect();
    }
    let share = count.div_ceil(threads);
    let parts = each(threads, |n| {
        let share = count.min(n * share)..count.min((n + 1) * share);
        share.map(&make).collect::<Vec<T>>()
    });
    parts.into_iter().flatten().collect()
}
