//! Rate, errors and duration of pages: the histogram `http.server.request.duration`, in seconds.

use std::sync::LazyLock;
use std::time::Duration;

use http::{Method, StatusCode};
use opentelemetry::metrics::Histogram;
use opentelemetry::{KeyValue, global};

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("dudao")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("Duration of requests for pages, to the head of their answer")
        .with_boundaries(vec![
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ])
        .build()
});

/// Tells of a request. Its route is the pattern, never an address that somebody asked for.
pub(crate) fn tell(method: &Method, route: &str, status: StatusCode, took: Duration) {
    // Methods that callers make up must not become labels.
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "_OTHER",
    };
    let labels = [
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
    ];
    DURATION.record(took.as_secs_f64(), &labels);
}
