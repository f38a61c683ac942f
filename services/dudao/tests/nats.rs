//! Two counties hand their events on to one NATS stream, from which a province reads; servers of all three restart meanwhile.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use common::Desk;
use dudao_platform::events::{Chains, Event};
use dudao_platform::testing::Cluster;
use futures::StreamExt as _;
use prost::Message as _;
use serde_json::Value;

/// A process. Dropped, it is killed: nothing is put in order.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn quiet(command: &mut Command) -> Running {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    Running(command.spawn().expect("it starts"))
}

fn nats(folder: &Path, port: u16) -> Running {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let home = PathBuf::from(std::env::var("HOME").expect("a home"));
    let server = home.join(".cache/dudao/python/bin/nats-server");
    assert!(server.exists(), "make test installs {}", server.display());
    let mut command = Command::new(server);
    quiet(
        command
            .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
            .arg(folder),
    )
}

fn serve(desk: &Desk, url: &str) -> Running {
    quiet(&mut desk.command(&["serve", "--listen", "127.0.0.1:0", "--nats-url", url]))
}

/// Writes something, beside the server that hands it on.
fn write(desk: &Desk, hours: usize) {
    let hours = hours.to_string();
    desk.ok(&[
        "registry",
        "update-supervisor",
        "D001",
        "--training-hours",
        &hours,
    ]);
}

/// The ids of a county's events as its own trail has them.
fn trail(desk: &Desk) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for service in ["registry", "inspection", "accountability", "scheduler"] {
        let file = desk.path(&format!("{service}.jsonl"));
        desk.ok(&[
            "audit",
            "export",
            service,
            "-f",
            &file.display().to_string(),
        ]);
        let text = std::fs::read_to_string(&file).expect("the export");
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a line"));
        ids.extend(lines.filter_map(|line| line["id"].as_str().map(str::to_owned)));
    }
    ids
}

/// What the province has read, by id; a second copy has no effect.
#[derive(Default)]
struct Province {
    events: BTreeSet<String>,
    chains: BTreeMap<String, Chains>,
    copies: usize,
}

impl Province {
    /// Reads what there is until nothing has come for a while.
    async fn read(&mut self, url: &str) {
        let client = async_nats::connect(url).await.expect("a connection");
        let stream = async_nats::jetstream::new(client)
            .get_stream("DUDAO")
            .await
            .expect("the stream");
        let durable = pull::Config {
            durable_name: Some("province".to_owned()),
            ack_policy: AckPolicy::Explicit,
            ..pull::Config::default()
        };
        let consumer = stream
            .get_or_create_consumer("province", durable)
            .await
            .expect("a consumer");
        let mut messages = consumer.messages().await.expect("messages");
        while let Ok(Some(message)) =
            tokio::time::timeout(Duration::from_secs(2), messages.next()).await
        {
            let Ok(message) = message else { return };
            let event = Event::decode(message.payload.as_ref()).expect("an event");
            let service = message
                .subject
                .split('.')
                .nth(1)
                .expect("a service")
                .to_owned();
            if self.events.insert(event.id.clone()) {
                let wrong = self.chains.entry(service).or_default().wrong(&event);
                assert_eq!(wrong, None, "{} {}", message.subject, event.sequence);
            } else {
                self.copies += 1;
            }
            message.ack().await.expect("it is taken");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_counties_feed_one_province_though_servers_come_and_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let url = &format!("nats://127.0.0.1:{port}");
    let first = &Desk::sqlite();
    let second = &Desk::postgres(Cluster::shared().await.create_database().await);
    common::county(first, 12, 3);
    common::county_called(second, "140526", 12, 3);
    let mut province = Province::default();
    let mut broker = nats(folder.path(), port);
    let served = [serve(first, url), serve(second, url)];
    let begun = Instant::now();
    while province.events.len() < 40 && begun.elapsed() < Duration::from_secs(60) {
        if async_nats::connect(url).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            province.read(url).await;
        }
    }
    for turn in 0..3 {
        write(first, 40 + turn);
        write(second, 40 + turn);
        // The broker dies, then a county's server, and what is written meanwhile waits.
        drop(broker);
        write(first, 50 + turn);
        write(second, 50 + turn);
        broker = nats(folder.path(), port);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drop(served);
    write(first, 60);
    let _served = [serve(first, url), serve(second, url)];
    write(second, 61);
    let all: BTreeSet<_> = trail(first).union(&trail(second)).cloned().collect();
    let begun = Instant::now();
    while province.events.len() < all.len() && begun.elapsed() < Duration::from_secs(60) {
        province.read(url).await;
    }
    let missing: Vec<_> = all.difference(&province.events).collect();
    assert!(
        missing.is_empty(),
        "{} of {} have not come",
        missing.len(),
        all.len()
    );
    assert!(
        all.len() > 40,
        "{} events in all, {} copies",
        all.len(),
        province.copies
    );
    drop(broker);
}
