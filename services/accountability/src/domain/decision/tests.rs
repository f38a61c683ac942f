//! What the law says of an accountability decision.

use std::collections::BTreeMap;

use dudao_law::ruleset::{Figure, Ruleset};
use proptest::prelude::*;

use super::*;
use crate::domain::case::{AccountabilityReferral, CaseSource};
use AccountabilityForm as Form;
use AccountabilityState as State;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The clocks of the national rule, in calendar days.
fn law() -> Law {
    let clocks = [
        ("clock.investigation_group", 60.0, "days"),
        ("clock.review_request", 30.0, "days"),
        ("clock.review_decision", 30.0, "days"),
        ("clock.appeal", 15.0, "days"),
        ("clock.appeal_decision", 60.0, "days"),
        ("clock.correction", 15.0, "days"),
        ("clock.aggravation", 1.0, "years"),
    ];
    let figures: BTreeMap<_, _> = clocks
        .into_iter()
        .map(|(key, value, unit)| {
            let figure = Figure {
                title: key.to_owned(),
                value: Some(value),
                unit: unit.to_owned(),
                basis: MEASURES.to_owned(),
            };
            (key.to_owned(), figure)
        })
        .collect();
    Law {
        rules: Ruleset {
            name: "counties/140525/rulesets/1".to_owned(),
            figures,
        },
        calendar: dudao_law::Calendar::default(),
    }
}

fn case(referred: bool) -> Case {
    let referral = AccountabilityReferral {
        date: day("2026-10-30"),
        trigger: None,
        text: "通报后仍未整改".to_owned(),
        officer: "张主任".to_owned(),
    };
    Case {
        source: CaseSource::Superior,
        visit: String::new(),
        letter_number: String::new(),
        issuer: "省督导办".to_owned(),
        unit: "counties/140525/schools/S1".to_owned(),
        unit_name: "实验小学".to_owned(),
        town: "巴公镇".to_owned(),
        government: false,
        team: vec![],
        inspection_end_date: Some(day("2026-09-01")),
        summary: String::new(),
        findings: vec![],
        open_date: None,
        ruleset: String::new(),
        urging_letters: vec![],
        interviews: vec![],
        notifications: vec![],
        referrals: if referred { vec![referral] } else { vec![] },
        closed: false,
        result_filings: vec![],
        decisions: 0,
    }
}

fn draft(kind: SubjectKind) -> AccountabilityDecision {
    let person = kind == SubjectKind::Person;
    let of_person = |words: &str| {
        if person {
            words.to_owned()
        } else {
            String::new()
        }
    };
    AccountabilityDecision {
        case: "counties/140525/cases/c1".to_owned(),
        trigger: None,
        kind,
        unit: String::new(),
        unit_name: String::new(),
        town: String::new(),
        person: of_person("王校长"),
        person_number: String::new(),
        post: of_person("校长"),
        inspection_end_date: None,
        reason: "整改不到位".to_owned(),
        officer: "李干事".to_owned(),
        open_date: None,
        ruleset: String::new(),
        state: State::default(),
        group_due_date: None,
        group: None,
        notices: vec![],
        statements: vec![],
        consultations: vec![],
        approval: None,
        content: None,
        issuance: None,
        delivery: None,
        filings: vec![],
        review: None,
        appeal: None,
        corrections: vec![],
        end_reason: String::new(),
    }
}

fn opened(kind: SubjectKind) -> AccountabilityDecision {
    let case = case(true);
    draft(kind)
        .opened(Some(&case), &law(), day("2026-11-02"))
        .unwrap()
}

fn group(decision: AccountabilityDecision) -> AccountabilityDecision {
    decision
        .set_up_group("赵组长", vec!["钱".to_owned()], day("2026-11-02"))
        .unwrap()
}

fn notice(forms: &[Form]) -> FactsNotice {
    FactsNotice {
        n: 0,
        date: day("2026-11-03"),
        number: "泽督告〔2026〕1号".to_owned(),
        facts: "逾期未整改".to_owned(),
        basis: "《教育督导问责办法》".to_owned(),
        forms: forms.to_vec(),
        statement_due_date: day("2026-11-10"),
        aggravated_by: vec![],
    }
}

fn told(kind: SubjectKind, forms: &[Form]) -> AccountabilityDecision {
    group(opened(kind))
        .tell(notice(forms), vec![], day("2026-11-03"))
        .unwrap()
}

