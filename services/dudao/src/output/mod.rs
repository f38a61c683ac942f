//! How answers are put out: tables for people, JSON for machines.

pub mod plans;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::args::Format;
use crate::failure::{Failure, Result};

/// Prints `value` as JSON, or what `table` makes of it.
pub fn print(format: Format, value: &Value, table: impl FnOnce() -> String) -> Result<()> {
    match format {
        Format::Table => println!("{}", table()),
        Format::Json => println!("{}", serde_json::to_string(value)?),
        Format::Xlsx | Format::Geojson => {
            return Err(Failure::Input(
                "此命令只有 table 与 json 两种输出\nThis command puts out table or json only.".into(),
            ));
        }
    }
    Ok(())
}

/// A table with a heading.
pub fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

/// A JSON value as people read it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "是 yes".to_owned(),
        Value::Bool(false) => "否 no".to_owned(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
