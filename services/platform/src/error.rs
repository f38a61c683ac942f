//! Why a call is refused, without a word of the transport: [`crate::rpc`] turns it into a status.

use std::borrow::Cow;
use std::fmt;

/// What most of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call is refused. A service's own error converts into this one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The named resource does not exist, or is not for this caller.
    #[error("{resource} was not found")]
    NotFound {
        /// Its full name.
        resource: String,
    },
    /// A resource of that name exists.
    #[error("{resource} exists already")]
    AlreadyExists {
        /// Its full name.
        resource: String,
    },
    /// Fields of the request are wrong: all of them.
    #[error("wrong fields: {0}")]
    Invalid(Violations),
    /// The resource was changed since the caller read it.
    #[error("{resource} has changed since it was read")]
    StaleEtag {
        /// Its full name.
        resource: String,
    },
    /// The resource's state does not allow this step.
    #[error("the state of {} does not allow this: {}", .0.subject, .0.en)]
    ForbiddenTransition(Precondition),
    /// Rules of the law or of the ruleset stand against it: all of them.
    #[error("{} rules stand against it, the first: {}", .0.len(), .0.first().map_or("", |rule| &rule.en))]
    RuleBroken(Vec<Precondition>),
    /// The request id was used before with another request.
    #[error("the request id {request_id} was used before with another request")]
    RequestIdReused {
        /// The id.
        request_id: String,
    },
    /// The page token is damaged, or belongs to a list call with other fields.
    #[error("the page token does not belong to this list")]
    BadPageToken,
    /// The cursor is damaged, or belongs to another stream.
    #[error("the cursor does not belong to this stream")]
    BadCursor,
    /// The events behind the cursor are no longer kept.
    #[error("the events behind the cursor are no longer kept")]
    HistoryGone,
    /// None of the caller's roles may call this.
    #[error("none of the caller's roles may call {method}")]
    RoleMissing {
        /// The RPC.
        method: String,
    },
    /// The process is about to end, or something that it needs is away. A retry may succeed.
    #[error("not available: {why}")]
    Unavailable {
        /// What is away.
        why: Cow<'static, str>,
    },
    /// There is no room: the disk is full, or a quota is used up.
    #[error("no room: {why}")]
    NoRoom {
        /// What is full.
        why: Cow<'static, str>,
    },
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A bug.
    #[error("{0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// [`Error::NotFound`].
    pub fn not_found(resource: impl Into<String>) -> Self {
        Self::NotFound {
            resource: resource.into(),
        }
    }

    /// [`Error::AlreadyExists`].
    pub fn already_exists(resource: impl Into<String>) -> Self {
        Self::AlreadyExists {
            resource: resource.into(),
        }
    }

    /// [`Error::StaleEtag`].
    pub fn stale(resource: impl Into<String>) -> Self {
        Self::StaleEtag {
            resource: resource.into(),
        }
    }

    /// [`Error::Invalid`] with a single field.
    pub fn invalid(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let mut violations = Violations::new();
        violations.add(field, zh, en);
        Self::Invalid(violations)
    }

    /// [`Error::Unavailable`].
    pub fn unavailable(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Unavailable { why: why.into() }
    }

    /// [`Error::Internal`].
    pub fn internal(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(why.into())
    }

    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::NoRoom { .. } => true,
            Self::Database(error) => {
                error.kind != DatabaseErrorKind::Other && error.kind != DatabaseErrorKind::Unique
            }
            Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::Invalid(_)
            | Self::StaleEtag { .. }
            | Self::ForbiddenTransition(_)
            | Self::RuleBroken(_)
            | Self::RequestIdReused { .. }
            | Self::BadPageToken
            | Self::BadCursor
            | Self::HistoryGone
            | Self::RoleMissing { .. }
            | Self::Internal(_) => false,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DatabaseError::from(error))
    }
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path from the request down, such as `school.location.longitude` or `requests[3].school_id`.
    pub field: String,
    /// What is wrong, and what is allowed, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Collects every wrong field of a request, so that the caller learns of all at once.
///
/// ```
/// # use dudao_platform::error::Violations;
/// let mut violations = Violations::new();
/// violations.check((-180.0..=180.0).contains(&350.0), "school.location.longitude", "经度须在 −180 至 180 之间", "must lie in −180 to 180");
/// assert!(violations.into_result().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
        part.map_err(|inner| {
            self.0
                .extend(inner.0.into_iter().map(|violation| Violation {
                    field: match (path, violation.field.as_str()) {
                        ("", _) => violation.field,
                        (_, "") => path.to_owned(),
                        (_, field) => format!("{path}.{field}"),
                    },
                    ..violation
                }));
        })
        .ok()
    }

    /// An error if there is any.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self))
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order in which they were found.
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

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", violation.field, violation.en)?;
        }
        Ok(())
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

