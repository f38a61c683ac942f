//! Plans as tables, JSON, workbooks and maps.

use dudao_platform::limited;
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use registry::school_service_client::SchoolServiceClient;
use scheduler::{LeftOut, Progress, SolveReport, YearPlan, ZoningPlan};
use serde_json::{Value, json};

use crate::args::{Format, Out};
use crate::failure::{Failure, Result};
use crate::output::{say, table};
use crate::session::Session;
use crate::workbook;

/// Puts a zoning plan out.
pub async fn zones(session: &Session, plan: &ZoningPlan, out: &Out) -> Result<()> {
    match out.output {
        Format::Table => write_text(out, &zones_table(plan)),
        Format::Json => {
            let schools = count_schools(session).await?;
            write_text(out, &serde_json::to_string(&zones_json(plan, schools))?)
        }
        Format::Xlsx => write_bytes(out, &workbook::zones(plan)?),
        Format::Geojson => write_bytes(out, zones_geojson(plan).to_string().as_bytes()),
    }
}

/// Puts a year plan out.
pub fn year(plan: &YearPlan, out: &Out) -> Result<()> {
    match out.output {
        Format::Table => write_text(out, &year_table(plan)),
        Format::Json => write_text(out, &serde_json::to_string(&year_json(plan))?),
        Format::Xlsx => write_bytes(out, &workbook::year(plan)?),
        Format::Geojson => Err(Failure::Input(
            "年度计划没有地图输出\nA year plan has no map.".into(),
        )),
    }
}

/// Writes text to the file asked for, or prints it.
pub fn write_text(out: &Out, text: &str) -> Result<()> {
    match &out.file {
        Some(file) => std::fs::write(file, text).map_err(Failure::file(file)),
        None => say(text),
    }
}

/// Writes a file, which must be named.
pub fn write_bytes(out: &Out, bytes: &[u8]) -> Result<()> {
    let file = out.file.as_ref().ok_or_else(|| {
        Failure::Input("请用 -f 指明要写出的文件\nName the file to write with -f FILE.".into())
    })?;
    std::fs::write(file, bytes).map_err(Failure::file(file))?;
    eprintln!("已写出 written: {}", file.display());
    Ok(())
}

async fn count_schools(session: &Session) -> Result<usize> {
    let mut client = limited!(SchoolServiceClient::new(session.link.clone()));
    let mut request = registry::ListSchoolsRequest {
        parent: session.county().await?,
        page_size: 1000,
        ..Default::default()
    };
    let mut count = 0;
    loop {
        let page = client.list_schools(request.clone()).await?.into_inner();
        count += page.schools.len();
        if page.next_page_token.is_empty() {
            return Ok(count);
        }
        request.page_token = page.next_page_token;
    }
}

fn figures(report: Option<&SolveReport>) -> Value {
    let report = report.cloned().unwrap_or_default();
    let progress = report.progress.unwrap_or_default();
    json!({
        "violations": report.violations.len(),
        "objective": progress.objective,
        "bound": progress.bound,
        "gap": progress.gap,
        "seconds": progress.seconds,
        "parts": progress.parts.iter().map(|p| json!({"key": p.key, "name": p.display_name, "minutes": p.minutes})).collect::<Vec<_>>(),
        "proof": report.proof.map(|w| json!({"zh": w.zh, "en": w.en})),
        "changes": report.changes.map(|c| json!({"forced": c.forced, "unforced": c.unforced, "least_unforced": c.least_unforced})),
        "remarks": report.remarks.iter().map(|w| json!({"zh": w.zh, "en": w.en})).collect::<Vec<_>>(),
    })
}

fn merged(mut value: Value, more: Value) -> Value {
    if let (Some(into), Value::Object(more)) = (value.as_object_mut(), more) {
        into.extend(more);
    }
    value
}

fn left_out_json(left_out: &[LeftOut]) -> Vec<Value> {
    left_out
        .iter()
        .map(|l| {
            let reason = l.reason.clone().unwrap_or_default();
            json!({"supervisor": l.supervisor, "name": l.display_name, "zh": reason.zh, "en": reason.en})
        })
        .collect()
}

fn zones_json(plan: &ZoningPlan, schools: usize) -> Value {
    let head = json!({
        "plan": plan.name,
        "state": plan.state().as_str_name().trim_start_matches("PLAN_STATE_"),
        "schools": schools,
        "supervisors": plan.zones.iter().map(|z| z.supervisors.len()).sum::<usize>(),
        "zones": plan.zones.len(),
        "assigned": plan.zones.iter().flat_map(|z| &z.schools).filter(|s| !s.supervisor.is_empty()).count(),
        "left_out": left_out_json(&plan.left_out),
    });
    merged(head, figures(plan.report.as_ref()))
}

fn year_json(plan: &YearPlan) -> Value {
    let head = json!({
        "plan": plan.name,
        "state": plan.state().as_str_name().trim_start_matches("PLAN_STATE_"),
        "year": plan.year,
        "visits": plan.visits.len(),
        "due": plan.coverage.iter().map(|c| c.due).sum::<i32>(),
        "scheduled": plan.coverage.iter().map(|c| c.scheduled).sum::<i32>(),
        "weeks": plan.weeks.len(),
        "coverage": plan.coverage.iter().map(|c| json!({"item": c.item_id, "name": c.display_name, "targets": c.targets, "due": c.due, "scheduled": c.scheduled})).collect::<Vec<_>>(),
        "left_out": left_out_json(&plan.left_out),
    });
    merged(head, figures(plan.report.as_ref()))
}

