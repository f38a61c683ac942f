//! A visit with its steps and findings, made for a phone.

use accountability::FindingState;
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_platform::rpc::Fault;
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::auth::v1::Role;
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use inspection::{Visit, VisitState};
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::desk::{PAGE, id};
use crate::evidence::address;
use crate::fields::Wrongs;
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::ledger::findings;
use crate::overview::VisitRow;
use crate::refusal::Refusal;
use crate::schools::Finding;
use crate::visitor::{Posted, Visitor};
use crate::visits::own;

mod forms;
mod steps;

use forms::{Choice, forms, may_choose};
use steps::take;
pub use steps::{lines, team};

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

/// Whom the office may choose a team from; nobody if the registry can't say.
async fn choice(visitor: &Visitor, visit: &Visit) -> Choice {
    if !may_choose(visit, &visitor.frame) {
        return Choice::default();
    }
    let (desk, county) = (&visitor.desk, &visitor.county);
    let (people, units) = tokio::join!(desk.all_supervisors(county, false), desk.all_units(county));
    let people = people.unwrap_or_default().into_iter();
    let units = units.unwrap_or_default().into_iter();
    Choice {
        people: people.map(|one| (one.name, one.display_name)).collect(),
        units: units.map(|one| (one.name, one.display_name)).collect(),
    }
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
    let (findings, files, past, choice) = tokio::join!(
        findings.list_findings(request),
        evidence.list_evidence(files),
        past(&visitor, &visit),
        choice(&visitor, &visit),
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
        forms: forms(&visit, &supervisor, choice, &t),
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
    if let Some(own) = visit
        .self_evaluation
        .as_ref()
        .filter(|own| !own.review_date.is_empty())
    {
        steps.push((own.review_date.clone(), t.step_review, own.review.clone()));
    }
    for change in &visit.substitutions {
        let words = format!(
            "{} → {} {}",
            id(&change.leaving),
            id(&change.joining),
            change.reason
        );
        steps.push((change.date.clone(), t.step_substitute, words));
    }
    if let Some(site) = &visit.site {
        steps.push((site.start_date.clone(), t.step_begin, String::new()));
        let came = visit.units.iter().filter(|part| part.attended);
        steps.extend(came.map(|part| {
            let words = format!("{} {}", part.display_name, part.persons.join("、"));
            (site.start_date.clone(), t.step_participate, words)
        }));
    }
    for urging in &visit.urgings {
        let words = format!("{} {}", t.urgency(urging.ground()), urging.text);
        steps.push((urging.date.clone(), t.step_urge_visit, words));
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
    if let Some(report) = &visit.report {
        steps.push((
            report.date.clone(),
            t.step_report_visit,
            format!("{} {}", report.number, report.title),
        ));
    }
    for filing in &visit.filings {
        let words = format!("{} {}", filing.to, filing.receipt);
        steps.push((filing.date.clone(), t.step_file, words));
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
