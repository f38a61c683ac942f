//! Every guard refuses and lets pass; what scores come to.

use dudao_law::ruleset::{Figure, Ruleset};
use proptest::prelude::*;

use super::*;
use crate::domain::fixture::{day, supervisor};
use crate::domain::indicator_set::IndicatorKind;
use crate::domain::indicator_set::tests::{leaf, published, set};

const TODAY: &str = "2026-05-10";

fn object() -> Object {
    Object {
        display_name: "实验小学".to_owned(),
        town: "巴公镇".to_owned(),
        stage: Some(Stage::Primary),
        pupils: Some(420),
    }
}

fn draft() -> Evaluation {
    Evaluation {
        indicator_set: "counties/140525/indicatorSets/s".to_owned(),
        object_kind: ObjectKind::School,
        target: "counties/140525/schools/S1".to_owned(),
        visit: String::new(),
        year: 2026,
        family: String::new(),
        target_name: String::new(),
        town: String::new(),
        stage: None,
        pupils: None,
        ruleset: String::new(),
        state: EvaluationState::Open,
        scores: vec![],
        self_score_date: None,
        self_outcome: None,
        conclude_date: None,
        outcome: None,
        withdraw_reason: String::new(),
    }
}

fn begun() -> Evaluation {
    draft()
        .begin(&published(), object(), &Ruleset::default())
        .unwrap()
}

fn new(code: &str, value: f64) -> NewScore {
    NewScore {
        code: code.to_owned(),
        value,
        note: String::new(),
    }
}

fn scored(
    evaluation: Evaluation,
    side: Side,
    scores: &[(&str, f64)],
) -> Result<Evaluation, Refusal> {
    let scores = scores.iter().map(|(code, value)| new(code, *value));
    evaluation.score(
        side,
        scores.collect(),
        &supervisor("A"),
        &published(),
        None,
        day(TODAY),
    )
}

fn concluded(scores: &[(&str, f64)]) -> Evaluation {
    scored(begun(), Side::Team, scores)
        .unwrap()
        .conclude(&published(), day(TODAY))
        .unwrap()
}

fn rules(key: &str, value: f64, unit: &str) -> Ruleset {
    let figure = Figure {
        title: key.to_owned(),
        value: Some(value),
        unit: unit.to_owned(),
        basis: "县规定".to_owned(),
    };
    Ruleset {
        name: "counties/140525/rulesets/2".to_owned(),
        figures: [(key.to_owned(), figure)].into(),
    }
}

#[test]
fn article_06_only_a_published_version_judges() {
    let refused = draft().begin(&set(), object(), &Ruleset::default());
    assert_eq!(refused.unwrap_err().keys(), ["indicator_set.published"]);
    let evaluation = begun();
    assert_eq!(evaluation.family, "counties/140525/indicatorSets/s");
    let codes: Vec<_> = evaluation
        .scores
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(codes, ["A1", "A2", "B"], "groups are not scored");
}

#[test]
fn article_05_a_set_judges_the_objects_that_it_is_for() {
    let town = Evaluation {
        object_kind: ObjectKind::Town,
        ..draft()
    };
    let refused = town
        .clone()
        .begin(&published(), object(), &Ruleset::default());
    assert_eq!(
        refused.unwrap_err().keys(),
        ["evaluation.object_kind", "evaluation.object"]
    );
    let mut for_all = published();
    for_all.object_kinds.clear();
    let place = Object {
        stage: None,
        ..object()
    };
    assert!(town.begin(&for_all, place, &Ruleset::default()).is_ok());
    let mut for_seniors = published();
    for one in &mut for_seniors.indicators {
        one.stages = vec![Stage::Senior];
    }
    let refused = draft().begin(&for_seniors, object(), &Ruleset::default());
    assert_eq!(refused.unwrap_err().keys(), ["evaluation.stage"]);
}

#[test]
fn a_threshold_is_the_countys_where_its_rules_have_one_and_stays() {
    let mut set = published();
    "balance.quality.retention".clone_into(&mut set.indicators[3].figure);
    let of = |rules: &Ruleset| draft().begin(&set, object(), rules).unwrap().scores[2].threshold;
    assert_eq!(of(&Ruleset::default()), Some(95.0));
    assert_eq!(
        of(&rules("balance.quality.retention", 0.97, "share")),
        Some(97.0)
    );
    assert_eq!(
        of(&rules("balance.quality.retention", 98.0, "ratio")),
        Some(98.0)
    );
    assert_eq!(of(&rules("other", 98.0, "ratio")), Some(95.0));
}

#[test]
fn every_wrong_score_is_told_at_once() {
    let wrong = scored(
        begun(),
        Side::Team,
        &[
            ("A1", 10.5),
            ("A2", 0.5),
            ("A", 80.0),
            ("B", f64::NAN),
            ("A1", 3.0),
        ],
    );
    assert_eq!(
        wrong.unwrap_err().keys(),
        [
            "scores[0].value",
            "scores[1].value",
            "scores[2].code",
            "scores[3].value",
            "scores[4].code"
        ]
    );
    let none = scored(begun(), Side::Own, &[]);
    assert_eq!(none.unwrap_err().keys(), ["scores"]);
}

