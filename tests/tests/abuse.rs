//! What callers must not be able to do: random and broken messages to every RPC, forged tokens, others' page tokens, cursors
//! and request ids.
//!
//! `DUDAO_NOISE` sets how many messages are sent to each database; `make bench` sets it to two hundred thousand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::collections::BTreeMap;

use dudao_platform::rpc::{Fault, Link, Proof, role_name};
use dudao_platform::{limited, on_both_databases};
use dudao_proto::auth::v1::Role;
use dudao_proto::error::v1::ErrorReason as Reason;
use dudao_proto::event::v1::watch_events_response::Item;
use dudao_proto::event::v1::{WatchEventsRequest, WatchEventsResponse};
use dudao_proto::registry::v1 as registry;
use dudao_tests::House;
use dudao_tests::contract::{call, names, rpcs};
use dudao_tests::county::{ELSEWHERE, FOREIGN, HOME, settle};
use dudao_tests::noise::{Noise, broken};
use prost_reflect::prost::Message as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use registry::school_service_client::SchoolServiceClient;
use registry::town_service_client::TownServiceClient;
use tonic::Code;

/// What memory may grow by while noise goes on, in MiB: caches fill, and allocators keep some.
const GROWTH_MIB: usize = 96;

fn times() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let set = std::env::var("DUDAO_NOISE").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

/// Resident memory of this process, in MiB.
fn memory_mib() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4 / 1024
}

/// Those of the first county who try.
fn callers(house: &House) -> Vec<(&'static str, Link)> {
    let own = |own: &str| format!("counties/{HOME}/{own}");
    let mut callers = vec![("nobody", house.outside(Proof::Connection))];
    for (role, owned) in [
        ("planner", ""),
        ("chief_supervisor", ""),
        ("superior_issuer", ""),
        ("auditor", ""),
        ("school", "schools/S1"),
        ("town", "towns/t1"),
        ("supervisor", "supervisors/A1"),
        ("unit_liaison", "memberUnits/县财政局"),
    ] {
        let owned = own(owned);
        let owned: &[&str] = if owned.ends_with('/') { &[] } else { &[&owned] };
        callers.push((role, house.caller(role, &[role], HOME, owned)));
    }
    callers
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn no_message_however_odd_is_a_bug_or_tells_of_another_county(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let mut all_names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for county in [HOME, ELSEWHERE] {
            all_names.entry(String::new()).or_default().push(format!("counties/{county}"));
            for (collection, names) in names(&house.link, county).await {
                all_names.entry(collection).or_default().extend(names);
            }
        }
        let all = rpcs();
        let callers = callers(house);
        let mut random = StdRng::seed_from_u64(20_261_126);
        let mut codes: BTreeMap<String, usize> = BTreeMap::new();
        let (times, mut before) = (times(), 0);
        for turn in 0..times {
            if turn == times / 4 {
                before = memory_mib();
            }
            let rpc = all.choose(&mut random).unwrap();
            // Most try what they may, so that what they send is looked at.
            let may = |role: &str| rpc.roles.iter().any(|one| *one == Role::Public || role_name(*one) == role);
            let admitted: Vec<_> = callers.iter().filter(|(role, _)| may(role)).collect();
            let (who, link) = match admitted.choose(&mut random) {
                Some(caller) if random.random_bool(0.9) => caller,
                _ => callers.choose(&mut random).unwrap(),
            };
            let odd = *[0.02, 0.1, 0.5].choose(&mut random).unwrap();
            let meant = Noise { random: &mut random, names: &all_names, odd }.message(&rpc.method.input());
            let sent = if random.random_bool(0.2) { broken(&mut random, &meant) } else { meant.encode_to_vec() };
            let answer = rpc.call(link, sent.clone()).await;
            let code = answer.as_ref().err().map_or(Code::Ok, tonic::Status::code);
            *codes.entry(format!("{code:?}")).or_default() += 1;
            let said = |bytes: &[u8]| bytes.windows(FOREIGN.len()).any(|part| part == FOREIGN.as_bytes());
            let told = match &answer {
                Ok(answers) => answers.iter().any(|bytes| said(bytes)),
                Err(status) => said(status.message().as_bytes()) || said(status.details()),
            };
            assert!(!told || rpc.roles.contains(&Role::Public), "{} as {who} tells of another county: {meant}", rpc.path);
            let bug = matches!(code, Code::Internal | Code::Unknown | Code::DataLoss);
            assert!(!bug, "{} as {who}: {answer:?}\n{meant}\n{sent:02x?}", rpc.path);
        }
        let after = memory_mib();
        println!("{times} messages: {codes:?}; memory {before} MiB after a quarter, {after} MiB at the end");
        assert!(codes.len() >= 6, "the noise reached too little: {codes:?}");
        assert!(after < before + GROWTH_MIB, "memory grew from {before} to {after} MiB");
    }
}

