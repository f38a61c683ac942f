//! Following a solve from any process: the moments come from the database.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use dudao_platform::{Context, Error, Result};
use dudao_proto::scheduler::v1 as pb;
use futures::stream::{self, Stream};
use tonic::Status;

use super::convert;
use crate::domain::lifecycle::State;
use crate::domain::plan::{Figures, Key};
use crate::store;

/// How often the database is asked.
const POLL: Duration = Duration::from_millis(250);

/// A stream of moments.
pub type Moments<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Every moment of a solve, from its first; then the end state, and the end. A shutdown ends it with UNAVAILABLE, so that the
/// client goes on elsewhere. A plan that is not there is an error at once.
pub async fn watch<T: 'static>(
    context: &Context,
    key: Key,
    message: fn(pb::PlanState, pb::Progress) -> T,
) -> Result<Moments<T>> {
    let mut watcher = Watcher {
        context: context.clone(),
        key,
        after: 0,
        told: None,
        ready: VecDeque::new(),
        ended: false,
    };
    watcher.read().await?;
    Ok(Box::pin(stream::unfold(
        watcher,
        move |mut watcher| async move {
            let (state, figures) = match watcher.next().await {
                Ok(moment) => moment?,
                Err(error) => {
                    watcher.ended = true;
                    watcher.ready.clear();
                    return Some((Err(error.into()), watcher));
                }
            };
            let moment = message(convert::state(state), convert::progress(&figures));
            Some((Ok(moment), watcher))
        },
    )))
}

struct Watcher {
    context: Context,
    key: Key,
    /// The number of the last moment read.
    after: i64,
    /// The last state told.
    told: Option<State>,
    ready: VecDeque<(State, Figures)>,
    /// Nothing follows what is ready.
    ended: bool,
}

impl Watcher {
    async fn next(&mut self) -> Result<Option<(State, Figures)>> {
        loop {
            if let Some(moment) = self.ready.pop_front() {
                return Ok(Some(moment));
            }
            if self.ended {
                return Ok(None);
            }
            let slept = self.context.shutdown.or(tokio::time::sleep(POLL)).await;
            slept.ok_or_else(|| Error::unavailable("the server is about to end"))?;
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<()> {
        let mut tx = self.context.db.begin_read().await?;
        let plan = store::plan::get(&mut tx, &self.key).await?;
        let moments = store::solve::moments(&mut tx, &self.key, self.after).await?;
        for (number, figures) in moments {
            self.after = number;
            // While moments come it is being solved, whatever became of it since.
            self.ready.push_back((State::Solving, figures));
            self.told = Some(State::Solving);
        }
        if self.told != Some(plan.state) {
            self.told = Some(plan.state);
            self.ready.push_back((plan.state, plan.report.figures));
        }
        self.ended = plan.state.solved();
        Ok(())
    }
}
