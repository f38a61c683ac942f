//! Evaluations (评估): one object, judged by one version of an indicator set, the unit's own scores beside the team's
//! (arts. 四, 五, 六).

mod outcome;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use dudao_law::{Refusal, Rule, Ruleset, Violations, text};
use serde::{Deserialize, Serialize};

use super::indicator_set::{Indicator, IndicatorSet};
use super::stage::Stage;
use super::words::ObjectKind;
use super::{check_id, check_length};

pub use outcome::{EvaluationOutcome, EvaluationVerdict, NodeOutcome, VetoFailure};

/// Under which article results are analysed and used.
const ARTICLE: &str = "第六条";

dudao_law::words!(
    /// Where an evaluation stands.
    EvaluationState {
        /// Scores come in.
        Open = "评分中",
        /// The unit has handed in its own scores.
        SelfScored = "已自评",
        /// The team's result stands.
        Concluded = "已认定",
        /// It counts nowhere.
        Withdrawn = "已撤销",
    }
);

/// A score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenScore {
    /// Points, 1 or 0, or the measured value.
    pub value: f64,
    /// What it rests on.
    pub note: String,
    /// Who gave it.
    pub by: String,
    /// When.
    pub date: NaiveDate,
}

/// An indicator with its scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorScores {
    /// The indicator's code.
    pub code: String,
    /// What it asks.
    pub title: String,
    /// What passes, as it was when the evaluation began.
    pub threshold: Option<f64>,
    /// The unit's own.
    pub self_score: Option<GivenScore>,
    /// The team's.
    pub team_score: Option<GivenScore>,
}

/// A score to record.
#[derive(Clone, Debug, PartialEq)]
pub struct NewScore {
    /// The indicator's code.
    pub code: String,
    /// Points, 1 or 0, or the measured value.
    pub value: f64,
    /// What it rests on.
    pub note: String,
}

/// Whose scores are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The unit's own.
    Own,
    /// The team's.
    Team,
}

/// What the registry knows of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// What it is called.
    pub display_name: String,
    /// The town that it lies in.
    pub town: String,
    /// The stage of a school.
    pub stage: Option<Stage>,
    /// The pupils of a school.
    pub pupils: Option<i32>,
}

/// An evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The version of the set by which it judges.
    pub indicator_set: String,
    /// What kind of object.
    pub object_kind: ObjectKind,
    /// The object's name.
    pub target: String,
    /// The visit at which it is done.
    pub visit: String,
    /// The year that it is about.
    pub year: i32,
    /// The set, in whatever version.
    pub family: String,
    /// What the object is called.
    pub target_name: String,
    /// The town that it lies in.
    pub town: String,
    /// The stage of a school.
    pub stage: Option<Stage>,
    /// The pupils of a school.
    pub pupils: Option<i32>,
    /// The rules from which thresholds were taken.
    pub ruleset: String,
    /// Where it stands.
    pub state: EvaluationState,
    /// Every indicator that applies and is not a group.
    pub scores: Vec<IndicatorScores>,
    /// When the unit handed in its own scores.
    pub self_score_date: Option<NaiveDate>,
    /// What the unit's own scores come to.
    pub self_outcome: Option<EvaluationOutcome>,
    /// When it was concluded.
    pub conclude_date: Option<NaiveDate>,
    /// What the team's scores come to.
    pub outcome: Option<EvaluationOutcome>,
    /// Why it was taken back.
    pub withdraw_reason: String,
}

