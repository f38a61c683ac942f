//! Solving: claims queued plans by lease, runs each on a thread of its own, stores what it finds on the way, and hands back
//! what it can't finish. What a killed process leaves is taken over when its lease runs out.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dudao_optimizer::{Canceller, Status, Stop, Words};
use dudao_platform::{Context, Error, Result, events};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use crate::domain::lifecycle::{self, State, Step};
use crate::domain::plan::{Figures, Key, Plan};
use crate::engine::{self, Ended, Notes};
use crate::facts::{self, Fact};
use crate::figures::{self, UnderWay};
use crate::store;
use crate::store::solve::{Claim, Found, Lease};

/// How long a solve stays with a process that does not say that it lives.
pub const LEASE: Duration = Duration::from_secs(10);
/// How often a process says so.
const RENEWAL: Duration = Duration::from_secs(3);
/// How often a solve is looked after: found solutions stored, a cancel seen.
const TICK: Duration = Duration::from_millis(400);
/// How often solves of other processes are looked for; this process's own are seen at once.
const POLL: Duration = Duration::from_millis(500);
/// A solve that is taken over late has at least this long.
const LEAST_SECONDS: f64 = 0.2;
/// Who acts.
const ACTOR: &str = "scheduler";

/// Solves until the shutdown, as many plans at a time as there are processors.
pub async fn run(context: Context, wake: Arc<Notify>) -> Result<()> {
    let slots = std::thread::available_parallelism().map_or(1, usize::from);
    let holder = context.ids.next();
    let mut running = JoinSet::new();
    let mut beyond = BTreeSet::new();
    loop {
        while running.len() < slots {
            match next(&context, &holder, &mut beyond).await {
                Ok(Some((plan, claim))) => {
                    // A lone solve has all processors; those that come after it share.
                    let threads = slots / (running.len() + 1);
                    running.spawn(Solve::new(&context, &holder, threads, plan, claim).run());
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "looking for plans to solve has failed");
                    break;
                }
            }
        }
        tokio::select! {
            () = context.shutdown.asked() => break,
            () = wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            Some(ended) = running.join_next() => tell(ended),
        }
    }
    while let Some(ended) = running.join_next().await {
        tell(ended);
    }
    Ok(())
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a solve's keeper has died; its plan is taken over when the lease ends");
    }
}

/// Claims the plan whose turn it is. Those `beyond` what this release knows are left to processes of a newer one.
async fn next(
    context: &Context,
    holder: &str,
    beyond: &mut BTreeSet<String>,
) -> Result<Option<(Plan, Claim)>> {
    // Look first: an idle process takes no write lock.
    let mut tx = context.db.begin_read().await?;
    let key = loop {
        let Some(key) = store::solve::waiting(&mut tx, beyond).await? else {
            return Ok(None);
        };
        if engine::knows(key.kind, &store::solve::frozen(&mut tx, &key).await?) {
            break key;
        }
        tracing::warn!(plan = %key.name(), "{} was made by a newer dudao and waits for one", key.name());
        beyond.insert(key.plan);
    };
    drop(tx);
    let mut tx = context.db.begin_write().await?;
    let Some(claim) = store::solve::claim(&mut tx, &key, holder, micros(LEASE)).await? else {
        return Ok(None);
    };
    let mut plan = store::plan::get(&mut tx, &key).await?;
    if plan.state == State::Queued {
        plan.state = step(&plan, Step::Begin)?;
        plan.report.start_us = Some(tx.now_us());
        store::plan::update(&mut tx, &mut plan).await?;
    }
    tx.commit().await?;
    tracing::info!(plan = %key.name(), warm = !claim.frozen.solution.is_empty(), "solving {}", key.name());
    Ok(Some((plan, claim)))
}

fn step(plan: &Plan, way: Step) -> Result<State> {
    lifecycle::step(plan.key.kind, &plan.key.name(), plan.state, way).map_err(Error::from)
}

fn micros(duration: Duration) -> i64 {
    duration.as_micros() as i64
}

/// Ends the thread when its keeper is dropped: nobody would take its result.
struct EndOnDrop(Canceller);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A solve that this process holds.
struct Solve {
    context: Context,
    holder: String,
    key: Key,
    claim: Claim,
    stop: Stop,
    seed: u64,
    notes: Notes,
    found: Found,
    renewed: Instant,
}

/// What the keeper of a solve is to do next.
enum Next {
    GoOn,
    End,
    Lost,
}

