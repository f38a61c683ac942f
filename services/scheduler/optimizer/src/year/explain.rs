//! Why a year is as it is: what moved against the plan in force, which limits are reached, how evenly the work is shared, and what
//! another day would cost.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::check::check;
use super::current::Lost;
use super::data::{Solution, Visit};
use super::price::{loads, price, roads};
use super::problem::Problem;
use crate::{Clock, Spread, Violation, Words};

/// Minutes below which a day costs the same as another.
const SAME: f64 = 0.5;

/// A day for a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The day; the first one if the visit takes several.
    pub date: NaiveDate,
    /// The ids of those who would visit, the leader first.
    pub team: Vec<String>,
    /// Minutes by which the objective would rise if all else stayed; 0 for the visit as it is.
    pub rise: f64,
    /// The rules that this alone would break.
    pub breaks: Vec<Violation>,
}

/// A visit that is not as in the plan in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The visit as it was; none if it is new.
    pub before: Option<Visit>,
    /// The visit as it is; none if it is no longer due.
    pub after: Option<Visit>,
    /// Why, with the rule or the minutes.
    pub reason: Words,
}

/// A limit that is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The rule's short name: `yearly_days`, `weekly_days`, `burden` or `unit_participation`.
    pub rule: String,
    /// The id of the supervisor, school or member unit.
    pub subject: String,
    /// How much of it is used: days, full weeks, or inspections.
    pub used: f64,
    /// The limit: days, weeks with visiting days, or inspections.
    pub limit: f64,
    /// The limit in words.
    pub words: Words,
}

/// Why a year is as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Explanation {
    /// Limits that are reached.
    pub limits: Vec<Limit>,
    /// Visits that are not as in the plan in force, in the order of their ids.
    pub changes: Vec<Change>,
    /// How evenly the work is shared over supervisors, and attention over schools.
    pub spreads: Vec<Spread>,
}

/// Explains a plan. Reasons of changes are looked up within what is left on the clock; later ones say only what changed.
pub fn explain(problem: &Problem, solution: &Solution, clock: &Clock) -> Explanation {
    Explanation {
        limits: limits(problem, solution),
        changes: changes(problem, solution, clock),
        spreads: spreads(problem, solution),
    }
}

/// Every day of a visit's window as a choice for it, in order of time, with the team that it has (for a routine visit with
/// whoever pays it on that day). Past visits, and visits that are not in the plan, have none. The nearest days are looked at
/// first; those left when the clock runs out are left out.
pub fn choices(problem: &Problem, solution: &Solution, id: &str, clock: &Clock) -> Vec<Choice> {
    let mut trial = Trial::new(problem, solution);
    let Some((at, window, school)) = trial.due(id) else {
        return Vec::new();
    };
    let (now, own) = {
        let visit = &trial.solution.visits[at];
        (visit.date, visit.team.clone())
    };
    let mut days: Vec<usize> = window.collect();
    days.sort_by_key(|&day| ((problem.days[day] - now).num_days().abs(), day));
    let mut choices = Vec::new();
    for day in days {
        if clock.over() {
            break;
        }
        let team = match school.and_then(|school| problem.visitors(school, day).first()) {
            Some(&k) => vec![problem.data().supervisors[k].id.clone()],
            None => own.clone(),
        };
        choices.push(trial.place(at, problem.days[day], team));
    }
    choices.sort_by_key(|choice| choice.date);
    choices
}

/// A plan in which one visit at a time is somewhere else.
struct Trial<'a> {
    problem: &'a Problem,
    solution: Solution,
    cost: f64,
}

impl<'a> Trial<'a> {
    fn new(problem: &'a Problem, solution: &Solution) -> Self {
        Self {
            problem,
            solution: solution.clone(),
            cost: total(problem, solution),
        }
    }

    /// Where a visit that is still due stands, the days of its window, and its school if it is a routine visit.
    fn due(&self, id: &str) -> Option<(usize, std::ops::Range<usize>, Option<usize>)> {
        let at = self.solution.visits.iter().position(|v| v.id == id)?;
        let p = self.problem;
        let series = p
            .series
            .iter()
            .find(|one| p.ids_of(one).any(|own| own == id));
        if let Some(series) = series {
            return Some((at, series.window.clone(), Some(series.school)));
        }
        let job = p.jobs.iter().find(|job| job.id == id)?;
        Some((at, job.window.clone(), None))
    }

    /// What it costs and breaks to have a visit on a day by a team.
    fn place(&mut self, at: usize, date: NaiveDate, team: Vec<String>) -> Choice {
        let was = self.solution.visits[at].clone();
        self.solution.visits[at].date = date;
        self.solution.visits[at].team.clone_from(&team);
        let choice = Choice {
            date,
            team,
            rise: total(self.problem, &self.solution) - self.cost,
            breaks: check(self.problem, &self.solution),
        };
        self.solution.visits[at] = was;
        choice
    }
}

fn total(problem: &Problem, solution: &Solution) -> f64 {
    let parts = price(problem, solution);
    parts.iter().map(|part| part.minutes).sum()
}

