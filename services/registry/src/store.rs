//! Rows and SQL. Every resource is a document of one table, so there is one file, not one for each.

use std::borrow::Cow;

use dudao_platform::error::{Error, Result};
use dudao_platform::etag::Version;
use dudao_platform::{Tx, on};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::QueryBuilder;
use sqlx::migrate::Migrator;

use crate::domain::calendar::Calendar;
use crate::domain::county::County;
use crate::domain::member_unit::MemberUnit;
use crate::domain::ruleset::Ruleset;
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::domain::zone::Zone;

/// The registry's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Rows of one INSERT: 500 × 10 values stay below the limits of SQLite (32,766) and PostgreSQL (65,535).
const ROWS: usize = 500;

/// A domain type that is kept as a document.
pub trait Document: Serialize + DeserializeOwned + Clone + Send + Sync + Unpin + 'static {
    /// The collection, as resource names spell it.
    const COLLECTION: &'static str;

    /// Whether it has closed, left or withdrawn.
    fn ended(&self) -> bool {
        false
    }

    /// The town that lists choose by.
    fn town(&self) -> Option<&str> {
        None
    }

    /// The stage that lists choose by.
    fn stage(&self) -> &'static str {
        ""
    }
}

impl Document for County {
    const COLLECTION: &'static str = "counties";
}

impl Document for Town {
    const COLLECTION: &'static str = "towns";
}

impl Document for Calendar {
    const COLLECTION: &'static str = "calendars";
}

impl Document for Ruleset {
    const COLLECTION: &'static str = "rulesets";
}

impl Document for Zone {
    const COLLECTION: &'static str = "zones";
}

impl Document for MemberUnit {
    const COLLECTION: &'static str = "memberUnits";

    fn ended(&self) -> bool {
        self.withdrawn_us.is_some()
    }
}

impl Document for Supervisor {
    const COLLECTION: &'static str = "supervisors";

    fn ended(&self) -> bool {
        !self.is_in_office()
    }
}

impl Document for School {
    const COLLECTION: &'static str = "schools";

    fn ended(&self) -> bool {
        !self.is_open()
    }

    fn town(&self) -> Option<&str> {
        Some(&self.town)
            .filter(|town| !town.is_empty())
            .map(String::as_str)
    }

    fn stage(&self) -> &'static str {
        self.stage.zh()
    }
}

/// A document with its place in the registry and its history.
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
        }
    }

    /// The next version of it, as of this transaction.
    #[must_use]
    pub fn changed(self, tx: &Tx, content: T) -> Self {
        Self {
            version: self.version.next(),
            updated_us: tx.now_us(),
            content,
            ..self
        }
    }

    /// Its full name.
    pub fn name(&self) -> String {
        name::<T>(&self.county, &self.code)
    }
}

/// The full name of a resource: `counties/140525/schools/3114000123`.
pub fn name<T: Document>(county: &str, code: &str) -> String {
    if T::COLLECTION == County::COLLECTION {
        format!("counties/{code}")
    } else {
        format!("counties/{county}/{}/{code}", T::COLLECTION)
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
    /// Only this town; "" means all.
    pub town: &'a str,
    /// Only these stages, each in commas, such as `,小学,`; "" means all.
    pub stages: Cow<'a, str>,
    /// How many at the most.
    pub limit: i64,
}

#[derive(sqlx::FromRow)]
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
            content: serde_json::from_str(&self.content).map_err(Error::internal)?,
            county: self.county,
            code: self.code,
            version: Version(self.version),
            created_us: self.created_us,
            updated_us: self.updated_us,
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

/// Lists them in the order of county and code.
pub async fn list<T: Document>(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Record<T>>> {
    let (county, code) = filter
        .after
        .map_or(("", ""), |(county, code)| (county, code));
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, code, version, created_us, updated_us, content FROM records \
             WHERE collection = $1 AND (county, code) > ($2, $3) \
             AND substr(county, 1, length($4)) = $4 AND substr(county, 1, length($5)) = $5 \
             AND ($6 OR NOT ended) AND ($7 = '' OR town = $7) \
             AND ($8 = '' OR replace($8, ',' || stage || ',', '') <> $8) \
             ORDER BY county, code LIMIT $9",
        )
        .bind(T::COLLECTION)
        .bind(county)
        .bind(code)
        .bind(filter.reach)
        .bind(filter.county)
        .bind(filter.ended)
        .bind(filter.town)
        .bind(filter.stages.as_ref())
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

/// Writes records: a first version where there was none, or a next one in place of the version before it. STALE_ETAG if
/// one of them is neither.
pub async fn put<T: Document>(tx: &mut Tx, records: &[Record<T>]) -> Result<()> {
    for chunk in records.chunks(ROWS) {
        let contents: Vec<_> = chunk
            .iter()
            .map(|record| serde_json::to_string(&record.content).map_err(Error::internal))
            .collect::<Result<_>>()?;
        let met = on!(tx, |conn| {
            QueryBuilder::new(
                "INSERT INTO records \
                 (county, collection, code, version, created_us, updated_us, ended, town, stage, content) ",
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
                    .push_bind(record.content.town().unwrap_or_default())
                    .push_bind(record.content.stage())
                    .push_bind(content);
            })
            .push(
                " ON CONFLICT (county, collection, code) DO UPDATE SET version = excluded.version, \
                 updated_us = excluded.updated_us, ended = excluded.ended, town = excluded.town, \
                 stage = excluded.stage, content = excluded.content \
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

/// Takes every zone of a county away, to make room for others. Only zones go: their events keep them.
pub async fn clear_zones(tx: &mut Tx, county: &str) -> Result<()> {
    dudao_platform::execute!(
        tx,
        "DELETE FROM records WHERE county = $1 AND collection = $2",
        county,
        Zone::COLLECTION
    )?;
    Ok(())
}
