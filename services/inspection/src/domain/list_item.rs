//! The year's filed list of inspections (年度督导计划清单).

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::words::InspectionKind;
use super::{check_id, check_length};

/// An item of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListItem {
    /// What it is called.
    pub display_name: String,
    /// The calendar year.
    pub year: i32,
    /// Its kind.
    pub kind: InspectionKind,
    /// Its legal basis.
    pub basis: String,
    /// With whom the list was filed.
    pub filed_with: String,
    /// When it was filed.
    pub file_date: Option<NaiveDate>,
    /// Number of the document.
    pub document: String,
    /// Whether it was taken off the list.
    pub withdrawn: bool,
    /// Why it was taken off.
    pub withdraw_reason: String,
}

impl ListItem {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "list_item_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        wrong.check(
            (2000..2100).contains(&self.year),
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        );
        text(&mut wrong, "basis", &self.basis, 500);
        text(&mut wrong, "filed_with", &self.filed_with, 100);
        wrong.check(
            self.file_date.is_some(),
            "file_date",
            "须填写备案日期",
            "must state when the list was filed",
        );
        check_length(&mut wrong, "document", &self.document, 100);
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only withdrawing may change, taken from the item as it is.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            withdrawn: before.withdrawn,
            withdraw_reason: before.withdraw_reason.clone(),
            ..self
        }
    }

    /// Takes it off the list.
    pub fn withdraw(self, reason: &str) -> Result<Self, Refusal> {
        if self.withdrawn {
            return Err(Refusal::state(
                "list_item.withdrawn",
                "",
                "该事项此前已撤出清单",
                "it was taken off the list before",
            ));
        }
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            withdrawn: true,
            withdraw_reason: reason.to_owned(),
            ..self
        })
    }
}
