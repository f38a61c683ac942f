//! `dudao plan`.

use std::path::Path;

use chrono::Datelike as _;
use dudao_platform::Clock;
use dudao_platform::limited;
use dudao_platform::rpc::Link;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::year_plan_service_client::YearPlanServiceClient;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use scheduler::{PlanState, SolveReport, YearPlan, ZoningPlan};

use crate::args::{Limits, Plan, PlanYear, PlanZones};
use crate::commands::{province, show, tradeoff};
use crate::failure::{Failure, Result};
use crate::output::plans;
use crate::progress::SolveLine;
use crate::session::Session;

type Zonings = ZoningPlanServiceClient<Link>;
type Years = YearPlanServiceClient<Link>;

/// Plans zones or the year.
pub async fn run(session: &Session, args: &Plan) -> Result<()> {
    match args {
        Plan::Zones(
            args @ PlanZones {
                scope: Some(scope), ..
            },
        ) => province::zones(session, args, scope).await,
        Plan::Zones(args) if !args.compare.is_empty() => tradeoff::run(session, args).await,
        Plan::Zones(args) => {
            let request = request_zones(session, args).await?;
            let plan = zones(session, request, |_| {}).await?;
            let plan = if args.activate {
                activate_zones(session, &plan).await?
            } else {
                plan
            };
            plans::zones(session, &plan, &args.out).await
        }
        Plan::Year(
            args @ PlanYear {
                scope: Some(scope), ..
            },
        ) => province::year(session, args, scope).await,
        Plan::Year(args) => {
            ensure_active_zoning(session).await?;
            let request = request_year(session, args).await?;
            let plan = year(session, request, |_| {}).await?;
            let plan = if args.activate {
                activate_year(session, &plan).await?
            } else {
                plan
            };
            plans::year(&plan, &args.out)
        }
    }
}

fn limits(args: &Limits) -> scheduler::SolveLimits {
    scheduler::SolveLimits {
        seconds: args.time,
        gap: Some(args.gap),
        seed: args.seed,
        steps: args.steps,
    }
}

/// The plan that is asked for.
pub async fn request_zones(
    session: &Session,
    args: &PlanZones,
) -> Result<scheduler::CreateZoningPlanRequest> {
    request_zones_of(&session.county().await?, args)
}

/// The same for a county, `counties/{code}`.
pub fn request_zones_of(
    parent: &str,
    args: &PlanZones,
) -> Result<scheduler::CreateZoningPlanRequest> {
    let kinds = [
        ("--pin", &args.pin),
        ("--forbid", &args.forbid),
        ("--together", &args.together),
        ("--apart", &args.apart),
    ];
    let pins = kinds
        .iter()
        .flat_map(|(flag, pins)| pins.iter().map(|pin| parse_pin(parent, flag, pin)))
        .collect::<Result<_>>()?;
    Ok(scheduler::CreateZoningPlanRequest {
        zoning_plan: Some(ZoningPlan {
            limits: Some(limits(&args.limits)),
            weights: Some(scheduler::ZoningWeights {
                change: args.weight_change,
                town_cut: args.weight_town_cut,
                imbalance: args.weight_imbalance,
                ..Default::default()
            }),
            pins,
            include_unqualified: args.include_unqualified,
            effective_date: args.from.clone().unwrap_or_default(),
            revise: args.revise,
            ..Default::default()
        }),
        parent: parent.to_owned(),
        request_id: String::new(),
    })
}

fn parse_pin(parent: &str, flag: &str, pin: &str) -> Result<scheduler::ZoningPin> {
    use scheduler::zoning_pin::{Assign, Pair, Pin};
    let (school, other) = pin.split_once('=').ok_or_else(|| {
        Failure::Input(format!(
            "{flag} 应为 编号=编号，而非 {pin}\n{flag} must be two ids with = between them, not {pin}"
        ))
    })?;
    let school = format!("{parent}/schools/{}", school.trim());
    let other = other.trim();
    let assign = |school| Assign {
        school,
        supervisor: format!("{parent}/supervisors/{other}"),
    };
    let pair = |first| Pair {
        first,
        second: format!("{parent}/schools/{other}"),
    };
    let pin = match flag {
        "--forbid" => Pin::Forbid(assign(school)),
        "--together" => Pin::Together(pair(school)),
        "--apart" => Pin::Apart(pair(school)),
        _ => Pin::Assign(assign(school)),
    };
    Ok(scheduler::ZoningPin { pin: Some(pin) })
}

fn parse_visit(parent: &str, pin: &str) -> Result<scheduler::VisitPin> {
    let (visit_id, rest) = pin.split_once('=').ok_or_else(|| {
        Failure::Input(format!(
            "--pin 应为 督导编号=日期 或 督导编号=日期=工号,工号，而非 {pin}\n--pin must be VISIT=DAY or VISIT=DAY=SUPERVISORS, not {pin}"
        ))
    })?;
    let (date, team) = rest.split_once('=').unwrap_or((rest, ""));
    let team = team.split(',').map(str::trim).filter(|id| !id.is_empty());
    Ok(scheduler::VisitPin {
        visit_id: visit_id.trim().to_owned(),
        date: date.trim().to_owned(),
        team: team
            .map(|id| format!("{parent}/supervisors/{id}"))
            .collect(),
    })
}

