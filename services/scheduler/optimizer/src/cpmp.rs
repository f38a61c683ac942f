//! Capacitated p-median: p of n points are medians, and every point goes to one of them within its capacity.
//!
//! A special case of zoning without supervisors, and a public benchmark (Osman and Christofides 1994; Lorena and Senne
//! 2004; Stefanello et al. 2015). Costs are distances, not minutes.

use serde::{Deserialize, Serialize};

use crate::program::{Point as Values, Program};
use crate::seats::{self, Model};
use crate::{Issue, Outcome, Stop, Violation, Watch, Words, tokens};

/// How far two points are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// Euclidean.
    Exact,
    /// Euclidean, rounded down to a whole number.
    Floor,
}

/// A point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// What it may serve if it is a median, a whole number.
    pub capacity: f64,
    /// What it needs, a whole number.
    pub demand: f64,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// How many medians.
    pub medians: usize,
    /// The points.
    pub points: Vec<Point>,
    /// How far two points are apart.
    pub distance: Distance,
}

impl Data {
    /// Reads the usual text form: `n p`, then `x y capacity demand` for each point.
    pub fn parse(text: &str, distance: Distance) -> Result<Self, Vec<Issue>> {
        let mut tokens = tokens::Tokens::new(text);
        let count = tokens.whole("n");
        let medians = tokens.whole("p");
        let points = (0..count.unwrap_or(0))
            .map_while(|n| {
                Some(Point {
                    x: tokens.number(&format!("points[{n}].x"))?,
                    y: tokens.number(&format!("points[{n}].y"))?,
                    capacity: tokens.number(&format!("points[{n}].capacity"))?,
                    demand: tokens.number(&format!("points[{n}].demand"))?,
                })
            })
            .collect();
        tokens.finish()?;
        Ok(Self {
            medians: medians.unwrap_or(0),
            points,
            distance,
        })
    }
}

/// A checked instance.
#[derive(Debug, Clone)]
pub struct Problem {
    data: Data,
    model: Model,
}

/// For each point its median.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// Index of the median of each point.
    pub median_of: Vec<usize>,
}

