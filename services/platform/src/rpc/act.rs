//! On whose account something happens: what the records say of a call under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::principal::{Identity, Principal};

tokio::task_local! {
    static ACT: Arc<Act>;
}

/// A call under way.
#[derive(Debug, Default)]
pub(crate) struct Act {
    /// Who calls.
    identity: Arc<Identity>,
    /// For whom; "" for itself.
    pub(crate) on_behalf_of: String,
    /// The RPC's path.
    pub(crate) method: Arc<str>,
    /// Whether something was asked for that lies out of the caller's reach.
    out_of_reach: AtomicBool,
}

impl Act {
    pub(super) fn of(caller: &Principal, path: &Arc<str>) -> Self {
        Self {
            identity: Arc::clone(caller.identity()),
            on_behalf_of: caller.on_behalf_of().to_owned(),
            method: Arc::clone(path),
            out_of_reach: AtomicBool::new(false),
        }
    }

    /// The call under way; an empty one outside of calls.
    pub(crate) fn current() -> Arc<Self> {
        ACT.try_with(Arc::clone).unwrap_or_default()
    }

    /// Runs a call on its account.
    pub(super) async fn within<T>(self, call: impl Future<Output = T>) -> T {
        ACT.scope(Arc::new(self), call).await
    }

    /// Notes that something was asked for that lies out of the caller's reach: it is told that there is no such thing, and the
    /// trail that it has asked.
    pub(crate) fn note_out_of_reach() {
        Self::current().out_of_reach.store(true, Ordering::Relaxed);
    }

    pub(super) fn was_out_of_reach(&self) -> bool {
        self.out_of_reach.load(Ordering::Relaxed)
    }

    /// Who is behind it: the person, where a service calls for one.
    pub(crate) fn behind(&self) -> &str {
        if self.on_behalf_of.is_empty() {
            &self.identity.subject
        } else {
            &self.on_behalf_of
        }
    }
}
