//! Why there is no zoning: rules that cannot hold together, with numbers and ways out.

use std::collections::BTreeMap;

use super::data::{Pin, Rules, School};
use super::problem::{Problem, Refusal};
use super::shortage::{days, idle, places};
use crate::{Conflict, Words};

/// Every conflict that counting alone can prove; none does not mean that there is a zoning.
pub fn find(problem: &Problem) -> Vec<Conflict> {
    let mut found = pins(problem);
    if found.is_empty() {
        found = nobody(problem);
    }
    if found.is_empty() {
        found = too_big(problem);
    }
    found.extend(numbers(problem));
    if found.is_empty() {
        found.extend(places(problem).or_else(|| days(problem)));
        found.extend(idle(problem));
    }
    found
}

/// Names of schools for a sentence: the first three, and how many.
pub fn names<'a>(schools: impl Iterator<Item = &'a School>) -> (String, String) {
    let all: Vec<&str> = schools.map(|s| s.name.as_str()).collect();
    let shown = all.iter().take(3).copied();
    match all.len() {
        0..=3 => (all.join("、"), all.join(", ")),
        n => (
            format!(
                "{}等 {n} 所学校",
                shown.clone().collect::<Vec<_>>().join("、")
            ),
            format!(
                "{} and {} more schools",
                shown.collect::<Vec<_>>().join(", "),
                n - 3
            ),
        ),
    }
}

fn ids(problem: &Problem, schools: &[usize], supervisors: &[usize]) -> (Vec<String>, Vec<String>) {
    let data = problem.data();
    (
        schools
            .iter()
            .map(|&i| data.schools[i].id.clone())
            .collect(),
        supervisors
            .iter()
            .map(|&k| data.supervisors[k].id.clone())
            .collect(),
    )
}

/// A conflict about schools and supervisors given by index.
pub fn conflict(
    problem: &Problem,
    rules: &[&str],
    schools: &[usize],
    supervisors: &[usize],
    words: Words,
    ways_out: Vec<Words>,
) -> Conflict {
    let (schools, supervisors) = ids(problem, schools, supervisors);
    Conflict {
        rules: rules.iter().map(|&r| r.to_owned()).collect(),
        schools,
        supervisors,
        words,
        ways_out,
    }
}

/// Pins that contradict each other or the rules.
fn pins(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let release = || vec![Words::new("撤销其中一项指定", "give up one of these pins")];
    let mut found = Vec::new();
    let mut pinned: BTreeMap<&str, &str> = BTreeMap::new();
    for pin in &data.pins {
        let Pin::Assign { school, supervisor } = pin else {
            continue;
        };
        let i = data.schools.iter().position(|s| s.id == *school);
        let k = data.supervisors.iter().position(|s| s.id == *supervisor);
        let (Some(i), Some(k)) = (i, k) else { continue };
        let (what, who) = (&data.schools[i].name, &data.supervisors[k].name);
        match pinned.insert(school, supervisor) {
            Some(other) if other != supervisor => {
                let words = Words::new(
                    format!("{what}同时指定给了 {other} 和 {supervisor}"),
                    format!("{what} is pinned to both {other} and {supervisor}"),
                );
                found.push(conflict(problem, &["pin"], &[i], &[k], words, release()));
                continue;
            }
            Some(_) | None => {}
        }
        if let Some(refusal) = problem
            .refusal(k, i)
            .filter(|&refusal| refusal != Refusal::Pin)
        {
            let why = refusal.words();
            let words = Words::new(
                format!("{what}指定由{who}负责，但{who}{}", why.zh),
                format!("{what} is pinned to {who}, who {}", why.en),
            );
            found.push(conflict(
                problem,
                &["pin", refusal.rule()],
                &[i],
                &[k],
                words,
                release(),
            ));
        }
    }
    for &(a, b) in problem.apart() {
        if problem.group(a) == problem.group(b) {
            let (one, other) = (&data.schools[a].name, &data.schools[b].name);
            let words = Words::new(
                format!("{one}和{other}既须由同一督学负责，又不得由同一督学负责"),
                format!("{one} and {other} must have the same supervisor and must not"),
            );
            found.push(conflict(problem, &["pin"], &[a, b], &[], words, release()));
        }
    }
    found
}

