//! The accountability: what comes of it.
//!
//! It owns cases with the life of every finding, the ladder of escalation, accountability decisions, commendation,
//! and the documents of all these.

pub mod api;
pub mod domain;
pub mod store;

use dudao_chancery::{Chancery, Press};
use dudao_platform::context::{Context, Parts};
use dudao_platform::lifecycle::Task;
use dudao_platform::rpc::Link;
use dudao_platform::{events, limited};
use dudao_proto::accountability::v1::accountability_decision_service_server::AccountabilityDecisionServiceServer;
use dudao_proto::accountability::v1::accountability_document_service_server::AccountabilityDocumentServiceServer;
use dudao_proto::accountability::v1::accountability_event_service_server::AccountabilityEventServiceServer;
use dudao_proto::accountability::v1::accountability_year_service_server::AccountabilityYearServiceServer;
use dudao_proto::accountability::v1::case_service_server::CaseServiceServer;
use dudao_proto::accountability::v1::commendation_service_server::CommendationServiceServer;
use dudao_proto::accountability::v1::compliance_service_server::ComplianceServiceServer;
use dudao_proto::accountability::v1::ledger_service_server::LedgerServiceServer;
use dudao_proto::accountability::v1::publication_service_server::PublicationServiceServer;
use dudao_proto::accountability::v1::supervisor_closure_service_server::SupervisorClosureServiceServer;

pub use api::tick;
pub use store::MIGRATIONS;

/// The accountability on a database, beside the registry and the inspection behind their links; documents are made by `press`.
pub fn build(context: &Context, registry: Link, inspection: Link, press: Press) -> Parts {
    let [registry, inspection] =
        [registry, inspection].map(|link| link.of_service("accountability"));
    let accountability =
        api::Accountability::new(context, registry, inspection.clone(), Chancery::new(press));
    let follower = context.clone();
    let following = api::letters::Following::new(inspection);
    let reminding = accountability.clone();
    Parts::of(context)
        .service(limited!(CaseServiceServer::new(accountability.clone())))
        .service(limited!(ComplianceServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(LedgerServiceServer::new(accountability.clone())))
        .service(limited!(SupervisorClosureServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(AccountabilityDecisionServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(CommendationServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(PublicationServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(AccountabilityYearServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(AccountabilityDocumentServiceServer::new(
            accountability.clone()
        )))
        .service(limited!(AccountabilityEventServiceServer::new(
            accountability
        )))
        .task(Task::new("accountability: reminds", async move {
            Box::pin(api::remind(reminding)).await
        }))
        .task(Task::new(
            "accountability: follows the inspection",
            async move { Box::pin(events::follow(&follower, following)).await },
        ))
}
