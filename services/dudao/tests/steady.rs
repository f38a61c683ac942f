//! The rendered chart under a steady load of mixed calls, while every role is rolled, and PostgreSQL's primary is killed and its standby
//! promoted: nothing acknowledged is lost, nothing happens twice, and whoever calls gets through by trying again.
//!
//! `DUDAO_CALLS` sets how many calls there are, and `DUDAO_RATE` how many of them in a second; `make bench` sets 24,000 at 100.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::Desk;
use common::cluster::{Cluster, ROLES, chart};
use dudao_platform::rpc::{Fault, Link, Proof, TlsFiles, connect};
use dudao_platform::testing::Cluster as Database;
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::error::v1::ErrorReason;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;

use accountability::case_service_client::CaseServiceClient;
use inspection::list_item_service_client::ListItemServiceClient;
use registry::school_service_client::SchoolServiceClient;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use serde_json::json;
use tokio::time::MissedTickBehavior;
use tonic::{Code, Response, Status};

const COUNTY: &str = "counties/140525";
const CALLERS: usize = 8;
/// How long a call may take with all its retries.
const PATIENCE: Duration = Duration::from_secs(60);

/// A number of the environment.
fn number(variable: &str, or: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let set = std::env::var(variable).ok();
    set.map_or(or, |set| set.parse().expect("a number"))
}

/// What all callers have seen.
#[derive(Default)]
struct Seen {
    answered: AtomicUsize,
    /// A server has said when to try again.
    put_off: AtomicUsize,
    /// No server has answered.
    cut_off: AtomicUsize,
}

/// The services, each behind the name under which clients know it.
#[derive(Clone)]
struct Links {
    registry: Link,
    inspection: Link,
    accountability: Link,
    scheduler: Link,
}

impl Links {
    fn to(cluster: &Cluster, token: &str) -> Self {
        let tls = TlsFiles {
            ca: Some(cluster.authority()),
            ..TlsFiles::default()
        };
        let link = |role| {
            let address = cluster.address(role, 50051);
            connect(&address, &tls, Proof::Token(token.into())).expect("an address")
        };
        Self {
            registry: link("registry"),
            inspection: link("inspection"),
            accountability: link("accountability"),
            scheduler: link("scheduler"),
        }
    }
}

/// Somebody who calls, one call after the other.
struct Caller {
    number: usize,
    links: Links,
    seen: Arc<Seen>,
    /// The school written last: its name, and its etag as acknowledged.
    school: (String, String),
    /// What was acknowledged as created.
    created: Vec<String>,
    /// How long each call took with its retries.
    took: Vec<Duration>,
}

/// Sends a request until it is answered; only that a service is away is a reason to send it again.
macro_rules! ask {
    ($self:ident, $link:ident: $client:ident.$rpc:ident($request:expr)) => {{
        let request = $request;
        let client = $client::new($self.links.$link.clone());
        $self
            .insist(|| {
                let (mut client, request) = (client.clone(), request.clone());
                async move { client.$rpc(request).await }
            })
            .await
    }};
}

