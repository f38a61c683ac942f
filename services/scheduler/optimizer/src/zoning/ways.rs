//! Ways out of a county that cannot be zoned: the smallest change of each kind that helps, each verified by solving again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::data::{Data, Pin, Supervisor};
use super::problem::Problem;
use crate::{Clock, Conflict, Stop, Unwatched, Words};

/// The most of a change that is tried: so many more schools, supervisors or years.
const MOST: u32 = 6;
/// Seconds for one verification, and for all of them.
const SECONDS: f64 = 2.0;
const SECONDS_IN_ALL: f64 = 12.0;
/// Shares by which days are raised.
const DAYS: [u32; 6] = [5, 10, 15, 20, 30, 50];
/// Pins that are tried one by one.
const PINS: usize = 12;

/// A change of the county's data, in words.
struct Way {
    data: Data,
    words: Words,
}

/// The ways out of these conflicts that were verified; none if time ran out first, or if none of the changes known here helps
/// by itself.
pub fn verified(
    problem: &Problem,
    conflicts: &[Conflict],
    stop: &Stop,
    clock: &Clock,
) -> Vec<Words> {
    let until = clock.seconds() + SECONDS_IN_ALL.min(clock.left().as_secs_f64());
    let mut found = Vec::new();
    for kind in kinds(problem.data(), conflicts) {
        // The smallest change of a kind that helps is enough of it.
        for way in kind {
            let left = until - clock.seconds();
            if left <= 0.0 || clock.over() {
                return found;
            }
            let Ok(changed) = Problem::new(way.data) else {
                continue;
            };
            let attempt = Stop {
                time: Duration::from_secs_f64(SECONDS.min(left)),
                gap: 1.0,
                ..stop.clone()
            };
            let outcome = super::search::attempt(&changed, &attempt, 1, None, &mut Unwatched);
            if let Some(minutes) = outcome.objective {
                found.push(Words::new(
                    format!("{}（已验证可行，全年约 {minutes:.0} 分钟）", way.words.zh),
                    format!(
                        "{} (verified: about {minutes:.0} minutes a year)",
                        way.words.en
                    ),
                ));
                break;
            }
        }
    }
    found
}

/// Changes by kind, from the smallest on.
fn kinds(data: &Data, conflicts: &[Conflict]) -> Vec<Vec<Way>> {
    let about = |ids: fn(&Conflict) -> &Vec<String>| -> BTreeSet<&str> {
        conflicts.iter().flat_map(ids).map(String::as_str).collect()
    };
    let schools = about(|conflict| &conflict.schools);
    let people = about(|conflict| &conflict.supervisors);
    let rules = about(|conflict| &conflict.rules);
    // Where a conflict names nobody it is about all of them.
    let named = |id: &str| people.is_empty() || people.contains(id);
    let mut kinds = Vec::new();
    if rules.contains("pin") {
        kinds.extend(pins(data, &schools).map(|way| vec![way]));
    }
    if rules.contains("rotation") {
        kinds.push(counted(|n| {
            let years = data.rules.max_years_same_school + n;
            let mut data = data.clone();
            data.rules.max_years_same_school = years;
            let zh = format!("同一督学连续负责同一学校放宽到 {years} 年");
            let en = format!("let a supervisor keep a school for {years} years");
            (data, zh, en)
        }));
    }
    if rules.contains("max_schools") {
        kinds.push(counted(|n| {
            let mut data = data.clone();
            for person in data.supervisors.iter_mut().filter(|k| named(&k.id)) {
                person.max_schools += n;
            }
            let (zh, en) = whose(&data, &people);
            (
                data,
                format!("{zh}每人多负责 {n} 所学校"),
                format!("let {en} take {n} more schools each"),
            )
        }));
    }
    if rules.contains("capacity") {
        let more = DAYS.map(|percent| {
            let mut data = data.clone();
            for person in data.supervisors.iter_mut().filter(|k| named(&k.id)) {
                person.max_days *= 1.0 + f64::from(percent) / 100.0;
            }
            let (zh, en) = whose(&data, &people);
            Way {
                data,
                words: Words::new(
                    format!("{zh}全年天数增加 {percent}%"),
                    format!("{percent} % more days a year from {en}"),
                ),
            }
        });
        kinds.push(more.into());
        if data.supervisors.iter().any(|k| k.min_days > 0.0) {
            let mut data = data.clone();
            data.supervisors.iter_mut().for_each(|k| k.min_days = 0.0);
            let words = Words::new("取消每人最少天数", "no fewest days for anyone");
            kinds.push(vec![Way { data, words }]);
        }
    }
    if rules.contains("zone_size") {
        kinds.push(counted(|n| {
            let schools = data.rules.zone_max_schools + n;
            let mut data = data.clone();
            data.rules.zone_max_schools = schools;
            let zh = format!("每个责任区学校上限提高到 {schools} 所");
            (data, zh, format!("allow {schools} schools in a zone"))
        }));
    }
    if rules.contains("zone_team") {
        kinds.push(counted(|n| {
            let people = data.rules.zone_max_supervisors + n;
            let mut data = data.clone();
            data.rules.zone_max_supervisors = people;
            let zh = format!("每个责任区督学上限提高到 {people} 人");
            (data, zh, format!("allow {people} supervisors in a zone"))
        }));
    }
    kinds.push(counted(|n| {
        let mut data = data.clone();
        recruit(&mut data, &schools, n);
        let stage = data
            .schools
            .iter()
            .find(|school| schools.contains(school.id.as_str()))
            .map(|school| school.stage);
        let (zh, en) = stage.map_or((String::new(), String::new()), |stage| {
            (
                format!("可督导{}的", stage.zh()),
                format!(" for a {} and the other schools named", stage.en()),
            )
        });
        (
            data,
            format!("增加 {n} 名{zh}督学"),
            format!("{n} more supervisors{en}"),
        )
    }));
    kinds
}

