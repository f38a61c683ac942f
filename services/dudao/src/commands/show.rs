//! `dudao show`.

use dudao_platform::limited;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::year_plan_service_client::YearPlanServiceClient;
use scheduler::{PlanState, YearPlan};
use serde_json::json;

use crate::args::{Format, Out, Show};
use crate::commands::plan::newest_zoning;
use crate::failure::{Failure, Result};
use crate::output::{self, plans};
use crate::session::Session;

/// States in which a plan has something to show; what is in force comes first.
const SHOWN: [PlanState; 3] = [
    PlanState::Approved,
    PlanState::Proposed,
    PlanState::Superseded,
];

/// Shows what is in force, or the newest plan.
pub async fn run(session: &Session, args: &Show) -> Result<()> {
    match args {
        Show::Zones { out } => plans::zones(session, &zoning(session).await?, out).await,
        Show::Year { year, out } => plans::year(&year_plan(session, *year).await?, out),
        Show::Supervisor { id, out } => supervisor(session, id, out).await,
    }
}

/// The zoning plan in force, or the newest one.
pub async fn zoning(session: &Session) -> Result<scheduler::ZoningPlan> {
    for states in [&[PlanState::Active][..], &SHOWN] {
        if let Some(plan) = newest_zoning(session, states).await? {
            return Ok(plan);
        }
    }
    Err(Failure::Input("还没有责任区方案：请先运行 dudao plan zones\nThere is no zoning plan yet: run `dudao plan zones` first.".into()))
}

/// The year plan in force, or the newest one; of the year asked for.
pub async fn year_plan(session: &Session, year: Option<i32>) -> Result<YearPlan> {
    let mut client = limited!(YearPlanServiceClient::new(session.link.clone()));
    for states in [&[PlanState::Active][..], &SHOWN] {
        let mut request = scheduler::ListYearPlansRequest {
            parent: session.county().await?,
            states: states.iter().map(|&s| s.into()).collect(),
            ..Default::default()
        };
        loop {
            let page = client.list_year_plans(request.clone()).await?.into_inner();
            if let Some(plan) = page
                .year_plans
                .into_iter()
                .find(|p| year.is_none_or(|y| p.year == y))
            {
                return Ok(client
                    .get_year_plan(scheduler::GetYearPlanRequest { name: plan.name })
                    .await?
                    .into_inner());
            }
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
    }
    Err(Failure::Input("还没有年度计划：请先运行 dudao plan year\nThere is no year plan yet: run `dudao plan year` first.".into()))
}

async fn supervisor(session: &Session, id: &str, out: &Out) -> Result<()> {
    let name = format!("{}/supervisors/{id}", session.county().await?);
    let zoning = zoning(session).await?;
    let Some((zone, person)) = zoning
        .zones
        .iter()
        .flat_map(|z| z.supervisors.iter().map(move |s| (z, s)))
        .find(|(_, s)| s.supervisor == name)
    else {
        return Err(Failure::Input(format!(
            "方案 {0} 中没有督学 {id}\n{0} has no supervisor {id}.",
            zoning.name
        )));
    };
    let schools: Vec<_> = zone
        .schools
        .iter()
        .filter(|s| s.supervisor == name)
        .collect();
    let visits = match year_plan(session, None).await {
        Ok(plan) => plan
            .visits
            .into_iter()
            .filter(|v| v.team.contains(&name))
            .collect(),
        Err(Failure::Input(_)) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let value = json!({
        "supervisor": name, "name": person.display_name, "zone": zone.display_name,
        "days": person.days, "max_days": person.max_days,
        "schools": schools.iter().map(|s| json!({"school": s.school, "name": s.display_name, "town": s.town, "minutes": s.travel_minutes})).collect::<Vec<_>>(),
        "visits": visits.iter().map(|v| json!({"date": v.date, "target": v.target, "name": v.display_name, "items": v.items})).collect::<Vec<_>>(),
    });
    let text = match out.output {
        Format::Json => serde_json::to_string(&value)?,
        Format::Table => format!(
            "{} {} · {} · {:.1}/{:.0} 天\n{}\n{}",
            id,
            person.display_name,
            zone.display_name,
            person.days,
            person.max_days,
            output::table(
                &["学校 school", "名称 name", "乡镇 town", "单程分钟 min"],
                schools.iter().map(|s| {
                    let code = s.school.rsplit('/').next().unwrap_or_default().to_owned();
                    vec![
                        code,
                        s.display_name.clone(),
                        s.town.clone(),
                        format!("{:.0}", s.travel_minutes),
                    ]
                }),
            ),
            output::table(
                &["日期 date", "对象 target", "事项 items"],
                visits.iter().map(|v| vec![
                    v.date.clone(),
                    v.display_name.clone(),
                    v.items.join("、")
                ]),
            )
        ),
        Format::Xlsx | Format::Geojson => {
            return Err(Failure::Input(
                "此命令只有 table 与 json 两种输出\nThis command puts out table or json only."
                    .into(),
            ));
        }
    };
    plans::write_text(out, &text)
}
