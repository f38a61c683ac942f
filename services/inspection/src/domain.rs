//! What the inspection knows, and the rules about it: pure, without I/O.

pub mod campaign;
pub mod draw;
pub mod finding;
pub mod list_item;
pub mod note;
pub mod visit;
pub mod words;

#[cfg(test)]
mod fixture;

use dudao_law::Violations;

/// Checks the last part of a resource's name: 1 to 40 letters, digits or hyphens.
pub(crate) fn check_id(wrong: &mut Violations, field: &str, id: &str) {
    wrong.check(
        (1..=40).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        field,
        "须为 1 至 40 位字母、数字或连字符",
        "must be 1 to 40 letters, digits or hyphens",
    );
}

/// Checks a text that may be missing, of at most so many characters.
pub(crate) fn check_length(wrong: &mut Violations, field: &str, text: &str, most: usize) {
    wrong.check(
        text.chars().count() <= most,
        field,
        format!("最多 {most} 个字"),
        format!("must be at most {most} characters"),
    );
}