async fn request_year(
    session: &Session,
    args: &PlanYear,
) -> Result<scheduler::CreateYearPlanRequest> {
    let mut request = request_year_of(&session.county().await?, args)?;
    if let (None, true, Some(plan)) = (args.year, args.revise, &mut request.year_plan) {
        plan.year = show::year_plan(session, None).await?.year;
    }
    Ok(request)
}

/// The same for a county, `counties/{code}`; without a year for the next one, a revision for this one.
pub fn request_year_of(parent: &str, args: &PlanYear) -> Result<scheduler::CreateYearPlanRequest> {
    let items = match &args.items {
        Some(file) => items(file)?,
        None => Vec::new(),
    };
    let this_year = Clock::system().today().year();
    let pins = args.pin.iter().map(|pin| parse_visit(parent, pin));
    Ok(scheduler::CreateYearPlanRequest {
        year_plan: Some(YearPlan {
            year: args.year.unwrap_or(this_year + i32::from(!args.revise)),
            revise: args.revise,
            pins: pins.collect::<Result<_>>()?,
            limits: Some(limits(&args.limits)),
            items,
            include_unqualified: args.include_unqualified,
            ..Default::default()
        }),
        parent: parent.to_owned(),
        request_id: String::new(),
    })
}

/// The year's list from a JSON file: an array of objects with the fields of `YearItem`.
fn items(file: &Path) -> Result<Vec<scheduler::YearItem>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        #[serde(rename = "item_id")]
        id: String,
        display_name: String,
        kind: String,
        #[serde(default)]
        basis: String,
        #[serde(default = "yes")]
        filed: bool,
        #[serde(default)]
        start_date: String,
        #[serde(default)]
        end_date: String,
        #[serde(default)]
        targets: Vec<String>,
        #[serde(default)]
        team_size: i32,
        #[serde(default)]
        days: f64,
        #[serde(default)]
        visits: i32,
    }
    fn yes() -> bool {
        true
    }
    let text = std::fs::read_to_string(file).map_err(Failure::file(file))?;
    let wrong = |why: String| Failure::Input(format!("{}: {why}", file.display()));
    let items: Vec<Item> = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    items
        .into_iter()
        .map(|item| {
            let kind = scheduler::ItemKind::from_str_name(&format!("ITEM_KIND_{}", item.kind.to_uppercase()))
                .ok_or_else(|| {
                    wrong(format!(
                        "{}: kind {} 须为 must be routine, comprehensive, government, special or follow_up",
                        item.id, item.kind
                    ))
                })?;
            Ok(scheduler::YearItem {
                item_id: item.id,
                display_name: item.display_name,
                kind: kind.into(),
                basis: item.basis,
                filed: item.filed,
                start_date: item.start_date,
                end_date: item.end_date,
                targets: item.targets,
                stages: Vec::new(),
                team_size: item.team_size,
                days: item.days,
                visits: item.visits,
            })
        })
        .collect()
}

/// Creates a zoning plan and follows its solve to the end; `told` hears of each moment.
pub async fn zones(
    session: &Session,
    request: scheduler::CreateZoningPlanRequest,
    mut told: impl FnMut(&scheduler::Progress),
) -> Result<ZoningPlan> {
    let mut client: Zonings = limited!(ZoningPlanServiceClient::new(session.link.clone()));
    let created = client.create_zoning_plan(request).await?.into_inner();
    let name = created.name;
    let line = SolveLine::new("划分责任区 zones");
    let mut moments = client
        .watch_zoning_plan(scheduler::WatchZoningPlanRequest { name: name.clone() })
        .await?
        .into_inner();
    while let Some(moment) = moments.message().await? {
        if let Some(progress) = &moment.progress {
            line.show(progress);
            told(progress);
        }
    }
    line.end();
    let plan = client
        .get_zoning_plan(scheduler::GetZoningPlanRequest { name })
        .await?
        .into_inner();
    solved(plan.state(), plan.report.as_ref())?;
    Ok(plan)
}

/// Creates a year plan and follows its solve to the end; `told` hears of each moment.
pub async fn year(
    session: &Session,
    request: scheduler::CreateYearPlanRequest,
    mut told: impl FnMut(&scheduler::Progress),
) -> Result<YearPlan> {
    let mut client: Years = limited!(YearPlanServiceClient::new(session.link.clone()));
    let created = client.create_year_plan(request).await?.into_inner();
    let name = created.name;
    let line = SolveLine::new("排定年度计划 year");
    let mut moments = client
        .watch_year_plan(scheduler::WatchYearPlanRequest { name: name.clone() })
        .await?
        .into_inner();
    while let Some(moment) = moments.message().await? {
        if let Some(progress) = &moment.progress {
            line.show(progress);
            told(progress);
        }
    }
    line.end();
    let plan = client
        .get_year_plan(scheduler::GetYearPlanRequest { name })
        .await?
        .into_inner();
    solved(plan.state(), plan.report.as_ref())?;
    Ok(plan)
}

