//! Every question that the contract knows, asked of a PostgreSQL with the data of a province: the server tells the plan of each statement,
//! and none reads a large table from end to end.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::time::Duration;

use dudao_platform::testing::{Cluster, Scratch};
use dudao_tests::contract::{names, rpcs};
use dudao_tests::{House, county};
use prost::Message as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, raw_sql};

const SERVICES: [&str; 4] = ["registry", "inspection", "accountability", "scheduler"];
/// Statements that read all of a table because all of it is what they are asked for.
const WHOLE: [&str; 1] = [
    // Of every county, once a minute at the most: `overdue.rs`.
    "FROM ledger GROUP BY county",
];

/// What fifty other counties would have, made of what is there. `$s` is a schema.
const OTHERS: [(&str, &str); 7] = [
    (
        "records",
        "INSERT INTO $s.records (county, collection, code, version, created_us, updated_us, ended, place, kind, subject, day, content) \
         SELECT (900000 + n % 50)::text, collection, 'x' || n, 1, created_us, updated_us, ended, place, kind, \
         replace(subject, '140525', (900000 + n % 50)::text), day, content \
         FROM (SELECT DISTINCT ON (collection) * FROM $s.records) AS one, \
         generate_series(1, 40000 / (SELECT count(DISTINCT collection) FROM $s.records)) AS n",
    ),
    (
        "events",
        "INSERT INTO $s.events (sequence, id, kind, resource, county, actor, time_us, type_url, payload, previous_hash, hash, \
         on_behalf_of, method, request_id, before_url, before_state, county_sequence, county_hash) \
         SELECT top + n, 'x' || n, kind, resource, (900000 + n % 50)::text, actor, time_us + n, type_url, payload, previous_hash, hash, \
         on_behalf_of, method, request_id, before_url, before_state, n, county_hash \
         FROM (SELECT *, (SELECT max(sequence) FROM $s.events) AS top FROM $s.events LIMIT 1) AS one, generate_series(1, 50000) AS n",
    ),
    (
        "requests",
        "INSERT INTO $s.requests (county, request, request_id, request_hash, response, created_us) \
         SELECT (900000 + n % 50)::text, 'x', 'x' || n, '', '', n FROM generate_series(1, 50000) AS n",
    ),
    (
        "ledger",
        "INSERT INTO $s.ledger SELECT (900000 + n % 50)::text, 'x' || n, finding, at, town, unit, state, due, settled, title, unit_name, \
         severity, urged, officer, published, result FROM (SELECT * FROM $s.ledger LIMIT 1) AS one, generate_series(1, 50000) AS n",
    ),
    (
        "plans",
        "INSERT INTO $s.plans (county, kind, plan, year, state, limits, inputs, left_out, report, created_us, updated_us, version) \
         SELECT (900000 + n % 50)::text, CASE n % 2 WHEN 0 THEN 'zoning_plan' ELSE 'year_plan' END, 'x' || n, 2026, 'SUPERSEDED', \
         '{}', '{}', '{}', '{}', n, n, 1 FROM generate_series(1, 20000) AS n",
    ),
    (
        "solves",
        "INSERT INTO $s.solves (county, kind, plan, open, problem, solution, figures, holder, lease_until_us, cancelled) \
         SELECT (900000 + n % 50)::text, CASE n % 2 WHEN 0 THEN 'zoning_plan' ELSE 'year_plan' END, 'x' || n, FALSE, '', '', '{}', '', 0, \
         FALSE FROM generate_series(1, 20000) AS n",
    ),
    (
        "incumbents",
        "INSERT INTO $s.incumbents (plan, number, figures) SELECT 'x' || n, 1, '{}' FROM generate_series(1, 50000) AS n",
    ),
];

