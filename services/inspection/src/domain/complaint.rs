//! Complaints and leads: the responsible supervisor accepts and verifies what is reported about a school
//! (《中小学校责任督学挂牌督导办法》). Who reports may stay unnamed; a name that was given is kept apart and told to the office
//! alone.

use chrono::NaiveDate;
use dudao_law::{Refusal, Rule, Violations, text};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::check_length;
use super::visit::{Candidate, Visit, VisitState};

const BASIS: &str = "《中小学校责任督学挂牌督导办法》";

dudao_law::words!(
    /// What is reported.
    ComplaintKind {
        /// 投诉举报
        Complaint = "投诉举报",
        /// 问题线索
        Lead = "问题线索",
        /// 意见建议
        Suggestion = "意见建议",
    }
);

dudao_law::words!(
    /// Where a complaint stands.
    ComplaintState {
        /// It has come in.
        Received = "已收到",
        /// A supervisor verifies it.
        Assigned = "已交办",
        /// It was verified.
        Verified = "已核实",
        /// It was answered.
        Answered = "已答复",
        /// It is closed.
        Closed = "已办结",
        /// It was not accepted.
        Refused = "不予受理",
        /// It went to another body.
        Forwarded = "已转交",
    }
);

impl Default for ComplaintState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

dudao_law::words!(
    /// What the verification found.
    Substantiation {
        /// 属实
        True = "属实",
        /// 部分属实
        Partly = "部分属实",
        /// 不属实
        Untrue = "不属实",
        /// 无法查实
        Unclear = "无法查实",
    }
);

/// Who reports. With all empty it is anonymous.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    /// What the person is called.
    pub display_name: String,
    /// Where the person can be called.
    pub phone: String,
    /// Any other way to reach the person.
    pub address: String,
}

impl Reporter {
    fn words(&self) -> [&str; 3] {
        [&self.display_name, &self.phone, &self.address].map(|word| word.trim())
    }

    /// Whether nobody can be asked back.
    pub fn is_anonymous(&self) -> bool {
        self.words().iter().all(|word| word.is_empty())
    }

    /// Whether a text gives the person away.
    fn is_named_in(&self, words: &str) -> bool {
        self.words()
            .iter()
            .any(|word| word.chars().count() > 1 && words.contains(word))
    }
}

/// A complaint or a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The school's name.
    pub target: String,
    /// What the school is called.
    pub target_name: String,
    /// The town that it lies in.
    pub town: String,
    /// What is reported.
    pub kind: ComplaintKind,
    /// What has happened.
    pub text: String,
    /// When it happened.
    pub occur_date: Option<NaiveDate>,
    /// Who reports.
    pub reporter: Reporter,
    /// Where it stands.
    pub state: ComplaintState,
    /// When it came in.
    pub file_date: NaiveDate,
    /// By when it must be answered.
    pub answer_due_date: Option<NaiveDate>,
    /// The supervisor who verifies it.
    pub assigned_to: String,
    /// What the verification found.
    pub substantiation: Option<Substantiation>,
    /// What was found, in words.
    pub verification: String,
    /// When it was verified.
    pub verify_date: Option<NaiveDate>,
    /// Visits that look into it.
    pub visits: Vec<String>,
    /// The answer.
    pub answer: String,
    /// When it was answered.
    pub answer_date: Option<NaiveDate>,
    /// Who answered it.
    pub answered_by: String,
    /// The body that it was forwarded to.
    pub forwarded_to: String,
    /// Why it was not accepted or was forwarded.
    pub end_reason: String,
    /// When it was closed, refused or forwarded.
    pub end_date: Option<NaiveDate>,
}

/// What someone reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The school's name.
    pub target: String,
    /// What is reported.
    pub kind: ComplaintKind,
    /// What has happened.
    pub text: String,
    /// When it happened.
    pub occur_date: Option<NaiveDate>,
    /// Who reports.
    pub reporter: Reporter,
}

/// The school that a complaint is about, as the registry knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// What it is called.
    pub display_name: String,
    /// The town that it lies in.
    pub town: String,
    /// Its responsible supervisor's name; "" if it has none.
    pub responsible: String,
}

