use dudao_law::ruleset::{Figure, Ruleset};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn law(figures: &[(&str, f64, &str)]) -> Law {
    let figures = figures.iter().map(|(key, value, unit)| {
        let figure = Figure {
            value: Some(*value),
            unit: (*unit).to_owned(),
            ..Figure::default()
        };
        ((*key).to_owned(), figure)
    });
    Law {
        rules: Ruleset {
            name: String::new(),
            figures: figures.collect(),
        },
        ..Law::default()
    }
}

fn usual() -> Law {
    law(&[
        ("admission.notice", 5.0, "working_days"),
        ("supervisor.term_years", 3.0, "years"),
        ("supervisor.full_time_quota", 2.0, "persons"),
    ])
}

fn recommended(employment: Employment) -> Admission {
    Admission {
        display_name: "张明".to_owned(),
        employment,
        stages: vec![Stage::Primary],
        base: Place {
            longitude: 112.9,
            latitude: 35.5,
        },
        employer: String::new(),
        phone: "0356-1234567".to_owned(),
        education: "大学本科".to_owned(),
        years_of_service: 15,
        young_pioneers: false,
        recommended_by: "巴公镇中心校".to_owned(),
        state: AdmissionState::Recommended,
        ruleset: String::new(),
        review: None,
        notice: None,
        objections: Vec::new(),
        publish_date: None,
        appointment: None,
        end_reason: String::new(),
    }
}

fn conditions(unmet: &[Eligibility]) -> Vec<ConditionReview> {
    let all = Eligibility::ALL.iter().map(|condition| ConditionReview {
        condition: *condition,
        met: !unmet.contains(condition),
        evidence: "档案".to_owned(),
    });
    all.collect()
}

fn published(employment: Employment) -> Admission {
    recommended(employment)
        .review("教育督导室", conditions(&[]), day("2026-03-02"))
        .unwrap()
        .announce("县政府网站", &usual(), day("2026-03-02"))
        .unwrap()
        .publish(day("2026-03-10"))
        .unwrap()
}

fn appointing(full_time: usize) -> Appointing {
    Appointing {
        supervisor_id: "DX9".to_owned(),
        letter_number: "聘2026-9".to_owned(),
        certificate_number: "证2026-9".to_owned(),
        term_start_date: day("2026-03-15"),
        supervisor: "counties/140525/supervisors/DX9".to_owned(),
        full_time,
    }
}

#[test]
fn article_15_each_of_the_six_conditions_must_be_reviewed_and_met() {
    let missing = recommended(Employment::PartTime)
        .review(
            "教育督导室",
            conditions(&[])[..5].to_vec(),
            day("2026-03-02"),
        )
        .unwrap_err();
    assert_eq!(missing.keys(), ["conditions"]);
    let unmet = recommended(Employment::PartTime)
        .review(
            "教育督导室",
            conditions(&[Eligibility::Integrity, Eligibility::Health]),
            day("2026-03-02"),
        )
        .unwrap_err();
    assert_eq!(unmet.keys(), ["admission.condition"; 2]);
    let met =
        recommended(Employment::PartTime).review("教育督导室", conditions(&[]), day("2026-03-02"));
    assert_eq!(met.unwrap().state, AdmissionState::Reviewed);
}

#[test]
fn article_15_nine_years_or_a_college_diploma_do_not_meet_the_condition_whatever_the_review_says() {
    let mut person = recommended(Employment::PartTime);
    person.years_of_service = 9;
    person.education = "大学专科".to_owned();
    let refused = person
        .review("教育督导室", conditions(&[]), day("2026-03-02"))
        .unwrap_err();
    assert_eq!(refused.keys(), ["admission.service", "admission.degree"]);
}

#[test]
fn article_15_the_result_is_published_after_the_notice_has_ended_and_every_objection_is_resolved() {
    let noticed = recommended(Employment::PartTime)
        .review("教育督导室", conditions(&[]), day("2026-03-02"))
        .unwrap()
        .announce("县政府网站", &usual(), day("2026-03-02"))
        .unwrap();
    assert_eq!(noticed.notice.as_ref().unwrap().end_date, day("2026-03-09"));
    let objected = noticed
        .object("在该校任教的家属未申报", day("2026-03-09"))
        .unwrap();
    let early = objected.clone().publish(day("2026-03-09")).unwrap_err();
    assert_eq!(early.keys(), ["admission.notice", "admission.objections"]);
    let late = objected
        .clone()
        .object("迟到的异议", day("2026-03-10"))
        .unwrap_err();
    assert_eq!(late.keys(), ["admission.notice"]);
    let resolved = objected
        .clone()
        .resolve(0, "已补充申报", false, day("2026-03-10"))
        .unwrap();
    assert_eq!(
        resolved.publish(day("2026-03-10")).unwrap().state,
        AdmissionState::Published
    );
    let upheld = objected
        .resolve(0, "情况属实", true, day("2026-03-10"))
        .unwrap();
    assert_eq!(upheld.state, AdmissionState::Rejected);
}

