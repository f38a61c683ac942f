//! What the inspection knows, and the rules about it: pure, without I/O.

pub mod campaign;
pub mod draw;
pub mod finding;
pub mod list_item;
pub mod note;
pub mod visit;
pub mod words;
pub mod year;

pub mod balance_report;
pub mod evaluation;
pub mod indicator_set;
pub mod result;
pub mod stage;

#[cfg(test)]
pub(crate) mod fixture;

pub(crate) use dudao_law::{check_id, check_length};
