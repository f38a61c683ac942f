//! The stream of facts: its chain shows a changed past, its watchers miss nothing; on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use dudao_platform::events::{
    Audit, Chains, EventHead, NewEvent, WatchEventsRequest, WatchStream, append, compact, export,
    holds, signed_head, verify, watch, write_line,
};
use dudao_platform::keys::KeyRing;
use dudao_platform::rpc::Principal;
use dudao_platform::testing::Scratch;
use dudao_platform::{execute, on_both_databases};
use dudao_proto::event::v1::Event;
use dudao_proto::event::v1::watch_events_response::Item;
use futures::StreamExt as _;
use sqlx::migrate::Migrator;
use tonic::Code;

static MIGRATIONS: Migrator = sqlx::migrate!("tests/migrations");

/// Records so many equal facts in one transaction.
async fn record(scratch: &Scratch, count: usize) {
    let mut tx = scratch.db.begin_write().await.unwrap();
    let fact = |_| {
        let payload = WatchEventsRequest::default();
        NewEvent::new("140525", "counties/140525/schools/S1", "test", &payload)
    };
    append(&mut tx, (0..count).map(fact)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn follow(scratch: &Scratch, request: WatchEventsRequest) -> WatchStream {
    watch(&scratch.context, &Principal::local(), request)
        .await
        .unwrap()
}

async fn next(stream: &mut WatchStream) -> Item {
    stream.next().await.unwrap().unwrap().item.unwrap()
}

async fn event(stream: &mut WatchStream) -> Event {
    match next(stream).await {
        Item::Event(event) => event,
        Item::Checkpoint(cursor) => panic!("a checkpoint: {cursor}"),
    }
}

/// Changes of the fourth of equal events, and how each is undone.
const CHANGES: [(&str, &str); 10] = [
    (
        "UPDATE events SET id = id || 'x' WHERE sequence = 4",
        "UPDATE events SET id = substr(id, 1, length(id) - 1) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET kind = kind || 'x' WHERE sequence = 4",
        "UPDATE events SET kind = substr(kind, 1, length(kind) - 1) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET resource = resource || 'x' WHERE sequence = 4",
        "UPDATE events SET resource = substr(resource, 1, length(resource) - 1) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET county = county || 'x' WHERE sequence = 4",
        "UPDATE events SET county = substr(county, 1, length(county) - 1) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET actor = actor || 'x' WHERE sequence = 4",
        "UPDATE events SET actor = substr(actor, 1, length(actor) - 1) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET type_url = type_url || 'x' WHERE sequence = 4",
        "UPDATE events SET type_url = substr(type_url, 1, length(type_url) - 1) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET time_us = time_us + 1 WHERE sequence = 4",
        "UPDATE events SET time_us = time_us - 1 WHERE sequence = 4",
    ),
    (
        "UPDATE events SET payload = hash WHERE sequence = 4",
        "UPDATE events SET payload = (SELECT payload FROM events WHERE sequence = 3) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET previous_hash = hash WHERE sequence = 4",
        "UPDATE events SET previous_hash = (SELECT hash FROM events WHERE sequence = 3) WHERE sequence = 4",
    ),
    (
        "UPDATE events SET hash = previous_hash WHERE sequence = 4",
        "UPDATE events SET hash = (SELECT previous_hash FROM events WHERE sequence = 5) WHERE sequence = 4",
    ),
];

async fn change(scratch: &Scratch, sql: &'static str) {
    let mut tx = scratch.db.begin_write().await.unwrap();
    assert_eq!(execute!(tx, sql).unwrap(), 1, "{sql}");
    tx.commit().await.unwrap();
}

on_both_databases! { "registry", &MIGRATIONS;
    async fn whatever_is_changed_of_the_past_shows(scratch) {
        record(&scratch, 7).await;
        let whole = verify(&scratch.db).await.unwrap();
        assert!(matches!(whole, Audit::Whole { count: 7, .. }));
        for (done, undone) in CHANGES {
            change(&scratch, done).await;
            let found = verify(&scratch.db).await.unwrap();
            assert!(matches!(found, Audit::Broken { sequence: 4, .. }), "{done}: {found:?}");
            change(&scratch, undone).await;
            assert_eq!(verify(&scratch.db).await.unwrap(), whole, "{undone}");
        }
        change(&scratch, "DELETE FROM events WHERE sequence = 4").await;
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Broken { sequence: 4, .. }));
    }

    async fn a_cut_end_shows_in_the_head(scratch) {
        record(&scratch, 3).await;
        let Audit::Whole { head, .. } = verify(&scratch.db).await.unwrap() else { panic!("whole") };
        change(&scratch, "DELETE FROM events WHERE sequence = 3").await;
        let Audit::Whole { count, head: cut } = verify(&scratch.db).await.unwrap() else { panic!("whole") };
        assert_eq!(count, 2);
        assert_ne!(cut, head);
    }

    async fn a_watcher_gets_what_was_and_what_comes_without_gap_or_repeat(scratch) {
        record(&scratch, 150).await;
        let mut stream = follow(&scratch, WatchEventsRequest::default()).await;
        let writing = async {
            for count in 1..=20 {
                record(&scratch, count).await;
            }
        };
        let reading = async {
            let mut seen = Vec::new();
            while seen.len() < 150 + 210 {
                seen.push(event(&mut stream).await);
            }
            seen
        };
        let ((), seen) = tokio::join!(writing, reading);
        assert!(seen.iter().map(|event| event.sequence).eq(1..=360));
        assert!(seen.windows(2).all(|pair| pair[1].previous_hash == pair[0].hash));
        // One that was cut off goes on behind the last event that it has.
        let cursor = seen[99].cursor.clone();
        let mut again = follow(&scratch, WatchEventsRequest { cursor, ..Default::default() }).await;
        for sequence in 101..=360 {
            assert_eq!(event(&mut again).await.sequence, sequence);
        }
    }

    async fn a_watcher_that_waits_for_other_kinds_is_told_how_far_it_has_come(scratch) {
        record(&scratch, 5).await;
        let request = WatchEventsRequest { kinds: vec!["SchoolClosed".to_owned()], stop_at_end: true, ..Default::default() };
        let mut stream = follow(&scratch, request).await;
        let Item::Checkpoint(cursor) = next(&mut stream).await else { panic!("an event") };
        assert!(stream.next().await.is_none());
        record(&scratch, 1).await;
        let mut stream = follow(&scratch, WatchEventsRequest { cursor, ..Default::default() }).await;
        assert_eq!(event(&mut stream).await.sequence, 6);
    }

    async fn a_cursor_of_another_past_is_refused(scratch) {
        record(&scratch, 2).await;
        let mut stream = follow(&scratch, WatchEventsRequest::default()).await;
        event(&mut stream).await;
        let cursor = event(&mut stream).await.cursor;
        change(&scratch, "UPDATE events SET hash = previous_hash WHERE sequence = 2").await;
        for cursor in [cursor, "not a cursor".to_owned()] {
            let refused = watch(&scratch.context, &Principal::local(), WatchEventsRequest { cursor, ..Default::default() }).await;
            let Err(error) = refused else { panic!("accepted") };
            let status = tonic::Status::from(error);
            assert!(matches!(status.code(), Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition), "{status:?}");
        }
    }

    async fn what_is_archived_is_gone_and_the_chains_go_on(scratch) {
        record(&scratch, 5).await;
        let mut lines = Vec::new();
        let exported = export(&scratch.db, i64::MAX, |event| write_line(&mut lines, &event));
        let (count, last) = exported.await.unwrap();
        assert_eq!((count, last), (5, 5));
        assert_eq!(String::from_utf8(lines).unwrap().lines().count(), 5);
        record(&scratch, 2).await;
        compact(&scratch.db, last).await.unwrap();
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Whole { count: 7, .. }));
        let gone = watch(&scratch.context, &Principal::local(), WatchEventsRequest::default()).await;
        let Err(error) = gone else { panic!("replayed") };
        assert_eq!(tonic::Status::from(error).code(), Code::OutOfRange);
        // Even when all of it is gone, the next event follows the last.
        compact(&scratch.db, 7).await.unwrap();
        record(&scratch, 1).await;
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Whole { count: 8, .. }));
        change(&scratch, "UPDATE chain_starts SET hash = (SELECT hash FROM events) WHERE chain = '140525'").await;
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Broken { sequence: 8, .. }));
    }

    async fn a_consumer_sees_by_a_countys_chain_that_nothing_was_changed_or_withheld(scratch) {
        record(&scratch, 4).await;
        let mut stream = follow(&scratch, WatchEventsRequest::default()).await;
        let mut events = Vec::new();
        for _ in 0..4 {
            events.push(event(&mut stream).await);
        }
        let first_wrong = |events: &[Event]| {
            let mut chains = Chains::default();
            events.iter().position(|event| chains.wrong(event).is_some())
        };
        assert_eq!(first_wrong(&events), None);
        let mut changed = events.clone();
        changed[1].actor.push('x');
        assert_eq!(first_wrong(&changed), Some(1));
        let mut withheld = events.clone();
        withheld.remove(2);
        assert_eq!(first_wrong(&withheld), Some(2));
    }

    async fn a_signed_head_holds_for_its_key_and_its_content_alone(scratch) {
        record(&scratch, 3).await;
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::open(folder.path(), &scratch.clock).unwrap();
        let key = keys.newest().unwrap();
        for county in ["140525", ""] {
            let head = signed_head(&scratch.db, &key, county).await.unwrap();
            assert_eq!(head.sequence, 3);
            assert!(holds(&head, key.public()));
            assert!(!holds(&EventHead { sequence: 2, ..head.clone() }, key.public()));
            assert!(!holds(&EventHead { county: "140526".to_owned(), ..head.clone() }, key.public()));
            scratch.clock.advance(1);
            keys.rotate(&scratch.clock).unwrap();
            assert!(!holds(&head, keys.newest().unwrap().public()));
        }
    }

    async fn a_watcher_is_sent_elsewhere_when_the_process_ends(scratch) {
        record(&scratch, 1).await;
        let mut stream = follow(&scratch, WatchEventsRequest::default()).await;
        event(&mut stream).await;
        scratch.context.shutdown.begin();
        assert_eq!(stream.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
        assert!(stream.next().await.is_none());
    }
}
