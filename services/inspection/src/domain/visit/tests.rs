//! What the law says of a visit.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture::{candidate, day, law, law_with, member, supervisor, visit};
use dudao_law::ruleset::Law;

fn people() -> Vec<Candidate> {
    ["A", "B", "C", "D"].map(candidate).to_vec()
}

fn place() -> Place {
    Place {
        stage: "小学".to_owned(),
        responsible: supervisor("D"),
        position: Some((112.8, 35.5)),
    }
}

fn notice(due: Option<&str>) -> Notified {
    Notified {
        number: "泽督〔2026〕5号".to_owned(),
        text: "请准备自评报告".to_owned(),
        self_evaluation_due: due.map(day),
    }
}

fn hearing(group: HearingGroup) -> Hearing {
    Hearing {
        group,
        date: day("2026-09-15"),
        people: 12,
        summary: "作业较多".to_owned(),
        by: supervisor("B"),
    }
}

/// A comprehensive visit up to the end at the place, with every group heard but those left out.
fn seen(left_out: &[HearingGroup]) -> Visit {
    let mut visit = visit(InspectionKind::Comprehensive)
        .notify(notice(Some("2026-09-10")), day("2026-09-01"), &law())
        .unwrap()
        .self_evaluate("自评", "", day("2026-09-09"))
        .unwrap()
        .review("属实", &supervisor("B"), day("2026-09-11"))
        .unwrap()
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap();
    for group in HearingGroup::ALL {
        if !left_out.contains(group) {
            visit = visit.hear(hearing(*group), day("2026-09-15")).unwrap();
        }
    }
    visit.finish(day("2026-09-15")).unwrap()
}

fn preliminary() -> Visit {
    seen(&[])
        .give_preliminary("总体良好", day("2026-09-16"), &law())
        .unwrap()
}

fn keys(refusal: &Refusal) -> Vec<&str> {
    refusal.keys()
}

#[test]
fn a_notice_needs_a_team_and_comes_before_the_visit() {
    let mut bare = visit(InspectionKind::Comprehensive);
    bare.team.clear();
    let refusal = bare
        .notify(notice(None), day("2026-09-16"), &law())
        .unwrap_err();
    assert_eq!(keys(&refusal), ["visit.team", "visit.notice"]);
    let notified = visit(InspectionKind::Comprehensive)
        .notify(notice(None), day("2026-09-01"), &law())
        .unwrap();
    assert_eq!(notified.state, VisitState::Notified);
    assert_eq!(notified.ruleset, "counties/140525/rulesets/1");
}

#[test]
fn the_self_evaluation_is_due_between_the_notice_and_the_visit() {
    for due in ["2026-08-31", "2026-09-16"] {
        let refusal = visit(InspectionKind::Special)
            .notify(notice(Some(due)), day("2026-09-01"), &law())
            .unwrap_err();
        assert_eq!(keys(&refusal), ["visit.self_evaluation_due"], "{due}");
    }
}

#[test]
fn a_routine_visit_is_announced_two_working_days_ahead_at_most_where_the_rules_say_so() {
    let law = law_with("clock.routine_notice", Some(2.0));
    let routine = visit(InspectionKind::Routine);
    let refusal = routine
        .clone()
        .notify(notice(None), day("2026-09-10"), &law)
        .unwrap_err();
    assert_eq!(keys(&refusal), ["clock.routine_notice"]);
    assert!(
        routine
            .notify(notice(None), day("2026-09-14"), &law)
            .is_ok()
    );
}

#[test]
fn article_04_a_full_visit_begins_once_its_self_evaluation_is_reviewed() {
    let notified = visit(InspectionKind::Comprehensive)
        .notify(notice(None), day("2026-09-01"), &law())
        .unwrap();
    let refusal = notified
        .clone()
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap_err();
    assert_eq!(keys(&refusal), ["visit.state"]);
    let evaluated = notified
        .self_evaluate("自评", "", day("2026-09-09"))
        .unwrap();
    let refusal = evaluated
        .clone()
        .review("属实", &supervisor("Z"), day("2026-09-10"))
        .unwrap_err();
    assert_eq!(keys(&refusal), ["reviewer"]);
    let reviewed = evaluated
        .review("属实", &supervisor("A"), day("2026-09-10"))
        .unwrap();
    assert!(
        reviewed
            .begin(None, &place(), day("2026-09-15"), &law())
            .is_ok()
    );
}

#[test]
fn nobody_begins_before_the_day() {
    let refusal = visit(InspectionKind::Routine)
        .begin(None, &place(), day("2026-09-14"), &law())
        .unwrap_err();
    assert_eq!(keys(&refusal), ["visit.date"]);
}

