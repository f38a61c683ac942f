//! Following the scheduler: the visits of an activated year plan become visits here.

use chrono::NaiveDate;
use dudao_platform::document::{Record, all, find};
use dudao_platform::error::Result;
use dudao_platform::events::{Consumer, Event, WatchEventsRequest, WatchEventsResponse};
use dudao_platform::resource::{Change, write};
use dudao_platform::rpc::Link;
use dudao_platform::{Tx, clock, limited};
use dudao_proto::scheduler::v1 as scheduler;
use prost::{Message as _, Name as _};
use scheduler::scheduler_event_service_client::SchedulerEventServiceClient;
use scheduler::{ItemKind, YearPlan, YearPlanActivated, YearPlanSuperseded};
use tonic::{Status, Streaming};

use super::settle_cancelled;
use crate::domain::visit::{TeamMember, UnitPart, Visit, VisitState};
use crate::domain::words::{InspectionKind, ObjectKind};

/// Who does it, in events.
const ACTOR: &str = "inspection";

/// Makes visits of year plans as they come into force.
pub(crate) struct Following {
    scheduler: SchedulerEventServiceClient<Link>,
}

impl Following {
    /// Follows the scheduler behind this link.
    pub(crate) fn new(scheduler: Link) -> Self {
        Self {
            scheduler: limited!(SchedulerEventServiceClient::new(scheduler)),
        }
    }
}

#[tonic::async_trait]
impl Consumer for Following {
    fn name(&self) -> &'static str {
        "scheduler"
    }

    fn wants(&self) -> WatchEventsRequest {
        WatchEventsRequest {
            kinds: vec![
                YearPlanActivated::NAME.to_owned(),
                YearPlanSuperseded::NAME.to_owned(),
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
            YearPlanActivated::NAME => (
                YearPlanActivated::decode(payload.value.as_slice()).map(|event| event.year_plan),
                true,
            ),
            YearPlanSuperseded::NAME => (
                YearPlanSuperseded::decode(payload.value.as_slice()).map(|event| event.year_plan),
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
        let day = clock::day_of(event.time.as_ref().map_or(tx.now_us(), clock::micros));
        if active {
            adopt(tx, &event.county, &plan).await
        } else {
            abandon(tx, &event.county, &plan.name, day).await
        }
    }
}

/// Creates the visits of a plan that are not there yet.
async fn adopt(tx: &mut Tx, county: &str, plan: &YearPlan) -> Result<()> {
    let id = plan.name.rsplit('/').next().unwrap_or_default();
    let mut visits = Vec::with_capacity(plan.visits.len());
    for planned in &plan.visits {
        let code = code(id, &planned.visit_id);
        let Some(content) = visit(plan, planned) else {
            tracing::error!(
                plan = plan.name,
                visit = planned.visit_id,
                "a planned visit can't be read"
            );
            continue;
        };
        if find::<Visit>(tx, county, &code).await?.is_none() {
            visits.push(Record::new(tx, county, code, content));
        }
    }
    write(tx, ACTOR, Change::Created, &visits).await?;
    Ok(())
}

/// Cancels what a plan out of force had still planned for the days to come; what has begun goes on.
async fn abandon(tx: &mut Tx, county: &str, plan: &str, day: NaiveDate) -> Result<()> {
    for record in all::<Visit>(tx, county).await? {
        let of_plan = record.content.plan == plan && record.content.state == VisitState::Planned;
        if of_plan
            && record.content.date >= day
            && let Ok(cancelled) = record.content.clone().cancel("年度计划已被替换")
        {
            settle_cancelled(tx, ACTOR, record, cancelled).await?;
        }
    }
    Ok(())
}

/// A visit's id: the last group of the plan's and its own, unique, and without what ends an id in a name.
fn code(plan: &str, visit: &str) -> String {
    let plan = plan.rsplit('-').next().unwrap_or_default();
    format!("{plan}-{}", visit.replace('/', "-"))
}

fn visit(plan: &YearPlan, planned: &scheduler::PlannedVisit) -> Option<Visit> {
    let date = planned.date.parse().ok()?;
    let kind = match planned.kind() {
        ItemKind::Unspecified => return None,
        ItemKind::Routine => InspectionKind::Routine,
        ItemKind::Comprehensive | ItemKind::Government => InspectionKind::Comprehensive,
        ItemKind::Special => InspectionKind::Special,
        ItemKind::FollowUp => InspectionKind::LookBack,
    };
    let names = planned
        .team_names
        .iter()
        .map(String::as_str)
        .chain(std::iter::repeat(""));
    let members = planned.team.iter().zip(names).enumerate();
    Some(Visit {
        plan: plan.name.clone(),
        items: planned.items.clone(),
        town: planned.town.clone(),
        team: members
            .map(|(at, (supervisor, name))| TeamMember {
                supervisor: supervisor.clone(),
                display_name: name.to_owned(),
                leader: at == 0,
            })
            .collect(),
        units: planned
            .units
            .iter()
            .map(|unit| UnitPart {
                unit: unit.clone(),
                display_name: unit.rsplit('/').next().unwrap_or_default().to_owned(),
                persons: Vec::new(),
                attended: false,
            })
            .collect(),
        days: planned.days,
        ..Visit::planned(
            kind,
            object_kind(&planned.target),
            &planned.target,
            &planned.display_name,
            date,
        )
    })
}

fn object_kind(target: &str) -> ObjectKind {
    if target.contains("/towns/") {
        ObjectKind::Town
    } else if target.contains("/memberUnits/") {
        ObjectKind::Department
    } else {
        ObjectKind::School
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_the_plan_have_words_here() {
        for kind in [
            ItemKind::Routine,
            ItemKind::Comprehensive,
            ItemKind::Government,
            ItemKind::Special,
            ItemKind::FollowUp,
        ] {
            let planned = scheduler::PlannedVisit {
                date: "2027-03-01".to_owned(),
                kind: kind.into(),
                target: "counties/140525/schools/1".to_owned(),
                ..scheduler::PlannedVisit::default()
            };
            let visit = visit(&YearPlan::default(), &planned).unwrap();
            assert!(InspectionKind::ALL.contains(&visit.kind));
        }
    }

    #[test]
    fn a_planned_visit_has_an_id_by_which_it_can_be_called() {
        let code = code("0192-aaaa", "routine/140525000001/2");
        assert_eq!(code, "aaaa-routine-140525000001-2");
    }
}
