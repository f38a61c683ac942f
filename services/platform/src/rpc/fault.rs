//! A status as a client reads it.

use std::fmt;
use std::time::Duration;

use dudao_proto::error::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::status::DOMAIN;
use crate::error::Violation;

/// Why a call was refused, for whoever has to tell it to a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The gRPC code.
    pub code: Code,
    /// The reason; `Unspecified` if the status is not of our making (a proxy, the network).
    pub reason: ErrorReason,
    /// What happened, in Chinese; the English text if there is none.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Every wrong field that found room.
    pub fields: Vec<Violation>,
    /// Every rule that stands against it: rule, subject, and why in Chinese with the article.
    pub rules: Vec<BrokenRule>,
    /// How many more fields or rules found no room.
    pub not_listed: usize,
    /// Leads to the server's log, if it was a bug.
    pub trace_id: Option<String>,
    /// How soon a retry may help.
    pub retry_after: Option<Duration>,
}

/// A rule that stands against what was asked, as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRule {
    /// The rule's key.
    pub rule: String,
    /// The resource that it concerns.
    pub subject: String,
    /// Why, in Chinese, with the article.
    pub zh: String,
}

impl From<&Status> for Fault {
    fn from(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == DOMAIN);
        let metadata = |key: &str| info.and_then(|info| info.metadata.get(key));
        let reason = info
            .and_then(|info| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)));
        let fields = details
            .bad_request()
            .map_or(&[][..], |bad| &bad.field_violations);
        let rules = details
            .precondition_failure()
            .map_or(&[][..], |failure| &failure.violations);
        let zh = match details.localized_message() {
            Some(message) => message.message.clone(),
            None if status.code() == Code::Unavailable => {
                format!("无法连接服务：{}", status.message())
            }
            None => status.message().to_owned(),
        };
        Self {
            code: status.code(),
            reason: reason.unwrap_or(ErrorReason::Unspecified),
            zh,
            en: status.message().to_owned(),
            fields: fields
                .iter()
                .map(|field| Violation {
                    field: field.field.clone(),
                    zh: field
                        .localized_message
                        .as_ref()
                        .map_or(&field.description, |text| &text.message)
                        .clone(),
                    en: field.description.clone(),
                })
                .collect(),
            rules: rules
                .iter()
                .map(|rule| BrokenRule {
                    rule: rule.r#type.clone(),
                    subject: rule.subject.clone(),
                    zh: rule.description.clone(),
                })
                .collect(),
            not_listed: metadata("violations_not_listed")
                .and_then(|count| count.parse().ok())
                .unwrap_or(0),
            trace_id: metadata("trace_id").cloned(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

impl fmt::Display for Fault {
    /// The Chinese message, then a line for each field and rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zh)?;
        for field in &self.fields {
            write!(f, "\n  {}: {} ({})", field.field, field.zh, field.en)?;
        }
        for rule in &self.rules {
            write!(f, "\n  {}: {} [{}]", rule.subject, rule.zh, rule.rule)?;
        }
        if self.not_listed > 0 {
            write!(f, "\n  … 另有 {} 项", self.not_listed)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
