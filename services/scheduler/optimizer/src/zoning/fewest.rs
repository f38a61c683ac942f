//! The fewest changes of a revised zoning, proven: an integer program with last year's zones by name. That a zone is in one piece
//! is asked for where it turns out not to be (R. Carvajal et al., "Imposing connectivity constraints in forest planning
//! models", Operations Research 61, 2013), so that the last answer often is a zoning with no more changes than proven.

use std::collections::{BTreeMap, HashMap};

use good_lp::{
    Constraint, Expression, ProblemVariables, Variable, VariableDefinition, constraint, variable,
};

use super::graph::Graph;
use super::keep::labels;
use super::model::Model;
use super::plan::Plan;
use super::relax::{self, Goal, Program};
use crate::Clock;
use crate::mip::{self, Failure, Limits};

/// How near to the least travel, of its value, a zoning with the fewest changes must be: the search goes on from there.
const ROUGH: f64 = 0.10;
/// Supervisors, beside its own, whom a school is offered first.
const NEAR: usize = 6;
/// Slack of sums of reduced costs.
const TINY: f64 = 1e-6;

/// The proof under way. So many changes may be of many kinds: each number of supervisors who change their zones is a case by itself,
/// as it is much easier to see what may be where none does.
pub struct Fewest<'m, 'a> {
    model: &'m Model<'a>,
    labels: Vec<&'a str>,
    /// Last year's zone of each supervisor.
    before: Vec<Option<usize>>,
    bridges: Vec<Bridge>,
    /// Proven: so many changes at the least, of supervisors of schools that could keep theirs and of zones of supervisors.
    least: usize,
    /// How many supervisors may change their zones; and the cases yet to come before one change more is proven.
    regroups: usize,
    cases: Vec<usize>,
    /// Who is asked whether they can have each group.
    able: Vec<Vec<usize>>,
    breadth: Breadth,
}

/// Who may have a group where there are no more changes than proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breadth {
    /// Some of those who may: whether there is such a zoning is open if none is found.
    Near,
    /// Everyone who may.
    All,
}

/// Two groups are in one zone only together with one of those that part them.
#[derive(Debug, PartialEq, Eq)]
struct Bridge {
    zone: usize,
    ends: [usize; 2],
    through: Vec<usize>,
}

/// What a round has found.
pub struct Found {
    /// So many changes at the least.
    pub least: usize,
    /// A zoning that has no more, if all its zones are in one piece.
    pub plan: Option<Plan>,
    /// Whether another round may find more.
    pub open: bool,
}

/// The program's variables.
struct Variables {
    /// Whether a group has a supervisor.
    has: Vec<Vec<(usize, Variable)>>,
    /// Whether a supervisor is in a zone of last year's or, after them all, in a new one.
    member: Vec<Vec<Variable>>,
    /// Whether each zone is there, and the number of new ones.
    there: Vec<Variable>,
    /// Whether a group is in a zone, for those that a bridge speaks of.
    group: BTreeMap<(usize, usize), Variable>,
    /// Last year's zone of each supervisor, and whether it is theirs still.
    before: Vec<Option<usize>>,
    fixed: bool,
}

impl<'m, 'a> Fewest<'m, 'a> {
    /// Nothing is proven yet.
    pub fn new(model: &'m Model<'a>) -> Self {
        let labels = labels(model);
        let people = model.problem.data().supervisors.iter();
        let before = people
            .map(|one| labels.binary_search(&one.zone_before()?).ok())
            .collect();
        let mut fewest = Self {
            model,
            labels,
            before,
            bridges: Vec::new(),
            least: 0,
            regroups: 0,
            cases: Vec::new(),
            able: Vec::new(),
            breadth: Breadth::All,
        };
        fewest.look_near();
        fewest
    }

    /// The case has no zoning: on to the next, or there is one change more at least.
    fn next_case(&mut self) {
        if self.cases.is_empty() {
            self.least += 1;
            self.cases.extend((1..=self.least).chain([0]));
        }
        self.regroups = self.cases.pop().unwrap_or_default();
        self.look_near();
    }

    /// Most schools that may change their supervisors.
    fn most_changed(&self) -> usize {
        self.least - self.regroups
    }

