//! Member units of the committee (成员单位, art. 一, 二).

use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::{check_title, words};

code!(
    /// 1 to 40 characters; a unit installed with the county has its own name as code.
    MemberUnitCode,
    words,
    "成员单位编号须为 1 至 40 个字，不含“/”",
    "must be 1 to 40 characters without a slash"
);

/// A member unit of the committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberUnit {
    /// Its name.
    pub display_name: String,
    /// Its duties in supervision (art. 二); at most 2,000 characters.
    #[serde(default)]
    pub duties: String,
    /// Its liaison person (art. 二).
    #[serde(default)]
    pub liaison: String,
    /// The most inspections a year that it can join, 0 to 366; none means the ruleset's default.
    #[serde(default)]
    pub max_inspections_per_year: Option<i32>,
    /// When it left, in microseconds since 1970; none while it is a member.
    #[serde(default)]
    pub withdrawn_us: Option<i64>,
}

impl MemberUnit {
    /// A unit of which only the name is known.
    pub fn named(name: &str) -> Self {
        Self {
            display_name: name.to_owned(),
            duties: String::new(),
            liaison: String::new(),
            max_inspections_per_year: None,
            withdrawn_us: None,
        }
    }

    /// Checks what was said of it.
    pub fn check(self) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_title(&mut wrong, &self.display_name);
        wrong.check(
            self.duties.chars().count() <= 2_000,
            "duties",
            "职责最多 2000 个字",
            "must be at most 2,000 characters",
        );
        wrong.check(
            self.liaison.chars().count() <= 100,
            "liaison",
            "联络员最多 100 个字",
            "must be at most 100 characters",
        );
        wrong.check(
            self.max_inspections_per_year
                .is_none_or(|count| (0..=366).contains(&count)),
            "max_inspections_per_year",
            "须为 0 至 366 的整数",
            "must be a whole number from 0 to 366",
        );
        wrong.into_result()?;
        Ok(self)
    }
}
