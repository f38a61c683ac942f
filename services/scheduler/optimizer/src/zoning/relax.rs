//! The relaxation that forgets zones: every group to one supervisor within capacities. Its value bounds every zoning
//! from below, its integer solution is where the search begins.

use good_lp::{Constraint, Expression, ProblemVariables, Variable, constraint, variable};

use super::model::Model;
use crate::Clock;
use crate::mip::{self, Failure, Limits, Solved};

/// A family of rules that the relaxation can do without; leaving some out tells which of them conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The most schools of a supervisor.
    MaxSchools,
    /// The most days of a supervisor.
    MaxDays,
    /// The fewest days of a supervisor.
    MinDays,
    /// Pairs apart.
    Apart,
}

/// The relaxation's solution.
#[derive(Debug, Clone)]
pub struct Relaxed {
    /// Proven: no zoning costs less.
    pub bound: f64,
    /// The supervisor of each group, if whole ones were asked for and found.
    pub owner: Option<Vec<usize>>,
    /// The prices of its rows, if it is linear.
    pub prices: Option<Prices>,
}

/// What relaxing each row of the relaxation by one would save, minutes.
#[derive(Debug, Clone)]
pub struct Prices {
    /// Of serving each group once more (a cost, not a saving).
    pub serve: Vec<f64>,
    /// Of one more school for each supervisor.
    pub places: Vec<f64>,
    /// Of one more day for each supervisor, and of one fewer least day (negative), and of one more fair day, together.
    pub days: Vec<f64>,
}

/// A lower bound on what a group's team travel is when this supervisor is responsible, for every pair: the mean over
/// the zone is least when its other supervisors are the nearest to the school.
pub fn least_team_travel(model: &Model<'_>) -> Vec<Vec<f64>> {
    let teams = model.problem.teams();
    let people = model.supervisors();
    let mut least = vec![vec![0.0; model.groups()]; people];
    for g in 0..model.groups() {
        let mut order: Vec<usize> = (0..people).collect();
        order.sort_by(|&k, &l| {
            model.team[k][g]
                .total_cmp(&model.team[l][g])
                .then(k.cmp(&l))
        });
        for (k, least) in least.iter_mut().enumerate() {
            // The nearest full-time supervisor must be among the mates of a part-time one where the rule holds.
            let leader = order
                .iter()
                .copied()
                .find(|&l| teams.full_time && !model.full_time[k] && model.full_time[l]);
            let mut sum = model.team[k][g] + leader.map_or(0.0, |l| model.team[l][g]);
            let mut size = 1 + usize::from(leader.is_some());
            let mut best = f64::INFINITY;
            let mut others = order.iter().filter(|&&l| l != k && Some(l) != leader);
            loop {
                if size >= teams.smallest {
                    best = best.min(sum / size as f64);
                }
                let Some(&next) = others.next() else { break };
                if size == teams.largest {
                    break;
                }
                sum += model.team[next][g];
                size += 1;
            }
            least[g] = best;
        }
    }
    least
}

/// Towns with more schools than a zone may have are cut whatever one does.
pub fn least_town_cuts(model: &Model<'_>) -> f64 {
    let problem = model.problem;
    let mut schools = vec![0_usize; problem.towns().len()];
    for i in 0..problem.schools() {
        if let Some(town) = problem.town(i) {
            schools[town] += 1;
        }
    }
    let most = problem.data().rules.zone_max_schools as usize;
    let cuts: usize = schools.iter().map(|&n| n.div_ceil(most) - 1).sum();
    problem.data().weights.town_cut * cuts as f64
}

/// The relaxation as a program.
struct Program {
    variables: ProblemVariables,
    objective: Expression,
    rows: Vec<Constraint>,
    /// Group and supervisor of the first variables, which say whether the one has the other.
    pairs: Vec<(usize, usize, Variable)>,
    /// The supervisor whose places a row limits.
    place_rows: Vec<(usize, usize)>,
    /// The supervisor whose days a row limits.
    day_rows: Vec<(usize, usize)>,
}

