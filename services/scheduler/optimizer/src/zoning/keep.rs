//! Revising a zoning that is in force: the relaxation with last year's zones added by name, so that its value counts every
//! change of supervisor and of zone. Which zones are in one piece is left to the search.

use std::collections::BTreeMap;

use good_lp::{Expression, Variable, constraint, variable};

use super::data::Supervisor;
use super::model::Model;
use super::plan::Plan;
use super::relax::{self, Goal, Program};
use crate::Clock;
use crate::mip::{self, Failure, Limits};

/// The answer.
#[derive(Debug)]
pub struct Kept {
    /// Proven: no zoning costs less, in what was minimised.
    pub bound: f64,
    /// Who is in which zone and has which schools; the zones may be in pieces. None if too many zones would be new.
    pub plan: Option<Plan>,
}

/// Solves the relaxation with zones.
///
/// Beside the zones of last year there may be new ones, which are counted, not told apart: of every zone is asked what its
/// size, its team and its full-time supervisor must be.
pub fn solve(
    model: &Model<'_>,
    goal: Goal<'_>,
    limits: Limits,
    clock: &Clock,
) -> Result<Kept, Failure> {
    let problem = model.problem;
    let data = problem.data();
    let teams = problem.teams();
    let Program {
        mut variables,
        mut objective,
        mut rows,
        pairs,
        count,
        ..
    } = relax::program(model, goal, true, &[]);
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for person in &data.supervisors {
        if let Some(last) = person.last_zone.as_deref().filter(|id| !id.is_empty()) {
            let next = labels.len();
            labels.entry(last).or_insert(next);
        }
    }
    let old = labels.len();
    // Whether each old zone is still there, and the number of new ones.
    let there: Vec<Variable> = (0..=old)
        .map(|z| {
            let most = if z < old { 1.0 } else { teams.most as f64 };
            variables.add(variable().integer().min(0.0).max(most))
        })
        .collect();
    let price = match goal {
        Goal::Minutes(_) => data.weights.regroup,
        Goal::Changes => 1.0,
    };
    let mut seats = Vec::new();
    let mut sizes = vec![Expression::default(); old + 1];
    let mut members = vec![Expression::default(); old + 1];
    let mut leaders = vec![Expression::default(); old + 1];
    for (k, (person, count)) in data.supervisors.iter().zip(count).enumerate() {
        let last = person.last_zone.as_deref().and_then(|id| labels.get(id));
        let (mut somewhere, mut schools) = (Expression::default(), Expression::default());
        for z in 0..=old {
            seats.push((k, z, variables.len()));
            let here = variables.add(variable().binary());
            let with = variables.add(variable().min(0.0));
            if last.is_some_and(|&last| last != z) {
                objective.add_mul(price, here);
            }
            rows.push(constraint!(with <= f64::from(person.max_schools) * here));
            somewhere += here;
            schools += with;
            sizes[z] += with;
            members[z] += here;
            if person.full_time {
                leaders[z] += here;
            }
        }
        rows.push(constraint!(somewhere == 1.0));
        rows.push(constraint!(schools == count));
    }
    let zones: Expression = there.iter().sum();
    rows.push(constraint!(zones.clone() <= teams.most as f64));
    rows.push(constraint!(zones >= teams.fewest as f64));
    for (((size, team), led), there) in sizes.into_iter().zip(members).zip(leaders).zip(there) {
        rows.push(constraint!(
            size <= f64::from(data.rules.zone_max_schools) * there
        ));
        rows.push(constraint!(team.clone() <= teams.largest as f64 * there));
        rows.push(constraint!(team >= teams.smallest as f64 * there));
        if teams.full_time {
            rows.push(constraint!(led >= there));
        }
    }
    let solved = mip::minimise_until(clock, variables, objective, rows, limits, None)?;
    let mut zone_of = vec![0; data.supervisors.len()];
    for (k, z, here) in seats {
        if solved.values.get(here).is_some_and(|&v| v > 0.5) {
            zone_of[k] = z;
        }
    }
    Ok(Kept {
        bound: solved.bound,
        plan: plan(model, &relax::owner(model, &pairs, &solved.values), zone_of),
    })
}

/// The plan of an answer; one new zone at the most is a zone by itself.
fn plan(model: &Model<'_>, owner: &[usize], zone_of: Vec<usize>) -> Option<Plan> {
    let problem = model.problem;
    let mut used: Vec<usize> = zone_of.clone();
    used.sort_unstable();
    used.dedup();
    let numbered = |z: &usize| used.binary_search(z).unwrap_or_default();
    let plan = Plan {
        zone_of: zone_of.iter().map(numbered).collect(),
        supervisor_of: (0..problem.schools())
            .map(|i| owner[problem.group(i)])
            .collect(),
        zones: used.len(),
    };
    let sizes = problem.teams().smallest..=problem.teams().largest;
    let fits = plan
        .members()
        .iter()
        .all(|team| sizes.contains(&team.len()));
    fits.then_some(plan)
}

/// Everyone where they were, with these groups; none if a zone in force has too few or too many supervisors now.
pub fn as_it_is(model: &Model<'_>, owner: &[usize]) -> Option<Plan> {
    let people = &model.problem.data().supervisors;
    let mut labels: Vec<&str> = people
        .iter()
        .filter_map(|one| one.last_zone.as_deref())
        .collect();
    labels.sort_unstable();
    labels.dedup();
    let zone = |one: &Supervisor| labels.binary_search(&one.last_zone.as_deref()?).ok();
    let zone_of: Option<Vec<usize>> = people.iter().map(zone).collect();
    plan(model, owner, zone_of?)
}
