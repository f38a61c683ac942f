//! The solve: conflicts first, then a bound, then a plan and its improvement.

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::book::Book;
use super::data::{Solution, Visit};
use super::problem::{Problem, visit_id};
use super::{bound, check, conflict, current, price, units};
use crate::{Clock, Conflict, Incumbent, Outcome, Part, Status, Stop, Watch, Words, relative_gap};

/// Steps of annealing, at the most: some, and some more for each series and job.
const STEPS: u64 = 5_000;
const STEPS_EACH: u64 = 250;
/// First and last temperature, in minutes.
const WARM: f64 = 15.0;
const COLD: f64 = 0.5;
/// Share of steps that place a job together with the routine visits of its team. Without them weeks that are full of routine
/// visits stay so, and the demo county's year ends 3 % higher after 20 s.
const ESCORTS: f64 = 0.7;
/// The nearest among whom a job's team is looked for together with their routine visits.
const ESCORT: usize = 8;
/// How often the clock is looked at while a solve waits for the bound.
const LOOK: Duration = Duration::from_millis(50);
/// Improvements smaller than this, in minutes, are none.
const WORTH: f64 = 1e-6;

/// Plans the year.
///
/// `warm` is an earlier or an edited plan to start from; without it the search starts from the plan in force, or from
/// nothing. What of it breaks no rule is kept at first. A plan is only ever given back if [`check`] finds nothing wrong
/// with it.
///
/// A step is one series, one job or one small group of them taken out and put back.
pub fn solve(
    problem: &Problem,
    stop: &Stop,
    seed: u64,
    warm: Option<&Solution>,
    watch: &mut dyn Watch<Solution>,
) -> Outcome<Solution> {
    let mut run = Run {
        problem,
        stop,
        clock: stop.start(),
        watch,
        bound: 0.0,
        bounded: false,
        best: None,
        trace: Vec::new(),
        beside: None,
    };
    let conflicts = conflict::find(problem);
    if !conflicts.is_empty() {
        return run.outcome(conflicts);
    }
    let visits = warm.map_or(&problem.data().current, |warm| &warm.visits);
    let mut book = constructed(problem, visits, &run.clock);
    run.offer(&book);
    let mut walk = Walk::new(problem, stop, &run.clock, seed);
    if stop.threads > 1 && stop.steps.is_none() {
        run.side_by_side(walk, &mut book, visits);
    } else {
        run.raise(bound::find(problem, &run.clock));
        walk.improve(&mut book, &mut run);
    }
    run.outcome(Vec::new())
}

/// A book with what is legal of some visits, and places for everything else.
fn constructed<'p>(problem: &'p Problem, visits: &[Visit], clock: &Clock) -> Book<'p> {
    let mut book = Book::new(problem);
    take(&mut book, visits);
    construct(&mut book, clock);
    book
}

/// Puts what is legal of a plan into an empty book.
fn take(book: &mut Book<'_>, visits: &[Visit]) {
    let problem = book.problem;
    let data = problem.data();
    let by_id: HashMap<&str, &Visit> = visits.iter().map(|v| (v.id.as_str(), v)).collect();
    let who: HashMap<&str, usize> = data
        .supervisors
        .iter()
        .enumerate()
        .map(|(k, s)| (s.id.as_str(), k))
        .collect();
    let read = |id: &str| -> Option<(usize, Vec<usize>)> {
        let visit = by_id.get(id)?;
        let day = problem.days.binary_search(&visit.date).ok()?;
        let team = visit.team.iter().map(|k| who.get(k.as_str()).copied());
        let mut team: Vec<usize> = team.collect::<Option<_>>()?;
        team.get_mut(1..)?.sort_unstable();
        Some((day, team))
    };
    for (s, series) in problem.series.iter().enumerate() {
        let (item, school) = (&data.items[series.item], &data.schools[series.school].id);
        let rounds = series.numbers.iter().map(|&n| {
            let (day, team) = read(&visit_id(item, school, n))?;
            (team.len() == 1).then_some((day, team[0]))
        });
        if let Some(rounds) = rounds.collect::<Option<Vec<_>>>() {
            book.take_series(s, &rounds);
        }
    }
    for (j, job) in problem.jobs.iter().enumerate() {
        if let Some((day, team)) = read(&job.id) {
            book.take_job(j, day, &team);
        }
    }
}

/// A series or a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Series(usize),
    Job(usize),
}

