//! What HiGHS does at the end, a part of the model for each thread: the whole, its most promising pairs, neighbourhoods.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Model;
use super::bound::Ascent;
use super::exact::{self, Answer, Part};
use super::repair;
use super::search::Search;
use crate::Clock;
use crate::mip::Limits;

/// Up to so many pairs the compact model goes to HiGHS whole.
const WHOLE_PAIRS: usize = 12_000;
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
pub const NEIGHBOURHOOD_NODES: i32 = 200;

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
pub struct Core {
    /// How much above the bound a solution is that uses it, at least.
    penalties: Vec<f32>,
    bound: f64,
}

impl Core {
    /// From the best bound.
    pub fn new(model: &Model, ascent: &Ascent) -> Self {
        Self {
            penalties: ascent.penalties(model),
            bound: ascent.best,
        }
    }

    fn penalty(&self, model: &Model, seat: usize, item: usize) -> f64 {
        // Less what rounding may have added.
        f64::from(self.penalties[seat * model.items + item]) * (1.0 - 1e-6)
    }

    /// The penalty above which a pair is in no solution better than one of this value.
    pub fn reach(&self, model: &Model, value: f64) -> f64 {
        let better = if model.whole { value - 1.0 } else { value };
        better - self.bound + 1e-6 * value.abs().max(1.0)
    }

    /// How many pairs are below a penalty.
    pub fn pairs(&self, reach: f64) -> usize {
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

impl<S> Search<'_, S> {
    /// Limits of a program; of its nodes where the answer must not depend on the clock.
    pub fn limits(&self, seconds: f64, nodes: i32) -> Limits {
        Limits {
            seconds,
            gap: 0.0,
            nodes: self.stop.steps.map(|_| nodes),
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
    pub fn polish(&mut self, ascent: &Ascent, core: &Core, seed: u64) -> bool {
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
}
