//! What every service relies on, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Instant;

use dudao_platform::db::{Opening, Upkeep};
use dudao_platform::error::{DatabaseErrorKind, Error};
use dudao_platform::testing::{Cluster, Scratch};
use dudao_platform::{Clock, Db, Ids, Tx, etag, execute, on, on_both_databases, request};
use dudao_proto::event::v1::{Event, WatchEventsRequest};
use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!("tests/migrations");

async fn put(tx: &mut Tx, key: &str, count: i64) -> u64 {
    execute!(
        tx,
        "INSERT INTO things (key, count, version, open, day, part, bytes) VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        key,
        count,
        true,
        chrono::NaiveDate::from_ymd_opt(2026, 9, 1),
        0.1_f64,
        vec![0_u8, 255],
    )
    .unwrap()
}

async fn count(tx: &mut Tx) -> i64 {
    on!(tx, |conn| sqlx::query_scalar("SELECT count(*) FROM things")
        .fetch_one(conn)
        .await)
    .unwrap()
}

/// A call as a service has it, to see that its future may go to another thread.
async fn once(db: Db, request_id: &str, body: &str, key: &str) -> Result<Event, Error> {
    let request = WatchEventsRequest {
        cursor: body.to_owned(),
        ..WatchEventsRequest::default()
    };
    let mut tx = db.begin_write().await?;
    let answer = request::once(
        &mut tx,
        "140525",
        request_id,
        &request,
        async |tx: &mut Tx| {
            if put(tx, key, 0).await == 0 {
                return Err(Error::already_exists(key));
            }
            Ok(Event {
                id: tx.new_id(),
                ..Event::default()
            })
        },
    )
    .await?;
    tx.commit().await?;
    Ok(answer)
}

