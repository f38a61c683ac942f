//! Accountability decisions (问责): from the opening to what became of them, with review and appeal.

use accountability::{
    AccountabilityDecision, AccountabilityState, AccountabilityTrigger, DecisionContent, Remedy,
    RemedyOutcome, SubjectKind,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::accountability::v1 as accountability;
use http::StatusCode;

use crate::desk::{PAGE, all};
use crate::fields::Fields;
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::import::sheet;
use crate::objects::objects;
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};
use crate::workbook;

mod forms;
mod steps;

use forms::forms;
use steps::take;

const TRIGGERS: [AccountabilityTrigger; 4] = [
    AccountabilityTrigger::TaskUnfinished,
    AccountabilityTrigger::DutyWeak,
    AccountabilityTrigger::NotRectified,
    AccountabilityTrigger::Obstruction,
];

#[derive(Template)]
#[template(path = "decisions.html")]
struct List {
    t: Frame,
    rows: Vec<Row>,
    open: Option<Form>,
    collection: String,
    sent: Sent,
    ticket: String,
}

/// A decision in a list.
pub struct Row {
    pub state: &'static str,
    pub mark: &'static str,
    /// The unit, and the person if it is about one.
    pub subject: String,
    pub of: AccountabilityDecision,
}

impl Row {
    pub fn of(decision: AccountabilityDecision, t: &Frame) -> Self {
        let person = [decision.post.as_str(), decision.person.as_str()].join("");
        Self {
            state: t.accountability_state(decision.state()),
            mark: match decision.state() {
                AccountabilityState::Executed => "good",
                AccountabilityState::Dropped
                | AccountabilityState::Withdrawn
                | AccountabilityState::Unspecified => "",
                AccountabilityState::Opened
                | AccountabilityState::Investigating
                | AccountabilityState::Told
                | AccountabilityState::Heard
                | AccountabilityState::Consulted
                | AccountabilityState::Approved
                | AccountabilityState::Issued => "soon",
            },
            subject: format!("{} {person}", decision.unit_name)
                .trim_end()
                .to_owned(),
            of: decision,
        }
    }
}

/// Every decision that the visitor may see, of one unit or of all, the one opened last first.
pub async fn rows(visitor: &Visitor, unit: &str) -> Result<Vec<Row>, Refusal> {
    let decisions = all(async |page_token| {
        let request = accountability::ListAccountabilityDecisionsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            unit: unit.to_owned(),
            ..Default::default()
        };
        let mut decisions = visitor.desk.decisions();
        let page = decisions.list_accountability_decisions(request).await?;
        let page = page.into_inner();
        Ok((page.accountability_decisions, page.next_page_token))
    });
    let mut decisions = decisions.await?;
    decisions.sort_by(|a, b| b.open_date.cmp(&a.open_date));
    let rows = decisions.into_iter();
    Ok(rows.map(|one| Row::of(one, &visitor.frame)).collect())
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let case = visitor.query.get("case").to_owned();
    Ok(View(listed(visitor, &case, Sent::default()).await?))
}

/// The list, with the form that opens a decision: on a case that was referred, or on none.
async fn listed(visitor: Visitor, case: &str, sent: Sent) -> Result<List, Refusal> {
    let rows = rows(&visitor, "").await?;
    let open = if visitor.frame.decides() {
        Some(opening(&visitor, case).await?)
    } else {
        None
    };
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    Ok(List {
        rows,
        open,
        collection: format!("{}/accountabilityDecisions", visitor.county),
        sent,
        ticket,
        t: visitor.frame,
    })
}

async fn opening(visitor: &Visitor, case: &str) -> Result<Form, Refusal> {
    let t = &visitor.frame;
    let kinds = [SubjectKind::Unit, SubjectKind::Person];
    let kinds = kinds.map(|kind| (kind.as_str_name(), t.subject_kind(kind)));
    let mut form = Form::new("open", t.open_decision, case).field(
        "kind",
        t.whom_it_concerns,
        Kind::choice(kinds),
    );
    if case.is_empty() {
        let objects = objects(visitor).await?.into_iter();
        let objects = objects.map(|object| (object.name, object.word));
        let triggers = TRIGGERS.map(|one| (one.as_str_name(), t.accountability_trigger(one)));
        form = form.field("unit", t.unit, Kind::choice(objects)).field(
            "trigger",
            t.called_for_by,
            Kind::choice(triggers),
        );
    }
    Ok(form
        .field("person", t.person, Kind::Line)
        .field("person_number", t.person_number, Kind::Line)
        .field("post", t.post, Kind::Line)
        .field("reason", t.reason, Kind::Text)
        .field("officer", t.officer, Kind::Line))
}

