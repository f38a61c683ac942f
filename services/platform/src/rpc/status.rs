//! An error as a server writes it: the only place that makes a [`Status`] of an [`Error`].

use std::collections::HashMap;
use std::time::Duration;

use dudao_proto::error::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{
    ErrorDetails, FieldViolation, LocalizedMessage, PreconditionViolation, StatusExt as _,
};

use super::trace;
use crate::error::{DatabaseErrorKind, Error, Precondition, Violation};

/// Domain of our reasons in `google.rpc.ErrorInfo`.
pub(super) const DOMAIN: &str = "dudao";
/// Language of the messages for people.
const LOCALE: &str = "zh-CN";
/// How soon a call that met something unavailable may be tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Details travel in a header, and peers commonly allow 8 KB of headers. Base64 adds a third, so texts may have this much.
const DETAILS_BYTES: usize = 3_600;
/// Longest text taken over from elsewhere, in characters.
const TEXT_CHARS: usize = 200;

/// What a status is made of.
struct Report {
    code: Code,
    reason: ErrorReason,
    zh: String,
    en: String,
    metadata: HashMap<String, String>,
    details: ErrorDetails,
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let report = report(&error);
        if report.reason == ErrorReason::Internal {
            let trace_id = report.metadata.get("trace_id").map_or("", String::as_str);
            tracing::error!(trace_id, error = %error, "a call has failed by a bug: {error}");
        }
        report.into_status()
    }
}

fn report(error: &Error) -> Report {
    use ErrorReason as Reason;
    let en = error.to_string();
    match error {
        Error::NotFound { resource } => Report::new(
            Code::NotFound,
            Reason::NotFound,
            format!("未找到 {}", cut(resource)),
            en,
        )
        .about(resource),
        Error::AlreadyExists { resource } => Report::new(
            Code::AlreadyExists,
            Reason::AlreadyExists,
            format!("{} 已存在", cut(resource)),
            en,
        )
        .about(resource),
        Error::Invalid(violations) => {
            let all: Vec<_> = violations.iter().collect();
            let zh = format!("请求有 {} 处填写错误", all.len());
            Report::new(Code::InvalidArgument, Reason::InvalidFields, zh, en).with_fields(&all)
        }
        Error::StaleEtag { resource } => {
            let zh = format!("{} 在您读取之后已被修改，请重新读取", cut(resource));
            Report::new(Code::Aborted, Reason::StaleEtag, zh, en).about(resource)
        }
        Error::ForbiddenTransition(rule) => Report::new(
            Code::FailedPrecondition,
            Reason::ForbiddenTransition,
            rule.zh.clone(),
            en,
        )
        .with_rules(std::slice::from_ref(rule)),
        Error::RuleBroken(rules) => {
            let zh = rules
                .first()
                .map_or_else(String::new, |rule| rule.zh.clone());
            Report::new(Code::FailedPrecondition, Reason::RuleBroken, zh, en).with_rules(rules)
        }
        Error::RequestIdReused { request_id } => {
            let zh = format!("请求编号 {} 已用于另一请求，请换一个", cut(request_id));
            Report::new(Code::InvalidArgument, Reason::RequestIdReused, zh, en)
                .with_field("request_id")
        }
        Error::BadPageToken => {
            let zh = "翻页标记无效，或不属于这一查询".to_owned();
            Report::new(Code::InvalidArgument, Reason::BadPageToken, zh, en)
                .with_field("page_token")
        }
        Error::BadCursor => {
            let zh = "事件游标无效，或不属于这一事件流".to_owned();
            Report::new(Code::InvalidArgument, Reason::BadCursor, zh, en).with_field("cursor")
        }
        Error::HistoryGone => Report::new(
            Code::OutOfRange,
            Reason::HistoryGone,
            "所需的历史事件已不再保留，请从快照开始".to_owned(),
            en,
        ),
        Error::RoleMissing { .. } => Report::new(
            Code::PermissionDenied,
            Reason::RoleMissing,
            "您的角色无权进行此操作".to_owned(),
            en,
        ),
        Error::Unauthenticated { .. } => Report::new(
            Code::Unauthenticated,
            Reason::Unauthenticated,
            "请先登录：没有有效的身份凭证，或凭证已过期".to_owned(),
            en,
        ),
        Error::NotOwn { .. } => Report::new(
            Code::PermissionDenied,
            Reason::NotOwn,
            "只能办理与本单位、本人有关的事项".to_owned(),
            en,
        ),
        Error::TooManyCalls { retry_after } => {
            let zh = "请求过于频繁，请稍后重试".to_owned();
            let mut report = Report::new(Code::ResourceExhausted, Reason::TooManyCalls, zh, en);
            report.details.set_retry_info(Some(*retry_after));
            report
        }
        Error::Unavailable { .. } => Report::new(
            Code::Unavailable,
            Reason::Unavailable,
            "服务暂不可用，请稍后重试".to_owned(),
            en,
        )
        .retry(),
        Error::NoRoom { .. } => Report::new(
            Code::ResourceExhausted,
            Reason::NoRoom,
            "空间不足，请联系管理员".to_owned(),
            en,
        ),
        Error::DataLoss { resource } => Report::new(
            Code::DataLoss,
            Reason::DataLoss,
            format!("{} 的内容已损坏或丢失，请从备份恢复", cut(resource)),
            en,
        )
        .about(resource),
        Error::Database(database) => match database.kind {
            DatabaseErrorKind::Away => Report::new(
                Code::Unavailable,
                Reason::Unavailable,
                "数据库暂不可用，请稍后重试".to_owned(),
                "the database cannot be reached".to_owned(),
            )
            .retry(),
            DatabaseErrorKind::Contended => Report::new(
                Code::Unavailable,
                Reason::Unavailable,
                "系统繁忙，请稍后重试".to_owned(),
                "the database is busy".to_owned(),
            )
            .retry(),
            DatabaseErrorKind::Full => Report::new(
                Code::ResourceExhausted,
                Reason::NoRoom,
                "数据库磁盘已满，请联系管理员".to_owned(),
                "the database's disk is full".to_owned(),
            ),
            DatabaseErrorKind::Unstorable => Report::new(
                Code::InvalidArgument,
                Reason::InvalidFields,
                "文字中有不能保存的字符".to_owned(),
                "a text has characters that can't be stored".to_owned(),
            ),
            DatabaseErrorKind::Unique | DatabaseErrorKind::Other => Report::bug(),
        },
        Error::Internal(_) => Report::bug(),
    }
}

