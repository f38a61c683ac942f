//! `dudao plan zones --scope 14` and `dudao plan year --scope 14`: the counties of a province, each by itself. They queue; schedulers,
//! however many, share them.

use std::collections::BTreeMap;
use std::time::Duration;

use dudao_platform::limited;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::year_plan_service_client::YearPlanServiceClient;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use scheduler::{PlanState, Progress, SolveReport};
use serde_json::json;
use tonic::Code;

use crate::args::{Format, PlanYear, PlanZones};
use crate::commands::{county, plan};
use crate::failure::{Failure, Result};
use crate::output;
use crate::progress::CountLine;
use crate::session::Session;

/// How often the list of plans is read.
const LOOK: Duration = Duration::from_millis(500);

/// A county's plan, as last read.
struct Known {
    name: String,
    state: PlanState,
    progress: Progress,
}

/// What became of a county.
enum Outcome {
    Planned(Known),
    /// Why there is no plan.
    Refused(String),
}

/// A kind of plan, by the flags that ask for it.
trait Kind {
    const WORDS: &'static str;

    async fn create(&self, session: &Session, parent: &str) -> Result<Known>;
    async fn read(session: &Session, name: &str) -> Result<Known>;
    async fn activate(session: &Session, name: &str) -> Result<Known>;
}

macro_rules! kind {
    ($args:ident: $words:literal; $client:ident { $create:ident, $get:ident($request:ident) }, $ask:ident, $activate:ident) => {
        impl Kind for $args {
            const WORDS: &'static str = $words;

            async fn create(&self, session: &Session, parent: &str) -> Result<Known> {
                let request = plan::$ask(parent, self)?;
                let mut client = limited!($client::new(session.link.clone()));
                let plan = client.$create(request).await?.into_inner();
                Ok(Known::of(plan.state(), plan.name, plan.report))
            }

            async fn read(session: &Session, name: &str) -> Result<Known> {
                let name = name.to_owned();
                let mut client = limited!($client::new(session.link.clone()));
                let plan = client
                    .$get(scheduler::$request { name })
                    .await?
                    .into_inner();
                Ok(Known::of(plan.state(), plan.name, plan.report))
            }

            async fn activate(session: &Session, name: &str) -> Result<Known> {
                let name = name.to_owned();
                let mut client = limited!($client::new(session.link.clone()));
                let plan = client
                    .$get(scheduler::$request { name })
                    .await?
                    .into_inner();
                let plan = plan::$activate(session, &plan).await?;
                Ok(Known::of(plan.state(), plan.name, plan.report))
            }
        }
    };
}
kind!(PlanZones: "划分责任区 zones";
    ZoningPlanServiceClient { create_zoning_plan, get_zoning_plan(GetZoningPlanRequest) }, request_zones_of, activate_zones);
kind!(PlanYear: "排定年度计划 year";
    YearPlanServiceClient { create_year_plan, get_year_plan(GetYearPlanRequest) }, request_year_of, activate_year);

impl Known {
    fn of(state: PlanState, name: String, report: Option<SolveReport>) -> Self {
        let progress = report.and_then(|report| report.progress);
        Self {
            name,
            state,
            progress: progress.unwrap_or_default(),
        }
    }
}

/// Zones of every county.
pub async fn zones(session: &Session, args: &PlanZones, scope: &str) -> Result<()> {
    run(session, args, scope, args.activate, args.out.output).await
}

/// The year of every county.
pub async fn year(session: &Session, args: &PlanYear, scope: &str) -> Result<()> {
    run(session, args, scope, args.activate, args.out.output).await
}

/// Queues a plan for each county, follows all of them on one line, and lists what came of them.
async fn run<K: Kind>(
    session: &Session,
    kind: &K,
    scope: &str,
    activate: bool,
    output: Format,
) -> Result<()> {
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
        let outcome = match kind.create(session, &parent).await {
            Ok(plan) => Outcome::Planned(plan),
            // What stands against it concerns this county alone.
            Err(Failure::Refused(fault))
                if !matches!(
                    fault.code,
                    Code::Unavailable | Code::Unauthenticated | Code::PermissionDenied
                ) =>
            {
                Outcome::Refused(fault.to_string())
            }
            Err(failure) => return Err(failure),
        };
        outcomes.insert(parent, outcome);
    }
    follow::<K>(session, &mut outcomes).await?;
    if activate {
        for outcome in outcomes.values_mut() {
            if let Outcome::Planned(plan) = outcome
                && plan.state == PlanState::Proposed
            {
                *plan = K::activate(session, &plan.name).await?;
            }
        }
    }
    tell(output, &outcomes)
}

/// Reads all plans again until each has come to its end.
async fn follow<K: Kind>(
    session: &Session,
    outcomes: &mut BTreeMap<String, Outcome>,
) -> Result<()> {
    let line = CountLine::new(K::WORDS, outcomes.len());
    loop {
        let mut open = 0;
        let mut solving = 0;
        let under_way = outcomes.values_mut().filter_map(|outcome| match outcome {
            Outcome::Planned(plan) if is_under_way(plan.state) => Some(plan),
            Outcome::Planned(_) | Outcome::Refused(_) => None,
        });
        for plan in under_way {
            match K::read(session, &plan.name).await {
                Ok(read) => *plan = read,
                // A scheduler that restarts: the plans are in the database.
                Err(Failure::Refused(fault)) if fault.code == Code::Unavailable => {}
                Err(failure) => return Err(failure),
            }
            open += usize::from(is_under_way(plan.state));
            solving += usize::from(plan.state == PlanState::Solving);
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

fn tell(output: Format, outcomes: &BTreeMap<String, Outcome>) -> Result<()> {
    let rows: Vec<_> = outcomes
        .iter()
        .map(|(county, outcome)| {
            let code = county.trim_start_matches("counties/");
            match outcome {
                Outcome::Planned(plan) => json!({
                    "county": code,
                    "plan": plan.name,
                    "state": plan.state.as_str_name().trim_start_matches("PLAN_STATE_"),
                    "minutes": plan.progress.objective,
                    "gap": plan.progress.gap,
                    "seconds": plan.progress.seconds,
                }),
                Outcome::Refused(why) => json!({ "county": code, "state": "REFUSED", "why": why }),
            }
        })
        .collect();
    output::print(output, &json!({ "counties": rows }), || {
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
            matches!(plan.state, PlanState::Infeasible | PlanState::Unsolved)
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