/// Opens one.
pub async fn open(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let text = |field: &str| fields.get(field).to_owned();
    let case = text("subject");
    let unit_name = if case.is_empty() {
        let known = objects(&visitor).await?.into_iter();
        let mut known = known.filter(|object| object.name == fields.get("unit"));
        known.next().map_or_else(String::new, |object| object.word)
    } else {
        String::new()
    };
    let request = accountability::CreateAccountabilityDecisionRequest {
        parent: visitor.county.clone(),
        accountability_decision: Some(AccountabilityDecision {
            trigger: AccountabilityTrigger::from_str_name(fields.get("trigger"))
                .unwrap_or_default()
                .into(),
            kind: SubjectKind::from_str_name(fields.get("kind"))
                .unwrap_or_default()
                .into(),
            unit: text("unit"),
            unit_name,
            person: text("person"),
            person_number: text("person_number"),
            post: text("post"),
            reason: text("reason"),
            officer: text("officer"),
            case: case.clone(),
            ..Default::default()
        }),
        request_id: text("ticket"),
        ..Default::default()
    };
    let mut decisions = visitor.desk.decisions();
    match decisions.create_accountability_decision(request).await {
        Ok(opened) => {
            let name = opened.into_inner().name;
            Ok(Redirect::to(&format!("/{name}")).into_response())
        }
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(listed(visitor, &case, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The list as a workbook. Staff numbers are not in it.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let rows = rows(&visitor, "").await?;
    let t = &visitor.frame;
    let headings = [
        t.whom_it_concerns,
        t.called_for_by,
        t.opened_on,
        t.state,
        t.document,
        t.measures,
    ];
    let rows = rows.into_iter().map(|row| {
        let issued = row.of.issuance.as_ref();
        let measures = row.of.content.iter().flat_map(|content| &content.measures);
        let measures = measures.map(|measure| t.accountability_form(measure.form()));
        vec![
            row.subject.as_str().into(),
            t.accountability_trigger(row.of.trigger()).into(),
            row.of.open_date.as_str().into(),
            row.state.into(),
            issued.map_or("", |one| one.number.as_str()).into(),
            measures.collect::<Vec<_>>().join("、").into(),
        ]
    });
    sheet(t.decisions, workbook::list(t.decisions, &headings, rows))
}

#[derive(Template)]
#[template(path = "decision.html")]
struct Page {
    t: Frame,
    row: Row,
    trigger: &'static str,
    content: Option<Content>,
    timeline: Vec<Event>,
    forms: Vec<Form>,
    sent: Sent,
    ticket: String,
}

/// What is decided.
struct Content {
    measures: Vec<Measured>,
    of: DecisionContent,
}

struct Measured {
    form: &'static str,
    detail: String,
    /// What became of it; "" if nothing yet.
    outcome: String,
}

/// Something that has happened.
struct Event {
    date: String,
    what: &'static str,
    words: String,
}

/// A decision.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(page(visitor, Sent::default()).await?))
}

async fn page(visitor: Visitor, sent: Sent) -> Result<Page, Refusal> {
    let request = accountability::GetAccountabilityDecisionRequest {
        name: visitor.resource.clone(),
    };
    let mut decisions = visitor.desk.decisions();
    let decision = decisions.get_accountability_decision(request).await?;
    let decision = decision.into_inner();
    let units = if visitor.frame.decides() {
        visitor.desk.all_units(&visitor.county).await?
    } else {
        Vec::new()
    };
    let units = units.into_iter().map(|unit| (unit.name, unit.display_name));
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let t = visitor.frame;
    Ok(Page {
        trigger: t.accountability_trigger(decision.trigger()),
        content: decision.content.clone().map(|of| content(of, &t)),
        timeline: timeline(&decision, &t),
        forms: forms(&decision, units.collect(), &t),
        row: Row::of(decision, &t),
        sent,
        ticket,
        t,
    })
}

fn content(of: DecisionContent, t: &Frame) -> Content {
    let measures = of.measures.iter().map(|measure| {
        let done = measure.execution.as_ref();
        let done = done.map(|one| format!("{} {} {}", one.date, one.text, one.officer));
        let referred = measure.referral.as_ref();
        let referred = referred.map(|one| format!("{} {}", one.date, one.receipt));
        Measured {
            form: t.accountability_form(measure.form()),
            detail: format!("{} {}", measure.detail, measure.organ),
            outcome: done.or(referred).unwrap_or_default(),
        }
    });
    Content {
        measures: measures.collect(),
        of,
    }
}

/// Takes a decision a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    match take(&visitor, &fields).await? {
        Ok(()) => Ok(Redirect::to(&format!("/{}", visitor.resource)).into_response()),
        Err(status) => refused(visitor, fields, &status).await,
    }
}

