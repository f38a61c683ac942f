//! The golden vectors of `rules.md` § 6, each guard on both sides, and what always holds.

use dudao_law::Ruleset;
use dudao_law::ruleset::Figure;
use proptest::prelude::*;

use super::super::tests::{report, school, shared};
use super::super::{BalanceStandard, ResourceFigure};
use super::*;
use crate::presets;

/// A standard with the figures that dudao ships.
pub fn standard(kind: BalanceStandard) -> Standard {
    Standard::read(kind, &presets::figures().unwrap(), &Ruleset::default()).unwrap()
}

fn county(key: &str, value: f64) -> Ruleset {
    let figure = Figure {
        title: key.to_owned(),
        value: Some(value),
        unit: "ratio".to_owned(),
        basis: "县规定".to_owned(),
    };
    Ruleset {
        name: "counties/140525/rulesets/2".to_owned(),
        figures: [(key.to_owned(), figure)].into(),
    }
}

/// The golden vector's schools: their books and pupils.
const GOLDEN: [(f64, f64); 5] = [
    (279.0, 45.0),
    (137.0, 37.0),
    (935.0, 89.0),
    (160.0, 76.0),
    (402.0, 55.0),
];

/// A primary school of 1,000 pupils that has exactly what the quality standard asks.
pub fn model(code: &str) -> SchoolFigures {
    let mut model = school(code, SchoolForm::Primary, [1_000, 0, 0]);
    model.resources = standard(BalanceStandard::Quality)
        .resources
        .iter()
        .map(|resource| {
            let asked = standard(BalanceStandard::Quality).asked(*resource, BalanceStage::Primary);
            shared(*resource, asked.unwrap() * 1_000.0 / resource.per())
        })
        .collect();
    model
}

fn with(mut school: SchoolFigures, resource: SchoolResource, part: f64) -> SchoolFigures {
    for one in &mut school.resources {
        if one.resource == resource {
            one.shared *= part;
        }
    }
    school
}

fn passes(school: &SchoolFigures) -> bool {
    let standard = standard(BalanceStandard::Quality);
    judge(school, &standard).passes
}

#[test]
fn article_04_the_coefficient_of_variation_is_weighted_by_pupils() {
    let golden = variation(&GOLDEN).unwrap();
    assert!((golden.coefficient - 0.5153).abs() < 5e-5, "{golden:?}");
    // The unweighted form would pass at 0.50.
    let values: Vec<f64> = GOLDEN
        .iter()
        .map(|(books, pupils)| books / pupils)
        .collect();
    let mean = values.iter().sum::<f64>() / 5.0;
    let square = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / 5.0;
    assert!((square.sqrt() / mean - 0.4888).abs() < 5e-5);
    assert!(golden.coefficient > 0.5);
}

#[test]
fn article_04_a_nine_year_school_splits_what_it_shares_by_pupils() {
    let standard = standard(BalanceStandard::Quality);
    let split = |form, pupils, shared| split(form, pupils, shared, &standard.ratios);
    let nine = split(SchoolForm::NineYear, [166.0, 210.0, 0.0], 23_226.0);
    assert!(
        (nine[0] - 9_711.6).abs() < 0.05 && (nine[1] - 13_514.4).abs() < 0.05,
        "{nine:?}"
    );
    let complete = split(SchoolForm::CompleteSecondary, [0.0, 100.0, 100.0], 2_200.0);
    assert!((complete[1] - 1_000.0).abs() < 1e-9 && (complete[2] - 1_200.0).abs() < 1e-9);
    let twelve = split(SchoolForm::TwelveYear, [100.0, 100.0, 100.0], 3_420.0);
    for (part, right) in twelve.iter().zip([1_000.0, 1_100.0, 1_320.0]) {
        assert!((part - right).abs() < 1e-9, "{twelve:?}");
    }
    assert_eq!(
        split(SchoolForm::Primary, [10.0, 0.0, 0.0], 7.0),
        [7.0, 0.0, 0.0]
    );
    assert_eq!(split(SchoolForm::NineYear, [0.0; 3], 7.0), [0.0; 3]);
}

#[test]
fn a_stage_has_its_own_and_its_part_of_what_is_shared() {
    let ratios = standard(BalanceStandard::Quality).ratios;
    let mut nine = school("n", SchoolForm::NineYear, [166, 210, 0]);
    nine.resources = vec![ResourceFigure {
        primary: 100.0,
        ..shared(SchoolResource::TeachingArea, 23_226.0)
    }];
    let amount = |stage| nine.amount(SchoolResource::TeachingArea, stage, &ratios);
    assert!((amount(BalanceStage::Primary) - 9_811.6).abs() < 0.05);
    assert!((amount(BalanceStage::Junior) - 13_514.4).abs() < 0.05);
    assert_eq!(
        nine.amount(SchoolResource::Books, BalanceStage::Junior, &ratios),
        0.0
    );
}