/// The figures of a solve in a line, and its parts below.
fn verdict(report: Option<&SolveReport>) -> String {
    let Some(report) = report else {
        return String::new();
    };
    let Progress {
        objective,
        parts,
        bound,
        gap,
        seconds,
    } = report.progress.clone().unwrap_or_default();
    let mut text = format!(
        "目标 objective {:.0} 分钟/年 · 已证明下界 proven bound {bound:.0} · 差距 gap {:.2} % · {seconds:.1} 秒 · 违反规则 violations {}",
        objective.unwrap_or(f64::NAN),
        gap.unwrap_or(f64::NAN) * 100.0,
        report.violations.len()
    );
    for part in parts {
        text += &format!(
            "\n  {} {}: {:.0}",
            part.display_name, part.key, part.minutes
        );
    }
    if let Some(changes) = &report.changes {
        text += &format!(
            "\n与现行方案相比 against the plan in force: 必须变动 forced {}，另变动 others {}（已证明至少 proven least {}）· 逐项说明见 dudao explain --plan",
            changes.forced, changes.unforced, changes.least_unforced
        );
    }
    for remark in &report.remarks {
        text += &format!("\n注意：{}", remark.zh);
    }
    text
}

fn left_out_text(left_out: &[LeftOut]) -> String {
    left_out.iter().fold(String::new(), |text, l| {
        let reason = l.reason.as_ref().map_or("", |r| r.zh.as_str());
        format!("{text}\n未列入 left out: {} {reason}", l.display_name)
    })
}

/// What a planner wants to see of a zoning plan.
pub fn zones_table(plan: &ZoningPlan) -> String {
    let rows = plan.zones.iter().map(|zone| {
        let travel: f64 = zone.supervisors.iter().map(|s| s.travel_minutes).sum();
        vec![
            zone.display_name.clone(),
            zone.supervisors
                .iter()
                .map(|s| s.display_name.as_str())
                .collect::<Vec<_>>()
                .join("、"),
            zone.schools.len().to_string(),
            format!(
                "{:.0}",
                zone.supervisors.iter().map(|s| s.days).sum::<f64>()
            ),
            format!("{:.0}", travel / 60.0),
        ]
    });
    format!(
        "{}\n{}\n{}{}",
        plan.name,
        table(
            &[
                "责任区 zone",
                "督学 supervisors",
                "学校 schools",
                "工作日 days",
                "路途小时 travel h"
            ],
            rows
        ),
        verdict(plan.report.as_ref()),
        left_out_text(&plan.left_out)
    )
}

/// What a planner wants to see of a year plan.
pub fn year_table(plan: &YearPlan) -> String {
    let coverage = plan.coverage.iter().map(|c| {
        vec![
            c.display_name.clone(),
            c.targets.to_string(),
            c.due.to_string(),
            c.scheduled.to_string(),
        ]
    });
    let mut months = std::collections::BTreeMap::<&str, usize>::new();
    for visit in &plan.visits {
        *months
            .entry(visit.date.get(..7).unwrap_or(&visit.date))
            .or_default() += 1;
    }
    let busiest = months.values().copied().max().unwrap_or(1).max(1);
    let bars = months.iter().map(|(month, visits)| {
        vec![
            (*month).to_owned(),
            visits.to_string(),
            "█".repeat((visits * 40).div_ceil(busiest)),
        ]
    });
    format!(
        "{} · {} 年 · {} 次督导 visits · {} 周 weeks\n{}\n{}\n{}{}",
        plan.name,
        plan.year,
        plan.visits.len(),
        plan.weeks.len(),
        table(
            &[
                "事项 item",
                "对象 targets",
                "应督导 due",
                "已安排 scheduled"
            ],
            coverage
        ),
        table(&["月 month", "次 visits", ""], bars),
        verdict(plan.report.as_ref()),
        left_out_text(&plan.left_out)
    )
}

/// Zones on a map: a multipoint of each zone's schools, and every school and base as a point.
fn zones_geojson(plan: &ZoningPlan) -> geojson::GeoJson {
    use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, JsonValue};
    let feature = |value: GeometryValue, properties: &[(&str, JsonValue)]| Feature {
        geometry: Some(Geometry::new(value)),
        properties: Some(
            properties
                .iter()
                .map(|(k, v)| ((*k).to_owned(), v.clone()))
                .collect::<JsonObject>(),
        ),
        ..Default::default()
    };
    let position = |p: &registry::Place| geojson::Position::from(vec![p.longitude, p.latitude]);
    let mut features = Vec::new();
    for zone in &plan.zones {
        let places: Vec<_> = zone
            .schools
            .iter()
            .filter_map(|s| s.place.as_ref())
            .map(position)
            .collect();
        features.push(feature(
            GeometryValue::MultiPoint {
                coordinates: places,
            },
            &[
                ("kind", "zone".into()),
                ("zone", zone.zone_id.clone().into()),
                ("name", zone.display_name.clone().into()),
            ],
        ));
        for school in &zone.schools {
            if let Some(place) = &school.place {
                features.push(feature(
                    GeometryValue::Point {
                        coordinates: position(place),
                    },
                    &[
                        ("kind", "school".into()),
                        ("zone", zone.zone_id.clone().into()),
                        ("school", school.school.clone().into()),
                        ("name", school.display_name.clone().into()),
                        ("supervisor", school.supervisor.clone().into()),
                    ],
                ));
            }
        }
        for supervisor in &zone.supervisors {
            if let Some(base) = &supervisor.base {
                features.push(feature(
                    GeometryValue::Point {
                        coordinates: position(base),
                    },
                    &[
                        ("kind", "supervisor".into()),
                        ("zone", zone.zone_id.clone().into()),
                        ("supervisor", supervisor.supervisor.clone().into()),
                        ("name", supervisor.display_name.clone().into()),
                    ],
                ));
            }
        }
    }
    geojson::GeoJson::from(FeatureCollection {
        bbox: None,
        features,
        foreign_members: None,
    })
}
