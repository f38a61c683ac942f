//! The best groups of schools for one team at given prices: a small transportation problem.

/// Groups taken by a team, and a proven lower bound on what any taking is worth.
#[derive(Debug, Clone, Default)]
pub struct Taking {
    /// Lower bound on the sum of worths over all takings within the caps; negative pays.
    pub bound: f64,
    /// Position of each group taken, and the member who takes it (as an index into the team).
    pub taken: Vec<(usize, usize)>,
}

/// What a team may take.
#[derive(Debug)]
pub struct Offer<'a> {
    /// `cost[m][n]` of member `m` taking group `n`, without the town; the rows are the members'.
    pub cost: Vec<&'a [f64]>,
    /// What each group adds whoever takes it: the team's travel.
    pub extra: &'a [f64],
    /// Each group's share of touching its town.
    pub share: &'a [f64],
    /// Ends of the runs of groups of one town, and what touching the town costs.
    pub runs: &'a [(usize, f64)],
    /// The most groups of each member.
    pub caps: Vec<usize>,
    /// The most groups of the team.
    pub most: usize,
}

impl Offer<'_> {
    /// Solves by successive shortest augmenting paths (Busacker and Gowen 1960) with town costs spread over the
    /// town's groups; then prices the caps by the final distances and counts each town's cost as a whole. The better
    /// of the two bounds is given.
    pub fn best(&self) -> Taking {
        let members = self.cost.len();
        let worth = |m: usize, n: usize| self.cost[m][n] + self.extra[n] + self.share[n];
        let mut free: Vec<usize> = (0..self.extra.len())
            .filter(|&n| (0..members).any(|m| worth(m, n) < 0.0))
            .collect();
        let mut own: Vec<Vec<usize>> = vec![Vec::new(); members];
        let mut value = 0.0;
        let mut count = 0;
        let distance = loop {
            // Cheapest way to bring one more group to each member, passing others on if need be.
            let mut distance = vec![f64::INFINITY; members];
            let mut by: Vec<(Option<usize>, usize)> = vec![(None, 0); members];
            for m in 0..members {
                for &n in &free {
                    if worth(m, n) < distance[m] {
                        (distance[m], by[m]) = (worth(m, n), (None, n));
                    }
                }
            }
            let mut pass = vec![vec![(f64::INFINITY, 0); members]; members];
            for (from, groups) in own.iter().enumerate() {
                for &n in groups {
                    for to in (0..members).filter(|&to| to != from) {
                        let detour = self.cost[to][n] - self.cost[from][n];
                        if detour < pass[from][to].0 {
                            pass[from][to] = (detour, n);
                        }
                    }
                }
            }
            for _ in 1..members {
                for from in 0..members {
                    for to in 0..members {
                        let (detour, n) = pass[from][to];
                        if distance[from] + detour < distance[to] - 1e-9 {
                            (distance[to], by[to]) = (distance[from] + detour, (Some(from), n));
                        }
                    }
                }
            }
            let open = (0..members).filter(|&m| own[m].len() < self.caps[m]);
            let Some(end) = open.min_by(|&a, &b| distance[a].total_cmp(&distance[b])) else {
                break distance;
            };
            if distance[end] >= -1e-9 || count == self.most {
                break distance;
            }
            value += distance[end];
            count += 1;
            let mut member = end;
            for _ in 0..members {
                let (from, n) = by[member];
                own[member].push(n);
                let Some(previous) = from else {
                    free.retain(|&other| other != n);
                    break;
                };
                own[previous].retain(|&other| other != n);
                member = previous;
            }
        };
        let taken = own
            .iter()
            .enumerate()
            .flat_map(|(m, groups)| groups.iter().map(move |&n| (n, m)))
            .collect();
        Taking {
            bound: self.dual(&distance, &own, count).max(value),
            taken: self.without_poor_towns(taken),
        }
    }

    /// The Lagrangian bound with towns counted as a whole, at the caps' prices that follow from the distances.
    fn dual(&self, distance: &[f64], own: &[Vec<usize>], count: usize) -> f64 {
        let full = |m: &usize| own[*m].len() >= self.caps[*m];
        let members = 0..own.len();
        let size = if count == self.most {
            members
                .clone()
                .filter(|m| !full(m))
                .map(|m| -distance[m])
                .fold(0.0, f64::max)
        } else {
            0.0
        };
        let price = |m: usize| {
            if full(&m) {
                (-distance[m] - size).max(0.0)
            } else {
                0.0
            }
        };
        let prices: Vec<f64> = members.clone().map(price).collect();
        let mut value = -size * self.most as f64;
        value -= prices
            .iter()
            .zip(&self.caps)
            .map(|(price, &cap)| price * cap as f64)
            .sum::<f64>();
        if value == f64::NEG_INFINITY || value.is_nan() {
            return f64::NEG_INFINITY;
        }
        let mut from = 0;
        for &(to, cut) in self.runs {
            let mut town = cut;
            for n in from..to {
                let least = members
                    .clone()
                    .map(|m| self.cost[m][n] + prices[m])
                    .fold(f64::INFINITY, f64::min);
                town += (least + self.extra[n] + size).min(0.0);
            }
            value += town.min(0.0);
            from = to;
        }
        value
    }

    /// Leaves out towns that are not worth touching.
    fn without_poor_towns(&self, mut taken: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
        taken.sort_unstable();
        let mut kept = Vec::with_capacity(taken.len());
        let mut rest = taken.as_slice();
        for &(to, cut) in self.runs {
            let (town, later) = rest.split_at(rest.partition_point(|&(n, _)| n < to));
            rest = later;
            if cut
                + town
                    .iter()
                    .map(|&(n, m)| self.cost[m][n] + self.extra[n])
                    .sum::<f64>()
                < 0.0
            {
                kept.extend_from_slice(town);
            }
        }
        kept
    }
}

