//! Visits as those who pay or receive them need them, made for a phone: what is on today and this month, and what a school must answer.

use std::collections::BTreeMap;

use accountability::FindingState;
use askama::Template;
use axum::response::Response;
use chrono::{Datelike as _, Days, Months, NaiveDate};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use inspection::VisitState;

use crate::calendar::{self, Entry};
use crate::desk::PAGE;
use crate::frame::{Frame, View};
use crate::ledger::findings;
use crate::overview::VisitRow;
use crate::refusal::Refusal;
use crate::schools::Finding;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "visits.html")]
struct Agenda {
    t: Frame,
    today: String,
    month: String,
    before: String,
    after: String,
    days: BTreeMap<String, Vec<VisitRow>>,
    on_today: usize,
    /// Whether they are the visitor's own: then they are kept on the device, those up to the end of the week ahead.
    is_own: bool,
    week: String,
}

/// The visits of a month, day by day: a supervisor's own, a school's own, or the county's.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let today = visitor.console.0.clock.today();
    let asked = format!("{}-01", visitor.query.get("month"));
    let first = asked.parse().ok().or_else(|| today.with_day(1));
    let first: NaiveDate = first.unwrap_or(today);
    let next = first + Months::new(1);
    let question = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        start_date: first.to_string(),
        end_date: (next - Days::new(1)).to_string(),
        supervisor: own(&visitor, "/supervisors/"),
        ..Default::default()
    };
    let visits = visitor.desk.all_visits(&question).await?;
    let t = visitor.frame;
    let mut days: BTreeMap<String, Vec<VisitRow>> = BTreeMap::new();
    for visit in visits {
        let day = days.entry(visit.date.clone()).or_default();
        day.push(VisitRow::of(visit, &t));
    }
    let key = |day: NaiveDate| day.format("%Y-%m").to_string();
    Ok(View(Agenda {
        on_today: days.get(&today.to_string()).map_or(0, Vec::len),
        is_own: !question.supervisor.is_empty(),
        week: (today + Days::new(6)).to_string(),
        today: today.to_string(),
        month: key(first),
        before: key(first - Months::new(1)),
        after: key(next),
        days,
        t,
    }))
}

/// The visitor's own visits of the year, or the county's, as calendars read them.
pub async fn calendar(visitor: Visitor) -> Result<Response, Refusal> {
    let year = visitor.console.0.clock.today().year();
    let question = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        start_date: format!("{year}-01-01"),
        supervisor: own(&visitor, "/supervisors/"),
        ..Default::default()
    };
    let visits = visitor.desk.all_visits(&question).await?;
    let t = &visitor.frame;
    let entries = visits.into_iter().map(|visit| {
        let row = VisitRow::of(visit, t);
        Entry {
            title: format!("{} {}", row.kind, row.target_name),
            id: row.name,
            date: row.date,
            days: 1.0,
            place: row.target_name,
            words: row.team,
        }
    });
    Ok(calendar::file(t.visits, entries))
}

/// What of the county is the visitor's own, of this kind; "" for who sees all of it.
pub fn own(visitor: &Visitor, kind: &str) -> String {
    let own = &visitor.session.caller.own;
    own.iter()
        .find(|name| name.contains(kind))
        .cloned()
        .unwrap_or_default()
}

#[derive(Template)]
#[template(path = "duties.html")]
struct Duties {
    t: Frame,
    answers: Vec<Answer>,
    findings: Vec<Finding>,
    coming: Vec<VisitRow>,
}

/// Something that a school or town must answer.
struct Answer {
    due: String,
    late: bool,
    what: &'static str,
    words: String,
    address: String,
}

/// What a school, town or unit must answer, until when.
pub async fn duties(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let (desk, today) = (&visitor.desk, visitor.console.0.clock.today().to_string());
    let visits = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        ..Default::default()
    };
    let mut ledger = desk.ledger();
    let (visits, rows) = tokio::join!(
        desk.all_visits(&visits),
        ledger.list_ledger(accountability::ListLedgerRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            ..Default::default()
        }),
    );
    let t = visitor.frame;
    let (visits, rows) = (visits?, findings(rows?.into_inner().rows, &t));
    let mut answers = Vec::new();
    for visit in &visits {
        let evaluation = visit.self_evaluation.as_ref();
        let preliminary = visit.preliminary.as_ref();
        let due = if visit.state() == VisitState::Notified {
            evaluation.map(|asked| (&asked.due_date, t.step_self_evaluate))
        } else if visit.state() == VisitState::Preliminary {
            preliminary.map(|given| (&given.plea_due_date, t.step_plead))
        } else {
            None
        };
        if let Some((due, what)) = due {
            answers.push(Answer {
                late: !due.is_empty() && *due < today,
                due: due.clone(),
                what,
                words: format!("{} {}", t.inspection_kind(visit.kind()), visit.date),
                address: visit.name.clone(),
            });
        }
    }
    let to_put_right = [
        FindingState::Decided,
        FindingState::Insufficient,
        FindingState::Reopened,
    ];
    for finding in rows
        .iter()
        .filter(|finding| to_put_right.contains(&finding.row.state()))
    {
        answers.push(Answer {
            due: finding.row.limit_date.clone(),
            late: finding.row.overdue_days > 0,
            what: t.step_report,
            words: finding.row.title.clone(),
            address: finding.row.case.clone(),
        });
    }
    answers.sort_by(|a, b| a.due.cmp(&b.due));
    let coming = visits.into_iter().filter(|visit| visit.date >= today);
    Ok(View(Duties {
        answers,
        coming: coming.map(|visit| VisitRow::of(visit, &t)).collect(),
        findings: rows,
        t,
    }))
}
