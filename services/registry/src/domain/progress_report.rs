//! Reports of how this plan is carried out (art. 十八).

use chrono::NaiveDate;
use dudao_law::{Violations, check_id, check_length, text};
use serde::{Deserialize, Serialize};

dudao_law::words!(
    /// Whom a report of progress is for.
    Audience {
        /// 县委教育工作领导小组
        LeadingGroup = "县委教育工作领导小组",
        /// 各成员单位
        MemberUnits = "成员单位",
        /// 上级教育督导机构
        Superior = "上级教育督导机构",
    }
);

/// A report of progress that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressReport {
    /// Its title.
    pub title: String,
    /// Whom it is for.
    pub audience: Audience,
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub document: String,
    /// What it says, in short.
    pub text: String,
    /// Number or words of the receipt; "" until it has come.
    pub receipt: String,
}

impl ProgressReport {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "progress_report_id", code);
        text(&mut wrong, "title", &self.title, 200);
        check_length(&mut wrong, "document", &self.document, 100);
        check_length(&mut wrong, "text", &self.text, 20_000);
        check_length(&mut wrong, "receipt", &self.receipt, 200);
        wrong.into_result()?;
        Ok(self)
    }

    /// All of it may be changed.
    #[must_use]
    pub fn keep(self, _before: &Self) -> Self {
        self
    }
}