/// Fills every table that is there with others' data, and has the server tell its plans from then on.
async fn fill(url: &str) -> usize {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let mut filled = 0;
    for service in SERVICES {
        for (table, statement) in OTHERS {
            let there: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = $2)",
            )
            .bind(service)
            .bind(table)
            .fetch_one(&mut conn)
            .await
            .unwrap();
            if there {
                let statement = statement.replace("$s", service);
                let done = conn
                    .execute(raw_sql(AssertSqlSafe(statement)))
                    .await
                    .unwrap();
                filled += usize::from(done.rows_affected() >= 20_000);
            }
        }
    }
    let database = url.split(['/', '?']).nth(3).unwrap();
    let settings = format!(
        "ANALYZE; ALTER DATABASE {database} SET session_preload_libraries = 'auto_explain'; \
         ALTER DATABASE {database} SET auto_explain.log_min_duration = 0; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    );
    for statement in settings.split("; ") {
        let statement = AssertSqlSafe(statement.to_owned());
        conn.execute(raw_sql(statement)).await.unwrap();
    }
    filled
}

/// Statements of a log whose plan reads a large table from end to end.
fn read_from_end_to_end(log: &str) -> Vec<&str> {
    let tables: Vec<_> = OTHERS
        .iter()
        .map(|(table, _)| format!("Seq Scan on {table} "))
        .collect();
    let told = log.split("Query Text: ").skip(1);
    let wrong = told.filter(|told| tables.iter().any(|scan| told.contains(scan)));
    wrong
        .filter(|told| !WHOLE.iter().any(|statement| told.contains(statement)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_question_of_a_county_reads_a_table_of_the_province_from_end_to_end() {
    let scratch = Scratch::postgres("registry", &dudao_registry::MIGRATIONS).await;
    let url = scratch.url.clone();
    let house = House::on(scratch).await;
    county::settle(&house).await;
    let known = names(&house.link, "140525").await;
    let filled = fill(&url).await;
    // Events and requests of four services, records of three, the ledger, plans, solves and incumbents.
    assert_eq!(filled, 15, "not every table is large");
    tokio::time::sleep(Duration::from_millis(500)).await;

    let pick = |collection: &str| {
        let names: &BTreeMap<String, Vec<String>> = &known;
        let found = names.get(collection).and_then(|names| names.first());
        found.map_or_else(|| format!("counties/140525/{collection}/x"), Clone::clone)
    };
    let own = |collection: &str| vec![pick(collection)];
    let supervisor = own("supervisors");
    let school = own("schools");
    let callers = [
        house.caller("规划", &["planner", "chief_supervisor"], "140525", &[]),
        house.caller("督学", &["supervisor"], "140525", &[&*supervisor[0]]),
        house.caller("学校", &["school"], "140525", &[&*school[0]]),
        house.caller("省里", &["superior_reader", "auditor"], "14", &[]),
    ];
    let mut asked = 0;
    let questions = rpcs().into_iter().filter(|rpc| {
        let input = rpc.method.input();
        input.get_field_by_name("request_id").is_none() && !rpc.path.contains(".auth.")
    });
    for rpc in questions {
        let message = rpc.request("140525", &pick).encode_to_vec();
        for caller in &callers {
            asked += usize::from(rpc.call(caller, message.clone()).await.is_ok());
        }
    }
    assert!(asked > 100, "only {asked} questions were answered");

    let cluster = Cluster::shared().await;
    let log = cluster.log();
    let told = log.matches("Query Text: ").count();
    assert!(
        told > asked,
        "the server tells {told} plans of {asked} questions"
    );
    let wrong = read_from_end_to_end(&log);
    let mut once: Vec<_> = wrong
        .iter()
        .map(|told| told.split("\n20").next().unwrap())
        .collect();
    once.sort_unstable();
    once.dedup_by_key(|told| told.lines().next().unwrap().to_owned());
    assert!(
        once.is_empty(),
        "{} statements:\n{}",
        once.len(),
        once.join("\n")
    );

    // One that does is noticed.
    let mut conn = PgConnection::connect(&url).await.unwrap();
    conn.execute("SELECT count(*) FROM registry.records WHERE content LIKE '%x%'")
        .await
        .unwrap();
    assert_eq!(read_from_end_to_end(&cluster.log()).len(), 1);
}
