//! What is missing does, and nothing smaller.

use proptest::prelude::*;

use super::super::analysis::analyze;
use super::super::analysis::tests::{model, schools, standard};
use super::super::change::{FigureChange, changed, differences};
use super::super::tests::{report, school, shared};
use super::super::{BalanceStandard, ResourceFigure, SchoolForm};
use super::*;

fn quality() -> Standard {
    standard(BalanceStandard::Quality)
}

fn teachers(pupils: i32, teachers: f64) -> SchoolFigures {
    let mut one = school("a", SchoolForm::Primary, [pupils, 0, 0]);
    one.resources = vec![shared(SchoolResource::QualifiedTeachers, teachers)];
    one
}

fn of(school: &SchoolFigures, resource: SchoolResource, stage: BalanceStage) -> Option<SchoolGap> {
    school_gap(school, &quality(), resource, stage)
}

#[test]
fn article_06_a_school_learns_how_much_more_or_how_many_fewer_pupils_it_takes() {
    // 4.2 for each 100 pupils: 500 pupils need 21.
    let gap = of(
        &teachers(500, 17.0),
        SchoolResource::QualifiedTeachers,
        BalanceStage::Primary,
    )
    .unwrap();
    assert_eq!(
        (gap.value, gap.standard, gap.more, gap.more_shared),
        (3.4, 4.2, 4.0, 4.0)
    );
    // 17 teachers suffice for 404 pupils (17 / 4.2 = 404.76).
    assert_eq!(gap.fewer_pupils, Some(96));
    // 85 % of 21 are 17.85.
    assert_eq!(gap.more_to_floor, 1.0);
    assert_eq!(
        of(
            &teachers(500, 21.0),
            SchoolResource::QualifiedTeachers,
            BalanceStage::Primary
        ),
        None
    );
    let none = of(
        &teachers(500, 0.0),
        SchoolResource::QualifiedTeachers,
        BalanceStage::Primary,
    )
    .unwrap();
    assert_eq!(
        none.fewer_pupils, None,
        "without teachers there are too many pupils at any number"
    );
    assert_eq!(
        of(
            &teachers(500, 0.0),
            SchoolResource::QualifiedTeachers,
            BalanceStage::Junior
        ),
        None
    );
}

#[test]
fn what_is_shared_must_grow_by_more_than_what_a_stage_lacks() {
    let mut nine = school("n", SchoolForm::NineYear, [166, 210, 0]);
    nine.resources = vec![shared(SchoolResource::TeachingArea, 1_000.0)];
    let gap = of(&nine, SchoolResource::TeachingArea, BalanceStage::Junior).unwrap();
    let part = 231.0 / 397.0;
    assert!((gap.more - (5.8 * 210.0 - 1_000.0 * part)).abs() < 1e-6);
    assert!((gap.more_shared - gap.more / part).abs() < 1e-6);
    assert!(gap.more_shared > gap.more);
}

fn uneven() -> BalanceReport {
    let poor = |code: &str, area: f64| {
        let mut poor = model(code);
        poor.resources[3].shared = area;
        poor
    };
    report(vec![poor("a", 500.0), poor("b", 800.0), poor("c", 9_000.0)])
}

