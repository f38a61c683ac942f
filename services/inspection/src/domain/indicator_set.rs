//! Indicator sets (指标体系, art. 六): trees by which objects are judged. A published version never changes.

mod tree;

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::stage::Stage;
use super::words::{InspectionLine, ObjectKind};
use super::{check_id, check_length};

/// Under which article the county has indicator systems at all.
const ARTICLE: &str = "第六条";

dudao_law::words!(
    /// How an indicator is judged.
    IndicatorKind {
        /// By what is below it.
        Group = "分组",
        /// By points from 0 to a maximum.
        Scored = "评分",
        /// By yes or no.
        YesNo = "是否",
        /// By a value that is held against a threshold.
        Measured = "测量",
    }
);

dudao_law::words!(
    /// How a measured value is held against the threshold, unrounded.
    Comparison {
        /// The value or more.
        AtLeast = "不低于",
        /// The value or less.
        AtMost = "不高于",
        /// More than the value.
        Above = "高于",
        /// Less than the value.
        Below = "低于",
    }
);

dudao_law::words!(
    /// Where a set stands.
    IndicatorSetState {
        /// Everything may change.
        Draft = "起草",
        /// Nothing changes.
        Published = "已发布",
        /// No longer for new evaluations.
        Retired = "已停用",
    }
);

impl Comparison {
    /// Whether a value passes.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::AtLeast => value >= threshold,
            Self::AtMost => value <= threshold,
            Self::Above => value > threshold,
            Self::Below => value < threshold,
        }
    }
}

/// An indicator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Indicator {
    /// Unique in the set.
    pub code: String,
    /// The group that it stands below; "" on top.
    pub parent: String,
    /// What it asks.
    pub title: String,
    /// How it is judged.
    pub kind: IndicatorKind,
    /// Its part of the group in percent.
    pub weight: f64,
    /// Whether its failure fails the whole.
    pub veto: bool,
    /// The most points of a scored one.
    pub max_points: f64,
    /// The unit of a measured one.
    pub unit: String,
    /// How a measured one is held against the threshold.
    pub comparison: Option<Comparison>,
    /// What passes.
    pub threshold: Option<f64>,
    /// The parameter of the county's rules that takes the threshold's place.
    pub figure: String,
    /// Its legal basis.
    pub basis: String,
    /// What to look at.
    pub guidance: String,
    /// The stages to which it applies; none means all.
    pub stages: Vec<Stage>,
}

/// A version of an indicator set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorSet {
    /// What it is called.
    pub display_name: String,
    /// Its line.
    pub line: InspectionLine,
    /// What can be judged by it; none means anything.
    pub object_kinds: Vec<ObjectKind>,
    /// Its legal basis.
    pub basis: String,
    /// What it is for.
    pub description: String,
    /// From which total it is excellent.
    pub excellent_mark: Option<f64>,
    /// From which total it is good.
    pub good_mark: Option<f64>,
    /// From which total it passes.
    pub pass_mark: Option<f64>,
    /// Its indicators, each group before what is below it.
    pub indicators: Vec<Indicator>,
    /// The preset that it started from.
    pub preset: String,
    /// Where it stands.
    pub state: IndicatorSetState,
    /// 1, 2, 3 … within its family.
    pub version: i32,
    /// The first version's name.
    pub family: String,
    /// The version that it was made from.
    pub revises: String,
    /// When it was published.
    pub publish_date: Option<NaiveDate>,
    /// Why it was taken out of use.
    pub retire_reason: String,
}

impl Indicator {
    /// Whether it is judged itself, and not by what is below it.
    pub fn is_leaf(&self) -> bool {
        self.kind != IndicatorKind::Group
    }

    /// Checks a value that is given for it.
    pub fn check_value(&self, wrong: &mut Violations, path: &str, value: f64) {
        match self.kind {
            IndicatorKind::Group => wrong.add(
                path,
                format!("{}是分组，由下级指标得出，不直接评分", self.code),
                format!("{} is a group: score what is below it", self.code),
            ),
            IndicatorKind::Scored => {
                wrong.check(
                    (0.0..=self.max_points).contains(&value),
                    path,
                    format!("{}的得分须在 0 至 {} 之间", self.code, self.max_points),
                    format!("{} takes 0 to {} points", self.code, self.max_points),
                );
            }
            IndicatorKind::YesNo => {
                wrong.check(
                    value == 0.0 || value == 1.0,
                    path,
                    format!("{}须为 1（是）或 0（否）", self.code),
                    format!("{} takes 1 for yes or 0 for no", self.code),
                );
            }
            IndicatorKind::Measured => {
                wrong.check(
                    value.is_finite() && value.abs() < 1e12,
                    path,
                    format!("{}须填写数值（单位：{}）", self.code, self.unit),
                    format!("{} takes a number in {}", self.code, self.unit),
                );
            }
        }
    }

