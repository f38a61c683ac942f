//! What the registry knows, and the rules about it: pure, without I/O.

#[macro_use]
mod code;

pub mod calendar;
pub mod county;
pub mod intake;
pub mod member_unit;
pub mod ruleset;
pub mod school;
pub mod supervisor;
pub mod town;
pub mod zone;

pub use code::TITLE_CHARS;
pub use dudao_law::{Violation, Violations};