fn consulted(kind: SubjectKind, forms: &[Form]) -> AccountabilityDecision {
    told(kind, forms)
        .hear(
            StatementOutcome::Spoken,
            "已部分整改",
            "王校长",
            day("2026-11-05"),
        )
        .unwrap()
        .consult(FINANCE, "同意", true, day("2026-11-06"))
        .unwrap()
}

const FINANCE: (&str, &str) = ("counties/140525/memberUnits/县财政局", "县财政局");

fn content(forms: &[Form]) -> DecisionContent {
    let measures = forms.iter().map(|form| Measure {
        form: *form,
        detail: "按规定作出".to_owned(),
        organ: if form.is_referred() {
            "县纪委监委".to_owned()
        } else {
            String::new()
        },
        execution: None,
        referral: None,
    });
    DecisionContent {
        basic_facts: "逾期未整改".to_owned(),
        findings: "整改不到位".to_owned(),
        basis: "《教育督导问责办法》".to_owned(),
        measures: measures.collect(),
    }
}

fn approval(approver: &str, date: &str) -> Approval {
    Approval {
        date: day(date),
        approver: approver.to_owned(),
        post: ApproverPost::Director,
    }
}

/// Who may approve.
fn entitled() -> Vec<String> {
    vec!["孙县长".to_owned(), "周局长".to_owned()]
}

fn approved(kind: SubjectKind, forms: &[Form]) -> AccountabilityDecision {
    consulted(kind, forms)
        .approve(
            approval("孙县长", "2026-11-09"),
            content(forms),
            &entitled(),
            &[],
        )
        .unwrap()
}

fn issued(kind: SubjectKind, forms: &[Form]) -> AccountabilityDecision {
    approved(kind, forms)
        .issue(
            "泽督问〔2026〕1号",
            day("2026-11-11"),
            vec![],
            day("2026-11-11"),
        )
        .unwrap()
}

/// Received on 12 November 2026: review until 14 December (the 12th is a Saturday), an appeal until 27 November.
fn delivered(kind: SubjectKind, forms: &[Form]) -> AccountabilityDecision {
    issued(kind, forms)
        .deliver("王校长", day("2026-11-12"), &law(), day("2026-11-12"))
        .unwrap()
}

const UNIT: SubjectKind = SubjectKind::Unit;
const PERSON: SubjectKind = SubjectKind::Person;
const CRITICISM: [Form; 2] = [Form::PublicCriticism, Form::UnitInterview];
const SANCTION: [Form; 2] = [Form::CriticismByNotice, Form::Sanction];

#[test]
fn article_14_a_decision_is_opened_on_a_referred_case_or_on_a_direct_trigger() {
    let today = day("2026-11-02");
    let refused = draft(UNIT)
        .opened(Some(&case(false)), &law(), today)
        .unwrap_err();
    assert_eq!(refused.keys(), ["decision.referral"]);
    let on_case = opened(UNIT);
    assert_eq!(
        (
            on_case.unit_name.as_str(),
            on_case.town.as_str(),
            on_case.group_due_date
        ),
        ("实验小学", "巴公镇", Some(day("2026-11-02"))),
        "taken over from the case; 60 days from 1 September end on Saturday 31 October and run on to Monday"
    );
    let direct = AccountabilityDecision {
        case: String::new(),
        trigger: Some(AccountabilityTrigger::Obstruction),
        unit: "counties/140525/schools/S1".to_owned(),
        unit_name: "实验小学".to_owned(),
        ..draft(UNIT)
    };
    let direct = direct.check("d1").unwrap();
    assert_eq!(
        direct
            .clone()
            .opened(None, &law(), today)
            .unwrap()
            .group_due_date,
        None
    );
    let mut nothing = direct.clone();
    nothing.trigger = None;
    assert!(nothing.check("d1").is_err(), "neither a case nor a trigger");
    let mut not_rectified = direct;
    not_rectified.trigger = Some(AccountabilityTrigger::NotRectified);
    assert!(
        not_rectified.check("d1").is_err(),
        "what was not put right stands in a case"
    );
    let mut unset = law();
    unset.rules.figures.clear();
    let refused = draft(UNIT)
        .opened(Some(&case(true)), &unset, today)
        .unwrap_err();
    assert_eq!(refused.keys(), ["clock.investigation_group"]);
    assert!(draft(PERSON).check("d1").is_ok());
    assert!(
        AccountabilityDecision {
            post: String::new(),
            ..draft(PERSON)
        }
        .check("d1")
        .is_err()
    );
    assert!(
        AccountabilityDecision {
            person: "王".to_owned(),
            ..draft(UNIT)
        }
        .check("d1")
        .is_err()
    );
}

