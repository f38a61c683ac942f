//! `dudao plan zones --scope 14`: the counties of a province, each by itself. They queue; schedulers, however many, share them.

use std::collections::BTreeMap;
use std::time::Duration;

use dudao_platform::limited;
use dudao_platform::rpc::Fault;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use scheduler::{PlanState, ZoningPlan};
use serde_json::json;
use tonic::Code;

use crate::args::PlanZones;
use crate::commands::{county, plan};
use crate::failure::{Failure, Result};
use crate::output;
use crate::progress::CountLine;
use crate::session::Session;

/// How often the list of plans is read.
const LOOK: Duration = Duration::from_millis(500);

/// What became of a county.
#[derive(Clone, Debug)]
enum Outcome {
    /// Its plan, as last read.
    Planned(Box<ZoningPlan>),
    /// Why there is none.
    Refused(String),
}

/// Queues a plan for each county, follows all of them on one line, and lists what came of them.
pub async fn run(session: &Session, args: &PlanZones, scope: &str) -> Result<()> {
    let codes: Vec<_> = county::all(session)
        .await?
        .into_iter()
        .map(|county| county.name)
        .filter(|name| name.trim_start_matches("counties/").starts_with(scope))
        .collect();
    if codes.is_empty() {
        return Err(Failure::Input(format!(
            "没有代码以 {scope} 开头的县\nThere is no county whose code begins with {scope}."
        )));
    }
    let mut outcomes = BTreeMap::new();
    for parent in codes {
        let outcome = queue(session, args, &parent).await?;
        outcomes.insert(parent, outcome);
    }
    follow(session, &mut outcomes).await?;
    if args.activate {
        for outcome in outcomes.values_mut() {
            if let Outcome::Planned(one) = outcome
                && one.state() == PlanState::Proposed
            {
                **one = plan::activate_zones(session, one).await?;
            }
        }
    }
    tell(args, &outcomes)
}

/// Queues a county's plan. What stands against it concerns this county alone.
async fn queue(session: &Session, args: &PlanZones, parent: &str) -> Result<Outcome> {
    let request = plan::request_zones_of(parent, args)?;
    let mut client = limited!(ZoningPlanServiceClient::new(session.link.clone()));
    match client.create_zoning_plan(request).await {
        Ok(created) => Ok(Outcome::Planned(Box::new(created.into_inner()))),
        Err(status)
            if matches!(
                status.code(),
                Code::Unavailable | Code::Unauthenticated | Code::PermissionDenied
            ) =>
        {
            Err(status.into())
        }
        Err(status) => Ok(Outcome::Refused(Fault::from(&status).to_string())),
    }
}

/// Reads all plans again until each has come to its end.
async fn follow(session: &Session, outcomes: &mut BTreeMap<String, Outcome>) -> Result<()> {
    let line = CountLine::new("划分责任区 zones", outcomes.len());
    loop {
        let mut open = 0;
        let mut solving = 0;
        let under_way = outcomes.values_mut().filter_map(|outcome| match outcome {
            Outcome::Planned(plan) if is_under_way(plan.state()) => Some(plan),
            Outcome::Planned(_) | Outcome::Refused(_) => None,
        });
        for plan in under_way {
            let mut client = limited!(ZoningPlanServiceClient::new(session.link.clone()));
            let name = plan.name.clone();
            let read = client
                .get_zoning_plan(scheduler::GetZoningPlanRequest { name })
                .await;
            match read {
                Ok(read) => **plan = read.into_inner(),
                // A scheduler that restarts: the plans are in the database.
                Err(status) if status.code() == Code::Unavailable => {}
                Err(status) => return Err(status.into()),
            }
            open += usize::from(is_under_way(plan.state()));
            solving += usize::from(plan.state() == PlanState::Solving);
        }
        line.show(outcomes.len() - open, solving);
        if open == 0 {
            line.end();
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn is_under_way(state: PlanState) -> bool {
    matches!(state, PlanState::Queued | PlanState::Solving)
}

fn tell(args: &PlanZones, outcomes: &BTreeMap<String, Outcome>) -> Result<()> {
    let rows: Vec<_> = outcomes
        .iter()
        .map(|(county, outcome)| {
            let code = county.trim_start_matches("counties/");
            match outcome {
                Outcome::Planned(plan) => {
                    let progress = plan
                        .report
                        .as_ref()
                        .and_then(|report| report.progress.as_ref());
                    json!({
                        "county": code,
                        "plan": plan.name,
                        "state": plan.state().as_str_name().trim_start_matches("PLAN_STATE_"),
                        "minutes": progress.and_then(|progress| progress.objective),
                        "gap": progress.and_then(|progress| progress.gap),
                        "seconds": progress.map(|progress| progress.seconds),
                    })
                }
                Outcome::Refused(why) => json!({ "county": code, "state": "REFUSED", "why": why }),
            }
        })
        .collect();
    output::print(args.out.output, &json!({ "counties": rows }), || {
        output::table(
            &[
                "县 county",
                "状态 state",
                "分钟/年 minutes",
                "间隙 gap",
                "用时 seconds",
                "说明 why",
            ],
            rows.iter().map(|row| {
                let number = |key: &str, digits: usize| {
                    let value = row[key].as_f64();
                    value
                        .map(|value| format!("{value:.digits$}"))
                        .unwrap_or_default()
                };
                vec![
                    output::text(&row["county"]),
                    output::text(&row["state"]),
                    number("minutes", 0),
                    row["gap"]
                        .as_f64()
                        .map(|gap| format!("{:.2}%", gap * 100.0))
                        .unwrap_or_default(),
                    number("seconds", 1),
                    output::text(&row["why"]),
                ]
            }),
        )
    })?;
    let wanting = outcomes.values().filter(|outcome| match outcome {
        Outcome::Planned(plan) => {
            matches!(plan.state(), PlanState::Infeasible | PlanState::Unsolved)
        }
        Outcome::Refused(_) => true,
    });
    match wanting.count() {
        0 => Ok(()),
        count => Err(Failure::Unsolved(format!(
            "{count} 个县没有得到方案，见上表 counties without a plan: {count}, see above"
        ))),
    }
}
