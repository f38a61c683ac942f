//! What scores come to: weights, vetoes, verdict. Nothing is rounded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::indicator_set::{Indicator, IndicatorSet};
use crate::domain::stage::Stage;

/// What binary arithmetic may take from a sum of decimals; not a rounding of results.
const SLACK: f64 = 1e-9;

dudao_law::words!(
    /// What a result comes to, in the words of the school list.
    EvaluationVerdict {
        /// The best.
        Excellent = "优秀",
        /// Good.
        Good = "良好",
        /// It passes.
        Pass = "合格",
        /// It does not pass.
        Fail = "不合格",
    }
);

/// What an indicator on top has come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeOutcome {
    /// Its code.
    pub code: String,
    /// What it asks.
    pub title: String,
    /// Of 100.
    pub score: f64,
    /// Its part of the total in percent.
    pub weight: f64,
}

/// An indicator whose failure fails the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VetoFailure {
    /// Its code.
    pub code: String,
    /// What it asks.
    pub title: String,
    /// Its legal basis.
    pub basis: String,
    /// What it came to.
    pub value: f64,
    /// What would have passed.
    pub threshold: Option<f64>,
}

/// What an evaluation has come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationOutcome {
    /// Of 100.
    pub total: f64,
    /// The verdict.
    pub verdict: EvaluationVerdict,
    /// Each indicator on top that applies.
    pub nodes: Vec<NodeOutcome>,
    /// Every veto that failed.
    pub vetoes: Vec<VetoFailure>,
}

/// A value with what would pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub value: f64,
    pub threshold: Option<f64>,
}

/// What the values of every leaf that applies come to. A group's score is the mean of what applies below it, by weights;
/// where all weights are 0, alike.
pub(super) fn outcome(
    set: &IndicatorSet,
    stage: Option<Stage>,
    values: &BTreeMap<&str, Value>,
) -> EvaluationOutcome {
    let applies = set.applicable(stage);
    let mut below: BTreeMap<&str, Vec<(&Indicator, f64)>> = BTreeMap::new();
    let mut vetoes = Vec::new();
    // Children stand behind their parents: from the end, every group finds its parts scored.
    for (one, _) in set
        .indicators
        .iter()
        .zip(&applies)
        .rev()
        .filter(|(_, applies)| **applies)
    {
        let (value, threshold) = match values.get(one.code.as_str()) {
            Some(value) => (value.value, value.threshold),
            None => (
                below
                    .get(one.code.as_str())
                    .map_or(0.0, |parts| mean(parts)),
                one.threshold,
            ),
        };
        if one.veto && !one.passes(value, threshold) {
            vetoes.push(VetoFailure {
                code: one.code.clone(),
                title: one.title.clone(),
                basis: one.basis.clone(),
                value,
                threshold,
            });
        }
        below
            .entry(one.parent.as_str())
            .or_default()
            .push((one, one.worth(value, threshold)));
    }
    vetoes.reverse();
    let mut top = below.remove("").unwrap_or_default();
    top.reverse();
    let total = mean(&top).clamp(0.0, 100.0);
    let nodes = top
        .iter()
        .zip(parts(&top))
        .map(|((one, score), part)| NodeOutcome {
            code: one.code.clone(),
            title: one.title.clone(),
            score: *score,
            weight: 100.0 * part,
        })
        .collect();
    EvaluationOutcome {
        total,
        verdict: verdict(set, total, vetoes.is_empty()),
        nodes,
        vetoes,
    }
}

/// A failed veto fails the whole, whatever the total.
fn verdict(set: &IndicatorSet, total: f64, vetoes_pass: bool) -> EvaluationVerdict {
    let reaches = |mark: Option<f64>| mark.is_some_and(|mark| total + SLACK >= mark);
    if !vetoes_pass {
        EvaluationVerdict::Fail
    } else if reaches(set.excellent_mark) {
        EvaluationVerdict::Excellent
    } else if reaches(set.good_mark) {
        EvaluationVerdict::Good
    } else if set.pass_mark.is_none() || reaches(set.pass_mark) {
        EvaluationVerdict::Pass
    } else {
        EvaluationVerdict::Fail
    }
}

fn mean(scores: &[(&Indicator, f64)]) -> f64 {
    scores
        .iter()
        .zip(parts(scores))
        .map(|((_, score), part)| score * part)
        .sum()
}

/// The part of each, which add up to 1.
fn parts(scores: &[(&Indicator, f64)]) -> Vec<f64> {
    let sum: f64 = scores.iter().map(|(one, _)| one.weight).sum();
    let part = |one: &Indicator| {
        if sum > 0.0 {
            one.weight / sum
        } else {
            1.0 / scores.len() as f64
        }
    };
    scores.iter().map(|(one, _)| part(one)).collect()
}
