//! Whether databases answer, how many connections they hold, and whether others' events can be followed.

use std::sync::LazyLock;

use opentelemetry::metrics::Gauge;
use opentelemetry::{KeyValue, global};

use crate::db::Db;

static UP: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.database.up")
        .with_description("Whether the database answers: 1 or 0")
        .build()
});

static CONNECTIONS: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.database.connections")
        .with_description("Connections to the database, used and idle")
        .build()
});

static FAILURES: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.follow.failures")
        .with_description(
            "How often following a stream of events has failed in a row without any progress",
        )
        .build()
});

/// Tells of a database.
pub(crate) fn tell(db: &Db, answers: bool) {
    let database = KeyValue::new("database", db.service());
    UP.record(u64::from(answers), std::slice::from_ref(&database));
    for (state, count) in db.connections() {
        let labels = [database.clone(), KeyValue::new("state", state)];
        CONNECTIONS.record(count as u64, &labels);
    }
}

/// Tells how following a stream goes.
pub(crate) fn tell_following(follower: &'static str, stream: &'static str, failures: usize) {
    let labels = [
        KeyValue::new("follower", follower),
        KeyValue::new("stream", stream),
    ];
    FAILURES.record(failures as u64, &labels);
}
