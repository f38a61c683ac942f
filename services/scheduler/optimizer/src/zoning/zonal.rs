//! A lower bound that knows zones: Lagrangian relaxation over teams.
//!
//! Served-once, placed-once and capacity rules are priced; what is left is to choose Z teams of supervisors, each with
//! the groups of schools that pay best. For given prices the best team of each *leader* (the first of its team, full-time
//! ones first) is found exactly by branch and bound over all teams, so that the value is a proven bound: it sees
//! the whole team's travel, the towns a zone touches, team sizes and the full-time rule. It forgets contiguity and
//! pins apart. Prices move to where a model of all teams seen so far is highest, near the best prices; the zones of the best
//! zoning that the search has found are part of the model, too.
//!
//! Every team is bounded at fixed charges ([`super::hunt`]), some 600,000 a round, and those that promise most are valued. Each
//! that was valued is a cut, and so are the zones of the zonings that the search passes: cuts wait outside of the model until they
//! lie below it, so that it is solved in a few hundredths of a second ([`super::bundle`]). On a county of 300 schools and 69
//! supervisors, beside the search on two cores, 30 s prove 39,500 and 60 s 39,790, where the relaxation ends near 39,800; the best
//! zoning known costs 40,330, and one that need not hang together 40,230. Tried there without gain: one hunt a round, prices
//! 30 % of the way to where the model is highest, the model's interior optimum, and charges made to suit every team that is not
//! refused.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::bundle::{Bundle, Cut, Frame};
use super::data::Supervisor;
use super::hunt::{Charges, Field, Ground, Hunt};
use super::model::Model;
use super::plan::Plan;
use super::prices::Lagrange;
use super::relax::Prices;
use super::taking::{Offer, Taking};
use crate::Clock;

/// How far prices may move from the best ones at first, minutes.
const RADIUS: f64 = 10.0;
/// How often a round hunts with better charges where teams were left out that promise more than the best is worth.
const HUNTS: usize = 3;
/// The part of what the bound may still rise that all teams together may promise beyond their best ones without being valued.
const SLACK: f64 = 0.05;
/// How far charges move to those of a team that is not the best.
const BLEND: f64 = 0.5;

/// The best team of a leader.
#[derive(Debug, Clone)]
struct Column {
    /// Who leads it.
    lead: usize,
    /// Lower bound on the value of all of the leader's teams after prices.
    value: f64,
    /// Its supervisors, the leader first.
    team: Vec<usize>,
}

/// What is known of a leader's teams.
#[derive(Debug, Clone)]
struct Known {
    charges: Charges,
    /// Teams that were the best, or are a zone of a good zoning.
    good: Vec<Vec<usize>>,
}

/// The county as the relaxation sees it.
#[derive(Debug)]
struct View<'a> {
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
}

/// What a look at a leader's teams gave: the best, what is known afterwards, and the cuts of all that were valued.
type Look = (Column, Known, Vec<Cut>);

/// The relaxation, to be tightened round by round.
#[derive(Debug)]
pub struct Zonal<'a> {
    view: View<'a>,
    now: Lagrange,
    /// Where the bound was proven.
    best: Lagrange,
    bound: f64,
    bundle: Bundle,
    radius: f64,
    misses: u32,
    closed: bool,
    /// By leader.
    known: Vec<Known>,
    /// What a leader's teams may promise beyond the best one without being valued, minutes.
    slack: f64,
    threads: usize,
}

