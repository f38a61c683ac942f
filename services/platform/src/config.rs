//! Flags that every process shares, each with its twin in the environment. The binary flattens them into its commands.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

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
