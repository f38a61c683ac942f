//! The engine behind the public special cases: items to seats of limited capacity, at the least cost.
//!
//! With `open = Some(p)` exactly p seats are open (capacitated p-median); otherwise all are (generalised assignment).
//!
//! - *Bound*: the rows "every item has one seat" are relaxed with multipliers; each seat is then a 0-1 knapsack, solved
//!   exactly, and the p best seats are taken (Geoffrion 1974; for the p-median Lorena and Senne 2004). The multipliers
//!   are moved along subgradients with Polyak's steps (Held, Wolfe and Crowder 1974).
//! - *Exact*: what the bound and the incumbent leave open after fixing goes to HiGHS as the compact model.
//! - *Primal*: the relaxed solutions are repaired, then neighbourhoods of adjacent seats are solved again by HiGHS.

mod bound;
mod exact;
mod knapsack;
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
