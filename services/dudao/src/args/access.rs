//! Flags of who may call, and of how calls are made.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, Subcommand};
use dudao_platform::Clock;
use dudao_platform::events::Fanout;
use dudao_platform::keys::KeyRing;
use dudao_platform::rpc::{Authority, Gate, Grant, IpNet, Limits, OidcSettings, Proofs, TlsFiles};

use super::Format;
use crate::args::Service;
use crate::failure::{Failure, Result};

/// Certificates, keys, and how a command proves who calls.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Who calls")]
pub struct Identity {
    /// Folder of the installation's keys; by default `keys` in the data folder. Processes of one installation share it.
    #[arg(long, env = "DUDAO_KEYS", value_name = "DIR", global = true)]
    pub keys: Option<PathBuf>,
    /// The own certificate in PEM: shown to clients by a server, to servers by a client.
    #[arg(
        long,
        env = "DUDAO_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key",
        global = true
    )]
    pub tls_cert: Option<PathBuf>,
    /// The key of the own certificate.
    #[arg(
        long,
        env = "DUDAO_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert",
        global = true
    )]
    pub tls_key: Option<PathBuf>,
    /// The authorities in PEM whose certificates the other side may have.
    #[arg(long, env = "DUDAO_TLS_CA", value_name = "FILE", global = true)]
    pub tls_ca: Option<PathBuf>,
    /// A token to send to the server; by default that of `dudao login`.
    #[arg(
        long,
        env = "DUDAO_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        requires = "server",
        global = true
    )]
    pub token: Option<String>,
    /// Where `dudao login` keeps tokens; by default `.config/dudao/tokens.json` in the home folder.
    #[arg(long, env = "DUDAO_TOKENS", value_name = "FILE", global = true)]
    pub tokens: Option<PathBuf>,
    #[arg(long, env = "HOME", hide = true, global = true)]
    home: Option<PathBuf>,
}

impl Identity {
    /// The files of certificates.
    pub fn tls(&self) -> TlsFiles {
        TlsFiles {
            cert: self.tls_cert.clone(),
            key: self.tls_key.clone(),
            ca: self.tls_ca.clone(),
        }
    }

    /// The folder of keys.
    pub fn keys_folder(&self, data: &Path) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| data.join("keys"))
    }

    /// Where tokens of `dudao login` are kept.
    pub fn tokens_file(&self) -> Result<PathBuf> {
        let home = || {
            let home = self.home.as_ref()?;
            Some(home.join(".config/dudao/tokens.json"))
        };
        self.tokens.clone().or_else(home).ok_or_else(|| {
            Failure::Input(
                "请用 --tokens 指明令牌文件\nName the file of tokens by --tokens.".into(),
            )
        })
    }
}

/// Where events are handed on to.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Events handed on")]
#[expect(clippy::struct_field_names, reason = "flags are called so")]
pub struct HandingOn {
    /// NATS servers with JetStream to which every event is handed on, such as `nats://nats:4222`. None by default.
    #[arg(long, env = "DUDAO_NATS_URL", value_name = "URL")]
    pub nats_url: Option<String>,
    /// The JetStream stream; made if it is not there.
    #[arg(
        long,
        env = "DUDAO_NATS_STREAM",
        value_name = "NAME",
        default_value = "DUDAO"
    )]
    pub nats_stream: String,
    /// A file of NATS credentials.
    #[arg(long, env = "DUDAO_NATS_CREDENTIALS", value_name = "FILE")]
    pub nats_credentials: Option<PathBuf>,
    /// The authorities of the NATS servers' certificates in PEM, where they are not public ones.
    #[arg(long, env = "DUDAO_NATS_CA", value_name = "FILE")]
    pub nats_ca: Option<PathBuf>,
}

impl HandingOn {
    /// Where to, if anywhere.
    pub fn fanout(&self) -> Option<Fanout> {
        Some(Fanout {
            url: self.nats_url.clone()?,
            stream: self.nats_stream.clone(),
            credentials: self.nats_credentials.clone(),
            ca: self.nats_ca.clone(),
        })
    }
}

