//! Whether the past is as it was recorded.

use super::Row;
use crate::db::Db;
use crate::error::Result;
use crate::on;

const BATCH: i64 = 1_000;

/// What an audit of the chain has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audit {
    /// Every row is as it was recorded, and none is missing.
    Whole {
        /// How many events there are.
        count: i64,
        /// The hash of the newest: note it elsewhere, and a cut end shows too.
        head: Vec<u8>,
    },
    /// The past was changed.
    Broken {
        /// The first event that is not as it was recorded.
        sequence: i64,
        /// What shows it.
        why: &'static str,
    },
}

/// Walks the whole chain, in one state of the database.
pub async fn verify(db: &Db) -> Result<Audit> {
    let mut tx = db.begin_read().await?;
    let (mut count, mut head) = (0, vec![0; 32]);
    loop {
        let rows: Vec<Row> = on!(tx, |conn| {
            sqlx::query_as("SELECT * FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2")
                .bind(count)
                .bind(BATCH)
                .fetch_all(conn)
                .await
        })?;
        if rows.is_empty() {
            return Ok(Audit::Whole { count, head });
        }
        for row in rows {
            let why = if row.sequence != count + 1 {
                Some("an event is missing")
            } else if row.previous_hash != head {
                Some("it does not follow the event before it")
            } else if row.hash != row.digest() {
                Some("its content does not match its hash")
            } else {
                None
            };
            if let Some(why) = why {
                return Ok(Audit::Broken {
                    sequence: count + 1,
                    why,
                });
            }
            (count, head) = (row.sequence, row.hash);
        }
    }
}