impl Problem {
    /// Checks an instance: all issues at once.
    pub fn new(data: Data) -> Result<Self, Vec<Issue>> {
        let mut issues = Vec::new();
        let n = data.points.len();
        if data.medians == 0 || data.medians > n {
            issues.push(tokens::issue(
                "p",
                &data.medians,
                &format!("应在 1 与 {n} 之间"),
                &format!("must be from 1 to {n}"),
            ));
        }
        for (i, point) in data.points.iter().enumerate() {
            for (name, value) in [("x", point.x), ("y", point.y)] {
                if !value.is_finite() {
                    issues.push(tokens::issue(
                        &format!("points[{i}].{name}"),
                        &value,
                        "应为数",
                        "must be a number",
                    ));
                }
            }
            for (name, value) in [("capacity", point.capacity), ("demand", point.demand)] {
                if tokens::whole(value).is_none() {
                    issues.push(tokens::not_whole(&format!("points[{i}].{name}"), value));
                }
            }
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        let between = |a: &Point, b: &Point| {
            let exact = (a.x - b.x).hypot(a.y - b.y);
            match data.distance {
                Distance::Exact => exact,
                Distance::Floor => exact.floor(),
            }
        };
        let whole = |value: f64| tokens::whole(value).unwrap_or(u32::MAX);
        let model = Model {
            items: n,
            seats: n,
            cost: data
                .points
                .iter()
                .flat_map(|m| data.points.iter().map(move |p| between(m, p)))
                .collect(),
            weight: (0..n)
                .flat_map(|_| data.points.iter().map(|p| whole(p.demand)))
                .collect(),
            capacity: data.points.iter().map(|p| whole(p.capacity)).collect(),
            open: Some(data.medians),
            whole: data.distance == Distance::Floor,
        };
        Ok(Self { data, model })
    }

    /// The instance.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The compact model, for other solvers.
    pub fn program(&self) -> Program {
        self.model.program("cpmp")
    }

    /// A solution as a point of [`Problem::program`].
    pub fn point(&self, solution: &Solution) -> Values {
        self.model.point(&solution.median_of)
    }
}

/// Solves an instance. `seconds` to a good solution, and a proven bound.
pub fn solve(
    problem: &Problem,
    stop: &Stop,
    seed: u64,
    warm: Option<&Solution>,
    watch: &mut dyn Watch<Solution>,
) -> Outcome<Solution> {
    let warm = warm
        .filter(|s| check(problem, s).is_empty())
        .map(|s| s.median_of.clone());
    let solution = |seats: &[usize]| Solution {
        median_of: seats.to_vec(),
    };
    seats::solve(&problem.model, stop, seed, warm, watch, &solution)
}

/// The sum of distances, from the points themselves.
pub fn price(problem: &Problem, solution: &Solution) -> f64 {
    let points = &problem.data.points;
    let distances = points
        .iter()
        .zip(&solution.median_of)
        .filter_map(|(p, &m)| {
            let median = points.get(m)?;
            let exact = ((p.x - median.x).powi(2) + (p.y - median.y).powi(2)).sqrt();
            Some(if problem.data.distance == Distance::Floor {
                exact.floor()
            } else {
                exact
            })
        });
    distances.sum()
}

/// Every broken rule: each point has a median, no more medians than p, no median over its capacity.
pub fn check(problem: &Problem, solution: &Solution) -> Vec<Violation> {
    let points = &problem.data.points;
    let mut broken = Vec::new();
    let mut violation = |rule: &str, subject: usize, zh: String, en: String| {
        broken.push(Violation {
            rule: rule.to_owned(),
            subjects: vec![subject.to_string()],
            words: Words::new(zh, en),
        });
    };
    if solution.median_of.len() != points.len() {
        violation(
            "assigned",
            solution.median_of.len(),
            "并非每点都有中位点".into(),
            "not every point has a median".into(),
        );
    }
    let mut load = std::collections::BTreeMap::<usize, f64>::new();
    for (point, &median) in points.iter().zip(&solution.median_of) {
        *load.entry(median).or_default() += point.demand;
    }
    if load.len() > problem.data.medians {
        violation(
            "medians",
            load.len(),
            format!("用了 {} 个中位点", load.len()),
            format!("{} medians are used", load.len()),
        );
    }
    for (median, load) in load {
        match points.get(median) {
            Some(point) if load <= point.capacity => {}
            Some(point) => violation(
                "capacity",
                median,
                format!("负荷 {load} 超过容量 {}", point.capacity),
                format!("load {load} is above the capacity {}", point.capacity),
            ),
            None => violation(
                "assigned",
                median,
                format!("没有点 {median}"),
                format!("there is no point {median}"),
            ),
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::Unwatched;

    fn stop() -> Stop {
        Stop::new(Duration::from_secs(5), 0.0)
    }

    /// The best value over all choices of medians and all assignments; none if there is no solution.
    fn brute(problem: &Problem) -> Option<f64> {
        let n = problem.data.points.len();
        let mut best: Option<f64> = None;
        let mut median_of = vec![0; n];
        loop {
            let solution = Solution {
                median_of: median_of.clone(),
            };
            if check(problem, &solution).is_empty() {
                let value = price(problem, &solution);
                best = Some(best.map_or(value, |b| b.min(value)));
            }
            let Some(digit) = median_of.iter().position(|&m| m + 1 < n) else {
                return best;
            };
            median_of[digit] += 1;
            median_of[..digit].fill(0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn small_instances_are_solved_to_the_proven_optimum(
            points in prop::collection::vec((0u8..20, 0u8..20, 1u8..6), 4..6), medians in 1usize..4, capacity in 6u8..16
        ) {
            let points = points.into_iter().map(|(x, y, d)| Point { x: x.into(), y: y.into(), capacity: capacity.into(), demand: d.into() }).collect();
            let problem = Problem::new(Data { medians, points, distance: Distance::Floor }).expect("an instance");
            let outcome = solve(&problem, &stop(), 1, None, &mut Unwatched);
            match brute(&problem) {
                Some(best) => {
                    let solution = outcome.solution.expect("a solution");
                    prop_assert_eq!(check(&problem, &solution), vec![]);
                    prop_assert_eq!(price(&problem, &solution), best);
                    prop_assert_eq!(outcome.objective, Some(best));
                    prop_assert_eq!(outcome.bound, best);
                }
                None => prop_assert_eq!(outcome.status, crate::Status::Infeasible),
            }
        }
    }

    fn grid(n: usize, medians: usize) -> Problem {
        let points = (0..n)
            .map(|i| Point {
                x: (i * 37 % 101) as f64,
                y: (i * 53 % 97) as f64,
                capacity: 60.0,
                demand: (5 + i * 7 % 11) as f64,
            })
            .collect();
        Problem::new(Data {
            medians,
            points,
            distance: Distance::Exact,
        })
        .expect("an instance")
    }

    #[test]
    fn the_same_seed_and_steps_give_the_same_answer() {
        let problem = grid(60, 12);
        let mut stop = stop();
        stop.time = Duration::from_secs(60);
        stop.steps = Some(3);
        let run = || solve(&problem, &stop, 7, None, &mut Unwatched);
        let (a, b) = (run(), run());
        assert_eq!(a.solution, b.solution);
        assert_eq!(a.bound.to_bits(), b.bound.to_bits());
    }

    #[test]
    fn bounds_rise_and_objectives_fall() {
        // Steps, not seconds: what else the machine does must not matter.
        let stop = Stop {
            time: Duration::from_secs(120),
            steps: Some(40),
            ..stop()
        };
        let outcome = solve(&grid(60, 12), &stop, 1, None, &mut Unwatched);
        assert!(
            outcome.gap.is_some_and(|gap| gap < 0.05),
            "{:?}",
            outcome.gap
        );
        for pair in outcome.trace.windows(2) {
            assert!(pair[0].seconds <= pair[1].seconds && pair[0].bound <= pair[1].bound);
            if let (Some(before), Some(after)) = (pair[0].objective, pair[1].objective) {
                assert!(after <= before);
            }
        }
    }

    #[test]
    fn a_wrong_file_is_refused_with_the_place_and_the_word() {
        let issues = Data::parse("3 1\n0 0 5 1\n0 x 5 1\n", Distance::Exact).expect_err("wrong");
        assert!(
            issues
                .iter()
                .any(|i| i.value == "x" && i.words.en.contains("line 3")),
            "{issues:?}"
        );
        assert!(Data::parse("3 1\n0 0 5 1\n", Distance::Exact).is_err());
    }
}
