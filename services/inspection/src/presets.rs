//! What the inspection ships as data: indicator sets and the figures of standards, each with its basis.

use dudao_law::Ruleset;
use dudao_law::ruleset::Figure;
use dudao_platform::error::{Error, Result};
use serde::Deserialize;

use crate::domain::indicator_set::{Indicator, IndicatorSet, IndicatorSetState};
use crate::domain::words::{InspectionLine, ObjectKind};

const SETS: [(&str, &str); 9] = [
    (
        "school_kindergarten",
        include_str!("../presets/indicators/school_kindergarten.toml"),
    ),
    (
        "school_compulsory",
        include_str!("../presets/indicators/school_compulsory.toml"),
    ),
    (
        "school_senior",
        include_str!("../presets/indicators/school_senior.toml"),
    ),
    (
        "school_vocational",
        include_str!("../presets/indicators/school_vocational.toml"),
    ),
    (
        "government",
        include_str!("../presets/indicators/government.toml"),
    ),
    (
        "quality_balance",
        include_str!("../presets/indicators/quality_balance.toml"),
    ),
    (
        "basic_balance",
        include_str!("../presets/indicators/basic_balance.toml"),
    ),
    (
        "preschool",
        include_str!("../presets/indicators/preschool.toml"),
    ),
    (
        "dropout_control",
        include_str!("../presets/indicators/dropout_control.toml"),
    ),
];

const FIGURES: &str = include_str!("../presets/figures.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFile {
    display_name: String,
    line: InspectionLine,
    object_kinds: Vec<ObjectKind>,
    basis: String,
    description: String,
    excellent_mark: Option<f64>,
    good_mark: Option<f64>,
    pass_mark: Option<f64>,
    indicators: Vec<Indicator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiguresFile {
    figures: Vec<FigureEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureEntry {
    key: String,
    title: String,
    value: f64,
    unit: String,
    basis: String,
}

/// The names of the indicator sets.
pub fn names() -> impl Iterator<Item = &'static str> {
    SETS.iter().map(|(name, _)| *name)
}

/// An indicator set, `None` if there is none of that name.
pub fn indicator_set(name: &str) -> Result<Option<IndicatorSet>> {
    let Some((_, text)) = SETS.iter().find(|(known, _)| *known == name) else {
        return Ok(None);
    };
    let file: SetFile = toml::from_str(text).map_err(Error::internal)?;
    Ok(Some(IndicatorSet {
        display_name: file.display_name,
        line: file.line,
        object_kinds: file.object_kinds,
        basis: file.basis,
        description: file.description,
        excellent_mark: file.excellent_mark,
        good_mark: file.good_mark,
        pass_mark: file.pass_mark,
        indicators: file.indicators,
        preset: name.to_owned(),
        state: IndicatorSetState::Draft,
        version: 0,
        family: String::new(),
        revises: String::new(),
        publish_date: None,
        retire_reason: String::new(),
    }))
}

/// The figures of the standards.
pub fn figures() -> Result<Ruleset> {
    let file: FiguresFile = toml::from_str(FIGURES).map_err(Error::internal)?;
    let figures = file.figures.into_iter().map(|entry| {
        let figure = Figure {
            title: entry.title,
            value: Some(entry.value),
            unit: entry.unit,
            basis: entry.basis,
        };
        (entry.key, figure)
    });
    Ok(Ruleset {
        name: String::new(),
        figures: figures.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::day;
    use crate::domain::stage::Stage;

    fn set(name: &str) -> IndicatorSet {
        indicator_set(name).unwrap().unwrap()
    }

    #[test]
    fn article_06_every_shipped_set_is_right_and_says_on_what_it_rests() {
        for name in names() {
            let set = set(name).check(name.replace('_', "-").as_str());
            let set = set.unwrap_or_else(|wrong| panic!("{name}: {wrong:?}"));
            let published = set.publish(day("2026-01-10")).unwrap();
            assert!(
                published
                    .indicators
                    .iter()
                    .all(|one| one.basis.chars().count() > 5),
                "{name}"
            );
        }
        assert!(indicator_set("unknown").unwrap().is_none());
    }

    #[test]
    fn every_threshold_that_follows_a_figure_is_that_figure() {
        let figures = figures().unwrap();
        for name in names() {
            for one in set(name)
                .indicators
                .iter()
                .filter(|one| !one.figure.is_empty())
            {
                let figure = &figures.figures[&one.figure];
                let hundred = if figure.unit == "share" && one.unit == "%" {
                    100.0
                } else {
                    1.0
                };
                let value = figure.value.unwrap() * hundred;
                assert!(
                    (one.threshold.unwrap() - value).abs() < 1e-9,
                    "{name}: {}",
                    one.code
                );
            }
        }
    }

    #[test]
    fn article_04_quality_balance_has_32_indicators_that_must_all_pass() {
        let set = set("quality_balance");
        let below = |group: &str| {
            set.indicators
                .iter()
                .filter(|one| one.parent == group)
                .count()
        };
        assert_eq!(
            (below("R"), below("G"), below("E"), below("S")),
            (7, 15, 9, 1)
        );
        assert!(
            set.indicators
                .iter()
                .filter(|one| one.is_leaf())
                .all(|one| one.veto)
        );
    }

    #[test]
    fn article_05_every_stage_is_judged_by_a_set_with_its_emphasis() {
        for (name, stage, emphasis) in [
            ("school_kindergarten", Stage::Kindergarten, "公益普惠"),
            ("school_compulsory", Stage::Primary, "优质均衡"),
            ("school_compulsory", Stage::NineYear, "优质均衡"),
            ("school_senior", Stage::Senior, "特色多样化"),
            ("school_vocational", Stage::Vocational, "适应社会需求能力"),
        ] {
            let set = set(name);
            let applies = set.applicable(Some(stage));
            let applying = || {
                set.indicators
                    .iter()
                    .zip(&applies)
                    .filter(|(_, applies)| **applies)
            };
            assert!(
                applying().any(|(one, _)| one.parent.is_empty() && one.title.contains(emphasis)),
                "{name}"
            );
            for matter in [
                "党的全面领导",
                "办学方向",
                "党的建设",
                "意识形态",
                "依法治校",
                "安全稳定",
            ] {
                assert!(
                    applying().any(|(one, _)| one.title.contains(matter)),
                    "{name}: {matter}"
                );
            }
        }
    }

    #[test]
    fn every_figure_says_on_what_it_rests_and_how_sure_it_is() {
        for (key, figure) in figures().unwrap().figures {
            assert!(figure.basis.ends_with('）'), "{key}: {}", figure.basis);
        }
    }
}
