//! Serving: who may come in, limits, health, reflection, and an end that silent peers can't put off.

use std::fmt;
use std::io;
use std::time::Duration;

use dudao_proto::auth::v1::sign_in_service_server::{self, SignInServiceServer};
use futures::Stream;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::Routes;
use tonic::transport::server::Connected;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tonic_web::GrpcWebLayer;
use tower::Layer as _;

use super::authority::Authority;
use super::limit::{Limits, Turnstile};
use super::proxies::Proxies;
use super::sign_in::SignIn;
use super::stack::{Door, Stack};
use super::tls::{ServerTls, TlsFiles};
use super::{Access, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, Link, Pipe, door, link};
use crate::clock::Clock;
use crate::context::{Context, Parts};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::lifecycle::{Shutdown, Task};
use crate::telemetry;

/// The health of the process alone: what probes ask whether to kill it. `readiness` is that of its databases, too, and of whether it
/// takes calls.
const LIVENESS: &str = "liveness";
const READINESS: &str = "readiness";
/// How often databases are asked whether they answer, and how long they may take.
const PULSE: Duration = Duration::from_secs(3);

/// How long calls under way have to finish once the end is asked for.
pub const DRAIN: Duration = Duration::from_secs(20);
/// How many streams and calls one connection may have open.
const STREAMS_PER_CONNECTION: u32 = 1_000;
/// The most that headers of a call may be, in bytes.
pub(super) const HEADER_BYTES: u32 = 32 << 10;

/// Who may come in, and how.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Finds out who calls.
    pub authority: Authority,
    /// What one caller may ask for.
    pub limits: Limits,
    /// Whose word is taken for who is behind them.
    pub proxies: Proxies,
    /// Whether the contract can be asked for (gRPC reflection).
    pub reflection: bool,
    /// Whether browsers may call (gRPC-Web, over HTTP/1.1 too).
    pub grpc_web: bool,
}

impl Gate {
    /// Nobody from outside.
    pub fn inside(clock: Clock) -> Self {
        Self {
            authority: Authority::inside(clock),
            limits: Limits::default(),
            proxies: Proxies::default(),
            reflection: false,
            grpc_web: false,
        }
    }
}

/// gRPC services ready to be served. Cheap to clone: one and the same can be served on several listeners.
#[derive(Clone)]
pub struct Server {
    stack: Stack,
    health: HealthReporter,
    health_routes: Routes,
    names: Vec<&'static str>,
    grpc_web: bool,
}

impl Server {
    /// Joins services and their health behind one stack. Refuses an RPC that does not say who may call it.
    pub async fn new(services: Parts, gate: Gate) -> Result<(Self, Vec<Task>)> {
        let Parts {
            services,
            mut tasks,
            trails,
        } = services;
        let mut names: Vec<_> = services.iter().map(|service| service.name).collect();
        names.push(sign_in_service_server::SERVICE_NAME);
        let access = Access::check(dudao_proto::DESCRIPTOR, names.iter().copied())?;
        let (health, health_service) = tonic_health::server::health_reporter();
        for &name in names.iter().chain(&[LIVENESS, READINESS]) {
            health
                .set_service_status(name, ServingStatus::Serving)
                .await;
        }
        let health_routes = Routes::new(crate::limited!(health_service));
        let sign_in = SignInServiceServer::new(SignIn(gate.authority.clone()));
        let mut routes = health_routes.clone().add_service(crate::limited!(sign_in));
        if gate.reflection {
            let mut reflection = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(dudao_proto::DESCRIPTOR)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            for &name in &names {
                reflection = reflection.with_service_name(name);
            }
            let reflection = reflection.build_v1().map_err(Error::internal)?;
            routes = routes.add_service(crate::limited!(reflection));
        }
        let routes = services
            .into_iter()
            .fold(routes, |routes, service| (service.onto)(routes));
        let turnstile = Turnstile::new(gate.limits);
        let admission = (gate.authority, turnstile, gate.proxies);
        let stack = Stack::new(routes.prepare(), access, admission);
        if let Some(Context { shutdown, .. }) = trails.first() {
            let shutdown = shutdown.clone();
            let trails: Vec<_> = trails.into_iter().map(|context| context.db).collect();
            let pulse = feel_pulse(health.clone(), trails.clone(), shutdown.clone());
            tasks.push(Task::new("feels the databases' pulse", pulse));
            let writing = stack.around.refusals.clone().keep_writing(trails, shutdown);
            tasks.push(Task::new("records refusals", writing));
        }
        let server = Self {
            stack,
            health,
            health_routes: health_routes.prepare(),
            names,
            grpc_web: gate.grpc_web,
        };
        Ok((server, tasks))
    }

