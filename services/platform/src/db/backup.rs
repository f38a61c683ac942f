//! A copy of an embedded database while it is used.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{Error, Result};

/// A copy waits that long for whoever keeps the database to itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Copies a service's database from one folder into another: one state of it, in one file, while others read and write. The copy is
/// whole and lasting when this returns.
pub async fn copy(from: &Path, service: &str, into: &Path) -> Result<()> {
    let name = format!("{service}.db");
    let file = into.join(&name);
    let text = file.to_str().ok_or_else(|| {
        Error::invalid(
            file.display().to_string(),
            "路径须为 UTF-8",
            "is no path in UTF-8",
        )
    })?;
    let mut conn = open(&from.join(&name)).await?;
    sqlx::query("VACUUM INTO $1")
        .bind(text)
        .execute(&mut conn)
        .await?;
    conn.close().await?;
    let mut copied = open(&file).await?;
    let told: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut copied)
        .await?;
    copied.close().await?;
    if told != "ok" {
        return Err(Error::internal(format!("{name}: {told}")));
    }
    let synced = std::fs::File::open(&file).and_then(|file| file.sync_all());
    synced.map_err(Error::internal)
}

async fn open(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .busy_timeout(PATIENCE);
    Ok(options.connect().await?)
}
