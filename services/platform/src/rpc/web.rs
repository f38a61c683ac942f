//! Pages for browsers, on a socket of their own: HTTP/1.1 or HTTP/2, over TLS where there is a certificate.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use futures::StreamExt as _;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::door;
use super::server::{DRAIN, HEADER_BYTES};
use super::tls::{ServerTls, TlsFiles};
use super::{KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT};
use crate::error::Result;
use crate::lifecycle::Shutdown;

/// How long the headers of a request may take, and a connection be idle before it.
const HEADERS: Duration = Duration::from_secs(15);

/// Where a request comes from; stands in its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Whence(pub Option<IpAddr>);

/// Serves pages until the shutdown; those under way are finished.
pub async fn serve_pages(
    router: Router,
    listener: TcpListener,
    tls: &TlsFiles,
    shutdown: Shutdown,
) -> Result<()> {
    let mut entrances = Box::pin(door::accept(listener, ServerTls::open(tls)?));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .max_header_list_size(HEADER_BYTES);
    let open = GracefulShutdown::new();
    loop {
        let entrance = tokio::select! {
            entrance = entrances.next() => entrance,
            () = shutdown.asked() => break,
        };
        let Some(Ok(entrance)) = entrance else {
            continue;
        };
        let whence = Whence(entrance.ip());
        let service = router
            .clone()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(whence);
                request
            });
        let served = builder
            .serve_connection(TokioIo::new(entrance), TowerToHyperService::new(service))
            .into_owned();
        let served = open.watch(served);
        tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, "a browser's connection has ended: {error}");
            }
        });
    }
    // A browser keeps its connection open for as long as it likes.
    tokio::select! {
        () = open.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => {}
        () = shutdown.forced() => {}
    }
    Ok(())
}
