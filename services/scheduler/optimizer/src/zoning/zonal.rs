//! A lower bound that knows zones: Lagrangian relaxation over teams.
//!
//! Served-once, placed-once and capacity rules are priced; what is left is to choose Z teams of supervisors, each with
//! the groups of schools that pay best. For given prices the best team of each *leader* (the first of its team, full-time
//! ones first) is found exactly by branch and bound over all teams, so that the value is a proven bound: it sees
//! the whole team's travel, the towns a zone touches, team sizes and the full-time rule. It forgets contiguity and
//! pins apart. Prices move along deflected subgradients (Camerini, Fratta and Maffioli 1975) with Polyak's steps.

use super::data::Supervisor;
use super::hunt::{Ground, Hunt};
use super::model::Model;
use super::relax::Prices;
use super::taking::{Offer, Taking};
use crate::Clock;

/// Rounds without a better bound after which steps are halved.
const PATIENCE: u32 = 10;

/// The prices of the rules, all in minutes.
#[derive(Debug, Clone)]
struct Lagrange {
    /// For serving each group.
    serve: Vec<f64>,
    /// For placing each supervisor.
    place: Vec<f64>,
    /// Per school of each supervisor, ≥ 0.
    school: Vec<f64>,
    /// Per day of each supervisor beyond the fair share, 0 to the weight of imbalance.
    fair: Vec<f64>,
    /// Per day of each supervisor beyond the most, ≥ 0.
    most: Vec<f64>,
    /// Per day of each supervisor short of the least, ≥ 0.
    least: Vec<f64>,
    /// Per school of a zone, ≥ 0.
    size: f64,
}

/// A team with the groups that pay for it.
#[derive(Debug, Clone)]
struct Column {
    /// Lower bound on the team's value after prices.
    value: f64,
    /// Its supervisors, the leader first.
    team: Vec<usize>,
}

/// The relaxation, to be tightened round by round.
#[derive(Debug)]
pub struct Zonal<'a> {
    model: &'a Model<'a>,
    /// Supervisors, full-time ones first where each zone needs one.
    order: Vec<usize>,
    leaders: usize,
    /// Groups, those of one town next to each other.
    groups: Vec<usize>,
    /// Ends of the runs of groups of one town, and what touching the town costs.
    runs: Vec<(usize, f64)>,
    /// Each group's share of touching its town, a lower bound used for pruning.
    share: Vec<f64>,
    /// `nearest[j][g]`: the least that `j` supervisors can add to the sum of team travel.
    nearest: Vec<Vec<f64>>,
    /// Team travel in the order of `groups`.
    team: Vec<Vec<f64>>,
    /// The most groups that each supervisor can have in any zoning.
    caps: Vec<usize>,
    /// What the towns cost less, as the first zone of each is free.
    constant: f64,
    now: Lagrange,
    best: Lagrange,
    bound: f64,
    direction: Option<Lagrange>,
    step: f64,
    stale: u32,
    last: Vec<Option<Vec<usize>>>,
}

