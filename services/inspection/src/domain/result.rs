//! Results of concluded evaluations, summed up (art. 六: regular monitoring, analysis and use).

use std::collections::BTreeMap;

use super::evaluation::{Evaluation, EvaluationVerdict, NodeOutcome};
use super::stage::Stage;

dudao_law::words!(
    /// How a mean counts objects.
    ResultWeighting {
        /// By pupils, where they are known of every object.
        Pupils = "按学生数加权",
        /// Each object once.
        Objects = "每个对象同等计算",
    }
);

/// The result of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectResult {
    /// The evaluation's name.
    pub evaluation: String,
    /// The version of the set.
    pub indicator_set: String,
    /// The object.
    pub target: String,
    /// What it is called.
    pub target_name: String,
    /// Its town.
    pub town: String,
    /// The stage of a school.
    pub stage: Option<Stage>,
    /// The year.
    pub year: i32,
    /// Its pupils.
    pub pupils: Option<i32>,
    /// Of 100.
    pub total: f64,
    /// The verdict.
    pub verdict: EvaluationVerdict,
    /// Each indicator on top.
    pub nodes: Vec<NodeOutcome>,
    /// Codes of the vetoes that failed.
    pub vetoes: Vec<String>,
    /// What the unit gave itself.
    pub self_total: Option<f64>,
}

/// The mean of an indicator on top.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeMean {
    /// Its code.
    pub code: String,
    /// What it asks.
    pub title: String,
    /// Over the objects to which it applies.
    pub mean: f64,
}

/// Results summed up.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultFigures {
    /// How many objects.
    pub objects: i32,
    /// How many pass.
    pub passed: i32,
    /// How many have a failed veto.
    pub vetoed: i32,
    /// The mean total.
    pub mean: f64,
    /// How the mean counts objects.
    pub weighting: ResultWeighting,
    /// The smallest total.
    pub min: f64,
    /// The largest total.
    pub max: f64,
    /// The mean of each indicator on top.
    pub nodes: Vec<NodeMean>,
}

/// Results of a town, in comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct TownFigures {
    /// The town.
    pub town: String,
    /// Summed up.
    pub figures: ResultFigures,
    /// 1 is the best.
    pub rank: i32,
    /// Its mean less the county's.
    pub difference: f64,
}

impl ObjectResult {
    /// The result of an evaluation, if it stands.
    pub fn of(name: &str, evaluation: &Evaluation) -> Option<Self> {
        if evaluation.state != super::evaluation::EvaluationState::Concluded {
            return None;
        }
        let outcome = evaluation.outcome.as_ref()?;
        Some(Self {
            evaluation: name.to_owned(),
            indicator_set: evaluation.indicator_set.clone(),
            target: evaluation.target.clone(),
            target_name: evaluation.target_name.clone(),
            town: evaluation.town.clone(),
            stage: evaluation.stage,
            year: evaluation.year,
            pupils: evaluation.pupils,
            total: outcome.total,
            verdict: outcome.verdict,
            nodes: outcome.nodes.clone(),
            vetoes: outcome.vetoes.iter().map(|one| one.code.clone()).collect(),
            self_total: evaluation.self_outcome.as_ref().map(|own| own.total),
        })
    }
}

/// The result that counts of each object and year, in the order of their names: the one concluded last, and of those of a day
/// the one whose name comes last.
pub fn newest<'a>(
    evaluations: impl IntoIterator<Item = (String, &'a Evaluation)>,
) -> Vec<ObjectResult> {
    let mut newest = BTreeMap::new();
    for (name, evaluation) in evaluations {
        let Some(result) = ObjectResult::of(&name, evaluation) else {
            continue;
        };
        let age = (evaluation.conclude_date, name);
        let slot = newest
            .entry((result.target.clone(), result.year))
            .or_insert_with(|| (age.clone(), result.clone()));
        if slot.0 < age {
            *slot = (age, result);
        }
    }
    newest.into_values().map(|(_, result)| result).collect()
}

/// By pupils, if they are known of all; else a large school of which they are not known would count for nothing.
pub fn weighting(results: &[ObjectResult]) -> ResultWeighting {
    let known = |one: &ObjectResult| one.pupils.is_some_and(|pupils| pupils > 0);
    if results.iter().all(known) {
        ResultWeighting::Pupils
    } else {
        ResultWeighting::Objects
    }
}

/// Sums results up; none of none.
pub fn figures<'a>(
    results: impl IntoIterator<Item = &'a ObjectResult>,
    weighting: ResultWeighting,
) -> Option<ResultFigures> {
    let results: Vec<_> = results.into_iter().collect();
    let weight = |one: &ObjectResult| match weighting {
        ResultWeighting::Pupils => f64::from(one.pupils.unwrap_or_default()),
        ResultWeighting::Objects => 1.0,
    };
    let mut nodes: Vec<(NodeMean, f64)> = Vec::new();
    for result in &results {
        for node in &result.nodes {
            let at = nodes.iter().position(|(one, _)| one.code == node.code);
            let at = at.unwrap_or_else(|| {
                let empty = NodeMean {
                    code: node.code.clone(),
                    title: node.title.clone(),
                    mean: 0.0,
                };
                nodes.push((empty, 0.0));
                nodes.len() - 1
            });
            nodes[at].0.mean += weight(result) * node.score;
            nodes[at].1 += weight(result);
        }
    }
    let whole: f64 = results.iter().map(|one| weight(one)).sum();
    let sum: f64 = results.iter().map(|one| weight(one) * one.total).sum();
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let totals = || results.iter().map(|one| one.total);
    (whole > 0.0).then(|| ResultFigures {
        objects: count(results.len()),
        passed: count(
            results
                .iter()
                .filter(|one| one.verdict != EvaluationVerdict::Fail)
                .count(),
        ),
        vetoed: count(results.iter().filter(|one| !one.vetoes.is_empty()).count()),
        mean: sum / whole,
        weighting,
        min: totals().fold(f64::INFINITY, f64::min),
        max: totals().fold(f64::NEG_INFINITY, f64::max),
        nodes: nodes
            .into_iter()
            .map(|(node, weight)| NodeMean {
                mean: node.mean / weight,
                ..node
            })
            .collect(),
    })
}

