//! Whether a database has the tables that this release was made for.

use sqlx::migrate::{MigrateError, Migrator};

use super::Pools;
use crate::error::{Error, Result};

/// What every service keeps beside its own tables, and where it is written down how far that has come.
pub(super) fn ground_floor() -> Migrator {
    let mut ground_floor = sqlx::migrate!();
    ground_floor.dangerous_set_table_name("ground_floor_migrations");
    ground_floor
}

/// The tables that a service of this release wants: how far the ground floor has come and how far its own, such as `2.20`.
pub fn version(migrations: &Migrator) -> String {
    named([newest(&ground_floor()), newest(migrations)])
}

fn newest(migrations: &Migrator) -> i64 {
    let versions = migrations.iter().map(|one| one.version);
    versions.max().unwrap_or_default()
}

fn named([ground_floor, own]: [i64; 2]) -> String {
    format!("{ground_floor}.{own}")
}

/// Brings the tables up to date.
pub(super) async fn renew(pools: &Pools, service: &str, migrations: &Migrator) -> Result<()> {
    for migrator in [&ground_floor(), migrations] {
        let renewed = match pools {
            Pools::Sqlite { write, .. } => migrator.run(write).await,
            Pools::Postgres { pool, .. } => {
                // A large table takes longer than any statement of a service may.
                let mut conn = pool.acquire().await?;
                sqlx::query("SET statement_timeout = 0")
                    .execute(&mut *conn)
                    .await?;
                let renewed = migrator.run(&mut *conn).await;
                conn.close().await?;
                renewed
            }
        };
        match renewed {
            Ok(()) => {}
            Err(MigrateError::VersionMissing(_)) => {
                return Err(unfit(service, found(pools).await?, migrations));
            }
            // A database that went away meanwhile is away; anything else is a bug.
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                return Err(error.into());
            }
            Err(error) => return Err(Error::internal(error)),
        }
    }
    Ok(())
}

/// Refuses tables that this release was not made for: those of an older one, which lack something, and those of a newer one, of
/// which it does not know what they mean.
pub(super) async fn check(pools: &Pools, service: &str, migrations: &Migrator) -> Result<()> {
    let found = found(pools).await?;
    if found == [newest(&ground_floor()), newest(migrations)] {
        Ok(())
    } else {
        Err(unfit(service, found, migrations))
    }
}

fn unfit(service: &str, found: [i64; 2], migrations: &Migrator) -> Error {
    let (found, wanted) = (named(found), version(migrations));
    Error::internal(format!(
        "{service} 的数据库结构为 {found}，本程序需要 {wanted}：较旧请先运行 dudao migrate，较新请使用较新的程序\n\
         The schema of {service} is at {found}, and this dudao needs {wanted}: if it is older run `dudao migrate` first, if it is \
         newer use a newer dudao."
    ))
}

/// How far both have come; 0 where nothing is there yet.
async fn found(pools: &Pools) -> Result<[i64; 2]> {
    Ok([
        reached(pools, "ground_floor_migrations").await?,
        reached(pools, "_sqlx_migrations").await?,
    ])
}

async fn reached(pools: &Pools, table: &'static str) -> Result<i64> {
    // Each database has a list of its tables of its own; and asking a table that is not there is an error.
    let there: i64 = match pools {
        Pools::Sqlite { read, .. } => {
            let list = "SELECT count(*) FROM sqlite_master WHERE name = $1";
            sqlx::query_scalar(list).bind(table).fetch_one(read).await?
        }
        Pools::Postgres { pool, .. } => {
            let list = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1";
            sqlx::query_scalar(list).bind(table).fetch_one(pool).await?
        }
    };
    if there == 0 {
        return Ok(0);
    }
    let newest = match table {
        "ground_floor_migrations" => {
            "SELECT coalesce(max(version), 0) FROM ground_floor_migrations WHERE success"
        }
        _ => "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success",
    };
    Ok(match pools {
        Pools::Sqlite { read, .. } => sqlx::query_scalar(newest).fetch_one(read).await?,
        Pools::Postgres { pool, .. } => sqlx::query_scalar(newest).fetch_one(pool).await?,
    })
}
