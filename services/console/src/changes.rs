//! What was changed: the history of one record, or of the county, the newest first.

mod words;

use askama::Template;
use dudao_proto::accountability::v1::accountability_event_service_client::AccountabilityEventServiceClient;
use dudao_proto::event::v1::{Change, FieldChange, ListChangesRequest, ListChangesResponse};
use dudao_proto::inspection::v1::inspection_event_service_client::InspectionEventServiceClient;
use dudao_proto::registry::v1::registry_event_service_client::RegistryEventServiceClient;
use tonic::Status;

use crate::desk::{Desk, id};
use crate::frame::{Frame, View};
use crate::records::{field_word, minute_of, shown_at, value_word};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// So many changes stand on a page.
const ROWS: i32 = 50;

#[derive(Template)]
#[template(path = "changes.html")]
struct Page {
    t: Frame,
    /// The record that it is about, and where it is shown; "" for the county.
    resource: String,
    address: String,
    rows: Vec<Row>,
    /// What the next page is asked for by; "" on the last.
    next: String,
}

struct Row {
    time: String,
    what: String,
    resource: String,
    address: String,
    who: String,
    fields: Vec<Changed>,
}

struct Changed {
    word: String,
    before: String,
    after: String,
}

/// Changes of one record or of all, in services that the visitor may ask.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let resource = visitor.query.get("resource").to_owned();
    let asked = Asked::read(visitor.query.get("page"));
    let (mut changes, next) = asked.ask(&visitor.desk, &visitor.county, &resource).await?;
    let t = visitor.frame;
    changes.sort_by_key(|change| {
        let time = change.time.as_ref();
        std::cmp::Reverse(time.map(|time| (time.seconds, time.nanos)))
    });
    let rows = changes.into_iter().map(|change| Row {
        time: minute_of(change.time.as_ref().map_or(0, |time| time.seconds)),
        what: words::kind(&change.kind, &t),
        address: shown_at(&visitor.county, &change.resource).unwrap_or_default(),
        who: if change.on_behalf_of.is_empty() {
            change.actor
        } else {
            change.on_behalf_of
        },
        fields: change
            .fields
            .iter()
            .map(|field| changed(field, &t))
            .collect(),
        resource: change.resource,
    });
    Ok(View(Page {
        rows: rows.collect(),
        address: shown_at(&visitor.county, &resource).unwrap_or_default(),
        resource,
        next,
        t,
    }))
}

fn changed(field: &FieldChange, t: &Frame) -> Changed {
    let words: Vec<_> = field
        .field
        .split('.')
        .map(|name| field_word(name, t))
        .collect();
    Changed {
        word: words.join(t.colon),
        before: plain(&field.before, t),
        after: plain(&field.after, t),
    }
}

/// A value that came as JSON, as people read it.
fn plain(json: &str, t: &Frame) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    let text = match &value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::Bool(true) => t.yes.to_owned(),
        serde_json::Value::Bool(false) => t.no.to_owned(),
        serde_json::Value::String(text) if text.starts_with("counties/") => id(text).to_owned(),
        serde_json::Value::String(text) => value_word(text, t).unwrap_or_else(|| text.clone()),
        serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => value.to_string(),
    };
    // Whole documents and lists are told by their beginning.
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Where each service's list goes on: none for one that has ended.
struct Asked([Option<String>; 3]);

impl Asked {
    fn read(page: &str) -> Self {
        let mut tokens = page.split(',');
        let mut token = || match (page.is_empty(), tokens.next()) {
            (true, _) => Some(String::new()),
            (false, Some(token)) if !token.is_empty() => Some(token.to_owned()),
            (false, _) => None,
        };
        Self([token(), token(), token()])
    }

    /// A page of each, and what the next one is asked for by.
    async fn ask(
        self,
        desk: &Desk,
        county: &str,
        resource: &str,
    ) -> Result<(Vec<Change>, String), Refusal> {
        let Self([registry, inspection, accountability]) = self;
        macro_rules! page {
            ($client:ident, $of:ident, $token:expr) => {
                async {
                    let Some(page_token) = $token else {
                        return Ok::<_, Status>(ListChangesResponse::default());
                    };
                    let mut client: $client<_> = desk.$of();
                    let request = ListChangesRequest {
                        parent: county.to_owned(),
                        page_size: ROWS,
                        page_token,
                        resource: resource.to_owned(),
                    };
                    Ok(client.list_changes(request).await?.into_inner())
                }
            };
        }
        let (registry, inspection, accountability) = tokio::try_join!(
            page!(RegistryEventServiceClient, registry_events, registry),
            page!(InspectionEventServiceClient, inspection_events, inspection),
            page!(
                AccountabilityEventServiceClient,
                accountability_events,
                accountability
            ),
        )?;
        let mut tokens = Vec::new();
        let mut changes = Vec::new();
        for page in [registry, inspection, accountability] {
            changes.extend(page.changes);
            tokens.push(page.next_page_token);
        }
        let ended = tokens.iter().all(String::is_empty);
        Ok((
            changes,
            if ended {
                String::new()
            } else {
                tokens.join(",")
            },
        ))
    }
}
