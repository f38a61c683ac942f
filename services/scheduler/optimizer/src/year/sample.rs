//! Counties for tests.

use chrono::{Days, NaiveDate};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::data::{Data, Item, Kind, Rules, School, Supervisor, Town, Unit, Week, Weights};
use crate::Stage;
use crate::geo::{Place, Roads};

/// The Monday on which the sample year begins.
pub fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, 4).expect("a date")
}

/// The day so many days after the first Monday.
pub fn day(n: u64) -> NaiveDate {
    monday() + Days::new(n)
}

/// An item with every school as its target.
pub fn item(id: &str, kind: Kind, targets: Vec<String>, weeks: u64) -> Item {
    Item {
        id: id.into(),
        name: id.into(),
        kind,
        basis: String::new(),
        filed: true,
        targets,
        start: day(0),
        end: day(7 * weeks - 1),
        visits: 1,
        min_gap_weeks: 1,
        max_gap_weeks: 53,
        team: if kind == Kind::Routine { 1 } else { 3 },
        days: if kind == Kind::Routine { 0.5 } else { 1.0 },
        specialist: kind == Kind::Comprehensive,
        mergeable: false,
    }
}

/// A county of random schools in zones of about four supervisors, each responsible for the schools nearest to them.
/// `summer` weeks in the middle have no days.
pub fn county(schools: usize, supervisors: usize, weeks: u64, visits: u32, seed: u64) -> Data {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut place = || Place {
        lon: 112.0 + rng.random_range(0.0..0.6),
        lat: 35.0 + rng.random_range(0.0..0.5),
    };
    let people: Vec<Supervisor> = (0..supervisors)
        .map(|k| Supervisor {
            id: format!("K{k:02}"),
            name: format!("督学{k}"),
            place: place(),
            zone: format!("Z{}", k / 4),
            full_time: k % 3 == 0,
            stages: Stage::ALL.to_vec(),
            avoid: Vec::new(),
            max_days_week: 3.0,
            max_days_year: 60.0,
            leave: Vec::new(),
            until: None,
        })
        .collect();
    let most = schools.div_ceil(supervisors) + 1;
    let mut load = vec![0; supervisors];
    let roads = Roads::default();
    let list: Vec<School> = (0..schools)
        .map(|i| {
            let at = place();
            let own = (0..supervisors)
                .filter(|&k| load[k] < most)
                .min_by(|&a, &b| {
                    let minutes = |k: usize| roads.minutes(people[k].place, at);
                    minutes(a).total_cmp(&minutes(b))
                })
                .expect("room for every school");
            load[own] += 1;
            School {
                id: format!("S{i:03}"),
                name: format!("学校{i}"),
                stage: Stage::ALL[i % 4],
                town: None,
                place: at,
                supervisor: people[own].id.clone(),
                zone: people[own].zone.clone(),
                risk: (i % 7) as f64,
                blackout: Vec::new(),
            }
        })
        .collect();
    let towns: Vec<Town> = (0..5)
        .map(|n| Town {
            id: format!("T{n}"),
            name: format!("乡镇{n}"),
            place: place(),
        })
        .collect();
    let ids: Vec<String> = list.iter().map(|s| s.id.clone()).collect();
    let summer = weeks * 5 / 9..weeks * 5 / 9 + weeks / 6;
    let beat = (weeks - weeks / 6) as u32 / visits.max(1);
    let items = vec![
        Item {
            visits,
            min_gap_weeks: (beat / 2).max(1),
            max_gap_weeks: beat * 2,
            ..item("日常", Kind::Routine, ids.clone(), weeks)
        },
        item(
            "综合",
            Kind::Comprehensive,
            ids.iter().step_by(4).cloned().collect(),
            weeks,
        ),
        item(
            "督政",
            Kind::Government,
            towns.iter().map(|t| t.id.clone()).collect(),
            weeks,
        ),
    ];
    Data {
        weeks: (0..weeks)
            .map(|w| Week {
                start: day(7 * w),
                days: (0..5)
                    .filter(|_| !summer.contains(&w))
                    .map(|d| day(7 * w + d))
                    .collect(),
            })
            .collect(),
        from: None,
        schools: list,
        supervisors: people,
        towns,
        units: (0..21)
            .map(|n| Unit {
                id: format!("U{n:02}"),
                name: format!("成员单位{n}"),
                max_visits: 2,
            })
            .collect(),
        items,
        rules: Rules::default(),
        weights: Weights::default(),
        fixed: Vec::new(),
        current: Vec::new(),
        pins: Vec::new(),
        roads,
    }
}