    /// Whether a value passes; for a group its score of 100.
    pub fn passes(&self, value: f64, threshold: Option<f64>) -> bool {
        match self.kind {
            IndicatorKind::YesNo => value == 1.0,
            IndicatorKind::Group | IndicatorKind::Scored => {
                threshold.is_none_or(|threshold| value >= threshold)
            }
            IndicatorKind::Measured => match (self.comparison, threshold) {
                (Some(comparison), Some(threshold)) => comparison.holds(value, threshold),
                (None, _) | (_, None) => false,
            },
        }
    }

    /// What a value is worth, of 100.
    pub fn worth(&self, value: f64, threshold: Option<f64>) -> f64 {
        match self.kind {
            IndicatorKind::Group => value,
            IndicatorKind::Scored => 100.0 * value / self.max_points,
            IndicatorKind::YesNo => 100.0 * value,
            IndicatorKind::Measured if self.passes(value, threshold) => 100.0,
            IndicatorKind::Measured => 0.0,
        }
    }
}

impl IndicatorSet {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "indicator_set_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        text(&mut wrong, "basis", &self.basis, 500);
        check_length(&mut wrong, "description", &self.description, 2_000);
        let marks = [
            ("pass_mark", self.pass_mark),
            ("good_mark", self.good_mark),
            ("excellent_mark", self.excellent_mark),
        ];
        let mut least = 0.0;
        for (field, mark) in marks {
            let Some(mark) = mark else { continue };
            wrong.check(
                (0.0..=100.0).contains(&mark),
                field,
                "须在 0 至 100 之间",
                "must lie in 0 to 100",
            );
            wrong.check(
                mark >= least,
                field,
                "优秀线不低于良好线，良好线不低于合格线",
                "must not be below the mark of a lesser verdict",
            );
            least = mark;
        }
        tree::check(&mut wrong, &self.indicators);
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only steps may change, taken from the set as it is.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        let before = before.clone();
        Self {
            preset: before.preset,
            state: before.state,
            version: before.version,
            family: before.family,
            revises: before.revises,
            publish_date: before.publish_date,
            retire_reason: before.retire_reason,
            ..self
        }
    }

    /// The first version of a family of its own.
    #[must_use]
    pub fn founded(self, name: &str) -> Self {
        Self {
            version: 1,
            family: name.to_owned(),
            ..self
        }
    }

    /// Refuses a change once it is published.
    pub fn may_change(&self) -> Result<(), Refusal> {
        self.in_state(&[IndicatorSetState::Draft], "修改请另立新版本")
    }

    /// Publishes it: from then on it never changes.
    pub fn publish(mut self, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[IndicatorSetState::Draft], "已发布的版本不再发布")?;
        if !self.indicators.iter().any(Indicator::is_leaf) {
            return Err(Refusal::rule(
                "indicator_set.empty",
                ARTICLE,
                "没有可评的指标：请先录入指标",
                "it has no indicator that is judged: enter some first",
            ));
        }
        self.state = IndicatorSetState::Published;
        self.publish_date = Some(today);
        Ok(self)
    }

    /// A draft of the next version; `newest` is the family's newest so far.
    pub fn revise(&self, name: &str, newest: i32) -> Result<Self, Refusal> {
        self.in_state(
            &[IndicatorSetState::Published, IndicatorSetState::Retired],
            "起草中的版本可直接修改",
        )?;
        Ok(Self {
            state: IndicatorSetState::Draft,
            version: newest.max(self.version) + 1,
            revises: name.to_owned(),
            publish_date: None,
            retire_reason: String::new(),
            ..self.clone()
        })
    }

    /// Takes it out of use.
    pub fn retire(mut self, reason: &str) -> Result<Self, Refusal> {
        self.in_state(&[IndicatorSetState::Published], "只有已发布的版本可以停用")?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        self.state = IndicatorSetState::Retired;
        reason.clone_into(&mut self.retire_reason);
        Ok(self)
    }

    /// Refuses to be judged by unless it is published.
    pub fn usable(&self) -> Result<(), Refusal> {
        if self.state == IndicatorSetState::Published {
            return Ok(());
        }
        Err(Refusal::rule(
            "indicator_set.published",
            ARTICLE,
            format!(
                "指标体系“{}”{}：只有已发布的版本可以使用，请先发布或选用其他版本",
                self.display_name, self.state
            ),
            "only a published version can be used: publish it, or choose another",
        ))
    }

    /// An indicator by its code.
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|one| one.code == code)
    }

    /// Which indicators apply to an object of this stage, in their order. A group applies if anything below it does.
    pub fn applicable(&self, stage: Option<Stage>) -> Vec<bool> {
        tree::applicable(&self.indicators, stage)
    }

    fn in_state(&self, right: &[IndicatorSetState], advice: &str) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        Err(Refusal::state(
            "indicator_set.state",
            ARTICLE,
            format!("指标体系“{}”：{advice}", self.state),
            "the set's state does not allow this: revise it to make a new version",
        ))
    }
}

