//! Rows of the register and of frozen copies. Each service that issues documents has these tables.

use dudao_platform::{Result, Tx, execute, on};

use crate::{Form, Kind};

/// The next number of a register.
pub async fn next(tx: &mut Tx, county: &str, kind: Kind, year: i32) -> Result<i32> {
    let (last,): (i32,) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT coalesce(max(serial), 0) FROM document_numbers WHERE county = $1 AND kind = $2 AND year = $3",
        )
        .bind(county)
        .bind(kind.zh())
        .bind(year)
        .fetch_one(conn)
        .await
    })?;
    Ok(last + 1)
}

/// The number that a document has in the register, if it has one.
pub async fn of(tx: &mut Tx, county: &str, document: &str) -> Result<Option<i32>> {
    let found: Option<(i32,)> = on!(tx, |conn| {
        sqlx::query_as("SELECT serial FROM document_numbers WHERE county = $1 AND document = $2")
            .bind(county)
            .bind(document)
            .fetch_optional(conn)
            .await
    })?;
    Ok(found.map(|(serial,)| serial))
}

/// Takes a number for a document.
pub async fn take(
    tx: &mut Tx,
    county: &str,
    kind: Kind,
    (year, serial): (i32, i32),
    document: &str,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO document_numbers (county, kind, year, serial, document) VALUES ($1, $2, $3, $4, $5)",
        county,
        kind.zh(),
        year,
        serial,
        document,
    )?;
    Ok(())
}

/// Keeps a document's copies for good.
pub async fn freeze(
    tx: &mut Tx,
    county: &str,
    document: &str,
    copies: Vec<(Form, Vec<u8>)>,
) -> Result<()> {
    for (form, content) in copies {
        execute!(
            tx,
            "INSERT INTO document_copies (county, document, form, content) VALUES ($1, $2, $3, $4)",
            county,
            document,
            form.zh(),
            content.as_slice(),
        )?;
    }
    Ok(())
}

/// A copy's content.
pub async fn copy(
    tx: &mut Tx,
    county: &str,
    document: &str,
    form: Form,
) -> Result<Option<Vec<u8>>> {
    let found: Option<(Vec<u8>,)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT content FROM document_copies WHERE county = $1 AND document = $2 AND form = $3",
        )
        .bind(county)
        .bind(document)
        .bind(form.zh())
        .fetch_optional(conn)
        .await
    })?;
    Ok(found.map(|(content,)| content))
}

/// How often a record was written by now.
pub async fn version(
    tx: &mut Tx,
    county: &str,
    collection: &str,
    code: &str,
) -> Result<Option<i64>> {
    let found: Option<(i64,)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT version FROM records WHERE county = $1 AND collection = $2 AND code = $3",
        )
        .bind(county)
        .bind(collection)
        .bind(code)
        .fetch_optional(conn)
        .await
    })?;
    Ok(found.map(|(version,)| version))
}
