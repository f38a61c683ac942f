//! Revising a zoning that is in force: a start that keeps as much of it as it can.

use super::board::Board;
use super::model::Model;
use super::plan::Plan;
use crate::KEEP;

/// Everyone where they were with these groups, as far as zones are then neither too small nor too large nor without a leader. A
/// zone that has lost too many, or its only full-time supervisor, gets whoever costs
/// least there, or is given up, whichever looks better. None if there is no such way.
pub fn as_it_is(model: &Model<'_>, owner: &[usize]) -> Option<Plan> {
    let problem = model.problem;
    let teams = problem.teams();
    let mut zone_of = last_zones(model)?;
    loop {
        let zones = zone_of.iter().max()? + 1;
        let count = |counts: &dyn Fn(usize) -> bool| {
            let mut sums = vec![0; zones];
            let counted = zone_of.iter().enumerate().filter(|&(k, _)| counts(k));
            counted.for_each(|(_, &z)| sums[z] += 1);
            sums
        };
        let members = count(&|_| true);
        let leaders = count(&|k| model.full_time[k]);
        let led = |z: usize| !teams.full_time || leaders[z] > 0;
        let Some(poor) = (0..zones).find(|&z| members[z] < teams.smallest || !led(z)) else {
            let fits = members.iter().all(|&n| n <= teams.largest)
                && (teams.fewest..=teams.most).contains(&zones);
            return fits.then(|| Plan {
                zone_of,
                supervisor_of: (0..problem.schools())
                    .map(|i| owner[problem.group(i)])
                    .collect(),
                zones,
            });
        };
        let spare = |&k: &usize| {
            let z = zone_of[k];
            let missed = teams.full_time && model.full_time[k] && leaders[z] == 1;
            z != poor && !missed && (led(poor) || model.full_time[k])
        };
        let able: Vec<usize> = (0..zone_of.len()).filter(spare).collect();
        let joins = able
            .iter()
            .filter(|&&k| members[zone_of[k]] > teams.smallest && members[poor] < teams.largest)
            .map(|&k| (with(&zone_of, &[(k, poor)]), zones));
        let own: Vec<usize> = (0..zone_of.len()).filter(|&k| zone_of[k] == poor).collect();
        let swaps = able
            .iter()
            .filter(|_| !led(poor))
            .flat_map(|&k| own.iter().map(move |&other| (k, other)))
            .map(|(k, other)| (with(&zone_of, &[(k, poor), (other, zone_of[k])]), zones));
        let less = given_up(model, owner, &zone_of, &members, poor)
            .filter(|_| zones > teams.fewest)
            .map(|zone_of| (zone_of, zones - 1));
        let worth =
            |(zone_of, zones): (Vec<usize>, usize)| (worth(model, owner, &zone_of, zones), zone_of);
        zone_of = joins
            .chain(swaps)
            .chain(less)
            .map(worth)
            .min_by(|a, b| a.0.total_cmp(&b.0))?
            .1;
    }
}

/// Last year's zones, sorted.
pub fn labels<'a>(model: &Model<'a>) -> Vec<&'a str> {
    let people = model.problem.data().supervisors.iter();
    let mut labels: Vec<&str> = people.filter_map(|one| one.zone_before()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The zone of each supervisor last year; who was in none joins the zone of the school that is nearest and has room.
fn last_zones(model: &Model<'_>) -> Option<Vec<usize>> {
    let problem = model.problem;
    let people = &problem.data().supervisors;
    let labels = labels(model);
    let known = |k: usize| labels.binary_search(&people[k].zone_before()?).ok();
    let mut zone_of: Vec<Option<usize>> = (0..people.len()).map(known).collect();
    let last: Vec<Option<usize>> = (0..problem.schools())
        .map(|i| {
            let last = problem.data().schools[i].last_supervisor.as_ref()?;
            known(people.iter().position(|one| one.id == *last)?)
        })
        .collect();
    for k in 0..people.len() {
        if zone_of[k].is_none() {
            let size = |z: usize| zone_of.iter().filter(|&&other| other == Some(z)).count();
            let roomy = |&i: &usize| last[i].is_some_and(|z| size(z) < problem.teams().largest);
            let nearest = (0..problem.schools())
                .filter(roomy)
                .min_by(|&i, &j| problem.minutes(k, i).total_cmp(&problem.minutes(k, j)))?;
            zone_of[k] = last[nearest];
        }
    }
    zone_of.into_iter().collect()
}

/// The same with these supervisors in these zones.
fn with(zone_of: &[usize], moves: &[(usize, usize)]) -> Vec<usize> {
    let mut other = zone_of.to_vec();
    for &(k, z) in moves {
        other[k] = z;
    }
    other
}

/// What zones are worth as a start: their cost, with every broken rule at what it may take to mend it.
fn worth(model: &Model<'_>, owner: &[usize], zone_of: &[usize], zones: usize) -> f64 {
    let score = Board::new(model, zone_of, owner, zones).score();
    score.cost + 2.0 * KEEP * score.broken
}

/// The zones without a poor one, its supervisors one after the other where they cost least and have room.
fn given_up(
    model: &Model<'_>,
    owner: &[usize],
    zone_of: &[usize],
    members: &[usize],
    poor: usize,
) -> Option<Vec<usize>> {
    let (mut zone_of, mut members) = (zone_of.to_vec(), members.to_vec());
    let own: Vec<usize> = (0..zone_of.len()).filter(|&k| zone_of[k] == poor).collect();
    for k in own {
        let roomy = |&z: &usize| z != poor && members[z] < model.problem.teams().largest;
        let there = |z: usize| {
            let moved = with(&zone_of, &[(k, z)]);
            (worth(model, owner, &moved, members.len()), z)
        };
        let best = (0..members.len()).filter(roomy).map(there);
        let best = best.min_by(|a, b| a.0.total_cmp(&b.0))?.1;
        members[best] += 1;
        zone_of[k] = best;
    }
    let closed = zone_of.iter_mut().filter(|z| **z > poor);
    closed.for_each(|z| *z -= 1);
    Some(zone_of)
}