fn counted(change: impl Fn(u32) -> (Data, String, String)) -> Vec<Way> {
    let ways = (1..=MOST).map(|n| {
        let (data, zh, en) = change(n);
        Way {
            data,
            words: Words::new(zh, en),
        }
    });
    ways.collect()
}

/// These supervisors in words.
fn whose(data: &Data, people: &BTreeSet<&str>) -> (String, String) {
    let names: Vec<&str> = data
        .supervisors
        .iter()
        .filter(|person| people.contains(person.id.as_str()))
        .map(|person| person.name.as_str())
        .collect();
    match names.len() {
        0 => ("全体督学".to_owned(), "all supervisors".to_owned()),
        1..=5 => (names.join("、"), names.join(", ")),
        n => (
            format!("{}等 {n} 名督学", names[..3].join("、")),
            format!("{} and {} others", names[..3].join(", "), n - 3),
        ),
    }
}

/// Each pin about one of the schools given up.
fn pins<'a>(data: &'a Data, schools: &'a BTreeSet<&str>) -> impl Iterator<Item = Way> + 'a {
    let about = |pin: &Pin| match pin {
        Pin::Assign { school, .. } | Pin::Forbid { school, .. } => {
            schools.contains(school.as_str())
        }
        Pin::Together { a, b } | Pin::Apart { a, b } => {
            schools.contains(a.as_str()) || schools.contains(b.as_str())
        }
    };
    let concerned = data.pins.iter().enumerate();
    concerned
        .filter(move |(_, pin)| schools.is_empty() || about(pin))
        .take(PINS)
        .map(|(n, pin)| {
            let mut changed = data.clone();
            changed.pins.remove(n);
            let school = |id: &str| {
                let known = data.schools.iter().find(|school| school.id == id);
                known.map_or_else(|| id.to_owned(), |school| school.name.clone())
            };
            let person = |id: &str| {
                let known = data.supervisors.iter().find(|person| person.id == id);
                known.map_or_else(|| id.to_owned(), |person| person.name.clone())
            };
            let (zh, en) = match pin {
                Pin::Assign {
                    school: what,
                    supervisor,
                } => (
                    format!("{}由{}负责", school(what), person(supervisor)),
                    format!("{} with {}", school(what), person(supervisor)),
                ),
                Pin::Forbid {
                    school: what,
                    supervisor,
                } => (
                    format!("{}不由{}负责", school(what), person(supervisor)),
                    format!("{} never with {}", school(what), person(supervisor)),
                ),
                Pin::Together { a, b } => (
                    format!("{}与{}同一督学", school(a), school(b)),
                    format!("{} together with {}", school(a), school(b)),
                ),
                Pin::Apart { a, b } => (
                    format!("{}与{}不同督学", school(a), school(b)),
                    format!("{} apart from {}", school(a), school(b)),
                ),
            };
            Way {
                data: changed,
                words: Words::new(
                    format!("取消“{zh}”的指定"),
                    format!("give up the pin “{en}”"),
                ),
            }
        })
}

/// Adds full-time supervisors for these schools (or for all), one after another where they are nearest to most.
fn recruit(data: &mut Data, schools: &BTreeSet<&str>, count: u32) {
    let concerned = |id: &str| schools.is_empty() || schools.contains(id);
    let own: Vec<_> = data
        .schools
        .iter()
        .filter(|school| concerned(&school.id))
        .collect();
    let mut stages: Vec<_> = own.iter().map(|school| school.stage).collect();
    stages.sort_unstable();
    stages.dedup();
    let typical = |of: fn(&Supervisor) -> f64| {
        let mut values: Vec<f64> = data.supervisors.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let (days, most) = (
        typical(|k| k.max_days),
        typical(|k| f64::from(k.max_schools)),
    );
    let recruits: Vec<Supervisor> = (0..count as usize)
        .filter_map(|n| {
            let home = own.get((2 * n + 1) * own.len() / (2 * count as usize).max(1))?;
            Some(Supervisor {
                id: format!("+{}", n + 1),
                name: format!("新增督学{}", n + 1),
                place: home.place,
                full_time: true,
                stages: stages.clone(),
                min_days: 0.0,
                max_days: days,
                max_schools: most as u32,
                avoid: Vec::new(),
                years: std::collections::BTreeMap::new(),
                last_zone: None,
            })
        })
        .collect();
    if let Some(travel) = &mut data.travel {
        for recruit in &recruits {
            let minutes = |place| data.roads.minutes(recruit.place, place);
            travel.push(data.schools.iter().map(|s| minutes(s.place)).collect());
        }
    }
    data.supervisors.extend(recruits);
}