impl<'a> Zonal<'a> {
    /// Starts from the prices of the relaxation without zones.
    pub fn new(model: &'a Model<'a>, prices: &Prices) -> Self {
        let problem = model.problem;
        let weights = &problem.data().weights;
        let teams = problem.teams();
        let mut order: Vec<usize> = (0..model.supervisors()).collect();
        order.sort_by_key(|&k| (!model.full_time[k], k));
        let leaders = if teams.full_time {
            order.iter().filter(|&&k| model.full_time[k]).count()
        } else {
            order.len()
        };

        // A group that lies in several towns, or in none, counts for no town: the bound stays one.
        let town = |g: usize| {
            if let [t] = model.towns[g][..] {
                Some(t)
            } else {
                None
            }
        };
        let mut groups: Vec<usize> = (0..model.groups()).collect();
        groups.sort_by_key(|&g| (town(g), g));
        let mut runs: Vec<(usize, f64)> = Vec::new();
        let mut share = Vec::new();
        for run in groups.chunk_by(|&a, &b| town(a) == town(b)) {
            let cut = if town(run[0]).is_some() {
                weights.town_cut
            } else {
                0.0
            };
            runs.push((share.len() + run.len(), cut));
            share.extend(run.iter().map(|_| cut / run.len() as f64));
        }
        let constant = -runs.iter().map(|&(_, cut)| cut).sum::<f64>();
        let team: Vec<Vec<f64>> = model
            .team
            .iter()
            .map(|row| groups.iter().map(|&g| row[g]).collect())
            .collect();
        let nearest = {
            let sorted: Vec<Vec<f64>> = (0..groups.len())
                .map(|n| {
                    let mut column: Vec<f64> = team.iter().map(|row| row[n]).collect();
                    column.sort_by(f64::total_cmp);
                    column
                })
                .collect();
            (0..=teams.largest)
                .map(|j| {
                    sorted
                        .iter()
                        .map(|column| column[..j].iter().sum())
                        .collect()
                })
                .collect()
        };
        let fair: Vec<f64> = prices
            .days
            .iter()
            .map(|&p| p.clamp(0.0, weights.imbalance))
            .collect();
        let start = Lagrange {
            serve: groups.iter().map(|&g| prices.serve[g]).collect(),
            place: vec![0.0; model.supervisors()],
            school: prices.places.iter().map(|p| p.max(0.0)).collect(),
            most: prices
                .days
                .iter()
                .zip(&fair)
                .map(|(p, f)| (p - f).max(0.0))
                .collect(),
            least: prices.days.iter().map(|p| (-p).max(0.0)).collect(),
            fair,
            size: 0.0,
        };
        Self {
            model,
            order,
            leaders,
            groups,
            runs,
            share,
            nearest,
            team,
            caps: caps(model),
            constant,
            best: start.clone(),
            now: start,
            bound: f64::NEG_INFINITY,
            direction: None,
            step: 0.25,
            stale: 0,
            last: vec![None; leaders],
        }
    }

    /// The best bound so far.
    pub fn bound(&self) -> f64 {
        self.bound
    }

    /// Whether further rounds are hardly worth their time.
    pub fn exhausted(&self) -> bool {
        self.step < 2e-3
    }

    /// One round towards `goal`, the value of a known zoning or an estimate; false if time ran out within it.
    pub fn tighten(&mut self, goal: f64, clock: &Clock) -> bool {
        let Some(columns) = self.price(clock) else {
            return false;
        };
        let (value, slope) = self.value(&columns);
        if value > self.bound {
            if value > self.bound + 1e-5 * goal.abs() {
                self.stale = 0;
            }
            self.bound = value;
            self.best = self.now.clone();
        }
        self.stale += 1;
        if self.stale > PATIENCE {
            self.stale = 0;
            self.step *= 0.7;
            self.now = self.best.clone();
            self.direction = None;
            return true;
        }
        let direction = match self.direction.take() {
            None => slope,
            Some(old) => {
                // Deflect where the old direction opposes the new slope, so that the path does not zigzag.
                let against = old.dot(&slope);
                let deflection = if against < 0.0 {
                    (-1.5 * against / old.dot(&old).max(1e-12)).min(1.0)
                } else {
                    0.3
                };
                slope.plus(deflection, &old)
            }
        };
        let length = self.step * (goal - value).max(1e-3 * goal.abs())
            / direction.dot(&direction).max(1e-12);
        self.now = self.now.plus(length, &direction);
        self.now
            .project(self.model.problem.data().weights.imbalance);
        self.direction = Some(direction);
        true
    }

    /// `reduced[k][n]`: what a supervisor taking a group costs after prices, without the team's travel and the town.
    fn reduced(&self) -> Vec<Vec<f64>> {
        let (model, now) = (self.model, &self.now);
        (0..model.supervisors())
            .map(|k| {
                let per_day = now.fair[k] + now.most[k] - now.least[k];
                let per_school = now.school[k] + now.size;
                self.groups
                    .iter()
                    .enumerate()
                    .map(|(n, &g)| {
                        model.cost[k][g]
                            + per_school * model.count[g] as f64
                            + per_day * model.days[g]
                            - now.serve[n]
                    })
                    .collect()
            })
            .collect()
    }

