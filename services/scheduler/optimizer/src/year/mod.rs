//! Model Y: the year's rounds.

mod data;

pub use data::{
    Data, Item, Kind, Rules, School, Solution, Supervisor, Town, Unit, Visit, Week, Weights,
};
