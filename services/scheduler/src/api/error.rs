//! A domain's refusal as the platform's error.

use dudao_platform::error::{Error, Precondition, Violations};

use crate::domain;

impl From<domain::Error> for Error {
    fn from(error: domain::Error) -> Self {
        match error {
            domain::Error::Wrong(wrong) => {
                let mut violations = Violations::new();
                for field in wrong {
                    violations.add(field.field, field.words.zh, field.words.en);
                }
                Self::Invalid(violations)
            }
            domain::Error::Rules(rules) => {
                Self::RuleBroken(rules.into_iter().map(precondition).collect())
            }
            domain::Error::Forbidden(rule) => Self::ForbiddenTransition(precondition(rule)),
        }
    }
}

fn precondition(rule: domain::Rule) -> Precondition {
    Precondition {
        rule: rule.rule,
        article: rule.article.to_owned(),
        subject: rule.subject,
        zh: rule.words.zh,
        en: rule.words.en,
    }
}
