//! Zoning plans: the list, a plan with its map, and its way into force.

mod form;
mod map;
mod why;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::scheduler::v1 as scheduler;
use futures::StreamExt as _;
use scheduler::{PlanState, PlannedZone, ZoningPlan};

pub use form::{ask, create};
pub use map::map;
pub use why::{choices, compare, explain};

use crate::desk::{PAGE, id};
use crate::frame::{Frame, View};
use crate::import::sheet;
use crate::names::{STAGES, stage_class};
use crate::plans::{Report, Row, follow, mark, minutes, moment, step, under_way};
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};
use crate::workbook;
use why::Choosing;

#[derive(Template)]
#[template(path = "zonings.html")]
struct List {
    t: Frame,
    plans: Vec<Row>,
}

/// The list of plans.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let plans = list_rows(&visitor).await?;
    let t = visitor.frame;
    Ok(View(List { t, plans }))
}

async fn list_rows(visitor: &Visitor) -> Result<Vec<Row>, Refusal> {
    let request = scheduler::ListZoningPlansRequest {
        parent: visitor.county.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    let plans = visitor.desk.zonings().list_zoning_plans(request).await?;
    let plans = plans.into_inner().zoning_plans.into_iter().map(|plan| {
        let (created, report) = (plan.create_time.as_ref(), plan.report.as_ref());
        let name = plan.name.clone();
        Row::of(name, 0, plan.state(), created, report, &visitor.frame)
    });
    Ok(plans.collect())
}

#[derive(Template)]
#[template(path = "zoning.html")]
struct Page {
    t: Frame,
    plan: ZoningPlan,
    state: &'static str,
    mark: &'static str,
    created: String,
    under_way: bool,
    report: Report,
    zones: Vec<Zone>,
    pins: usize,
    legend: Vec<(&'static str, &'static str)>,
    ticket: String,
    /// The school that is to have another supervisor.
    choosing: Option<Choosing>,
}

/// A zone in the table.
struct Zone {
    name: String,
    colour: usize,
    schools: usize,
    days: String,
    travel: String,
    supervisors: Vec<Supervisor>,
    members: Vec<(String, String, &'static str, String, String)>,
}

struct Supervisor {
    name: String,
    display_name: String,
    employment: &'static str,
    schools: String,
    days: String,
    travel: String,
}

impl Page {
    fn is(&self, state: PlanState) -> bool {
        self.plan.state() == state
    }
}

/// A plan.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let plan = read(&visitor).await?;
    let choosing = if visitor.query.get("school").is_empty() {
        None
    } else {
        Choosing::of(&visitor, &plan).await?.0
    };
    let t = visitor.frame;
    let colours = map::Land::of(&plan).colours;
    let zones = plan.zones.iter().zip(colours);
    let zones = zones.map(|(zone, colour)| table_row(zone, colour, &t));
    Ok(View(Page {
        state: t.plan_state(plan.state()),
        mark: mark(plan.state()),
        created: moment(plan.create_time.as_ref()),
        under_way: under_way(plan.state()),
        report: Report::of(plan.report.as_ref(), &plan.left_out, &t),
        zones: zones.collect(),
        pins: plan.pins.len(),
        legend: STAGES
            .iter()
            .filter(|stage| {
                let mut schools = plan.zones.iter().flat_map(|zone| &zone.schools);
                schools.any(|school| school.stage() == **stage)
            })
            .map(|stage| (stage_class(*stage), t.stage(*stage)))
            .collect(),
        plan,
        ticket,
        choosing,
        t,
    }))
}
async fn read(visitor: &Visitor) -> Result<ZoningPlan, Refusal> {
    let request = scheduler::GetZoningPlanRequest {
        name: visitor.resource.clone(),
    };
    let plan = visitor.desk.zonings().get_zoning_plan(request).await?;
    Ok(plan.into_inner())
}

fn table_row(zone: &PlannedZone, colour: usize, t: &Frame) -> Zone {
    let of = |used: f64, most: f64| format!("{used:.0} / {most:.0}");
    let sum = |value: fn(&scheduler::PlannedSupervisor) -> f64| {
        zone.supervisors.iter().map(value).sum::<f64>()
    };
    let names: BTreeMap<_, _> = zone
        .supervisors
        .iter()
        .map(|s| (s.supervisor.as_str(), s.display_name.as_str()))
        .collect();
    Zone {
        name: zone.display_name.clone(),
        colour,
        schools: zone.schools.len(),
        days: of(sum(|s| s.days), sum(|s| s.max_days)),
        travel: minutes(Some(sum(|s| s.travel_minutes))),
        supervisors: zone
            .supervisors
            .iter()
            .map(|s| Supervisor {
                name: s.supervisor.clone(),
                display_name: s.display_name.clone(),
                employment: if s.full_time {
                    t.full_time
                } else {
                    t.part_time
                },
                schools: of(s.schools.into(), s.max_schools.into()),
                days: of(s.days, s.max_days),
                travel: minutes(Some(s.travel_minutes)),
            })
            .collect(),
        members: zone
            .schools
            .iter()
            .map(|s| {
                let supervisor = names
                    .get(s.supervisor.as_str())
                    .copied()
                    .unwrap_or_default();
                (
                    s.school.clone(),
                    s.display_name.clone(),
                    t.stage(s.stage()),
                    supervisor.to_owned(),
                    minutes(Some(s.travel_minutes)),
                )
            })
            .collect(),
    }
}

/// Every school with its zone and supervisor, as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let plan = read(&visitor).await?;
    let t = &visitor.frame;
    let headings = [
        t.zone,
        t.code,
        t.school,
        t.stage,
        t.town,
        t.responsible,
        t.code,
        t.minutes_one_way,
    ];
    let rows = plan.zones.iter().flat_map(|zone| {
        let names: BTreeMap<_, _> = zone
            .supervisors
            .iter()
            .map(|s| (s.supervisor.as_str(), s.display_name.as_str()))
            .collect();
        zone.schools.iter().map(move |school| {
            let supervisor = names.get(school.supervisor.as_str()).copied();
            vec![
                zone.display_name.as_str().into(),
                id(&school.school).into(),
                school.display_name.as_str().into(),
                t.stage(school.stage()).into(),
                school.town.as_str().into(),
                supervisor.unwrap_or_default().into(),
                id(&school.supervisor).into(),
                school.travel_minutes.into(),
            ]
        })
    });
    sheet(t.zones, workbook::list(t.zones, &headings, rows))
}

