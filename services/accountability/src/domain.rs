//! What the accountability knows, and the rules about it: pure, without I/O.

pub mod case;
pub mod commendation;
pub mod compliance;
pub mod decision;
pub mod finding;
pub mod paper;
pub mod reminder;
pub mod year;
