//! Which trace a call belongs to: from its caller if it says so, a new one otherwise.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, Method};
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use crate::clock::Ids;
use crate::telemetry;

/// The header by which a caller says in which trace it is (W3C Trace Context).
const TRACE_PARENT: &str = "traceparent";

tokio::task_local! {
    static TRACE_ID: Arc<str>;
}

/// The trace of the call under way, 32 hexadecimal digits; a new one outside of calls.
pub fn trace_id() -> String {
    TRACE_ID
        .try_with(ToString::to_string)
        .unwrap_or_else(|_| new_trace_id().to_string())
}

/// Runs a call as part of a trace.
pub(super) async fn within<T>(trace_id: Arc<str>, call: impl Future<Output = T>) -> T {
    TRACE_ID.scope(trace_id, call).await
}

/// The same for work that does not wait.
pub(crate) fn within_now<T>(trace_id: &Arc<str>, work: impl FnOnce() -> T) -> T {
    TRACE_ID.sync_scope(Arc::clone(trace_id), work)
}

/// Opens the span of a call below its caller's, and finds the trace's id.
pub(super) fn open(called: Called<'_>, headers: &HeaderMap) -> (Span, Arc<str>) {
    if !headers.contains_key(TRACE_PARENT) && !telemetry::exports_traces() {
        let trace_id = new_trace_id();
        return (span(called, Some(&trace_id)), trace_id);
    }
    let caller = TraceContextPropagator::new().extract(&Headers(headers));
    let known = caller.span().span_context().clone();
    if !known.is_valid() && telemetry::exports_traces() {
        // The exporter makes the id.
        let span = span(called, None);
        let own = span.context().span().span_context().trace_id().to_string();
        span.record("trace_id", &own);
        return (span, own.into());
    }
    let trace_id = if known.is_valid() {
        known.trace_id().to_string().into()
    } else {
        new_trace_id()
    };
    let span = span(called, Some(&trace_id));
    // Without an exporter no layer takes the parent, and the id alone goes on.
    let _taken = span.set_parent(caller).is_ok();
    (span, trace_id)
}

fn span(called: Called<'_>, trace_id: Option<&str>) -> Span {
    match (called, telemetry::exports_traces()) {
        (Called::Method(method), true) => tracing::info_span!(
            "rpc",
            otel.name = method,
            otel.kind = "server",
            rpc.system.name = "grpc",
            rpc.method = method,
            trace_id
        ),
        (Called::Method(method), false) => {
            tracing::info_span!("rpc", rpc.method = method, trace_id)
        }
        (Called::Page(method, route), _) => tracing::info_span!(
            "page",
            otel.name = format!("{method} {route}"),
            otel.kind = "server",
            http.request.method = %method,
            http.route = route,
            trace_id
        ),
    }
}

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Called<'a> {
    /// An RPC.
    Method(&'a str),
    /// A page, by its route.
    Page(&'a Method, &'a str),
}

/// Hands the trace of the current span on to whoever is called.
pub(super) fn hand_on(headers: &mut HeaderMap) {
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut Carried(headers));
}

/// A UUID has as many digits as a trace id.
fn new_trace_id() -> Arc<str> {
    let mut digits = Uuid::encode_buffer();
    let id = Ids::system().uuid().simple();
    Arc::from(&*id.encode_lower(&mut digits))
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Carried<'a>(&'a mut HeaderMap);

impl Injector for Carried<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(key), Ok(value)) = (HeaderName::from_bytes(key.as_bytes()), value.parse()) {
            self.0.insert(key, value);
        }
    }
}
