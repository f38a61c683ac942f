//! The engine behind the public special cases: items to seats of limited capacity, at the least cost.
//!
//! With `open = Some(p)` exactly p seats are open (capacitated p-median); otherwise all are (generalised assignment).
//!
//! - *Bound* (`bound.rs`): the rows "every item has one seat" are relaxed with multipliers; each seat is then a 0-1
//!   knapsack, solved exactly, and the p best seats are taken (Geoffrion 1974; for the p-median Lorena and Senne 2004). The
//!   multipliers are moved along subgradients with Polyak's steps (Held, Wolfe and Crowder 1974). Seats whose relaxed knapsack
//!   is too small to be among the p best are not solved; items are kept in order of cost for each seat, so that only those
//!   within its multiplier are looked at.
//! - *Fixing* (`Ascent::penalties`): what every solution costs at least that uses a pair. With the value of a solution this
//!   leaves 5 to 20 pairs for each item where the bound is good, and HiGHS solves what is left as the compact model.
//! - *Primal*: relaxed solutions are repaired (`repair.rs`); then, for the p-median, walks of ruin and recreate
//!   (`walk.rs`), on parts of the solution side by side, each followed by putting the groups of all walks together anew
//!   (`pool.rs`); then, side by side (`polish.rs`), the compact model on the most promising pairs and on neighbourhoods of adjacent seats.
//!
//! What was tried, and what it gave on two cores (the instances of Stefanello et al. 2015 and OR-Library):
//!
//! - On p3038_600 the walk ends 0.35 % above the best known solution after 30 s, with recombination 0.02 %. On ali535_100, where
//!   single far points decide, recombination brings 2.5 % down to better than the best known.
//! - The walk's temperature must grow with the size of groups: in mean costs of an item alone, u724_010 and pr2392_075 (72 and 32
//!   points a group) stay 0.4 and 0.6 % above after 30 s, with powers from 0.5 to 1 at most 0.2 %.
//! - Four walks, each followed by recombination, end better than one of the same length in all (rl1304_050: 0 % against 0.8 %).
//! - Fixing lets SJC2 and SJC3a be proven in 5 and 10 s, where the gap stayed at 0.15 and 0.07 % before.
//! - For generalised assignment of type d neither annealing by shifts and ejections nor one that may overload seats at a
//!   price came near the neighbourhoods by HiGHS (0.7 % above after 30 s against 0.4 %), and both were dropped.
//! - Where groups are small and capacities tight (lin318_040, lin318_100: 1.4 and 3.9 %) the bound is at the value of its relaxation:
//!   after 60 s it is where it was after 8 s. Branching or cuts over groups would be needed.

mod bound;
mod exact;
mod knapsack;
mod polish;
mod pool;
mod program;
mod repair;
mod search;
mod walk;

pub use search::solve;

/// Items, seats, costs and weights. `cost` and `weight` are indexed `seat * items + item`.
#[derive(Debug, Clone)]
pub struct Model {
    /// How many items.
    pub items: usize,
    /// How many seats.
    pub seats: usize,
    /// Cost of each item at each seat.
    pub cost: Vec<f64>,
    /// Weight of each item at each seat, a whole number.
    pub weight: Vec<u32>,
    /// Capacity of each seat.
    pub capacity: Vec<u32>,
    /// How many seats are open; all if none.
    pub open: Option<usize>,
    /// Whether all costs are whole, so that a bound may be rounded up.
    pub whole: bool,
}

impl Model {
    /// Cost of an item at a seat.
    pub fn cost(&self, seat: usize, item: usize) -> f64 {
        self.cost[seat * self.items + item]
    }

    /// Weight of an item at a seat.
    pub fn weight(&self, seat: usize, item: usize) -> u32 {
        self.weight[seat * self.items + item]
    }

    /// Cost of a whole assignment.
    pub fn price(&self, seat_of: &[usize]) -> f64 {
        seat_of
            .iter()
            .enumerate()
            .map(|(item, &seat)| self.cost(seat, item))
            .sum()
    }

    /// A bound on the value, rounded up where costs are whole.
    pub fn sharpen(&self, bound: f64) -> f64 {
        if self.whole {
            (bound - 1e-6).ceil()
        } else {
            bound
        }
    }

    /// The seats in use, in order.
    pub fn used(seat_of: &[usize]) -> Vec<usize> {
        let mut seats = seat_of.to_vec();
        seats.sort_unstable();
        seats.dedup();
        seats
    }
}
