//! Why a plan can't be made or changed.

use dudao_optimizer::Words;

/// A field of the planner's request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Path from the request down, such as `zoning_plan.limits.gap`.
    pub field: String,
    /// What is wrong, and what is allowed.
    pub words: Words,
}

impl Wrong {
    /// Names field and fault.
    pub fn new(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            words: Words::new(zh, en),
        }
    }
}

/// A rule of the law or of the county that stands against what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its key, such as `zoning_plan.state` or `zone.max_schools`.
    pub rule: String,
    /// Its legal basis; "" if it is our own.
    pub article: &'static str,
    /// The resource that it concerns.
    pub subject: String,
    /// What stands against it, and what to do.
    pub words: Words,
}

impl Rule {
    /// A rule that stands against it.
    pub fn new(
        rule: impl Into<String>,
        article: &'static str,
        subject: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            article,
            subject: subject.into(),
            words: Words::new(zh, en),
        }
    }
}

/// Why a plan can't be made or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Fields of the request are wrong: all of them.
    #[error("{} fields are wrong", .0.len())]
    Wrong(Vec<Wrong>),
    /// The county's data or rules stand against it: all reasons.
    #[error("{} rules stand against it", .0.len())]
    Rules(Vec<Rule>),
    /// The plan's state does not allow the step.
    #[error("{}", .0.words.en)]
    Forbidden(Rule),
}
