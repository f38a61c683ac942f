//! Reads of single documents, taken together: those that come while a statement is under way share the next one. Alone a read
//! goes at once; among many, the way to the database is paid for once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::QueryBuilder;
use tokio::sync::oneshot;

use super::{Document, Record, Row, find};
use crate::db::Db;
use crate::error::Result;
use crate::on;

/// Statements under way at once.
const LANES: usize = 2;
/// Reads of one statement: three values each stay far below the limits of both databases.
const MOST: usize = 64;

/// Reads documents of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    queue: Mutex<Queue>,
}

/// What waits, and how many statements are under way.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Read>,
    under_way: usize,
}

#[derive(Debug)]
struct Read {
    county: String,
    collection: &'static str,
    code: String,
    answer: oneshot::Sender<Option<Row>>,
}

/// A row, and which of the reads it answers.
#[derive(Debug, sqlx::FromRow)]
struct Found {
    n: i64,
    #[sqlx(flatten)]
    row: Row,
}

impl Reader {
    /// On a service's database.
    pub fn new(db: &Db) -> Self {
        Self(Arc::new(Inner {
            db: db.clone(),
            queue: Mutex::default(),
        }))
    }

    /// Reads one, if it exists, as it is at some moment after this was called.
    pub async fn find<T: Document>(&self, county: &str, code: &str) -> Result<Option<Record<T>>> {
        let (answer, told) = oneshot::channel();
        let read = Read {
            county: county.to_owned(),
            collection: T::COLLECTION,
            code: code.to_owned(),
            answer,
        };
        if self.0.line_up(read) {
            tokio::spawn(Lane(Some(Arc::clone(&self.0))).work());
        }
        if let Ok(row) = told.await {
            return row.map(Row::record).transpose();
        }
        // The statement has failed for all of them: each learns by itself why.
        let mut tx = self.0.db.begin_read().await?;
        find(&mut tx, county, code).await
    }
}

impl Inner {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a lane is free, which is then taken.
    fn line_up(&self, read: Read) -> bool {
        let mut queue = self.queue();
        queue.waiting.push(read);
        let free = queue.under_way < LANES;
        queue.under_way += usize::from(free);
        free
    }

    /// The next reads; none gives the lane back, under the same lock, so that whoever comes next finds it free.
    fn next(&self) -> Vec<Read> {
        let mut queue = self.queue();
        if queue.waiting.is_empty() {
            queue.under_way -= 1;
        }
        let many = queue.waiting.len().min(MOST);
        queue.waiting.drain(..many).collect()
    }
}

/// A place among the statements under way. Dropped in the middle of its work, it is given back too.
struct Lane(Option<Arc<Inner>>);

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(inner) = &self.0 {
            inner.queue().under_way -= 1;
        }
    }
}

impl Lane {
    /// Reads what waits until nothing does.
    async fn work(mut self) {
        while let Some(inner) = self.0.clone() {
            let reads = inner.next();
            if reads.is_empty() {
                self.0 = None;
                return;
            }
            match read(&inner.db, &reads).await {
                Ok(rows) => {
                    for (read, row) in reads.into_iter().zip(rows) {
                        // Who has gone away meanwhile is not told.
                        drop(read.answer.send(row));
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, reads = reads.len(), "a read of many has failed");
                }
            }
        }
    }
}

/// Reads all of them in one statement.
async fn read(db: &Db, reads: &[Read]) -> Result<Vec<Option<Row>>> {
    let Some(last) = reads.last() else {
        return Ok(Vec::new());
    };
    // As many questions as the next power of two: a handful of texts, which databases keep prepared.
    let padding = reads.len().next_power_of_two() - reads.len();
    let asked = reads.iter().chain(std::iter::repeat_n(last, padding));
    let mut tx = db.glance().await?;
    let found: Vec<Found> = on!(tx, |conn| {
        let mut text = QueryBuilder::new("WITH asked (n, county, collection, code) AS (");
        text.push_values(asked.enumerate(), |mut row, (n, read)| {
            row.push(format_args!("CAST({n} AS BIGINT)"));
            for part in [read.county.as_str(), read.collection, read.code.as_str()] {
                row.push("CAST(")
                    .push_bind_unseparated(part)
                    .push_unseparated(" AS TEXT)");
            }
        });
        text.push(
            ") SELECT asked.n, records.county, records.code, version, created_us, updated_us, content \
             FROM asked JOIN records ON records.county = asked.county \
             AND records.collection = asked.collection AND records.code = asked.code",
        );
        text.build_query_as().fetch_all(conn).await
    })?;
    let mut rows: Vec<Option<Row>> = reads.iter().map(|_| None).collect();
    for Found { n, row } in found {
        if let Some(place) = usize::try_from(n).ok().and_then(|n| rows.get_mut(n)) {
            *place = Some(row);
        }
    }
    Ok(rows)
}
