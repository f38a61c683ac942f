//! Model Z: responsibility zones (督学责任区).
//!
//! Every supervisor belongs to one zone of three to five, every school to one supervisor and so to that supervisor's
//! zone, under the rules of [`Rules`] and at the least cost in minutes a year ([`objective`]).
//!
//! - [`Problem::new`] finds every issue of the data at once;
//! - [`solve`] proves infeasibility where counting, flows or the relaxation without zones can, and says which rules
//!   conflict, with ways out that were verified by solving again; otherwise it anneals over schools and supervisors, and proves a lower bound by a Lagrangian relaxation
//!   over teams;
//!   Where [`Weights::keeping`] puts the fewest changes of last year's zoning before cost, it starts from the zoning that keeps
//!   most of it, and proves that there are no fewer ([`crate::Changes`]);
//! - [`check`] verifies every hard rule from the data alone;
//! - [`candidates`] says why a school has its supervisor and not another, [`explain`] what changed since last year, which
//!   limits bind at what price, and how evenly the work is shared.
//!
//! Two rules adapt to small counties: fewer supervisors than a zone needs make one zone of all of them, and the
//! full-time rule holds only where full-time supervisors are at least as many as the fewest zones possible, which is
//! the larger of supervisors ÷ most per zone and schools ÷ most per zone, rounded up.

mod anneal;
mod board;
mod bundle;
mod check;
mod compact;
mod conflict;
mod construct;
mod data;
mod explain;
#[cfg(test)]
mod exported;
mod fewest;
mod flow;
pub mod graph;
mod hunt;
mod issues;
mod keep;
mod model;
mod plan;
mod price;
mod prices;
mod problem;
mod relax;
#[cfg(test)]
mod revision;
#[cfg(test)]
pub(crate) mod sample;
mod search;
mod shortage;
mod taking;
#[cfg(test)]
mod tests;
mod ways;
mod zonal;

pub use check::check;
pub use data::{Data, Pin, Rules, School, Solution, Supervisor, Weights, Zone};
pub use explain::{Candidate, Change, Explanation, Limit, candidates, explain};
pub use price::objective;
pub use problem::{Problem, Refusal, Teams};
pub use search::{changes, solve};
