//! Events: what a service has recorded, in the transaction of the effect.
//!
//! One table is outbox, audit trail and integration feed. The sequence has no gaps and is the order of commits, because
//! whoever writes holds the write lock until it commits. Each row carries the hash of the one before:
//!
//! ```text
//! hash = SHA-256("dudao.event.v1\n" ‖ sequence ‖ id ‖ kind ‖ resource ‖ county ‖ actor ‖ time_us ‖ type_url ‖ payload ‖ previous_hash)
//! ```
//!
//! where an integer is 8 bytes, a text or bytes its length in 8 bytes and then itself, all big-endian. So a past that was
//! changed shows; what was cut off the end shows only beside a head that was noted elsewhere.

mod append;
mod cursor;
mod follow;
mod verify;
mod watch;

use prost_types::Any;
use sha2::{Digest as _, Sha256};

pub use append::{NewEvent, append};
pub use cursor::Cursor;
pub use dudao_proto::event::v1::{Event, WatchEventsRequest, WatchEventsResponse};
pub use follow::{Consumer, follow};
pub use verify::{Audit, verify};
pub use watch::{WatchStream, watch};

use crate::clock;

/// SHA-256.
pub type Hash = [u8; 32];

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    sequence: i64,
    id: String,
    kind: String,
    resource: String,
    county: String,
    actor: String,
    time_us: i64,
    type_url: String,
    payload: Vec<u8>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
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
            time_us,
            type_url,
            payload,
            previous_hash,
            hash: _,
        } = self;
        let mut sum = Sha256::new();
        sum.update("dudao.event.v1\n");
        sum.update(sequence.to_be_bytes());
        for text in [id, kind, resource, county, actor] {
            put(&mut sum, text.as_bytes());
        }
        sum.update(time_us.to_be_bytes());
        put(&mut sum, type_url.as_bytes());
        put(&mut sum, payload);
        put(&mut sum, previous_hash);
        sum.finalize().into()
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
            time: Some(clock::timestamp(self.time_us)),
            payload: Some(Any {
                type_url: self.type_url,
                value: self.payload,
            }),
            previous_hash: self.previous_hash,
            hash: self.hash,
            cursor,
        }
    }
}

fn put(sum: &mut Sha256, part: &[u8]) {
    sum.update((part.len() as u64).to_be_bytes());
    sum.update(part);
}
