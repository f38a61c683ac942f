//! A zoning as indices, for the models; and its way from and to ids.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::data::{Solution, Zone};
use super::problem::Problem;

/// Who is in which zone, who is responsible for which school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The zone of each supervisor, from 0 to `zones − 1`.
    pub zone_of: Vec<usize>,
    /// The supervisor of each school.
    pub supervisor_of: Vec<usize>,
    /// How many zones there are.
    pub zones: usize,
}

impl Plan {
    /// Reads a solution; none if it does not name every supervisor and every school of the problem exactly once.
    pub fn read(problem: &Problem, solution: &Solution) -> Option<Self> {
        let data = problem.data();
        let index: HashMap<&str, usize> = data
            .supervisors
            .iter()
            .enumerate()
            .map(|(k, s)| (s.id.as_str(), k))
            .collect();
        let mut zone_of = vec![None; data.supervisors.len()];
        for (z, zone) in solution.zones.iter().enumerate() {
            for id in &zone.supervisors {
                if zone_of[*index.get(id.as_str())?].replace(z).is_some() {
                    return None;
                }
            }
        }
        let supervisor_of = data
            .schools
            .iter()
            .map(|s| index.get(solution.schools.get(&s.id)?.as_str()).copied());
        Some(Self {
            supervisor_of: supervisor_of.collect::<Option<_>>()?,
            zone_of: zone_of.into_iter().collect::<Option<_>>()?,
            zones: solution.zones.len(),
        })
    }

    /// The id of each zone. A zone takes over last year's id from most of its supervisors, as far as no other zone has a
    /// better claim to it.
    pub fn names(&self, problem: &Problem) -> Vec<String> {
        let data = problem.data();
        let members = self.members();
        let mut claims: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for (z, team) in members.iter().enumerate() {
            for id in team
                .iter()
                .filter_map(|&k| data.supervisors[k].zone_before())
            {
                *claims.entry((z, id)).or_default() += 1;
            }
        }
        let mut claims: Vec<((usize, &str), usize)> = claims.into_iter().collect();
        claims.sort_by_key(|&((z, id), votes)| {
            (std::cmp::Reverse(votes), members[z].first().copied(), id)
        });
        let mut names: Vec<Option<String>> = vec![None; members.len()];
        let mut taken: HashSet<String> = HashSet::new();
        for ((z, id), _) in claims {
            if names[z].is_none() && taken.insert(id.to_owned()) {
                names[z] = Some(id.to_owned());
            }
        }
        let mut order: Vec<usize> = (0..members.len()).filter(|&z| names[z].is_none()).collect();
        order.sort_by_key(|&z| members[z].first().copied());
        let mut fresh = (1..)
            .map(|n| format!("Z{n:02}"))
            .filter(|name| !taken.contains(name));
        for z in order {
            names[z] = fresh.next();
        }
        names.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Whether each supervisor is in another zone than last year's; not those who were in none.
    pub fn regrouped(&self, problem: &Problem) -> Vec<bool> {
        let names = self.names(problem);
        let moved = |(k, &z): (usize, &usize)| {
            let last = problem.data().supervisors[k].zone_before();
            last.is_some_and(|last| last != names[z])
        };
        self.zone_of.iter().enumerate().map(moved).collect()
    }

    /// The plan in ids.
    pub fn write(&self, problem: &Problem) -> Solution {
        let data = problem.data();
        let (members, names) = (self.members(), self.names(problem));
        let ids = |team: &[usize]| {
            team.iter()
                .map(|&k| data.supervisors[k].id.clone())
                .collect()
        };
        let mut zones: Vec<Zone> = members
            .iter()
            .zip(names)
            .map(|(team, name)| Zone {
                id: name,
                supervisors: ids(team),
            })
            .collect();
        zones.sort_by(|a, b| a.id.cmp(&b.id));
        let schools = data
            .schools
            .iter()
            .zip(&self.supervisor_of)
            .map(|(school, &k)| (school.id.clone(), data.supervisors[k].id.clone()))
            .collect();
        Solution { zones, schools }
    }

    /// The supervisors of each zone, in the order of the county's list.
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.zones];
        for (k, &z) in self.zone_of.iter().enumerate() {
            members[z].push(k);
        }
        members
    }
}
