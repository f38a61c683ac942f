//! What a process tells of itself: logs, traces, and one histogram of calls. No personal data: names of methods and
//! codes, never a request's content.

pub(crate) mod http;
pub(crate) mod rpc;
pub(crate) mod storage;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{LogFormat, TelemetryArgs};
use crate::error::{Error, Result};

/// What Prometheus is shown.
static SCRAPED: LazyLock<prometheus::Registry> = LazyLock::new(prometheus::Registry::new);

/// The metrics of this process in Prometheus' text format.
pub(crate) fn prometheus() -> Result<String> {
    prometheus::TextEncoder::new()
        .encode_to_string(&SCRAPED.gather())
        .map_err(Error::internal)
}

/// Whether this process sends traces away.
static EXPORTS_TRACES: AtomicBool = AtomicBool::new(false);

pub(crate) fn exports_traces() -> bool {
    EXPORTS_TRACES.load(Ordering::Relaxed)
}

/// What is running.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// The process as traces name it, such as `dudao-registry`.
    pub name: String,
    /// The release.
    pub version: &'static str,
    /// The commit that it was built from.
    pub commit: &'static str,
    /// Each part of it, with the schema that it wants: `("registry", "2.2")`.
    pub parts: Vec<(&'static str, String)>,
}

impl Build {
    /// Shows a one for each part, by which it can be seen who runs what.
    fn tell(&self) {
        let info = global::meter("dudao")
            .u64_gauge("dudao.build.info")
            .with_description("1 for each part of a process, with what it was built from")
            .build();
        for (part, schema) in &self.parts {
            let labels = [
                KeyValue::new("part", *part),
                KeyValue::new("version", self.version),
                KeyValue::new("commit", self.commit),
                KeyValue::new("schema", schema.clone()),
            ];
            info.record(1, &labels);
        }
    }
}

/// What goes into traces: the spans of calls and transactions, and the statements in them, without their values.
const TRACED: &str = "info,sqlx::query=debug";

/// Sends what is left when dropped at the end of `main`.
#[derive(Debug)]
#[must_use = "dropping it ends the exporters"]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    metrics: Option<SdkMeterProvider>,
}

/// Starts logs on standard error, and traces and metrics over OTLP where an endpoint is given. Once a process, within
/// its runtime.
pub fn start(args: &TelemetryArgs, build: &Build) -> Result<Telemetry> {
    let filter = EnvFilter::try_new(&args.log).map_err(|error| {
        Error::invalid(
            "log",
            format!("日志过滤规则有误：{error}"),
            format!("is no filter of logs: {error}"),
        )
    })?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match args.log_format {
        LogFormat::Json => log.json().flatten_event(true).boxed(),
        LogFormat::Text => log.boxed(),
    };
    let mut started = Telemetry {
        traces: None,
        metrics: None,
    };
    let scraped = opentelemetry_prometheus::exporter()
        .with_registry(SCRAPED.clone())
        .build()
        .map_err(Error::internal)?;
    let mut meters = SdkMeterProvider::builder().with_reader(scraped);
    if let Some(endpoint) = &args.otlp_endpoint {
        let resource = Resource::builder()
            .with_service_name(build.name.clone())
            .with_attribute(KeyValue::new("service.version", build.version))
            .with_attribute(KeyValue::new("vcs.ref.head.revision", build.commit))
            .build();
        let spans = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(Error::internal)?;
        let metrics = opentelemetry_otlp::MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(Error::internal)?;
        let traces = SdkTracerProvider::builder()
            .with_batch_exporter(spans)
            .with_resource(resource.clone())
            .build();
        meters = meters
            .with_periodic_exporter(metrics)
            .with_resource(resource);
        global::set_text_map_propagator(TraceContextPropagator::new());
        EXPORTS_TRACES.store(true, Ordering::Relaxed);
        started.traces = Some(traces);
    }
    let meters = meters.build();
    global::set_meter_provider(meters.clone());
    started.metrics = Some(meters);
    build.tell();
    let spans = started.traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("dudao"))
            .with_filter(EnvFilter::new(TRACED))
    });
    tracing_subscriber::registry()
        .with(spans)
        .with(log.with_filter(filter))
        .try_init()
        .map_err(Error::internal)?;
    Ok(started)
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        let ends = [
            self.traces.as_ref().map(SdkTracerProvider::shutdown),
            self.metrics.as_ref().map(SdkMeterProvider::shutdown),
        ];
        for error in ends.into_iter().flatten().filter_map(Result::err) {
            tracing::warn!(%error, "the last telemetry could not be sent");
        }
    }
}
