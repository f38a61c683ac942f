//! One step of a decision: what a form says, as an RPC.

use accountability::{
    AccountabilityForm, ApproverPost, DecisionContent, Measure, RemedyOutcome, StatementOutcome,
};
use dudao_proto::accountability::v1 as accountability;
use tonic::Status;

use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::visit::lines;
use crate::visitor::Visitor;

/// Takes a step; what a service has against it comes back.
pub async fn take(visitor: &Visitor, fields: &Fields) -> Result<Result<(), Status>, Refusal> {
    let name = visitor.resource.clone();
    let text = |field: &str| fields.get(field).to_owned();
    let (etag, request_id) = (text("etag"), text("ticket"));
    let form = |key: &str| AccountabilityForm::from_str_name(key).unwrap_or_default();
    let outcome = RemedyOutcome::from_str_name(fields.get("outcome")).unwrap_or_default();
    let mut decisions = visitor.desk.decisions();
    macro_rules! step {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
            decisions.$rpc(accountability::$request {
                name, etag, request_id, $($field: $value,)*
            }).await.map(drop)
        };
    }
    let done = match fields.get("verb") {
        "group" => step!(
            set_up_investigation,
            SetUpInvestigationRequest {
                leader: text("leader"),
                members: lines(fields.get("members")),
            }
        ),
        "tell" => step!(
            tell_facts,
            TellFactsRequest {
                number: text("number"),
                facts: text("facts"),
                basis: text("basis"),
                forms: fields.all("forms").map(|key| form(key).into()).collect(),
                statement_due_date: text("statement_due_date"),
            }
        ),
        "hear" => step!(
            hear_statement,
            HearStatementRequest {
                outcome: StatementOutcome::from_str_name(fields.get("outcome"))
                    .unwrap_or_default()
                    .into(),
                text: text("text"),
                by: text("by"),
            }
        ),
        "consult" => step!(
            consult_unit,
            ConsultUnitRequest {
                unit: text("unit"),
                opinion: text("opinion"),
                agrees: fields.ticked("agrees"),
            }
        ),
        "approve" => step!(
            approve_accountability,
            ApproveAccountabilityRequest {
                approver: text("approver"),
                post: ApproverPost::from_str_name(fields.get("post"))
                    .unwrap_or_default()
                    .into(),
                content: Some(content(fields)),
            }
        ),
        "issue" => step!(
            issue_accountability_decision,
            IssueAccountabilityDecisionRequest {
                number: text("number"),
                effective_date: text("effective_date"),
            }
        ),
        "deliver" => step!(
            deliver_accountability_decision,
            DeliverAccountabilityDecisionRequest {
                receiver: text("receiver"),
                date: text("date"),
            }
        ),
        "file" => step!(
            file_accountability_decision,
            FileAccountabilityDecisionRequest {
                to: text("to"),
                receipt: text("receipt"),
            }
        ),
        "execute" => step!(
            execute_measure,
            ExecuteMeasureRequest {
                form: form(fields.get("subject")).into(),
                text: text("text"),
                officer: text("officer"),
            }
        ),
        "refer" => step!(
            refer_measure,
            ReferMeasureRequest {
                form: form(fields.get("subject")).into(),
                receipt: text("receipt"),
            }
        ),
        "drop" => step!(
            drop_accountability,
            DropAccountabilityRequest {
                reason: text("reason"),
                officer: text("officer"),
            }
        ),
        "ask_review" => step!(
            ask_review,
            AskReviewRequest {
                grounds: text("grounds"),
                by: text("by"),
            }
        ),
        "decide_review" => step!(
            decide_review,
            DecideReviewRequest {
                outcome: outcome.into(),
                text: text("text"),
                officer: text("officer"),
            }
        ),
        "appeal" => step!(
            lodge_appeal,
            LodgeAppealRequest {
                grounds: text("grounds"),
                by: text("by"),
            }
        ),
        "decide_appeal" => step!(
            decide_appeal,
            DecideAppealRequest {
                outcome: outcome.into(),
                text: text("text"),
                officer: text("officer"),
            }
        ),
        "correct" => step!(
            correct_accountability_decision,
            CorrectAccountabilityDecisionRequest {
                // What is withdrawn has no content; its form has no field for one.
                content: Some(content(fields)).filter(|_| said(fields)),
                text: text("text"),
                officer: text("officer"),
            }
        ),
        _ => return Err(Refusal::Unknown),
    };
    Ok(done)
}

/// Whether a form has fields for what is decided.
fn said(fields: &Fields) -> bool {
    fields.0.iter().any(|(name, _)| name == "basic_facts")
}

/// What a form says is decided.
fn content(fields: &Fields) -> DecisionContent {
    let text = |field: &str| fields.get(field).to_owned();
    let chosen = fields
        .0
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("take-"));
    let measures = chosen.filter_map(|key| {
        let form = AccountabilityForm::from_str_name(key)?;
        Some(Measure {
            form: form.into(),
            detail: text(&format!("detail-{key}")),
            organ: text(&format!("organ-{key}")),
            ..Default::default()
        })
    });
    DecisionContent {
        basic_facts: text("basic_facts"),
        findings: text("findings"),
        basis: text("basis"),
        measures: measures.collect(),
    }
}
