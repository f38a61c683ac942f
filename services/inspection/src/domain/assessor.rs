//! Third-party assessors: bodies that evaluate and monitor by contract (art. 六).

use dudao_law::{Violations, text};
use serde::{Deserialize, Serialize};

use super::{check_id, check_length};

/// A body that evaluates and monitors by contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessor {
    /// What it is called.
    pub display_name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// What it is qualified for, and by whose word.
    pub qualification: String,
    /// Who speaks for it.
    pub representative: String,
}

impl Assessor {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "assessor_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        wrong.check(
            is_credit_code(&self.credit_code),
            "credit_code",
            "统一社会信用代码有误：须为 18 位，末位为校验码",
            "must be 18 digits and capital letters with a right check character",
        );
        check_length(&mut wrong, "qualification", &self.qualification, 1_000);
        check_length(&mut wrong, "representative", &self.representative, 100);
        wrong.into_result()?;
        Ok(self)
    }

    /// All of it may change.
    #[must_use]
    pub fn keep(self, _: &Self) -> Self {
        self
    }
}

/// GB 32100—2015: 17 characters of 31, weighted by powers of 3, and a check character.
fn is_credit_code(code: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Option<Vec<_>> = code.chars().map(|one| ALPHABET.find(one)).collect();
    let Some((last, first)) = values
        .as_deref()
        .filter(|values| values.len() == 18)
        .and_then(<[usize]>::split_last)
    else {
        return false;
    };
    let mut weight = 1;
    let mut sum = 0;
    for value in first {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    (31 - sum % 31) % 31 == *last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_code_has_a_right_check_character() {
        // The example of GB 32100—2015's annex, and one with a digit changed.
        assert!(is_credit_code("91350100M000100Y43"));
        assert!(!is_credit_code("91350100M000101Y43"));
        assert!(!is_credit_code("91350100M000100Y4"));
        assert!(!is_credit_code(""));
    }
}
