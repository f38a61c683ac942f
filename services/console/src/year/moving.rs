//! A visit that is to be moved: what each day would cost or break, before anything is done; and two plans side by side.

use axum::response::{IntoResponse, Response};
use dudao_proto::scheduler::v1 as scheduler;
use http::header::CONTENT_TYPE;
use scheduler::{PlanState, YearPlan};
use serde_json::json;

use super::look::{Visit, month_of};
use super::{form, list_rows};
use crate::compare::{self, Moved};
use crate::desk::id;
use crate::fields::Fields;
use crate::frame::{Frame, View};
use crate::plans::said;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// A visit that is to be moved.
pub struct Moving {
    pub visit: Visit,
    /// What each day would cost, in order of time.
    pub costs: Vec<Cost>,
    /// The day that was chosen.
    pub to: Option<Cost>,
    /// What the plan was solved by, to be sent again with the day.
    pub inputs: Fields,
    /// Whether the plan in force is revised, so that few others move.
    pub revises: bool,
}

/// What a day would cost a visit.
#[derive(Clone)]
pub struct Cost {
    pub date: String,
    pub team: String,
    /// Minutes a year.
    pub rise: String,
    /// Rules that it would break.
    pub against: Vec<String>,
    /// Whether the visit is on this day.
    pub has_it: bool,
}

impl Cost {
    /// The month that it lies in.
    pub fn month(&self) -> String {
        month_of(&self.date)
    }

    /// In a few words: the minutes, or that it breaks a rule.
    pub fn words(&self) -> String {
        if self.against.is_empty() {
            self.rise.clone()
        } else {
            format!("✗ {}", self.against.join("；"))
        }
    }
}

impl Moving {
    /// As the query asks for it, for who plans.
    pub async fn of(visitor: &Visitor, plan: &YearPlan) -> Result<Option<Self>, Refusal> {
        let (query, t) = (&visitor.query, &visitor.frame);
        let asked = query.get("visit");
        let known = plan.visits.iter().find(|visit| visit.visit_id == asked);
        let Some(visit) = known.filter(|_| t.plans()) else {
            return Ok(None);
        };
        let costs = costs(visitor, &plan.name, asked, &visit.date).await?;
        let revises = revises(visitor, plan).await?;
        let mut inputs = form::inputs(plan);
        inputs.put("from", id(&plan.name));
        if revises {
            inputs.put("revise", "1");
        }
        let chosen = costs.iter().find(|cost| cost.date == query.get("to"));
        Ok(Some(Self {
            to: chosen.filter(|cost| !cost.has_it).cloned(),
            visit: Visit::of(visit, t),
            costs,
            inputs,
            revises,
        }))
    }

    /// How the new plan comes about.
    pub fn how(&self, t: &Frame) -> &'static str {
        if self.revises {
            t.move_revises
        } else {
            t.move_solves_anew
        }
    }

    /// What this day would cost.
    pub fn cost(&self, date: &str) -> Option<Cost> {
        self.costs.iter().find(|cost| cost.date == date).cloned()
    }
}

/// Whether a plan made from this one revises what is in force: then few others move. Nothing in force for its year can't be revised.
async fn revises(visitor: &Visitor, plan: &YearPlan) -> Result<bool, Refusal> {
    if plan.state() == PlanState::Active || plan.revise {
        let in_force = visitor.desk.active_years(&visitor.county).await?;
        return Ok(in_force.iter().any(|known| known.year == plan.year));
    }
    Ok(false)
}

/// What every day would cost a visit that is on `now`.
pub async fn costs(
    visitor: &Visitor,
    plan: &str,
    visit: &str,
    now: &str,
) -> Result<Vec<Cost>, Refusal> {
    let request = scheduler::ExplainYearPlanRequest {
        name: plan.to_owned(),
        visit_id: visit.to_owned(),
    };
    let why = visitor.desk.years().explain_year_plan(request).await?;
    let choices = why.into_inner().choices.into_iter().map(|choice| {
        let slot = choice.slot.unwrap_or_default();
        Cost {
            has_it: slot.date == now,
            date: slot.date,
            team: slot.team_names.join("、"),
            rise: format!("{:+.0}", choice.rise),
            against: choice
                .breaks
                .iter()
                .map(|broken| said(broken.words.as_ref(), &visitor.frame))
                .collect(),
        }
    });
    Ok(choices.collect())
}

/// What every day would cost a visit, while it is being dragged.
pub async fn days(visitor: Visitor) -> Result<Response, Refusal> {
    let asked = visitor.query.get("visit");
    let costs = costs(&visitor, &visitor.resource, asked, "").await?;
    let costs: serde_json::Map<_, _> = costs
        .into_iter()
        .map(|cost| {
            let (may, words) = (cost.against.is_empty(), cost.words());
            (cost.date, json!({"words": words, "may": may}))
        })
        .collect();
    let body = json!(costs).to_string();
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Two plans side by side: what moved, and why.
pub async fn compare(visitor: Visitor) -> Result<View<compare::Page>, Refusal> {
    let rows = list_rows(&visitor).await?;
    let Some((before, after)) = compare::asked(&visitor, "yearPlans") else {
        return Ok(View(compare::Page::asking(visitor, "yearPlans", rows)));
    };
    let get = async |name: &str| {
        let name = name.to_owned();
        let request = scheduler::GetYearPlanRequest { name };
        visitor.desk.years().get_year_plan(request).await
    };
    let mut years = visitor.desk.years();
    let both = scheduler::CompareYearPlansRequest {
        before: before.clone(),
        after: after.clone(),
    };
    let (told, old, new) = tokio::join!(years.compare_year_plans(both), get(&before), get(&after));
    let (told, old, new) = (told?.into_inner(), old?.into_inner(), new?.into_inner());
    // A plan that revises tells why it departs from the one in force.
    let reasons = super::why::changes(&visitor, &new).await?;
    let slot = |plan: &YearPlan, visit: &str| {
        let known = plan.visits.iter().find(|known| known.visit_id == visit);
        known.map_or_else(String::new, |known| {
            format!("{} {}", known.date, known.team_names.join("、"))
        })
    };
    let t = &visitor.frame;
    let moved = told.differences.iter().map(|difference| {
        // A visit's id has parts of its own.
        let subject = &difference.subject;
        let visit = subject.split_once("/visits/").map_or("", |(_, id)| id);
        let reason = reasons.iter().find(|change| change.visit == visit);
        Moved {
            subject: difference.display_name.clone(),
            before: slot(&old, visit),
            after: slot(&new, visit),
            reason: reason.map_or_else(String::new, |change| change.reason.clone()),
            why: new
                .visits
                .iter()
                .any(|known| known.visit_id == visit)
                .then(|| format!("/{after}/explain?visit={visit}")),
        }
    });
    let moved = moved.collect();
    let figures = compare::figures(&told, t);
    Ok(View(compare::Page {
        before,
        after,
        figures,
        moved,
        maps: false,
        ..compare::Page::asking(visitor, "yearPlans", rows)
    }))
}
