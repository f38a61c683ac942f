//! A new zoning: how to solve, and what is settled before.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::scheduler::v1 as scheduler;
use http::StatusCode;
use scheduler::zoning_pin::{Assign, Pair, Pin};
use scheduler::{ZoningPin, ZoningPlan};

use crate::desk::id;
use crate::fields::{Fields, Wrongs};
use crate::frame::{Frame, View};
use crate::plans;
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};

#[derive(Template)]
#[template(path = "zoning_new.html")]
struct New {
    t: Frame,
    ticket: String,
    fields: Fields,
    pins: Vec<(String, String)>,
    schools: Vec<(String, String)>,
    supervisors: Vec<(String, String)>,
    in_force: bool,
    wrongs: Wrongs,
}

/// Fields of the form that a service may find fault with.
const SHOWN: [&str; 9] = [
    "seconds",
    "gap",
    "effective_date",
    "routine_travel",
    "team_travel",
    "imbalance",
    "change",
    "town_cut",
    "pins",
];

/// Asks how to solve; `from` names a plan whose inputs to begin with.
pub async fn ask(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let mut fields = visitor.query.clone();
    if !fields.get("from").is_empty() {
        let name = format!("{}/zoningPlans/{}", visitor.county, fields.get("from"));
        let request = scheduler::GetZoningPlanRequest { name };
        let plan = visitor.desk.zonings().get_zoning_plan(request).await?;
        fields.0.extend(inputs(&plan.into_inner()).0);
    }
    Ok(View(form(visitor, fields, Wrongs::default()).await?))
}

/// What a plan was solved by, as the form says it.
pub(super) fn inputs(plan: &ZoningPlan) -> Fields {
    let mut fields = Fields::default();
    let weights = plan.weights.unwrap_or_default();
    let weights = [
        ("routine_travel", weights.routine_travel),
        ("team_travel", weights.team_travel),
        ("imbalance", weights.imbalance),
        ("change", weights.change),
        ("town_cut", weights.town_cut),
    ];
    plans::begin_with(&mut fields, plan.limits, weights, plan.include_unqualified);
    fields.put("effective_date", plan.effective_date.clone());
    let pins = plan.pins.iter().filter_map(write_pin);
    fields.0.extend(pins.map(|pin| ("pin".to_owned(), pin)));
    fields
}

async fn form(visitor: Visitor, fields: Fields, wrongs: Wrongs) -> Result<New, Refusal> {
    let (desk, t) = (&visitor.desk, visitor.frame);
    let (schools, supervisors, zoning) = tokio::join!(
        desk.all_schools(&visitor.county, false),
        desk.all_supervisors(&visitor.county, false),
        desk.active_zoning(&visitor.county),
    );
    let schools: Vec<_> = schools?
        .into_iter()
        .map(|school| (id(&school.name).to_owned(), school.display_name))
        .collect();
    let supervisors: Vec<_> = supervisors?
        .into_iter()
        .map(|supervisor| (id(&supervisor.name).to_owned(), supervisor.display_name))
        .collect();
    let named = |code: &str| {
        let mut all = schools.iter().chain(&supervisors);
        let known = all.find(|(known, _)| known == code);
        known.map_or_else(|| code.to_owned(), |(_, name)| format!("{name} {code}"))
    };
    // One that can't be read stands as it came, with a word about it above.
    let pins = fields.all("pin").map(|pin| {
        let words = parts(pin).and_then(|(kind, first, second)| {
            let what = match kind {
                "assign" => t.pin_assign,
                "forbid" => t.pin_forbid,
                "together" => t.pin_together,
                "apart" => t.pin_apart,
                _ => return None,
            };
            Some(format!("{what}：{} — {}", named(first), named(second)))
        });
        (pin.to_owned(), words.unwrap_or_else(|| pin.to_owned()))
    });
    Ok(New {
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        pins: pins.collect(),
        in_force: zoning?.is_some(),
        schools,
        supervisors,
        fields,
        wrongs,
        t,
    })
}

/// `assign:S1=A` taken apart.
fn parts(pin: &str) -> Option<(&str, &str, &str)> {
    let (kind, pair) = pin.split_once(':')?;
    let (first, second) = pair.split_once('=')?;
    Some((kind, first, second))
}

fn read_pin(county: &str, pin: &str) -> Option<ZoningPin> {
    let (kind, first, second) = parts(pin)?;
    if first.is_empty() || second.is_empty() {
        return None;
    }
    let school = format!("{county}/schools/{first}");
    let assign = |school| Assign {
        school,
        supervisor: format!("{county}/supervisors/{second}"),
    };
    let pair = |first| Pair {
        first,
        second: format!("{county}/schools/{second}"),
    };
    let pin = match kind {
        "assign" => Pin::Assign(assign(school)),
        "forbid" => Pin::Forbid(assign(school)),
        "together" => Pin::Together(pair(school)),
        "apart" => Pin::Apart(pair(school)),
        _ => return None,
    };
    Some(ZoningPin { pin: Some(pin) })
}

fn write_pin(pin: &ZoningPin) -> Option<String> {
    let (kind, first, second) = match pin.pin.as_ref()? {
        Pin::Assign(Assign { school, supervisor }) => ("assign", school, supervisor),
        Pin::Forbid(Assign { school, supervisor }) => ("forbid", school, supervisor),
        Pin::Together(Pair { first, second }) => ("together", first, second),
        Pin::Apart(Pair { first, second }) => ("apart", first, second),
    };
    Some(format!("{kind}:{}={}", id(first), id(second)))
}

/// Begins a solve.
pub async fn create(posted: Posted) -> Result<Response, Refusal> {
    let Posted {
        visitor,
        mut fields,
    } = posted;
    let mut wrongs = Wrongs::default();
    let mut number = |name| fields.decimal(name, &mut wrongs, &visitor.frame);
    let weights = scheduler::ZoningWeights {
        routine_travel: number("routine_travel"),
        team_travel: number("team_travel"),
        imbalance: number("imbalance"),
        change: number("change"),
        town_cut: number("town_cut"),
    };
    let limits = plans::limits(&fields, &mut wrongs, &visitor.frame);
    let (kind, first, second) = (
        fields.get("pin_kind"),
        fields.get("pin_first").trim(),
        fields.get("pin_second").trim(),
    );
    if !first.is_empty() || !second.is_empty() {
        let added = format!("{kind}:{first}={second}");
        fields.put("pin", added);
        fields
            .0
            .retain(|(name, _)| name != "pin_first" && name != "pin_second");
    }
    let pins = plans::read_pins(&fields, &mut wrongs, &visitor.frame, |pin| {
        read_pin(&visitor.county, pin)
    });
    if !wrongs.none() {
        let page = View(form(visitor, fields, wrongs).await?);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let request = scheduler::CreateZoningPlanRequest {
        parent: visitor.county.clone(),
        zoning_plan: Some(ZoningPlan {
            limits: Some(limits),
            weights: Some(weights),
            pins,
            include_unqualified: fields.ticked("include_unqualified"),
            effective_date: fields.get("effective_date").to_owned(),
            revise: fields.ticked("revise"),
            ..Default::default()
        }),
        request_id: fields.get("ticket").to_owned(),
    };
    match visitor.desk.zonings().create_zoning_plan(request).await {
        Ok(plan) => Ok(Redirect::to(&format!("/{}", plan.into_inner().name)).into_response()),
        Err(status) => {
            let wrongs = Wrongs::of(&status, &SHOWN, &visitor.frame)?;
            let page = View(form(visitor, fields, wrongs).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
