//! Model Z: responsibility zones.

mod data;

pub use data::{Data, Pin, Rules, School, Solution, Supervisor, Weights, Zone};