    /// The best team of each leader; none if time ran out.
    fn price(&mut self, clock: &Clock) -> Option<Vec<Column>> {
        let reduced = self.reduced();
        let teams = self.model.problem.teams();
        let mut columns = Vec::with_capacity(self.leaders);
        for lead in 0..self.leaders {
            let leader = self.order[lead];
            let last = self.last[lead].take();
            let mut best = last.map_or((f64::INFINITY, Vec::new()), |team| {
                (self.take(&reduced, &team).bound, team)
            });
            let ground = Ground {
                reduced: &reduced,
                team: &self.team,
                nearest: &self.nearest,
                share: &self.share,
                caps: &self.caps,
                place: &self.now.place,
            };
            for size in teams.smallest..=teams.largest {
                let take = |team: &[usize]| self.take(&reduced, team);
                let mut hunt = Hunt {
                    ground: &ground,
                    size,
                    take: &take,
                    best,
                    clock,
                    constant: self.team_price(&[]),
                    nodes: 0,
                    scratch: Vec::new(),
                };
                if !hunt.extend(
                    &mut vec![leader],
                    &self.order[lead + 1..],
                    &self.team[leader],
                ) {
                    return None;
                }
                best = hunt.best;
            }
            let (value, team) = best;
            if !team.is_empty() {
                self.last[lead] = Some(team.clone());
                columns.push(Column { value, team });
            }
        }
        Some(columns)
    }

    /// The part of a team's value that does not depend on its groups.
    fn team_price(&self, team: &[usize]) -> f64 {
        let most = f64::from(self.model.problem.data().rules.zone_max_schools);
        -team.iter().map(|&k| self.now.place[k]).sum::<f64>() - most * self.now.size
    }

    /// The best groups for a team, and a lower bound on the team's value; negative pays.
    fn take(&self, reduced: &[Vec<f64>], team: &[usize]) -> Taking {
        let scale = 1.0 / team.len() as f64;
        let mut extra = vec![0.0; self.groups.len()];
        for &k in team {
            for (sum, minutes) in extra.iter_mut().zip(&self.team[k]) {
                *sum += minutes * scale;
            }
        }
        let offer = Offer {
            cost: team.iter().map(|&k| reduced[k].as_slice()).collect(),
            extra: &extra,
            share: &self.share,
            runs: &self.runs,
            caps: team.iter().map(|&k| self.caps[k]).collect(),
            most: self.model.problem.data().rules.zone_max_schools as usize,
        };
        let mut taking = offer.best();
        taking.bound += self.team_price(team);
        taking
    }

    /// The Lagrangian's value with these best columns, and its slope.
    fn value(&self, columns: &[Column]) -> (f64, Lagrange) {
        let (model, now) = (self.model, &self.now);
        let problem = model.problem;
        let data = problem.data();
        let teams = problem.teams();
        let reduced = self.reduced();
        let mut order: Vec<&Column> = columns.iter().collect();
        order.sort_by(|a, b| a.value.total_cmp(&b.value));
        let pays = order.iter().take_while(|column| column.value < 0.0).count();
        let chosen = &order[..pays.clamp(teams.fewest, teams.most).min(order.len())];

        let mut slope = Lagrange {
            serve: vec![1.0; now.serve.len()],
            place: vec![1.0; now.place.len()],
            school: data
                .supervisors
                .iter()
                .map(|k| -f64::from(k.max_schools))
                .collect(),
            fair: (0..model.supervisors())
                .map(|k| -problem.fair_days(k))
                .collect(),
            most: data.supervisors.iter().map(|k| -k.max_days).collect(),
            least: data.supervisors.iter().map(|k| k.min_days).collect(),
            size: -f64::from(data.rules.zone_max_schools) * chosen.len() as f64,
        };
        let mut value = self.constant
            + now.serve.iter().sum::<f64>()
            + now.place.iter().sum::<f64>()
            + (0..model.supervisors())
                .map(|k| {
                    slope.school[k] * now.school[k]
                        + slope.fair[k] * now.fair[k]
                        + slope.most[k] * now.most[k]
                        + slope.least[k] * now.least[k]
                })
                .sum::<f64>();
        for column in chosen {
            value += column.value;
            for &k in &column.team {
                slope.place[k] -= 1.0;
            }
            for (n, member) in self.take(&reduced, &column.team).taken {
                let (g, k) = (self.groups[n], column.team[member]);
                slope.serve[n] -= 1.0;
                slope.school[k] += model.count[g] as f64;
                slope.size += model.count[g] as f64;
                slope.fair[k] += model.days[g];
                slope.most[k] += model.days[g];
                slope.least[k] -= model.days[g];
            }
        }
        // Where a price is at its end already, there is no slope.
        slope.clip(now, data.weights.imbalance);
        (value, slope)
    }
}

