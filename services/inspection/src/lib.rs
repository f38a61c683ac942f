//! The inspection: what is done.
//!
//! It owns the year's filed list, campaigns, visits with their steps, findings and evidence, indicators and their results,
//! random draws, assessors' contracts, claims, and complaints.

pub mod api;
pub mod domain;
pub mod presets;
pub mod store;

use dudao_platform::context::{Context, Parts};
use dudao_platform::lifecycle::Task;
use dudao_platform::rpc::Link;
use dudao_platform::{events, limited};
use dudao_proto::inspection::v1::balance_report_service_server::BalanceReportServiceServer;
use dudao_proto::inspection::v1::campaign_service_server::CampaignServiceServer;
use dudao_proto::inspection::v1::draw_service_server::DrawServiceServer;
use dudao_proto::inspection::v1::evaluation_service_server::EvaluationServiceServer;
use dudao_proto::inspection::v1::finding_service_server::FindingServiceServer;
use dudao_proto::inspection::v1::indicator_set_service_server::IndicatorSetServiceServer;
use dudao_proto::inspection::v1::inspection_event_service_server::InspectionEventServiceServer;
use dudao_proto::inspection::v1::inspection_year_service_server::InspectionYearServiceServer;
use dudao_proto::inspection::v1::list_item_service_server::ListItemServiceServer;
use dudao_proto::inspection::v1::note_service_server::NoteServiceServer;
use dudao_proto::inspection::v1::result_service_server::ResultServiceServer;
use dudao_proto::inspection::v1::supervisor_work_service_server::SupervisorWorkServiceServer;
use dudao_proto::inspection::v1::visit_service_server::VisitServiceServer;

pub use store::MIGRATIONS;

/// The inspection on a database, beside the registry, the accountability and the scheduler behind their links.
pub fn build(context: &Context, registry: Link, accountability: Link, scheduler: Link) -> Parts {
    let inspection = api::Inspection::new(context, registry, accountability);
    let follower = context.clone();
    let following = api::plan::Following::new(scheduler);
    Parts::new()
        .service(limited!(ListItemServiceServer::new(inspection.clone())))
        .service(limited!(CampaignServiceServer::new(inspection.clone())))
        .service(limited!(VisitServiceServer::new(inspection.clone())))
        .service(limited!(DrawServiceServer::new(inspection.clone())))
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
        .service(limited!(InspectionEventServiceServer::new(inspection)))
        .task(Task::new("inspection: follows the scheduler", async move {
            Box::pin(events::follow(&follower, following)).await
        }))
}
