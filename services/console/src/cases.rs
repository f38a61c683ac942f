//! A case: its findings with what can be done about them, its ladder, and all that has happened.

use accountability::{
    AccountabilityTrigger, Case, CaseFinding, FindingState, InterviewTrigger, LadderStep,
    NotificationTrigger,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::auth::v1::Role;
use http::StatusCode;

use crate::decisions;
use crate::desk::id;
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visit::lines;
use crate::visitor::{Posted, Visitor};

/// What calls for an interview; the first stands for an urging letter without effect.
const INTERVIEWS: [InterviewTrigger; 7] = [
    InterviewTrigger::Unspecified,
    InterviewTrigger::PolicyNotResolute,
    InterviewTrigger::DutyUnfulfilled,
    InterviewTrigger::IrregularRunning,
    InterviewTrigger::QualityFalling,
    InterviewTrigger::SafetyProblems,
    InterviewTrigger::RefusingSupervision,
];

const NOTIFICATIONS: [NotificationTrigger; 3] = [
    NotificationTrigger::Weak,
    NotificationTrigger::Shirked,
    NotificationTrigger::NotDone,
];

/// What calls for accountability; the first stands for a notification without effect.
const REFERRALS: [AccountabilityTrigger; 5] = [
    AccountabilityTrigger::Unspecified,
    AccountabilityTrigger::TaskUnfinished,
    AccountabilityTrigger::DutyWeak,
    AccountabilityTrigger::NotRectified,
    AccountabilityTrigger::Obstruction,
];

#[derive(Template)]
#[template(path = "case.html")]
struct Page {
    t: Frame,
    case: Case,
    findings: Vec<Row>,
    timeline: Vec<Event>,
    steps: Vec<Form>,
    /// What came of referrals to accountability.
    decisions: Vec<decisions::Row>,
    sent: Sent,
    ticket: String,
}

struct Row {
    finding: CaseFinding,
    state: &'static str,
    severity: &'static str,
    mark: &'static str,
    forms: Vec<Form>,
}

/// Something that has happened in a case.
struct Event {
    date: String,
    what: &'static str,
    /// The rung of the ladder: 0 for what is not on it.
    rung: usize,
    words: String,
    who: String,
}

/// A case.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(page(visitor, Sent::default()).await?))
}

async fn page(visitor: Visitor, sent: Sent) -> Result<Page, Refusal> {
    let request = accountability::GetCaseRequest {
        name: visitor.resource.clone(),
    };
    let case = visitor.desk.cases().get_case(request).await?.into_inner();
    let mut decisions = Vec::new();
    if !case.referrals.is_empty() {
        // A supervisor sees the case, and no decision.
        decisions = decisions::rows(&visitor, &case.unit)
            .await
            .unwrap_or_default();
        decisions.retain(|row| row.of.case == case.name);
    }
    let t = visitor.frame;
    let timeline = timeline(&case, &t);
    let rows = case.findings.iter().map(|finding| Row {
        state: t.finding_state(finding.state()),
        severity: t.severity(finding.severity()),
        mark: match finding.state() {
            FindingState::Closed | FindingState::Sustained | FindingState::Passed => "good",
            FindingState::Insufficient | FindingState::Reopened => "bad",
            FindingState::Open
            | FindingState::Decided
            | FindingState::Reported
            | FindingState::Published => "soon",
            FindingState::Withdrawn | FindingState::Unspecified => "",
        },
        forms: forms(finding, &t),
        finding: finding.clone(),
    });
    Ok(Page {
        findings: rows.collect(),
        steps: steps(&case, &t),
        decisions,
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        case,
        timeline,
        sent,
        t,
    })
}

