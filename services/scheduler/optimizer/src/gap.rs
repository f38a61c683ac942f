//! Generalised assignment: every job to one agent within its capacity, at the least cost.
//!
//! A special case of zoning with supervisors and without zones, and a public benchmark (Chu and Beasley 1997; Yagiura
//! et al. 2004).

use serde::{Deserialize, Serialize};

use crate::program::{Point, Program};
use crate::seats::{self, Model};
use crate::{Issue, Outcome, Stop, Violation, Watch, Words, tokens};

/// An instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// `cost[agent][job]`.
    pub cost: Vec<Vec<f64>>,
    /// `weight[agent][job]`, whole numbers.
    pub weight: Vec<Vec<f64>>,
    /// Capacity of each agent, a whole number.
    pub capacity: Vec<f64>,
}

impl Data {
    /// Reads the usual text form: `agents jobs`, the costs and the weights agent by agent, then the capacities.
    pub fn parse(text: &str) -> Result<Self, Vec<Issue>> {
        let mut tokens = tokens::Tokens::new(text);
        let agents = tokens.whole("agents").unwrap_or(0);
        let jobs = tokens.whole("jobs").unwrap_or(0);
        let mut matrix = |name: &str| -> Vec<Vec<f64>> {
            (0..agents)
                .map_while(|a| {
                    (0..jobs)
                        .map(|j| tokens.number(&format!("{name}[{a}][{j}]")))
                        .collect::<Option<_>>()
                })
                .collect()
        };
        let (cost, weight) = (matrix("cost"), matrix("weight"));
        let capacity = (0..agents)
            .map_while(|a| tokens.number(&format!("capacity[{a}]")))
            .collect();
        tokens.finish()?;
        Ok(Self {
            cost,
            weight,
            capacity,
        })
    }
}

/// A checked instance.
#[derive(Debug, Clone)]
pub struct Problem {
    data: Data,
    model: Model,
}

/// For each job its agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// Index of the agent of each job.
    pub agent_of: Vec<usize>,
}

