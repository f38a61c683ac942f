//! What the law says of a case.

use proptest::prelude::*;

use super::*;
use crate::domain::finding::Severity;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn finding(id: &str) -> CaseFinding {
    CaseFinding {
        finding: id.to_owned(),
        title: format!("问题{id}"),
        detail: String::new(),
        basis: "《消防法》".to_owned(),
        severity: Severity::Serious,
        danger: false,
        requirement: String::new(),
        limit_days: 0,
        state: FindingState::Open,
        limit_date: None,
        decision: None,
        extensions: vec![],
        actions: vec![],
        reports: vec![],
        checks: vec![],
        publication: None,
        closings: vec![],
        look_backs: vec![],
        withdraw_reason: String::new(),
    }
}

fn case() -> Case {
    Case {
        source: CaseSource::Superior,
        visit: String::new(),
        letter_number: "省督〔2026〕3号".to_owned(),
        issuer: "省政府教育督导委员会".to_owned(),
        unit: "counties/140525/schools/S1".to_owned(),
        unit_name: "实验小学".to_owned(),
        town: "巴公镇".to_owned(),
        government: false,
        team: vec![],
        inspection_end_date: Some(day("2026-08-20")),
        summary: String::new(),
        findings: vec![finding("f1"), finding("f2")],
        open_date: None,
        ruleset: String::new(),
        urging_letters: vec![],
        interviews: vec![],
        notifications: vec![],
        referrals: vec![],
        closed: false,
        result_filings: vec![],
        decisions: 0,
    }
}

fn decision(limit: &str) -> Decision {
    Decision {
        part: 0,
        date: day("2026-09-01"),
        document: "泽督改〔2026〕1号".to_owned(),
        requirement: "清理消防通道".to_owned(),
        limit_date: day(limit),
        officer: "张主任".to_owned(),
    }
}

fn report(by: &str) -> RectificationReport {
    RectificationReport {
        date: day("2026-09-20"),
        text: "已清理".to_owned(),
        by: by.to_owned(),
        evidence: vec![],
    }
}

fn verdict(passed: bool, officer: &str) -> Check {
    Check {
        date: day("2026-09-22"),
        passed,
        text: "现场查看".to_owned(),
        officer: officer.to_owned(),
    }
}

fn publication() -> ResultPublication {
    ResultPublication {
        date: day("2026-09-23"),
        place: "学校公告栏".to_owned(),
        text: "消防通道已清理".to_owned(),
    }
}

fn closing(officer: &str) -> CloseOut {
    CloseOut {
        date: day("2026-09-24"),
        officer: officer.to_owned(),
        text: "验收合格并已公布".to_owned(),
    }
}

fn look(sustained: bool) -> LookBack {
    LookBack {
        date: day("2026-12-01"),
        sustained,
        text: "再次查看".to_owned(),
        officer: "李督学".to_owned(),
    }
}

fn both(limit: &str) -> Vec<(String, Decision)> {
    vec![
        ("f1".to_owned(), decision(limit)),
        ("f2".to_owned(), decision(limit)),
    ]
}

/// Both findings to be put right by 30 September 2026.
fn decided() -> Case {
    case().decide(both("2026-09-30")).unwrap()
}

fn passed() -> Case {
    decided()
        .report("f1", report("王校长"))
        .unwrap()
        .verify("f1", verdict(true, "李督学"))
        .unwrap()
}

fn closed() -> Case {
    passed()
        .publish(&["f1".to_owned()], &publication())
        .unwrap()
        .close_out("f1", closing("张主任"))
        .unwrap()
}

fn urge(case: Case, today: &str, limit: &str) -> Result<Case, Refusal> {
    case.urge(
        &["f1".to_owned()],
        "泽督办〔2026〕1号",
        day(limit),
        "张主任",
        day(today),
    )
}