on_both_databases! { "registry", &MIGRATIONS;
    async fn every_type_comes_back_as_it_went_in(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        assert_eq!(put(&mut tx, "一", 7).await, 1);
        assert_eq!(put(&mut tx, "一", 8).await, 0);
        tx.commit().await.unwrap();
        let mut tx = scratch.db.begin_read().await.unwrap();
        let row: (String, i64, bool, chrono::NaiveDate, f64, Vec<u8>, Option<String>) =
            on!(tx, |conn| sqlx::query_as("SELECT key, count, open, day, part, bytes, note FROM things").fetch_one(conn).await).unwrap();
        assert_eq!(row, ("一".to_owned(), 7, true, "2026-09-01".parse().unwrap(), 0.1, vec![0, 255], None));
    }

    async fn texts_sort_by_their_bytes(scratch) {
        let mut keys = vec!["b", "B", "a b", "aa", "é", "z", "一", "-", "", "督"];
        let mut tx = scratch.db.begin_write().await.unwrap();
        for key in &keys {
            put(&mut tx, key, 0).await;
        }
        let sorted: Vec<String> = on!(tx, |conn| sqlx::query_scalar("SELECT key FROM things ORDER BY key").fetch_all(conn).await).unwrap();
        keys.sort_unstable();
        assert_eq!(sorted, keys);
    }

    async fn what_is_not_committed_never_was(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        put(&mut tx, "a", 0).await;
        drop(tx);
        let mut tx = scratch.db.begin_write().await.unwrap();
        assert_eq!(count(&mut tx).await, 0);
    }

    async fn a_reader_sees_one_state_and_cannot_write(scratch) {
        let mut reader = scratch.db.begin_read().await.unwrap();
        assert_eq!(count(&mut reader).await, 0);
        let mut writer = scratch.db.begin_write().await.unwrap();
        put(&mut writer, "a", 0).await;
        writer.commit().await.unwrap();
        assert_eq!(count(&mut reader).await, 0);
        assert!(execute!(reader, "DELETE FROM things").is_err());
        drop(reader);
        assert_eq!(count(&mut scratch.db.begin_read().await.unwrap()).await, 1);
    }

    async fn three_hundred_writers_at_once_all_succeed(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        put(&mut tx, "a", 0).await;
        tx.commit().await.unwrap();
        let writers: Vec<_> = (0..300)
            .map(|_| {
                let db = scratch.db.clone();
                tokio::spawn(async move {
                    let mut tx = db.begin_write().await?;
                    // Read, then write: what deferred transactions fail at.
                    let count: i64 = on!(tx, |conn| sqlx::query_scalar("SELECT count FROM things").fetch_one(conn).await)?;
                    execute!(tx, "UPDATE things SET count = $1", count + 1)?;
                    tx.commit().await
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        let mut tx = scratch.db.begin_read().await.unwrap();
        let count: i64 = on!(tx, |conn| sqlx::query_scalar("SELECT count FROM things").fetch_one(conn).await).unwrap();
        assert_eq!(count, 300);
    }

    async fn a_change_to_an_older_version_is_stale(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        put(&mut tx, "a", 0).await;
        for (version, stale) in [(1, false), (1, true), (2, false)] {
            let met = execute!(tx, "UPDATE things SET version = version + 1 WHERE key = $1 AND version = $2", "a", version).unwrap();
            assert_eq!(matches!(etag::ensure_affected(met, "a"), Err(Error::StaleEtag { .. })), stale);
        }
    }

    async fn a_double_key_is_known_by_its_kind(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        let insert = "INSERT INTO cursors (stream, cursor) VALUES ('a', 'b')";
        execute!(tx, insert).unwrap();
        let Err(Error::Database(refusal)) = execute!(tx, insert) else { panic!("two rows of one key") };
        assert_eq!(refusal.kind, DatabaseErrorKind::Unique);
    }

    async fn a_second_start_finds_its_data(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        put(&mut tx, "a", 0).await;
        tx.commit().await.unwrap();
        let again = scratch.replica(&MIGRATIONS).await;
        assert_eq!(count(&mut again.db.begin_read().await.unwrap()).await, 1);
    }

    async fn services_do_not_share_tables(scratch) {
        let other = Db::open(&scratch.url, "scheduler", &MIGRATIONS, Clock::system(), Ids::system()).await.unwrap();
        let mut tx = scratch.db.begin_write().await.unwrap();
        put(&mut tx, "a", 0).await;
        // Each has its own write lock, too.
        let mut others = other.begin_write().await.unwrap();
        assert_eq!(count(&mut others).await, 0);
    }

    async fn a_retry_gets_the_first_answer(scratch) {
        let first = once(scratch.db.clone(), "r1", "x", "a").await.unwrap();
        let again = once(scratch.db.clone(), "r1", "x", "a").await.unwrap();
        assert_eq!(first, again);
        let other_body = once(scratch.db.clone(), "r1", "y", "a").await;
        assert!(matches!(other_body, Err(Error::RequestIdReused { .. })));
        assert!(matches!(once(scratch.db.clone(), "r2", "x", "a").await, Err(Error::AlreadyExists { .. })));
        assert!(matches!(once(scratch.db.clone(), "", "x", "a").await, Err(Error::AlreadyExists { .. })));
    }

    async fn a_failed_call_leaves_its_request_id_free(scratch) {
        once(scratch.db.clone(), "", "x", "a").await.unwrap();
        assert!(once(scratch.db.clone(), "r", "x", "a").await.is_err());
        assert!(once(scratch.db.clone(), "r", "x", "b").await.is_ok());
    }

    async fn retries_at_once_have_one_effect(scratch) {
        let calls: Vec<_> = (0..20)
            .map(|_| tokio::spawn(once(scratch.db.clone(), "r", "x", "a")))
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap().unwrap());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
    }

    async fn answers_are_forgotten_after_a_week(scratch) {
        let first = once(scratch.db.clone(), "r", "x", "a").await.unwrap();
        scratch.clock.advance(8 * 24 * 3_600 * 1_000_000);
        once(scratch.db.clone(), "other", "x", "b").await.unwrap();
        let anew = once(scratch.db.clone(), "r", "x", "c").await.unwrap();
        assert_ne!(first, anew);
    }

    async fn a_request_id_is_short_and_printable(scratch) {
        let long = "督".repeat(64);
        assert!(once(scratch.db.clone(), &long, "x", "a").await.is_ok());
        for wrong in [format!("{long}x"), "a\nb".to_owned()] {
            assert!(matches!(once(scratch.db.clone(), &wrong, "x", "b").await, Err(Error::Invalid(_))));
        }
    }
}

#[tokio::test]
async fn a_postgres_that_sorts_by_another_order_is_refused_with_the_remedy() {
    let cluster = Cluster::shared().await;
    cluster
        .create("CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'")
        .await;
    let refused = Db::open(
        &cluster.url("sorted"),
        "registry",
        &MIGRATIONS,
        Clock::system(),
        Ids::system(),
    )
    .await;
    assert!(refused.unwrap_err().to_string().contains("--locale=C"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_unavailable_and_comes_back() {
    let cluster = tokio::task::spawn_blocking(Cluster::start).await.unwrap();
    let url = cluster.create_database().await;
    let db = Db::open(
        &url,
        "registry",
        &MIGRATIONS,
        Clock::system(),
        Ids::system(),
    )
    .await
    .unwrap();
    let mut tx = db.begin_write().await.unwrap();
    put(&mut tx, "kept", 0).await;
    tx.commit().await.unwrap();
    let mut torn = db.begin_write().await.unwrap();
    put(&mut torn, "torn", 0).await;

    cluster.stop();
    let begun = Instant::now();
    assert!(torn.commit().await.is_err());
    let refused = db.begin_write().await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    assert!(begun.elapsed().as_secs() < 8);

    cluster.restart();
    let mut tx = db.begin_read().await.unwrap();
    assert_eq!(count(&mut tx).await, 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told() {
    let refused = Db::open(
        "sqlite:/proc/nowhere",
        "registry",
        &MIGRATIONS,
        Clock::system(),
        Ids::system(),
    )
    .await
    .unwrap_err();
    assert!(refused.to_string().contains("/proc/nowhere"), "{refused}");
}

#[tokio::test]
async fn a_scratch_database_leaves_nothing_behind() {
    let scratch = Scratch::sqlite("registry", &MIGRATIONS).await;
    let folder = scratch.url.strip_prefix("sqlite:").unwrap().to_owned();
    assert!(std::path::Path::new(&folder).join("registry.db").exists());
    drop(scratch);
    assert!(!std::path::Path::new(&folder).exists());
}

mod contents {
    use bytes::Bytes;
    use dudao_platform::Blobs;
    use dudao_platform::blob::{Bucket, Key, sha256};
    use dudao_platform::error::Error;
    use dudao_platform::testing::bucket::Store;

    const CONTENT: &[u8] = b"what was seen";

    fn key(generation: i64) -> Key {
        Key {
            sha256: sha256(CONTENT),
            generation,
        }
    }

    /// What must hold wherever content lies; `damage` changes a byte of what lies there.
    async fn content_is_kept_checked_and_removed(blobs: &Blobs, damage: impl AsyncFn()) {
        blobs
            .put(&key(0), Bytes::from_static(CONTENT))
            .await
            .unwrap();
        blobs
            .put(&key(0), Bytes::from_static(CONTENT))
            .await
            .unwrap();
        assert_eq!(blobs.get(&key(0), "a file").await.unwrap(), CONTENT);
        let missing = blobs.get(&key(1), "a file").await.unwrap_err();
        assert!(matches!(missing, Error::DataLoss { .. }), "{missing}");

        damage().await;
        let damaged = blobs.get(&key(0), "a file").await.unwrap_err();
        assert!(matches!(damaged, Error::DataLoss { .. }), "{damaged}");

        blobs
            .put(&key(1), Bytes::from_static(CONTENT))
            .await
            .unwrap();
        blobs.remove(&key(0)).await.unwrap();
        blobs.remove(&key(0)).await.unwrap();
        assert_eq!(blobs.get(&key(1), "a file").await.unwrap(), CONTENT);
        assert!(blobs.get(&key(0), "a file").await.is_err());
    }

    #[tokio::test]
    async fn a_folder_keeps_content_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::folder(folder.path().join("not/there/yet"));
        let hash = sha256(CONTENT);
        let file = folder
            .path()
            .join("not/there/yet")
            .join(&hash[..2])
            .join(format!("{}-0", &hash[2..]));
        content_is_kept_checked_and_removed(&blobs, async || {
            tokio::fs::write(&file, b"what was seem").await.unwrap();
        })
        .await;
        let mut left = tokio::fs::read_dir(file.parent().unwrap()).await.unwrap();
        let only = left.next_entry().await.unwrap().unwrap();
        assert!(only.file_name().to_string_lossy().ends_with("-1"));
        assert!(
            left.next_entry().await.unwrap().is_none(),
            "no part is left"
        );
    }

    #[tokio::test]
    async fn a_bucket_keeps_content_and_every_request_is_signed() {
        let store = Store::start().await;
        let blobs = Blobs::bucket(&store.bucket()).unwrap();
        content_is_kept_checked_and_removed(&blobs, async || {
            store.change(|objects| {
                for content in objects.values_mut() {
                    *content = Bytes::from_static(b"what was seem");
                }
            });
        })
        .await;
        let log = store.log();
        assert!(log.iter().all(|line| !line.ends_with("403")), "{log:?}");
        let puts = log.iter().filter(|line| line.starts_with("PUT")).count();
        assert_eq!(puts, 2, "the same content is sent once: {log:?}");
        assert_eq!(store.objects().len(), 1);

        let forged = Bucket {
            secret_key: "a guess".to_owned(),
            ..store.bucket()
        };
        let refused = Blobs::bucket(&forged)
            .unwrap()
            .put(&key(2), Bytes::from_static(CONTENT))
            .await
            .unwrap_err();
        assert!(
            refused.is_transient(),
            "nothing was acknowledged: {refused}"
        );
        assert_eq!(store.objects().len(), 1);
        assert!(!format!("{forged:?}").contains("a guess"));
    }

    #[tokio::test]
    async fn a_store_that_is_away_makes_it_unavailable() {
        let away = Bucket {
            name: "evidence".to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            region: "cn-test-1".to_owned(),
            access_key: "a".to_owned(),
            secret_key: "b".to_owned(),
        };
        let blobs = Blobs::bucket(&away).unwrap();
        let refused = blobs.put(&key(0), Bytes::from_static(CONTENT)).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })));
    }
}

on_both_databases! { "registry", &MIGRATIONS;
    async fn a_schema_that_is_older_or_leaves_no_room_for_this_release_is_refused_and_left_alone(scratch) {
        let opened = async |service, upkeep| {
            let opening = Opening { upkeep, ..Opening::default() };
            let (clock, ids) = (Clock::system(), Ids::system());
            Db::open_as(opening, &scratch.url, service, &MIGRATIONS, clock, ids).await
        };
        let refused = opened("scheduler", Upkeep::Check).await.unwrap_err().to_string();
        assert!(refused.contains("0.0") && refused.contains("dudao migrate"), "{refused}");
        assert!(opened("scheduler", Upkeep::Check).await.is_err(), "looking at it has made nothing");

        opened("registry", Upkeep::Check).await.unwrap();
        // Of a release to come: what its name leaves no room for is refused.
        for (number, description, fits) in [
            (9_997_i64, "adds things beside things", true),
            (9_998, "after 1 nobody counts", true),
            (9_999, "after 2 nobody looks", false),
            (9_999, "tidy up", false),
        ] {
            let mut tx = scratch.db.begin_write().await.unwrap();
            execute!(
                tx,
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, $2, $3, $4, 0) \
                 ON CONFLICT (version) DO UPDATE SET description = excluded.description",
                number,
                description,
                true,
                &b"of a release to come"[..],
            )
            .unwrap();
            tx.commit().await.unwrap();
            for upkeep in [Upkeep::Check, Upkeep::Renew] {
                match opened("registry", upkeep).await {
                    Ok(_) => assert!(fits, "{description} was taken"),
                    Err(refused) => {
                        let refused = refused.to_string();
                        assert!(!fits && refused.contains("9999") && refused.contains("newer dudao"), "{refused}");
                    }
                }
            }
        }
    }
}
