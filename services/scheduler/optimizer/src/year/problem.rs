//! The year in indices: days, weeks, who may be where on which day, and what is due.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{Days, NaiveDate};

use super::book::Sortie;
use super::current::{InForce, Stake};
use super::data::{Data, Item, Kind, Visit};
use super::issues;
use crate::Issue;
use crate::geo::Place;

/// Slack for sums of days.
pub const TINY: f64 = 1e-9;

/// A sound problem. Targets are the schools and after them the towns, in the order of their lists.
#[derive(Debug, Clone)]
pub struct Problem {
    data: Data,
    /// The visiting days of the year.
    pub(super) days: Vec<NaiveDate>,
    /// The week of each visiting day, counted over weeks with days.
    pub(super) week: Vec<usize>,
    /// The visiting days of each week with days.
    pub(super) weeks: Vec<Range<usize>>,
    /// The first visiting day that is still to be planned.
    pub(super) first: usize,
    /// Whether each target may be visited on each day.
    pub(super) open: Vec<Vec<bool>>,
    /// Whether each supervisor may visit on each day.
    pub(super) present: Vec<Vec<bool>>,
    /// Whether each supervisor is away for so long on each day that others stand in.
    pub(super) replaced: Vec<Vec<bool>>,
    /// Minutes one way from each supervisor to each target.
    pub(super) travel: Vec<Vec<f64>>,
    /// Minutes between each two schools.
    between: Vec<Vec<f64>>,
    /// The responsible supervisor of each school.
    pub(super) own: Vec<usize>,
    /// Those who stand in for the responsible supervisor of each school.
    pub(super) stand_ins: Vec<Vec<usize>>,
    /// Whether each supervisor must avoid each target.
    pub(super) avoids: Vec<Vec<bool>>,
    /// Routine visits still due.
    pub(super) series: Vec<Series>,
    /// Team visits still due.
    pub(super) jobs: Vec<Job>,
    /// Days of past visits of each supervisor in each week.
    pub(super) past: Vec<Vec<f64>>,
    /// The visiting days (or the day after which they would come) of past team visits at each target.
    pub(super) past_teams: Vec<Vec<NaiveDate>>,
    /// Days of visits of a supervisor in a week above which they are a peak.
    pub(super) even: f64,
}

/// The routine visits of an item still due at a school, in order of time.
#[derive(Debug, Clone)]
pub struct Series {
    /// The item.
    pub item: usize,
    /// The school.
    pub school: usize,
    /// The number of each visit, for its id.
    pub numbers: Vec<u32>,
    /// The visiting days of its window.
    pub window: Range<usize>,
    /// The week of the last past visit.
    pub last: Option<usize>,
    /// The fewest weeks between two visits.
    pub min_gap: usize,
    /// The most weeks between two visits.
    pub max_gap: usize,
    /// Days of each visit.
    pub days: f64,
    /// Each visit's day and visitor in the plan in force.
    pub current: Vec<Stake<(usize, usize)>>,
}

/// A team visit still due.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The items that it meets.
    pub items: Vec<usize>,
    /// The target.
    pub target: usize,
    /// The visiting days of its window.
    pub window: Range<usize>,
    /// How many supervisors.
    pub team: usize,
    /// Days for each of them.
    pub days: f64,
    /// Whether one of them must supervise the school's stage.
    pub specialist: bool,
    /// Whether it is a comprehensive inspection.
    pub comprehensive: bool,
    /// For each item that should not wait: points of risk, and the week when its window opens.
    pub urgency: Vec<(f64, usize)>,
    /// Its day and team (sorted, after the leader) in the plan in force.
    pub current: Stake<Sortie>,
}

impl Problem {
    /// A problem, or everything that is wrong with its data.
    pub fn new(data: Data) -> Result<Self, Vec<Issue>> {
        let issues = issues::find(&data);
        if !issues.is_empty() {
            return Err(issues);
        }
        let problem = Self::of(data);
        let issues = problem.wrong_pins();
        if issues.is_empty() {
            Ok(problem)
        } else {
            Err(issues)
        }
    }

    /// What the problem was made from.
    pub fn data(&self) -> &Data {
        &self.data
    }