impl Caller {
    async fn insist<T, F>(&mut self, mut call: impl FnMut() -> F) -> T
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let since = Instant::now();
        loop {
            let status = match call().await {
                Ok(answer) => {
                    self.seen.answered.fetch_add(1, Ordering::Relaxed);
                    self.took.push(since.elapsed());
                    return answer.into_inner();
                }
                Err(status) => status,
            };
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
            assert!(
                since.elapsed() < PATIENCE,
                "it does not come back: {status:?}"
            );
            let fault = Fault::from(&status);
            let pause = if fault.reason == ErrorReason::Unspecified {
                self.seen.cut_off.fetch_add(1, Ordering::Relaxed);
                Duration::from_millis(100)
            } else {
                self.seen.put_off.fetch_add(1, Ordering::Relaxed);
                fault.retry_after.expect("it says when to try again")
            };
            tokio::time::sleep(pause.min(Duration::from_secs(1))).await;
        }
    }

    /// The call in this place of the mix: a third of them write, and what was written is read again.
    async fn call(&mut self, step: usize) {
        let id = format!("W{}x{step}", self.number);
        let last = self.created.last().cloned().unwrap_or_default();
        let parent = COUNTY.to_owned();
        let request_id = format!("r-{id}");
        match step % 12 {
            0 => {
                let school = registry::School {
                    display_name: "新校".to_owned(),
                    stage: registry::Stage::Primary.into(),
                    place: Some(registry::Place {
                        longitude: 112.8,
                        latitude: 35.5,
                    }),
                    ..registry::School::default()
                };
                let request = registry::CreateSchoolRequest {
                    parent,
                    school_id: id,
                    school: Some(school),
                    request_id,
                };
                let made = ask!(self, registry: SchoolServiceClient.create_school(request));
                self.created.push(made.name.clone());
                self.school = (made.name, made.etag);
            }
            1 | 6 => {
                let (name, etag) = self.school.clone();
                let request = registry::GetSchoolRequest { name };
                let read = ask!(self, registry: SchoolServiceClient.get_school(request));
                assert_eq!(read.etag, etag, "what was acknowledged is not there");
            }
            2 => {
                let pupils = i32::try_from(step).ok();
                let (name, etag) = self.school.clone();
                // Applied a second time, it would meet another etag.
                let request = registry::UpdateSchoolRequest {
                    school: Some(registry::School {
                        name,
                        etag,
                        pupils,
                        ..registry::School::default()
                    }),
                    update_mask: Some(prost_types::FieldMask {
                        paths: vec!["pupils".to_owned()],
                    }),
                    request_id,
                };
                let made = ask!(self, registry: SchoolServiceClient.update_school(request));
                assert_eq!(made.pupils, pupils, "another answer");
                self.school.1 = made.etag;
            }
            3 => {
                let request = registry::ListSchoolsRequest {
                    parent,
                    page_size: 20,
                    ..registry::ListSchoolsRequest::default()
                };
                ask!(self, registry: SchoolServiceClient.list_schools(request));
            }
            4 => {
                let item = inspection::ListItem {
                    display_name: "专项督导".to_owned(),
                    year: 2026,
                    kind: inspection::InspectionKind::Special.into(),
                    basis: "《教育督导条例》".to_owned(),
                    filed_with: "市督导办".to_owned(),
                    file_date: "2026-01-10".to_owned(),
                    ..inspection::ListItem::default()
                };
                let request = inspection::CreateListItemRequest {
                    parent,
                    list_item_id: id,
                    list_item: Some(item),
                    request_id,
                };
                let made = ask!(self, inspection: ListItemServiceClient.create_list_item(request));
                self.created.push(made.name);
            }
            5 => {
                let request = inspection::GetListItemRequest { name: last };
                ask!(self, inspection: ListItemServiceClient.get_list_item(request));
            }
            7 => {
                let request = inspection::ListListItemsRequest {
                    parent,
                    page_size: 20,
                    ..inspection::ListListItemsRequest::default()
                };
                ask!(self, inspection: ListItemServiceClient.list_list_items(request));
            }
            8 => {
                let finding = accountability::CaseFinding {
                    finding: "x1".to_owned(),
                    title: "消防通道堵塞".to_owned(),
                    basis: "《消防法》".to_owned(),
                    severity: inspection::Severity::Serious.into(),
                    ..accountability::CaseFinding::default()
                };
                let case = accountability::Case {
                    source: accountability::CaseSource::Superior.into(),
                    letter_number: "省督1号".to_owned(),
                    issuer: "省督导办".to_owned(),
                    unit: format!("{COUNTY}/schools/S00001"),
                    unit_name: "第1学校".to_owned(),
                    inspection_end_date: "2026-07-20".to_owned(),
                    summary: "立即疏通".to_owned(),
                    findings: vec![finding],
                    ..accountability::Case::default()
                };
                let request = accountability::CreateCaseRequest {
                    parent,
                    case_id: id,
                    case: Some(case),
                    request_id,
                };
                let made = ask!(self, accountability: CaseServiceClient.create_case(request));
                self.created.push(made.name);
            }
            9 => {
                let request = accountability::GetCaseRequest { name: last };
                ask!(self, accountability: CaseServiceClient.get_case(request));
            }
            10 => {
                let request = accountability::ListCasesRequest {
                    parent,
                    page_size: 20,
                    ..accountability::ListCasesRequest::default()
                };
                ask!(self, accountability: CaseServiceClient.list_cases(request));
            }
            _ => {
                let request = scheduler::ListZoningPlansRequest {
                    parent,
                    ..scheduler::ListZoningPlansRequest::default()
                };
                ask!(self, scheduler: ZoningPlanServiceClient.list_zoning_plans(request));
            }
        }
    }

    /// So many calls, one in each span of time however long one takes.
    async fn run(mut self, calls: usize, every: Duration) -> Self {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for step in 0..calls {
            ticks.tick().await;
            self.call(step).await;
        }
        self
    }
}

