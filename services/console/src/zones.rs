//! Zoning plans: the list, a new solve, a plan on its map, why it is so, and its way into force.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::registry::v1::Place;
use dudao_proto::scheduler::v1 as scheduler;
use futures::StreamExt as _;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use scheduler::zoning_pin::{Assign, Pair, Pin};
use scheduler::{PlanState, PlannedSchool, PlannedZone, ZoningPin, ZoningPlan};
use serde_json::json;

use crate::cells::{self, Cell, cells, colours};
use crate::desk::{PAGE, id};
use crate::fields::{Fields, Wrongs};
use crate::frame::{Frame, View};
use crate::names::STAGES;
use crate::plans::{Report, Row, follow, mark, minutes, moment, said, under_way};
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};

#[derive(Template)]
#[template(path = "zonings.html")]
struct List {
    t: Frame,
    plans: Vec<Row>,
}

/// The list of plans.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let request = scheduler::ListZoningPlansRequest {
        parent: visitor.county,
        page_size: PAGE,
        ..Default::default()
    };
    let plans = visitor.desk.zonings().list_zoning_plans(request).await?;
    let (t, plans) = (visitor.frame, plans.into_inner().zoning_plans.into_iter());
    let plans = plans.map(|plan| {
        let (created, report) = (plan.create_time.as_ref(), plan.report.as_ref());
        Row::of(plan.name.clone(), 0, plan.state(), created, report, &t)
    });
    let plans = plans.collect();
    Ok(View(List { t, plans }))
}

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
        begin_with(&mut fields, &plan.into_inner());
    }
    Ok(View(form(visitor, fields, Wrongs::default()).await?))
}

