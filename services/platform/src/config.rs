//! Flags that every process shares, each with its twin in the environment. The binary flattens them into its commands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Where data are kept.
#[derive(Args, Clone, Debug)]
pub struct StorageArgs {
    /// Folder of the embedded databases, one file a service.
    #[arg(
        long,
        env = "DUDAO_DATA",
        value_name = "DIR",
        default_value = "./data",
        conflicts_with = "database_url"
    )]
    pub data: PathBuf,

    /// A PostgreSQL database in place of the folder, such as `postgres://dudao@db/dudao`; each service has a schema of its own in it.
    #[arg(
        long,
        env = "DUDAO_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
}

impl StorageArgs {
    /// What [`crate::Db::open`] takes.
    pub fn url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.display()))
    }
}

/// Where to listen.
#[derive(Args, Clone, Debug)]
pub struct ListenArgs {
    /// Address for gRPC.
    #[arg(
        long,
        env = "DUDAO_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:50051"
    )]
    pub listen: SocketAddr,

    /// How long calls and solves under way have to come to an end when the process is asked to, in seconds.
    #[arg(
        long,
        env = "DUDAO_GRACE_SECONDS",
        value_name = "SECONDS",
        default_value_t = 25
    )]
    pub grace_seconds: u64,
}

/// What the process tells of itself.
#[derive(Args, Clone, Debug)]
pub struct TelemetryArgs {
    /// Which log lines to write, such as `info` or `warn,dudao_scheduler=debug`.
    #[arg(
        long,
        env = "DUDAO_LOG",
        value_name = "FILTER",
        default_value = "info",
        global = true
    )]
    pub log: String,

    /// How to write them.
    #[arg(long, env = "DUDAO_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,

    /// Collector of traces and metrics (OTLP over gRPC), such as `http://collector:4317`.
    #[arg(long, env = "DUDAO_OTLP_ENDPOINT", value_name = "URL", global = true)]
    pub otlp_endpoint: Option<String>,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object a line.
    Json,
}
