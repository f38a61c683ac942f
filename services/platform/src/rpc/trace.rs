//! Which trace a call belongs to: from its caller if it says so, a new one otherwise.

use http::{HeaderMap, HeaderName};
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::clock::Ids;

tokio::task_local! {
    static TRACE_ID: String;
}

/// The trace of the call under way, 32 hexadecimal digits; a new one outside of calls.
pub fn trace_id() -> String {
    TRACE_ID
        .try_with(Clone::clone)
        .unwrap_or_else(|_| new_trace_id())
}

/// Runs a call as part of a trace.
pub(super) async fn within<T>(trace_id: String, call: impl Future<Output = T>) -> T {
    TRACE_ID.scope(trace_id, call).await
}

/// The same for work that does not wait.
pub(crate) fn within_now<T>(trace_id: &str, work: impl FnOnce() -> T) -> T {
    TRACE_ID.sync_scope(trace_id.to_owned(), work)
}

/// Opens the span of a call below its caller's, and finds the trace's id.
pub(super) fn open(method: &str, headers: &HeaderMap) -> (Span, String) {
    let caller = TraceContextPropagator::new().extract(&Headers(headers));
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        rpc.method = method,
        trace_id = tracing::field::Empty
    );
    let known = caller.span().span_context().clone();
    // Without an exporter no layer takes the parent, and the id alone goes on.
    let _taken = span.set_parent(caller).is_ok();
    let own = span.context().span().span_context().clone();
    let trace_id = [own, known]
        .iter()
        .find(|context| context.is_valid())
        .map_or_else(new_trace_id, |context| context.trace_id().to_string());
    span.record("trace_id", &trace_id);
    (span, trace_id)
}

/// Hands the trace of the current span on to whoever is called.
pub(super) fn hand_on(headers: &mut HeaderMap) {
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut Carried(headers));
}

/// A UUID has as many digits as a trace id.
fn new_trace_id() -> String {
    Ids::system().next().replace('-', "")
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
