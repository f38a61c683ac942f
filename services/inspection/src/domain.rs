//! What the inspection knows, and the rules about it: pure, without I/O.

pub mod campaign;
pub mod draw;
pub mod finding;
pub mod list_item;
pub mod note;
pub mod visit;
pub mod words;
pub mod year;

pub mod assessor;
pub mod budget_line;
pub mod claim;
pub mod complaint;
pub mod contract;
pub mod evidence;
pub mod objection;
pub mod risk;

#[cfg(test)]
mod fixture;

pub(crate) use dudao_law::{check_id, check_length};
