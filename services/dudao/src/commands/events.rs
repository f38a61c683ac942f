//! `dudao events`.

use dudao_platform::limited;
use dudao_proto::accountability::v1::accountability_event_service_client::AccountabilityEventServiceClient;
use dudao_proto::event::v1::watch_events_response::Item;
use dudao_proto::event::v1::{Event, WatchEventsRequest};
use dudao_proto::inspection::v1::inspection_event_service_client::InspectionEventServiceClient;
use dudao_proto::registry::v1::registry_event_service_client::RegistryEventServiceClient;
use dudao_proto::scheduler::v1::scheduler_event_service_client::SchedulerEventServiceClient;
use serde_json::json;

use crate::args::{Events, Format, Service};
use crate::failure::Result;
use crate::output::say;
use crate::session::Session;

/// Prints a service's events, and follows them if asked to.
pub async fn run(session: &Session, args: &Events) -> Result<()> {
    let request = WatchEventsRequest {
        kinds: args.kind.clone(),
        resource_prefix: args.resource.clone(),
        stop_at_end: !args.follow,
        ..Default::default()
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
    while let Some(answer) = stream.message().await? {
        if let Some(Item::Event(event)) = answer.item {
            say(format_args!("{}", line(&event, args.output)?))?;
        }
    }
    Ok(())
}

fn line(event: &Event, format: Format) -> Result<String> {
    let time = event.time.and_then(|t| {
        chrono::DateTime::from_timestamp(t.seconds, u32::try_from(t.nanos).unwrap_or(0))
    });
    let time = time.map_or_else(String::new, |t| {
        t.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    });
    Ok(match format {
        Format::Json => serde_json::to_string(&json!({
            "sequence": event.sequence, "id": event.id, "kind": event.kind, "resource": event.resource,
            "county": event.county, "actor": event.actor, "time": time, "cursor": event.cursor,
        }))?,
        Format::Table | Format::Xlsx | Format::Geojson => {
            format!(
                "{:>6}  {time}  {:<24} {}  {}",
                event.sequence, event.kind, event.resource, event.actor
            )
        }
    })
}
