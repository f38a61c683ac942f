//! Counties made up for tests.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::data::{Data, Rules, School, Supervisor, Weights};
use crate::Stage;
use crate::geo::{Place, Roads};

/// A school of this stage, with the work of ten routine visits and a comprehensive inspection every four years.
pub fn school(n: usize, lon: f64, lat: f64, stage: Stage) -> School {
    School {
        id: format!("S{n:03}"),
        name: format!("第{n}学校"),
        stage,
        town: Some(format!("T{}", n % 3)),
        place: Place { lon, lat },
        days: 5.75,
        visits: 10.0,
        team_visits: 0.25,
        last_supervisor: None,
    }
}

/// A supervisor of kindergartens, primary and junior schools who may have five schools.
pub fn supervisor(n: usize, lon: f64, lat: f64, full_time: bool) -> Supervisor {
    Supervisor {
        id: format!("K{n:02}"),
        name: format!("督学{n}"),
        place: Place { lon, lat },
        full_time,
        stages: vec![Stage::Kindergarten, Stage::Primary, Stage::Junior],
        min_days: 0.0,
        max_days: 75.0,
        max_schools: 5,
        avoid: Vec::new(),
        years: BTreeMap::new(),
        last_zone: None,
    }
}

/// Schools and supervisors, without pins, under the default rules.
pub fn data(schools: Vec<School>, supervisors: Vec<Supervisor>) -> Data {
    Data {
        schools,
        supervisors,
        roads: Roads::default(),
        travel: None,
        rules: Rules::default(),
        weights: Weights::default(),
        pins: Vec::new(),
    }
}

/// A random county.
pub fn county(schools: usize, supervisors: usize, seed: u64) -> Data {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut spot = || {
        (
            112.5 + 0.6 * rng.random::<f64>(),
            35.3 + 0.5 * rng.random::<f64>(),
        )
    };
    let stages = [
        Stage::Primary,
        Stage::Kindergarten,
        Stage::Primary,
        Stage::Junior,
    ];
    let mut schools: Vec<School> = (0..schools)
        .map(|n| {
            let (lon, lat) = spot();
            school(n, lon, lat, stages[n % 4])
        })
        .collect();
    let mut supervisors: Vec<Supervisor> = (0..supervisors)
        .map(|n| {
            let (lon, lat) = spot();
            supervisor(n, lon, lat, n % 3 == 0)
        })
        .collect();
    for (n, k) in supervisors.iter_mut().enumerate() {
        if n % 4 == 1 {
            k.stages = vec![Stage::Primary, Stage::Kindergarten];
        }
        if rng.random::<f64>() < 0.4 {
            k.avoid
                .push(schools[rng.random_range(0..schools.len())].id.clone());
        }
        if rng.random::<f64>() < 0.4 {
            let years = rng.random_range(1..5);
            k.years.insert(
                schools[rng.random_range(0..schools.len())].id.clone(),
                years,
            );
        }
    }
    for i in &mut schools {
        if rng.random::<f64>() < 0.5 {
            i.last_supervisor = Some(
                supervisors[rng.random_range(0..supervisors.len())]
                    .id
                    .clone(),
            );
        }
    }
    data(schools, supervisors)
}