fn schools(link: &Link) -> SchoolServiceClient<Link> {
    limited!(SchoolServiceClient::new(link.clone()))
}

fn page_of(parent: &str, token: &str) -> registry::ListSchoolsRequest {
    registry::ListSchoolsRequest {
        parent: parent.to_owned(),
        page_size: 1,
        page_token: token.to_owned(),
        ..Default::default()
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn a_page_token_serves_its_question_and_nobody_sees_more_by_it(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let planner = house.caller("planner", &["planner"], HOME, &[]);
        let neighbour = house.caller("neighbour", &["planner"], ELSEWHERE, &[]);
        let first = schools(&planner).list_schools(page_of("counties/-", "")).await.unwrap().into_inner();
        let token = first.next_page_token;
        let next = schools(&planner).list_schools(page_of("counties/-", &token)).await.unwrap().into_inner();
        assert_eq!(next.schools[0].name, format!("counties/{HOME}/schools/S2"));
        // By another's token, too, the neighbour sees the own county.
        let theirs = schools(&neighbour).list_schools(page_of("counties/-", &token)).await.unwrap().into_inner();
        assert!(theirs.schools.iter().all(|school| school.name.starts_with(&format!("counties/{ELSEWHERE}/"))));
        let other = schools(&planner).list_schools(page_of(&format!("counties/{HOME}"), &token)).await.unwrap_err();
        assert_eq!(other.code(), Code::InvalidArgument, "of another question");
        let request = registry::ListTownsRequest { parent: "counties/-".to_owned(), page_token: token.clone(), ..Default::default() };
        let other = limited!(TownServiceClient::new(planner.clone())).list_towns(request).await.unwrap_err();
        assert_eq!(other.code(), Code::InvalidArgument, "of another list");
        for forged in ["x", "AAAA", "../..", &token[1..], &format!("{token}A"), &token.to_lowercase()] {
            let code = schools(&planner).list_schools(page_of("counties/-", forged)).await.map(drop).map_err(|status| status.code());
            assert_eq!(code, Err(Code::InvalidArgument), "{forged}");
        }
    }

    async fn a_cursor_of_another_stream_or_of_nobody_is_refused_and_shows_no_foreign_events(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let auditor = &house.caller("auditor", &["auditor"], HOME, &[]);
        let watch = async |service: &str, link: &Link, cursor: &str| {
            let request = WatchEventsRequest { cursor: cursor.to_owned(), stop_at_end: true, ..Default::default() };
            let path = format!("/dudao.{service}EventService/WatchEvents");
            call(link, &path, request.encode_to_vec()).await
        };
        let all = watch("registry.v1.Registry", auditor, "").await.unwrap();
        let cursors: Vec<_> = all.iter().filter_map(|bytes| match WatchEventsResponse::decode(bytes.as_slice()).unwrap().item {
            Some(Item::Event(event)) => Some(event.cursor),
            _ => None,
        }).collect();
        let middle = &cursors[cursors.len() / 2];
        let other = watch("inspection.v1.Inspection", auditor, middle).await.unwrap_err();
        assert!(matches!(other.code(), Code::InvalidArgument | Code::OutOfRange), "{other:?}");
        for forged in ["x", "!!", "AAAAAAAAAAAAAAAA", &middle[2..], "\0"] {
            let code = watch("registry.v1.Registry", auditor, forged).await.unwrap_err().code();
            assert!(matches!(code, Code::InvalidArgument | Code::OutOfRange), "{forged} {code:?}");
        }
        let neighbour = &house.caller("neighbour", &["auditor"], ELSEWHERE, &[]);
        let theirs = watch("registry.v1.Registry", neighbour, middle).await.unwrap();
        let home = format!("counties/{HOME}");
        assert!(!theirs.is_empty());
        assert!(theirs.iter().all(|bytes| !bytes.windows(home.len()).any(|part| part == home.as_bytes())));
    }

    async fn a_request_id_is_its_callers_own_and_its_requests(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let create = |code: &str, name: &str| registry::CreateTownRequest {
            parent: format!("counties/{HOME}"),
            town_id: code.to_owned(),
            town: Some(registry::Town { display_name: name.to_owned(), ..Default::default() }),
            request_id: "r1".to_owned(),
        };
        let towns = |link: &Link| limited!(TownServiceClient::new(link.clone()));
        let first = house.caller("first", &["planner"], HOME, &[]);
        let second = house.caller("second", &["planner"], HOME, &[]);
        let made = towns(&first).create_town(create("x1", "镇甲")).await.unwrap().into_inner();
        let again = towns(&first).create_town(create("x1", "镇甲")).await.unwrap().into_inner();
        assert_eq!(made, again);
        let other = towns(&first).create_town(create("x2", "镇乙")).await.unwrap_err();
        assert_eq!(Fault::from(&other).reason, Reason::RequestIdReused);
        let theirs = towns(&second).create_town(create("x1", "镇甲")).await.unwrap_err();
        assert_eq!(theirs.code(), Code::AlreadyExists, "another's answer is not handed out");
        towns(&second).create_town(create("x3", "镇丙")).await.unwrap();
        let foreign = house.caller("first", &["planner"], ELSEWHERE, &[]);
        let replayed = towns(&foreign).create_town(create("x1", "镇甲")).await.unwrap_err();
        assert_eq!(replayed.code(), Code::NotFound, "nor across counties, though the name is the same");
    }

    async fn names_that_look_like_others_or_lead_elsewhere_are_refused(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let school = |code: &str, name: &str| registry::CreateSchoolRequest {
            parent: format!("counties/{HOME}"),
            school_id: code.to_owned(),
            school: Some(registry::School {
                display_name: name.to_owned(),
                stage: registry::Stage::Primary.into(),
                place: Some(registry::Place { longitude: 112.8, latitude: 35.6 }),
                ..Default::default()
            }),
            ..Default::default()
        };
        for code in ["../S1", "S/1", "S 1", "S\u{202e}1", "S1\0", "Ｓ1", ".", "..", &"S".repeat(41), "S1\n"] {
            let refused = schools(&house.link).create_school(school(code, "某校")).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{code:?}");
        }
        for name in ["\u{202e}校学", "校\0", "", " ", &"校".repeat(10 << 10)] {
            let refused = schools(&house.link).create_school(school("S9", name)).await.unwrap_err();
            assert_eq!(dudao_tests::reasons(&refused), ["school.display_name"], "{:.20}", format!("{name:?}"));
        }
        for name in ["counties/140525/schools/../schools/S1", "counties/140525/schools/S1/", "/counties/140525/schools/S1", "counties/140525/schools/", "schools/S1", "counties/14052５/schools/S1"] {
            let request = registry::GetSchoolRequest { name: name.to_owned() };
            let refused = schools(&house.link).get_school(request).await.unwrap_err();
            assert!(matches!(refused.code(), Code::InvalidArgument | Code::NotFound), "{name}");
        }
    }
}
