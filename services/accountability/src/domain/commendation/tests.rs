//! What the law says of a commendation.

use super::*;
use crate::domain::case::{Case, CaseSource, UrgingLetter};
use crate::domain::decision::{AccountabilityDecision, AccountabilityState};
use crate::domain::finding::{
    CaseFinding, CloseOut, Decision, FindingState, LookBack, RectificationReport, Severity,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const SCHOOL: &str = "counties/140525/schools/S1";

fn round() -> Commendation {
    Commendation {
        year: 2026,
        display_name: "2026年教育督导表彰".to_owned(),
        officer: "李干事".to_owned(),
        due_date: None,
        state: CommendationState::default(),
        nominees: vec![],
        notice: None,
        decision: None,
        publication: None,
    }
    .check("2026")
    .unwrap()
}

fn nominee(kind: SubjectKind) -> Nominee {
    let person = kind == SubjectKind::Person;
    Nominee {
        kind,
        unit: SCHOOL.to_owned(),
        unit_name: "实验小学".to_owned(),
        person: if person {
            "王校长".to_owned()
        } else {
            String::new()
        },
        post: if person {
            "校长".to_owned()
        } else {
            String::new()
        },
        reason: "问题全部按期销号".to_owned(),
        nominated_by: "督导办".to_owned(),
        n: 0,
        date: None,
        strike_reason: String::new(),
        objections: vec![],
    }
}

fn nominated() -> Commendation {
    round()
        .nominate(
            nominee(SubjectKind::Unit),
            &Standing::default(),
            day("2026-08-20"),
        )
        .unwrap()
        .nominate(
            nominee(SubjectKind::Person),
            &Standing::default(),
            day("2026-08-20"),
        )
        .unwrap()
}

/// In public notice from 24 to 31 August 2026.
fn noticed() -> Commendation {
    nominated()
        .give_notice(day("2026-08-31"), "县政府网站", "张主任", day("2026-08-24"))
        .unwrap()
}

fn late() -> Standing {
    Standing {
        overdue: 1,
        ..Standing::default()
    }
}

#[test]
fn article_11_a_round_is_due_on_teachers_day_and_late_is_shown_not_refused() {
    assert_eq!(round().due_date, Some(day("2026-09-10")));
    assert_eq!(
        round().clock(),
        Some((ReminderMatter::Commendation, day("2026-09-10")))
    );
    let late = noticed()
        .decide("1号", "张主任", &[], day("2026-10-20"))
        .unwrap();
    assert_eq!(
        (late.decision.as_ref().unwrap().date, late.clock()),
        (day("2026-10-20"), None)
    );
    assert!(round().check("2025").is_err(), "the code is the year");
}

#[test]
fn article_11_whom_something_stands_against_is_not_nominated() {
    let refused = round()
        .nominate(nominee(SubjectKind::Unit), &late(), day("2026-08-20"))
        .unwrap_err();
    assert_eq!(refused.keys(), ["commendation.overdue"]);
    let decided = |kind, person: &str| Standing {
        decisions: vec![(
            "counties/140525/accountabilityDecisions/d1".to_owned(),
            kind,
            person.to_owned(),
        )],
        ..Standing::default()
    };
    let nominate =
        |whom, standing: &Standing| round().nominate(nominee(whom), standing, day("2026-08-20"));
    let on_unit = decided(SubjectKind::Unit, "");
    assert_eq!(
        nominate(SubjectKind::Unit, &on_unit).unwrap_err().keys(),
        ["commendation.accountability"]
    );
    assert_eq!(
        nominate(SubjectKind::Person, &on_unit).unwrap_err().keys(),
        ["commendation.accountability"]
    );
    let on_person = decided(SubjectKind::Person, "王校长");
    assert_eq!(
        nominate(SubjectKind::Person, &on_person)
            .unwrap_err()
            .keys(),
        ["commendation.accountability"]
    );
    assert!(
        nominate(SubjectKind::Unit, &on_person).is_ok(),
        "the unit does not answer for it"
    );
    assert!(nominate(SubjectKind::Person, &decided(SubjectKind::Person, "他人")).is_ok());
    assert_eq!(
        nominated()
            .nominate(
                nominee(SubjectKind::Unit),
                &Standing::default(),
                day("2026-08-21")
            )
            .unwrap_err()
            .keys(),
        ["nominee"],
        "twice"
    );
    let nameless = Nominee {
        person: String::new(),
        ..nominee(SubjectKind::Person)
    };
    assert_eq!(
        round()
            .nominate(nameless, &Standing::default(), day("2026-08-20"))
            .unwrap_err()
            .keys(),
        ["nominee.person"]
    );
}

#[test]
fn a_round_is_decided_after_its_notice_with_every_objection_answered() {
    assert_eq!(
        round()
            .give_notice(day("2026-08-31"), "网站", "张主任", day("2026-08-24"))
            .unwrap_err()
            .keys(),
        ["commendation.nominees"]
    );
    assert_eq!(
        nominated()
            .give_notice(day("2026-08-24"), "网站", "张主任", day("2026-08-24"))
            .unwrap_err()
            .keys(),
        ["end_date"]
    );
    let objected = noticed()
        .object(1, "材料不实", "", day("2026-08-31"))
        .unwrap();
    let early = objected
        .clone()
        .decide("1号", "张主任", &[], day("2026-08-31"))
        .unwrap_err();
    assert_eq!(
        early.keys(),
        ["commendation.notice", "commendation.objection"],
        "all at once"
    );
    assert_eq!(
        noticed()
            .object(1, "x", "y", day("2026-09-01"))
            .unwrap_err()
            .keys(),
        ["commendation.notice"]
    );
    assert_eq!(
        noticed()
            .object(9, "x", "y", day("2026-08-25"))
            .unwrap_err()
            .keys(),
        ["n"]
    );
    let answered = objected
        .clone()
        .answer(1, false, "查无此事", "张主任", day("2026-09-01"))
        .unwrap();
    let decided = answered
        .clone()
        .decide("1号", "张主任", &[], day("2026-09-01"))
        .unwrap();
    assert_eq!(decided.state, CommendationState::Decided);
    assert_eq!(
        answered
            .answer(1, false, "x", "y", day("2026-09-01"))
            .unwrap_err()
            .keys(),
        ["commendation.objection"]
    );
    let upheld = objected
        .answer(1, true, "材料不实", "张主任", day("2026-09-01"))
        .unwrap();
    assert!(
        !upheld.nominees[0].stands() && upheld.nominees[1].stands(),
        "struck, and still on record"
    );
    let published = decided.publish("县政府网站", day("2026-09-10")).unwrap();
    assert_eq!(published.state, CommendationState::Published);
}

#[test]
fn what_has_come_up_since_the_nomination_stands_against_the_decision() {
    let standings = [(1, late()), (2, Standing::default())];
    let refused = noticed()
        .decide("1号", "张主任", &standings, day("2026-09-01"))
        .unwrap_err();
    assert_eq!(refused.keys(), ["commendation.overdue"]);
    let struck = noticed().strike(1, "出现逾期问题", "张主任").unwrap();
    assert!(
        struck
            .clone()
            .decide("1号", "张主任", &standings, day("2026-09-01"))
            .is_ok()
    );
    let none = struck.strike(2, "自愿退出", "张主任").unwrap();
    assert_eq!(
        none.decide("1号", "张主任", &[], day("2026-09-01"))
            .unwrap_err()
            .keys(),
        ["commendation.nominees"]
    );
}

#[test]
fn every_step_of_a_round_needs_the_one_before_it() {
    let today = day("2026-09-01");
    let state = |refused: Result<Commendation, Refusal>| {
        assert_eq!(refused.unwrap_err().keys(), ["commendation.state"]);
    };
    state(nominated().object(1, "x", "y", today));
    state(nominated().answer(1, true, "x", "y", today));
    state(nominated().decide("1号", "o", &[], today));
    state(noticed().publish("p", today));
    state(noticed().nominate(nominee(SubjectKind::Unit), &Standing::default(), today));
    state(noticed().give_notice(day("2026-09-10"), "p", "o", today));
    let decided = noticed().decide("1号", "o", &[], today).unwrap();
    state(decided.strike(1, "x", "y"));
}

fn closed(limit: &str, reported: &str) -> CaseFinding {
    CaseFinding {
        finding: "f1".to_owned(),
        title: "消防通道堵塞".to_owned(),
        detail: String::new(),
        basis: "《消防法》".to_owned(),
        severity: Severity::Minor,
        danger: false,
        requirement: String::new(),
        limit_days: 0,
        state: FindingState::Closed,
        limit_date: None,
        decision: Some(Decision {
            part: 0,
            date: day("2026-03-01"),
            document: "1号".to_owned(),
            requirement: "清理".to_owned(),
            limit_date: day(limit),
            officer: "张主任".to_owned(),
        }),
        extensions: vec![],
        actions: vec![],
        reports: vec![RectificationReport {
            date: day(reported),
            text: "已清理".to_owned(),
            by: "王校长".to_owned(),
            evidence: vec![],
        }],
        checks: vec![],
        publication: None,
        closings: vec![CloseOut {
            date: day("2026-05-01"),
            officer: "李督学".to_owned(),
            text: "合格".to_owned(),
        }],
        look_backs: vec![],
        withdraw_reason: String::new(),
    }
}

fn case(unit: &str, findings: Vec<CaseFinding>) -> Case {
    Case {
        source: CaseSource::OwnLetter,
        visit: String::new(),
        letter_number: String::new(),
        issuer: String::new(),
        unit: unit.to_owned(),
        unit_name: unit.to_owned(),
        town: "巴公镇".to_owned(),
        government: false,
        team: vec![],
        inspection_end_date: None,
        summary: String::new(),
        findings,
        open_date: Some(day("2026-03-01")),
        ruleset: String::new(),
        urging_letters: vec![],
        interviews: vec![],
        notifications: vec![],
        referrals: vec![],
        closed: true,
        result_filings: vec![],
        decisions: 0,
    }
}

fn units(
    cases: &[Case],
    decisions: &[(String, AccountabilityDecision)],
    results: &[UnitResult],
) -> Vec<String> {
    let found = candidates(
        cases,
        decisions,
        results,
        period(2026).unwrap(),
        day("2026-08-20"),
    );
    found.into_iter().map(|one| one.unit).collect()
}

fn result(unit: &str, good: bool) -> UnitResult {
    UnitResult {
        unit: unit.to_owned(),
        unit_name: unit.to_owned(),
        town: String::new(),
        good,
    }
}

#[test]
fn article_11_candidates_have_put_everything_right_in_time() {
    let mut late_but_longer = closed("2026-04-01", "2026-04-10");
    late_but_longer
        .extensions
        .push(crate::domain::finding::Extension {
            date: day("2026-03-20"),
            limit_date: day("2026-04-15"),
            reason: "材料未到".to_owned(),
            officer: "张主任".to_owned(),
        });
    let mut open = closed("2026-04-01", "2026-03-20");
    open.state = FindingState::Reported;
    let mut back = closed("2026-04-01", "2026-03-20");
    back.state = FindingState::Reopened;
    back.look_backs.push(LookBack {
        date: day("2026-06-01"),
        sustained: false,
        text: "反弹".to_owned(),
        officer: "李督学".to_owned(),
    });
    let mut urged = case("urged", vec![closed("2026-04-01", "2026-03-20")]);
    urged.urging_letters.push(UrgingLetter {
        n: 1,
        date: day("2026-04-02"),
        number: "督办1号".to_owned(),
        findings: vec!["f1".to_owned()],
        limit_date: day("2026-04-20"),
        officer: "张主任".to_owned(),
    });
    let mut old = case("old", vec![closed("2025-04-01", "2025-03-20")]);
    old.open_date = Some(day("2025-08-31"));
    let cases = [
        case("in time", vec![closed("2026-04-01", "2026-04-01")]),
        case("late", vec![closed("2026-04-01", "2026-04-02")]),
        case("longer", vec![late_but_longer]),
        case("open", vec![open]),
        case("back", vec![back]),
        urged,
        old,
        case("wanting", vec![closed("2026-04-01", "2026-03-20")]),
    ];
    let results = [
        result("wanting", false),
        result("without findings", true),
        result("in time", true),
    ];
    assert_eq!(
        units(&cases, &[], &results),
        ["in time", "longer", "without findings"]
    );
}

#[test]
fn a_danger_that_was_urged_on_the_spot_and_put_right_by_then_speaks_against_nobody() {
    let mut danger = closed("2026-04-01", "2026-03-02");
    danger.decision = None;
    let mut on_the_spot = case("spot", vec![danger]);
    on_the_spot.urging_letters.push(UrgingLetter {
        n: 1,
        date: day("2026-03-01"),
        number: String::new(),
        findings: vec!["f1".to_owned()],
        limit_date: day("2026-03-02"),
        officer: "督学A".to_owned(),
    });
    assert_eq!(units(&[on_the_spot.clone()], &[], &[]), ["spot"]);
    on_the_spot.findings[0].reports[0].date = day("2026-03-03");
    assert!(units(&[on_the_spot], &[], &[]).is_empty());
}

#[test]
fn an_accountability_decision_of_the_year_stands_against_a_unit_until_it_is_withdrawn() {
    let decision: AccountabilityDecision = serde_json::from_value(serde_json::json!({
        "case": "", "trigger": "obstruction", "kind": "unit", "unit": "a", "unit_name": "a", "town": "", "person": "",
        "person_number": "", "post": "", "inspection_end_date": null, "reason": "r", "officer": "o", "open_date": "2026-03-01",
        "ruleset": "", "state": "opened", "group_due_date": null, "group": null, "notices": [], "statements": [],
        "consultations": [], "approval": null, "content": null, "issuance": null, "delivery": null, "filings": [],
        "review": null, "appeal": null, "corrections": [], "end_reason": "",
    }))
    .unwrap();
    let cases = [case("a", vec![closed("2026-04-01", "2026-03-20")])];
    let with = |decision: &AccountabilityDecision| {
        units(&cases, &[("d1".to_owned(), decision.clone())], &[])
    };
    assert!(with(&decision).is_empty(), "it is under way");
    let mut dropped = decision.clone();
    dropped.state = AccountabilityState::Dropped;
    assert_eq!(with(&dropped), ["a"]);
    let mut issued = decision;
    issued.state = AccountabilityState::Executed;
    let issue = |date: &str| crate::domain::decision::Issuance {
        date: day(date),
        number: "1号".to_owned(),
        effective_date: day(date),
        aggravated_by: vec![],
    };
    issued.issuance = Some(issue("2026-01-05"));
    assert!(with(&issued).is_empty());
    issued.issuance = Some(issue("2025-08-31"));
    assert_eq!(with(&issued), ["a"], "of the year before");
}
