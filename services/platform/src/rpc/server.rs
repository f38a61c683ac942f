//! Serving: limits, health, reflection, and an end that silent peers can't put off.

use std::fmt;
use std::io;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::service::Routes;
use tonic::transport::server::Connected;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::stack::Stack;
use super::{Access, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, Link, Pipe, link};
use crate::context::Parts;
use crate::error::{Error, Result};
use crate::lifecycle::{Shutdown, Task};

/// How long calls under way have to finish once the end is asked for.
pub const DRAIN: Duration = Duration::from_secs(20);
/// How many streams and calls one connection may have open.
const STREAMS_PER_CONNECTION: u32 = 1_000;

/// gRPC services ready to be served. Cheap to clone: one and the same can be served on several listeners.
#[derive(Clone)]
pub struct Server {
    stack: Stack,
    health: HealthReporter,
    names: Vec<&'static str>,
}

impl Server {
    /// Joins services, their health and their reflection, behind one stack. Refuses an RPC that does not say who may call it.
    pub async fn new(services: Parts) -> Result<(Self, Vec<Task>)> {
        let Parts { services, tasks } = services;
        let names: Vec<_> = services.iter().map(|service| service.name).collect();
        let access = Access::check(dudao_proto::DESCRIPTOR, names.iter().copied())?;
        let (health, health_service) = tonic_health::server::health_reporter();
        let mut reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(dudao_proto::DESCRIPTOR)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
        for &name in &names {
            reflection = reflection.with_service_name(name);
            health
                .set_service_status(name, ServingStatus::Serving)
                .await;
        }
        let routes = Routes::new(crate::limited!(health_service)).add_service(crate::limited!(
            reflection.build_v1().map_err(Error::internal)?
        ));
        let routes = services
            .into_iter()
            .fold(routes, |routes, service| (service.onto)(routes));
        Ok((
            Self {
                stack: Stack::around(routes.prepare(), access),
                health,
                names,
            },
            tasks,
        ))
    }

    /// Serves on a socket until the shutdown.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown) -> Result<()> {
        let incoming = TcpListenerStream::new(listener).map(|accepted| {
            let socket = accepted?;
            socket.set_nodelay(true)?;
            Ok(socket)
        });
        self.serve_on(incoming, shutdown).await
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
            self.serve_on(ReceiverStream::new(pipe.0), shutdown),
        )
    }

    async fn serve_on<IO>(
        self,
        incoming: impl Stream<Item = io::Result<IO>>,
        shutdown: Shutdown,
    ) -> Result<()>
    where
        IO: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
        let Self {
            stack,
            health,
            names,
        } = self;
        let asked = async {
            shutdown.asked().await;
            for name in names.into_iter().chain([""]) {
                health
                    .set_service_status(name, ServingStatus::NotServing)
                    .await;
            }
        };
        let served = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .max_concurrent_streams(STREAMS_PER_CONNECTION)
            .serve_with_incoming_shutdown(stack, incoming, asked);
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

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("services", &self.names)
            .finish_non_exhaustive()
    }
}
