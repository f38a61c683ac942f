//! The registry: who and what.
//!
//! It owns counties, towns, schools, supervisors, the committee's member units, calendars, rulesets, and the
//! responsibility zones in force.
//!
//! Invariants:
//! - A resource never vanishes: a school closes, a supervisor leaves, a unit withdraws; their history stays.
//! - A version of a ruleset never changes, and each of its figures says on what it rests.
//! - The zones are those of the scheduler's active zoning plan, adopted whole or not at all.
//! - Every change appends its event (`events.proto`) in the same transaction.

pub mod domain;
