//! Records that need no page of their own: read, written and taken further as the contract describes them.
//!
//! What there is stands in [`kinds`]. Fields, steps, and who may take them come from the descriptors, so that a new field of a
//! resource is there as soon as it is in the contract; its Chinese word stands in [`words`], and a test asks for it.

mod form;
mod kinds;
mod table;
mod told;
mod words;

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_platform::contract::call;
use http::StatusCode;
use prost_reflect::{DynamicMessage, Value};
use serde_json::{Map, json};
use tonic::Status;

use crate::desk::{PAGE, id};
use crate::fields::{Fields, Wrongs};
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::schools::ROWS;
use crate::search::found;
use crate::visitor::{Posted, Visitor};
use crate::workbook;

use form::{Input, Known};
pub use kinds::Service;
use kinds::{Collection, GROUPS};
pub use told::minute_of;
use told::{Told, cell, column_names, columns, tell};
pub use words::{field_word, value_word};

/// A list with more of them offers no choice: a code is typed.
const MOST_OFFERED: usize = 500;

#[derive(Template)]
#[template(path = "records.html")]
struct Index {
    t: Frame,
    groups: Vec<(&'static str, Vec<(String, &'static str)>)>,
}

/// What there is.
pub async fn index(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let t = visitor.frame;
    let groups = GROUPS.iter().map(|group| {
        let kinds = group
            .kinds
            .iter()
            .filter_map(|name| Collection::named(name));
        let kinds = kinds
            .filter(|kind| kind.may_read(&t))
            .map(|kind| (kind.address(&visitor.county), kind.word(&t)));
        (t.pick(group.zh, group.en), kinds.collect::<Vec<_>>())
    });
    Ok(View(Index {
        groups: groups.filter(|(_, kinds)| !kinds.is_empty()).collect(),
        t,
    }))
}

#[derive(Template)]
#[template(path = "record_list.html")]
struct List {
    t: Frame,
    kind: &'static Collection,
    query: Fields,
    columns: Vec<String>,
    part: Part<Row>,
    create: Option<Form>,
    sent: Sent,
    ticket: String,
}

struct Row {
    /// Where it is shown.
    address: String,
    cells: Vec<String>,
}

