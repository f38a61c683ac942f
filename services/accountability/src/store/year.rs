//! The cases that may show something of a year.

use dudao_platform::document::{Document as _, name};
use dudao_platform::{Error, Result, Tx, on};

use crate::domain::case::Case;

/// Cases by their names: opened no later than the year's last day and written since its first instant.
pub async fn cases(
    tx: &mut Tx,
    county: &str,
    last_day: &str,
    since_us: i64,
) -> Result<Vec<(String, Case)>> {
    let rows: Vec<(String, String)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT code, content FROM records \
             WHERE county = $1 AND collection = $2 AND day <= $3 AND updated_us >= $4 ORDER BY code",
        )
        .bind(county)
        .bind(Case::COLLECTION)
        .bind(last_day)
        .bind(since_us)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter()
        .map(|(code, content)| {
            let case = serde_json::from_str(&content).map_err(Error::internal)?;
            Ok((name::<Case>(county, &code), case))
        })
        .collect()
}
