//! Contracts with third-party assessors (art. 六): scope, term, sum, what is delivered and accepted.

use chrono::NaiveDate;
use dudao_law::{Refusal, Rule, Violations, text};
use serde::{Deserialize, Serialize};

use super::assessor::Assessor;
use super::budget_line::{BudgetLine, BudgetPurpose, MOST_FEN, Totals};
use super::{check_id, check_length};

const ARTICLE: &str = "第六条";

dudao_law::words!(
    /// Where a contract stands.
    ContractState {
        /// It is being drafted.
        Draft = "草拟",
        /// It is in force.
        Signed = "履行中",
        /// It was fulfilled.
        Completed = "履行完毕",
        /// It was ended before that.
        Terminated = "已解除",
    }
);

impl Default for ContractState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

dudao_law::words!(
    /// Where a deliverable stands.
    DeliverableState {
        /// It has yet to come.
        Due = "待交付",
        /// It has come.
        Delivered = "已交付",
        /// It was accepted.
        Accepted = "已验收",
        /// It was given back.
        Rejected = "已退回",
    }
);

impl Default for DeliverableState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// Something that is to be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliverable {
    /// Unique in the contract.
    pub deliverable_id: String,
    /// What it is.
    pub title: String,
    /// By when.
    pub due_date: NaiveDate,
    /// Its part of the sum.
    pub amount_fen: i64,
    /// Where it stands.
    pub state: DeliverableState,
    /// When it was delivered last.
    pub deliver_date: Option<NaiveDate>,
    /// Who delivered it for the assessor.
    pub delivered_by: String,
    /// What was delivered.
    pub evidence: Vec<String>,
    /// Who accepted it or gave it back.
    pub decided_by: String,
    /// When.
    pub decide_date: Option<NaiveDate>,
    /// What was said about it.
    pub remark: String,
}

/// A contract with an assessor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// What it is called.
    pub display_name: String,
    /// The assessor's name.
    pub assessor: String,
    /// Number of the document.
    pub number: String,
    /// What is evaluated or monitored.
    pub scope: String,
    /// First day.
    pub start_date: NaiveDate,
    /// Last day.
    pub end_date: NaiveDate,
    /// Its sum.
    pub amount_fen: i64,
    /// The budget line's name.
    pub budget_line: String,
    /// What is to be delivered.
    pub deliverables: Vec<Deliverable>,
    /// Where it stands.
    pub state: ContractState,
    /// When it was signed.
    pub sign_date: Option<NaiveDate>,
    /// Who signed it for the county.
    pub signed_by: String,
    /// When it was fulfilled or terminated.
    pub close_date: Option<NaiveDate>,
    /// Why it was terminated.
    pub close_reason: String,
}

