//! What each document must say, by its article.

use chrono::NaiveDate;

use super::*;
use crate::domain::case::{InterviewTrigger, NotificationTrigger};
use crate::domain::decision::{
    AccountabilityForm, AccountabilityState, DecisionContent, Issuance, Measure,
};
use crate::domain::finding::{FindingState, Severity};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn head() -> Letterhead {
    Letterhead {
        county: "泽州县".to_owned(),
        ..Letterhead::default()
    }
}

fn finding(id: &str, title: &str) -> CaseFinding {
    CaseFinding {
        finding: id.into(),
        title: title.into(),
        detail: "现场查见。".into(),
        basis: "《消防法》第二十八条".into(),
        severity: Severity::Grave,
        danger: false,
        requirement: "立即清除。".into(),
        limit_days: 0,
        state: FindingState::Open,
        limit_date: None,
        decision: None,
        extensions: Vec::new(),
        actions: Vec::new(),
        reports: Vec::new(),
        checks: Vec::new(),
        publication: None,
        closings: Vec::new(),
        look_backs: Vec::new(),
        withdraw_reason: String::new(),
    }
}

/// A case of two findings, decided on one day by two documents.
fn case() -> Case {
    let case = Case {
        source: CaseSource::OwnLetter,
        visit: String::new(),
        letter_number: "泽教督意〔2026〕3号".into(),
        issuer: String::new(),
        unit: "counties/140525/schools/S1".into(),
        unit_name: "泽州一中".into(),
        town: "大阳镇".into(),
        government: false,
        team: Vec::new(),
        inspection_end_date: None,
        summary: "总体良好，存在安全问题。".into(),
        findings: vec![finding("f1", "消防通道堵塞"), finding("f2", "课程开设不足")],
        open_date: None,
        ruleset: String::new(),
        urging_letters: Vec::new(),
        interviews: Vec::new(),
        notifications: Vec::new(),
        referrals: Vec::new(),
        closed: false,
        result_filings: Vec::new(),
        decisions: 0,
    };
    let decision = |document: &str| Decision {
        part: 0,
        date: day("2026-11-01"),
        document: document.into(),
        requirement: "清除堆放物，每日巡查。".into(),
        limit_date: day("2026-11-20"),
        officer: "张主任".into(),
    };
    let case = case
        .decide(vec![("f1".into(), decision("泽教督改〔2026〕1号"))])
        .unwrap();
    case.decide(vec![("f2".into(), decision("泽教督改〔2026〕2号"))])
        .unwrap()
}

fn says(paper: &Paper, words: &[&str]) {
    let said = paper.texts().join("\n");
    for word in words {
        assert!(said.contains(word), "{word} is missing in:\n{said}");
    }
}

#[test]
fn article_08_each_document_of_a_day_is_a_decision_of_its_own() {
    let case = case();
    let decided = decided(&case);
    assert_eq!(
        decided.iter().map(|one| one.part).collect::<Vec<_>>(),
        [1, 2]
    );
    let paper = rectification_decision(&head(), &case, &decided[0]).unwrap();
    says(
        &paper,
        &[
            "第八条",
            "泽教督改〔2026〕1号",
            "消防通道堵塞",
            "清除堆放物，每日巡查。",
            "2026年11月20日前",
            "泽教督意〔2026〕3号",
            "大阳镇党委、政府",
        ],
    );
    assert!(!paper.texts().join("").contains("课程开设不足"));
}

#[test]
fn article_09_an_urging_letter_names_what_it_urges_and_the_new_limit() {
    let today = day("2026-11-25");
    let case = case()
        .urge(
            &["f1".into()],
            "泽教督函〔2026〕1号",
            day("2026-12-10"),
            "张主任",
            today,
        )
        .unwrap();
    let paper = urging_letter(&head(), &case, &case.urging_letters[0]);
    says(
        &paper,
        &[
            "第九条",
            "泽教督函〔2026〕1号",
            "消防通道堵塞",
            "原定整改期限：2026年11月20日前",
            "2026年12月10日前",
            "办公室",
        ],
    );
    assert!(!paper.texts().join("").contains("课程开设不足"));
}

