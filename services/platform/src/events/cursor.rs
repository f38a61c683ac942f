//! Where a reader of a stream stands.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::append::head;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::on;

const VERSION: u8 = 1;
const HASH: usize = 8;

/// Stands behind one event of one stream, and knows that stream by the event's hash: a cursor of another service, or of
/// a past that a restored backup has undone, is refused. Opaque on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    sequence: i64,
    hash: [u8; HASH],
}

impl Cursor {
    /// Behind the event of that sequence and hash; 0 is before the first.
    pub(super) fn behind(sequence: i64, hash: &[u8]) -> Self {
        let mut cursor = Self {
            sequence,
            hash: [0; HASH],
        };
        for (to, from) in cursor.hash.iter_mut().zip(hash) {
            *to = *from;
        }
        cursor
    }

    /// Reads what a client has stored; "" is before the first event.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::BadCursor)?;
        let (&[version], rest) = bytes.split_first_chunk().ok_or(Error::BadCursor)?;
        let (sequence, hash) = rest.split_first_chunk().ok_or(Error::BadCursor)?;
        let sequence = i64::from_be_bytes(*sequence);
        let hash = hash.try_into().map_err(|_| Error::BadCursor)?;
        if version != VERSION || sequence < 1 {
            Err(Error::BadCursor)
        } else {
            Ok(Self { sequence, hash })
        }
    }

    /// How many events lie before it.
    pub(super) fn sequence(&self) -> i64 {
        self.sequence
    }

    /// Refuses a cursor that is not of this stream, or whose successors are gone.
    pub(super) async fn check(&self, tx: &mut Tx) -> Result<()> {
        let oldest: Option<i64> = on!(tx, |conn| {
            sqlx::query_scalar("SELECT sequence FROM events ORDER BY sequence LIMIT 1")
                .fetch_optional(conn)
                .await
        })?;
        let oldest = match oldest {
            Some(oldest) => oldest,
            None => head(tx).await?.0 + 1,
        };
        // The event that the cursor names may be gone, if only those behind it are still there.
        if self.sequence + 1 < oldest {
            return Err(Error::HistoryGone);
        }
        if self.sequence == 0 || oldest == self.sequence + 1 {
            return Ok(());
        }
        let hash: Option<Vec<u8>> = on!(tx, |conn| {
            sqlx::query_scalar("SELECT hash FROM events WHERE sequence = $1")
                .bind(self.sequence)
                .fetch_optional(conn)
                .await
        })?;
        if hash.is_some_and(|hash| hash.starts_with(&self.hash)) {
            Ok(())
        } else {
            Err(Error::BadCursor)
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sequence == 0 {
            return Ok(());
        }
        let mut bytes = vec![VERSION];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.hash);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}
