//! A lower bound that knows zones: Lagrangian relaxation over teams.
//!
//! Served-once, placed-once and capacity rules are priced; what is left is to choose Z teams of supervisors, each with
//! the groups of schools that pay best. For given prices the best team of each *leader* (the first of its team, full-time
//! ones first) is found exactly by branch and bound over all teams, so that the value is a proven bound: it sees
//! the whole team's travel, the towns a zone touches, team sizes and the full-time rule. It forgets contiguity and
//! pins apart. Prices move to where a model of all teams seen so far is highest, near the best prices; between exact
//! rounds, quick ones look at promising teams only, which proves nothing and teaches much; so do the zones of the best zoning
//! that the search has found (after 45 s the demo county's bound is 0.6 % higher with them).
//!
//! What an exact round takes is the time to refuse teams: 100,000 and more are valued one by one. Bounding partial teams by what
//! each further member adds to the others, with charges for places, made nodes cheaper and let more teams through; giving
//! away 0.1 % of the bound saved nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::bundle::{self, Cut, Frame};
use super::data::Supervisor;
use super::hunt::{Ground, Hunt};
use super::model::Model;
use super::plan::Plan;
use super::prices::Lagrange;
use super::relax::Prices;
use super::taking::{Offer, Taking};
use crate::Clock;

/// Quick rounds before an exact one.
const QUICK_ROUNDS: usize = 12;
/// Candidates that a quick round tries for each place.
const BEAM: usize = 3;

/// A team with the groups that pay for it.
#[derive(Debug, Clone)]
struct Column {
    /// Who leads it.
    lead: usize,
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
    /// `nearest[j][g]`: the least that `j` supervisors can add to the sum of team travel.
    nearest: Vec<Vec<f64>>,
    /// Team travel in the order of `groups`.
    team: Vec<Vec<f64>>,
    /// `beyond[k][c]`: the least days that `c` groups are beyond a fair share; as many as the supervisor can ever have.
    beyond: Vec<Vec<f64>>,
    /// What the towns cost less, as the first zone of each is free.
    constant: f64,
    now: Lagrange,
    /// Where quick rounds have found the highest value, and that value.
    best: Lagrange,
    level: f64,
    /// Where the bound was proven.
    proven: Lagrange,
    bound: f64,
    cuts: Vec<Cut>,
    radius: f64,
    misses: u32,
    closed: bool,
    last: Vec<Option<Vec<usize>>>,
    /// For exact rounds.
    threads: usize,
}

impl<'a> Zonal<'a> {
    /// Starts from the prices of the relaxation without zones.
    pub fn new(model: &'a Model<'a>, prices: &Prices, threads: usize) -> Self {
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
        let mut end = 0;
        for run in groups.chunk_by(|&a, &b| town(a) == town(b)) {
            let cut = if town(run[0]).is_some() {
                weights.town_cut
            } else {
                0.0
            };
            end += run.len();
            runs.push((end, cut));
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
            nearest,
            team,
            beyond: beyond(model),
            constant,
            best: start.clone(),
            level: f64::NEG_INFINITY,
            proven: start.clone(),
            now: start,
            bound: f64::NEG_INFINITY,
            cuts: Vec::new(),
            radius: 20.0,
            misses: 0,
            closed: false,
            last: vec![None; leaders],
            threads,
        }
    }

    /// The best bound so far.
    pub fn bound(&self) -> f64 {
        self.bound
    }

    /// Whether the bound cannot be raised any more.
    pub fn exhausted(&self) -> bool {
        self.closed
    }