#[test]
fn a_late_investigation_group_is_shown_and_not_refused() {
    let late = opened(UNIT)
        .set_up_group("赵组长", vec!["钱".to_owned()], day("2027-01-15"))
        .unwrap();
    let group = late.group.unwrap();
    assert!(group.due_date.unwrap() < group.date);
    let today = day("2026-11-02");
    assert_eq!(
        opened(UNIT)
            .set_up_group("赵组长", vec![], today)
            .unwrap_err()
            .keys(),
        ["members"]
    );
    let same = opened(UNIT)
        .set_up_group("赵", vec!["赵".to_owned()], today)
        .unwrap_err();
    assert_eq!(same.keys(), ["members[0]"]);
}

#[test]
fn every_step_needs_the_one_before_it() {
    let state = |refused: Result<AccountabilityDecision, Refusal>| {
        assert_eq!(refused.unwrap_err().keys(), ["decision.state"]);
    };
    let today = day("2026-11-20");
    state(opened(UNIT).tell(notice(&CRITICISM), vec![], today));
    state(group(opened(UNIT)).hear(StatementOutcome::Waived, "x", "y", today));
    state(told(UNIT, &CRITICISM).consult(FINANCE, "同意", true, today));
    let heard = told(UNIT, &CRITICISM)
        .hear(StatementOutcome::Waived, "放弃", "王校长", today)
        .unwrap();
    state(heard.approve(
        approval("孙县长", "2026-11-20"),
        content(&CRITICISM),
        &entitled(),
        &[],
    ));
    state(consulted(UNIT, &CRITICISM).issue("1号", today, vec![], today));
    state(approved(UNIT, &CRITICISM).deliver("王校长", today, &law(), today));
    state(approved(UNIT, &CRITICISM).execute(Form::PublicCriticism, "x", "y", today));
    state(approved(UNIT, &CRITICISM).ask_review("x", "y", &law(), today));
    state(approved(UNIT, &CRITICISM).file("县委", "", today));
    state(issued(UNIT, &CRITICISM).drop_it("x", "y"));
    assert_eq!(
        approved(UNIT, &CRITICISM)
            .drop_it("查无实据", "张主任")
            .unwrap()
            .state,
        State::Dropped
    );
}

#[test]
fn the_time_to_speak_must_have_passed_before_it_counts_as_not_used() {
    let early = told(UNIT, &CRITICISM).hear(StatementOutcome::Lapsed, "", "", day("2026-11-10"));
    assert_eq!(early.unwrap_err().keys(), ["decision.statement_time"]);
    assert!(
        told(UNIT, &CRITICISM)
            .hear(StatementOutcome::Lapsed, "", "", day("2026-11-11"))
            .is_ok()
    );
    let silent = told(UNIT, &CRITICISM).hear(StatementOutcome::Waived, "", "", day("2026-11-04"));
    assert_eq!(
        silent.unwrap_err().keys(),
        ["text", "by"],
        "a waiver is in writing"
    );
}

#[test]
fn the_unit_concerned_is_not_the_one_consulted() {
    let mut heard = told(UNIT, &CRITICISM)
        .hear(StatementOutcome::Spoken, "x", "y", day("2026-11-05"))
        .unwrap();
    heard.unit = FINANCE.0.to_owned();
    let own = heard
        .clone()
        .consult(FINANCE, "同意", true, day("2026-11-06"));
    assert_eq!(own.unwrap_err().keys(), ["decision.consulted_other"]);
    let other = ("counties/140525/memberUnits/县公安局", "县公安局");
    let once = heard
        .consult(other, "同意", true, day("2026-11-06"))
        .unwrap();
    assert_eq!(
        once.consult(other, "同意", true, day("2026-11-06"))
            .unwrap_err()
            .keys(),
        ["unit"]
    );
}

