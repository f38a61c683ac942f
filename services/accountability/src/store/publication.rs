//! What the public may read of findings: columns that hold no person.

use dudao_platform::{Result, Tx, on};
use sqlx::QueryBuilder;

/// A published result.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PublishedResult {
    /// The case's code.
    pub case_code: String,
    /// Its place in the case.
    pub at: i64,
    /// What the unit is called.
    pub unit_name: String,
    /// The town.
    pub town: String,
    /// What was wrong.
    pub title: String,
    /// What was done, in words for the public.
    pub result: String,
    /// When it was published.
    pub published: String,
}

/// Behind which result a page begins: day, case, place.
pub type Key = (String, String, i64);

/// A page, the newest first.
pub async fn results(
    tx: &mut Tx,
    county: &str,
    (town, unit): (&str, &str),
    after: Option<&Key>,
    limit: i64,
) -> Result<Vec<PublishedResult>> {
    on!(tx, |conn| {
        let mut query = QueryBuilder::new(
            "SELECT case_code, at, unit_name, town, title, result, published FROM ledger WHERE published > '' AND county = ",
        );
        query.push_bind(county);
        if !town.is_empty() {
            query.push(" AND town = ").push_bind(town);
        }
        if !unit.is_empty() {
            query.push(" AND unit = ").push_bind(unit);
        }
        if let Some((published, case, at)) = after {
            query
                .push(" AND (published, case_code, at) < (")
                .push_bind(published)
                .push(", ")
                .push_bind(case)
                .push(", ")
                .push_bind(*at)
                .push(")");
        }
        query
            .push(" ORDER BY published DESC, case_code DESC, at DESC LIMIT ")
            .push_bind(limit);
        query.build_query_as().fetch_all(conn).await
    })
}
