//! Year plans: the list, the year as a calendar, as loads and as a list, and its way into force.

mod form;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Datelike as _, Days, NaiveDate};
use dudao_proto::scheduler::v1 as scheduler;
use futures::StreamExt as _;
use scheduler::{ItemKind, PlanState, PlannedVisit, YearPlan};

pub use form::{ask, create};
pub use why::explain;

use crate::desk::{PAGE, id};
use crate::fields::Fields;
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::plans::{Report, Row, follow, mark, moment, step, under_way};
use crate::refusal::Refusal;
use crate::schools::{ROWS, found};
use crate::visitor::{Posted, Visitor};
use crate::workbook;

#[derive(Template)]
#[template(path = "years.html")]
struct List {
    t: Frame,
    plans: Vec<Row>,
}

/// The list of plans.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let request = scheduler::ListYearPlansRequest {
        parent: visitor.county,
        page_size: PAGE,
        ..Default::default()
    };
    let plans = visitor.desk.years().list_year_plans(request).await?;
    let (t, plans) = (visitor.frame, plans.into_inner().year_plans.into_iter());
    let plans = plans.map(|plan| {
        let (created, report) = (plan.create_time.as_ref(), plan.report.as_ref());
        Row::of(
            plan.name.clone(),
            plan.year,
            plan.state(),
            created,
            report,
            &t,
        )
    });
    let plans = plans.collect();
    Ok(View(List { t, plans }))
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
}

/// How the year is looked at.
enum Look {
    Month(Vec<Vec<Day>>),
    Week(Vec<Day>, i32),
    Load(Vec<Load>),
    List {
        query: Fields,
        part: Part<Visit>,
        towns: BTreeSet<String>,
        supervisors: BTreeMap<String, String>,
    },
}

/// A month in the strip above the calendar.
struct Month {
    key: String,
    number: u32,
    visits: usize,
    here: bool,
}

/// A day of the calendar.
struct Day {
    date: String,
    number: u32,
    outside: bool,
    visits: Vec<Visit>,
}

/// A visit on a page.
#[derive(Clone)]
struct Visit {
    id: String,
    date: String,
    week: i32,
    class: &'static str,
    kind: &'static str,
    target: String,
    display_name: String,
    town: String,
    team: String,
    days: f64,
}

/// A supervisor's weeks.
struct Load {
    name: String,
    display_name: String,
    weeks: Vec<(usize, String)>,
    days: String,
    visits: i32,
}

impl Page {
    fn is(&self, state: PlanState) -> bool {
        self.plan.state() == state
    }

    fn looks(&self, at: &str) -> bool {
        at == match self.look {
            Look::Month(_) => "month",
            Look::Week(..) => "week",
            Look::Load(_) => "load",
            Look::List { .. } => "list",
        }
    }
}

impl Visit {
    fn of(visit: &PlannedVisit, t: &Frame) -> Self {
        Self {
            id: visit.visit_id.clone(),
            date: visit.date.clone(),
            week: visit.week,
            class: class(visit.kind()),
            kind: t.item_kind(visit.kind()),
            target: visit.target.clone(),
            display_name: visit.display_name.clone(),
            town: visit.town.clone(),
            team: visit.team_names.join("、"),
            days: visit.days,
        }
    }
}

const KINDS: [ItemKind; 5] = [
    ItemKind::Routine,
    ItemKind::Comprehensive,
    ItemKind::Government,
    ItemKind::Special,
    ItemKind::FollowUp,
];

