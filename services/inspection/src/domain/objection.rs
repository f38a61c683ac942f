//! Objections of an inspected unit to an opinion letter (`rules.md` § 4).
//!
//! Whether an objection suspends the rectification: no text that was read says so, and the accountability rules say the
//! contrary of review and appeal. So it suspends nothing: the letter stands, its case and its clocks go on, until a finding
//! is taken back because the objection was upheld.

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, text};
use serde::{Deserialize, Serialize};

use super::check_id;
use super::visit::Visit;

dudao_law::words!(
    /// Where an objection stands.
    ObjectionState {
        /// It waits for its answer.
        Lodged = "已提出",
        /// It was answered.
        Answered = "已答复",
        /// It waits for the answer of the body above.
        Escalated = "已向上一级提出",
        /// The body above has answered.
        Concluded = "上一级已答复",
        /// It was taken back.
        Withdrawn = "已撤回",
    }
);

impl Default for ObjectionState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

dudao_law::words!(
    /// How an objection was answered.
    ObjectionOutcome {
        /// 予以采纳
        Upheld = "予以采纳",
        /// 部分采纳
        Partly = "部分采纳",
        /// 不予采纳
        Dismissed = "不予采纳",
    }
);

/// An answer to an objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectionAnswer {
    /// Which body answered.
    pub body: String,
    /// Who answered for it.
    pub by: String,
    /// When.
    pub date: NaiveDate,
    /// How.
    pub outcome: ObjectionOutcome,
    /// In words.
    pub text: String,
}

/// An objection to an opinion letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// The visit's name.
    pub visit: String,
    /// What the unit objects to, and why.
    pub text: String,
    /// To whom it is addressed.
    pub addressee: String,
    /// Who lodged it for the unit.
    pub lodged_by: String,
    /// Where it stands.
    pub state: ObjectionState,
    /// Number of the letter.
    pub letter_number: String,
    /// Day of the letter.
    pub letter_date: Option<NaiveDate>,
    /// When it was lodged.
    pub lodge_date: Option<NaiveDate>,
    /// Until when it could be lodged.
    pub lodge_due_date: Option<NaiveDate>,
    /// By when it must be answered.
    pub answer_due_date: Option<NaiveDate>,
    /// Its answers.
    pub answers: Vec<ObjectionAnswer>,
    /// The body above.
    pub escalated_to: String,
    /// When it was taken upward.
    pub escalate_date: Option<NaiveDate>,
    /// Why it was taken upward.
    pub escalate_reason: String,
    /// Why it was taken back.
    pub end_reason: String,
    /// The rules under which it runs.
    pub ruleset: String,
}

