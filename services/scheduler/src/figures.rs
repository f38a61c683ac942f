//! What the scheduler tells of its solves: how many wait and how long, how many are under way, how long they took, and how well they ended.

use std::sync::LazyLock;
use std::time::Duration;

use dudao_platform::{Context, Result};
use opentelemetry::metrics::{Gauge, Histogram, UpDownCounter};
use opentelemetry::{KeyValue, global};

use crate::domain::lifecycle::State;
use crate::domain::plan::{Figures, Kind};
use crate::store;

/// How often the queue is counted.
const COUNTED: Duration = Duration::from_secs(5);

static QUEUED: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.solve.queued")
        .with_description("Plans that wait for somebody to solve them")
        .build()
});

static WAIT: LazyLock<Gauge<f64>> = LazyLock::new(|| {
    global::meter("dudao")
        .f64_gauge("dudao.solve.oldest.wait")
        .with_unit("s")
        .with_description("How long the one that waits longest has waited")
        .build()
});

static RUNNING: LazyLock<UpDownCounter<i64>> = LazyLock::new(|| {
    global::meter("dudao")
        .i64_up_down_counter("dudao.solve.running")
        .with_description("Plans that this process solves")
        .build()
});

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("dudao")
        .f64_histogram("dudao.solve.duration")
        .with_unit("s")
        .with_description("Time of a solve, of every process that took part")
        .with_boundaries(vec![
            0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
        ])
        .build()
});

static GAP: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("dudao")
        .f64_histogram("dudao.solve.gap")
        .with_unit("1")
        .with_description("The proven gap of a plan when its solve ended")
        .with_boundaries(vec![0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5])
        .build()
});

fn kind(kind: Kind) -> KeyValue {
    KeyValue::new("kind", kind.key())
}

/// A solve that this process has; over when dropped.
#[derive(Debug)]
pub struct UnderWay(Kind);

impl UnderWay {
    /// Begins one.
    pub fn begin(of: Kind) -> Self {
        RUNNING.add(1, &[kind(of)]);
        Self(of)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        RUNNING.add(-1, &[kind(self.0)]);
    }
}

/// Tells of a solve that has ended; `state` is none where it ended by a bug.
pub fn tell(of: Kind, state: Option<State>, figures: &Figures) {
    let outcome = state.map_or("failed", |state| match state {
        State::Proposed => "proposed",
        State::Infeasible => "infeasible",
        State::Unsolved
        | State::Queued
        | State::Solving
        | State::Approved
        | State::Active
        | State::Superseded => "unsolved",
    });
    let labels = [kind(of), KeyValue::new("outcome", outcome)];
    DURATION.record(figures.seconds, &labels);
    if let Some(gap) = figures.gap() {
        GAP.record(gap, &[kind(of)]);
    }
}

/// Counts what waits, until the shutdown.
pub async fn count(context: Context) -> Result<()> {
    loop {
        match queue(&context).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "the queue of solves can't be counted"),
        }
        if context
            .shutdown
            .or(tokio::time::sleep(COUNTED))
            .await
            .is_none()
        {
            return Ok(());
        }
    }
}

async fn queue(context: &Context) -> Result<()> {
    let mut tx = context.db.glance().await?;
    let now_us = tx.now_us();
    let waiting = store::solve::queue(&mut tx).await?;
    for of in Kind::ALL {
        let found = waiting.iter().find(|(key, ..)| key == of.key());
        let (count, since_us) =
            found.map_or((0, now_us), |(_, count, since_us)| (*count, *since_us));
        QUEUED.record(u64::try_from(count).unwrap_or_default(), &[kind(of)]);
        WAIT.record((now_us - since_us).max(0) as f64 / 1e6, &[kind(of)]);
    }
    Ok(())
}
