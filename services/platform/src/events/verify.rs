//! Whether the past is as it was recorded.

use std::collections::HashMap;

use super::{Event, Row, WHOLE, county_link, rows};
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::on;

const BATCH: i64 = 1_000;

/// What an audit of the chain has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audit {
    /// Every row is as it was recorded, and none is missing.
    Whole {
        /// How many events there are, those that were archived and taken away too.
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

/// Walks the whole chain, and those of all counties, in one state of the database.
pub async fn verify(db: &Db) -> Result<Audit> {
    let mut tx = db.begin_read().await?;
    let mut walk = Walk::begin(&mut tx).await?;
    loop {
        let rows = after(&mut tx, walk.count).await?;
        if rows.is_empty() {
            return Ok(Audit::Whole {
                count: walk.count,
                head: walk.head,
            });
        }
        for row in &rows {
            if let Some(why) = walk.wrong(row) {
                return Ok(Audit::Broken {
                    sequence: walk.count + 1,
                    why,
                });
            }
        }
    }
}

/// The events behind one, a batch of them.
pub(super) async fn after(tx: &mut Tx, sequence: i64) -> Result<Vec<Row>> {
    on!(tx, |conn| {
        sqlx::query_as(rows!("WHERE sequence > $1 ORDER BY sequence LIMIT $2"))
            .bind(sequence)
            .bind(BATCH)
            .fetch_all(conn)
            .await
    })
}

/// A walk along the chains.
#[derive(Debug)]
pub(super) struct Walk {
    count: i64,
    head: Vec<u8>,
    counties: HashMap<String, (i64, Vec<u8>)>,
}

impl Walk {
    pub(super) fn count(&self) -> i64 {
        self.count
    }

    /// Goes on behind an event, or refuses what is not as it was recorded.
    pub(super) fn take(&mut self, row: &Row) -> Result<()> {
        match self.wrong(row) {
            None => Ok(()),
            Some(why) => Err(Error::internal(format!("event {}: {why}", row.sequence))),
        }
    }

    #[expect(clippy::type_complexity, reason = "two ends and those of counties")]
    /// Where the walk has come to: on the whole stream, and on each county's.
    pub(super) fn into_ends(self) -> (i64, Vec<u8>, HashMap<String, (i64, Vec<u8>)>) {
        (self.count, self.head, self.counties)
    }

    /// Where the chains begin: at nothing, or where the past was taken away.
    pub(super) async fn begin(tx: &mut Tx) -> Result<Self> {
        let starts: Vec<(String, i64, Vec<u8>)> = on!(tx, |conn| {
            sqlx::query_as("SELECT chain, sequence, hash FROM chain_starts")
                .fetch_all(conn)
                .await
        })?;
        let mut counties: HashMap<_, _> = starts
            .into_iter()
            .map(|(chain, sequence, hash)| (chain, (sequence, hash)))
            .collect();
        let (count, head) = counties.remove(WHOLE).unwrap_or_else(|| (0, vec![0; 32]));
        Ok(Self {
            count,
            head,
            counties,
        })
    }

    /// What is wrong with the next event, if anything is; otherwise the walk goes on behind it.
    pub(super) fn wrong(&mut self, row: &Row) -> Option<&'static str> {
        if row.sequence != self.count + 1 {
            return Some("an event is missing");
        }
        if row.previous_hash != self.head {
            return Some("it does not follow the event before it");
        }
        if row.hash != row.digest() {
            return Some("its content does not match its hash");
        }
        if let Some(county_hash) = &row.county_hash {
            let zeros = || (0, vec![0; 32]);
            let end = self
                .counties
                .entry(row.county.clone())
                .or_insert_with(zeros);
            if row.county_sequence != end.0 + 1 || *county_hash != county_link(&end.1, &row.hash) {
                return Some("it does not follow its county's event before it");
            }
            *end = (row.county_sequence, county_hash.clone());
        }
        self.count = row.sequence;
        self.head.clone_from(&row.hash);
        None
    }
}

/// What a consumer of a stream checks by itself: that each event says what its hash says, and that nothing of a county is
/// missing. Needs every kind and resource of the counties that it follows.
#[derive(Debug, Default)]
pub struct Chains(HashMap<String, (i64, Vec<u8>)>);

impl Chains {
    /// What is wrong with the next event, if anything is. A county's first event is taken as it is where the stream began behind
    /// a cursor.
    pub fn wrong(&mut self, event: &Event) -> Option<&'static str> {
        let row = Row::of(event);
        if row.hash != row.digest() {
            return Some("its content does not match its hash");
        }
        let county_hash = row.county_hash?;
        let end = self.0.get(&row.county);
        let follows = match end {
            Some((sequence, hash)) => {
                row.county_sequence == sequence + 1 && county_hash == county_link(hash, &row.hash)
            }
            None => row.county_sequence > 1 || county_hash == county_link(&[0; 32], &row.hash),
        };
        self.0
            .insert(row.county, (row.county_sequence, county_hash));
        (!follows).then_some("it does not follow its county's event before it")
    }
}