/// A rule that stands against what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// The rule's key, such as `zone.max_schools` or `zoning_plan.state`.
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

/// What the database refused, by kind and never by the name of a constraint.
#[derive(Debug, thiserror::Error)]
#[error("database: {source}")]
pub struct DatabaseError {
    /// What to do about it.
    pub kind: DatabaseErrorKind,
    /// What it said.
    pub source: sqlx::Error,
}

/// Kinds of refusal that call for different answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseErrorKind {
    /// A row of that key exists. (Prefer `ON CONFLICT DO NOTHING`: on PostgreSQL this error ends the transaction.)
    Unique,
    /// It cannot be reached, or takes no more work now.
    Away,
    /// Its disk is full.
    Full,
    /// Another transaction was in the way; the same one may succeed now.
    Contended,
    /// A bug: a wrong statement, a broken constraint, a value of another type.
    Other,
}

impl From<sqlx::Error> for DatabaseError {
    fn from(source: sqlx::Error) -> Self {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the driver's other errors are our bugs, also those to come"
        )]
        let kind = match &source {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => DatabaseErrorKind::Away,
            sqlx::Error::Database(refusal) if refusal.is_unique_violation() => {
                DatabaseErrorKind::Unique
            }
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().unwrap_or_default();
                match refusal.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
                    Some(_) => sqlite_kind(&code),
                    None => postgres_kind(&code),
                }
            }
            _ => DatabaseErrorKind::Other,
        };
        Self { kind, source }
    }
}

/// By SQLite's primary result code: the low byte of the extended one. <https://sqlite.org/rescode.html>
fn sqlite_kind(code: &str) -> DatabaseErrorKind {
    match code.parse().map(|code: u32| code & 0xff) {
        Ok(13) => DatabaseErrorKind::Full,
        Ok(5 | 6) => DatabaseErrorKind::Contended,
        // IOERR and CANTOPEN: the volume is away.
        Ok(10 | 14) => DatabaseErrorKind::Away,
        _ => DatabaseErrorKind::Other,
    }
}

/// By SQLSTATE. <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn postgres_kind(code: &str) -> DatabaseErrorKind {
    match code {
        "53100" => DatabaseErrorKind::Full,
        "40001" | "40P01" | "55P03" | "57014" => DatabaseErrorKind::Contended,
        // Shutting down, crashed, starting; too many connections; read-only after a failover.
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" => DatabaseErrorKind::Away,
        _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("58") => {
            DatabaseErrorKind::Away
        }
        _ => DatabaseErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_known_by_its_code() {
        use sqlx::Connection as _;
        let mut conn = sqlx::SqliteConnection::connect("sqlite::memory:")
            .await
            .unwrap();
        sqlx::query("CREATE TABLE t (x TEXT)")
            .execute(&mut conn)
            .await
            .unwrap();
        sqlx::query("PRAGMA max_page_count = 2")
            .execute(&mut conn)
            .await
            .unwrap();
        let refusal = sqlx::query("INSERT INTO t VALUES (hex(randomblob(100000)))")
            .execute(&mut conn)
            .await
            .unwrap_err();
        assert_eq!(DatabaseError::from(refusal).kind, DatabaseErrorKind::Full);
        assert_eq!(postgres_kind("53100"), DatabaseErrorKind::Full);
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        for code in ["57P01", "57P03", "08006", "53300", "25006"] {
            assert_eq!(postgres_kind(code), DatabaseErrorKind::Away, "{code}");
        }
        for code in ["40001", "40P01", "55P03"] {
            assert_eq!(postgres_kind(code), DatabaseErrorKind::Contended, "{code}");
        }
        for code in ["42601", "23514", "22003"] {
            assert_eq!(postgres_kind(code), DatabaseErrorKind::Other, "{code}");
        }
        assert_eq!(
            sqlite_kind("261"),
            DatabaseErrorKind::Contended,
            "SQLITE_BUSY_RECOVERY"
        );
        assert!(Error::from(sqlx::Error::PoolTimedOut).is_transient());
        assert!(!Error::from(sqlx::Error::RowNotFound).is_transient());
    }

    #[test]
    fn a_violation_knows_its_path() {
        let mut place = Violations::new();
        place.add("longitude", "经度有误", "is wrong");
        let mut all = Violations::new();
        assert_eq!(all.take::<()>("school.location", Err(place.clone())), None);
        assert_eq!(all.take::<()>("", Err(place)), None);
        assert!(!all.check(false, "x", "有误", "is wrong"));
        let fields: Vec<_> = all
            .iter()
            .map(|violation| violation.field.as_str())
            .collect();
        assert_eq!(fields, ["school.location.longitude", "longitude", "x"]);
    }
}
