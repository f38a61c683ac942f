//! Every hard rule, verified on a finished zoning from the planner's data alone. Shares no code with the search.

use std::collections::{BTreeMap, BTreeSet};

use super::data::{Data, Pin, School, Solution, Supervisor, Zone};
use super::problem::Problem;
use crate::{Violation, Words};

/// Slack for sums of days.
const TINY: f64 = 1e-6;

/// The rules that a solution breaks; none if it may be carried out.
///
/// Names: `assigned` (every school and every supervisor once, nobody unknown), `zone_size`, `zone_team`, `full_time`,
/// `stage`, `capacity`, `max_schools`, `avoidance`, `rotation`, `pin`, `contiguity`.
pub fn check(problem: &Problem, solution: &Solution) -> Vec<Violation> {
    let data = problem.data();
    let mut verdict = Verdict {
        schools: data
            .schools
            .iter()
            .enumerate()
            .map(|(i, s)| (s.id.as_str(), (i, s)))
            .collect(),
        supervisors: data
            .supervisors
            .iter()
            .map(|k| (k.id.as_str(), k))
            .collect(),
        problem,
        solution,
        violations: Vec::new(),
    };
    verdict.assigned();
    for zone in &solution.zones {
        verdict.zone(zone);
    }
    for supervisor in &data.supervisors {
        verdict.workload(supervisor);
    }
    verdict.pairs();
    verdict.pins();
    verdict.violations
}

struct Verdict<'a> {
    problem: &'a Problem,
    solution: &'a Solution,
    schools: BTreeMap<&'a str, (usize, &'a School)>,
    supervisors: BTreeMap<&'a str, &'a Supervisor>,
    violations: Vec<Violation>,
}

