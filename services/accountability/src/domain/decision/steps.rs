//! The steps up to the decision, and its execution.

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, check_past, text};

use super::{
    ARTICLE, AccountabilityDecision, AccountabilityForm, AccountabilityState as State, Approval,
    Consultation, DecisionContent, Delivery, FactsNotice, InvestigationGroup, Issuance, MEASURES,
    Measure, MeasureExecution, MeasureReferral, Statement, StatementOutcome, check_forms,
};
use crate::domain::case::file;

impl AccountabilityDecision {
    /// Sets up the investigation group. That it is late is seen from its due day; the duty is the office's, and lateness does
    /// not free the subject.
    pub fn set_up_group(
        mut self,
        leader: &str,
        members: Vec<String>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Opened])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "leader", leader, 100);
        wrong.check(
            (1..=50).contains(&members.len()),
            "members",
            "除组长外须有 1 至 50 名成员",
            "must be 1 to 50 beside the leader",
        );
        for (at, member) in members.iter().enumerate() {
            let field = format!("members[{at}]");
            text(&mut wrong, &field, member, 100);
            wrong.check(
                member != leader && !members[..at].contains(member),
                field,
                "人员重复",
                "must not be given twice",
            );
        }
        wrong.into_result()?;
        self.group = Some(InvestigationGroup {
            date: today,
            due_date: self.group_due_date,
            leader: leader.to_owned(),
            members,
        });
        self.state = State::Investigating;
        Ok(self)
    }

    /// Tells facts and intended forms in writing. Told again, hearing, consulting and approval begin anew.
    pub fn tell(
        mut self,
        notice: FactsNotice,
        earlier: Vec<String>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[
            State::Investigating,
            State::Told,
            State::Heard,
            State::Consulted,
            State::Approved,
        ])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "number", &notice.number, 100);
        text(&mut wrong, "facts", &notice.facts, 20_000);
        text(&mut wrong, "basis", &notice.basis, 2_000);
        check_forms(&mut wrong, "forms", &notice.forms, self.kind);
        wrong.check(
            notice.statement_due_date > today,
            "statement_due_date",
            "陈述申辩的截止日须在今天之后",
            "must lie after today",
        );
        wrong.into_result()?;
        let rules = Self::against_mildest(&notice.forms, &earlier);
        Refusal::unless_none(rules.into_iter().collect())?;
        self.notices.push(FactsNotice {
            n: self.notices.len() as i32 + 1,
            date: today,
            aggravated_by: earlier,
            ..notice
        });
        self.approval = None;
        self.content = None;
        self.state = State::Told;
        Ok(self)
    }

    /// Records the statement, its waiver, or that the time has passed.
    pub fn hear(
        mut self,
        outcome: StatementOutcome,
        words: &str,
        by: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Told])?;
        let due = self.notices.last().map(|notice| notice.statement_due_date);
        match outcome {
            StatementOutcome::Spoken | StatementOutcome::Waived => {
                let mut wrong = Violations::new();
                text(&mut wrong, "text", words, 20_000);
                text(&mut wrong, "by", by, 100);
                wrong.into_result()?;
            }
            StatementOutcome::Lapsed if due.is_some_and(|due| today <= due) => {
                return Err(Refusal::rule(
                    "decision.statement_time",
                    MEASURES,
                    "陈述申辩的期限未过：须听取陈述申辩或取得书面放弃",
                    "the time to speak has not passed: hear the subject, or obtain a waiver in writing",
                ));
            }
            StatementOutcome::Lapsed => {}
        }
        self.statements.push(Statement {
            notice: self.notices.len() as i32,
            date: today,
            outcome,
            text: words.to_owned(),
            by: by.to_owned(),
        });
        self.state = State::Heard;
        Ok(self)
    }

    /// Records the opinion of a member unit, which is not the one concerned.
    pub fn consult(
        mut self,
        (unit, display_name): (&str, &str),
        opinion: &str,
        agrees: bool,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Heard, State::Consulted])?;
        let notice = self.notices.len() as i32;
        let mut wrong = Violations::new();
        text(&mut wrong, "unit", unit, 200);
        text(&mut wrong, "opinion", opinion, 5_000);
        let twice = self
            .consultations
            .iter()
            .any(|one| one.notice == notice && one.unit == unit);
        wrong.check(
            !twice,
            "unit",
            "该单位的意见已记录",
            "must not be consulted twice on one notice",
        );
        wrong.into_result()?;
        if unit == self.unit {
            return Err(Refusal::rule(
                "decision.consulted_other",
                MEASURES,
                "被问责单位不能作为被征求意见的成员单位：请征求其他成员单位的意见",
                "the unit concerned can't be the one consulted: ask another member unit",
            ));
        }
        self.consultations.push(Consultation {
            notice,
            date: today,
            unit: unit.to_owned(),
            display_name: display_name.to_owned(),
            opinion: opinion.to_owned(),
            agrees,
        });
        self.state = State::Consulted;
        Ok(self)
    }

    /// Records the approval by the committee's director or a deputy: one of those entitled.
    pub fn approve(
        mut self,
        approval: Approval,
        content: DecisionContent,
        entitled: &[String],
        earlier: &[String],
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Consulted])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "approver", &approval.approver, 100);
        wrong.take("content", content.check(self.kind));
        wrong.into_result()?;
        let mut rules = Vec::new();
        if !entitled.contains(&approval.approver) {
            rules.push(Rule::new(
                "decision.approver",
                MEASURES,
                format!(
                    "{} 不是督导委员会主任或副主任：须由主任或副主任审定",
                    approval.approver
                ),
                "must be approved by the committee's director or a deputy",
            ));
        }
        let forms: Vec<_> = content.measures.iter().map(|one| one.form).collect();
        let told = self.notices.last().map_or(&[][..], |notice| &notice.forms);
        if let Some(untold) = forms.iter().find(|form| !told.contains(form)) {
            rules.push(Rule::new(
                "decision.told",
                MEASURES,
                format!("“{untold}”未书面告知：须重新告知并听取陈述申辩"),
                "a form was not told: tell it and hear the subject again",
            ));
        }
        rules.extend(Self::against_mildest(&forms, earlier));
        Refusal::unless_none(rules)?;
        self.approval = Some(approval);
        self.content = Some(content);
        self.state = State::Approved;
        Ok(self)
    }

    /// With the number that the register has given it.
    #[must_use]
    pub fn numbered(mut self, number: &str) -> Self {
        if let Some(issuance) = &mut self.issuance {
            number.clone_into(&mut issuance.number);
        }
        self
    }

    /// Issues what was approved.
    pub fn issue(
        mut self,
        number: &str,
        effective_date: NaiveDate,
        earlier: Vec<String>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Approved])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "number", number, 100);
        wrong.check(
            effective_date >= today,
            "effective_date",
            "生效日不能早于今天",
            "must not lie before today",
        );
        wrong.into_result()?;
        let content = self.content.as_ref();
        let measures = content.map_or(&[][..], |content| &content.measures);
        let forms: Vec<_> = measures.iter().map(|one| one.form).collect();
        // Another decision may have been issued since the approval.
        let rules = Self::against_mildest(&forms, &earlier);
        Refusal::unless_none(rules.into_iter().collect())?;
        self.issuance = Some(Issuance {
            date: today,
            number: number.to_owned(),
            effective_date,
            aggravated_by: earlier,
        });
        self.state = State::Issued;
        Ok(self)
    }

    /// Records that the subject has received it: the time for review and appeal begins.
    pub fn deliver(
        mut self,
        receiver: &str,
        date: NaiveDate,
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Issued])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "receiver", receiver, 100);
        check_past(&mut wrong, "date", date, today);
        let issued = self.issuance.as_ref().map(|issuance| issuance.date);
        wrong.check(
            issued.is_none_or(|issued| date >= issued),
            "date",
            "不能早于决定印发之日",
            "must not lie before the issue",
        );
        wrong.into_result()?;
        if self.delivery.is_some() {
            return Err(Refusal::state(
                "decision.delivered",
                MEASURES,
                "决定已经送达",
                "it was delivered before",
            ));
        }
        self.delivery = Some(Delivery {
            date,
            receiver: receiver.to_owned(),
            review_due_date: law.due("clock.review_request", date)?,
            appeal_due_date: law.due("clock.appeal", date)?,
        });
        Ok(self)
    }

    /// Files it with the party committee, the government or the superior, or notes the receipt.
    pub fn file(mut self, to: &str, receipt: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[State::Issued, State::Executed, State::Withdrawn])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "to", to, 200);
        wrong.into_result()?;
        file(&mut self.filings, to, receipt, today);
        Ok(self)
    }

    /// Carries out a form that the office imposes. Neither review nor appeal is asked about: they suspend nothing.
    pub fn execute(
        self,
        form: AccountabilityForm,
        words: &str,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 5_000);
        text(&mut wrong, "officer", officer, 100);
        wrong.into_result()?;
        self.carry_out(form, false, today, |measure| {
            measure.execution = Some(MeasureExecution {
                date: today,
                text: words.to_owned(),
                officer: officer.to_owned(),
            });
        })
    }

    /// Refers a form to the organ that decides on it, or notes the receipt.
    pub fn refer(
        self,
        form: AccountabilityForm,
        receipt: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.carry_out(form, true, today, |measure| {
            let date = measure.referral.as_ref().map_or(today, |one| one.date);
            measure.referral = Some(MeasureReferral {
                date,
                receipt: receipt.to_owned(),
            });
        })
    }

    fn carry_out(
        mut self,
        form: AccountabilityForm,
        refers: bool,
        today: NaiveDate,
        record: impl FnOnce(&mut Measure),
    ) -> Result<Self, Refusal> {
        self.in_state(&[State::Issued])?;
        let mut rules = Vec::new();
        if form.is_referred() && !refers {
            rules.push(Rule::new(
                "decision.referred_only",
                MEASURES,
                format!("督导办不能直接作出“{form}”：须移交决定书写明的有权机关并取得回执"),
                "the office may only refer this form to the organ named in the decision",
            ));
        }
        if !form.is_referred() && refers {
            rules.push(Rule::new(
                "decision.imposed",
                MEASURES,
                format!("“{form}”由督导办直接执行，不移交"),
                "the office carries this form out itself",
            ));
        }
        if self.delivery.is_none() {
            rules.push(Rule::new(
                "decision.delivered",
                MEASURES,
                "决定尚未送达：须先送达再执行",
                "it was not delivered: deliver it first",
            ));
        }
        let effective = self.issuance.as_ref().map(|one| one.effective_date);
        if let Some(day) = effective.filter(|day| today < *day) {
            rules.push(Rule::new(
                "decision.effective",
                ARTICLE,
                format!("决定自 {day} 起生效，此前不能执行"),
                format!("it takes effect on {day}"),
            ));
        }
        Refusal::unless_none(rules)?;
        let measures = self.content.iter_mut().flat_map(|one| &mut one.measures);
        let Some(measure) = measures.into_iter().find(|one| one.form == form) else {
            return Err(Refusal::field(
                "form",
                format!("决定中没有“{form}”"),
                "is no form of the decision",
            ));
        };
        if measure.is_done() {
            return Err(Refusal::state(
                "decision.measure_done",
                ARTICLE,
                format!("“{form}”已经执行"),
                "it was carried out before",
            ));
        }
        record(measure);
        self.settle();
        Ok(self)
    }

    /// Executed once every form is done.
    pub(super) fn settle(&mut self) {
        let content = self.content.as_ref();
        let done = content.is_some_and(|content| content.measures.iter().all(Measure::is_done));
        self.state = if done { State::Executed } else { State::Issued };
    }

    /// Ends it before a decision.
    pub fn drop_it(mut self, reason: &str, officer: &str) -> Result<Self, Refusal> {
        self.in_state(&[
            State::Opened,
            State::Investigating,
            State::Told,
            State::Heard,
            State::Consulted,
            State::Approved,
        ])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 2_000);
        text(&mut wrong, "officer", officer, 100);
        wrong.into_result()?;
        self.end_reason = format!("{reason}（{officer}）");
        self.state = State::Dropped;
        Ok(self)
    }
}
