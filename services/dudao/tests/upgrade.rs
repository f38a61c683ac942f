//! A rolling upgrade: the tables are those of a release to come, and servers of both releases write to them. The older one is this binary;
//! the newer one is a registry that knows one migration more, and whatever else it would write is written into the tables by hand.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::{Duration, Instant};

use common::served::Served;
use common::{Desk, county};
use dudao_chancery::Press;
use dudao_platform::Clock;
use dudao_platform::context::Context;
use dudao_platform::db::{Migrator, Opening, Upkeep};
use dudao_platform::events::{self, NewEvent};
use dudao_platform::lifecycle::{self, Shutdown};
use dudao_platform::rpc::{Fault, Gate, Link, Server};
use dudao_platform::testing::Cluster;
use dudao_proto::registry::v1::school_service_client::SchoolServiceClient;
use dudao_proto::registry::v1::{
    CreateSchoolRequest, GetSchoolRequest, ListSchoolsRequest, Place, School, Stage,
    UpdateSchoolRequest,
};
use dudao_proto::scheduler::v1 as scheduler;
use prost::Name;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use scheduler::{PlanState, SolveLimits, ZoningPlan};
use sqlx::migrate::{Migration, MigrationType};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _};
use tonic::Code;

const COUNTY: &str = "counties/140525";
const SCHOOL: &str = "counties/140525/schools/S00001";
const PATIENCE: Duration = Duration::from_secs(30);

/// What the release to come adds to each service's tables, and to those that all of them have.
const ADDED: [(&str, &str); 4] = [
    (
        "registry",
        "ALTER TABLE records ADD COLUMN region TEXT NOT NULL DEFAULT ''; CREATE INDEX records_by_region ON records (region)",
    ),
    (
        "inspection",
        "ALTER TABLE records ADD COLUMN region TEXT NOT NULL DEFAULT ''",
    ),
    (
        "accountability",
        "ALTER TABLE ledger ADD COLUMN region TEXT NOT NULL DEFAULT ''",
    ),
    (
        "scheduler",
        "ALTER TABLE plans ADD COLUMN region TEXT NOT NULL DEFAULT ''; ALTER TABLE solves ADD COLUMN region TEXT NOT NULL DEFAULT ''",
    ),
];
const ADDED_BELOW: &str = "ALTER TABLE events ADD COLUMN region TEXT NOT NULL DEFAULT ''";
/// Its number: behind all that there are.
const NUMBER: i64 = 1_000;

fn migration(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(
        number,
        name.into(),
        MigrationType::Simple,
        sql.into_sql_str(),
        false,
    )
}

/// A database as whoever looks after it sees it.
struct Tables(PgConnection);

impl Tables {
    async fn of(url: &str) -> Self {
        Self(PgConnection::connect(url).await.expect("a database"))
    }

    async fn run(&mut self, sql: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.0)
            .await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn text(&mut self, sql: &str) -> String {
        let told = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut self.0)
            .await;
        told.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Brings a service's tables a step further.
    async fn migrate(&mut self, service: &str, table: &'static str, step: Migration) {
        self.run(&format!("SET search_path = {service}")).await;
        let mut step = Migrator::with_migrations(vec![step]);
        step.dangerous_set_table_name(table);
        step.set_ignore_missing(true);
        step.run(&mut self.0).await.expect("a migration");
        self.run("SET search_path = public").await;
    }

    /// Brings all of them to the release to come.
    async fn upgrade(&mut self) {
        for (service, sql) in ADDED {
            let step = migration(NUMBER, "adds regions", sql);
            self.migrate(service, "_sqlx_migrations", step).await;
            let step = migration(NUMBER, "adds regions", ADDED_BELOW);
            self.migrate(service, "ground_floor_migrations", step).await;
        }
    }
}

/// A registry of the release to come, and what a test needs to write its events.
struct Newer {
    link: Link,
    context: Context,
}

