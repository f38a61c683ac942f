//! The ledger: a row for every finding.

use dudao_platform::document::Record;
use dudao_platform::{Result, Tx, execute, on};
use sqlx::{Database, Encode, QueryBuilder, Type};

use crate::domain::case::Case;
use crate::domain::finding::FindingState;

/// Rows of one INSERT: 500 × 16 values stay below the limits of SQLite (32,766) and PostgreSQL (65,535).
const ROWS: usize = 500;

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// The case's code.
    pub case_code: String,
    /// The finding's identity.
    pub finding: String,
    /// Its place in the case.
    pub at: i64,
    /// The town of the unit.
    pub town: String,
    /// The unit's name.
    pub unit: String,
    /// Where it stands, in Chinese.
    pub state: String,
    /// By when it must be put right; "" while undecided or done.
    pub due: String,
    /// What is wrong.
    pub title: String,
    /// What the unit is called.
    pub unit_name: String,
    /// How grave it is, in Chinese.
    pub severity: String,
    /// Urging letters.
    pub urged: i64,
    /// Who decided the limit.
    pub officer: String,
}

/// Behind which row a page begins: due, case, place.
pub type Key = (String, String, i64);

/// What a page of the ledger is to show.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// The county's code.
    pub county: &'a str,
    /// Only in this town; "" means all.
    pub town: &'a str,
    /// Only of this unit; "" means all.
    pub unit: &'a str,
    /// Only of one of these units; none means all.
    pub units: Option<&'a [String]>,
    /// Only what this officer decided; "" means all.
    pub officer: &'a str,
    /// Only in this state; none means all.
    pub state: Option<FindingState>,
    /// Only those that are not settled.
    pub unresolved: bool,
    /// Only due from this day on; "" means all, those without a limit too.
    pub from: String,
    /// Only due up to this day; "" means all.
    pub until: String,
    /// Behind this row.
    pub after: Option<&'a Key>,
    /// How many at the most.
    pub limit: i64,
}

/// Writes the rows of cases in place of those before.
pub async fn put(tx: &mut Tx, cases: &[Record<Case>]) -> Result<()> {
    for case in cases {
        execute!(
            tx,
            "DELETE FROM ledger WHERE county = $1 AND case_code = $2",
            &case.county,
            &case.code
        )?;
    }
    let rows: Vec<_> = cases
        .iter()
        .flat_map(|case| {
            case.content
                .findings
                .iter()
                .enumerate()
                .map(move |(at, one)| (case, at as i64, one))
        })
        .collect();
    for chunk in rows.chunks(ROWS) {
        on!(tx, |conn| {
            QueryBuilder::new(
                "INSERT INTO ledger (county, case_code, finding, at, town, unit, state, due, settled, title, unit_name, severity, urged, officer, published, result) ",
            )
            .push_values(chunk, |mut values, (case, at, one)| {
                values
                    .push_bind(&case.county)
                    .push_bind(&case.code)
                    .push_bind(&one.finding)
                    .push_bind(*at)
                    .push_bind(&case.content.town)
                    .push_bind(&case.content.unit)
                    .push_bind(one.state.zh())
                    .push_bind(due(one.state, one.limit_date))
                    .push_bind(one.is_settled())
                    .push_bind(&one.title)
                    .push_bind(&case.content.unit_name)
                    .push_bind(one.severity.zh())
                    .push_bind(case.content.urged(&one.finding) as i64)
                    .push_bind(case.content.officer_of(one))
                    .push_bind(one.published().map(|it| it.date.to_string()).unwrap_or_default())
                    .push_bind(one.published().map_or("", |it| it.text.as_str()));
            })
            .build()
            .execute(conn)
            .await
            .map(drop)
        })?;
    }
    Ok(())
}

/// The limit that still runs or has passed: none once the unit has reported and nothing was found wanting.
fn due(state: FindingState, limit: Option<chrono::NaiveDate>) -> String {
    match state {
        FindingState::Decided | FindingState::Insufficient => {
            limit.map(|day| day.to_string()).unwrap_or_default()
        }
        FindingState::Open
        | FindingState::Reported
        | FindingState::Passed
        | FindingState::Published
        | FindingState::Closed
        | FindingState::Sustained
        | FindingState::Reopened
        | FindingState::Withdrawn => String::new(),
    }
}

/// Asks for rows of these units only. The county's other rows are not read: each unit is looked up by its index.
fn among<DB>(query: &mut QueryBuilder<DB>, units: Option<&[String]>)
where
    DB: Database,
    for<'a> &'a str: Encode<'a, DB> + Type<DB>,
{
    let Some(units) = units else { return };
    // PostgreSQL knows no empty list.
    if units.is_empty() {
        query.push(" AND 1 = 0");
        return;
    }
    query.push(" AND unit IN (");
    let mut names = query.separated(", ");
    for unit in units {
        names.push_bind(unit.as_str());
    }
    query.push(")");
}