    fn of(data: Data) -> Self {
        let (mut days, mut week, mut weeks) = (Vec::new(), Vec::new(), Vec::new());
        for some in data.weeks.iter().filter(|w| !w.days.is_empty()) {
            week.extend(some.days.iter().map(|_| weeks.len()));
            weeks.push(days.len()..days.len() + some.days.len());
            days.extend(&some.days);
        }
        let from = first_day(&data);
        let first = from.map_or(0, |from| days.partition_point(|&day| day < from));
        let within = |ranges: &[(NaiveDate, NaiveDate)], day: NaiveDate| {
            ranges.iter().any(|&(a, b)| a <= day && day <= b)
        };
        let mut open: Vec<Vec<bool>> = data
            .schools
            .iter()
            .map(|s| days.iter().map(|&d| !within(&s.blackout, d)).collect())
            .collect();
        open.extend(data.towns.iter().map(|_| vec![true; days.len()]));
        let gone = |until: Option<NaiveDate>, day| until.is_some_and(|until| day > until);
        let present: Vec<Vec<bool>> = data
            .supervisors
            .iter()
            .map(|k| {
                days.iter()
                    .map(|&d| !gone(k.until, d) && !within(&k.leave, d))
                    .collect()
            })
            .collect();
        let replaced = data
            .supervisors
            .iter()
            .map(|k| {
                let long: Vec<_> = k
                    .leave
                    .iter()
                    .copied()
                    .filter(|&(a, b)| {
                        (b - a).num_days() + 1 >= i64::from(data.rules.stand_in_after_days)
                    })
                    .collect();
                days.iter()
                    .map(|&d| gone(k.until, d) || within(&long, d))
                    .collect()
            })
            .collect();
        let places: Vec<Place> = data
            .schools
            .iter()
            .map(|s| s.place)
            .chain(data.towns.iter().map(|t| t.place))
            .collect();
        let travel = data
            .supervisors
            .iter()
            .map(|k| {
                places
                    .iter()
                    .map(|&p| data.roads.minutes(k.place, p))
                    .collect()
            })
            .collect();
        let between = data
            .schools
            .iter()
            .map(|a| {
                data.schools
                    .iter()
                    .map(|b| data.roads.minutes(a.place, b.place))
                    .collect()
            })
            .collect();
        let supervisor: HashMap<&str, usize> = data
            .supervisors
            .iter()
            .enumerate()
            .map(|(k, s)| (s.id.as_str(), k))
            .collect();
        let own: Vec<usize> = data
            .schools
            .iter()
            .map(|s| supervisor[s.supervisor.as_str()])
            .collect();
        let avoids: Vec<Vec<bool>> = data
            .supervisors
            .iter()
            .map(|k| {
                ids(&data)
                    .map(|id| k.avoid.iter().any(|a| a == id))
                    .collect()
            })
            .collect();
        let stand_ins = data
            .schools
            .iter()
            .enumerate()
            .map(|(i, s)| {
                (0..data.supervisors.len())
                    .filter(|&k| {
                        let other = &data.supervisors[k];
                        k != own[i]
                            && other.zone == s.zone
                            && other.stages.contains(&s.stage)
                            && !avoids[k][i]
                    })
                    .collect()
            })
            .collect();
        let mut problem = Self {
            past: vec![vec![0.0; weeks.len()]; data.supervisors.len()],
            past_teams: vec![Vec::new(); places.len()],
            days,
            week,
            weeks,
            first,
            open,
            present,
            replaced,
            travel,
            between,
            own,
            stand_ins,
            avoids,
            series: Vec::new(),
            jobs: Vec::new(),
            even: 0.0,
            data,
        };
        problem.due();
        problem
    }

