//! What both kinds of plan do alike: list, cancel, approve, activate, supersede.

use std::sync::Arc;
use std::time::Duration;

use dudao_platform::error::Precondition;
use dudao_platform::etag::Version;
use dudao_platform::page::Page;
use dudao_platform::rpc::{Link, Principal};
use dudao_platform::{Context, Error, Result, Tx, events, request};
use prost::{Message, Name};
use tokio::sync::Notify;

use super::convert;
use crate::domain::lifecycle::{self, State, Step};
use crate::domain::plan::{Draft, Frozen, Key, Kind, Limits, Plan, Report};
use crate::engine;
use crate::facts::{self, Fact};
use crate::store;

/// How long a cancel waits for its solve to end.
const CANCEL_PATIENCE: Duration = Duration::from_secs(15);
/// How often it looks.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// What the services of plans are built from.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Database, clock, ids, shutdown.
    pub context: Context,
    /// The registry.
    pub registry: Link,
    /// The inspection, which knows who is to be seen sooner.
    pub inspection: Link,
    /// Wakes this process's solver.
    pub wake: Arc<Notify>,
}

/// A request that changes a plan's state.
pub struct Ask<'a, Req> {
    /// The plan's name.
    pub name: &'a str,
    /// Only if it is still as it was read.
    pub etag: &'a str,
    /// Makes a retry return the first answer.
    pub request_id: &'a str,
    /// The whole request.
    pub request: &'a Req,
}

/// The same for every such request: `ask!(request)`.
macro_rules! ask {
    ($request:expr) => {
        $crate::api::plan::Ask {
            name: &$request.name,
            etag: &$request.etag,
            request_id: &$request.request_id,
            request: &$request,
        }
    };
}
pub(crate) use ask;

/// The county of a parent, `counties/{code}`.
pub fn county_of(parent: &str) -> Result<String> {
    let code = parent
        .strip_prefix("counties/")
        .filter(|code| !code.is_empty() && !code.contains('/'));
    code.map(str::to_owned).ok_or_else(|| {
        Error::invalid(
            "parent",
            format!("{parent} 应形如 counties/140525"),
            format!("{parent} must look like counties/140525"),
        )
    })
}

/// The key in a name; a malformed one is nobody's name.
pub fn key_of(kind: Kind, caller: &Principal, name: &str) -> Result<Key> {
    let key = Key::parse(kind, name).ok_or_else(|| Error::not_found(name))?;
    caller.reach(&key.county)?;
    Ok(key)
}

impl Desk {
    /// A plan with what its content is made of.
    pub async fn get(&self, key: &Key) -> Result<(Plan, Frozen)> {
        let mut tx = self.context.db.begin_read().await?;
        let plan = store::plan::get(&mut tx, key).await?;
        let frozen = store::solve::frozen(&mut tx, key).await?;
        Ok((plan, frozen))
    }

    /// A page of plans, newest first.
    pub async fn list(
        &self,
        kind: Kind,
        caller: &Principal,
        parent: &str,
        states: &[i32],
        page: Page<String>,
    ) -> Result<(Vec<Plan>, String)> {
        let county = county_of(parent)?;
        let states = convert::states_of(states)?;
        let county_prefix = if county == "-" {
            caller.county_prefix()
        } else {
            &county
        };
        caller.reach(if county == "-" {
            county_prefix
        } else {
            &county
        })?;
        let mut tx = self.context.db.begin_read().await?;
        let filter = store::plan::Filter {
            kind,
            county_prefix,
            states: &states,
            before: page.after().map(String::as_str),
            limit: page.limit(),
        };
        let plans = store::plan::list(&mut tx, &filter).await?;
        Ok(page.cut(plans, |plan| plan.key.plan.clone()))
    }

    /// A plan as it begins, not yet stored.
    pub fn begin<D>(
        &self,
        tx: &Tx,
        key: (&str, Kind),
        year: i32,
        limits: Limits,
        inputs: String,
        draft: &Draft<D>,
    ) -> Plan {
        let (county, kind) = key;
        Plan {
            key: Key {
                county: county.to_owned(),
                kind,
                plan: tx.new_id(),
            },
            year,
            state: State::Queued,
            limits,
            inputs,
            left_out: draft.left_out.clone(),
            report: Report {
                remarks: draft.remarks.clone(),
                ..Report::default()
            },
            created_us: tx.now_us(),
            updated_us: tx.now_us(),
            version: Version::FIRST.0,
        }
    }

