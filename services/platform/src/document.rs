//! Resources kept as documents: one table, one text for both databases.
//!
//! A service that keeps its resources so has this table in its migrations; `place`, `kind`, `subject` and `day` are what
//! its lists choose by, "" where a resource has no such thing:
//!
//! ```text
//! CREATE TABLE records (
//!     county TEXT NOT NULL, collection TEXT NOT NULL, code TEXT NOT NULL, version BIGINT NOT NULL,
//!     created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL, ended BOOLEAN NOT NULL,
//!     place TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, day TEXT NOT NULL, content TEXT NOT NULL,
//!     PRIMARY KEY (county, collection, code)
//! );
//! CREATE INDEX records_by_collection ON records (collection, county, code);
//! CREATE INDEX records_by_subject ON records (county, collection, subject);
//! CREATE INDEX records_by_day ON records (county, collection, day);
//! ```

mod newer;
mod reader;

use std::borrow::Cow;
use std::future::Future;

use dudao_law::Word;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::QueryBuilder;

pub use newer::{knows, rewritten};
pub use reader::Reader;

use crate::carry::needed_word;
use crate::db::Tx;
use crate::error::{Error, Result, Violations};
use crate::etag::Version;
use crate::{execute, on};

/// Rows of one INSERT: 500 × 12 values stay below the limits of SQLite (32,766) and PostgreSQL (65,535).
const ROWS: usize = 500;
/// The collection whose members own all others.
const ROOT: &str = "counties";

/// A domain type that is kept as a document.
#[expect(
    clippy::unnecessary_literal_bound,
    reason = "a type's own answer comes from itself"
)]
pub trait Document: Serialize + DeserializeOwned + Clone + Send + Sync + Unpin + 'static {
    /// The collection, as resource names spell it.
    const COLLECTION: &'static str;
    /// Whether a county has just one, named without a code: `counties/140525/committee`. Its code is the collection's word.
    const SINGLETON: bool = false;

    /// Whether it has closed, left, withdrawn, or come to its end.
    fn ended(&self) -> bool {
        false
    }

    /// Whom it concerns: which of the narrow roles may see it.
    fn concerns(&self, _county: &str, _code: &str) -> Concerns {
        Concerns::Office
    }

    /// Whom it concerns where that stands in another document, such as a note's visit. Asked for narrow roles only.
    fn concerns_by(
        &self,
        _tx: &mut Tx,
        county: &str,
        code: &str,
    ) -> impl Future<Output = Result<Concerns>> + Send {
        async move { Ok(self.concerns(county, code)) }
    }

    /// Where it is.
    fn place(&self) -> &str {
        ""
    }

    /// Of what kind it is, or in which state.
    fn kind(&self) -> &str {
        ""
    }

    /// Whom or what it is about.
    fn subject(&self) -> &str {
        ""
    }

    /// The day by which lists choose it, `YYYY-MM-DD`.
    fn day(&self) -> String {
        String::new()
    }
}

/// Whom a document concerns. Roles that see whole counties see all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// The office alone.
    Office,
    /// Everyone of the county whose role may call.
    County,
    /// Everyone.
    Public,
    /// Whoever owns one of these full names: schools, towns, units, supervisors.
    Only(Vec<String>),
}

/// A document with its place and its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<T> {
    /// The county's code.
    pub county: String,
    /// The last part of the name.
    pub code: String,
    /// How often it was written.
    pub version: Version,
    /// When it was created, in microseconds since 1970.
    pub created_us: i64,
    /// When it was last changed, in microseconds since 1970.
    pub updated_us: i64,
    /// What it says.
    pub content: T,
    /// What it was before, while it is being changed.
    pub previous: Option<Box<Record<T>>>,
    /// The text that was read; "" for a new one. A newer release may have written into it what [`Record::content`] has no place for.
    pub stored: String,
}

impl<T: Document> Record<T> {
    /// A new one, as of this transaction.
    pub fn new(tx: &Tx, county: &str, code: impl Into<String>, content: T) -> Self {
        Self {
            county: county.to_owned(),
            code: code.into(),
            version: Version::FIRST,
            created_us: tx.now_us(),
            updated_us: tx.now_us(),
            content,
            previous: None,
            stored: String::new(),
        }
    }

    /// The next version of it, as of this transaction.
    #[must_use]
    pub fn changed(self, tx: &Tx, content: T) -> Self {
        Self {
            county: self.county.clone(),
            code: self.code.clone(),
            version: self.version.next(),
            created_us: self.created_us,
            updated_us: tx.now_us(),
            content,
            previous: Some(Box::new(self)),
            stored: String::new(),
        }
    }

