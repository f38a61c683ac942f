//! Behind PgBouncer in transaction mode, where each transaction gets whichever connection is free: two servers with over a hundred
//! connections share three, and none of the four services meets what another has said or prepared.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::{Duration, Instant};

use common::journey::{Steps, group, journey};
use common::served::Served;
use common::{Desk, county};
use dudao_platform::rpc::Link;
use dudao_platform::testing::Cluster;
use dudao_proto::registry::v1::school_service_client::SchoolServiceClient;
use dudao_proto::registry::v1::{CreateSchoolRequest, Place, School, Stage};

const PATIENCE: Duration = Duration::from_secs(30);

/// Two servers that take turns.
struct Turns<'a> {
    desk: &'a Desk,
    servers: [Served; 2],
    turn: usize,
}

impl Steps for Turns<'_> {
    fn step(&mut self, (service, args): (&str, &[&str])) -> String {
        self.turn += 1;
        let server = self.servers[self.turn % 2].address();
        let call = ["--server", server, "--county", "140525", group(service)];
        self.desk.ok(&[&call[..], args].concat())
    }

    fn eventually(&mut self, question: (&str, &[&str]), word: &str) {
        let since = Instant::now();
        while !self.step(question).contains(word) {
            assert!(since.elapsed() < PATIENCE, "{question:?} has no {word}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

async fn open_school(link: Link, code: String) {
    let request = CreateSchoolRequest {
        parent: "counties/140525".to_owned(),
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_journey_through_a_pooler_by_transaction_ends_as_any_other() {
    let cluster = tokio::task::spawn_blocking(Cluster::start)
        .await
        .expect("a cluster");
    cluster
        .create("CREATE DATABASE dudao TEMPLATE template0")
        .await;
    // Whoever looks after the database goes past the pooler.
    let office = Desk::postgres(cluster.url("dudao"));
    county(&office, 8, 3);
    let pooler = cluster.pooler(3);
    let desk = Desk::postgres(pooler.url("dudao"));
    let refused = desk.fails(1, &["--database-pooled", "serve"]);
    assert!(refused.contains("dudao migrate"), "{refused}");

    let flags = ["--database-pooled", "--migrate", "false"];
    let servers = [Served::with(&desk, &flags), Served::with(&desk, &flags)];
    let travelled = tokio::task::spawn_blocking(move || {
        let mut turns = Turns {
            desk: &desk,
            servers,
            turn: 0,
        };
        let end = journey(&mut turns);
        assert!(end[1].to_string().contains("SUSTAINED"), "{}", end[1]);
        let plan = ["plan", "zones", "--time", "5", "--gap", "1", "--activate"];
        let server = ["--server", turns.servers[0].address(), "--county", "140525"];
        desk.ok(&[&server[..], &plan].concat());
        turns.eventually(("registry", &["list-zones", "-o", "json"]), "D000");
        let Turns { servers, .. } = turns;
        (desk, servers)
    });
    let (desk, servers) = travelled.await.expect("the journey ends");
    let writers =
        (0..60).map(|n| tokio::spawn(open_school(servers[n % 2].link(), format!("W{n}"))));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a school");
    }
    let events = ["watch", "registry", "--stop", "--kind", "SchoolCreated"];
    let events = office.ok(&events);
    assert_eq!(events.matches("/schools/W").count(), 60, "{events}");
    office.ok(&["audit", "verify"]);
    drop((servers, pooler, desk));
}
