//! Branch and bound over the teams that a leader may lead, or a quick look at the most promising ones.

use super::taking::{Taking, least_sum};
use crate::Clock;

/// What the hunt needs to know of prices and costs; rows by supervisor, columns by group.
#[derive(Debug)]
pub struct Ground<'a> {
    /// What a supervisor taking a group costs after prices, without the team's travel and the town.
    pub reduced: &'a [Vec<f64>],
    /// A supervisor's term in the mean of team travel.
    pub team: &'a [Vec<f64>],
    /// `nearest[j][n]`: the least that `j` supervisors can add to the sum of team travel.
    pub nearest: &'a [Vec<f64>],
    /// Each group's share of touching its town.
    pub share: &'a [f64],
    /// What each further group adds for each supervisor, by how many there are; as long as the supervisor may have groups.
    pub rise: &'a [Vec<f64>],
    /// The price of each supervisor's place in a team.
    pub place: &'a [f64],
}

/// The hunt for the team of least value of one size.
pub struct Hunt<'h> {
    /// Prices and costs.
    pub ground: &'h Ground<'h>,
    /// Supervisors in the team.
    pub size: usize,
    /// The most candidates tried for each place, the most promising ones; without a limit the hunt is exact.
    pub beam: usize,
    /// Values a complete team with its best groups, if that may be below a value.
    pub take: &'h dyn Fn(&[usize], f64) -> Taking,
    /// The best value so far and its team.
    pub best: (f64, Vec<usize>),
    /// When to give up.
    pub clock: &'h Clock,
    /// Part of every team's value.
    pub constant: f64,
    /// Nodes visited, for looking at the clock now and then.
    pub nodes: u32,
    /// Room for sums.
    pub scratch: Vec<f64>,
}

impl Hunt<'_> {
    /// Tries every way to complete a team with some of the candidates; `sum` is the members' team travel. False if
    /// time ran out.
    pub fn extend(&mut self, team: &mut Vec<usize>, candidates: &[usize], sum: &[f64]) -> bool {
        let ground = self.ground;
        if team.len() == self.size {
            let value = (self.take)(team, self.best.0).bound;
            if value < self.best.0 {
                self.best = (value, team.clone());
            }
            return true;
        }
        self.nodes += 1;
        if self.nodes.is_multiple_of(64) && self.clock.over() {
            return false;
        }
        let missing = self.size - team.len();
        if candidates.len() < missing {
            return true;
        }
        let scale = 1.0 / self.size as f64;
        // Team travel is at least this, as whoever else comes is no nearer than the nearest.
        let floor = |others: usize| -> Vec<f64> {
            let rows = sum.iter().zip(&ground.nearest[others]).zip(ground.share);
            rows.map(|((sum, near), share)| (sum + near) * scale + share)
                .collect()
        };
        let (with_any, with_one) = (floor(missing), floor(missing - 1));
        let nothing = vec![0.0; sum.len()];
        let mut members = self.constant;
        for &k in team.iter() {
            let cost = &ground.reduced[k];
            members += least_sum(
                cost,
                &nothing,
                0.0,
                &with_any,
                &ground.rise[k],
                &mut self.scratch,
            ) - ground.place[k];
        }
        let mut ranked: Vec<(f64, usize)> = Vec::with_capacity(candidates.len());
        for &k in candidates {
            let (cost, travel) = (&ground.reduced[k], &ground.team[k]);
            let worth = least_sum(
                cost,
                travel,
                scale,
                &with_one,
                &ground.rise[k],
                &mut self.scratch,
            );
            ranked.push((worth - ground.place[k], k));
        }
        // The most promising first, each with those after it: the rest can only be worth less.
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for at in (0..=ranked.len() - missing).take(self.beam) {
            let promise: f64 = ranked[at..at + missing]
                .iter()
                .map(|&(value, _)| value)
                .sum();
            if members + promise >= self.best.0 {
                break;
            }
            let k = ranked[at].1;
            let limit = self.best.0 - members - ranked[at].0;
            // Who cannot be in a better team together with this one is no candidate any more.
            let last_but_one = ranked[at + 1..]
                .iter()
                .take(missing.saturating_sub(2))
                .map(|&(value, _)| value)
                .sum::<f64>();
            let rest: Vec<usize> = ranked[at + 1..]
                .iter()
                .take_while(|&&(value, _)| missing < 2 || value + last_but_one < limit)
                .map(|&(_, l)| l)
                .collect();
            let sum: Vec<f64> = sum
                .iter()
                .zip(&ground.team[k])
                .map(|(a, b)| a + b)
                .collect();
            team.push(k);
            let within = self.extend(team, &rest, &sum);
            team.pop();
            if !within {
                return false;
            }
        }
        true
    }
}
