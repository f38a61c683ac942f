//! The plan in ids, with the member units that join comprehensive inspections.

use std::collections::{BTreeSet, HashMap};

use super::book::Plan;
use super::data::{Kind, Solution, Visit};
use super::problem::{Problem, visit_id};

/// Writes a whole plan. Units keep the inspections that they have in the plan in force; those without one join the
/// inspections in turn.
pub fn write(problem: &Problem, plan: &Plan) -> Solution {
    let data = problem.data();
    let name = |k: &usize| data.supervisors[*k].id.clone();
    let mut visits = data.fixed.clone();
    for (series, rounds) in problem.series.iter().zip(&plan.series) {
        let (item, school) = (&data.items[series.item], &data.schools[series.school]);
        let rounds = rounds.iter().flatten();
        visits.extend(
            series
                .numbers
                .iter()
                .zip(rounds)
                .map(|(&n, &(day, k))| Visit {
                    id: visit_id(item, &school.id, n),
                    items: vec![item.id.clone()],
                    target: school.id.clone(),
                    date: problem.days[day],
                    team: vec![name(&k)],
                    units: Vec::new(),
                }),
        );
    }
    let schools = data.schools.len();
    for (job, sortie) in problem.jobs.iter().zip(&plan.jobs) {
        let Some((day, team)) = sortie else { continue };
        visits.push(Visit {
            id: job.id.clone(),
            items: job
                .items
                .iter()
                .map(|&n| data.items[n].id.clone())
                .collect(),
            target: match job.target.checked_sub(schools) {
                Some(town) => data.towns[town].id.clone(),
                None => data.schools[job.target].id.clone(),
            },
            date: problem.days[*day],
            team: team.iter().map(name).collect(),
            units: Vec::new(),
        });
    }
    visits.sort_by(|a, b| a.date.cmp(&b.date).then_with(|| a.id.cmp(&b.id)));
    join(problem, &mut visits);
    Solution { visits }
}

fn join(problem: &Problem, visits: &mut [Visit]) {
    let data = problem.data();
    let past: BTreeSet<&str> = data.fixed.iter().map(|v| v.id.as_str()).collect();
    let comprehensive: BTreeSet<&str> = data
        .items
        .iter()
        .filter(|i| i.kind == Kind::Comprehensive)
        .map(|i| i.id.as_str())
        .collect();
    let counts = |v: &Visit| v.items.iter().any(|i| comprehensive.contains(i.as_str()));
    let mut joined: HashMap<String, u32> = HashMap::new();
    for unit in visits.iter().filter(|v| counts(v)).flat_map(|v| &v.units) {
        *joined.entry(unit.clone()).or_default() += 1;
    }
    let open: Vec<usize> = (0..visits.len())
        .filter(|&n| counts(&visits[n]) && !past.contains(visits[n].id.as_str()))
        .collect();
    let was: HashMap<&str, &Visit> = data.current.iter().map(|v| (v.id.as_str(), v)).collect();
    for &n in &open {
        let units = was.get(visits[n].id.as_str()).map_or(&[][..], |v| &v.units);
        for unit in units {
            let most = data
                .units
                .iter()
                .find(|u| u.id == *unit)
                .map_or(0, |u| u.max_visits);
            let count = joined.entry(unit.clone()).or_default();
            if *count < most && !visits[n].units.contains(unit) {
                *count += 1;
                visits[n].units.push(unit.clone());
            }
        }
    }
    let idle = data
        .units
        .iter()
        .filter(|u| u.max_visits > 0 && joined.get(&u.id).is_none_or(|&n| n == 0));
    for (unit, &n) in idle.zip(open.iter().cycle()) {
        visits[n].units.push(unit.id.clone());
    }
}
