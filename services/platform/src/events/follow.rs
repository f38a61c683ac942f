//! Following another service's stream: each event's effect happens once.

use std::time::Duration;

use dudao_proto::event::v1::watch_events_response::Item;
use tonic::{Status, Streaming};

use super::{Cursor, Event, WatchEventsRequest, WatchEventsResponse};
use crate::context::Context;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::telemetry::storage::tell_following;
use crate::{execute, on};

/// Waits before the next try, by how often it has failed in a row without any progress.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// How long to wait after so many failures in a row.
pub(super) fn pause(failures: usize) -> Duration {
    PAUSES[failures.min(PAUSES.len() - 1)]
}

/// What a service makes of another's events.
#[tonic::async_trait]
pub trait Consumer: Send {
    /// The name under which the cursor is kept, such as `scheduler`. Never change it.
    fn name(&self) -> &'static str;

    /// Which events; the cursor is filled in by [`follow`].
    fn wants(&self) -> WatchEventsRequest;

    /// Calls the other service's `WatchEvents`.
    async fn open(
        &mut self,
        request: WatchEventsRequest,
    ) -> Result<Streaming<WatchEventsResponse>, Status>;

    /// Does what the event calls for, in the transaction that also stores the cursor. An error undoes it and is tried
    /// again later: an event is never skipped, so an effect must not fail for good on what it can't use.
    async fn apply(&mut self, tx: &mut Tx, event: &Event) -> Result<()>;
}

/// Follows a stream until the shutdown: across restarts of either side, without a loss and without a repeat.
pub async fn follow(context: &Context, mut consumer: impl Consumer) -> Result<()> {
    let stream = consumer.name();
    let mut failures = 0_usize;
    loop {
        let mut progressed = false;
        let Some(ended) = context
            .shutdown
            .or(Box::pin(once(context, &mut consumer, &mut progressed)))
            .await
        else {
            return Ok(());
        };
        failures = if progressed { 0 } else { failures + 1 };
        tell_following(context.db.service(), stream, failures);
        let pause = pause(failures);
        if let Err(error) = ended {
            tracing::warn!(stream, %error, failures, pause_ms = pause.as_millis() as u64, "following {stream} has failed");
        }
        if context
            .shutdown
            .or(tokio::time::sleep(pause))
            .await
            .is_none()
        {
            return Ok(());
        }
    }
}

/// One call of the stream, until it ends.
async fn once(
    context: &Context,
    consumer: &mut impl Consumer,
    progressed: &mut bool,
) -> Result<()> {
    let stream = consumer.name();
    let cursor = kept(&context.db, stream).await?;
    let request = WatchEventsRequest {
        cursor: cursor.unwrap_or_default(),
        ..consumer.wants()
    };
    let mut events = consumer
        .open(request)
        .await
        .map_err(|status| refused(&status))?;
    while let Some(message) = events.message().await.map_err(|status| refused(&status))? {
        let mut tx = context.db.begin_write().await?;
        let cursor = match &message.item {
            Some(Item::Event(event)) => {
                consumer.apply(&mut tx, event).await?;
                &event.cursor
            }
            Some(Item::Checkpoint(cursor)) => cursor,
            None => continue,
        };
        execute!(
            tx,
            "INSERT INTO cursors (stream, cursor) VALUES ($1, $2) \
             ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor",
            stream,
            cursor,
        )?;
        tx.commit().await?;
        if !*progressed {
            tell_following(context.db.service(), stream, 0);
        }
        *progressed = true;
    }
    Ok(())
}

/// How far a consumer has come on a stream that it follows into this database: everything up to this sequence has had its effect.
pub async fn reached(db: &Db, stream: &str) -> Result<i64> {
    let cursor = kept(db, stream).await?;
    Ok(Cursor::parse(&cursor.unwrap_or_default())?.sequence())
}

/// The position that is kept for a stream, as it was written.
pub(super) async fn kept(db: &Db, stream: &str) -> Result<Option<String>> {
    let mut tx = db.glance().await?;
    on!(tx, |conn| {
        sqlx::query_scalar("SELECT cursor FROM cursors WHERE stream = $1")
            .bind(stream)
            .fetch_optional(conn)
            .await
    })
}

fn refused(status: &Status) -> Error {
    Error::unavailable(format!("{:?}: {}", status.code(), status.message()))
}
