//! Cases: what is to be put right by a unit, from the letter to the close-out, or up the ladder (arts. 八–十四).

mod ladder;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

pub use ladder::{LadderStep, Proposal};

use super::finding::{
    CaseFinding, Check, CloseOut, Decision, Extension, FindingState, ImmediateAction, LookBack,
    RectificationReport, ResultPublication,
};

const MAX_FINDINGS: usize = 500;

dudao_law::words!(
    /// Where a case comes from.
    CaseSource {
        /// An opinion letter of the county's own.
        OwnLetter = "本级督导意见书",
        /// Findings of a superior's inspection (art. 十).
        Superior = "上级督导",
        /// A direct trigger of art. 十二 or 十四.
        Direct = "直接启动",
    }
);

dudao_law::words!(
    /// What calls for an interview at once (art. 十二).
    InterviewTrigger {
        /// The Party's education policy is not carried out resolutely.
        PolicyNotResolute = "贯彻教育方针和决策部署不坚决、不彻底",
        /// Duties are not fulfilled.
        DutyUnfulfilled = "履行教育职责不到位",
        /// The school is run irregularly.
        IrregularRunning = "办学行为不规范",
        /// Quality falls.
        QualityFalling = "教育教学质量下降",
        /// Many safety problems.
        SafetyProblems = "安全问题较多",
        /// Supervision is refused.
        RefusingSupervision = "拒不接受教育督导",
    }
);

dudao_law::words!(
    /// What calls for a notification (art. 十三).
    NotificationTrigger {
        /// Rectification is weak.
        Weak = "整改不力",
        /// It is shirked.
        Shirked = "推诿扯皮",
        /// Nothing is done.
        NotDone = "不作为",
    }
);

dudao_law::words!(
    /// What calls for accountability at once (art. 十四).
    AccountabilityTrigger {
        /// The year's task is unfinished.
        TaskUnfinished = "未完成年度任务",
        /// Duties are fulfilled weakly.
        DutyWeak = "履行教育职责不力",
        /// What was found is not put right.
        NotRectified = "整改不到位",
        /// Supervision is obstructed.
        Obstruction = "阻挠干扰和不配合教育督导",
    }
);

/// An urging letter (督办函, art. 九).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgingLetter {
    /// Its number within the case, from 1.
    pub n: i32,
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub number: String,
    /// The findings that it urges.
    pub findings: Vec<String>,
    /// The new limit.
    pub limit_date: NaiveDate,
    /// Who decided.
    pub officer: String,
}

/// A record filed with someone, and the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// With whom.
    pub to: String,
    /// The day.
    pub date: NaiveDate,
    /// Number or words of the receipt; "" until it has come.
    pub receipt: String,
}

/// An interview with the unit's responsible person (约谈, art. 十二).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interview {
    /// The day.
    pub date: NaiveDate,
    /// What called for it; none if an urging letter had passed without effect.
    pub trigger: Option<InterviewTrigger>,
    /// Who took part.
    pub attendees: Vec<String>,
    /// The written record.
    pub record: String,
    /// Who decided.
    pub officer: String,
    /// With whom the record was filed.
    pub filings: Vec<Filing>,
}

/// A notification to the town and the superior department (通报, art. 十三).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The day.
    pub date: NaiveDate,
    /// What called for it.
    pub trigger: NotificationTrigger,
    /// Result, conduct and rectification.
    pub text: String,
    /// To whom.
    pub recipients: Vec<String>,
    /// Who decided.
    pub officer: String,
    /// Receipts.
    pub filings: Vec<Filing>,
}

/// The case goes to accountability (art. 十四).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountabilityReferral {
    /// The day.
    pub date: NaiveDate,
    /// What called for it; none if a notification had passed without effect.
    pub trigger: Option<AccountabilityTrigger>,
    /// Why.
    pub text: String,
    /// Who decided.
    pub officer: String,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Where it comes from.
    pub source: CaseSource,
    /// The visit that it comes from; "" if none.
    pub visit: String,
    /// Number of the letter, or of the superior's document.
    pub letter_number: String,
    /// Who found it; "" for the county itself.
    pub issuer: String,
    /// Whom it concerns.
    pub unit: String,
    /// What the unit is called.
    pub unit_name: String,
    /// The town in which it lies.
    pub town: String,
    /// Whether the unit is a town or a department.
    pub government: bool,
    /// Who inspected, the leader first.
    pub team: Vec<String>,
    /// Last day of the inspection.
    pub inspection_end_date: Option<NaiveDate>,
    /// What was seen, as a whole.
    pub summary: String,
    /// What was found.
    pub findings: Vec<CaseFinding>,
    /// When it was opened.
    pub open_date: Option<NaiveDate>,
    /// The rules under which it was opened.
    pub ruleset: String,
    /// Urging letters.
    pub urging_letters: Vec<UrgingLetter>,
    /// Interviews.
    pub interviews: Vec<Interview>,
    /// Notifications.
    pub notifications: Vec<Notification>,
    /// Referrals to accountability.
    pub referrals: Vec<AccountabilityReferral>,
    /// Whether every finding is settled.
    pub closed: bool,
    /// With whom the results of a superior's findings were filed (art. 十).
    #[serde(default)]
    pub result_filings: Vec<Filing>,
    /// How many rectification decisions there were, those among them whose findings were decided anew since.
    #[serde(default)]
    pub decisions: i32,
}

