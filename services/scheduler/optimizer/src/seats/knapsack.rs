//! The 0-1 knapsack, exactly: what the relaxed solution settles is fixed (Dantzig 1957; Ingargiola and Korsh 1973), the rest
//! is dynamic programming over capacities (Bellman 1957).

/// An item that a seat would take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Want {
    /// Which item.
    pub item: usize,
    /// What it brings, above zero.
    pub profit: f64,
    /// What it takes of the capacity.
    pub weight: u32,
}

impl Want {
    /// Profit for a unit of weight; infinite for what weighs nothing.
    fn ratio(&self) -> f64 {
        self.profit / f64::from(self.weight)
    }
}

/// The relaxed solution: items in the order of their ratios, of which the first `whole` fit, and a part of the next.
struct Relaxation {
    whole: usize,
    /// Its value: at least that of any whole solution.
    value: f64,
    /// What a unit of capacity is worth: the ratio of the item that is cut.
    price: f64,
}

/// Sorts the items by their ratios and fills the capacity in that order; none if all of them fit.
fn relax(wants: &mut [Want], capacity: u32) -> Option<Relaxation> {
    wants.sort_unstable_by(|a, b| b.ratio().total_cmp(&a.ratio()).then(a.item.cmp(&b.item)));
    let (mut room, mut value) = (capacity, 0.0);
    for (whole, want) in wants.iter().enumerate() {
        if want.weight > room {
            let price = want.ratio();
            value += price * f64::from(room);
            return Some(Relaxation {
                whole,
                value,
                price,
            });
        }
        room -= want.weight;
        value += want.profit;
    }
    None
}

fn total(wants: &[Want]) -> f64 {
    wants.iter().map(|want| want.profit).sum()
}

/// At least the largest profit within the capacity, in little time. Leaves the items sorted.
pub fn relaxed_value(wants: &mut [Want], capacity: u32) -> f64 {
    if fits(wants, capacity) {
        return total(wants);
    }
    relax(wants, capacity).map_or_else(|| total(wants), |relaxation| relaxation.value)
}

/// The largest profit within the capacity, and a choice of items that has it.
pub fn solve(wants: &[Want], capacity: u32) -> (f64, Vec<usize>) {
    let all = || (total(wants), wants.iter().map(|want| want.item).collect());
    if fits(wants, capacity) {
        return all();
    }
    let mut sorted = wants.to_vec();
    let Some(relaxation) = relax(&mut sorted, capacity) else {
        return all();
    };
    let (greedy, filled) = fill(&sorted, capacity);
    // Turning an item against the relaxed solution costs at least this; what can't beat the filled knapsack is settled.
    let settled = |want: &Want| {
        let loss = (want.profit - relaxation.price * f64::from(want.weight)).abs();
        want.weight == 0 || relaxation.value - loss <= greedy
    };
    let (mut room, mut base) = (capacity, 0.0);
    let mut chosen = Vec::new();
    let mut core = Vec::new();
    for (n, want) in sorted.iter().enumerate() {
        if !settled(want) || n == relaxation.whole {
            core.push(*want);
        } else if n < relaxation.whole {
            room -= want.weight;
            base += want.profit;
            chosen.push(want.item);
        }
    }
    let (more, items) = table(&core, room);
    if base + more > greedy {
        chosen.extend(items);
        (base + more, chosen)
    } else {
        (greedy, filled)
    }
}

/// Takes whatever still fits, in order.
fn fill(sorted: &[Want], capacity: u32) -> (f64, Vec<usize>) {
    let (mut room, mut value) = (capacity, 0.0);
    let mut chosen = Vec::new();
    for want in sorted {
        if want.weight <= room {
            room -= want.weight;
            value += want.profit;
            chosen.push(want.item);
        }
    }
    (value, chosen)
}

fn table(core: &[Want], room: u32) -> (f64, Vec<usize>) {
    let room = room as usize;
    let mut best = vec![0.0f64; room + 1];
    let mut taken = vec![false; core.len() * (room + 1)];
    for (want, taken) in core.iter().zip(taken.chunks_mut(room + 1)) {
        let weight = want.weight as usize;
        for load in (weight..=room).rev() {
            let with = best[load - weight] + want.profit;
            if with > best[load] {
                best[load] = with;
                taken[load] = true;
            }
        }
    }
    let mut load = room;
    let mut chosen = Vec::new();
    for (want, taken) in core.iter().zip(taken.chunks(room + 1)).rev() {
        if taken[load] {
            chosen.push(want.item);
            load -= want.weight as usize;
        }
    }
    (best[room], chosen)
}

fn fits(wants: &[Want], capacity: u32) -> bool {
    wants.iter().map(|want| u64::from(want.weight)).sum::<u64>() <= u64::from(capacity)
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
            let items: Vec<_> = items
                .into_iter()
                .enumerate()
                .map(|(item, (profit, weight))| Want { item, profit, weight })
                .collect();
            let mut best = 0.0f64;
            for set in 0u32..1 << items.len() {
                let chosen = items.iter().filter(|want| set >> want.item & 1 == 1);
                let (profit, weight) = chosen.fold((0.0, 0), |(p, w), want| (p + want.profit, w + want.weight));
                if weight <= capacity {
                    best = best.max(profit);
                }
            }
            let (value, chosen) = solve(&items, capacity);
            prop_assert!((value - best).abs() < 1e-9);
            prop_assert!(chosen.iter().map(|&id| items[id].weight).sum::<u32>() <= capacity);
            prop_assert!((chosen.iter().map(|&id| items[id].profit).sum::<f64>() - best).abs() < 1e-9);
            prop_assert!(relaxed_value(&mut items.clone(), capacity) >= best - 1e-9);
        }
    }
}
