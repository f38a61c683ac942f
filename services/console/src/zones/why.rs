//! Why a zoning is as it is, what another supervisor would cost a school, and two zonings side by side.

use askama::Template;
use axum::response::{IntoResponse, Response};
use dudao_proto::scheduler::v1 as scheduler;
use http::header::CONTENT_TYPE;
use scheduler::{ExplainZoningPlanResponse, ZoningPlan};
use serde_json::json;

use super::{form, list_rows, read};
use crate::compare::{self, Moved};
use crate::desk::id;
use crate::fields::Fields;
use crate::frame::{Frame, View};
use crate::plans::{Spread, minutes, said, spread_rows};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "zoning_why.html")]
struct Why {
    t: Frame,
    plan: String,
    schools: Vec<(String, String)>,
    school: String,
    choosing: Option<Choosing>,
    ticket: String,
    limits: Vec<Limit>,
    changes: Vec<(String, String, String)>,
    spreads: Vec<Spread>,
}

/// The supervisors that a school could have.
pub(super) struct Choosing {
    pub school: String,
    pub school_name: String,
    pub choices: Vec<Choice>,
    /// The supervisor to whom it was carried; "" for none.
    pub to: String,
    /// What the plan was solved by, to be sent again with the choice.
    pub inputs: Fields,
    /// Whether the zoning in force is revised, so that few others change.
    pub revises: bool,
}

/// A supervisor as a choice.
pub(super) struct Choice {
    pub supervisor: String,
    pub display_name: String,
    pub travel: String,
    pub rise: String,
    pub against: Vec<String>,
    pub has_it: bool,
    pub may: bool,
}

struct Limit {
    words: String,
    used: String,
    price: String,
}

impl Choice {
    /// In a few words: the minutes, or that it breaks a rule.
    pub fn words(&self) -> String {
        if self.against.is_empty() {
            self.rise.clone()
        } else {
            format!("✗ {}", self.against.join("；"))
        }
    }
}

impl Choosing {
    /// For the school that the query names; none for none. Answers with the rest of the explanation as well.
    pub async fn of(
        visitor: &Visitor,
        plan: &ZoningPlan,
    ) -> Result<(Option<Self>, ExplainZoningPlanResponse), Refusal> {
        let asked = visitor.query.get("school");
        let school = if asked.is_empty() {
            String::new()
        } else {
            format!("{}/schools/{asked}", visitor.county)
        };
        let mut why = ask(visitor, &plan.name, &school).await?;
        if asked.is_empty() {
            return Ok((None, why));
        }
        let mut schools = plan.zones.iter().flat_map(|zone| &zone.schools);
        let now = schools.find(|known| known.school == school);
        let in_force = visitor.desk.active_zoning(&visitor.county).await?;
        let revises = in_force.is_some();
        let mut inputs = form::inputs(plan);
        if revises {
            inputs.put("revise", "1");
        }
        let has = now.map_or("", |school| school.supervisor.as_str());
        let choices = std::mem::take(&mut why.choices);
        let choosing = Self {
            school: asked.to_owned(),
            school_name: now.map_or_else(String::new, |school| school.display_name.clone()),
            choices: told(choices, has, &visitor.frame),
            to: visitor.query.get("to").to_owned(),
            inputs,
            revises,
        };
        Ok((Some(choosing), why))
    }

    /// The choice to which the school was carried.
    pub fn carried(&self) -> Option<&Choice> {
        let chosen = self.choices.iter().find(|c| c.supervisor == self.to);
        chosen.filter(|choice| !choice.has_it)
    }

    /// How the new plan comes about.
    pub fn how(&self, t: &Frame) -> &'static str {
        if self.revises {
            t.choose_revises
        } else {
            t.choose_solves_anew
        }
    }
}

fn told(choices: Vec<scheduler::SupervisorChoice>, has: &str, t: &Frame) -> Vec<Choice> {
    let choices = choices.into_iter().map(|choice| Choice {
        has_it: has == choice.supervisor,
        may: choice.refusal.is_none(),
        travel: minutes(Some(choice.travel_minutes)),
        rise: choice
            .rise
            .map_or_else(String::new, |rise| format!("{rise:+.0}")),
        against: choice
            .refusal
            .iter()
            .chain(
                choice
                    .breaks
                    .iter()
                    .filter_map(|violation| violation.words.as_ref()),
            )
            .map(|words| said(Some(words), t))
            .collect(),
        supervisor: id(&choice.supervisor).to_owned(),
        display_name: choice.display_name,
    });
    choices.collect()
}