#[test]
fn article_14_only_the_director_or_a_deputy_approves_and_only_what_was_told() {
    let wide = [Form::PublicCriticism, Form::ResourceAdjustment];
    let refused = consulted(UNIT, &CRITICISM)
        .approve(
            approval("李干事", "2026-11-09"),
            content(&wide),
            &entitled(),
            &[],
        )
        .unwrap_err();
    assert_eq!(
        refused.keys(),
        ["decision.approver", "decision.told"],
        "all at once"
    );
    let narrow = consulted(UNIT, &CRITICISM).approve(
        approval("周局长", "2026-11-09"),
        content(&[Form::UnitInterview]),
        &entitled(),
        &[],
    );
    assert!(narrow.is_ok(), "after the hearing it may be less");
}

#[test]
fn article_14_a_decision_carries_its_five_elements() {
    let empty = DecisionContent {
        basic_facts: String::new(),
        findings: String::new(),
        basis: String::new(),
        measures: vec![],
    };
    let refused = consulted(UNIT, &CRITICISM)
        .approve(approval("孙县长", "2026-11-09"), empty, &entitled(), &[])
        .unwrap_err();
    assert_eq!(
        refused.keys(),
        [
            "content.basic_facts",
            "content.findings",
            "content.basis",
            "content.measures"
        ]
    );
    let early =
        approved(UNIT, &CRITICISM).issue("1号", day("2026-11-10"), vec![], day("2026-11-11"));
    assert_eq!(early.unwrap_err().keys(), ["effective_date"]);
    let issued = issued(UNIT, &CRITICISM);
    assert_eq!(issued.issuance.unwrap().effective_date, day("2026-11-11"));
}

#[test]
fn forms_are_those_for_the_subject_and_each_named_once() {
    let refused = group(opened(UNIT)).tell(
        notice(&[Form::Sanction, Form::UnitInterview, Form::UnitInterview]),
        vec![],
        day("2026-11-03"),
    );
    assert_eq!(refused.unwrap_err().keys(), ["forms[0]", "forms[2]"]);
    for form in Form::ALL {
        let subject = form.subject();
        assert!(
            group(opened(subject))
                .tell(notice(&[*form]), vec![], day("2026-11-03"))
                .is_ok(),
            "{form}"
        );
    }
}

#[test]
fn what_the_office_may_only_refer_names_its_organ_and_is_done_with_the_receipt() {
    let mut nowhere = content(&SANCTION);
    nowhere.measures[1].organ.clear();
    let refused = consulted(PERSON, &SANCTION)
        .approve(approval("孙县长", "2026-11-09"), nowhere, &entitled(), &[])
        .unwrap_err();
    assert_eq!(refused.keys(), ["content.measures[1].organ"]);
    let mut elsewhere = content(&SANCTION);
    elsewhere.measures[0].organ = "县纪委监委".to_owned();
    let refused = consulted(PERSON, &SANCTION)
        .approve(
            approval("孙县长", "2026-11-09"),
            elsewhere,
            &entitled(),
            &[],
        )
        .unwrap_err();
    assert_eq!(refused.keys(), ["content.measures[0].organ"]);
    let today = day("2026-11-13");
    let imposed = delivered(PERSON, &SANCTION).execute(Form::Sanction, "给予警告", "张主任", today);
    assert_eq!(imposed.unwrap_err().keys(), ["decision.referred_only"]);
    let referred = delivered(PERSON, &SANCTION).refer(Form::CriticismByNotice, "收", today);
    assert_eq!(referred.unwrap_err().keys(), ["decision.imposed"]);
    let sent = delivered(PERSON, &SANCTION)
        .execute(Form::CriticismByNotice, "已通报批评", "张主任", today)
        .unwrap()
        .refer(Form::Sanction, "", today)
        .unwrap();
    assert_eq!(sent.state, State::Issued, "the receipt has not come");
    let received = sent
        .refer(Form::Sanction, "纪收〔2026〕8号", day("2026-11-20"))
        .unwrap();
    assert_eq!(received.state, State::Executed);
    assert_eq!(
        received.content.unwrap().measures[1]
            .referral
            .as_ref()
            .unwrap()
            .date,
        today
    );
}

