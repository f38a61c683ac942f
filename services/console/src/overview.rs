//! The county at a glance: coverage, what is due and overdue, the duties of the year.

use askama::Template;
use chrono::{Datelike as _, Days};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use tonic::{Code, Response, Status};

use crate::frame::{Frame, View};
use crate::names::STAGES;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    t: Frame,
    today: String,
    staffing: Option<Staffing>,
    with_supervisor: Option<(usize, usize)>,
    zoning: Option<scheduler::ZoningPlan>,
    years: Vec<scheduler::YearPlan>,
    compliance: Option<Compliance>,
    reminders: Option<Vec<Reminder>>,
    totals: Option<accountability::LedgerTotals>,
    visits: Option<Vec<VisitRow>>,
}

struct Staffing {
    all: registry::Staffing,
    ratio: String,
    stages: Vec<(&'static str, registry::StageStaffing)>,
    uncovered: Vec<String>,
}

struct Compliance {
    all: accountability::Compliance,
    duties: Vec<Duty>,
}

struct Duty {
    title: String,
    state: &'static str,
    mark: &'static str,
    /// What its figure above leads to, and whether it is the first of these.
    group: &'static str,
    first: bool,
    of: accountability::Duty,
}

struct Reminder {
    kind: &'static str,
    mark: &'static str,
    of: accountability::Reminder,
}

/// A visit in a list.
pub struct VisitRow {
    pub name: String,
    pub date: String,
    pub target: String,
    pub target_name: String,
    pub kind: &'static str,
    pub state: &'static str,
    pub team: String,
}

impl VisitRow {
    pub fn of(visit: inspection::Visit, t: &Frame) -> Self {
        let team: Vec<_> = visit.team.iter().map(|m| m.display_name.as_str()).collect();
        Self {
            kind: t.inspection_kind(visit.kind()),
            state: t.visit_state(visit.state()),
            team: team.join("、"),
            name: visit.name,
            date: visit.date,
            target: visit.target,
            target_name: visit.target_name,
        }
    }
}

/// What a service has, or nothing if it can't be reached or the visitor may not see it: the rest of the page stands.
fn at_hand<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Refusal> {
    match answer {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if status.code() == Code::Unauthenticated => Err(status.into()),
        Err(_) => Ok(None),
    }
}

/// The overview.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let (desk, t, today) = (
        &visitor.desk,
        visitor.frame,
        visitor.console.0.clock.today(),
    );
    let parent = visitor.county;
    let visits = inspection::ListVisitsRequest {
        parent: parent.clone(),
        start_date: today.to_string(),
        end_date: (today + Days::new(6)).to_string(),
        ..Default::default()
    };
    let (mut supervisors, mut compliance) = (desk.supervisors(), desk.compliance());
    let (mut reminders, mut totals) = (desk.ledger(), desk.ledger());
    let (staffing, compliance, reminders, totals, visits, zones, zoning, years) = tokio::join!(
        supervisors.get_staffing(registry::GetStaffingRequest {
            parent: parent.clone()
        }),
        compliance.get_compliance(accountability::GetComplianceRequest {
            parent: parent.clone(),
            year: today.year(),
        }),
        reminders.list_reminders(accountability::ListRemindersRequest {
            parent: parent.clone(),
            ..Default::default()
        }),
        totals.get_ledger_totals(accountability::GetLedgerTotalsRequest {
            parent: parent.clone()
        }),
        desk.all_visits(&visits),
        desk.all_zones(&parent),
        desk.active_zoning(&parent),
        desk.active_years(&parent),
    );
    let staffing = at_hand(staffing)?;
    let served = zones.map(|zones| zones.iter().map(|zone| zone.schools.len()).sum());
    let with_supervisor = staffing
        .as_ref()
        .zip(served.ok())
        .map(|(staffing, served)| (served, staffing.schools as usize));
    let mut plans = Vec::new();
    for year in years.unwrap_or_default() {
        let request = scheduler::GetYearPlanRequest { name: year.name };
        plans.extend(at_hand(desk.years().get_year_plan(request).await)?);
    }
    Ok(View(Page {
        today: today.to_string(),
        with_supervisor,
        staffing: staffing.map(|all| staffing_rows(all, &t)),
        zoning: zoning.ok().flatten(),
        years: plans,
        compliance: at_hand(compliance)?.map(|all| duties(all, &t)),
        reminders: at_hand(reminders)?.map(|all| due(all, &t)),
        totals: at_hand(totals)?,
        visits: visits
            .ok()
            .map(|visits| visits.into_iter().map(|v| VisitRow::of(v, &t)).collect()),
        t,
    }))
}

fn staffing_rows(mut all: registry::Staffing, t: &Frame) -> Staffing {
    let stages = std::mem::take(&mut all.stages);
    let rows = STAGES.iter().filter_map(|stage| {
        let row = stages.iter().find(|row| row.stage() == *stage)?;
        Some((t.stage(*stage), *row))
    });
    Staffing {
        ratio: format!("{:.1}", all.schools_per_supervisor),
        stages: rows.collect(),
        uncovered: std::mem::take(&mut all.uncovered_schools),
        all,
    }
}

fn duties(mut all: accountability::Compliance, t: &Frame) -> Compliance {
    use accountability::DutyState;
    let duties = std::mem::take(&mut all.duties).into_iter().map(|duty| {
        let (mark, group) = match duty.state() {
            DutyState::Overdue => ("bad", "overdue"),
            DutyState::Done => ("good", "done"),
            DutyState::Due | DutyState::Unspecified => ("soon", "due"),
        };
        Duty {
            title: t.pick(&duty.title, &duty.title_en).clone(),
            state: t.duty_state(duty.state()),
            mark,
            group,
            first: false,
            of: duty,
        }
    });
    let mut duties: Vec<_> = duties.collect();
    // What is overdue comes first, then what is due.
    duties.sort_by_key(|duty| match duty.mark {
        "bad" => 0,
        "soon" => 1,
        _ => 2,
    });
    let mut before = "";
    for duty in &mut duties {
        duty.first = std::mem::replace(&mut before, duty.group) != duty.group;
    }
    Compliance { all, duties }
}

fn due(all: accountability::ListRemindersResponse, t: &Frame) -> Vec<Reminder> {
    use accountability::ReminderKind;
    all.reminders
        .into_iter()
        .map(|reminder| Reminder {
            kind: t.reminder_kind(reminder.kind()),
            mark: match reminder.kind() {
                ReminderKind::Overdue | ReminderKind::Today => "bad",
                ReminderKind::Approaching | ReminderKind::Unspecified => "soon",
            },
            of: reminder,
        })
        .collect()
}