/// Who may come in, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Who may come in")]
pub struct Entrance {
    /// Listen in the clear on an address that other machines reach: only behind something that speaks TLS for us.
    #[arg(long, env = "DUDAO_INSECURE_LISTEN")]
    pub insecure_listen: bool,
    /// Address of the operators' port: health in the clear, and `/metrics`. None by default.
    #[arg(long, env = "DUDAO_ADMIN_LISTEN", value_name = "ADDRESS")]
    pub admin_listen: Option<std::net::SocketAddr>,
    /// An OpenID Connect issuer whose tokens are taken, by its URL.
    #[arg(long, env = "DUDAO_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// The audience that its tokens must name.
    #[arg(
        long,
        env = "DUDAO_OIDC_AUDIENCE",
        value_name = "NAME",
        default_value = "dudao"
    )]
    pub oidc_audience: String,
    /// The claim of its tokens that holds roles, county and own.
    #[arg(
        long,
        env = "DUDAO_OIDC_CLAIM",
        value_name = "NAME",
        default_value = "dudao"
    )]
    pub oidc_claim: String,
    /// The authority of its certificate in PEM, where it is not a public one.
    #[arg(long, env = "DUDAO_OIDC_CA", value_name = "FILE")]
    pub oidc_ca: Option<PathBuf>,
    /// Whether tokens signed by the installation's own keys are taken; by default only without an issuer.
    #[arg(long, env = "DUDAO_OWN_TOKENS", value_name = "BOOL", action = ArgAction::Set)]
    pub own_tokens: Option<bool>,
    /// The list of who holds which client certificate, in TOML.
    #[arg(long, env = "DUDAO_PEERS", value_name = "FILE")]
    pub peers: Option<PathBuf>,
    /// Networks of proxies whose `X-Forwarded-For` is taken for where callers come from, such as `10.0.0.0/8`: an ingress in front of the
    /// console, and a console of its own in front of the services. Whoever is not signed in is counted by that address.
    #[arg(
        long,
        env = "DUDAO_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    pub proxies: Vec<IpNet>,
    /// Let anyone ask for the contract (gRPC reflection): for development.
    #[arg(long, env = "DUDAO_REFLECTION")]
    pub reflection: bool,
    /// Let browsers call by themselves (gRPC-Web).
    #[arg(long, env = "DUDAO_GRPC_WEB")]
    pub grpc_web: bool,
    /// Calls a second that one caller may make on average.
    #[arg(long, env = "DUDAO_CALLS_PER_SECOND", value_name = "COUNT", default_value_t = Limits::default().per_second)]
    pub calls_per_second: NonZeroU32,
    /// Calls and streams that one caller may have open at once.
    #[arg(long, env = "DUDAO_CALLS_AT_ONCE", value_name = "COUNT", default_value_t = Limits::default().at_once)]
    pub calls_at_once: usize,
}

impl Entrance {
    /// Whether the server prints a link to sign in by: where its own tokens are taken.
    pub fn tells_a_link(&self) -> bool {
        self.own_tokens.unwrap_or(self.oidc_issuer.is_none())
    }

    /// The authority of the issuer's certificate.
    pub fn issuer_ca(&self) -> Result<Option<Vec<u8>>> {
        let ca = self.oidc_ca.as_ref().map(std::fs::read).transpose();
        ca.map_err(|error| Failure::Input(format!("--oidc-ca: {error}")))
    }

    /// The gate of a server with these keys.
    pub fn gate(&self, keys: &KeyRing, clock: Clock) -> Result<Gate> {
        let oidc = self.oidc_issuer.as_ref().map(|issuer| {
            Ok::<_, Failure>(OidcSettings {
                issuer: issuer.clone(),
                audience: self.oidc_audience.clone(),
                claim: self.oidc_claim.clone(),
                ca: self.issuer_ca()?,
            })
        });
        let proofs = Proofs {
            keys: Some(keys.clone()),
            own_tokens: self.tells_a_link(),
            oidc: oidc.transpose()?,
            peers: self.peers.clone(),
        };
        Ok(Gate {
            authority: Authority::new(proofs, clock)?,
            limits: Limits {
                per_second: self.calls_per_second,
                at_once: self.calls_at_once,
            },
            proxies: self.proxies.clone().into(),
            reflection: self.reflection,
            grpc_web: self.grpc_web,
        })
    }
}

