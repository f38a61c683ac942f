//! What a plan costs, part by part; who works when; what is covered.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::data::{Data, Item, Kind, Solution, Supervisor, Visit};
use super::problem::Problem;
use crate::Part;
use crate::geo::Place;

/// The parts of a plan's cost in weighted minutes; they add up to the objective.
///
/// - `routine_travel`: day-trips from the base to one or two schools and back;
/// - `team_travel`: every member to the target and back, on every day that the visit takes;
/// - `peaks`: weight × Σ days of a supervisor in a week above the even load ([`even_load`]);
/// - `lateness`: weight × Σ risk × weeks since the window opened, over comprehensive inspections and follow-ups;
/// - `change`: weight × visits of the plan in force that are on another day or paid by others although they could stay.
///
/// Past visits count like all others, but never as changes.
pub fn price(problem: &Problem, solution: &Solution) -> Vec<Part> {
    let data = problem.data();
    let weights = &data.weights;
    let book = Ledger::new(data);
    let late: f64 = solution
        .visits
        .iter()
        .map(|visit| book.waits(problem, visit))
        .sum();
    let roads = roads(problem, solution);
    let trips: f64 = roads.iter().map(|road| road.routine).sum();
    let travel: f64 = roads.iter().map(|road| road.team).sum();
    let moved: f64 = problem.moved(solution).iter().map(|moved| moved.1).sum();
    let even = even_load(problem);
    let beyond: f64 = loads(problem, solution)
        .iter()
        .flat_map(|load| &load.days)
        .map(|days| (days - even).max(0.0))
        .sum();
    [
        ("routine_travel", weights.travel * trips),
        ("team_travel", weights.travel * travel),
        ("peaks", weights.peak * beyond),
        ("lateness", weights.late * late),
        ("change", moved),
    ]
    .map(|(name, minutes)| Part {
        name: name.to_owned(),
        minutes,
    })
    .to_vec()
}

/// Minutes of a year that a supervisor is on the road.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Road {
    /// For routine visits: from the base to one or two schools and back.
    pub routine: f64,
    /// For team visits: to the target and back, on every day that the visit takes.
    pub team: f64,
}

/// Minutes on the road of every supervisor, in the order of their list. Past visits by people who are no more are left out.
pub fn roads(problem: &Problem, solution: &Solution) -> Vec<Road> {
    let data = problem.data();
    let book = Ledger::new(data);
    let mut roads = vec![Road::default(); data.supervisors.len()];
    let mut trips: BTreeMap<(&str, NaiveDate), Vec<&str>> = BTreeMap::new();
    for visit in &solution.visits {
        let days = (book.days(visit) - 1e-9).ceil().max(1.0);
        for k in &visit.team {
            if book.routine(visit) {
                let trip = trips.entry((k, visit.date)).or_default();
                trip.push(&visit.target);
            } else if let Some(&(n, _)) = book.supervisors.get(k.as_str()) {
                roads[n].team += 2.0 * book.minutes(k, &visit.target) * days;
            }
        }
    }
    for ((k, _), targets) in trips {
        if let Some(&(n, _)) = book.supervisors.get(k) {
            roads[n].routine += match targets[..] {
                [a, b] if a != b => book.minutes(k, a) + book.between(a, b) + book.minutes(k, b),
                _ => targets.iter().map(|t| 2.0 * book.minutes(k, t)).sum(),
            };
        }
    }
    roads
}

/// Days of visits of a supervisor in a week above which they are a peak: the mean over all supervisors and weeks with
/// days of everything due, and the tolerance, but at least one day.
pub fn even_load(problem: &Problem) -> f64 {
    problem.even
}

/// How much a supervisor does in each week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The supervisor's id.
    pub supervisor: String,
    /// Days of visits in each of the calendar's weeks, weeks without days too.
    pub days: Vec<f64>,
    /// Their sum.
    pub total: f64,
}

