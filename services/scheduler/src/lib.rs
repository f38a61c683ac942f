//! The scheduler: how a county's schools are split into responsibility zones, and when each visit of the year takes place.
//!
//! It owns plans of both kinds, from their creation to the day another takes their place.
//!
//! **Invariants.** A plan goes `QUEUED → SOLVING → PROPOSED | INFEASIBLE | UNSOLVED → APPROVED → ACTIVE → SUPERSEDED` and never
//! back. A solution is proposed only after the optimiser's independent check has found no broken rule. At most one zoning plan
//! of a county, and one year plan of a county and year, is in force. A plan is made of the county's data of one moment: its
//! problem is frozen when it is created. A solve is held by one process at a time, by lease; what is found on the way is
//! stored, so that another process goes on from there.
//!
//! **Events**: `ZoningPlanCreated`, `…Proposed`, `…Infeasible`, `…Unsolved`, `…Approved`, `…Activated` (with the zones, which
//! the registry adopts) and `…Superseded`, and the same of year plans, each in the transaction of its effect.
//!
//! `domain/` rules as pure functions · `store/` rows and SQL · `api/` the contract's services · `engine` one solve on one thread ·
//! `worker` leases · `facts` events · `figures` metrics.

pub mod api;
pub mod domain;
mod engine;
mod facts;
mod figures;
mod store;
mod worker;

use std::sync::Arc;

use dudao_platform::lifecycle::Task;
use dudao_platform::rpc::Link;
use dudao_platform::{Context, Parts, limited};
use dudao_proto::scheduler::v1::scheduler_event_service_server::SchedulerEventServiceServer;
use dudao_proto::scheduler::v1::year_plan_service_server::YearPlanServiceServer;
use dudao_proto::scheduler::v1::zoning_plan_service_server::ZoningPlanServiceServer;
use sqlx::migrate::Migrator;
use tokio::sync::Notify;

use crate::api::plan::Desk;

/// The service's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The service: the only wiring. `registry` is how it asks for schools, supervisors, calendars and rules, `inspection` for the
/// risk of each school.
pub fn build(context: &Context, registry: Link, inspection: Link) -> Parts {
    let [registry, inspection] = [registry, inspection].map(|link| link.of_service("scheduler"));
    let desk = Desk {
        context: context.clone(),
        registry,
        inspection,
        wake: Arc::new(Notify::new()),
    };
    let solving = worker::run(context.clone(), Arc::clone(&desk.wake));
    let years = api::year_plan::Years(desk.clone());
    Parts::of(context)
        .service(limited!(ZoningPlanServiceServer::new(
            api::zoning_plan::Zonings(desk)
        )))
        .service(limited!(YearPlanServiceServer::new(years)))
        .service(limited!(SchedulerEventServiceServer::new(
            api::events::Events(context.clone())
        )))
        .task(Task::new("scheduler: solver", solving))
        .task(Task::new(
            "scheduler: counts its queue",
            figures::count(context.clone()),
        ))
}