#[test]
fn a_decision_is_executed_once_it_was_received_and_takes_effect() {
    let execute = |decision: AccountabilityDecision, today: &str| {
        decision.execute(Form::PublicCriticism, "已公开批评", "张主任", day(today))
    };
    let refused = execute(issued(UNIT, &CRITICISM), "2026-11-12").unwrap_err();
    assert_eq!(refused.keys(), ["decision.delivered"]);
    let mut later = delivered(UNIT, &CRITICISM);
    if let Some(issuance) = &mut later.issuance {
        issuance.effective_date = day("2026-12-01");
    }
    assert_eq!(
        execute(later, "2026-11-30").unwrap_err().keys(),
        ["decision.effective"]
    );
    let once = execute(delivered(UNIT, &CRITICISM), "2026-11-13").unwrap();
    assert_eq!(
        execute(once.clone(), "2026-11-13").unwrap_err().keys(),
        ["decision.measure_done"]
    );
    let other = once
        .clone()
        .execute(Form::UnitNotification, "x", "y", day("2026-11-13"));
    assert_eq!(other.unwrap_err().keys(), ["form"], "not among its forms");
    let done = once
        .execute(Form::UnitInterview, "已约谈", "张主任", day("2026-11-14"))
        .unwrap();
    assert_eq!((done.state, done.is_over()), (State::Executed, true));
}

#[test]
fn a_decision_is_delivered_once_and_not_before_its_issue() {
    let early =
        issued(UNIT, &CRITICISM).deliver("王校长", day("2026-11-10"), &law(), day("2026-11-12"));
    assert_eq!(early.unwrap_err().keys(), ["date"]);
    let ahead =
        issued(UNIT, &CRITICISM).deliver("王校长", day("2026-11-13"), &law(), day("2026-11-12"));
    assert_eq!(ahead.unwrap_err().keys(), ["date"]);
    let again =
        delivered(UNIT, &CRITICISM).deliver("王校长", day("2026-11-12"), &law(), day("2026-11-12"));
    assert_eq!(again.unwrap_err().keys(), ["decision.delivered"]);
}

#[test]
fn filings_keep_their_day_and_note_their_receipt() {
    let filed = issued(UNIT, &CRITICISM)
        .file("巴公镇党委", "", day("2026-11-12"))
        .unwrap()
        .file("巴公镇党委", "已收", day("2026-11-15"))
        .unwrap();
    assert_eq!(filed.filings.len(), 1);
    assert_eq!(
        (filed.filings[0].date, filed.filings[0].receipt.as_str()),
        (day("2026-11-12"), "已收")
    );
}

#[test]
fn article_14_review_and_appeal_do_not_suspend_execution() {
    let asked = delivered(UNIT, &CRITICISM)
        .ask_review("事实有误", "王校长", &law(), day("2026-11-16"))
        .unwrap();
    let during = asked
        .execute(
            Form::PublicCriticism,
            "已公开批评",
            "张主任",
            day("2026-11-17"),
        )
        .unwrap();
    let appealed = during
        .decide_review(
            (RemedyOutcome::Upheld, "事实清楚", "张主任"),
            &law(),
            day("2026-11-20"),
        )
        .unwrap()
        .lodge_appeal("仍不服", "王校长", &law(), day("2026-11-25"))
        .unwrap();
    let done = appealed
        .execute(Form::UnitInterview, "已约谈", "张主任", day("2026-11-26"))
        .unwrap();
    assert_eq!(done.state, State::Executed);
    assert!(!done.is_over(), "the appeal is still to be decided");
}

#[test]
fn the_rights_to_review_and_appeal_end_with_their_time() {
    let review = |today: &str| delivered(UNIT, &CRITICISM).ask_review("x", "y", &law(), day(today));
    assert!(
        review("2026-12-14").is_ok(),
        "30 days end on a Saturday and run on to Monday"
    );
    assert_eq!(
        review("2026-12-15").unwrap_err().keys(),
        ["clock.review_request"]
    );
    let appeal =
        |today: &str| delivered(UNIT, &CRITICISM).lodge_appeal("x", "y", &law(), day(today));
    assert!(appeal("2026-11-27").is_ok());
    assert_eq!(appeal("2026-11-28").unwrap_err().keys(), ["clock.appeal"]);
    let reviewed = review("2026-12-01")
        .unwrap()
        .decide_review((RemedyOutcome::Upheld, "t", "o"), &law(), day("2026-12-21"))
        .unwrap();
    assert!(
        reviewed
            .clone()
            .lodge_appeal("x", "y", &law(), day("2027-01-05"))
            .is_ok()
    );
    let late = reviewed.lodge_appeal("x", "y", &law(), day("2027-01-06"));
    assert_eq!(
        late.unwrap_err().keys(),
        ["clock.appeal"],
        "15 days from the review's decision"
    );
    let unserved = issued(UNIT, &CRITICISM).ask_review("x", "y", &law(), day("2026-11-12"));
    assert_eq!(unserved.unwrap_err().keys(), ["decision.delivered"]);
}

