//! Review (复查), appeal (申诉) and the correction of what they find wrong. A right within a time is refused once the time has
//! passed; a duty of the office that is late is shown.

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::{AccountabilityDecision, AccountabilityState as State, DecisionContent, MEASURES};

dudao_law::words!(
    /// What review or appeal has found.
    RemedyOutcome {
        /// The decision stands.
        Upheld = "维持",
        /// It is wrong and is to be changed.
        Changed = "变更",
        /// It is wrong and is to be withdrawn.
        Withdrawn = "撤销",
    }
);

/// A review or an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// When it was asked.
    pub date: NaiveDate,
    /// Why.
    pub grounds: String,
    /// Who asked.
    pub by: String,
    /// By when it is to be decided.
    pub due_date: NaiveDate,
    /// What was found; none while it is pending.
    pub outcome: Option<RemedyOutcome>,
    /// When it was decided.
    pub decide_date: Option<NaiveDate>,
    /// Why.
    pub text: String,
    /// Who decided.
    pub officer: String,
    /// After a review: until when an appeal may be lodged.
    pub appeal_due_date: Option<NaiveDate>,
    /// By when a wrong decision is to be corrected.
    pub correction_due_date: Option<NaiveDate>,
    /// When it was corrected.
    pub correct_date: Option<NaiveDate>,
}

impl Remedy {
    fn asked(grounds: &str, by: &str, due_date: NaiveDate, today: NaiveDate) -> Self {
        Self {
            date: today,
            grounds: grounds.to_owned(),
            by: by.to_owned(),
            due_date,
            outcome: None,
            decide_date: None,
            text: String::new(),
            officer: String::new(),
            appeal_due_date: None,
            correction_due_date: None,
            correct_date: None,
        }
    }

    /// Whether it is still to be decided.
    pub fn is_pending(&self) -> bool {
        self.outcome.is_none()
    }

    /// By when the decision is to be corrected, while it was not.
    pub fn correction_due(&self) -> Option<NaiveDate> {
        self.correction_due_date
            .filter(|_| self.correct_date.is_none())
    }

    fn decided(
        &mut self,
        (outcome, words, officer): (RemedyOutcome, &str, &str),
        law: &Law,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 20_000);
        text(&mut wrong, "officer", officer, 100);
        wrong.into_result()?;
        if outcome != RemedyOutcome::Upheld {
            self.correction_due_date = Some(law.due("clock.correction", today)?);
        }
        self.outcome = Some(outcome);
        self.decide_date = Some(today);
        words.clone_into(&mut self.text);
        officer.clone_into(&mut self.officer);
        Ok(())
    }
}

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The day.
    pub date: NaiveDate,
    /// Whether the decision was withdrawn.
    pub withdrawn: bool,
    /// Why.
    pub text: String,
    /// Who corrected.
    pub officer: String,
    /// What was decided before.
    pub before: DecisionContent,
}

impl AccountabilityDecision {
    /// Asks for review.
    pub fn ask_review(
        mut self,
        grounds: &str,
        by: &str,
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let until = self.right(grounds, by)?;
        if self.review.is_some() || self.appeal.is_some() {
            return Err(Refusal::state(
                "decision.review",
                MEASURES,
                "已申请复查或已提出申诉，不能再次申请复查",
                "review was asked or an appeal lodged before",
            ));
        }
        within("clock.review_request", "申请复查", until.0, today)?;
        let due = law.due("clock.review_decision", today)?;
        self.review = Some(Remedy::asked(grounds, by, due, today));
        Ok(self)
    }

    /// Decides the review.
    pub fn decide_review(
        mut self,
        found: (RemedyOutcome, &str, &str),
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let Some(review) = self.review.as_mut().filter(|one| one.is_pending()) else {
            return Err(nothing_pending("decision.review", "复查"));
        };
        review.decided(found, law, today)?;
        review.appeal_due_date = Some(law.due("clock.appeal", today)?);
        Ok(self)
    }

