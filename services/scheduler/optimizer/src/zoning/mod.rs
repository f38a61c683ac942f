//! Model Z: responsibility zones.

mod check;
mod data;
pub mod graph;
mod issues;
mod plan;
mod price;
mod problem;

pub use check::check;
pub use data::{Data, Pin, Rules, School, Solution, Supervisor, Weights, Zone};
pub use price::objective;
pub use problem::{Problem, Refusal, Teams};
