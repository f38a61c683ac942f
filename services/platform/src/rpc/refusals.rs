//! Every refusal of access goes into the trail of the service that was called: not one by one, or whoever is refused could fill
//! it, but counted over a few seconds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dudao_proto::event::v1::AccessRefused;
use tonic::Code;

use crate::db::Db;
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::lifecycle::Shutdown;

/// How long refusals are counted before they are written.
const COUNTED: Duration = Duration::from_secs(5);
/// So many kinds of refusals are told apart in that time; further callers are counted as one.
const KINDS: usize = 500;
/// Who writes them.
const ACTOR: &str = "access";

type Counts = BTreeMap<(String, String, &'static str), i32>;

/// Counts refusals. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Refusals {
    counts: Arc<Mutex<Counts>>,
}

impl Refusals {
    /// Counts one.
    pub(super) fn note(&self, caller: &str, method: &str, code: Code) {
        let code = if code == Code::Unauthenticated {
            "UNAUTHENTICATED"
        } else if code == Code::PermissionDenied {
            "PERMISSION_DENIED"
        } else {
            // What lies out of reach is refused as if it did not exist.
            "NOT_FOUND"
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kind = (caller.to_owned(), method.to_owned(), code);
        if counts.len() >= KINDS && !counts.contains_key(&kind) {
            "*".clone_into(&mut kind.0);
        }
        let count = counts.entry(kind).or_default();
        *count = count.saturating_add(1);
    }

    /// Writes what was counted, every few seconds and once more at the end.
    pub(super) async fn keep_writing(self, trails: Vec<Db>, shutdown: Shutdown) -> Result<()> {
        loop {
            let ended = shutdown.or(tokio::time::sleep(COUNTED)).await.is_none();
            let counts = {
                let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *counts)
            };
            for db in &trails {
                let package = format!("/dudao.{}.", db.service());
                let own = |method: &str| method.starts_with(&package);
                let facts: Vec<_> = counts
                    .iter()
                    .filter(|((_, method, _), _)| own(method))
                    .map(|((caller, method, code), count)| fact(caller, method, code, *count))
                    .collect();
                if let Err(error) = write(db, facts).await {
                    tracing::error!(%error, "refusals of access could not be recorded: {error}");
                }
            }
            if ended {
                return Ok(());
            }
        }
    }
}

fn fact(caller: &str, method: &str, code: &str, count: i32) -> NewEvent {
    let refused = AccessRefused {
        caller: caller.to_owned(),
        method: method.to_owned(),
        code: code.to_owned(),
        count,
    };
    NewEvent::new("", "", ACTOR, &refused)
}

async fn write(db: &Db, facts: Vec<NewEvent>) -> Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin_write().await?;
    events::append(&mut tx, facts).await?;
    tx.commit().await
}