/// Σ of the `cap` least of the negative values cost + team × scale + floor. `scratch` is overwritten.
pub fn least_sum(
    cost: &[f64],
    team: &[f64],
    scale: f64,
    floor: &[f64],
    cap: usize,
    scratch: &mut Vec<f64>,
) -> f64 {
    scratch.clear();
    scratch.extend(
        cost.iter()
            .zip(team)
            .zip(floor)
            .map(|((c, t), f)| c + t * scale + f)
            .filter(|&value| value < 0.0),
    );
    if scratch.len() > cap {
        if cap == 0 {
            return 0.0;
        }
        scratch.select_nth_unstable_by(cap - 1, f64::total_cmp);
        scratch.truncate(cap);
    }
    scratch.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer<'a>(
        cost: Vec<&'a [f64]>,
        caps: Vec<usize>,
        most: usize,
        runs: &'a [(usize, f64)],
    ) -> Offer<'a> {
        Offer {
            cost,
            extra: &[0.0; 3],
            share: &[0.0; 3],
            runs,
            caps,
            most,
        }
    }

    #[test]
    fn a_full_member_passes_a_group_on_when_that_pays() {
        let taking = offer(
            vec![&[-5.0, -4.0, 1.0], &[-4.0, 2.0, -1.0]],
            vec![1, 1],
            9,
            &[(3, 0.0)],
        )
        .best();
        assert_eq!(taking.taken, [(0, 1), (1, 0)]);
        assert!((taking.bound + 8.0).abs() < 1e-9);
    }

    #[test]
    fn a_team_takes_no_more_than_a_zone_may_have() {
        let taking = offer(vec![&[-5.0, -4.0, -3.0]], vec![3], 2, &[(3, 0.0)]).best();
        assert_eq!(taking.taken, [(0, 0), (1, 0)]);
        assert!((taking.bound + 9.0).abs() < 1e-9);
    }

    #[test]
    fn a_town_that_does_not_pay_for_being_touched_is_left_out() {
        let taking = offer(vec![&[-5.0, -4.0, -3.0]], vec![3], 9, &[(2, 1.0), (3, 4.0)]).best();
        assert_eq!(taking.taken, [(0, 0), (1, 0)]);
        assert!(taking.bound <= -8.0 + 1e-9);
    }
}