impl Complaint {
    /// Takes one in.
    pub fn file(
        filing: Filing,
        target: &Target,
        answer_due_date: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        text(&mut wrong, "complaint.text", &filing.text, 5_000);
        if let Some(day) = filing.occur_date {
            dudao_law::check_past(&mut wrong, "complaint.occur_date", day, today);
        }
        let [name, phone, address] = filing.reporter.words();
        check_length(&mut wrong, "reporter.display_name", name, 50);
        check_length(&mut wrong, "reporter.phone", phone, 30);
        check_length(&mut wrong, "reporter.address", address, 200);
        wrong.into_result()?;
        Ok(Self {
            target: filing.target,
            target_name: target.display_name.clone(),
            town: target.town.clone(),
            kind: filing.kind,
            text: filing.text,
            occur_date: filing.occur_date,
            reporter: filing.reporter,
            state: ComplaintState::Received,
            file_date: today,
            answer_due_date,
            assigned_to: String::new(),
            substantiation: None,
            verification: String::new(),
            verify_date: None,
            visits: Vec::new(),
            answer: String::new(),
            answer_date: None,
            answered_by: String::new(),
            forwarded_to: String::new(),
            end_reason: String::new(),
            end_date: None,
        })
    }

    fn in_state(&self, right: &[ComplaintState]) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right.iter().map(|state| format!("“{state}”")).collect();
        Err(Refusal::state(
            "complaint.state",
            BASIS,
            format!(
                "该件现为“{}”，此步骤须在{}时进行",
                self.state,
                words.join("或")
            ),
            "the complaint's state does not allow this step",
        ))
    }

    /// Whether its day for an answer has passed without one.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.awaits_answer() && self.answer_due_date.is_some_and(|due| due < today)
    }

    /// Whether someone still waits for an answer.
    pub fn awaits_answer(&self) -> bool {
        match self.state {
            ComplaintState::Received | ComplaintState::Assigned | ComplaintState::Verified => true,
            ComplaintState::Answered
            | ComplaintState::Closed
            | ComplaintState::Refused
            | ComplaintState::Forwarded => false,
        }
    }

    /// Whether it raises the school's risk: what was refused, belongs elsewhere or proved untrue does not.
    pub fn weighs(&self) -> bool {
        !matches!(
            self.state,
            ComplaintState::Refused | ComplaintState::Forwarded
        ) && self.substantiation != Some(Substantiation::Untrue)
            && self.kind != ComplaintKind::Suggestion
    }

    /// Gives it to the named supervisor, or to the school's responsible one. It may be given to another one later.
    pub fn assign(mut self, supervisor: &str, known: Option<&Candidate>) -> Result<Self, Refusal> {
        self.in_state(&[ComplaintState::Received, ComplaintState::Assigned])?;
        if supervisor.is_empty() {
            return Err(Refusal::rule(
                "complaint.responsible",
                BASIS,
                format!(
                    "“{}”没有责任督学：请先划分责任区，或指定督学",
                    self.target_name
                ),
                "the school has no responsible supervisor: name one",
            ));
        }
        let Some(known) = known else {
            return Err(Refusal::field(
                "supervisor",
                "没有这名督学",
                "is no supervisor of the county",
            ));
        };
        let mut against = Vec::new();
        if !known.in_office {
            against.push(Rule::new(
                "complaint.in_office",
                BASIS,
                format!("{}已离任，请指定其他督学", known.display_name),
                "the supervisor is no longer in office",
            ));
        }
        against.extend(known.bars.iter().map(|bar| {
            Rule::new(
                "complaint.avoidance",
                bar.article.clone(),
                format!("{}须回避：{}", known.display_name, bar.zh),
                format!("the supervisor must avoid the school: {}", bar.en),
            )
        }));
        Refusal::unless_none(against)?;
        self.state = ComplaintState::Assigned;
        supervisor.clone_into(&mut self.assigned_to);
        Ok(self)
    }

    /// Does not accept it.
    pub fn refuse(self, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[ComplaintState::Received])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 1_000);
        wrong.into_result()?;
        self.unnamed("reason", reason)?;
        Ok(Self {
            state: ComplaintState::Refused,
            end_reason: reason.to_owned(),
            end_date: Some(today),
            ..self
        })
    }

    /// Forwards it to the body that it belongs to.
    pub fn forward(self, to: &str, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[ComplaintState::Received, ComplaintState::Assigned])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "to", to, 200);
        text(&mut wrong, "reason", reason, 1_000);
        wrong.into_result()?;
        self.unnamed("reason", reason)?;
        Ok(Self {
            state: ComplaintState::Forwarded,
            forwarded_to: to.to_owned(),
            end_reason: reason.to_owned(),
            end_date: Some(today),
            ..self
        })
    }

    /// Records what the assigned supervisor has found.
    pub fn verify(
        self,
        supervisor: &str,
        substantiation: Substantiation,
        words: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[ComplaintState::Assigned])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 5_000);
        wrong.into_result()?;
        if supervisor != self.assigned_to {
            return Err(Refusal::rule(
                "complaint.assigned_to",
                BASIS,
                "须由承办督学核实：请先改派",
                "the assigned supervisor verifies it: assign it anew first",
            ));
        }
        Ok(Self {
            state: ComplaintState::Verified,
            substantiation: Some(substantiation),
            verification: words.to_owned(),
            verify_date: Some(today),
            ..self
        })
    }

    /// Links it to a visit of the same school.
    pub fn link(mut self, name: &str, visit: &Visit) -> Result<Self, Refusal> {
        self.in_state(&[
            ComplaintState::Received,
            ComplaintState::Assigned,
            ComplaintState::Verified,
            ComplaintState::Answered,
        ])?;
        let mut against = Vec::new();
        if visit.target != self.target {
            against.push(Rule::new(
                "complaint.visit_target",
                BASIS,
                format!(
                    "该次督导的对象是“{}”，不是“{}”",
                    visit.target_name, self.target_name
                ),
                "the visit is of another school",
            ));
        }
        if visit.state == VisitState::Cancelled {
            against.push(Rule::new(
                "complaint.visit_cancelled",
                BASIS,
                "该次督导已取消",
                "the visit is cancelled",
            ));
        }
        Refusal::unless_none(against)?;
        if !self.visits.iter().any(|one| one == name) {
            self.visits.push(name.to_owned());
        }
        Ok(self)
    }

    /// Answers it.
    pub fn answer(self, words: &str, by: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[ComplaintState::Verified])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 5_000);
        text(&mut wrong, "by", by, 200);
        wrong.into_result()?;
        self.unnamed("text", words)?;
        Ok(Self {
            state: ComplaintState::Answered,
            answer: words.to_owned(),
            answer_date: Some(today),
            answered_by: by.to_owned(),
            ..self
        })
    }

    /// Closes it.
    pub fn close(self, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[ComplaintState::Answered])?;
        Ok(Self {
            state: ComplaintState::Closed,
            end_date: Some(today),
            ..self
        })
    }

    /// Refuses words for the reporter's eyes that would give the reporter away to whoever else sees the number.
    fn unnamed(&self, field: &str, words: &str) -> Result<(), Refusal> {
        if self.reporter.is_named_in(words) {
            return Err(Refusal::field(
                field,
                "答复中不能出现举报人的姓名、电话或地址",
                "must not name the reporter",
            ));
        }
        Ok(())
    }
}

