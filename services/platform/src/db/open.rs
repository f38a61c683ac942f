//! Opening a database: where it is, how sure it must be, and what stands in it.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::sync::watch;

use super::{Db, Pools, begin, schema};
use crate::clock::{Clock, Ids};
use crate::error::{Error, Result};

/// How long a transaction waits for a connection, and on PostgreSQL for the write lock, before it is UNAVAILABLE.
const PATIENCE: Duration = Duration::from_secs(5);
/// SQLite's one writer is never away, only busy: whoever queues for it may wait for the deadline of the call.
const SQLITE_PATIENCE: Duration = Duration::from_mins(1);
/// How long a statement of a service may take on PostgreSQL; those that bring tables up to date may take longer.
const STATEMENT: Duration = Duration::from_mins(1);

/// Whether opening a database may change its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// Creates what is missing and brings it up to date.
    Renew,
    /// Takes it as it is, and refuses what this release was not made for.
    Check,
}

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// Whether its tables may be changed.
    pub upkeep: Upkeep,
    /// Connections that are open at the most.
    pub connections: u32,
    /// Whether a pooler by transaction stands before PostgreSQL: of two transactions each may get another connection.
    pub pooled: bool,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            upkeep: Upkeep::Renew,
            connections: 16,
            pooled: false,
        }
    }
}

impl Db {
    /// Opens the database of a service, creates what is missing and brings it up to date.
    ///
    /// `sqlite:FOLDER` keeps each service in a file of its own, `FOLDER/<service>.db`; `postgres://…` in a schema of its
    /// own, `<service>`, of one database. `service` is a plain lower-case word.
    pub async fn open(
        url: &str,
        service: &'static str,
        migrations: &Migrator,
        clock: Clock,
        ids: Ids,
    ) -> Result<Self> {
        Self::open_as(Opening::default(), url, service, migrations, clock, ids).await
    }

    /// The same in another way than by default.
    pub async fn open_as(
        opening: Opening,
        url: &str,
        service: &'static str,
        migrations: &Migrator,
        clock: Clock,
        ids: Ids,
    ) -> Result<Self> {
        if !service.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(Error::internal(format!(
                "{service:?} is no name of a service"
            )));
        }
        let pools = if let Some(folder) = url.strip_prefix("sqlite:") {
            open_sqlite(Path::new(folder), service, opening).await?
        } else {
            open_postgres(url, service, opening).await?
        };
        match opening.upkeep {
            Upkeep::Renew => schema::renew(&pools, service, migrations).await?,
            Upkeep::Check => schema::check(&pools, service, migrations).await?,
        }
        Ok(Self {
            service,
            pools,
            clock,
            ids,
            head: watch::Sender::new(0),
        })
    }
}

async fn open_sqlite(folder: &Path, service: &str, opening: Opening) -> Result<Pools> {
    tokio::fs::create_dir_all(folder).await.map_err(|error| {
        Error::unavailable(format!(
            "the data folder {} cannot be made: {error}",
            folder.display()
        ))
    })?;
    let options = SqliteConnectOptions::new()
        .filename(folder.join(format!("{service}.db")))
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // In WAL mode only FULL syncs each commit: nothing acknowledged is lost.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(SQLITE_PATIENCE)
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(opening.connections)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
        .await?;
    Ok(Pools::Sqlite { read, write })
}

async fn open_postgres(url: &str, service: &str, opening: Opening) -> Result<Pools> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name(&format!("dudao-{service}"));
    let settings = [
        format!("search_path = {service}"),
        "synchronous_commit = on".to_owned(),
        format!("lock_timeout = {}", PATIENCE.as_millis()),
        format!("statement_timeout = {}", STATEMENT.as_millis()),
        "idle_in_transaction_session_timeout = 60000".to_owned(),
    ];
    let said = |how: &str| {
        settings
            .each_ref()
            .map(|one| format!("{how} {one}"))
            .join("; ")
    };
    let pool = PgPoolOptions::new()
        .max_connections(opening.connections)
        .acquire_timeout(PATIENCE);
    let (pool, beginning) = if opening.pooled {
        if opening.upkeep == Upkeep::Renew {
            return Err(Error::internal(
                "经事务级连接池不能升级数据库结构：请用 --migrate false，并绕过连接池运行 dudao migrate\n\
                 Tables are not brought up to date through a pooler by transaction: use --migrate false, and run `dudao migrate` past it.",
            ));
        }
        // Nothing that is said outlives a transaction. What is prepared has a name that others use too, and would: whoever begins puts it away.
        let pool = pool.connect_with(options.statement_cache_capacity(0));
        let beginning = format!("; DEALLOCATE ALL; {}", said("SET LOCAL"));
        (pool.await?, beginning)
    } else {
        // Said once connected, and not on connecting: a pooler by session in between passes this on.
        let settings = said("SET");
        let pool = pool.after_connect(move |conn, _| {
            let settings = settings.clone();
            Box::pin(async move {
                conn.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await?;
                Ok(())
            })
        });
        (pool.connect_with(options).await?, String::new())
    };
    // Keysets compare texts, and both databases must agree on the order: that of the bytes.
    let (by_bytes, encoding): (bool, String) =
        sqlx::query_as("SELECT 'B' < 'a' AND 'a b' < 'aa', current_setting('server_encoding')")
            .fetch_one(&mut *begin(&pool, "BEGIN", &beginning).await?)
            .await?;
    if !by_bytes || encoding != "UTF8" {
        return Err(Error::internal(
            "this PostgreSQL database does not sort texts by their bytes, or is not in UTF-8; create it with \
             `createdb --template=template0 --encoding=UTF8 --locale=C NAME`",
        ));
    }
    if opening.upkeep == Upkeep::Renew {
        // Two processes may start at once, and CREATE SCHEMA IF NOT EXISTS is no guard against that.
        let mut tx = pool.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock(0)")
            .execute(&mut *tx)
            .await?;
        sqlx::query(AssertSqlSafe(format!(
            "CREATE SCHEMA IF NOT EXISTS {service}"
        )))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    let name = Sha256::digest(service);
    let lock = i64::from_be_bytes(name[..8].try_into().map_err(Error::internal)?);
    Ok(Pools::Postgres {
        pool,
        lock,
        beginning: beginning.into(),
    })
}
