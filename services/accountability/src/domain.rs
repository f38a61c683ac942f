//! What the accountability knows, and the rules about it: pure, without I/O.

pub mod case;
pub mod compliance;
pub mod finding;
