//! The search: bound and repair first, then either everything at once, or one neighbourhood after another.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Model;
use super::bound::{self, Ascent};
use super::exact::{self, Answer, Part};
use super::pool::Pool;
use super::repair;
use super::walk::Walk;
use crate::mip::Limits;
use crate::{Clock, Incumbent, Outcome, Part as Cost, Status, Stop, Watch, Words, relative_gap};

/// Up to so many pairs the compact model goes to HiGHS whole.
const WHOLE_PAIRS: usize = 12_000;
/// Up to so many pairs, or so many for each item, nothing but the whole and its parts is tried.
const FEW_PAIRS: usize = 4_000;
const FEW_PAIRS_EACH: usize = 16;
/// Items of a neighbourhood: what HiGHS solves in about a second.
const NEIGHBOURHOOD: usize = 70;
/// Pairs for each item of the first core; the next has twice as many.
const CORE_PAIRS: usize = 4;
/// Share of the time that is left for one core.
const CORE_SHARE: f64 = 0.3;
/// Pairs for each item in a neighbourhood, on the whole: few for far ones, many for near ones.
const DENSITIES: [usize; 3] = [4, 12, 48];
/// Seconds for one neighbourhood.
const NEIGHBOURHOOD_SECONDS: f64 = 1.5;
/// Nodes for one neighbourhood where the answer must not depend on the clock.
const NEIGHBOURHOOD_NODES: i32 = 200;

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

struct Search<'a, S> {
    model: &'a Model,
    stop: &'a Stop,
    clock: Clock,
    best: Option<(f64, Vec<usize>)>,
    bound: f64,
    pool: Pool,
    trace: Vec<Incumbent>,
    watch: &'a mut dyn Watch<S>,
    solution: &'a dyn Fn(&[usize]) -> S,
}

/// A part of the model for HiGHS.
struct Job {
    items: Vec<usize>,
    seats: Vec<usize>,
    open: Option<usize>,
    start: Option<Vec<usize>>,
    /// Pairs with higher penalties are left out.
    reach: f64,
    limits: Limits,
    kind: Kind,
}

/// What a part is of the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// All of it but for what costs at least so much.
    Whole { beaten: f64 },
    /// Its most promising pairs.
    Core,
    /// A few seats beside each other.
    Neighbourhood { which: usize },
}

impl Kind {
    fn is_near(self) -> bool {
        matches!(self, Self::Neighbourhood { .. })
    }
}

impl Job {
    fn solve(&self, model: &Model, core: &Core, clock: &Clock) -> Answer {
        let room: Vec<u32> = self.seats.iter().map(|&s| model.capacity[s]).collect();
        let part = Part {
            items: &self.items,
            seats: &self.seats,
            open: self.open,
            room: &room,
            start: self.start.as_deref(),
            keeps: &|seat, item| core.penalty(model, seat, item) < self.reach,
        };
        exact::solve(model, &part, clock, self.limits)
    }
}

/// What the bound says about each pair.
struct Core {
    /// How much above the bound a solution is that uses it, at least.
    penalties: Vec<f32>,
    bound: f64,
}

impl Core {
    fn penalty(&self, model: &Model, seat: usize, item: usize) -> f64 {
        // Less what rounding may have added.
        f64::from(self.penalties[seat * model.items + item]) * (1.0 - 1e-6)
    }

    /// The penalty above which a pair is in no solution better than one of this value.
    fn reach(&self, model: &Model, value: f64) -> f64 {
        let better = if model.whole { value - 1.0 } else { value };
        better - self.bound + 1e-6 * value.abs().max(1.0)
    }

    /// How many pairs are below a penalty.
    fn pairs(&self, reach: f64) -> usize {
        let below = |penalty: &&f32| f64::from(**penalty) < reach;
        self.penalties.iter().filter(below).count()
    }