impl Objection {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "objection_id", code);
        text(&mut wrong, "visit", &self.visit, 200);
        text(&mut wrong, "text", &self.text, 10_000);
        text(&mut wrong, "addressee", &self.addressee, 200);
        text(&mut wrong, "lodged_by", &self.lodged_by, 100);
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of an objection changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Whether it waits for an answer.
    pub fn is_pending(&self) -> bool {
        matches!(
            self.state,
            ObjectionState::Lodged | ObjectionState::Escalated
        )
    }

    /// Whether the day for its answer has passed without one.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.is_pending() && self.answer_due_date.is_some_and(|due| due < today)
    }

    /// Lodges it against the letter of a visit, in time; `others` are the objections to the same letter.
    pub fn lodge(
        self,
        visit: &Visit,
        others: &[Self],
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let Some(letter) = &visit.letter else {
            return Err(Refusal::rule(
                "objection.letter",
                "第八条",
                "督导意见书尚未下达，不能提出异议；对初步意见请提出申辩",
                "there is no opinion letter yet: plead against the preliminary opinion",
            ));
        };
        let due = law.due("clock.objection", letter.date)?;
        let mut against = Vec::new();
        if today > due {
            against.push(Rule::new(
                "clock.objection",
                law.rules.basis("clock.objection"),
                format!("异议应于 {due} 前提出，已逾期"),
                format!("an objection had to be lodged by {due}"),
            ));
        }
        if others
            .iter()
            .any(|other| other.state != ObjectionState::Withdrawn)
        {
            against.push(Rule::new(
                "objection.once",
                law.rules.basis("clock.objection"),
                "对该意见书已提出异议：不服答复的，请向上一级提出",
                "the letter was objected to before: take that objection upward",
            ));
        }
        Refusal::unless_none(against)?;
        Ok(Self {
            state: ObjectionState::Lodged,
            letter_number: letter.number.clone(),
            letter_date: Some(letter.date),
            lodge_date: Some(today),
            lodge_due_date: Some(due),
            answer_due_date: law.due_if_set("clock.objection_answer", today),
            ruleset: law.rules.name.clone(),
            ..self
        })
    }

    fn in_state(&self, right: &[ObjectionState]) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        Err(Refusal::state(
            "objection.state",
            "",
            format!("异议现为“{}”，不能进行此步骤", self.state),
            "the objection's state does not allow this step",
        ))
    }

    /// Answers it, late too: an answer is owed until it comes. Nobody answers who was on the team.
    pub fn answer(
        mut self,
        body: &str,
        by: &str,
        outcome: ObjectionOutcome,
        words: &str,
        visit: &Visit,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[ObjectionState::Lodged, ObjectionState::Escalated])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 100);
        text(&mut wrong, "text", words, 10_000);
        wrong.into_result()?;
        let by = by.trim();
        let on_team = visit.team.iter().any(|member| {
            member.supervisor == by
                || member.supervisor.rsplit('/').next() == Some(by)
                || member.display_name == by
        });
        if on_team {
            return Err(Refusal::rule(
                "objection.team",
                "《教育督导条例》",
                "参加该次督导的人员不得答复对其意见书的异议：请由他人答复",
                "nobody of the visit's team answers it",
            ));
        }
        let escalated = self.state == ObjectionState::Escalated;
        let addressed = if escalated {
            &self.escalated_to
        } else {
            &self.addressee
        };
        let body = if body.trim().is_empty() {
            addressed.clone()
        } else {
            body.to_owned()
        };
        self.answers.push(ObjectionAnswer {
            body,
            by: by.to_owned(),
            date: today,
            outcome,
            text: words.to_owned(),
        });
        self.state = if escalated {
            ObjectionState::Concluded
        } else {
            ObjectionState::Answered
        };
        Ok(self)
    }

    /// Takes it upward: in time after an answer, or because the answer is overdue.
    pub fn escalate(
        self,
        to: &str,
        reason: &str,
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[ObjectionState::Lodged, ObjectionState::Answered])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "to", to, 200);
        text(&mut wrong, "reason", reason, 2_000);
        wrong.into_result()?;
        if let Some(answer) = self.answers.last() {
            let due = law.due("clock.objection", answer.date)?;
            if today > due {
                return Err(Refusal::rule(
                    "clock.objection",
                    law.rules.basis("clock.objection"),
                    format!("不服答复应于 {due} 前向上一级提出，已逾期"),
                    format!("it had to be taken upward by {due}"),
                ));
            }
        } else if !self.is_overdue(today) {
            let until = self
                .answer_due_date
                .map_or_else(|| "（本县规则未定）".to_owned(), |due| due.to_string());
            return Err(Refusal::rule(
                "clock.objection_answer",
                law.rules.basis("clock.objection_answer"),
                format!("答复期限 {until} 未过，请等待答复"),
                "the answer is not overdue yet: wait for it",
            ));
        }
        Ok(Self {
            state: ObjectionState::Escalated,
            escalated_to: to.to_owned(),
            escalate_date: Some(today),
            escalate_reason: reason.to_owned(),
            answer_due_date: law.due_if_set("clock.objection_answer", today),
            ..self
        })
    }

    /// Takes it back.
    pub fn withdraw(self, reason: &str) -> Result<Self, Refusal> {
        self.in_state(&[ObjectionState::Lodged, ObjectionState::Escalated])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 1_000);
        wrong.into_result()?;
        Ok(Self {
            state: ObjectionState::Withdrawn,
            end_reason: reason.to_owned(),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{day, law, visit};
    use super::super::visit::IssuedOpinion;
    use super::super::words::InspectionKind;
    use super::*;

    /// 浙江: ten days to object, thirty to answer.
    fn zhejiang() -> Law {
        let mut law = law();
        for (key, value) in [("clock.objection", 10.0), ("clock.objection_answer", 30.0)] {
            let figure = law.rules.figures.entry(key.to_owned()).or_default();
            figure.value = Some(value);
            figure.unit = "days".to_owned();
        }
        law
    }

    fn lettered() -> Visit {
        let mut visit = visit(InspectionKind::Comprehensive);
        visit.letter = Some(IssuedOpinion {
            number: "泽督意1号".to_owned(),
            date: day("2026-11-02"),
            ..IssuedOpinion::default()
        });
        visit
    }

    fn draft() -> Objection {
        Objection {
            visit: "counties/140525/visits/v".to_owned(),
            text: "事实不符".to_owned(),
            addressee: "市督导办".to_owned(),
            lodged_by: "校长".to_owned(),
            state: ObjectionState::Lodged,
            letter_number: String::new(),
            letter_date: None,
            lodge_date: None,
            lodge_due_date: None,
            answer_due_date: None,
            answers: vec![],
            escalated_to: String::new(),
            escalate_date: None,
            escalate_reason: String::new(),
            end_reason: String::new(),
            ruleset: String::new(),
        }
    }

    fn lodged() -> Objection {
        draft()
            .lodge(&lettered(), &[], &zhejiang(), day("2026-11-12"))
            .unwrap()
    }

    fn answered() -> Objection {
        lodged()
            .answer(
                "",
                "李主任",
                ObjectionOutcome::Dismissed,
                "维持",
                &lettered(),
                day("2026-12-01"),
            )
            .unwrap()
    }

    #[test]
    fn article_08_an_objection_is_lodged_against_a_letter_in_time_and_once() {
        assert_eq!(
            lodged().answer_due_date,
            Some(day("2026-12-14")),
            "the 12th is a Saturday"
        );
        let late = draft().lodge(&lettered(), &[], &zhejiang(), day("2026-11-13"));
        assert_eq!(late.unwrap_err().keys(), ["clock.objection"]);
        let twice = draft().lodge(&lettered(), &[lodged()], &zhejiang(), day("2026-11-12"));
        assert_eq!(twice.unwrap_err().keys(), ["objection.once"]);
        let withdrawn = lodged().withdraw("已沟通").unwrap();
        assert!(
            draft()
                .lodge(&lettered(), &[withdrawn], &zhejiang(), day("2026-11-12"))
                .is_ok()
        );
        let none = draft().lodge(
            &visit(InspectionKind::Comprehensive),
            &[],
            &zhejiang(),
            day("2026-11-12"),
        );
        assert_eq!(none.unwrap_err().keys(), ["objection.letter"]);
        let unset = draft().lodge(&lettered(), &[], &law(), day("2026-11-12"));
        assert_eq!(unset.unwrap_err().keys(), ["clock.objection"]);
    }

    #[test]
    fn article_08_nobody_of_the_team_answers_an_objection() {
        let mut visit = lettered();
        visit.team[1].display_name = "督学B".to_owned();
        for by in ["A", "督学B", "counties/140525/supervisors/C"] {
            let own = lodged().answer(
                "",
                by,
                ObjectionOutcome::Dismissed,
                "维持",
                &visit,
                day("2026-12-01"),
            );
            assert_eq!(own.unwrap_err().keys(), ["objection.team"], "{by}");
        }
        assert_eq!(answered().answers[0].body, "市督导办");
        assert!(answered().withdraw("算了").is_err());
    }

    #[test]
    fn article_08_an_objection_goes_upward_after_its_answer_or_without_one_in_time() {
        let early = lodged().escalate("省督导办", "不服", &zhejiang(), day("2026-12-14"));
        assert_eq!(early.unwrap_err().keys(), ["clock.objection_answer"]);
        assert!(!lodged().is_overdue(day("2026-12-14")));
        assert!(lodged().is_overdue(day("2026-12-15")));
        let up = lodged()
            .escalate("省督导办", "逾期未答复", &zhejiang(), day("2026-12-15"))
            .unwrap();
        assert_eq!(up.answer_due_date, Some(day("2027-01-14")));
        let late = answered().escalate("省督导办", "不服", &zhejiang(), day("2026-12-12"));
        assert_eq!(late.unwrap_err().keys(), ["clock.objection"]);
        let concluded = answered()
            .escalate("省督导办", "不服", &zhejiang(), day("2026-12-11"))
            .and_then(|up| {
                up.answer(
                    "",
                    "省办王处",
                    ObjectionOutcome::Upheld,
                    "采纳",
                    &lettered(),
                    day("2026-12-20"),
                )
            })
            .unwrap();
        assert_eq!(concluded.state, ObjectionState::Concluded);
        assert_eq!(concluded.answers.len(), 2);
        assert!(
            concluded
                .escalate("国家督导办", "不服", &zhejiang(), day("2026-12-21"))
                .is_err(),
            "there is one step upward"
        );
    }
}
