//! What the registry promises of its resources, over gRPC, on both databases.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{COUNTY, House, county, new_school, school, supervisor};
use dudao_platform::events::{Audit, WatchEventsRequest, verify};
use dudao_platform::on_both_databases;
use dudao_platform::rpc::Fault;
use dudao_proto::error::v1::ErrorReason;
use dudao_proto::event::v1::ListChangesRequest;
use dudao_proto::event::v1::watch_events_response::Item;
use dudao_proto::registry::v1::map_layer_service_client::MapLayerServiceClient;
use dudao_proto::registry::v1::member_unit_service_client::MemberUnitServiceClient;
use dudao_proto::registry::v1::registry_event_service_client::RegistryEventServiceClient;
use dudao_proto::registry::v1::ruleset_service_client::RulesetServiceClient;
use dudao_proto::registry::v1::town_service_client::TownServiceClient;
use dudao_proto::registry::v1::*;
use dudao_registry::MIGRATIONS;
use prost::Message as _;
use prost_types::FieldMask;
use tonic::{Code, Status};

fn reason(refused: Result<impl std::fmt::Debug, Status>) -> ErrorReason {
    Fault::from(&refused.unwrap_err()).reason
}

fn fields(refused: Result<impl std::fmt::Debug, Status>) -> Vec<String> {
    Fault::from(&refused.unwrap_err())
        .fields
        .into_iter()
        .map(|field| field.field)
        .collect()
}

fn list(parent: &str) -> ListSchoolsRequest {
    ListSchoolsRequest {
        parent: parent.to_owned(),
        ..ListSchoolsRequest::default()
    }
}