impl Newer {
    async fn start(url: &str) -> Self {
        let own = dudao_registry::MIGRATIONS.iter().cloned();
        let added = migration(NUMBER, "adds regions", ADDED[0].1);
        let migrations = Migrator::with_migrations(own.chain([added]).collect());
        let opening = Opening {
            upkeep: Upkeep::Check,
            ..Opening::default()
        };
        let shutdown = Shutdown::new();
        let context = Context::open(opening, url, "registry", &migrations, shutdown.clone())
            .await
            .expect("tables of its own release");
        let (others, _) = dudao_platform::rpc::pipe();
        let parts = dudao_registry::build(
            &context,
            others.clone(),
            others.clone(),
            others.clone(),
            Press::default(),
        );
        let gate = Gate::inside(Clock::system());
        let (server, mut tasks) = Server::new(parts, gate).await.expect("a server");
        let (link, task) = server.local(shutdown.clone());
        tasks.push(task);
        tokio::spawn(async move { lifecycle::run(tasks, &shutdown, Duration::from_secs(1)).await });
        Self { link, context }
    }
}

impl Drop for Newer {
    fn drop(&mut self) {
        self.context.shutdown.force();
    }
}

async fn school(link: &Link) -> Result<School, tonic::Status> {
    let name = SCHOOL.to_owned();
    let mut schools = SchoolServiceClient::new(link.clone());
    let asked = schools.get_school(GetSchoolRequest { name });
    Ok(asked.await?.into_inner())
}

/// Reads the school and counts its pupils anew, as whoever works on the page of either console.
async fn count_pupils(link: &Link, pupils: i32) -> Result<School, tonic::Status> {
    let read = school(link).await?;
    let request = UpdateSchoolRequest {
        school: Some(School {
            name: read.name,
            etag: read.etag,
            pupils: Some(pupils),
            ..School::default()
        }),
        ..UpdateSchoolRequest::default()
    };
    let mut schools = SchoolServiceClient::new(link.clone());
    Ok(schools.update_school(request).await?.into_inner())
}

async fn open_school(link: Link, code: String) {
    let request = CreateSchoolRequest {
        parent: COUNTY.to_owned(),
        school_id: code,
        school: Some(School {
            display_name: "新校".to_owned(),
            stage: Stage::Primary.into(),
            place: Some(Place {
                longitude: 112.8,
                latitude: 35.5,
            }),
            ..School::default()
        }),
        ..CreateSchoolRequest::default()
    };
    let created = SchoolServiceClient::new(link).create_school(request).await;
    created.expect("a school");
}

