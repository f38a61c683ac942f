//! `dudao watch`.

use std::path::Path;

use dudao_platform::events::Chains;
use dudao_platform::limited;
use dudao_proto::accountability::v1::accountability_event_service_client::AccountabilityEventServiceClient;
use dudao_proto::event::v1::watch_events_response::Item;
use dudao_proto::event::v1::{Event, WatchEventsRequest};
use dudao_proto::inspection::v1::inspection_event_service_client::InspectionEventServiceClient;
use dudao_proto::registry::v1::registry_event_service_client::RegistryEventServiceClient;
use dudao_proto::scheduler::v1::scheduler_event_service_client::SchedulerEventServiceClient;
use serde_json::json;

use crate::args::{Format, Service, Watch};
use crate::failure::{Failure, Result};
use crate::output::say;
use crate::session::Session;

/// Prints a service's events as they happen.
pub async fn run(session: &Session, args: &Watch) -> Result<()> {
    let cursor = match &args.cursor_file {
        Some(file) => kept(file)?,
        None => args.cursor.clone(),
    };
    let request = WatchEventsRequest {
        cursor,
        county_prefix: args.counties.clone(),
        kinds: args.kind.clone(),
        resource_prefix: args.resource.clone(),
        stop_at_end: args.stop,
    };
    macro_rules! watch {
        ($client:ident) => {
            limited!($client::new(session.link.clone()))
                .watch_events(request)
                .await?
                .into_inner()
        };
    }
    let mut stream = match args.of {
        Service::Registry => watch!(RegistryEventServiceClient),
        Service::Inspection => watch!(InspectionEventServiceClient),
        Service::Accountability => watch!(AccountabilityEventServiceClient),
        Service::Scheduler => watch!(SchedulerEventServiceClient),
    };
    let mut chains = Chains::default();
    while let Some(answer) = stream.message().await? {
        let cursor = match answer.item {
            Some(Item::Event(event)) => {
                if args.check
                    && let Some(why) = chains.wrong(&event)
                {
                    return Err(Failure::Other(format!(
                        "第 {0} 条事件与记录不符 event {0} is not as recorded: {why}",
                        event.sequence
                    )));
                }
                say(line(&event, args.output)?)?;
                event.cursor
            }
            Some(Item::Checkpoint(cursor)) => cursor,
            None => continue,
        };
        if let Some(file) = &args.cursor_file {
            keep(file, &cursor)?;
        }
    }
    Ok(())
}

fn kept(file: &Path) -> Result<String> {
    match std::fs::read_to_string(file) {
        Ok(cursor) => Ok(cursor.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::Other(format!("{}: {error}", file.display()))),
    }
}

/// Whole or not at all: a cursor that was cut off half-way would be none.
fn keep(file: &Path, cursor: &str) -> Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, cursor)
        .and_then(|()| std::fs::rename(&new, file))
        .map_err(|error| Failure::Other(format!("{}: {error}", file.display())))
}

fn line(event: &Event, format: Format) -> Result<String> {
    let time = event.time.and_then(|t| {
        chrono::DateTime::from_timestamp(t.seconds, u32::try_from(t.nanos).unwrap_or(0))
    });
    let time = time.map_or_else(String::new, |t| {
        t.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    });
    let who = if event.on_behalf_of.is_empty() {
        event.actor.clone()
    } else {
        format!("{} ← {}", event.actor, event.on_behalf_of)
    };
    Ok(match format {
        Format::Json => serde_json::to_string(&json!({
            "sequence": event.sequence, "id": event.id, "kind": event.kind, "resource": event.resource,
            "county": event.county, "actor": event.actor, "on_behalf_of": event.on_behalf_of,
            "method": event.method, "request_id": event.request_id, "time": time, "cursor": event.cursor,
        }))?,
        Format::Table | Format::Xlsx | Format::Geojson => {
            format!(
                "{:>6}  {time}  {:<24} {}  {who}",
                event.sequence, event.kind, event.resource
            )
        }
    })
}
