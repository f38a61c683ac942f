//! How a process ends: in order when asked, at once when something in it has died.
//!
//! Asked to end (SIGTERM, SIGINT), a process drains: it reports itself as not serving, streams end, solves hand back
//! their lease, calls under way finish. What has not ended after the grace period is dropped; a second signal shortens it.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};

/// The two steps of an end. Cheap to clone; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
}

impl Shutdown {
    /// Nothing has been asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything to come to its end.
    pub fn begin(&self) {
        self.soft.cancel();
    }

    /// Ends the patience with what has not.
    pub fn force(&self) {
        self.soft.cancel();
        self.hard.cancel();
    }

    /// Whether the end was asked for.
    pub fn begun(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Waits until the end is asked for.
    pub async fn asked(&self) {
        self.soft.cancelled().await;
    }

    /// Waits until patience is over.
    pub async fn forced(&self) {
        self.hard.cancelled().await;
    }

    /// Does the work unless the end is asked for first: then `None`, and the work is dropped.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.soft.run_until_cancelled(work).await
    }

    /// Begins the end with the first SIGTERM or SIGINT, and forces it with the second.
    pub async fn on_signals(self) -> Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
        for step in [Self::begin, Self::force] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = self.forced() => return Ok(()),
            }
            tracing::info!("asked to end");
            step(&self);
        }
        Ok(())
    }
}

/// Work that goes on as long as the process.
pub struct Task {
    name: Cow<'static, str>,
    work: Pin<Box<dyn Future<Output = Result<()>> + Send>>,
}

impl Task {
    /// Names the work. It ends by itself once the shutdown is asked for, and not before.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        work: impl Future<Output = Result<()>> + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            work: Box::pin(work),
        }
    }

    /// What it is called in logs.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Task").field(&self.name).finish()
    }
}

/// Runs tasks until the shutdown is asked for and all of them have ended, or the grace period is over.
///
/// A task that ends unasked, fails or panics takes the others with it: they drain, and the error tells which it was, so
/// that the process ends with a non-zero code and is started anew.
pub async fn run(tasks: Vec<Task>, shutdown: &Shutdown, grace: Duration) -> Result<()> {
    let mut running = JoinSet::new();
    let mut names = std::collections::HashMap::new();
    for task in tasks {
        let handle = running.spawn(task.work);
        names.insert(handle.id(), task.name);
    }
    let mut failure = Ok(());
    let patience = async {
        shutdown.asked().await;
        tokio::select! {
            () = tokio::time::sleep(grace) => shutdown.force(),
            () = shutdown.forced() => {}
        }
    };
    tokio::pin!(patience);
    loop {
        let ended = tokio::select! {
            biased;
            ended = running.join_next_with_id() => ended,
            () = &mut patience => break,
        };
        let (id, outcome) = match ended {
            None => break,
            Some(Ok((id, outcome))) => (id, outcome),
            Some(Err(died)) => (died.id(), Err(Error::internal(died))),
        };
        let name = names.remove(&id).unwrap_or_default();
        let outcome = match outcome {
            Ok(()) if !shutdown.begun() => Err(Error::internal("it ended unasked")),
            outcome => outcome,
        };
        if let Err(error) = outcome {
            tracing::error!(task = %name, %error, "task {name} has died");
            if failure.is_ok() {
                failure = Err(Error::internal(format!("task {name} has died: {error}")));
            }
            shutdown.begin();
        }
    }
    if !running.is_empty() {
        let late: Vec<_> = names.values().map(AsRef::as_ref).collect();
        tracing::warn!(tasks = ?late, "dropping tasks that did not end in time");
        running.shutdown().await;
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_end_in_order_when_asked() {
        let shutdown = Shutdown::new();
        let watched = shutdown.clone();
        let task = Task::new("patient", async move {
            watched.asked().await;
            Ok(())
        });
        shutdown.begin();
        assert!(
            run(vec![task], &shutdown, Duration::from_secs(5))
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_task_that_dies_unasked_takes_the_others_with_it() {
        for kind in ["ends", "fails", "panics"] {
            let shutdown = Shutdown::new();
            let watched = shutdown.clone();
            let other = Task::new("other", async move {
                watched.asked().await;
                Ok(())
            });
            let culprit = Task::new("culprit", async move {
                match kind {
                    "ends" => Ok(()),
                    "fails" => Err(Error::internal("no")),
                    _ => panic!("no"),
                }
            });
            let outcome = run(vec![other, culprit], &shutdown, Duration::from_secs(5)).await;
            assert!(
                outcome
                    .expect_err("it died")
                    .to_string()
                    .contains("culprit")
            );
            assert!(shutdown.begun());
        }
    }

    #[tokio::test]
    async fn a_task_that_does_not_end_in_time_is_dropped() {
        let shutdown = Shutdown::new();
        let stubborn = Task::new("stubborn", std::future::pending());
        shutdown.begin();
        assert!(
            run(vec![stubborn], &shutdown, Duration::from_millis(50))
                .await
                .is_ok()
        );
    }
}
