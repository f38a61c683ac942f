//! Flags of what ops run: `serve`, `demo`, `backup`, `restore`, `healthcheck`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use dudao_platform::config::ListenArgs;

use super::{Datum, Entrance, HandingOn};

/// Flags of `backup`.
#[derive(Args, Debug)]
pub struct Backup {
    /// The folder of backups; each becomes a folder in it, called after its instant.
    pub folder: PathBuf,
    /// Take away all but so many of the newest; by default none.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: Option<u16>,
}

/// Flags of `restore`.
#[derive(Args, Debug)]
pub struct Restore {
    /// A backup: the folder with its `backup.json`.
    pub backup: PathBuf,
}

/// Flags of `healthcheck`.
#[derive(Args, Debug)]
pub struct Healthcheck {
    /// The operators' port.
    #[arg(
        long,
        env = "DUDAO_ADMIN_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9090"
    )]
    pub address: SocketAddr,
    /// What is asked for: `readiness`, or `liveness`, which does not depend on the database.
    #[arg(long, value_name = "SERVICE", default_value = "readiness")]
    pub service: String,
}

/// Flags of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Whether to bring the databases up to date first. `false` refuses a schema on which this release can't work: where several
    /// processes share a database, and `dudao migrate` runs before them.
    #[arg(long, env = "DUDAO_MIGRATE", value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    pub migrate: bool,
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Who may come in, and how.
    #[command(flatten)]
    pub entrance: Entrance,
    /// Where events are handed on to.
    #[command(flatten)]
    pub handing_on: HandingOn,
    /// Serve only this service, or the console; those that it needs are reached at their addresses.
    #[arg(long, env = "DUDAO_ONLY", value_enum)]
    pub only: Option<Only>,
    /// The county's pages.
    #[command(flatten)]
    pub console: ConsoleArgs,
    /// Where services are that this process does not serve.
    #[command(flatten)]
    pub peers: Peers,
}

/// The county's pages.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Console")]
pub struct ConsoleArgs {
    /// Where browsers find the county's pages.
    #[arg(
        long,
        env = "DUDAO_CONSOLE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub console_listen: SocketAddr,
    /// Serve no pages.
    #[arg(long, env = "DUDAO_NO_CONSOLE")]
    pub no_console: bool,
    /// Tiles under the maps, such as `https://tiles.example.cn/{z}/{x}/{y}.png`: browsers then ask that host for them. None by default.
    #[arg(long, env = "DUDAO_CONSOLE_TILES", value_name = "URL")]
    pub console_tiles: Option<String>,
    /// In what the tiles show coordinates: places, which are kept in WGS-84, are moved to where such a map has them.
    #[arg(
        long,
        env = "DUDAO_CONSOLE_TILES_DATUM",
        value_enum,
        default_value_t = Datum::Wgs84
    )]
    pub console_tiles_datum: Datum,
    /// What the console is called at the issuer of `--oidc-issuer`: then users can sign in there, by an authorization code with PKCE. Its
    /// access tokens must be those that the services take.
    #[arg(
        long,
        env = "DUDAO_CONSOLE_OIDC_CLIENT",
        value_name = "ID",
        requires_all = ["oidc_issuer", "console_url"]
    )]
    pub console_oidc_client: Option<String>,
    /// A file with the secret by which the console proves to the issuer that it is the console; none for a public client.
    #[arg(long, env = "DUDAO_CONSOLE_OIDC_SECRET_FILE", value_name = "FILE")]
    pub console_oidc_secret_file: Option<PathBuf>,
    /// Where browsers find the console, such as `https://dudao.example.cn`: the issuer sends them back to `/login/back` there.
    #[arg(long, env = "DUDAO_CONSOLE_URL", value_name = "URL")]
    pub console_url: Option<String>,
}

/// What a process can serve alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Who and what.
    Registry,
    /// What is done.
    Inspection,
    /// What comes of it.
    Accountability,
    /// Plans.
    Scheduler,
    /// The county's pages.
    Console,
}

impl Only {
    /// The service; the console is none.
    pub fn service(self) -> Option<Service> {
        match self {
            Self::Registry => Some(Service::Registry),
            Self::Inspection => Some(Service::Inspection),
            Self::Accountability => Some(Service::Accountability),
            Self::Scheduler => Some(Service::Scheduler),
            Self::Console => None,
        }
    }
}

/// Addresses of services that are served elsewhere.
#[derive(Args, Clone, Debug)]
pub struct Peers {
    /// Address of the registry.
    #[arg(long, env = "DUDAO_REGISTRY", value_name = "URL", required_if_eq_any = [("only", "inspection"), ("only", "accountability"), ("only", "scheduler"), ("only", "console")])]
    pub registry: Option<String>,
    /// Address of the inspection.
    #[arg(long, env = "DUDAO_INSPECTION", value_name = "URL", required_if_eq_any = [("only", "registry"), ("only", "accountability"), ("only", "scheduler"), ("only", "console")])]
    pub inspection: Option<String>,
    /// Address of the accountability.
    #[arg(long, env = "DUDAO_ACCOUNTABILITY", value_name = "URL", required_if_eq_any = [("only", "registry"), ("only", "inspection"), ("only", "console")])]
    pub accountability: Option<String>,
    /// Address of the scheduler.
    #[arg(long, env = "DUDAO_SCHEDULER", value_name = "URL", required_if_eq_any = [("only", "registry"), ("only", "inspection"), ("only", "console")])]
    pub scheduler: Option<String>,
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Who and what.
    Registry,
    /// What is done.
    Inspection,
    /// What comes of it.
    Accountability,
    /// Plans.
    Scheduler,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 4] = [
        Self::Registry,
        Self::Inspection,
        Self::Accountability,
        Self::Scheduler,
    ];

    /// Those that follow its events.
    pub fn followers(self) -> &'static [Self] {
        match self {
            Self::Scheduler => &[Self::Registry, Self::Inspection],
            Self::Inspection => &[Self::Accountability],
            Self::Registry | Self::Accountability => &[],
        }
    }

    /// Its name, which is also that of its database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Inspection => "inspection",
            Self::Accountability => "accountability",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Flags of `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// End when everything is planned, instead of serving.
    #[arg(long)]
    pub once: bool,
    /// Where to listen.
    #[arg(long, env = "DUDAO_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// Who may come in, and how.
    #[command(flatten)]
    pub entrance: Entrance,
    /// The county's pages.
    #[command(flatten)]
    pub console: ConsoleArgs,
    /// Seed of the synthetic county.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Limits of the solves.
    #[arg(long, default_value_t = 40.0)]
    pub time: f64,
}
