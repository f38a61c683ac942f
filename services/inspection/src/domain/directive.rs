//! What a superior hands down (上级下达): findings, tasks, and items of its own filed list (arts. 三, 十).

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, check_count, text};
use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::list_item::ListItem;
use super::words::InspectionKind;
use super::{check_id, check_length};

/// How many items, units, findings of a unit, or tasks one directive may have.
const MOST: usize = 100;

dudao_law::words!(
    /// Where a directive stands.
    DirectiveState {
        /// It has come.
        HandedDown = "已下达",
        /// It is signed for, tasks are open.
        Received = "已签收",
        /// It is signed for, and every task is answered.
        Completed = "已办结",
    }
);

impl Default for DirectiveState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// What a superior hands down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Directive {
    /// Which body hands it down.
    pub issuer: String,
    /// Number of the document.
    pub document: String,
    /// Day of the document.
    pub issue_date: NaiveDate,
    /// What it is about, in a line.
    pub title: String,
    /// In words.
    pub text: String,
    /// Items of the superior's filed list.
    pub items: Vec<DirectiveItem>,
    /// What it has found, unit by unit.
    pub findings: Vec<DirectiveFindings>,
    /// What the county is to do and report.
    pub tasks: Vec<DirectiveTask>,
    /// Where it stands.
    pub state: DirectiveState,
    /// The county's receipt.
    pub receipt: Option<DirectiveReceipt>,
    /// The rules in force when it came.
    pub ruleset: String,
}

/// An item of a superior's filed list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectiveItem {
    /// What it is called.
    pub display_name: String,
    /// The calendar year.
    pub year: i32,
    /// Its kind.
    pub kind: InspectionKind,
    /// Its legal basis.
    pub basis: String,
    /// The item of the county's filed list.
    pub list_item: String,
}

/// What a superior has found at a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectiveFindings {
    /// The unit's full name.
    pub unit: String,
    /// Last day of the inspection.
    pub inspection_end_date: NaiveDate,
    /// What was seen, as a whole.
    pub summary: String,
    /// What was found.
    pub findings: Vec<DirectiveFinding>,
    /// What the unit is called.
    pub unit_name: String,
    /// The town in which it lies.
    pub town: String,
    /// The case that it opens.
    pub case: String,
}

/// One finding of a superior's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectiveFinding {
    /// Its identity, which it keeps in the case.
    pub finding: String,
    /// What is wrong, in a line.
    pub title: String,
    /// What was seen.
    pub detail: String,
    /// The rule that it breaks.
    pub basis: String,
    /// How grave it is.
    pub severity: Severity,
    /// Whether it is an illegal act or a danger to life.
    pub danger: bool,
    /// What the superior asks to be done.
    pub requirement: String,
    /// Within how many days; 0 leaves it to the rectification decision.
    pub limit_days: i32,
}

/// What a county is to do and report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectiveTask {
    /// What is to be done, in a line.
    pub title: String,
    /// In words.
    pub text: String,
    /// By when.
    pub limit_date: Option<NaiveDate>,
    /// The county's answer.
    pub answer: String,
    /// Who answered.
    pub answered_by: String,
    /// When; none while it is open.
    pub answer_date: Option<NaiveDate>,
}

/// The county's receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectiveReceipt {
    /// Who signed for it.
    pub by: String,
    /// When.
    pub date: NaiveDate,
}

impl Directive {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "directive_id", code);
        text(&mut wrong, "issuer", &self.issuer, 100);
        text(&mut wrong, "document", &self.document, 100);
        text(&mut wrong, "title", &self.title, 200);
        check_length(&mut wrong, "text", &self.text, 20_000);
        wrong.check(
            !(self.items.is_empty() && self.findings.is_empty() && self.tasks.is_empty()),
            "items",
            "至少要有清单事项、问题或任务之一",
            "must have an item, a finding or a task",
        );
        check_count(&mut wrong, "items", self.items.len(), MOST);
        check_count(&mut wrong, "findings", self.findings.len(), MOST);
        check_count(&mut wrong, "tasks", self.tasks.len(), MOST);
        for (at, item) in self.items.iter().enumerate() {
            // What all items have in common is told of once.
            let alone = ListItem {
                filed_with: "—".to_owned(),
                document: String::new(),
                ..self.listed(item)
            };
            wrong.take(&format!("items[{at}]"), alone.check("item").map(drop));
        }
        for (at, found) in self.findings.iter().enumerate() {
            wrong.take(&format!("findings[{at}]"), found.check());
        }
        for (at, task) in self.tasks.iter().enumerate() {
            text(&mut wrong, &format!("tasks[{at}].title"), &task.title, 200);
            check_length(&mut wrong, &format!("tasks[{at}].text"), &task.text, 5_000);
        }
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of a directive changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// An item of its as the county's filed list has it.
    pub fn listed(&self, item: &DirectiveItem) -> ListItem {
        ListItem {
            display_name: item.display_name.clone(),
            year: item.year,
            kind: item.kind,
            basis: item.basis.clone(),
            filed_with: self.issuer.clone(),
            file_date: Some(self.issue_date),
            document: self.document.clone(),
            withdrawn: false,
            withdraw_reason: String::new(),
        }
    }

    /// Signs for it.
    pub fn receive(mut self, by: &str, today: NaiveDate) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 100);
        wrong.into_result()?;
        if self.state != DirectiveState::HandedDown {
            return Err(Refusal::state(
                "directive.state",
                "第十条",
                "该件此前已签收",
                "it was signed for before",
            ));
        }
        self.receipt = Some(DirectiveReceipt {
            by: by.to_owned(),
            date: today,
        });
        Ok(self.standing())
    }

    /// Answers a task of its, counted from 1.
    pub fn answer(
        mut self,
        task: i32,
        by: &str,
        answer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 100);
        text(&mut wrong, "text", answer, 10_000);
        let number = usize::try_from(task).unwrap_or_default();
        let known = (1..=self.tasks.len()).contains(&number);
        wrong.check(known, "task", "没有这项任务", "must be one of its tasks");
        wrong.into_result()?;
        if self.receipt.is_none() {
            return Err(Refusal::state(
                "directive.state",
                "第十条",
                "须先签收再办理",
                "it must be signed for first",
            ));
        }
        if let Some(task) = self.tasks.get_mut(number - 1) {
            if task.answer_date.is_some() {
                return Err(Refusal::state(
                    "directive.task",
                    "第十条",
                    "该任务此前已答复",
                    "the task was answered before",
                ));
            }
            answer.clone_into(&mut task.answer);
            by.clone_into(&mut task.answered_by);
            task.answer_date = Some(today);
        }
        Ok(self.standing())
    }

    /// With the state that follows from the receipt and the answers.
    fn standing(mut self) -> Self {
        self.state = if self.receipt.is_none() {
            DirectiveState::HandedDown
        } else if self.tasks.iter().all(|task| task.answer_date.is_some()) {
            DirectiveState::Completed
        } else {
            DirectiveState::Received
        };
        self
    }
}