impl Case {
    /// Checks what someone enters: a superior's findings or a direct trigger.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.check(
            (1..=40).contains(&code.len())
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
            "case_id",
            "须为 1 至 40 位字母、数字或连字符",
            "must be 1 to 40 letters, digits or hyphens",
        );
        text(&mut wrong, "unit", &self.unit, 200);
        text(&mut wrong, "unit_name", &self.unit_name, 100);
        wrong.check(
            self.source != CaseSource::OwnLetter,
            "source",
            "本级意见书的案件由意见书自动建立，不能手工录入",
            "cases of the county's own letters open by themselves",
        );
        wrong.check(
            self.source != CaseSource::Superior || !self.issuer.trim().is_empty(),
            "issuer",
            "须写明由哪一级督导发现",
            "must say who found it",
        );
        wrong.check(
            self.source != CaseSource::Superior || !self.findings.is_empty(),
            "findings",
            "至少录入一个问题",
            "must be at least one finding",
        );
        wrong.check(
            self.findings.len() <= MAX_FINDINGS,
            "findings",
            "最多 500 个问题",
            "must be at most 500 findings",
        );
        let mut seen = BTreeSet::new();
        for (at, finding) in self.findings.iter().enumerate() {
            wrong.take(&format!("findings[{at}]"), finding.check_draft());
            wrong.check(
                seen.insert(&finding.finding),
                format!("findings[{at}].finding"),
                "编号重复",
                "must not be given twice",
            );
        }
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of a case changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Opens it on a day under the rules then in force.
    #[must_use]
    pub fn opened(self, today: NaiveDate, ruleset: &str) -> Self {
        Self {
            open_date: Some(today),
            ruleset: ruleset.to_owned(),
            closed: false,
            ..self
        }
    }

    /// Decides item by item what must be done and until when (art. 八).
    pub fn decide(self, decisions: Vec<(String, Decision)>) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        wrong.check(
            !decisions.is_empty(),
            "items",
            "至少逐项列出一个问题",
            "must be at least one item",
        );
        for (at, (_, decision)) in decisions.iter().enumerate() {
            text(
                &mut wrong,
                &format!("items[{at}].requirement"),
                &decision.requirement,
                2_000,
            );
            text(&mut wrong, "officer", &decision.officer, 100);
            text(&mut wrong, "document", &decision.document, 100);
        }
        wrong.into_result()?;
        let mut case = self;
        for (at, (finding, mut decision)) in decisions.into_iter().enumerate() {
            decision.part = case.part_of(&decision);
            case.decisions = case.decisions.max(decision.part);
            case = case.with(&finding, &format!("items[{at}].finding"), |one| {
                one.decide(decision)
            })?;
        }
        Ok(case)
    }

    /// In which of its documents a decision stands: the one of that day and number, or the next.
    fn part_of(&self, decision: &Decision) -> i32 {
        let mut others = self.findings.iter().filter_map(|one| one.decision.as_ref());
        let same = others
            .find(|other| (other.date, &other.document) == (decision.date, &decision.document));
        same.map_or(self.decisions + 1, |other| other.part)
    }

    /// Records what was done at once.
    pub fn act(self, finding: &str, action: ImmediateAction) -> Result<Self, Refusal> {
        said("text", &action.text, 5_000)?;
        said("by", &action.by, 200)?;
        self.with(finding, "finding", |one| one.act(action))
    }

    /// Allows a longer limit.
    pub fn extend(self, finding: &str, extension: Extension) -> Result<Self, Refusal> {
        said("reason", &extension.reason, 500)?;
        said("officer", &extension.officer, 100)?;
        self.with(finding, "finding", |one| one.extend(extension))
    }

    /// Takes in the unit's report.
    pub fn report(self, finding: &str, report: RectificationReport) -> Result<Self, Refusal> {
        said("text", &report.text, 20_000)?;
        said("by", &report.by, 200)?;
        self.with(finding, "finding", |one| one.report(report))
    }

    /// Records whether a finding is put right.
    pub fn verify(self, finding: &str, check: Check) -> Result<Self, Refusal> {
        said("text", &check.text, 5_000)?;
        said("officer", &check.officer, 100)?;
        self.with(finding, "finding", |one| one.check(check))
    }

    /// Publishes the results of findings that have passed.
    pub fn publish(
        self,
        findings: &[String],
        publication: &ResultPublication,
    ) -> Result<Self, Refusal> {
        said("place", &publication.place, 500)?;
        if findings.is_empty() {
            return Err(Refusal::field(
                "findings",
                "至少选择一个问题",
                "must be at least one",
            ));
        }
        findings
            .iter()
            .enumerate()
            .try_fold(self, |case, (at, finding)| {
                case.with(finding, &format!("findings[{at}]"), |one| {
                    one.publish(publication.clone())
                })
            })
    }

    /// Closes a finding out.
    pub fn close_out(self, finding: &str, closing: CloseOut) -> Result<Self, Refusal> {
        said("text", &closing.text, 5_000)?;
        said("officer", &closing.officer, 100)?;
        self.with(finding, "finding", |one| one.close_out(closing))
    }

    /// Looks back at a closed finding.
    pub fn look_back(self, finding: &str, look: LookBack) -> Result<Self, Refusal> {
        said("text", &look.text, 5_000)?;
        said("officer", &look.officer, 100)?;
        self.with(finding, "finding", |one| one.look_back(look))
    }

    /// Takes a finding back on an objection that was accepted.
    pub fn withdraw(self, finding: &str, reason: &str, officer: &str) -> Result<Self, Refusal> {
        said("reason", reason, 500)?;
        said("officer", officer, 100)?;
        self.with(finding, "finding", |one| one.withdraw(reason))
    }

    fn with(
        mut self,
        finding: &str,
        field: &str,
        step: impl FnOnce(&mut CaseFinding) -> Result<(), Refusal>,
    ) -> Result<Self, Refusal> {
        let Some(one) = self.findings.iter_mut().find(|one| one.finding == finding) else {
            return Err(Refusal::field(
                field,
                format!("本案没有问题 {finding}"),
                format!("the case has no finding {finding}"),
            ));
        };
        step(one)?;
        self.closed = self.findings.iter().all(CaseFinding::is_settled);
        Ok(self)
    }

    /// Files the results of a superior's findings upward, or notes the receipt (art. 十).
    pub fn file_results(
        mut self,
        to: &str,
        receipt: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let to = if to.is_empty() {
            self.issuer.clone()
        } else {
            to.to_owned()
        };
        said("to", &to, 200)?;
        if self.source != CaseSource::Superior {
            return Err(Refusal::state(
                "case.source",
                "第十条",
                "只有上级督导发现的问题须向上级报送整改结果",
                "only the results of a superior's findings are filed upward",
            ));
        }
        if !self.closed {
            return Err(Refusal::rule(
                "case.open_findings",
                "第十条",
                "仍有问题未销号：全部销号后再向上级报送整改结果",
                "findings are still open: file once every one is closed out",
            ));
        }
        file(&mut self.result_filings, &to, receipt, today);
        Ok(self)
    }

    /// With the number that the register has given in place of another.
    #[must_use]
    pub fn numbered(mut self, unnumbered: &str, number: &str) -> Self {
        let decisions = self
            .findings
            .iter_mut()
            .filter_map(|one| one.decision.as_mut());
        let letters = self
            .urging_letters
            .iter_mut()
            .map(|letter| &mut letter.number);
        for written in decisions.map(|one| &mut one.document).chain(letters) {
            if written == unnumbered {
                number.clone_into(written);
            }
        }
        self
    }

    /// Who decided the limit that a finding has now: of the last urging letter, the last longer limit, or the decision.
    pub fn officer_of<'a>(&'a self, finding: &'a CaseFinding) -> &'a str {
        let letters = self.urging_letters.iter().rev();
        let urged = letters
            .filter(|letter| letter.findings.contains(&finding.finding))
            .map(|letter| (letter.date, letter.officer.as_str()))
            .next();
        let longer = finding.extensions.last();
        let longer = longer.map(|one| (one.date, one.officer.as_str()));
        let decided = finding.decision.as_ref();
        let decided = decided.map(|one| (one.date, one.officer.as_str()));
        // Of two on one day the later kind counts.
        [decided, longer, urged]
            .into_iter()
            .flatten()
            .max_by_key(|(date, _)| *date)
            .map_or("", |(_, officer)| officer)
    }

    /// The limit that was set on the spot, where the case was opened by an urging letter.
    pub fn spot_limit(&self) -> Option<NaiveDate> {
        let first = self.urging_letters.first()?;
        first.number.is_empty().then_some(first.limit_date)
    }

    /// The days on which findings were urged because they were late or insufficient.
    pub fn urged_late(&self) -> impl Iterator<Item = NaiveDate> {
        let letters = self.urging_letters.iter();
        letters
            .filter(|letter| !letter.number.is_empty())
            .map(|letter| letter.date)
    }

    /// How many urging letters a finding has had.
    pub fn urged(&self, finding: &str) -> usize {
        let letters = self.urging_letters.iter();
        letters
            .filter(|letter| letter.findings.iter().any(|one| one == finding))
            .count()
    }
}

/// Files with someone, or notes the receipt of what was filed before.
pub(super) fn file(filings: &mut Vec<Filing>, to: &str, receipt: &str, today: NaiveDate) {
    match filings.iter_mut().find(|filing| filing.to == to) {
        Some(filing) => receipt.clone_into(&mut filing.receipt),
        None => filings.push(Filing {
            to: to.to_owned(),
            date: today,
            receipt: receipt.to_owned(),
        }),
    }
}

fn said(field: &str, words: &str, most: usize) -> Result<(), Refusal> {
    let mut wrong = Violations::new();
    text(&mut wrong, field, words, most);
    Ok(wrong.into_result()?)
}

#[cfg(test)]
mod tests;
