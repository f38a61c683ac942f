//! The tree of a set: what must hold of it, and which part of it applies to an object.

use std::collections::BTreeMap;

use dudao_law::{Violations, text};

use super::{Indicator, IndicatorKind};
use crate::domain::check_length;
use crate::domain::stage::Stage;

const MAX_INDICATORS: usize = 500;
const MAX_DEPTH: usize = 4;
/// Weights are decimals: their sum may differ from 100 by what binary arithmetic adds, and by no more.
const SLACK: f64 = 1e-6;

/// Tells everything that is wrong with a tree, each at its path.
pub(super) fn check(wrong: &mut Violations, indicators: &[Indicator]) {
    wrong.check(
        indicators.len() <= MAX_INDICATORS,
        "indicators",
        "最多 500 项指标",
        "must be at most 500 indicators",
    );
    // Depth and kind of every indicator so far: a parent stands before its children, so that there are no cycles.
    let mut known: BTreeMap<&str, (usize, IndicatorKind, usize)> = BTreeMap::new();
    let mut siblings: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, one) in indicators.iter().enumerate() {
        let path = |field: &str| format!("indicators[{at}].{field}");
        let right = (1..=20).contains(&one.code.len())
            && one
                .code
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        wrong.check(
            right,
            path("code"),
            "须为 1 至 20 位字母、数字、点或连字符",
            "must be 1 to 20 letters, digits, dots or hyphens",
        );
        wrong.check(
            !known.contains_key(one.code.as_str()),
            path("code"),
            format!("编号“{}”重复", one.code),
            format!("{} must not be given twice", one.code),
        );
        let depth = match known.get(one.parent.as_str()) {
            _ if one.parent.is_empty() => 1,
            None => {
                wrong.add(
                    path("parent"),
                    format!("上级“{}”不存在，或没有排在下级之前", one.parent),
                    format!("there is no group {} before it", one.parent),
                );
                1
            }
            Some((_, kind, _)) if *kind != IndicatorKind::Group => {
                wrong.add(
                    path("parent"),
                    format!("上级“{}”不是分组", one.parent),
                    format!("{} is not a group", one.parent),
                );
                1
            }
            Some((depth, ..)) => depth + 1,
        };
        wrong.check(
            depth <= MAX_DEPTH,
            path("parent"),
            "最多四级指标",
            "must be at most four levels deep",
        );
        known
            .entry(one.code.as_str())
            .or_insert((depth, one.kind, at));
        siblings.entry(one.parent.as_str()).or_default().push(at);
        check_one(wrong, one, at);
    }
    for (code, (_, kind, at)) in &known {
        wrong.check(
            *kind != IndicatorKind::Group || siblings.contains_key(code),
            format!("indicators[{at}].kind"),
            format!("分组“{code}”没有下级指标"),
            format!("the group {code} has nothing below it"),
        );
    }
    for (parent, below) in &siblings {
        let weights: Vec<f64> = below.iter().map(|at| indicators[*at].weight).collect();
        let sum: f64 = weights.iter().sum();
        let unweighted = weights.iter().all(|weight| *weight == 0.0);
        let place = if parent.is_empty() {
            "一级指标"
        } else {
            parent
        };
        wrong.check(
            unweighted || (sum - 100.0).abs() <= SLACK,
            format!("indicators[{}].weight", below[0]),
            format!("“{place}”的同级权重合计为 {sum}，须为 100，或全部为 0（同等计算）"),
            format!("weights below {parent:?} add up to {sum}: must be 100, or all 0"),
        );
    }
}

