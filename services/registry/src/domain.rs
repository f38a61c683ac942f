//! What the registry knows, and the rules about it: pure, without I/O.

#[macro_use]
mod code;

pub mod admission;
pub mod assessment;
pub mod calendar;
pub mod committee;
pub mod county;
pub mod intake;
pub mod map_layer;
pub mod meeting;
pub mod member_unit;
pub mod paper;
pub mod plaque;
pub mod progress_report;
pub mod relation;
pub mod ruleset;
pub mod school;
pub mod staffing;
pub mod supervisor;
pub mod town;
pub mod training;
pub mod year;
pub mod zone;

pub use code::TITLE_CHARS;
pub use dudao_law::{Violation, Violations};
