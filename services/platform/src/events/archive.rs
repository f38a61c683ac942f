//! Writing the past out, and taking it away once it is archived.

use std::io::{self, Write};

use super::verify::{Walk, after};
use super::{Event, WHOLE};
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::hex;
use crate::{execute, on};

/// Gives every event up to an instant (microseconds since 1970) to `write`, in order, and checks the chains on the way. Tells how
/// many there were, and the sequence of the last one.
pub async fn export(
    db: &Db,
    until_us: i64,
    mut write: impl FnMut(Event) -> io::Result<()>,
) -> Result<(i64, i64)> {
    let mut tx = db.begin_read().await?;
    let mut walk = Walk::begin(&mut tx).await?;
    let begin = walk.count();
    loop {
        let rows = after(&mut tx, walk.count()).await?;
        if rows.is_empty() {
            return Ok((walk.count() - begin, walk.count()));
        }
        for row in rows {
            if row.time_us > until_us {
                return Ok((walk.count() - begin, walk.count()));
            }
            walk.take(&row)?;
            write(row.into_event()).map_err(Error::internal)?;
        }
    }
}

/// The sequence of the last event up to an instant (microseconds since 1970); 0 for none.
pub async fn last_until(db: &Db, until_us: i64) -> Result<i64> {
    let mut tx = db.begin_read().await?;
    let last: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT max(sequence) FROM events WHERE time_us <= $1")
            .bind(until_us)
            .fetch_one(conn)
            .await
    })?;
    Ok(last.unwrap_or_default())
}

/// Takes away every event up to a sequence, which an archive holds. The chains go on from where they were cut, and who asks for what is gone is told so.
pub async fn compact(db: &Db, last: i64) -> Result<()> {
    let mut tx = db.begin_write().await?;
    let mut walk = Walk::begin(&mut tx).await?;
    'walking: loop {
        let rows = after(&mut tx, walk.count()).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.sequence > last {
                break 'walking;
            }
            walk.take(&row)?;
        }
    }
    let (count, head, counties) = walk.into_ends();
    start(&mut tx, WHOLE, count, &head).await?;
    for (county, (sequence, hash)) in counties {
        start(&mut tx, &county, sequence, &hash).await?;
    }
    execute!(tx, "DELETE FROM events WHERE sequence <= $1", count)?;
    tx.commit().await
}

async fn start(tx: &mut Tx, chain: &str, sequence: i64, hash: &[u8]) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO chain_starts (chain, sequence, hash) VALUES ($1, $2, $3) \
         ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        chain,
        sequence,
        hash,
    )?;
    Ok(())
}

/// Events as lines of JSON, for archives and for people: payloads in base64, hashes in hexadecimal.
pub fn write_line(out: &mut impl Write, event: &Event) -> io::Result<()> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let any = |any: &Option<prost_types::Any>| {
        any.as_ref().map(|any| {
            serde_json::json!({ "type_url": any.type_url, "value": STANDARD.encode(&any.value) })
        })
    };
    let line = serde_json::json!({
        "sequence": event.sequence,
        "id": event.id,
        "kind": event.kind,
        "resource": event.resource,
        "county": event.county,
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "method": event.method,
        "request_id": event.request_id,
        "time_us": event.time.as_ref().map(crate::clock::micros),
        "payload": any(&event.payload),
        "before": any(&event.before),
        "previous_hash": hex(&event.previous_hash),
        "hash": hex(&event.hash),
        "county_sequence": event.county_sequence,
        "county_hash": hex(&event.county_hash),
    });
    writeln!(out, "{line}")
}