#[test]
fn a_far_away_device_is_noted_and_not_refused() {
    let there = Location {
        longitude: 112.8,
        latitude: 35.51,
        accuracy_m: 10.0,
    };
    let begun = visit(InspectionKind::Routine)
        .begin(Some(there), &place(), day("2026-09-15"), &law())
        .unwrap();
    let metres = begun.site.unwrap().distance_m.unwrap();
    assert!((1_100.0..1_125.0).contains(&metres), "{metres}");
}

#[test]
fn each_group_is_heard_apart_before_the_preliminary_opinion() {
    for group in HearingGroup::ALL {
        let refusal = seen(&[*group])
            .give_preliminary("总体良好", day("2026-09-16"), &law())
            .unwrap_err();
        assert_eq!(keys(&refusal), ["visit.hearings"]);
        let Refusal::Rules(rules) = refusal else {
            unreachable!()
        };
        assert!(rules[0].zh.contains(group.zh()));
    }
    let given = preliminary();
    let opinion = given.preliminary.unwrap();
    assert_eq!(
        opinion.plea_due_date,
        day("2026-09-28"),
        "ten days end on a Saturday: 26 September"
    );
    assert_eq!(opinion.due_date, Some(day("2026-09-25")));
}

#[test]
fn a_county_without_a_plea_clock_is_told_to_enter_it() {
    let law = law_with("clock.plea", None);
    let refusal = seen(&[])
        .give_preliminary("总体良好", day("2026-09-16"), &law)
        .unwrap_err();
    assert_eq!(keys(&refusal), ["clock.plea"]);
}

#[test]
fn a_plea_is_taken_in_until_its_last_day() {
    assert!(
        preliminary()
            .plead("不同意第二项", day("2026-09-28"))
            .is_ok()
    );
    let refusal = preliminary()
        .plead("不同意第二项", day("2026-09-29"))
        .unwrap_err();
    assert_eq!(keys(&refusal), ["clock.plea"]);
}

#[test]
fn article_08_the_letter_waits_for_the_plea() {
    let refusal = preliminary()
        .issue_letter("泽督意〔2026〕1号", "良好", day("2026-09-28"), &law())
        .unwrap_err();
    assert_eq!(keys(&refusal), ["clock.plea"]);
    assert!(
        preliminary()
            .issue_letter("泽督意〔2026〕1号", "良好", day("2026-09-29"), &law())
            .is_ok()
    );
    let pleaded = preliminary().plead("不同意", day("2026-09-20")).unwrap();
    let refusal = pleaded
        .clone()
        .issue_letter("1号", "良好", day("2026-09-30"), &law())
        .unwrap_err();
    assert_eq!(keys(&refusal), ["visit.state"]);
    let answered = pleaded
        .answer("部分采纳", true, "张主任", day("2026-09-22"))
        .unwrap();
    let issued = answered
        .issue_letter("1号", "良好", day("2026-09-22"), &law())
        .unwrap();
    assert_eq!(
        issued.letter.unwrap().due_date,
        Some(day("2026-10-15")),
        "thirty days from the end at the place"
    );
}

#[test]
fn two_thirds_of_the_team_agree_to_the_letter_where_the_rules_ask() {
    let law = law_with("letter.agreement_share", Some(0.666_666_666_667));
    let issue = |visit: Visit| visit.issue_letter("1号", "良好", day("2026-09-29"), &law);
    let one = preliminary().agree(&supervisor("A")).unwrap();
    assert_eq!(
        keys(&issue(one.clone()).unwrap_err()),
        ["letter.agreement_share"]
    );
    assert_eq!(
        keys(&issue(one.clone().agree(&supervisor("A")).unwrap()).unwrap_err()),
        ["letter.agreement_share"]
    );
    assert!(issue(one.agree(&supervisor("B")).unwrap()).is_ok());
    assert_eq!(
        keys(&preliminary().agree(&supervisor("Z")).unwrap_err()),
        ["supervisor"]
    );
}

#[test]
fn a_letter_may_run_from_the_preliminary_opinion() {
    let law = law_with("letter.from_preliminary", Some(1.0));
    let issued = preliminary()
        .issue_letter("1号", "良好", day("2026-09-29"), &law)
        .unwrap();
    assert_eq!(issued.letter.unwrap().due_date, Some(day("2026-10-16")));
}

