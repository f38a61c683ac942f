//! The inspection: what is done.
//!
//! It owns the year's filed list, campaigns, visits with their steps, findings and evidence, indicators and their results,
//! random draws, what superiors hand down, assessors' contracts, claims, complaints, and the documents of visits and draws.

pub mod api;
pub mod domain;
pub mod presets;
pub mod store;

use dudao_chancery::{Chancery, Press};
use dudao_platform::context::{Context, Parts};
use dudao_platform::lifecycle::Task;
use dudao_platform::rpc::Link;
use dudao_platform::{Blobs, events, limited};
use dudao_proto::inspection::v1::assessor_service_server::AssessorServiceServer;
use dudao_proto::inspection::v1::balance_report_service_server::BalanceReportServiceServer;
use dudao_proto::inspection::v1::budget_line_service_server::BudgetLineServiceServer;
use dudao_proto::inspection::v1::campaign_service_server::CampaignServiceServer;
use dudao_proto::inspection::v1::claim_service_server::ClaimServiceServer;
use dudao_proto::inspection::v1::complaint_service_server::ComplaintServiceServer;
use dudao_proto::inspection::v1::contract_service_server::ContractServiceServer;
use dudao_proto::inspection::v1::directive_service_server::DirectiveServiceServer;
use dudao_proto::inspection::v1::draw_service_server::DrawServiceServer;
use dudao_proto::inspection::v1::evaluation_service_server::EvaluationServiceServer;
use dudao_proto::inspection::v1::evidence_service_server::EvidenceServiceServer;
use dudao_proto::inspection::v1::filed_report_service_server::FiledReportServiceServer;
use dudao_proto::inspection::v1::finding_service_server::FindingServiceServer;
use dudao_proto::inspection::v1::indicator_set_service_server::IndicatorSetServiceServer;
use dudao_proto::inspection::v1::inspection_document_service_server::InspectionDocumentServiceServer;
use dudao_proto::inspection::v1::inspection_event_service_server::InspectionEventServiceServer;
use dudao_proto::inspection::v1::inspection_year_service_server::InspectionYearServiceServer;
use dudao_proto::inspection::v1::list_item_service_server::ListItemServiceServer;
use dudao_proto::inspection::v1::note_service_server::NoteServiceServer;
use dudao_proto::inspection::v1::objection_service_server::ObjectionServiceServer;
use dudao_proto::inspection::v1::public_service_server::PublicServiceServer;
use dudao_proto::inspection::v1::result_service_server::ResultServiceServer;
use dudao_proto::inspection::v1::risk_service_server::RiskServiceServer;
use dudao_proto::inspection::v1::supervisor_work_service_server::SupervisorWorkServiceServer;
use dudao_proto::inspection::v1::visit_service_server::VisitServiceServer;

pub use store::MIGRATIONS;

/// The inspection on a database, beside the registry, the accountability and the scheduler behind their links; evidence lies
/// in `blobs`; documents are made by `press`.
pub fn build(
    context: &Context,
    registry: Link,
    accountability: Link,
    scheduler: Link,
    blobs: Blobs,
    press: Press,
) -> Parts {
    let [registry, accountability, scheduler] =
        [registry, accountability, scheduler].map(|link| link.of_service("inspection"));
    let inspection = api::Inspection::new(
        context,
        registry,
        accountability,
        blobs,
        Chancery::new(press),
    );
    let sweeping = inspection.clone();
    let follower = context.clone();
    let following = api::plan::Following::new(scheduler);
    Parts::of(context)
        .service(limited!(ListItemServiceServer::new(inspection.clone())))
        .service(limited!(CampaignServiceServer::new(inspection.clone())))
        .service(limited!(VisitServiceServer::new(inspection.clone())))
        .service(limited!(DirectiveServiceServer::new(inspection.clone())))
        .service(limited!(DrawServiceServer::new(inspection.clone())))
        .service(limited!(FiledReportServiceServer::new(inspection.clone())))
        .service(limited!(FindingServiceServer::new(inspection.clone())))
        .service(limited!(NoteServiceServer::new(inspection.clone())))
        .service(limited!(SupervisorWorkServiceServer::new(
            inspection.clone()
        )))
        .service(limited!(InspectionYearServiceServer::new(
            inspection.clone()
        )))
        .service(limited!(IndicatorSetServiceServer::new(inspection.clone())))
        .service(limited!(EvaluationServiceServer::new(inspection.clone())))
        .service(limited!(ResultServiceServer::new(inspection.clone())))
        .service(limited!(BalanceReportServiceServer::new(
            inspection.clone()
        )))
        .service(limited!(EvidenceServiceServer::new(inspection.clone())))
        .service(limited!(BudgetLineServiceServer::new(inspection.clone())))
        .service(limited!(ClaimServiceServer::new(inspection.clone())))
        .service(limited!(AssessorServiceServer::new(inspection.clone())))
        .service(limited!(ContractServiceServer::new(inspection.clone())))
        .service(limited!(ComplaintServiceServer::new(inspection.clone())))
        .service(limited!(RiskServiceServer::new(inspection.clone())))
        .service(limited!(ObjectionServiceServer::new(inspection.clone())))
        .service(limited!(PublicServiceServer::new(inspection.clone())))
        .service(limited!(InspectionDocumentServiceServer::new(
            inspection.clone()
        )))
        .task(Task::new(
            "inspection: removes contents",
            sweeping.keep_sweeping(),
        ))
        .service(limited!(InspectionEventServiceServer::new(inspection)))
        .task(Task::new("inspection: follows the scheduler", async move {
            Box::pin(events::follow(&follower, following)).await
        }))
}