    /// Quick rounds, then an exact one at the best prices that they have found; false if time ran out within it.
    pub fn tighten(&mut self, clock: &Clock) -> bool {
        for _ in 0..QUICK_ROUNDS {
            let Some(columns) = self.price(BEAM, clock) else {
                return false;
            };
            let value = self.value(&columns);
            if value > self.level {
                (self.level, self.misses) = (value, 0);
                self.best = self.now.clone();
            } else {
                self.miss();
            }
            let Some(model) = self.step(&columns, clock) else {
                return false;
            };
            if model - self.level <= 1e-3 * self.level.abs().max(1.0) {
                break;
            }
        }
        self.now = self.best.clone();
        let Some(columns) = self.price(usize::MAX, clock) else {
            return false;
        };
        let value = self.value(&columns);
        if value > self.bound {
            self.bound = value;
            self.proven = self.now.clone();
        } else {
            self.miss();
        }
        // The quick rounds thought more of these prices than they are worth.
        (self.best, self.level) = (self.proven.clone(), self.bound);
        let Some(model) = self.step(&columns, clock) else {
            return false;
        };
        self.closed = model - self.bound <= 1e-5 * self.bound.abs().max(1.0) || self.radius < 1e-3;
        true
    }

    /// A round that was no better: a third in a row means that the model is to be trusted less far.
    fn miss(&mut self) {
        self.misses += 1;
        if self.misses.is_multiple_of(3) {
            self.radius *= 0.6;
        }
    }

    /// Learns from the columns and moves the prices to where the model is highest; its value there, none if time ran
    /// out.
    fn step(&mut self, columns: &[Column], clock: &Clock) -> Option<f64> {
        self.learn(columns);
        let (next, model) =
            bundle::highest(&self.frame(), &self.cuts, &self.best, self.radius, clock)?;
        self.now = next;
        Some(model)
    }

    /// Adds the columns to the model of the Lagrangian.
    fn learn(&mut self, columns: &[Column]) {
        let (reduced, rise) = (self.reduced(), self.rise());
        for column in columns {
            let taking = self.take(&reduced, &rise, &column.team, f64::INFINITY);
            let cut = self.cut(column.lead, &column.team, &taking.taken);
            self.cuts.push(cut);
        }
    }

    /// Adds the zones of a zoning to the model of the Lagrangian: good zones are what prices should agree on.
    pub fn hint(&mut self, plan: &Plan) {
        let problem = self.model.problem;
        for team in plan.members() {
            let leads = |&l: &usize| team.contains(&self.order[l]);
            let Some(lead) = (0..self.leaders).find(leads) else {
                continue;
            };
            let owner = |g: usize| plan.supervisor_of[problem.groups()[g][0]];
            let member = |(n, &g): (usize, &usize)| {
                let member = team.iter().position(|&k| k == owner(g))?;
                Some((n, member))
            };
            let taken: Vec<(usize, usize)> =
                self.groups.iter().enumerate().filter_map(member).collect();
            let cut = self.cut(lead, &team, &taken);
            self.cuts.push(cut);
        }
    }

    /// A team with these groups as a cut.
    fn cut(&self, lead: usize, team: &[usize], taken: &[(usize, usize)]) -> Cut {
        let (model, data) = (self.model, self.model.problem.data());
        let most = f64::from(data.rules.zone_max_schools);
        let mut cut = Cut {
            lead,
            cost: self.touched(taken),
            slope: vec![(6, 0, -most)],
        };
        let scale = 1.0 / team.len() as f64;
        cut.slope.extend(team.iter().map(|&k| (1, k, -1.0)));
        let mut load = vec![(0.0, 0.0, 0_usize); team.len()];
        for &(n, member) in taken {
            let (g, k) = (self.groups[n], team[member]);
            cut.cost +=
                model.cost[k][g] + scale * team.iter().map(|&l| self.team[l][n]).sum::<f64>();
            cut.slope.push((0, n, -1.0));
            load[member].0 += model.count[g] as f64;
            load[member].1 += model.days[g];
            load[member].2 += 1;
        }
        cut.slope
            .push((6, 0, load.iter().map(|(schools, ..)| schools).sum()));
        for (&k, (schools, days, groups)) in team.iter().zip(load) {
            let beyond = self.beyond[k].get(groups).copied().unwrap_or_default();
            cut.cost += data.weights.imbalance * beyond;
            cut.slope.extend([
                (2, k, schools),
                (3, k, days - beyond),
                (4, k, days),
                (5, k, -days),
            ]);
        }
        cut
    }