/// `token …`.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Sign a token with the installation's keys, and print it.
    Issue(IssueToken),
    /// Make a key that signs from now on; tokens of the others are taken until they expire.
    Rotate,
    /// Take the tokens of a key no longer.
    Retire {
        /// The key's id.
        key: String,
    },
    /// List the keys.
    Keys {
        /// For people or for machines.
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
}

/// Flags of `token issue`.
#[derive(Args, Debug)]
pub struct IssueToken {
    /// Who holds it, as the audit trail will name them.
    #[arg(long, value_name = "NAME")]
    pub subject: String,
    /// A role: planner, chief_supervisor, supervisor, unit_liaison, school, town, superior_reader, superior_issuer,
    /// auditor, operator. Give it once for each.
    #[arg(long, required = true, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Counties that it reaches: 6 digits of GB/T 2260, the first 2 or 4 for a province or city, or `*`.
    #[arg(long, default_value = "", value_name = "CODE")]
    pub scope: String,
    /// What is its own, for supervisors, units, schools and towns: `counties/140525/schools/S1`.
    #[arg(long, value_name = "RESOURCE")]
    pub own: Vec<String>,
    /// For how many hours it is good.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=8784))]
    pub hours: u32,
}

impl IssueToken {
    /// What the token says.
    pub fn grant(&self) -> Grant {
        Grant {
            roles: self.role.clone(),
            county: self.scope.clone(),
            own: self.own.clone(),
        }
    }
}

/// Flags of `login`.
#[derive(Args, Debug)]
pub struct Login {
    /// The link that the server printed when it started.
    pub link: String,
}

/// `audit …`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that the past of every service is as it was recorded.
    Verify {
        /// For people or for machines.
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
    /// Write the trail of a service as lines of JSON, and a signed head beside it.
    Export {
        /// Which service's.
        #[arg(value_enum)]
        of: Service,
        /// The file to write; the signed head goes into FILE.head.json.
        #[arg(short, long, value_name = "FILE")]
        file: PathBuf,
        /// Up to the end of this day, `YYYY-MM-DD`; by default all of it.
        #[arg(long, value_name = "DAY")]
        until: Option<chrono::NaiveDate>,
    },
    /// Write the trail up to the end of a day, and take it out of the database. Who followed from there starts from a snapshot.
    Archive {
        /// Which service's.
        #[arg(value_enum)]
        of: Service,
        /// The file to write; the signed head goes into FILE.head.json.
        #[arg(short, long, value_name = "FILE")]
        file: PathBuf,
        /// The day, `YYYY-MM-DD`.
        #[arg(long, value_name = "DAY")]
        until: chrono::NaiveDate,
    },
}

/// Flags of `watch`.
#[derive(Args, Debug)]
pub struct Watch {
    /// Which service's events.
    #[arg(value_enum)]
    pub of: Service,
    /// Begin behind this cursor; by default with the first event.
    #[arg(long, default_value = "")]
    pub cursor: String,
    /// Keep the cursor in this file, and go on from it.
    #[arg(long, value_name = "FILE", conflicts_with = "cursor")]
    pub cursor_file: Option<PathBuf>,
    /// Only counties whose code begins with this.
    #[arg(long, default_value = "", value_name = "PREFIX")]
    pub counties: String,
    /// Only these kinds.
    #[arg(long)]
    pub kind: Vec<String>,
    /// Only resources whose name begins with this.
    #[arg(long, default_value = "")]
    pub resource: String,
    /// End when all was told, instead of following.
    #[arg(long)]
    pub stop: bool,
    /// Check the county's chain on the way. Needs all kinds and resources.
    #[arg(long, conflicts_with_all = ["kind", "resource"])]
    pub check: bool,
    /// For people or for machines.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}
