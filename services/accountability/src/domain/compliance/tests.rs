use dudao_law::ruleset::{Figure, Ruleset};
use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn law() -> Law {
    let figures = [
        ("routine.per_semester", 2.0, "visits"),
        ("routine.per_month", 1.0, "visits"),
        ("random.share_schools", 0.05, "share"),
        ("random.share_kindergartens", 0.1, "share"),
        ("assessment.yearly", 31.0, "days"),
    ];
    let figures = figures.map(|(key, value, unit)| {
        let figure = Figure {
            value: Some(value),
            unit: unit.to_owned(),
            ..Figure::default()
        };
        (key.to_owned(), figure)
    });
    Law {
        rules: Ruleset {
            name: String::new(),
            figures: figures.into(),
        },
        ..Law::default()
    }
}

fn names(kind: &str, n: usize) -> Vec<String> {
    (0..n)
        .map(|at| format!("counties/140525/{kind}/{at}"))
        .collect()
}

fn on(resource: &str, day: &str) -> Dated {
    Dated {
        resource: resource.to_owned(),
        date: date(day),
    }
}

/// A county that has done nothing yet.
fn empty() -> YearFacts {
    YearFacts {
        vacant_posts: ["主任", "副主任", "办公室主任", "总督学", "副总督学"]
            .map(str::to_owned)
            .to_vec(),
        units: names("memberUnits", 21),
        units_without_liaison: names("memberUnits", 21),
        schools: names("schools", 30),
        kindergartens: names("kindergartens", 10),
        uncovered: [names("schools", 30), names("kindergartens", 10)].concat(),
        teaching_months: 9,
        supervisors_required: 8,
        supervisors_missing: 8,
        ..YearFacts::default()
    }
}

/// The same once everything is done.
fn complete() -> YearFacts {
    let all = [names("schools", 30), names("kindergartens", 10)].concat();
    YearFacts {
        vacant_posts: Vec::new(),
        working_rules: true,
        units_without_liaison: Vec::new(),
        plenaries: vec![on("m1", "2026-03-06")],
        hearings: vec![on("m2", "2026-04-06")],
        progress_reports: vec![on("p1", "2026-05-06")],
        uncovered: Vec::new(),
        supervisors_missing: 0,
        supervisors: names("supervisors", 8),
        comprehensive: vec![on("v1", "2026-05-20")],
        government: vec![on("v2", "2026-06-20")],
        joined_units: names("memberUnits", 21),
        routine: all.iter().map(|school| (school.clone(), 9)).collect(),
        random: [names("schools", 2), names("kindergartens", 1)].concat(),
        published: vec![on("v1", "2026-06-20"), on("v2", "2026-07-20")],
        monitoring: vec![on("e1", "2026-10-20")],
        budget_lines: names("budgetLines", 1),
        cases: names("cases", 2),
        commendation: Some(on("commendations/2026", "2026-09-08")),
        ..empty()
    }
}

fn state(facts: &YearFacts, key: &str, today: &str) -> DutyState {
    let duties = duties(2026, facts, &law(), date(today)).unwrap();
    duties
        .into_iter()
        .find(|duty| duty.key == key)
        .unwrap()
        .state
}

#[test]
fn article_18_a_year_in_which_everything_was_done_is_complete() {
    let duties = duties(2026, &complete(), &law(), date("2027-03-01")).unwrap();
    let open: Vec<_> = duties
        .iter()
        .filter(|duty| duty.state != DutyState::Done)
        .collect();
    assert!(open.is_empty(), "{open:#?}");
    let articles: std::collections::BTreeSet<_> = duties.iter().map(|duty| duty.article).collect();
    assert_eq!(
        articles.len(),
        20,
        "every article but the twentieth, which is this platform"
    );
    assert!(duties.is_sorted_by_key(|duty| article_number(duty.article)));
}

#[test]
fn article_02_a_plenary_is_due_in_the_year_and_overdue_after_it() {
    assert_eq!(
        state(&empty(), "committee.plenary", "2026-12-31"),
        DutyState::Due
    );
    assert_eq!(
        state(&empty(), "committee.plenary", "2027-01-01"),
        DutyState::Overdue
    );
    assert_eq!(
        state(&complete(), "committee.plenary", "2027-01-01"),
        DutyState::Done
    );
}

