//! Complaints and leads, as the office and supervisors see them: what came in, until when it must be answered, and the next step. Who
//! reported one is told to nobody by the way.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::auth::v1::Role;
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use inspection::{Complaint, ComplaintState, Substantiation};

use crate::desk::{PAGE, all};
use crate::fields::Fields;
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::schools::{ROWS, sort_by};
use crate::search::found;
use crate::visitor::{Posted, Visitor};
use crate::visits::own;
use crate::workbook;

const STATES: [ComplaintState; 7] = [
    ComplaintState::Received,
    ComplaintState::Assigned,
    ComplaintState::Verified,
    ComplaintState::Answered,
    ComplaintState::Closed,
    ComplaintState::Refused,
    ComplaintState::Forwarded,
];

#[derive(Template)]
#[template(path = "complaints.html")]
struct List {
    t: Frame,
    query: Fields,
    states: Vec<(&'static str, &'static str)>,
    part: Part<Row>,
}

/// A complaint in a list.
struct Row {
    state: &'static str,
    kind: &'static str,
    late: bool,
    of: Complaint,
}

impl Row {
    fn of(complaint: Complaint, today: &str, t: &Frame) -> Self {
        let due = &complaint.answer_due_date;
        let open = [
            ComplaintState::Received,
            ComplaintState::Assigned,
            ComplaintState::Verified,
        ];
        Self {
            state: t.complaint_state(complaint.state()),
            kind: t.complaint_kind(complaint.kind()),
            late: !due.is_empty() && due.as_str() < today && open.contains(&complaint.state()),
            of: complaint,
        }
    }
}

/// Every complaint that the query asks for, the newest first unless it says otherwise.
async fn rows(visitor: &Visitor) -> Result<Vec<Row>, Refusal> {
    let (query, today) = (&visitor.query, visitor.console.0.clock.today().to_string());
    let state = ComplaintState::from_str_name(query.get("state"));
    let complaints = all(async |page_token| {
        let request = inspection::ListComplaintsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            states: state.iter().map(|state| (*state).into()).collect(),
            overdue: query.ticked("overdue"),
            ..Default::default()
        };
        let mut complaints = visitor.desk.complaints();
        let page = complaints.list_complaints(request).await?.into_inner();
        Ok((page.complaints, page.next_page_token))
    });
    let mut rows: Vec<_> = complaints
        .await?
        .into_iter()
        .filter(|complaint| found(query.get("q"), &[&complaint.target_name, &complaint.town]))
        .map(|complaint| Row::of(complaint, &today, &visitor.frame))
        .collect();
    rows.sort_by(|a, b| b.of.file_date.cmp(&a.of.file_date));
    if !query.get("sort").is_empty() {
        sort_by(&mut rows, query, |row, column| match column {
            "school" => row.of.target_name.clone(),
            "state" => row.of.state.to_string(),
            "due" => row.of.answer_due_date.clone(),
            _ => row.of.file_date.clone(),
        });
    }
    Ok(rows)
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let rows = rows(&visitor).await?;
    let (t, query) = (visitor.frame, visitor.query);
    Ok(View(List {
        states: STATES
            .iter()
            .map(|state| (state.as_str_name(), t.complaint_state(*state)))
            .collect(),
        part: Part::of(rows, query.number("page"), ROWS),
        t,
        query,
    }))
}

/// The list as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let rows = rows(&visitor).await?;
    let t = &visitor.frame;
    let headings = [
        t.date,
        t.kind,
        t.school,
        t.town,
        t.state,
        t.answer_until,
        t.matter,
    ];
    let rows = rows.into_iter().map(|row| {
        vec![
            row.of.file_date.into(),
            row.kind.into(),
            row.of.target_name.into(),
            row.of.town.into(),
            row.state.into(),
            row.of.answer_due_date.into(),
            row.of.text.into(),
        ]
    });
    sheet(t.complaints, workbook::list(t.complaints, &headings, rows))
}

#[derive(Template)]
#[template(path = "complaint.html")]
struct Page {
    t: Frame,
    row: Row,
    found: &'static str,
    forms: Vec<Form>,
    sent: Sent,
    ticket: String,
}

/// A complaint.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(page(visitor, Sent::default()).await?))
}