    /// What touching the towns of these groups costs.
    fn touched(&self, taken: &[(usize, usize)]) -> f64 {
        let mut from = 0;
        let mut cost = 0.0;
        for &(to, cut) in &self.runs {
            if taken.iter().any(|&(n, _)| (from..to).contains(&n)) {
                cost += cut;
            }
            from = to;
        }
        cost
    }

    /// The part of the Lagrangian that does not depend on the teams.
    fn frame(&self) -> Frame {
        let problem = self.model.problem;
        let (data, teams) = (problem.data(), problem.teams());
        Frame {
            fewest: teams.fewest.min(self.leaders),
            most: teams.most.min(self.leaders),
            leaders: self.leaders,
            slope: Lagrange {
                serve: vec![1.0; self.groups.len()],
                place: vec![1.0; self.model.supervisors()],
                school: data
                    .supervisors
                    .iter()
                    .map(|k| -f64::from(k.max_schools))
                    .collect(),
                fair: (0..self.model.supervisors())
                    .map(|k| -problem.fair_days(k))
                    .collect(),
                most: data.supervisors.iter().map(|k| -k.max_days).collect(),
                least: data.supervisors.iter().map(|k| k.min_days).collect(),
                size: 0.0,
            },
            constant: self.constant,
            imbalance: data.weights.imbalance,
        }
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

    /// What each further group adds to what a supervisor's days beyond a fair share cost at the least.
    ///
    /// Days beyond are `max(0, d − fair)`, and at least `beyond[c]` with `c` groups. What is more than that has the
    /// price `p`, so that a supervisor with `c` groups costs `p (d − fair) + (weight − p) beyond[c]`.
    fn rise(&self) -> Vec<Vec<f64>> {
        let weight = self.model.problem.data().weights.imbalance;
        let rise = |(beyond, price): (&Vec<f64>, &f64)| {
            let factor = (weight - price).max(0.0);
            beyond.windows(2).map(|c| factor * (c[1] - c[0])).collect()
        };
        self.beyond.iter().zip(&self.now.fair).map(rise).collect()
    }

    /// What touching a town costs, spread over its groups by what they promise at the best: a bound for pruning.
    fn share(&self, reduced: &[Vec<f64>]) -> Vec<f64> {
        let team = self.model.problem.teams().smallest;
        let mut share: Vec<f64> = (0..self.groups.len())
            .map(|n| {
                let least = reduced
                    .iter()
                    .map(|row| row[n])
                    .fold(f64::INFINITY, f64::min);
                (-least - self.nearest[team][n] / team as f64).max(0.0)
            })
            .collect();
        let mut from = 0;
        for &(to, cut) in &self.runs {
            let promise: f64 = share[from..to].iter().sum();
            for share in &mut share[from..to] {
                *share = if promise > 0.0 {
                    cut * *share / promise
                } else {
                    cut / (to - from) as f64
                };
            }
            from = to;
        }
        share
    }

    /// The best team of each leader, the best of all without a limit of candidates, and then by several threads; none if time ran
    /// out.
    fn price(&mut self, beam: usize, clock: &Clock) -> Option<Vec<Column>> {
        let (reduced, rise) = (self.reduced(), self.rise());
        let share = self.share(&reduced);
        let ground = Ground {
            reduced: &reduced,
            team: &self.team,
            nearest: &self.nearest,
            share: &share,
            rise: &rise,
            place: &self.now.place,
        };
        let next = AtomicUsize::new(0);
        let work = || {
            let mut columns = Vec::new();
            loop {
                let lead = next.fetch_add(1, Ordering::Relaxed);
                if lead >= self.leaders {
                    return Some(columns);
                }
                let column = self.best_of(lead, &ground, beam, clock)?;
                columns.extend(Some(column).filter(|column| !column.team.is_empty()));
            }
        };
        let mut columns = if beam == usize::MAX && self.threads > 1 {
            thread::scope(|scope| {
                let others: Vec<_> = (1..self.threads).map(|_| scope.spawn(work)).collect();
                let mut columns = work()?;
                for other in others {
                    columns.extend(other.join().ok()??);
                }
                Some(columns)
            })
        } else {
            work()
        }?;
        columns.sort_by_key(|column| column.lead);
        for column in &columns {
            self.last[column.lead] = Some(column.team.clone());
        }
        Some(columns)
    }

    /// The best team of one leader, an empty one if there is none; none at all if time ran out.
    fn best_of(
        &self,
        lead: usize,
        ground: &Ground<'_>,
        beam: usize,
        clock: &Clock,
    ) -> Option<Column> {
        let teams = self.model.problem.teams();
        let leader = self.order[lead];
        let take = |team: &[usize], below: f64| self.take(ground.reduced, ground.rise, team, below);
        let mut best = self.last[lead]
            .clone()
            .map_or((f64::INFINITY, Vec::new()), |team| {
                (take(&team, f64::INFINITY).bound, team)
            });
        for size in teams.smallest..=teams.largest {
            let mut hunt = Hunt {
                ground,
                size,
                beam,
                take: &take,
                best,
                clock,
                constant: self.team_price(&[]),
                nodes: 0,
                scratch: Vec::new(),
            };
            let candidates = &self.order[lead + 1..];
            if !hunt.extend(&mut vec![leader], candidates, &self.team[leader]) {
                return None;
            }
            best = hunt.best;
        }
        let (value, team) = best;
        Some(Column { lead, value, team })
    }

    /// The part of a team's value that does not depend on its groups.
    fn team_price(&self, team: &[usize]) -> f64 {
        let most = f64::from(self.model.problem.data().rules.zone_max_schools);
        -team.iter().map(|&k| self.now.place[k]).sum::<f64>() - most * self.now.size
    }

    /// The best groups for a team, and a lower bound on the team's value, exact if `below` a value; negative pays.
    fn take(&self, reduced: &[Vec<f64>], rise: &[Vec<f64>], team: &[usize], below: f64) -> Taking {
        let price = self.team_price(team);
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
            runs: &self.runs,
            rise: team.iter().map(|&k| rise[k].as_slice()).collect(),
            most: self.model.problem.data().rules.zone_max_schools as usize,
        };
        let mut taking = offer.best(below - price);
        taking.bound += price;
        taking
    }

