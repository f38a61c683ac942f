//! The year as a compact program: for other solvers, and for anyone who wants to verify a plan by one of them.
//!
//! Days and weeks are those with visits, counted from 0; `s` is a series of routine visits, `j` a team visit, `k` a
//! supervisor, `i` a school, `u` a member unit:
//!
//! | column | is 1 where |
//! |---|---|
//! | `round_s_d_k` | a routine visit of s is paid by k on day d |
//! | `trip_k_d_i_j` | k sees schools i and j in one trip on day d |
//! | `end_s_w` | the last visit of s is in week w |
//! | `begin_j_d` | team visit j begins on day d |
//! | `team_j_d_k` | and k is in its team |
//! | `lead_j_k` | k leads it |
//! | `keep_s_n`, `keep_j` | the visit is as in the plan in force |
//! | `unit_u_j` | unit u joins team visit j |
//!
//! and `peak_k_w`, days of a supervisor beyond the even load. What has been done is in the sides of the rows and in the
//! column that is always 1.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Days;

use super::data::{Kind, Solution, Visit};
use super::price::{loads, price};
use super::problem::{Problem, Series};
use crate::program::{Point, Program, Var};

const NOTES: [&str; 4] = [
    "The year's rounds: minutes, every rule and every part of the cost.",
    "round_s_d_k: supervisor k pays a routine visit of series s on day d; begin_j_d, team_j_d_k, lead_j_k: team visits;",
    "trip_k_d_i_j: two schools in one trip; peak_k_w: days beyond the even load; keep: as in the plan in force; unit_u_j: units.",
    "Days and weeks are those with visits; all are counted from 0 in the order of the problem, what is due in the order of items.",
];

type Terms = Vec<(Var, f64)>;

impl Problem {
    /// What is still to be planned as a program, with all rules and all parts of [`objective`](super::objective).
    pub fn program(&self) -> Program {
        let mut program = Program::new("year", &NOTES);
        let mut compact = Compact {
            problem: self,
            past: Past::new(self),
            program: &mut program,
            daily: BTreeMap::new(),
            weekly: BTreeMap::new(),
            yearly: BTreeMap::new(),
            trips: BTreeMap::new(),
        };
        for (s, series) in self.series.iter().enumerate() {
            compact.rounds(s, series);
        }
        compact.trips();
        for j in 0..self.jobs.len() {
            compact.sortie(j);
        }
        compact.schools();
        compact.units();
        compact.work();
        let constant = compact.past.cost;
        program.constant(constant);
        program
    }

    /// A plan as a point of [`Problem::program`]; none if it lacks a visit that is due, has one that is not, or
    /// has routine visits in another order than that of their numbers.
    pub fn point(&self, solution: &Solution) -> Option<Point> {
        let past: BTreeSet<&str> = self.data().fixed.iter().map(|v| v.id.as_str()).collect();
        let mut visits: HashMap<&str, &Visit> = solution
            .visits
            .iter()
            .filter(|v| !past.contains(v.id.as_str()))
            .map(|v| (v.id.as_str(), v))
            .collect();
        let mut reading = Reading::new(self);
        for (s, series) in self.series.iter().enumerate() {
            let rounds = self.ids_of(series).map(|id| visits.remove(id.as_str()));
            reading.rounds(s, series, &rounds.collect::<Option<Vec<_>>>()?)?;
        }
        for (j, job) in self.jobs.iter().enumerate() {
            reading.sortie(j, visits.remove(job.id.as_str())?)?;
        }
        visits.is_empty().then(|| reading.finish())
    }
}

/// What has been done before the plan begins.
struct Past {
    /// Days of each supervisor in each week with visits.
    weeks: Vec<Vec<f64>>,
    /// Days of each supervisor in all.
    all: Vec<f64>,
    /// What it cost, and what losing everything in force would.
    cost: f64,
}

impl Past {
    fn new(problem: &Problem) -> Self {
        let data = problem.data();
        let done = Solution {
            visits: data.fixed.clone(),
        };
        let with_days = |days: &[f64]| {
            let weeks = data.weeks.iter().zip(days);
            let open = weeks.filter(|(week, _)| !week.days.is_empty());
            open.map(|(_, days)| *days).collect()
        };
        let loads = loads(problem, &done);
        Self {
            weeks: loads.iter().map(|load| with_days(&load.days)).collect(),
            all: loads.iter().map(|load| load.total).collect(),
            cost: price(problem, &done).iter().map(|part| part.minutes).sum(),
        }
    }
}