    /// What is due after what has been done.
    fn due(&mut self) {
        let data = self.data.clone();
        let item: HashMap<&str, usize> = index(data.items.iter().map(|i| i.id.as_str()));
        let target: HashMap<&str, usize> = index(ids(&data));
        let supervisor: HashMap<&str, usize> =
            index(data.supervisors.iter().map(|k| k.id.as_str()));
        let in_force = InForce::new(&data);
        let taken: HashMap<&str, &Visit> = data.fixed.iter().map(|v| (v.id.as_str(), v)).collect();
        let mut done: BTreeMap<(usize, usize), Vec<&Visit>> = BTreeMap::new();
        let mut total = 0.0;
        for visit in &data.fixed {
            let known = visit.items.iter().filter_map(|id| item.get(id.as_str()));
            let items: Vec<usize> = known.copied().collect();
            if let Some(&place) = target.get(visit.target.as_str()) {
                for &i in &items {
                    done.entry((i, place)).or_default().push(visit);
                }
                if items.iter().any(|&i| data.items[i].kind != Kind::Routine) {
                    self.past_teams[place].push(visit.date);
                }
            }
            let days = items
                .iter()
                .map(|&i| data.items[i].days)
                .fold(0.0, f64::max);
            total += days * visit.team.len() as f64;
            let w = self
                .days
                .binary_search(&visit.date)
                .ok()
                .map(|d| self.week[d]);
            if let Some(w) = w {
                for &k in visit.team.iter().filter_map(|k| supervisor.get(k.as_str())) {
                    self.past[k][w] += days;
                }
            }
        }
        let (mut series, mut jobs) = (Vec::new(), Vec::new());
        let mut mergeable: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (n, entry) in data.items.iter().enumerate().filter(|(_, i)| i.filed) {
            for id in &entry.targets {
                let place = target[id.as_str()];
                let past = done.get(&(n, place)).map_or(&[][..], |v| v.as_slice());
                let left = (entry.visits as usize).saturating_sub(past.len());
                let numbers: Vec<u32> = (1..=entry.visits)
                    .filter(|m| !taken.contains_key(visit_id(entry, id, *m).as_str()))
                    .take(left)
                    .collect();
                if numbers.is_empty() {
                    continue;
                }
                if entry.kind == Kind::Routine {
                    let last = past.iter().map(|v| v.date).max();
                    let last = last.map(|date| {
                        let d = self.days.partition_point(|&day| day <= date);
                        self.week[d.saturating_sub(1)]
                    });
                    let window = self.window(entry.start, entry.end);
                    let current = numbers
                        .iter()
                        .map(|&m| in_force.round(self, &visit_id(entry, id, m), place, &window))
                        .collect();
                    total += entry.days * numbers.len() as f64;
                    series.push(Series {
                        item: n,
                        school: place,
                        window,
                        last,
                        min_gap: entry.min_gap_weeks as usize,
                        max_gap: entry.max_gap_weeks as usize,
                        days: entry.days,
                        numbers,
                        current,
                    });
                } else if entry.mergeable && entry.visits == 1 {
                    mergeable.entry(place).or_default().push(n);
                } else {
                    for &m in &numbers {
                        jobs.push(self.job(vec![n], place, visit_id(entry, id, m)));
                    }
                }
            }
        }
        for (place, mut items) in mergeable {
            items.sort_by_key(|&n| (data.items[n].start, n));
            let mut groups: Vec<Vec<usize>> = Vec::new();
            for n in items {
                let fits = |group: &&mut Vec<usize>| {
                    let window = self.shared(group.iter().copied().chain([n]));
                    let days = window.filter(|&d| self.open[place][d]).count();
                    days >= data.rules.merge_min_days as usize
                };
                match groups.iter_mut().find(fits) {
                    Some(group) => group.push(n),
                    None => groups.push(vec![n]),
                }
            }
            let id = ids(&data).nth(place).unwrap_or_default();
            for group in groups {
                let name = visit_id(&data.items[group[0]], id, 1);
                jobs.push(self.job(group, place, name));
            }
        }
        for job in &mut jobs {
            total += job.days * job.team as f64;
            job.current = in_force.sortie(self, job);
        }
        let slots = (data.supervisors.len() * self.weeks.len()) as f64;
        self.even = (total / slots * (1.0 + data.weights.peak_tolerance)).max(1.0);
        self.series = series;
        self.jobs = jobs;
    }

    fn job(&self, items: Vec<usize>, target: usize, id: String) -> Job {
        let all = || items.iter().map(|&n| &self.data.items[n]);
        let least = self.data.rules.team_min;
        let risk = self.data.schools.get(target).map_or(0.0, |s| s.risk);
        let urgency = all()
            .filter(|i| matches!(i.kind, Kind::Comprehensive | Kind::FollowUp))
            .map(|i| (risk, self.opens(i.start)))
            .collect();
        Job {
            id,
            target,
            window: self.shared(items.iter().copied()),
            team: all().map(|i| i.team.max(least)).max().unwrap_or(least) as usize,
            days: all().map(|i| i.days).fold(0.0, f64::max),
            specialist: all().any(|i| i.specialist) && target < self.data.schools.len(),
            comprehensive: all().any(|i| i.kind == Kind::Comprehensive),
            urgency,
            items,
            current: Stake::none(),
        }
    }