impl Report {
    fn new(code: Code, reason: ErrorReason, zh: String, en: String) -> Self {
        Self {
            code,
            reason,
            zh,
            en,
            metadata: HashMap::new(),
            details: ErrorDetails::new(),
        }
    }

    /// Says nothing of what happened but where to look for it.
    fn bug() -> Self {
        let trace_id = trace::trace_id();
        let zh = format!("系统内部错误，请将编号 {trace_id} 告知管理员");
        let mut bug = Self::new(
            Code::Internal,
            ErrorReason::Internal,
            zh,
            format!("internal error, trace id {trace_id}"),
        );
        bug.metadata.insert("trace_id".to_owned(), trace_id);
        bug
    }

    fn about(mut self, resource: &str) -> Self {
        self.metadata.insert("resource".to_owned(), cut(resource));
        self
    }

    fn retry(mut self) -> Self {
        self.details.set_retry_info(Some(RETRY_DELAY));
        self
    }

    fn with_field(self, field: &str) -> Self {
        let violation = Violation {
            field: field.to_owned(),
            zh: self.zh.clone(),
            en: self.en.clone(),
        };
        self.with_fields(&[&violation])
    }

    fn with_fields(mut self, violations: &[&Violation]) -> Self {
        let listed = fitting(violations, |violation| {
            let (field, zh, en) = (
                cut(&violation.field),
                cut(&violation.zh),
                cut(&violation.en),
            );
            let bytes = field.len() + zh.len() + en.len() + 24;
            let mut told = FieldViolation::new(field, en);
            told.localized_message = Some(LocalizedMessage::new(LOCALE, zh));
            (told, bytes)
        });
        self.count(violations.len(), listed.len());
        self.details.set_bad_request(listed);
        self
    }

    fn with_rules(mut self, rules: &[Precondition]) -> Self {
        let listed = fitting(rules, |rule| {
            let basis = if rule.article.is_empty() {
                String::new()
            } else {
                format!("（{}）", cut(&rule.article))
            };
            let told = PreconditionViolation::new(
                cut(&rule.rule),
                cut(&rule.subject),
                cut(&rule.zh) + &basis,
            );
            let bytes = told.r#type.len() + told.subject.len() + told.description.len() + 16;
            (told, bytes)
        });
        self.count(rules.len(), listed.len());
        if let Some(first) = rules.first().filter(|rule| !rule.article.is_empty()) {
            self.metadata
                .insert("article".to_owned(), cut(&first.article));
        }
        self.details.set_precondition_failure(listed);
        self
    }

    /// Says how many there are, where not all of them found room.
    fn count(&mut self, all: usize, listed: usize) {
        if listed < all {
            self.metadata
                .insert("violations".to_owned(), all.to_string());
            self.metadata.insert(
                "violations_not_listed".to_owned(),
                (all - listed).to_string(),
            );
            self.zh = format!("{}（仅列出前 {listed} 项，共 {all} 项）", cut(&self.zh));
        }
    }

    fn into_status(mut self) -> Status {
        let reason = self
            .reason
            .as_str_name()
            .trim_start_matches("ERROR_REASON_");
        self.details.set_error_info(reason, DOMAIN, self.metadata);
        self.details.set_localized_message(LOCALE, cut(&self.zh));
        Status::with_error_details(self.code, cut(&self.en), self.details)
    }
}

/// Converts items from the front as long as they fit into the details.
fn fitting<T, U>(items: &[T], convert: impl Fn(&T) -> (U, usize)) -> Vec<U> {
    let mut room = DETAILS_BYTES;
    items
        .iter()
        .map(convert)
        .map_while(|(item, bytes)| {
            room = room.checked_sub(bytes)?;
            Some(item)
        })
        .collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
