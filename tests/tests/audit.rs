//! How long it takes to verify a million events, on both databases. Measured by `make bench`; the limit is 20 s on two cores.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::time::{Duration, Instant};

use dudao_platform::events::{Audit, NewEvent, append, verify};
use dudao_platform::testing::Scratch;
use dudao_proto::registry::v1 as registry;

const EVENTS: usize = 1_000_000;
const BATCH: usize = 5_000;
const LIMIT: Duration = Duration::from_secs(20);

/// Events as they are: a school changed, in one of a province's counties, with what it was before.
async fn fill(scratch: &Scratch) {
    let school = |at: usize| registry::School {
        name: format!("counties/14{:04}/schools/S{at:06}", at % 117),
        display_name: format!("第{at}小学"),
        town: "巴公镇".to_owned(),
        pupils: Some((at % 2_000) as i32),
        ..Default::default()
    };
    for begin in (0..EVENTS).step_by(BATCH) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        let events = (begin..begin + BATCH).map(|at| {
            let changed = registry::SchoolUpdated {
                school: Some(school(at)),
            };
            let county = format!("14{:04}", at % 117);
            NewEvent::new(county, school(at).name, "planner", &changed).after(&school(at))
        });
        append(&mut tx, events).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn measured(what: &str, scratch: &Scratch) {
    let begun = Instant::now();
    fill(scratch).await;
    let written = begun.elapsed();
    let begun = Instant::now();
    let audit = verify(&scratch.db).await.unwrap();
    let took = begun.elapsed();
    println!(
        "{what}: {EVENTS} events written in {written:.1?}, verified in {took:.1?} (limit {LIMIT:?})"
    );
    assert!(matches!(audit, Audit::Whole { count, .. } if count == EVENTS as i64));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: make bench"]
async fn a_million_events_are_verified() {
    measured(
        "SQLite",
        &Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await,
    )
    .await;
    measured(
        "PostgreSQL",
        &Scratch::postgres("registry", &dudao_registry::MIGRATIONS).await,
    )
    .await;
}