impl Evaluation {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "evaluation_id", code);
        text(&mut wrong, "indicator_set", &self.indicator_set, 200);
        text(&mut wrong, "target", &self.target, 200);
        check_length(&mut wrong, "visit", &self.visit, 200);
        wrong.check(
            (2000..2100).contains(&self.year),
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// What the team's scores come to as a share of the best, 0 to 1; nothing where a veto has failed, none until it is concluded.
    pub fn share(&self) -> Option<f64> {
        let outcome = self
            .outcome
            .as_ref()
            .filter(|_| self.state == EvaluationState::Concluded)?;
        Some(if outcome.vetoes.is_empty() {
            (outcome.total / 100.0).clamp(0.0, 1.0)
        } else {
            0.0
        })
    }

    /// An evaluation changes by steps alone.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Begins it: the set must be published and be for such an object. A threshold is the county's own where its rules
    /// have one, and else the set's; it stays what it was at the beginning.
    pub fn begin(
        mut self,
        set: &IndicatorSet,
        object: Object,
        rules: &Ruleset,
    ) -> Result<Self, Refusal> {
        set.usable()?;
        let mut against = Vec::new();
        if !set.object_kinds.is_empty() && !set.object_kinds.contains(&self.object_kind) {
            let kinds: Vec<_> = set.object_kinds.iter().map(|kind| kind.zh()).collect();
            against.push(Rule::new(
                "evaluation.object_kind",
                "第五条",
                format!(
                    "指标体系“{}”用于{}，不用于{}：请选用相应的指标体系",
                    set.display_name,
                    kinds.join("、"),
                    self.object_kind
                ),
                "the set is not for such objects: choose another",
            ));
        }
        let is_kindergarten = self.object_kind == ObjectKind::Kindergarten;
        let right_kind = match object.stage {
            Some(Stage::Kindergarten) => is_kindergarten,
            Some(_) => self.object_kind == ObjectKind::School,
            None => !matches!(
                self.object_kind,
                ObjectKind::School | ObjectKind::Kindergarten
            ),
        };
        if !right_kind {
            against.push(Rule::new(
                "evaluation.object",
                "",
                format!("“{}”不是{}", object.display_name, self.object_kind),
                "the object is of another kind",
            ));
        }
        let applies = set.applicable(object.stage);
        self.scores = set
            .indicators
            .iter()
            .zip(&applies)
            .filter(|(one, applies)| one.is_leaf() && **applies)
            .map(|(one, _)| IndicatorScores {
                code: one.code.clone(),
                title: one.title.clone(),
                threshold: threshold(one, rules),
                self_score: None,
                team_score: None,
            })
            .collect();
        if self.scores.is_empty() {
            against.push(Rule::new(
                "evaluation.stage",
                "第五条",
                "指标体系中没有适用于该对象学段的指标",
                "no indicator of the set applies to the object's stage",
            ));
        }
        Refusal::unless_none(against)?;
        self.family.clone_from(&set.family);
        self.target_name = object.display_name;
        self.town = object.town;
        self.stage = object.stage;
        self.pupils = object.pupils;
        self.ruleset.clone_from(&rules.name);
        Ok(self)
    }

    /// Records scores of one side, over earlier ones. `team` are the members of its visit's team, if it has a visit.
    pub fn score(
        mut self,
        side: Side,
        given: Vec<NewScore>,
        by: &str,
        set: &IndicatorSet,
        team: Option<&[String]>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        match side {
            Side::Own => self.in_state(&[EvaluationState::Open])?,
            Side::Team => self.in_state(&[EvaluationState::Open, EvaluationState::SelfScored])?,
        }
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 200);
        wrong.check(
            (1..=500).contains(&given.len()),
            "scores",
            "须填写 1 至 500 项评分",
            "must be 1 to 500 scores",
        );
        let mut seen = BTreeSet::new();
        for (at, score) in given.iter().enumerate() {
            let path = |field: &str| format!("scores[{at}].{field}");
            let known = self.scores.iter().any(|one| one.code == score.code);
            match set.indicator(&score.code).filter(|_| known) {
                Some(indicator) => indicator.check_value(&mut wrong, &path("value"), score.value),
                None => wrong.add(
                    path("code"),
                    format!("“{}”不是适用于该对象的可评指标", score.code),
                    format!("{} is not to be scored for this object", score.code),
                ),
            }
            wrong.check(
                seen.insert(&score.code),
                path("code"),
                format!("“{}”重复", score.code),
                format!("{} must not be given twice", score.code),
            );
            check_length(&mut wrong, &path("note"), &score.note, 2_000);
        }
        wrong.into_result()?;
        if side == Side::Team && team.is_some_and(|team| !team.iter().any(|one| one == by)) {
            return Err(Refusal::rule(
                "evaluation.team",
                "《教育督导条例》",
                "评分人不是本次督导小组成员：请由小组成员评分，或先调整小组",
                "who scores is not of the visit's team: let a member score, or change the team",
            ));
        }
        for score in given {
            let Some(one) = self.scores.iter_mut().find(|one| one.code == score.code) else {
                continue;
            };
            let score = GivenScore {
                value: score.value,
                note: score.note,
                by: by.to_owned(),
                date: today,
            };
            match side {
                Side::Own => one.self_score = Some(score),
                Side::Team => one.team_score = Some(score),
            }
        }
        Ok(self)
    }

    /// Hands in the unit's own scores (自评, art. 四): all of them.
    pub fn submit_self(mut self, set: &IndicatorSet, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[EvaluationState::Open])?;
        self.self_outcome = Some(self.outcome_of(set, Side::Own)?);
        self.self_score_date = Some(today);
        self.state = EvaluationState::SelfScored;
        Ok(self)
    }

    /// Computes the team's result and freezes all.
    pub fn conclude(mut self, set: &IndicatorSet, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[EvaluationState::Open, EvaluationState::SelfScored])?;
        self.outcome = Some(self.outcome_of(set, Side::Team)?);
        self.conclude_date = Some(today);
        self.state = EvaluationState::Concluded;
        Ok(self)
    }

    /// Takes it back; it stays on record.
    pub fn withdraw(mut self, reason: &str) -> Result<Self, Refusal> {
        self.in_state(&[
            EvaluationState::Open,
            EvaluationState::SelfScored,
            EvaluationState::Concluded,
        ])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        self.state = EvaluationState::Withdrawn;
        reason.clone_into(&mut self.withdraw_reason);
        Ok(self)
    }

    /// Refuses to stand for the self-evaluation of a visit unless it is of the same object, of that visit or of none, and
    /// the unit has handed in its scores.
    pub fn stands_for(&self, visit: &str, target: &str) -> Result<(), Refusal> {
        let mut against = Vec::new();
        if self.target != target {
            against.push(Rule::new(
                "evaluation.target",
                "第四条",
                format!("该评估的对象是“{}”，不是本次督导的对象", self.target_name),
                "the evaluation is of another object",
            ));
        }
        if !self.visit.is_empty() && self.visit != visit {
            against.push(Rule::new(
                "evaluation.visit",
                "第四条",
                "该评估属于另一次督导",
                "the evaluation belongs to another visit",
            ));
        }
        if self.self_score_date.is_none() || self.state == EvaluationState::Withdrawn {
            against.push(Rule::new(
                "evaluation.self_scores",
                "第四条",
                "自评分尚未提交或评估已撤销：请先提交自评分",
                "its own scores are not handed in: hand them in first",
            ));
        }
        Refusal::unless_none(against)
    }

    fn outcome_of(&self, set: &IndicatorSet, side: Side) -> Result<EvaluationOutcome, Refusal> {
        let score = |one: &IndicatorScores| {
            let score = match side {
                Side::Own => &one.self_score,
                Side::Team => &one.team_score,
            };
            score.as_ref().map(|score| score.value)
        };
        let missing = self.scores.iter().filter(|one| score(one).is_none());
        Refusal::unless_none(
            missing
                .map(|one| {
                    Rule::new(
                        format!("evaluation.missing.{}", one.code),
                        ARTICLE,
                        format!("指标 {}“{}”尚未评分", one.code, one.title),
                        format!("the indicator {} has no score", one.code),
                    )
                })
                .collect(),
        )?;
        let values: BTreeMap<&str, outcome::Value> = self
            .scores
            .iter()
            .filter_map(|one| {
                let value = outcome::Value {
                    value: score(one)?,
                    threshold: one.threshold,
                };
                Some((one.code.as_str(), value))
            })
            .collect();
        Ok(outcome::outcome(set, self.stage, &values))
    }

    fn in_state(&self, right: &[EvaluationState]) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right.iter().map(|state| state.zh()).collect();
        Err(Refusal::state(
            "evaluation.state",
            ARTICLE,
            format!("评估“{}”，须为{}", self.state, words.join("或")),
            "the evaluation's state does not allow this",
        ))
    }
}

/// The county's own figure where its rules have it, else the set's. A share is told in percent where the indicator is.
fn threshold(indicator: &Indicator, rules: &Ruleset) -> Option<f64> {
    let own = rules
        .optional(&indicator.figure)
        .filter(|_| !indicator.figure.is_empty());
    let Some(own) = own else {
        return indicator.threshold;
    };
    let unit = rules
        .figures
        .get(&indicator.figure)
        .map_or("", |figure| figure.unit.as_str());
    Some(if unit == "share" && indicator.unit == "%" {
        // A share of at most ten decimals, free of what binary arithmetic adds to it.
        (own * 1e12).round() / 1e10
    } else {
        own
    })
}

impl Default for EvaluationState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

#[cfg(test)]
mod tests;
