//! The best groups of schools for one team at given prices: a small transportation problem with a charge for every
//! town that is touched.

/// Groups taken by a team, and a proven lower bound on what any taking is worth.
#[derive(Debug, Clone, Default)]
pub struct Taking {
    /// Lower bound on the sum of worths over all takings within the caps; negative pays. Infinite if that is known to
    /// be no less than what was asked for.
    pub bound: f64,
    /// Position of each group taken, and the member who takes it (as an index into the team).
    pub taken: Vec<(usize, usize)>,
    /// What a group would have to bring the team to be worth its place.
    pub full: f64,
    /// What it would have to bring each member besides.
    pub charges: Vec<f64>,
}

/// What a team may take.
#[derive(Debug)]
pub struct Offer<'a> {
    /// `cost[m][n]` of member `m` taking group `n`, without the town; the rows are the members'.
    pub cost: Vec<&'a [f64]>,
    /// What each group adds whoever takes it: the team's travel.
    pub extra: &'a [f64],
    /// Ends of the runs of groups of one town, and what touching the town costs.
    pub runs: &'a [(usize, f64)],
    /// `rise[m][c]`: what the group after `c` others adds for member `m`, never falling; as long as `m` may take groups.
    pub rise: Vec<&'a [f64]>,
    /// The most groups of the team.
    pub most: usize,
}

/// What has been decided about a town.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Town {
    /// Its groups bear shares of touching it.
    Free,
    /// It is paid for.
    Open,
    /// Its groups are left alone.
    Closed,
}

/// Nodes of the search over towns; those left unseen count with their bounds.
const NODES: u32 = 400;
/// How often a node's shares are adapted.
const ROUNDS: usize = 3;

impl Offer<'_> {
    /// Branches over the towns to touch, for a taking worth less than `below`.
    pub fn best(&self, below: f64) -> Taking {
        let none = vec![0.0; self.cost.len()];
        let mut share = vec![0.0; self.extra.len()];
        let mut search = Search {
            offer: self,
            towns: self.share_out(&none, &mut share),
            value: below,
            taken: None,
            full: 0.0,
            charges: none.clone(),
            unseen: f64::INFINITY,
            nodes: 0,
        };
        search.node(share, f64::NEG_INFINITY);
        let found = search.taken.is_some();
        let value = if found { search.value } else { f64::INFINITY };
        Taking {
            bound: value.min(search.unseen),
            taken: search.taken.unwrap_or_default(),
            full: search.full,
            charges: search.charges,
        }
    }

    /// Spreads what touching each town costs over its groups by what they promise beyond the charges; without any,
    /// a town that promises less than it costs can be closed.
    fn share_out(&self, charges: &[f64], share: &mut [f64]) -> Vec<Town> {
        let mut from = 0;
        let town = |&(to, cut): &(usize, f64)| {
            let promise = |n: usize| {
                let costs = self
                    .cost
                    .iter()
                    .zip(charges)
                    .map(|(row, charge)| row[n] + charge);
                (-costs.fold(f64::INFINITY, f64::min) - self.extra[n]).max(0.0)
            };
            let promises: Vec<f64> = (from..to).map(promise).collect();
            let sum: f64 = promises.iter().sum();
            if sum > 0.0 {
                for (share, promise) in share[from..to].iter_mut().zip(promises) {
                    *share = cut * promise / sum;
                }
            }
            from = to;
            if cut == 0.0 {
                Town::Open
            } else if sum <= cut {
                Town::Closed
            } else {
                Town::Free
            }
        };
        self.runs.iter().map(town).collect()
    }

    /// Solves the transportation problem by successive shortest augmenting paths (Busacker and Gowen 1960); the
    /// rising costs of a member are parallel arcs.
    fn flow(&self, share: &[f64], mut free: Vec<usize>) -> Flow {
        let members = self.cost.len();
        let worth = |m: usize, n: usize| self.cost[m][n] + self.extra[n] + share[n];
        let mut own: Vec<Vec<usize>> = vec![Vec::new(); members];
        let mut value = 0.0;
        let mut count = 0;
        let (distance, full) = loop {
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
            let open = (0..members)
                .filter_map(|m| Some((distance[m] + self.rise[m].get(own[m].len())?, m)));
            let Some((length, end)) = open.min_by(|a, b| a.0.total_cmp(&b.0)) else {
                break (distance, 0.0);
            };
            if length >= -1e-9 || count == self.most {
                break (distance, (-length).max(0.0));
            }
            count += 1;
            value += length;
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
        // What one more group would have to bring: to the team, and to each member besides.
        let charge = |m: usize| {
            let (rise, taken) = (self.rise[m], own[m].len());
            let least = taken.checked_sub(1).map_or(0.0, |last| rise[last]);
            let most = rise.get(taken).copied().unwrap_or(f64::INFINITY);
            full + (-distance[m] - full).max(least).min(most)
        };
        let charges = (0..members).map(charge).collect();
        Flow {
            value,
            own,
            full,
            charges,
        }
    }
}