/// A solution with its price.
struct Best {
    solution: Solution,
    parts: Vec<Part>,
    objective: f64,
}

/// Places whatever lacks a place, the rhythm of each supervisor first, then the most urgent and confined teams.
fn construct(book: &mut Book<'_>, clock: &Clock) {
    let p = book.problem;
    for k in 0..p.present.len() {
        let of = |s: &usize| p.own[p.series[*s].school] == k;
        let own: Vec<usize> = (0..p.series.len()).filter(of).collect();
        let (placed, open): (Vec<usize>, Vec<usize>) = own
            .into_iter()
            .partition(|&s| book.plan.series[s].is_some());
        if placed.is_empty() {
            book.arrange(&open);
        } else {
            for s in open {
                put(book, Thing::Series(s));
            }
        }
        if clock.over() {
            return;
        }
    }
    let mut jobs: Vec<usize> = (0..p.jobs.len())
        .filter(|&j| book.plan.jobs[j].is_none())
        .collect();
    let risk = |j: usize| p.jobs[j].urgency.iter().map(|u| u.0).sum::<f64>();
    jobs.sort_by(|&a, &b| {
        let narrow = |j: usize| p.jobs[j].window.len() / 20;
        narrow(a)
            .cmp(&narrow(b))
            .then(risk(b).total_cmp(&risk(a)))
            .then(a.cmp(&b))
    });
    for j in jobs {
        put(book, Thing::Job(j));
        if clock.over() {
            return;
        }
    }
}

/// What is found beside the walk.
enum Beside {
    /// No plan costs less.
    Bound(f64),
    /// A plan of another walk.
    Plan(Solution),
}

/// A solve under way.
struct Run<'a> {
    problem: &'a Problem,
    stop: &'a Stop,
    clock: Clock,
    watch: &'a mut dyn Watch<Solution>,
    bound: f64,
    /// Whether the bound has been looked for.
    bounded: bool,
    best: Option<Best>,
    trace: Vec<Incumbent>,
    /// What comes from the thread beside, if there is one.
    beside: Option<Receiver<Beside>>,
}

/// Who commands a walk.
trait Guide {
    /// Whether it is time to end.
    fn over(&mut self) -> bool;
    /// Hears of a plan that is better than those before it on this walk, or as good.
    fn offer(&mut self, book: &Book<'_>);
}

impl Run<'_> {
    /// Walks here, while a thread beside proves the bound and then walks from another seed.
    fn side_by_side(&mut self, mut walk: Walk<'_>, book: &mut Book<'_>, visits: &[Visit]) {
        let (clock, beside) = self.clock.branch();
        let (tell, told) = mpsc::channel();
        let mut other = walk.other(&clock);
        let problem = self.problem;
        thread::scope(|scope| {
            scope.spawn(move || {
                // Nobody listens any more where the solve was stopped.
                let bound = bound::find(problem, &clock);
                tell.send(Beside::Bound(bound)).unwrap_or_default();
                let mut book = constructed(problem, visits, &clock);
                let mut messenger = Messenger {
                    least: f64::INFINITY,
                    clock,
                    tell,
                };
                other.improve(&mut book, &mut messenger);
            });
            self.beside = Some(told);
            walk.improve(book, self);
            // Where there is nothing left to try, the rest of the time is the bound's.
            while !self.bounded && !self.clock.over() && self.hear(LOOK) {}
            beside.cancel();
        });
        while self.hear(Duration::ZERO) {}
    }

    /// Takes what comes from the thread beside, waiting for it so long; false if there will be no more.
    fn hear(&mut self, patience: Duration) -> bool {
        let Some(beside) = &self.beside else {
            return false;
        };
        match beside.recv_timeout(patience) {
            Ok(Beside::Bound(bound)) => self.raise(bound),
            Ok(Beside::Plan(solution)) => self.propose(solution),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.beside = None,
        }
        self.beside.is_some()
    }

    /// Takes the bound.
    fn raise(&mut self, bound: f64) {
        let best = self.best.as_ref();
        let most = best.map_or(f64::INFINITY, |best| best.objective);
        self.bound = bound.min(most);
        self.bounded = true;
        let seconds = self.clock.seconds();
        let parts = best.map_or(&[][..], |best| &best.parts);
        let solution = best.map(|best| &best.solution);
        self.watch.progress(seconds, solution, parts, self.bound);
        self.trace.push(Incumbent {
            seconds,
            objective: best.map(|best| best.objective),
            bound: self.bound,
        });
    }