impl Problem {
    /// Checks an instance: all issues at once.
    pub fn new(data: Data) -> Result<Self, Vec<Issue>> {
        let agents = data.capacity.len();
        let jobs = data.cost.first().map_or(0, Vec::len);
        let mut issues = Vec::new();
        if agents == 0 || jobs == 0 {
            issues.push(tokens::issue(
                "agents",
                &agents,
                "至少要有一个执行者和一项任务",
                "there must be an agent and a job",
            ));
        }
        for (name, matrix) in [("cost", &data.cost), ("weight", &data.weight)] {
            if matrix.len() != agents || matrix.iter().any(|row| row.len() != jobs) {
                issues.push(tokens::issue(
                    name,
                    &matrix.len(),
                    &format!("应为 {agents} 行 {jobs} 列"),
                    &format!("must have {agents} rows of {jobs}"),
                ));
            }
        }
        for (a, row) in data.cost.iter().enumerate() {
            for (j, value) in row.iter().enumerate().filter(|(_, v)| !v.is_finite()) {
                issues.push(tokens::issue(
                    &format!("cost[{a}][{j}]"),
                    value,
                    "应为数",
                    "must be a number",
                ));
            }
        }
        for (a, row) in data.weight.iter().enumerate() {
            for (j, &value) in row
                .iter()
                .enumerate()
                .filter(|(_, v)| tokens::whole(**v).is_none())
            {
                issues.push(tokens::not_whole(&format!("weight[{a}][{j}]"), value));
            }
        }
        for (a, &value) in data
            .capacity
            .iter()
            .enumerate()
            .filter(|(_, v)| tokens::whole(**v).is_none())
        {
            issues.push(tokens::not_whole(&format!("capacity[{a}]"), value));
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        let whole = |value: f64| tokens::whole(value).unwrap_or(u32::MAX);
        let model = Model {
            items: jobs,
            seats: agents,
            cost: data.cost.concat(),
            weight: data.weight.iter().flatten().map(|&w| whole(w)).collect(),
            capacity: data.capacity.iter().map(|&c| whole(c)).collect(),
            open: None,
            whole: data.cost.iter().flatten().all(|c| c.fract() == 0.0),
        };
        Ok(Self { data, model })
    }

    /// The compact model, for other solvers.
    pub fn program(&self) -> Program {
        self.model.program("gap")
    }

    /// A solution as a point of [`Problem::program`].
    pub fn point(&self, solution: &Solution) -> Point {
        self.model.point(&solution.agent_of)
    }
}

/// Solves an instance.
pub fn solve(
    problem: &Problem,
    stop: &Stop,
    seed: u64,
    warm: Option<&Solution>,
    watch: &mut dyn Watch<Solution>,
) -> Outcome<Solution> {
    let warm = warm
        .filter(|s| check(problem, s).is_empty())
        .map(|s| s.agent_of.clone());
    let solution = |seats: &[usize]| Solution {
        agent_of: seats.to_vec(),
    };
    seats::solve(&problem.model, stop, seed, warm, watch, &solution)
}

/// The sum of costs.
pub fn price(problem: &Problem, solution: &Solution) -> f64 {
    let cost = |(job, &agent): (usize, &usize)| problem.data.cost.get(agent)?.get(job).copied();
    solution.agent_of.iter().enumerate().filter_map(cost).sum()
}

/// Every broken rule: each job has an agent, no agent is over its capacity.
pub fn check(problem: &Problem, solution: &Solution) -> Vec<Violation> {
    let Data {
        weight, capacity, ..
    } = &problem.data;
    let mut broken = Vec::new();
    let mut violation = |rule: &str, subject: usize, zh: String, en: String| {
        broken.push(Violation {
            rule: rule.to_owned(),
            subjects: vec![subject.to_string()],
            words: Words::new(zh, en),
        });
    };
    let jobs = weight.first().map_or(0, Vec::len);
    if solution.agent_of.len() != jobs {
        violation(
            "assigned",
            solution.agent_of.len(),
            "并非每项任务都有执行者".into(),
            "not every job has an agent".into(),
        );
    }
    let mut load = vec![0.0; capacity.len()];
    for (job, &agent) in solution.agent_of.iter().enumerate() {
        match (
            load.get_mut(agent),
            weight.get(agent).and_then(|w| w.get(job)),
        ) {
            (Some(load), Some(weight)) => *load += weight,
            _ => violation(
                "assigned",
                agent,
                format!("没有执行者 {agent}"),
                format!("there is no agent {agent}"),
            ),
        }
    }
    for (agent, (load, capacity)) in load.iter().zip(capacity).enumerate() {
        if load > capacity {
            violation(
                "capacity",
                agent,
                format!("负荷 {load} 超过容量 {capacity}"),
                format!("load {load} is above the capacity {capacity}"),
            );
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::{Status, Unwatched};

    fn brute(problem: &Problem, jobs: usize, agents: usize) -> Option<f64> {
        let count = agents.pow(u32::try_from(jobs).expect("few"));
        (0..count)
            .filter_map(|mut code| {
                let agent_of = (0..jobs)
                    .map(|_| {
                        let agent = code % agents;
                        code /= agents;
                        agent
                    })
                    .collect();
                let solution = Solution { agent_of };
                check(problem, &solution)
                    .is_empty()
                    .then(|| price(problem, &solution))
            })
            .min_by(f64::total_cmp)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn small_instances_are_solved_to_the_proven_optimum(
            cost in prop::collection::vec(prop::collection::vec(1u8..30, 6), 3),
            weight in prop::collection::vec(prop::collection::vec(1u8..9, 6), 3),
            capacity in prop::collection::vec(4u8..20, 3),
        ) {
            let floats = |rows: Vec<Vec<u8>>| rows.into_iter().map(|r| r.into_iter().map(f64::from).collect()).collect();
            let data = Data { cost: floats(cost), weight: floats(weight), capacity: capacity.into_iter().map(f64::from).collect() };
            let problem = Problem::new(data).expect("an instance");
            let outcome = solve(&problem, &Stop::new(Duration::from_secs(5), 0.0), 1, None, &mut Unwatched);
            match brute(&problem, 6, 3) {
                Some(best) => {
                    let solution = outcome.solution.expect("a solution");
                    prop_assert_eq!(check(&problem, &solution), vec![]);
                    prop_assert_eq!(price(&problem, &solution), best);
                    prop_assert_eq!((outcome.objective, outcome.bound), (Some(best), best));
                }
                None => prop_assert_eq!(outcome.status, Status::Infeasible),
            }
        }
    }

    #[test]
    fn the_text_form_is_read_agent_by_agent() {
        let data =
            Data::parse(" 2 3\n 1 2 3\n 4 5 6\n 1 1 1\n 2 2 2\n 5 6\n").expect("an instance");
        assert_eq!(data.cost, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        assert_eq!(data.capacity, [5.0, 6.0]);
        assert!(Data::parse("2 3\n1 2 3").is_err());
    }
}
