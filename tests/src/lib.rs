//! What must hold across the services: a house with all four, one clock, and a county that lives in it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that can't build its house must fail"
)]

pub mod contract;
pub mod county;
pub mod noise;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::NaiveDate;
use dudao_chancery::Press;
use dudao_platform::context::Context;
use dudao_platform::keys::KeyRing;
use dudao_platform::lifecycle::{self, Shutdown, Task};
use dudao_platform::rpc::{
    self, Authority, Gate, Grant, Limits, Link, OidcSettings, Proof, Proofs, Server, TlsFiles,
};
use dudao_platform::testing::Scratch;
use dudao_platform::{Blobs, limited};
use dudao_press::Printer;
use dudao_proto::registry::v1 as registry;
use registry::county_service_client::CountyServiceClient;
use registry::school_service_client::SchoolServiceClient;
use registry::supervisor_service_client::SupervisorServiceClient;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The county of the tests.
pub const COUNTY: &str = "counties/140525";

/// The largest evidence file of the tests.
pub const EVIDENCE_BYTES: usize = 1 << 20;

/// Makes PDFs with the fonts that `make test` installs.
#[expect(
    clippy::disallowed_methods,
    reason = "where make installs what tests need"
)]
pub fn press() -> Press {
    static PRINTER: LazyLock<Printer> = LazyLock::new(|| {
        let home = PathBuf::from(std::env::var("HOME").unwrap());
        Printer::new(vec![home.join(".cache/dudao/fonts")])
    });
    Press::new(|paper| PRINTER.print(paper).map_err(|error| error.to_string()))
}

/// All four services on one database, behind one link, with a clock that a test turns.
#[derive(Debug)]
pub struct House {
    /// Reaches every service.
    pub link: Link,
    /// The clock of all.
    pub clock: dudao_platform::Clock,
    shutdown: Shutdown,
    scratch: Scratch,
    scheduler: Context,
    files: TempDir,
    /// Finds out who calls from outside.
    pub authority: Authority,
    /// The house's own keys.
    pub keys: KeyRing,
    /// Where it listens to outside.
    pub address: String,
    running: Option<JoinHandle<dudao_platform::Result<()>>>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.force();
    }
}

/// Who may come in from outside, and how.
#[derive(Debug)]
pub struct Doors {
    /// Certificates; none means in the clear.
    pub tls: TlsFiles,
    /// An issuer of tokens beside the house's own keys.
    pub oidc: Option<OidcSettings>,
    /// The list of who holds which client certificate.
    pub peers: Option<PathBuf>,
    /// What one caller may ask for.
    pub limits: Limits,
}

impl Default for Doors {
    /// In the clear, by the house's own tokens, without a limit that a test would meet.
    fn default() -> Self {
        Self {
            tls: TlsFiles::default(),
            oidc: None,
            peers: None,
            limits: Limits {
                per_second: NonZeroU32::MAX,
                at_once: 1_000,
            },
        }
    }
}

impl House {
    /// A house on an empty database of the registry's, on which the others open theirs.
    pub async fn on(scratch: Scratch) -> Self {
        Self::behind(scratch, Doors::default()).await
    }