#[test]
fn review_and_appeal_are_asked_once_and_in_order() {
    let today = day("2026-11-16");
    let asked = delivered(UNIT, &CRITICISM)
        .ask_review("x", "y", &law(), today)
        .unwrap();
    assert_eq!(
        asked
            .clone()
            .ask_review("x", "y", &law(), today)
            .unwrap_err()
            .keys(),
        ["decision.review"]
    );
    assert_eq!(
        asked
            .lodge_appeal("x", "y", &law(), today)
            .unwrap_err()
            .keys(),
        ["decision.review"],
        "it is pending"
    );
    let appealed = delivered(UNIT, &CRITICISM)
        .lodge_appeal("x", "y", &law(), today)
        .unwrap();
    assert_eq!(
        appealed
            .clone()
            .ask_review("x", "y", &law(), today)
            .unwrap_err()
            .keys(),
        ["decision.review"]
    );
    assert_eq!(
        appealed
            .clone()
            .lodge_appeal("x", "y", &law(), today)
            .unwrap_err()
            .keys(),
        ["decision.appeal"]
    );
    let found = (RemedyOutcome::Upheld, "t", "o");
    assert_eq!(
        appealed
            .decide_review(found, &law(), today)
            .unwrap_err()
            .keys(),
        ["decision.review"]
    );
    assert_eq!(
        delivered(UNIT, &CRITICISM)
            .decide_appeal(found, &law(), today)
            .unwrap_err()
            .keys(),
        ["decision.appeal"]
    );
}

#[test]
fn a_late_review_decision_is_shown_and_not_refused() {
    let asked = delivered(UNIT, &CRITICISM)
        .ask_review("x", "y", &law(), day("2026-11-16"))
        .unwrap();
    assert_eq!(
        asked.clocks(),
        [(ReminderMatter::ReviewDecision, day("2026-12-16"))]
    );
    let late = asked
        .decide_review(
            (RemedyOutcome::Changed, "t", "o"),
            &law(),
            day("2027-02-01"),
        )
        .unwrap();
    assert_eq!(
        late.clocks(),
        [(ReminderMatter::Correction, day("2027-02-16"))]
    );
}

fn found_wrong(outcome: RemedyOutcome) -> AccountabilityDecision {
    let today = day("2026-11-16");
    delivered(UNIT, &CRITICISM)
        .execute(Form::PublicCriticism, "已公开批评", "张主任", today)
        .unwrap()
        .lodge_appeal("x", "王校长", &law(), today)
        .unwrap()
        .decide_appeal((outcome, "t", "市督导办"), &law(), day("2026-12-01"))
        .unwrap()
}

#[test]
fn what_review_or_appeal_finds_wrong_is_changed_or_withdrawn_and_keeps_what_was() {
    let today = day("2026-12-10");
    let one = found_wrong(RemedyOutcome::Changed)
        .correct(
            Some(content(&[Form::PublicCriticism])),
            "撤销约谈",
            "张主任",
            today,
        )
        .unwrap();
    assert_eq!(
        one.state,
        State::Executed,
        "what is left was carried out before"
    );
    assert_eq!(one.corrections[0].before.measures.len(), 2);
    assert!(one.clocks().is_empty());
    assert_eq!(
        one.clone()
            .correct(None, "x", "y", today)
            .unwrap_err()
            .keys(),
        ["decision.correction"]
    );
    let heavier = found_wrong(RemedyOutcome::Changed).correct(
        Some(content(&[Form::ResourceAdjustment])),
        "x",
        "y",
        today,
    );
    assert_eq!(heavier.unwrap_err().keys(), ["decision.heavier"]);
    let nothing = found_wrong(RemedyOutcome::Changed).correct(None, "x", "y", today);
    assert_eq!(nothing.unwrap_err().keys(), ["content"]);
    let something =
        found_wrong(RemedyOutcome::Withdrawn).correct(Some(content(&CRITICISM)), "x", "y", today);
    assert_eq!(something.unwrap_err().keys(), ["content"]);
    let withdrawn = found_wrong(RemedyOutcome::Withdrawn)
        .correct(None, "事实不清", "张主任", today)
        .unwrap();
    assert_eq!(withdrawn.state, State::Withdrawn);
    assert!(withdrawn.content.is_some() && withdrawn.public_criticism().is_none());
    let upheld = found_wrong(RemedyOutcome::Upheld).correct(None, "x", "y", today);
    assert_eq!(upheld.unwrap_err().keys(), ["decision.correction"]);
}