impl Contract {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "contract_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        text(&mut wrong, "assessor", &self.assessor, 200);
        check_length(&mut wrong, "number", &self.number, 100);
        text(&mut wrong, "scope", &self.scope, 2_000);
        text(&mut wrong, "budget_line", &self.budget_line, 200);
        wrong.check(
            self.start_date <= self.end_date,
            "end_date",
            "结束日期不能早于开始日期",
            "must not lie before the first day",
        );
        wrong.check(
            (0..=MOST_FEN).contains(&self.amount_fen),
            "amount_fen",
            "金额须为 0 至 1 亿元",
            "must be 0 to a hundred million yuan",
        );
        let sum: i64 = self
            .deliverables
            .iter()
            .fold(0, |sum, one| sum.saturating_add(one.amount_fen));
        wrong.check(
            sum == self.amount_fen,
            "amount_fen",
            "须等于各项成果金额之和",
            "must be the sum of its deliverables",
        );
        dudao_law::check_count(&mut wrong, "deliverables", self.deliverables.len(), 100);
        for (at, one) in self.deliverables.iter().enumerate() {
            let path = |field: &str| format!("deliverables[{at}].{field}");
            check_id(&mut wrong, &path("deliverable_id"), &one.deliverable_id);
            wrong.check(
                !self.deliverables[..at]
                    .iter()
                    .any(|other| other.deliverable_id == one.deliverable_id),
                path("deliverable_id"),
                "编号重复",
                "must not be given twice",
            );
            text(&mut wrong, &path("title"), &one.title, 200);
            wrong.check(
                (self.start_date..=self.end_date).contains(&one.due_date),
                path("due_date"),
                "交付日期须在合同期限内",
                "must lie within the contract's term",
            );
            wrong.check(
                (0..=MOST_FEN).contains(&one.amount_fen),
                path("amount_fen"),
                "金额不能为负",
                "must not be negative",
            );
        }
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only steps may change.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            state: before.state,
            sign_date: before.sign_date,
            signed_by: before.signed_by.clone(),
            close_date: before.close_date,
            close_reason: before.close_reason.clone(),
            ..self
        }
    }

    /// Refuses a change of what was signed.
    pub fn may_change(&self) -> Result<(), Refusal> {
        self.in_state(ContractState::Draft)
    }

    fn in_state(&self, right: ContractState) -> Result<(), Refusal> {
        if self.state == right {
            return Ok(());
        }
        Err(Refusal::state(
            "contract.state",
            ARTICLE,
            format!("合同现为“{}”，此步骤须在“{right}”时进行", self.state),
            "the contract's state does not allow this step",
        ))
    }

    /// Refuses whatever happens under it out of its force: before it was signed, after it was closed, after its last day.
    fn in_force(&self, today: NaiveDate) -> Result<(), Refusal> {
        self.in_state(ContractState::Signed)?;
        if today > self.end_date {
            return Err(Refusal::rule(
                "contract.term",
                ARTICLE,
                format!(
                    "合同期限已于 {} 届满：请办结或解除，或另订合同",
                    self.end_date
                ),
                format!("the contract's term ended on {}", self.end_date),
            ));
        }
        Ok(())
    }

    /// What it binds on its budget line: all of it while it is in force, what was accepted after it was terminated.
    pub fn bound_fen(&self) -> i64 {
        match self.state {
            ContractState::Draft => 0,
            ContractState::Signed | ContractState::Completed => self.amount_fen,
            ContractState::Terminated => self
                .deliverables
                .iter()
                .filter(|one| one.state == DeliverableState::Accepted)
                .map(|one| one.amount_fen)
                .sum(),
        }
    }

    /// Records that it was signed.
    pub fn sign(
        self,
        by: &str,
        line: &BudgetLine,
        totals: &Totals,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(ContractState::Draft)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 100);
        wrong.into_result()?;
        let mut against = line.against(BudgetPurpose::Assessment, self.amount_fen, totals);
        if today > self.end_date {
            against.push(Rule::new(
                "contract.term",
                ARTICLE,
                "合同期限已过，请修改期限",
                "its term is over: change it",
            ));
        }
        if self.deliverables.is_empty() {
            against.push(Rule::new(
                "contract.deliverables",
                ARTICLE,
                "须列明应交付的成果",
                "must say what is to be delivered",
            ));
        }
        Refusal::unless_none(against)?;
        Ok(Self {
            state: ContractState::Signed,
            sign_date: Some(today),
            signed_by: by.to_owned(),
            ..self
        })
    }

    /// Changes one deliverable that stands in one of these states.
    fn change(
        mut self,
        id: &str,
        right: &[DeliverableState],
        change: impl FnOnce(&mut Deliverable),
    ) -> Result<Self, Refusal> {
        let found = self
            .deliverables
            .iter_mut()
            .find(|one| one.deliverable_id == id);
        let Some(one) = found else {
            return Err(Refusal::field(
                "deliverable_id",
                "合同没有这项成果",
                "is none of the contract's",
            ));
        };
        if !right.contains(&one.state) {
            return Err(Refusal::state(
                "deliverable.state",
                ARTICLE,
                format!("成果“{}”{}，不能进行此步骤", one.title, one.state),
                "the deliverable's state does not allow this step",
            ));
        }
        change(one);
        Ok(self)
    }

    /// Records that something was delivered.
    pub fn deliver(
        self,
        id: &str,
        by: &str,
        evidence: Vec<String>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_force(today)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 100);
        dudao_law::check_count(&mut wrong, "evidence", evidence.len(), 100);
        wrong.into_result()?;
        let right = [DeliverableState::Due, DeliverableState::Rejected];
        self.change(id, &right, |one| {
            one.state = DeliverableState::Delivered;
            one.deliver_date = Some(today);
            by.clone_into(&mut one.delivered_by);
            one.evidence = evidence;
        })
    }

    /// Accepts what was delivered, or gives it back: by someone other than the assessor.
    pub fn decide(
        self,
        id: &str,
        decision: &Decision<'_>,
        assessor: &Assessor,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_force(today)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", decision.by, 100);
        if decision.accepted {
            check_length(&mut wrong, "remark", decision.remark, 1_000);
        } else {
            text(&mut wrong, "reason", decision.remark, 1_000);
        }
        wrong.into_result()?;
        let by = decision.by.trim();
        let delivered_by = self
            .deliverables
            .iter()
            .find(|one| one.deliverable_id == id)
            .map_or("", |one| one.delivered_by.trim());
        if [
            delivered_by,
            assessor.display_name.trim(),
            assessor.representative.trim(),
            &self.assessor,
        ]
        .contains(&by)
        {
            return Err(Refusal::rule(
                "deliverable.own",
                ARTICLE,
                "评估机构不能验收自己的成果：请由委托方验收",
                "an assessor does not accept its own work",
            ));
        }
        self.change(id, &[DeliverableState::Delivered], |one| {
            one.state = if decision.accepted {
                DeliverableState::Accepted
            } else {
                DeliverableState::Rejected
            };
            one.decide_date = Some(today);
            by.clone_into(&mut one.decided_by);
            decision.remark.clone_into(&mut one.remark);
        })
    }

    /// Records that all was accepted.
    pub fn complete(self, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(ContractState::Signed)?;
        let open: Vec<_> = self
            .deliverables
            .iter()
            .filter(|one| one.state != DeliverableState::Accepted)
            .map(|one| one.title.as_str())
            .collect();
        if !open.is_empty() {
            return Err(Refusal::rule(
                "contract.deliverables",
                ARTICLE,
                format!("尚未验收：{}", open.join("、")),
                format!("{} deliverables are not accepted", open.len()),
            ));
        }
        Ok(Self {
            state: ContractState::Completed,
            close_date: Some(today),
            ..self
        })
    }

    /// Ends it before that.
    pub fn terminate(self, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(ContractState::Signed)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 1_000);
        wrong.into_result()?;
        Ok(Self {
            state: ContractState::Terminated,
            close_date: Some(today),
            close_reason: reason.to_owned(),
            ..self
        })
    }
}