#[test]
fn article_07_every_inspection_ends_in_a_report_that_is_filed_and_published() {
    let issued = preliminary()
        .issue_letter("1号", "良好", day("2026-09-29"), &law())
        .unwrap();
    let publish = |visit: Visit| {
        visit.publish(
            PublicationScope::Public,
            "县政府网站",
            "报告",
            day("2026-10-12"),
        )
    };
    assert_eq!(keys(&publish(issued.clone()).unwrap_err()), ["visit.state"]);
    let reported = issued
        .submit_report("2号", "督导报告", "全文", day("2026-10-10"), &law())
        .unwrap();
    assert_eq!(
        keys(&publish(reported.clone()).unwrap_err()),
        ["visit.state"]
    );
    let filed = reported
        .file("市政府教育督导委员会办公室", "", day("2026-10-11"))
        .unwrap();
    let published = publish(filed).unwrap();
    assert!(published.is_over());
    let receipted = published
        .file("市政府教育督导委员会办公室", "收文12号", day("2026-10-20"))
        .unwrap();
    assert_eq!(
        (
            receipted.filings.len(),
            receipted.filings[0].receipt.as_str()
        ),
        (1, "收文12号")
    );
}

#[test]
fn article_21_a_routine_visit_goes_from_the_place_to_its_record() {
    let done = visit(InspectionKind::Routine)
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap()
        .finish(day("2026-09-15"))
        .unwrap();
    assert_eq!(
        keys(
            &done
                .clone()
                .give_preliminary("x", day("2026-09-15"), &law())
                .unwrap_err()
        ),
        ["visit.form"]
    );
    let wrong = done
        .clone()
        .record("", vec![], "", day("2026-09-15"), &law())
        .unwrap_err();
    assert_eq!(keys(&wrong), ["text", "by", "matters"]);
    let recorded = done
        .record(
            "食堂整洁",
            vec!["食堂、饮水和宿舍卫生".to_owned()],
            &supervisor("A"),
            day("2026-09-15"),
            &law(),
        )
        .unwrap();
    assert!(recorded.is_over());
    assert_eq!(
        keys(
            &seen(&[])
                .record("x", vec!["y".to_owned()], "z", day("2026-09-15"), &law())
                .unwrap_err()
        ),
        ["visit.form"]
    );
}

#[test]
fn a_danger_to_life_is_urged_from_the_first_moment_at_the_place() {
    let planned = visit(InspectionKind::Routine);
    let urge = |visit: Visit| {
        visit.urge(
            UrgencyGround::DangerToLife,
            "立即停用锅炉",
            "督学A",
            day("2026-09-15"),
        )
    };
    assert_eq!(keys(&urge(planned.clone()).unwrap_err()), ["visit.state"]);
    let begun = planned
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap();
    assert_eq!(urge(begun).unwrap().urgings.len(), 1);
}

#[test]
fn a_school_bears_five_team_inspections_a_year() {
    let special = visit(InspectionKind::Special);
    let others = |count: u32| Ready {
        campaign_decided: true,
        others: (1..=count)
            .map(|month| day(&format!("2026-{month:02}-05")))
            .collect(),
    };
    assert!(special.admit(&others(4), &law()).is_ok());
    assert_eq!(
        keys(&special.admit(&others(5), &law()).unwrap_err()),
        ["burden.max_inspections"]
    );
    let mut same_day = others(5);
    same_day.others[0] = special.date;
    assert!(
        special.admit(&same_day, &law()).is_ok(),
        "joined with one that is planned"
    );
    let mut town = special.clone();
    town.object_kind = ObjectKind::Town;
    assert!(town.admit(&others(9), &law()).is_ok());
    assert!(
        visit(InspectionKind::Emergency)
            .admit(&others(9), &law())
            .is_ok()
    );
    let undecided = Ready::default();
    assert_eq!(
        keys(&special.admit(&undecided, &law()).unwrap_err()),
        ["campaign.state"]
    );
}

#[test]
fn a_team_says_of_each_member_why_not() {
    let mut people = people();
    people[0].in_office = false;
    people[1].term_end = Some(day("2026-09-14"));
    people[2].bars = vec![Bar {
        zh: "配偶在该校任教".to_owned(),
        en: "spouse teaches there".to_owned(),
        article: "条例".to_owned(),
    }];
    let refusal = visit(InspectionKind::Comprehensive)
        .check_team(&people, &place(), &law())
        .unwrap_err();
    assert_eq!(
        keys(&refusal),
        ["team.in_office", "team.term", "team.avoidance"]
    );
    assert!(
        visit(InspectionKind::Comprehensive)
            .check_team(&self::people(), &place(), &law())
            .is_ok()
    );
}

