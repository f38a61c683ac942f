//! One step of a visit: what a form says, as an RPC.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_proto::inspection::v1 as inspection;
use inspection::{HearingGroup, Severity, TeamMember, UnitPart, UrgencyGround};
use tonic::Status;

use super::device_time;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::visitor::Visitor;
use crate::visits::own;

/// Takes a step; what a service has against it comes back.
pub async fn take(visitor: &Visitor, fields: &Fields) -> Result<Result<(), Status>, Refusal> {
    let name = visitor.resource.clone();
    let text = |field: &str| fields.get(field).to_owned();
    let (etag, request_id) = (text("etag"), text("ticket"));
    // A supervisor who looks at it need not say who it is.
    let signed = |field: &str| {
        let said = visitor.supervisor_named(fields.get(field));
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
                name, etag, request_id, $($field: $value,)*
            }).await.map(drop)
        };
    }
    let done = match fields.get("verb") {
        "notify" => step!(
            notify_visit,
            NotifyVisitRequest {
                number: text("number"),
                text: text("text"),
                self_evaluation_due_date: text("self_evaluation_due_date"),
            }
        ),
        "team" => step!(
            assign_team,
            AssignTeamRequest {
                team: team(fields),
                units: fields
                    .all("units")
                    .map(|unit| UnitPart {
                        unit: unit.to_owned(),
                        ..Default::default()
                    })
                    .collect(),
            }
        ),
        "substitute" => step!(
            substitute_team_member,
            SubstituteTeamMemberRequest {
                leaving: text("leaving"),
                joining: Some(text("joining"))
                    .filter(|joining| !joining.is_empty())
                    .map(|supervisor| TeamMember {
                        supervisor,
                        ..Default::default()
                    }),
                reason: text("reason"),
            }
        ),
        "reschedule" => step!(
            reschedule_visit,
            RescheduleVisitRequest {
                date: text("date"),
                reason: text("reason"),
            }
        ),
        "cancel" => step!(
            cancel_visit,
            CancelVisitRequest {
                reason: text("reason")
            }
        ),
        "self_evaluate" => step!(
            submit_self_evaluation,
            SubmitSelfEvaluationRequest {
                text: text("text"),
                evaluation: String::new()
            }
        ),
        "review" => step!(
            review_self_evaluation,
            ReviewSelfEvaluationRequest {
                review: text("review"),
                reviewer: signed("reviewer"),
            }
        ),
        "begin" => step!(begin_visit, BeginVisitRequest { location: None }),
        "hear" => step!(
            hear_group,
            HearGroupRequest {
                hearing: Some(inspection::Hearing {
                    group: HearingGroup::from_str_name(fields.get("group"))
                        .unwrap_or_default()
                        .into(),
                    people: fields.number("people").unwrap_or(0),
                    summary: text("summary"),
                    by: signed("by"),
                    date: heard_on(visitor, fields),
                }),
            }
        ),
        "participate" => step!(
            record_participation,
            RecordParticipationRequest {
                unit: text("unit"),
                persons: lines(fields.get("persons")),
            }
        ),
        "finish" => step!(finish_visit, FinishVisitRequest {}),
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
        "plead" => step!(lodge_plea, LodgePleaRequest { text: text("text") }),
        "answer" => step!(
            answer_plea,
            AnswerPleaRequest {
                text: text("text"),
                accepted: fields.ticked("accepted"),
                answered_by: text("answered_by"),
            }
        ),
        "agree" => step!(
            agree_to_letter,
            AgreeToLetterRequest {
                supervisor: own(visitor, "/supervisors/")
            }
        ),
        "letter" => step!(
            issue_opinion_letter,
            IssueOpinionLetterRequest {
                number: text("number"),
                summary: text("summary")
            }
        ),
        "urge" => step!(
            urge_visit,
            UrgeVisitRequest {
                ground: UrgencyGround::from_str_name(fields.get("ground"))
                    .unwrap_or_default()
                    .into(),
                text: text("text"),
                by: signed("by"),
            }
        ),
        "report" => step!(
            submit_report,
            SubmitReportRequest {
                number: text("number"),
                title: text("title"),
                text: text("text"),
            }
        ),
        "file" => step!(
            file_report,
            FileReportRequest {
                to: text("to"),
                receipt: text("receipt"),
            }
        ),
        "publish" => step!(
            publish_visit,
            PublishVisitRequest {
                place: text("place"),
                text: text("text"),
            }
        ),
        "finding" => {
            let finding = inspection::Finding {
                visit: name,
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
            let mut findings = visitor.desk.findings();
            findings.create_finding(request).await.map(drop)
        }
        _ => return Err(Refusal::Unknown),
    };
    Ok(done)
}

/// The day on which somebody was heard: as the device has it, or today.
fn heard_on(visitor: &Visitor, fields: &Fields) -> String {
    let today = visitor.console.0.clock.today();
    let device = fields.number("record_time").map(device_day);
    // A clock that runs ahead says nothing.
    let known = device.filter(|day| *day <= today);
    known.unwrap_or(today).to_string()
}

/// The day of a moment as a device tells it, in milliseconds since 1970.
fn device_day(milliseconds: i64) -> NaiveDate {
    clock::day_of(milliseconds.saturating_mul(1000))
}

/// The team that a form says: the leader first. A service knows what they are called.
pub fn team(fields: &Fields) -> Vec<TeamMember> {
    let leader = fields.get("leader");
    let members = fields.all("members").filter(|member| *member != leader);
    std::iter::once(leader)
        .filter(|leader| !leader.is_empty())
        .chain(members)
        .map(|supervisor| TeamMember {
            supervisor: supervisor.to_owned(),
            leader: supervisor == leader,
            ..Default::default()
        })
        .collect()
}

/// What stands in the lines of a text.
pub fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}