struct Compact<'a> {
    problem: &'a Problem,
    past: Past,
    program: &'a mut Program,
    /// Days of visits by supervisor and day, by supervisor and week, by supervisor.
    daily: BTreeMap<(usize, usize), Terms>,
    weekly: BTreeMap<(usize, usize), Terms>,
    yearly: BTreeMap<usize, Terms>,
    /// Routine visits by supervisor and day, and school.
    trips: BTreeMap<(usize, usize), BTreeMap<usize, Terms>>,
}

impl Compact<'_> {
    fn works(&mut self, k: usize, day: usize, column: (Var, f64)) {
        self.daily.entry((k, day)).or_default().push(column);
    }

    fn is_away(&mut self, k: usize, week: usize, column: (Var, f64)) {
        self.weekly.entry((k, week)).or_default().push(column);
        self.yearly.entry(k).or_default().push(column);
    }

    /// The routine visits of a series: how many, how far apart, and which are as in the plan in force.
    fn rounds(&mut self, s: usize, series: &Series) {
        let problem = self.problem;
        let count = series.numbers.len() as f64;
        let mut by_day: BTreeMap<usize, Terms> = BTreeMap::new();
        for d in series.window.clone() {
            let week = problem.week[d];
            let soon = |last: usize| week.saturating_sub(last) < series.min_gap;
            if !problem.open[series.school][d] || series.last.is_some_and(soon) {
                continue;
            }
            for &k in problem.visitors(series.school, d) {
                if !problem.present[k][d] || problem.avoids[k][series.school] {
                    continue;
                }
                let cost = problem.single(k, series.school);
                let column = self.program.binary(round(s, d, k), cost);
                by_day.entry(d).or_default().push((column, 1.0));
                self.works(k, d, (column, series.days));
                self.is_away(k, week, (column, series.days));
                let trip = self.trips.entry((k, d)).or_default();
                trip.entry(series.school).or_default().push((column, 1.0));
            }
        }
        let within = |weeks: std::ops::Range<usize>, by: f64| -> Terms {
            let days = by_day
                .iter()
                .filter(|(d, _)| weeks.contains(&problem.week[**d]));
            days.flat_map(|(_, columns)| columns.iter().map(|(column, _)| (*column, by)))
                .collect()
        };
        let all = 0..problem.weeks.len();
        self.program
            .equal(format!("rounds_{s}"), within(all.clone(), 1.0), count);
        if let Some(last) = series.last {
            let first = within(
                0..last.saturating_add(series.max_gap).saturating_add(1),
                1.0,
            );
            self.program.at_least(format!("first_{s}"), first, 1.0);
        }
        let mut ends = Terms::new();
        for w in all.clone() {
            let here = within(w..w + 1, 1.0);
            if here.is_empty() {
                continue;
            }
            let near = within(w..w.saturating_add(series.min_gap), 1.0);
            self.program.at_most(format!("apart_{s}_{w}"), near, 1.0);
            let next = w.saturating_add(series.max_gap).saturating_add(1);
            if next >= all.end {
                continue;
            }
            // A visit in this week is the last, or another comes in time.
            let end = self.program.binary(end(s, w), 0.0);
            ends.push((end, 1.0));
            let mut follows = here;
            follows.extend(within(w + 1..next, -1.0));
            follows.push((end, -1.0));
            self.program
                .at_most(format!("follows_{s}_{w}"), follows, 0.0);
            let mut none = within(w + 1..all.end, 1.0);
            none.push((end, count));
            self.program
                .at_most(format!("none_after_{s}_{w}"), none, count);
        }
        self.program.at_most(format!("one_end_{s}"), ends, 1.0);
        let decided: BTreeSet<&str> = problem
            .data()
            .pins
            .iter()
            .map(|p| p.visit.as_str())
            .collect();
        for (n, (id, stake)) in problem.ids_of(series).zip(&series.current).enumerate() {
            let Some(&(day, k)) = stake.current.at() else {
                continue;
            };
            let keep = self.program.binary(keep_round(s, n), -stake.minutes);
            let mut there = vec![(keep, 1.0)];
            there.extend(
                self.program
                    .var(&round(s, day, k))
                    .map(|column| (column, -1.0)),
            );
            self.program.at_most(format!("kept_{s}_{n}"), there, 0.0);
            // It is the n-th: so many come before it.
            let before: Terms = by_day
                .range(..day)
                .flat_map(|(_, columns)| columns.clone())
                .collect();
            let mut most = before.clone();
            most.push((keep, count));
            self.program
                .at_most(format!("kept_most_{s}_{n}"), most, n as f64 + count);
            let mut least = before;
            least.push((keep, -(n as f64)));
            self.program
                .at_least(format!("kept_least_{s}_{n}"), least, 0.0);
            if decided.contains(id.as_str()) {
                self.program
                    .at_least(format!("pin_{s}_{n}"), vec![(keep, 1.0)], 1.0);
            }
        }
    }

    /// Day-trips: how many visits, and what two schools in one save.
    fn trips(&mut self) {
        let problem = self.problem;
        let most = problem.data().rules.visits_per_trip;
        for ((k, d), schools) in std::mem::take(&mut self.trips) {
            let all: Terms = schools.values().flatten().copied().collect();
            if all.len() > 1 {
                self.program
                    .at_most(format!("trip_{k}_{d}"), all, f64::from(most));
            }
            for (i, columns) in schools.iter().filter(|(_, columns)| columns.len() > 1) {
                self.program
                    .at_most(format!("once_{k}_{d}_{i}"), columns.clone(), 1.0);
            }
            let pairs = schools.keys().enumerate().flat_map(|(n, i)| {
                let others = schools.keys().skip(n + 1);
                others.map(move |j| (*i, *j))
            });
            for (i, j) in pairs.filter(|_| most >= 2) {
                let saved = problem.single(k, i) + problem.single(k, j) - problem.pair(k, i, j);
                let pair = self.program.binary(trip(k, d, i, j), -saved);
                for school in [i, j] {
                    let mut terms = vec![(pair, 1.0)];
                    terms.extend(schools[&school].iter().map(|(column, _)| (*column, -1.0)));
                    let name = format!("both_{k}_{d}_{i}_{j}_{school}");
                    self.program.at_most(name, terms, 0.0);
                }
            }
        }
    }

    /// A team visit: when, who, who leads, and whether it is as in the plan in force.
    fn sortie(&mut self, j: usize) {
        let problem = self.problem;
        let job = &problem.jobs[j];
        let people = problem.data().supervisors.len();
        let (mut begins, mut knows) = (Terms::new(), Terms::new());
        let mut takes: BTreeMap<usize, Terms> = BTreeMap::new();
        for d in job.window.clone() {
            let Some(stay) = problem.stay(job, d) else {
                continue;
            };
            let week = problem.week[d];
            let start = self
                .program
                .binary(begin(j, d), problem.lateness(job, week));
            begins.push((start, 1.0));
            let mut team = vec![(start, -(job.team as f64))];
            for k in (0..people).filter(|&k| problem.may_join(k, job)) {
                if !stay.clone().all(|day| problem.present[k][day]) {
                    continue;
                }
                let cost = problem.single(k, job.target) * job.span() as f64;
                let column = self.program.binary(member(j, d, k), cost);
                team.push((column, 1.0));
                takes.entry(k).or_default().push((column, -1.0));
                if problem.specialist(k, job) {
                    knows.push((column, 1.0));
                }
                for (n, day) in stay.clone().enumerate() {
                    self.works(k, day, (column, job.share(n)));
                }
                self.is_away(k, week, (column, job.days));
            }
            self.program.equal(format!("team_size_{j}_{d}"), team, 0.0);
        }
        self.program.equal(format!("begins_{j}"), begins, 1.0);
        self.program.at_least(format!("specialist_{j}"), knows, 1.0);
        let mut leads = Terms::new();
        for (k, mut terms) in takes {
            if problem.may_lead(k, job) {
                let column = self.program.binary(lead(j, k), 0.0);
                leads.push((column, 1.0));
                terms.push((column, 1.0));
                self.program.at_most(format!("leader_{j}_{k}"), terms, 0.0);
            }
        }
        self.program.equal(format!("led_{j}"), leads, 1.0);
        let Some((day, team)) = job.current.current.at() else {
            return;
        };
        let keep = self.program.binary(keep_job(j), -job.current.minutes);
        let leader = team.first().map(|k| lead(j, *k));
        let needed = team.iter().map(|k| member(j, *day, *k)).chain(leader);
        for (n, name) in needed.enumerate() {
            let mut terms = vec![(keep, 1.0)];
            terms.extend(self.program.var(&name).map(|column| (column, -1.0)));
            self.program
                .at_most(format!("kept_job_{j}_{n}"), terms, 0.0);
        }
        if problem.data().pins.iter().any(|pin| pin.visit == job.id) {
            self.program
                .at_least(format!("pin_job_{j}"), vec![(keep, 1.0)], 1.0);
        }
    }

    /// What a school bears: how many teams a year, and how far apart.
    fn schools(&mut self) {
        let problem = self.problem;
        let most = f64::from(problem.data().rules.burden_per_school);
        let fortnight = Days::new(problem.fortnight().unsigned_abs());
        for i in 0..problem.data().schools.len() {
            let jobs = problem
                .jobs
                .iter()
                .enumerate()
                .filter(|(_, job)| job.target == i);
            let mut begins: BTreeMap<usize, Terms> = BTreeMap::new();
            for (j, d) in jobs.flat_map(|(j, job)| job.window.clone().map(move |d| (j, d))) {
                if let Some(column) = self.program.var(&begin(j, d)) {
                    begins.entry(d).or_default().push((column, 1.0));
                }
            }
            let within = |from: usize| {
                let end = problem.days[from] + fortnight;
                begins
                    .range(from..)
                    .filter(move |(d, _)| problem.days[**d] < end)
            };
            let past = &problem.past_teams[i];
            let all: Terms = begins.values().flatten().copied().collect();
            if !all.is_empty() {
                self.program
                    .at_most(format!("burden_{i}"), all, most - past.len() as f64);
            }
            for &d in begins.keys() {
                let near: Terms = within(d).flat_map(|(_, columns)| columns.clone()).collect();
                self.program
                    .at_most(format!("fortnight_{i}_{d}"), near, 1.0);
            }
            let last = past.iter().max();
            let soon = begins
                .iter()
                .filter(|(d, _)| last.is_some_and(|last| problem.days[**d] < *last + fortnight));
            let soon: Terms = soon.flat_map(|(_, columns)| columns.clone()).collect();
            self.program.at_most(format!("after_past_{i}"), soon, 0.0);
        }
    }

    /// Member units in comprehensive inspections: each in one, and in no more than it can.
    fn units(&mut self) {
        let data = self.problem.data();
        let items: BTreeMap<&str, Kind> =
            data.items.iter().map(|i| (i.id.as_str(), i.kind)).collect();
        let counts = |visit: &&Visit| {
            let mut met = visit.items.iter().filter_map(|id| items.get(id.as_str()));
            met.any(|kind| *kind == Kind::Comprehensive)
        };
        let done: Vec<&Visit> = data.fixed.iter().filter(counts).collect();
        let jobs = self
            .problem
            .jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| job.comprehensive);
        let jobs: Vec<usize> = jobs.map(|(j, _)| j).collect();
        let any = !jobs.is_empty() || !done.is_empty();
        for (u, one) in data.units.iter().enumerate() {
            let joined = done
                .iter()
                .filter(|visit| visit.units.contains(&one.id))
                .count() as f64;
            let joins: Terms = jobs
                .iter()
                .map(|&j| (self.program.binary(unit(u, j), 0.0), 1.0))
                .collect();
            let least = if any { 1.0 - joined } else { 0.0 };
            self.program
                .at_least(format!("joins_{u}"), joins.clone(), least);
            let most = f64::from(one.max_visits) - joined;
            self.program.at_most(format!("joins_most_{u}"), joins, most);
        }
    }

    /// What a supervisor does in a day, a week and the year. A limit that the past is beyond leaves no room.
    fn work(&mut self) {
        let problem = self.problem;
        for ((k, d), terms) in std::mem::take(&mut self.daily) {
            self.program.at_most(format!("day_{k}_{d}"), terms, 1.0);
        }
        for ((k, w), mut terms) in std::mem::take(&mut self.weekly) {
            let past = self.past.weeks[k][w];
            let most = problem.data().supervisors[k].max_days_week;
            let left = (most - past).max(0.0);
            self.program
                .at_most(format!("week_{k}_{w}"), terms.clone(), left);
            let beyond = (past - problem.even).max(0.0);
            let peak = self
                .program
                .real(peak(k, w), problem.data().weights.peak, 7.0);
            for term in &mut terms {
                term.1 = -term.1;
            }
            terms.push((peak, 1.0));
            let side = past - problem.even - beyond;
            self.program.at_least(format!("even_{k}_{w}"), terms, side);
        }
        for (k, terms) in std::mem::take(&mut self.yearly) {
            let left = (problem.capacity(k) - self.past.all[k]).max(0.0);
            self.program.at_most(format!("year_{k}"), terms, left);
        }
    }
}

