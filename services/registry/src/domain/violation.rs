//! What is wrong with a field, in words for people.

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path from the resource down, as the contract names it: `place.longitude`.
    pub field: String,
    /// What is wrong and what is allowed, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Every wrong field of something, so that its author learns of all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} wrong fields, the first: {}", .0.len(), .0.first().map_or("", |first| &first.en))]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push(Violation {
            field: field.into(),
            zh: zh.into(),
            en: en.into(),
        });
    }

    /// Adds one unless `right` holds.
    pub fn check(
        &mut self,
        right: bool,
        field: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        if !right {
            self.add(field, zh, en);
        }
    }

    /// Adds a part's violations under the part's path, and gives its value if it has none.
    pub fn take<T>(&mut self, path: &str, part: Result<T, Violations>) -> Option<T> {
        part.map_err(|wrong| {
            self.0
                .extend(wrong.0.into_iter().map(|violation| Violation {
                    field: match (path, violation.field.as_str()) {
                        ("", field) => field.to_owned(),
                        (path, "") => path.to_owned(),
                        (path, field) => format!("{path}.{field}"),
                    },
                    ..violation
                }));
        })
        .ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every one, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// An error if anything is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Reads a day, `YYYY-MM-DD`; "" is none.
pub(crate) fn day(wrong: &mut Violations, field: &str, text: &str) -> Option<chrono::NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    wrong.check(
        day.is_some(),
        field,
        "日期须为 YYYY-MM-DD",
        "must be a day, YYYY-MM-DD",
    );
    day
}