    /// Appeals: against the review's decision, or against the decision directly.
    pub fn lodge_appeal(
        mut self,
        grounds: &str,
        by: &str,
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let until = self.right(grounds, by)?;
        if self.appeal.is_some() {
            return Err(Refusal::state(
                "decision.appeal",
                MEASURES,
                "已提出申诉，不能再次申诉",
                "an appeal was lodged before",
            ));
        }
        let until = match &self.review {
            Some(review) if review.is_pending() => {
                return Err(Refusal::state(
                    "decision.review",
                    MEASURES,
                    "复查尚未作出决定：对复查决定不服的再申诉",
                    "the review is pending: appeal against its decision",
                ));
            }
            Some(review) => review.appeal_due_date.unwrap_or(until.1),
            None => until.1,
        };
        within("clock.appeal", "提出申诉", until, today)?;
        let due = law.due("clock.appeal_decision", today)?;
        self.appeal = Some(Remedy::asked(grounds, by, due, today));
        Ok(self)
    }

    /// Records how the superior decided the appeal.
    pub fn decide_appeal(
        mut self,
        found: (RemedyOutcome, &str, &str),
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let Some(appeal) = self.appeal.as_mut().filter(|one| one.is_pending()) else {
            return Err(nothing_pending("decision.appeal", "申诉"));
        };
        appeal.decided(found, law, today)?;
        Ok(self)
    }

    /// Corrects it as the last remedy has found: changed, never heavier, or withdrawn. What was carried out stays on record.
    pub fn correct(
        mut self,
        content: Option<DecisionContent>,
        words: &str,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Issued, State::Executed])?;
        let remedies = [&self.appeal, &self.review].into_iter().flatten();
        let wrong_by = remedies
            .filter(|one| one.correction_due().is_some())
            .map(|one| one.outcome)
            .next()
            .flatten();
        let (Some(outcome), Some(before)) = (wrong_by, self.content.clone()) else {
            return Err(Refusal::state(
                "decision.correction",
                MEASURES,
                "没有须更正的复查或申诉决定",
                "no review or appeal has found it wrong",
            ));
        };
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 20_000);
        text(&mut wrong, "officer", officer, 100);
        wrong.check(
            content.is_some() == (outcome == RemedyOutcome::Changed),
            "content",
            "变更时须写明新的决定内容，撤销时不写",
            "must be given to change it, and only then",
        );
        if let Some(content) = &content {
            wrong.take("content", content.check(self.kind));
        }
        wrong.into_result()?;
        if content.as_ref().and_then(DecisionContent::weight) > before.weight() {
            return Err(Refusal::rule(
                "decision.heavier",
                MEASURES,
                "更正不能比原决定更重：较重的方式未经告知和陈述申辩",
                "a correction may not be heavier than the decision: a heavier form was never told nor heard",
            ));
        }
        for remedy in [&mut self.review, &mut self.appeal].into_iter().flatten() {
            if remedy.correction_due().is_some() {
                remedy.correct_date = Some(today);
            }
        }
        match content {
            Some(mut content) => {
                for measure in &mut content.measures {
                    let same = before.measures.iter().find(|one| one.form == measure.form);
                    measure.execution = same.and_then(|one| one.execution.clone());
                    measure.referral = same.and_then(|one| one.referral.clone());
                }
                self.content = Some(content);
                self.settle();
            }
            None => self.state = State::Withdrawn,
        }
        self.corrections.push(Correction {
            date: today,
            withdrawn: outcome == RemedyOutcome::Withdrawn,
            text: words.to_owned(),
            officer: officer.to_owned(),
            before,
        });
        Ok(self)
    }

    /// Until when the subject may ask for review, and appeal directly.
    fn right(&self, grounds: &str, by: &str) -> Result<(NaiveDate, NaiveDate), Refusal> {
        self.in_state(&[State::Issued, State::Executed])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "grounds", grounds, 20_000);
        text(&mut wrong, "by", by, 100);
        wrong.into_result()?;
        let delivery = self.delivery.as_ref().ok_or_else(|| {
            Refusal::rule(
                "decision.delivered",
                MEASURES,
                "决定尚未送达：期限自送达之日起算",
                "it was not delivered: the time begins with the delivery",
            )
        })?;
        Ok((delivery.review_due_date, delivery.appeal_due_date))
    }
}

fn within(clock: &str, what: &str, until: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    if today <= until {
        return Ok(());
    }
    Err(Refusal::rule(
        clock,
        MEASURES,
        format!("{what}的期限已于 {until} 届满"),
        format!("the time for it ended on {until}"),
    ))
}

fn nothing_pending(rule: &str, what: &str) -> Refusal {
    Refusal::state(
        rule,
        MEASURES,
        format!("没有待决定的{what}"),
        "nothing is pending",
    )
}