/// A plan on its way to a point.
struct Reading<'a> {
    problem: &'a Problem,
    point: Point,
    days: HashMap<chrono::NaiveDate, usize>,
    people: HashMap<&'a str, usize>,
    weekly: BTreeMap<(usize, usize), f64>,
    trips: BTreeMap<(usize, usize), BTreeSet<usize>>,
}

impl<'a> Reading<'a> {
    fn new(problem: &'a Problem) -> Self {
        let people = problem.data().supervisors.iter().enumerate();
        Self {
            problem,
            point: Point::new(),
            days: problem
                .days
                .iter()
                .enumerate()
                .map(|(d, day)| (*day, d))
                .collect(),
            people: people.map(|(k, one)| (one.id.as_str(), k)).collect(),
            weekly: BTreeMap::new(),
            trips: BTreeMap::new(),
        }
    }

    fn set(&mut self, name: String) {
        *self.point.entry(name).or_default() += 1.0;
    }

    fn rounds(&mut self, s: usize, series: &Series, visits: &[&Visit]) -> Option<()> {
        let mut paid = Vec::new();
        for visit in visits {
            let d = *self.days.get(&visit.date)?;
            let [id] = visit.team.as_slice() else {
                return None;
            };
            let k = *self.people.get(id.as_str())?;
            self.set(round(s, d, k));
            *self.weekly.entry((k, self.problem.week[d])).or_default() += series.days;
            self.trips.entry((k, d)).or_default().insert(series.school);
            paid.push((d, k));
        }
        if paid.windows(2).any(|pair| pair[0].0 > pair[1].0) {
            return None;
        }
        for (n, (stake, now)) in series.current.iter().zip(&paid).enumerate() {
            if stake.current.at() == Some(now) {
                self.set(keep_round(s, n));
            }
        }
        let last = paid.iter().map(|(d, _)| self.problem.week[*d]).max()?;
        if last.saturating_add(series.max_gap).saturating_add(1) < self.problem.weeks.len() {
            self.set(end(s, last));
        }
        Some(())
    }

