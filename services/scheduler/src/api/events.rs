//! What the scheduler has recorded, and all that it has.

use dudao_platform::events::{Collection, Position, Written, any};
use dudao_platform::{Context, Result, Tx, event_service};
use dudao_proto::scheduler::v1::scheduler_event_service_server::SchedulerEventService;
use prost::Name;

use super::{year_plan, zoning_plan};
use crate::domain::plan::{Frozen, Kind, Plan};
use crate::store;

/// Plans of one read.
const BATCH: i64 = 20;

/// The service.
#[derive(Clone, Debug)]
pub struct Events(pub Context);

event_service! { impl SchedulerEventService for Events; |me| &me.0;
    vec![
        Collection::new(Kind::Zoning.collection(), BATCH, |tx, at| {
            Box::pin(read(tx, at, Kind::Zoning, zoning_plan::to_proto))
        }),
        Collection::new(Kind::Year.collection(), BATCH, |tx, at| {
            Box::pin(read(tx, at, Kind::Year, year_plan::to_proto))
        }),
    ]
}

async fn read<M: Name + 'static>(
    tx: &mut Tx,
    at: &Position,
    kind: Kind,
    to_proto: fn(&Plan, Option<&Frozen>) -> Result<M>,
) -> Result<Vec<Written>> {
    let Some(county_prefix) = at.county_prefix() else {
        return Ok(Vec::new());
    };
    let filter = store::plan::Filter {
        kind,
        county_prefix,
        states: &[],
        before: at.after.as_ref().map(|(_, plan)| plan.as_str()),
        limit: BATCH,
    };
    let mut written = Vec::new();
    for plan in store::plan::list(tx, &filter).await? {
        let frozen = store::solve::frozen(tx, &plan.key).await?;
        let message = to_proto(&plan, Some(&frozen))?;
        written.push((any(&message)?, (plan.key.county, plan.key.plan)));
    }
    Ok(written)
}
