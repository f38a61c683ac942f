//! `dudao demo`.

use std::time::{Duration, Instant};

use chrono::Datelike as _;
use dudao_platform::{Clock, limited};
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use registry::map_layer_service_client::MapLayerServiceClient;
use scheduler::PlanState;
use tonic::Code;

use crate::args::{Demo, Kind, Place};
use crate::assembly::Assembly;
use crate::commands::{Upload, county, plan, serve, show};
use crate::demo;
use crate::failure::{Failure, Result};
use crate::output::{plans, say};
use crate::session::Session;

/// Makes the county where it is missing, plans it where it is not planned, and serves.
pub async fn run(place: &Place, args: &Demo) -> Result<()> {
    if place.server.is_some() {
        return Err(Failure::Input("demo 只在本机数据上运行，不能与 --server 同用\nThe demo runs on data of its own, not with --server.".into()));
    }
    let mut assembly = Assembly::open_to(place, &args.entrance).await?;
    let mut doors = serve::Doors::default();
    if !args.once {
        (assembly, doors) = serve::open(place, assembly, args.listen, &args.entrance).await?;
        let (console, entrance) = (&args.console, &args.entrance);
        (assembly, doors) =
            serve::open_console(place, assembly, doors, console, entrance, None).await?;
    }
    let gate = assembly.gate.clone();
    let running = assembly.start(Duration::from_secs(10));
    tokio::spawn(serve::on_signals(running.shutdown.clone()));
    let session = Session::on(running.link.clone(), Some(demo::CODE.to_owned()));
    let shutdown = running.shutdown.clone();
    let told = shutdown.or(tell(&session, args)).await;
    match told {
        Some(Ok(())) if !args.once => {
            say(format_args!(
                "\n服务已就绪 serving on {} — Ctrl-C 结束 to end",
                doors.services
            ))?;
            say(serve::invitation(&gate, &doors)?)?;
            running.wait().await
        }
        Some(outcome) => running.end().await.and(outcome),
        None => running.wait().await,
    }
}

async fn tell(session: &Session, args: &Demo) -> Result<()> {
    let began = Instant::now();
    let year = Clock::system().today().year() + 1;
    say(format_args!("{} {}", demo::CODE, demo::NAME))?;
    if county::all(session)
        .await?
        .iter()
        .all(|c| c.name != format!("counties/{}", demo::CODE))
    {
        county::create(session, demo::CODE, demo::NAME, "zezhou").await?;
    }
    let files = demo::files(args.seed, year, demo::SCHOOLS);
    for (kind, file_name, text) in [
        (Kind::Schools, "学校.csv", files.schools),
        (Kind::Supervisors, "督学.csv", files.supervisors),
    ] {
        let upload = Upload {
            kind,
            county: session.county().await?,
            file_name: file_name.to_owned(),
            datum: registry::Datum::Wgs84,
            bytes: text.into_bytes(),
        };
        let result = upload.send(session, false, false).await?;
        if let Some(problem) = result.problems.first() {
            return Err(Failure::Other(format!(
                "{file_name} 第 {} 行 {}: {}",
                problem.row, problem.column, problem.message
            )));
        }
        say(format_args!(
            "{file_name}: 新增 {} · 更新 {} · 不变 {}",
            result.created, result.updated, result.unchanged
        ))?;
    }
    outlines(session).await?;
    let limits = scheduler::SolveLimits {
        seconds: args.time,
        gap: Some(0.01),
        seed: args.seed,
        steps: 0,
    };
    let zoning = match plan::newest_zoning(session, &[PlanState::Active]).await? {
        Some(active) => active,
        None => {
            let request = scheduler::CreateZoningPlanRequest {
                parent: session.county().await?,
                zoning_plan: Some(scheduler::ZoningPlan {
                    limits: Some(limits),
                    ..Default::default()
                }),
                request_id: String::new(),
            };
            plan::activate_zones(session, &plan::zones(session, request, |_| {}).await?).await?
        }
    };
    say(format_args!("\n{}", plans::zones_table(&zoning)))?;
    let yearly = match show::year_plan(session, Some(year)).await {
        Ok(known) => known,
        Err(Failure::Input(_)) => {
            let request = scheduler::CreateYearPlanRequest {
                parent: session.county().await?,
                year_plan: Some(scheduler::YearPlan {
                    year,
                    limits: Some(limits),
                    ..Default::default()
                }),
                request_id: String::new(),
            };
            plan::activate_year(session, &plan::year(session, request, |_| {}).await?).await?
        }
        Err(failure) => return Err(failure),
    };
    say(format_args!("\n{}", plans::year_table(&yearly)))?;
    say(format_args!(
        "\n用时 took {:.1} 秒 s",
        began.elapsed().as_secs_f64()
    ))?;
    Ok(())
}

/// Puts the towns' outlines under the county's maps, unless they are there.
async fn outlines(session: &Session) -> Result<()> {
    let request = registry::CreateMapLayerRequest {
        parent: session.county().await?,
        map_layer_id: "towns".to_owned(),
        map_layer: Some(registry::MapLayer {
            display_name: "乡镇界线（示意）".to_owned(),
            geojson: demo::OUTLINES.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut layers = limited!(MapLayerServiceClient::new(session.link.clone()));
    match layers.create_map_layer(request).await {
        Err(status) if status.code() != Code::AlreadyExists => Err(status.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}
