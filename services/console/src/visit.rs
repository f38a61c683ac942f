//! A visit with its steps and findings, made for a phone.

use accountability::FindingState;
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_platform::rpc::Fault;
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::auth::v1::Role;
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use inspection::{Severity, Visit, VisitState};
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::desk::PAGE;
use crate::evidence::address;
use crate::fields::{Fields, Wrongs};
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::ledger::findings;
use crate::overview::VisitRow;
use crate::refusal::Refusal;
use crate::schools::Finding;
use crate::visitor::{Posted, Visitor};
use crate::visits::own;

#[derive(Template)]
#[template(path = "visit.html")]
struct Page {
    t: Frame,
    visit: Visit,
    state: &'static str,
    kind: &'static str,
    steps: Vec<(String, &'static str, String)>,
    findings: Vec<Seen>,
    forms: Vec<Form>,
    sent: Sent,
    ticket: String,
    /// The supervisor who looks at it; "" for others.
    own: String,
    /// What to know before one goes in.
    past: Option<Past>,
}

struct Seen {
    severity: &'static str,
    finding: inspection::Finding,
    /// Those of its photos that have come.
    come: Vec<String>,
}

/// What a school had before this visit.
struct Past {
    visits: Vec<VisitRow>,
    findings: Vec<Finding>,
}

/// So many earlier visits are shown.
const EARLIER: usize = 5;

/// The school's earlier visits, the latest first, and findings that are not closed: for who pays the visit, until it is recorded.
async fn past(visitor: &Visitor, visit: &Visit) -> Option<Past> {
    let ahead = [
        VisitState::Planned,
        VisitState::Notified,
        VisitState::SelfEvaluated,
        VisitState::Reviewed,
        VisitState::OnSite,
        VisitState::SiteDone,
    ];
    let team = visitor.frame.decides() || visitor.is(&[Role::Supervisor]);
    if !team || !ahead.contains(&visit.state()) {
        return None;
    }
    let visits = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        target: visit.target.clone(),
        end_date: visit.date.clone(),
        ..Default::default()
    };
    let ledger = accountability::ListLedgerRequest {
        parent: visitor.county.clone(),
        unit: visit.target.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    let mut rows = visitor.desk.ledger();
    let (visits, rows) = tokio::join!(visitor.desk.all_visits(&visits), rows.list_ledger(ledger));
    let mut visits = visits.unwrap_or_default();
    visits.retain(|known| known.name != visit.name);
    visits.sort_by(|a, b| b.date.cmp(&a.date));
    visits.truncate(EARLIER);
    let t = &visitor.frame;
    let mut rows = rows.map_or_else(|_| Vec::new(), |rows| rows.into_inner().rows);
    let over = [
        FindingState::Closed,
        FindingState::Sustained,
        FindingState::Withdrawn,
    ];
    rows.retain(|row| !over.contains(&row.state()));
    Some(Past {
        visits: visits.into_iter().map(|v| VisitRow::of(v, t)).collect(),
        findings: findings(rows, t),
    })
}

/// A visit.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(page(visitor, Sent::default()).await?))
}

