//! Backups: taken while a server is written to, checked, and put in place elsewhere; nobody's cursor is lost by it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::served::Served;
use common::{Desk, county, text};
use dudao_platform::testing::Cluster;
use dudao_proto::registry::v1::school_service_client::SchoolServiceClient;
use dudao_proto::registry::v1::{CreateSchoolRequest, Place, School, Stage};

/// A server, and somebody who writes to it without a pause.
struct Busy {
    server: Served,
    written: Arc<AtomicUsize>,
    enough: Arc<AtomicBool>,
    writer: tokio::task::JoinHandle<()>,
}

impl Busy {
    fn start(desk: &Desk) -> Self {
        Self::begin_at(desk, 0)
    }

    fn begin_at(desk: &Desk, first: usize) -> Self {
        let server = Served::start(desk);
        let link = server.link();
        let written = Arc::new(AtomicUsize::new(first));
        let enough = Arc::new(AtomicBool::new(false));
        let (count, told) = (Arc::clone(&written), Arc::clone(&enough));
        let writer = tokio::spawn(async move {
            let mut schools = SchoolServiceClient::new(link);
            while !told.load(Ordering::Relaxed) {
                let request = CreateSchoolRequest {
                    parent: "counties/140525".to_owned(),
                    school_id: format!("W{}", count.load(Ordering::Relaxed)),
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
                schools.create_school(request).await.expect("a school");
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self {
            server,
            written,
            enough,
            writer,
        }
    }

    async fn wrote(&self, more: usize) -> usize {
        let wanted = self.written.load(Ordering::Relaxed) + more;
        let since = Instant::now();
        while self.written.load(Ordering::Relaxed) < wanted {
            assert!(
                since.elapsed() < Duration::from_secs(60),
                "nothing is written"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        wanted
    }

    async fn end(self) -> usize {
        self.enough.store(true, Ordering::Relaxed);
        self.writer.await.expect("all writes were acknowledged");
        drop(self.server);
        self.written.load(Ordering::Relaxed)
    }
}

fn schools_of(desk: &Desk) -> usize {
    let events = desk.ok(&[
        "watch",
        "registry",
        "--stop",
        "-o",
        "json",
        "--kind",
        "SchoolCreated",
    ]);
    events
        .lines()
        .filter(|line| line.contains("/schools/W"))
        .count()
}

fn watch(desk: &Desk, cursor: &str) -> Output {
    let cursor = desk.path(cursor).display().to_string();
    let args = [
        "watch",
        "registry",
        "--stop",
        "-o",
        "json",
        "--cursor-file",
        &cursor,
    ];
    desk.run(&args)
}

fn backups(desk: &Desk) -> Vec<PathBuf> {
    let folder = fs::read_dir(desk.path("backups")).expect("backups");
    let mut found: Vec<_> = folder.map(|one| one.expect("a backup").path()).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_of_a_busy_server_is_whole_and_nobody_who_follows_loses_anything() {
    let desk = Desk::sqlite();
    county(&desk, 8, 3);
    desk.ok(&["plan", "zones", "--time", "2", "--activate"]);
    let proof = desk.file("证据.txt", "现场照片");
    let folder = desk.path("backups").display().to_string();
    let busy = Busy::start(&desk);
    let before = busy.wrote(20).await;
    assert!(watch(&desk, "cursor").status.success());
    let told = desk.ok(&["backup", &folder]);
    let after = busy.wrote(20).await;
    let written = busy.end().await;
    drop(proof);

    let made = backups(&desk).pop().expect("a backup");
    assert!(told.contains(&made.display().to_string()), "{told}");
    let restored = Desk::sqlite();
    let said = restored.ok(&["restore", &made.display().to_string()]);
    assert!(said.contains("每") || said.contains("whole"), "{said}");
    restored.ok(&["audit", "verify"]);
    let there = schools_of(&restored);
    assert!(
        (before..=after + 1).contains(&there) && there < written,
        "{before} {there} {after}"
    );

    // Who had followed the old one goes on with the new one, and is told of what is new alone.
    fs::copy(desk.path("cursor"), restored.path("cursor")).expect("the cursor");
    let output = watch(&restored, "cursor");
    let lines = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(lines.lines().count() < there, "it begins anew: {lines}");
    // What one service has learned from another is there.
    let zones = restored.json(&["registry", "list-zones", "-o", "json"]);
    assert!(zones.to_string().contains("D000"), "{zones}");
    // Who had followed further than the backup is told that it can't go on, and misses nothing without knowing.
    assert!(watch(&desk, "cursor").status.success());
    fs::copy(desk.path("cursor"), restored.path("far")).expect("the cursor");
    let output = watch(&restored, "far");
    assert!(!output.status.success(), "{}", text(&output.stdout));
}

#[test]
fn what_was_changed_in_a_backup_is_not_restored_and_nothing_is_overwritten() {
    let desk = Desk::sqlite();
    county(&desk, 4, 2);
    let folder = desk.path("backups").display().to_string();
    for _ in 0..3 {
        desk.ok(&["backup", &folder, "--keep", "2"]);
        // They are called after their second.
        std::thread::sleep(Duration::from_millis(1100));
    }
    let kept = backups(&desk);
    assert_eq!(kept.len(), 2, "{kept:?}");
    let made = kept[1].display().to_string();
    let mode = Command::new("find")
        .args([&made, "-perm", "/077", "-type", "d"])
        .output();
    assert_eq!(
        text(&mode.expect("find").stdout),
        "",
        "others may look into it"
    );

    let said = desk.fails(3, &["restore", &made]);
    assert!(said.contains("empty folder"), "{said}");
    let database = kept[1].join("registry.db");
    let mut bytes = fs::read(&database).expect("a database");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&database, bytes).expect("a database");
    let other = Desk::sqlite();
    let said = other.fails(1, &["restore", &made]);
    assert!(said.contains("registry.db"), "{said}");
    assert!(!other.path("data").join("registry.db").exists());
    other.ok(&["restore", &kept[0].display().to_string()]);
    other.ok(&["audit", "verify"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_postgresql_taken_while_it_is_written_to_is_whole() {
    let cluster = Cluster::shared().await;
    let (url, empty) = (
        cluster.create_database().await,
        cluster.create_database().await,
    );
    let desk = Desk::postgres(url.clone());
    county(&desk, 8, 3);
    let busy = Busy::start(&desk);
    let before = busy.wrote(20).await;
    assert!(watch(&desk, "cursor").status.success());
    let dump = desk.path("dudao.dump").display().to_string();
    let said = Command::new("pg_dump")
        .args(["--format=custom", "--file", &dump, &url])
        .output();
    let said = said.expect("pg_dump");
    assert!(said.status.success(), "{}", text(&said.stderr));
    let after = busy.wrote(20).await;
    busy.end().await;
    let said = Command::new("pg_restore")
        .args(["--exit-on-error", "--no-owner", "--dbname", &empty, &dump])
        .output();
    let said = said.expect("pg_restore");
    assert!(said.status.success(), "{}", text(&said.stderr));
    let restored = Desk::postgres(empty);
    restored.ok(&["audit", "verify"]);
    let there = schools_of(&restored);
    assert!(
        (before..=after + 1).contains(&there),
        "{before} {there} {after}"
    );
    fs::copy(desk.path("cursor"), restored.path("cursor")).expect("the cursor");
    let output = watch(&restored, "cursor");
    assert!(output.status.success(), "{}", text(&output.stderr));
    desk.fails(3, &["backup", "/tmp/nowhere"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_goes_back_to_an_instant_and_whoever_has_followed_further_is_told() {
    let cluster = tokio::task::spawn_blocking(Cluster::start)
        .await
        .expect("a cluster");
    cluster
        .create("CREATE DATABASE dudao TEMPLATE template0")
        .await;
    cluster.archive().await;
    let desk = Desk::postgres(cluster.url("dudao"));
    county(&desk, 8, 3);
    let busy = Busy::start(&desk);
    busy.wrote(20).await;
    let cluster = tokio::task::spawn_blocking(move || {
        cluster.base_backup();
        cluster
    })
    .await
    .expect("a base backup");
    let before = busy.wrote(20).await;
    assert!(watch(&desk, "cursor").status.success());
    let instant = cluster.now().await;
    let after = busy.written.load(Ordering::Relaxed) + 1;
    // The mishap, after which nobody wants to go on.
    busy.wrote(20).await;
    let written = busy.end().await;
    assert!(watch(&desk, "far").status.success());

    let restored = cluster.restored_to(&instant).await;
    let other = Desk::postgres(restored.url("dudao"));
    other.ok(&["audit", "verify"]);
    let there = schools_of(&other);
    assert!(
        (before..=after).contains(&there) && there < written,
        "{before} {there} {after}"
    );
    for cursor in ["cursor", "far"] {
        fs::copy(desk.path(cursor), other.path(cursor)).expect("the cursor");
    }
    let output = watch(&other, "cursor");
    let lines = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(lines.lines().count() < there, "it begins anew: {lines}");
    let output = watch(&other, "far");
    assert!(!output.status.success(), "{}", text(&output.stdout));
    let said = text(&output.stderr);
    assert!(said.contains("cursor"), "{said}");
    // And it goes on from there.
    let busy = Busy::begin_at(&other, written);
    busy.wrote(5).await;
    busy.end().await;
    other.ok(&["audit", "verify"]);
}