#[test]
fn article_14_a_second_decision_within_a_year_is_not_the_mildest() {
    let first = issued(UNIT, &CRITICISM);
    let second = group(opened(UNIT));
    let aggravates = |first: &AccountabilityDecision, today: &str| {
        first.aggravates(&second, &law(), day(today)).unwrap()
    };
    assert!(aggravates(&first, "2027-11-11"), "a year to the day");
    assert!(!aggravates(&first, "2027-11-12"));
    assert!(
        !aggravates(&approved(UNIT, &CRITICISM), "2026-12-01"),
        "not issued"
    );
    let withdrawn = AccountabilityDecision {
        state: State::Withdrawn,
        ..first.clone()
    };
    assert!(!aggravates(&withdrawn, "2026-12-01"));
    let elsewhere = AccountabilityDecision {
        unit: "counties/140525/schools/S2".to_owned(),
        ..first
    };
    assert!(!aggravates(&elsewhere, "2026-12-01"));
    let earlier = vec!["counties/140525/accountabilityDecisions/d1".to_owned()];
    let mild = second.clone().tell(
        notice(&[Form::PublicCriticism]),
        earlier.clone(),
        day("2026-11-03"),
    );
    assert_eq!(mild.unwrap_err().keys(), ["decision.aggravation"]);
    let heavier = second
        .tell(notice(&CRITICISM), earlier.clone(), day("2026-11-03"))
        .unwrap();
    assert_eq!(
        heavier.notices[0].aggravated_by, earlier,
        "shown when the form is chosen"
    );
    let mild = consulted(UNIT, &CRITICISM).approve(
        approval("孙县长", "2026-11-09"),
        content(&[Form::PublicCriticism]),
        &entitled(),
        &earlier,
    );
    assert_eq!(mild.unwrap_err().keys(), ["decision.aggravation"]);
    let overtaken = approved(UNIT, &[Form::PublicCriticism]).issue(
        "2号",
        day("2026-11-20"),
        earlier,
        day("2026-11-20"),
    );
    assert_eq!(
        overtaken.unwrap_err().keys(),
        ["decision.aggravation"],
        "another was issued in between"
    );
}

#[test]
fn a_person_is_the_same_by_staff_number_or_else_by_name_and_unit() {
    let one = opened(PERSON);
    assert!(one.concerns_same(&opened(PERSON)));
    assert!(!one.concerns_same(&opened(UNIT)));
    let moved = AccountabilityDecision {
        unit: "counties/140525/schools/S2".to_owned(),
        ..opened(PERSON)
    };
    assert!(
        !one.concerns_same(&moved),
        "who shares the name elsewhere may be someone else"
    );
    let number = |decision: AccountabilityDecision| AccountabilityDecision {
        person_number: "G0001".to_owned(),
        ..decision
    };
    assert!(number(one).concerns_same(&number(moved)));
}

#[test]
fn a_later_notice_begins_hearing_consulting_and_approval_anew() {
    let again = approved(UNIT, &CRITICISM)
        .tell(
            FactsNotice {
                statement_due_date: day("2026-11-30"),
                ..notice(&[Form::ResourceAdjustment])
            },
            vec![],
            day("2026-11-20"),
        )
        .unwrap();
    assert_eq!(
        (
            again.state,
            again.approval.is_none(),
            again.notices.len(),
            again.statements.len()
        ),
        (State::Told, true, 2, 1)
    );
    let heard = again
        .hear(StatementOutcome::Spoken, "x", "y", day("2026-11-21"))
        .unwrap();
    assert!(
        heard
            .consult(FINANCE, "同意", true, day("2026-11-22"))
            .is_ok(),
        "asked again on the new notice"
    );
}