/// Schools, or schools that stay together, that nobody may serve.
fn nobody(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let mut found = Vec::new();
    for i in 0..problem.schools() {
        let mut reasons: BTreeMap<Refusal, usize> = BTreeMap::new();
        let refusals: Vec<Refusal> = (0..problem.supervisors())
            .filter_map(|k| problem.refusal(k, i))
            .collect();
        if refusals.len() < problem.supervisors() {
            continue;
        }
        for refusal in refusals {
            *reasons.entry(refusal).or_default() += 1;
        }
        let list = |zh: bool| {
            let reason = |(r, n): (&Refusal, &usize)| {
                if zh {
                    format!("{n} 人{}", r.words().zh)
                } else {
                    format!("{n}: {}", r.words().en)
                }
            };
            reasons
                .iter()
                .map(reason)
                .collect::<Vec<_>>()
                .join(if zh { "，" } else { "; " })
        };
        let (name, stage) = (&data.schools[i].name, data.schools[i].stage);
        let words = Words::new(
            format!(
                "{} 名督学都不能负责{name}：{}",
                problem.supervisors(),
                list(true)
            ),
            format!(
                "none of the {} supervisors may be responsible for {name} ({})",
                problem.supervisors(),
                list(false)
            ),
        );
        let mut ways = vec![Words::new(
            format!("增加一名可督导{}、无须回避{name}的督学", stage.zh()),
            format!(
                "one more supervisor for a {} who need not avoid {name}",
                stage.en()
            ),
        )];
        if reasons.contains_key(&Refusal::Rotation) {
            ways.push(Words::new(
                "放宽轮换年限",
                "allow more years in a row with a school",
            ));
        }
        let rules: Vec<&str> = reasons.keys().map(|r| r.rule()).collect();
        found.push(conflict(problem, &rules, &[i], &[], words, ways));
    }
    if !found.is_empty() {
        return found;
    }
    for group in problem.groups().iter().filter(|group| group.len() > 1) {
        if !(0..problem.supervisors()).any(|k| group.iter().all(|&i| problem.may(k, i))) {
            let (zh, en) = names(group.iter().map(|&i| &data.schools[i]));
            let words = Words::new(
                format!("{zh}须由同一督学负责，但没有督学能负责其中每一所"),
                format!(
                    "{en} must have the same supervisor, and no supervisor may be responsible for all of them"
                ),
            );
            let ways = vec![Words::new(
                "解除这些学校的同组指定",
                "do not keep these schools together",
            )];
            found.push(conflict(
                problem,
                &["pin", "stage", "avoidance", "rotation"],
                group,
                &[],
                words,
                ways,
            ));
        }
    }
    found
}

/// Schools, or schools that stay together, that are too much for everyone who may serve them.
fn too_big(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let mut found = Vec::new();
    for group in problem.groups() {
        let days: f64 = group.iter().map(|&i| data.schools[i].days).sum();
        let able: Vec<usize> = (0..problem.supervisors())
            .filter(|&k| group.iter().all(|&i| problem.may(k, i)))
            .collect();
        let fits = |k: &usize| {
            let supervisor = &data.supervisors[*k];
            group.len() <= supervisor.max_schools as usize && days <= supervisor.max_days + 1e-9
        };
        if able.iter().any(fits) {
            continue;
        }
        let most_days = able
            .iter()
            .map(|&k| data.supervisors[k].max_days)
            .fold(0.0, f64::max);
        let most_schools = able
            .iter()
            .map(|&k| data.supervisors[k].max_schools)
            .max()
            .unwrap_or(0);
        let (zh, en) = names(group.iter().map(|&i| &data.schools[i]));
        let words = Words::new(
            format!(
                "{zh}须由一名督学负责，共 {} 所、{days:.1} 天；可负责的督学至多 {most_schools} 所、{most_days:.1} 天",
                group.len()
            ),
            format!(
                "{en}: {} schools and {days:.1} days for one supervisor; those who may serve have at most \
                 {most_schools} schools and {most_days:.1} days",
                group.len()
            ),
        );
        let ways = vec![Words::new(
            "提高其中一名督学的上限，或解除同组、指定",
            "raise the limits of one of these supervisors, or release the pins",
        )];
        found.push(conflict(
            problem,
            &["capacity", "max_schools", "pin"],
            group,
            &able,
            words,
            ways,
        ));
    }
    found
}

/// Numbers of zones that cannot be.
fn numbers(problem: &Problem) -> Option<Conflict> {
    let data = problem.data();
    let teams = problem.teams();
    let (schools, people) = (problem.schools(), problem.supervisors());
    if teams.fewest <= teams.most {
        return None;
    }
    let Rules {
        zone_max_schools: size,
        zone_min_supervisors: least,
        zone_max_supervisors: most,
        ..
    } = data.rules;
    let zones = people / teams.smallest;
    if schools > size as usize * zones {
        let short = schools.div_ceil(size as usize) * teams.smallest - people;
        let words = Words::new(
            format!(
                "{people} 名督学至多组成 {zones} 个责任区，每区至多 {size} 所学校：{schools} 所学校只有 {} 个名额",
                zones * size as usize
            ),
            format!(
                "{people} supervisors make at most {zones} zones of at most {size} schools: {} places for {schools} schools",
                zones * size as usize
            ),
        );
        let ways = vec![
            Words::new(
                format!("增加 {short} 名督学"),
                format!("{short} more supervisors"),
            ),
            Words::new(
                format!("每区学校上限提高到 {}", schools.div_ceil(zones)),
                format!("allow {} schools in a zone", schools.div_ceil(zones)),
            ),
        ];
        return Some(conflict(
            problem,
            &["zone_size", "zone_team"],
            &[],
            &[],
            words,
            ways,
        ));
    }
    let words = Words::new(
        format!("{people} 名督学不能分成每区 {least}–{most} 人的责任区"),
        format!("{people} supervisors cannot be divided into zones of {least} to {most}"),
    );
    let ways = vec![Words::new(
        "放宽每区督学人数",
        "allow other numbers of supervisors in a zone",
    )];
    Some(conflict(problem, &["zone_team"], &[], &[], words, ways))
}