    /// The penalty below which there are so many pairs.
    fn reach_of(&self, pairs: usize) -> f64 {
        let mut penalties = self.penalties.clone();
        let at = pairs.min(penalties.len().saturating_sub(1));
        if penalties.is_empty() {
            return 0.0;
        }
        f64::from(*penalties.select_nth_unstable_by(at, f32::total_cmp).1)
    }
}

/// Which parts come next.
struct Agenda {
    random: Pcg64Mcg,
    /// Pairs of the next core.
    core: usize,
    /// The value from which the whole was last tried.
    whole: Option<f64>,
    /// Kinds of neighbourhoods: the penalty above which pairs are left out, and about how many items one has.
    kinds: Vec<(f64, usize)>,
    tried: u64,
    /// What each worker is at work on.
    busy: Vec<(usize, Kind, Vec<usize>)>,
}

impl Agenda {
    /// Those that are not solved in time are too large, those that are may grow.
    fn learn(&mut self, which: usize, optimal: bool) {
        if let Some((_, size)) = self.kinds.get_mut(which) {
            *size = if optimal {
                *size * 11 / 10 + 1
            } else {
                (*size * 9 / 10).max(24)
            };
        }
    }
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
        let core = Core {
            penalties: ascent.penalties(model),
            bound: ascent.best,
        };
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

    /// The whole model, less the pairs that are in no better solution, where it is small enough (or nothing else has found a
    /// solution), or else the most promising pairs.
    fn whole(&self, core: &Core, agenda: &mut Agenda) -> Option<Job> {
        let model = self.model;
        let value = self.value();
        if agenda.whole.is_some_and(|tried| value >= tried)
            || agenda.busy.iter().any(|(_, kind, _)| !kind.is_near())
        {
            return None;
        }
        let exact = core.reach(model, value);
        let pairs = core.pairs(exact);
        let (kind, reach, seconds) =
            if self.best.is_none() || pairs <= 2 * agenda.core && pairs <= WHOLE_PAIRS {
                agenda.whole = Some(value);
                // Beside others it may take its time.
                let share = if self.stop.threads > 1 || model.items <= 120 {
                    0.9
                } else {
                    0.5
                };
                (Kind::Whole { beaten: value }, exact, share)
            } else if agenda.core <= WHOLE_PAIRS.min(pairs) {
                let reach = core.reach_of(agenda.core);
                agenda.core *= 2;
                (Kind::Core, reach, CORE_SHARE)
            } else {
                return None;
            };
        let start = self.best.as_ref().map(|best| best.1.clone());
        let used = start.as_deref().map(Model::used).unwrap_or_default();
        let seats = (0..model.seats).filter(|&seat| {
            used.binary_search(&seat).is_ok()
                || (0..model.items).any(|item| core.penalty(model, seat, item) < reach)
        });
        Some(Job {
            items: (0..model.items).collect(),
            seats: seats.collect(),
            open: model.open,
            start,
            reach,
            limits: self.limits(self.clock.left().as_secs_f64() * seconds, 50_000),
            kind,
        })
    }