/// What can be done about a finding where it stands, by those who may.
fn forms(finding: &CaseFinding, t: &Frame) -> Vec<Form> {
    let form = |verb, word| Form::new(verb, word, &finding.finding);
    let unit = t.has(&[Role::School, Role::Town, Role::UnitLiaison]);
    let checks = t.decides() || t.has(&[Role::Supervisor]);
    let decide = || {
        form("decide", t.step_decide)
            .field("document", t.document, Kind::Line)
            .field("requirement", t.requirement, Kind::Text)
            .field("limit_date", t.limit, Kind::Date)
            .field("officer", t.officer, Kind::Line)
    };
    let act = || {
        form("act", t.step_act)
            .field("text", t.what_was_done, Kind::Text)
            .field("by", t.by_whom, Kind::Line)
    };
    let report = || {
        form("report", t.step_report)
            .field("text", t.what_was_done, Kind::Text)
            .field("by", t.by_whom, Kind::Line)
    };
    let mut forms = Vec::new();
    match finding.state() {
        FindingState::Open | FindingState::Reopened => {
            if t.decides() {
                forms.push(decide());
            }
            if unit {
                forms.push(act());
            }
        }
        FindingState::Decided | FindingState::Insufficient => {
            if unit {
                forms.extend([report(), act()]);
            }
            if t.decides() {
                forms.push(
                    form("urge", t.step_urge)
                        .field("number", t.document, Kind::Line)
                        .field("limit_date", t.limit, Kind::Date)
                        .field("officer", t.officer, Kind::Line),
                );
                forms.push(
                    form("extend", t.step_extend)
                        .field("limit_date", t.limit, Kind::Date)
                        .field("reason", t.reason, Kind::Line)
                        .field("officer", t.officer, Kind::Line),
                );
            }
        }
        FindingState::Reported if checks => forms.push(
            form("check", t.step_check)
                .field("passed", t.is_put_right, Kind::Tick)
                .field("text", t.what_was_seen, Kind::Text)
                .field("officer", t.officer, Kind::Line),
        ),
        FindingState::Passed if t.decides() => forms.push(
            form("publish", t.step_publish)
                .field("place", t.where_to_read, Kind::Line)
                .field("text", t.words_for_the_public, Kind::Text),
        ),
        FindingState::Published if t.decides() => forms.push(
            form("close", t.step_close)
                .field("text", t.rests_on, Kind::Text)
                .field("officer", t.officer, Kind::Line),
        ),
        FindingState::Closed if checks => forms.push(
            form("look_back", t.step_look_back)
                .field("sustained", t.is_still_right, Kind::Tick)
                .field("text", t.what_was_seen, Kind::Text)
                .field("officer", t.officer, Kind::Line),
        ),
        FindingState::Unspecified
        | FindingState::Reported
        | FindingState::Passed
        | FindingState::Published
        | FindingState::Closed
        | FindingState::Sustained
        | FindingState::Withdrawn => {}
    }
    let under_way = [
        FindingState::Open,
        FindingState::Decided,
        FindingState::Reported,
        FindingState::Insufficient,
        FindingState::Reopened,
    ];
    if t.decides() && under_way.contains(&finding.state()) {
        forms.push(
            form("withdraw", t.step_withdraw_finding)
                .field("reason", t.reason, Kind::Line)
                .field("officer", t.officer, Kind::Line),
        );
    }
    forms
}

/// The upper rungs of the ladder: what concerns the case as a whole.
fn steps(case: &Case, t: &Frame) -> Vec<Form> {
    if case.closed || !t.decides() {
        return Vec::new();
    }
    let triggers = INTERVIEWS.map(|one| (one.as_str_name(), t.interview_trigger(one)));
    let mut steps = vec![
        Form::new("interview", t.ladder_step(LadderStep::Interview), "")
            .field("trigger", t.reason, Kind::choice(triggers))
            .field("attendees", t.attendees, Kind::Line)
            .field("record", t.record, Kind::Text)
            .field("officer", t.officer, Kind::Line),
    ];
    if !case.interviews.is_empty() {
        let form = Form::new("file_interview", t.step_file_interview, "");
        steps.push(filing(form, t));
    }
    let triggers = NOTIFICATIONS.map(|one| (one.as_str_name(), t.notification_trigger(one)));
    steps.push(
        Form::new("notify", t.step_notify_case, "")
            .field("trigger", t.reason, Kind::choice(triggers))
            .field("text", t.what_it_says, Kind::Text)
            .field("recipients", t.recipients, Kind::Text)
            .field("officer", t.officer, Kind::Line),
    );
    let triggers = REFERRALS.map(|one| (one.as_str_name(), t.accountability_trigger(one)));
    steps.push(
        Form::new("refer", t.ladder_step(LadderStep::Accountability), "")
            .field("trigger", t.called_for_by, Kind::choice(triggers))
            .field("text", t.reason, Kind::Text)
            .field("officer", t.officer, Kind::Line),
    );
    if !case.issuer.is_empty() {
        steps.push(filing(Form::new("file", t.step_file_results, ""), t));
    }
    steps
}

