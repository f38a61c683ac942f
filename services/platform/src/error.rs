//! Why a call is refused, without a word of the transport: [`crate::rpc`] turns it into a status.

use std::borrow::Cow;

use dudao_law::Refusal;
pub use dudao_law::{Rule as Precondition, Violation, Violations};

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
    /// Who is calling could not be proven.
    #[error("not signed in: {why}")]
    Unauthenticated {
        /// What is wrong with the proof.
        why: &'static str,
    },
    /// The caller may do this for its own only.
    #[error("{resource} does not concern the caller's own")]
    NotOwn {
        /// The resource that it would have been.
        resource: String,
    },
    /// The caller has too many calls, or too many at once.
    #[error("too many calls")]
    TooManyCalls {
        /// When another one may succeed.
        retry_after: std::time::Duration,
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
    /// Content that was stored is damaged or gone.
    #[error("the content of {resource} is damaged or gone")]
    DataLoss {
        /// Its full name.
        resource: String,
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
            Self::Unavailable { .. } | Self::NoRoom { .. } | Self::TooManyCalls { .. } => true,
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
            | Self::Unauthenticated { .. }
            | Self::NotOwn { .. }
            | Self::DataLoss { .. }
            | Self::Internal(_) => false,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DatabaseError::from(error))
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Wrong(wrong) => Self::Invalid(wrong),
            Refusal::Rules(rules) => Self::RuleBroken(rules),
            Refusal::State(rule) => Self::ForbiddenTransition(*rule),
        }
    }
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
    /// A text that it does not store: PostgreSQL takes no NUL.
    Unstorable,
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
        "22021" | "22P05" => DatabaseErrorKind::Unstorable,
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
}