/// What was decided about a deliverable.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Whether it is accepted.
    pub accepted: bool,
    /// Who decides.
    pub by: &'a str,
    /// What is said about it: the reason, where it is given back.
    pub remark: &'a str,
}

#[cfg(test)]
mod tests {
    use super::super::fixture::day;
    use super::*;

    fn line() -> BudgetLine {
        BudgetLine {
            display_name: "监测经费".to_owned(),
            year: 2026,
            amount_fen: 100_000,
            purposes: vec![BudgetPurpose::Assessment],
            rates: vec![],
            document: String::new(),
            closed: false,
            close_reason: String::new(),
        }
    }

    fn assessor() -> Assessor {
        Assessor {
            display_name: "某评估中心".to_owned(),
            credit_code: "91350100M000100Y43".to_owned(),
            qualification: String::new(),
            representative: "赵代表".to_owned(),
        }
    }

    fn contract() -> Contract {
        let part = |id: &str, due: &str, fen| Deliverable {
            deliverable_id: id.to_owned(),
            title: format!("报告{id}"),
            due_date: day(due),
            amount_fen: fen,
            ..Deliverable::default()
        };
        Contract {
            display_name: "质量监测".to_owned(),
            assessor: "counties/140525/assessors/a".to_owned(),
            number: String::new(),
            scope: "四年级数学".to_owned(),
            start_date: day("2026-03-01"),
            end_date: day("2026-12-31"),
            amount_fen: 80_000,
            budget_line: "counties/140525/budgetLines/b".to_owned(),
            deliverables: vec![
                part("d1", "2026-06-30", 30_000),
                part("d2", "2026-12-01", 50_000),
            ],
            state: ContractState::Draft,
            sign_date: None,
            signed_by: String::new(),
            close_date: None,
            close_reason: String::new(),
        }
    }

    fn signed() -> Contract {
        contract()
            .sign("李主任", &line(), &Totals::default(), day("2026-03-01"))
            .unwrap()
    }