#[test]
fn article_04_a_unit_hands_in_all_of_its_own_scores_and_then_they_stay() {
    let half = scored(begun(), Side::Own, &[("A1", 9.0)]).unwrap();
    let refused = half
        .clone()
        .submit_self(&published(), day(TODAY))
        .unwrap_err();
    assert_eq!(
        refused.keys(),
        ["evaluation.missing.A2", "evaluation.missing.B"]
    );
    let whole = scored(half, Side::Own, &[("A2", 1.0), ("B", 99.0)]).unwrap();
    let submitted = whole.submit_self(&published(), day(TODAY)).unwrap();
    assert_eq!(submitted.self_outcome.as_ref().unwrap().total, 95.5);
    let late = scored(submitted.clone(), Side::Own, &[("A1", 10.0)]);
    assert_eq!(late.unwrap_err().keys(), ["evaluation.state"]);
    let beside = scored(submitted, Side::Team, &[("A1", 6.0)]).unwrap();
    let one = &beside.scores[0];
    assert_eq!(
        (
            one.self_score.as_ref().unwrap().value,
            one.team_score.as_ref().unwrap().value
        ),
        (9.0, 6.0)
    );
}

#[test]
fn article_06_a_result_stands_when_every_indicator_has_the_teams_score() {
    let half = scored(begun(), Side::Team, &[("A2", 1.0)]).unwrap();
    let refused = half.conclude(&published(), day(TODAY)).unwrap_err();
    assert_eq!(
        refused.keys(),
        ["evaluation.missing.A1", "evaluation.missing.B"]
    );
    let done = concluded(&[("A1", 8.0), ("A2", 1.0), ("B", 95.0)]);
    let outcome = done.outcome.clone().unwrap();
    // A = 0.75 × 80 + 0.25 × 100 = 85; 0.6 × 85 + 0.4 × 100 = 91.
    assert_eq!(
        (outcome.total, outcome.verdict),
        (91.0, EvaluationVerdict::Excellent)
    );
    let nodes: Vec<_> = outcome
        .nodes
        .iter()
        .map(|node| (node.code.as_str(), node.score, node.weight))
        .collect();
    assert_eq!(nodes, [("A", 85.0, 60.0), ("B", 100.0, 40.0)]);
    let late = scored(done.clone(), Side::Team, &[("A1", 9.0)]);
    assert_eq!(late.unwrap_err().keys(), ["evaluation.state"]);
    assert_eq!(
        done.conclude(&published(), day(TODAY)).unwrap_err().keys(),
        ["evaluation.state"]
    );
}

#[test]
fn a_failed_veto_fails_the_whole_whatever_the_total() {
    let outcome = concluded(&[("A1", 10.0), ("A2", 0.0), ("B", 99.0)])
        .outcome
        .unwrap();
    assert_eq!(
        (outcome.total, outcome.verdict),
        (85.0, EvaluationVerdict::Fail)
    );
    assert_eq!(outcome.vetoes.len(), 1);
    assert_eq!(outcome.vetoes[0].code, "A2");
}

#[test]
fn a_measured_value_is_judged_unrounded() {
    let verdict = |value| {
        concluded(&[("A1", 10.0), ("A2", 1.0), ("B", value)])
            .outcome
            .unwrap()
            .nodes[1]
            .score
    };
    assert_eq!(verdict(95.0), 100.0);
    assert_eq!(verdict(94.999_999), 0.0, "it would pass if it were rounded");
}

#[test]
fn a_veto_of_a_group_is_held_against_its_score() {
    let mut set = published();
    set.indicators[0].veto = true;
    set.indicators[0].threshold = Some(70.0);
    let of = |points: f64| {
        let given = [new("A1", points), new("A2", 1.0), new("B", 96.0)];
        let evaluation = draft().begin(&set, object(), &Ruleset::default()).unwrap();
        let scored = evaluation
            .score(Side::Team, given.to_vec(), "x", &set, None, day(TODAY))
            .unwrap();
        scored.conclude(&set, day(TODAY)).unwrap().outcome.unwrap()
    };
    assert_eq!(of(6.0).verdict, EvaluationVerdict::Good);
    let failed = of(5.9);
    assert_eq!(
        (failed.verdict, failed.vetoes[0].code.as_str()),
        (EvaluationVerdict::Fail, "A")
    );
}

#[test]
fn what_does_not_apply_is_left_out_and_the_others_count_for_more() {
    let mut set = published();
    set.indicators[1].stages = vec![Stage::Junior];
    let evaluation = draft().begin(&set, object(), &Ruleset::default()).unwrap();
    let given = vec![new("A2", 1.0), new("B", 0.0)];
    let scored = evaluation
        .score(Side::Team, given, "x", &set, None, day(TODAY))
        .unwrap();
    let outcome = scored.conclude(&set, day(TODAY)).unwrap().outcome.unwrap();
    assert_eq!((outcome.nodes[0].score, outcome.total), (100.0, 60.0));
    assert_eq!(
        outcome.verdict,
        EvaluationVerdict::Pass,
        "60 reaches the mark of 60"
    );
}

