//! Following the scheduler: what its active zoning plan says becomes the county's zones.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use dudao_platform::error::Result;
use dudao_platform::events::{
    self, Consumer, Event, NewEvent, WatchEventsRequest, WatchEventsResponse,
};
use dudao_platform::rpc::Link;
use dudao_platform::{Tx, clock, limited};
use dudao_proto::registry::v1::ZonesAdopted;
use dudao_proto::scheduler::v1::scheduler_event_service_client::SchedulerEventServiceClient;
use dudao_proto::scheduler::v1::{ZoningPlan, ZoningPlanActivated, ZoningPlanSuperseded};
use prost::{Message, Name};
use tonic::{Status, Streaming};

use crate::api::{Faces, zone_message};
use crate::domain::county::County;
use crate::domain::school::{Responsibility, School};
use crate::domain::zone::{Zone, ZoneSchool, end, hand_over, responsibilities};
use crate::store::{self, Record};

/// Who does it, in events.
const ACTOR: &str = "registry";

/// Adopts the zones of plans as they come into force.
pub struct Adoption {
    scheduler: SchedulerEventServiceClient<Link>,
}

impl Adoption {
    /// Follows the scheduler behind this link.
    pub fn new(scheduler: Link) -> Self {
        Self {
            scheduler: limited!(SchedulerEventServiceClient::new(scheduler)),
        }
    }
}

#[tonic::async_trait]
impl Consumer for Adoption {
    fn name(&self) -> &'static str {
        "scheduler"
    }

    fn wants(&self) -> WatchEventsRequest {
        WatchEventsRequest {
            kinds: vec![
                ZoningPlanActivated::NAME.to_owned(),
                ZoningPlanSuperseded::NAME.to_owned(),
            ],
            ..WatchEventsRequest::default()
        }
    }

    async fn open(
        &mut self,
        request: WatchEventsRequest,
    ) -> Result<Streaming<WatchEventsResponse>, Status> {
        Ok(self.scheduler.watch_events(request).await?.into_inner())
    }

    async fn apply(&mut self, tx: &mut Tx, event: &Event) -> Result<()> {
        let Some(payload) = &event.payload else {
            return Ok(());
        };
        let (plan, active) = match event.kind.as_str() {
            ZoningPlanActivated::NAME => (
                ZoningPlanActivated::decode(payload.value.as_slice())
                    .map(|event| event.zoning_plan),
                true,
            ),
            ZoningPlanSuperseded::NAME => (
                ZoningPlanSuperseded::decode(payload.value.as_slice())
                    .map(|event| event.zoning_plan),
                false,
            ),
            _ => return Ok(()),
        };
        // What can't be read now can't be read later either, and must not hold up what comes behind it.
        let Ok(Some(plan)) = plan else {
            tracing::error!(
                event = event.id,
                kind = event.kind,
                "an event of the scheduler can't be read"
            );
            return Ok(());
        };
        if store::find::<County>(tx, &event.county, &event.county)
            .await?
            .is_none()
        {
            tracing::error!(
                county = event.county,
                plan = plan.name,
                "a plan of a county that is not in the registry"
            );
            return Ok(());
        }
        let day = clock::day_of(event.time.as_ref().map_or(tx.now_us(), clock::micros));
        if active {
            adopt(tx, &event.county, &plan, day).await
        } else {
            abandon(tx, &event.county, &plan.name, day).await
        }
    }
}

/// Puts a plan's zones in place of those in force.
async fn adopt(tx: &mut Tx, county: &str, plan: &ZoningPlan, day: NaiveDate) -> Result<()> {
    let zones: BTreeMap<&str, Zone> = plan
        .zones
        .iter()
        .map(|zone| {
            let content = Zone {
                display_name: zone.display_name.clone(),
                plan: plan.name.clone(),
                supervisors: zone
                    .supervisors
                    .iter()
                    .map(|one| code(&one.supervisor))
                    .collect(),
                schools: zone
                    .schools
                    .iter()
                    .map(|one| ZoneSchool {
                        school: code(&one.school),
                        supervisor: code(&one.supervisor),
                    })
                    .collect(),
            };
            (zone.zone_id.as_str(), content)
        })
        .collect();
    let next = responsibilities(zones.iter().map(|(id, zone)| (*id, zone)));
    change_schools(tx, county, |school| {
        hand_over(school, next.get(school.code.as_str()).copied(), day)
    })
    .await?;
    let records: Vec<_> = zones
        .iter()
        .map(|(id, zone)| Record::new(tx, county, *id, zone.clone()))
        .collect();
    replace(tx, county, &plan.name, &records).await?;
    Faces::of(tx, county).await?.renew_plaques(tx, ACTOR).await
}

/// Takes the zones out of force, if they are this plan's.
async fn abandon(tx: &mut Tx, county: &str, plan: &str, day: NaiveDate) -> Result<()> {
    let zones = store::all::<Zone>(tx, county).await?;
    if zones.first().is_none_or(|zone| zone.content.plan != plan) {
        return Ok(());
    }
    change_schools(tx, county, |school| end(school, day)).await?;
    replace(tx, county, "", &[]).await?;
    Faces::of(tx, county).await?.renew_plaques(tx, ACTOR).await
}

async fn change_schools(
    tx: &mut Tx,
    county: &str,
    change: impl Fn(&School) -> Option<Responsibility>,
) -> Result<()> {
    let mut changed = Vec::new();
    for record in store::all::<School>(tx, county).await? {
        let responsibility = change(&record.content);
        if responsibility != record.content.responsibility {
            let content = School {
                responsibility,
                ..record.content.clone()
            };
            changed.push(record.changed(tx, content));
        }
    }
    store::put(tx, &changed).await
}

async fn replace(tx: &mut Tx, county: &str, plan: &str, zones: &[Record<Zone>]) -> Result<()> {
    store::clear::<Zone>(tx, county).await?;
    store::put(tx, zones).await?;
    let adopted = ZonesAdopted {
        plan: plan.to_owned(),
        zones: zones.iter().map(zone_message).collect(),
    };
    let resource = store::name::<County>(county, county);
    events::append(tx, [NewEvent::new(county, resource, ACTOR, &adopted)]).await
}

/// The last part of a name.
fn code(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}