    /// Asks those next who are near. Where nothing may change, these are all who may.
    fn look_near(&mut self) {
        let model = self.model;
        let groups = 0..model.groups();
        self.able = groups
            .map(|g| {
                let (mut own, mut others): (Vec<usize>, Vec<usize>) = model.able[g]
                    .iter()
                    .partition(|&&k| self.changed(k, g) == 0);
                others.retain(|&k| self.changed(k, g) <= self.most_changed());
                others.sort_by(|&k, &l| self.travel(k, g).total_cmp(&self.travel(l, g)));
                others.truncate(NEAR);
                own.extend(others);
                own
            })
            .collect();
        self.breadth = if self.most_changed() == 0 {
            Breadth::All
        } else {
            Breadth::Near
        };
    }

    /// Schools that would lose a supervisor whom they could keep.
    fn changed(&self, k: usize, g: usize) -> usize {
        let problem = self.model.problem;
        problem.groups()[g]
            .iter()
            .filter(|&&i| problem.change(k, i) > 0.0)
            .count()
    }

    /// Looks for a zoning with as many changes as are proven, and asks for what it lacks; where there is none, one more is proven.
    pub fn round(&mut self, limits: Limits, clock: &Clock) -> Result<Found, Failure> {
        let (
            Program {
                variables,
                objective: changed,
                mut rows,
                ..
            },
            own,
        ) = self.program(&self.able, true);
        rows.push(constraint!(changed <= self.most_changed() as f64));
        let travel = own
            .has
            .iter()
            .enumerate()
            .flat_map(|(g, able)| able.iter().map(move |&(k, x)| (g, k, x)));
        let mut objective = Expression::default();
        for (g, k, x) in travel {
            objective.add_mul(self.travel(k, g), x);
        }
        let order: Vec<Variable> = variables
            .iter_variables_with_def()
            .map(|(x, _)| x)
            .collect();
        let rough = Limits {
            gap: ROUGH,
            ..limits
        };
        let solved = mip::minimise_until(clock, variables, objective, rows, rough, None);
        let solved = match solved {
            Ok(solved) => solved,
            Err(Failure::Infeasible) => {
                match self.breadth {
                    Breadth::Near => self.look_far(limits, clock)?,
                    Breadth::All => self.next_case(),
                }
                return Ok(self.found(None, true));
            }
            Err(Failure::Stopped { .. }) => return Ok(self.found(None, false)),
            Err(failure) => return Err(failure),
        };
        let values = order.into_iter().zip(solved.values).collect();
        let known = self.bridges.len();
        let plan = self.read(&own, &values);
        let plan = plan.filter(|plan| self.bridge(plan)).map(|(plan, _)| plan);
        Ok(self.found(plan, self.bridges.len() > known))
    }

    fn found(&self, plan: Option<Plan>, open: bool) -> Found {
        Found {
            least: self.least,
            plan,
            open,
        }
    }

    /// Minutes of routine travel.
    fn travel(&self, k: usize, g: usize) -> f64 {
        let problem = self.model.problem;
        problem.groups()[g]
            .iter()
            .map(|&i| problem.routine(k, i))
            .sum()
    }

    /// Asks everyone next who may have a group by the linear relaxation: a pair whose reduced cost lifts that above the changes that
    /// the case has is in no such zoning.
    fn look_far(&mut self, limits: Limits, clock: &Clock) -> Result<(), Failure> {
        let (
            Program {
                variables,
                objective,
                rows,
                pairs,
                ..
            },
            _,
        ) = self.program(&self.model.able, false);
        let solved = match mip::minimise_until(clock, variables, objective, rows, limits, None) {
            Err(Failure::Infeasible) => {
                self.next_case();
                return Ok(());
            }
            solved => solved?,
        };
        let room = self.most_changed() as f64 - solved.bound + TINY;
        if room < 0.0 {
            self.next_case();
            return Ok(());
        }
        self.able = vec![Vec::new(); self.model.groups()];
        for (&(g, k, _), &reduced) in pairs.iter().zip(&solved.reduced) {
            if reduced <= room {
                self.able[g].push(k);
            }
        }
        self.breadth = Breadth::All;
        Ok(())
    }