impl<'a> Zonal<'a> {
    /// Starts from the prices of the relaxation without zones.
    pub fn new(model: &'a Model<'a>, prices: &Prices, threads: usize) -> Self {
        let view = View::new(model);
        let weights = &model.problem.data().weights;
        let fair: Vec<f64> = prices
            .days
            .iter()
            .map(|&p| p.clamp(0.0, weights.imbalance))
            .collect();
        let start = Lagrange {
            serve: view.groups.iter().map(|&g| prices.serve[g]).collect(),
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
        let known = Known {
            charges: Charges {
                own: vec![0.0; model.supervisors()],
                team: vec![0.0; model.problem.teams().largest + 1],
            },
            good: Vec::new(),
        };
        Self {
            bundle: Bundle::new(view.frame()),
            known: vec![known; view.leaders],
            view,
            best: start.clone(),
            now: start,
            bound: f64::NEG_INFINITY,
            radius: RADIUS,
            misses: 0,
            closed: false,
            slack: 1.0,
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

    /// Looks at every team at the present prices and moves them; false if time ran out within.
    pub fn tighten(&mut self, clock: &Clock) -> bool {
        let Some(columns) = self.round(clock) else {
            return false;
        };
        let value = self.value(&columns);
        if value > self.bound {
            self.bound = value;
            self.best = self.now.clone();
        } else {
            self.misses += 1;
            // Every third one that was no better means that the model is to be trusted less far.
            if self.misses.is_multiple_of(3) {
                self.radius *= 0.6;
            }
        }
        let highest = self.bundle.highest(&self.best, self.radius, clock);
        let Some((next, model)) = highest else {
            return false;
        };
        self.now = next;
        let rise = (model - self.bound).max(0.0);
        self.slack = SLACK * rise / self.view.leaders as f64;
        self.closed = rise <= 1e-5 * self.bound.abs().max(1.0) || self.radius < 1e-3;
        true
    }

    /// Adds the zones of a zoning to the model of the Lagrangian: good zones are what prices should agree on. Those of the best
    /// zoning so far are among the first teams that rounds look at.
    pub fn hint(&mut self, plan: &Plan, best: bool) {
        let view = &self.view;
        let problem = view.model.problem;
        for mut team in plan.members() {
            let place = |&k: &usize| view.order.iter().position(|&l| l == k);
            team.sort_by_key(place);
            let Some(lead) = team.first().and_then(place).filter(|&l| l < view.leaders) else {
                continue;
            };
            let owner = |g: usize| plan.supervisor_of[problem.groups()[g][0]];
            let member = |(n, &g): (usize, &usize)| {
                let member = team.iter().position(|&k| k == owner(g))?;
                Some((n, member))
            };
            let taken: Vec<(usize, usize)> =
                view.groups.iter().enumerate().filter_map(member).collect();
            self.bundle.add(view.cut(lead, &team, &taken));
            if best {
                self.known[lead].good.push(team);
            }
        }
    }

    /// The best team of each leader, by several threads; none if time ran out.
    fn round(&mut self, clock: &Clock) -> Option<Vec<Column>> {
        let (view, now, known) = (&self.view, &self.now, &self.known);
        let (reduced, rise) = (view.reduced(now), view.rise(now));
        let ground = view.ground(now, &reduced, &rise);
        let slack = self.slack;
        let next = AtomicUsize::new(0);
        let work = || {
            let mut columns = Vec::new();
            loop {
                let lead = next.fetch_add(1, Ordering::Relaxed);
                let Some(known) = known.get(lead) else {
                    return Some(columns);
                };
                columns.push(view.best_of(lead, &ground, known, slack, clock)?);
            }
        };
        let mut columns = if self.threads > 1 {
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
        columns.sort_by_key(|(column, ..)| column.lead);
        let mut found = Vec::with_capacity(columns.len());
        for (column, known, cuts) in columns {
            self.known[column.lead] = known;
            for cut in cuts {
                self.bundle.add(cut);
            }
            found.extend(Some(column).filter(|column| !column.team.is_empty()));
        }
        Some(found)
    }

    /// The Lagrangian's value with these best columns.
    fn value(&self, columns: &[Column]) -> f64 {
        let frame = self.bundle.frame();
        let mut values: Vec<f64> = columns.iter().map(|column| column.value).collect();
        values.sort_by(f64::total_cmp);
        let pays = values.iter().take_while(|&&value| value < 0.0).count();
        let chosen = &values[..pays.clamp(frame.fewest, frame.most).min(values.len())];
        let fixed = frame.slope.parts().into_iter().zip(self.now.parts());
        let fixed: f64 = fixed
            .flat_map(|(a, b)| a.iter().zip(b))
            .map(|(a, b)| a * b)
            .sum();
        frame.constant + fixed + chosen.iter().sum::<f64>()
    }
}

impl<'a> View<'a> {
    fn new(model: &'a Model<'a>) -> Self {
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
        Self {
            model,
            order,
            leaders,
            groups,
            runs,
            nearest,
            team,
            beyond: beyond(model),
        }
    }

    /// How many supervisors a team has.
    fn sizes(&self) -> RangeInclusive<usize> {
        let teams = self.model.problem.teams();
        teams.smallest..=teams.largest
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
            // The first zone of each town is free.
            constant: -self.runs.iter().map(|&(_, cut)| cut).sum::<f64>(),
            imbalance: data.weights.imbalance,
        }
    }

    /// `reduced[k][n]`: what a supervisor taking a group costs after prices, without the team's travel and the town.
    fn reduced(&self, now: &Lagrange) -> Vec<Vec<f64>> {
        let model = self.model;
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
    fn rise(&self, now: &Lagrange) -> Vec<Vec<f64>> {
        let weight = self.model.problem.data().weights.imbalance;
        let rise = |(beyond, price): (&Vec<f64>, &f64)| {
            let factor = (weight - price).max(0.0);
            beyond.windows(2).map(|c| factor * (c[1] - c[0])).collect()
        };
        self.beyond.iter().zip(&now.fair).map(rise).collect()
    }

    /// What teams are hunted on at these prices.
    fn ground<'g>(
        &'g self,
        now: &'g Lagrange,
        reduced: &'g [Vec<f64>],
        rise: &'g [Vec<f64>],
    ) -> Ground<'g> {
        let most = f64::from(self.model.problem.data().rules.zone_max_schools);
        Ground {
            reduced,
            team: &self.team,
            nearest: &self.nearest,
            runs: &self.runs,
            rise,
            place: &now.place,
            constant: -most * now.size,
            most,
        }
    }

    /// The best team of one leader, an empty one if there is none, and what is known afterwards; none at all if time ran out.
    fn best_of(
        &self,
        lead: usize,
        ground: &Ground<'_>,
        known: &Known,
        slack: f64,
        clock: &Clock,
    ) -> Option<Look> {
        let mut cuts = Vec::new();
        let mut charges = known.charges.clone();
        let mut best = Column {
            lead,
            value: f64::INFINITY,
            team: Vec::new(),
        };
        for team in &known.good {
            cuts.extend(self.try_out(ground, team, &mut best, &mut charges));
        }
        let mut sure = f64::NEG_INFINITY;
        for _ in 0..HUNTS {
            let field = Field::new(ground, &charges, &self.order[lead..], self.sizes());
            let mut hunt = Hunt::new(&field, best.value - slack, clock);
            for size in self.sizes() {
                if !hunt.size(size) {
                    return None;
                }
            }
            let (found, unseen) = hunt.end();
            let mut left = unseen;
            for (bound, team) in &found {
                if *bound < best.value - slack {
                    cuts.extend(self.try_out(ground, team, &mut best, &mut charges));
                } else {
                    left = left.min(*bound);
                }
            }
            sure = sure.max(left);
            if sure >= best.value - slack {
                break;
            }
        }
        let mut good: Vec<Vec<usize>> = Vec::from_iter(known.good.last().cloned());
        if !best.team.is_empty() && good.last() != Some(&best.team) {
            good.push(best.team.clone());
        }
        best.value = best.value.min(sure);
        Some((best, Known { charges, good }, cuts))
    }

    /// Values a team, and learns its charges: all of them where it is the best so far. Gives its cut, where its groups are known.
    fn try_out(
        &self,
        ground: &Ground<'_>,
        team: &[usize],
        best: &mut Column,
        charges: &mut Charges,
    ) -> Option<Cut> {
        let taking = self.take(ground, team, best.value);
        let part = if taking.bound < best.value {
            1.0
        } else {
            BLEND
        };
        let learn = |known: &mut f64, charge: f64| *known += part * (charge - *known);
        learn(&mut charges.team[team.len()], taking.full);
        for (&k, &charge) in team.iter().zip(&taking.charges) {
            learn(&mut charges.own[k], charge);
        }
        let cut = (!taking.taken.is_empty()).then(|| self.cut(best.lead, team, &taking.taken));
        if taking.bound < best.value {
            (best.value, best.team) = (taking.bound, team.to_vec());
        }
        cut
    }

    /// The best groups for a team, and a lower bound on the team's value, exact if `below` a value; negative pays.
    fn take(&self, ground: &Ground<'_>, team: &[usize], below: f64) -> Taking {
        let price = ground.constant - team.iter().map(|&k| ground.place[k]).sum::<f64>();
        let scale = 1.0 / team.len() as f64;
        let mut extra = vec![0.0; self.groups.len()];
        for &k in team {
            for (sum, minutes) in extra.iter_mut().zip(&self.team[k]) {
                *sum += minutes * scale;
            }
        }
        let offer = Offer {
            cost: team.iter().map(|&k| ground.reduced[k].as_slice()).collect(),
            extra: &extra,
            runs: &self.runs,
            rise: team.iter().map(|&k| ground.rise[k].as_slice()).collect(),
            most: self.model.problem.data().rules.zone_max_schools as usize,
        };
        let mut taking = offer.best(below - price);
        taking.bound += price;
        taking
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::sample::county;
    use super::super::{Problem, relax};
    use super::*;
    use crate::Stop;
    use crate::mip::Limits;

    /// The least that a team of this leader is worth, every one of them valued.
    fn least(view: &View<'_>, ground: &Ground<'_>, team: &mut Vec<usize>, from: usize) -> f64 {
        let mut least = if view.sizes().contains(&team.len()) {
            view.take(ground, team, f64::INFINITY).bound
        } else {
            f64::INFINITY
        };
        if team.len() < *view.sizes().end() {
            for at in from..view.order.len() {
                team.push(view.order[at]);
                least = least.min(self::least(view, ground, team, at + 1));
                team.pop();
            }
        }
        least
    }

    #[test]
    fn no_team_is_worth_less_than_what_is_said_of_its_leader() {
        let clock = Stop::new(Duration::from_secs(60), 0.0).start();
        for seed in 0..4 {
            let problem = Problem::new(county(36, 9, seed)).expect("sound data");
            let model = Model::new(&problem);
            let travel = relax::least_team_travel(&model);
            let limits = Limits::seconds(10.0);
            let relaxed = relax::solve(&model, &travel, false, &[], limits, &clock);
            let prices = relaxed.expect("solvable").prices.expect("linear");
            let mut zonal = Zonal::new(&model, &prices, 1);
            for _ in 0..8 {
                let (view, now) = (&zonal.view, &zonal.now);
                let (reduced, rise) = (view.reduced(now), view.rise(now));
                let ground = view.ground(now, &reduced, &rise);
                for (lead, known) in zonal.known.iter().enumerate() {
                    let least = least(view, &ground, &mut vec![view.order[lead]], lead + 1);
                    let found = view.best_of(lead, &ground, known, 0.0, &clock);
                    let value = found.expect("in time").0.value;
                    assert!(value <= least + 1e-6, "{seed} {lead}: {value} {least}");
                    assert!(value >= least - 1.0, "{seed} {lead}: {value} {least}");
                }
                assert!(zonal.tighten(&clock));
            }
        }
    }
}