/// A tracking number from an id that nobody else sees: 16 of 32 signs that can't be taken for one another, 80 bits of a hash
/// over at least 74 random ones.
pub fn tracking_number(secret_id: &str) -> String {
    const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let hash = Sha256::new()
        .chain_update("dudao complaint\n")
        .chain_update(secret_id)
        .finalize();
    let mut number = String::with_capacity(19);
    for at in 0..16 {
        if at > 0 && at % 4 == 0 {
            number.push('-');
        }
        // Five bits of each of sixteen bytes.
        number.push(char::from(SIGNS[usize::from(hash[at] & 31)]));
    }
    number
}

/// A tracking number as people type it.
pub fn tidy_number(typed: &str) -> String {
    typed.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{candidate, day, supervisor, visit};
    use super::super::visit::Bar;
    use super::super::words::InspectionKind;
    use super::*;

    fn filed() -> Complaint {
        let filing = Filing {
            target: "counties/140525/schools/S1".to_owned(),
            kind: ComplaintKind::Complaint,
            text: "乱收费".to_owned(),
            occur_date: Some(day("2026-09-01")),
            reporter: Reporter {
                display_name: "王家长".to_owned(),
                phone: "13900001111".to_owned(),
                address: String::new(),
            },
        };
        let target = Target {
            display_name: "实验小学".to_owned(),
            ..Target::default()
        };
        Complaint::file(filing, &target, Some(day("2026-10-10")), day("2026-09-10")).unwrap()
    }

    fn verified() -> Complaint {
        filed()
            .assign(&supervisor("A"), Some(&candidate("A")))
            .and_then(|one| {
                one.verify(
                    &supervisor("A"),
                    Substantiation::Partly,
                    "收费未公示",
                    day("2026-09-12"),
                )
            })
            .unwrap()
    }

    #[test]
    fn a_complaint_goes_from_the_intake_to_the_close() {
        let today = day("2026-09-15");
        let closed = verified()
            .answer("已责令公示", "办公室", today)
            .and_then(|one| one.close(today))
            .unwrap();
        assert_eq!(closed.state, ComplaintState::Closed);
        assert!(closed.clone().close(today).is_err());
        assert!(
            closed
                .assign(&supervisor("B"), Some(&candidate("B")))
                .is_err()
        );
        assert!(filed().close(today).is_err());
        assert!(filed().answer("好", "办公室", today).is_err());
    }

    #[test]
    fn a_complaint_goes_to_a_supervisor_in_office_who_need_not_avoid_the_school() {
        let none = filed().assign("", None).unwrap_err();
        assert_eq!(none.keys(), ["complaint.responsible"]);
        let unknown = filed().assign(&supervisor("Z"), None).unwrap_err();
        assert_eq!(unknown.keys(), ["supervisor"]);
        let mut gone = candidate("B");
        gone.in_office = false;
        gone.bars.push(Bar {
            zh: "在该校任职".to_owned(),
            en: "works there".to_owned(),
            article: "《教育督导条例》".to_owned(),
        });
        let refused = filed().assign(&supervisor("B"), Some(&gone)).unwrap_err();
        assert_eq!(
            refused.keys(),
            ["complaint.in_office", "complaint.avoidance"]
        );
        let again = filed()
            .assign(&supervisor("A"), Some(&candidate("A")))
            .and_then(|one| one.assign(&supervisor("B"), Some(&candidate("B"))))
            .unwrap();
        assert_eq!(again.assigned_to, supervisor("B"));
        let other = again
            .verify(
                &supervisor("A"),
                Substantiation::True,
                "属实",
                day("2026-09-12"),
            )
            .unwrap_err();
        assert_eq!(other.keys(), ["complaint.assigned_to"]);
    }

    #[test]
    fn an_answer_does_not_give_the_reporter_away() {
        for words in ["王家长反映的问题", "已电话 13900001111 答复"] {
            let refused = verified()
                .answer(words, "办公室", day("2026-09-15"))
                .unwrap_err();
            assert_eq!(refused.keys(), ["text"], "{words}");
            let refused = filed().refuse(words, day("2026-09-15")).unwrap_err();
            assert_eq!(refused.keys(), ["reason"]);
        }
    }

    #[test]
    fn what_is_not_accepted_or_belongs_elsewhere_says_why() {
        let today = day("2026-09-15");
        assert_eq!(filed().refuse("", today).unwrap_err().keys(), ["reason"]);
        let refused = filed().refuse("非督导事项", today).unwrap();
        assert!(!refused.weighs() && !refused.awaits_answer());
        assert_eq!(
            filed().forward("", "", today).unwrap_err().keys(),
            ["to", "reason"]
        );
        let forwarded = filed()
            .forward("县市场监督管理局", "价格问题", today)
            .unwrap();
        assert!(!forwarded.weighs());
        assert!(verified().forward("县教育局", "职责", today).is_err());
        assert!(verified().refuse("不受理", today).is_err());
    }

    #[test]
    fn overdue_is_derived_from_the_day_and_ends_with_the_answer() {
        assert!(!filed().is_overdue(day("2026-10-10")));
        assert!(filed().is_overdue(day("2026-10-11")));
        let late = verified()
            .answer("已办", "办公室", day("2026-10-20"))
            .unwrap();
        assert!(!late.is_overdue(day("2026-10-21")));
    }

    #[test]
    fn a_visit_that_looks_into_it_is_of_the_same_school_and_takes_place() {
        let name = "counties/140525/visits/v";
        let mut other = visit(InspectionKind::Routine);
        let linked = filed()
            .link(name, &other)
            .and_then(|one| one.link(name, &other));
        assert_eq!(linked.unwrap().visits, [name]);
        other.target = "counties/140525/schools/S2".to_owned();
        other.state = VisitState::Cancelled;
        assert_eq!(
            filed().link(name, &other).unwrap_err().keys(),
            ["complaint.visit_target", "complaint.visit_cancelled"]
        );
    }

    #[test]
    fn a_tracking_number_is_made_of_signs_that_are_not_confused() {
        let (one, other) = (tracking_number("1"), tracking_number("2"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 19);
        assert!(!one.contains(['i', 'l', 'o', 'u']));
        assert_eq!(tidy_number(&format!(" {} ", one.to_uppercase())), one);
    }
}