impl Default for IndicatorKind {
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl Default for IndicatorSetState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::fixture::day;

    pub fn leaf(code: &str, parent: &str, kind: IndicatorKind, weight: f64) -> Indicator {
        let mut leaf = Indicator {
            code: code.to_owned(),
            parent: parent.to_owned(),
            title: format!("指标{code}"),
            kind,
            weight,
            basis: "办法".to_owned(),
            ..Indicator::default()
        };
        match kind {
            IndicatorKind::Scored => leaf.max_points = 10.0,
            IndicatorKind::Measured => {
                "%".clone_into(&mut leaf.unit);
                leaf.comparison = Some(Comparison::AtLeast);
                leaf.threshold = Some(95.0);
            }
            IndicatorKind::Group | IndicatorKind::YesNo => {}
        }
        leaf
    }

    /// A (60 %) with A1 (scored, 75 %) and A2 (yes or no, 25 %, a veto); B (40 %), measured.
    pub fn set() -> IndicatorSet {
        let mut veto = leaf("A2", "A", IndicatorKind::YesNo, 25.0);
        veto.veto = true;
        IndicatorSet {
            display_name: "义务教育学校督导".to_owned(),
            line: InspectionLine::School,
            object_kinds: vec![ObjectKind::School],
            basis: "条例".to_owned(),
            description: String::new(),
            excellent_mark: Some(90.0),
            good_mark: Some(75.0),
            pass_mark: Some(60.0),
            indicators: vec![
                leaf("A", "", IndicatorKind::Group, 60.0),
                leaf("A1", "A", IndicatorKind::Scored, 75.0),
                veto,
                leaf("B", "", IndicatorKind::Measured, 40.0),
            ],
            preset: String::new(),
            state: IndicatorSetState::Draft,
            version: 0,
            family: String::new(),
            revises: String::new(),
            publish_date: None,
            retire_reason: String::new(),
        }
        .founded("counties/140525/indicatorSets/s")
    }

    pub fn published() -> IndicatorSet {
        set().publish(day("2026-01-10")).unwrap()
    }

    #[test]
    fn article_06_a_published_version_never_changes_and_a_revision_takes_its_place() {
        let name = "counties/140525/indicatorSets/s";
        assert!(set().may_change().is_ok());
        assert_eq!(
            set().revise(name, 1).unwrap_err().keys(),
            ["indicator_set.state"]
        );
        let first = published();
        assert_eq!(
            first.may_change().unwrap_err().keys(),
            ["indicator_set.state"]
        );
        assert_eq!(
            first.clone().publish(day("2026-02-01")).unwrap_err().keys(),
            ["indicator_set.state"]
        );
        let next = first.revise(name, 3).unwrap();
        assert_eq!(
            (next.version, next.state, next.revises.as_str()),
            (4, IndicatorSetState::Draft, name)
        );
        assert_eq!((&next.family, next.publish_date), (&first.family, None));
        assert!(next.may_change().is_ok());
    }

    #[test]
    fn only_a_published_version_can_be_used() {
        assert_eq!(
            set().usable().unwrap_err().keys(),
            ["indicator_set.published"]
        );
        assert!(published().usable().is_ok());
        assert_eq!(published().retire("").unwrap_err().keys(), ["reason"]);
        assert_eq!(
            set().retire("过时").unwrap_err().keys(),
            ["indicator_set.state"]
        );
        let retired = published().retire("过时").unwrap();
        assert_eq!(
            retired.usable().unwrap_err().keys(),
            ["indicator_set.published"]
        );
    }

    #[test]
    fn a_set_without_anything_to_judge_is_not_published() {
        let empty = IndicatorSet {
            indicators: vec![],
            ..set()
        };
        assert_eq!(
            empty.publish(day("2026-01-10")).unwrap_err().keys(),
            ["indicator_set.empty"]
        );
    }

    #[test]
    fn an_update_keeps_what_only_steps_may_change() {
        let before = published();
        let sent = IndicatorSet {
            preset: "x".to_owned(),
            version: 9,
            ..set()
        };
        let kept = sent.keep(&before);
        assert_eq!(
            (kept.version, kept.state, kept.preset.as_str()),
            (1, IndicatorSetState::Published, "")
        );
    }

    #[test]
    fn marks_rise_from_pass_to_excellent() {
        assert!(set().check("s").is_ok());
        let fallen = IndicatorSet {
            good_mark: Some(50.0),
            excellent_mark: Some(101.0),
            ..set()
        };
        let wrong = fallen.check("s").unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["good_mark", "excellent_mark"]);
    }
}
