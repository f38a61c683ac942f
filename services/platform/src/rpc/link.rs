//! How a client reaches a server: one type, whether the server is elsewhere or in this process.

use std::io;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tonic::Status;
use tonic::codegen::InterceptedService;
use tonic::transport::{Channel, Endpoint};

use super::{KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, trace};
use crate::error::{Error, Result};

/// A connection for generated clients: `limited!(SchoolServiceClient::new(link.clone()))`. It connects when first used,
/// and again when it was lost; it hands on the trace of the call under way. Cheap to clone.
pub type Link =
    InterceptedService<Channel, fn(tonic::Request<()>) -> Result<tonic::Request<()>, Status>>;

const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
const DUPLEX_BYTES: usize = 64 << 10;

/// A link to a server elsewhere, such as `http://registry:50051`.
pub fn connect(address: &str) -> Result<Link> {
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(|_| {
        Error::invalid(
            "server",
            "服务器地址应形如 http://主机:端口",
            "must look like http://host:port",
        )
    })?;
    Ok(link(configure(endpoint).connect_lazy()))
}

/// The server's end of a link without a socket; see [`super::Server::on_pipe`].
#[derive(Debug)]
pub struct Pipe(pub(super) mpsc::Receiver<io::Result<DuplexStream>>);

/// A link into this process, made before its server: services that need each other are built with it.
pub fn pipe() -> (Link, Pipe) {
    let (accepted, incoming) = mpsc::channel(1);
    let connector = tower::service_fn(move |_: Uri| {
        let accepted = accepted.clone();
        async move {
            let (client, server) = tokio::io::duplex(DUPLEX_BYTES);
            accepted
                .send(Ok(server))
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok::<_, io::Error>(TokioIo::new(client))
        }
    });
    (
        link(
            configure(Endpoint::from_static("http://local")).connect_with_connector_lazy(connector),
        ),
        Pipe(incoming),
    )
}

fn configure(endpoint: Endpoint) -> Endpoint {
    endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
}

fn link(channel: Channel) -> Link {
    InterceptedService::new(channel, trace::hand_on)
}
