//! The last part of a resource's name, as a type of its own.

use super::Violations;

/// The longest name of anything, in characters.
pub const TITLE_CHARS: usize = 100;

/// Defines a code that is checked once, when made.
macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $right:expr, $zh:literal, $en:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks a code; the violation has no path, so that the caller can say where it stood.
            pub fn new(code: &str) -> Result<Self, $crate::domain::Violations> {
                let right: fn(&str) -> bool = $right;
                let mut wrong = $crate::domain::Violations::new();
                wrong.check(right(code), "", $zh, $en);
                wrong.into_result()?;
                Ok(Self(code.to_owned()))
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// 1 to 20 ASCII letters and digits: 学校标识码, 工号.
pub(crate) fn letters_and_digits(code: &str) -> bool {
    (1..=20).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// 1 to 40 characters of any script that can stand in a resource's name.
pub(crate) fn words(code: &str) -> bool {
    (1..=40).contains(&code.chars().count())
        && code.trim() == code
        && code != "-"
        && !code.contains(|c: char| c == '/' || c.is_control())
}

/// Checks the name that people read.
pub(crate) fn check_title(wrong: &mut Violations, title: &str) {
    let right = !title.trim().is_empty()
        && title.chars().count() <= TITLE_CHARS
        && !title.contains(char::is_control);
    wrong.check(
        right,
        "display_name",
        "名称不能为空，最多 100 个字",
        "must be 1 to 100 printable characters",
    );
}
