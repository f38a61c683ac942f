//! `dudao version`.

use serde_json::{Map, Value, json};

use crate::args::{Format, Service};
use crate::failure::Result;
use crate::output;
use crate::release;

/// Tells which release this is.
pub fn run(format: Format) -> Result<()> {
    let schemas: Map<String, Value> = Service::ALL
        .iter()
        .map(|service| (service.name().to_owned(), release::schema(*service).into()))
        .collect();
    let told = json!({
        "version": release::VERSION,
        "commit": release::COMMIT,
        "schema": schemas,
    });
    output::print(format, &told, || {
        let head = format!("dudao {} ({})", release::VERSION, release::COMMIT);
        let rows = schemas
            .iter()
            .map(|(service, schema)| vec![service.clone(), output::text(schema)]);
        format!(
            "{head}\n{}",
            output::table(&["服务 service", "数据库结构 schema"], rows)
        )
    })
}