    /// Its full name.
    pub fn name(&self) -> String {
        name::<T>(&self.county, &self.code)
    }

    /// What was read, or first written, and has become this.
    fn origin(&self) -> &Self {
        self.previous.as_deref().map_or(self, Self::origin)
    }

    /// The text to be stored: with what a newer release has written and this one does not know.
    fn text(&self) -> Result<String> {
        let origin = self.origin();
        if origin.stored.is_empty() {
            serde_json::to_string(&self.content).map_err(Error::internal)
        } else {
            rewritten(&origin.stored, &origin.content, &self.content)
        }
    }

    /// Whom it concerns.
    pub async fn concerns(&self, tx: &mut Tx) -> Result<Concerns> {
        let Self { county, code, .. } = self;
        self.content.concerns_by(tx, county, code).await
    }
}

/// The full name of a resource: `counties/140525/schools/3114000123`.
pub fn name<T: Document>(county: &str, code: &str) -> String {
    if T::COLLECTION == ROOT {
        format!("{ROOT}/{code}")
    } else if T::SINGLETON {
        format!("{ROOT}/{county}/{}", T::COLLECTION)
    } else {
        format!("{ROOT}/{county}/{}/{code}", T::COLLECTION)
    }
}

/// What a list is to show.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Counties whose code begins with the caller's prefix …
    pub reach: &'a str,
    /// … and with this: a whole code for one county, "" for all.
    pub county: &'a str,
    /// Behind this county and code.
    pub after: Option<&'a (String, String)>,
    /// Those that have ended too.
    pub ended: bool,
    /// Only this place; "" means all.
    pub place: &'a str,
    /// Only these kinds, each in commas, such as `,小学,`; "" means all.
    pub kinds: Cow<'a, str>,
    /// Only about this; "" means all.
    pub subject: &'a str,
    /// Only from this day on; "" means all.
    pub from: &'a str,
    /// Only up to this day; "" means all.
    pub until: &'a str,
    /// How many at the most.
    pub limit: i64,
}

/// The [`Filter::kinds`] of lists that show some words only, by their numbers in the contract; "" for all.
pub fn kinds<W: Word>(field: &str, numbers: &[i32]) -> Result<String> {
    let mut wrong = Violations::new();
    let words: Vec<_> = numbers
        .iter()
        .enumerate()
        .map(|(at, number)| needed_word::<W>(*number, &mut wrong, &format!("{field}[{at}]")).zh())
        .collect();
    wrong.into_result()?;
    Ok(if words.is_empty() {
        String::new()
    } else {
        format!(",{},", words.join(","))
    })
}

/// The [`Filter::from`] and [`Filter::until`] of a calendar year; "" for all.
pub fn year_of(year: i32) -> (String, String) {
    if year == 0 {
        (String::new(), String::new())
    } else {
        (format!("{year:04}-01-01"), format!("{year:04}-12-31"))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    county: String,
    code: String,
    version: i64,
    created_us: i64,
    updated_us: i64,
    content: String,
}

impl Row {
    fn record<T: Document>(self) -> Result<Record<T>> {
        Ok(Record {
            content: newer::read(&self.content)?,
            county: self.county,
            code: self.code,
            version: Version(self.version),
            created_us: self.created_us,
            updated_us: self.updated_us,
            previous: None,
            stored: self.content,
        })
    }
}

/// Reads one, if it exists.
pub async fn find<T: Document>(tx: &mut Tx, county: &str, code: &str) -> Result<Option<Record<T>>> {
    let row: Option<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, code, version, created_us, updated_us, content FROM records \
             WHERE county = $1 AND collection = $2 AND code = $3",
        )
        .bind(county)
        .bind(T::COLLECTION)
        .bind(code)
        .fetch_optional(conn)
        .await
    })?;
    row.map(Row::record).transpose()
}

/// Reads one, or NOT_FOUND.
pub async fn get<T: Document>(tx: &mut Tx, county: &str, code: &str) -> Result<Record<T>> {
    find(tx, county, code)
        .await?
        .ok_or_else(|| Error::not_found(name::<T>(county, code)))
}

