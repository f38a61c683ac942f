//! Pages for browsers, on a socket of their own: HTTP/1.1 or HTTP/2, over TLS where there is a certificate.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::MatchedPath;
use axum::middleware::{self, Next};
use axum::response::Response;
use futures::StreamExt as _;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::door;
use super::server::{DRAIN, HEADER_BYTES};
use super::tls::{ServerTls, TlsFiles};
use super::trace::{self, Called};
use super::{KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT};
use crate::error::Result;
use crate::lifecycle::Shutdown;
use crate::telemetry;

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
    let router = router.layer(middleware::from_fn(observe));
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

/// Trace and metrics of a page: what it asks of services belongs to it.
async fn observe(request: axum::extract::Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let method = request.method().clone();
    let (span, trace_id) = trace::open(Called::Page(&method, route), request.headers());
    let begun = Instant::now();
    let response = trace::within(trace_id, next.run(request))
        .instrument(span)
        .await;
    telemetry::http::tell(&method, route, response.status(), begun.elapsed());
    response
}
