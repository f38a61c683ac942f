//! Every hard rule, verified on a finished plan from the planner's data alone. Shares no code with the search.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::data::{Data, Item, Kind, School, Solution, Supervisor, Visit};
use super::problem::{Problem, visit_id};
use crate::{Violation, Words};

/// A routine visit: its day, whether it lies in the past, its id.
type Paid<'a> = (NaiveDate, bool, &'a str);

/// Slack for sums of days.
const SLACK: f64 = 1e-6;

/// The rules that a plan breaks; none if it may be carried out. What was done in the past (`fixed`) is never itself
/// reported, but counts.
///
/// Names: `due`, `spacing`, `weekly_days`, `yearly_days`, `day_clash`, `team_size`, `leader`, `specialist`,
/// `avoidance`, `own_supervisor` (who leads a team, who pays routine visits), `term`, `leave`, `unit_participation`,
/// `burden`, `fortnight`, `merged`, `blackout` (not a visiting day, or the school is closed), `filed`, `fixed`, `pin`.
pub fn check(problem: &Problem, solution: &Solution) -> Vec<Violation> {
    let data = problem.data();
    let mut verdict = Verdict {
        data,
        solution,
        items: data.items.iter().map(|i| (i.id.as_str(), i)).collect(),
        schools: data.schools.iter().map(|s| (s.id.as_str(), s)).collect(),
        supervisors: data
            .supervisors
            .iter()
            .map(|k| (k.id.as_str(), k))
            .collect(),
        calendar: data
            .weeks
            .iter()
            .filter(|w| !w.days.is_empty())
            .enumerate()
            .flat_map(|(n, w)| w.days.iter().map(move |&d| (d, n)))
            .collect(),
        past: data.fixed.iter().map(|v| v.id.as_str()).collect(),
        from: data
            .fixed
            .iter()
            .filter_map(|v| v.date.succ_opt())
            .chain(data.from)
            .max(),
        violations: Vec::new(),
    };
    verdict.fixed();
    verdict.pins();
    verdict.due();
    verdict.merged();
    for visit in &solution.visits {
        if !verdict.past.contains(visit.id.as_str()) {
            verdict.visit(visit);
        }
    }
    verdict.spacing();
    verdict.work();
    verdict.schools();
    verdict.units();
    verdict.violations
}

struct Verdict<'a> {
    data: &'a Data,
    solution: &'a Solution,
    items: BTreeMap<&'a str, &'a Item>,
    schools: BTreeMap<&'a str, &'a School>,
    supervisors: BTreeMap<&'a str, &'a Supervisor>,
    /// The week (among those with days) of each visiting day.
    calendar: BTreeMap<NaiveDate, usize>,
    past: BTreeSet<&'a str>,
    from: Option<NaiveDate>,
    violations: Vec<Violation>,
}

impl<'a> Verdict<'a> {
    fn broken(&mut self, rule: &str, subjects: &[&str], zh: String, en: String) {
        self.violations.push(Violation {
            rule: rule.to_owned(),
            subjects: subjects.iter().map(|&s| s.to_owned()).collect(),
            words: Words::new(zh, en),
        });
    }