#[test]
fn article_12_an_interview_is_recorded_with_persons_and_cause_and_filed_with_the_town() {
    let today = day("2026-12-15");
    let case = case()
        .interview(
            Some(InterviewTrigger::SafetyProblems),
            vec!["王校长".into()],
            "要求限期整改。",
            "李督学",
            today,
        )
        .unwrap();
    let paper = interview_record(&head(), &case, &case.interviews[0]);
    says(
        &paper,
        &[
            "第十二条",
            "王校长",
            "安全问题较多",
            "李督学",
            "要求限期整改。",
            "年度目标责任考核",
            "大阳镇党委、政府",
        ],
    );
    let filed = case.file_interview("大阳镇党委", "", today).unwrap();
    let paper = interview_record(&head(), &filed, &filed.interviews[0]);
    assert_eq!(paper.copies, "大阳镇党委");
}

#[test]
fn article_13_a_notification_tells_result_conduct_and_rectification() {
    let today = day("2026-12-20");
    let case = case()
        .notify(
            NotificationTrigger::Shirked,
            "多次推诿。",
            vec!["大阳镇党委、政府".into(), "市教育局".into()],
            "张主任",
            today,
        )
        .unwrap();
    let paper = notification(&head(), &case, &case.notifications[0]);
    says(
        &paper,
        &[
            "第十三条",
            "推诿扯皮",
            "督导结果",
            "总体良好",
            "工作表现",
            "多次推诿。",
            "整改情况",
            "整改中",
            "大阳镇党委、政府，市教育局",
        ],
    );
}

#[test]
fn article_14_a_decision_has_its_five_elements_and_tells_the_rights() {
    let mut decision = AccountabilityDecision {
        case: String::new(),
        trigger: None,
        kind: SubjectKind::Unit,
        unit: "counties/140525/schools/S1".into(),
        unit_name: "泽州一中".into(),
        town: "大阳镇".into(),
        person: String::new(),
        person_number: String::new(),
        post: String::new(),
        inspection_end_date: None,
        reason: String::new(),
        officer: String::new(),
        open_date: None,
        ruleset: String::new(),
        state: AccountabilityState::Issued,
        group_due_date: None,
        group: None,
        notices: Vec::new(),
        statements: Vec::new(),
        consultations: Vec::new(),
        approval: None,
        content: Some(DecisionContent {
            basic_facts: "该校为公办学校。".into(),
            findings: "通报后仍未整改。".into(),
            basis: "《教育督导问责办法》第十条".into(),
            measures: vec![Measure {
                form: AccountabilityForm::PublicCriticism,
                detail: "在全县公开批评。".into(),
                organ: String::new(),
                execution: None,
                referral: None,
            }],
        }),
        issuance: None,
        delivery: None,
        filings: Vec::new(),
        review: None,
        appeal: None,
        corrections: Vec::new(),
        end_reason: String::new(),
    };
    assert_eq!(
        accountability_decision(&head(), &decision),
        None,
        "it was not issued"
    );
    decision.issuance = Some(Issuance {
        date: day("2026-12-28"),
        number: "泽教督责〔2026〕1号".into(),
        effective_date: day("2027-01-01"),
        aggravated_by: Vec::new(),
    });
    let paper = accountability_decision(&head(), &decision).unwrap();
    says(
        &paper,
        &[
            "第十四条",
            "该校为公办学校。",
            "通报后仍未整改。",
            "《教育督导问责办法》第十条",
            "（一）公开批评",
            "自2027年1月1日起生效",
            "复查",
            "不停止本决定的执行",
        ],
    );
}

#[test]
fn articles_07_18_the_report_of_a_year_tells_every_duty_and_what_is_late() {
    let duty = |zh: &str, state| Duty {
        key: "k",
        article: "第二条",
        zh: zh.into(),
        en: String::new(),
        state,
        due_date: day("2026-12-31"),
        done_date: None,
        done: 0,
        required: 1,
        evidence: Vec::new(),
        missing: Vec::new(),
    };
    let duties = [
        duty("召开全体会议", DutyState::Done),
        duty("逐级报告", DutyState::Overdue),
    ];
    let paper = yearly_report(&head(), 2026, &duties, &YearOfCases::default(), 2);
    says(
        &paper,
        &[
            "第七条、第十八条",
            "共2项：已完成1项，待完成0项，已逾期1项",
            "召开全体会议",
            "1.逐级报告（第二条）：已逾期",
            "县委教育工作领导小组",
        ],
    );
}