    /// Solves the whole and one neighbourhood after another until time is up, as many at once as there are threads. True if
    /// it is proven that there is no solution.
    fn polish(&mut self, ascent: &Ascent, core: &Core, seed: u64) -> bool {
        let model = self.model;
        let workers = self.stop.threads.max(1);
        let (clock, canceller) = self.clock.branch();
        let mut agenda = Agenda {
            random: Pcg64Mcg::seed_from_u64(seed),
            core: CORE_PAIRS * model.items,
            whole: None,
            kinds: DENSITIES
                .iter()
                .map(|pairs| (core.reach_of(pairs * model.items), NEIGHBOURHOOD))
                .collect(),
            tried: 0,
            busy: Vec::new(),
        };
        thread::scope(|scope| {
            let (answers, answered) = channel();
            let desks: Vec<Sender<Job>> = (0..workers)
                .map(|worker| {
                    let (desk, jobs) = channel::<Job>();
                    let (answers, clock) = (answers.clone(), clock.clone());
                    scope.spawn(move || {
                        for job in jobs {
                            let answer = job.solve(model, core, &clock);
                            if answers.send((worker, job, answer)).is_err() {
                                return;
                            }
                        }
                    });
                    desk
                })
                .collect();
            let mut idle: Vec<usize> = (0..workers).rev().collect();
            loop {
                while let (false, Some(&worker)) = (self.done(), idle.last()) {
                    let job = self.whole(core, &mut agenda);
                    let Some(job) = job.or_else(|| self.near(core, &mut agenda)) else {
                        break;
                    };
                    agenda.busy.push((worker, job.kind, job.seats.clone()));
                    if desks[worker].send(job).is_err() {
                        return false;
                    }
                    idle.pop();
                }
                if self.done() {
                    canceller.cancel();
                }
                if idle.len() == workers {
                    return false;
                }
                let Ok((worker, job, answer)) = answered.recv() else {
                    return false;
                };
                idle.push(worker);
                agenda.busy.retain(|(by, _, _)| *by != worker);
                match job.kind {
                    Kind::Whole { beaten } => {
                        if let Some(seat_of) = answer.seat_of {
                            self.offer(seat_of);
                        }
                        if answer.infeasible && self.best.is_none() {
                            return true;
                        }
                        // What was left out is no better than what there was then.
                        self.raise(if answer.infeasible {
                            beaten
                        } else {
                            answer.bound.min(beaten)
                        });
                    }
                    Kind::Core => self.take_over(ascent, &job, answer.seat_of),
                    Kind::Neighbourhood { which } => {
                        agenda.learn(which, answer.optimal);
                        self.take_over(ascent, &job, answer.seat_of);
                    }
                }
            }
        })
    }

    /// The next neighbourhood that none is at work on, if steps are left.
    fn near(&self, core: &Core, agenda: &mut Agenda) -> Option<Job> {
        let (value, seat_of) = self.best.as_ref()?;
        if self.stop.steps.is_some_and(|most| agenda.tried >= most) {
            return None;
        }
        let used = Model::used(seat_of);
        let busy: Vec<usize> = agenda
            .busy
            .iter()
            .filter(|(_, kind, _)| kind.is_near())
            .flat_map(|(_, _, seats)| seats.iter().copied())
            .collect();
        let which = agenda.random.random_range(0..agenda.kinds.len());
        let (reach, size) = agenda.kinds[which];
        let (items, seats) = (0..8)
            .map(|_| self.neighbourhood(seat_of, size, &mut agenda.random))
            .find(|(_, seats)| seats.iter().all(|seat| !busy.contains(seat)))?;
        agenda.tried += 1;
        let inside = seats
            .iter()
            .filter(|s| used.binary_search(s).is_ok())
            .count();
        Some(Job {
            open: self.model.open.map(|_| inside),
            start: Some(items.iter().map(|&item| seat_of[item]).collect()),
            items,
            seats,
            reach: reach.min(core.reach(self.model, *value)),
            limits: self.limits(NEIGHBOURHOOD_SECONDS, NEIGHBOURHOOD_NODES),
            kind: Kind::Neighbourhood { which },
        })
    }

    /// Takes over what a part has gained: a neighbourhood if its items still sit where they sat, all if it is better.
    fn take_over(&mut self, ascent: &Ascent, job: &Job, found: Option<Vec<usize>>) {
        let (Some(found), Some((value, seat_of)), Some(start)) = (found, &self.best, &job.start)
        else {
            return;
        };
        let moved = |(&item, &seat): (&usize, &usize)| seat_of[item] != seat;
        if job.items.len() < self.model.items && job.items.iter().zip(start).any(moved) {
            return;
        }
        let mut next = seat_of.clone();
        for (&item, seat) in job.items.iter().zip(found) {
            next[item] = seat;
        }
        if self.model.price(&next) < value - 1e-9 {
            repair::descend(self.model, &ascent.near, &mut next);
            self.offer(next);
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