    /// The Lagrangian's value with these best columns.
    fn value(&self, columns: &[Column]) -> f64 {
        let frame = self.frame();
        let mut values: Vec<f64> = columns.iter().map(|column| column.value).collect();
        values.sort_by(f64::total_cmp);
        let pays = values.iter().take_while(|&&value| value < 0.0).count();
        let chosen = &values[..pays.clamp(frame.fewest, frame.most).min(values.len())];
        let fixed = frame.slope.parts().into_iter().zip(self.now.parts());
        let fixed: f64 = fixed
            .flat_map(|(a, b)| a.iter().zip(b))
            .map(|(a, b)| a * b)
            .sum();
        self.constant + fixed + chosen.iter().sum::<f64>()
    }
}

/// The least days that each number of groups is beyond a supervisor's fair share, up to the most groups possible: by
/// the number of schools, and by days.
fn beyond(model: &Model<'_>) -> Vec<Vec<f64>> {
    let data = model.problem.data();
    let row = |(k, supervisor): (usize, &Supervisor)| {
        let mut days: Vec<f64> = (0..model.groups())
            .filter(|&g| model.cost[k][g].is_finite())
            .map(|g| model.days[g])
            .collect();
        days.sort_by(f64::total_cmp);
        let sums = days
            .iter()
            .take(model.max_schools[k])
            .scan(0.0, |sum, days| {
                *sum += days;
                Some(*sum)
            });
        let fair = model.problem.fair_days(k);
        std::iter::once(0.0)
            .chain(sums.take_while(|&sum| sum <= supervisor.max_days + 1e-6))
            .map(|sum| (sum - fair).max(0.0))
            .collect()
    };
    data.supervisors.iter().enumerate().map(row).collect()
}
