//! `dudao serve`.

use std::time::Duration;

use dudao_platform::lifecycle::Shutdown;
use tokio::net::TcpListener;

use crate::args::{Place, Serve};
use crate::assembly::Assembly;
use crate::failure::{Failure, Result};
use crate::output::say;

/// Serves until asked to end.
pub async fn run(place: &Place, args: &Serve) -> Result<()> {
    let listener = listen(args.listen.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|e| Failure::Other(e.to_string()))?;
    let running = Assembly::of(place, args)
        .await?
        .listen(listener)
        .start(Duration::from_secs(args.listen.grace_seconds));
    tokio::spawn(on_signals(running.shutdown.clone()));
    say(format_args!("dudao 已就绪 serving on http://{address}"))?;
    running.wait().await
}

/// Binds an address, and says plainly when it is taken.
pub async fn listen(address: std::net::SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Other(format!("无法监听 cannot listen on {address}: {error}")))
}

/// Ends the process in order when it is asked to.
pub async fn on_signals(shutdown: Shutdown) {
    if let Err(error) = shutdown.clone().on_signals().await {
        tracing::error!(%error, "signals cannot be received; the process ends");
        shutdown.begin();
    }
}
