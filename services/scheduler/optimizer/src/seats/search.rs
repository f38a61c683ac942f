//! The search: bound and repair first, then either everything at once, or one neighbourhood after another.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Model;
use super::bound::{self, Ascent};
use super::exact::{self, Answer, Part};
use super::repair;
use super::walk::Walk;
use crate::mip::Limits;
use crate::{Clock, Incumbent, Outcome, Part as Cost, Status, Stop, Watch, Words, relative_gap};

/// Up to so many pairs the compact model goes to HiGHS whole.
const WHOLE_PAIRS: usize = 12_000;
/// Items of a neighbourhood: what HiGHS solves in about a second.
const NEIGHBOURHOOD: usize = 70;
/// Seconds for one neighbourhood.
const NEIGHBOURHOOD_SECONDS: f64 = 1.5;
/// Nodes for one neighbourhood where the answer must not depend on the clock.
const NEIGHBOURHOOD_NODES: i32 = 200;

/// Relaxed solutions are repaired after so many steps of the bound.
const REPAIR_EVERY: usize = 10;
/// Share of the time and temperature of a first walk, from which the bound has its target.
const FIRST_WALK: f64 = 0.05;
const FIRST_WARM: f64 = 0.1;
/// The walk's share of the time that is left.
const WALK_SHARE: f64 = 0.6;
/// Legs of a walk: after each, its parts are joined and parted anew.
const WALK_LEGS: f64 = 60.0;
/// Steps of a leg where the answer must not depend on the clock.
const WALK_STEPS: u64 = 4_096;
/// Groups for each worker, at least, where they work on parts.
const GROUPS_APART: usize = 12;
/// Temperatures at the start and at the end of a walk, in mean costs of an item.
const WARM: f64 = 1.2;
const COLD: f64 = 0.01;

struct Search<'a, S> {
    model: &'a Model,
    stop: &'a Stop,
    clock: Clock,
    best: Option<(f64, Vec<usize>)>,
    bound: f64,
    trace: Vec<Incumbent>,
    watch: &'a mut dyn Watch<S>,
    solution: &'a dyn Fn(&[usize]) -> S,
}

/// Solves the model; `solution` makes the caller's solution of an assignment.
pub fn solve<S>(
    model: &Model,
    stop: &Stop,
    seed: u64,
    warm: Option<Vec<usize>>,
    watch: &mut dyn Watch<S>,
    solution: &dyn Fn(&[usize]) -> S,
) -> Outcome<S> {
    let mut search = Search {
        model,
        stop,
        clock: stop.start(),
        best: None,
        bound: f64::NEG_INFINITY,
        trace: Vec::new(),
        watch,
        solution,
    };
    if let Some(warm) = warm {
        search.offer(warm);
    }
    let mut ascent = Ascent::new(model, stop.threads);
    search.ascend(&mut ascent, 0.0);
    search.wander(&ascent, seed, FIRST_WALK, FIRST_WARM);
    search.ascend(&mut ascent, 0.25);
    let infeasible = search.whole(&ascent) || search.beyond_hope();
    if !infeasible && !search.done() {
        search.wander(&ascent, seed, WALK_SHARE, WARM);
        search.neighbourhoods(&mut ascent, seed);
    }
    search.outcome(infeasible)
}

