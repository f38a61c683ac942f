//! Events: what a service has recorded, in the transaction of the effect.
//!
//! One table is outbox, audit trail and integration feed. The sequence has no gaps and is the order of commits, because
//! whoever writes holds the write lock until it commits. Each row carries the hash of the one before:
//!
//! ```text
//! hash = SHA-256("dudao.event.v2\n" ‖ sequence ‖ id ‖ kind ‖ resource ‖ county ‖ actor ‖ on_behalf_of ‖ method ‖ request_id
//!                ‖ time_us ‖ type_url ‖ payload ‖ before_url ‖ before ‖ previous_hash)
//! ```
//!
//! where an integer is 8 bytes, a text or bytes its length in 8 bytes and then itself, all big-endian. So a past that was
//! changed shows; what was cut off the end shows beside a signed head ([`head`]) that was noted elsewhere.
//!
//! Who may see one county only can't follow that chain. So each county has one of its own through the same events:
//!
//! ```text
//! county_hash = SHA-256("dudao.county.v1\n" ‖ county_hash of the county's event before ‖ hash)
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `append` | recording facts |
//! | `archive` | writing the past out, and taking it away |
//! | `changes` | what was changed, for people |
//! | `cursor` | where a reader stands |
//! | `follow` | following another service, each effect once |
//! | `head` | the signed end of a chain |
//! | `snapshot` | everything there is now, to start from |
//! | `verify` | whether the past is as it was recorded |
//! | `watch` | replaying, then following |

mod append;
mod archive;
mod changes;
mod cursor;
mod fanout;
mod follow;
mod head;
mod news;
mod snapshot;
mod verify;
mod watch;

use prost_types::Any;
use sha2::{Digest as _, Sha256};

pub use append::{NewEvent, append};
pub use archive::{compact, export, last_until, write_line};
pub use changes::changes;
pub use cursor::Cursor;
pub use dudao_proto::event::v1::{
    Change, Event, EventHead, GetEventHeadRequest, ListChangesRequest, ListChangesResponse,
    StreamSnapshotRequest, StreamSnapshotResponse, WatchEventsRequest, WatchEventsResponse,
};
pub use fanout::{Fanout, handed_on};
pub use follow::{Consumer, follow, reached};
pub use head::{head, holds, signed_head};
pub use news::with_news;
pub use snapshot::{Collection, Position, SnapshotStream, Written, any, snapshot};
pub use verify::{Audit, Chains, verify};
pub use watch::{WatchStream, watch};

use crate::clock;

/// SHA-256.
pub type Hash = [u8; 32];

/// The chain of the whole stream, among the names of counties.
const WHOLE: &str = "*";

/// Reads [`Row`]s. By name: PostgreSQL refuses a prepared `SELECT *` from the moment that a newer release adds a column.
macro_rules! rows {
    ($rest:literal) => {
        concat!(
            "SELECT sequence, id, kind, resource, county, actor, on_behalf_of, method, request_id, time_us, type_url, payload, \
             before_url, before_state, previous_hash, hash, county_sequence, county_hash FROM events ",
            $rest
        )
    };
}
use rows;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    sequence: i64,
    id: String,
    kind: String,
    resource: String,
    county: String,
    actor: String,
    on_behalf_of: String,
    method: String,
    request_id: String,
    time_us: i64,
    type_url: String,
    payload: Vec<u8>,
    before_url: String,
    before_state: Option<Vec<u8>>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
    county_sequence: i64,
    /// Unset in rows of before counties had chains.
    county_hash: Option<Vec<u8>>,
}

impl Row {
    /// The hash that the row must carry.
    fn digest(&self) -> Hash {
        // Exhaustive, so that a new column can't be forgotten.
        let Self {
            sequence,
            id,
            kind,
            resource,
            county,
            actor,
            on_behalf_of,
            method,
            request_id,
            time_us,
            type_url,
            payload,
            before_url,
            before_state,
            previous_hash,
            hash: _,
            county_sequence: _,
            county_hash,
        } = self;
        let mut sum = Sha256::new();
        let first = county_hash.is_none();
        sum.update(if first {
            "dudao.event.v1\n"
        } else {
            "dudao.event.v2\n"
        });
        sum.update(sequence.to_be_bytes());
        for text in [id, kind, resource, county, actor] {
            put(&mut sum, text.as_bytes());
        }
        if !first {
            for text in [on_behalf_of, method, request_id] {
                put(&mut sum, text.as_bytes());
            }
        }
        sum.update(time_us.to_be_bytes());
        put(&mut sum, type_url.as_bytes());
        put(&mut sum, payload);
        if !first {
            put(&mut sum, before_url.as_bytes());
            put(&mut sum, before_state.as_deref().unwrap_or_default());
        }
        put(&mut sum, previous_hash);
        sum.finalize().into()
    }

