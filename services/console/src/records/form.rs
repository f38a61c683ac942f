//! Forms from the contract's messages, and what they say as a request.

use std::collections::{HashMap, HashSet};

use dudao_platform::contract::comment_of;
use prost_reflect::{
    DeserializeOptions, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind as Of,
    MessageDescriptor, MethodDescriptor, Value,
};
use serde_json::{Map, json};

use super::kinds::Collection;
use super::table::{self, Column};
use super::{told, words};
use crate::fields::{Fields, Wrongs};
use crate::forms::{Form, Kind as Shown};
use crate::frame::Frame;

/// Names, and what they stand for, by collection.
pub type Known = HashMap<String, Vec<(String, String)>>;

/// Fields that say how a request is made, not what it is about.
const APART: [&str; 5] = ["name", "etag", "request_id", "parent", "update_mask"];
/// Fields that are more than a line.
const LONG: [&str; 16] = [
    "text",
    "reason",
    "grounds",
    "opinion",
    "summary",
    "description",
    "duties",
    "scope",
    "remark",
    "result",
    "answer",
    "comment",
    "note",
    "working_rules",
    "qualification",
    "requirement",
];

/// A field that may be filled in.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where its value goes: `training.hours`.
    path: String,
    /// Its field of the record, as a mask names it.
    top: String,
    /// The fields from the record to it.
    fields: Vec<FieldDescriptor>,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Line,
    Text,
    Date,
    Number,
    /// In yuan, where the contract has fen.
    Money,
    Tick,
    /// Yes, no, or not stated.
    Maybe,
    Choice(EnumDescriptor),
    Several(EnumDescriptor),
    /// The name of a record of this collection.
    One(String),
    Many(String),
    /// One a line.
    Lines,
    /// One record a line, with these columns.
    Table(Vec<Column>),
}

impl Input {
    /// The code of a new record.
    pub fn code(field: &FieldDescriptor) -> Self {
        Self {
            path: field.name().to_owned(),
            top: String::new(),
            fields: vec![field.clone()],
            shape: Shape::Line,
        }
    }

    /// The collection of the records that it may name.
    pub fn collection(&self) -> Option<&str> {
        match &self.shape {
            Shape::One(collection) | Shape::Many(collection) => Some(collection),
            Shape::Line
            | Shape::Text
            | Shape::Date
            | Shape::Number
            | Shape::Money
            | Shape::Tick
            | Shape::Maybe
            | Shape::Choice(_)
            | Shape::Several(_)
            | Shape::Lines
            | Shape::Table(_) => None,
        }
    }

    fn word(&self, t: &Frame) -> String {
        let words: Vec<_> = self
            .fields
            .iter()
            .map(|field| words::field(field, t))
            .collect();
        let word = words.join(t.colon);
        let hint = match &self.shape {
            Shape::Money => t.in_yuan.to_owned(),
            Shape::Lines | Shape::Many(_) => t.one_a_line.to_owned(),
            Shape::Table(_) => t.rows_a_line.to_owned(),
            Shape::Line
            | Shape::Text
            | Shape::Date
            | Shape::Number
            | Shape::Tick
            | Shape::Maybe
            | Shape::Choice(_)
            | Shape::Several(_)
            | Shape::One(_) => return word,
        };
        format!("{word}（{hint}）")
    }

    fn shown(&self, known: &Known, t: &Frame) -> Shown {
        let nothing = || (String::new(), t.not_stated.to_owned());
        match &self.shape {
            Shape::Line => Shown::Line,
            Shape::Text | Shape::Lines | Shape::Many(_) => Shown::Text,
            Shape::Table(columns) => {
                let columns: Vec<_> = columns.iter().map(|column| column.word(t)).collect();
                Shown::Table(columns.join(" | "))
            }
            Shape::Date => Shown::Date,
            Shape::Number | Shape::Money => Shown::Number,
            Shape::Tick => Shown::Tick,
            Shape::Maybe => Shown::choice([
                nothing(),
                ("true".to_owned(), t.yes.to_owned()),
                ("false".to_owned(), t.no.to_owned()),
            ]),
            Shape::Choice(of) => {
                let values = of.values().skip(1).map(|value| {
                    let word = words::value(value.name(), t);
                    (value.name().to_owned(), word)
                });
                Shown::choice(std::iter::once(nothing()).chain(values))
            }
            Shape::Several(of) => Shown::several(of.values().skip(1).map(|value| {
                let word = words::value(value.name(), t);
                (value.name().to_owned(), word)
            })),
            Shape::One(collection) => match known.get(collection) {
                Some(choice) if !choice.is_empty() => {
                    Shown::choice(std::iter::once(nothing()).chain(choice.clone()))
                }
                Some(_) | None => Shown::Line,
            },
        }
    }
}

