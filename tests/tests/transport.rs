//! What one caller may ask for, and what slow, silent and oversized ones cost the others.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use auth::sign_in_service_client::SignInServiceClient;
use dudao_platform::lifecycle::Shutdown;
use dudao_platform::limited;
use dudao_platform::rpc::{Fault, Limits, Link, Proof, TlsFiles, serve_pages};
use dudao_platform::testing::Scratch;
use dudao_proto::auth::v1 as auth;
use dudao_proto::event::v1::WatchEventsRequest;
use dudao_proto::registry::v1 as registry;
use dudao_tests::contract::{call, rpcs};
use dudao_tests::noise::nested;
use dudao_tests::{Doors, House};
use futures::future::join_all;
use prost::Message as _;
use registry::county_service_client::CountyServiceClient;
use registry::registry_event_service_client::RegistryEventServiceClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::{Code, Status};

async fn house(limits: Option<(u32, usize)>) -> House {
    let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
    let doors = limits.map_or_else(Doors::default, |(per_second, at_once)| Doors {
        limits: Limits {
            per_second: NonZeroU32::new(per_second).unwrap(),
            at_once,
        },
        ..Doors::default()
    });
    House::behind(scratch, doors).await
}

async fn ask(link: &Link) -> Result<(), Status> {
    let request = registry::ListCountiesRequest::default();
    let answer = limited!(CountyServiceClient::new(link.clone()))
        .list_counties(request)
        .await;
    answer.map(drop)
}