    fn accept(by: &str) -> Decision<'_> {
        Decision {
            accepted: true,
            by,
            remark: "",
        }
    }

    #[test]
    fn article_06_a_contract_says_what_is_delivered_by_when_and_for_how_much() {
        assert!(contract().check("c1").is_ok());
        let mut wrong = contract();
        wrong.amount_fen = 1;
        wrong.deliverables[1].deliverable_id = "d1".to_owned();
        wrong.deliverables[1].due_date = day("2027-01-01");
        let refused = wrong.check("c1").unwrap_err();
        assert_eq!(
            Refusal::Wrong(refused).keys(),
            [
                "amount_fen",
                "deliverables[1].deliverable_id",
                "deliverables[1].due_date"
            ]
        );
    }

    #[test]
    fn article_19_a_contract_is_signed_within_the_budget() {
        let bound = Totals::of([], [&signed()]);
        assert_eq!(bound.contracts_fen, 80_000);
        let refused = contract()
            .sign("李主任", &line(), &bound, day("2026-03-01"))
            .unwrap_err();
        assert_eq!(refused.keys(), ["budget_line.over"]);
        let mut other = line();
        other.purposes = vec![BudgetPurpose::Training];
        let mut empty = contract();
        empty.deliverables.clear();
        empty.amount_fen = 0;
        let refused = empty
            .sign("李主任", &other, &Totals::default(), day("2027-01-01"))
            .unwrap_err();
        assert_eq!(
            refused.keys(),
            [
                "budget_line.purpose",
                "contract.term",
                "contract.deliverables"
            ]
        );
        assert!(signed().may_change().is_err());
    }

    #[test]
    fn article_06_an_assessor_does_not_accept_its_own_work() {
        let today = day("2026-06-30");
        let delivered = signed().deliver("d1", "钱研究员", vec![], today).unwrap();
        for own in ["钱研究员", "某评估中心", "赵代表"] {
            let refused = delivered
                .clone()
                .decide("d1", &accept(own), &assessor(), today)
                .unwrap_err();
            assert_eq!(refused.keys(), ["deliverable.own"], "{own}");
        }
        let accepted = delivered
            .decide("d1", &accept("李主任"), &assessor(), today)
            .unwrap();
        assert!(
            accepted
                .clone()
                .deliver("d1", "钱研究员", vec![], today)
                .is_err()
        );
        assert_eq!(
            accepted.complete(today).unwrap_err().keys(),
            ["contract.deliverables"]
        );
    }

    #[test]
    fn article_06_what_was_given_back_is_delivered_again() {
        let today = day("2026-06-30");
        let back = Decision {
            accepted: false,
            by: "李主任",
            remark: "",
        };
        let delivered = signed().deliver("d1", "钱研究员", vec![], today).unwrap();
        let silent = delivered.clone().decide("d1", &back, &assessor(), today);
        assert_eq!(silent.unwrap_err().keys(), ["reason"]);
        let back = Decision {
            remark: "数据不全",
            ..back
        };
        let given_back = delivered.decide("d1", &back, &assessor(), today).unwrap();
        assert!(given_back.deliver("d1", "钱研究员", vec![], today).is_ok());
        assert_eq!(
            signed()
                .decide("d1", &accept("李主任"), &assessor(), today)
                .unwrap_err()
                .keys(),
            ["deliverable.state"]
        );
        assert_eq!(
            signed()
                .deliver("d9", "钱研究员", vec![], today)
                .unwrap_err()
                .keys(),
            ["deliverable_id"]
        );
    }

    #[test]
    fn article_06_nothing_happens_after_the_end() {
        let late = day("2027-01-01");
        assert_eq!(
            signed()
                .deliver("d1", "钱研究员", vec![], late)
                .unwrap_err()
                .keys(),
            ["contract.term"]
        );
        let today = day("2026-07-01");
        let accepted = signed()
            .deliver("d1", "钱研究员", vec![], today)
            .and_then(|one| one.decide("d1", &accept("李主任"), &assessor(), today))
            .unwrap();
        let over = accepted.terminate("无法履行", today).unwrap();
        assert_eq!(over.bound_fen(), 30_000, "what was accepted is paid");
        assert_eq!(
            over.clone()
                .deliver("d2", "钱研究员", vec![], today)
                .unwrap_err()
                .keys(),
            ["contract.state"]
        );
        assert!(over.clone().terminate("再次", today).is_err());
        assert!(over.complete(today).is_err());
    }
}
