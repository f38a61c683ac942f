//! Plans without their heavy parts.

use dudao_platform::{Error, Result, Tx, document, etag, execute, on};

use super::{json, parse};
use crate::domain::lifecycle::State;
use crate::domain::plan::{Figures, Key, Kind, Plan, Report};

/// Reads [`Row`]s. By name: PostgreSQL refuses a prepared `SELECT *` from the moment that a newer release adds a column.
macro_rules! plans {
    ($rest:literal) => {
        concat!(
            "SELECT p.county, p.kind, p.plan, p.year, p.state, p.limits, p.inputs, p.left_out, p.report, p.created_us, p.updated_us, \
             p.version, s.figures FROM plans p JOIN solves s ON s.county = p.county AND s.kind = p.kind AND s.plan = p.plan ",
            $rest
        )
    };
}

/// A row, with the live figures of its solve.
#[derive(sqlx::FromRow)]
struct Row {
    county: String,
    kind: String,
    plan: String,
    year: i64,
    state: String,
    limits: String,
    inputs: String,
    left_out: String,
    report: String,
    created_us: i64,
    updated_us: i64,
    version: i64,
    figures: String,
}

impl Row {
    fn plan(self) -> Result<Plan> {
        let unknown = |what: &str| Error::internal(format!("a plan with the {what} was stored"));
        let state = State::parse(&self.state).ok_or_else(|| unknown(&self.state))?;
        let kind = Kind::parse(&self.kind).ok_or_else(|| unknown(&self.kind))?;
        let mut report: Report = parse(&self.report)?;
        if !state.solved() {
            report.figures = parse::<Figures>(&self.figures)?;
        }
        Ok(Plan {
            key: Key {
                county: self.county,
                kind,
                plan: self.plan,
            },
            year: self.year as i32,
            state,
            limits: parse(&self.limits)?,
            inputs: self.inputs,
            left_out: parse(&self.left_out)?,
            report,
            created_us: self.created_us,
            updated_us: self.updated_us,
            version: self.version,
        })
    }
}

/// Adds a plan.
pub async fn insert(tx: &mut Tx, plan: &Plan) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO plans (county, kind, plan, year, state, limits, inputs, left_out, report, created_us, updated_us, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &plan.key.county,
        plan.key.kind.key(),
        &plan.key.plan,
        i64::from(plan.year),
        plan.state.as_str(),
        json(&plan.limits)?,
        &plan.inputs,
        json(&plan.left_out)?,
        json(&plan.report)?,
        plan.created_us,
        plan.updated_us,
        plan.version,
    )?;
    Ok(())
}

/// One plan.
pub async fn get(tx: &mut Tx, key: &Key) -> Result<Plan> {
    let row: Option<Row> = on!(tx, |conn| {
        sqlx::query_as(plans!(
            "WHERE p.county = $1 AND p.kind = $2 AND p.plan = $3"
        ))
        .bind(&key.county)
        .bind(key.kind.key())
        .bind(&key.plan)
        .fetch_optional(conn)
        .await
    })?;
    row.ok_or_else(|| Error::not_found(key.name()))?.plan()
}

/// Which plans a list shows.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// Their kind.
    pub kind: Kind,
    /// A county's code, or the beginning of those of several.
    pub county_prefix: &'a str,
    /// Their states; none means all.
    pub states: &'a [State],
    /// Only plans older than this one; none begins with the newest.
    pub before: Option<&'a str>,
    /// The most of them.
    pub limit: i64,
}

/// Plans, newest first.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Plan>> {
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let states = if states.is_empty() {
        String::new()
    } else {
        format!(",{},", states.join(","))
    };
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(plans!(
            "WHERE p.kind = $1 AND p.county >= $2 AND p.county < $2 || ':' AND ($3 = '' OR p.plan < $3) \
             AND ($4 = '' OR replace($4, ',' || p.state || ',', '') <> $4) \
             ORDER BY p.plan DESC LIMIT $5"
        ))
        .bind(filter.kind.key())
        .bind(filter.county_prefix)
        .bind(filter.before.unwrap_or_default())
        .bind(states)
        .bind(filter.limit)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Row::plan).collect()
}

/// The plan in force of a county and year; a zoning plan's year is 0.
pub async fn in_force(tx: &mut Tx, county: &str, kind: Kind, year: i32) -> Result<Option<Plan>> {
    let row: Option<Row> = on!(tx, |conn| {
        sqlx::query_as(plans!(
            "WHERE p.county = $1 AND p.kind = $2 AND p.year = $3 AND p.state = 'active'"
        ))
        .bind(county)
        .bind(kind.key())
        .bind(i64::from(year))
        .fetch_optional(conn)
        .await
    })?;
    row.map(Row::plan).transpose()
}

/// Stores a plan's new state and report, if it is still as it was read; gives it its next version.
pub async fn update(tx: &mut Tx, plan: &mut Plan) -> Result<()> {
    let now_us = tx.now_us();
    let stored: Option<String> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT report FROM plans WHERE county = $1 AND kind = $2 AND plan = $3")
            .bind(&plan.key.county)
            .bind(plan.key.kind.key())
            .bind(&plan.key.plan)
            .fetch_optional(conn)
            .await
    })?;
    let stored = stored.ok_or_else(|| Error::not_found(plan.key.name()))?;
    let report = document::rewritten(&stored, &parse::<Report>(&stored)?, &plan.report)?;
    let met = execute!(
        tx,
        "UPDATE plans SET state = $1, report = $2, updated_us = $3, version = version + 1 \
         WHERE county = $4 AND kind = $5 AND plan = $6 AND version = $7",
        plan.state.as_str(),
        report,
        now_us,
        &plan.key.county,
        plan.key.kind.key(),
        &plan.key.plan,
        plan.version,
    )?;
    etag::ensure_affected(met, &plan.key.name())?;
    plan.version += 1;
    plan.updated_us = now_us;
    Ok(())
}