async fn refused(
    visitor: Visitor,
    fields: Fields,
    status: &tonic::Status,
) -> Result<Response, Refusal> {
    let sent = Sent::refused(fields, status, &visitor.frame)?;
    let page = View(page(visitor, sent).await?);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// All that has happened, in order of time.
fn timeline(decision: &AccountabilityDecision, t: &Frame) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |date: &str, what: &'static str, words: String| {
        if !date.is_empty() {
            events.push(Event {
                date: date.to_owned(),
                what,
                words,
            });
        }
    };
    add(
        &decision.open_date,
        t.open_decision,
        format!("{} {}", decision.reason, decision.officer),
    );
    if let Some(group) = &decision.group {
        let words = format!("{} {}", group.leader, group.members.join("、"));
        add(&group.date, t.step_group, words);
    }
    for notice in &decision.notices {
        let forms = notice.forms().map(|form| t.accountability_form(form));
        let forms = forms.collect::<Vec<_>>().join("、");
        let words = format!("{} {} {forms}", notice.number, notice.facts);
        add(&notice.date, t.step_tell, words);
    }
    for statement in &decision.statements {
        let outcome = t.statement_outcome(statement.outcome());
        let words = format!("{outcome} {} {}", statement.text, statement.by);
        add(&statement.date, t.step_hear_statement, words);
    }
    for one in &decision.consultations {
        let agrees = if one.agrees {
            t.agrees
        } else {
            t.does_not_agree
        };
        let words = format!("{} {agrees} {}", one.display_name, one.opinion);
        add(&one.date, t.step_consult, words);
    }
    if let Some(approval) = &decision.approval {
        let words = format!("{} {}", t.approver_post(approval.post()), approval.approver);
        add(&approval.date, t.step_approve, words);
    }
    if let Some(issued) = &decision.issuance {
        let words = format!(
            "{} {} {}",
            issued.number, t.takes_effect, issued.effective_date
        );
        add(&issued.date, t.step_issue_decision, words);
    }
    if let Some(delivery) = &decision.delivery {
        let words = format!(
            "{} {} {}",
            delivery.receiver, t.review_until, delivery.review_due_date
        );
        add(&delivery.date, t.step_deliver, words);
    }
    for filing in &decision.filings {
        let words = format!("{} {}", filing.to, filing.receipt);
        add(&filing.date, t.step_file, words);
    }
    let mut remedy = |remedy: &Option<Remedy>, asked, decided| {
        if let Some(one) = remedy {
            add(&one.date, asked, format!("{} {}", one.grounds, one.by));
            let outcome = t.remedy_outcome(one.outcome());
            let words = format!("{outcome} {} {}", one.text, one.officer);
            add(&one.decide_date, decided, words);
        }
    };
    remedy(&decision.review, t.step_ask_review, t.step_decide_review);
    remedy(&decision.appeal, t.step_appeal, t.step_decide_appeal);
    for one in &decision.corrections {
        let outcome = if one.withdrawn {
            RemedyOutcome::Withdrawn
        } else {
            RemedyOutcome::Changed
        };
        let words = format!("{} {} {}", t.remedy_outcome(outcome), one.text, one.officer);
        add(&one.date, t.step_correct, words);
    }
    events.sort_by(|a, b| a.date.cmp(&b.date));
    events
}