async fn plan(link: &Link) -> ZoningPlan {
    let limits = SolveLimits {
        seconds: 5.0,
        gap: Some(1.0),
        ..SolveLimits::default()
    };
    let request = scheduler::CreateZoningPlanRequest {
        parent: COUNTY.to_owned(),
        zoning_plan: Some(ZoningPlan {
            limits: Some(limits),
            ..ZoningPlan::default()
        }),
        ..scheduler::CreateZoningPlanRequest::default()
    };
    let mut plans = ZoningPlanServiceClient::new(link.clone());
    let name = plans.create_zoning_plan(request).await.expect("a plan");
    let name = name.into_inner().name;
    let since = Instant::now();
    loop {
        let asked = scheduler::GetZoningPlanRequest { name: name.clone() };
        let read = plans.get_zoning_plan(asked).await.expect("a plan");
        let read = read.into_inner();
        if !matches!(read.state(), PlanState::Queued | PlanState::Solving) {
            return read;
        }
        assert!(since.elapsed() < PATIENCE, "{read:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Refused for now, and worth another try: at a server of the newer release.
fn asks_for_a_newer_release<T: std::fmt::Debug>(answer: Result<T, tonic::Status>) {
    let refused = answer.expect_err("it takes a newer release");
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    let fault = Fault::from(&refused);
    assert!(fault.retry_after.is_some(), "{refused:?}");
    assert!(refused.message().contains("newer dudao"), "{refused:?}");
}

/// A school's event as the release to come writes it: with a field that no release before knows.
#[derive(Clone, PartialEq, prost::Message)]
struct SchoolUpdated {
    #[prost(message, optional, tag = "1")]
    school: Option<School>,
    #[prost(string, tag = "99")]
    heating: String,
}

impl Name for SchoolUpdated {
    const NAME: &'static str = "SchoolUpdated";
    const PACKAGE: &'static str = "dudao.registry.v1";
}

/// An event that no release before knows.
#[derive(Clone, PartialEq, prost::Message)]
struct SchoolHeated {}

impl Name for SchoolHeated {
    const NAME: &'static str = "SchoolHeated";
    const PACKAGE: &'static str = "dudao.registry.v1";
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_of_two_releases_write_side_by_side_and_neither_loses_what_the_other_has_written() {
    let url = Cluster::shared().await.create_database().await;
    let desk = Desk::postgres(url.clone());
    county(&desk, 8, 3);
    let older = Served::start(&desk);
    // What it has asked before the tables change it asks again afterwards, over the same connections.
    let first = plan(&older.link()).await;
    assert_eq!(first.state(), PlanState::Proposed, "{first:?}");
    let follow = || desk.ok(&["watch", "registry", "--stop", "-o", "json"]);
    let before = follow().lines().count();

    let mut tables = Tables::of(&url).await;
    tables.upgrade().await;
    let newer = Newer::start(&url).await;
    let second = plan(&older.link()).await;
    assert_eq!(second.state(), PlanState::Proposed, "{second:?}");
    count_pupils(&older.link(), 300).await.expect("an update");
    // A process that dies during the upgrade starts again.
    let again = Served::start(&desk);

    // Both write, to many and to one.
    let links = [older.link(), newer.link.clone(), again.link()];
    let opened = (0..60).map(|n| {
        let link = links[n % links.len()].clone();
        tokio::spawn(open_school(link, format!("W{n}")))
    });
    for one in opened.collect::<Vec<_>>() {
        one.await.expect("a school");
    }
    let records = "registry.records WHERE collection = 'schools' AND code = 'S00001'";
    let write = |change: &str| {
        format!(
            "UPDATE registry.records SET version = version + 1, content = ({change})::text WHERE collection = 'schools' AND code = 'S00001'"
        )
    };
    tables
        .run(&write(
            r#"content::jsonb || '{"heating": {"kind": "集中供暖"}}'"#,
        ))
        .await;
    for (turn, link) in links.iter().cycle().take(9).enumerate() {
        let pupils = 400 + turn as i32;
        let counted = count_pupils(link, pupils).await.expect("an update");
        assert_eq!(counted.pupils, Some(pupils));
    }
    let heating = format!("SELECT content::jsonb #>> '{{heating,kind}}' FROM {records}");
    assert_eq!(tables.text(&heating).await, "集中供暖");

    // A word that the older one does not know is not there for it, and is not taken for another.
    let known = tables.text(&format!("SELECT content FROM {records}")).await;
    tables
        .run(&write(
            r#"jsonb_set(content::jsonb, '{stage}', '"university"')"#,
        ))
        .await;
    asks_for_a_newer_release(school(&older.link()).await);
    let mut schools = SchoolServiceClient::new(older.link());
    let parent = COUNTY.to_owned();
    let all = ListSchoolsRequest {
        parent,
        ..ListSchoolsRequest::default()
    };
    asks_for_a_newer_release(schools.list_schools(all).await);
    tables.run(&write(&format!("'{known}'"))).await;
    school(&older.link()).await.expect("a school");

    // Events of the newer one are followed, and handed on as they are.
    let mut tx = newer.context.db.begin_write().await.expect("a write");
    let told = [
        NewEvent::new(
            "140525",
            SCHOOL,
            "newer",
            &SchoolUpdated {
                school: None,
                heating: "集中供暖".to_owned(),
            },
        ),
        NewEvent::new("140525", SCHOOL, "newer", &SchoolHeated {}),
    ];
    events::append(&mut tx, told).await.expect("events");
    tx.commit().await.expect("events");
    let followed = follow();
    // 60 schools were opened, one was counted ten times, and two things were told.
    assert_eq!(followed.lines().count(), before + 60 + 10 + 2, "{followed}");
    assert!(followed.contains("SchoolHeated"), "{followed}");
    desk.ok(&["audit", "verify"]);

    // What the newer one plans by rules of its own it alone solves and puts in force; others wait for nothing.
    let id = second.name.rsplit('/').next().unwrap_or_default();
    tables
        .run(&format!(
            "UPDATE scheduler.solves SET problem = (problem::jsonb || '{{\"curfew\": 7}}')::text WHERE plan = '{id}'; \
             INSERT INTO scheduler.plans (county, kind, plan, year, state, limits, inputs, left_out, report, created_us, updated_us, version) \
             SELECT county, kind, '0', year, 'queued', limits, inputs, left_out, report, created_us, updated_us, version \
             FROM scheduler.plans WHERE plan = '{id}'; \
             INSERT INTO scheduler.solves (county, kind, plan, open, problem, solution, figures, holder, lease_until_us, cancelled) \
             SELECT county, kind, '0', true, problem, '', figures, '', 0, false FROM scheduler.solves WHERE plan = '{id}'"
        ))
        .await;
    plan(&older.link()).await;
    let waits = "SELECT state FROM scheduler.plans WHERE plan = '0'";
    assert_eq!(tables.text(waits).await, "queued");
    let mut plans = ZoningPlanServiceClient::new(older.link());
    let approve = scheduler::ApproveZoningPlanRequest {
        name: second.name.clone(),
        ..Default::default()
    };
    plans.approve_zoning_plan(approve).await.expect("approved");
    let activate = scheduler::ActivateZoningPlanRequest {
        name: second.name.clone(),
        ..Default::default()
    };
    asks_for_a_newer_release(plans.activate_zoning_plan(activate).await);

    // A release that takes away what the older one uses: whoever runs goes on, and is not started again.
    let step = migration(NUMBER + 1, "after 1000 without regions", "SELECT 1");
    tables.migrate("registry", "_sqlx_migrations", step).await;
    let refused = desk.fails(1, &["audit", "verify"]);
    assert!(refused.contains("newer dudao"), "{refused}");
    school(&older.link()).await.expect("a school");
}

/// By what the name of a migration says, servers of releases before it go on: so it must be true. Those of 0.1.0 and before are past.
#[test]
fn a_migration_that_is_called_adding_takes_nothing_away() {
    let ground_floor = dudao_platform::db::ground_floor();
    let all: [(&str, i64, &Migrator); 5] = [
        ("every service", 2, &ground_floor),
        ("registry", 2, &dudao_registry::MIGRATIONS),
        ("inspection", 20, &dudao_inspection::MIGRATIONS),
        ("accountability", 3, &dudao_accountability::MIGRATIONS),
        ("scheduler", 1, &dudao_scheduler::MIGRATIONS),
    ];
    for (service, last, migrations) in all {
        for one in migrations.iter().filter(|one| one.version > last) {
            let name = format!("{service} {} {}", one.version, one.description);
            match one.description.split(' ').next() {
                Some("adds") => {
                    let wrong = takes_away(one.sql.as_str());
                    assert_eq!(wrong, None, "{name}");
                }
                Some("after") => {}
                _ => panic!("{name}: its name says neither `adds` nor `after`"),
            }
        }
    }
    assert_eq!(takes_away(ADDED[0].1), None);
    for harm in [
        "DROP TABLE ledger",
        "ALTER TABLE records RENAME COLUMN town TO place",
        "CREATE TABLE things (a TEXT); DELETE FROM things",
        "ALTER TABLE records ADD COLUMN day TEXT NOT NULL",
        "CREATE UNIQUE INDEX one ON records (code)",
    ] {
        assert!(takes_away(harm).is_some(), "{harm}");
    }
}

/// The first statement that a server which does not know of it would mind.
fn takes_away(sql: &str) -> Option<String> {
    let told = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    let text = told.collect::<Vec<_>>().join(" ").to_uppercase();
    let statements = text.split(';').map(|one| {
        let words = one.split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    });
    let harmless = |one: &String| {
        let column = one.contains(" ADD COLUMN ") && one.starts_with("ALTER TABLE ");
        one.is_empty()
            || one.starts_with("CREATE TABLE ")
            || one.starts_with("CREATE INDEX ")
            || column && (!one.contains("NOT NULL") || one.contains("DEFAULT"))
    };
    statements.into_iter().find(|one| !harmless(one))
}