#[test]
fn article_04_six_of_seven_resources_are_met_and_the_seventh_at_85_percent() {
    use SchoolResource::{Equipment, SportsArea};
    assert!(passes(&model("a")));
    assert!(
        passes(&with(model("a"), SportsArea, 0.85)),
        "the seventh at 85 %"
    );
    assert!(
        !passes(&with(model("a"), SportsArea, 0.849_999)),
        "it would pass if it were rounded"
    );
    assert!(
        !passes(&with(with(model("a"), SportsArea, 0.99), Equipment, 0.99)),
        "only five"
    );
}

#[test]
fn article_04_schools_and_classes_are_not_too_large() {
    let sized = |form, pupils| {
        let mut standard = standard(BalanceStandard::Quality);
        standard.schools.as_mut().unwrap().must_meet = 0;
        standard.schools.as_mut().unwrap().floor = 0.0;
        judge(&school("a", form, pupils), &standard)
            .size_pass
            .unwrap()
    };
    assert!(
        sized(SchoolForm::Primary, [2_000, 0, 0]) && !sized(SchoolForm::Primary, [2_001, 0, 0])
    );
    assert!(
        sized(SchoolForm::NineYear, [1_500, 1_000, 0])
            && !sized(SchoolForm::NineYear, [1_500, 1_001, 0])
    );
    assert!(
        sized(SchoolForm::CompleteSecondary, [0, 2_000, 900]),
        "senior pupils are not of compulsory education"
    );
    let classes = |form, pupils, class: i32| {
        let mut one = school("a", form, pupils);
        one.primary_classes = if pupils[0] > 0 { vec![class] } else { vec![] };
        one.junior_classes = if pupils[1] > 0 { vec![class] } else { vec![] };
        judge(&one, &standard(BalanceStandard::Quality)).stages[0].classes_pass
    };
    assert_eq!(classes(SchoolForm::Primary, [45, 0, 0], 45), Some(true));
    assert_eq!(classes(SchoolForm::Primary, [46, 0, 0], 46), Some(false));
    assert_eq!(classes(SchoolForm::Junior, [0, 50, 0], 50), Some(true));
    assert_eq!(classes(SchoolForm::Junior, [0, 51, 0], 51), Some(false));
    let unknown = judge(
        &school("a", SchoolForm::Primary, [45, 0, 0]),
        &standard(BalanceStandard::Quality),
    );
    assert_eq!(unknown.stages[0].classes_pass, None);
}

fn of_books(kind: BalanceStandard) -> VariationVerdict {
    let schools = GOLDEN.iter().enumerate().map(|(at, (books, pupils))| {
        let mut one = school(
            &format!("s{at}"),
            SchoolForm::Primary,
            [*pupils as i32, 0, 0],
        );
        one.resources = vec![shared(SchoolResource::Books, *books)];
        one
    });
    let report = report(schools.collect());
    let mut standard = standard(kind);
    standard.resources = vec![SchoolResource::Books];
    standard.schools = None;
    let mut analysis = analyze(&report, &standard, "");
    analysis.variations.pop().unwrap()
}

#[test]
fn article_04_a_coefficient_of_0_5153_passes_for_basic_and_fails_for_quality_balance() {
    let quality = of_books(BalanceStandard::Quality);
    assert_eq!(
        (quality.limit, quality.passes, quality.schools),
        (0.5, false, 5)
    );
    let basic = of_books(BalanceStandard::Basic);
    assert_eq!((basic.limit, basic.passes), (0.65, true));
}

#[test]
fn article_04_a_county_passes_if_every_school_and_every_coefficient_does() {
    let standard = standard(BalanceStandard::Quality);
    let twins = analyze(&report(vec![model("a"), model("b")]), &standard, "r");
    assert!(twins.passes);
    assert_eq!(
        (twins.schools_passing, twins.variations.len()),
        (2, 7),
        "no junior stage, no coefficient"
    );
    let one_fails = analyze(
        &report(vec![
            model("a"),
            with(model("b"), SchoolResource::Equipment, 0.5),
        ]),
        &standard,
        "r",
    );
    assert_eq!((one_fails.schools_passing, one_fails.passes), (1, false));
    let rich = with(model("b"), SchoolResource::Equipment, 9.0);
    let apart = analyze(&report(vec![model("a"), rich]), &standard, "r");
    assert_eq!(
        (apart.schools_passing, apart.passes),
        (2, false),
        "every school passes, the coefficient does not"
    );
    assert!(!analyze(&report(vec![]), &standard, "r").passes);
}

#[test]
fn a_figure_that_is_not_there_is_told_and_does_not_pass() {
    let standard = standard(BalanceStandard::Basic);
    let analysis = analyze(
        &report(vec![school("a", SchoolForm::Primary, [10, 0, 0])]),
        &standard,
        "r",
    );
    assert_eq!(analysis.missing.len(), 8);
    assert!(!analysis.passes);
    assert!(
        analysis.variations.iter().all(|one| !one.passes),
        "of nothing there is no coefficient"
    );
    assert_eq!(variation(&[(0.0, 10.0)]), None);
    assert_eq!(variation(&[]), None);
}

