//! The moments of limits that were told of.

use dudao_platform::document::{Document as _, Filter, Record, list};
use dudao_platform::{Result, Tx, execute, on};

use super::ledger::Row;
use crate::domain::case::Case;
use crate::domain::commendation::Commendation;
use crate::domain::decision::AccountabilityDecision;
use crate::domain::reminder::ReminderKind;

/// How many documents are read at a time.
const PAGE: i64 = 500;

/// The counties that have anything that may be due.
pub async fn counties(tx: &mut Tx) -> Result<Vec<String>> {
    on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT DISTINCT county FROM records WHERE collection IN ($1, $2, $3) ORDER BY county",
        )
        .bind(Case::COLLECTION)
        .bind(AccountabilityDecision::COLLECTION)
        .bind(Commendation::COLLECTION)
        .fetch_all(conn)
        .await
    })
}

/// Findings whose limit lies no later than a day, and of which a moment was not told yet.
pub async fn untold(
    tx: &mut Tx,
    county: &str,
    moment: ReminderKind,
    until: &str,
    limit: i64,
) -> Result<Vec<Row>> {
    on!(tx, |conn| {
        sqlx::query_as(
            "SELECT case_code, finding, at, town, unit, state, due, title, unit_name, severity, urged, officer FROM ledger \
             WHERE county = $1 AND due > '' AND due <= $2 AND NOT EXISTS (\
                 SELECT 1 FROM reminders WHERE reminders.county = ledger.county AND resource = case_code \
                 AND matter = finding AND reminders.due = ledger.due AND moment = $3) \
             ORDER BY due, case_code, at LIMIT $4",
        )
        .bind(county)
        .bind(until)
        .bind(moment.zh())
        .bind(limit)
        .fetch_all(conn)
        .await
    })
}

/// Notes that a moment was told of; `false` if it was noted before.
pub async fn tell(
    tx: &mut Tx,
    county: &str,
    (resource, matter, due): (&str, &str, &str),
    moment: ReminderKind,
) -> Result<bool> {
    let now_us = tx.now_us();
    let met = execute!(
        tx,
        "INSERT INTO reminders (county, resource, matter, due, moment, fell_us) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (county, resource, matter, due, moment) DO NOTHING",
        county,
        resource,
        matter,
        due,
        moment.zh(),
        now_us,
    )?;
    Ok(met == 1)
}

/// Every document of a county that has not ended: few, for what has clocks is under way.
async fn under_way<T: dudao_platform::document::Document>(
    tx: &mut Tx,
    county: &str,
) -> Result<Vec<Record<T>>> {
    let mut all: Vec<Record<T>> = Vec::new();
    loop {
        let after = all
            .last()
            .map(|last| (last.county.clone(), last.code.clone()));
        let filter = Filter {
            county,
            after: after.as_ref(),
            limit: PAGE,
            ..Filter::default()
        };
        let page = list::<T>(tx, &filter).await?;
        let more = page.len() as i64 == PAGE;
        all.extend(page);
        if !more {
            return Ok(all);
        }
    }
}

/// Accountability decisions that are under way.
pub async fn decisions(tx: &mut Tx, county: &str) -> Result<Vec<Record<AccountabilityDecision>>> {
    under_way(tx, county).await
}

/// Commendations that are not decided.
pub async fn commendations(tx: &mut Tx, county: &str) -> Result<Vec<Record<Commendation>>> {
    under_way(tx, county).await
}
