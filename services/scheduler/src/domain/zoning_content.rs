//! A zoning plan's content as people read it, from the frozen problem and its solution.

use std::collections::HashMap;

use dudao_optimizer::Stage;
use dudao_optimizer::geo::Place;
use dudao_optimizer::zoning::{Problem, Solution};

use super::compare::Entries;

/// A zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Its id within the county.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its supervisors with their loads.
    pub supervisors: Vec<Supervisor>,
    /// Its schools, by supervisor.
    pub schools: Vec<School>,
}

/// A supervisor with the load of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Supervisor {
    /// The person's id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// Whether full-time.
    pub full_time: bool,
    /// Schools looked after.
    pub schools: u32,
    /// The most schools to look after.
    pub max_schools: u32,
    /// Work in days a year.
    pub days: f64,
    /// Days a year that the person can give.
    pub max_days: f64,
    /// Minutes of routine travel a year.
    pub travel_minutes: f64,
    /// Where rounds start.
    pub base: Place,
}

/// A school with its responsible supervisor.
#[derive(Clone, Debug, PartialEq)]
pub struct School {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: Stage,
    /// Its town; may be "".
    pub town: String,
    /// Its responsible supervisor.
    pub supervisor: String,
    /// Minutes one way from that supervisor's base.
    pub travel_minutes: f64,
    /// Where it is.
    pub place: Place,
}

/// The zones of a solution, each with its people and schools. What the problem does not know is left out: the check has
/// refused such a solution before.
pub fn zones(problem: &Problem, solution: &Solution) -> Vec<Zone> {
    let data = problem.data();
    let person: HashMap<&str, usize> = data
        .supervisors
        .iter()
        .enumerate()
        .map(|(k, s)| (s.id.as_str(), k))
        .collect();
    let mut own: Vec<Vec<usize>> = vec![Vec::new(); data.supervisors.len()];
    for (i, school) in data.schools.iter().enumerate() {
        let responsible = solution.schools.get(&school.id);
        if let Some(&k) = responsible.and_then(|id| person.get(id.as_str())) {
            own[k].push(i);
        }
    }
    solution
        .zones
        .iter()
        .enumerate()
        .map(|(number, zone)| {
            let team: Vec<usize> = zone
                .supervisors
                .iter()
                .filter_map(|id| person.get(id.as_str()).copied())
                .collect();
            Zone {
                id: zone.id.clone(),
                name: display_name(number + 1, &zone.id),
                supervisors: team
                    .iter()
                    .map(|&k| supervisor(problem, k, &own[k]))
                    .collect(),
                schools: team
                    .iter()
                    .flat_map(|&k| own[k].iter().map(move |&i| school(problem, k, i)))
                    .collect(),
            }
        })
        .collect()
}

/// 第3督学责任区: by the number in its id where that is one of ours, so that a zone keeps its name over the years.
fn display_name(number: usize, id: &str) -> String {
    let number = id
        .strip_prefix('Z')
        .and_then(|rest| rest.parse().ok())
        .unwrap_or(number);
    format!("第{number}督学责任区")
}

fn supervisor(problem: &Problem, k: usize, own: &[usize]) -> Supervisor {
    let data = problem.data();
    let person = &data.supervisors[k];
    Supervisor {
        id: person.id.clone(),
        name: person.name.clone(),
        full_time: person.full_time,
        schools: own.len() as u32,
        max_schools: person.max_schools,
        days: own.iter().map(|&i| data.schools[i].days).sum(),
        max_days: person.max_days,
        travel_minutes: own
            .iter()
            .map(|&i| data.schools[i].visits * 2.0 * problem.minutes(k, i))
            .sum(),
        base: person.place,
    }
}

fn school(problem: &Problem, k: usize, i: usize) -> School {
    let data = problem.data();
    let school = &data.schools[i];
    School {
        code: school.id.clone(),
        name: school.name.clone(),
        stage: school.stage,
        town: school.town.clone().unwrap_or_default(),
        supervisor: data.supervisors[k].id.clone(),
        travel_minutes: problem.minutes(k, i),
        place: school.place,
    }
}

/// What is compared: each school's zone and supervisor.
pub fn entries(zones: &[Zone]) -> Entries {
    let mut entries = Entries::new();
    for zone in zones {
        for school in &zone.schools {
            let responsible = zone.supervisors.iter().find(|s| s.id == school.supervisor);
            let name = responsible.map_or("", |s| s.name.as_str());
            let said = format!("{} · {name}（{}）", zone.name, school.supervisor);
            entries.insert(school.code.clone(), (school.name.clone(), said));
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dudao_optimizer::zoning::{objective, solve};
    use dudao_optimizer::{Stop, Unwatched};

    use super::super::zoning_plan::draft;
    use super::super::zoning_plan::tests::{county, inputs};
    use super::*;

    #[test]
    fn the_content_names_every_school_once_and_its_loads_add_up() {
        let draft = draft(&county(12, 4), &inputs(), None).expect("sound");
        let problem = Problem::new(draft.data).expect("sound");
        let stop = Stop::new(Duration::from_secs(2), 0.5);
        let solution = solve(&problem, &stop, 1, None, &mut Unwatched)
            .solution
            .expect("feasible");
        let zones = zones(&problem, &solution);
        assert_eq!(zones.iter().map(|z| z.schools.len()).sum::<usize>(), 12);
        assert_eq!(zones.iter().map(|z| z.supervisors.len()).sum::<usize>(), 4);
        let travel: f64 = zones
            .iter()
            .flat_map(|z| &z.supervisors)
            .map(|s| s.travel_minutes)
            .sum();
        let priced = objective(&problem, &solution);
        let priced = priced
            .iter()
            .find(|part| part.name == "routine_travel")
            .expect("a part");
        assert!((travel - priced.minutes).abs() < 1e-6 * travel);
        for person in zones.iter().flat_map(|z| &z.supervisors) {
            assert!(person.days <= person.max_days && person.schools <= person.max_schools);
        }
        assert_eq!(entries(&zones).len(), 12);
    }

    #[test]
    fn a_zone_keeps_its_number_when_it_keeps_its_id() {
        assert_eq!(display_name(1, "Z07"), "第7督学责任区");
        assert_eq!(display_name(4, "东片"), "第4督学责任区");
    }
}
