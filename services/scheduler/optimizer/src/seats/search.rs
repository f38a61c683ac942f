//! The search: bound and repair first, then walks whose groups are put together anew, then HiGHS on what is left.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Model;
use super::bound::{self, Ascent};
use super::polish::{Core, NEIGHBOURHOOD_NODES};
use super::pool::Pool;
use super::repair;
use super::walk::Walk;
use crate::{Clock, Incumbent, Outcome, Part as Cost, Status, Stop, Watch, Words, relative_gap};

/// Up to so many pairs, or so many for each item, nothing but the whole and its parts is tried.
const FEW_PAIRS: usize = 4_000;
const FEW_PAIRS_EACH: usize = 16;
/// Relaxed solutions are repaired after so many steps of the bound.
const REPAIR_EVERY: usize = 10;
/// Share of the time and temperature of a first walk, from which the bound has its target.
const FIRST_WALK: f64 = 0.05;
const FIRST_WARM: f64 = 0.03;
/// The walk's share of the time that is left.
const WALK_SHARE: f64 = 0.7;
/// Walks one after another: their groups are put together anew after each.
const WALKS: u64 = 4;
/// Share of the time that is left for putting them together.
const RECOMBINE_SHARE: f64 = 0.1;
/// Legs of a walk: after each, its parts are joined and parted anew.
const WALK_LEGS: f64 = 60.0;
/// Steps of a leg where the answer must not depend on the clock.
const WALK_STEPS: u64 = 4_096;
/// Groups for each worker, at least, where they work on parts.
const GROUPS_APART: usize = 12;
/// Temperatures at the start and at the end of a walk, in mean costs of an item times this power of a group's mean size: what
/// a step changes grows less than the group.
const GROUP_POWER: f64 = 0.7;
const WARM: f64 = 0.4;
const COLD: f64 = 0.0033;

/// A search under way.
pub struct Search<'a, S> {
    /// What is solved.
    pub model: &'a Model,
    /// When it ends.
    pub stop: &'a Stop,
    /// Its clock.
    pub clock: Clock,
    /// The best solution and its value.
    pub best: Option<(f64, Vec<usize>)>,
    bound: f64,
    pool: Pool,
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
        pool: Pool::default(),
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
    let mut infeasible = search.beyond_hope();
    if !infeasible && !search.done() {
        let core = Core::new(model, &ascent);
        for round in 0..if model.open.is_some() { WALKS } else { 0 } {
            // Where the bound leaves little open, that is solved at once.
            let open = core.pairs(core.reach(model, search.value()));
            if open <= FEW_PAIRS.max(FEW_PAIRS_EACH * model.items) || search.done() {
                break;
            }
            let share = WALK_SHARE / (WALKS as f64 - WALK_SHARE * round as f64);
            search.wander(&ascent, seed.wrapping_add(round), share, WARM);
            search.recombine(&ascent);
        }
        infeasible = search.polish(&ascent, &core, seed);
    }
    search.outcome(infeasible)
}

impl<S> Search<'_, S> {
    /// The best value; infinite while there is none.
    pub fn value(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |b| b.0)
    }

    /// Whether time is up or the gap small enough.
    pub fn done(&self) -> bool {
        self.clock.over()
            || self
                .best
                .as_ref()
                .is_some_and(|b| relative_gap(b.0, self.bound) <= self.stop.gap.max(0.0))
    }

    /// Takes over a solution if it is better.
    pub fn offer(&mut self, seat_of: Vec<usize>) {
        let value = self.model.price(&seat_of);
        if value < self.value() - 1e-9 {
            self.best = Some((value, seat_of));
            self.report();
        }
    }

    /// Takes over a bound if it is better.
    pub fn raise(&mut self, bound: f64) {
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

    /// Items that weigh more than all seats together can hold, or more than any of them.
    fn beyond_hope(&self) -> bool {
        let model = self.model;
        self.best.is_none()
            && (0..model.items)
                .any(|i| (0..model.seats).all(|s| model.weight(s, i) > model.capacity[s]))
    }

    /// Walks from the best solution for a share of the time, on parts of it side by side where it is large.
    fn wander(&mut self, ascent: &Ascent, seed: u64, share: f64, warm: f64) {
        let (Some((value, start)), true) = (self.best.clone(), self.model.open.is_some()) else {
            return;
        };
        let open = self.model.open.unwrap_or(self.model.seats).max(1);
        let scale = value / self.model.items as f64
            * (self.model.items as f64 / open as f64).powf(GROUP_POWER);
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
            let temperature = scale * warm * (COLD / warm).powf(gone);
            let until = if most.is_some() {
                f64::INFINITY
            } else {
                self.clock.seconds() + (time / WALK_LEGS).clamp(0.05, 2.0)
            };
            let next = self.leg(ascent, &now, temperature, until, &mut random);
            steps += WALK_STEPS;
            now = next;
            self.pool.add(self.model, &now);
            self.offer(now.clone());
        }
    }

    /// Puts the groups of all walks together anew.
    fn recombine(&mut self, ascent: &Ascent) {
        let Some((value, best)) = self.best.clone() else {
            return;
        };
        self.pool.add(self.model, &best);
        self.pool.prune(ascent, self.model, value - ascent.best);
        let seconds = self.clock.left().as_secs_f64() * RECOMBINE_SHARE;
        let limits = self.limits(seconds, NEIGHBOURHOOD_NODES);
        let found = self.pool.recombine(self.model, &best, &self.clock, limits);
        if let Some(mut found) = found {
            repair::descend(self.model, &ascent.near, &mut found);
            self.offer(found);
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
            changes: None,
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