#[test]
fn only_members_of_a_visits_team_score_for_it() {
    let of = |team: &[String]| {
        begun().score(
            Side::Team,
            vec![new("A1", 5.0)],
            &supervisor("A"),
            &published(),
            Some(team),
            day(TODAY),
        )
    };
    assert_eq!(
        of(&[supervisor("B")]).unwrap_err().keys(),
        ["evaluation.team"]
    );
    assert!(of(&[supervisor("B"), supervisor("A")]).is_ok());
}

#[test]
fn what_was_taken_back_stays_on_record_and_counts_nowhere() {
    assert_eq!(begun().withdraw("").unwrap_err().keys(), ["reason"]);
    let gone = concluded(&[("A1", 8.0), ("A2", 1.0), ("B", 95.0)])
        .withdraw("对象有误")
        .unwrap();
    assert!(gone.outcome.is_some());
    assert_eq!(
        gone.clone().withdraw("再次").unwrap_err().keys(),
        ["evaluation.state"]
    );
    assert_eq!(
        gone.conclude(&published(), day(TODAY)).unwrap_err().keys(),
        ["evaluation.state"]
    );
}

#[test]
fn article_04_a_visits_self_evaluation_names_scores_of_its_own_object_that_were_handed_in() {
    let (visit, target) = ("counties/140525/visits/v1", "counties/140525/schools/S1");
    assert_eq!(
        begun()
            .stands_for(visit, "counties/140525/schools/S2")
            .unwrap_err()
            .keys(),
        ["evaluation.target", "evaluation.self_scores"]
    );
    let all = [("A1", 9.0), ("A2", 1.0), ("B", 99.0)];
    let own = scored(begun(), Side::Own, &all)
        .unwrap()
        .submit_self(&published(), day(TODAY))
        .unwrap();
    assert!(own.stands_for(visit, target).is_ok());
    let of_other = Evaluation {
        visit: "counties/140525/visits/v9".to_owned(),
        ..own.clone()
    };
    assert_eq!(
        of_other.stands_for(visit, target).unwrap_err().keys(),
        ["evaluation.visit"]
    );
    let gone = own.withdraw("有误").unwrap();
    assert_eq!(
        gone.stands_for(visit, target).unwrap_err().keys(),
        ["evaluation.self_scores"]
    );
}

proptest! {
    #[test]
    fn a_total_lies_in_0_to_100_and_a_failed_veto_always_fails(
        parts in prop::collection::vec((0.0f64..50.0, prop::collection::vec((0.0f64..50.0, 0.0f64..=10.0, any::<bool>()), 1..5)), 1..5),
        marks in any::<bool>(),
    ) {
        let mut indicators = Vec::new();
        let mut given = Vec::new();
        let top: f64 = parts.iter().map(|(weight, _)| weight).sum();
        for (at, (weight, below)) in parts.iter().enumerate() {
            let group = format!("G{at}");
            let sum: f64 = below.iter().map(|(weight, ..)| weight).sum();
            indicators.push(leaf(&group, "", IndicatorKind::Group, if top > 0.0 { (100.0 * weight / top).min(100.0) } else { 0.0 }));
            for (under, (weight, points, veto)) in below.iter().enumerate() {
                let code = format!("{group}.{under}");
                let mut one = leaf(&code, &group, IndicatorKind::Scored, if sum > 0.0 { (100.0 * weight / sum).min(100.0) } else { 0.0 });
                one.veto = *veto;
                one.threshold = veto.then_some(6.0);
                given.push(new(&code, *points));
                indicators.push(one);
            }
        }
        let fails = parts.iter().flat_map(|(_, below)| below).any(|(_, points, veto)| *veto && *points < 6.0);
        let set = IndicatorSet { indicators, pass_mark: marks.then_some(60.0), ..set() }.check("s").unwrap().publish(day(TODAY)).unwrap();
        let least = given.iter().map(|one| one.value * 10.0).fold(100.0, f64::min);
        let most = given.iter().map(|one| one.value * 10.0).fold(0.0, f64::max);
        let evaluation = draft().begin(&set, object(), &Ruleset::default()).unwrap();
        let outcome = evaluation.score(Side::Team, given, "x", &set, None, day(TODAY)).unwrap().conclude(&set, day(TODAY)).unwrap().outcome.unwrap();
        prop_assert!((0.0..=100.0).contains(&outcome.total));
        prop_assert!(outcome.total >= least - 1e-9 && outcome.total <= most + 1e-9, "a mean lies between the extremes");
        prop_assert_eq!(!outcome.vetoes.is_empty(), fails);
        if fails {
            prop_assert_eq!(outcome.verdict, EvaluationVerdict::Fail);
        }
        let weights: f64 = outcome.nodes.iter().map(|node| node.weight).sum();
        prop_assert!((weights - 100.0).abs() < 1e-6);
    }
}
