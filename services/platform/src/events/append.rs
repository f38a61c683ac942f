//! Recording facts.

use prost::{Message, Name};
use sqlx::QueryBuilder;

use super::Row;
use crate::db::Tx;
use crate::error::Result;
use crate::on;

/// Rows of one INSERT: 500 × 11 values stay far below the limits of SQLite (32,766) and PostgreSQL (65,535).
const ROWS: usize = 500;

/// A fact to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    county: String,
    resource: String,
    actor: String,
    kind: &'static str,
    type_url: String,
    payload: Vec<u8>,
}

impl NewEvent {
    /// What happened to a resource of a county, and who did it; the kind is the payload's short name.
    pub fn new<M: Message + Name>(
        county: impl Into<String>,
        resource: impl Into<String>,
        actor: impl Into<String>,
        payload: &M,
    ) -> Self {
        Self {
            county: county.into(),
            resource: resource.into(),
            actor: actor.into(),
            kind: M::NAME,
            type_url: format!("type.googleapis.com/{}", M::full_name()),
            payload: payload.encode_to_vec(),
        }
    }
}

/// Records facts in the transaction of their effect, in the order given.
pub async fn append(tx: &mut Tx, events: impl IntoIterator<Item = NewEvent>) -> Result<()> {
    let mut events = events.into_iter().peekable();
    if events.peek().is_none() {
        return Ok(());
    }
    let (mut sequence, mut previous_hash) = head(tx).await?;
    while events.peek().is_some() {
        let mut rows: Vec<Row> = Vec::new();
        for event in events.by_ref().take(ROWS) {
            sequence += 1;
            let mut row = Row {
                sequence,
                id: tx.new_id(),
                kind: event.kind.to_owned(),
                resource: event.resource,
                county: event.county,
                actor: event.actor,
                time_us: tx.now_us(),
                type_url: event.type_url,
                payload: event.payload,
                previous_hash: previous_hash.clone(),
                hash: Vec::new(),
            };
            row.hash = row.digest().to_vec();
            previous_hash.clone_from(&row.hash);
            rows.push(row);
        }
        insert(tx, rows).await?;
    }
    tx.note_appended(sequence);
    Ok(())
}

/// Sequence and hash of the newest event; zeros before the first.
pub(super) async fn head(tx: &mut Tx) -> Result<(i64, Vec<u8>)> {
    let newest: Option<(i64, Vec<u8>)> = on!(tx, |conn| {
        sqlx::query_as("SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1")
            .fetch_optional(conn)
            .await
    })?;
    Ok(newest.unwrap_or_else(|| (0, vec![0; 32])))
}

async fn insert(tx: &mut Tx, rows: Vec<Row>) -> Result<()> {
    on!(tx, |conn| {
        QueryBuilder::new(
            "INSERT INTO events \
             (sequence, id, kind, resource, county, actor, time_us, type_url, payload, previous_hash, hash) ",
        )
        .push_values(rows, |mut values, row| {
            values
                .push_bind(row.sequence)
                .push_bind(row.id)
                .push_bind(row.kind)
                .push_bind(row.resource)
                .push_bind(row.county)
                .push_bind(row.actor)
                .push_bind(row.time_us)
                .push_bind(row.type_url)
                .push_bind(row.payload)
                .push_bind(row.previous_hash)
                .push_bind(row.hash);
        })
        .build()
        .execute(conn)
        .await
        .map(drop)
    })
}