    /// Keeps a whole plan if it is better than the best and breaks no rule, and tells.
    fn propose(&mut self, solution: Solution) {
        let parts = price::price(self.problem, &solution);
        let objective: f64 = parts.iter().map(|part| part.minutes).sum();
        let better = self
            .best
            .as_ref()
            .is_none_or(|b| objective < b.objective - WORTH);
        if !better || !check::check(self.problem, &solution).is_empty() {
            return;
        }
        self.bound = self.bound.min(objective);
        let seconds = self.clock.seconds();
        self.watch
            .progress(seconds, Some(&solution), &parts, self.bound);
        self.trace.push(Incumbent {
            seconds,
            objective: Some(objective),
            bound: self.bound,
        });
        self.best = Some(Best {
            solution,
            parts,
            objective,
        });
    }

    fn outcome(self, conflicts: Vec<Conflict>) -> Outcome<Solution> {
        let gap = self
            .best
            .as_ref()
            .map(|b| relative_gap(b.objective, self.bound));
        let status = match gap {
            _ if !conflicts.is_empty() => Status::Infeasible,
            None => Status::Unknown,
            Some(gap) if gap <= 1e-9 => Status::Optimal,
            Some(_) => Status::Feasible,
        };
        let proof = if conflicts.is_empty() {
            Words::new(
                "分项相加：日常督导用最省的单校或双校行程覆盖（整数规划），督导组的行程、等待与高峰按周按人放松分配（线性规划）",
                "part by part: routine visits covered by the cheapest trips to one school or two (integer program), travel of teams, waiting and peaks by a relaxed allocation to weeks and people (linear program)",
            )
        } else {
            Words::new("由计数证明无解", "counting proves that there is no plan")
        };
        let best = self.best.as_ref();
        let changes = best.and_then(|best| {
            let least = bound::moves(self.problem);
            current::changes(self.problem, &best.solution, least)
        });
        let (solution, parts, objective) = match self.best {
            Some(best) => (Some(best.solution), best.parts, Some(best.objective)),
            None => (None, Vec::new(), None),
        };
        Outcome {
            status,
            solution,
            objective,
            parts,
            bound: self.bound,
            gap,
            proof,
            trace: self.trace,
            conflicts,
            changes,
            seconds: self.clock.seconds(),
        }
    }
}

impl Guide for Run<'_> {
    fn over(&mut self) -> bool {
        self.hear(Duration::ZERO);
        let best = self.best.as_ref();
        let gap = best.map(|best| relative_gap(best.objective, self.bound));
        self.clock.over() || gap.is_some_and(|gap| gap <= self.stop.gap)
    }

    fn offer(&mut self, book: &Book<'_>) {
        if book.missing == 0 {
            self.propose(units::write(self.problem, &book.plan));
        }
    }
}

/// Tells the solve of what another walk has found.
struct Messenger {
    /// What the best plan told so far costs.
    least: f64,
    clock: Clock,
    tell: Sender<Beside>,
}

impl Guide for Messenger {
    fn over(&mut self) -> bool {
        self.clock.over()
    }

    fn offer(&mut self, book: &Book<'_>) {
        if book.missing == 0 && book.cost < self.least - WORTH {
            self.least = book.cost;
            let plan = units::write(book.problem, &book.plan);
            // Nobody listens any more where the solve was stopped.
            self.tell.send(Beside::Plan(plan)).unwrap_or_default();
        }
    }
}

/// A walk from plan to plan.
struct Walk<'a> {
    problem: &'a Problem,
    stop: &'a Stop,
    clock: Clock,
    steps: u64,
    rng: Pcg64Mcg,
}

impl<'a> Walk<'a> {
    fn new(problem: &'a Problem, stop: &'a Stop, clock: &Clock, seed: u64) -> Self {
        Self {
            problem,
            stop,
            clock: clock.clone(),
            steps: 0,
            rng: Pcg64Mcg::seed_from_u64(seed),
        }
    }

    /// A walk that takes other steps.
    fn other(&mut self, clock: &Clock) -> Self {
        Self::new(self.problem, self.stop, clock, self.rng.random())
    }

    fn over(&self, guide: &mut dyn Guide) -> bool {
        guide.over() || self.stop.steps.is_some_and(|most| self.steps >= most)
    }

