//! The operators' port: health (gRPC, in the clear, as Kubernetes probes it) and `/metrics` for Prometheus. No business data.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use tokio::net::TcpListener;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::server::Server;
use crate::error::{Error, Result};
use crate::lifecycle::Shutdown;
use crate::telemetry;

/// How long an answer may take.
const PROBE: Duration = Duration::from_secs(3);

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

/// Asks the operators' port of a process how it is; anything but serving is an error.
pub async fn probe(address: SocketAddr, service: &str) -> Result<()> {
    let away = |why: String| Error::unavailable(format!("{address}: {service}: {why}"));
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(Error::internal)?
        .connect_timeout(PROBE)
        .timeout(PROBE);
    let channel = endpoint
        .connect()
        .await
        .map_err(|error| away(error.to_string()))?;
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let told = HealthClient::new(channel).check(request).await;
    let told = told
        .map_err(|status| away(status.message().to_owned()))?
        .into_inner();
    if told.status() == ServingStatus::Serving {
        Ok(())
    } else {
        Err(away(told.status().as_str_name().to_owned()))
    }
}

async fn metrics() -> Result<String, StatusCode> {
    telemetry::prometheus().map_err(|error| {
        tracing::error!(%error, "metrics can't be written: {error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}