/// Compares towns by their means, the best first; all means count objects alike. Towns of the same mean share a rank, and the
/// next one comes after all of them.
pub fn compare_towns(
    results: &[ObjectResult],
    weighting: ResultWeighting,
) -> Option<(Vec<TownFigures>, ResultFigures)> {
    let county = figures(results, weighting)?;
    let mut by_town: BTreeMap<&str, Vec<&ObjectResult>> = BTreeMap::new();
    for result in results {
        by_town.entry(&result.town).or_default().push(result);
    }
    let mut towns: Vec<TownFigures> = by_town
        .into_iter()
        .filter_map(|(town, results)| {
            let figures = figures(results, weighting)?;
            Some(TownFigures {
                town: town.to_owned(),
                difference: figures.mean - county.mean,
                figures,
                rank: 0,
            })
        })
        .collect();
    towns.sort_by(|a, b| b.figures.mean.total_cmp(&a.figures.mean));
    let means: Vec<_> = towns.iter().map(|town| town.figures.mean).collect();
    for town in &mut towns {
        let better = means.iter().filter(|mean| **mean > town.figures.mean);
        town.rank = i32::try_from(better.count()).unwrap_or(i32::MAX - 1) + 1;
    }
    Some((towns, county))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn result(town: &str, pupils: Option<i32>, total: f64) -> ObjectResult {
        ObjectResult {
            evaluation: String::new(),
            indicator_set: String::new(),
            target: format!("{town}{total}"),
            target_name: String::new(),
            town: town.to_owned(),
            stage: Some(Stage::Primary),
            year: 2026,
            pupils,
            total,
            verdict: if total < 60.0 {
                EvaluationVerdict::Fail
            } else {
                EvaluationVerdict::Pass
            },
            nodes: vec![NodeOutcome {
                code: "A".to_owned(),
                title: "甲".to_owned(),
                score: total / 2.0,
                weight: 100.0,
            }],
            vetoes: vec![],
            self_total: None,
        }
    }

    #[test]
    fn article_06_a_mean_counts_pupils_where_they_are_known_of_all() {
        let all = [
            result("甲镇", Some(300), 80.0),
            result("甲镇", Some(100), 40.0),
        ];
        assert_eq!(weighting(&all), ResultWeighting::Pupils);
        let summed = figures(&all, ResultWeighting::Pupils).unwrap();
        assert_eq!((summed.mean, summed.min, summed.max), (70.0, 40.0, 80.0));
        assert_eq!((summed.objects, summed.passed), (2, 1));
        assert_eq!(summed.nodes[0].mean, 35.0);
        let some = [result("甲镇", Some(300), 80.0), result("甲镇", None, 40.0)];
        assert_eq!(weighting(&some), ResultWeighting::Objects);
        assert_eq!(figures(&some, weighting(&some)).unwrap().mean, 60.0);
        assert_eq!(figures(&[], ResultWeighting::Objects), None);
    }

    #[test]
    fn towns_of_the_same_mean_share_a_rank() {
        let all = [
            result("丙镇", Some(10), 50.0),
            result("甲镇", Some(10), 80.0),
            result("乙镇", Some(10), 80.0),
        ];
        let (towns, county) = compare_towns(&all, ResultWeighting::Pupils).unwrap();
        let ranks: Vec<_> = towns
            .iter()
            .map(|town| (town.town.as_str(), town.rank))
            .collect();
        assert_eq!(ranks, [("乙镇", 1), ("甲镇", 1), ("丙镇", 3)]);
        assert_eq!((county.mean, towns[2].difference), (70.0, -20.0));
    }

    proptest! {
        #[test]
        fn the_countys_mean_is_the_mean_of_its_towns_by_pupils(
            schools in prop::collection::vec((0usize..4, 1i32..2000, 0.0f64..100.0), 1..40),
        ) {
            let names = ["甲镇", "乙镇", "丙镇", "丁镇"];
            let all: Vec<_> = schools.iter().map(|(town, pupils, total)| result(names[*town], Some(*pupils), *total)).collect();
            let (towns, county) = compare_towns(&all, weighting(&all)).unwrap();
            let pupils = |town: &str| all.iter().filter(|one| one.town == town).map(|one| f64::from(one.pupils.unwrap())).sum::<f64>();
            let whole: f64 = towns.iter().map(|town| pupils(&town.town)).sum();
            let mean: f64 = towns.iter().map(|town| pupils(&town.town) * town.figures.mean).sum::<f64>() / whole;
            prop_assert!((mean - county.mean).abs() < 1e-9);
            prop_assert!(county.min <= county.mean + 1e-9 && county.mean <= county.max + 1e-9);
            prop_assert!(towns.windows(2).all(|two| two[0].rank <= two[1].rank));
        }
    }
}