    /// A house with these doors.
    pub async fn behind(scratch: Scratch, doors: Doors) -> Self {
        let shutdown = Shutdown::new();
        let files = tempfile::tempdir().unwrap();
        let clock = scratch.context.clock.clone();
        let keys = KeyRing::open(&files.path().join("keys"), &clock).unwrap();
        let (link, pipe) = rpc::pipe();
        let with = |context: Context| Context {
            shutdown: shutdown.clone(),
            keys: Some(keys.clone()),
            ..context
        };
        let registry = with(scratch.context.clone());
        let inspection = with(
            scratch
                .beside("inspection", &dudao_inspection::MIGRATIONS)
                .await,
        );
        let accountability = with(
            scratch
                .beside("accountability", &dudao_accountability::MIGRATIONS)
                .await,
        );
        let scheduler = with(
            scratch
                .beside("scheduler", &dudao_scheduler::MIGRATIONS)
                .await,
        );
        let parts =
            dudao_registry::build(&registry, link.clone(), link.clone(), link.clone(), press())
                .and(dudao_inspection::build(
                    &inspection,
                    link.clone(),
                    link.clone(),
                    link.clone(),
                    Blobs::folder(evidence_of(&files)).with_max_bytes(EVIDENCE_BYTES),
                    press(),
                ))
                .and(dudao_accountability::build(
                    &accountability,
                    link.clone(),
                    link.clone(),
                    press(),
                ))
                .and(dudao_scheduler::build(
                    &scheduler,
                    link.clone(),
                    link.clone(),
                ));
        let proofs = Proofs {
            keys: Some(keys.clone()),
            own_tokens: true,
            oidc: doors.oidc,
            peers: doors.peers,
        };
        let authority = Authority::new(proofs, clock.clone()).unwrap();
        let gate = Gate {
            authority: authority.clone(),
            limits: doors.limits,
            ..Gate::inside(clock.clone())
        };
        let (server, mut tasks) = Server::new(parts, gate).await.unwrap();
        tasks.push(server.clone().on_pipe(pipe, shutdown.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if doors.tls.cert.is_some() {
            "https"
        } else {
            "http"
        };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let ended = shutdown.clone();
        let outside = async move { server.serve(listener, &doors.tls, ended).await };
        tasks.push(Task::new("outside", outside));
        let end = shutdown.clone();
        let running =
            tokio::spawn(async move { lifecycle::run(tasks, &end, Duration::from_secs(1)).await });
        Self {
            link,
            clock,
            shutdown,
            scratch,
            scheduler,
            files,
            keys,
            authority,
            address,
            running: Some(running),
        }
    }

    /// A house with a county of one school `S1` in 巴公镇 and the supervisors `A` to `D`, under a preset of rules.
    pub async fn with_county(scratch: Scratch, preset: &str) -> Self {
        let house = Self::on(scratch).await;
        house
            .counties()
            .create_county(registry::CreateCountyRequest {
                county_id: "140525".to_owned(),
                county: Some(registry::County {
                    display_name: "泽州县".to_owned(),
                    ..Default::default()
                }),
                ruleset_preset: preset.to_owned(),
                ..Default::default()
            })
            .await
            .unwrap();
        let mut schools = limited!(SchoolServiceClient::new(house.link.clone()));
        schools
            .create_school(registry::CreateSchoolRequest {
                parent: COUNTY.to_owned(),
                school_id: "S1".to_owned(),
                school: Some(registry::School {
                    display_name: "巴公镇中心小学".to_owned(),
                    stage: registry::Stage::Primary.into(),
                    provider: registry::Provider::Public.into(),
                    town: "巴公镇".to_owned(),
                    pupils: Some(420),
                    place: Some(registry::Place {
                        longitude: 112.8,
                        latitude: 35.6,
                    }),
                    ..Default::default()
                }),
                ..Default::default()
            })
            .await
            .unwrap();
        for code in ["A", "B", "C", "D"] {
            house
                .supervisors()
                .create_supervisor(registry::CreateSupervisorRequest {
                    parent: COUNTY.to_owned(),
                    supervisor_id: code.to_owned(),
                    supervisor: Some(registry::Supervisor {
                        display_name: format!("督学{code}"),
                        employment: registry::Employment::FullTime.into(),
                        stages: vec![registry::Stage::Primary.into()],
                        base: Some(registry::Place {
                            longitude: 112.9,
                            latitude: 35.5,
                        }),
                        term_start_date: "2025-09-01".to_owned(),
                        ..Default::default()
                    }),
                    ..Default::default()
                })
                .await
                .unwrap();
        }
        house
    }

    /// Turns the clock of all services to a morning.
    pub fn on_day(&self, day: &str) {
        self.clock.turn_to(self::day(day));
    }

    /// Asks it to end, with a second of patience, and waits until it has.
    pub async fn end(mut self) {
        self.shutdown.begin();
        if let Some(running) = self.running.take() {
            running.await.unwrap().unwrap();
        }
    }

    /// Counties.
    pub fn counties(&self) -> CountyServiceClient<Link> {
        limited!(CountyServiceClient::new(self.link.clone()))
    }

    /// Supervisors.
    pub fn supervisors(&self) -> SupervisorServiceClient<Link> {
        limited!(SupervisorServiceClient::new(self.link.clone()))
    }

    /// The folder of evidence files.
    pub fn evidence(&self) -> PathBuf {
        evidence_of(&self.files)
    }

    /// Somebody who calls from outside with a token of these roles: `planner`, within counties of this prefix.
    pub fn caller(&self, subject: &str, roles: &[&str], county: &str, own: &[&str]) -> Link {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let grant = Grant {
            roles: list(roles),
            county: county.to_owned(),
            own: list(own),
        };
        self.outside(Proof::Token(self.token(subject, grant).into()))
    }

    /// A token of the house's own, for a year.
    pub fn token(&self, subject: &str, grant: Grant) -> String {
        let year = Duration::from_hours(24 * 365);
        let issued = rpc::issue(&self.keys, &self.clock, subject, grant, year);
        issued.unwrap().0
    }

    /// Somebody who calls from outside, proving this.
    pub fn outside(&self, proof: Proof) -> Link {
        rpc::connect(&self.address, &TlsFiles::default(), proof).unwrap()
    }

    /// The registry's database.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }
}

fn evidence_of(files: &TempDir) -> PathBuf {
    files.path().join("evidence")
}

/// A day, `YYYY-MM-DD`.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `counties/140525/supervisors/{code}`.
pub fn supervisor(code: &str) -> String {
    format!("{COUNTY}/supervisors/{code}")
}

/// The reasons of a refusal: the keys of the rules or the fields that are wrong.
pub fn reasons(status: &tonic::Status) -> Vec<String> {
    let fault = rpc::Fault::from(status);
    let rules = fault.rules.into_iter().map(|rule| rule.rule);
    let fields = fault.fields.into_iter().map(|field| field.field);
    rules.chain(fields).collect()
}

/// Asks until the answer is there: what one service learns from another takes a moment.
pub async fn eventually<T, F: Future<Output = Option<T>>>(mut ask: impl FnMut() -> F) -> T {
    for _ in 0..400 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it has not come within ten seconds");
}