impl<S> Search<'_, S> {
    fn value(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |b| b.0)
    }

    fn done(&self) -> bool {
        self.clock.over()
            || self
                .best
                .as_ref()
                .is_some_and(|b| relative_gap(b.0, self.bound) <= self.stop.gap.max(0.0))
    }

    fn offer(&mut self, seat_of: Vec<usize>) {
        let value = self.model.price(&seat_of);
        if value < self.value() - 1e-9 {
            self.best = Some((value, seat_of));
            self.report();
        }
    }

    fn raise(&mut self, bound: f64) {
        let bound = self.model.sharpen(bound).min(self.value());
        if bound > self.bound + 1e-9 * bound.abs().max(1.0) {
            self.bound = bound;
            self.report();
        }
    }

    fn report(&mut self) {
        let seconds = self.clock.seconds();
        let objective = self.best.as_ref().map(|b| b.0);
        self.trace.push(Incumbent {
            seconds,
            objective,
            bound: self.bound,
        });
        let solution = self.best.as_ref().map(|b| (self.solution)(&b.1));
        let parts = cost(objective);
        self.watch
            .progress(seconds, solution.as_ref(), &parts, self.bound);
    }

    /// Moves the multipliers for a share of the time, repairing the relaxed solutions on the way.
    fn ascend(&mut self, ascent: &mut Ascent, share: f64) {
        let until = self.clock.seconds() + self.clock.left().as_secs_f64() * share;
        let most = self.stop.steps.map_or(usize::MAX, |s| {
            usize::try_from(s).unwrap_or(usize::MAX).saturating_mul(20)
        });
        for step in 0..most {
            let enough = ascent.spent() || self.clock.seconds() > until;
            if self.done() || (step > 0 && enough) {
                return;
            }
            let target = self.best.as_ref().map(|best| best.0);
            let relaxed = ascent.step(self.model, target);
            self.raise(ascent.best);
            let every = REPAIR_EVERY.max(self.model.items / 5);
            if self.best.is_none() || step % every == every - 1 {
                let repaired = repair::repair(self.model, &relaxed);
                let seats: Vec<usize> = relaxed.takes.iter().map(|t| t.0).collect();
                for mut seat_of in repaired
                    .into_iter()
                    .chain(repair::from_nothing(self.model, &seats))
                {
                    repair::descend(self.model, &ascent.near, &mut seat_of);
                    self.offer(seat_of);
                }
            }
        }
    }

    /// The whole model, less what the bound has fixed, where it is small enough (or nothing else has found a solution).
    /// True if it is proven that there is no solution.
    fn whole(&mut self, ascent: &Ascent) -> bool {
        if self.done() {
            return false;
        }
        let model = self.model;
        let closed = ascent.closed(model, self.value());
        let seats: Vec<usize> = (0..model.seats).filter(|&s| !closed[s]).collect();
        if self.best.is_some() && seats.len() * model.items > WHOLE_PAIRS {
            return false;
        }
        let items: Vec<usize> = (0..model.items).collect();
        let room: Vec<u32> = seats.iter().map(|&s| model.capacity[s]).collect();
        let start = self.best.as_ref().map(|b| b.1.clone());
        // A start that uses a closed seat cannot be given; it is kept all the same.
        let start = start.filter(|s| s.iter().all(|seat| !closed[*seat]));
        let part = Part {
            items: &items,
            seats: &seats,
            open: model.open,
            room: &room,
            start: start.as_deref(),
            reach: f64::INFINITY,
        };
        let share = if model.items <= 120 { 0.9 } else { 0.5 };
        let answer = exact::solve(
            model,
            &part,
            &self.clock,
            self.limits(self.clock.left().as_secs_f64() * share, 50_000),
        );
        let Answer {
            seat_of,
            bound,
            optimal,
            infeasible,
        } = answer;
        if let Some(seat_of) = seat_of {
            self.offer(seat_of);
        }
        if infeasible {
            // Nothing beats the incumbent, for all that was left out is no better either.
            self.raise(self.value());
            return self.best.is_none();
        }
        self.raise(if optimal {
            self.value().min(bound)
        } else {
            bound.min(self.value())
        });
        false
    }

    /// Items that weigh more than all seats together can hold, or more than any of them.
    fn beyond_hope(&self) -> bool {
        let model = self.model;
        self.best.is_none()
            && (0..model.items)
                .any(|i| (0..model.seats).all(|s| model.weight(s, i) > model.capacity[s]))
    }

    fn limits(&self, seconds: f64, nodes: i32) -> Limits {
        Limits {
            seconds,
            gap: 0.0,
            nodes: self.stop.steps.map(|_| nodes),
        }
    }

    /// Walks from the best solution for a share of the time, on parts of it side by side where it is large.
    fn wander(&mut self, ascent: &Ascent, seed: u64, share: f64, warm: f64) {
        let (Some((value, start)), true) = (self.best.clone(), self.model.open.is_some()) else {
            return;
        };
        let mean = value / self.model.items as f64;
        let began = self.clock.seconds();
        let time = self.clock.left().as_secs_f64() * share;
        let most = self
            .stop
            .steps
            .map(|steps| steps.saturating_mul(WALK_STEPS).max(1));
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut now = start;
        let mut steps = 0u64;
        while !self.done() {
            let gone = match most {
                Some(most) => steps as f64 / most as f64,
                None => (self.clock.seconds() - began) / time,
            };
            if gone >= 1.0 {
                break;
            }
            let temperature = mean * warm * (COLD / warm).powf(gone);
            let until = if most.is_some() {
                f64::INFINITY
            } else {
                self.clock.seconds() + (time / WALK_LEGS).clamp(0.05, 2.0)
            };
            let next = self.leg(ascent, &now, temperature, until, &mut random);
            steps += WALK_STEPS;
            now = next;
            self.offer(now.clone());
        }
    }

    /// One leg of the walk.
    fn leg(
        &self,
        ascent: &Ascent,
        now: &[usize],
        temperature: f64,
        until: f64,
        random: &mut Pcg64Mcg,
    ) -> Vec<usize> {
        let model = self.model;
        let used = Model::used(now);
        let threads = self.stop.threads.max(1);
        // Each worker has the seats nearest to its pole; or where there are few, all of them.
        let apart = used.len() >= threads * GROUPS_APART;
        let mut poles = vec![used[random.random_range(0..used.len())]];
        while poles.len() < threads {
            let far = used.iter().copied().max_by(|&a, &b| {
                let from = |seat| {
                    let costs = poles.iter().map(|&pole| model.cost(pole, seat));
                    costs.fold(f64::INFINITY, f64::min)
                };
                from(a).total_cmp(&from(b))
            });
            poles.extend(far);
        }
        let side = |seat: usize| {
            let costs = poles.iter().map(|&pole| model.cost(pole, seat)).enumerate();
            costs
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .map_or(0, |(at, _)| at)
        };
        let seeds: Vec<u64> = (0..threads).map(|_| random.random()).collect();
        let clock = &self.clock;
        let walked = bound::each(threads, |worker| {
            let own = |seat| !apart || side(seat) == worker;
            let mut walk = Walk::new(model, &ascent.near, now, own, seeds[worker]);
            let mut steps = 0;
            while !walk.is_empty() && steps < WALK_STEPS && !clock.over() {
                for _ in 0..64 {
                    walk.step(temperature);
                }
                steps += if until.is_finite() { 0 } else { 64 };
                if clock.seconds() > until {
                    break;
                }
            }
            walk.seat_of
        });
        if apart {
            let mut next = now.to_vec();
            for (worker, seat_of) in walked.iter().enumerate() {
                for (item, seat) in seat_of.iter().enumerate() {
                    if side(now[item]) == worker {
                        next[item] = *seat;
                    }
                }
            }
            next
        } else {
            let price = |seat_of: &Vec<usize>| model.price(seat_of);
            let best = walked
                .into_iter()
                .min_by(|a, b| price(a).total_cmp(&price(b)));
            best.unwrap_or_else(|| now.to_vec())
        }
    }

    /// Solves neighbourhoods of adjacent seats again, until time is up; now and then the bound gets its turn.
    fn neighbourhoods(&mut self, ascent: &mut Ascent, seed: u64) {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut steps = 0u64;
        let mut size = NEIGHBOURHOOD;
        while !self.done() && self.stop.steps.is_none_or(|most| steps < most) {
            let Some((value, seat_of)) = self.best.clone() else {
                return;
            };
            steps += 1;
            if steps.is_multiple_of(12) {
                ascent.restart(0.5);
                self.ascend(ascent, 0.04);
            }
            let (items, seats) = self.neighbourhood(&seat_of, size, &mut random);
            let used = Model::used(&seat_of);
            let inside: Vec<usize> = seats
                .iter()
                .copied()
                .filter(|s| used.binary_search(s).is_ok())
                .collect();
            let room: Vec<u32> = seats.iter().map(|&s| self.model.capacity[s]).collect();
            let start: Vec<usize> = items.iter().map(|&i| seat_of[i]).collect();
            let part = Part {
                items: &items,
                seats: &seats,
                open: self.model.open.map(|_| inside.len()),
                room: &room,
                start: Some(&start),
                reach: f64::INFINITY,
            };
            let answer = exact::solve(
                self.model,
                &part,
                &self.clock,
                self.limits(NEIGHBOURHOOD_SECONDS, NEIGHBOURHOOD_NODES),
            );
            if let Some(found) = answer.seat_of {
                let mut next = seat_of;
                for (&item, seat) in items.iter().zip(found) {
                    next[item] = seat;
                }
                if self.model.price(&next) < value - 1e-9 {
                    repair::descend(self.model, &ascent.near, &mut next);
                    self.offer(next);
                }
            }
            // Neighbourhoods that are not solved in time are too large, those that are may grow.
            size = if answer.optimal {
                (size + 2).min(3 * NEIGHBOURHOOD)
            } else {
                (size * 9 / 10).max(24)
            };
        }
    }

    /// Some seat in use with the seats in use nearest to it (in the cost of exchanging items), their items, and, where
    /// seats are chosen, the seats among which they may move.
    fn neighbourhood(
        &self,
        seat_of: &[usize],
        size: usize,
        random: &mut Pcg64Mcg,
    ) -> (Vec<usize>, Vec<usize>) {
        let model = self.model;
        let used = Model::used(seat_of);
        let centre = used[random.random_range(0..used.len())];
        let members: Vec<usize> = (0..model.items).filter(|&i| seat_of[i] == centre).collect();
        let mut near: Vec<(f64, usize)> = used
            .iter()
            .filter(|&&s| s != centre)
            .map(|&s| {
                // What it costs to bring the centre's items here, a little shuffled so that neighbourhoods differ.
                let cost: f64 = members.iter().map(|&i| model.cost(s, i)).sum();
                (cost * (1.0 + 0.3 * random.random::<f64>()), s)
            })
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut seats = vec![centre];
        let mut items = members;
        for (_, seat) in near {
            let more: Vec<usize> = (0..model.items).filter(|&i| seat_of[i] == seat).collect();
            if seats.len() >= 2 && items.len() + more.len() > size {
                break;
            }
            seats.push(seat);
            items.extend(more);
        }
        items.sort_unstable();
        if model.open.is_some() {
            // A point may be a seat: the items' own points, unless another group's seat stands there.
            seats.extend(
                items
                    .iter()
                    .copied()
                    .filter(|i| *i < model.seats && used.binary_search(i).is_err()),
            );
            seats.sort_unstable();
            seats.dedup();
        }
        (items, seats)
    }

    fn outcome(self, infeasible: bool) -> Outcome<S> {
        let objective = self.best.as_ref().map(|b| b.0);
        let gap = objective.map(|o| relative_gap(o, self.bound));
        let status = match (objective, gap) {
            (Some(_), Some(gap)) if gap <= 1e-9 => Status::Optimal,
            (Some(_), _) => Status::Feasible,
            (None, _) if infeasible => Status::Infeasible,
            (None, _) => Status::Unknown,
        };
        Outcome {
            status,
            solution: self.best.as_ref().map(|b| (self.solution)(&b.1)),
            objective,
            parts: cost(objective),
            bound: self.bound,
            gap,
            proof: Words::new(
                "拉格朗日松弛（逐座位精确背包）与 HiGHS 分支定界所得下界中的较大者",
                "the larger of the Lagrangian bound (exact knapsacks per seat) and the bound of HiGHS's branch and bound",
            ),
            trace: self.trace,
            conflicts: Vec::new(),
            seconds: self.clock.seconds(),
        }
    }
}

fn cost(objective: Option<f64>) -> Vec<Cost> {
    objective
        .map(|minutes| Cost {
            name: "cost".to_owned(),
            minutes,
        })
        .into_iter()
        .collect()
}