async fn page(visitor: Visitor, sent: Sent) -> Result<Page, Refusal> {
    let request = inspection::GetComplaintRequest {
        name: visitor.resource.clone(),
    };
    let complaint = visitor.desk.complaints().get_complaint(request).await?;
    let today = visitor.console.0.clock.today().to_string();
    let complaint = complaint.into_inner();
    let is_assigned = own(&visitor, "/supervisors/") == complaint.assigned_to;
    let t = visitor.frame;
    Ok(Page {
        found: t.substantiation(complaint.substantiation()),
        forms: forms(&complaint, is_assigned, &t),
        row: Row::of(complaint, &today, &t),
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        sent,
        t,
    })
}

/// What can be done where it stands, by those who may.
fn forms(complaint: &Complaint, is_assigned: bool, t: &Frame) -> Vec<Form> {
    let form = |verb, word| Form::new(verb, word, "");
    let refer = || {
        form("forward", t.step_forward)
            .field("to", t.forwarded_to, Kind::Line)
            .field("reason", t.reason, Kind::Text)
    };
    let verify = || {
        let kinds = [
            Substantiation::True,
            Substantiation::Partly,
            Substantiation::Untrue,
            Substantiation::Unclear,
        ];
        let kinds = kinds.map(|kind| (kind.as_str_name(), t.substantiation(kind)));
        form("verify", t.step_verify)
            .field("substantiation", t.verified_as, Kind::choice(kinds))
            .field("text", t.what_was_seen, Kind::Text)
    };
    let theirs = t.decides() || (is_assigned && t.has(&[Role::Supervisor]));
    match complaint.state() {
        ComplaintState::Received if t.decides() => vec![
            form("assign", t.step_assign).field("supervisor", t.assign_to, Kind::Line),
            form("refuse", t.step_refuse).field("reason", t.reason, Kind::Text),
            refer(),
        ],
        ComplaintState::Assigned if theirs => {
            let mut forms = vec![verify()];
            if t.decides() {
                forms.push(refer());
            }
            forms
        }
        ComplaintState::Verified if theirs => vec![
            form("answer", t.answer)
                .field("text", t.answer_to_reporter, Kind::Text)
                .field("by", t.by_whom, Kind::Line),
        ],
        ComplaintState::Answered if t.decides() => vec![form("close", t.step_close_complaint)],
        ComplaintState::Unspecified
        | ComplaintState::Received
        | ComplaintState::Assigned
        | ComplaintState::Verified
        | ComplaintState::Answered
        | ComplaintState::Closed
        | ComplaintState::Refused
        | ComplaintState::Forwarded => Vec::new(),
    }
}

/// Takes a complaint a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = visitor.resource.clone();
    let text = |field: &str| fields.get(field).trim().to_owned();
    let (etag, request_id) = (text("etag"), text("ticket"));
    let mut complaints = visitor.desk.complaints();
    macro_rules! step {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
            complaints.$rpc(inspection::$request {
                name: name.clone(), etag, request_id, $($field: $value,)*
            }).await
        };
    }
    let done = match fields.get("verb") {
        "assign" => step!(
            assign_complaint,
            AssignComplaintRequest {
                supervisor: visitor.supervisor_named(&text("supervisor"))
            }
        ),
        "refuse" => step!(
            refuse_complaint,
            RefuseComplaintRequest {
                reason: text("reason")
            }
        ),
        "forward" => step!(
            forward_complaint,
            ForwardComplaintRequest {
                to: text("to"),
                reason: text("reason"),
            }
        ),
        "verify" => {
            // Whoever verifies is who it was given to; the office writes it down for them.
            let request = inspection::GetComplaintRequest { name: name.clone() };
            let known = visitor.desk.complaints().get_complaint(request).await?;
            let own = own(&visitor, "/supervisors/");
            let by = if own.is_empty() {
                known.into_inner().assigned_to
            } else {
                own
            };
            step!(
                verify_complaint,
                VerifyComplaintRequest {
                    supervisor: by,
                    substantiation: Substantiation::from_str_name(fields.get("substantiation"))
                        .unwrap_or_default()
                        .into(),
                    text: text("text"),
                }
            )
        }
        "answer" => step!(
            answer_complaint,
            AnswerComplaintRequest {
                text: text("text"),
                by: text("by"),
            }
        ),
        "close" => step!(close_complaint, CloseComplaintRequest {}),
        _ => return Err(Refusal::Unknown),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/{name}")).into_response()),
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(page(visitor, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