/// Lists them in the order of county and code. Codes of counties are digits, after which ':' comes: so a prefix is a range, which an index
/// finds.
pub async fn list<T: Document>(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Record<T>>> {
    let (county, code) = filter
        .after
        .map_or(("", ""), |(county, code)| (county, code));
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, code, version, created_us, updated_us, content FROM records \
             WHERE collection = $1 AND (county, code) > ($2, $3) \
             AND county >= $4 AND county < $4 || ':' AND county >= $5 AND county < $5 || ':' \
             AND ($6 OR NOT ended) AND ($7 = '' OR place = $7) \
             AND ($8 = '' OR replace($8, ',' || kind || ',', '') <> $8) \
             AND ($9 = '' OR subject = $9) AND ($10 = '' OR day >= $10) AND ($11 = '' OR day <= $11) \
             ORDER BY county, code LIMIT $12",
        )
        .bind(T::COLLECTION)
        .bind(county)
        .bind(code)
        .bind(filter.reach)
        .bind(filter.county)
        .bind(filter.ended)
        .bind(filter.place)
        .bind(filter.kinds.as_ref())
        .bind(filter.subject)
        .bind(filter.from)
        .bind(filter.until)
        .bind(filter.limit)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Row::record).collect()
}

/// Every one of a county, those that have ended too.
pub async fn all<T: Document>(tx: &mut Tx, county: &str) -> Result<Vec<Record<T>>> {
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, code, version, created_us, updated_us, content FROM records \
             WHERE county = $1 AND collection = $2 ORDER BY code",
        )
        .bind(county)
        .bind(T::COLLECTION)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Row::record).collect()
}

/// Every one of a county that is about something, those that have ended too.
pub async fn about<T: Document>(
    tx: &mut Tx,
    county: &str,
    subject: &str,
) -> Result<Vec<Record<T>>> {
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, code, version, created_us, updated_us, content FROM records \
             WHERE county = $1 AND collection = $2 AND subject = $3 ORDER BY code",
        )
        .bind(county)
        .bind(T::COLLECTION)
        .bind(subject)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Row::record).collect()
}

/// Every one of a county whose day lies between two, both included, those that have ended too.
pub async fn between<T: Document>(
    tx: &mut Tx,
    county: &str,
    from: &str,
    until: &str,
) -> Result<Vec<Record<T>>> {
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, code, version, created_us, updated_us, content FROM records \
             WHERE county = $1 AND collection = $2 AND day >= $3 AND day <= $4 ORDER BY code",
        )
        .bind(county)
        .bind(T::COLLECTION)
        .bind(from)
        .bind(until)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Row::record).collect()
}

/// Writes records: a first version where there was none, or a next one in place of the version before it. STALE_ETAG if
/// one of them is neither.
pub async fn put<T: Document>(tx: &mut Tx, records: &[Record<T>]) -> Result<()> {
    for chunk in records.chunks(ROWS) {
        let contents: Vec<_> = chunk.iter().map(Record::text).collect::<Result<_>>()?;
        let met = on!(tx, |conn| {
            QueryBuilder::new(
                "INSERT INTO records \
                 (county, collection, code, version, created_us, updated_us, ended, place, kind, subject, day, content) ",
            )
            .push_values(chunk.iter().zip(&contents), |mut values, (record, content)| {
                values
                    .push_bind(&record.county)
                    .push_bind(T::COLLECTION)
                    .push_bind(&record.code)
                    .push_bind(record.version.0)
                    .push_bind(record.created_us)
                    .push_bind(record.updated_us)
                    .push_bind(record.content.ended())
                    .push_bind(record.content.place())
                    .push_bind(record.content.kind())
                    .push_bind(record.content.subject())
                    .push_bind(record.content.day())
                    .push_bind(content);
            })
            .push(
                " ON CONFLICT (county, collection, code) DO UPDATE SET version = excluded.version, \
                 updated_us = excluded.updated_us, ended = excluded.ended, place = excluded.place, \
                 kind = excluded.kind, subject = excluded.subject, day = excluded.day, content = excluded.content \
                 WHERE records.version = excluded.version - 1",
            )
            .build()
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
        })?;
        if met != chunk.len() as u64 {
            return Err(Error::stale(
                chunk.first().map(Record::name).unwrap_or_default(),
            ));
        }
    }
    Ok(())
}

/// Takes every one of a county away, to make room for others: only for what can be made again from events.
pub async fn clear<T: Document>(tx: &mut Tx, county: &str) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM records WHERE county = $1 AND collection = $2",
        county,
        T::COLLECTION
    )?;
    Ok(())
}
