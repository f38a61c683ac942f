//! What can be done about a decision where it stands, by those who may.

use accountability::{
    AccountabilityDecision, AccountabilityForm, AccountabilityState, ApproverPost, Remedy,
    RemedyOutcome, StatementOutcome, SubjectKind,
};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::auth::v1::Role;

use crate::forms::{Form, Kind};
use crate::frame::Frame;

/// Forms for units, from the mildest to the heaviest.
const OF_UNITS: [AccountabilityForm; 5] = [
    AccountabilityForm::PublicCriticism,
    AccountabilityForm::UnitInterview,
    AccountabilityForm::UnitNotification,
    AccountabilityForm::ResourceAdjustment,
    AccountabilityForm::AdministrativePenalty,
];

/// Forms for persons, from the mildest to the heaviest; the last three are only referred.
const OF_PERSONS: [AccountabilityForm; 6] = [
    AccountabilityForm::SelfExamination,
    AccountabilityForm::PersonInterview,
    AccountabilityForm::CriticismByNotice,
    AccountabilityForm::OrganisationalHandling,
    AccountabilityForm::Sanction,
    AccountabilityForm::TransferToJustice,
];

/// Whether the office may only refer a form to the organ that decides on it.
pub fn is_referred(form: AccountabilityForm) -> bool {
    OF_PERSONS[3..].contains(&form)
}

/// The forms of a page; `units` are the county's member units.
pub fn forms(
    decision: &AccountabilityDecision,
    units: Vec<(String, String)>,
    t: &Frame,
) -> Vec<Form> {
    let mut forms = Vec::new();
    if t.decides() {
        forms.extend(to_decide(decision, units, t));
        forms.extend(carried_out(decision, t));
    }
    forms.extend(remedies(decision, t));
    forms
}

/// Up to the issue.
fn to_decide(
    decision: &AccountabilityDecision,
    units: Vec<(String, String)>,
    t: &Frame,
) -> Vec<Form> {
    let state = decision.state();
    let stands = |states: &[AccountabilityState]| states.contains(&state);
    let mut forms = Vec::new();
    if stands(&[AccountabilityState::Opened]) {
        forms.push(
            step("group", t.step_group)
                .field("leader", t.leader, Kind::Line)
                .field("members", t.members_by_line, Kind::Text),
        );
    }
    if stands(&[AccountabilityState::Told]) {
        let outcomes = [
            StatementOutcome::Spoken,
            StatementOutcome::Waived,
            StatementOutcome::Lapsed,
        ];
        let outcomes = outcomes.map(|one| (one.as_str_name(), t.statement_outcome(one)));
        forms.push(
            step("hear", t.step_hear_statement)
                .field("outcome", t.outcome, Kind::choice(outcomes))
                .field("text", t.what_it_says, Kind::Text)
                .field("by", t.by_whom, Kind::Line),
        );
    }
    if stands(&[AccountabilityState::Consulted]) {
        let posts = [ApproverPost::Director, ApproverPost::DeputyDirector];
        let posts = posts.map(|post| (post.as_str_name(), t.approver_post(post)));
        let form = step("approve", t.step_approve)
            .field("approver", t.approver, Kind::Line)
            .field("post", t.post, Kind::choice(posts));
        forms.push(content(form, decision, t));
    }
    if stands(&[AccountabilityState::Heard, AccountabilityState::Consulted]) {
        forms.push(
            step("consult", t.step_consult)
                .field("unit", t.unit, Kind::choice(units))
                .field("opinion", t.what_it_says, Kind::Text)
                .field("agrees", t.agrees, Kind::Tick),
        );
    }
    if stands(&[AccountabilityState::Approved]) {
        forms.push(
            step("issue", t.step_issue_decision)
                .field("number", t.document, Kind::Line)
                .field("effective_date", t.takes_effect, Kind::Date),
        );
    }
    let to_tell = [
        AccountabilityState::Investigating,
        AccountabilityState::Told,
        AccountabilityState::Heard,
        AccountabilityState::Consulted,
        AccountabilityState::Approved,
    ];
    if stands(&to_tell) {
        let offered: &[AccountabilityForm] = match decision.kind() {
            SubjectKind::Person => &OF_PERSONS,
            SubjectKind::Unit | SubjectKind::Unspecified => &OF_UNITS,
        };
        let offered = offered.iter();
        let offered = offered.map(|form| (form.as_str_name(), t.accountability_form(*form)));
        forms.push(
            step("tell", t.step_tell)
                .field("number", t.document, Kind::Line)
                .field("facts", t.basic_facts, Kind::Text)
                .field("basis", t.basis, Kind::Line)
                .field("forms", t.intended_forms, Kind::several(offered))
                .field("statement_due_date", t.may_speak_until, Kind::Date),
        );
    }
    if stands(&to_tell) || stands(&[AccountabilityState::Opened]) {
        forms.push(
            step("drop", t.step_drop)
                .field("reason", t.reason, Kind::Text)
                .field("officer", t.officer, Kind::Line),
        );
    }
    forms
}

