//! Model Y: the year's rounds.

mod check;
mod data;
mod issues;
mod price;
mod problem;

pub use check::check;
pub use data::{
    Data, Item, Kind, Rules, School, Solution, Supervisor, Town, Unit, Visit, Week, Weights,
};
pub use price::{Coverage, Load, coverage, even_load, loads, price};
pub use problem::Problem;
