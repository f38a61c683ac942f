//! The chart as it is rendered, run on this machine: the five roles as two processes each, with TLS between them, on PostgreSQL. A journey
//! leads through them while each is killed and rolled; what they tell of it goes to a collector that this test puts up.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::{BTreeSet, HashMap};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::cluster::{Cluster, ROLES, chart};
use common::journey::{Steps, group, journey};
use common::{Desk, text};
use dudao_platform::rpc::{Proof, TlsFiles, connect};
use dudao_proto::scheduler::v1 as scheduler;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::trace::v1::Span;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use serde_json::json;
use tokio::runtime::Handle;
use tonic::{Request, Response, Status};

/// How long a step may take with all its retries.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is nobody's business but the county's: it is in the journey, and must not be in what processes tell.
const SECRETS: [&str; 6] = [
    "督学00",
    "第1学校",
    "消防通道堵塞",
    "李主任",
    "立即疏通",
    "泽督意1号",
];

/// Takes in traces, as a collector does.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for resource in request.into_inner().resource_spans {
            let attributes = resource.resource.unwrap_or_default().attributes;
            let name = attributes.into_iter().find(|one| one.key == "service.name");
            let name = match name.and_then(|one| one.value?.value) {
                Some(any_value::Value::StringValue(name)) => name,
                _ => String::new(),
            };
            let spans = resource
                .scope_spans
                .into_iter()
                .flat_map(|scope| scope.spans);
            let mut all = self.0.lock().expect("spans");
            all.extend(spans.map(|span| (name.clone(), span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// The journey's companion: after each step another role is killed or rolled.
struct Companion {
    cluster: Cluster,
    token: String,
    turn: usize,
    client: reqwest::Client,
}

impl Companion {
    fn call(&self, (service, args): (&str, &[&str])) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dudao"));
        command
            .args(["--server", &self.cluster.address(service, 50051)])
            .arg("--tls-ca")
            .arg(self.cluster.authority())
            .args(["--token", &self.token, "--county", "140525", group(service)])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the binary runs")
    }

    /// Kills each role once, then rolls each once.
    fn disturb(&mut self) {
        let role = ROLES[self.turn % ROLES.len()];
        if (self.turn / ROLES.len()).is_multiple_of(2) {
            self.cluster.kill(role);
        } else {
            self.cluster.roll(role);
        }
        self.turn += 1;
    }

    fn insist(&mut self, step: (&str, &[&str]), disturbed: bool) -> String {
        let since = Instant::now();
        let first = self.call(step);
        if disturbed {
            self.disturb();
        }
        let mut output = first.wait_with_output().expect("it ends");
        while !output.status.success() {
            assert!(
                since.elapsed() < PATIENCE,
                "{step:?}: {}{}",
                text(&output.stdout),
                text(&output.stderr)
            );
            std::thread::sleep(Duration::from_millis(200));
            output = self.call(step).wait_with_output().expect("it ends");
        }
        text(&output.stdout)
    }

    /// A page that anybody may read; its console asks the services for it.
    fn page(&self) -> String {
        let address = self.cluster.address("console", 8080) + "/public/140525";
        let since = Instant::now();
        loop {
            let asked = async {
                let answer = self.client.get(&address).send().await?;
                answer.error_for_status()?.text().await
            };
            match Handle::current().block_on(asked) {
                Ok(page) => return page,
                Err(error) => assert!(since.elapsed() < PATIENCE, "{address}: {error:?}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Steps for Companion {
    fn step(&mut self, step: (&str, &[&str])) -> String {
        let told = self.insist(step, true);
        assert!(self.page().contains("<html"), "a page");
        told
    }

    fn eventually(&mut self, question: (&str, &[&str]), word: &str) {
        let since = Instant::now();
        loop {
            let answer = self.insist(question, false);
            if answer.contains(word) {
                return;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{question:?} has no {word}: {answer}"
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Solves a plan at the scheduler, over TLS.
async fn plan(cluster: &Cluster, token: &str) {
    let tls = TlsFiles {
        ca: Some(cluster.authority()),
        ..TlsFiles::default()
    };
    let address = cluster.address("scheduler", 50051);
    let link = connect(&address, &tls, Proof::Token(token.into())).expect("an address");
    let mut plans = ZoningPlanServiceClient::new(link);
    let wanted = scheduler::ZoningPlan {
        limits: Some(scheduler::SolveLimits {
            seconds: 1.0,
            gap: Some(0.5),
            ..scheduler::SolveLimits::default()
        }),
        ..scheduler::ZoningPlan::default()
    };
    let request = scheduler::CreateZoningPlanRequest {
        parent: "counties/140525".to_owned(),
        zoning_plan: Some(wanted),
        ..scheduler::CreateZoningPlanRequest::default()
    };
    let name = plans.create_zoning_plan(request).await.expect("a plan");
    let name = name.into_inner().name;
    let watch = scheduler::WatchZoningPlanRequest { name };
    let watched = plans.watch_zoning_plan(watch).await.expect("moments");
    let mut moments = watched.into_inner();
    while moments.message().await.expect("a moment").is_some() {}
}

/// One trace leads from a page through an RPC to its transaction and the statement in it.
fn one_trace_from_the_page_to_the_statement(spans: &[(String, Span)]) -> bool {
    let by_id: HashMap<_, _> = spans.iter().map(|one| (&one.1.span_id, one)).collect();
    spans.iter().any(|(service, transaction)| {
        let rpc = by_id.get(&transaction.parent_span_id);
        let page = rpc.and_then(|(_, rpc)| by_id.get(&rpc.parent_span_id));
        let (Some((server, rpc)), Some((console, page))) = (rpc, page) else {
            return false;
        };
        let statement = rpc.events.iter().chain(&transaction.events).any(|event| {
            let said = event.attributes.iter().map(|one| format!("{one:?}"));
            said.collect::<String>().contains("SELECT")
        });
        console == "dudao-console"
            && page.name == "GET /public/{county}"
            && server == service
            && service != console
            && rpc.name.starts_with("dudao.")
            && page.trace_id == transaction.trace_id
            && statement
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_rendered_roles_carry_a_journey_while_each_of_them_is_killed_and_rolled() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let database = dudao_platform::testing::Cluster::shared().await;
    let url = database.create_database().await;
    let desk = Desk::postgres(url.clone());
    desk.ok(&["token", "keys"]);
    let collector = Collector::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()))
            .serve_with_incoming(incoming),
    );
    let values = json!({
        "defaults": {"replicas": 2, "extraEnv": {"OTEL_BSP_SCHEDULE_DELAY": "200"}},
        "telemetry": {"otlpEndpoint": endpoint},
    });
    let manifests = chart(&["render", "county", &values.to_string()]);
    let folder = desk.path("cluster");
    let mut cluster = Cluster::new(&folder, manifests, &url, &desk.path("keys"));
    let token = ["token", "issue", "--subject", "李老师", "--scope", "140525"];
    let roles = ["--role", "planner", "--role", "chief_supervisor"];
    let token = desk
        .ok(&[&token[..], &roles[..]].concat())
        .trim()
        .to_owned();
    let authority = || {
        let pem = std::fs::read(folder.join("authority/ca.pem")).expect("the authority");
        reqwest::Certificate::from_pem(&pem).expect("a certificate")
    };

    let travelled = tokio::task::spawn_blocking({
        let (desk_keys, token) = (desk, token.clone());
        let client = reqwest::Client::builder().add_root_certificate(authority());
        // Each page over a connection of its own: a Service balances connections.
        let client = client.pool_max_idle_per_host(0).build().expect("a client");
        move || {
            let desk = desk_keys;
            let template = cluster.template("registry");
            let (status, told) = cluster.start(&template).wait();
            assert!(
                !status.success() && told.contains("dudao migrate"),
                "a server takes a database without tables, {status}: {told}"
            );
            cluster.migrate();
            common::county(&desk, 8, 3);
            for role in ROLES {
                cluster.scale_up(role);
            }
            let mut companion = Companion {
                cluster,
                token,
                turn: 0,
                client,
            };
            let end = journey(&mut companion);
            assert!(
                companion.turn >= 2 * ROLES.len(),
                "each was killed and rolled"
            );
            companion.page();
            desk.ok(&["audit", "verify"]);
            (companion.cluster, end, desk)
        }
    });
    let (cluster, end, desk) = travelled.await.expect("the journey ends");
    assert!(end[1].to_string().contains("SUSTAINED"), "{}", end[1]);
    plan(&cluster, &token).await;

    // What is asked by alerts and on dashboards is measured.
    let client = reqwest::Client::new();
    let mut measured = BTreeSet::new();
    let mut scraped = String::new();
    let since = Instant::now();
    let asked: BTreeSet<String> =
        serde_json::from_value(chart(&["asked"])).expect("names of metrics");
    while !asked.is_subset(&measured) {
        assert!(
            since.elapsed() < PATIENCE,
            "nobody measures {:?}",
            asked.difference(&measured)
        );
        for (_, pod) in cluster.pods() {
            let address = format!("http://{}/metrics", pod.at(9090));
            let told = client.get(address).send().await.expect("metrics");
            scraped += &told.text().await.expect("text");
        }
        let names = scraped.lines().filter(|line| !line.starts_with('#'));
        let names = names.filter_map(|line| line.split(['{', ' ']).next());
        measured.extend(names.map(str::to_owned));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let since = Instant::now();
    while !one_trace_from_the_page_to_the_statement(&collector.0.lock().expect("spans")) {
        assert!(
            since.elapsed() < PATIENCE,
            "no trace leads from page to SQL"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    // Nothing of it says who, or what about.
    let spans = format!("{:?}", collector.0.lock().expect("spans"));
    for secret in SECRETS {
        for (where_, told) in [
            ("metrics", &scraped),
            ("logs", &cluster.logs()),
            ("traces", &spans),
        ] {
            assert!(!told.contains(secret), "{secret} is in {where_}");
        }
    }
    drop(cluster);
    drop(desk);
}
