//! What every domain speaks of: refusals, words, working days, and the figures of the law.
//!
//! Pure: no I/O, no clock, no wire. A domain of a service builds on this crate and on nothing else of dudao.

pub mod datum;
pub mod days;
mod refusal;
pub mod ruleset;
pub mod words;

pub use datum::Datum;
pub use days::{Calendar, Span, Unit};
pub use refusal::{
    Refusal, Rule, Violation, Violations, check_count, check_id, check_length, check_past,
    check_phone, day, text,
};
pub use ruleset::Ruleset;
pub use words::Word;
