//! Why a year is as it is.

use askama::Template;
use dudao_proto::scheduler::v1 as scheduler;

use super::look::Visit;
use super::moving::{self, Cost, Moving};
use super::read;
use crate::frame::{Frame, View};
use crate::plans::{Spread, said, spread_rows};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "year_why.html")]
struct Why {
    t: Frame,
    plan: String,
    ticket: String,
    visit: Option<Visit>,
    costs: Vec<Cost>,
    moving: Option<Moving>,
    limits: Vec<(String, String)>,
    changes: Vec<Change>,
    spreads: Vec<Spread>,
}

/// A visit that is not as it was.
pub struct Change {
    /// Its id.
    pub visit: String,
    pub display_name: String,
    pub before: String,
    pub after: String,
    pub reason: String,
}

/// What a plan changes against the one in force, and why.
pub async fn changes(
    visitor: &Visitor,
    plan: &scheduler::YearPlan,
) -> Result<Vec<Change>, Refusal> {
    let why = ask(visitor, &plan.name, "").await?;
    Ok(told(why.changes, &visitor.frame))
}

async fn ask(
    visitor: &Visitor,
    plan: &str,
    visit: &str,
) -> Result<scheduler::ExplainYearPlanResponse, Refusal> {
    let request = scheduler::ExplainYearPlanRequest {
        name: plan.to_owned(),
        visit_id: visit.to_owned(),
    };
    let why = visitor.desk.years().explain_year_plan(request).await?;
    Ok(why.into_inner())
}

fn told(changes: Vec<scheduler::VisitChange>, t: &Frame) -> Vec<Change> {
    let slot = |slot: Option<scheduler::VisitSlot>| {
        slot.map_or_else(String::new, |slot| {
            format!("{} {}", slot.date, slot.team_names.join("、"))
        })
    };
    let changes = changes.into_iter().map(|change| Change {
        reason: said(change.reason.as_ref(), t),
        visit: change.visit_id,
        display_name: change.display_name,
        before: slot(change.before),
        after: slot(change.after),
    });
    changes.collect()
}

/// Why a year is as it is; about one visit, what every other day would cost.
pub async fn explain(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let plan = read(&visitor).await?;
    let asked = visitor.query.get("visit");
    let moving = Moving::of(&visitor, &plan).await?;
    let visit = plan.visits.iter().find(|visit| visit.visit_id == asked);
    if visit.is_none() && !asked.is_empty() {
        return Err(Refusal::Unknown);
    }
    // Who does not plan sees what days cost as well.
    let costs = match (&moving, visit) {
        (Some(moving), _) => moving.costs.clone(),
        (None, Some(visit)) => moving::costs(&visitor, &plan.name, asked, &visit.date).await?,
        (None, None) => Vec::new(),
    };
    let why = ask(&visitor, &plan.name, "").await?;
    let t = visitor.frame;
    let limits = why.limits.iter().map(|limit| {
        let used = format!("{:.1} / {:.1}", limit.used, limit.limit);
        (said(limit.words.as_ref(), &t), used)
    });
    Ok(View(Why {
        limits: limits.collect(),
        changes: told(why.changes, &t),
        spreads: spread_rows(&why.spreads, &t),
        visit: visit.map(|visit| Visit::of(visit, &t)),
        plan: plan.name,
        ticket,
        costs,
        moving,
        t,
    }))
}
