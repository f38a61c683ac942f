//! Events handed on to NATS JetStream, so that many counties feed one province: subject `dudao.{service}.{county}.{kind}`, the
//! event itself as the payload, its id as `Nats-Msg-Id`.
//!
//! The table of events is the outbox. A batch is sent, every acknowledgement is waited for, then the position is stored: an
//! event may come twice, within the stream's window the server drops the second, and its id tells it apart for ever.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::jetstream::{self, stream};
use prost::Message as _;

use super::follow::{kept, pause};
use super::verify::after;
use super::{Event, Row};
use crate::context::Context;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::execute;
use crate::lifecycle::Task;

/// Under this name a service keeps how far it has come.
const CURSOR: &str = "nats";
/// The server drops an event that comes again within this.
const WINDOW: Duration = Duration::from_hours(1);
/// How long to wait for events of other processes on the same database.
const POLL: Duration = Duration::from_secs(1);
/// Says that a payload was left out because the server takes none so large; the event is to be read by `WatchEvents`.
const LEFT_OUT: &str = "Dudao-Payload-Left-Out";

/// Where events are handed on to.
#[derive(Clone, Debug)]
pub struct Fanout {
    /// The servers: `nats://host:4222`, or `tls://…`; several behind commas.
    pub url: String,
    /// The JetStream stream; made if it is not there, with the subjects `dudao.>`.
    pub stream: String,
    /// A file of credentials as `nsc` writes it.
    pub credentials: Option<PathBuf>,
    /// The authorities in PEM of the servers' certificates, where they are not public ones.
    pub ca: Option<PathBuf>,
}

impl Fanout {
    /// The task that hands a service's events on.
    pub fn task(self, context: &Context) -> Task {
        let context = context.clone();
        let name = format!("{}: hands events on", context.db.service());
        Task::new(name, async move { hand_on(&context, &self).await })
    }

    async fn connect(&self) -> Result<async_nats::Client> {
        let mut options = match &self.credentials {
            Some(file) => async_nats::ConnectOptions::with_credentials_file(file)
                .await
                .map_err(|error| Error::unavailable(format!("credentials: {error}")))?,
            None => async_nats::ConnectOptions::new(),
        };
        if let Some(ca) = &self.ca {
            options = options.add_root_certificates(ca.clone());
        }
        options
            .connect(&self.url)
            .await
            .map_err(|error| Error::unavailable(error.to_string()))
    }
}

/// Hands events on until the shutdown, across restarts of either side.
async fn hand_on(context: &Context, fanout: &Fanout) -> Result<()> {
    let mut failures = 0;
    loop {
        let mut progressed = false;
        let work = Box::pin(once(context, fanout, &mut progressed));
        let Some(ended) = context.shutdown.or(work).await else {
            return Ok(());
        };
        failures = if progressed { 0 } else { failures + 1 };
        if let Err(error) = ended {
            tracing::warn!(%error, failures, "events can't be handed on");
        }
        let pause = tokio::time::sleep(pause(failures));
        if context.shutdown.or(pause).await.is_none() {
            return Ok(());
        }
    }
}

/// One connection, until it fails.
async fn once(context: &Context, fanout: &Fanout, progressed: &mut bool) -> Result<()> {
    let away = |error: &dyn std::fmt::Display| Error::unavailable(error.to_string());
    let client = fanout.connect().await?;
    let most = client.server_info().max_payload;
    let stream = jetstream::new(client);
    stream
        .get_or_create_stream(stream::Config {
            name: fanout.stream.clone(),
            subjects: vec!["dudao.>".to_owned()],
            duplicate_window: WINDOW,
            ..stream::Config::default()
        })
        .await
        .map_err(|error| away(&error))?;
    let mut head = context.db.head();
    let mut at = handed_on(&context.db).await?.unwrap_or_default();
    loop {
        head.mark_unchanged();
        let rows = after(&mut context.db.begin_read().await?, at).await?;
        let Some(last) = rows.last().map(|row| row.sequence) else {
            // Woken, or time to look for what others wrote: the same.
            drop(tokio::time::timeout(POLL, head.changed()).await);
            continue;
        };
        let mut sent = Vec::with_capacity(rows.len());
        for row in rows {
            let (subject, headers, payload) = message(context.db.service(), row, most);
            let publishing = stream.publish_with_headers(subject, headers, payload.into());
            sent.push(publishing.await.map_err(|error| away(&error))?);
        }
        for acknowledgement in sent {
            acknowledgement.await.map_err(|error| away(&error))?;
        }
        at = last;
        keep(context, at).await?;
        *progressed = true;
    }
}

/// An event as it is handed on: its subject, its headers and itself.
fn message(service: &str, row: Row, most: usize) -> (String, HeaderMap, Vec<u8>) {
    // What belongs to no county has a word of its own: a subject has no empty part.
    let county = if row.county.is_empty() {
        "_"
    } else {
        &row.county
    };
    let subject = format!("dudao.{service}.{county}.{}", row.kind);
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, row.id.as_str());
    let mut event: Event = row.into_event();
    let mut bytes = event.encode_to_vec();
    // Headers and the protocol take some of it.
    if bytes.len() + 1_024 > most {
        headers.insert(LEFT_OUT, "true");
        for state in [&mut event.payload, &mut event.before]
            .into_iter()
            .flatten()
        {
            state.value.clear();
        }
        bytes = event.encode_to_vec();
    }
    (subject, headers, bytes)
}

/// The sequence of the last event that was handed on; none where nothing ever was.
pub async fn handed_on(db: &Db) -> Result<Option<i64>> {
    let kept = kept(db, CURSOR).await?;
    Ok(kept.and_then(|kept| kept.parse().ok()))
}

/// Other processes on the same database hand on too: the position never goes back.
async fn keep(context: &Context, at: i64) -> Result<()> {
    let mut tx = context.db.begin_write().await?;
    let at = format!("{at:020}");
    execute!(
        tx,
        "INSERT INTO cursors (stream, cursor) VALUES ($1, $2) \
         ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor WHERE cursors.cursor < excluded.cursor",
        CURSOR,
        at,
    )?;
    tx.commit().await
}