    /// The row of an event that somebody was told of.
    fn of(event: &Event) -> Self {
        let (type_url, payload) = unpacked(event.payload.clone());
        let (before_url, before_state) = match event.before.clone() {
            None => (String::new(), None),
            Some(before) => (before.type_url, Some(before.value)),
        };
        Self {
            sequence: event.sequence,
            id: event.id.clone(),
            kind: event.kind.clone(),
            resource: event.resource.clone(),
            county: event.county.clone(),
            actor: event.actor.clone(),
            on_behalf_of: event.on_behalf_of.clone(),
            method: event.method.clone(),
            request_id: event.request_id.clone(),
            time_us: event.time.as_ref().map_or(0, clock::micros),
            type_url,
            payload,
            before_url,
            before_state,
            previous_hash: event.previous_hash.clone(),
            hash: event.hash.clone(),
            county_sequence: event.county_sequence,
            county_hash: (!event.county_hash.is_empty()).then(|| event.county_hash.clone()),
        }
    }

    fn into_event(self) -> Event {
        let cursor = Cursor::behind(self.sequence, &self.hash).to_string();
        Event {
            sequence: self.sequence,
            id: self.id,
            kind: self.kind,
            resource: self.resource,
            county: self.county,
            actor: self.actor,
            on_behalf_of: self.on_behalf_of,
            method: self.method,
            request_id: self.request_id,
            time: Some(clock::timestamp(self.time_us)),
            payload: Some(Any {
                type_url: self.type_url,
                value: self.payload,
            }),
            before: self.before_state.map(|value| Any {
                type_url: self.before_url,
                value,
            }),
            previous_hash: self.previous_hash,
            hash: self.hash,
            cursor,
            county_sequence: self.county_sequence,
            county_hash: self.county_hash.unwrap_or_default(),
        }
    }
}

fn unpacked(any: Option<Any>) -> (String, Vec<u8>) {
    any.map_or_else(Default::default, |any| (any.type_url, any.value))
}

/// The next link of a county's chain.
fn county_link(previous: &[u8], hash: &[u8]) -> Hash {
    let mut sum = Sha256::new();
    sum.update("dudao.county.v1\n");
    sum.update(previous);
    sum.update(hash);
    sum.finalize().into()
}

fn put(sum: &mut Sha256, part: &[u8]) {
    sum.update((part.len() as u64).to_be_bytes());
    sum.update(part);
}

fn put_into(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend((part.len() as u64).to_be_bytes());
    bytes.extend(part);
}

/// Writes a service's RPCs of events.
///
/// ```text
/// event_service! { impl RegistryEventService for Registry; |me| &me.desk.context;
///     vec![Collection::of::<School>(), …]
/// }
/// ```
#[macro_export]
macro_rules! event_service {
    (impl $service:ident for $type:ty; |$me:ident| $context:expr; $collections:expr) => {
        #[tonic::async_trait]
        impl $service for $type {
            type WatchEventsStream = $crate::events::WatchStream;
            type StreamSnapshotStream = $crate::events::SnapshotStream;

            async fn watch_events(
                &self,
                request: tonic::Request<$crate::events::WatchEventsRequest>,
            ) -> Result<tonic::Response<Self::WatchEventsStream>, tonic::Status> {
                let $me = self;
                let caller = $crate::rpc::Principal::of(&request)?;
                let stream = $crate::events::watch($context, &caller, request.into_inner());
                Ok(tonic::Response::new(stream.await?))
            }

            async fn get_event_head(
                &self,
                request: tonic::Request<$crate::events::GetEventHeadRequest>,
            ) -> Result<tonic::Response<$crate::events::EventHead>, tonic::Status> {
                let $me = self;
                let caller = $crate::rpc::Principal::of(&request)?;
                let head = $crate::events::head($context, &caller, request.get_ref());
                Ok(tonic::Response::new(head.await?))
            }

            async fn list_changes(
                &self,
                request: tonic::Request<$crate::events::ListChangesRequest>,
            ) -> Result<tonic::Response<$crate::events::ListChangesResponse>, tonic::Status> {
                let $me = self;
                let caller = $crate::rpc::Principal::of(&request)?;
                let changes = $crate::events::changes($context, &caller, request.get_ref());
                Ok(tonic::Response::new(changes.await?))
            }

            async fn stream_snapshot(
                &self,
                request: tonic::Request<$crate::events::StreamSnapshotRequest>,
            ) -> Result<tonic::Response<Self::StreamSnapshotStream>, tonic::Status> {
                let $me = self;
                let caller = $crate::rpc::Principal::of(&request)?;
                let (context, request) = ($context, request.into_inner());
                let stream = $crate::events::snapshot(context, &caller, request, $collections);
                Ok(tonic::Response::new(stream?))
            }
        }
    };
}