/// The records of a kind.
pub async fn list(
    Path((_, kind)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let kind = Collection::named(&kind).ok_or(Refusal::Unknown)?;
    if kind.list.is_none() {
        let page = View(page(visitor, kind, String::new(), Sent::default()).await?);
        return Ok(page.into_response());
    }
    Ok(View(listed(visitor, kind, Sent::default()).await?).into_response())
}

async fn listed(visitor: Visitor, kind: &'static Collection, sent: Sent) -> Result<List, Refusal> {
    let records = all(&visitor, kind).await?;
    let (t, query) = (&visitor.frame, &visitor.query);
    let columns = columns(&kind.message, &records);
    let names = column_names(&columns, t);
    let rows = records.iter().map(|record| Row {
        address: shown_at(&visitor.county, &name_of(record)).unwrap_or_default(),
        cells: columns
            .iter()
            .map(|column| cell(record, column, t))
            .collect(),
    });
    let rows = rows.filter(|row| {
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        found(query.get("q"), &cells)
    });
    let part = Part::of(rows.collect(), query.number("page"), ROWS);
    let create = match &kind.create {
        Some(method) if kinds::may(method, t) => {
            let known = offered(&visitor, &kind.inputs_of_create()).await;
            Some(form::of_create(kind, &known, t))
        }
        Some(_) | None => None,
    };
    Ok(List {
        columns: names,
        part,
        create,
        sent,
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        query: visitor.query,
        t: visitor.frame,
        kind,
    })
}

/// The same as a workbook.
pub async fn export(
    Path((_, kind)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let kind = Collection::named(&kind).ok_or(Refusal::Unknown)?;
    let records = all(&visitor, kind).await?;
    let t = &visitor.frame;
    let columns = told::plain(&kind.message);
    let names = column_names(&columns, t);
    let headings: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = records.iter().map(|record| {
        let cells = columns.iter().map(|column| cell(record, column, t).into());
        cells.collect::<Vec<_>>()
    });
    let word = kind.word(t);
    sheet(word, workbook::list(word, &headings, rows))
}

/// Makes a new record.
pub async fn create(
    Path((_, kind)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refusal> {
    let kind = Collection::named(&kind).ok_or(Refusal::Unknown)?;
    let Posted { visitor, fields } = posted;
    if kind.list.is_none() {
        return step(visitor, kind, String::new(), fields).await;
    }
    let method = kind.create.clone().ok_or(Refusal::Unknown)?;
    let inputs = kind.inputs_of_create();
    let mut root = Map::new();
    root.insert("parent".to_owned(), json!(visitor.county));
    let sent = send(&visitor, kind, &method, &inputs, root, &fields).await?;
    match sent {
        Ok(made) => {
            let address = shown_at(&visitor.county, &name_of(&made)).ok_or(Refusal::Broken)?;
            Ok(Redirect::to(&address).into_response())
        }
        Err(wrongs) => {
            let page = View(listed(visitor, kind, Sent::with(fields, wrongs)).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "record.html")]
struct Page {
    t: Frame,
    kind: &'static Collection,
    title: String,
    name: String,
    /// The record's own name.
    resource: String,
    etag: String,
    told: Told,
    forms: Vec<Form>,
    sent: Sent,
    ticket: String,
}

/// A record.
pub async fn show(
    Path((_, kind, code)): Path<(String, String, String)>,
    visitor: Visitor,
) -> Result<View<impl Template>, Refusal> {
    let kind = Collection::named(&kind).ok_or(Refusal::Unknown)?;
    Ok(View(page(visitor, kind, code, Sent::default()).await?))
}

async fn page(
    visitor: Visitor,
    kind: &'static Collection,
    code: String,
    sent: Sent,
) -> Result<Page, Refusal> {
    let name = kind.name(&visitor.county, &code);
    let record = read(&visitor, kind, &name).await?;
    let t = &visitor.frame;
    let mut forms = Vec::new();
    let mut inputs = Vec::new();
    let update = kind.update.as_ref().filter(|method| kinds::may(method, t));
    if update.is_some() {
        inputs.extend(kind.inputs());
    }
    let steps: Vec<_> = kind
        .steps
        .iter()
        .filter(|method| kinds::may(method, t))
        .collect();
    for method in &steps {
        inputs.extend(form::of_request(&method.input()));
    }
    let known = offered(&visitor, &inputs).await;
    if update.is_some() {
        forms.push(form::of_update(kind, &record, &known, t));
    }
    forms.extend(steps.iter().map(|method| form::of_step(method, &known, t)));
    Ok(Page {
        title: told::title(&record),
        told: tell(&record, &visitor.county, t),
        etag: text(&record, "etag"),
        name: address(&visitor.county, &name, kind),
        resource: name,
        forms,
        sent,
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        t: visitor.frame,
        kind,
    })
}

/// Changes a record, or takes it a step further.
pub async fn act(
    Path((_, kind, code)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refusal> {
    let kind = Collection::named(&kind).ok_or(Refusal::Unknown)?;
    let Posted { visitor, fields } = posted;
    step(visitor, kind, code, fields).await
}

async fn step(
    visitor: Visitor,
    kind: &'static Collection,
    code: String,
    fields: Fields,
) -> Result<Response, Refusal> {
    let name = kind.name(&visitor.county, &code);
    let etag = fields.get("etag").to_owned();
    let mut root = Map::new();
    let (method, inputs) = if fields.get("verb") == "update" {
        let method = kind.update.clone().ok_or(Refusal::Unknown)?;
        let record = read(&visitor, kind, &name).await?;
        let inputs = form::changed(kind.inputs(), &record, &fields, &visitor.frame);
        if inputs.is_empty() {
            return Ok(Redirect::to(&visitor.frame.path).into_response());
        }
        let held = kind.held(&method).ok_or(Refusal::Unknown)?;
        root.insert(held, json!({ "name": name, "etag": etag }));
        root.insert("update_mask".to_owned(), json!(form::mask(&inputs)));
        (method, inputs)
    } else {
        let verb = fields.get("verb");
        let method = kind.steps.iter().find(|method| method.name() == verb);
        let method = method.cloned().ok_or(Refusal::Unknown)?;
        root.insert("name".to_owned(), json!(name));
        if method.input().get_field_by_name("etag").is_some() {
            root.insert("etag".to_owned(), json!(etag));
        }
        let inputs = form::of_request(&method.input());
        (method, inputs)
    };
    match send(&visitor, kind, &method, &inputs, root, &fields).await? {
        Ok(_) => Ok(Redirect::to(&visitor.frame.path).into_response()),
        Err(wrongs) => {
            let page = View(page(visitor, kind, code, Sent::with(fields, wrongs)).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Sends what a form says; what is wrong with it comes back beside its fields.
async fn send(
    visitor: &Visitor,
    kind: &Collection,
    method: &prost_reflect::MethodDescriptor,
    inputs: &[Input],
    mut root: Map<String, serde_json::Value>,
    fields: &Fields,
) -> Result<Result<DynamicMessage, Wrongs>, Refusal> {
    let mut wrongs = Wrongs::default();
    let t = &visitor.frame;
    form::read(inputs, fields, &mut root, &visitor.county, &mut wrongs, t);
    if !wrongs.none() {
        return Ok(Err(wrongs));
    }
    let ticket = fields.get("ticket");
    root.insert("request_id".to_owned(), json!(ticket));
    let message = match form::message(&method.input(), root) {
        Ok(message) => message,
        Err(error) => {
            wrongs.above.push(error);
            return Ok(Err(wrongs));
        }
    };
    match call(visitor.desk.link_to(kind.service), method, message).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(status) => Ok(Err(Wrongs::named(&status, t, |field| {
            form::field_of(inputs, field)
        })?)),
    }
}

async fn read(visitor: &Visitor, kind: &Collection, name: &str) -> Result<DynamicMessage, Refusal> {
    let request = form::message(&kind.get.input(), Map::from_iter([named(name)]));
    let request = request.map_err(|_| Refusal::Unknown)?;
    Ok(call(visitor.desk.link_to(kind.service), &kind.get, request).await?)
}

fn named(name: &str) -> (String, serde_json::Value) {
    ("name".to_owned(), json!(name))
}

/// Every record of a kind that the visitor may see.
async fn all(visitor: &Visitor, kind: &Collection) -> Result<Vec<DynamicMessage>, Refusal> {
    let list = kind.list.as_ref().ok_or(Refusal::Unknown)?;
    let records = crate::desk::all(async |page_token| {
        let mut root = Map::new();
        root.insert("parent".to_owned(), json!(visitor.county));
        root.insert("page_size".to_owned(), json!(PAGE));
        root.insert("page_token".to_owned(), json!(page_token));
        let request = form::message(&list.input(), root).map_err(Status::internal)?;
        let answer = call(visitor.desk.link_to(kind.service), list, request).await?;
        let mut records = Vec::new();
        for (_, value) in answer.fields() {
            let items = value.as_list().unwrap_or_default().iter();
            records.extend(items.filter_map(Value::as_message).cloned());
        }
        Ok((records, text(&answer, "next_page_token")))
    });
    Ok(records.await?)
}

/// What fields that name a record may name, by the record's collection.
async fn offered(visitor: &Visitor, inputs: &[Input]) -> Known {
    let mut known: Known = HashMap::new();
    for collection in inputs.iter().filter_map(Input::collection) {
        if known.contains_key(collection) {
            continue;
        }
        let mut choice = Vec::new();
        let kind = Collection::named(collection).filter(|kind| kind.may_read(&visitor.frame));
        if let Some(kind) = kind
            && kind.list.is_some()
            && let Ok(records) = all(visitor, kind).await
            && records.len() <= MOST_OFFERED
        {
            choice.extend(records.iter().map(|record| {
                let name = name_of(record);
                let word = format!("{}（{}）", told::title(record), id(&name));
                (name, word)
            }));
        }
        known.insert(collection.to_owned(), choice);
    }
    known
}

/// A field that is a text; "" if there is none.
fn text(message: &DynamicMessage, field: &str) -> String {
    let value = message.get_field_by_name(field);
    value
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

fn name_of(record: &DynamicMessage) -> String {
    text(record, "name")
}

/// Where a record of this name is shown: on its own page, or among the records.
pub fn shown_at(county: &str, name: &str) -> Option<String> {
    let collection = name.split('/').nth(2)?;
    if kinds::OWN_PAGES.contains(&collection) {
        return Some(format!("/{name}"));
    }
    let kind = Collection::named(collection)?;
    Some(format!("/{}", address(county, name, kind)))
}

/// The address of a record's page here, without the slash in front.
fn address(county: &str, name: &str, kind: &Collection) -> String {
    if kind.list.is_none() {
        format!("{county}/records/{}", kind.id)
    } else {
        format!("{county}/records/{}/{}", kind.id, id(name))
    }
}