    fn sortie(&mut self, j: usize, visit: &Visit) -> Option<()> {
        let job = &self.problem.jobs[j];
        let d = *self.days.get(&visit.date)?;
        let known = visit
            .team
            .iter()
            .map(|id| self.people.get(id.as_str()).copied());
        let mut team = known.collect::<Option<Vec<_>>>()?;
        self.set(begin(j, d));
        self.set(lead(j, *team.first()?));
        for &k in &team {
            self.set(member(j, d, k));
            *self.weekly.entry((k, self.problem.week[d])).or_default() += job.days;
        }
        team[1..].sort_unstable();
        if job.current.current.at() == Some(&(d, team)) {
            self.set(keep_job(j));
        }
        for id in &visit.units {
            let u = self
                .problem
                .data()
                .units
                .iter()
                .position(|unit| unit.id == *id)?;
            self.set(unit(u, j));
        }
        Some(())
    }

    fn finish(mut self) -> Point {
        let problem = self.problem;
        for ((k, d), schools) in std::mem::take(&mut self.trips) {
            if let [i, j] = schools.iter().copied().collect::<Vec<_>>()[..] {
                self.set(trip(k, d, i, j));
            }
        }
        let past = Past::new(problem);
        for ((k, w), days) in self.weekly {
            let before = past.weeks[k][w];
            let beyond = (before + days - problem.even).max(0.0) - (before - problem.even).max(0.0);
            self.point.insert(peak(k, w), beyond);
        }
        self.point
    }
}

fn round(s: usize, d: usize, k: usize) -> String {
    format!("round_{s}_{d}_{k}")
}

fn trip(k: usize, d: usize, i: usize, j: usize) -> String {
    format!("trip_{k}_{d}_{i}_{j}")
}

fn end(s: usize, w: usize) -> String {
    format!("end_{s}_{w}")
}

fn begin(j: usize, d: usize) -> String {
    format!("begin_{j}_{d}")
}

fn member(j: usize, d: usize, k: usize) -> String {
    format!("team_{j}_{d}_{k}")
}

fn lead(j: usize, k: usize) -> String {
    format!("lead_{j}_{k}")
}

fn keep_round(s: usize, n: usize) -> String {
    format!("keep_{s}_{n}")
}

fn keep_job(j: usize) -> String {
    format!("keep_{j}")
}

fn unit(u: usize, j: usize) -> String {
    format!("unit_{u}_{j}")
}

fn peak(k: usize, w: usize) -> String {
    format!("peak_{k}_{w}")
}