    /// The ids of the visits of a series.
    pub(super) fn ids_of<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = String> + 'a {
        let (item, school) = (
            &self.data.items[series.item],
            &self.data.schools[series.school],
        );
        let numbers = series.numbers.iter();
        numbers.map(|&n| visit_id(item, &school.id, n))
    }

    /// The first week with a visiting day on or after a date.
    pub(super) fn opens(&self, date: NaiveDate) -> usize {
        let day = self.days.partition_point(|&d| d < date);
        self.week.get(day).copied().unwrap_or(self.weeks.len())
    }

    /// The visiting days from one date to another that are still to be planned.
    fn window(&self, start: NaiveDate, end: NaiveDate) -> Range<usize> {
        let from = self.days.partition_point(|&d| d < start).max(self.first);
        from..self.days.partition_point(|&d| d <= end).max(from)
    }

    /// The window that items share.
    fn shared(&self, items: impl Iterator<Item = usize>) -> Range<usize> {
        items
            .map(|n| self.window(self.data.items[n].start, self.data.items[n].end))
            .reduce(|a, b| a.start.max(b.start)..a.end.min(b.end).max(a.start.max(b.start)))
            .unwrap_or(0..0)
    }

    /// The days of the year that a supervisor has for what is planned.
    pub(super) fn capacity(&self, k: usize) -> f64 {
        self.data.supervisors[k].max_days_year * (1.0 - self.data.rules.reserve_share)
    }

    /// Who may pay routine visits at a school on a day, present or not.
    pub(super) fn visitors(&self, school: usize, day: usize) -> &[usize] {
        if self.replaced[self.own[school]][day] {
            &self.stand_ins[school]
        } else {
            std::slice::from_ref(&self.own[school])
        }
    }

    /// Everyone who pays routine visits at a school on some day of a window.
    pub(super) fn all_visitors(&self, school: usize, window: Range<usize>) -> Vec<usize> {
        let mut all: Vec<usize> = std::iter::once(self.own[school])
            .chain(self.stand_ins[school].iter().copied())
            .filter(|&k| {
                window.clone().any(|d| {
                    self.open[school][d]
                        && self.present[k][d]
                        && self.visitors(school, d).contains(&k)
                })
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// Weighted minutes of a day-trip to one school and back.
    pub(super) fn single(&self, k: usize, i: usize) -> f64 {
        2.0 * self.travel[k][i] * self.data.weights.travel
    }

    /// Weighted minutes of a day-trip to two schools.
    pub(super) fn pair(&self, k: usize, i: usize, j: usize) -> f64 {
        (self.travel[k][i] + self.between[i][j] + self.travel[k][j]) * self.data.weights.travel
    }

    /// Whether a supervisor may be in the team of a job, whatever the day.
    pub(super) fn may_join(&self, k: usize, job: &Job) -> bool {
        !self.avoids[k][job.target]
    }

    /// Whether a supervisor may lead the team of a job, whatever the day.
    pub(super) fn may_lead(&self, k: usize, job: &Job) -> bool {
        self.may_join(k, job)
            && self.data.supervisors[k].full_time
            && self.own.get(job.target) != Some(&k)
    }

    /// Whether a supervisor is the specialist that the job needs; anyone is if it needs none.
    pub(super) fn specialist(&self, k: usize, job: &Job) -> bool {
        !job.specialist
            || self.data.supervisors[k]
                .stages
                .contains(&self.data.schools[job.target].stage)
    }

    /// The days of a job that begins on a day, if it begins in its window and ends in the same week and window, on days
    /// when its target is open.
    pub(super) fn stay(&self, job: &Job, day: usize) -> Option<Range<usize>> {
        let end = day + job.span();
        let whole = end <= job.window.end && end <= self.weeks[self.week[day]].end;
        (whole && (day..end).all(|d| self.open[job.target][d])).then_some(day..end)
    }

    /// Weighted minutes that a job waits if it begins in a week.
    pub(super) fn lateness(&self, job: &Job, week: usize) -> f64 {
        let waits = |&(risk, from): &(f64, usize)| risk * week.saturating_sub(from) as f64;
        self.data.weights.late * job.urgency.iter().map(waits).sum::<f64>()
    }

    /// The fewest calendar days between two team visits at a school.
    pub(super) fn fortnight(&self) -> i64 {
        7 * i64::from(self.data.rules.min_weeks_between_teams)
    }
}

impl Job {
    /// How many days it stretches over.
    pub fn span(&self) -> usize {
        (self.days - TINY).ceil().max(1.0) as usize
    }

    /// Days of work on its n-th day.
    pub fn share(&self, n: usize) -> f64 {
        (self.days - n as f64).clamp(0.0, 1.0)
    }
}

/// The id of a visit.
pub fn visit_id(item: &Item, target: &str, number: u32) -> String {
    format!("{}/{target}/{number}", item.id)
}

/// The first day that is still to be planned: as given, and after all past visits.
pub fn first_day(data: &Data) -> Option<NaiveDate> {
    let after = data.fixed.iter().map(|v| v.date + Days::new(1)).max();
    data.from.max(after)
}

fn ids(data: &Data) -> impl Iterator<Item = &str> {
    let schools = data.schools.iter().map(|s| s.id.as_str());
    schools.chain(data.towns.iter().map(|t| t.id.as_str()))
}

fn index<'a>(ids: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    ids.enumerate().map(|(n, id)| (id, n)).collect()
}
