//! The registry: who and what.
//!
//! It owns counties, towns, schools, supervisors with their admission, training, assessment and relations, the committee with
//! its member units and meetings, calendars, rulesets, the responsibility zones in force, the layers of its maps, and the plaques that follow from the zones,
//! and letters of appointment and plaques as documents.
//!
//! Invariants:
//! - A resource never vanishes: a school closes, a supervisor leaves, a unit withdraws; their history stays.
//! - A version of a ruleset never changes, and each of its figures says on what it rests.
//! - The zones are those of the scheduler's active zoning plan, adopted whole or not at all.
//! - Every change appends its event (`events.proto`) in the same transaction.

pub mod api;
mod coverage;
pub mod domain;
pub mod files;
pub mod presets;
pub mod store;
mod territory;
mod zoning;

use dudao_chancery::{Chancery, Press};
use dudao_platform::context::{Context, Parts};
use dudao_platform::lifecycle::Task;
use dudao_platform::rpc::Link;
use dudao_platform::{events, limited};
use dudao_proto::registry::v1::admission_service_server::AdmissionServiceServer;
use dudao_proto::registry::v1::assessment_service_server::AssessmentServiceServer;
use dudao_proto::registry::v1::calendar_service_server::CalendarServiceServer;
use dudao_proto::registry::v1::committee_service_server::CommitteeServiceServer;
use dudao_proto::registry::v1::county_service_server::CountyServiceServer;
use dudao_proto::registry::v1::intake_service_server::IntakeServiceServer;
use dudao_proto::registry::v1::map_layer_service_server::MapLayerServiceServer;
use dudao_proto::registry::v1::meeting_service_server::MeetingServiceServer;
use dudao_proto::registry::v1::member_unit_service_server::MemberUnitServiceServer;
use dudao_proto::registry::v1::plaque_service_server::PlaqueServiceServer;
use dudao_proto::registry::v1::progress_report_service_server::ProgressReportServiceServer;
use dudao_proto::registry::v1::registry_document_service_server::RegistryDocumentServiceServer;
use dudao_proto::registry::v1::registry_event_service_server::RegistryEventServiceServer;
use dudao_proto::registry::v1::registry_year_service_server::RegistryYearServiceServer;
use dudao_proto::registry::v1::relation_service_server::RelationServiceServer;
use dudao_proto::registry::v1::ruleset_service_server::RulesetServiceServer;
use dudao_proto::registry::v1::school_service_server::SchoolServiceServer;
use dudao_proto::registry::v1::supervisor_service_server::SupervisorServiceServer;
use dudao_proto::registry::v1::town_service_server::TownServiceServer;
use dudao_proto::registry::v1::training_service_server::TrainingServiceServer;
use dudao_proto::registry::v1::zone_service_server::ZoneServiceServer;

pub use store::MIGRATIONS;

/// The registry on a database, following the scheduler behind its link; the inspection and the accountability know what
/// supervisors have done; documents are made by `press`.
pub fn build(
    context: &Context,
    scheduler: Link,
    inspection: Link,
    accountability: Link,
    press: Press,
) -> Parts {
    let [scheduler, inspection, accountability] =
        [scheduler, inspection, accountability].map(|link| link.of_service("registry"));
    let registry = api::Registry::new(context, inspection, accountability, Chancery::new(press));
    let follower = context.clone();
    let adoption = zoning::Adoption::new(scheduler);
    Parts::of(context)
        .service(limited!(CountyServiceServer::new(registry.clone())))
        .service(limited!(TownServiceServer::new(registry.clone())))
        .service(limited!(SchoolServiceServer::new(registry.clone())))
        .service(limited!(SupervisorServiceServer::new(registry.clone())))
        .service(limited!(IntakeServiceServer::new(registry.clone())))
        .service(limited!(MapLayerServiceServer::new(registry.clone())))
        .service(limited!(MemberUnitServiceServer::new(registry.clone())))
        .service(limited!(CalendarServiceServer::new(registry.clone())))
        .service(limited!(RulesetServiceServer::new(registry.clone())))
        .service(limited!(ZoneServiceServer::new(registry.clone())))
        .service(limited!(CommitteeServiceServer::new(registry.clone())))
        .service(limited!(MeetingServiceServer::new(registry.clone())))
        .service(limited!(ProgressReportServiceServer::new(registry.clone())))
        .service(limited!(AdmissionServiceServer::new(registry.clone())))
        .service(limited!(RelationServiceServer::new(registry.clone())))
        .service(limited!(TrainingServiceServer::new(registry.clone())))
        .service(limited!(AssessmentServiceServer::new(registry.clone())))
        .service(limited!(PlaqueServiceServer::new(registry.clone())))
        .service(limited!(RegistryYearServiceServer::new(registry.clone())))
        .service(limited!(RegistryDocumentServiceServer::new(
            registry.clone()
        )))
        .service(limited!(RegistryEventServiceServer::new(registry)))
        .task(Task::new(
            "registry: counts coverage",
            coverage::count(context.clone()),
        ))
        .task(Task::new("registry: follows the scheduler", async move {
            Box::pin(events::follow(&follower, adoption)).await
        }))
}