    /// Beside the zones of last year there may be new ones, which are counted, not told apart: of every zone is asked what its
    /// size, its team and its full-time supervisor must be.
    fn program(&self, able: &[Vec<usize>], whole: bool) -> (Program, Variables) {
        let model = self.model;
        let data = model.problem.data();
        let teams = model.problem.teams();
        let mut program = relax::program(model, able, Goal::Changes, whole, &[]);
        let mut regrouped = Expression::default();
        let kind = |definition: VariableDefinition| {
            if whole {
                definition.integer()
            } else {
                definition
            }
        };
        let old = self.labels.len();
        let there: Vec<Variable> = (0..=old)
            .map(|z| {
                let most = if z < old { 1.0 } else { teams.most as f64 };
                program.variables.add(kind(variable().min(0.0).max(most)))
            })
            .collect();
        let mut sizes = vec![Expression::default(); old + 1];
        let mut members = vec![Expression::default(); old + 1];
        let mut leaders = vec![Expression::default(); old + 1];
        let mut member = Vec::new();
        for ((person, count), before) in data
            .supervisors
            .iter()
            .zip(&program.count)
            .zip(&self.before)
        {
            let (mut somewhere, mut schools) = (Expression::default(), Expression::default());
            let mut own = Vec::new();
            for z in 0..=old {
                let (least, most) = match before {
                    Some(last) if self.regroups == 0 && *last == z => (1.0, 1.0),
                    Some(_) if self.regroups == 0 => (0.0, 0.0),
                    Some(_) | None => (0.0, 1.0),
                };
                let here = kind(variable().min(least).max(most));
                let here = program.variables.add(here);
                let with = program.variables.add(variable().min(0.0));
                if before.is_some_and(|last| last != z) {
                    regrouped += here;
                }
                program
                    .rows
                    .push(constraint!(with <= f64::from(person.max_schools) * here));
                somewhere += here;
                schools += with;
                sizes[z] += with;
                members[z] += here;
                if person.full_time {
                    leaders[z] += here;
                }
                own.push(here);
            }
            program.rows.push(constraint!(somewhere == 1.0));
            program.rows.push(constraint!(schools == count.clone()));
            member.push(own);
        }
        program
            .rows
            .push(constraint!(regrouped <= self.regroups as f64));
        let zones: Expression = there.iter().sum();
        program
            .rows
            .push(constraint!(zones.clone() <= teams.most as f64));
        program.rows.push(constraint!(zones >= teams.fewest as f64));
        for (((size, team), led), &there) in sizes.into_iter().zip(members).zip(leaders).zip(&there)
        {
            program.rows.push(constraint!(
                size <= f64::from(data.rules.zone_max_schools) * there
            ));
            program
                .rows
                .push(constraint!(team.clone() <= teams.largest as f64 * there));
            program
                .rows
                .push(constraint!(team >= teams.smallest as f64 * there));
            if teams.full_time {
                program.rows.push(constraint!(led >= there));
            }
        }
        let mut has = vec![Vec::new(); model.groups()];
        for &(g, k, x) in &program.pairs {
            has[g].push((k, x));
        }
        let mut own = Variables {
            has,
            member,
            there,
            group: BTreeMap::new(),
            before: self.before.clone(),
            fixed: self.regroups == 0,
        };
        for bridge in &self.bridges {
            own.cross(bridge, old, &mut program.variables, &mut program.rows);
        }
        (program, own)
    }

    /// The answer as zones and supervisors, with the name of each zone; none where several new zones would have to be told apart.
    fn read(&self, own: &Variables, values: &HashMap<Variable, f64>) -> Option<(Plan, Vec<usize>)> {
        let value = |x: Variable| values.get(&x).copied().unwrap_or_default();
        if own.there.last().is_some_and(|&new| value(new) > 1.5) {
            return None;
        }
        let chosen = |options: &mut dyn Iterator<Item = (usize, Variable)>| {
            options
                .max_by(|a, b| value(a.1).total_cmp(&value(b.1)))
                .map(|(k, _)| k)
        };
        let label_of: Vec<usize> = own
            .member
            .iter()
            .map(|zones| chosen(&mut zones.iter().copied().enumerate()))
            .collect::<Option<_>>()?;
        let owner: Vec<usize> = own
            .has
            .iter()
            .map(|able| chosen(&mut able.iter().copied()))
            .collect::<Option<_>>()?;
        let mut names = label_of.clone();
        names.sort_unstable();
        names.dedup();
        let problem = self.model.problem;
        let plan = Plan {
            zone_of: label_of
                .iter()
                .map(|label| names.binary_search(label).unwrap_or_default())
                .collect(),
            supervisor_of: (0..problem.schools())
                .map(|i| owner[problem.group(i)])
                .collect(),
            zones: names.len(),
        };
        Some((plan, names))
    }