#[test]
fn a_figure_of_the_countys_rules_takes_the_place_of_the_shipped_one() {
    let shipped = presets::figures().unwrap();
    let own = Standard::read(
        BalanceStandard::Quality,
        &shipped,
        &county("balance.quality.cv.primary", 0.52),
    )
    .unwrap();
    assert_eq!(
        (
            own.limit(BalanceStage::Primary),
            own.limit(BalanceStage::Junior)
        ),
        (0.52, 0.45)
    );
    let used: Vec<_> = own
        .figures
        .iter()
        .filter(|one| one.county)
        .map(|one| one.key.as_str())
        .collect();
    assert_eq!(used, ["balance.quality.cv.primary"]);
    let figures = 2 + 14 + 6 + 4;
    assert_eq!(
        own.figures.len(),
        figures,
        "every figure that was used is told"
    );
}

#[test]
fn a_standard_with_a_figure_that_is_not_set_says_which() {
    let mut shipped = presets::figures().unwrap();
    shipped.figures.remove("balance.quality.floor");
    let refusal =
        Standard::read(BalanceStandard::Quality, &shipped, &Ruleset::default()).unwrap_err();
    assert_eq!(refusal.keys(), ["balance.quality.floor"]);
    let shipped = presets::figures().unwrap();
    let refusal = Standard::read(
        BalanceStandard::Basic,
        &shipped,
        &county("balance.split.nine_year", 0.0),
    )
    .unwrap_err();
    assert_eq!(refusal.keys(), ["balance.split.nine_year"]);
}

prop_compose! {
    /// Schools with what they have, and their pupils.
    pub fn schools()(schools in prop::collection::vec((0.0f64..5_000.0, 1u32..3_000), 1..30)) -> Vec<(f64, f64)> {
        schools.into_iter().map(|(amount, pupils)| (amount, f64::from(pupils))).collect()
    }
}

proptest! {
    #[test]
    fn the_coefficient_knows_no_unit(schools in schools(), factor in 0.001f64..1_000.0) {
        prop_assume!(schools.iter().any(|(amount, _)| *amount > 0.1));
        let scaled: Vec<_> = schools.iter().map(|(amount, pupils)| (amount * factor, *pupils)).collect();
        let (one, other) = (variation(&schools).unwrap().coefficient, variation(&scaled).unwrap().coefficient);
        prop_assert!((one - other).abs() <= 1e-9 * one.max(1.0));
        let many: Vec<_> = schools.iter().map(|(amount, pupils)| (*amount, pupils * 7.0)).collect();
        prop_assert!((variation(&many).unwrap().coefficient - one).abs() <= 1e-9 * one.max(1.0));
    }

    #[test]
    fn the_coefficient_is_never_negative_and_0_for_equals(schools in schools(), each in 0.001f64..100.0) {
        if let Some(varied) = variation(&schools) {
            prop_assert!(varied.coefficient >= 0.0 && varied.coefficient.is_finite());
        }
        let equal: Vec<_> = schools.iter().map(|(_, pupils)| (pupils * each, *pupils)).collect();
        prop_assert!(variation(&equal).unwrap().coefficient < 1e-12);
    }

    #[test]
    fn two_schools_of_the_same_value_count_as_one(schools in schools(), part in 0.1f64..0.9) {
        prop_assume!(schools.iter().any(|(amount, _)| *amount > 0.1));
        let mut parted = schools.clone();
        let (amount, pupils) = parted[0];
        parted[0] = (amount * part, pupils * part);
        parted.push((amount * (1.0 - part), pupils * (1.0 - part)));
        let (one, other) = (variation(&schools).unwrap().coefficient, variation(&parted).unwrap().coefficient);
        prop_assert!((one - other).abs() <= 1e-9 * one.max(1.0), "only a weighted form has this");
    }

    #[test]
    fn a_split_keeps_the_total(pupils in prop::array::uniform3(0u32..3_000), shared in 0.0f64..1e9, at in 0usize..5) {
        let form = SchoolForm::ALL[at];
        let stages = form.stages();
        let mut there = [0.0; 3];
        for (at, pupils) in pupils.iter().enumerate() {
            if stages[at] {
                there[at] = f64::from(*pupils);
            }
        }
        prop_assume!(there.iter().sum::<f64>() > 0.0);
        let parts = split(form, there, shared, &standard(BalanceStandard::Quality).ratios);
        prop_assert!((parts.iter().sum::<f64>() - shared).abs() <= 1e-9 * shared.max(1.0));
        prop_assert!(parts.iter().zip(stages).all(|(part, there)| *part >= 0.0 && (there || *part == 0.0)));
    }
}
