//! The problem as the searches see it: groups of schools that stay together, and flat tables of what each costs.

use super::problem::Problem;

/// Groups of schools against supervisors.
#[derive(Debug)]
pub struct Model<'a> {
    /// What the tables were made from.
    pub problem: &'a Problem,
    /// `cost[k][g]`: routine travel and change, minutes; infinite where the supervisor may not or cannot.
    pub cost: Vec<Vec<f64>>,
    /// `team[k][g]`: this supervisor's term in the mean of the zone's team travel, minutes.
    pub team: Vec<Vec<f64>>,
    /// The supervisors who may serve each group, cheapest first.
    pub able: Vec<Vec<usize>>,
    /// Schools in each group.
    pub count: Vec<usize>,
    /// Days of work in each group.
    pub days: Vec<f64>,
    /// The towns of each group.
    pub towns: Vec<Vec<usize>>,
    /// Groups that must not have the same supervisor as this one.
    pub apart: Vec<Vec<usize>>,
    /// The most schools of each supervisor.
    pub max_schools: Vec<usize>,
    /// Whether each supervisor is full-time.
    pub full_time: Vec<bool>,
}

impl<'a> Model<'a> {
    /// The tables of a problem.
    pub fn new(problem: &'a Problem) -> Self {
        let data = problem.data();
        let groups = problem.groups();
        let count: Vec<usize> = groups.iter().map(Vec::len).collect();
        let days: Vec<f64> = groups
            .iter()
            .map(|g| g.iter().map(|&i| data.schools[i].days).sum())
            .collect();
        let price = |k: usize, g: usize| {
            let supervisor = &data.supervisors[k];
            let fits = count[g] <= supervisor.max_schools as usize
                && days[g] <= supervisor.max_days + 1e-9;
            if fits && groups[g].iter().all(|&i| problem.may(k, i)) {
                groups[g]
                    .iter()
                    .map(|&i| problem.routine(k, i) + problem.change(k, i))
                    .sum()
            } else {
                f64::INFINITY
            }
        };
        let people = 0..data.supervisors.len();
        let cost: Vec<Vec<f64>> = people
            .clone()
            .map(|k| (0..groups.len()).map(|g| price(k, g)).collect())
            .collect();
        let team: Vec<Vec<f64>> = people
            .clone()
            .map(|k| {
                groups
                    .iter()
                    .map(|g| g.iter().map(|&i| problem.team(k, i)).sum())
                    .collect()
            })
            .collect();
        let able = (0..groups.len())
            .map(|g| {
                let mut able: Vec<usize> =
                    people.clone().filter(|&k| cost[k][g].is_finite()).collect();
                able.sort_by(|&k, &l| cost[k][g].total_cmp(&cost[l][g]).then(k.cmp(&l)));
                able
            })
            .collect();
        let towns = groups
            .iter()
            .map(|g| {
                let mut towns: Vec<usize> = g.iter().filter_map(|&i| problem.town(i)).collect();
                towns.sort_unstable();
                towns.dedup();
                towns
            })
            .collect();
        let mut apart = vec![Vec::new(); groups.len()];
        for &(a, b) in problem.apart() {
            let (a, b) = (problem.group(a), problem.group(b));
            if !apart[a].contains(&b) {
                apart[a].push(b);
                if a != b {
                    apart[b].push(a);
                }
            }
        }
        Self {
            problem,
            cost,
            team,
            able,
            count,
            days,
            towns,
            apart,
            max_schools: data
                .supervisors
                .iter()
                .map(|k| k.max_schools as usize)
                .collect(),
            full_time: data.supervisors.iter().map(|k| k.full_time).collect(),
        }
    }

    /// The number of groups.
    pub fn groups(&self) -> usize {
        self.count.len()
    }

    /// The number of supervisors.
    pub fn supervisors(&self) -> usize {
        self.cost.len()
    }
}
