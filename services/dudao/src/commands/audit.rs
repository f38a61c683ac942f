//! `dudao audit`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use chrono::{Days, NaiveDate};
use dudao_platform::clock;
use dudao_platform::events;
use dudao_platform::hex;
use dudao_platform::lifecycle::Shutdown;
use serde_json::json;

use crate::args::{Audit, Format, Place, Service};
use crate::assembly;
use crate::failure::{Failure, Result};
use crate::output::{self, say};

/// Works on the trail in the databases themselves.
pub async fn run(place: &Place, args: Audit) -> Result<()> {
    if place.server.is_some() {
        return Err(Failure::Input(
            "审计须直接读取数据库：请用 --data 或 --database-url\nAn audit reads the database itself: use --data or --database-url.".into(),
        ));
    }
    match args {
        Audit::Verify { output } => verify(place, output).await,
        Audit::Export { of, file, until } => {
            let (count, _) = export(place, of, &file, until.map_or(i64::MAX, end_of)).await?;
            say(format_args!(
                "已导出 {count} 条 events exported: {}",
                file.display()
            ))
        }
        Audit::Archive { of, file, until } => {
            all_have_followed(place, of, end_of(until)).await?;
            // What is recorded meanwhile is not in the file, and stays.
            let (count, last) = export(place, of, &file, end_of(until)).await?;
            let context = assembly::context(place, of, &Shutdown::new()).await?;
            events::compact(&context.db, last).await?;
            say(format_args!(
                "已归档并移出数据库 {count} 条 events archived and taken out: {}",
                file.display()
            ))
        }
    }
}

/// Refuses to take away what a service of this installation has yet to follow: it could never go on.
async fn all_have_followed(place: &Place, of: Service, until_us: i64) -> Result<()> {
    let context = assembly::context(place, of, &Shutdown::new()).await?;
    let last = events::last_until(&context.db, until_us).await?;
    let mut behind = Vec::new();
    for follower in of.followers() {
        let its = assembly::context(place, *follower, &Shutdown::new()).await?;
        let reached = events::reached(&its.db, of.name()).await?;
        behind.push((follower.name(), reached));
    }
    let handed_on = events::handed_on(&context.db).await?;
    behind.extend(handed_on.map(|reached| ("NATS", reached)));
    match behind.iter().find(|(_, reached)| *reached < last) {
        None => Ok(()),
        Some((who, reached)) => Err(Failure::Other(format!(
            "{who} 尚未处理 {0} 的第 {1} 至 {last} 条事件，暂不能归档：请先启动服务，待其跟上\n\
             {who} has yet to follow events {1} to {last} of {0}: let it run until it has caught up.",
            of.name(),
            reached + 1
        ))),
    }
}

/// The last microsecond of a day in the counties' time zone.
fn end_of(day: NaiveDate) -> i64 {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    clock::morning_us(next) - 1
}

/// Writes the trail up to an instant, safely onto the disk, and the signed head beside it. Tells how many events there were,
/// and the last one's sequence.
async fn export(place: &Place, of: Service, file: &Path, until_us: i64) -> Result<(i64, i64)> {
    let io = |error: std::io::Error| Failure::Other(format!("{}: {error}", file.display()));
    let context = assembly::context(place, of, &Shutdown::new()).await?;
    let mut out = BufWriter::new(File::create_new(file).map_err(io)?);
    let written = events::export(&context.db, until_us, |event| {
        events::write_line(&mut out, &event)
    })
    .await?;
    out.flush().map_err(io)?;
    out.get_ref().sync_all().map_err(io)?;
    let head = events::signed_head(&context.db, &*place.keys()?.newest()?, "").await?;
    let head = json!({
        "service": head.service,
        "sequence": head.sequence,
        "hash": hex(&head.hash),
        "sign_time_us": head.sign_time.as_ref().map(clock::micros),
        "key": head.key_id,
        "signature": hex(&head.signature),
    });
    let mut beside = file.as_os_str().to_owned();
    beside.push(".head.json");
    std::fs::write(beside, serde_json::to_string_pretty(&head)?).map_err(io)?;
    Ok(written)
}

/// Walks the hash chain of every service.
async fn verify(place: &Place, format: Format) -> Result<()> {
    let mut chains = Vec::new();
    let mut broken = Vec::new();
    for service in Service::ALL {
        let context = assembly::context(place, service, &Shutdown::new()).await?;
        let name = service.name();
        match events::verify(&context.db).await? {
            events::Audit::Whole { count, head } => {
                chains.push(
                    json!({"service": name, "whole": true, "events": count, "head": hex(&head)}),
                );
            }
            events::Audit::Broken { sequence, why } => {
                chains.push(
                    json!({"service": name, "whole": false, "sequence": sequence, "why": why}),
                );
                broken.push(format!("{name}: 第 {sequence} 条事件与记录不符 event {sequence} is not as recorded: {why}"));
            }
        }
    }
    output::print(format, &json!({ "chains": chains }), || {
        output::table(
            &["服务 service", "完整 whole", "事件 events", "链首 head"],
            chains.iter().map(|c| {
                vec![
                    output::text(&c["service"]),
                    output::text(&c["whole"]),
                    output::text(&c["events"]),
                    output::text(&c["head"]).chars().take(16).collect(),
                ]
            }),
        )
    })?;
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Failure::Other(broken.join("\n")))
    }
}
