//! PostgreSQL's primary is killed under load and its standby promoted: nothing acknowledged is lost, nothing happens twice, and who calls is
//! told to try again and gets through by it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::Desk;
use common::served::Served;
use dudao_platform::rpc::{Fault, Link};
use dudao_platform::testing::Cluster;
use dudao_proto::registry::v1::school_service_client::SchoolServiceClient;
use dudao_proto::registry::v1::{CreateSchoolRequest, Place, School, Stage};
use tonic::Code;

const WRITERS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);

/// What the writers have seen.
#[derive(Default)]
struct Seen {
    acknowledged: AtomicUsize,
    told_to_try_again: AtomicUsize,
    enough: AtomicBool,
}

/// Creates one school after the other; what was not acknowledged is asked for again under the same id, when the answer says.
async fn write(writer: usize, link: Link, seen: Arc<Seen>) -> usize {
    let mut schools = SchoolServiceClient::new(link);
    for number in 0.. {
        if seen.enough.load(Ordering::Relaxed) {
            return number;
        }
        let since = Instant::now();
        loop {
            let request = CreateSchoolRequest {
                parent: "counties/140525".to_owned(),
                school_id: format!("W{writer}x{number}"),
                school: Some(School {
                    display_name: "新校".to_owned(),
                    stage: Stage::Primary.into(),
                    place: Some(Place {
                        longitude: 112.8,
                        latitude: 35.5,
                    }),
                    ..School::default()
                }),
                request_id: format!("w{writer}-{number}"),
            };
            let Err(status) = schools.create_school(request).await else {
                seen.acknowledged.fetch_add(1, Ordering::Relaxed);
                break;
            };
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
            let pause = Fault::from(&status).retry_after;
            assert!(
                pause.is_some(),
                "it does not say when to try again: {status:?}"
            );
            assert!(
                since.elapsed() < PATIENCE,
                "it does not come back: {status:?}"
            );
            seen.told_to_try_again.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause.unwrap_or_default().min(Duration::from_secs(1))).await;
        }
    }
    unreachable!("numbers do not end")
}

async fn until(seen: &Seen, count: usize) {
    let since = Instant::now();
    while seen.acknowledged.load(Ordering::Relaxed) < count {
        assert!(since.elapsed() < PATIENCE, "nothing is written");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_primary_that_is_killed_and_a_standby_that_is_promoted_lose_nothing_that_was_acknowledged()
 {
    let primary = tokio::task::spawn_blocking(Cluster::start)
        .await
        .expect("a cluster");
    primary
        .create("CREATE DATABASE dudao TEMPLATE template0")
        .await;
    let standby = primary.standby().await;
    // What a cluster's operator does by the address of a Service: it leads to whoever is the primary.
    let folder = tempfile::tempdir().expect("a folder");
    let current = folder.path().join("current");
    symlink(primary.folder(), &current).expect("a link");
    let url = format!(
        "postgres://dudao@localhost/dudao?host={}&sslmode=disable",
        current.display()
    );
    let desk = Desk::postgres(url);
    desk.ok(&["county", "create", "140525", "--name", "泽州县"]);
    let server = Served::start(&desk);

    let seen = Arc::new(Seen::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(writer, server.link(), Arc::clone(&seen))))
        .collect();
    until(&seen, 30).await;
    primary.stop();
    let since = Instant::now();
    tokio::time::sleep(Duration::from_secs(2)).await;
    standby.promote();
    std::fs::remove_file(&current).expect("a link");
    symlink(standby.folder(), &current).expect("a link");
    let acknowledged = seen.acknowledged.load(Ordering::Relaxed);
    until(&seen, acknowledged + 30).await;
    println!(
        "written again {:.1} s after the crash",
        since.elapsed().as_secs_f64()
    );
    seen.enough.store(true, Ordering::Relaxed);
    let mut written = Vec::new();
    for writer in writers {
        written.push(writer.await.expect("a writer"));
    }
    assert!(
        seen.told_to_try_again.load(Ordering::Relaxed) > 0,
        "nobody has noticed the crash"
    );
    drop(server);

    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    let events = desk.ok(&[
        "watch",
        "registry",
        "--stop",
        "-o",
        "json",
        "--kind",
        "SchoolCreated",
    ]);
    for line in events.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("an event");
        let resource = event["resource"].as_str().unwrap_or_default().to_owned();
        *created.entry(resource).or_default() += 1;
    }
    for (writer, count) in written.into_iter().enumerate() {
        for number in 0..count {
            let school = format!("counties/140525/schools/W{writer}x{number}");
            assert_eq!(created.get(&school), Some(&1), "{school}");
        }
    }
    desk.ok(&["audit", "verify"]);
}