    /// Serves on a socket until the shutdown, over TLS where there is a certificate.
    pub async fn serve(
        self,
        listener: TcpListener,
        tls: &TlsFiles,
        shutdown: Shutdown,
    ) -> Result<()> {
        let incoming = door::accept(listener, ServerTls::open(tls)?);
        self.serve_on(incoming, Door::Outside, shutdown).await
    }

    /// A link to this server without a socket, and the task that serves it until the shutdown.
    pub fn local(self, shutdown: Shutdown) -> (Link, Task) {
        let (link, pipe) = link::pipe();
        (link, self.on_pipe(pipe, shutdown))
    }

    /// The task that serves on a pipe until the shutdown.
    pub fn on_pipe(self, pipe: Pipe, shutdown: Shutdown) -> Task {
        Task::new(
            "local server",
            self.serve_on(ReceiverStream::new(pipe.0), Door::Inside, shutdown),
        )
    }

    /// The task that serves on a pipe, until the shutdown, those who call for somebody else: pages in this process. The pipe makes
    /// nobody the machine's owner; each call proves by its token who is behind it.
    pub fn on_errands(self, pipe: Pipe, shutdown: Shutdown) -> Task {
        Task::new(
            "errands",
            self.serve_on(ReceiverStream::new(pipe.0), Door::Errand, shutdown),
        )
    }

    /// Health alone, for the operators' port.
    pub(super) fn health_routes(&self) -> Routes {
        self.health_routes.clone()
    }

    async fn serve_on<IO>(
        self,
        incoming: impl Stream<Item = io::Result<IO>>,
        door: Door,
        shutdown: Shutdown,
    ) -> Result<()>
    where
        IO: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
        let Self {
            stack,
            health,
            names,
            grpc_web,
            ..
        } = self;
        let stack = stack.at(door);
        let asked = async {
            shutdown.asked().await;
            for name in names.into_iter().chain(["", READINESS]) {
                health
                    .set_service_status(name, ServingStatus::NotServing)
                    .await;
            }
        };
        let server = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .http2_max_header_list_size(HEADER_BYTES)
            .max_concurrent_streams(STREAMS_PER_CONNECTION);
        let served = async {
            if grpc_web {
                let stack = GrpcWebLayer::new().layer(stack);
                let server = server.accept_http1(true);
                Box::pin(server.serve_with_incoming_shutdown(stack, incoming, asked)).await
            } else {
                Box::pin(server.serve_with_incoming_shutdown(stack, incoming, asked)).await
            }
        };
        // A peer that has said hello and nothing since would hold the drain for ever.
        let patience = async {
            shutdown.asked().await;
            tokio::select! {
                () = tokio::time::sleep(DRAIN) => {}
                () = shutdown.forced() => {}
            }
        };
        tokio::select! {
            served = served => served.map_err(Error::internal),
            () = patience => {
                tracing::warn!("connections that did not drain in time are dropped");
                Ok(())
            }
        }
    }
}

/// Tells of the databases every few seconds; the process is ready while all of them answer.
async fn feel_pulse(health: HealthReporter, databases: Vec<Db>, shutdown: Shutdown) -> Result<()> {
    let mut ready = true;
    while shutdown.or(tokio::time::sleep(PULSE)).await.is_some() {
        let mut all = true;
        for db in &databases {
            let asked = tokio::time::timeout(PULSE, db.answers()).await;
            let answers = matches!(asked, Ok(Ok(())));
            telemetry::storage::tell(db, answers);
            all &= answers;
        }
        if all != ready && !shutdown.begun() {
            ready = all;
            let status = if ready {
                tracing::info!("databases answer again: ready");
                ServingStatus::Serving
            } else {
                tracing::warn!("a database does not answer: not ready");
                ServingStatus::NotServing
            };
            health.set_service_status(READINESS, status).await;
        }
    }
    health
        .set_service_status(READINESS, ServingStatus::NotServing)
        .await;
    Ok(())
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("services", &self.names)
            .finish_non_exhaustive()
    }
}
