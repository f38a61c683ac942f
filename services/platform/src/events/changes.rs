//! What was changed, for people: the newest first, with the fields that say something else than before.

use dudao_proto::event::v1::FieldChange;
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use prost_types::Any;

use super::{Change, ListChangesRequest, ListChangesResponse, Row, rows};
use crate::context::Context;
use crate::contract::CONTRACT;
use crate::error::Result;
use crate::on;
use crate::page;
use crate::resource::parse_county;
use crate::rpc::Principal;

/// Fields that change with every change.
const ALWAYS: [&str; 2] = ["etag", "update_time"];
/// An instant, which is one value.
const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// The whole of a service's `ListChanges`.
pub async fn changes(
    context: &Context,
    caller: &Principal,
    request: &ListChangesRequest,
) -> Result<ListChangesResponse> {
    let county = parse_county(caller, "parent", &request.parent)?;
    let page = page!(request)?;
    let before = page.after().copied().unwrap_or(i64::MAX);
    let mut tx = context.db.begin_read().await?;
    let rows: Vec<Row> = if request.resource.is_empty() {
        on!(tx, |conn| {
            sqlx::query_as(rows!(
                "WHERE county = $1 AND county_sequence < $2 ORDER BY county_sequence DESC LIMIT $3"
            ))
            .bind(&county)
            .bind(before)
            .bind(page.limit())
            .fetch_all(conn)
            .await
        })?
    } else {
        on!(tx, |conn| {
            sqlx::query_as(rows!(
                "WHERE resource = $1 AND county = $2 AND county_sequence < $3 \
                 ORDER BY county_sequence DESC LIMIT $4"
            ))
            .bind(&request.resource)
            .bind(&county)
            .bind(before)
            .bind(page.limit())
            .fetch_all(conn)
            .await
        })?
    };
    let (rows, next_page_token) = page.cut(rows, |row| row.county_sequence);
    Ok(ListChangesResponse {
        changes: rows.into_iter().map(told).collect(),
        next_page_token,
    })
}

fn told(row: Row) -> Change {
    let event = row.into_event();
    let fields = match (&event.before, &event.payload) {
        (Some(before), Some(payload)) => differences(before, payload),
        (Some(_) | None, _) => Vec::new(),
    };
    Change {
        sequence: event.sequence,
        kind: event.kind,
        resource: event.resource,
        actor: event.actor,
        on_behalf_of: event.on_behalf_of,
        time: event.time,
        method: event.method,
        fields,
    }
}

/// What a resource says after a fact that tells it, beside what it said before.
fn differences(before: &Any, payload: &Any) -> Vec<FieldChange> {
    let (Some(before), Some(payload)) = (unpacked(before), unpacked(payload)) else {
        return Vec::new();
    };
    let of = before.descriptor();
    let mut told = payload.fields().filter_map(|(_, value)| value.as_message());
    let mut changes = Vec::new();
    if let Some(after) = told.find(|message| message.descriptor() == of) {
        compare(&before, after, "", &mut changes);
    }
    changes
}

fn unpacked(any: &Any) -> Option<DynamicMessage> {
    let name = any.type_url.rsplit('/').next()?;
    let of = CONTRACT.as_ref()?.get_message_by_name(name)?;
    DynamicMessage::decode(of, any.value.as_slice()).ok()
}

fn compare(
    before: &DynamicMessage,
    after: &DynamicMessage,
    path: &str,
    changes: &mut Vec<FieldChange>,
) {
    for field in before.descriptor().fields() {
        let name = format!("{path}{}", field.name());
        let (was, is) = (before.get_field(&field), after.get_field(&field));
        if was == is || (path.is_empty() && ALWAYS.contains(&field.name())) {
            continue;
        }
        match (was.as_message(), is.as_message()) {
            (Some(was), Some(is)) if was.descriptor().full_name() != TIMESTAMP => {
                compare(was, is, &format!("{name}."), changes);
            }
            _ => changes.push(FieldChange {
                before: said(before, &field, &was),
                after: said(after, &field, &is),
                field: name,
            }),
        }
    }
}

/// A field's value as JSON; "" if it is not set.
fn said(message: &DynamicMessage, field: &FieldDescriptor, value: &Value) -> String {
    if !message.has_field(field) {
        return String::new();
    }
    let mut alone = DynamicMessage::new(message.descriptor());
    alone.set_field(field, value.clone());
    let json = serde_json::to_value(&alone).unwrap_or_default();
    json.get(field.json_name())
        .map_or_else(String::new, ToString::to_string)
}