/// The fields of a message that may be written, under the field of a request that holds it.
pub fn of_message(message: &MessageDescriptor, held: &str) -> Vec<Input> {
    let mut inputs = Vec::new();
    for field in message.fields().filter(writable) {
        let top = field.json_name().to_owned();
        add(
            &mut inputs,
            &format!("{held}.{}", field.name()),
            &top,
            Vec::from([field]),
        );
    }
    inputs
}

/// What a request asks for beside the record's name.
pub fn of_request(request: &MessageDescriptor) -> Vec<Input> {
    let mut inputs = Vec::new();
    for field in request.fields().filter(writable) {
        let path = field.name().to_owned();
        add(&mut inputs, &path, "", Vec::from([field]));
    }
    inputs
}

/// Whether people fill it in as a part of a record.
fn writable(field: &FieldDescriptor) -> bool {
    !APART.contains(&field.name()) && fillable(field)
}

/// Whether people fill it in at all.
pub fn fillable(field: &FieldDescriptor) -> bool {
    let is_time = matches!(field.kind(), Of::Message(of) if of.full_name() == told::TIMESTAMP);
    let by_itself = field.kind() == Of::Bytes || is_time;
    !by_itself && !comment_of(field).starts_with("Output only")
}

/// Adds a field, or, where it holds one message, the fields of that.
fn add(inputs: &mut Vec<Input>, path: &str, top: &str, fields: Vec<FieldDescriptor>) {
    let Some(field) = fields.last().cloned() else {
        return;
    };
    if let (Of::Message(inner), false) = (field.kind(), field.is_list() || field.is_map()) {
        for field in inner.fields().filter(writable) {
            let path = format!("{path}.{}", field.name());
            let fields = fields.iter().cloned().chain([field]).collect();
            add(inputs, &path, top, fields);
        }
        return;
    }
    if let Some(shape) = shape(&field) {
        inputs.push(Input {
            path: path.to_owned(),
            top: top.to_owned(),
            shape,
            fields,
        });
    }
}

/// How a field is filled in; none if no form has room for it.
fn shape(field: &FieldDescriptor) -> Option<Shape> {
    let comment = comment_of(field);
    let collection = collection(&comment);
    Some(match (field.kind(), field.is_list()) {
        (Of::Message(record), _) => Shape::Table(table::columns(&record)?),
        (Of::Enum(of), true) => Shape::Several(of),
        (Of::Enum(of), false) => Shape::Choice(of),
        (Of::String, true) => collection.map_or(Shape::Lines, Shape::Many),
        (Of::String, false) if comment.contains("YYYY-MM-DD") => Shape::Date,
        (Of::String, false) if LONG.contains(&field.name()) => Shape::Text,
        (Of::String, false) => collection.map_or(Shape::Line, Shape::One),
        (Of::Bool, false) if field.supports_presence() => Shape::Maybe,
        (Of::Bool, false) => Shape::Tick,
        (_, true) => Shape::Lines,
        (_, false) if is_money(field) => Shape::Money,
        (_, false) => Shape::Number,
    })
}

/// Whether an amount is in fen.
pub fn is_money(field: &FieldDescriptor) -> bool {
    field.name().ends_with("_fen") || field.name().starts_with("fen_")
}

/// The one collection whose records a comment says a field names.
pub fn collection(comment: &str) -> Option<String> {
    let mut patterns = comment
        .split('`')
        .filter_map(|part| part.strip_prefix("counties/{code}/"));
    let collection = patterns.next()?.split('/').next()?.to_owned();
    patterns.next().is_none().then_some(collection)
}

/// The form of a new record.
pub fn of_create(kind: &Collection, known: &Known, t: &Frame) -> Form {
    let inputs = kind.inputs_of_create();
    filled(Form::new("create", t.new_record, ""), &inputs, known, t)
}

/// The form that changes a record, with what it says now.
pub fn of_update(kind: &Collection, record: &DynamicMessage, known: &Known, t: &Frame) -> Form {
    let inputs = kind.inputs();
    let mut form = filled(Form::new("update", t.change_record, ""), &inputs, known, t);
    for input in &inputs {
        fill(input, record, &mut form.filled, t);
    }
    form
}

