//! One SQL for two databases: see the crate's documentation for the rules that keep a text true on both.

mod backup;
mod open;
mod schema;

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{
    AssertSqlSafe, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    Transaction,
};
use tokio::sync::watch;
use tracing::Span;

use crate::clock::{Clock, Ids};
use crate::error::Result;
use crate::telemetry;

pub use backup::copy;
pub use open::{Opening, Upkeep};
pub use schema::{ground_floor, version};
pub use sqlx::migrate::Migrator;

/// A service's own database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    service: &'static str,
    pools: Pools,
    clock: Clock,
    ids: Ids,
    /// The sequence of the newest event that this process has committed.
    head: watch::Sender<i64>,
}

#[derive(Clone, Debug)]
enum Pools {
    Sqlite {
        read: SqlitePool,
        /// One connection: who holds it is the writer.
        write: SqlitePool,
    },
    Postgres {
        pool: PgPool,
        /// The advisory lock of whoever writes to this service's schema.
        lock: i64,
        /// What is said when a transaction begins, behind a pooler by transaction; "" otherwise.
        beginning: Arc<str>,
    },
}

impl Pools {
    /// Whether each transaction may get another connection.
    fn pooled(&self) -> bool {
        matches!(self, Self::Postgres { beginning, .. } if !beginning.is_empty())
    }
}

/// Begins a transaction on PostgreSQL: one way to the database, whatever else is said.
async fn begin(
    pool: &PgPool,
    how: &str,
    beginning: &str,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with(AssertSqlSafe(format!("{how}{beginning}")))
        .await
}

impl Db {
    /// Begins a transaction that may write, and waits until it is the only one that may. Its instant is read once the
    /// lock is held, so that instants never run backwards in commit order. Never await anything but the database in it.
    pub async fn begin_write(&self) -> Result<Tx> {
        let span = self.span("write");
        let inner = match &self.pools {
            Pools::Sqlite { write, .. } => {
                Inner::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Postgres {
                pool,
                lock,
                beginning,
            } => {
                let mut tx = begin(pool, "BEGIN", beginning).await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(lock)
                    .execute(&mut *tx)
                    .await?;
                Inner::Postgres(tx)
            }
        };
        Ok(self.tx(inner, span))
    }

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    pub async fn begin_read(&self) -> Result<Tx> {
        let span = self.span("read");
        let inner = match &self.pools {
            Pools::Sqlite { read, .. } => Inner::Sqlite(read.begin().await?),
            Pools::Postgres {
                pool, beginning, ..
            } => {
                let how = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Inner::Postgres(begin(pool, how, beginning).await?)
            }
        };
        Ok(self.tx(inner, span))
    }

    /// A connection for a single statement, which sees one state of the database by itself: a third of the way of
    /// [`Db::begin_read`].
    pub async fn glance(&self) -> Result<Tx> {
        if self.pools.pooled() {
            return self.begin_read().await;
        }
        let span = self.span("read");
        let inner = match &self.pools {
            Pools::Sqlite { read, .. } => Inner::SqliteGlance(read.acquire().await?),
            Pools::Postgres { pool, .. } => Inner::PostgresGlance(pool.acquire().await?),
        };
        Ok(self.tx(inner, span))
    }

    /// Whether the database answers.
    pub(crate) async fn answers(&self) -> Result<()> {
        let mut tx = self.glance().await?;
        crate::execute!(tx, "SELECT 1")?;
        Ok(())
    }

    /// How many connections are in use, and how many wait to be.
    pub(crate) fn connections(&self) -> [(&'static str, usize); 2] {
        let (size, idle) = match &self.pools {
            Pools::Sqlite { read, .. } => (read.size(), read.num_idle()),
            Pools::Postgres { pool, .. } => (pool.size(), pool.num_idle()),
        };
        [
            ("used", (size as usize).saturating_sub(idle)),
            ("idle", idle),
        ]
    }

    /// The span of a transaction within a call, from its beginning to its end. What runs by itself looks into the database twice a second,
    /// and nobody wants to read that.
    fn span(&self, operation: &'static str) -> Option<Span> {
        let system = match &self.pools {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres { .. } => "postgresql",
        };
        (telemetry::exports_traces() && !Span::current().is_none()).then(|| {
            tracing::info_span!(
                "transaction",
                otel.name = format!("{operation} {}", self.service),
                otel.kind = "client",
                db.system.name = system,
                db.namespace = self.service,
                db.operation.name = operation
            )
        })
    }

    /// Tells of every event that this process commits; other processes' are found by asking.
    pub fn head(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// The service whose database it is.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The clock that its transactions read.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits for what is under way, then closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres { pool, .. } => pool.close().await,
        }
    }

    fn tx(&self, inner: Inner, span: Option<Span>) -> Tx {
        Tx {
            inner,
            _span: span,
            now_us: self.clock.now_us(),
            ids: self.ids.clone(),
            head: self.head.clone(),
            appended: None,
            request_id: String::new(),
        }
    }
}

/// A transaction on either database. Dropped without [`Tx::commit`], it never was.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    _span: Option<Span>,
    now_us: i64,
    ids: Ids,
    head: watch::Sender<i64>,
    appended: Option<i64>,
    request_id: String,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    SqliteGlance(PoolConnection<Sqlite>),
    PostgresGlance(PoolConnection<Postgres>),
}

