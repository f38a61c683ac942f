//! Reads of single documents, taken together: those that come while a statement is under way share the next one. Alone a read
//! goes at once; among many, the way to the database is paid for once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::{PgConnection, SqliteConnection};
use tokio::sync::oneshot;

use super::{Document, Record, Row, find};
use crate::db::{Conn, Db, Tx};
use crate::error::{Error, Result};

/// Statements under way at once …
const LANES: usize = 4;
/// … of which all but one only if more reads wait than one statement takes, or the last one was begun so long ago.
const STALLED: Duration = Duration::from_millis(20);
/// Reads of one statement.
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
#[derive(Debug)]
struct Queue {
    waiting: Vec<Read>,
    under_way: usize,
    begun: Instant,
}

#[derive(Debug)]
struct Read {
    county: String,
    collection: &'static str,
    code: String,
    answer: oneshot::Sender<Option<Row>>,
}

impl Reader {
    /// On a service's database.
    pub fn new(db: &Db) -> Self {
        Self(Arc::new(Inner {
            db: db.clone(),
            queue: Mutex::new(Queue {
                waiting: Vec::new(),
                under_way: 0,
                begun: Instant::now(),
            }),
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
        // The statement has failed for all of them: each learns by itself why. Boxed, as every call would carry it along.
        Box::pin(self.alone(county, code)).await
    }

    async fn alone<T: Document>(&self, county: &str, code: &str) -> Result<Option<Record<T>>> {
        let mut tx = self.0.db.begin_read().await?;
        find(&mut tx, county, code).await
    }
}

impl Inner {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another lane is wanted, which is then taken.
    fn line_up(&self, read: Read) -> bool {
        let mut queue = self.queue();
        queue.waiting.push(read);
        let wanted = match queue.under_way {
            0 => true,
            lanes => {
                lanes < LANES && (queue.waiting.len() > MOST || queue.begun.elapsed() > STALLED)
            }
        };
        queue.under_way += usize::from(wanted);
        wanted
    }

    /// The next reads; none gives the lane back, under the same lock, so that whoever comes next finds it free.
    fn next(&self) -> Vec<Read> {
        let mut queue = self.queue();
        if queue.waiting.is_empty() {
            queue.under_way -= 1;
        }
        queue.begun = Instant::now();
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
        let mut held = None;
        while let Some(inner) = self.0.clone() {
            // Whoever is about to ask, on any connection, comes along.
            tokio::task::yield_now().await;
            let reads = inner.next();
            if reads.is_empty() {
                self.0 = None;
                return;
            }
            // Boxed: a task is moved several times until it runs.
            match Box::pin(read(&inner.db, &mut held, &reads)).await {
                Ok(rows) => {
                    for (read, row) in reads.into_iter().zip(rows) {
                        // Who has gone away meanwhile is not told.
                        drop(read.answer.send(row));
                    }
                }
                Err(error) => {
                    held = None;
                    tracing::debug!(%error, reads = reads.len(), "a read of many has failed");
                }
            }
        }
    }
}

/// Which of the reads is answered; version, creation, last change, content.
type Found = (i64, i64, i64, i64, String);

/// Reads all of them in one statement, the same for any number. `held` is the connection, from one statement to the next.
async fn read(db: &Db, held: &mut Option<Tx>, reads: &[Read]) -> Result<Vec<Option<Row>>> {
    let tx = match held {
        Some(tx) => tx,
        None => held.insert(db.glance().await?),
    };
    let found = match tx.conn() {
        Conn::Sqlite(conn) => read_sqlite(conn, reads).await,
        Conn::Postgres(conn) => read_postgres(conn, reads).await,
    }?;
    let mut rows: Vec<Option<Row>> = reads.iter().map(|_| None).collect();
    for (n, version, created_us, updated_us, content) in found {
        let n = usize::try_from(n).map_err(Error::internal)?;
        if let (Some(place), Some(read)) = (rows.get_mut(n), reads.get(n)) {
            *place = Some(Row {
                county: read.county.clone(),
                code: read.code.clone(),
                version,
                created_us,
                updated_us,
                content,
            });
        }
    }
    Ok(rows)
}

/// One row there and back: every row is a message between threads.
async fn read_sqlite(conn: &mut SqliteConnection, reads: &[Read]) -> Result<Vec<Found>> {
    let asked: Vec<_> = reads
        .iter()
        .map(|read| (&read.county, read.collection, &read.code))
        .collect();
    let asked = serde_json::to_string(&asked).map_err(Error::internal)?;
    let found: String = sqlx::query_scalar(
        "SELECT json_group_array(json_array(asked.key, version, created_us, updated_us, content)) \
         FROM json_each($1) AS asked JOIN records ON records.county = asked.value ->> 0 \
         AND records.collection = asked.value ->> 1 AND records.code = asked.value ->> 2",
    )
    .bind(asked)
    .fetch_one(conn)
    .await?;
    serde_json::from_str(&found).map_err(Error::internal)
}

async fn read_postgres(conn: &mut PgConnection, reads: &[Read]) -> Result<Vec<Found>> {
    let column = |of: fn(&Read) -> &str| reads.iter().map(of).collect::<Vec<_>>();
    let found = sqlx::query_as(
        "SELECT asked.n - 1, version, created_us, updated_us, content \
         FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (county, collection, code, n) \
         JOIN records ON records.county = asked.county AND records.collection = asked.collection \
         AND records.code = asked.code",
    )
    .bind(column(|read| &read.county))
    .bind(column(|read| read.collection))
    .bind(column(|read| &read.code))
    .fetch_all(conn)
    .await?;
    Ok(found)
}