async fn page(visitor: Visitor, sent: Sent) -> Result<Page, Refusal> {
    let request = inspection::GetVisitRequest {
        name: visitor.resource.clone(),
    };
    let visit = visitor.desk.visits().get_visit(request).await?.into_inner();
    let request = inspection::ListFindingsRequest {
        parent: visitor.county.clone(),
        visit: visit.name.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    // A school sees the findings once they have become its case.
    let (mut findings, mut evidence) = (visitor.desk.findings(), visitor.desk.evidence());
    let files = inspection::ListEvidenceRequest {
        parent: visitor.county.clone(),
        visit: visit.name.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    let (findings, files, past) = tokio::join!(
        findings.list_findings(request),
        evidence.list_evidence(files),
        past(&visitor, &visit),
    );
    let files = files.map_or_else(|_| Vec::new(), |page| page.into_inner().evidence);
    let come: Vec<_> = files.into_iter().map(|file| file.name).collect();
    let supervisor = own(&visitor, "/supervisors/");
    let t = visitor.frame;
    Ok(Page {
        state: t.visit_state(visit.state()),
        kind: t.inspection_kind(visit.kind()),
        steps: steps(&visit, &t),
        findings: findings
            .map(|page| page.into_inner().findings)
            .unwrap_or_default()
            .into_iter()
            .map(|finding| Seen {
                severity: t.severity(finding.severity()),
                come: come
                    .iter()
                    .filter(|name| finding.evidence.contains(name))
                    .cloned()
                    .collect(),
                finding,
            })
            .collect(),
        forms: forms(&visit, &supervisor, &t),
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        visit,
        sent,
        own: supervisor,
        past,
        t,
    })
}

/// What was done so far.
fn steps(visit: &Visit, t: &Frame) -> Vec<(String, &'static str, String)> {
    let mut steps = Vec::new();
    if let Some(notice) = &visit.notice {
        steps.push((
            notice.date.clone(),
            t.step_notify,
            format!("{} {}", notice.number, notice.text),
        ));
    }
    if let Some(own) = visit
        .self_evaluation
        .as_ref()
        .filter(|own| !own.receive_date.is_empty())
    {
        steps.push((
            own.receive_date.clone(),
            t.step_self_evaluate,
            own.text.clone(),
        ));
    }
    if let Some(site) = &visit.site {
        steps.push((site.start_date.clone(), t.step_begin, String::new()));
    }
    for hearing in &visit.hearings {
        let words = format!("{} {}", hearing.people, hearing.summary);
        steps.push((hearing.date.clone(), t.step_hear, words));
    }
    if let Some(site) = visit.site.as_ref().filter(|site| !site.end_date.is_empty()) {
        steps.push((site.end_date.clone(), t.step_finish, String::new()));
    }
    if let Some(record) = &visit.record {
        steps.push((record.date.clone(), t.step_record, record.text.clone()));
    }
    if let Some(preliminary) = &visit.preliminary {
        steps.push((
            preliminary.date.clone(),
            t.step_preliminary,
            preliminary.summary.clone(),
        ));
    }
    if let Some(plea) = &visit.plea {
        steps.push((plea.date.clone(), t.step_plead, plea.text.clone()));
        if !plea.answer_date.is_empty() {
            steps.push((plea.answer_date.clone(), t.step_answer, plea.answer.clone()));
        }
    }
    if let Some(letter) = &visit.letter {
        steps.push((
            letter.date.clone(),
            t.step_letter,
            format!("{} {}", letter.number, letter.summary),
        ));
    }
    if let Some(publication) = &visit.publication {
        steps.push((
            publication.date.clone(),
            t.step_publish_visit,
            publication.place.clone(),
        ));
    }
    steps
}

/// What can be done where it stands, by those who may; `own` is the supervisor who looks at it.
fn forms(visit: &Visit, own: &str, t: &Frame) -> Vec<Form> {
    let form = |verb, word| Form::new(verb, word, "");
    let team = t.decides() || t.has(&[Role::Supervisor]);
    let unit = t.has(&[Role::School, Role::Town, Role::UnitLiaison]);
    // A supervisor need not say who it is.
    let signed = |form: Form, name| {
        if own.is_empty() {
            form.field(name, t.by_whom, Kind::Line)
        } else {
            form
        }
    };
    let finding = || {
        let severities = [Severity::Minor, Severity::Serious, Severity::Grave];
        let severities = severities.map(|s| (s.as_str_name(), t.severity(s)));
        let form = form("finding", t.step_finding)
            .field("title", t.title_of_finding, Kind::Line)
            .field("detail", t.what_was_seen, Kind::Text)
            .field("basis", t.basis, Kind::Line)
            .field(
                "severity",
                t.severity_word,
                Kind::Choice(severities.to_vec()),
            )
            .field("danger", t.danger, Kind::Tick)
            .field("requirement", t.requirement, Kind::Line);
        signed(form, "recorded_by")
    };
    let hear = || {
        let groups = vec![
            ("HEARING_GROUP_STUDENTS", t.students),
            ("HEARING_GROUP_PARENTS", t.parents),
            ("HEARING_GROUP_TEACHERS", t.teachers),
            ("HEARING_GROUP_PUBLIC", t.public),
        ];
        let hear = form("hear", t.step_hear)
            .field("group", t.group, Kind::Choice(groups))
            .field("people", t.how_many, Kind::Line)
            .field("summary", t.what_they_said, Kind::Text);
        signed(hear, "by")
    };
    let record = || {
        let record = form("record", t.step_record)
            .field("matters", t.matters, Kind::Line)
            .field("text", t.what_was_seen, Kind::Text);
        signed(record, "by")
    };
    // A supervisor writes down what is done on site though there is no signal; what comes after a step that has not reached us yet
    // stands ready.
    let on_site = |form: Form, after| {
        if own.is_empty() || !t.has(&[Role::Supervisor]) {
            form
        } else {
            form.kept(after)
        }
    };
    let with_photos = |form: Form| {
        if form.kept {
            form.field("photos", t.photos, Kind::Photos)
        } else {
            form
        }
    };
    let stands = |states: &[VisitState]| states.contains(&visit.state());
    let mut forms = Vec::new();
    if unit && stands(&[VisitState::Notified]) {
        forms.push(form("self_evaluate", t.step_self_evaluate).field(
            "text",
            t.what_it_says,
            Kind::Text,
        ));
    }
    if unit && stands(&[VisitState::Preliminary]) {
        forms.push(form("plead", t.step_plead).field("text", t.what_it_says, Kind::Text));
    }
    let to_begin = [
        VisitState::Planned,
        VisitState::Notified,
        VisitState::Reviewed,
    ];
    if team && stands(&to_begin) {
        let begin = on_site(form("begin", t.step_begin), "");
        let ahead = begin.kept;
        forms.push(begin);
        if ahead {
            forms.push(with_photos(on_site(finding(), "begin")));
            forms.push(on_site(hear(), "begin"));
            forms.push(on_site(form("finish", t.step_finish), "begin"));
            forms.push(on_site(record(), "finish"));
        }
    }
    if team && stands(&[VisitState::OnSite, VisitState::SiteDone]) {
        forms.push(with_photos(on_site(finding(), "")));
    }
    if team && stands(&[VisitState::OnSite]) {
        forms.push(on_site(hear(), ""));
        let finish = on_site(form("finish", t.step_finish), "");
        let ahead = finish.kept;
        forms.push(finish);
        if ahead {
            forms.push(on_site(record(), "finish"));
        }
    }
    if team && stands(&[VisitState::SiteDone]) {
        forms.push(on_site(record(), ""));
        forms.push(form("preliminary", t.step_preliminary).field(
            "summary",
            t.what_it_says,
            Kind::Text,
        ));
    }
    let to_write = [
        VisitState::Preliminary,
        VisitState::Answered,
        VisitState::Recorded,
    ];
    let to_agree = [
        VisitState::SiteDone,
        VisitState::Preliminary,
        VisitState::Pleaded,
        VisitState::Answered,
        VisitState::Recorded,
    ];
    let agreed = visit.agreements.iter().any(|name| name == own);
    if !own.is_empty() && !agreed && stands(&to_agree) {
        forms.push(form("agree", t.step_agree));
    }
    if t.decides() && stands(&to_write) {
        forms.push(
            form("letter", t.step_letter)
                .field("number", t.document, Kind::Line)
                .field("summary", t.what_it_says, Kind::Text),
        );
    }
    forms
}

/// Takes a visit a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    match take(&visitor, &fields).await? {
        Ok(()) => Ok(Redirect::to(&format!("/{}", visitor.resource)).into_response()),
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(page(visitor, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Takes in what was written down on a device without signal. It comes under the ticket that the device gave it: sent twice it takes
/// effect once.
pub async fn take_record(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    match take(&visitor, &fields).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(status) => told(&status, &visitor.frame),
    }
}

/// What stands against a record, in words for the device; what may be otherwise in a moment stays an error.
pub fn told(status: &Status, t: &Frame) -> Result<Response, Refusal> {
    let words = match Wrongs::of(status, &[], t) {
        Ok(wrongs) => wrongs.above.join("；"),
        Err(refusal) => {
            let fault = Fault::from(status);
            let stands = [Code::AlreadyExists, Code::Aborted, Code::PermissionDenied];
            if !stands.contains(&fault.code) {
                return Err(refusal);
            }
            t.pick(&fault.zh, &fault.en).clone()
        }
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, words).into_response())
}

/// One step; what a service has against it comes back.
async fn take(visitor: &Visitor, fields: &Fields) -> Result<Result<(), Status>, Refusal> {
    let name = visitor.resource.clone();
    let text = |field: &str| fields.get(field).trim().to_owned();
    let (etag, request_id) = (text("etag"), text("ticket"));
    let signed = |field: &str| {
        let said = text(field);
        if said.is_empty() {
            own(visitor, "/supervisors/")
        } else {
            said
        }
    };
    let mut visits = visitor.desk.visits();
    macro_rules! step {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
            visits.$rpc(inspection::$request {
                name: name.clone(), etag, request_id, $($field: $value,)*
            }).await.map(drop)
        };
    }
    let done = match fields.get("verb") {
        "begin" => step!(begin_visit, BeginVisitRequest { location: None }),
        "finish" => step!(finish_visit, FinishVisitRequest {}),
        "hear" => step!(
            hear_group,
            HearGroupRequest {
                hearing: Some(inspection::Hearing {
                    group: inspection::HearingGroup::from_str_name(fields.get("group"))
                        .unwrap_or_default()
                        .into(),
                    people: fields.number("people").unwrap_or(0),
                    summary: text("summary"),
                    by: signed("by"),
                    ..Default::default()
                }),
            }
        ),
        "record" => step!(
            record_visit,
            RecordVisitRequest {
                text: text("text"),
                by: signed("by"),
                matters: text("matters")
                    .split(['、', ',', '，'])
                    .map(|matter| matter.trim().to_owned())
                    .collect(),
            }
        ),
        "preliminary" => step!(
            issue_preliminary_opinion,
            IssuePreliminaryOpinionRequest {
                summary: text("summary")
            }
        ),
        "agree" => step!(
            agree_to_letter,
            AgreeToLetterRequest {
                supervisor: own(visitor, "/supervisors/")
            }
        ),
        "plead" => step!(lodge_plea, LodgePleaRequest { text: text("text") }),
        "self_evaluate" => step!(
            submit_self_evaluation,
            SubmitSelfEvaluationRequest {
                text: text("text"),
                evaluation: String::new()
            }
        ),
        "letter" => step!(
            issue_opinion_letter,
            IssueOpinionLetterRequest {
                number: text("number"),
                summary: text("summary")
            }
        ),
        "finding" => {
            let finding = inspection::Finding {
                visit: name.clone(),
                title: text("title"),
                detail: text("detail"),
                basis: text("basis"),
                severity: Severity::from_str_name(fields.get("severity"))
                    .unwrap_or_default()
                    .into(),
                danger: fields.ticked("danger"),
                requirement: text("requirement"),
                recorded_by: signed("recorded_by"),
                record_time: fields.number("record_time").map(device_time),
                // Photos come after the words.
                evidence: fields
                    .all("evidence")
                    .map(|photo| format!("{}/evidence/{photo}", visitor.county))
                    .collect(),
                ..Default::default()
            };
            let request = inspection::CreateFindingRequest {
                parent: visitor.county.clone(),
                finding: Some(finding),
                request_id,
                ..Default::default()
            };
            visitor
                .desk
                .findings()
                .create_finding(request)
                .await
                .map(drop)
        }
        _ => return Err(Refusal::Unknown),
    };
    Ok(done)
}

/// A moment as a device tells it, in milliseconds since 1970.
pub fn device_time(milliseconds: i64) -> Timestamp {
    Timestamp {
        seconds: milliseconds.div_euclid(1000),
        nanos: 0,
    }
}

impl Page {
    /// Where a photo is shown.
    fn photo(&self, name: &str) -> String {
        address(&self.t.county, name)
    }

    fn team(&self) -> String {
        let team: Vec<_> = self
            .visit
            .team
            .iter()
            .map(|m| m.display_name.as_str())
            .collect();
        team.join("、")
    }

    /// Towns and departments have no page of their own.
    fn target_is_school(&self) -> bool {
        self.visit.target.contains("/schools/")
    }
}
