//! A first zoning from an assignment: supervisors whose schools lie near each other make up a zone.

use super::model::Model;

/// A zone for each supervisor, such that team sizes and, where possible, the full-time rule hold.
///
/// Zones grow from seeds that lie far apart (full-time supervisors, where each zone needs one); then each supervisor
/// goes to the zone whose seed is nearest, nearest pairs first, as long as there is room.
pub fn teams(model: &Model<'_>, owner: &[usize], zones: usize) -> Vec<usize> {
    let problem = model.problem;
    let people = model.supervisors();
    let mut groups = vec![Vec::new(); people];
    for (g, &k) in owner.iter().enumerate() {
        groups[k].push(g);
    }
    // How far a supervisor is from another's schools, on average and both ways.
    let one_way = |k: usize, l: usize| {
        let schools: Vec<usize> = groups[l]
            .iter()
            .flat_map(|&g| problem.groups()[g].iter().copied())
            .collect();
        (!schools.is_empty()).then(|| {
            schools.iter().map(|&i| problem.minutes(k, i)).sum::<f64>() / schools.len() as f64
        })
    };
    let far: Vec<Vec<f64>> = (0..people)
        .map(|k| {
            (0..people)
                .map(|l| match (one_way(k, l), one_way(l, k)) {
                    (Some(a), Some(b)) => f64::midpoint(a, b),
                    (Some(a), None) | (None, Some(a)) => a,
                    (None, None) => 0.0,
                })
                .collect()
        })
        .collect();

    let may_lead = |k: usize| !problem.teams().full_time || model.full_time[k];
    let mut seeds: Vec<usize> = Vec::new();
    while seeds.len() < zones {
        let gap = |k: usize| {
            seeds
                .iter()
                .map(|&s| far[k][s])
                .fold(f64::INFINITY, f64::min)
        };
        let next = (0..people).filter(|k| !seeds.contains(k)).max_by(|&k, &l| {
            may_lead(k)
                .cmp(&may_lead(l))
                .then(gap(k).total_cmp(&gap(l)))
                .then(l.cmp(&k))
        });
        let Some(next) = next else { break };
        seeds.push(next);
    }
    let mut zone_of = vec![usize::MAX; people];
    let mut room: Vec<usize> = (0..zones)
        .map(|z| people / zones + usize::from(z < people % zones))
        .collect();
    for (z, &seed) in seeds.iter().enumerate() {
        zone_of[seed] = z;
        room[z] -= 1;
    }
    let mut pairs: Vec<(usize, usize)> = (0..people)
        .filter(|k| !seeds.contains(k))
        .flat_map(|k| (0..zones).map(move |z| (k, z)))
        .collect();
    pairs.sort_by(|&(k, z), &(l, y)| {
        far[k][seeds[z]]
            .total_cmp(&far[l][seeds[y]])
            .then((k, z).cmp(&(l, y)))
    });
    for (k, z) in pairs {
        if zone_of[k] == usize::MAX && room[z] > 0 {
            zone_of[k] = z;
            room[z] -= 1;
        }
    }
    zone_of
}

/// An assignment that only minds who is able: cheapest first among those with room, or the cheapest.
pub fn greedy(model: &Model<'_>) -> Vec<usize> {
    let mut room: Vec<i64> = model.max_schools.iter().map(|&n| n as i64).collect();
    let mut order: Vec<usize> = (0..model.groups()).collect();
    order.sort_by_key(|&g| (model.able[g].len(), g));
    let mut owner = vec![0; model.groups()];
    for g in order {
        let count = model.count[g] as i64;
        let k = model.able[g]
            .iter()
            .copied()
            .find(|&k| room[k] >= count)
            .unwrap_or(model.able[g][0]);
        owner[g] = k;
        room[k] -= count;
    }
    owner
}
