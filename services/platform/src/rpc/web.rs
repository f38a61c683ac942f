//! Pages for browsers, on a socket of their own: HTTP/1.1 or HTTP/2, over TLS where there is a certificate.

use std::future::{IntoFuture as _, pending};
use std::io;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::serve::Listener;
use futures::{Stream, StreamExt as _};
use tokio::net::TcpListener;
use tracing::Instrument as _;

use super::door::{self, Entrance};
use super::server::DRAIN;
use super::tls::{ServerTls, TlsFiles};
use super::trace::{self, Called};
use crate::error::{Error, Result};
use crate::lifecycle::Shutdown;
use crate::telemetry;

/// Serves pages until the shutdown; those under way are finished.
pub async fn serve_pages(
    router: Router,
    listener: TcpListener,
    tls: &TlsFiles,
    shutdown: Shutdown,
) -> Result<()> {
    let door = Door(Box::pin(door::accept(listener, ServerTls::open(tls)?)));
    let asked = shutdown.clone();
    let router = router.layer(middleware::from_fn(observe));
    let serving = axum::serve(door, router)
        .with_graceful_shutdown(async move { asked.asked().await })
        .into_future();
    // A browser keeps its connection open for as long as it likes.
    let patience = async {
        shutdown.asked().await;
        tokio::select! {
            () = tokio::time::sleep(DRAIN) => {}
            () = shutdown.forced() => {}
        }
    };
    tokio::select! {
        served = serving => served.map_err(Error::internal),
        () = patience => Ok(()),
    }
}

/// Trace and metrics of a page: what it asks of services belongs to it.
async fn observe(request: Request, next: Next) -> Response {
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

struct Door<S>(std::pin::Pin<Box<S>>);

impl<S: Stream<Item = io::Result<Entrance>> + Send + 'static> Listener for Door<S> {
    type Io = Entrance;
    type Addr = ();

    async fn accept(&mut self) -> (Entrance, ()) {
        loop {
            match self.0.next().await {
                Some(Ok(entrance)) => return (entrance, ()),
                Some(Err(_)) => {}
                None => pending().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