    /// Improves: every thing by itself until nothing helps, then small groups, under a falling temperature.
    fn improve(&mut self, book: &mut Book<'_>, guide: &mut dyn Guide) {
        let p = self.problem;
        let mut things: Vec<Thing> = (0..p.series.len()).map(Thing::Series).collect();
        things.extend((0..p.jobs.len()).map(Thing::Job));
        if things.is_empty() {
            return;
        }
        // One by one, until a whole round changes nothing.
        loop {
            let before = (book.missing, book.cost);
            things.shuffle(&mut self.rng);
            for &thing in &things {
                if self.over(guide) {
                    guide.offer(book);
                    return;
                }
                self.retry(book, &[thing], 0.0, false);
            }
            guide.offer(book);
            if before.0 == book.missing && before.1 - book.cost < 0.01 {
                break;
            }
        }
        let most = STEPS + STEPS_EACH * things.len() as u64;
        let (first, began) = (self.steps, self.clock.seconds());
        let time = self.clock.left().as_secs_f64() * 0.95;
        let mut told = book.cost;
        while !self.over(guide) {
            let gone = (self.steps - first) as f64 / most as f64;
            // With a limit of steps the answer must not depend on the clock.
            let gone = match self.stop.steps {
                Some(_) => gone,
                None => gone.max((self.clock.seconds() - began) / time),
            };
            if gone >= 1.0 {
                break;
            }
            let heat = WARM * (COLD / WARM).powf(gone);
            let missing = book.missing;
            let whole = !p.jobs.is_empty() && missing == 0 && self.rng.random_bool(ESCORTS);
            let group = if whole {
                self.escort(book)
            } else {
                self.group(book, &things)
            };
            self.retry(book, &group, heat, whole);
            if book.missing == 0 && (missing > 0 || told - book.cost > 1e-4 * told) {
                told = book.cost;
                guide.offer(book);
            }
        }
        guide.offer(book);
    }

    /// Things worth placing anew together: one that lacks a place and what is in its way, the schools of a supervisor,
    /// or jobs of the same weeks.
    fn group(&mut self, book: &Book<'_>, things: &[Thing]) -> Vec<Thing> {
        let p = self.problem;
        let homeless = |t: &&Thing| match **t {
            Thing::Series(s) => book.plan.series[s].is_none(),
            Thing::Job(j) => book.plan.jobs[j].is_none(),
        };
        let mut group: Vec<Thing> = Vec::new();
        if book.missing > 0 {
            let all: Vec<Thing> = things.iter().filter(homeless).copied().collect();
            group.push(all[self.rng.random_range(0..all.len())]);
        }
        let seed = group
            .first()
            .copied()
            .unwrap_or_else(|| things[self.rng.random_range(0..things.len())]);
        let size = self.rng.random_range(2..=8);
        let mut near: Vec<Thing> = match seed {
            Thing::Series(s) => {
                let k = p.own[p.series[s].school];
                let touches = |t: &Thing| match *t {
                    Thing::Series(s) => p.own[p.series[s].school] == k,
                    Thing::Job(j) => book.plan.jobs[j].as_ref().is_some_and(|v| v.1.contains(&k)),
                };
                things.iter().copied().filter(touches).collect()
            }
            Thing::Job(j) => {
                let window = &p.jobs[j].window;
                let day = book.plan.jobs[j].as_ref().map(|v| v.0);
                let overlaps = |t: &Thing| match *t {
                    Thing::Series(s) => {
                        day.is_none()
                            && p.jobs[j].target != p.series[s].school
                            && p.series[s].window.start < window.end
                            && window.start < p.series[s].window.end
                    }
                    Thing::Job(other) => book.plan.jobs[other].as_ref().is_some_and(|v| {
                        p.jobs[other].target == p.jobs[j].target
                            || day.map_or_else(
                                || window.contains(&v.0),
                                |day| p.week[day].abs_diff(p.week[v.0]) <= 1,
                            )
                    }),
                };
                things.iter().copied().filter(overlaps).collect()
            }
        };
        near.shuffle(&mut self.rng);
        for thing in near {
            if group.len() >= size {
                break;
            }
            if !group.contains(&thing) {
                group.push(thing);
            }
        }
        if group.is_empty() {
            group.push(seed);
        }
        group
    }