impl Tx {
    /// The instant of all that happens in this transaction, in microseconds since 1970-01-01 UTC.
    pub fn now_us(&self) -> i64 {
        self.now_us
    }

    /// A new id, greater as text than those before it.
    pub fn new_id(&self) -> String {
        self.ids.next()
    }

    /// Makes it lasting. When this returns, a power cut no longer undoes it.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
            Inner::SqliteGlance(_) | Inner::PostgresGlance(_) => {}
        }
        if let Some(sequence) = self.appended {
            self.head.send_if_modified(|head| {
                let newer = sequence > *head;
                *head = sequence.max(*head);
                newer
            });
        }
        Ok(())
    }

    /// The connection inside; [`on!`](crate::on) is the way to it.
    #[doc(hidden)]
    pub fn conn(&mut self) -> Conn<'_> {
        match &mut self.inner {
            Inner::Sqlite(tx) => Conn::Sqlite(tx),
            Inner::Postgres(tx) => Conn::Postgres(tx),
            Inner::SqliteGlance(conn) => Conn::Sqlite(conn),
            Inner::PostgresGlance(conn) => Conn::Postgres(conn),
        }
    }

    /// The request id that its events carry.
    pub(crate) fn note_request(&mut self, request_id: &str) {
        request_id.clone_into(&mut self.request_id);
    }

    /// The request id that its events carry; "" for none.
    pub(crate) fn request_id(&self) -> &str {
        &self.request_id
    }

    pub(crate) fn note_appended(&mut self, sequence: i64) {
        self.appended = Some(sequence);
    }
}

/// What [`on!`](crate::on) matches on.
#[doc(hidden)]
pub enum Conn<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// Runs one statement on whichever database the transaction is of: the same text, compiled for both drivers.
///
/// ```text
/// let school: Option<Row> = on!(tx, |conn| {
///     sqlx::query_as("SELECT … FROM schools WHERE county = $1 AND code = $2").bind(county).bind(code).fetch_optional(conn).await
/// })?;
/// ```
#[macro_export]
macro_rules! on {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match $tx.conn() {
            $crate::db::Conn::Sqlite($conn) => $body.map_err($crate::Error::from),
            $crate::db::Conn::Postgres($conn) => $body.map_err($crate::Error::from),
        }
    };
}

/// Runs a statement that gives no rows, and tells how many it met.
///
/// ```text
/// let met = execute!(tx, "UPDATE schools SET name = $1, version = version + 1 WHERE code = $2 AND version = $3", name, code, version)?;
/// etag::ensure_affected(met, &resource)?;
/// ```
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        $crate::on!($tx, |conn| sqlx::query($sql)$(.bind($value))*.execute(conn).await.map(|done| done.rows_affected()))
    };
}