/// An optimal flow of groups to members.
struct Flow {
    /// What it is worth.
    value: f64,
    /// Each member's groups.
    own: Vec<Vec<usize>>,
    /// What one more group would have to bring the team to be worth its place.
    full: f64,
    /// What one more group would have to bring each member to be worth its place, that of the team included.
    charges: Vec<f64>,
}

/// The search over the towns to touch.
struct Search<'s> {
    offer: &'s Offer<'s>,
    towns: Vec<Town>,
    /// The least value found, and its groups.
    value: f64,
    taken: Option<Vec<(usize, usize)>>,
    /// What the places are worth where the value is, or where it was seen that there is none.
    full: f64,
    charges: Vec<f64>,
    /// The least bound of the nodes left unseen.
    unseen: f64,
    nodes: u32,
}

impl Search<'_> {
    fn node(&mut self, mut share: Vec<f64>, mut bound: f64) {
        let offer = self.offer;
        // The charges of full members tell better who of a town is going to be taken, and so who bears its costs.
        for round in 0..ROUNDS {
            let (value, flow) = self.relax(&share);
            bound = bound.max(value);
            let known = self.value;
            let (unpaid, town) = if bound >= known - 1e-9 {
                (0.0, 0)
            } else {
                self.settle(value, flow.own, &share)
            };
            if self.taken.is_none() || self.value < known {
                self.full = flow.full;
                let own = flow.charges.iter().map(|charge| charge - flow.full);
                self.charges = own.collect();
            }
            if unpaid <= 1e-9 {
                return;
            }
            if round + 1 < ROUNDS {
                offer.share_out(&flow.charges, &mut share);
                continue;
            }
            self.nodes += 1;
            if self.nodes > NODES {
                self.unseen = self.unseen.min(bound);
                return;
            }
            for decided in [Town::Open, Town::Closed] {
                self.towns[town] = decided;
                self.node(share.clone(), bound);
            }
            self.towns[town] = Town::Free;
        }
    }

    /// A bound of this node: the towns that are not decided on charge their shares.
    fn relax(&self, share: &[f64]) -> (f64, Flow) {
        let offer = self.offer;
        let mut borne = share.to_vec();
        let mut free = Vec::with_capacity(share.len());
        let mut paid = 0.0;
        let mut from = 0;
        for (&(to, cut), town) in offer.runs.iter().zip(&self.towns) {
            if *town == Town::Open {
                paid += cut;
                borne[from..to].fill(0.0);
            }
            if *town != Town::Closed {
                free.extend((from..to).filter(|&n| {
                    let worth = |row: &&[f64]| row[n] + offer.extra[n] + borne[n];
                    offer.cost.iter().any(|row| worth(row) < 0.0)
                }));
            }
            from = to;
        }
        let flow = offer.flow(&borne, free);
        (paid + flow.value, flow)
    }

    /// Takes the groups of a flow if they are the best so far. Gives the largest part of touching a town that the
    /// shares of the groups taken do not pay, and that town.
    fn settle(&mut self, bound: f64, own: Vec<Vec<usize>>, share: &[f64]) -> (f64, usize) {
        let mut taken: Vec<(usize, usize)> = own
            .into_iter()
            .enumerate()
            .flat_map(|(m, groups)| groups.into_iter().map(move |n| (n, m)))
            .collect();
        taken.sort_unstable();
        let (mut all, mut most) = (0.0, (0.0, 0));
        let mut rest = taken.as_slice();
        for (at, &(to, cut)) in self.offer.runs.iter().enumerate() {
            let (here, later) = rest.split_at(rest.partition_point(|&(n, _)| n < to));
            rest = later;
            if self.towns[at] == Town::Free && !here.is_empty() {
                let unpaid = cut - here.iter().map(|&(n, _)| share[n]).sum::<f64>();
                all += unpaid;
                if unpaid > most.0 {
                    most = (unpaid, at);
                }
            }
        }
        if bound + all < self.value {
            (self.value, self.taken) = (bound + all, Some(taken));
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer<'a>(
        cost: Vec<&'a [f64]>,
        rise: Vec<&'a [f64]>,
        most: usize,
        runs: &'a [(usize, f64)],
    ) -> Offer<'a> {
        Offer {
            cost,
            extra: &[0.0; 3],
            runs,
            rise,
            most,
        }
    }

    const NO_RISE: [f64; 3] = [0.0; 3];

    #[test]
    fn a_full_member_passes_a_group_on_when_that_pays() {
        let taking = offer(
            vec![&[-5.0, -4.0, 1.0], &[-4.0, 2.0, -1.0]],
            vec![&[0.0], &[0.0]],
            9,
            &[(3, 0.0)],
        )
        .best(f64::INFINITY);
        assert_eq!(taking.taken, [(0, 1), (1, 0)]);
        assert!((taking.bound + 8.0).abs() < 1e-9);
    }

    #[test]
    fn a_team_takes_no_more_than_a_zone_may_have() {
        let taking =
            offer(vec![&[-5.0, -4.0, -3.0]], vec![&NO_RISE], 2, &[(3, 0.0)]).best(f64::INFINITY);
        assert_eq!(taking.taken, [(0, 0), (1, 0)]);
        assert!((taking.bound + 9.0).abs() < 1e-9);
    }

    #[test]
    fn a_member_takes_no_group_that_costs_more_evenness_than_it_saves() {
        let taking = offer(
            vec![&[-5.0, -4.0, -3.0]],
            vec![&[0.0, 1.0, 4.0]],
            9,
            &[(3, 0.0)],
        )
        .best(f64::INFINITY);
        assert_eq!(taking.taken, [(0, 0), (1, 0)]);
        assert!((taking.bound + 8.0).abs() < 1e-9);
    }

    #[test]
    fn a_town_that_does_not_pay_for_being_touched_is_left_out() {
        let taking = offer(
            vec![&[-5.0, -4.0, -3.0]],
            vec![&NO_RISE],
            9,
            &[(2, 1.0), (3, 4.0)],
        )
        .best(f64::INFINITY);
        assert_eq!(taking.taken, [(0, 0), (1, 0)]);
        assert!((taking.bound + 8.0).abs() < 1e-9);
    }

    #[test]
    fn the_best_towns_are_found_whatever_the_shares() {
        // Every choice of groups, for pseudo-random offers.
        let mut state = 7_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        for _ in 0..200 {
            let cost: Vec<Vec<f64>> = (0..2)
                .map(|_| (0..6).map(|_| 3.0 - 10.0 * draw()).collect())
                .collect();
            let extra: Vec<f64> = (0..6).map(|_| 2.0 * draw()).collect();
            let runs = [(2, 6.0 * draw()), (4, 6.0 * draw()), (6, 6.0 * draw())];
            let rise = [[0.0, draw(), 3.0], [0.5, 1.0 + draw(), 3.0]];
            let offer = Offer {
                cost: cost.iter().map(Vec::as_slice).collect(),
                extra: &extra,
                runs: &runs,
                rise: rise.iter().map(|r| &r[..]).collect(),
                most: 4,
            };
            let mut least = 0.0_f64;
            for code in 0..3_usize.pow(6) {
                let who: Vec<usize> = (0..6).map(|n| code / 3_usize.pow(n) % 3).collect();
                let counts = [1, 2].map(|m| who.iter().filter(|&&w| w == m).count());
                if counts.iter().any(|&c| c > 3) || counts.iter().sum::<usize>() > 4 {
                    continue;
                }
                let mut value: f64 = (0..2)
                    .map(|m| rise[m][..counts[m]].iter().sum::<f64>())
                    .sum();
                let mut from = 0;
                for (to, cut) in runs {
                    for n in (from..to).filter(|&n| who[n] > 0) {
                        value += cost[who[n] - 1][n] + extra[n];
                    }
                    value += if who[from..to].iter().any(|&w| w > 0) {
                        cut
                    } else {
                        0.0
                    };
                    from = to;
                }
                least = least.min(value);
            }
            let found = offer.best(f64::INFINITY).bound;
            assert!((found - least).abs() < 1e-9, "{found} {least}");
        }
    }
}
