//! `dudao serve`.

use std::net::SocketAddr;
use std::time::Duration;

use dudao_platform::lifecycle::Shutdown;
use dudao_platform::rpc::{Gate, Grant, LOGIN_MINUTES};
use tokio::net::TcpListener;

use crate::args::{Entrance, Place, Serve};
use crate::assembly::Assembly;
use crate::commands::login;
use crate::failure::{Failure, Result};
use crate::output::say;

/// Serves until asked to end.
pub async fn run(place: &Place, args: &Serve) -> Result<()> {
    let assembly = Assembly::of(place, args).await?;
    let (assembly, address) = open(place, assembly, args.listen.listen, &args.entrance).await?;
    let gate = assembly.gate.clone();
    let running = assembly.start(Duration::from_secs(args.listen.grace_seconds));
    tokio::spawn(on_signals(running.shutdown.clone()));
    let ready = format!("dudao 已就绪 serving on {address}");
    let told = say(if args.entrance.tells_a_link() {
        format!("{ready}\n{}", invitation(&gate, &address)?)
    } else {
        ready
    });
    // Whoever has read the address may not read on: no reason to end.
    if !matches!(told, Err(Failure::ReaderGone)) {
        told?;
    }
    running.wait().await
}

/// Opens the sockets, and tells the address.
pub async fn open(
    place: &Place,
    mut assembly: Assembly,
    listen: SocketAddr,
    entrance: &Entrance,
) -> Result<(Assembly, String)> {
    let secured = place.identity.tls_cert.is_some();
    if !secured && !listen.ip().is_loopback() && !entrance.insecure_listen {
        return Err(Failure::Input(format!(
            "监听 {listen} 须配置证书（--tls-cert、--tls-key），或明确指定 --insecure-listen\n\
             Listening on {listen} needs a certificate (--tls-cert, --tls-key), or --insecure-listen in so many words."
        )));
    }
    let listener = bind(listen).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Other(error.to_string()))?;
    assembly = assembly.listen(listener);
    if let Some(admin) = entrance.admin_listen {
        assembly = assembly.listen_admin(bind(admin).await?);
    }
    let scheme = if secured { "https" } else { "http" };
    Ok((assembly, format!("{scheme}://{address}")))
}

/// The one-time link by which whoever started the server signs in as the county's office.
pub fn invitation(gate: &Gate, address: &str) -> Result<String> {
    let office = Grant {
        roles: vec!["planner".to_owned(), "chief_supervisor".to_owned()],
        county: "*".to_owned(),
        own: Vec::new(),
    };
    let code = gate.authority.login_code("office", office)?;
    let link = login::link(address, &code);
    Ok(format!(
        "一次性登录（{LOGIN_MINUTES} 分钟内有效）one-time login, good for {LOGIN_MINUTES} minutes:\n  dudao login '{link}'"
    ))
}

/// Binds an address, and says plainly when it is taken.
async fn bind(address: SocketAddr) -> Result<TcpListener> {
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