#[test]
fn article_08_a_decision_says_item_by_item_what_and_until_when() {
    let one = case()
        .decide(vec![("f1".to_owned(), decision("2026-09-30"))])
        .unwrap();
    assert_eq!(one.findings[0].limit_date, Some(day("2026-09-30")));
    assert_eq!(
        one.findings[1].state,
        FindingState::Open,
        "the rest may follow"
    );
    assert_eq!(case().decide(vec![]).unwrap_err().keys(), ["items"]);
    assert_eq!(
        case()
            .decide(vec![("x".to_owned(), decision("2026-09-30"))])
            .unwrap_err()
            .keys(),
        ["items[0].finding"]
    );
    assert_eq!(
        case().decide(both("2026-09-01")).unwrap_err().keys(),
        ["limit_date"]
    );
    assert_eq!(
        decided().decide(both("2026-09-30")).unwrap_err().keys(),
        ["finding.state"]
    );
}

#[test]
fn what_is_done_at_once_is_recorded_before_any_decision() {
    let action = ImmediateAction {
        date: day("2026-08-21"),
        text: "当场清理".to_owned(),
        by: "王校长".to_owned(),
    };
    assert_eq!(
        case().act("f1", action.clone()).unwrap().findings[0]
            .actions
            .len(),
        1
    );
    assert_eq!(
        closed().act("f1", action).unwrap_err().keys(),
        ["finding.state"]
    );
}

#[test]
fn a_limit_is_extended_while_it_runs_and_urged_once_it_has_passed() {
    let longer = |date: &str, limit: &str| Extension {
        date: day(date),
        limit_date: day(limit),
        reason: "材料未到".to_owned(),
        officer: "张主任".to_owned(),
    };
    assert!(
        decided()
            .extend("f1", longer("2026-09-30", "2026-10-15"))
            .is_ok()
    );
    assert_eq!(
        decided()
            .extend("f1", longer("2026-10-01", "2026-10-15"))
            .unwrap_err()
            .keys(),
        ["finding.limit"]
    );
    assert_eq!(
        decided()
            .extend("f1", longer("2026-09-20", "2026-09-30"))
            .unwrap_err()
            .keys(),
        ["limit_date"]
    );
    assert_eq!(
        case()
            .extend("f1", longer("2026-09-20", "2026-10-15"))
            .unwrap_err()
            .keys(),
        ["finding.state"]
    );
}

#[test]
fn article_09_only_what_is_late_or_insufficient_is_urged_and_gets_a_new_limit() {
    assert_eq!(
        urge(decided(), "2026-09-30", "2026-10-15")
            .unwrap_err()
            .keys(),
        ["finding.late"]
    );
    let late = urge(decided(), "2026-10-01", "2026-10-15").unwrap();
    assert_eq!(
        (late.urging_letters[0].n, late.findings[0].limit_date),
        (1, Some(day("2026-10-15")))
    );
    let failed = decided()
        .report("f1", report("王校长"))
        .unwrap()
        .verify("f1", verdict(false, "李督学"))
        .unwrap();
    assert!(urge(failed, "2026-09-23", "2026-10-15").is_ok());
    assert_eq!(
        urge(decided(), "2026-10-01", "2026-10-01")
            .unwrap_err()
            .keys(),
        ["limit_date"]
    );
    let second = urge(late, "2026-10-16", "2026-10-30").unwrap();
    assert_eq!(second.urging_letters[1].n, 2);
    assert_eq!(
        passed()
            .publish(&["f2".to_owned()], &publication())
            .unwrap_err()
            .keys(),
        ["finding.state"]
    );
}

#[test]
fn article_10_a_close_out_needs_a_passed_check_the_publication_and_another_person() {
    assert_eq!(
        decided()
            .verify("f1", verdict(true, "李督学"))
            .unwrap_err()
            .keys(),
        ["finding.state"],
        "nothing was reported"
    );
    let reported = decided().report("f1", report("王校长")).unwrap();
    assert_eq!(
        reported
            .clone()
            .verify("f1", verdict(true, "王校长"))
            .unwrap_err()
            .keys(),
        ["finding.other_person"]
    );
    assert_eq!(
        passed()
            .close_out("f1", closing("张主任"))
            .unwrap_err()
            .keys(),
        ["finding.state"],
        "not published"
    );
    let published = passed()
        .publish(&["f1".to_owned()], &publication())
        .unwrap();
    assert_eq!(
        published
            .clone()
            .close_out("f1", closing("王校长"))
            .unwrap_err()
            .keys(),
        ["finding.other_person"]
    );
    let closed = published.close_out("f1", closing("张主任")).unwrap();
    assert!(!closed.closed, "the other finding is still open");
    assert!(closed.withdraw("f2", "异议成立", "张主任").unwrap().closed);
}

