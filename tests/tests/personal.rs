//! Phone numbers and the like: who is shown them, and what trace is left, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use dudao_platform::limited;
use dudao_platform::on_both_databases;
use dudao_platform::rpc::Link;
use dudao_proto::event::v1::watch_events_response::Item;
use dudao_proto::event::v1::{Event, WatchEventsRequest};
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use dudao_tests::contract::{call, everything, names};
use dudao_tests::county::{HOME, settle};
use dudao_tests::{COUNTY, House, reasons, supervisor};
use inspection::complaint_service_client::ComplaintServiceClient;
use prost::Message as _;
use registry::supervisor_service_client::SupervisorServiceClient;

const PHONE: &str = "13800000001";
const MASKED: &str = "138****0001";

fn supervisors(link: &Link) -> SupervisorServiceClient<Link> {
    limited!(SupervisorServiceClient::new(link.clone()))
}

async fn phone(link: &Link, code: &str) -> String {
    let request = registry::GetSupervisorRequest {
        name: supervisor(code),
    };
    let answer = supervisors(link).get_supervisor(request).await;
    answer.unwrap().into_inner().phone
}

/// The events of these kinds, as an auditor reads them.
async fn trail(house: &House, service: &str, kinds: &[&str]) -> Vec<Event> {
    let auditor = house.caller("auditor", &["auditor"], HOME, &[]);
    let request = WatchEventsRequest {
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        stop_at_end: true,
        ..Default::default()
    };
    let path = format!("/dudao.{service}EventService/WatchEvents");
    let answers = call(&auditor, &path, request.encode_to_vec())
        .await
        .unwrap();
    let items = answers.iter().map(|bytes| {
        dudao_proto::event::v1::WatchEventsResponse::decode(bytes.as_slice())
            .unwrap()
            .item
    });
    items
        .filter_map(|item| match item {
            Some(Item::Event(event)) => Some(event),
            _ => None,
        })
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn a_phone_is_shown_to_the_office_and_to_whom_it_belongs_and_masked_to_others(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let planner = &house.caller("planner", &["planner"], HOME, &[]);
        let auditor = &house.caller("auditor", &["auditor"], HOME, &[]);
        let oneself = &house.caller("wang", &["supervisor"], HOME, &[&supervisor("A1")]);
        assert_eq!(phone(planner, "A1").await, PHONE);
        assert_eq!(phone(auditor, "A1").await, MASKED);
        assert_eq!(phone(oneself, "A1").await, PHONE);
        assert_eq!(phone(oneself, "A2").await, "138****0002");
        let request = registry::ListSupervisorsRequest { parent: COUNTY.to_owned(), ..Default::default() };
        let listed = supervisors(planner).list_supervisors(request).await.unwrap().into_inner();
        assert_eq!(listed.supervisors[0].phone, MASKED, "lists mask it to everyone");
    }

    async fn a_masked_phone_does_not_come_back_as_data(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let masked = registry::Supervisor { name: supervisor("A1"), phone: MASKED.to_owned(), ..Default::default() };
        let request = registry::UpdateSupervisorRequest { supervisor: Some(masked), ..Default::default() };
        let refused = house.supervisors().update_supervisor(request).await.unwrap_err();
        assert_eq!(reasons(&refused), ["supervisor.phone"]);
    }

    async fn the_trail_and_snapshots_hold_no_phone(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let told = trail(house, "registry.v1.Registry", &[]).await;
        let created = told.iter().find(|event| event.kind == "SupervisorCreated" && event.resource == supervisor("A1")).unwrap();
        let created = registry::SupervisorCreated::decode(created.payload.as_ref().unwrap().value.as_slice()).unwrap();
        assert_eq!(created.supervisor.unwrap().phone, MASKED);
        let auditor = &house.caller("auditor", &["auditor"], HOME, &[]);
        let all = everything(auditor).await;
        assert!(names(auditor, HOME).await["supervisors"].contains(&supervisor("A1")));
        for number in [PHONE, "13911112222", "13700000000"] {
            let plaque = |name: &str| name.contains("/plaques/");
            let held: Vec<_> = all.iter().filter(|(name, bytes)| holds(bytes, number) && !plaque(name)).collect();
            assert!(held.is_empty(), "{held:?}");
            let of_plaques = |event: &&Event| event.resource.contains("/plaques/");
            assert!(told.iter().filter(|event| !of_plaques(event)).all(|event| !holds(&event.encode_to_vec(), number)), "{number}");
        }
    }

    async fn who_takes_phones_out_or_asks_who_has_reported_leaves_a_trace(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let planner = &house.caller("李干事", &["planner"], HOME, &[]);
        let request = registry::ExportSupervisorsRequest { parent: COUNTY.to_owned(), ..Default::default() };
        let why = supervisors(planner).export_supervisors(request.clone()).await.unwrap_err();
        assert_eq!(reasons(&why), ["purpose"]);
        let request = registry::ExportSupervisorsRequest { purpose: "换发聘书".to_owned(), ..request };
        let taken = supervisors(planner).export_supervisors(request).await.unwrap().into_inner();
        assert_eq!((taken.supervisors.len(), taken.supervisors[0].phone.as_str()), (6, PHONE));
        let events = trail(house, "registry.v1.Registry", &["SupervisorsExported"]).await;
        let event = registry::SupervisorsExported::decode(events[0].payload.as_ref().unwrap().value.as_slice()).unwrap();
        assert_eq!((events[0].actor.as_str(), event.purpose.as_str(), event.count), ("李干事", "换发聘书", 6));

        let complaint = names(&house.link, HOME).await["complaints"][0].clone();
        let request = inspection::GetComplaintReporterRequest { name: complaint.clone() };
        let reporter = limited!(ComplaintServiceClient::new(planner.clone())).get_complaint_reporter(request).await.unwrap().into_inner();
        assert_eq!(reporter.phone, "13700000000");
        let told = trail(house, "inspection.v1.Inspection", &["ReporterTold"]).await;
        assert_eq!((told[0].actor.as_str(), told[0].resource.as_str()), ("李干事", complaint.as_str()));
    }
}