fn class(kind: ItemKind) -> &'static str {
    kind.as_str_name().trim_start_matches("ITEM_KIND_")
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
    let (t, query) = (visitor.frame, visitor.query);
    let asked = match query.get("month") {
        // The plan's first visits, or where the year stands.
        "" if plan.year == today.year() => today.format("%Y-%m").to_string(),
        "" => plan
            .visits
            .first()
            .map_or_else(String::new, |visit| visit.date.chars().take(7).collect()),
        month => month.to_owned(),
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for visit in &plan.visits {
        *counts
            .entry(visit.date.chars().take(7).collect())
            .or_default() += 1;
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
    let kinds = KINDS
        .iter()
        .filter(|kind| plan.visits.iter().any(|v| v.kind() == **kind));
    Ok(View(Page {
        months: months.collect(),
        kinds: kinds
            .map(|kind| (class(*kind), t.item_kind(*kind)))
            .collect(),
        look: match query.get("view") {
            "load" => Look::Load(loads(&plan)),
            "list" => listed(&plan, query, &t),
            "week" => week(&plan, query.number("week").unwrap_or(1), &t),
            _ => Look::Month(month(&plan, &asked, &t)),
        },
        state: t.plan_state(plan.state()),
        mark: mark(plan.state()),
        created: moment(plan.create_time.as_ref()),
        under_way: under_way(plan.state()),
        report: Report::of(plan.report.as_ref(), &plan.left_out, &t),
        plan,
        ticket,
        t,
    }))
}

fn day(plan: &YearPlan, date: NaiveDate, outside: bool, t: &Frame) -> Day {
    let text = date.to_string();
    let visits = plan.visits.iter().filter(|visit| visit.date == text);
    Day {
        number: date.day(),
        outside,
        visits: visits.map(|visit| Visit::of(visit, t)).collect(),
        date: text,
    }
}

/// The weeks of a month, from Monday to Sunday.
fn month(plan: &YearPlan, asked: &str, t: &Frame) -> Vec<Vec<Day>> {
    let first = format!("{asked}-01").parse::<NaiveDate>().ok();
    let first = first.or_else(|| NaiveDate::from_ymd_opt(plan.year, 1, 1));
    let Some(first) = first else {
        return Vec::new();
    };
    let monday = first - Days::new(first.weekday().num_days_from_monday().into());
    let mondays = (0..6).map(|week| monday + Days::new(7 * week));
    mondays
        .filter(|monday| *monday + Days::new(6) >= first)
        .take_while(|monday| (monday.year(), monday.month()) <= (first.year(), first.month()))
        .map(|monday| {
            let days = (0..7).map(|ahead| monday + Days::new(ahead));
            days.map(|date| day(plan, date, date.month() != first.month(), t))
                .collect()
        })
        .collect()
}

fn week(plan: &YearPlan, number: i32, t: &Frame) -> Look {
    let known = plan.weeks.iter().find(|week| week.week == number);
    let monday = known.and_then(|week| week.start_date.parse::<NaiveDate>().ok());
    let days = monday.map_or_else(Vec::new, |monday| {
        let days = (0..7).map(|ahead| monday + Days::new(ahead));
        days.map(|date| day(plan, date, false, t)).collect()
    });
    Look::Week(days, number)
}

/// A step of the heat map's colours for every half day in a week.
fn heat(days: f64) -> usize {
    ((2.0 * days).ceil() as usize).min(5)
}

fn loads(plan: &YearPlan) -> Vec<Load> {
    plan.loads
        .iter()
        .map(|load| Load {
            name: load.supervisor.clone(),
            display_name: load.display_name.clone(),
            weeks: load
                .days_by_week
                .iter()
                .map(|days| (heat(*days), format!("{days}")))
                .collect(),
            days: format!("{:.1} / {:.0}", load.days, load.max_days),
            visits: load.visits,
        })
        .collect()
}

fn listed(plan: &YearPlan, query: Fields, t: &Frame) -> Look {
    let towns = plan.visits.iter().map(|visit| visit.town.clone());
    let towns = towns.filter(|town| !town.is_empty()).collect();
    let supervisors = plan.loads.iter();
    let supervisors =
        supervisors.map(|load| (id(&load.supervisor).to_owned(), load.display_name.clone()));
    let wanted = |visit: &&PlannedVisit| {
        let (kind, town, month) = (query.get("kind"), query.get("town"), query.get("month"));
        let who = query.get("supervisor");
        (kind.is_empty() || class(visit.kind()) == kind)
            && (town.is_empty() || visit.town == town)
            && (month.is_empty() || visit.date.starts_with(month))
            && (who.is_empty() || visit.team.iter().any(|name| id(name) == who))
            && found(
                query.get("q"),
                &[&visit.display_name, id(&visit.target), &visit.visit_id],
            )
    };
    let visits = plan
        .visits
        .iter()
        .filter(wanted)
        .map(|visit| Visit::of(visit, t));
    Look::List {
        part: Part::of(visits.collect(), query.number("page"), ROWS),
        supervisors: supervisors.collect(),
        towns,
        query,
    }
}

/// The visits as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let plan = read(&visitor).await?;
    let t = &visitor.frame;
    let headings = [
        t.date,
        t.kind,
        t.school,
        t.town,
        t.team,
        t.days_used,
        t.code,
    ];
    let rows = plan.visits.iter().map(|visit| {
        let visit = Visit::of(visit, t);
        vec![
            visit.date.into(),
            visit.kind.into(),
            visit.display_name.into(),
            visit.town.into(),
            visit.team.into(),
            visit.days.into(),
            visit.id.into(),
        ]
    });
    let name = format!("{} {}", t.year_plan, plan.year);
    sheet(&name, workbook::list(&name, &headings, rows))
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