/// The form of a step.
pub fn of_step(method: &MethodDescriptor, known: &Known, t: &Frame) -> Form {
    let inputs = of_request(&method.input());
    let form = Form::new(
        method.name().to_owned(),
        words::method(method.name(), t),
        "",
    );
    filled(form, &inputs, known, t)
}

fn filled(form: Form, inputs: &[Input], known: &Known, t: &Frame) -> Form {
    inputs.iter().fold(form, |form, input| {
        form.field(input.path.clone(), input.word(t), input.shown(known, t))
    })
}

/// Puts what a record says into a form's field.
fn fill(input: &Input, record: &DynamicMessage, fields: &mut Fields, t: &Frame) {
    let Some((last, through)) = input.fields.split_last() else {
        return;
    };
    let mut message = record.clone();
    for field in through {
        if !message.has_field(field) {
            return;
        }
        let inner = message.get_field(field).as_message().cloned();
        match inner {
            Some(inner) => message = inner,
            None => return,
        }
    }
    if !message.has_field(last) {
        return;
    }
    let value = message.get_field(last);
    let list = value.as_list().unwrap_or_default();
    match &input.shape {
        Shape::Tick => fields.put(&input.path, "1"),
        Shape::Several(of) => {
            let numbers = list.iter().filter_map(Value::as_enum_number);
            for value in numbers.filter_map(|number| of.get_value(number)) {
                fields.put(&input.path, value.name());
            }
        }
        Shape::Choice(of) => {
            let value = value.as_enum_number().and_then(|n| of.get_value(n));
            fields.put(
                &input.path,
                value.map_or_else(String::new, |v| v.name().to_owned()),
            );
        }
        Shape::Lines | Shape::Many(_) => {
            let lines: Vec<_> = list
                .iter()
                .map(|one| told::plain_value(last, one, t))
                .collect();
            fields.put(&input.path, lines.join("\n"));
        }
        Shape::Table(columns) => {
            let records = list.iter().filter_map(Value::as_message);
            fields.put(&input.path, table::text(columns, records, t));
        }
        Shape::Maybe => fields.put(&input.path, value.as_bool().unwrap_or(false).to_string()),
        Shape::Line | Shape::Text | Shape::Date | Shape::Number | Shape::Money | Shape::One(_) => {
            fields.put(&input.path, told::plain_value(last, &value, t));
        }
    }
}

/// The record's fields that a form changes, as a mask.
pub fn mask(inputs: &[Input]) -> String {
    let mut tops: Vec<&str> = inputs.iter().map(|input| input.top.as_str()).collect();
    tops.dedup();
    tops.join(",")
}

/// The form's field that a service means; none if it is not in the form.
pub fn field_of(inputs: &[Input], said: &str) -> Option<String> {
    let mut plain = String::new();
    let mut within = false;
    for letter in said.chars() {
        match letter {
            '[' => within = true,
            ']' => within = false,
            _ if !within => plain.push(letter),
            _ => {}
        }
    }
    let fits = |path: &str| {
        let meant = path == plain || plain.starts_with(&format!("{path}."));
        let within = path.starts_with(&format!("{plain}."));
        meant || within || path.ends_with(&format!(".{plain}"))
    };
    let input = inputs.iter().find(|input| fits(&input.path));
    input.map(|input| input.path.clone())
}

/// What of a record a form says otherwise than the record does: whole fields of the record, as a mask names them.
pub fn changed(
    inputs: Vec<Input>,
    record: &DynamicMessage,
    fields: &Fields,
    t: &Frame,
) -> Vec<Input> {
    let mut before = Fields::default();
    for input in &inputs {
        fill(input, record, &mut before, t);
    }
    let said = |fields: &Fields, path: &str| -> Vec<String> {
        let values = fields.all(path);
        values.map(|value| value.replace("\r\n", "\n")).collect()
    };
    let differs = |input: &&Input| said(fields, &input.path) != said(&before, &input.path);
    let tops: HashSet<_> = inputs
        .iter()
        .filter(differs)
        .map(|input| input.top.clone())
        .collect();
    let changed = inputs.into_iter();
    changed.filter(|input| tops.contains(&input.top)).collect()
}

