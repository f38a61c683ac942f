//! `dudao serve`.

use std::net::SocketAddr;
use std::time::Duration;

use dudao_console::{Issuer, IssuerSettings, Tiles};
use dudao_platform::lifecycle::Shutdown;
use dudao_platform::rpc::{Gate, Grant, LOGIN_MINUTES};
use tokio::net::TcpListener;

use crate::args::{ConsoleArgs, Entrance, Only, Peers, Place, Serve};
use crate::assembly::Assembly;
use crate::commands::login;
use crate::failure::{Failure, Result};
use crate::output::say;

/// Serves until asked to end.
pub async fn run(place: &Place, args: &Serve) -> Result<()> {
    let assembly = Assembly::of(place, args).await?;
    let peers = args.only.is_some().then_some(&args.peers);
    let (assembly, doors) = match args.only {
        Some(Only::Console) => {
            let assembly = listen_admin(assembly, &args.entrance).await?;
            let doors = Doors::default();
            open_console(place, assembly, doors, &args.console, &args.entrance, peers).await?
        }
        Some(_) => open(place, assembly, args.listen.listen, &args.entrance).await?,
        None => {
            let opened = open(place, assembly, args.listen.listen, &args.entrance).await?;
            let (assembly, doors) = opened;
            open_console(place, assembly, doors, &args.console, &args.entrance, None).await?
        }
    };
    let gate = assembly.gate.clone();
    let running = assembly.start(Duration::from_secs(args.listen.grace_seconds));
    tokio::spawn(on_signals(running.shutdown.clone()));
    let ready = format!("dudao 已就绪 serving on {}", doors.first());
    let told = say(if args.entrance.tells_a_link() {
        format!("{ready}\n{}", invitation(&gate, &doors)?)
    } else {
        ready
    });
    // Whoever has read the address may not read on: no reason to end.
    if !matches!(told, Err(Failure::ReaderGone)) {
        told?;
    }
    running.wait().await
}

/// Where a process is reached.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// By clients of the services; "" if it serves none.
    pub services: String,
    /// By browsers; "" if it serves no pages.
    pub console: String,
}

impl Doors {
    /// The first there is.
    pub fn first(&self) -> &str {
        if self.services.is_empty() {
            &self.console
        } else {
            &self.services
        }
    }
}

/// Opens the services' sockets, and tells their address.
pub async fn open(
    place: &Place,
    assembly: Assembly,
    listen: SocketAddr,
    entrance: &Entrance,
) -> Result<(Assembly, Doors)> {
    let (listener, services) = open_one(place, listen, "--listen", entrance).await?;
    let assembly = listen_admin(assembly.listen(listener), entrance).await?;
    let doors = Doors {
        services,
        ..Doors::default()
    };
    Ok((assembly, doors))
}

/// Opens the console's socket, unless it is not wanted, and tells its address too.
pub async fn open_console(
    place: &Place,
    assembly: Assembly,
    doors: Doors,
    args: &ConsoleArgs,
    entrance: &Entrance,
    peers: Option<&Peers>,
) -> Result<(Assembly, Doors)> {
    if args.no_console {
        return Ok((assembly, doors));
    }
    let flag = "--console-listen（不需要页面时 or without pages --no-console）";
    let (listener, console) = open_one(place, args.console_listen, flag, entrance).await?;
    let settings = dudao_console::Settings {
        tiles: args.console_tiles.clone().map(|address| Tiles {
            address,
            datum: args.console_tiles_datum.into(),
        }),
        proxies: entrance.proxies.clone().into(),
        issuer: issuer(args, entrance)?,
    };
    let assembly = assembly.listen_console(listener, peers, settings)?;
    Ok((assembly, Doors { console, ..doors }))
}

/// Where the console's users sign in, if anywhere.
fn issuer(args: &ConsoleArgs, entrance: &Entrance) -> Result<Option<Issuer>> {
    let (Some(url), Some(client), Some(console)) = (
        &entrance.oidc_issuer,
        &args.console_oidc_client,
        &args.console_url,
    ) else {
        return Ok(None);
    };
    let secret = args.console_oidc_secret_file.as_ref();
    let secret = secret.map(std::fs::read_to_string).transpose();
    let secret =
        secret.map_err(|error| Failure::Input(format!("--console-oidc-secret-file: {error}")))?;
    let settings = IssuerSettings {
        url: url.clone(),
        client_id: client.clone(),
        client_secret: secret.map(|secret| secret.trim().to_owned()),
        console: console.clone(),
        ca: entrance.issuer_ca()?,
    };
    Ok(Some(Issuer::new(settings)?))
}

async fn listen_admin(assembly: Assembly, entrance: &Entrance) -> Result<Assembly> {
    Ok(match entrance.admin_listen {
        Some(admin) => assembly.listen_admin(bind(admin, "--admin-listen").await?),
        None => assembly,
    })
}

/// Opens a socket, and tells its address.
async fn open_one(
    place: &Place,
    listen: SocketAddr,
    flag: &str,
    entrance: &Entrance,
) -> Result<(TcpListener, String)> {
    let secured = place.identity.tls_cert.is_some();
    if !secured && !listen.ip().is_loopback() && !entrance.insecure_listen {
        return Err(Failure::Input(format!(
            "监听 {listen} 须配置证书（--tls-cert、--tls-key），或明确指定 --insecure-listen\n\
             Listening on {listen} needs a certificate (--tls-cert, --tls-key), or --insecure-listen in so many words."
        )));
    }
    let listener = bind(listen, flag).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Other(error.to_string()))?;
    let scheme = if secured { "https" } else { "http" };
    Ok((listener, format!("{scheme}://{address}")))
}

/// The one-time links by which whoever started the server signs in as the county's office: one for a browser, one for the command
/// line. Codes of this process are good here alone.
pub fn invitation(gate: &Gate, doors: &Doors) -> Result<String> {
    if doors.services.is_empty() {
        return Ok(format!("控制台 console: {}", doors.console));
    }
    let office = || Grant {
        roles: vec!["planner".to_owned(), "chief_supervisor".to_owned()],
        county: "*".to_owned(),
        own: Vec::new(),
    };
    let mut text = format!(
        "一次性登录（{LOGIN_MINUTES} 分钟内有效）one-time login, good for {LOGIN_MINUTES} minutes:"
    );
    if !doors.console.is_empty() {
        let code = gate.authority.login_code("office", office())?;
        text += &format!("\n  控制台 console: {}", login::link(&doors.console, &code));
    }
    let code = gate.authority.login_code("office", office())?;
    text += &format!("\n  dudao login '{}'", login::link(&doors.services, &code));
    Ok(text)
}

/// Binds an address, and says plainly when it is taken, and which flag names another.
async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Other(format!(
            "无法监听 cannot listen on {address}: {error}；可换地址 another one by {flag}"
        ))
    })
}

/// Ends the process in order when it is asked to.
pub async fn on_signals(shutdown: Shutdown) {
    if let Err(error) = shutdown.clone().on_signals().await {
        tracing::error!(%error, "signals cannot be received; the process ends");
        shutdown.begin();
    }
}
