//! The operators' port: health (gRPC, in the clear, as Kubernetes probes it) and `/metrics` for Prometheus. No business data.

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use tokio::net::TcpListener;

use super::server::Server;
use crate::error::{Error, Result};
use crate::lifecycle::Shutdown;
use crate::telemetry;

impl Server {
    /// Serves health and metrics on a socket of their own until the shutdown.
    pub async fn serve_admin(self, listener: TcpListener, shutdown: Shutdown) -> Result<()> {
        let router: Router = self
            .health_routes()
            .into_axum_router()
            .route("/metrics", get(metrics));
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served.map_err(Error::internal),
            () = shutdown.asked() => Ok(()),
        }
    }
}

async fn metrics() -> Result<String, StatusCode> {
    telemetry::prometheus().map_err(|error| {
        tracing::error!(%error, "metrics can't be written: {error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}