on_both_databases! { "registry", &MIGRATIONS;
    async fn a_county_is_born_with_rules_calendars_and_member_units(scratch) {
        let house = House::with_county(&scratch).await;
        let parent = COUNTY.to_owned();
        let rules = RulesetServiceClient::new(house.link.clone())
            .list_rulesets(ListRulesetsRequest { parent: parent.clone(), ..Default::default() }).await.unwrap().into_inner().rulesets;
        assert_eq!(rules.len(), 1);
        assert_eq!((rules[0].name.as_str(), rules[0].preset.as_str(), rules[0].effective_date.as_str()), ("counties/140525/rulesets/1", "zezhou", "2026-09-01"));
        assert!(rules[0].parameters.iter().all(|parameter| !parameter.basis.is_empty()));
        let calendars = house.calendars()
            .list_calendars(ListCalendarsRequest { parent: parent.clone(), ..Default::default() }).await.unwrap().into_inner().calendars;
        assert_eq!(calendars.iter().map(|calendar| (calendar.name.as_str(), calendar.provisional)).collect::<Vec<_>>(),
            [("counties/140525/calendars/2026", false), ("counties/140525/calendars/2027", true)]);
        let units = MemberUnitServiceClient::new(house.link.clone())
            .list_member_units(ListMemberUnitsRequest { parent, ..Default::default() }).await.unwrap().into_inner().member_units;
        assert_eq!(units.len(), 21);
        assert!(units.iter().any(|unit| unit.name == "counties/140525/memberUnits/县残联"));
    }

    async fn a_county_exists_once_and_starts_from_a_preset_that_exists(scratch) {
        let house = House::with_county(&scratch).await;
        assert_eq!(reason(house.counties().create_county(county("140525", "")).await), ErrorReason::AlreadyExists);
        let mut request = county("14052", "mars");
        request.county = None;
        assert_eq!(fields(house.counties().create_county(request).await), ["county_id", "county.display_name", "ruleset_preset"]);
    }

    async fn a_school_comes_back_as_it_was_created_and_brings_its_town(scratch) {
        let house = House::with_county(&scratch).await;
        let made = house.schools().create_school(new_school("3114000001")).await.unwrap().into_inner();
        assert_eq!(made.name, "counties/140525/schools/3114000001");
        let read = house.schools().get_school(GetSchoolRequest { name: made.name.clone() }).await.unwrap().into_inner();
        assert_eq!(read, made);
        assert_eq!(School { name: String::new(), create_time: None, update_time: None, etag: String::new(), ..read }, school());
        house.schools().create_school(new_school("3114000002")).await.unwrap();
        let towns = TownServiceClient::new(house.link.clone())
            .list_towns(ListTownsRequest { parent: COUNTY.to_owned(), ..Default::default() }).await.unwrap().into_inner().towns;
        assert_eq!(towns.iter().map(|town| town.name.as_str()).collect::<Vec<_>>(), ["counties/140525/towns/巴公镇"]);
        let lost = CreateSchoolRequest { parent: "counties/140526".to_owned(), ..new_school("3114000003") };
        assert_eq!(house.schools().create_school(lost).await.unwrap_err().code(), Code::NotFound);
    }

    async fn every_wrong_field_is_told_at_once(scratch) {
        let house = House::with_county(&scratch).await;
        let wrong = CreateSchoolRequest {
            school: Some(School {
                place: Some(Place { longitude: 350.0, latitude: -91.0 }),
                pupils: Some(-1),
                last_inspection_date: "2026-13-01".to_owned(),
                last_grade: 9,
                ..School::default()
            }),
            ..new_school("x y")
        };
        let told: BTreeSet<_> = fields(house.schools().create_school(wrong).await).into_iter().collect();
        let expected = ["school_id", "school.display_name", "school.stage", "school.pupils", "school.place.longitude",
            "school.place.latitude", "school.last_inspection_date", "school.last_grade"];
        assert_eq!(told, expected.into_iter().map(ToOwned::to_owned).collect());
        let wrong = CreateSupervisorRequest { parent: COUNTY.to_owned(), supervisor_id: "1".to_owned(),
            supervisor: Some(Supervisor { employment: Employment::PartTime.into(), stages: vec![], max_schools: Some(-1), avoid_schools: vec!["?".to_owned()], ..supervisor() }), ..Default::default() };
        assert_eq!(fields(house.supervisors().create_supervisor(wrong).await),
            ["supervisor.stages", "supervisor.term_end_date", "supervisor.max_schools", "supervisor.avoid_schools[0]"]);
    }

    async fn a_change_touches_the_masked_fields_only(scratch) {
        let house = House::with_county(&scratch).await;
        let made = house.schools().create_school(new_school("1")).await.unwrap().into_inner();
        let change = School { name: made.name.clone(), display_name: "新名".to_owned(), ..School::default() };
        let request = |paths: &[&str]| UpdateSchoolRequest {
            school: Some(change.clone()),
            update_mask: Some(FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() }),
            ..Default::default()
        };
        let renamed = house.schools().update_school(request(&[])).await.unwrap().into_inner();
        assert_eq!((renamed.display_name.as_str(), renamed.pupils), ("新名", Some(420)));
        let cleared = house.schools().update_school(request(&["pupils"])).await.unwrap().into_inner();
        assert_eq!(cleared.pupils, None);
        // What changes nothing leaves no trace.
        let same = house.schools().update_school(request(&["pupils"])).await.unwrap().into_inner();
        assert_eq!(same.etag, cleared.etag);
        assert_eq!(fields(house.schools().update_school(request(&["zone"])).await), ["update_mask"]);
        assert_eq!(fields(house.schools().update_school(request(&["stage"])).await), ["school.stage"]);
    }

    async fn a_change_to_what_someone_else_has_changed_is_refused(scratch) {
        let house = House::with_county(&scratch).await;
        let read = house.schools().create_school(new_school("1")).await.unwrap().into_inner();
        let change = |name: &str| UpdateSchoolRequest { school: Some(School { display_name: name.to_owned(), ..read.clone() }), ..Default::default() };
        let first = house.schools().update_school(change("甲")).await.unwrap().into_inner();
        assert_ne!(first.etag, read.etag);
        let second = house.schools().update_school(change("乙")).await.unwrap_err();
        assert_eq!(second.code(), Code::Aborted);
        let close = CloseSchoolRequest { name: read.name.clone(), etag: read.etag.clone(), ..Default::default() };
        assert_eq!(reason(house.schools().close_school(close).await), ErrorReason::StaleEtag);
    }

    async fn a_retry_gets_the_first_answer_and_another_body_is_refused(scratch) {
        let house = House::with_county(&scratch).await;
        let request = CreateSchoolRequest { request_id: "r1".to_owned(), ..new_school("1") };
        let first = house.schools().create_school(request.clone()).await.unwrap().into_inner();
        let again = house.schools().create_school(request.clone()).await.unwrap().into_inner();
        assert_eq!(first, again);
        let other = CreateSchoolRequest { school_id: "2".to_owned(), ..request };
        assert_eq!(reason(house.schools().create_school(other).await), ErrorReason::RequestIdReused);
        assert_eq!(reason(house.schools().create_school(new_school("1")).await), ErrorReason::AlreadyExists);
        let county = CreateCountyRequest { request_id: "r1".to_owned(), ..county("140581", "national") };
        let first = house.counties().create_county(county.clone()).await.unwrap().into_inner();
        assert_eq!(house.counties().create_county(county).await.unwrap().into_inner(), first);
    }

    async fn a_walk_through_the_pages_has_no_gap_and_no_repeat_while_another_writes(scratch) {
        let house = House::with_county(&scratch).await;
        house.counties().create_county(county("140581", "zhejiang")).await.unwrap();
        let mut there = BTreeSet::new();
        for at in 0..9 {
            let parent = if at % 3 == 0 { "counties/140581" } else { COUNTY };
            let request = CreateSchoolRequest { parent: parent.to_owned(), ..new_school(&format!("s{at}")) };
            there.insert(house.schools().create_school(request).await.unwrap().into_inner().name);
        }
        let mut request = ListSchoolsRequest { page_size: 2, ..list("counties/-") };
        let mut seen = Vec::new();
        for page in 0.. {
            let answer = house.schools().list_schools(request.clone()).await.unwrap().into_inner();
            assert!(answer.schools.len() <= 2);
            seen.extend(answer.schools.into_iter().map(|school| school.name));
            if answer.next_page_token.is_empty() { break; }
            request.page_token = answer.next_page_token;
            house.schools().create_school(new_school(&format!("s{page}x"))).await.unwrap();
            house.schools().create_school(new_school(&format!("a{page}"))).await.unwrap();
        }
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
        assert!(there.is_subset(&seen.into_iter().collect()));
        let other = ListSchoolsRequest { parent: COUNTY.to_owned(), ..request };
        assert_eq!(reason(house.schools().list_schools(other).await), ErrorReason::BadPageToken);
    }

    async fn a_list_shows_the_town_and_stages_asked_for_and_closed_schools_on_demand(scratch) {
        let house = House::with_county(&scratch).await;
        for (code, town, stage) in [("1", "巴公镇", Stage::Primary), ("2", "巴公镇", Stage::Senior), ("3", "高都镇", Stage::Primary), ("4", "", Stage::Vocational)] {
            let school = School { town: town.to_owned(), stage: stage.into(), ..school() };
            house.schools().create_school(CreateSchoolRequest { school: Some(school), ..new_school(code) }).await.unwrap();
        }
        house.schools().close_school(CloseSchoolRequest { name: format!("{COUNTY}/schools/3"), ..Default::default() }).await.unwrap();
        for (town, stages, show_closed, expected) in [
            ("", vec![], false, "124"), ("", vec![], true, "1234"), ("巴公镇", vec![], true, "12"),
            ("", vec![Stage::Primary, Stage::Vocational], true, "134"), ("巴公镇", vec![Stage::Senior], false, "2"),
        ] {
            let request = ListSchoolsRequest { town: town.to_owned(), stages: stages.iter().map(|&stage| stage.into()).collect(), show_closed, ..list(COUNTY) };
            let shown: String = house.schools().list_schools(request).await.unwrap().into_inner().schools.iter().map(|school| school.name.rsplit('/').next().unwrap().to_owned()).collect();
            assert_eq!(shown, expected, "{town} {stages:?} {show_closed}");
        }
    }

    async fn what_has_ended_stays_readable_and_ends_once(scratch) {
        let house = House::with_county(&scratch).await;
        house.schools().create_school(new_school("1")).await.unwrap();
        let close = CloseSchoolRequest { name: format!("{COUNTY}/schools/1"), ..Default::default() };
        assert!(house.schools().close_school(close.clone()).await.unwrap().into_inner().close_time.is_some());
        assert_eq!(reason(house.schools().close_school(close.clone()).await), ErrorReason::ForbiddenTransition);
        assert!(house.schools().get_school(GetSchoolRequest { name: close.name }).await.unwrap().into_inner().close_time.is_some());
        let request = CreateSupervisorRequest { parent: COUNTY.to_owned(), supervisor_id: "D1".to_owned(), supervisor: Some(supervisor()), ..Default::default() };
        let made = house.supervisors().create_supervisor(request).await.unwrap().into_inner();
        let left = house.supervisors().dismiss_supervisor(DismissSupervisorRequest { name: made.name.clone(), etag: made.etag, ..Default::default() }).await.unwrap().into_inner();
        assert!(left.leave_time.is_some());
        let shown = |show_left| ListSupervisorsRequest { parent: COUNTY.to_owned(), show_left, ..Default::default() };
        assert_eq!(house.supervisors().list_supervisors(shown(false)).await.unwrap().into_inner().supervisors.len(), 0);
        assert_eq!(house.supervisors().list_supervisors(shown(true)).await.unwrap().into_inner().supervisors.len(), 1);
        let mut units = MemberUnitServiceClient::new(house.link.clone());
        let gone = units.withdraw_member_unit(WithdrawMemberUnitRequest { name: format!("{COUNTY}/memberUnits/团县委"), ..Default::default() }).await.unwrap().into_inner();
        assert!(gone.withdraw_time.is_some());
    }

    async fn layers_of_the_map_are_kept_as_maps_show_them_and_leave_the_map_once(scratch) {
        let house = House::with_county(&scratch).await;
        let mut layers = MapLayerServiceClient::new(house.link.clone());
        let outline = |east: f64| format!(r#"{{"type": "Polygon", "coordinates": [[[{east}, 35.5], [112.95, 35.5], [112.9, 35.6], [{east}, 35.5]]], "more": "…"}}"#);
        let create = |code: &str, geojson: &str, datum: Datum| CreateMapLayerRequest {
            parent: COUNTY.to_owned(),
            map_layer_id: code.to_owned(),
            map_layer: Some(MapLayer { display_name: "乡镇界线".to_owned(), geojson: geojson.to_owned(), ..Default::default() }),
            datum: datum.into(),
            ..Default::default()
        };
        let made = layers.create_map_layer(create("towns", &outline(112.8), Datum::Wgs84)).await.unwrap().into_inner();
        assert_eq!(made.feature_count, 1);
        assert!(made.geojson.contains("[112.8,35.5]") && !made.geojson.contains("more"), "{}", made.geojson);
        let moved = layers.create_map_layer(create("amap", &outline(112.8), Datum::Gcj02)).await.unwrap().into_inner();
        assert!(moved.geojson.contains("112.79") && !moved.geojson.contains("112.8,"), "{}", moved.geojson);
        for datum in [Datum::Wgs84, Datum::Gcj02] {
            let wrong = layers.create_map_layer(create("p", r#"{"type": "Point", "coordinates": [1, 2]}"#, datum)).await;
            assert_eq!(fields(wrong), ["map_layer.geojson.features[0]"]);
        }
        let listed = |show_removed| ListMapLayersRequest { parent: COUNTY.to_owned(), show_removed, ..Default::default() };
        let shown = layers.list_map_layers(listed(false)).await.unwrap().into_inner().map_layers;
        assert!(shown.len() == 2 && shown.iter().all(|layer| layer.geojson.is_empty()), "{shown:?}");
        let whole = layers.get_map_layer(GetMapLayerRequest { name: made.name.clone() }).await.unwrap().into_inner();
        assert_eq!(whole, made);
        let update = UpdateMapLayerRequest {
            map_layer: Some(MapLayer { name: made.name.clone(), geojson: outline(112.7), ..Default::default() }),
            ..Default::default()
        };
        let changed = layers.update_map_layer(update.clone()).await.unwrap().into_inner();
        assert!(changed.geojson.contains("[112.7,35.5]") && changed.display_name == "乡镇界线");
        let remove = RemoveMapLayerRequest { name: made.name.clone(), etag: made.etag, ..Default::default() };
        assert_eq!(layers.remove_map_layer(remove.clone()).await.unwrap_err().code(), Code::Aborted);
        let remove = RemoveMapLayerRequest { etag: changed.etag, ..remove };
        assert!(layers.remove_map_layer(remove.clone()).await.unwrap().into_inner().removed);
        let again = RemoveMapLayerRequest { etag: String::new(), ..remove };
        assert_eq!(reason(layers.remove_map_layer(again).await), ErrorReason::ForbiddenTransition);
        let update = UpdateMapLayerRequest { map_layer: Some(MapLayer { name: made.name, geojson: outline(112.6), ..Default::default() }), ..update };
        assert_eq!(reason(layers.update_map_layer(update).await), ErrorReason::ForbiddenTransition);
        assert_eq!(layers.list_map_layers(listed(false)).await.unwrap().into_inner().map_layers.len(), 1);
        assert_eq!(layers.list_map_layers(listed(true)).await.unwrap().into_inner().map_layers.len(), 2);
        for n in 1..20 {
            layers.create_map_layer(create(&format!("l{n}"), &outline(112.8), Datum::Unspecified)).await.unwrap();
        }
        assert_eq!(reason(layers.create_map_layer(create("l20", &outline(112.8), Datum::Wgs84)).await), ErrorReason::ForbiddenTransition);
    }

    async fn a_history_says_what_was_done_and_which_fields_say_something_else(scratch) {
        let house = House::with_county(&scratch).await;
        let made = house.schools().create_school(new_school("1")).await.unwrap().into_inner();
        let place = Place { longitude: 113.0, ..made.place.unwrap_or_default() };
        let school = School { name: made.name.clone(), pupils: Some(511), place: Some(place), ..Default::default() };
        let mask = FieldMask { paths: vec!["pupils".to_owned(), "place".to_owned()] };
        house.schools().update_school(UpdateSchoolRequest { school: Some(school), update_mask: Some(mask), ..Default::default() }).await.unwrap();
        let mut events = RegistryEventServiceClient::new(house.link.clone());
        let mut ask = async |resource: &str, page_size, page_token| {
            let request = ListChangesRequest { parent: COUNTY.to_owned(), page_size, page_token, resource: resource.to_owned() };
            events.list_changes(request).await.unwrap().into_inner()
        };
        let newest = ask(&made.name, 1, String::new()).await;
        let [change] = &newest.changes[..] else { panic!("{newest:?}") };
        assert_eq!((change.kind.as_str(), change.actor.as_str()), ("SchoolUpdated", "local"));
        let told: Vec<_> = change.fields.iter().map(|one| (one.field.as_str(), one.after.as_str())).collect();
        assert_eq!(told, [("pupils", "511"), ("place.longitude", "113.0")]);
        let first = ask(&made.name, 1, newest.next_page_token).await;
        assert_eq!((first.changes[0].kind.as_str(), first.changes[0].fields.len()), ("SchoolCreated", 0));
        assert!(first.next_page_token.is_empty());
        // Everything in the county, the newest first.
        let all = ask("", 0, String::new()).await.changes;
        assert_eq!((all[0].kind.as_str(), all[all.len() - 1].kind.as_str()), ("SchoolUpdated", "CountyCreated"));
    }

    async fn a_batch_is_created_whole_or_not_at_all(scratch) {
        let house = House::with_county(&scratch).await;
        let mut requests: Vec<_> = (0..5).map(|at| CreateSchoolRequest { parent: String::new(), ..new_school(&format!("b{at}")) }).collect();
        requests[3].school.as_mut().unwrap().place = Some(Place { longitude: 350.0, latitude: 35.0 });
        requests[4].school.as_mut().unwrap().stage = 0;
        requests[1] = requests[0].clone();
        let batch = |requests: &[CreateSchoolRequest]| BatchCreateSchoolsRequest { parent: COUNTY.to_owned(), requests: requests.to_vec(), ..Default::default() };
        assert_eq!(fields(house.schools().batch_create_schools(batch(&requests)).await),
            ["requests[1].school_id", "requests[3].school.place.longitude", "requests[4].school.stage"]);
        assert!(house.schools().list_schools(list(COUNTY)).await.unwrap().into_inner().schools.is_empty());
        let requests: Vec<_> = (0..5).map(|at| new_school(&format!("b{at}"))).collect();
        assert_eq!(house.schools().batch_create_schools(batch(&requests)).await.unwrap().into_inner().schools.len(), 5);
        let again: Vec<_> = (4..7).map(|at| new_school(&format!("b{at}"))).collect();
        assert_eq!(reason(house.schools().batch_create_schools(batch(&again)).await), ErrorReason::AlreadyExists);
        assert_eq!(house.schools().list_schools(list(COUNTY)).await.unwrap().into_inner().schools.len(), 5);
    }

    async fn every_change_is_an_event_and_the_chain_is_whole(scratch) {
        let house = House::with_county(&scratch).await;
        let made = house.schools().create_school(new_school("1")).await.unwrap().into_inner();
        let refused = house.schools().create_school(new_school("1")).await;
        assert!(refused.is_err());
        let closed = house.schools().close_school(CloseSchoolRequest { name: made.name.clone(), ..Default::default() }).await.unwrap().into_inner();
        let mut stream = RegistryEventServiceClient::new(house.link.clone())
            .watch_events(WatchEventsRequest { stop_at_end: true, ..Default::default() }).await.unwrap().into_inner();
        let mut events = Vec::new();
        while let Some(message) = stream.message().await.unwrap() {
            if let Some(Item::Event(event)) = message.item { events.push(event); }
        }
        let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).filter(|kind| *kind != "MemberUnitCreated").collect();
        assert_eq!(kinds, ["CountyCreated", "RulesetCreated", "CalendarCreated", "CalendarCreated", "CommitteeCreated", "TownCreated", "SchoolCreated", "SchoolClosed"]);
        let last = events.last().unwrap();
        assert_eq!((last.resource.as_str(), last.county.as_str(), last.actor.as_str()), (made.name.as_str(), "140525", "local"));
        let payload = SchoolClosed::decode(last.payload.as_ref().unwrap().value.as_slice()).unwrap();
        assert_eq!(payload.school, Some(closed));
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Whole { count, .. } if count == events.len() as i64));
    }

    async fn a_calendar_without_teaching_weeks_is_refused(scratch) {
        let house = House::with_county(&scratch).await;
        let request = |calendar| CreateCalendarRequest { parent: COUNTY.to_owned(), calendar_id: "2030".to_owned(), calendar, ..Default::default() };
        let refused = house.calendars().create_calendar(request(Some(Calendar::default()))).await.unwrap_err();
        let fault = Fault::from(&refused);
        assert_eq!(fault.fields[0].field, "calendar.terms");
        assert!(fault.fields[0].zh.contains("教学周"), "{fault}");
        // Of a year without a word about it, what is usual is said.
        let made = house.calendars().create_calendar(request(None)).await.unwrap().into_inner();
        assert!(made.provisional && made.terms.len() == 3);
        let weekend = Calendar { terms: vec![Period { display_name: "周末".to_owned(), start_date: "2026-01-10".to_owned(), end_date: "2026-01-11".to_owned() }], name: format!("{COUNTY}/calendars/2026"), ..Default::default() };
        let update = UpdateCalendarRequest { calendar: Some(weekend), ..Default::default() };
        assert_eq!(fields(house.calendars().update_calendar(update).await), ["calendar.terms"]);
    }

    async fn a_new_version_of_the_rules_leaves_the_old_one_as_it_was(scratch) {
        let house = House::with_county(&scratch).await;
        let mut rules = RulesetServiceClient::new(house.link.clone());
        let plea = Parameter { key: "clock.plea".to_owned(), display_name: "申辩时限".to_owned(), value: Some(7.0), unit: "days".to_owned(), basis: "山西省规定".to_owned(), confidence: 0 };
        let create = |parameter| CreateRulesetRequest { parent: COUNTY.to_owned(), ruleset: Some(Ruleset { preset: "zezhou".to_owned(), effective_date: "2027-01-01".to_owned(), parameters: vec![parameter], ..Default::default() }), ..Default::default() };
        let made = rules.create_ruleset(create(plea.clone())).await.unwrap().into_inner();
        assert_eq!(made.name, "counties/140525/rulesets/2");
        let value = |ruleset: &Ruleset| ruleset.parameters.iter().find(|parameter| parameter.key == "clock.plea").map(|plea| (plea.value, plea.confidence()));
        assert_eq!(value(&made), Some((Some(7.0), Confidence::County)));
        let first = rules.get_ruleset(GetRulesetRequest { name: format!("{COUNTY}/rulesets/1") }).await.unwrap().into_inner();
        assert_eq!(value(&first), Some((None, Confidence::Unconfirmed)));
        assert_eq!(fields(rules.create_ruleset(create(Parameter { basis: String::new(), ..plea })).await), ["ruleset.parameters[0].basis"]);
        assert_eq!(rules.list_ruleset_presets(ListRulesetPresetsRequest {}).await.unwrap().into_inner().presets.len(), 6);
    }
}