/// The relaxation with whole assignments or fractions of them, `without` some families of rules.
fn program(model: &Model<'_>, least_team: &[Vec<f64>], whole: bool, without: &[Family]) -> Program {
    let problem = model.problem;
    let data = problem.data();
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::from(least_town_cuts(model));
    let mut count = vec![Expression::default(); model.supervisors()];
    let mut days = vec![Expression::default(); model.supervisors()];
    let mut served = vec![Expression::default(); model.groups()];
    let mut pairs = Vec::new();
    for (g, able) in model.able.iter().enumerate() {
        for &k in able {
            let definition = variable().min(0.0).max(1.0);
            let x = variables.add(if whole {
                definition.integer()
            } else {
                definition
            });
            pairs.push((g, k, x));
            objective.add_mul(model.cost[k][g] + least_team[k][g], x);
            count[k].add_mul(model.count[g] as f64, x);
            days[k].add_mul(model.days[g], x);
            served[g].add_mul(1.0, x);
        }
    }
    let mut rows: Vec<Constraint> = served
        .into_iter()
        .map(|sum| constraint!(sum == 1.0))
        .collect();
    let kept = |family| !without.contains(&family);
    let (mut place_rows, mut day_rows) = (Vec::new(), Vec::new());
    for (k, supervisor) in data.supervisors.iter().enumerate() {
        if kept(Family::MaxSchools) {
            place_rows.push((k, rows.len()));
            rows.push(constraint!(
                count[k].clone() <= f64::from(supervisor.max_schools)
            ));
        }
        if kept(Family::MaxDays) {
            day_rows.push((k, rows.len()));
            rows.push(constraint!(days[k].clone() <= supervisor.max_days + 1e-7));
        }
        if kept(Family::MinDays) && supervisor.min_days > 0.0 {
            day_rows.push((k, rows.len()));
            rows.push(constraint!(days[k].clone() >= supervisor.min_days - 1e-7));
        }
        if data.weights.imbalance > 0.0 {
            let beyond = variables.add(variable().min(0.0));
            objective.add_mul(data.weights.imbalance, beyond);
            day_rows.push((k, rows.len()));
            rows.push(constraint!(
                days[k].clone() - beyond <= problem.fair_days(k)
            ));
        }
    }
    if kept(Family::Apart) {
        for (a, others) in model.apart.iter().enumerate() {
            for &b in others.iter().filter(|&&b| b > a) {
                for &k in model.able[a]
                    .iter()
                    .filter(|&&k| model.cost[k][b].is_finite())
                {
                    let of = |group: usize| {
                        pairs
                            .iter()
                            .find(|&&(g, l, _)| g == group && l == k)
                            .map(|&(_, _, x)| x)
                    };
                    if let (Some(x), Some(y)) = (of(a), of(b)) {
                        rows.push(constraint!(x + y <= 1.0));
                    }
                }
            }
        }
    }
    Program {
        variables,
        objective,
        rows,
        pairs,
        place_rows,
        day_rows,
    }
}

/// Solves the relaxation, with whole assignments or fractions of them, `without` some families of rules.
pub fn solve(
    model: &Model<'_>,
    least_team: &[Vec<f64>],
    whole: bool,
    without: &[Family],
    limits: Limits,
    clock: &Clock,
) -> Result<Relaxed, Failure> {
    let Program {
        variables,
        objective,
        rows,
        pairs,
        place_rows,
        day_rows,
    } = program(model, least_team, whole, without);
    let solved: Solved = mip::minimise_until(clock, variables, objective, rows, limits, None)?;
    let owner = whole.then(|| {
        let mut owner = vec![(0, f64::NEG_INFINITY); model.groups()];
        // Pairs are the program's first variables.
        for (&(g, k, _), &value) in pairs.iter().zip(&solved.values) {
            if value > owner[g].1 {
                owner[g] = (k, value);
            }
        }
        owner.into_iter().map(|(k, _)| k).collect()
    });
    let prices = (!whole && solved.duals.len() >= model.groups()).then(|| {
        let total = |rows: &[(usize, usize)]| {
            let mut prices = vec![0.0; model.supervisors()];
            for &(k, row) in rows {
                prices[k] -= solved.duals[row];
            }
            prices
        };
        Prices {
            serve: solved.duals[..model.groups()].to_vec(),
            places: total(&place_rows),
            days: total(&day_rows),
        }
    });
    Ok(Relaxed {
        bound: solved.bound,
        owner,
        prices,
    })
}