fn attempt(
    now: &AccountabilityDecision,
    step: usize,
    form: Form,
    today: NaiveDate,
) -> Result<AccountabilityDecision, Refusal> {
    let now = now.clone();
    let later = today + chrono::Days::new(3);
    let earlier = |n: usize| {
        if n.is_multiple_of(2) {
            vec![]
        } else {
            vec!["d0".to_owned()]
        }
    };
    let outcome = RemedyOutcome::ALL[step % 3];
    match step {
        0 => now.set_up_group("赵", vec!["钱".to_owned()], today),
        1 | 2 => now.tell(
            FactsNotice {
                statement_due_date: later,
                ..notice(&[form, Form::Sanction])
            },
            earlier(step),
            today,
        ),
        3 => now.tell(
            FactsNotice {
                statement_due_date: later,
                ..notice(&[form])
            },
            vec![],
            today,
        ),
        4..=6 => now.hear(StatementOutcome::ALL[step - 4], "x", "y", today),
        7 => now.consult(FINANCE, "同意", true, today),
        8 => now.approve(
            approval("孙县长", "2026-11-09"),
            content(&[form]),
            &entitled(),
            &[],
        ),
        9 => now.approve(
            approval("李干事", "2026-11-09"),
            content(&[form]),
            &entitled(),
            &[],
        ),
        10 => now.approve(
            approval("周局长", "2026-11-09"),
            content(&[form, Form::Sanction]),
            &entitled(),
            &[],
        ),
        11 => now.issue("1号", today, vec![], today),
        12 => now.deliver("y", today, &law(), today),
        13 => now.execute(form, "x", "y", today),
        14 => now.refer(form, "收", today),
        15 => now.ask_review("x", "y", &law(), today),
        16..=18 => now.decide_review((outcome, "t", "o"), &law(), today),
        19 => now.lodge_appeal("x", "y", &law(), today),
        20..=22 => now.decide_appeal((outcome, "t", "o"), &law(), today),
        23 => now.correct(Some(content(&[form])), "x", "y", today),
        24 => now.correct(None, "x", "y", today),
        _ => now.file("县委", "收", today),
    }
}

/// How often each step is tried: those that go forward more often, so that the sequences get far.
fn step() -> impl Strategy<Value = (usize, Form, u64)> {
    let forward = prop::sample::select(vec![0_usize, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14]);
    let form = prop::sample::select(vec![
        Form::SelfExamination,
        Form::CriticismByNotice,
        Form::Sanction,
        Form::OrganisationalHandling,
    ]);
    (prop_oneof![3 => forward, 2 => 0_usize..26], form, 0_u64..4)
}

proptest! {
    #[test]
    fn no_sequence_of_steps_skips_a_right_of_the_subject_or_lets_review_suspend(decided in any::<bool>(), steps in prop::collection::vec(step(), 0..160)) {
        // Half of them begin with a decision, so that they get far into execution, review and appeal.
        let mut now = if decided { delivered(PERSON, &SANCTION) } else { opened(PERSON) };
        let mut today = if decided { day("2026-11-12") } else { day("2026-11-02") };
        for (step, form, days) in steps {
            today = today + chrono::Days::new(days);
            let Ok(next) = attempt(&now, step, form, today) else { continue };
            if next.issuance.is_some() && now.issuance.is_none() {
                let notice = next.notices.last().unwrap();
                prop_assert!(next.statements.iter().any(|one| one.notice == notice.n), "heard");
                prop_assert!(next.consultations.iter().any(|one| one.notice == notice.n && one.unit != next.unit), "consulted");
                let approval = next.approval.as_ref().unwrap();
                prop_assert!(entitled().contains(&approval.approver), "approved");
                let told = |one: &Measure| notice.forms.contains(&one.form);
                prop_assert!(next.content.as_ref().unwrap().measures.iter().all(told), "told");
            }
            for measure in next.content.iter().flat_map(|one| &one.measures) {
                prop_assert!(measure.execution.is_none() || !measure.form.is_referred(), "only referred");
                prop_assert!(measure.execution.is_none() || next.issuance.is_some());
                prop_assert!(measure.organ.is_empty() != measure.form.is_referred());
            }
            if (15..=22).contains(&step) {
                for form in Form::ALL {
                    let before = attempt(&now, 13, *form, today).is_ok();
                    prop_assert_eq!(before, attempt(&next, 13, *form, today).is_ok(), "nothing is suspended");
                    let before = attempt(&now, 14, *form, today).is_ok();
                    prop_assert_eq!(before, attempt(&next, 14, *form, today).is_ok());
                }
            }
            prop_assert!(next.notices.len() >= now.notices.len() && next.statements.len() >= now.statements.len());
            prop_assert!(next.corrections.len() >= now.corrections.len(), "history only grows");
            now = next;
        }
    }
}