    /// A job with all routine visits of some who might be its team: the job comes first, the visits go around it.
    fn escort(&mut self, book: &Book<'_>) -> Vec<Thing> {
        let p = self.problem;
        let j = self.rng.random_range(0..p.jobs.len());
        let job = &p.jobs[j];
        let near = &book.near[j];
        let mut people: Vec<usize> = near.iter().take(ESCORT).map(|near| near.1).collect();
        people.shuffle(&mut self.rng);
        people.truncate(job.team);
        let leader = near.iter().map(|near| near.1).find(|&k| p.may_lead(k, job));
        people.extend(leader.filter(|k| !people.contains(k)));
        let series = (0..p.series.len()).filter(|&s| people.contains(&p.own[p.series[s].school]));
        std::iter::once(Thing::Job(j))
            .chain(series.map(Thing::Series))
            .collect()
    }

    /// Takes things out and puts them back where they cost least, in the order given, or with all routine visits of a supervisor
    /// arranged as a `whole`. What is worse than the temperature allows is taken back.
    fn retry(&mut self, book: &mut Book<'_>, group: &[Thing], heat: f64, whole: bool) {
        self.steps += 1;
        let before = (book.missing, book.cost);
        let was: Vec<_> = group
            .iter()
            .map(|&thing| match thing {
                Thing::Series(s) => (book.clear_series(s), None),
                Thing::Job(j) => (None, book.clear_job(j)),
            })
            .collect();
        let mut left = group.to_vec();
        while !left.is_empty() {
            let thing = left.remove(0);
            if let (true, Thing::Series(s)) = (whole, thing) {
                let owner = |t: &Thing| match *t {
                    Thing::Series(s) => Some(self.problem.own[self.problem.series[s].school]),
                    Thing::Job(_) => None,
                };
                let mine = owner(&thing);
                let mut list = vec![s];
                left.retain(|other| match *other {
                    Thing::Series(o) if owner(other) == mine => {
                        list.push(o);
                        false
                    }
                    Thing::Series(_) | Thing::Job(_) => true,
                });
                book.arrange(&list);
                continue;
            }
            // Two schools of a supervisor may find a common trip only together.
            let pair = match (thing, left.first()) {
                (Thing::Series(a), Some(&Thing::Series(b))) if self.rng.random_bool(0.5) => {
                    book.best_pair([a, b]).map(|rounds| (a, b, rounds))
                }
                _ => None,
            };
            if let Some((a, b, rounds)) = pair {
                book.set_series(a, rounds.clone());
                book.set_series(b, rounds);
                left.remove(0);
            } else {
                put(book, thing);
            }
        }
        let allowed = if heat > 0.0 {
            -heat * self.rng.random::<f64>().max(f64::MIN_POSITIVE).ln()
        } else {
            -WORTH
        };
        let taken =
            book.missing < before.0 || (book.missing == before.0 && book.cost < before.1 + allowed);
        if !taken {
            for &thing in group {
                match thing {
                    Thing::Series(s) => drop(book.clear_series(s)),
                    Thing::Job(j) => drop(book.clear_job(j)),
                }
            }
            for (&thing, (rounds, sortie)) in group.iter().zip(was) {
                match thing {
                    Thing::Series(s) => rounds.into_iter().for_each(|r| book.set_series(s, r)),
                    Thing::Job(j) => sortie.into_iter().for_each(|v| book.set_job(j, v)),
                }
            }
        }
    }
}

/// Puts a thing where it costs least, if it has a place at all.
fn put(book: &mut Book<'_>, thing: Thing) {
    match thing {
        Thing::Series(s) => {
            if let Some(rounds) = book.best_series(s) {
                book.set_series(s, rounds);
            }
        }
        Thing::Job(j) => {
            if let Some(sortie) = book.best_job(j) {
                book.set_job(j, sortie);
            }
        }
    }
}

/// The plan of a book, for tests of its bookkeeping.
#[cfg(test)]
pub fn arranged(problem: &Problem) -> (super::book::Plan, f64, usize) {
    let mut book = Book::new(problem);
    for k in 0..problem.present.len() {
        let own: Vec<usize> = (0..problem.series.len())
            .filter(|&s| problem.own[problem.series[s].school] == k)
            .collect();
        book.arrange(&own);
    }
    for j in 0..problem.jobs.len() {
        put(&mut book, Thing::Job(j));
    }
    (book.plan, book.cost, book.missing)
}
