//! Accountability decisions (问责, art. 十四): `opened → investigating → told → heard → consulted → approved → issued → executed`.
//!
//! What is imposed was told in writing, spoken to, consulted on and approved; a later telling begins this anew. What the office may
//! only refer goes to the organ that the decision names. Review and appeal suspend nothing.

mod parts;
mod remedy;
mod steps;

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, check_id, check_length, text};
use serde::{Deserialize, Serialize};

use parts::check_forms;
pub use parts::{
    AccountabilityForm, AccountabilityState, Approval, ApproverPost, Consultation, DecisionContent,
    Delivery, FactsNotice, InvestigationGroup, Issuance, Measure, MeasureExecution,
    MeasureReferral, Statement, StatementOutcome, SubjectKind,
};
pub use remedy::{Correction, Remedy, RemedyOutcome};

use super::case::{AccountabilityTrigger, Case, Filing};
use super::reminder::ReminderMatter;

/// The rule behind the procedure and its clocks.
const MEASURES: &str = "《教育督导问责办法》（国教督〔2021〕2号）";
const ARTICLE: &str = "第十四条";

/// An accountability decision, from its opening on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountabilityDecision {
    /// The case that was referred; "" for a direct trigger.
    pub case: String,
    /// What called for it; none if a notification had passed without effect.
    pub trigger: Option<AccountabilityTrigger>,
    /// Whom it concerns.
    pub kind: SubjectKind,
    /// The unit, or the unit of the person.
    pub unit: String,
    /// What the unit is called.
    pub unit_name: String,
    /// The town in which it lies.
    pub town: String,
    /// The person.
    pub person: String,
    /// What tells persons of one name apart.
    pub person_number: String,
    /// The person's post.
    pub post: String,
    /// Last day of the inspection.
    pub inspection_end_date: Option<NaiveDate>,
    /// Why it is opened.
    pub reason: String,
    /// Who is in charge of it.
    pub officer: String,
    /// When it was opened.
    pub open_date: Option<NaiveDate>,
    /// The rules under which it was opened.
    pub ruleset: String,
    /// Where it stands.
    pub state: AccountabilityState,
    /// By when the investigation group is to be set up.
    pub group_due_date: Option<NaiveDate>,
    /// The investigation group.
    pub group: Option<InvestigationGroup>,
    /// Written notices, the last in force.
    pub notices: Vec<FactsNotice>,
    /// Statements.
    pub statements: Vec<Statement>,
    /// Opinions of member units.
    pub consultations: Vec<Consultation>,
    /// The approval.
    pub approval: Option<Approval>,
    /// What was approved.
    pub content: Option<DecisionContent>,
    /// The issue.
    pub issuance: Option<Issuance>,
    /// The delivery.
    pub delivery: Option<Delivery>,
    /// With whom it was filed.
    pub filings: Vec<Filing>,
    /// The review.
    pub review: Option<Remedy>,
    /// The appeal.
    pub appeal: Option<Remedy>,
    /// Corrections.
    pub corrections: Vec<Correction>,
    /// Why it was dropped.
    pub end_reason: String,
}

