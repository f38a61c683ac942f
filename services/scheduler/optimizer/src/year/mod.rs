//! Model Y: the year's rounds (督导年度计划).
//!
//! Every visit that the year's filed list makes due gets a day, and every team its members, under the rules of
//! [`Rules`] and at the least cost in minutes ([`price`]).
//!
//! - [`Problem::new`] finds every issue of the data at once and works out what is still due: past visits (`fixed`)
//!   come first, and mergeable items whose windows share enough days at a target become one visit, in order of their
//!   starts;
//! - [`solve`] proves infeasibility by counting where it can; otherwise it finds a rhythm for each supervisor, the days
//!   and teams of all team visits, improves them by taking things out and putting them back exactly, and proves a bound
//!   part by part. With two threads the bound is proven beside, and then a second walk improves from another seed: on the demo
//!   county's 2,479 visits the gap after 20 s is 2.0 to 2.3 % instead of 2.3 to 2.5 %;
//! - [`check`] verifies every hard rule from the data alone;
//! - [`explain`] says what changed against the plan in force and why, which limits are reached, and how evenly the work is
//!   shared; [`choices`] what another day for a visit costs and breaks;
//! - [`loads`] and [`coverage`] say who works when and what is covered.
//!
//! A plan may take the place of another while the year runs: past visits stand, visits in force are kept where they can be
//! (`current`), and [`Weights::keeping`] puts the fewest changes before cost, with a proof that there are no fewer.

mod book;
mod bound;
mod check;
mod compact;
mod conflict;
mod current;
mod data;
mod explain;
#[cfg(test)]
mod exported;
mod issues;
mod place;
mod price;
mod problem;
mod rhythm;
#[cfg(test)]
pub(crate) mod sample;
mod search;
#[cfg(test)]
mod tests;
mod units;

pub use check::check;
pub use current::changes;
pub use data::{
    Data, Item, Kind, Pin, Rules, School, Solution, Supervisor, Town, Unit, Visit, Week, Weights,
};
pub use explain::{Change, Choice, Explanation, Limit, choices, explain};
pub use price::{Coverage, Load, Road, coverage, even_load, loads, price, roads};
pub use problem::Problem;
pub use search::solve;