/// Puts the filters of a page into a statement, those that are set and no other, so that each uses its index.
macro_rules! page_of {
    ($query:ident, $filter:ident) => {
        $query.push_bind($filter.county);
        if !$filter.town.is_empty() {
            $query.push(" AND town = ").push_bind($filter.town);
        }
        if !$filter.unit.is_empty() {
            $query.push(" AND unit = ").push_bind($filter.unit);
        }
        among(&mut $query, $filter.units);
        if !$filter.officer.is_empty() {
            $query.push(" AND officer = ").push_bind($filter.officer);
        }
        if let Some(state) = $filter.state {
            $query.push(" AND state = ").push_bind(state.zh());
        }
        if $filter.unresolved {
            $query.push(" AND NOT settled");
        }
        if !$filter.from.is_empty() {
            $query.push(" AND due >= ").push_bind(&$filter.from);
        }
        if !$filter.until.is_empty() {
            $query.push(" AND due <= ").push_bind(&$filter.until);
        }
        if let Some((due, case, at)) = $filter.after {
            $query
                .push(" AND (due, case_code, at) > (")
                .push_bind(due)
                .push(", ")
                .push_bind(case)
                .push(", ")
                .push_bind(*at)
                .push(")");
        }
        $query
            .push(" ORDER BY due, case_code, at LIMIT ")
            .push_bind($filter.limit);
    };
}

/// A page in the order of limit, case and place.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Row>> {
    on!(tx, |conn| {
        let mut query = QueryBuilder::new(
            "SELECT case_code, finding, at, town, unit, state, due, title, unit_name, severity, urged, officer FROM ledger WHERE county = ",
        );
        page_of!(query, filter);
        query.build_query_as().fetch_all(conn).await
    })
}

/// How PostgreSQL intends to find a page, for a test that no question reads the whole table. (SQLite's `EXPLAIN` has another
/// form, and is refused.)
pub async fn explain(tx: &mut Tx, filter: &Filter<'_>) -> Result<String> {
    let lines: Vec<(String,)> = on!(tx, |conn| {
        let mut query = QueryBuilder::new(
            "EXPLAIN SELECT case_code, finding, at, town, unit, state, due, title, unit_name, severity, urged, officer FROM ledger WHERE county = ",
        );
        page_of!(query, filter);
        query.build_query_as().fetch_all(conn).await
    })?;
    Ok(lines.into_iter().map(|(line,)| line + "\n").collect())
}

/// Findings of a town: how many, how many unresolved, how many overdue on a day.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TownTotal {
    /// The town.
    pub town: String,
    /// In all.
    pub findings: i64,
    /// Not settled.
    pub unresolved: i64,
    /// Whose limit has passed.
    pub overdue: i64,
}

/// Totals by town, of these units or of all.
pub async fn by_town(
    tx: &mut Tx,
    county: &str,
    units: Option<&[String]>,
    today: &str,
) -> Result<Vec<TownTotal>> {
    on!(tx, |conn| {
        let mut query = QueryBuilder::new(
            "SELECT town, COUNT(*) AS findings, COUNT(CASE WHEN NOT settled THEN 1 END) AS unresolved, \
             COUNT(CASE WHEN due <> '' AND due < ",
        );
        query
            .push_bind(today)
            .push(" THEN 1 END) AS overdue FROM ledger WHERE county = ")
            .push_bind(county);
        among(&mut query, units);
        query.push(" GROUP BY town ORDER BY town");
        query.build_query_as().fetch_all(conn).await
    })
}

/// Totals by state, in Chinese, of these units or of all.
pub async fn by_state(
    tx: &mut Tx,
    county: &str,
    units: Option<&[String]>,
) -> Result<Vec<(String, i64)>> {
    on!(tx, |conn| {
        let mut query = QueryBuilder::new("SELECT state, COUNT(*) FROM ledger WHERE county = ");
        query.push_bind(county);
        among(&mut query, units);
        query.push(" GROUP BY state ORDER BY state");
        query.build_query_as().fetch_all(conn).await
    })
}

/// Of each county that has a ledger, how many findings are not settled, and how many are overdue on a day.
pub async fn by_county(tx: &mut Tx, today: &str) -> Result<Vec<(String, i64, i64)>> {
    on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, COUNT(CASE WHEN NOT settled THEN 1 END), COUNT(CASE WHEN due <> '' AND due < $1 THEN 1 END) \
             FROM ledger GROUP BY county",
        )
        .bind(today)
        .fetch_all(conn)
        .await
    })
}