impl Solve {
    fn new(context: &Context, holder: &str, threads: usize, plan: Plan, claim: Claim) -> Self {
        let left = (plan.limits.seconds - claim.figures.seconds).max(LEAST_SECONDS);
        let mut stop = Stop::new(Duration::from_secs_f64(left), plan.limits.gap);
        stop.steps = (plan.limits.steps > 0).then_some(plan.limits.steps);
        stop.threads = threads;
        if claim.cancelled {
            stop.canceller().cancel();
        }
        Self {
            context: context.clone(),
            holder: holder.to_owned(),
            found: Found {
                figures: claim.figures.clone(),
                solution: claim.frozen.solution.clone(),
                moments: Vec::new(),
            },
            key: plan.key,
            claim,
            stop,
            seed: plan.limits.seed,
            notes: Notes::default(),
            renewed: Instant::now(),
        }
    }

    async fn run(mut self) {
        let _under_way = UnderWay::begin(self.key.kind);
        let guard = EndOnDrop(self.stop.canceller());
        let mut ended = match self.spawn() {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(plan = %self.key.name(), %error, "no thread for {}", self.key.name());
                return;
            }
        };
        let mut cancelled = self.claim.cancelled;
        let mut leaving = false;
        let outcome = loop {
            tokio::select! {
                outcome = &mut ended => break outcome,
                () = self.context.shutdown.asked(), if !leaving => {
                    leaving = true;
                    guard.0.cancel();
                }
                () = tokio::time::sleep(TICK) => match self.tend().await {
                    Next::GoOn => {}
                    Next::End => {
                        cancelled = true;
                        guard.0.cancel();
                    }
                    Next::Lost => {
                        tracing::warn!(plan = %self.key.name(), "the lease on {} is lost", self.key.name());
                        return;
                    }
                },
            }
        };
        self.note();
        let refuted = matches!(&outcome, Ok(Ok(ended)) if ended.status == Status::Infeasible);
        if leaving && !cancelled && !refuted {
            self.hand_back().await;
        } else {
            // The sender is dropped unsent only if the thread has panicked.
            let outcome =
                outcome.unwrap_or_else(|_| Err("the solving thread has panicked".to_owned()));
            self.end(outcome).await;
        }
    }

    fn spawn(&self) -> std::io::Result<oneshot::Receiver<Result<Ended, String>>> {
        let (done, ended) = oneshot::channel();
        let (kind, seed) = (self.key.kind, self.seed);
        let (claim, stop, notes) = (self.claim.clone(), self.stop.clone(), self.notes.clone());
        std::thread::Builder::new()
            .name("solve".to_owned())
            .spawn(move || {
                let outcome = engine::run(kind, &claim.frozen, &claim.figures, &stop, seed, &notes);
                // Nobody waits any more when the lease was lost.
                drop(done.send(outcome));
            })?;
        Ok(ended)
    }

    /// Takes over what the thread has noted.
    fn note(&mut self) {
        let page = self.notes.take();
        let before = self.claim.figures.seconds;
        for mut moment in page.moments {
            moment.seconds += before;
            self.found.figures.improve(&moment);
            let mut told = self.found.figures.clone();
            told.seconds = moment.seconds;
            self.found.moments.push(told);
        }
        if !page.solution.is_empty() {
            self.found.solution = page.solution;
        }
    }

    /// Stores what was found, renews the lease and sees a cancel.
    async fn tend(&mut self) -> Next {
        self.note();
        let due = !self.found.moments.is_empty() || self.renewed.elapsed() >= RENEWAL;
        let kept = if due {
            self.keep(Lease::Renew(micros(LEASE))).await
        } else {
            Ok(true)
        };
        let cancelled = match kept {
            Ok(true) => self.cancelled().await,
            Ok(false) => Ok(None),
            Err(error) => Err(error),
        };
        match cancelled {
            Ok(None) => Next::Lost,
            Ok(Some(true)) => Next::End,
            Ok(Some(false)) => Next::GoOn,
            Err(error) => {
                tracing::warn!(plan = %self.key.name(), %error, "what {} has found is not stored yet", self.key.name());
                Next::GoOn
            }
        }
    }

    async fn cancelled(&self) -> Result<Option<bool>> {
        let mut tx = self.context.db.begin_read().await?;
        store::solve::cancelled(&mut tx, &self.key, &self.holder).await
    }

    async fn keep(&mut self, lease: Lease) -> Result<bool> {
        let mut tx = self.context.db.begin_write().await?;
        let kept = store::solve::keep(&mut tx, &self.key, &self.holder, &self.found, lease).await?;
        tx.commit().await?;
        self.found.moments.clear();
        self.renewed = Instant::now();
        Ok(kept)
    }

    async fn hand_back(&mut self) {
        match self.keep(Lease::HandBack).await {
            Ok(_) => tracing::info!(plan = %self.key.name(), "{} is handed back", self.key.name()),
            Err(error) => {
                tracing::warn!(plan = %self.key.name(), %error, "{} is not handed back and waits for its lease to end", self.key.name());
            }
        }
    }

    /// Stores the end; tries again while the database is away, as long as the lease lasts. An end that can't be stored at
    /// all is a bug and ends the plan as one: nobody is to wait for it, and no other process to fail on it again.
    async fn end(&mut self, mut outcome: Result<Ended, String>) {
        if let Err(error) = &outcome {
            tracing::error!(plan = %self.key.name(), error, "the solve of {} has failed: {error}", self.key.name());
        }
        let since = Instant::now();
        while let Err(error) = self.conclude(&outcome).await {
            if error.is_transient() && since.elapsed() <= LEASE {
                tracing::warn!(plan = %self.key.name(), %error, "the end of {} is not stored yet", self.key.name());
                tokio::time::sleep(POLL).await;
                continue;
            }
            tracing::error!(plan = %self.key.name(), %error, "the end of {} can't be stored", self.key.name());
            if error.is_transient() || outcome.is_err() {
                return;
            }
            outcome = Err(error.to_string());
        }
    }

    async fn conclude(&mut self, outcome: &Result<Ended, String>) -> Result<()> {
        let mut found = self.found.clone();
        if let Ok(ended) = outcome {
            found.figures = ended.figures.clone();
            found.solution.clone_from(&ended.solution);
            found.moments.push(ended.figures.clone());
        }
        let mut tx = self.context.db.begin_write().await?;
        if !store::solve::keep(&mut tx, &self.key, &self.holder, &found, Lease::Close).await? {
            return Ok(());
        }
        let mut plan = store::plan::get(&mut tx, &self.key).await?;
        let fact = match outcome {
            Ok(ended) => report(&mut plan, ended)?,
            Err(_) => {
                plan.report.figures = found.figures;
                plan.report.remarks.push(Words::new(
                    "求解时发生内部错误，请联系管理员",
                    "the solve has failed by a bug; ask whoever runs the system",
                ));
                plan.state = step(&plan, Step::GiveUp)?;
                Fact::Unsolved
            }
        };
        plan.report.end_us = Some(tx.now_us());
        store::plan::update(&mut tx, &mut plan).await?;
        let event = facts::record(fact, &plan, None, ACTOR)?;
        events::append(&mut tx, [event]).await?;
        tx.commit().await?;
        let state = outcome.is_ok().then_some(plan.state);
        figures::tell(self.key.kind, state, &plan.report.figures);
        tracing::info!(plan = %self.key.name(), state = plan.state.as_str(), "{} is {}", self.key.name(), plan.state.as_str());
        Ok(())
    }
}

/// Writes the end of a solve into the plan. A solution that breaks a rule is refused, whatever the search thought of it.
fn report(plan: &mut Plan, ended: &Ended) -> Result<Fact> {
    let (way, fact) = match ended.status {
        _ if !ended.violations.is_empty() => {
            tracing::error!(plan = %plan.key.name(), violations = ended.violations.len(), first = %ended.violations[0].words.en,
                "the check has refused a solution of {}", plan.key.name());
            (Step::GiveUp, Fact::Unsolved)
        }
        _ if !ended.solution.is_empty() => (Step::Propose, Fact::Proposed),
        Status::Infeasible => (Step::Refute, Fact::Infeasible),
        Status::Optimal | Status::Feasible | Status::Unknown => (Step::GiveUp, Fact::Unsolved),
    };
    plan.state = step(plan, way)?;
    plan.report.figures = Figures::clone(&ended.figures);
    plan.report.proof = Some(ended.proof.clone());
    plan.report.violations.clone_from(&ended.violations);
    plan.report.conflicts.clone_from(&ended.conflicts);
    plan.report.changes = ended.changes;
    Ok(fact)
}