/// What a form says, put where a request has it.
pub fn read(
    inputs: &[Input],
    fields: &Fields,
    root: &mut Map<String, serde_json::Value>,
    county: &str,
    wrongs: &mut Wrongs,
    t: &Frame,
) {
    for input in inputs {
        let said = fields.get(&input.path);
        let Some(field) = input.fields.last() else {
            continue;
        };
        let blank = said.is_empty();
        if blank && !matches!(input.shape, Shape::Several(_)) {
            continue;
        }
        let value = match &input.shape {
            Shape::Tick => Some(json!(true)),
            Shape::Several(_) => {
                let chosen: Vec<_> = fields.all(&input.path).collect();
                Some(json!(chosen))
            }
            Shape::Line | Shape::Text | Shape::Date | Shape::Choice(_) => Some(json!(said)),
            Shape::Maybe => Some(json!(said == "true")),
            Shape::Number => number(field, said),
            Shape::Money => fen(said),
            Shape::One(collection) => Some(json!(full(county, collection, said))),
            Shape::Many(collection) => {
                let names = lines(said).map(|one| full(county, collection, one));
                Some(json!(names.collect::<Vec<_>>()))
            }
            Shape::Lines => {
                let is_text = field.kind() == Of::String;
                let items = lines(said).map(|one| {
                    if is_text {
                        Some(json!(one))
                    } else {
                        number(field, one)
                    }
                });
                items.collect::<Option<Vec<_>>>().map(|items| json!(items))
            }
            Shape::Table(columns) => match table::read(columns, said, county, t) {
                Ok(rows) => Some(json!(rows)),
                Err(words) => {
                    wrongs.add(&input.path, &words);
                    continue;
                }
            },
        };
        match value {
            Some(value) => put(root, &input.path, value),
            None => wrongs.add(&input.path, t.not_a_number),
        }
    }
}

/// Puts a value where a path of fields leads.
fn put(root: &mut Map<String, serde_json::Value>, path: &str, value: serde_json::Value) {
    match path.split_once('.') {
        None => {
            root.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = root.entry(first).or_insert_with(|| json!({}));
            if let serde_json::Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Lines that say something.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty())
}

/// A number of the field's kind.
pub fn number(field: &FieldDescriptor, said: &str) -> Option<serde_json::Value> {
    if matches!(field.kind(), Of::Double | Of::Float) {
        said.parse::<f64>().ok().map(|number| json!(number))
    } else {
        said.parse::<i64>().ok().map(|number| json!(number))
    }
}

/// Yuan as fen.
pub fn fen(said: &str) -> Option<serde_json::Value> {
    let (yuan, part) = said.split_once('.').unwrap_or((said, ""));
    if part.len() > 2 || !part.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let yuan: i64 = yuan.parse().ok().filter(|yuan| *yuan >= 0)?;
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    yuan.checked_mul(100)?
        .checked_add(part)
        .map(|fen| json!(fen))
}

/// The whole name of a record from its code.
pub fn full(county: &str, collection: &str, said: &str) -> String {
    if said.starts_with("counties/") {
        said.to_owned()
    } else {
        format!("{county}/{collection}/{said}")
    }
}

/// A request from its fields.
pub fn message(
    of: &MessageDescriptor,
    root: Map<String, serde_json::Value>,
) -> Result<DynamicMessage, String> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    DynamicMessage::deserialize_with_options(of.clone(), serde_json::Value::Object(root), &options)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_are_taken_as_fen_and_never_rounded() {
        assert_eq!(fen("12"), Some(json!(1200)));
        assert_eq!(fen("0.5"), Some(json!(50)));
        assert_eq!(fen("80.05"), Some(json!(8005)));
        assert_eq!(fen("1.005"), None);
        assert_eq!(fen("-3"), None);
        assert_eq!(fen("三"), None);
    }

    #[test]
    fn what_a_service_says_of_a_field_stands_beside_it() {
        let kind = Collection::named("committee").unwrap();
        let inputs = kind.inputs();
        let meant = |said| field_of(&inputs, said);
        assert_eq!(
            meant("committee.director.display_name").as_deref(),
            Some("committee.director.display_name")
        );
        assert_eq!(
            meant("committee.deputies[1].post").as_deref(),
            Some("committee.deputies")
        );
        assert_eq!(meant("deputies").as_deref(), Some("committee.deputies"));
        assert_eq!(
            meant("committee.chief_supervisor").as_deref(),
            Some("committee.chief_supervisor.display_name")
        );
        assert_eq!(meant("parent"), None);
    }
}