impl<'a> Verdict<'a> {
    fn data(&self) -> &'a Data {
        self.problem.data()
    }

    fn broken(&mut self, rule: &str, subjects: &[&str], zh: String, en: String) {
        self.violations.push(Violation {
            rule: rule.to_owned(),
            subjects: subjects.iter().map(|&s| s.to_owned()).collect(),
            words: Words::new(zh, en),
        });
    }

    /// Everyone once, no one unknown.
    fn assigned(&mut self) {
        for school in &self.data().schools {
            if !self.solution.schools.contains_key(&school.id) {
                let name = &school.name;
                self.broken(
                    "assigned",
                    &[&school.id],
                    format!("{name}没有责任督学"),
                    format!("{name} has no supervisor"),
                );
            }
        }
        for (school, supervisor) in &self.solution.schools {
            for (id, known) in [
                (school, self.schools.contains_key(school.as_str())),
                (
                    supervisor,
                    self.supervisors.contains_key(supervisor.as_str()),
                ),
            ] {
                if !known {
                    self.broken(
                        "assigned",
                        &[id],
                        format!("没有编号 {id}"),
                        format!("nothing has the id {id}"),
                    );
                }
            }
        }
        let mut seen: BTreeMap<&str, usize> = self.supervisors.keys().map(|&id| (id, 0)).collect();
        let mut names = BTreeSet::new();
        for zone in &self.solution.zones {
            if !names.insert(zone.id.as_str()) {
                let id = &zone.id;
                self.broken(
                    "assigned",
                    &[id],
                    format!("责任区 {id} 重复"),
                    format!("zone {id} occurs twice"),
                );
            }
            for id in &zone.supervisors {
                *seen.entry(id.as_str()).or_insert(usize::MAX / 2) += 1;
            }
        }
        for (id, times) in seen {
            if times >= usize::MAX / 2 {
                self.broken(
                    "assigned",
                    &[id],
                    format!("没有督学 {id}"),
                    format!("there is no supervisor {id}"),
                );
            } else if times != 1 {
                let zh = format!("督学 {id} 属于 {times} 个责任区，应属于 1 个");
                self.broken(
                    "assigned",
                    &[id],
                    zh,
                    format!("supervisor {id} is in {times} zones instead of one"),
                );
            }
        }
    }

    fn zone(&mut self, zone: &Zone) {
        let rules = &self.data().rules;
        let team: BTreeSet<&str> = zone.supervisors.iter().map(String::as_str).collect();
        let (most, count) = (rules.zone_max_supervisors as usize, team.len());
        let least = (rules.zone_min_supervisors as usize).min(self.data().supervisors.len());
        let id = &zone.id;
        if count < least || count > most {
            let zh = format!("责任区 {id} 有 {count} 名督学，应为 {least}–{most} 名");
            let en = format!("zone {id} has {count} supervisors instead of {least} to {most}");
            self.broken("zone_team", &[id], zh, en);
        }
        if self.full_time_rule_holds()
            && !team
                .iter()
                .any(|k| self.supervisors.get(k).is_some_and(|k| k.full_time))
        {
            let zh = format!("责任区 {id} 没有专职督学");
            self.broken(
                "full_time",
                &[id],
                zh,
                format!("zone {id} has no full-time supervisor"),
            );
        }
        let solution = self.solution;
        let schools: Vec<&str> = solution
            .schools
            .iter()
            .filter(|(_, k)| team.contains(k.as_str()))
            .map(|(i, _)| i.as_str())
            .collect();
        let most = rules.zone_max_schools as usize;
        if schools.len() > most {
            let zh = format!("责任区 {id} 有 {} 所学校，至多 {most} 所", schools.len());
            let en = format!("zone {id} has {} schools, more than {most}", schools.len());
            self.broken("zone_size", &[id], zh, en);
        }
        if rules.contiguous {
            self.contiguity(id, &schools);
        }
    }

    /// "Where there are enough": at least as many full-time supervisors as the fewest zones possible.
    fn full_time_rule_holds(&self) -> bool {
        let data = self.data();
        let ceil = |a: usize, b: u32| a.div_ceil(b as usize);
        let fewest = ceil(data.supervisors.len(), data.rules.zone_max_supervisors)
            .max(ceil(data.schools.len(), data.rules.zone_max_schools));
        data.rules.full_time_in_each_zone
            && data.supervisors.iter().filter(|k| k.full_time).count() >= fewest
    }

    /// Inside each natural piece of the county, the zone's schools hang together.
    fn contiguity(&mut self, zone: &str, schools: &[&'a str]) {
        let graph = self.problem.graph();
        let mut rest: BTreeMap<usize, &str> = schools
            .iter()
            .filter_map(|id| self.schools.get(id).map(|&(i, _)| (i, *id)))
            .collect();
        let mut parts: BTreeMap<usize, Vec<Vec<&str>>> = BTreeMap::new();
        while let Some((first, id)) = rest.pop_first() {
            let (mut part, mut frontier) = (vec![id], vec![first]);
            while let Some(school) = frontier.pop() {
                for next in graph.near(school) {
                    if let Some(id) = rest.remove(next) {
                        part.push(id);
                        frontier.push(*next);
                    }
                }
            }
            parts.entry(graph.piece(first)).or_default().push(part);
        }
        for mut parts in parts.into_values().filter(|parts| parts.len() > 1) {
            parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
            let mut subjects = vec![zone];
            subjects.extend(parts.iter().skip(1).flatten());
            let zh = format!("责任区 {zone} 分成互不相邻的 {} 片", parts.len());
            let en = format!(
                "zone {zone} lies in {} parts that do not touch",
                parts.len()
            );
            self.broken("contiguity", &subjects, zh, en);
        }
    }

    fn workload(&mut self, supervisor: &Supervisor) {
        let (id, name) = (supervisor.id.as_str(), &supervisor.name);
        let solution = self.solution;
        let own: Vec<&School> = solution
            .schools
            .iter()
            .filter(|(_, k)| k.as_str() == id)
            .filter_map(|(i, _)| self.schools.get(i.as_str()).map(|&(_, school)| school))
            .collect();
        if own.len() > supervisor.max_schools as usize {
            let (count, most) = (own.len(), supervisor.max_schools);
            let zh = format!("{name}负责 {count} 所学校，至多 {most} 所");
            let en = format!("{name} is responsible for {count} schools, more than {most}");
            self.broken("max_schools", &[id], zh, en);
        }
        let days: f64 = own.iter().map(|school| school.days).sum();
        let (least, most) = (supervisor.min_days, supervisor.max_days);
        if days > most + TINY || days < least - TINY {
            let zh = format!("{name}的工作量为 {days:.1} 天，应为 {least:.1}–{most:.1} 天");
            let en =
                format!("{name} has {days:.1} days of work instead of {least:.1} to {most:.1}");
            self.broken("capacity", &[id], zh, en);
        }
    }

    /// Stage, avoidance, rotation of every school and its supervisor.
    fn pairs(&mut self) {
        let solution = self.solution;
        let limit = self.data().rules.max_years_same_school;
        for (i, k) in &solution.schools {
            let (Some(&(_, school)), Some(&supervisor)) = (
                self.schools.get(i.as_str()),
                self.supervisors.get(k.as_str()),
            ) else {
                continue; // reported as not assigned
            };
            let (who, what) = (&supervisor.name, &school.name);
            if !supervisor.stages.contains(&school.stage) {
                let zh = format!("{who}不督导{}，不能负责{what}", school.stage.zh());
                let en = format!(
                    "{who} does not supervise a {} such as {what}",
                    school.stage.en()
                );
                self.broken("stage", &[i, k], zh, en);
            }
            if supervisor.avoid.contains(i) {
                self.broken(
                    "avoidance",
                    &[i, k],
                    format!("{who}须回避{what}"),
                    format!("{who} must avoid {what}"),
                );
            }
            if let Some(&years) = supervisor.years.get(i)
                && years >= limit
            {
                let zh = format!("{who}已连续负责{what} {years} 年，至多 {limit} 年");
                let en =
                    format!("{who} has had {what} for {years} years, at most {limit} are allowed");
                self.broken("rotation", &[i, k], zh, en);
            }
        }
    }

    fn pins(&mut self) {
        let solution = self.solution;
        let of = |school: &String| solution.schools.get(school);
        for pin in &self.data().pins {
            match pin {
                Pin::Assign { school, supervisor } if of(school) != Some(supervisor) => {
                    let zh = format!("学校 {school} 指定由 {supervisor} 负责");
                    let en = format!("school {school} is pinned to {supervisor}");
                    self.broken("pin", &[school, supervisor], zh, en);
                }
                Pin::Forbid { school, supervisor } if of(school) == Some(supervisor) => {
                    let zh = format!("学校 {school} 指定不由 {supervisor} 负责");
                    let en = format!("school {school} must never have {supervisor}");
                    self.broken("pin", &[school, supervisor], zh, en);
                }
                Pin::Together { a, b } if of(a) != of(b) => {
                    let zh = format!("学校 {a} 和 {b} 须由同一督学负责");
                    self.broken(
                        "pin",
                        &[a, b],
                        zh,
                        format!("schools {a} and {b} must have the same supervisor"),
                    );
                }
                Pin::Apart { a, b } if of(a) == of(b) => {
                    let zh = format!("学校 {a} 和 {b} 不得由同一督学负责");
                    self.broken(
                        "pin",
                        &[a, b],
                        zh,
                        format!("schools {a} and {b} must not have the same supervisor"),
                    );
                }
                Pin::Assign { .. }
                | Pin::Forbid { .. }
                | Pin::Together { .. }
                | Pin::Apart { .. } => {}
            }
        }
    }
}
