//! Which contents are held by evidence files, and which have yet to be removed.
//!
//! The same content is stored once, whoever sends it. When the last file lets go of it, its generation goes up in the same
//! transaction, so that who sends it again meanwhile stores it under a new name, which the removal does not touch.

use dudao_platform::blob::Key;
use dudao_platform::{Result, Tx, execute, on};

/// Under which generation content of a hash is stored now.
pub(crate) async fn generation(tx: &mut Tx, sha256: &str) -> Result<i64> {
    let found: Option<(i64,)> = on!(tx, |conn| {
        sqlx::query_as("SELECT generation FROM contents WHERE sha256 = $1")
            .bind(sha256)
            .fetch_optional(conn)
            .await
    })?;
    Ok(found.map_or(0, |(generation,)| generation))
}

/// One more file holds it.
pub(crate) async fn hold(tx: &mut Tx, sha256: &str) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO contents (sha256, generation, holders) VALUES ($1, 0, 1) \
         ON CONFLICT (sha256) DO UPDATE SET holders = contents.holders + 1",
        sha256,
    )?;
    Ok(())
}

/// One file less holds it; with the last one it is to be removed.
pub(crate) async fn let_go(tx: &mut Tx, key: &Key) -> Result<()> {
    execute!(
        tx,
        "UPDATE contents SET holders = holders - 1 WHERE sha256 = $1",
        &key.sha256,
    )?;
    let last = execute!(
        tx,
        "UPDATE contents SET generation = generation + 1 WHERE sha256 = $1 AND holders = 0",
        &key.sha256,
    )?;
    if last > 0 {
        must_go(tx, key).await?;
    }
    Ok(())
}

/// It is to be removed, and no file holds it.
pub(crate) async fn must_go(tx: &mut Tx, key: &Key) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO removals (sha256, generation) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &key.sha256,
        key.generation,
    )?;
    Ok(())
}

/// What has yet to be removed.
pub(crate) async fn to_remove(tx: &mut Tx) -> Result<Vec<Key>> {
    let rows: Vec<(String, i64)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT sha256, generation FROM removals ORDER BY sha256, generation LIMIT 1000",
        )
        .fetch_all(conn)
        .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(sha256, generation)| Key { sha256, generation })
        .collect())
}

/// It was removed.
pub(crate) async fn removed(tx: &mut Tx, key: &Key) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM removals WHERE sha256 = $1 AND generation = $2",
        &key.sha256,
        key.generation,
    )?;
    Ok(())
}
