//! Recording facts.

use std::collections::HashMap;

use prost::{Message, Name};
use prost_types::Any;
use sqlx::QueryBuilder;

use super::{Row, WHOLE, county_link};
use crate::db::Tx;
use crate::error::Result;
use crate::on;
use crate::personal;
use crate::rpc::act::Act;

/// Rows of one INSERT: 500 × 18 values stay far below the limits of SQLite (32,766) and PostgreSQL (65,535).
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
    before: Option<Any>,
}

impl NewEvent {
    /// What happened to a resource of a county, and who did it; the kind is the payload's short name. Personal data are
    /// masked: the trail stays for ever.
    pub fn new<M: Message + Name + 'static>(
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
            type_url: type_url::<M>(),
            payload: masked(payload),
            before: None,
        }
    }

    /// With the resource as it was before.
    #[must_use]
    pub fn after<M: Message + Name + 'static>(mut self, before: &M) -> Self {
        self.before = Some(Any {
            type_url: type_url::<M>(),
            value: masked(before),
        });
        self
    }
}

/// What can't be masked is not told.
fn masked<M: Message + Name + 'static>(message: &M) -> Vec<u8> {
    personal::masked(message).unwrap_or_else(|error| {
        tracing::error!(%error, kind = M::NAME, "an event is told without its content");
        Vec::new()
    })
}

/// How an `Any` names a message.
pub(super) fn type_url<M: Name>() -> String {
    format!("type.googleapis.com/{}", M::full_name())
}

/// Records facts in the transaction of their effect, in the order given.
pub async fn append(tx: &mut Tx, events: impl IntoIterator<Item = NewEvent>) -> Result<()> {
    let mut events = events.into_iter().peekable();
    if events.peek().is_none() {
        return Ok(());
    }
    let act = Act::current();
    let (mut sequence, mut previous_hash) = head(tx).await?;
    let mut counties: HashMap<String, (i64, Vec<u8>)> = HashMap::new();
    while events.peek().is_some() {
        let mut rows: Vec<Row> = Vec::new();
        for event in events.by_ref().take(ROWS) {
            sequence += 1;
            let (mut before_url, mut before_state) = (String::new(), None);
            if let Some(before) = event.before {
                (before_url, before_state) = (before.type_url, Some(before.value));
            }
            let (county_sequence, county_hash) = match counties.remove(&event.county) {
                Some(end) => end,
                None => county_head(tx, &event.county).await?,
            };
            let mut row = Row {
                sequence,
                id: tx.new_id(),
                kind: event.kind.to_owned(),
                resource: event.resource,
                county: event.county,
                actor: event.actor,
                on_behalf_of: act.on_behalf_of.clone(),
                method: act.method.to_string(),
                request_id: tx.request_id().to_owned(),
                time_us: tx.now_us(),
                type_url: event.type_url,
                payload: event.payload,
                before_url,
                before_state,
                previous_hash: previous_hash.clone(),
                hash: Vec::new(),
                county_sequence: county_sequence + 1,
                county_hash: Some(Vec::new()),
            };
            row.hash = row.digest().to_vec();
            let link = county_link(&county_hash, &row.hash).to_vec();
            row.county_hash = Some(link.clone());
            counties.insert(row.county.clone(), (row.county_sequence, link));
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
    or_start(tx, newest, WHOLE).await
}

/// The end of a county's chain; zeros before the first.
pub(super) async fn county_head(tx: &mut Tx, county: &str) -> Result<(i64, Vec<u8>)> {
    let newest: Option<(i64, Vec<u8>)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county_sequence, county_hash FROM events WHERE county = $1 AND county_hash IS NOT NULL \
             ORDER BY county_sequence DESC LIMIT 1",
        )
        .bind(county)
        .fetch_optional(conn)
        .await
    })?;
    or_start(tx, newest, county).await
}

/// Where a chain stands whose events were all taken away.
async fn or_start(
    tx: &mut Tx,
    newest: Option<(i64, Vec<u8>)>,
    chain: &str,
) -> Result<(i64, Vec<u8>)> {
    if let Some(newest) = newest {
        return Ok(newest);
    }
    let start: Option<(i64, Vec<u8>)> = on!(tx, |conn| {
        sqlx::query_as("SELECT sequence, hash FROM chain_starts WHERE chain = $1")
            .bind(chain)
            .fetch_optional(conn)
            .await
    })?;
    Ok(start.unwrap_or_else(|| (0, vec![0; 32])))
}

async fn insert(tx: &mut Tx, rows: Vec<Row>) -> Result<()> {
    on!(tx, |conn| {
        QueryBuilder::new(
            "INSERT INTO events \
             (sequence, id, kind, resource, county, actor, on_behalf_of, method, request_id, time_us, type_url, payload, \
             before_url, before_state, previous_hash, hash, county_sequence, county_hash) ",
        )
        .push_values(rows, |mut values, row| {
            values
                .push_bind(row.sequence)
                .push_bind(row.id)
                .push_bind(row.kind)
                .push_bind(row.resource)
                .push_bind(row.county)
                .push_bind(row.actor)
                .push_bind(row.on_behalf_of)
                .push_bind(row.method)
                .push_bind(row.request_id)
                .push_bind(row.time_us)
                .push_bind(row.type_url)
                .push_bind(row.payload)
                .push_bind(row.before_url)
                .push_bind(row.before_state)
                .push_bind(row.previous_hash)
                .push_bind(row.hash)
                .push_bind(row.county_sequence)
                .push_bind(row.county_hash);
        })
        .build()
        .execute(conn)
        .await
        .map(drop)
    })
}
