//! The 0-1 knapsack, exactly: dynamic programming over capacities (Bellman 1957).

/// Room for the tables of one knapsack after another.
#[derive(Debug, Default)]
pub struct Knapsack {
    best: Vec<f64>,
    taken: Vec<bool>,
}

impl Knapsack {
    /// The largest profit within the capacity. Items are `(id, profit > 0, weight)`.
    pub fn value(&mut self, items: &[(usize, f64, u32)], capacity: u32) -> f64 {
        if fits(items, capacity) {
            return items.iter().map(|i| i.1).sum();
        }
        let room = capacity as usize;
        self.best.clear();
        self.best.resize(room + 1, 0.0);
        for &(_, profit, weight) in items {
            let weight = weight as usize;
            for load in (weight..=room).rev() {
                let with = self.best[load - weight] + profit;
                if with > self.best[load] {
                    self.best[load] = with;
                }
            }
        }
        self.best[room]
    }

    /// The ids of a choice of largest profit.
    pub fn choice(&mut self, items: &[(usize, f64, u32)], capacity: u32) -> Vec<usize> {
        if fits(items, capacity) {
            return items.iter().map(|i| i.0).collect();
        }
        let room = capacity as usize;
        self.best.clear();
        self.best.resize(room + 1, 0.0);
        self.taken.clear();
        self.taken.resize(items.len() * (room + 1), false);
        for (row, &(_, profit, weight)) in items.iter().enumerate() {
            let weight = weight as usize;
            for load in (weight..=room).rev() {
                let with = self.best[load - weight] + profit;
                if with > self.best[load] {
                    self.best[load] = with;
                    self.taken[row * (room + 1) + load] = true;
                }
            }
        }
        let mut load = room;
        let mut chosen = Vec::new();
        for (row, &(id, _, weight)) in items.iter().enumerate().rev() {
            if self.taken[row * (room + 1) + load] {
                chosen.push(id);
                load -= weight as usize;
            }
        }
        chosen
    }
}

fn fits(items: &[(usize, f64, u32)], capacity: u32) -> bool {
    items.iter().map(|i| u64::from(i.2)).sum::<u64>() <= u64::from(capacity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_knapsack_is_as_good_as_the_best_of_all_choices(
            items in prop::collection::vec((0.1f64..10.0, 0u32..9), 0..9), capacity in 0u32..25
        ) {
            let items: Vec<_> = items.into_iter().enumerate().map(|(id, (p, w))| (id, p, w)).collect();
            let mut best = 0.0f64;
            for set in 0u32..1 << items.len() {
                let chosen = items.iter().filter(|i| set >> i.0 & 1 == 1);
                let (profit, weight) = chosen.fold((0.0, 0), |(p, w), i| (p + i.1, w + i.2));
                if weight <= capacity {
                    best = best.max(profit);
                }
            }
            let mut knapsack = Knapsack::default();
            prop_assert!((knapsack.value(&items, capacity) - best).abs() < 1e-9);
            let chosen = knapsack.choice(&items, capacity);
            prop_assert!(chosen.iter().map(|&id| items[id].2).sum::<u32>() <= capacity);
            prop_assert!((chosen.iter().map(|&id| items[id].1).sum::<f64>() - best).abs() < 1e-9);
        }
    }
}