#[test]
fn article_08_what_is_decided_anew_on_the_same_day_stands_in_a_document_of_its_own() {
    let reopened = closed().look_back("f1", look(false)).unwrap();
    let anew = Decision {
        document: "泽督改〔2026〕2号".to_owned(),
        ..decision("2026-12-30")
    };
    let case = reopened.decide(vec![("f1".to_owned(), anew)]).unwrap();
    let parts = case
        .findings
        .iter()
        .map(|one| one.decision.as_ref().unwrap().part);
    assert_eq!(parts.collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn article_10_a_reopened_finding_keeps_its_identity() {
    assert_eq!(
        passed().look_back("f1", look(true)).unwrap_err().keys(),
        ["finding.state"]
    );
    let sustained = closed().look_back("f1", look(true)).unwrap();
    assert_eq!(sustained.findings[0].state, FindingState::Sustained);
    let reopened = sustained.look_back("f1", look(false)).unwrap();
    let one = &reopened.findings[0];
    assert_eq!(
        (
            one.finding.as_str(),
            one.state,
            one.closings.len(),
            one.look_backs.len()
        ),
        ("f1", FindingState::Reopened, 1, 2)
    );
    let mut later = decision("2027-01-30");
    later.date = day("2026-12-02");
    let again = reopened.decide(vec![("f1".to_owned(), later)]).unwrap();
    assert_eq!(
        again.findings[0].publication, None,
        "its new result must be published anew"
    );
}

#[test]
fn article_10_a_superiors_findings_are_entered_with_who_found_them() {
    assert!(case().check("c1").is_ok());
    let mut own = case();
    own.source = CaseSource::OwnLetter;
    assert_eq!(
        own.check("c1")
            .unwrap_err()
            .iter()
            .map(|one| one.field.clone())
            .collect::<Vec<_>>(),
        ["source"]
    );
    let mut nobody = case();
    nobody.issuer.clear();
    nobody.findings = vec![];
    assert_eq!(nobody.check("c1").unwrap_err().iter().count(), 2);
    let mut twice = case();
    twice.findings = vec![finding("f1"), finding("f1")];
    assert!(twice.check("c1").is_err());
}

#[test]
fn article_10_the_results_of_a_superiors_findings_are_filed_upward_once_every_one_is_closed_out() {
    let early = closed()
        .file_results("", "", day("2026-09-25"))
        .unwrap_err();
    assert_eq!(early.keys(), ["case.open_findings"]);
    let done = closed().withdraw("f2", "异议成立", "张主任").unwrap();
    let filed = done
        .clone()
        .file_results("", "", day("2026-09-25"))
        .unwrap()
        .file_results("", "省督收〔2026〕1号", day("2026-09-28"))
        .unwrap();
    assert_eq!(
        filed.result_filings,
        [Filing {
            to: "省政府教育督导委员会".to_owned(),
            date: day("2026-09-25"),
            receipt: "省督收〔2026〕1号".to_owned(),
        }]
    );
    let own = Case {
        source: CaseSource::OwnLetter,
        ..done
    };
    assert_eq!(
        own.file_results("", "", day("2026-09-25"))
            .unwrap_err()
            .keys(),
        ["case.source"]
    );
}

#[test]
fn the_officer_of_a_limit_is_who_decided_it_last() {
    let officer = |case: &Case| case.officer_of(&case.findings[0]).to_owned();
    assert_eq!(officer(&case()), "");
    assert_eq!(officer(&decided()), "张主任");
    let longer = decided()
        .extend(
            "f1",
            Extension {
                date: day("2026-09-20"),
                limit_date: day("2026-10-10"),
                reason: "材料未到".to_owned(),
                officer: "李副主任".to_owned(),
            },
        )
        .unwrap();
    assert_eq!(officer(&longer), "李副主任");
    let urged = longer
        .urge(
            &["f1".to_owned()],
            "1号",
            day("2026-10-30"),
            "赵主任",
            day("2026-10-12"),
        )
        .unwrap();
    assert_eq!(officer(&urged), "赵主任");
}

#[test]
fn article_09_the_public_reads_a_result_until_the_finding_comes_back() {
    assert_eq!(passed().findings[0].published(), None);
    let closed = closed();
    assert_eq!(
        closed.findings[0].published().map(|one| one.text.as_str()),
        Some("消防通道已清理")
    );
    let back = closed.look_back("f1", look(false)).unwrap();
    assert_eq!(back.findings[0].published(), None);
}

fn interview(case: Case, trigger: Option<InterviewTrigger>, today: &str) -> Result<Case, Refusal> {
    case.interview(
        trigger,
        vec!["王校长".to_owned()],
        "约谈记录",
        "张主任",
        day(today),
    )
}

fn notify(case: Case, today: &str) -> Result<Case, Refusal> {
    case.notify(
        NotificationTrigger::Weak,
        "通报",
        vec!["巴公镇党委".to_owned()],
        "张主任",
        day(today),
    )
}

fn refer(case: Case, trigger: Option<AccountabilityTrigger>, today: &str) -> Result<Case, Refusal> {
    case.refer(trigger, "问责事由", "张主任", day(today))
}

#[test]
fn article_12_an_interview_follows_an_urging_letter_in_vain_or_one_of_six_triggers() {
    assert_eq!(
        interview(decided(), None, "2026-10-05").unwrap_err().keys(),
        ["ladder.interview"]
    );
    let urged = urge(decided(), "2026-10-01", "2026-10-15").unwrap();
    assert_eq!(
        interview(urged.clone(), None, "2026-10-15")
            .unwrap_err()
            .keys(),
        ["ladder.interview"],
        "its limit runs"
    );
    assert!(interview(urged, None, "2026-10-16").is_ok());
    for trigger in InterviewTrigger::ALL {
        assert!(interview(decided(), Some(*trigger), "2026-09-02").is_ok());
    }
    let held = interview(
        decided(),
        Some(InterviewTrigger::SafetyProblems),
        "2026-09-02",
    )
    .unwrap();
    let filed = held
        .file_interview("巴公镇党委", "", day("2026-09-03"))
        .unwrap()
        .file_interview("巴公镇党委", "已收", day("2026-09-05"))
        .unwrap();
    assert_eq!(filed.interviews[0].filings.len(), 1);
    assert_eq!(
        decided()
            .file_interview("巴公镇党委", "", day("2026-09-03"))
            .unwrap_err()
            .keys(),
        ["ladder.interview"]
    );
}

#[test]
fn article_13_a_notification_needs_what_is_not_put_right() {
    assert_eq!(
        notify(decided(), "2026-09-30").unwrap_err().keys(),
        ["ladder.notification"]
    );
    assert!(notify(decided(), "2026-10-01").is_ok());
}

#[test]
fn article_14_accountability_follows_a_notification_in_vain_or_a_direct_trigger() {
    assert_eq!(
        refer(decided(), None, "2026-10-01").unwrap_err().keys(),
        ["ladder.accountability"]
    );
    assert!(refer(notify(decided(), "2026-10-01").unwrap(), None, "2026-10-02").is_ok());
    assert_eq!(
        refer(
            decided(),
            Some(AccountabilityTrigger::NotRectified),
            "2026-09-30"
        )
        .unwrap_err()
        .keys(),
        ["ladder.accountability"]
    );
    assert!(
        refer(
            decided(),
            Some(AccountabilityTrigger::NotRectified),
            "2026-10-01"
        )
        .is_ok()
    );
    assert!(
        refer(
            decided(),
            Some(AccountabilityTrigger::Obstruction),
            "2026-09-02"
        )
        .is_ok()
    );
}

#[test]
fn the_clock_proposes_one_step_after_the_other() {
    let step = |case: &Case, today: &str| case.proposal(day(today)).map(|one| one.step);
    let case = decided();
    assert_eq!(step(&case, "2026-09-30"), None);
    assert_eq!(step(&case, "2026-10-01"), Some(LadderStep::UrgingLetter));
    let case = case
        .urge(
            &["f1".to_owned(), "f2".to_owned()],
            "1号",
            day("2026-10-15"),
            "张主任",
            day("2026-10-01"),
        )
        .unwrap();
    assert_eq!(step(&case, "2026-10-15"), None);
    assert_eq!(step(&case, "2026-10-16"), Some(LadderStep::Interview));
    let case = interview(case, None, "2026-10-16").unwrap();
    assert_eq!(step(&case, "2026-10-20"), Some(LadderStep::Notification));
    let case = notify(case, "2026-10-20").unwrap();
    assert_eq!(step(&case, "2026-10-25"), Some(LadderStep::Accountability));
    let case = refer(case, None, "2026-10-25").unwrap();
    assert_eq!(step(&case, "2026-10-26"), None);
}

fn attempt(case: Case, step: usize, id: &str, by: &str, today: NaiveDate) -> Result<Case, Refusal> {
    let limit = today + chrono::Days::new(5);
    match step {
        0 => case.decide(vec![(
            id.to_owned(),
            Decision {
                date: today,
                limit_date: limit,
                ..decision("2026-09-30")
            },
        )]),
        1 => case.report(
            id,
            RectificationReport {
                date: today,
                ..report(by)
            },
        ),
        2 => case.verify(
            id,
            Check {
                date: today,
                ..verdict(true, by)
            },
        ),
        3 => case.verify(
            id,
            Check {
                date: today,
                ..verdict(false, by)
            },
        ),
        4 => case.publish(&[id.to_owned()], &publication()),
        5 => case.close_out(id, closing(by)),
        6 => case.look_back(
            id,
            LookBack {
                officer: by.to_owned(),
                ..look(true)
            },
        ),
        7 => case.look_back(
            id,
            LookBack {
                officer: by.to_owned(),
                ..look(false)
            },
        ),
        8 => case.urge(&[id.to_owned()], "n", limit, by, today),
        9 => case.interview(None, vec!["x".to_owned()], "r", by, today),
        10 => case.notify(
            NotificationTrigger::Shirked,
            "t",
            vec!["镇".to_owned()],
            by,
            today,
        ),
        11 => case.refer(None, "t", by, today),
        12 => case.extend(
            id,
            Extension {
                date: today,
                limit_date: limit,
                reason: "r".to_owned(),
                officer: by.to_owned(),
            },
        ),
        _ => case.withdraw(id, "r", by),
    }
}

/// Everything that a finding keeps, as a count: it never becomes less.
fn kept(one: &CaseFinding) -> usize {
    one.actions.len()
        + one.reports.len()
        + one.checks.len()
        + one.closings.len()
        + one.look_backs.len()
        + one.extensions.len()
}

proptest! {
    #[test]
    fn no_sequence_of_steps_breaks_what_the_law_asks_of_a_finding(
        steps in prop::collection::vec((0_usize..14, 0_usize..2, 0_usize..3, 0_u64..8), 0..150),
    ) {
        let mut now = case();
        let mut today = day("2026-09-01");
        for (step, which, who, days) in steps {
            today = today + chrono::Days::new(days);
            let Ok(next) = attempt(now.clone(), step, ["f1", "f2"][which], ["王校长", "李督学", "张主任"][who], today) else { continue };
            prop_assert_eq!(next.findings.len(), now.findings.len(), "nothing is deleted");
            for (before, after) in now.findings.iter().zip(&next.findings) {
                prop_assert_eq!(&before.finding, &after.finding, "identity is kept");
                prop_assert!(kept(after) >= kept(before), "history only grows");
                if after.closings.len() > before.closings.len() {
                    let check = after.checks.last().unwrap();
                    prop_assert!(check.passed && after.publication.is_some());
                    prop_assert!(after.closings.last().unwrap().officer != after.reports.last().unwrap().by);
                }
            }
            if next.interviews.len() > now.interviews.len() {
                prop_assert!(!now.urging_letters.is_empty(), "no interview without an urging letter");
            }
            if next.referrals.len() > now.referrals.len() {
                prop_assert!(!now.notifications.is_empty(), "no accountability without a notification");
            }
            now = next;
        }
    }
}
