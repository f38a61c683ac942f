//! How many reads a second the services answer, beside a bare tonic server that gives the same answer: both over TCP on
//! loopback, with as many callers, in turns. Measured by `make bench`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::time::{Duration, Instant};

use dudao_platform::config::{LogFormat, TelemetryArgs};
use dudao_platform::limited;
use dudao_platform::rpc::{self, Link, Proof, TlsFiles};
use dudao_platform::telemetry;
use dudao_platform::testing::Scratch;
use dudao_proto::auth::v1::GetCallerRequest;
use dudao_proto::auth::v1::sign_in_service_client::SignInServiceClient;
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, House};
use registry::school_service_client::SchoolServiceClient;
use registry::school_service_server::{SchoolService, SchoolServiceServer};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

// As the server itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Callers at once, on so many connections.
const CALLERS: usize = 64;
const CONNECTIONS: usize = 4;
/// Short rounds in turns: what else the machine does meets both.
const ROUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 15;

/// Gives the same school whoever asks for whichever.
struct Bare(registry::School);

macro_rules! nothing {
    ($($rpc:ident($request:ident) -> $answer:ident;)+) => {
        #[tonic::async_trait]
        impl SchoolService for Bare {
            async fn get_school(&self, _: Request<registry::GetSchoolRequest>) -> Result<Response<registry::School>, Status> {
                Ok(Response::new(self.0.clone()))
            }

            $(async fn $rpc(&self, _: Request<registry::$request>) -> Result<Response<registry::$answer>, Status> {
                Err(Status::unimplemented("not measured"))
            })+
        }
    };
}
nothing! {
    create_school(CreateSchoolRequest) -> School;
    list_schools(ListSchoolsRequest) -> ListSchoolsResponse;
    update_school(UpdateSchoolRequest) -> School;
    close_school(CloseSchoolRequest) -> School;
    batch_create_schools(BatchCreateSchoolsRequest) -> BatchCreateSchoolsResponse;
}

fn request() -> registry::GetSchoolRequest {
    registry::GetSchoolRequest {
        name: format!("{COUNTY}/schools/S1"),
    }
}

/// Which call is made.
#[derive(Clone, Copy)]
enum Asked {
    /// A school, from the database.
    School,
    /// Who calls: everything around a call, and nothing in it.
    Caller,
    /// Health, which nobody has to prove anything for.
    Health,
}

async fn ask(link: Link, asked: Asked) {
    match asked {
        Asked::School => {
            let mut client = limited!(SchoolServiceClient::new(link));
            client.get_school(request()).await.unwrap();
        }
        Asked::Caller => {
            let mut client = limited!(SignInServiceClient::new(link));
            client.get_caller(GetCallerRequest {}).await.unwrap();
        }
        Asked::Health => {
            let mut client = HealthClient::new(link);
            client.check(HealthCheckRequest::default()).await.unwrap();
        }
    }
}

/// The milliseconds that each call of a round took, and the calls a second.
async fn round(links: &[Link], asked: Asked) -> (Vec<f64>, f64) {
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|at| {
        let link = links[at % links.len()].clone();
        tokio::spawn(async move {
            let mut took = Vec::new();
            while begun.elapsed() < ROUND {
                let since = Instant::now();
                ask(link.clone(), asked).await;
                took.push(since.elapsed().as_secs_f64() * 1_000.0);
            }
            took
        })
    });
    let mut took: Vec<f64> = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        took.extend(caller.await.unwrap());
    }
    let rate = took.len() as f64 / begun.elapsed().as_secs_f64();
    (took, rate)
}

/// One kind of call over all rounds.
#[derive(Default)]
struct Tally {
    took: Vec<f64>,
    rates: Vec<f64>,
}

impl Tally {
    async fn take(&mut self, links: &[Link], asked: Asked) {
        let (took, rate) = round(links, asked).await;
        self.took.extend(took);
        self.rates.push(rate);
    }

    fn tell(mut self, what: &str) {
        self.took.sort_by(f64::total_cmp);
        let at = |share: f64| self.took[((self.took.len() - 1) as f64 * share) as usize];
        println!(
            "{what:<28} {:>8.0} calls/s   p50 {:>6.2} ms   p99 {:>6.2} ms",
            median(self.rates),
            at(0.5),
            at(0.99)
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn measured(house: &House) {
    let links: Vec<_> = (0..CONNECTIONS)
        .map(|_| house.caller("planner", &["planner"], "140525", &[]))
        .collect();
    let school = limited!(SchoolServiceClient::new(links[0].clone()))
        .get_school(request())
        .await
        .unwrap()
        .into_inner();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let bare =
        tonic::transport::Server::builder().add_service(SchoolServiceServer::new(Bare(school)));
    // As `serve` would: without it, small answers wait for each other.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(bare.serve_with_incoming(incoming));
    let bare: Vec<_> = (0..CONNECTIONS)
        .map(|_| rpc::connect(&address, &TlsFiles::default(), Proof::Connection).unwrap())
        .collect();
    let [mut echo, mut observed, mut admitted, mut read] = [(); 4].map(|()| Tally::default());
    for _ in 0..ROUNDS {
        observed.take(&links, Asked::Health).await;
        admitted.take(&links, Asked::Caller).await;
        echo.take(&bare, Asked::School).await;
        read.take(&links, Asked::School).await;
    }
    let rounds = read.rates.iter().zip(&echo.rates);
    let ratio = median(rounds.map(|(ours, bare)| ours / bare).collect());
    echo.tell("bare tonic");
    observed.tell("Health: observed");
    admitted.tell("GetCaller: and admitted");
    read.tell("GetSchool: and read");
    println!("GetSchool by bare tonic, median of {ROUNDS} rounds: {ratio:.2}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: make bench"]
async fn reads_a_second_beside_a_bare_tonic_server() {
    let args = TelemetryArgs {
        log: "info".to_owned(),
        log_format: LogFormat::Json,
        otlp_endpoint: None,
    };
    let _telemetry = telemetry::start(&args, &telemetry::Build::default()).unwrap();
    println!("on SQLite");
    let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
    measured(&House::with_county(scratch, "zezhou").await).await;
    println!("on PostgreSQL");
    let scratch = Scratch::postgres("registry", &dudao_registry::MIGRATIONS).await;
    measured(&House::with_county(scratch, "zezhou").await).await;
}