    /// Whether every zone is in one piece; where one is not, bridges are asked for.
    fn bridge(&mut self, (plan, names): &(Plan, Vec<usize>)) -> bool {
        let problem = self.model.problem;
        let zone = |i: usize| plan.zone_of[plan.supervisor_of[i]];
        let mut parts: BTreeMap<(usize, usize), Vec<Vec<usize>>> = BTreeMap::new();
        let mut seen = vec![false; problem.schools()];
        for i in 0..problem.schools() {
            if !seen[i] {
                let part = reach(problem.graph(), i, &mut seen, |j| zone(j) == zone(i));
                let piece = problem.graph().piece(i);
                parts.entry((zone(i), piece)).or_default().push(part);
            }
        }
        let mut whole = true;
        for ((z, _), mut parts) in parts {
            parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
            let Some((main, others)) = parts.split_first() else {
                continue;
            };
            for part in others {
                whole = false;
                let bridge = self.between(names[z], part, main);
                if !self.bridges.contains(&bridge) {
                    self.bridges.push(bridge);
                }
            }
        }
        whole
    }

    /// What parts one part of a zone from another: those next to the one that the other reaches first.
    fn between(&self, zone: usize, part: &[usize], main: &[usize]) -> Bridge {
        let problem = self.model.problem;
        let graph = problem.graph();
        let mut border = vec![false; problem.schools()];
        for &j in part.iter().flat_map(|&i| graph.near(i)) {
            border[j] = true;
        }
        for &i in part {
            border[i] = false;
        }
        let mut seen = vec![false; problem.schools()];
        let beyond = reach(graph, main[0], &mut seen, |j| !border[j]);
        let mut through: Vec<usize> = beyond
            .iter()
            .flat_map(|&i| graph.near(i))
            .filter(|&&j| border[j])
            .map(|&j| problem.group(j))
            .collect();
        through.sort_unstable();
        through.dedup();
        Bridge {
            zone,
            ends: [problem.group(part[0]), problem.group(main[0])],
            through,
        }
    }
}

impl Variables {
    /// Adds a bridge's rows.
    fn cross(
        &mut self,
        bridge: &Bridge,
        new: usize,
        variables: &mut ProblemVariables,
        rows: &mut Vec<Constraint>,
    ) {
        let z = bridge.zone;
        let mut inside = |g: usize| self.inside(g, z, variables, rows);
        let ends: Expression = bridge.ends.iter().map(|&g| inside(g)).sum();
        let mut through: Expression = bridge.through.iter().map(|&g| inside(g)).sum();
        if z == new {
            // Two new zones are two pieces.
            through += self.there[z] - 1.0;
        }
        rows.push(constraint!(ends - 1.0 <= through));
    }

    /// Whether a group is in a zone: as its supervisor is.
    fn inside(
        &mut self,
        g: usize,
        z: usize,
        variables: &mut ProblemVariables,
        rows: &mut Vec<Constraint>,
    ) -> Variable {
        if let Some(&inside) = self.group.get(&(g, z)) {
            return inside;
        }
        let inside = variables.add(variable().min(0.0).max(1.0));
        let (mut own, mut elsewhere) = (Expression::default(), Expression::default());
        for &(k, x) in &self.has[g] {
            let before = self.before[k];
            let moves = !self.fixed || before.is_none();
            if before == Some(z) {
                own += x;
            } else if !moves {
                elsewhere += x;
            }
            if moves {
                let here = self.member[k][z];
                rows.push(constraint!(inside >= x + here - 1.0));
                rows.push(constraint!(inside <= 1.0 - x + here));
            }
        }
        let (mut joining, mut leaving) = (Expression::default(), Expression::default());
        for (zones, before) in self.member.iter().zip(&self.before) {
            if *before == Some(z) {
                leaving += 1.0 - zones[z];
            } else {
                joining += zones[z];
            }
        }
        // Of those who may move, the first two say nothing new where all are whole, and more where they are not.
        rows.push(constraint!(inside <= own.clone() + joining));
        rows.push(constraint!(inside >= own - leaving));
        rows.push(constraint!(inside <= 1.0 - elsewhere));
        self.group.insert((g, z), inside);
        inside
    }
}

/// The schools of a part, from one of them through neighbours that belong to it.
fn reach(
    graph: &Graph,
    from: usize,
    seen: &mut [bool],
    belongs: impl Fn(usize) -> bool,
) -> Vec<usize> {
    seen[from] = true;
    let mut part = vec![from];
    let mut next = 0;
    while let Some(&i) = part.get(next) {
        next += 1;
        for &j in graph.near(i) {
            if !seen[j] && belongs(j) {
                seen[j] = true;
                part.push(j);
            }
        }
    }
    part
}