fn changes(problem: &Problem, solution: &Solution, clock: &Clock) -> Vec<Change> {
    let data = problem.data();
    if data.current.is_empty() {
        return Vec::new();
    }
    let past: HashSet<&str> = data.fixed.iter().map(|v| v.id.as_str()).collect();
    let lost: HashMap<String, Lost> = problem.lost().into_iter().collect();
    let was: HashMap<&str, &Visit> = data.current.iter().map(|v| (v.id.as_str(), v)).collect();
    let is: HashMap<&str, (usize, &Visit)> = solution
        .visits
        .iter()
        .enumerate()
        .map(|(n, v)| (v.id.as_str(), (n, v)))
        .collect();
    let mut ids: Vec<&str> = was.keys().chain(is.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut trial = Trial::new(problem, solution);
    let mut told = Vec::new();
    for id in ids.into_iter().filter(|id| !past.contains(id)) {
        let (before, after) = (was.get(id).copied(), is.get(id).copied());
        let reason = match (before, after) {
            (Some(before), Some((_, after))) if same(before, after) => continue,
            (Some(_), None) => Words::new("不再应安排", "no longer due"),
            (Some(before), Some((at, _))) => match lost.get(id) {
                Some(why) => why.words(),
                None if clock.over() => Words::new("已调整", "moved"),
                None => back(&trial.place(at, before.date, before.team.clone())),
            },
            (None, _) => Words::new("新增", "new"),
        };
        told.push(Change {
            before: before.cloned(),
            after: after.map(|after| after.1.clone()),
            reason,
        });
    }
    told
}

/// Why a visit does not stay as it could.
fn back(stayed: &Choice) -> Words {
    if let Some(broken) = stayed.breaks.first() {
        return Words::new(
            format!("若不调整：{}", broken.words.zh),
            format!("if it stayed: {}", broken.words.en),
        );
    }
    if stayed.rise > SAME {
        let rise = stayed.rise;
        return Words::new(
            format!("若不调整，全年多 {rise:.0} 分钟"),
            format!("if it stayed, {rise:.0} minutes a year more"),
        );
    }
    Words::new("可不调整，不多用时间", "it could stay at no cost")
}

/// Whether two visits have the same day, leader and team.
fn same(a: &Visit, b: &Visit) -> bool {
    let team = |v: &Visit| v.team.iter().cloned().collect::<HashSet<String>>();
    a.date == b.date && a.team.first() == b.team.first() && team(a) == team(b)
}

fn limits(problem: &Problem, solution: &Solution) -> Vec<Limit> {
    let data = problem.data();
    let mut limits = Vec::new();
    let mut add = |rule: &str, subject: &str, used: f64, limit: f64, words| {
        limits.push(Limit {
            rule: rule.to_owned(),
            subject: subject.to_owned(),
            used,
            limit,
            words,
        });
    };
    // The least that one more visit takes.
    let filed = data.items.iter().filter(|item| item.filed);
    let least = filed.map(|item| item.days).fold(f64::INFINITY, f64::min);
    let open = data
        .weeks
        .iter()
        .filter(|week| !week.days.is_empty())
        .count() as f64;
    for (k, load) in loads(problem, solution).iter().enumerate() {
        let person = &data.supervisors[k];
        let (name, used, most) = (&person.name, load.total, problem.capacity(k));
        if used + least > most + 1e-9 {
            let words = Words::new(
                format!("{name}全年 {used:.1} 天，扣除预留后至多 {most:.1} 天"),
                format!("{name} has {used:.1} days of at most {most:.1} without the reserve"),
            );
            add("yearly_days", &person.id, used, most, words);
        }
        let most = person.max_days_week;
        let full = load.days.iter().filter(|&&days| days + least > most + 1e-9);
        let full = full.count() as f64;
        if full > 0.0 {
            let words = Words::new(
                format!("{name}有 {full:.0} 周排满（每周至多 {most} 天）"),
                format!("{name} has {full:.0} full weeks (at most {most} days a week)"),
            );
            add("weekly_days", &person.id, full, open, words);
        }
    }
    let routine: HashSet<&str> = data
        .items
        .iter()
        .filter(|item| item.kind == super::Kind::Routine)
        .map(|item| item.id.as_str())
        .collect();
    let mut teams: HashMap<&str, f64> = HashMap::new();
    let mut joined: HashMap<&str, f64> = HashMap::new();
    for visit in &solution.visits {
        if !visit.items.iter().all(|id| routine.contains(id.as_str())) {
            *teams.entry(&visit.target).or_default() += 1.0;
        }
        for unit in &visit.units {
            *joined.entry(unit).or_default() += 1.0;
        }
    }
    let most = f64::from(data.rules.burden_per_school);
    for school in &data.schools {
        let used = teams.get(school.id.as_str()).copied().unwrap_or_default();
        if used >= most {
            let name = &school.name;
            let words = Words::new(
                format!("{name}全年接受检查 {used:.0} 次（上限 {most:.0} 次）"),
                format!("{name} has {used:.0} inspections of at most {most:.0}"),
            );
            add("burden", &school.id, used, most, words);
        }
    }
    for unit in &data.units {
        let used = joined.get(unit.id.as_str()).copied().unwrap_or_default();
        let most = f64::from(unit.max_visits);
        if used >= most {
            let name = &unit.name;
            let words = Words::new(
                format!("{name}参加综合督导 {used:.0} 次（上限 {most:.0} 次）"),
                format!("{name} joins {used:.0} comprehensive inspections of at most {most:.0}"),
            );
            add("unit_participation", &unit.id, used, most, words);
        }
    }
    limits
}

fn spreads(problem: &Problem, solution: &Solution) -> Vec<Spread> {
    let data = problem.data();
    let loads = loads(problem, solution).into_iter().map(|load| load.total);
    let roads = roads(problem, solution).into_iter();
    let mut visits: HashMap<&str, f64> = HashMap::new();
    for visit in &solution.visits {
        *visits.entry(&visit.target).or_default() += 1.0;
    }
    let seen = |school: &super::School| visits.get(school.id.as_str()).copied();
    vec![
        Spread::of("days", loads.collect()),
        Spread::of(
            "travel_minutes",
            roads.map(|road| road.routine + road.team).collect(),
        ),
        Spread::of(
            "school_visits",
            data.schools
                .iter()
                .map(|s| seen(s).unwrap_or_default())
                .collect(),
        ),
    ]
}