/// An infeasible or unsolved plan ends the command, with the reasons in words.
fn solved(state: PlanState, report: Option<&SolveReport>) -> Result<()> {
    match state {
        PlanState::Infeasible => {
            let mut text = "无法同时满足全部规则 no plan keeps every rule:".to_owned();
            for conflict in report.map_or(&[][..], |r| &r.conflicts) {
                if let Some(words) = &conflict.words {
                    text += &format!("\n• {}\n  {}", words.zh, words.en);
                }
                for way in &conflict.ways_out {
                    text += &format!("\n    → {} · {}", way.zh, way.en);
                }
            }
            Err(Failure::Infeasible(text))
        }
        PlanState::Unsolved => {
            let mut text = "在给定时限内没有得到方案；请放宽 --time no plan within the limits; allow more --time".to_owned();
            for violation in report.map_or(&[][..], |r| &r.violations) {
                if let Some(words) = &violation.words {
                    text += &format!("\n• {} · {}", words.zh, words.en);
                }
            }
            Err(Failure::Unsolved(text))
        }
        PlanState::Unspecified
        | PlanState::Queued
        | PlanState::Solving
        | PlanState::Proposed
        | PlanState::Approved
        | PlanState::Active
        | PlanState::Superseded => Ok(()),
    }
}

/// The newest zoning plan in one of these states.
pub async fn newest_zoning(session: &Session, states: &[PlanState]) -> Result<Option<ZoningPlan>> {
    let mut client: Zonings = limited!(ZoningPlanServiceClient::new(session.link.clone()));
    let listed = client
        .list_zoning_plans(scheduler::ListZoningPlansRequest {
            parent: session.county().await?,
            page_size: 1,
            page_token: String::new(),
            states: states.iter().map(|&s| s.into()).collect(),
        })
        .await?
        .into_inner();
    match listed.zoning_plans.into_iter().next() {
        Some(plan) => {
            let full = client
                .get_zoning_plan(scheduler::GetZoningPlanRequest { name: plan.name })
                .await?;
            Ok(Some(full.into_inner()))
        }
        None => Ok(None),
    }
}

/// Without an active zoning, activates the newest proposed one and says so.
async fn ensure_active_zoning(session: &Session) -> Result<()> {
    if newest_zoning(session, &[PlanState::Active])
        .await?
        .is_some()
    {
        return Ok(());
    }
    let Some(plan) = newest_zoning(session, &[PlanState::Proposed, PlanState::Approved]).await?
    else {
        return Err(Failure::Input(
            "还没有责任区方案：请先运行 dudao plan zones\nThere is no zoning plan yet: run `dudao plan zones` first.".into(),
        ));
    };
    activate_zones(session, &plan).await?;
    eprintln!(
        "没有生效的责任区方案，已启用最新的方案 {0}\nNo zoning was active; the newest proposed one, {0}, has been activated.",
        plan.name
    );
    Ok(())
}

/// Approves (if need be) and activates a zoning plan.
pub async fn activate_zones(session: &Session, plan: &ZoningPlan) -> Result<ZoningPlan> {
    let mut client: Zonings = limited!(ZoningPlanServiceClient::new(session.link.clone()));
    let name = plan.name.clone();
    if plan.state() == PlanState::Proposed {
        client
            .approve_zoning_plan(scheduler::ApproveZoningPlanRequest {
                name: name.clone(),
                ..Default::default()
            })
            .await?;
    }
    client
        .activate_zoning_plan(scheduler::ActivateZoningPlanRequest {
            name: name.clone(),
            ..Default::default()
        })
        .await?;
    // The answer to a step is without content.
    Ok(client
        .get_zoning_plan(scheduler::GetZoningPlanRequest { name })
        .await?
        .into_inner())
}

/// Approves (if need be) and activates a year plan.
pub async fn activate_year(session: &Session, plan: &YearPlan) -> Result<YearPlan> {
    let mut client: Years = limited!(YearPlanServiceClient::new(session.link.clone()));
    let name = plan.name.clone();
    if plan.state() == PlanState::Proposed {
        client
            .approve_year_plan(scheduler::ApproveYearPlanRequest {
                name: name.clone(),
                ..Default::default()
            })
            .await?;
    }
    client
        .activate_year_plan(scheduler::ActivateYearPlanRequest {
            name: name.clone(),
            ..Default::default()
        })
        .await?;
    Ok(client
        .get_year_plan(scheduler::GetYearPlanRequest { name })
        .await?
        .into_inner())
}
