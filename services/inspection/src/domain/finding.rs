//! Findings: what a visit found to be wrong. What becomes of it after the letter is the accountability's.

use chrono::{DateTime, Utc};
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::{check_id, check_length};

dudao_law::words!(
    /// How grave a finding is.
    Severity {
        /// It can be put right by the way.
        Minor = "一般问题",
        /// It needs a plan.
        Serious = "较重问题",
        /// It stands against the law or endangers people.
        Grave = "重大问题",
    }
);

dudao_law::words!(
    /// Where a finding stands in the inspection.
    FindingState {
        /// It was recorded.
        Recorded = "已记录",
        /// It stands in an issued letter.
        Issued = "已下达",
        /// It was taken back before the letter.
        Withdrawn = "已撤回",
    }
);

impl Default for FindingState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The visit's name.
    pub visit: String,
    /// The indicator that it falls under; may be "".
    pub indicator: String,
    /// What is wrong, in a line.
    pub title: String,
    /// What was seen, where and when.
    pub detail: String,
    /// The rule that it breaks.
    pub basis: String,
    /// How grave it is.
    pub severity: Severity,
    /// Whether it is an illegal act or a danger to life.
    pub danger: bool,
    /// What the team asks to be done.
    pub requirement: String,
    /// Within how many days, 0 to 3,660; 0 leaves it to the rectification decision.
    pub limit_days: i32,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was seen, as the device says.
    pub record_time: Option<DateTime<Utc>>,
    /// Files; never required.
    pub evidence: Vec<String>,
    /// The visited school, town or unit.
    pub target: String,
    /// Where it stands.
    pub state: FindingState,
    /// Why it was taken back.
    pub withdraw_reason: String,
}

impl Finding {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "finding_id", code);
        text(&mut wrong, "visit", &self.visit, 200);
        text(&mut wrong, "title", &self.title, 100);
        check_length(&mut wrong, "detail", &self.detail, 5_000);
        text(&mut wrong, "basis", &self.basis, 500);
        check_length(&mut wrong, "requirement", &self.requirement, 2_000);
        check_length(&mut wrong, "indicator", &self.indicator, 40);
        text(&mut wrong, "recorded_by", &self.recorded_by, 200);
        wrong.check(
            (0..=3_660).contains(&self.limit_days),
            "limit_days",
            "整改期限须为 0 至 3660 天",
            "must be 0 to 3,660 days",
        );
        wrong.check(
            self.evidence.len() <= 100,
            "evidence",
            "最多 100 个附件",
            "must be at most 100 files",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only steps may change, taken from the finding as it is; the visit never changes.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            visit: before.visit.clone(),
            target: before.target.clone(),
            state: before.state,
            withdraw_reason: before.withdraw_reason.clone(),
            ..self
        }
    }

    /// Refuses a change of what was issued or withdrawn.
    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.state == FindingState::Recorded {
            return Ok(());
        }
        Err(Refusal::state(
            "finding.state",
            "第八条",
            format!("问题{}，不能再修改", self.state),
            "a finding that was issued or withdrawn no longer changes",
        ))
    }

    /// Takes it back before the letter.
    pub fn withdraw(self, reason: &str) -> Result<Self, Refusal> {
        self.may_change()?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            state: FindingState::Withdrawn,
            withdraw_reason: reason.to_owned(),
            ..self
        })
    }

    /// Puts it into a letter.
    #[must_use]
    pub fn issue(self) -> Self {
        Self {
            state: FindingState::Issued,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn article_08_an_issued_finding_no_longer_changes() {
        let finding = Finding {
            visit: "counties/140525/visits/v".to_owned(),
            indicator: String::new(),
            title: "消防通道堵塞".to_owned(),
            detail: String::new(),
            basis: "消防法".to_owned(),
            severity: Severity::Grave,
            danger: true,
            requirement: String::new(),
            limit_days: 0,
            recorded_by: "督学A".to_owned(),
            record_time: None,
            evidence: vec![],
            target: String::new(),
            state: FindingState::Recorded,
            withdraw_reason: String::new(),
        };
        assert!(finding.clone().check("f-1").is_ok());
        assert!(finding.may_change().is_ok());
        assert_eq!(finding.clone().withdraw("").unwrap_err().keys(), ["reason"]);
        assert!(finding.clone().withdraw("重复").is_ok());
        let issued = finding.issue();
        assert_eq!(
            issued.withdraw("重复").unwrap_err().keys(),
            ["finding.state"]
        );
    }
}