#[test]
fn article_15_a_part_time_supervisor_is_hired_for_three_years() {
    let (admission, supervisor) = published(Employment::PartTime)
        .appoint(&appointing(9), &usual(), day("2026-03-12"))
        .unwrap();
    assert_eq!(admission.state, AdmissionState::Appointed);
    assert_eq!(supervisor.term_start_date, day("2026-03-15"));
    assert_eq!(supervisor.term_end_date, Some(day("2029-03-14")));
    assert_eq!(supervisor.letter_number, "聘2026-9");
}

#[test]
fn article_15_a_full_time_supervisor_is_appointed_only_within_the_quota() {
    let full = published(Employment::FullTime).appoint(&appointing(2), &usual(), day("2026-03-12"));
    assert_eq!(full.unwrap_err().keys(), ["supervisor.full_time_quota"]);
    let (_, supervisor) = published(Employment::FullTime)
        .appoint(&appointing(1), &usual(), day("2026-03-12"))
        .unwrap();
    assert_eq!(supervisor.term_end_date, None);
    let unset = law(&[("supervisor.term_years", 3.0, "years")]);
    let unset = published(Employment::FullTime).appoint(&appointing(0), &unset, day("2026-03-12"));
    assert_eq!(unset.unwrap_err().keys(), ["supervisor.full_time_quota"]);
}

#[test]
fn article_15_a_young_pioneer_counsellor_is_hired_part_time() {
    let mut person = recommended(Employment::FullTime);
    person.young_pioneers = true;
    let wrong = person.clone().check("a1").unwrap_err();
    assert_eq!(wrong.iter().next().unwrap().field, "employment");
    person.employment = Employment::PartTime;
    assert!(person.check("a1").is_ok());
}

#[test]
fn who_is_withdrawn_or_rejected_stays_so() {
    let gone = recommended(Employment::PartTime)
        .withdraw("本人放弃")
        .unwrap();
    assert_eq!(
        gone.clone().reject("不合适").unwrap_err().keys(),
        ["admission.state"]
    );
    assert!(gone.may_change().is_err());
    assert!(recommended(Employment::PartTime).may_change().is_ok());
    assert_eq!(
        published(Employment::PartTime)
            .reject("考察未通过")
            .unwrap()
            .state,
        AdmissionState::Rejected
    );
}

#[derive(Clone, Debug)]
enum Step {
    Review(bool),
    Announce,
    Object,
    Resolve(bool),
    Publish,
    Appoint,
    Reject,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(Step::Review),
        Just(Step::Announce),
        Just(Step::Object),
        any::<bool>().prop_map(Step::Resolve),
        Just(Step::Publish),
        Just(Step::Appoint),
        Just(Step::Reject),
        (0_u64..12).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn article_15_nobody_becomes_a_supervisor_without_review_notice_and_publication(steps in prop::collection::vec(step(), 0..30)) {
        let mut person = recommended(Employment::PartTime);
        let mut today = day("2026-03-02");
        for step in steps {
            let now = person.clone();
            let next = match step {
                Step::Wait(days) => {
                    today = today + Days::new(days);
                    continue;
                }
                Step::Review(met) => now.review("室", conditions(if met { &[] } else { &[Eligibility::Health] }), today),
                Step::Announce => now.announce("网站", &usual(), today),
                Step::Object => now.object("异议", today),
                Step::Resolve(upheld) => now.resolve(0, "核实", upheld, today),
                Step::Publish => now.publish(today),
                Step::Appoint => now.appoint(&appointing(0), &usual(), today).map(|(person, _)| person),
                Step::Reject => now.reject("不合适"),
            };
            person = next.unwrap_or(person);
        }
        if person.state == AdmissionState::Appointed {
            let notice = person.notice.as_ref().unwrap();
            prop_assert!(person.review.as_ref().unwrap().conditions.iter().all(|one| one.met));
            prop_assert!(person.publish_date.unwrap() > notice.end_date);
            prop_assert!(person.objections.iter().all(|one| one.resolve_date.is_some() && !one.upheld));
        }
    }
}
