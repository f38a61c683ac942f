//! Towns and townships (乡镇, 街道): objects of government supervision (art. 三).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::{check_title, words};

code!(
    /// 1 to 40 characters; the import uses the town's own name.
    TownCode,
    words,
    "乡镇编号须为 1 至 40 个字，不含“/”",
    "must be 1 to 40 characters without a slash"
);

/// A town or township.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Town {
    /// Its name.
    pub display_name: String,
    /// When it was last inspected as an object of government supervision.
    #[serde(default)]
    pub last_inspection_date: Option<NaiveDate>,
}

impl Town {
    /// A town of which only the name is known.
    pub fn named(name: &str) -> Self {
        Self {
            display_name: name.to_owned(),
            last_inspection_date: None,
        }
    }

    /// Checks the name.
    pub fn check(self) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_title(&mut wrong, &self.display_name);
        wrong.into_result()?;
        Ok(self)
    }
}