#[test]
fn article_06_a_county_learns_the_smallest_addition_until_its_coefficient_passes() {
    let (_, variations) = gaps(&uneven(), &quality());
    let [gap] = variations.as_slice() else {
        panic!("{variations:?}")
    };
    assert_eq!(
        (gap.resource, gap.stage),
        (SchoolResource::TeachingArea, BalanceStage::Primary)
    );
    assert!(gap.coefficient > gap.limit && gap.coefficient_after.unwrap() <= gap.limit);
    let names: Vec<_> = gap
        .additions
        .iter()
        .map(|one| one.display_name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"], "the highest gets nothing");
    let total: f64 = gap.additions.iter().map(|one| one.amount).sum();
    assert!((total - gap.total).abs() < 1e-6);
    // Two at λ and one at 9: CV = √2 (9 − λ) / (2λ + 9) = 0.5.
    let level = 9.0 * (2.0_f64.sqrt() - 0.5) / (2.0_f64.sqrt() + 1.0);
    assert!((gap.level - level).abs() < 1e-6, "{} {level}", gap.level);
}

#[test]
fn whole_additions_do_even_where_rounding_up_a_small_school_spoils_them() {
    // One pupil: a single room raises the school far above all others.
    let schools = [(0.0, 1.0), (0.0, 40.0), (4.0, 100.0), (6.0, 100.0)];
    let level = smallest_level(&schools, 0.3);
    let whole = whole_additions(&schools, level, 0.3).unwrap();
    assert!(whole.iter().all(|one| one.fract() == 0.0));
    assert!(passes_at(&schools, &whole, 0.3));
}

#[test]
fn a_county_without_anything_has_no_coefficient_to_lower() {
    let mut empty = model("a");
    for one in &mut empty.resources {
        one.shared = 0.0;
    }
    let (schools, variations) = gaps(&report(vec![empty]), &quality());
    assert_eq!((schools.len(), variations.len()), (7, 0));
}

fn change(school: &str, area: f64) -> FigureChange {
    FigureChange {
        school: format!("counties/140525/schools/{school}"),
        resources: vec![shared(SchoolResource::TeachingArea, area)],
        ..FigureChange::default()
    }
}

#[test]
fn article_06_changes_are_judged_beside_what_is_and_nothing_is_kept() {
    let before = uneven();
    let gap = variation_gap(
        &before,
        &quality(),
        SchoolResource::TeachingArea,
        BalanceStage::Primary,
    )
    .unwrap();
    let raised = [
        change("a", 500.0 + gap.additions[0].amount),
        change("b", 800.0 + gap.additions[1].amount),
    ];
    let after = changed(&before, &raised).unwrap();
    assert_eq!(before, uneven());
    let (was, would_be) = (
        analyze(&before, &quality(), ""),
        analyze(&after, &quality(), ""),
    );
    let flips = differences(&was, &would_be);
    let coefficient: Vec<_> = flips.iter().filter(|flip| flip.school.is_empty()).collect();
    assert_eq!(coefficient.len(), 1);
    assert_eq!((coefficient[0].before, coefficient[0].after), (false, true));
    assert!(differences(&was, &was).is_empty());
}

#[test]
fn a_change_names_a_school_of_the_report_once_and_right_figures() {
    let fields = |changes: &[FigureChange]| -> Vec<String> {
        match changed(&uneven(), changes) {
            Ok(_) => vec![],
            Err(wrong) => wrong.into_iter().map(|one| one.field).collect(),
        }
    };
    assert_eq!(fields(&[]), ["changes"]);
    let mut pupils = change("b", 1.0);
    pupils.junior_pupils = Some(5);
    assert_eq!(
        fields(&[
            change("x", 1.0),
            change("a", -1.0),
            change("a", 1.0),
            pupils
        ]),
        [
            "changes[0].school",
            "changes[1].resources[3].shared",
            "changes[2].school",
            "changes[3].junior_pupils"
        ]
    );
    let mut twice = change("a", 1.0);
    twice.resources.push(ResourceFigure {
        ..twice.resources[0].clone()
    });
    assert_eq!(fields(&[twice]), ["changes[0].resources[1].resource"]);
    let mut moved = change("a", 600.0);
    moved.primary_pupils = Some(800);
    let mut classes = uneven();
    classes.schools[0].primary_classes = vec![500, 500];
    let after = changed(&classes, &[moved]).unwrap();
    assert_eq!(
        (
            after.schools[0].primary_pupils,
            after.schools[0].primary_classes.len()
        ),
        (800, 0)
    );
}

proptest! {
    #[test]
    fn what_a_school_lacks_does_and_less_does_not(
        pupils in prop::array::uniform3(1i32..1_500),
        own in 0u32..40, all in 0u32..40, at in 0usize..5, which in 0usize..7,
    ) {
        let form = SchoolForm::ALL[at];
        let there = form.stages();
        let count = |at: usize| if there[at] { pupils[at] } else { 0 };
        let standard = quality();
        let resource = standard.resources[which];
        let stage = if there[0] { BalanceStage::Primary } else { BalanceStage::Junior };
        let mut one = school("a", form, [count(0), count(1), count(2)]);
        let mut figure = shared(resource, f64::from(all));
        if there[0] { figure.primary = f64::from(own) } else { figure.junior = f64::from(own) }
        one.resources = vec![figure];
        let meets = |school: &SchoolFigures| school_gap(school, &standard, resource, stage).is_none();
        let Some(gap) = school_gap(&one, &standard, resource, stage) else { return Ok(()) };
        let with = |more: f64, shared: f64| {
            let mut with = one.clone();
            if there[0] { with.resources[0].primary += more } else { with.resources[0].junior += more }
            with.resources[0].shared += shared;
            with
        };
        let less = |amount: f64| if resource.is_counted() { amount - 1.0 } else { amount * (1.0 - 1e-6) };
        prop_assert!(meets(&with(gap.more, 0.0)));
        prop_assert!(!meets(&with(less(gap.more), 0.0)));
        // One step of binary arithmetic may lie between a shared amount and its parts.
        prop_assert!(meets(&with(0.0, gap.more_shared * (1.0 + 1e-12))));
        prop_assert!(!meets(&with(0.0, less(gap.more_shared))));
        let fewer = |fewer: i32| {
            let mut left = one.clone();
            if there[0] { left.primary_pupils -= fewer } else { left.junior_pupils -= fewer }
            left
        };
        match gap.fewer_pupils {
            None => prop_assert!(pupils[stage as usize] == 1 || !meets(&fewer(pupils[stage as usize] - 1))),
            Some(enough) => {
                prop_assert!(meets(&fewer(enough)));
                prop_assert!(enough == 1 || !meets(&fewer(enough - 1)));
            }
        }
    }

    #[test]
    fn the_smallest_addition_passes_and_no_smaller_sum_does(
        schools in schools(), limit in 0.05f64..0.8,
        directions in prop::collection::vec(prop::collection::vec(0.0f64..1.0, 30), 20),
    ) {
        prop_assume!(schools.iter().any(|(amount, _)| *amount > 0.1));
        prop_assume!(!passes_at(&schools, &vec![0.0; schools.len()], limit));
        let additions = raised(&schools, smallest_level(&schools, limit));
        prop_assert!(passes_at(&schools, &additions, limit));
        let total: f64 = additions.iter().sum();
        let smaller = total * (1.0 - 1e-6);
        // The same additions, all a little smaller, and any others of the smaller sum.
        let less: Vec<_> = additions.iter().map(|one| one * (1.0 - 1e-6)).collect();
        prop_assert!(!passes_at(&schools, &less, limit));
        for direction in &directions {
            let parts = &direction[..schools.len()];
            let sum: f64 = parts.iter().sum();
            prop_assume!(sum > 0.0);
            let others: Vec<_> = parts.iter().map(|part| smaller * part / sum).collect();
            prop_assert!(!passes_at(&schools, &others, limit));
            // Near the best ones too, where a better one would lie if there were one.
            let mixed: Vec<_> = less.iter().zip(&others).map(|(best, other)| 0.95 * best + 0.05 * other).collect();
            prop_assert!(!passes_at(&schools, &mixed, limit));
        }
    }

    #[test]
    fn the_coefficient_never_rises_with_the_level(schools in schools(), low in 0.0f64..50.0, up in 0.0f64..50.0) {
        prop_assume!(schools.iter().any(|(amount, _)| *amount > 0.1));
        let at = |level| variation(&added(&schools, &raised(&schools, level))).unwrap().coefficient;
        prop_assert!(at(low + up) <= at(low) + 1e-9);
    }

    #[test]
    fn whole_additions_pass(schools in schools(), limit in 0.05f64..0.8) {
        prop_assume!(schools.iter().any(|(amount, _)| *amount > 0.1));
        prop_assume!(!passes_at(&schools, &vec![0.0; schools.len()], limit));
        let level = smallest_level(&schools, limit);
        let whole = whole_additions(&schools, level, limit).unwrap();
        prop_assert!(passes_at(&schools, &whole, limit));
        prop_assert!(whole.iter().sum::<f64>() >= raised(&schools, level).iter().sum::<f64>() - 1e-6);
    }
}
