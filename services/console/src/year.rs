//! Year plans: the list, a year as one looks at it, and its way into force.

mod files;
mod form;
mod look;
mod moving;
mod why;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Datelike as _;
use dudao_proto::scheduler::v1 as scheduler;
use futures::StreamExt as _;
use scheduler::{PlanState, YearPlan};

pub use files::{calendar, export};
pub use form::{ask, create};
pub use moving::{compare, days};
pub use why::explain;

use crate::desk::PAGE;
use crate::frame::{Frame, View};
use crate::plans::{Report, Row, follow, mark, moment, step, under_way};
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};
use look::{Look, Month, month_of};
use moving::Moving;
use why::Change;

#[derive(Template)]
#[template(path = "years.html")]
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
    let request = scheduler::ListYearPlansRequest {
        parent: visitor.county.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    let plans = visitor.desk.years().list_year_plans(request).await?;
    let plans = plans.into_inner().year_plans.into_iter().map(|plan| {
        let (created, report) = (plan.create_time.as_ref(), plan.report.as_ref());
        let (name, t) = (plan.name.clone(), &visitor.frame);
        Row::of(name, plan.year, plan.state(), created, report, t)
    });
    Ok(plans.collect())
}

#[derive(Template)]
#[template(path = "year.html")]
struct Page {
    t: Frame,
    plan: YearPlan,
    state: &'static str,
    mark: &'static str,
    created: String,
    under_way: bool,
    report: Report,
    ticket: String,
    look: Look,
    months: Vec<Month>,
    kinds: Vec<(&'static str, &'static str)>,
    /// The visit that is to be moved.
    moving: Option<Moving>,
    /// What a revision changes, to be read before it is approved.
    changes: Vec<Change>,
}

impl Page {
    fn is(&self, state: PlanState) -> bool {
        self.plan.state() == state
    }

    fn looks(&self, at: &str) -> bool {
        self.look.is(at)
    }

    /// What every kind is called.
    fn all_kinds(&self) -> [&'static str; look::KINDS.len()] {
        look::KINDS.map(|kind| self.t.item_kind(kind))
    }

    /// The id of the visit that is to be moved.
    fn moving_id(&self) -> &str {
        self.moving.as_ref().map_or("", |moving| &moving.visit.id)
    }

    /// Whether the visitor may move visits: it makes a new plan.
    fn movable(&self) -> bool {
        self.t.plans() && !self.under_way
    }
}

async fn read(visitor: &Visitor) -> Result<YearPlan, Refusal> {
    let request = scheduler::GetYearPlanRequest {
        name: visitor.resource.clone(),
    };
    let plan = visitor.desk.years().get_year_plan(request).await?;
    Ok(plan.into_inner())
}

/// A plan.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let today = visitor.console.0.clock.today();
    let plan = read(&visitor).await?;
    let asked = match visitor.query.get("month") {
        // The plan's first visits, or where the year stands.
        "" if plan.year == today.year() => today.format("%Y-%m").to_string(),
        "" => plan
            .visits
            .first()
            .map_or_else(String::new, |visit| month_of(&visit.date)),
        month => month.to_owned(),
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for visit in &plan.visits {
        *counts.entry(month_of(&visit.date)).or_default() += 1;
    }
    let months = (1..=12).map(|number| {
        let key = format!("{}-{number:02}", plan.year);
        Month {
            visits: counts.get(&key).copied().unwrap_or_default(),
            here: key == asked,
            number,
            key,
        }
    });
    let kinds = look::KINDS
        .iter()
        .filter(|kind| plan.visits.iter().any(|v| v.kind() == **kind));
    let to_accept = matches!(plan.state(), PlanState::Proposed | PlanState::Approved);
    let changes = if plan.revise && to_accept {
        why::changes(&visitor, &plan).await?
    } else {
        Vec::new()
    };
    let moving = Moving::of(&visitor, &plan).await?;
    let look = Look::of(&visitor, &plan, &asked, moving.as_ref()).await?;
    let t = visitor.frame;
    Ok(View(Page {
        months: months.collect(),
        kinds: kinds
            .map(|kind| (look::class(*kind), t.item_kind(*kind)))
            .collect(),
        look,
        state: t.plan_state(plan.state()),
        mark: mark(plan.state()),
        created: moment(plan.create_time.as_ref()),
        under_way: under_way(plan.state()),
        report: Report::of(plan.report.as_ref(), &plan.left_out, &t),
        plan,
        ticket,
        moving,
        changes,
        t,
    }))
}

/// Follows the solve.
pub async fn watch(visitor: Visitor) -> Result<Response, Refusal> {
    let request = scheduler::WatchYearPlanRequest {
        name: visitor.resource,
    };
    let moments = visitor.desk.years().watch_year_plan(request).await?;
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
    let name = format!("{}/yearPlans/{plan}", visitor.county);
    let mut plans = visitor.desk.years();
    match verb.as_str() {
        "cancel" => step!(plans, cancel_year_plan(CancelYearPlanRequest), name, fields),
        "approve" => step!(
            plans,
            approve_year_plan(ApproveYearPlanRequest),
            name,
            fields
        ),
        "activate" => step!(
            plans,
            activate_year_plan(ActivateYearPlanRequest),
            name,
            fields
        ),
        "supersede" => step!(
            plans,
            supersede_year_plan(SupersedeYearPlanRequest),
            name,
            fields
        ),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Redirect::to(&format!("/{name}")))
}
