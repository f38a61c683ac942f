//! A record of any kind in words.

use dudao_platform::clock;
use prost_reflect::ReflectMessage as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as Of, MessageDescriptor, Value};

use super::form::is_money;
use super::{shown_at, words};
use crate::desk::id;
use crate::frame::Frame;

/// An instant, which people read as one value.
pub const TIMESTAMP: &str = "google.protobuf.Timestamp";
/// What tells people little.
const UNSHOWN: [&str; 2] = ["name", "etag"];
/// Columns of a list at the most.
const COLUMNS: usize = 7;
/// What a record is called by, the first that it has.
const TITLES: [&str; 6] = [
    "display_name",
    "title",
    "supervisor_name",
    "person",
    "unit_name",
    "key",
];

/// A record.
#[derive(Debug, Default)]
pub struct Told {
    pub lines: Vec<Line>,
    pub tables: Vec<Table>,
}

/// A field with its values.
#[derive(Debug)]
pub struct Line {
    pub word: String,
    pub values: Vec<Shown>,
}

/// A value, and where it leads; "" for nowhere.
#[derive(Debug)]
pub struct Shown {
    pub text: String,
    pub link: String,
}

/// A field that holds several messages.
#[derive(Debug)]
pub struct Table {
    pub word: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// What a record is called.
pub fn title(record: &DynamicMessage) -> String {
    let text = |field: &str| {
        let value = record.get_field_by_name(field)?;
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(ToOwned::to_owned)
    };
    let named = TITLES.iter().find_map(|field| text(field));
    named.unwrap_or_else(|| id(&text("name").unwrap_or_default()).to_owned())
}

/// A record in words.
pub fn tell(record: &DynamicMessage, county: &str, t: &Frame) -> Told {
    let mut told = Told::default();
    walk(record, "", county, &mut told, t);
    told
}

fn walk(message: &DynamicMessage, before: &str, county: &str, told: &mut Told, t: &Frame) {
    for field in message.descriptor().fields() {
        if !message.has_field(&field) || UNSHOWN.contains(&field.name()) {
            continue;
        }
        let word = format!("{before}{}", words::field(&field, t));
        let value = message.get_field(&field);
        if let Some(list) = value.as_list() {
            let rows: Vec<_> = list.iter().filter_map(Value::as_message).collect();
            if let Some(first) = rows.first() {
                let columns: Vec<_> = plain(&first.descriptor());
                told.tables.push(Table {
                    word,
                    rows: rows
                        .iter()
                        .map(|row| columns.iter().map(|column| cell(row, column, t)).collect())
                        .collect(),
                    columns: column_names(&columns, t),
                });
                continue;
            }
            let values = list.iter().map(|one| one_value(&field, one, county, t));
            let values = values.collect();
            told.lines.push(Line { word, values });
        } else if let Some(inner) = value
            .as_message()
            .filter(|inner| inner.descriptor().full_name() != TIMESTAMP)
        {
            walk(inner, &format!("{word}{}", t.colon), county, told, t);
        } else {
            let values = vec![one_value(&field, &value, county, t)];
            told.lines.push(Line { word, values });
        }
    }
}

fn one_value(field: &FieldDescriptor, value: &Value, county: &str, t: &Frame) -> Shown {
    let text = plain_value(field, value, t);
    let is_name = text.starts_with("counties/");
    let link = Some(&text).filter(|_| is_name);
    Shown {
        link: link
            .and_then(|name| shown_at(county, name))
            .unwrap_or_default(),
        text: if is_name { id(&text).to_owned() } else { text },
    }
}

/// The fields that have room in a cell.
pub fn plain(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let is_plain = |field: &FieldDescriptor| {
        let holds = matches!(field.kind(), Of::Message(of) if of.full_name() != TIMESTAMP);
        let by_itself = field.kind() == Of::Bytes;
        !holds && !by_itself && !UNSHOWN.contains(&field.name())
    };
    message.fields().filter(is_plain).collect()
}

/// The columns of a list: what a record is called by first, and what any of them says.
pub fn columns(message: &MessageDescriptor, records: &[DynamicMessage]) -> Vec<FieldDescriptor> {
    let mut columns = plain(message);
    columns.retain(|field| {
        let is_time = matches!(field.kind(), Of::Message(_));
        !is_time && records.iter().any(|record| record.has_field(field))
    });
    let rank = |field: &FieldDescriptor| {
        let at = TITLES.iter().position(|title| *title == field.name());
        at.unwrap_or(if field.name() == "state" {
            TITLES.len()
        } else {
            TITLES.len() + 1
        })
    };
    columns.sort_by_key(rank);
    columns.truncate(COLUMNS);
    columns
}

/// What columns are called.
pub fn column_names(columns: &[FieldDescriptor], t: &Frame) -> Vec<String> {
    columns.iter().map(|field| words::field(field, t)).collect()
}

/// A field of a record in a table.
pub fn cell(record: &DynamicMessage, field: &FieldDescriptor, t: &Frame) -> String {
    if !record.has_field(field) {
        return String::new();
    }
    let value = record.get_field(field);
    let values = value.as_list().unwrap_or(std::slice::from_ref(&value));
    let texts = values.iter().map(|value| {
        let text = plain_value(field, value, t);
        if text.starts_with("counties/") {
            id(&text).to_owned()
        } else {
            text
        }
    });
    texts.collect::<Vec<_>>().join(t.between)
}

/// A single value as people read it.
pub fn plain_value(field: &FieldDescriptor, value: &Value, t: &Frame) -> String {
    if let (Of::Enum(of), Some(number)) = (field.kind(), value.as_enum_number()) {
        let known = of.get_value(number);
        return known.map_or_else(String::new, |known| words::value(known.name(), t));
    }
    if let Some(instant) = value.as_message() {
        let seconds = instant.get_field_by_name("seconds");
        let seconds = seconds.and_then(|value| value.as_i64()).unwrap_or_default();
        return minute_of(seconds);
    }
    if let Some(yes) = value.as_bool() {
        return (if yes { t.yes } else { t.no }).to_owned();
    }
    if let Some(fen) = value.as_i64().filter(|_| is_money(field)) {
        return format!("{}.{:02}", fen / 100, fen.unsigned_abs() % 100);
    }
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => number(value),
    }
}

/// An instant, in seconds since 1970, by China's clocks.
pub fn minute_of(seconds: i64) -> String {
    let here = clock::local(seconds.saturating_mul(1_000_000));
    here.format("%Y-%m-%d %H:%M").to_string()
}

fn number(value: &Value) -> String {
    match value {
        Value::I32(n) => n.to_string(),
        Value::I64(n) => n.to_string(),
        Value::U32(n) => n.to_string(),
        Value::U64(n) => n.to_string(),
        Value::F32(n) => n.to_string(),
        Value::F64(n) => n.to_string(),
        Value::Bool(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_)
        | Value::Message(_)
        | Value::List(_)
        | Value::Map(_) => String::new(),
    }
}
