//! The contract's services, and the conversions between its messages and the domain.

pub mod convert;
pub mod error;
pub mod events;
pub mod inspection;
pub mod plan;
pub mod registry;
pub mod watch;
pub mod year_plan;
pub mod year_reasons;
pub mod zoning_plan;
