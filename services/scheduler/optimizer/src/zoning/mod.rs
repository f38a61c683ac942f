//! Model Z: responsibility zones.

mod anneal;
mod board;
mod check;
mod conflict;
mod construct;
mod data;
mod flow;
pub mod graph;
mod issues;
mod model;
mod plan;
mod price;
mod problem;
mod relax;
mod search;
mod zonal;

pub use check::check;
pub use data::{Data, Pin, Rules, School, Solution, Supervisor, Weights, Zone};
pub use price::objective;
pub use problem::{Problem, Refusal, Teams};
pub use search::solve;
