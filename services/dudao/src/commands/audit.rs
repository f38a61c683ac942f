//! `dudao audit verify`.

use std::fmt::Write as _;

use dudao_platform::events::{self, Audit};
use dudao_platform::lifecycle::Shutdown;
use serde_json::json;

use crate::args::{Format, Place, Service};
use crate::assembly;
use crate::failure::{Failure, Result};
use crate::output;

/// Walks the hash chain of every service.
pub async fn verify(place: &Place, format: Format) -> Result<()> {
    if place.server.is_some() {
        return Err(Failure::Input(
            "审计须直接读取数据库：请用 --data 或 --database-url\nAn audit reads the database itself: use --data or --database-url.".into(),
        ));
    }
    let mut chains = Vec::new();
    let mut broken = Vec::new();
    for service in Service::ALL {
        let context = assembly::context(&place.url(), service, &Shutdown::new()).await?;
        let name = service.name();
        match events::verify(&context.db).await? {
            Audit::Whole { count, head } => {
                chains.push(json!({"service": name, "whole": true, "events": count, "head": hex(&head)}));
            }
            Audit::Broken { sequence, why } => {
                chains.push(json!({"service": name, "whole": false, "sequence": sequence, "why": why}));
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
    if broken.is_empty() { Ok(()) } else { Err(Failure::Other(broken.join("\n"))) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