fn check_one(wrong: &mut Violations, one: &Indicator, at: usize) {
    let path = |field: &str| format!("indicators[{at}].{field}");
    text(wrong, &path("title"), &one.title, 300);
    text(wrong, &path("basis"), &one.basis, 500);
    check_length(wrong, &path("guidance"), &one.guidance, 2_000);
    check_length(wrong, &path("figure"), &one.figure, 60);
    wrong.check(
        (0.0..=100.0).contains(&one.weight),
        path("weight"),
        "权重须在 0 至 100 之间",
        "must lie in 0 to 100",
    );
    let scored = one.kind == IndicatorKind::Scored;
    wrong.check(
        if scored {
            one.max_points > 0.0 && one.max_points <= 1_000.0
        } else {
            one.max_points == 0.0
        },
        path("max_points"),
        "评分指标的满分须在 0 以上、1000 以下，其他指标没有满分",
        "must be above 0 and at most 1000 for a scored one, 0 for others",
    );
    let measured = one.kind == IndicatorKind::Measured;
    wrong.check(
        if measured {
            (1..=20).contains(&one.unit.chars().count())
        } else {
            one.unit.is_empty()
        },
        path("unit"),
        "测量指标须写明单位（最多 20 个字），其他指标没有单位",
        "must be stated for a measured one, and for no other",
    );
    wrong.check(
        measured == one.comparison.is_some(),
        path("comparison"),
        "测量指标须写明与阈值如何比较，其他指标没有",
        "must be stated for a measured one, and for no other",
    );
    wrong.check(
        measured || one.figure.is_empty(),
        path("figure"),
        "只有测量指标可以引用规则参数",
        "only a measured one can follow a parameter of the rules",
    );
    let most = match one.kind {
        IndicatorKind::Group => 100.0,
        IndicatorKind::Scored => one.max_points,
        IndicatorKind::YesNo | IndicatorKind::Measured => 1e12,
    };
    let must_say = measured || (one.veto && one.kind != IndicatorKind::YesNo);
    let right = match one.threshold {
        None => !must_say,
        Some(_) if one.kind == IndicatorKind::YesNo => false,
        Some(threshold) if measured => threshold.is_finite() && threshold.abs() <= most,
        Some(threshold) => (0.0..=most).contains(&threshold),
    };
    wrong.check(
        right,
        path("threshold"),
        "测量指标和评分、分组的否决指标须有阈值（评分不超过满分，分组不超过 100），是否指标没有阈值",
        "must be stated for a measured one and for a veto that is scored or a group, within their range; a yes or no has none",
    );
}

/// Which indicators apply to an object of this stage. Nothing that names stages applies to an object without one.
pub(super) fn applicable(indicators: &[Indicator], stage: Option<Stage>) -> Vec<bool> {
    let own = |one: &Indicator| {
        one.stages.is_empty() || stage.is_some_and(|stage| one.stages.contains(&stage))
    };
    let mut applies: Vec<bool> = Vec::with_capacity(indicators.len());
    let mut by_code: BTreeMap<&str, bool> = BTreeMap::new();
    for one in indicators {
        let above = by_code.get(one.parent.as_str()).copied().unwrap_or(true);
        let this = above && own(one);
        by_code.insert(&one.code, this);
        applies.push(this);
    }
    let mut alive: BTreeMap<&str, bool> = BTreeMap::new();
    for (at, one) in indicators.iter().enumerate().rev() {
        let below = alive.get(one.code.as_str()).copied().unwrap_or(false);
        applies[at] = applies[at] && (one.is_leaf() || below);
        if applies[at] {
            alive.insert(&one.parent, true);
        }
    }
    applies
}

#[cfg(test)]
mod tests {
    use super::super::tests::{leaf, set};
    use super::*;