/// Waits until so many more calls were answered, or all.
fn after(seen: &Seen, more: usize, calls: usize) {
    let answered = || seen.answered.load(Ordering::Relaxed);
    let goal = calls.min(answered() + more);
    let (mut known, mut since) = (answered(), Instant::now());
    while answered() < goal {
        if answered() > known {
            (known, since) = (answered(), Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "nothing is answered");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How often each thing was created, by the events of all services.
fn created(desk: &Desk) -> BTreeMap<String, usize> {
    let mut created = BTreeMap::new();
    for (service, kind) in [
        ("registry", "SchoolCreated"),
        ("inspection", "ListItemCreated"),
        ("accountability", "CaseOpened"),
    ] {
        let events = desk.ok(&["watch", service, "--stop", "-o", "json", "--kind", kind]);
        for line in events.lines() {
            let event: serde_json::Value = serde_json::from_str(line).expect("an event");
            let resource = event["resource"].as_str().unwrap_or_default().to_owned();
            *created.entry(resource).or_default() += 1;
        }
    }
    created
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_steady_load_loses_nothing_while_every_role_is_rolled_and_the_database_fails_over() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let calls = number("DUDAO_CALLS", 720);
    let every = Duration::from_secs(CALLERS as u64) / number("DUDAO_RATE", 30) as u32;
    let primary = tokio::task::spawn_blocking(Database::start)
        .await
        .expect("a cluster");
    primary
        .create("CREATE DATABASE dudao TEMPLATE template0")
        .await;
    let standby = primary.standby().await;
    // What a cluster's operator does by the address of a Service: it leads to whoever is the primary.
    let folder = tempfile::tempdir().expect("a folder");
    let current = folder.path().join("current");
    symlink(primary.folder(), &current).expect("a link");
    let url = format!(
        "postgres://dudao@localhost/dudao?host={}&sslmode=disable",
        current.display()
    );
    let desk = Desk::postgres(url.clone());
    desk.ok(&["token", "keys"]);
    let values = json!({ "defaults": { "replicas": 2 } });
    let manifests = chart(&["render", "county", &values.to_string()]);
    let mut cluster = Cluster::new(&desk.path("cluster"), manifests, &url, &desk.path("keys"));
    let (desk, cluster) = tokio::task::spawn_blocking(move || {
        cluster.migrate();
        common::county(&desk, 2, 1);
        for role in ROLES {
            cluster.scale_up(role);
        }
        (desk, cluster)
    })
    .await
    .expect("the roles start");

    let seen = Arc::new(Seen::default());
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|number| {
        let subject = format!("平台{number}");
        let token = ["token", "issue", "--subject", &subject];
        let of = ["--scope", "140525", "--role", "planner"];
        let token = desk.ok(&[&token[..], &of].concat());
        let caller = Caller {
            number,
            links: Links::to(&cluster, token.trim()),
            seen: Arc::clone(&seen),
            school: Default::default(),
            created: Vec::new(),
            took: Vec::new(),
        };
        tokio::spawn(caller.run(calls / CALLERS, every))
    });
    let callers: Vec<_> = callers.collect();
    let disturbing = tokio::task::spawn_blocking({
        let seen = Arc::clone(&seen);
        move || {
            let mut cluster = cluster;
            for (turn, role) in ROLES.into_iter().enumerate() {
                after(&seen, calls / 10, calls);
                cluster.roll(role);
                if turn == 1 {
                    after(&seen, calls / 10, calls);
                    let put_off = seen.put_off.load(Ordering::Relaxed);
                    primary.stop();
                    std::thread::sleep(Duration::from_secs(2));
                    standby.promote();
                    std::fs::remove_file(&current).expect("a link");
                    symlink(standby.folder(), &current).expect("a link");
                    let told = seen.put_off.load(Ordering::Relaxed) - put_off;
                    assert!(told > 0, "nobody has noticed the crash");
                }
            }
            (cluster, primary, standby)
        }
    });
    let mut took = Vec::new();
    let mut acknowledged = Vec::new();
    for caller in callers {
        let caller = caller.await.expect("every call is answered");
        took.extend(caller.took);
        acknowledged.extend(caller.created);
    }
    let lasted = begun.elapsed().as_secs_f64();
    let kept = disturbing
        .await
        .expect("roles are rolled while calls go on");
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{} calls in {lasted:.0} s, {} created; UNAVAILABLE from a server {}, from the way to it {}; with retries p50 {:.1} ms, p99 {:.0} ms, longest {:.1} s",
        took.len(),
        acknowledged.len(),
        seen.put_off.load(Ordering::Relaxed),
        seen.cut_off.load(Ordering::Relaxed),
        at(0.5),
        at(0.99),
        at(1.0) / 1000.0,
    );
    drop(kept.0);

    let mut created = created(&desk);
    created.retain(|name, _| name.contains("/W"));
    let expected: BTreeMap<_, _> = acknowledged.into_iter().map(|name| (name, 1)).collect();
    assert_eq!(created, expected, "acknowledged and created differ");
    desk.ok(&["audit", "verify"]);
}
