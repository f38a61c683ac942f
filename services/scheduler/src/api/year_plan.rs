//! Year plans.

use dudao_platform::{Result, clock};
use dudao_proto::scheduler::v1 as pb;

use super::convert;
use crate::domain::plan::{Frozen, Plan};

/// A plan as the contract knows it; with its content if `frozen` is given.
pub fn to_proto(plan: &Plan, _frozen: Option<&Frozen>) -> Result<pb::YearPlan> {
    Ok(pb::YearPlan {
        name: plan.key.name(),
        state: convert::state(plan.state).into(),
        create_time: Some(clock::timestamp(plan.created_us)),
        ..pb::YearPlan::default()
    })
}