async fn watch(link: &Link) -> Result<impl Sized, Status> {
    limited!(RegistryEventServiceClient::new(link.clone()))
        .watch_events(WatchEventsRequest::default())
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_too_often_is_told_when_to_come_again_and_others_are_not_held_up() {
    let house = house(Some((10, 100))).await;
    let eager = house.caller("eager", &["planner"], "*", &[]);
    let other = house.caller("other", &["planner"], "*", &[]);
    let answers = join_all((0..60).map(|_| ask(&eager))).await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!((30..60).contains(&refused.len()), "{} of 60", refused.len());
    for status in &refused {
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert!(Fault::from(status).retry_after.unwrap() <= Duration::from_secs(6));
    }
    ask(&other).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    ask(&eager).await.unwrap();
}

/// What becomes of so many calls at once by nobody, who is said to come from an address.
async fn refused_of(house: &House, from: &str, calls: usize) -> usize {
    let link = house.outside(Proof::Connection);
    let link = link.coming_from(Some(from.parse().unwrap()));
    let ask = || async {
        limited!(SignInServiceClient::new(link.clone()))
            .get_caller(auth::GetCallerRequest {})
            .await
    };
    let answers = join_all((0..calls).map(|_| ask())).await;
    answers.iter().filter(|answer| answer.is_err()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_without_a_name_behind_a_known_proxy_are_counted_one_by_one() {
    let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
    let limits = Limits {
        per_second: NonZeroU32::new(5).unwrap(),
        at_once: 100,
    };
    let known = vec!["127.0.0.0/8".parse().unwrap()];
    let doors = Doors {
        limits,
        proxies: known.into(),
        ..Doors::default()
    };
    let house = House::behind(scratch, doors).await;
    assert!(refused_of(&house, "203.0.113.7", 40).await >= 25);
    assert_eq!(refused_of(&house, "203.0.113.8", 5).await, 0);
    // To a house that knows no proxy, whatever they say, all of them are one.
    let house = self::house(Some((5, 100))).await;
    assert!(refused_of(&house, "203.0.113.7", 40).await >= 25);
    assert!(refused_of(&house, "203.0.113.8", 5).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_tells_its_headers_drop_by_drop_is_not_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::new();
    let pages = axum::Router::new().route("/", axum::routing::get(|| async { "here" }));
    let end = shutdown.clone();
    let serving =
        tokio::spawn(async move { serve_pages(pages, listener, &TlsFiles::default(), end).await });
    let mut drops = TcpStream::connect(address).await.unwrap();
    drops
        .write_all(b"GET / HTTP/1.1\r\nHost: dudao.example\r\n")
        .await
        .unwrap();
    let (mut hears, mut says) = drops.into_split();
    let dripping = tokio::spawn(async move {
        while says.write_all(b"X-Drop: 1\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let began = Instant::now();
    let mut told = Vec::new();
    // Whether it ends with an answer or a reset: it ends.
    drop(tokio::time::timeout(Duration::from_secs(60), hears.read_to_end(&mut told)).await);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(!told.ends_with(b"here"));
    dripping.abort();
    // Others are served, and the end waits for nobody.
    let mut other = TcpStream::connect(address).await.unwrap();
    let ask = b"GET / HTTP/1.1\r\nHost: dudao.example\r\nConnection: close\r\n\r\n";
    other.write_all(ask).await.unwrap();
    let mut told = Vec::new();
    other.read_to_end(&mut told).await.unwrap();
    assert!(told.ends_with(b"here"));
    shutdown.begin();
    serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_count_until_they_end() {
    let house = house(Some((1_000, 2))).await;
    let auditor = house.caller("auditor", &["auditor"], "*", &[]);
    let first = watch(&auditor).await.unwrap();
    let second = watch(&auditor).await.unwrap();
    let third = watch(&auditor).await.err().unwrap();
    assert_eq!(third.code(), Code::ResourceExhausted);
    drop((first, second));
    dudao_tests::eventually(|| async { watch(&auditor).await.ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_are_closed_and_cost_nobody_anything() {
    let house = house(None).await;
    let address = house.address.trim_start_matches("http://").to_owned();
    let mut silent = Vec::new();
    for at in 0..300 {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        if at % 2 == 0 {
            // Half of a greeting, and no more.
            socket.write_all(b"PRI * HTTP/2").await.unwrap();
        }
        silent.push(socket);
    }
    let begun = Instant::now();
    ask(&house.caller("planner", &["planner"], "*", &[]))
        .await
        .unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "others are answered meanwhile"
    );
    let closed = join_all(silent.iter_mut().map(|socket| async {
        let mut rest = Vec::new();
        tokio::time::timeout(Duration::from_secs(15), socket.read_to_end(&mut rest)).await
    }))
    .await;
    assert!(
        closed.iter().all(Result::is_ok),
        "a silent connection is kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_who_never_reads() {
    let house = house(None).await;
    let auditor = house.caller("auditor", &["auditor"], "*", &[]);
    let _unread = watch(&auditor).await.unwrap();
    let address = house.address.trim_start_matches("http://").to_owned();
    let mut silent = TcpStream::connect(&address).await.unwrap();
    silent
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    let begun = Instant::now();
    house.end().await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_too_deep_is_refused_by_every_rpc() {
    let house = house(None).await;
    let local = &house.link;
    let nobody = &house.outside(Proof::Connection);
    let large = registry::GetSchoolRequest {
        name: "督".repeat(10 << 20),
    }
    .encode_to_vec();
    let deep = nested(40_000);
    for rpc in rpcs() {
        for message in [&large, &deep] {
            let answer = rpc.call(local, message.clone()).await;
            // An RPC that takes a stream may have an answer before the message is read.
            let code = answer.err().map(|status| status.code());
            let refused = matches!(
                code,
                Some(
                    Code::InvalidArgument
                        | Code::OutOfRange
                        | Code::ResourceExhausted
                        | Code::NotFound
                )
            );
            assert!(
                refused || rpc.method.input().fields().len() == 0,
                "{}: {code:?}",
                rpc.path
            );
        }
        let public = rpc.roles.contains(&dudao_proto::auth::v1::Role::Public);
        if !public {
            let code = rpc.call(nobody, large.clone()).await.unwrap_err().code();
            assert_eq!(
                code,
                Code::Unauthenticated,
                "{}: nobody's message is not read at all",
                rpc.path
            );
        }
    }
    ask(local).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_none_of_ours_is_not_looked_up() {
    let house = house(None).await;
    for path in [
        "/dudao.registry.v1.SchoolService/Nope",
        "/a/b",
        "/dudao.registry.v1.SchoolService/../SchoolService/GetSchool",
    ] {
        let code = call(&house.link, path, Vec::new())
            .await
            .unwrap_err()
            .code();
        assert_eq!(code, Code::Unimplemented, "{path}");
    }
}