/// What is decided: the elements of a decision, and every form that was told.
fn content(form: Form, decision: &AccountabilityDecision, t: &Frame) -> Form {
    let told = decision.notices.last();
    let facts = form
        .field("basic_facts", t.basic_facts, Kind::Text)
        .field("findings", t.what_is_found, Kind::Text)
        .field("basis", t.basis, Kind::Line);
    told.into_iter()
        .flat_map(accountability::FactsNotice::forms)
        .fold(facts, |form, one| {
            let (key, word) = (one.as_str_name(), t.accountability_form(one));
            let form = form.field(format!("take-{key}"), word, Kind::Tick).field(
                format!("detail-{key}"),
                format!("{word}{}{}", t.colon, t.what_exactly),
                Kind::Line,
            );
            if is_referred(one) {
                form.field(
                    format!("organ-{key}"),
                    format!("{word}{}{}", t.colon, t.organ),
                    Kind::Line,
                )
            } else {
                form
            }
        })
}

/// From the issue on.
fn carried_out(decision: &AccountabilityDecision, t: &Frame) -> Vec<Form> {
    let mut forms = Vec::new();
    let issued = decision.state() == AccountabilityState::Issued;
    if issued && decision.delivery.is_none() {
        forms.push(
            step("deliver", t.step_deliver)
                .field("receiver", t.receiver, Kind::Line)
                .field("date", t.date, Kind::Date),
        );
    }
    if issued && decision.delivery.is_some() {
        let measures = decision
            .content
            .iter()
            .flat_map(|content| &content.measures);
        for measure in measures {
            let key = measure.form().as_str_name();
            if is_referred(measure.form()) {
                let form = Form::new("refer", t.step_refer, key);
                forms.push(form.about(t.accountability_form(measure.form())).field(
                    "receipt",
                    t.receipt,
                    Kind::Line,
                ));
            } else if measure.execution.is_none() {
                let form = Form::new("execute", t.step_execute, key);
                forms.push(
                    form.about(t.accountability_form(measure.form()))
                        .field("text", t.what_was_done, Kind::Text)
                        .field("officer", t.officer, Kind::Line),
                );
            }
        }
    }
    let to_file = [
        AccountabilityState::Issued,
        AccountabilityState::Executed,
        AccountabilityState::Withdrawn,
    ];
    if to_file.contains(&decision.state()) {
        forms.push(
            step("file", t.step_file)
                .field("to", t.filed_with, Kind::Line)
                .field("receipt", t.receipt, Kind::Line),
        );
    }
    forms
}

/// Review and appeal: asked for by those concerned, decided by the office and its superior.
fn remedies(decision: &AccountabilityDecision, t: &Frame) -> Vec<Form> {
    let stands = [AccountabilityState::Issued, AccountabilityState::Executed];
    let mut forms = Vec::new();
    if !stands.contains(&decision.state()) || decision.delivery.is_none() {
        return forms;
    }
    let asks = t.has(&[Role::Planner, Role::School, Role::Town, Role::UnitLiaison]);
    let asking = |verb, word| {
        step(verb, word)
            .field("grounds", t.grounds, Kind::Text)
            .field("by", t.by_whom, Kind::Line)
    };
    let deciding = |verb, word| {
        let outcomes = [
            RemedyOutcome::Upheld,
            RemedyOutcome::Changed,
            RemedyOutcome::Withdrawn,
        ];
        let outcomes = outcomes.map(|one| (one.as_str_name(), t.remedy_outcome(one)));
        step(verb, word)
            .field("outcome", t.outcome, Kind::choice(outcomes))
            .field("text", t.reason, Kind::Text)
            .field("officer", t.officer, Kind::Line)
    };
    let pending = |remedy: &Option<Remedy>| {
        let remedy = remedy.as_ref();
        remedy.is_some_and(|one| one.outcome() == RemedyOutcome::Unspecified)
    };
    if asks && decision.review.is_none() && decision.appeal.is_none() {
        forms.push(asking("ask_review", t.step_ask_review));
    }
    if t.decides() && pending(&decision.review) {
        forms.push(deciding("decide_review", t.step_decide_review));
    }
    if asks && decision.appeal.is_none() && !pending(&decision.review) {
        forms.push(asking("appeal", t.step_appeal));
    }
    if (t.decides() || t.has(&[Role::SuperiorIssuer])) && pending(&decision.appeal) {
        forms.push(deciding("decide_appeal", t.step_decide_appeal));
    }
    let wrong = [&decision.appeal, &decision.review].into_iter().flatten();
    let mut wrong = wrong.filter(|one| one.correct_date.is_empty());
    let wrong = wrong
        .find(|one| [RemedyOutcome::Changed, RemedyOutcome::Withdrawn].contains(&one.outcome()));
    if let Some(wrong) = wrong.filter(|_| t.decides()) {
        let form = step("correct", t.step_correct)
            .field("text", t.reason, Kind::Text)
            .field("officer", t.officer, Kind::Line);
        forms.push(if wrong.outcome() == RemedyOutcome::Changed {
            content(form, decision, t)
        } else {
            form
        });
    }
    forms
}

fn step(verb: &'static str, word: &'static str) -> Form {
    Form::new(verb, word, "")
}