/// The load of every supervisor, in the order of their list.
pub fn loads(problem: &Problem, solution: &Solution) -> Vec<Load> {
    let data = problem.data();
    let book = Ledger::new(data);
    let mut days = vec![vec![0.0; data.weeks.len()]; data.supervisors.len()];
    for visit in &solution.visits {
        let after = data.weeks.partition_point(|w| w.start <= visit.date);
        let Some(week) = after.checked_sub(1) else {
            continue;
        };
        for k in &visit.team {
            if let Some(&(n, _)) = book.supervisors.get(k.as_str()) {
                days[n][week] += book.days(visit);
            }
        }
    }
    data.supervisors
        .iter()
        .zip(days)
        .map(|(k, days)| Load {
            supervisor: k.id.clone(),
            total: days.iter().sum(),
            days,
        })
        .collect()
}

/// How much of an item is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The item's id.
    pub item: String,
    /// Visits due: targets × visits, past ones too; none if the item is not filed.
    pub due: u32,
    /// Visits in the plan that meet it.
    pub scheduled: u32,
}

/// The coverage of every item, in the order of their list.
pub fn coverage(problem: &Problem, solution: &Solution) -> Vec<Coverage> {
    let mut scheduled: HashMap<&str, u32> = HashMap::new();
    for id in solution.visits.iter().flat_map(|v| &v.items) {
        *scheduled.entry(id).or_default() += 1;
    }
    problem
        .data()
        .items
        .iter()
        .map(|item| Coverage {
            item: item.id.clone(),
            due: if item.filed {
                item.targets.len() as u32 * item.visits
            } else {
                0
            },
            scheduled: scheduled.get(item.id.as_str()).copied().unwrap_or(0),
        })
        .collect()
}

/// What ids stand for.
struct Ledger<'a> {
    data: &'a Data,
    items: HashMap<&'a str, &'a Item>,
    places: HashMap<&'a str, (Place, f64)>,
    supervisors: HashMap<&'a str, (usize, &'a Supervisor)>,
}

impl<'a> Ledger<'a> {
    fn new(data: &'a Data) -> Self {
        let schools = data
            .schools
            .iter()
            .map(|s| (s.id.as_str(), (s.place, s.risk)));
        let towns = data.towns.iter().map(|t| (t.id.as_str(), (t.place, 0.0)));
        Self {
            data,
            items: data.items.iter().map(|i| (i.id.as_str(), i)).collect(),
            places: schools.chain(towns).collect(),
            supervisors: data
                .supervisors
                .iter()
                .enumerate()
                .map(|(n, k)| (k.id.as_str(), (n, k)))
                .collect(),
        }
    }

    fn items(&self, visit: &Visit) -> impl Iterator<Item = &'a Item> {
        let known: Vec<&Item> = visit
            .items
            .iter()
            .filter_map(|id| self.items.get(id.as_str()).copied())
            .collect();
        known.into_iter()
    }

    fn days(&self, visit: &Visit) -> f64 {
        self.items(visit).map(|i| i.days).fold(0.0, f64::max)
    }

    fn routine(&self, visit: &Visit) -> bool {
        self.items(visit).all(|i| i.kind == Kind::Routine)
    }

    fn minutes(&self, supervisor: &str, target: &str) -> f64 {
        match (self.supervisors.get(supervisor), self.places.get(target)) {
            (Some((_, k)), Some(&(place, _))) => self.data.roads.minutes(k.place, place),
            _ => 0.0,
        }
    }

    fn between(&self, a: &str, b: &str) -> f64 {
        match (self.places.get(a), self.places.get(b)) {
            (Some(&(a, _)), Some(&(b, _))) => self.data.roads.minutes(a, b),
            _ => 0.0,
        }
    }

    fn waits(&self, problem: &Problem, visit: &Visit) -> f64 {
        let risk = self.places.get(visit.target.as_str()).map_or(0.0, |p| p.1);
        let week = problem.opens(visit.date);
        self.items(visit)
            .filter(|i| matches!(i.kind, Kind::Comprehensive | Kind::FollowUp))
            .map(|i| risk * week.saturating_sub(problem.opens(i.start)) as f64)
            .sum()
    }
}