async fn ask(
    visitor: &Visitor,
    plan: &str,
    school: &str,
) -> Result<ExplainZoningPlanResponse, Refusal> {
    let request = scheduler::ExplainZoningPlanRequest {
        name: plan.to_owned(),
        school: school.to_owned(),
    };
    let why = visitor.desk.zonings().explain_zoning_plan(request).await?;
    Ok(why.into_inner())
}

/// What each supervisor would cost a school, while it is being dragged.
pub async fn choices(visitor: Visitor) -> Result<Response, Refusal> {
    let school = format!("{}/schools/{}", visitor.county, visitor.query.get("school"));
    let why = ask(&visitor, &visitor.resource, &school).await?;
    let choices: serde_json::Map<_, _> = told(why.choices, "", &visitor.frame)
        .into_iter()
        .map(|choice| {
            let may = choice.may && choice.against.is_empty();
            let words = format!("{} {}", choice.display_name, choice.words());
            (choice.supervisor, json!({"words": words, "may": may}))
        })
        .collect();
    let body = json!(choices).to_string();
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Why a zoning is as it is.
pub async fn explain(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let plan = read(&visitor).await?;
    let (choosing, why) = Choosing::of(&visitor, &plan).await?;
    let asked = visitor.query.get("school").to_owned();
    let t = visitor.frame;
    let all = || plan.zones.iter().flat_map(|zone| &zone.schools);
    Ok(View(Why {
        schools: all()
            .map(|school| (id(&school.school).to_owned(), school.display_name.clone()))
            .collect(),
        school: asked,
        choosing,
        ticket,
        limits: why
            .limits
            .iter()
            .map(|limit| Limit {
                words: said(limit.words.as_ref(), &t),
                used: format!("{:.0} / {:.0}", limit.used, limit.limit),
                price: limit
                    .price
                    .map_or_else(String::new, |price| format!("{price:.0}")),
            })
            .collect(),
        changes: why
            .changes
            .iter()
            .map(|change| {
                let who = format!("{} → {}", id(&change.before), id(&change.after));
                (
                    change.display_name.clone(),
                    who,
                    said(change.reason.as_ref(), &t),
                )
            })
            .collect(),
        spreads: spread_rows(&why.spreads, &t),
        plan: plan.name,
        t,
    }))
}

/// Two plans side by side: which schools have another supervisor or zone, and why.
pub async fn compare(visitor: Visitor) -> Result<View<compare::Page>, Refusal> {
    let plans = list_rows(&visitor).await?;
    let Some((before, after)) = compare::asked(&visitor, "zoningPlans") else {
        return Ok(View(compare::Page::asking(visitor, "zoningPlans", plans)));
    };
    let both = scheduler::CompareZoningPlansRequest {
        before: before.clone(),
        after: after.clone(),
    };
    let mut zonings = visitor.desk.zonings();
    let (told, why) = tokio::join!(
        zonings.compare_zoning_plans(both),
        ask(&visitor, &after, "")
    );
    let (told, why) = (told?.into_inner(), why?);
    let t = &visitor.frame;
    let moved = told.differences.iter().map(|difference| {
        // The second plan tells why it departs from last year's, or from the zoning that it revises.
        let mut changes = why.changes.iter();
        let reason = changes.find(|change| change.school == difference.subject);
        let school = id(&difference.subject);
        Moved {
            subject: difference.display_name.clone(),
            before: difference.before.clone(),
            after: difference.after.clone(),
            reason: reason.map_or_else(String::new, |c| said(c.reason.as_ref(), t)),
            why: (!difference.after.is_empty())
                .then(|| format!("/{after}/explain?school={school}")),
        }
    });
    let moved = moved.collect();
    let figures = compare::figures(&told, t);
    Ok(View(compare::Page {
        before,
        after,
        figures,
        moved,
        maps: true,
        ..compare::Page::asking(visitor, "zoningPlans", plans)
    }))
}