    fn fields(indicators: &[Indicator]) -> Vec<String> {
        let mut wrong = Violations::new();
        check(&mut wrong, indicators);
        wrong.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn every_wrong_indicator_is_told_at_once_with_its_path() {
        assert_eq!(fields(&set().indicators), [""; 0]);
        let mut twice = leaf("B", "", IndicatorKind::YesNo, 0.0);
        twice.title = String::new();
        let mut unitless = leaf("C", "X", IndicatorKind::Measured, 0.0);
        unitless.unit = String::new();
        unitless.threshold = None;
        let indicators = [
            leaf("B", "", IndicatorKind::Group, 30.0),
            twice,
            unitless,
            leaf("D", "C", IndicatorKind::YesNo, 50.0),
        ];
        assert_eq!(
            fields(&indicators),
            [
                "indicators[1].code",
                "indicators[1].title",
                "indicators[2].parent",
                "indicators[2].unit",
                "indicators[2].threshold",
                "indicators[3].parent",
                "indicators[0].kind",
                "indicators[0].weight",
                "indicators[3].weight",
            ]
        );
    }

    #[test]
    fn weights_of_siblings_add_up_to_100_or_are_all_0() {
        let of = |weights: [f64; 2]| {
            fields(&[
                leaf("A", "", IndicatorKind::YesNo, weights[0]),
                leaf("B", "", IndicatorKind::YesNo, weights[1]),
            ])
        };
        assert_eq!(of([33.3, 66.7]), [""; 0]);
        assert_eq!(of([0.0, 0.0]), [""; 0]);
        assert_eq!(of([60.0, 30.0]), ["indicators[0].weight"]);
        assert_eq!(
            of([-10.0, 110.0]),
            ["indicators[0].weight", "indicators[1].weight"]
        );
    }

    #[test]
    fn a_veto_of_points_or_of_a_group_says_what_passes() {
        let of = |kind: IndicatorKind, threshold: Option<f64>| {
            let mut veto = leaf("A", "", kind, 100.0);
            veto.veto = true;
            veto.threshold = threshold;
            fields(&[veto])
        };
        assert_eq!(of(IndicatorKind::Scored, None), ["indicators[0].threshold"]);
        assert_eq!(of(IndicatorKind::Scored, Some(6.0)), [""; 0]);
        assert_eq!(
            of(IndicatorKind::Scored, Some(11.0)),
            ["indicators[0].threshold"]
        );
        assert_eq!(of(IndicatorKind::YesNo, None), [""; 0]);
        assert_eq!(
            of(IndicatorKind::YesNo, Some(1.0)),
            ["indicators[0].threshold"]
        );
        assert_eq!(
            of(IndicatorKind::Measured, Some(f64::NAN)),
            ["indicators[0].threshold"]
        );
    }

    #[test]
    fn four_levels_are_enough() {
        let mut indicators = vec![leaf("L1", "", IndicatorKind::Group, 0.0)];
        for level in 2..=5 {
            let parent = format!("L{}", level - 1);
            let kind = if level == 5 {
                IndicatorKind::YesNo
            } else {
                IndicatorKind::Group
            };
            indicators.push(leaf(&format!("L{level}"), &parent, kind, 0.0));
        }
        assert_eq!(fields(&indicators), ["indicators[4].parent"]);
        indicators.remove(4);
        indicators[3].kind = IndicatorKind::YesNo;
        assert_eq!(fields(&indicators), [""; 0]);
    }

    #[test]
    fn article_05_what_is_for_another_stage_does_not_apply() {
        let mut indicators = set().indicators;
        indicators[1].stages = vec![Stage::Primary];
        indicators[2].stages = vec![Stage::Primary, Stage::Junior];
        assert_eq!(
            applicable(&indicators, Some(Stage::Primary)),
            [true, true, true, true]
        );
        assert_eq!(
            applicable(&indicators, Some(Stage::Junior)),
            [true, false, true, true]
        );
        assert_eq!(
            applicable(&indicators, Some(Stage::Senior)),
            [false, false, false, true],
            "a group of which nothing applies does not apply"
        );
        assert_eq!(
            applicable(&indicators, None),
            [false, false, false, true],
            "a town has no stage"
        );
        indicators[0].stages = vec![Stage::Primary];
        assert_eq!(
            applicable(&indicators, Some(Stage::Junior)),
            [false, false, false, true],
            "what is below a group goes with it"
        );
    }
}