    fn met(&self, visit: &Visit) -> Vec<&'a Item> {
        let known = visit
            .items
            .iter()
            .filter_map(|id| self.items.get(id.as_str()));
        known.copied().collect()
    }

    fn team_visit(&self, visit: &Visit) -> bool {
        self.met(visit).iter().any(|i| i.kind != Kind::Routine)
    }

    /// The visiting days of a visit, and the work on each. Past ones of several days are put on the first.
    fn stay(&self, visit: &Visit) -> Vec<(NaiveDate, f64)> {
        let mut left = self.met(visit).iter().map(|i| i.days).fold(0.0, f64::max);
        if left <= 1.0 + SLACK || self.past.contains(visit.id.as_str()) {
            return vec![(visit.date, left)];
        }
        let mut stay = Vec::new();
        for (&day, _) in self.calendar.range(visit.date..) {
            if left <= SLACK {
                break;
            }
            stay.push((day, left.min(1.0)));
            left -= 1.0;
        }
        if left > SLACK {
            stay.push((NaiveDate::MAX, left));
        }
        stay
    }

    fn fixed(&mut self) {
        let visits: BTreeMap<&str, &Visit> = self
            .solution
            .visits
            .iter()
            .map(|v| (v.id.as_str(), v))
            .collect();
        for visit in &self.data.fixed {
            if visits.get(visit.id.as_str()) != Some(&visit) {
                let (id, date) = (&visit.id, visit.date);
                self.broken(
                    "fixed",
                    &[id],
                    format!("{date} 已完成的督导 {id} 被改动"),
                    format!("{id} of {date} lies in the past and was changed"),
                );
            }
        }
    }

    /// What the planner has decided.
    fn pins(&mut self) {
        let data = self.data;
        let by_id = |visits: &'a [Visit]| -> BTreeMap<&str, &Visit> {
            visits.iter().map(|v| (v.id.as_str(), v)).collect()
        };
        let visits = by_id(&self.solution.visits);
        let current = by_id(&data.current);
        for pin in &data.pins {
            let kept = visits.get(pin.visit.as_str()).is_some_and(|visit| {
                let team = match (&pin.team[..], current.get(pin.visit.as_str())) {
                    ([], Some(was)) => &was.team,
                    _ => &pin.team,
                };
                let all = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
                let same = visit.team.first() == team.first() && all(&visit.team) == all(team);
                visit.date == pin.date && (team.is_empty() || same)
            });
            if !kept {
                let (id, date) = (&pin.visit, pin.date);
                self.broken(
                    "pin",
                    &[id],
                    format!("{id} 指定在 {date}（{}）", pin.team.join("、")),
                    format!("{id} is pinned to {date} ({})", pin.team.join(", ")),
                );
            }
        }
    }

    /// Every filed item at every target as often as due, inside its window; nothing else.
    fn due(&mut self) {
        let solution = self.solution;
        let mut count: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        let mut done: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for visit in &solution.visits {
            if !ids.insert(visit.id.as_str()) {
                let id = &visit.id;
                self.broken(
                    "due",
                    &[id],
                    format!("督导编号 {id} 重复"),
                    format!("two visits have the id {id}"),
                );
            }
            for item in &visit.items {
                *count.entry((item, &visit.target)).or_default() += 1;
            }
        }
        for visit in &self.data.fixed {
            for item in &visit.items {
                *done.entry((item, &visit.target)).or_default() += 1;
            }
        }
        for item in self.data.items.iter().filter(|i| i.filed) {
            for target in &item.targets {
                let key = (item.id.as_str(), target.as_str());
                let due = item.visits.max(done.get(&key).copied().unwrap_or(0));
                let planned = count.remove(&key).unwrap_or(0);
                if planned != due {
                    let name = &item.name;
                    self.broken(
                        "due",
                        &[&item.id, target],
                        format!("{target} 的“{name}”应督导 {due} 次，计划了 {planned} 次"),
                        format!("{target} is due {due} visits of {name}, {planned} are planned"),
                    );
                }
            }
        }
        for ((item, target), planned) in count {
            if planned > done.get(&(item, target)).copied().unwrap_or(0) {
                let unfiled = self.items.get(item).is_none_or(|i| !i.filed);
                let rule = if unfiled { "filed" } else { "due" };
                self.broken(
                    rule,
                    &[item, target],
                    format!("{target} 的 {item} 不在年度督导清单之内"),
                    format!("{item} at {target} is not on the year's filed list"),
                );
            }
        }
    }

    /// The items of every visit are those that the windows make one.
    fn merged(&mut self) {
        let mut done: BTreeSet<(&str, &str)> = BTreeSet::new();
        for visit in &self.data.fixed {
            done.extend(
                visit
                    .items
                    .iter()
                    .map(|i| (i.as_str(), visit.target.as_str())),
            );
        }
        let mut groups: BTreeMap<&str, Vec<Vec<&Item>>> = BTreeMap::new();
        let mut items: Vec<&Item> = self
            .data
            .items
            .iter()
            .filter(|i| i.filed && i.mergeable && i.visits == 1 && i.kind != Kind::Routine)
            .collect();
        items.sort_by_key(|i| i.start);
        for item in items {
            for target in &item.targets {
                if done.contains(&(item.id.as_str(), target.as_str())) {
                    continue;
                }
                let groups = groups.entry(target).or_default();
                let joins = groups.iter().position(|group: &Vec<&Item>| {
                    let start = group.iter().map(|i| i.start).max().max(Some(item.start));
                    let end = group.iter().map(|i| i.end).fold(item.end, NaiveDate::min);
                    let shared = self
                        .calendar
                        .keys()
                        .filter(|&&d| Some(d) >= start && d <= end && Some(d) >= self.from)
                        .filter(|&&d| self.school_open(target, d))
                        .count();
                    shared >= self.data.rules.merge_min_days as usize
                });
                match joins {
                    Some(n) => groups[n].push(item),
                    None => groups.push(vec![item]),
                }
            }
        }
        let solution = self.solution;
        for visit in &solution.visits {
            if self.past.contains(visit.id.as_str()) {
                continue;
            }
            let met: BTreeSet<&str> = visit.items.iter().map(String::as_str).collect();
            let group = groups.get(visit.target.as_str()).and_then(|groups| {
                groups
                    .iter()
                    .find(|g| g.iter().any(|i| met.contains(i.id.as_str())))
            });
            let due: BTreeSet<&str> = group.map_or_else(
                || met.iter().take(1).copied().collect(),
                |g| g.iter().map(|i| i.id.as_str()).collect(),
            );
            if met != due || met.len() != visit.items.len() {
                let due: Vec<&str> = due.into_iter().collect();
                self.broken(
                    "merged",
                    &[&visit.id],
                    format!("{} 应合并督导的事项为：{}", visit.target, due.join("、")),
                    format!("{} is to meet {} in one visit", visit.id, due.join(", ")),
                );
            }
        }
    }

    fn school_open(&self, target: &str, day: NaiveDate) -> bool {
        let closed = |s: &&School| s.blackout.iter().any(|&(a, b)| a <= day && day <= b);
        !self.schools.get(target).is_some_and(closed)
    }

    /// The rules that concern a visit by itself.
    fn visit(&mut self, visit: &'a Visit) {
        let id = visit.id.as_str();
        let items = self.met(visit);
        let stay = self.stay(visit);
        for item in &items {
            let ends = stay.last().map_or(visit.date, |&(day, _)| day);
            if visit.date < item.start || ends > item.end {
                self.broken(
                    "due",
                    &[id],
                    format!("{} 不在期限 {}—{} 内", visit.date, item.start, item.end),
                    format!(
                        "{} lies outside its window {} to {}",
                        visit.date, item.start, item.end
                    ),
                );
            }
        }
        if Some(visit.date) < self.from {
            self.broken(
                "fixed",
                &[id],
                format!("{} 早于计划起始日", visit.date),
                format!("{} lies before the first day of the plan", visit.date),
            );
        }
        let week = self.calendar.get(&visit.date).copied();
        for &(day, _) in &stay {
            let there = self.calendar.get(&day).copied();
            if there.is_none() || there != week || !self.school_open(&visit.target, day) {
                self.broken(
                    "blackout",
                    &[id, &visit.target],
                    format!("{day} 不可到 {} 督导", visit.target),
                    format!("{} may not be visited on {day}", visit.target),
                );
            }
        }
        for k in &visit.team {
            self.member(visit, k, &stay);
        }
        let distinct: BTreeSet<&String> = visit.team.iter().collect();
        let least = if self.team_visit(visit) {
            let asked = items.iter().map(|i| i.team).max().unwrap_or(0);
            asked.max(self.data.rules.team_min) as usize
        } else {
            1
        };
        if distinct.len() < least || distinct.len() != visit.team.len() {
            self.broken(
                "team_size",
                &[id],
                format!("应有 {least} 名督学，安排了 {} 名", distinct.len()),
                format!(
                    "{least} supervisors are needed, {} are named",
                    distinct.len()
                ),
            );
        }
        if self.team_visit(visit) {
            self.led(visit, &items);
        } else {
            if visit.team.len() > 1 {
                self.broken(
                    "team_size",
                    &[id],
                    "经常性督导由一名督学承担".into(),
                    "a routine visit is paid by one supervisor".into(),
                );
            }
            self.paid(visit);
        }
    }

    fn member(&mut self, visit: &Visit, k: &str, stay: &[(NaiveDate, f64)]) {
        let id = visit.id.as_str();
        let Some(&supervisor) = self.supervisors.get(k) else {
            self.broken(
                "team_size",
                &[id, k],
                format!("没有督学 {k}"),
                format!("there is no supervisor {k}"),
            );
            return;
        };
        let name = &supervisor.name;
        if supervisor.avoid.contains(&visit.target) {
            self.broken(
                "avoidance",
                &[id, k],
                format!("{name}须回避 {}", visit.target),
                format!("{name} must avoid {}", visit.target),
            );
        }
        for &(day, _) in stay {
            if supervisor.until.is_some_and(|until| day > until) {
                self.broken(
                    "term",
                    &[id, k],
                    format!("{day} 时{name}聘期已满"),
                    format!("the term of {name} is over on {day}"),
                );
            }
            if supervisor.leave.iter().any(|&(a, b)| a <= day && day <= b) {
                self.broken(
                    "leave",
                    &[id, k],
                    format!("{name}在 {day} 请假"),
                    format!("{name} is on leave on {day}"),
                );
            }
        }
    }

    fn led(&mut self, visit: &Visit, items: &[&Item]) {
        let id = visit.id.as_str();
        let leader = visit
            .team
            .first()
            .and_then(|k| self.supervisors.get(k.as_str()).copied());
        if leader.is_none_or(|k| !k.full_time) {
            self.broken(
                "leader",
                &[id],
                "组长须为专职督学".into(),
                "a full-time supervisor must lead the team".into(),
            );
        }
        let Some(&school) = self.schools.get(visit.target.as_str()) else {
            return;
        };
        if leader.is_some_and(|k| k.id == school.supervisor) {
            self.broken(
                "own_supervisor",
                &[id, &school.supervisor],
                format!("{}的责任督学不得任组长", school.name),
                format!(
                    "the supervisor of {} may not lead its inspection",
                    school.name
                ),
            );
        }
        let seen = |k: &String| {
            let member = self.supervisors.get(k.as_str());
            member.is_some_and(|k| k.stages.contains(&school.stage))
        };
        if items.iter().any(|i| i.specialist) && !visit.team.iter().any(seen) {
            self.broken(
                "specialist",
                &[id],
                format!("督导组中无人可督导{}", school.stage.zh()),
                format!("nobody in the team supervises a {}", school.stage.en()),
            );
        }
    }

    /// Who pays a routine visit.
    fn paid(&mut self, visit: &Visit) {
        let (Some(k), Some(&school)) =
            (visit.team.first(), self.schools.get(visit.target.as_str()))
        else {
            return;
        };
        let Some(&own) = self.supervisors.get(school.supervisor.as_str()) else {
            return;
        };
        let long = i64::from(self.data.rules.stand_in_after_days);
        let away = own.until.is_some_and(|until| visit.date > until)
            || own.leave.iter().any(|&(a, b)| {
                a <= visit.date && visit.date <= b && (b - a).num_days() + 1 >= long
            });
        let stands_in = self
            .supervisors
            .get(k.as_str())
            .is_some_and(|k| k.zone == school.zone && k.stages.contains(&school.stage));
        if *k != own.id && !(away && stands_in) {
            self.broken(
                "own_supervisor",
                &[&visit.id, k],
                format!("{}的经常性督导应由{}承担", school.name, own.name),
                format!("routine visits to {} are paid by {}", school.name, own.name),
            );
        }
    }

    /// The rhythm of routine visits.
    fn spacing(&mut self) {
        let mut rows: BTreeMap<(&str, &str), Vec<Paid>> = BTreeMap::new();
        for visit in &self.solution.visits {
            for item in self.met(visit) {
                if item.kind == Kind::Routine {
                    let row = rows.entry((&item.id, &visit.target)).or_default();
                    row.push((visit.date, self.past.contains(visit.id.as_str()), &visit.id));
                }
            }
        }
        for ((item, target), mut row) in rows {
            row.sort_unstable();
            let (min, max) = (
                self.items[item].min_gap_weeks,
                self.items[item].max_gap_weeks,
            );
            // A past visit may lie on a day that the calendar no longer has: the week before counts.
            let week = |date: NaiveDate| {
                let at = self.calendar.range(..=date).next_back();
                at.map_or(0, |(_, &w)| w as u32)
            };
            let gaps: Vec<u32> = row
                .windows(2)
                .map(|pair| week(pair[1].0).saturating_sub(week(pair[0].0)))
                .collect();
            for (pair, gap) in row.windows(2).zip(gaps).filter(|(pair, _)| !pair[1].1) {
                if gap < min || gap > max {
                    let (a, b) = (pair[0].0, pair[1].0);
                    self.broken(
                        "spacing",
                        &[item, target],
                        format!("{target} 两次督导（{a}、{b}）相隔 {gap} 周，应为 {min}–{max} 周"),
                        format!("{target}: {gap} weeks from {a} to {b} instead of {min} to {max}"),
                    );
                }
            }
            self.in_order(item, target, &row);
        }
    }

    /// Routine visits that are still due are paid in the order of their numbers: the n-th is the n-th of the year.
    fn in_order(&mut self, item: &str, target: &str, row: &[Paid]) {
        let item = self.items[item];
        let dates: Vec<(u32, NaiveDate)> = (1..=item.visits)
            .filter_map(|n| {
                let id = visit_id(item, target, n);
                let due = row.iter().find(|(_, past, own)| !past && *own == id);
                due.map(|&(date, ..)| (n, date))
            })
            .collect();
        for pair in dates.windows(2).filter(|pair| pair[0].1 > pair[1].1) {
            let [(n, late), (next, soon)] = [pair[0], pair[1]];
            self.broken(
                "spacing",
                &[&item.id, target],
                format!("{target} 第 {n} 次督导（{late}）晚于第 {next} 次（{soon}）"),
                format!("{target}: visit {n} ({late}) comes after visit {next} ({soon})"),
            );
        }
    }

    /// What a supervisor does in a day, a week and the year.
    fn work(&mut self) {
        let mut daily: BTreeMap<(&str, NaiveDate), (f64, Vec<&str>)> = BTreeMap::new();
        let mut weekly: BTreeMap<(&str, NaiveDate), f64> = BTreeMap::new();
        let mut yearly: BTreeMap<&str, f64> = BTreeMap::new();
        let mut open: BTreeSet<(&str, NaiveDate)> = BTreeSet::new();
        for visit in &self.solution.visits {
            let new = !self.past.contains(visit.id.as_str());
            for k in &visit.team {
                for (day, share) in self.stay(visit) {
                    let monday = day.week(chrono::Weekday::Mon).checked_first_day();
                    let monday = monday.unwrap_or(day);
                    let monday = self
                        .data
                        .weeks
                        .iter()
                        .find(|w| w.days.contains(&day))
                        .map_or(monday, |w| w.start);
                    let today = daily.entry((k, day)).or_default();
                    today.0 += share;
                    if !self.team_visit(visit) {
                        today.1.push(&visit.target);
                    }
                    *weekly.entry((k, monday)).or_default() += share;
                    *yearly.entry(k).or_default() += share;
                    if new {
                        open.insert((k, day));
                        open.insert((k, monday));
                    }
                }
            }
        }
        let trip = self.data.rules.visits_per_trip as usize;
        for ((k, day), (days, schools)) in daily {
            let apart: BTreeSet<&&str> = schools.iter().collect();
            let clash = days > 1.0 + SLACK || schools.len() > trip || apart.len() < schools.len();
            if clash && open.contains(&(k, day)) {
                let n = schools.len();
                self.broken(
                    "day_clash",
                    &[k],
                    format!("{k} 在 {day} 的督导共 {days} 天，其中日常督导 {n} 次"),
                    format!("{k} has {days} days of visits, {n} of them routine, on {day}"),
                );
            }
        }
        for ((k, monday), days) in weekly {
            let most = self.supervisors.get(k).map_or(0.0, |k| k.max_days_week);
            if days > most + SLACK && open.contains(&(k, monday)) {
                let week = monday.iso_week().week();
                self.broken(
                    "weekly_days",
                    &[k],
                    format!("{k} 在第 {week} 周督导 {days} 天，至多 {most} 天"),
                    format!(
                        "{k} has {days} days of visits in the week of {monday}, at most {most}"
                    ),
                );
            }
        }
        for (k, days) in yearly {
            let reserve = self.data.rules.reserve_share;
            let most = self
                .supervisors
                .get(k)
                .map_or(0.0, |k| k.max_days_year * (1.0 - reserve));
            if days > most + SLACK && open.iter().any(|&(other, _)| other == k) {
                self.broken(
                    "yearly_days",
                    &[k],
                    format!("{k} 全年督导 {days} 天，扣除预留后至多 {most:.1} 天"),
                    format!("{k} has {days} days of visits, at most {most:.1} without the reserve"),
                );
            }
        }
    }

    /// What a school bears.
    fn schools(&mut self) {
        let mut teams: BTreeMap<&str, Vec<(NaiveDate, bool)>> = BTreeMap::new();
        for visit in &self.solution.visits {
            if self.team_visit(visit) && self.schools.contains_key(visit.target.as_str()) {
                let past = self.past.contains(visit.id.as_str());
                teams
                    .entry(&visit.target)
                    .or_default()
                    .push((visit.date, past));
            }
        }
        let most = self.data.rules.burden_per_school as usize;
        let least = 7 * i64::from(self.data.rules.min_weeks_between_teams);
        for (school, mut dates) in teams {
            dates.sort_unstable();
            let n = dates.len();
            if n > most && dates.iter().any(|d| !d.1) {
                self.broken(
                    "burden",
                    &[school],
                    format!("{school} 全年接受检查 {n} 次，至多 {most} 次"),
                    format!("{school} has {n} inspections in the year, at most {most}"),
                );
            }
            for pair in dates.windows(2).filter(|pair| !pair[1].1) {
                let (a, b) = (pair[0].0, pair[1].0);
                if (b - a).num_days() < least {
                    self.broken(
                        "fortnight",
                        &[school],
                        format!("{school} 在 {a} 和 {b} 接受两次检查，应相隔 {least} 天"),
                        format!("{school} has teams on {a} and {b}, less than {least} days apart"),
                    );
                }
            }
        }
    }

    /// Every member unit in a comprehensive inspection, and in no more than it can.
    fn units(&mut self) {
        let mut joined: BTreeMap<&str, u32> = BTreeMap::new();
        let mut any = false;
        for visit in &self.solution.visits {
            let met = self.met(visit);
            let comprehensive = met.iter().any(|i| i.kind == Kind::Comprehensive);
            any |= comprehensive;
            let past = self.past.contains(visit.id.as_str());
            let known = |unit: &&String| !past || self.data.units.iter().any(|u| u.id == **unit);
            for unit in visit.units.iter().filter(known) {
                if comprehensive {
                    *joined.entry(unit).or_default() += 1;
                } else if !past {
                    self.broken(
                        "unit_participation",
                        &[unit, &visit.id],
                        format!("成员单位 {unit} 参加的不是综合督导"),
                        format!("unit {unit} joins a visit that is no comprehensive inspection"),
                    );
                }
            }
        }
        let units = &self.data.units;
        for unit in units {
            let n = joined.remove(unit.id.as_str()).unwrap_or(0);
            if (any && n == 0) || n > unit.max_visits {
                let (name, most) = (&unit.name, unit.max_visits);
                self.broken(
                    "unit_participation",
                    &[&unit.id],
                    format!("{name}参加综合督导 {n} 次，应为 1–{most} 次"),
                    format!("{name} joins {n} comprehensive inspections instead of 1 to {most}"),
                );
            }
        }
        for unit in joined.into_keys() {
            self.broken(
                "unit_participation",
                &[unit],
                format!("没有成员单位 {unit}"),
                format!("there is no unit {unit}"),
            );
        }
    }
}
