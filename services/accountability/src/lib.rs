//! The accountability: what comes of it.
//!
//! It owns cases with the life of every finding, the ladder of escalation, accountability decisions, and commendation.

pub mod api;
pub mod domain;
pub mod store;

use dudao_platform::context::{Context, Parts};
use dudao_platform::limited;
use dudao_platform::rpc::Link;
use dudao_proto::accountability::v1::accountability_event_service_server::AccountabilityEventServiceServer;

pub use store::MIGRATIONS;

/// The accountability on a database, beside the registry and the inspection behind their links.
pub fn build(context: &Context, registry: Link, inspection: Link) -> Parts {
    let accountability = api::Accountability::new(context, registry, inspection);
    Parts::new().service(limited!(AccountabilityEventServiceServer::new(
        accountability
    )))
}
