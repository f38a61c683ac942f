//! Events: what the scheduler records of its plans.

use dudao_platform::Result;
use dudao_platform::events::NewEvent;
use dudao_proto::scheduler::v1 as pb;

use crate::api::{year_plan, zoning_plan};
use crate::domain::plan::{Frozen, Kind, Plan};

/// What has happened to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It was created and waits for a solver.
    Created,
    /// Its solve has ended with a solution.
    Proposed,
    /// It is proven that it has none.
    Infeasible,
    /// Its solve has ended without an answer.
    Unsolved,
    /// It was approved.
    Approved,
    /// It came into force.
    Activated,
    /// It went out of force.
    Superseded,
}

/// The event of a fact; with the plan's content if `frozen` is given.
pub fn record(fact: Fact, plan: &Plan, frozen: Option<&Frozen>, actor: &str) -> Result<NewEvent> {
    macro_rules! event {
        ($payload:ident { $field:ident }, $proto:expr) => {
            NewEvent::new(
                plan.key.county.as_str(),
                plan.key.name(),
                actor,
                &pb::$payload {
                    $field: Some($proto),
                },
            )
        };
    }
    Ok(match plan.key.kind {
        Kind::Zoning => {
            let proto = zoning_plan::to_proto(plan, frozen)?;
            match fact {
                Fact::Created => event!(ZoningPlanCreated { zoning_plan }, proto),
                Fact::Proposed => event!(ZoningPlanProposed { zoning_plan }, proto),
                Fact::Infeasible => event!(ZoningPlanInfeasible { zoning_plan }, proto),
                Fact::Unsolved => event!(ZoningPlanUnsolved { zoning_plan }, proto),
                Fact::Approved => event!(ZoningPlanApproved { zoning_plan }, proto),
                Fact::Activated => event!(ZoningPlanActivated { zoning_plan }, proto),
                Fact::Superseded => event!(ZoningPlanSuperseded { zoning_plan }, proto),
            }
        }
        Kind::Year => {
            let proto = year_plan::to_proto(plan, frozen)?;
            match fact {
                Fact::Created => event!(YearPlanCreated { year_plan }, proto),
                Fact::Proposed => event!(YearPlanProposed { year_plan }, proto),
                Fact::Infeasible => event!(YearPlanInfeasible { year_plan }, proto),
                Fact::Unsolved => event!(YearPlanUnsolved { year_plan }, proto),
                Fact::Approved => event!(YearPlanApproved { year_plan }, proto),
                Fact::Activated => event!(YearPlanActivated { year_plan }, proto),
                Fact::Superseded => event!(YearPlanSuperseded { year_plan }, proto),
            }
        }
    })
}
