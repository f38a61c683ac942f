//! What happens around every call, from the outside in: trace, metrics, panic, access, deadline, limit.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use http::{Request, Response};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::Service;
use tracing::Instrument as _;

use super::access::Access;
use super::act::Act;
use super::principal::{Identity, Principal};
use super::trace;
use crate::error::{Error, Result};
use crate::telemetry::rpc::{Call, Observed};

/// A unary call may take this long. Streams may go on; a caller may ask for less by `grpc-timeout`.
const DEADLINE: Duration = Duration::from_mins(1);
/// Calls under way at once; more wait within their deadline. A stream counts until its first answer.
const CALLS: usize = 512;

/// The services and all that is around them.
#[derive(Clone)]
pub(super) struct Stack {
    routes: Routes,
    access: Arc<Access>,
    calls: Arc<Semaphore>,
}

impl Stack {
    pub(super) fn around(routes: Routes, access: Access) -> Self {
        Self {
            routes,
            access: Arc::new(access),
            calls: Arc::new(Semaphore::new(CALLS)),
        }
    }
}

impl Service<Request<Body>> for Stack {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let stack = self.clone();
        Box::pin(async move { Ok(stack.observe(request).await) })
    }
}

impl Stack {
    /// Trace and metrics, and the last resort if anything below panics.
    async fn observe(self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        // Names that callers make up must not become labels.
        let method = if is_open(&path) || self.access.method(&path).is_some() {
            path.as_str()
        } else {
            "_OTHER"
        };
        let (span, trace_id) = trace::open(method, request.headers());
        let call = Call::begin(method, span.clone());
        let answer = AssertUnwindSafe(self.admit(&path, request)).catch_unwind();
        let response = trace::within(trace_id.clone(), async move {
            match answer.await {
                Ok(Ok(response)) => response,
                Ok(Err(status)) => status.into_http(),
                Err(panic) => panicked(&*panic).into_http(),
            }
        })
        .instrument(span)
        .await;
        Observed::wrap(response, call, trace_id)
    }

    /// Refuses who may not call; otherwise says who is calling, and answers in time.
    async fn admit(
        mut self,
        path: &str,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Status> {
        if is_open(path) {
            let Ok(response) = self.routes.call(request).await;
            return Ok(response);
        }
        let Some(method) = self.access.method(path) else {
            return Err(Status::unimplemented("no such method"));
        };
        let identity = Arc::new(Identity::local());
        let width = method.admit(path, &identity)?;
        let caller = Principal::new(identity, String::new(), width);
        let act = Act::of(&caller, path);
        request.extensions_mut().insert(caller);
        let deadline = if method.streams {
            Duration::MAX
        } else {
            DEADLINE
        };
        let answer = async {
            let _permit = self.calls.acquire().await.map_err(Error::internal)?;
            let Ok(response) = act.within(self.routes.call(request)).await;
            Ok(response)
        };
        tokio::time::timeout(deadline, answer)
            .await
            .unwrap_or_else(|_| {
                Err(Status::new(
                    Code::DeadlineExceeded,
                    "the call took too long",
                ))
            })
    }
}

/// Health and reflection tell nothing of anyone.
fn is_open(path: &str) -> bool {
    path.starts_with("/grpc.health.v1.Health/")
        || path.starts_with("/grpc.reflection.v1.ServerReflection/")
}

/// The panic's text goes into the log, and nowhere else.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Status {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    Error::internal(format!("panic: {text}")).into()
}
