//! A new year plan: how to solve, and which visits are settled before.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Datelike as _, NaiveDate};
use dudao_proto::scheduler::v1 as scheduler;
use http::StatusCode;
use scheduler::{VisitPin, YearPlan};

use crate::desk::id;
use crate::fields::{Fields, Wrongs};
use crate::frame::{Frame, View};
use crate::plans;
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};

#[derive(Template)]
#[template(path = "year_new.html")]
struct New {
    t: Frame,
    ticket: String,
    fields: Fields,
    wrongs: Wrongs,
    /// Years of the plans in force.
    in_force: Vec<i32>,
}

const SHOWN: [&str; 8] = [
    "year", "seconds", "gap", "travel", "peak", "lateness", "change", "pins",
];

/// Asks how to solve; `from` names a plan whose inputs to begin with.
pub async fn ask(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let mut fields = visitor.query.clone();
    if let Some(plan) = begun_with(&visitor, &fields).await? {
        fields.0.extend(inputs(&plan).0);
    } else if fields.get("year").is_empty() {
        let next = visitor.console.0.clock.today().year() + 1;
        fields.put("year", next.to_string());
    }
    Ok(View(form(visitor, fields, Wrongs::default()).await?))
}

/// What a plan was solved by, as the form says it.
pub(super) fn inputs(plan: &YearPlan) -> Fields {
    let mut fields = Fields::default();
    let weights = plan.weights.unwrap_or_default();
    let weights = [
        ("travel", weights.travel),
        ("peak", weights.peak),
        ("lateness", weights.lateness),
        ("change", weights.change),
    ];
    plans::begin_with(&mut fields, plan.limits, weights, plan.include_unqualified);
    fields.put("year", plan.year.to_string());
    let pins = plan.pins.iter().map(write_pin);
    fields.0.extend(pins.map(|pin| ("pin".to_owned(), pin)));
    fields
}

async fn begun_with(visitor: &Visitor, fields: &Fields) -> Result<Option<YearPlan>, Refusal> {
    if fields.get("from").is_empty() {
        return Ok(None);
    }
    let name = format!("{}/yearPlans/{}", visitor.county, fields.get("from"));
    let request = scheduler::GetYearPlanRequest { name };
    let plan = visitor.desk.years().get_year_plan(request).await?;
    Ok(Some(plan.into_inner()))
}

async fn form(visitor: Visitor, fields: Fields, wrongs: Wrongs) -> Result<New, Refusal> {
    let in_force = visitor.desk.active_years(&visitor.county).await?;
    Ok(New {
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        in_force: in_force.iter().map(|plan| plan.year).collect(),
        fields,
        wrongs,
        t: visitor.frame,
    })
}

/// `visit=2027-03-05=A,B`.
fn write_pin(pin: &VisitPin) -> String {
    let team: Vec<_> = pin.team.iter().map(|name| id(name)).collect();
    let team = if team.is_empty() {
        String::new()
    } else {
        format!("={}", team.join(","))
    };
    format!("{}={}{team}", pin.visit_id, pin.date)
}

fn read_pin(county: &str, pin: &str) -> Option<VisitPin> {
    let (visit, rest) = pin.split_once('=')?;
    let (date, team) = rest.split_once('=').unwrap_or((rest, ""));
    date.trim().parse::<NaiveDate>().ok()?;
    let team = team.split(',').map(str::trim).filter(|id| !id.is_empty());
    Some(VisitPin {
        visit_id: visit.trim().to_owned(),
        date: date.trim().to_owned(),
        team: team
            .map(|id| format!("{county}/supervisors/{id}"))
            .collect(),
    })
}

/// Begins a solve.
pub async fn create(posted: Posted) -> Result<Response, Refusal> {
    let Posted {
        visitor,
        mut fields,
    } = posted;
    let mut wrongs = Wrongs::default();
    let mut number = |name| fields.decimal(name, &mut wrongs, &visitor.frame);
    let weights = scheduler::YearWeights {
        travel: number("travel"),
        peak: number("peak"),
        lateness: number("lateness"),
        change: number("change"),
    };
    let year = number("year").unwrap_or(0.0) as i32;
    let limits = plans::limits(&fields, &mut wrongs, &visitor.frame);
    let (visit, date) = (
        fields.get("pin_visit").trim(),
        fields.get("pin_date").trim(),
    );
    if !visit.is_empty() {
        let added = format!("{visit}={date}");
        fields.put("pin", added);
        fields
            .0
            .retain(|(name, _)| name != "pin_visit" && name != "pin_date");
    }
    // A visit is in one place: the last word about it counts.
    let mut last: Vec<(String, String)> = Vec::new();
    for pin in fields.all("pin") {
        let visit = pin.split('=').next().unwrap_or(pin);
        last.retain(|(known, _)| known != visit);
        last.push((visit.to_owned(), pin.to_owned()));
    }
    fields.0.retain(|(name, _)| name != "pin");
    fields
        .0
        .extend(last.into_iter().map(|(_, pin)| ("pin".to_owned(), pin)));
    let pins = plans::read_pins(&fields, &mut wrongs, &visitor.frame, |pin| {
        read_pin(&visitor.county, pin)
    });
    if !wrongs.none() {
        let page = View(form(visitor, fields, wrongs).await?);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let revise = fields.ticked("revise");
    // A revision goes on with the list in force; anything else begins with that of its example.
    let items = if revise {
        Vec::new()
    } else {
        let example = begun_with(&visitor, &fields).await?;
        example.map_or_else(Vec::new, |plan| plan.items)
    };
    let request = scheduler::CreateYearPlanRequest {
        parent: visitor.county.clone(),
        year_plan: Some(YearPlan {
            year,
            items,
            revise,
            limits: Some(limits),
            weights: Some(weights),
            pins,
            include_unqualified: fields.ticked("include_unqualified"),
            ..Default::default()
        }),
        request_id: fields.get("ticket").to_owned(),
    };
    match visitor.desk.years().create_year_plan(request).await {
        Ok(plan) => Ok(Redirect::to(&format!("/{}", plan.into_inner().name)).into_response()),
        Err(status) => {
            let wrongs = Wrongs::of(&status, &SHOWN, &visitor.frame)?;
            let page = View(form(visitor, fields, wrongs).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
