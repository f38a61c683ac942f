//! Opening a database: where it is, how sure it must be, and what stands in it.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::watch;

use super::{Db, Pools};
use crate::clock::{Clock, Ids};
use crate::error::{Error, Result};

/// How long a transaction waits for a connection, and on PostgreSQL for the write lock, before it is UNAVAILABLE.
const PATIENCE: Duration = Duration::from_secs(5);
/// SQLite's one writer is never away, only busy: whoever queues for it may wait for the deadline of the call.
const SQLITE_PATIENCE: Duration = Duration::from_mins(1);
const CONNECTIONS: u32 = 16;

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
        if !service.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(Error::internal(format!(
                "{service:?} is no name of a service"
            )));
        }
        let pools = if let Some(folder) = url.strip_prefix("sqlite:") {
            open_sqlite(Path::new(folder), service).await?
        } else {
            open_postgres(url, service).await?
        };
        let mut ground_floor = sqlx::migrate!();
        ground_floor.dangerous_set_table_name("ground_floor_migrations");
        for migrator in [&ground_floor, migrations] {
            match &pools {
                Pools::Sqlite { write, .. } => migrator.run(write).await,
                Pools::Postgres { pool, .. } => migrator.run(pool).await,
            }
            .map_err(unfit)?;
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

async fn open_sqlite(folder: &Path, service: &str) -> Result<Pools> {
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
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
        .await?;
    Ok(Pools::Sqlite { read, write })
}

async fn open_postgres(url: &str, service: &str) -> Result<Pools> {
    let options: PgConnectOptions = url.parse()?;
    let patience_ms = PATIENCE.as_millis().to_string();
    let options = options
        .application_name(&format!("dudao-{service}"))
        .options([
            ("search_path", service),
            ("synchronous_commit", "on"),
            ("lock_timeout", &patience_ms),
            ("idle_in_transaction_session_timeout", "60000"),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await?;
    // Keysets compare texts, and both databases must agree on the order: that of the bytes.
    let (by_bytes, encoding): (bool, String) =
        sqlx::query_as("SELECT 'B' < 'a' AND 'a b' < 'aa', current_setting('server_encoding')")
            .fetch_one(&pool)
            .await?;
    if !by_bytes || encoding != "UTF8" {
        return Err(Error::internal(
            "this PostgreSQL database does not sort texts by their bytes, or is not in UTF-8; create it with \
             `createdb --template=template0 --encoding=UTF8 --locale=C NAME`",
        ));
    }
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
    let name = Sha256::digest(service);
    let lock = i64::from_be_bytes(name[..8].try_into().map_err(Error::internal)?);
    Ok(Pools::Postgres { pool, lock })
}

/// A database that went away while it was brought up to date is away; anything else is a bug.
fn unfit(error: MigrateError) -> Error {
    if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) = error {
        error.into()
    } else {
        Error::internal(error)
    }
}