/// Follows the solve.
pub async fn watch(visitor: Visitor) -> Result<Response, Refusal> {
    let request = scheduler::WatchZoningPlanRequest {
        name: visitor.resource,
    };
    let moments = visitor.desk.zonings().watch_zoning_plan(request).await?;
    let moments = moments
        .into_inner()
        .map(|moment| moment.map(|moment| moment.progress.unwrap_or_default()));
    let shutdown = visitor.console.0.shutdown.clone();
    Ok(follow(moments, visitor.frame, shutdown).into_response())
}

/// Takes a plan a step further, or ends its solve.
pub async fn act(
    Path((_, plan, verb)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = format!("{}/zoningPlans/{plan}", visitor.county);
    let mut plans = visitor.desk.zonings();
    match verb.as_str() {
        "cancel" => step!(
            plans,
            cancel_zoning_plan(CancelZoningPlanRequest),
            name,
            fields
        ),
        "approve" => step!(
            plans,
            approve_zoning_plan(ApproveZoningPlanRequest),
            name,
            fields
        ),
        "activate" => step!(
            plans,
            activate_zoning_plan(ActivateZoningPlanRequest),
            name,
            fields
        ),
        "supersede" => step!(
            plans,
            supersede_zoning_plan(SupersedeZoningPlanRequest),
            name,
            fields
        ),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Redirect::to(&format!("/{name}")))
}
