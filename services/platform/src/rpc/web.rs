//! Pages for browsers, on a socket of their own: HTTP/1.1 or HTTP/2, over TLS where there is a certificate.

use std::future::{IntoFuture as _, pending};
use std::io;

use axum::Router;
use axum::serve::Listener;
use futures::{Stream, StreamExt as _};
use tokio::net::TcpListener;

use super::door::{self, Entrance};
use super::server::DRAIN;
use super::tls::{ServerTls, TlsFiles};
use crate::error::{Error, Result};
use crate::lifecycle::Shutdown;

/// Serves pages until the shutdown; those under way are finished.
pub async fn serve_pages(
    router: Router,
    listener: TcpListener,
    tls: &TlsFiles,
    shutdown: Shutdown,
) -> Result<()> {
    let door = Door(Box::pin(door::accept(listener, ServerTls::open(tls)?)));
    let asked = shutdown.clone();
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
