//! Why something is refused, in words for people.

use chrono::NaiveDate;

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path from the request or the resource down, as the contract names it: `school.place.longitude`.
    pub field: String,
    /// What is wrong and what is allowed, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Every wrong field of something, so that its author learns of all at once.
///
/// ```
/// # use dudao_law::Violations;
/// let mut wrong = Violations::new();
/// wrong.check((-180.0..=180.0).contains(&350.0), "school.place.longitude", "经度须在 −180 至 180 之间", "must lie in −180 to 180");
/// assert!(wrong.into_result().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} wrong fields, the first: {}", .0.len(), .0.first().map_or_else(String::new, |first| format!("{}: {}", first.field, first.en)))]
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

    /// Adds one unless `right` holds; gives back `right`.
    pub fn check(
        &mut self,
        right: bool,
        field: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> bool {
        if !right {
            self.add(field, zh, en);
        }
        right
    }

    /// The value of a part, or its violations under the part's own path (`""` for the same level).
    pub fn take<T>(&mut self, path: &str, part: Result<T, Violations>) -> Option<T> {
        part.map_err(|inner| self.adopt(path, inner)).ok()
    }

    /// What a second look has given, unless it found more that is wrong. A field that could not be read at all was told of by the
    /// first look, and is not told of again.
    pub fn also<T>(&mut self, look: Result<T, Violations>) -> Option<T> {
        look.map_err(|more| {
            for violation in more.0 {
                if self.0.iter().all(|known| known.field != violation.field) {
                    self.0.push(violation);
                }
            }
        })
        .ok()
    }

    /// Adds the violations of a part under the part's own path (`""` for the same level).
    pub fn adopt(&mut self, path: &str, part: Violations) {
        self.0.extend(part.0.into_iter().map(|violation| Violation {
            field: match (path, violation.field.as_str()) {
                ("", _) => violation.field,
                (_, "") => path.to_owned(),
                (_, field) => format!("{path}.{field}"),
            },
            ..violation
        }));
    }

    /// An error if anything is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every one, in the order found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A rule that stands against what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule's key, such as `zone.max_schools` or `visit.state`.
    pub rule: String,
    /// Its legal basis, such as 条例 art. 14; "" if it is our own.
    pub article: String,
    /// The resource that it concerns.
    pub subject: String,
    /// What stands against it and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Rule {
    /// A rule that stands against it; its subject is filled in by whoever knows the resource's name.
    pub fn new(
        rule: impl Into<String>,
        article: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            article: article.into(),
            subject: String::new(),
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The same rule about a resource, unless it names one already.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        if self.subject.is_empty() {
            subject.clone_into(&mut self.subject);
        }
        self
    }
}

/// What a domain answers when it does not do as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fields of the command are wrong: all of them.
    #[error(transparent)]
    Wrong(#[from] Violations),
    /// Rules of the law or of the county stand against it: all of them.
    #[error("{} rules stand against it, the first: {}", .0.len(), .0.first().map_or("", |rule| &rule.en))]
    Rules(Vec<Rule>),
    /// The resource's state does not allow the step.
    #[error("the state does not allow this: {}", .0.en)]
    State(Box<Rule>),
}

impl Refusal {
    /// A single rule stands against it.
    pub fn rule(
        rule: impl Into<String>,
        article: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::Rules(vec![Rule::new(rule, article, zh, en)])
    }

    /// The state does not allow it.
    pub fn state(
        rule: impl Into<String>,
        article: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::State(Box::new(Rule::new(rule, article, zh, en)))
    }

    /// A single field is wrong.
    pub fn field(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let mut wrong = Violations::new();
        wrong.add(field, zh, en);
        Self::Wrong(wrong)
    }

    /// The same refusal about a resource.
    #[must_use]
    pub fn about(self, subject: &str) -> Self {
        match self {
            Self::Wrong(wrong) => Self::Wrong(wrong),
            Self::Rules(rules) => {
                Self::Rules(rules.into_iter().map(|rule| rule.about(subject)).collect())
            }
            Self::State(rule) => Self::State(Box::new(rule.about(subject))),
        }
    }

    /// Refuses if any rule stands against it.
    pub fn unless_none(rules: Vec<Rule>) -> Result<(), Self> {
        if rules.is_empty() {
            Ok(())
        } else {
            Err(Self::Rules(rules))
        }
    }

    /// The keys of the rules, or the fields that are wrong: what tests and machines tell refusals apart by.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Wrong(wrong) => wrong.iter().map(|one| one.field.as_str()).collect(),
            Self::Rules(rules) => rules.iter().map(|rule| rule.rule.as_str()).collect(),
            Self::State(rule) => vec![rule.rule.as_str()],
        }
    }
}

/// Reads a day, `YYYY-MM-DD`; "" is none.
pub fn day(wrong: &mut Violations, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    wrong.check(
        day.is_some(),
        field,
        "日期须为 YYYY-MM-DD",
        "must be a day, YYYY-MM-DD",
    );
    day
}

/// Checks a text that must be there, of at most so many characters.
pub fn text(wrong: &mut Violations, field: &str, text: &str, most: usize) {
    wrong.check(
        !text.trim().is_empty() && text.chars().count() <= most,
        field,
        format!("不能为空，最多 {most} 个字"),
        format!("must be 1 to {most} characters"),
    );
}

/// Checks a text that may be missing, of at most so many characters.
pub fn check_length(wrong: &mut Violations, field: &str, text: &str, most: usize) {
    wrong.check(
        text.chars().count() <= most,
        field,
        format!("最多 {most} 个字"),
        format!("must be at most {most} characters"),
    );
}

/// Checks a phone number. What lists show masked must not come back as data.
pub fn check_phone(wrong: &mut Violations, field: &str, phone: &str) {
    check_length(wrong, field, phone, 40);
    wrong.check(
        !phone.contains('*'),
        field,
        "含 * 的是脱敏后的号码，请填写完整号码，或不改此项",
        "is a masked number: give it in full, or leave it out of the change",
    );
}

/// Checks the last part of a resource's name: 1 to 40 letters, digits or hyphens.
pub fn check_id(wrong: &mut Violations, field: &str, id: &str) {
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

/// Checks how many items a list has.
pub fn check_count(wrong: &mut Violations, field: &str, items: usize, most: usize) {
    wrong.check(
        items <= most,
        field,
        format!("最多 {most} 项"),
        format!("must be at most {most} items"),
    );
}

/// Checks that what has happened does not lie ahead.
pub fn check_past(wrong: &mut Violations, field: &str, day: NaiveDate, today: NaiveDate) {
    wrong.check(
        day <= today,
        field,
        "不能晚于今天",
        "must not lie in the future",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_knows_its_path() {
        let mut place = Violations::new();
        place.add("longitude", "经度有误", "is wrong");
        let mut all = Violations::new();
        assert_eq!(all.take::<()>("school.location", Err(place.clone())), None);
        assert_eq!(all.take::<()>("", Err(place)), None);
        assert!(!all.check(false, "x", "有误", "is wrong"));
        let fields: Vec<_> = all.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["school.location.longitude", "longitude", "x"]);
    }
}
