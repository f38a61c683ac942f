//! Replaying a stream, then following it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use dudao_proto::event::v1::watch_events_response::Item;
use futures::stream::{self, Stream};
use tokio::sync::watch::Receiver;
use tonic::Status;

use super::append::head;
use super::{Cursor, Row, WatchEventsRequest, WatchEventsResponse, rows};
use crate::context::Context;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::lifecycle::Shutdown;
use crate::on;
use crate::rpc::Principal;

/// How many events are read at once.
const BATCH: usize = 64;
/// How soon an event that another process has written is seen. This process's own are seen at once.
const POLL: Duration = Duration::from_secs(1);

/// What a `WatchEvents` method returns.
pub type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchEventsResponse, Status>> + Send>>;

/// The whole of a service's `WatchEvents`: replays what lies behind the cursor, then follows until the shutdown, then
/// ends with UNAVAILABLE, so that the client goes on elsewhere from its cursor. A checkpoint comes after every catch-up
/// in which events were skipped by the filters.
pub async fn watch(
    context: &Context,
    caller: &Principal,
    request: WatchEventsRequest,
) -> Result<WatchStream> {
    let cursor = Cursor::parse(&request.cursor)?;
    let mut tx = context.db.begin_read().await?;
    cursor.check(&mut tx).await?;
    drop(tx);
    let kinds = if request.kinds.is_empty() {
        String::new()
    } else {
        format!(",{},", request.kinds.join(","))
    };
    let watcher = Watcher {
        told: cursor.sequence(),
        at: cursor,
        wake: context.db.head(),
        db: context.db.clone(),
        shutdown: context.shutdown.clone(),
        filter: Filter {
            allowed: caller.county_prefix().to_owned(),
            county: request.county_prefix,
            resource: request.resource_prefix,
            kinds,
        },
        stop_at_end: request.stop_at_end,
        ready: VecDeque::new(),
        ended: false,
    };
    Ok(Box::pin(stream::unfold(watcher, async |mut watcher| {
        let item = watcher.next().await?;
        Some((item, watcher))
    })))
}

struct Watcher {
    db: Db,
    shutdown: Shutdown,
    filter: Filter,
    stop_at_end: bool,
    /// Everything up to here was read from the database.
    at: Cursor,
    /// Everything up to here the client knows to have.
    told: i64,
    ready: VecDeque<Row>,
    wake: Receiver<i64>,
    ended: bool,
}

struct Filter {
    allowed: String,
    county: String,
    resource: String,
    /// `,A,B,`; "" for all.
    kinds: String,
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<WatchEventsResponse, Status>> {
        if self.ended {
            return None;
        }
        match self.item().await {
            Ok(item) => item.map(|item| Ok(WatchEventsResponse { item: Some(item) })),
            Err(error) => {
                self.ended = true;
                Some(Err(error.into()))
            }
        }
    }

    async fn item(&mut self) -> Result<Option<Item>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                self.told = row.sequence;
                return Ok(Some(Item::Event(row.into_event())));
            }
            self.wake.mark_unchanged();
            let caught_up = self.read().await?;
            if !self.ready.is_empty() {
                continue;
            }
            if caught_up && self.at.sequence() > self.told {
                self.told = self.at.sequence();
                return Ok(Some(Item::Checkpoint(self.at.to_string())));
            }
            if caught_up && self.stop_at_end {
                return Ok(None);
            }
            if caught_up {
                let woken = tokio::time::timeout(POLL, self.wake.changed());
                // Woken, or time to look for what others wrote: the same.
                drop(
                    self.shutdown
                        .or(woken)
                        .await
                        .ok_or_else(|| Error::unavailable("the server is about to end"))?,
                );
            }
        }
    }

    /// Reads the next events that match, and tells whether there are no more for now.
    async fn read(&mut self) -> Result<bool> {
        let mut tx = self.db.begin_read().await?;
        let (newest, newest_hash) = head(&mut tx).await?;
        let from = self.at.sequence();
        if newest <= from {
            return Ok(true);
        }
        let Filter {
            allowed,
            county,
            resource,
            kinds,
        } = &self.filter;
        let rows: Vec<Row> = on!(tx, |conn| {
            sqlx::query_as(rows!(
                "WHERE sequence > $1 AND sequence <= $2 \
                 AND county >= $3 AND county < $3 || ':' AND county >= $4 AND county < $4 || ':' \
                 AND substr(resource, 1, length($5)) = $5 \
                 AND ($6 = '' OR replace($6, ',' || kind || ',', '') <> $6) \
                 ORDER BY sequence LIMIT $7"
            ))
            .bind(from)
            .bind(newest)
            .bind(allowed)
            .bind(county)
            .bind(resource)
            .bind(kinds)
            .bind(BATCH as i64)
            .fetch_all(conn)
            .await
        })?;
        self.at = match rows.last() {
            Some(last) if rows.len() == BATCH => Cursor::behind(last.sequence, &last.hash),
            _ => Cursor::behind(newest, &newest_hash),
        };
        self.ready = rows.into();
        Ok(self.at.sequence() == newest)
    }
}