#[test]
fn a_team_is_large_enough_and_known() {
    let mut two = visit(InspectionKind::Comprehensive);
    two.team.pop();
    assert_eq!(
        keys(&two.check_team(&people(), &place(), &law()).unwrap_err()),
        ["comprehensive.team"]
    );
    let mut stranger = visit(InspectionKind::Comprehensive);
    stranger.team[2] = member("Z", false);
    assert_eq!(
        keys(
            &stranger
                .check_team(&people(), &place(), &law())
                .unwrap_err()
        ),
        ["team.unknown"]
    );
}

#[test]
fn the_responsible_supervisor_does_not_lead_a_team_inspection() {
    let mut place = place();
    place.responsible = supervisor("A");
    assert_eq!(
        keys(
            &visit(InspectionKind::Comprehensive)
                .check_team(&people(), &place, &law())
                .unwrap_err()
        ),
        ["team.independent_leader"]
    );
    assert!(
        visit(InspectionKind::Routine)
            .check_team(&people(), &place, &law())
            .is_ok()
    );
    let law = law_with("team.independent_leader", Some(0.0));
    assert!(
        visit(InspectionKind::Comprehensive)
            .check_team(&people(), &place, &law)
            .is_ok()
    );
}

#[test]
fn a_routine_visit_is_paid_by_one_who_knows_the_stage() {
    let mut place = place();
    place.stage = "高中".to_owned();
    assert_eq!(
        keys(
            &visit(InspectionKind::Routine)
                .check_team(&people(), &place, &law())
                .unwrap_err()
        ),
        ["team.stage"]
    );
    assert!(
        visit(InspectionKind::Comprehensive)
            .check_team(&people(), &place, &law())
            .is_ok()
    );
}

#[test]
fn a_team_has_one_leader_and_nobody_twice() {
    let (people, place, law) = (people(), place(), law());
    let assign =
        |team| visit(InspectionKind::Comprehensive).assign(team, vec![], &people, &place, &law);
    let refusal = assign(vec![
        member("A", true),
        member("B", true),
        member("B", false),
    ])
    .unwrap_err();
    assert_eq!(keys(&refusal), ["team[2].supervisor", "team"]);
    assert!(
        assign(vec![
            member("A", true),
            member("B", false),
            member("D", false)
        ])
        .is_ok()
    );
}

#[test]
fn whoever_comes_in_for_the_leader_leads() {
    let (people, place, law) = (people(), place(), law());
    let with = With {
        today: day("2026-09-01"),
        people: &people,
        place: &place,
        law: &law,
    };
    let mut place_free = place.clone();
    place_free.responsible = String::new();
    let with = With {
        place: &place_free,
        ..with
    };
    let changed = visit(InspectionKind::Comprehensive)
        .substitute(&supervisor("A"), Some(member("D", false)), "病假", &with)
        .unwrap();
    assert_eq!(changed.team[0].supervisor, supervisor("D"));
    assert!(changed.team[0].leader);
    assert_eq!(changed.substitutions.len(), 1);
    let refusal = visit(InspectionKind::Comprehensive)
        .substitute(&supervisor("C"), None, "病假", &with)
        .unwrap_err();
    assert_eq!(keys(&refusal), ["comprehensive.team"], "two are too few");
}

#[test]
fn a_visit_moves_within_its_year_and_not_into_the_past() {
    let moved =
        |to: &str| visit(InspectionKind::Special).reschedule(day(to), "天气", day("2026-09-10"));
    assert_eq!(keys(&moved("2026-09-09").unwrap_err()), ["date"]);
    assert_eq!(keys(&moved("2027-01-05").unwrap_err()), ["date"]);
    assert_eq!(moved("2026-11-05").unwrap().date, day("2026-11-05"));
    let begun = visit(InspectionKind::Routine)
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap();
    assert_eq!(
        keys(
            &begun
                .clone()
                .reschedule(day("2026-11-05"), "天气", day("2026-09-15"))
                .unwrap_err()
        ),
        ["visit.state"]
    );
    assert_eq!(keys(&begun.cancel("天气").unwrap_err()), ["visit.state"]);
    assert!(visit(InspectionKind::Special).cancel("合并").is_ok());
}

#[test]
fn article_02_a_member_units_part_is_recorded_with_its_persons() {
    let mut begun = visit(InspectionKind::Routine)
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap();
    begun.units = vec![UnitPart {
        unit: "u".to_owned(),
        display_name: "县卫健局".to_owned(),
        persons: vec![],
        attended: false,
    }];
    assert_eq!(
        keys(&begun.clone().participate("other", vec![]).unwrap_err()),
        ["persons", "unit"]
    );
    let done = begun.participate("u", vec!["李四".to_owned()]).unwrap();
    assert!(done.units[0].attended);
}

