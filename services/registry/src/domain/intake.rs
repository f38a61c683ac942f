//! Files that planners keep, as rows of the registry: everything in a table becomes a resource, or a wrong cell.
//!
//! Pure: a [`Sheet`] of text goes in; what comes out is every row checked, or every wrong cell at once, in words that
//! name the cell as Excel shows it.

mod columns;
mod place;
mod schools;
mod sheet;
mod supervisors;

pub use columns::{Column, SCHOOLS, SUPERVISORS};
pub use place::Surroundings;
pub use schools::schools;
pub use sheet::{Problem, Sheet, letter};
pub use supervisors::{supervisors, unsupervised};
