//! Rate, errors and duration of calls: the histogram `rpc.server.call.duration`, in seconds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use opentelemetry::metrics::Histogram;
use opentelemetry::{KeyValue, global};
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::Span;

use crate::rpc::{Pass, panicked, trace};

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("dudao")
        .f64_histogram("rpc.server.call.duration")
        .with_unit("s")
        .with_description("Duration of calls, to the end of their stream")
        .with_boundaries(vec![
            0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0,
        ])
        .build()
});

/// The name of a code as gRPC and OpenTelemetry write it.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// A call under way. Recorded when dropped: as cancelled, unless it was told how it ended.
pub(crate) struct Call {
    method: Arc<str>,
    span: Span,
    begun: Instant,
    code: Code,
}

impl Call {
    pub(crate) fn begin(method: Arc<str>, span: Span) -> Self {
        Self {
            method,
            span,
            begun: Instant::now(),
            code: Code::Cancelled,
        }
    }

    /// Takes the status from headers or trailers, where it is in them.
    fn note(&mut self, headers: &HeaderMap) {
        if let Some(code) = headers.get("grpc-status") {
            self.code = Code::from_bytes(code.as_bytes());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Self {
            method,
            span,
            begun,
            code,
        } = self;
        let seconds = begun.elapsed().as_secs_f64();
        DURATION.record(
            seconds,
            &[
                KeyValue::new("rpc.system.name", "grpc"),
                KeyValue::new("rpc.method", Arc::clone(method)),
                KeyValue::new("rpc.response.status_code", name_of(*code)),
            ],
        );
        tracing::debug!(parent: &*span, ?code, seconds, "call ended");
    }
}

/// A response's body that sees how the call ends, and turns a panic in a stream into INTERNAL.
pub(crate) struct Observed {
    body: Body,
    call: Option<Call>,
    trace_id: Arc<str>,
    /// Whether work is done while it is sent; one answer is written before.
    streams: bool,
    /// The call is under way until the last of the answer is sent.
    _pass: Option<Pass>,
}

impl Observed {
    pub(crate) fn wrap(
        response: Response<Body>,
        mut call: Call,
        (trace_id, streams): (Arc<str>, bool),
        pass: Option<Pass>,
    ) -> Response<Body> {
        call.note(response.headers());
        response.map(|body| {
            Body::new(Self {
                body,
                call: Some(call),
                trace_id,
                streams,
                _pass: pass,
            })
        })
    }
}

fn within<T>(span: &Span, trace_id: &Arc<str>, work: impl FnOnce() -> T) -> T {
    span.in_scope(|| trace::within_now(trace_id, work))
}

impl HttpBody for Observed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(span) = this.call.as_ref().map(|call| &call.span) else {
            return Poll::Ready(None);
        };
        let body = Pin::new(&mut this.body);
        let poll = || catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx)));
        let polled = if this.streams {
            within(span, &this.trace_id, poll)
        } else {
            poll()
        };
        let polled = polled.unwrap_or_else(|panic| {
            let mut trailers = HeaderMap::new();
            let told = within(span, &this.trace_id, || {
                panicked(&*panic).add_header(&mut trailers)
            });
            Poll::Ready(Some(told.map(|()| Frame::trailers(trailers))))
        });
        if let (Poll::Ready(frame), Some(call)) = (&polled, &mut this.call) {
            match frame {
                Some(Ok(frame)) => {
                    if let Some(trailers) = frame.trailers_ref() {
                        call.note(trailers);
                        this.call = None;
                    }
                }
                Some(Err(status)) => {
                    call.code = status.code();
                    this.call = None;
                }
                None => this.call = None,
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