impl DirectiveFindings {
    fn check(&self) -> Result<(), Violations> {
        let mut wrong = Violations::new();
        check_length(&mut wrong, "summary", &self.summary, 20_000);
        wrong.check(
            !self.findings.is_empty(),
            "findings",
            "至少录入一个问题",
            "must be at least one finding",
        );
        check_count(&mut wrong, "findings", self.findings.len(), MOST);
        for (at, finding) in self.findings.iter().enumerate() {
            let path = format!("findings[{at}]");
            text(&mut wrong, &format!("{path}.title"), &finding.title, 100);
            text(&mut wrong, &format!("{path}.basis"), &finding.basis, 500);
            check_length(
                &mut wrong,
                &format!("{path}.detail"),
                &finding.detail,
                10_000,
            );
            check_length(
                &mut wrong,
                &format!("{path}.requirement"),
                &finding.requirement,
                2_000,
            );
            wrong.check(
                (0..=3_660).contains(&finding.limit_days),
                format!("{path}.limit_days"),
                "整改期限须为 0 至 3660 天",
                "must be 0 to 3,660 days",
            );
        }
        wrong.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn task(title: &str) -> DirectiveTask {
        DirectiveTask {
            title: title.to_owned(),
            text: String::new(),
            limit_date: None,
            answer: String::new(),
            answered_by: String::new(),
            answer_date: None,
        }
    }

    fn directive(tasks: Vec<DirectiveTask>) -> Directive {
        Directive {
            issuer: "省督导办".to_owned(),
            document: "晋教督〔2026〕1号".to_owned(),
            issue_date: day("2026-03-02"),
            title: "春季开学检查".to_owned(),
            text: String::new(),
            items: Vec::new(),
            findings: Vec::new(),
            tasks,
            state: DirectiveState::HandedDown,
            receipt: None,
            ruleset: String::new(),
        }
    }

    #[test]
    fn a_directive_must_hold_something_and_tell_every_wrong_field_at_once() {
        let mut empty = directive(Vec::new());
        empty.issuer.clear();
        let wrong = empty.check("d 1").unwrap_err();
        let fields: Vec<_> = wrong.into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["directive_id", "issuer", "items"]);
        assert!(directive(vec![task("排查校车")]).check("d1").is_ok());
    }

    #[test]
    fn an_item_is_checked_as_the_filed_list_would_check_it() {
        let mut one = directive(Vec::new());
        one.items.push(DirectiveItem {
            display_name: String::new(),
            year: 1999,
            kind: InspectionKind::Special,
            basis: "条例".to_owned(),
            list_item: String::new(),
        });
        let wrong = one.check("d1").unwrap_err();
        let fields: Vec<_> = wrong.into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["items[0].display_name", "items[0].year"]);
    }

    #[test]
    fn tasks_are_answered_once_and_only_after_the_receipt() {
        let today = day("2026-03-05");
        let handed = directive(vec![task("排查校车"), task("报送名单")]);
        assert!(handed.clone().answer(1, "王", "已排查", today).is_err());
        let received = handed.receive("王", today).unwrap();
        assert_eq!(received.state, DirectiveState::Received);
        assert!(received.clone().receive("李", today).is_err());
        assert!(received.clone().answer(3, "王", "已排查", today).is_err());
        assert!(received.clone().answer(0, "王", "已排查", today).is_err());
        let half = received.answer(1, "王", "已排查", today).unwrap();
        assert_eq!(half.state, DirectiveState::Received);
        assert!(half.clone().answer(1, "王", "又排查", today).is_err());
        let whole = half.answer(2, "王", "已报送", today).unwrap();
        assert_eq!(whole.state, DirectiveState::Completed);
    }

    #[test]
    fn without_tasks_the_receipt_completes_it() {
        let received = directive(Vec::new()).receive("王", day("2026-03-05"));
        assert_eq!(received.unwrap().state, DirectiveState::Completed);
    }
}