fn filing(form: Form, t: &Frame) -> Form {
    form.field("to", t.filed_with, Kind::Line)
        .field("receipt", t.receipt, Kind::Line)
}

/// Takes a case a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = visitor.resource.clone();
    let text = |field: &str| fields.get(field).trim().to_owned();
    let (etag, request_id, finding) = (text("etag"), text("ticket"), text("subject"));
    let mut cases = visitor.desk.cases();
    macro_rules! step {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
            cases.$rpc(accountability::$request {
                name: name.clone(), etag, request_id, $($field: $value,)*
            }).await
        };
    }
    let done = match fields.get("verb") {
        "decide" => step!(
            issue_decision,
            IssueDecisionRequest {
                document: text("document"),
                officer: text("officer"),
                items: vec![accountability::DecisionItem {
                    finding,
                    requirement: text("requirement"),
                    limit_date: text("limit_date"),
                    ..Default::default()
                }],
            }
        ),
        "act" => step!(
            record_immediate_action,
            RecordImmediateActionRequest {
                finding: finding,
                text: text("text"),
                by: text("by"),
            }
        ),
        "report" => step!(
            submit_rectification,
            SubmitRectificationRequest {
                finding: finding,
                text: text("text"),
                by: text("by"),
                evidence: Vec::new(),
            }
        ),
        "urge" => step!(
            issue_urging_letter,
            IssueUrgingLetterRequest {
                findings: vec![finding],
                number: text("number"),
                limit_date: text("limit_date"),
                officer: text("officer"),
                limit_working_days: 0,
            }
        ),
        "extend" => step!(
            extend_limit,
            ExtendLimitRequest {
                finding: finding,
                limit_date: text("limit_date"),
                reason: text("reason"),
                officer: text("officer"),
            }
        ),
        "check" => step!(
            check_rectification,
            CheckRectificationRequest {
                finding: finding,
                passed: fields.ticked("passed"),
                text: text("text"),
                officer: text("officer"),
            }
        ),
        "publish" => step!(
            publish_result,
            PublishResultRequest {
                findings: vec![finding],
                place: text("place"),
                text: text("text"),
            }
        ),
        "close" => step!(
            close_out_finding,
            CloseOutFindingRequest {
                finding: finding,
                text: text("text"),
                officer: text("officer"),
            }
        ),
        "look_back" => step!(
            look_back_finding,
            LookBackFindingRequest {
                finding: finding,
                sustained: fields.ticked("sustained"),
                text: text("text"),
                officer: text("officer"),
            }
        ),
        "interview" => step!(
            hold_interview,
            HoldInterviewRequest {
                attendees: text("attendees")
                    .split(['、', ',', '，'])
                    .map(|who| who.trim().to_owned())
                    .collect(),
                record: text("record"),
                officer: text("officer"),
                trigger: InterviewTrigger::from_str_name(fields.get("trigger"))
                    .unwrap_or_default()
                    .into(),
            }
        ),
        "file_interview" => step!(
            file_interview,
            FileInterviewRequest {
                to: text("to"),
                receipt: text("receipt"),
            }
        ),
        "notify" => step!(
            issue_notification,
            IssueNotificationRequest {
                trigger: NotificationTrigger::from_str_name(fields.get("trigger"))
                    .unwrap_or_default()
                    .into(),
                text: text("text"),
                recipients: lines(fields.get("recipients")),
                officer: text("officer"),
            }
        ),
        "file" => step!(
            file_results,
            FileResultsRequest {
                to: text("to"),
                receipt: text("receipt"),
            }
        ),
        "withdraw" => step!(
            withdraw_case_finding,
            WithdrawCaseFindingRequest {
                finding: finding,
                reason: text("reason"),
                officer: text("officer"),
            }
        ),
        "refer" => step!(
            refer_to_accountability,
            ReferToAccountabilityRequest {
                text: text("text"),
                officer: text("officer"),
                trigger: AccountabilityTrigger::from_str_name(fields.get("trigger"))
                    .unwrap_or_default()
                    .into(),
            }
        ),
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

/// All that has happened, in order of time.
fn timeline(case: &Case, t: &Frame) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |date: &str, what: &'static str, rung: usize, words: String, who: &str| {
        events.push(Event {
            date: date.to_owned(),
            what,
            rung,
            words,
            who: who.to_owned(),
        });
    };
    let until = |limit: &str| format!("{} {limit}", t.limit);
    add(
        &case.open_date,
        t.case_opened,
        0,
        case.letter_number.clone(),
        &case.issuer,
    );
    for finding in &case.findings {
        let about = |words: &str| format!("{}：{words}", finding.title);
        if let Some(decision) = &finding.decision {
            let words = format!("{} {}", decision.requirement, until(&decision.limit_date));
            add(
                &decision.date,
                t.step_decide,
                0,
                about(&words),
                &decision.officer,
            );
        }
        for e in &finding.extensions {
            let words = format!("{} {}", e.reason, until(&e.limit_date));
            add(&e.date, t.step_extend, 0, about(&words), &e.officer);
        }
        for e in &finding.actions {
            add(&e.date, t.step_act, 0, about(&e.text), &e.by);
        }
        for e in &finding.reports {
            add(&e.date, t.step_report, 0, about(&e.text), &e.by);
        }
        for e in &finding.checks {
            let verdict = if e.passed {
                t.is_put_right
            } else {
                t.is_not_put_right
            };
            add(
                &e.date,
                t.step_check,
                0,
                about(&format!("{verdict} {}", e.text)),
                &e.officer,
            );
        }
        if let Some(e) = &finding.publication {
            add(&e.date, t.step_publish, 0, about(&e.place), "");
        }
        for e in &finding.closings {
            add(&e.date, t.step_close, 0, about(&e.text), &e.officer);
        }
        for e in &finding.look_backs {
            let verdict = if e.sustained {
                t.is_still_right
            } else {
                t.is_back
            };
            add(
                &e.date,
                t.step_look_back,
                0,
                about(&format!("{verdict} {}", e.text)),
                &e.officer,
            );
        }
    }
    for e in &case.urging_letters {
        let words = format!("{} {}", e.number, until(&e.limit_date));
        add(
            &e.date,
            t.ladder_step(LadderStep::UrgingLetter),
            1,
            words,
            &e.officer,
        );
    }
    for e in &case.interviews {
        let words = format!("{}：{}", e.attendees.join("、"), e.record);
        add(
            &e.date,
            t.ladder_step(LadderStep::Interview),
            2,
            words,
            &e.officer,
        );
    }
    for e in &case.notifications {
        add(
            &e.date,
            t.ladder_step(LadderStep::Notification),
            3,
            e.text.clone(),
            &e.officer,
        );
    }
    for e in &case.referrals {
        add(
            &e.date,
            t.ladder_step(LadderStep::Accountability),
            4,
            e.text.clone(),
            &e.officer,
        );
    }
    events.sort_by(|a, b| a.date.cmp(&b.date));
    events
}

/// The visit or the school behind a case, as a link.
impl Page {
    fn unit_is_school(&self) -> bool {
        self.case.unit.contains("/schools/")
    }

    /// Whether an accountability decision may be opened.
    fn is_referred(&self) -> bool {
        self.t.decides() && !self.case.referrals.is_empty()
    }

    fn officers(&self) -> String {
        let team: Vec<_> = self.case.team.iter().map(|name| id(name)).collect();
        team.join("、")
    }
}