fn begin_with(fields: &mut Fields, plan: &ZoningPlan) {
    let weights = plan.weights.unwrap_or_default();
    let limits = plan.limits.unwrap_or_default();
    let kept = [
        ("routine_travel", weights.routine_travel),
        ("team_travel", weights.team_travel),
        ("imbalance", weights.imbalance),
        ("change", weights.change),
        ("town_cut", weights.town_cut),
        ("gap", limits.gap.map(|gap| gap * 100.0)),
        (
            "seconds",
            Some(limits.seconds).filter(|seconds| *seconds > 0.0),
        ),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            fields.0.push((name.to_owned(), value.to_string()));
        }
    }
    let date = ("effective_date".to_owned(), plan.effective_date.clone());
    fields.0.push(date);
    if plan.include_unqualified {
        fields
            .0
            .push(("include_unqualified".to_owned(), "1".to_owned()));
    }
    let pins = plan.pins.iter().filter_map(write_pin);
    fields.0.extend(pins.map(|pin| ("pin".to_owned(), pin)));
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
    let pins = fields.all("pin").filter_map(|pin| {
        let (kind, first, second) = parts(pin)?;
        let what = match kind {
            "assign" => t.pin_assign,
            "forbid" => t.pin_forbid,
            "together" => t.pin_together,
            _ => t.pin_apart,
        };
        Some((
            pin.to_owned(),
            format!("{}：{} — {}", what, named(first), named(second)),
        ))
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
    let Posted { visitor, fields } = posted;
    let mut wrongs = Wrongs::default();
    let mut number = |name: &str| {
        let text = fields.get(name).trim();
        let value = text.parse::<f64>().ok();
        if value.is_none() && !text.is_empty() {
            wrongs.add(name, visitor.frame.not_a_number);
        }
        value
    };
    let weights = scheduler::ZoningWeights {
        routine_travel: number("routine_travel"),
        team_travel: number("team_travel"),
        imbalance: number("imbalance"),
        change: number("change"),
        town_cut: number("town_cut"),
    };
    let limits = scheduler::SolveLimits {
        seconds: number("seconds").unwrap_or(0.0),
        gap: number("gap").map(|gap| gap / 100.0),
        ..Default::default()
    };
    let mut fields = fields;
    let (kind, first, second) = (
        fields.get("pin_kind"),
        fields.get("pin_first").trim(),
        fields.get("pin_second").trim(),
    );
    if !first.is_empty() || !second.is_empty() {
        let added = format!("{kind}:{first}={second}");
        fields.0.push(("pin".to_owned(), added));
        fields
            .0
            .retain(|(name, _)| name != "pin_first" && name != "pin_second");
    }
    if !wrongs.none() {
        let page = View(form(visitor, fields, wrongs).await?);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let pins = fields
        .all("pin")
        .filter_map(|pin| read_pin(&visitor.county, pin));
    let request = scheduler::CreateZoningPlanRequest {
        parent: visitor.county.clone(),
        zoning_plan: Some(ZoningPlan {
            limits: Some(limits),
            weights: Some(weights),
            pins: pins.collect(),
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
    let t = visitor.frame;
    let colours = Land::of(&plan).colours;
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
            .map(|stage| (stage_class(stage.as_str_name()), t.stage(*stage)))
            .collect(),
        plan,
        ticket,
        t,
    }))
}

/// `primary` of `STAGE_PRIMARY`; how styles call it.
fn stage_class(name: &'static str) -> &'static str {
    name.trim_start_matches("STAGE_")
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

/// So many colours of zones there are; styles and the map know them by number.
const COLOURS: usize = 8;

/// A plan's schools that have a place, each with its zone and area, and the colours of the zones.
struct Land<'a> {
    schools: Vec<(usize, &'a PlannedSchool, cells::Point)>,
    areas: Vec<Cell>,
    colours: Vec<usize>,
}

impl<'a> Land<'a> {
    fn of(plan: &'a ZoningPlan) -> Self {
        let schools = plan.zones.iter().enumerate().flat_map(|(zone, planned)| {
            let schools = planned.schools.iter();
            schools.filter_map(move |school| Some((zone, school, at(school.place.as_ref())?)))
        });
        let schools: Vec<_> = schools.collect();
        let places: Vec<_> = schools.iter().map(|(.., place)| *place).collect();
        let zones: Vec<_> = schools.iter().map(|(zone, ..)| *zone).collect();
        let areas = cells(&places, &zones);
        Self {
            colours: colours(&areas, &zones, plan.zones.len(), COLOURS),
            schools,
            areas,
        }
    }
}

/// Degrees east and north.
fn at(place: Option<&Place>) -> Option<cells::Point> {
    place.map(|place| [place.longitude, place.latitude])
}

/// What the map shows: areas with their borders, schools, bases.
pub async fn map(visitor: Visitor) -> Result<Response, Refusal> {
    let plan = read(&visitor).await?;
    let t = visitor.frame;
    let land = Land::of(&plan);
    let zones = plan.zones.iter().enumerate().map(|(at_zone, zone)| {
        let own = || {
            let cells = land.areas.iter().zip(&land.schools);
            cells.filter(move |(_, (zone, ..))| *zone == at_zone)
        };
        let supervisors = zone.supervisors.iter().map(|s| s.display_name.as_str());
        let supervisors = supervisors.collect::<Vec<_>>().join("、");
        let schools = zone.schools.len();
        json!({
            "name": zone.display_name, "colour": land.colours[at_zone],
            "areas": own().map(|(cell, _)| &cell.corners).collect::<Vec<_>>(),
            "borders": own().flat_map(|(cell, _)| &cell.borders).collect::<Vec<_>>(),
            "words": format!("{} · {} {schools} · {supervisors}", zone.display_name, t.schools),
        })
    });
    let names: BTreeMap<_, _> = plan
        .zones
        .iter()
        .flat_map(|zone| &zone.supervisors)
        .map(|s| (s.supervisor.as_str(), s.display_name.as_str()))
        .collect();
    let schools = land.schools.iter().map(|(_, school, place)| {
        let supervisor = names.get(school.supervisor.as_str()).copied().unwrap_or_default();
        json!({
            "at": place, "stage": stage_class(school.stage().as_str_name()),
            "words": format!("{} · {} · {supervisor}", school.display_name, t.stage(school.stage())),
            "why": format!("/{}/explain?school={}", plan.name, id(&school.school)),
        })
    });
    let bases = plan.zones.iter().flat_map(|zone| &zone.supervisors);
    let bases =
        bases.filter_map(|s| Some(json!({"at": at(s.base.as_ref())?, "words": s.display_name})));
    let map = json!({
        "zones": zones.collect::<Vec<_>>(), "schools": schools.collect::<Vec<_>>(), "bases": bases.collect::<Vec<_>>(),
        "tiles": visitor.console.0.settings.tiles,
    });
    Ok(([(CONTENT_TYPE, "application/json")], map.to_string()).into_response())
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
    let (etag, request_id) = (
        fields.get("etag").to_owned(),
        fields.get("ticket").to_owned(),
    );
    let mut plans = visitor.desk.zonings();
    macro_rules! step {
        ($rpc:ident, $request:ident) => {
            plans
                .$rpc(scheduler::$request {
                    name: name.clone(),
                    etag,
                    request_id,
                })
                .await?
        };
    }
    match verb.as_str() {
        "cancel" => step!(cancel_zoning_plan, CancelZoningPlanRequest),
        "approve" => step!(approve_zoning_plan, ApproveZoningPlanRequest),
        "activate" => step!(activate_zoning_plan, ActivateZoningPlanRequest),
        "supersede" => step!(supersede_zoning_plan, SupersedeZoningPlanRequest),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Redirect::to(&format!("/{name}")))
}

#[derive(Template)]
#[template(path = "zoning_why.html")]
struct Why {
    t: Frame,
    plan: String,
    schools: Vec<(String, String)>,
    school: String,
    school_name: String,
    choices: Vec<Choice>,
    limits: Vec<Limit>,
    changes: Vec<(String, String, String)>,
    spreads: Vec<Spread>,
}

struct Choice {
    supervisor: String,
    display_name: String,
    travel: String,
    rise: String,
    against: Vec<String>,
    has_it: bool,
    may: bool,
}

struct Limit {
    words: String,
    used: String,
    price: String,
}

/// How evenly something is spread.
pub struct Spread {
    pub what: &'static str,
    pub least: String,
    pub mean: String,
    pub most: String,
    pub gini: String,
}

/// Spreads, in the page's language.
pub fn spread_rows(spreads: &[scheduler::Spread], t: &Frame) -> Vec<Spread> {
    spreads
        .iter()
        .map(|spread| Spread {
            what: match spread.quantity.as_str() {
                "schools" => t.spread_schools,
                "days" => t.spread_days,
                "travel_minutes" => t.spread_travel,
                _ => t.spread_visits,
            },
            least: format!("{:.1}", spread.least),
            mean: format!("{:.1}", spread.mean),
            most: format!("{:.1}", spread.most),
            gini: format!("{:.3}", spread.gini),
        })
        .collect()
}

/// Why a zoning is as it is.
pub async fn explain(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let plan = read(&visitor).await?;
    let asked = visitor.query.get("school").trim();
    let school = if asked.is_empty() {
        String::new()
    } else {
        format!("{}/schools/{asked}", visitor.county)
    };
    let request = scheduler::ExplainZoningPlanRequest {
        name: plan.name.clone(),
        school: school.clone(),
    };
    let why = visitor.desk.zonings().explain_zoning_plan(request).await?;
    let (why, t) = (why.into_inner(), visitor.frame);
    let all = || plan.zones.iter().flat_map(|zone| &zone.schools);
    let now = all().find(|known| known.school == school);
    let choices = why.choices.into_iter().map(|choice| Choice {
        has_it: now.is_some_and(|school| school.supervisor == choice.supervisor),
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
            .map(|words| said(Some(words), &t))
            .collect(),
        supervisor: id(&choice.supervisor).to_owned(),
        display_name: choice.display_name,
    });
    Ok(View(Why {
        school_name: now.map_or_else(String::new, |school| school.display_name.clone()),
        schools: all()
            .map(|school| (id(&school.school).to_owned(), school.display_name.clone()))
            .collect(),
        school: asked.to_owned(),
        choices: choices.collect(),
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