#[test]
fn article_02_each_member_unit_joins_a_comprehensive_inspection() {
    let mut facts = complete();
    facts.joined_units.pop();
    let duties = duties(2026, &facts, &law(), date("2026-12-01")).unwrap();
    let duty = duties
        .iter()
        .find(|duty| duty.key == "committee.participation")
        .unwrap();
    assert_eq!(
        (duty.state, duty.done, duty.required),
        (DutyState::Due, 20, 21)
    );
    assert_eq!(duty.missing, ["counties/140525/memberUnits/20"]);
}

#[test]
fn article_05_coverage_and_article_15_staffing_must_hold_at_any_time() {
    assert_eq!(
        state(&empty(), "zones.coverage", "2026-01-02"),
        DutyState::Overdue
    );
    assert_eq!(
        state(&empty(), "supervisors.staffing", "2026-01-02"),
        DutyState::Overdue
    );
    assert_eq!(
        state(&complete(), "zones.coverage", "2026-01-02"),
        DutyState::Done
    );
}

#[test]
fn article_05_nine_months_of_teaching_ask_for_nine_routine_visits() {
    let mut facts = complete();
    facts
        .routine
        .insert("counties/140525/schools/3".to_owned(), 8);
    assert_eq!(
        state(&facts, "inspection.routine", "2026-12-31"),
        DutyState::Due
    );
}

#[test]
fn article_07_a_report_whose_clock_has_run_out_is_overdue_before_the_year_ends() {
    let mut facts = complete();
    facts.unreported = vec![
        ("v3".to_owned(), Some(date("2026-08-01"))),
        ("v4".to_owned(), None),
    ];
    assert_eq!(state(&facts, "reports.made", "2026-08-01"), DutyState::Due);
    assert_eq!(
        state(&facts, "reports.made", "2026-08-02"),
        DutyState::Overdue
    );
}

#[test]
fn article_11_commendation_is_decided_by_teachers_day() {
    assert_eq!(
        state(&empty(), "commendation", "2026-09-10"),
        DutyState::Due
    );
    assert_eq!(
        state(&empty(), "commendation", "2026-09-11"),
        DutyState::Overdue
    );
    assert_eq!(
        state(&complete(), "commendation", "2026-09-11"),
        DutyState::Done
    );
}

#[test]
fn article_09_a_proposed_urging_letter_is_a_duty_until_it_is_sent() {
    let mut facts = complete();
    facts.proposed = vec![("第九条", "c1".to_owned())];
    assert_eq!(state(&facts, "cases.urged", "2026-10-01"), DutyState::Due);
    assert_eq!(
        state(&facts, "cases.interviewed", "2026-10-01"),
        DutyState::Done
    );
}

#[test]
fn article_17_the_year_is_assessed_by_the_end_of_january() {
    let mut facts = complete();
    facts.unassessed = names("supervisors", 1);
    assert_eq!(
        state(&facts, "supervisors.assessment", "2027-01-31"),
        DutyState::Due
    );
    // 31 January 2027 is a Sunday: the clock runs on to Monday.
    assert_eq!(
        state(&facts, "supervisors.assessment", "2027-02-02"),
        DutyState::Overdue
    );
}

#[test]
fn article_21_shares_of_schools_and_kindergartens_are_rounded_up() {
    let mut facts = complete();
    facts.random = [names("schools", 1), names("kindergartens", 1)].concat();
    assert_eq!(
        state(&facts, "inspection.random_schools", "2026-10-01"),
        DutyState::Due
    );
    assert_eq!(
        state(&facts, "inspection.random_kindergartens", "2026-10-01"),
        DutyState::Done
    );
}

#[test]
fn an_article_has_its_number() {
    for (article, number) in [
        ("第一条", 1),
        ("第十条", 10),
        ("第十八条", 18),
        ("第二十一条", 21),
    ] {
        assert_eq!(article_number(article), number);
    }
}

proptest! {
    #[test]
    fn a_duty_is_done_exactly_when_nothing_is_wanting(missing in 0_usize..21, days in 0_u64..500) {
        let mut facts = complete();
        facts.units_without_liaison = names("memberUnits", missing);
        let today = date("2026-01-01") + chrono::Days::new(days);
        for duty in duties(2026, &facts, &law(), today).unwrap() {
            prop_assert_eq!(duty.state == DutyState::Done, duty.done >= duty.required);
            prop_assert!(duty.state != DutyState::Done || duty.missing.is_empty());
            prop_assert_eq!(duty.state == DutyState::Overdue, duty.done < duty.required && today > duty.due_date);
        }
    }
}
