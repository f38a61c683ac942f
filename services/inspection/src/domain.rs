//! What the inspection knows, and the rules about it: pure, without I/O.

pub mod assessor;
pub mod balance_report;
pub mod budget_line;
pub mod campaign;
pub mod claim;
pub mod complaint;
pub mod contract;
pub mod directive;
pub mod draw;
pub mod evaluation;
pub mod evidence;
pub mod finding;
pub mod indicator_set;
pub mod list_item;
pub mod note;
pub mod objection;
pub mod paper;
pub mod result;
pub mod risk;
pub mod stage;
pub mod visit;
pub mod words;
pub mod year;

#[cfg(test)]
pub(crate) mod fixture;

pub(crate) use dudao_law::{check_id, check_length};
