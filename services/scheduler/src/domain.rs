//! The rules of plans as pure functions: no wire, no database, no clock.

pub mod calendar;
pub mod compare;
pub mod county;
pub mod error;
pub mod lifecycle;
pub mod people;
pub mod plan;
pub mod ruleset;
pub mod year_plan;
pub mod zoning_content;
pub mod zoning_plan;

pub use error::{Error, Rule, Wrong};
