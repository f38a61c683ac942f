//! Whether a database has the tables that this release was made for.

use sqlx::migrate::{MigrateError, Migrator};

use super::{Pools, begin};
use crate::error::{Error, Result};

/// What every service keeps beside its own tables, and where it is written down how far that has come.
pub fn ground_floor() -> Migrator {
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

/// Brings the tables up to date. Those of a newer release stay as they are.
pub(super) async fn renew(pools: &Pools, service: &str, migrations: &Migrator) -> Result<()> {
    let found = Found::read(pools).await?;
    for (migrator, applied) in [
        (&ground_floor(), &found.ground_floor),
        (migrations, &found.own),
    ] {
        if reached(applied) > newest(migrator) && bears(applied, newest(migrator)) {
            continue;
        }
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
                return Err(Found::read(pools).await?.unfit(service, migrations));
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

/// Refuses tables on which this release can't work: those of an older one, which lack something, and those of a newer one that may have
/// taken away what this one needs.
pub(super) async fn check(pools: &Pools, service: &str, migrations: &Migrator) -> Result<()> {
    let found = Found::read(pools).await?;
    let fits = bears(&found.ground_floor, newest(&ground_floor()))
        && bears(&found.own, newest(migrations));
    if fits {
        Ok(())
    } else {
        Err(found.unfit(service, migrations))
    }
}

/// Whether tables bear a server that wants them as far as `wanted`. A newer release says by the name of each of its migrations whom it
/// leaves room for: `0021_adds_….sql` for every server before it, `0022_after_20_….sql`, which takes away what nobody since 20 uses, for
/// those that want 20 or more. What says nothing leaves room for nobody.
fn bears(applied: &[Applied], wanted: i64) -> bool {
    let leaves_room = |one: &Applied| match one.description.split_once(' ') {
        Some(("adds", _)) => true,
        Some(("after", rest)) => {
            let since = rest.split(' ').next().and_then(|since| since.parse().ok());
            since.is_some_and(|since: i64| since <= wanted)
        }
        Some(_) | None => false,
    };
    let newer = applied.iter().filter(|one| one.version > wanted);
    reached(applied) >= wanted && newer.into_iter().all(leaves_room)
}

fn reached(applied: &[Applied]) -> i64 {
    let versions = applied.iter().map(|one| one.version);
    versions.max().unwrap_or_default()
}

/// A migration that a database has been through.
#[derive(Debug, sqlx::FromRow)]
struct Applied {
    version: i64,
    description: String,
}

/// What a service's database has been through; nothing where nothing is there yet.
struct Found {
    ground_floor: Vec<Applied>,
    own: Vec<Applied>,
}

impl Found {
    async fn read(pools: &Pools) -> Result<Self> {
        Ok(Self {
            ground_floor: applied(pools, "ground_floor_migrations").await?,
            own: applied(pools, "_sqlx_migrations").await?,
        })
    }

    fn unfit(&self, service: &str, migrations: &Migrator) -> Error {
        let found = named([reached(&self.ground_floor), reached(&self.own)]);
        let wanted = version(migrations);
        Error::internal(format!(
            "{service} 的数据库结构为 {found}，本程序需要 {wanted}：较旧请先运行 dudao migrate，较新请使用较新的程序\n\
             The schema of {service} is at {found}, and this dudao needs {wanted}: if it is older run `dudao migrate` first, if it is \
             newer use a newer dudao."
        ))
    }
}

async fn applied(pools: &Pools, table: &'static str) -> Result<Vec<Applied>> {
    // Each database has a list of its tables of its own; and asking a table that is not there is an error.
    let list = match pools {
        Pools::Sqlite { .. } => "SELECT count(*) FROM sqlite_master WHERE name = $1",
        Pools::Postgres { .. } => {
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1"
        }
    };
    let all = match table {
        "ground_floor_migrations" => {
            "SELECT version, description FROM ground_floor_migrations WHERE success"
        }
        _ => "SELECT version, description FROM _sqlx_migrations WHERE success",
    };
    macro_rules! look {
        ($conn:expr) => {{
            let there: i64 = sqlx::query_scalar(list)
                .bind(table)
                .fetch_one(&mut *$conn)
                .await?;
            if there == 0 {
                return Ok(Vec::new());
            }
            sqlx::query_as(all).fetch_all(&mut *$conn).await?
        }};
    }
    Ok(match pools {
        Pools::Sqlite { read, .. } => look!(read.acquire().await?),
        Pools::Postgres {
            pool, beginning, ..
        } => look!(begin(pool, "BEGIN", beginning).await?),
    })
}