/// The most groups that each supervisor can have: by the number of schools, and by days if every group takes some.
fn caps(model: &Model<'_>) -> Vec<usize> {
    let data = model.problem.data();
    let cap = |(k, supervisor): (usize, &Supervisor)| {
        let able = (0..model.groups()).filter(|&g| model.cost[k][g].is_finite());
        let shortest = able.map(|g| model.days[g]).fold(f64::INFINITY, f64::min);
        let by_days = if shortest > 0.0 {
            ((supervisor.max_days + 1e-6) / shortest) as usize
        } else {
            usize::MAX
        };
        model.max_schools[k].min(by_days)
    };
    data.supervisors.iter().enumerate().map(cap).collect()
}

impl Lagrange {
    fn parts(&self) -> [&[f64]; 7] {
        let size = std::slice::from_ref(&self.size);
        [
            &self.serve,
            &self.place,
            &self.school,
            &self.fair,
            &self.most,
            &self.least,
            size,
        ]
    }

    fn parts_mut(&mut self) -> [&mut [f64]; 7] {
        let size = std::slice::from_mut(&mut self.size);
        [
            &mut self.serve,
            &mut self.place,
            &mut self.school,
            &mut self.fair,
            &mut self.most,
            &mut self.least,
            size,
        ]
    }

    fn dot(&self, other: &Self) -> f64 {
        self.parts()
            .iter()
            .zip(other.parts())
            .flat_map(|(a, b)| a.iter().zip(b))
            .map(|(a, b)| a * b)
            .sum()
    }

    fn plus(&self, factor: f64, other: &Self) -> Self {
        let mut sum = self.clone();
        for (a, b) in sum.parts_mut().into_iter().zip(other.parts()) {
            for (a, b) in a.iter_mut().zip(b) {
                *a += factor * b;
            }
        }
        sum
    }

    /// Back into the ranges of the prices.
    fn project(&mut self, imbalance: f64) {
        for part in [&mut self.school, &mut self.most, &mut self.least] {
            for price in part {
                *price = price.max(0.0);
            }
        }
        for price in &mut self.fair {
            *price = price.clamp(0.0, imbalance);
        }
        self.size = self.size.max(0.0);
    }

    /// As a slope at `now`: zero where it leads out of the ranges.
    fn clip(&mut self, now: &Self, imbalance: f64) {
        let pairs = [
            (&mut self.school, &now.school),
            (&mut self.most, &now.most),
            (&mut self.least, &now.least),
        ];
        for (slope, price) in pairs {
            for (s, p) in slope.iter_mut().zip(price) {
                if *p <= 0.0 {
                    *s = s.max(0.0);
                }
            }
        }
        for (s, p) in self.fair.iter_mut().zip(&now.fair) {
            if *p <= 0.0 {
                *s = s.max(0.0);
            }
            if *p >= imbalance {
                *s = s.min(0.0);
            }
        }
        if now.size <= 0.0 {
            self.size = self.size.max(0.0);
        }
    }
}