#[test]
fn article_17_work_counts_what_was_due_by_today() {
    let made = visit(InspectionKind::Routine)
        .begin(None, &place(), day("2026-09-15"), &law())
        .unwrap()
        .finish(day("2026-09-15"))
        .unwrap()
        .record(
            "好",
            vec!["安全".to_owned()],
            &supervisor("A"),
            day("2026-09-30"),
            &law_with("clock.record", Some(5.0)),
        )
        .unwrap();
    let missed = visit(InspectionKind::Routine);
    let mut later = visit(InspectionKind::Routine);
    later.date = day("2026-12-01");
    let counted = work(&[made, missed, later], &supervisor("A"), day("2026-10-01"));
    assert_eq!(
        counted,
        Work {
            visits_due: 2,
            visits_made: 1,
            reports_due: 1,
            reports_on_time: 0
        }
    );
}

/// A step that someone tries, whatever the state.
fn attempt(visit: Visit, step: usize, today: NaiveDate, law: &Law) -> Result<Visit, Refusal> {
    let group = HearingGroup::ALL[step % 4];
    match step % 18 {
        0 => visit.notify(notice(None), today, law),
        1 => visit.self_evaluate("自评", "", today),
        2 => visit.review("属实", &supervisor("A"), today),
        3 => visit.begin(None, &place(), today, law),
        4..=7 => visit.hear(
            Hearing {
                date: today,
                ..hearing(group)
            },
            today,
        ),
        8 => visit.finish(today),
        9 => visit.give_preliminary("良好", today, law),
        10 => visit.plead("不同意", today),
        11 => visit.answer("采纳", true, "主任", today),
        12 => visit.issue_letter("1号", "良好", today, law),
        13 => visit.record("好", vec!["安全".to_owned()], "A", today, law),
        14 => visit.submit_report("2号", "报告", "全文", today, law),
        15 => visit.file("市", "", today),
        16 => visit.publish(PublicationScope::Public, "网站", "全文", today),
        _ => visit.cancel("取消"),
    }
}

proptest! {
    #[test]
    fn no_sequence_of_steps_skips_a_guard(
        kind in prop::sample::select(InspectionKind::ALL),
        steps in prop::collection::vec((0_usize..18, 0_u64..6), 0..120),
    ) {
        let law = law();
        let mut now = visit(kind);
        let mut today = day("2026-09-12");
        for (step, days) in steps {
            today = today + chrono::Days::new(days);
            let Ok(next) = attempt(now.clone(), step, today, &law) else { continue };
            prop_assert!(next.hearings.len() >= now.hearings.len(), "nothing vanishes");
            now = next;
            if let Some(letter) = &now.letter {
                if kind.is_full() {
                    let opinion = now.preliminary.as_ref().unwrap();
                    let answered = now.plea.as_ref().is_some_and(|plea| plea.answer_date.is_some());
                    prop_assert!(answered || letter.date > opinion.plea_due_date);
                    prop_assert!(now.notice.is_some());
                    for group in HearingGroup::ALL {
                        prop_assert!(now.hearings.iter().any(|one| one.group == *group));
                    }
                } else {
                    prop_assert!(now.record.is_some());
                }
            }
            if now.publication.is_some() {
                prop_assert!(now.is_made());
                prop_assert!(now.record.is_some() || !now.filings.is_empty());
            }
            prop_assert!(now.state != VisitState::Cancelled || now.site.is_none());
        }
    }
}

#[test]
fn an_object_learns_of_an_unannounced_visit_when_the_team_is_there() {
    let mut random = visit(InspectionKind::Random);
    assert!(random.concerned().contains(&supervisor("A")));
    assert!(!random.concerned().contains(&random.target));
    random.site = Some(SiteVisit {
        start_date: day("2026-09-15"),
        end_date: None,
        location: None,
        distance_m: None,
    });
    assert!(random.concerned().contains(&random.target));
    let notified = visit(InspectionKind::Comprehensive)
        .notify(notice(None), day("2026-09-01"), &law())
        .unwrap();
    assert!(notified.concerned().contains(&notified.target));
}

#[test]
fn who_left_a_team_is_no_longer_concerned() {
    let mut visit = visit(InspectionKind::Special);
    visit.team.retain(|one| one.supervisor != supervisor("A"));
    assert!(!visit.concerned().contains(&supervisor("A")));
}
