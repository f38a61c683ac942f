//! The inspection: what is done.
//!
//! It owns the year's filed list, campaigns, visits with their steps, findings and evidence, indicators and their results,
//! random draws, assessors' contracts, claims, and complaints.

pub mod api;
pub mod domain;
pub mod store;

use dudao_platform::context::{Context, Parts};
use dudao_platform::limited;
use dudao_platform::rpc::Link;
use dudao_proto::inspection::v1::inspection_event_service_server::InspectionEventServiceServer;

pub use store::MIGRATIONS;

/// The inspection on a database, beside the registry, the accountability and the scheduler behind their links.
pub fn build(context: &Context, registry: Link, accountability: Link, scheduler: Link) -> Parts {
    let inspection = api::Inspection::new(context, registry, accountability, scheduler);
    Parts::new().service(limited!(InspectionEventServiceServer::new(inspection)))
}