impl AccountabilityDecision {
    /// Checks what was said of it. Whether it may be opened is for [`Self::opened`].
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "accountability_decision_id", code);
        text(&mut wrong, "reason", &self.reason, 2_000);
        text(&mut wrong, "officer", &self.officer, 100);
        check_length(&mut wrong, "person_number", &self.person_number, 40);
        if self.case.is_empty() {
            text(&mut wrong, "unit", &self.unit, 200);
            text(&mut wrong, "unit_name", &self.unit_name, 100);
            wrong.check(
                self.trigger.is_some(),
                "trigger",
                "没有移送的案件时须写明第十四条所列情形",
                "must be stated where no case was referred",
            );
            wrong.check(
                self.trigger != Some(AccountabilityTrigger::NotRectified),
                "case",
                "“整改不到位”须写明是哪一案件",
                "must be named: what was not put right stands in a case",
            );
        }
        match self.kind {
            SubjectKind::Person => {
                text(&mut wrong, "person", &self.person, 100);
                text(&mut wrong, "post", &self.post, 100);
            }
            SubjectKind::Unit => {
                wrong.check(
                    self.person.is_empty() && self.person_number.is_empty() && self.post.is_empty(),
                    "person",
                    "问责对象为单位时不填个人信息",
                    "must be empty for a unit",
                );
            }
        }
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of it changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Opens it: on a case that was referred to accountability, or on a direct trigger.
    pub fn opened(
        mut self,
        case: Option<&Case>,
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if let Some(case) = case {
            let Some(referral) = case.referrals.last() else {
                return Err(Refusal::rule(
                    "decision.referral",
                    ARTICLE,
                    "该案件尚未移送问责：须先移送（通报后仍未整改，或有第十四条所列情形）",
                    "the case was not referred to accountability: refer it first",
                ));
            };
            self.trigger = referral.trigger;
            self.unit.clone_from(&case.unit);
            self.unit_name.clone_from(&case.unit_name);
            self.town.clone_from(&case.town);
            self.inspection_end_date = case.inspection_end_date;
        }
        let due = |end| law.due("clock.investigation_group", end);
        self.group_due_date = self.inspection_end_date.map(due).transpose()?;
        self.open_date = Some(today);
        self.ruleset.clone_from(&law.rules.name);
        Ok(self)
    }

    /// Whether it concerns the same unit or the same person as another one. Staff numbers decide where both are known; else a
    /// person is known by name and unit.
    pub fn concerns_same(&self, other: &Self) -> bool {
        let numbered = !self.person_number.is_empty() && !other.person_number.is_empty();
        self.kind == other.kind
            && match self.kind {
                SubjectKind::Unit => self.unit == other.unit,
                SubjectKind::Person if numbered => self.person_number == other.person_number,
                SubjectKind::Person => self.person == other.person && self.unit == other.unit,
            }
    }

    /// Whether it aggravates another one of this day: issued within `clock.aggravation` on the same unit or person, and standing.
    pub fn aggravates(&self, other: &Self, law: &Law, today: NaiveDate) -> Result<bool, Refusal> {
        let Some(issuance) = self.issuance.as_ref().filter(|_| self.stands()) else {
            return Ok(false);
        };
        let until = law
            .rules
            .span("clock.aggravation")?
            .plain_after(issuance.date);
        Ok(self.concerns_same(other) && (issuance.date..=until).contains(&today))
    }

    /// Whether it was issued and not withdrawn.
    pub fn stands(&self) -> bool {
        matches!(
            self.state,
            AccountabilityState::Issued | AccountabilityState::Executed
        )
    }

    /// Whether it is under way or stands: neither dropped nor withdrawn.
    pub fn is_alive(&self) -> bool {
        !matches!(
            self.state,
            AccountabilityState::Dropped | AccountabilityState::Withdrawn
        )
    }

    /// Whether nothing of it is left to do.
    pub fn is_over(&self) -> bool {
        match self.state {
            AccountabilityState::Dropped | AccountabilityState::Withdrawn => true,
            AccountabilityState::Executed => self.clocks().is_empty(),
            AccountabilityState::Opened
            | AccountabilityState::Investigating
            | AccountabilityState::Told
            | AccountabilityState::Heard
            | AccountabilityState::Consulted
            | AccountabilityState::Approved
            | AccountabilityState::Issued => false,
        }
    }

    /// The clocks that run or have run out, each with its last day. Overdue is seen from the day.
    pub fn clocks(&self) -> Vec<(ReminderMatter, NaiveDate)> {
        let group = self
            .group_due_date
            .filter(|_| self.state == AccountabilityState::Opened)
            .map(|due| (ReminderMatter::InvestigationGroup, due));
        let statement = self
            .notices
            .last()
            .filter(|_| self.state == AccountabilityState::Told)
            .map(|notice| (ReminderMatter::Statement, notice.statement_due_date));
        let pending = |remedy: &Option<Remedy>, matter| {
            let remedy = remedy.as_ref().filter(|one| one.is_pending());
            remedy.map(|one| (matter, one.due_date))
        };
        let wrong = [&self.review, &self.appeal].into_iter().flatten();
        let correction = wrong
            .filter_map(Remedy::correction_due)
            .max()
            .map(|due| (ReminderMatter::Correction, due));
        [
            group,
            statement,
            pending(&self.review, ReminderMatter::ReviewDecision),
            pending(&self.appeal, ReminderMatter::AppealDecision),
            correction,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The public criticism that the public may read: of a unit, carried out, of a decision that stands.
    pub fn public_criticism(&self) -> Option<&Measure> {
        let content = self.content.as_ref().filter(|_| self.stands())?;
        content
            .measures
            .iter()
            .find(|one| one.form == AccountabilityForm::PublicCriticism && one.execution.is_some())
    }

    /// What reminders call it.
    pub fn title(&self) -> String {
        match self.kind {
            SubjectKind::Unit => format!("对{}的问责", self.unit_name),
            SubjectKind::Person => format!("对{}{}的问责", self.unit_name, self.post),
        }
    }

    fn in_state(&self, right: &[AccountabilityState]) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right
            .iter()
            .map(|state| format!("“{}”", state.zh()))
            .collect();
        Err(Refusal::state(
            "decision.state",
            ARTICLE,
            format!("现为“{}”，此步骤须在{}时进行", self.state, words.join("或")),
            "the decision's state does not allow this step",
        ))
    }

    /// The rule against the mildest form alone where earlier decisions aggravate.
    fn against_mildest(forms: &[AccountabilityForm], earlier: &[String]) -> Option<Rule> {
        let mildest = forms.iter().all(|form| form.is_mildest());
        (mildest && !earlier.is_empty()).then(|| {
            Rule::new(
                "decision.aggravation",
                MEASURES,
                format!(
                    "一年内已被问责（{}），应当从重：不能只用最轻的问责方式，须另行告知较重的方式",
                    earlier.join("、")
                ),
                "an earlier decision within a year aggravates: not the mildest form alone; tell a heavier one",
            )
        })
    }
}

#[cfg(test)]
mod tests;