    /// Does a step, unless it was done before under the same request id.
    pub async fn transition<Req, Res>(
        &self,
        kind: Kind,
        caller: &Principal,
        ask: Ask<'_, Req>,
        step: Step,
        to_proto: fn(&Plan, Option<&Frozen>) -> Result<Res>,
    ) -> Result<Res>
    where
        Req: Message + Name,
        Res: Message + Default,
    {
        let key = key_of(kind, caller, ask.name)?;
        let mut tx = self.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &key.county,
            ask.request_id,
            ask.request,
            async |tx: &mut Tx| {
                let mut plan = store::plan::get(tx, &key).await?;
                Version(plan.version).check(ask.etag, ask.name)?;
                plan.state = lifecycle::step(kind, ask.name, plan.state, step)?;
                if step == Step::Cancel {
                    cancel(tx, &mut plan, caller).await?;
                } else {
                    effect(tx, &mut plan, step, caller).await?;
                }
                to_proto(&plan, None)
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Ends a solve, and answers once it has ended: with the plan as it is then.
    pub async fn cancel<Req, Res>(
        &self,
        kind: Kind,
        caller: &Principal,
        ask: Ask<'_, Req>,
        to_proto: fn(&Plan, Option<&Frozen>) -> Result<Res>,
    ) -> Result<Res>
    where
        Req: Message + Name,
        Res: Message + Default,
    {
        let key = key_of(kind, caller, ask.name)?;
        self.transition(kind, caller, ask, Step::Cancel, to_proto)
            .await?;
        self.wake.notify_one();
        let ended = async {
            loop {
                let (plan, frozen) = self.get(&key).await?;
                if plan.state.solved() {
                    return to_proto(&plan, Some(&frozen));
                }
                tokio::time::sleep(CANCEL_POLL).await;
            }
        };
        let patience = tokio::time::timeout(CANCEL_PATIENCE, ended);
        match self.context.shutdown.or(patience).await {
            Some(Ok(answer)) => answer,
            _ => Err(Error::unavailable(
                "the solve is asked to end and has not ended yet",
            )),
        }
    }
}

/// A plan that nobody solves yet ends at once; for any other its solver is told.
async fn cancel(tx: &mut Tx, plan: &mut Plan, caller: &Principal) -> Result<()> {
    store::solve::cancel(tx, &plan.key).await?;
    if plan.state != State::Unsolved {
        return Ok(());
    }
    store::solve::close_unbegun(tx, &plan.key).await?;
    plan.report.end_us = Some(tx.now_us());
    store::plan::update(tx, plan).await?;
    let event = facts::record(Fact::Unsolved, plan, None, caller.actor())?;
    events::append(tx, [event]).await
}

/// Stores a step and records it; activating supersedes the plan in force in the same transaction.
async fn effect(tx: &mut Tx, plan: &mut Plan, step: Step, caller: &Principal) -> Result<()> {
    let actor = caller.actor();
    let mut happened = Vec::new();
    let mut frozen = None;
    let fact = match step {
        Step::Approve => {
            unbroken(plan)?;
            Fact::Approved
        }
        Step::Activate => {
            let Key { county, kind, .. } = &plan.key;
            if let Some(mut old) = store::plan::in_force(tx, county, *kind, plan.year).await? {
                old.state = lifecycle::step(*kind, &old.key.name(), old.state, Step::Supersede)?;
                store::plan::update(tx, &mut old).await?;
                happened.push(facts::record(Fact::Superseded, &old, None, actor)?);
            }
            let content = store::solve::frozen(tx, &plan.key).await?;
            if !engine::knows(*kind, &content) {
                return Err(Error::unavailable(
                    "a newer dudao has made this plan, and is needed to put it in force",
                ));
            }
            frozen = Some(content);
            Fact::Activated
        }
        Step::Supersede => Fact::Superseded,
        Step::Begin | Step::Propose | Step::Refute | Step::GiveUp | Step::Cancel => {
            return Err(Error::internal("a solver's step was asked for by a caller"));
        }
    };
    store::plan::update(tx, plan).await?;
    happened.push(facts::record(fact, plan, frozen.as_ref(), actor)?);
    events::append(tx, happened).await
}

/// No plan that breaks a rule is approved.
fn unbroken(plan: &Plan) -> Result<()> {
    if plan.report.violations.is_empty() {
        return Ok(());
    }
    let rules = plan.report.violations.iter().map(|violation| Precondition {
        rule: violation.rule.clone(),
        article: plan.key.kind.article().to_owned(),
        subject: plan.key.name(),
        zh: violation.words.zh.clone(),
        en: violation.words.en.clone(),
    });
    Err(Error::RuleBroken(rules.collect()))
}
