//! Who can take what: demand shared out to capacities, and the Hall-type sets for which there is not enough.

/// A share-out of demands among those who may take them.
#[derive(Debug)]
pub struct Shares {
    demand: Vec<f64>,
    capacity: Vec<f64>,
    /// Takers of each demand.
    takers: Vec<Vec<usize>>,
    /// `flow[taker][demand]`.
    flow: Vec<Vec<f64>>,
    used: Vec<f64>,
}

/// Demands that together exceed what all of their takers can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortage {
    /// The demands.
    pub demands: Vec<usize>,
    /// All who may take any of them.
    pub takers: Vec<usize>,
    /// What the demands add up to.
    pub needed: f64,
    /// What the takers can take.
    pub available: f64,
}

const TINY: f64 = 1e-7;

impl Shares {
    /// Shares out as much as can be (augmenting paths, Ford and Fulkerson 1956, shortest first).
    pub fn new(demand: Vec<f64>, capacity: Vec<f64>, takers: Vec<Vec<usize>>) -> Self {
        let flow = vec![vec![0.0; demand.len()]; capacity.len()];
        let used = vec![0.0; capacity.len()];
        let mut shares = Self {
            demand,
            capacity,
            takers,
            flow,
            used,
        };
        for d in 0..shares.demand.len() {
            let mut rest = shares.demand[d];
            while rest > TINY {
                let pushed = shares.augment(d, rest);
                if pushed <= TINY {
                    break;
                }
                rest -= pushed;
            }
        }
        shares
    }

    /// The smallest of the shortages found, if any demand is unmet.
    pub fn shortage(&self) -> Option<Shortage> {
        let unmet = (0..self.demand.len())
            .filter(|&d| self.flow.iter().map(|row| row[d]).sum::<f64>() < self.demand[d] - 1e-6);
        unmet
            .map(|d| self.shortage_at(d))
            .min_by_key(|shortage| shortage.demands.len())
    }

    /// Pushes up to `most` from demand `start` along a shortest path to free capacity.
    fn augment(&mut self, start: usize, most: f64) -> f64 {
        let (demand_from, taker_from) = self.reach(start, true);
        let Some(end) = (0..self.capacity.len())
            .find(|&t| taker_from[t].is_some() && self.capacity[t] - self.used[t] > TINY)
        else {
            return 0.0;
        };
        let mut path = Vec::new();
        let mut amount = most.min(self.capacity[end] - self.used[end]);
        let mut taker = end;
        while let Some(demand) = taker_from[taker] {
            let back = demand_from[demand];
            path.push((taker, demand, back));
            let Some(previous) = back else { break };
            amount = amount.min(self.flow[previous][demand]);
            taker = previous;
        }
        for (taker, demand, back) in path {
            self.flow[taker][demand] += amount;
            if let Some(previous) = back {
                self.flow[previous][demand] -= amount;
            }
        }
        self.used[end] += amount;
        amount
    }

    /// What can be reached from a demand in the residual network: how each demand and each taker was first reached.
    fn reach(&self, start: usize, until_free: bool) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
        let mut demand_from: Vec<Option<usize>> = vec![None; self.demand.len()];
        let mut taker_from: Vec<Option<usize>> = vec![None; self.capacity.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(demand) = queue.pop_front() {
            for &taker in &self.takers[demand] {
                if taker_from[taker].is_some() {
                    continue;
                }
                taker_from[taker] = Some(demand);
                if until_free && self.capacity[taker] - self.used[taker] > TINY {
                    return (demand_from, taker_from);
                }
                for (other, from) in demand_from.iter_mut().enumerate() {
                    if other != start && from.is_none() && self.flow[taker][other] > TINY {
                        *from = Some(taker);
                        queue.push_back(other);
                    }
                }
            }
        }
        (demand_from, taker_from)
    }

    fn shortage_at(&self, start: usize) -> Shortage {
        let (_, taker_from) = self.reach(start, false);
        let takers: Vec<usize> = (0..self.capacity.len())
            .filter(|&t| taker_from[t].is_some())
            .collect();
        // Whatever only these takers can take is part of the same shortage.
        let only_here = |d: &usize| self.takers[*d].iter().all(|&t| taker_from[t].is_some());
        let demands: Vec<usize> = (0..self.demand.len()).filter(only_here).collect();
        Shortage {
            needed: demands.iter().map(|&d| self.demand[d]).sum(),
            available: takers.iter().map(|&t| self.capacity[t]).sum(),
            demands,
            takers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_schools_and_two_places_are_a_shortage() {
        let shares = Shares::new(
            vec![1.0; 4],
            vec![2.0, 9.0],
            vec![vec![0], vec![0], vec![0], vec![0, 1]],
        );
        let shortage = shares.shortage().expect("one school too many");
        assert_eq!(
            (shortage.demands, shortage.takers),
            (vec![0, 1, 2], vec![0])
        );
        assert!((shortage.needed - 3.0).abs() < 1e-9 && (shortage.available - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_school_makes_room_for_one_that_has_no_other_choice() {
        let shares = Shares::new(vec![1.0, 1.0], vec![1.0, 1.0], vec![vec![0, 1], vec![0]]);
        assert_eq!(shares.shortage(), None);
    }

    #[test]
    fn days_may_be_shared_in_fractions() {
        let shares = Shares::new(vec![3.0, 3.0, 3.0], vec![4.5, 4.5], vec![vec![0, 1]; 3]);
        assert_eq!(shares.shortage(), None);
    }
}
