//! What happens around every call, from the outside in: trace, metrics, panic, who calls, access, limits, deadline.

use std::any::Any;
use std::convert::Infallible;
use std::net::IpAddr;
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
use tower_http::timeout::TimeoutBody;
use tracing::Instrument as _;

use super::access::{Access, Method};
use super::act::Act;
use super::authority::Authority;
use super::door::Peer;
use super::limit::{Pass, Turnstile};
use super::principal::{Identity, Principal};
use super::proxies::{self, Proxies};
use super::refusals::Refusals;
use super::trace::{self, Called};
use crate::error::{Error, Result};
use crate::telemetry::rpc::{Call, Observed};

/// A unary call may take this long. Streams may go on; a caller may ask for less by `grpc-timeout`.
const DEADLINE: Duration = Duration::from_mins(1);
/// A caller that streams to us may be silent for this long.
const SILENCE: Duration = Duration::from_mins(1);
/// Calls under way at once; more wait within their deadline. A stream counts until its first answer.
const CALLS: usize = 512;

/// Stands for every method that there is not.
const OTHER: &str = "_OTHER";

/// The services and all that is around them. Cheap to clone: every call has its own.
#[derive(Clone)]
pub(super) struct Stack {
    routes: Routes,
    pub(super) around: Arc<Around>,
    door: Door,
}

/// What is around the services.
pub(super) struct Around {
    access: Access,
    authority: Authority,
    turnstile: Turnstile,
    proxies: Proxies,
    pub(super) refusals: Refusals,
    calls: Semaphore,
}

/// How a call comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// From this process: whoever has it has the machine.
    Inside,
    /// From this process, for somebody else, whose token alone counts.
    Errand,
    /// By a socket.
    Outside,
}

impl Stack {
    pub(super) fn new(
        routes: Routes,
        access: Access,
        (authority, turnstile, proxies): (Authority, Turnstile, Proxies),
    ) -> Self {
        let around = Around {
            access,
            authority,
            turnstile,
            proxies,
            refusals: Refusals::default(),
            calls: Semaphore::new(CALLS),
        };
        Self {
            routes,
            around: Arc::new(around),
            door: Door::Outside,
        }
    }

    /// The same services behind another door.
    pub(super) fn at(self, door: Door) -> Self {
        Self { door, ..self }
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
        Box::pin(self.clone().observe(request).map(Ok))
    }
}

impl Stack {
    /// Trace and metrics, and the last resort if anything below panics.
    async fn observe(self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path();
        // Names that callers make up must not become labels.
        let (method, streams) = match self.around.access.method(path) {
            Some(method) => (Arc::clone(&method.name), method.streams),
            None if is_open(path) => (path.trim_start_matches('/').into(), true),
            None => (OTHER.into(), false),
        };
        let (span, trace_id) = trace::open(Called::Method(&method), request.headers());
        let call = Call::begin(method, span.clone());
        // Boxed, or each layer would move the whole of it.
        let answer = AssertUnwindSafe(Box::pin(self.admit(request))).catch_unwind();
        let (response, pass) = trace::within(trace_id.clone(), async move {
            match answer.await {
                Ok(Ok(answered)) => answered,
                Ok(Err(status)) => (status.into_http(), None),
                Err(panic) => (panicked(&*panic).into_http(), None),
            }
        })
        .instrument(span)
        .await;
        Observed::wrap(response, call, (trace_id, streams), pass)
    }

    /// Finds out who calls, refuses who may not, and answers the others.
    async fn admit(
        mut self,
        request: Request<Body>,
    ) -> Result<(Response<Body>, Option<Pass>), Status> {
        let path = request.uri().path();
        if is_open(path) {
            let Ok(response) = self.routes.call(request).await;
            return Ok((response, None));
        }
        let around = Arc::clone(&self.around);
        let refusals = &around.refusals;
        let Some(method) = around.access.method(path) else {
            return Err(Status::unimplemented("no such method"));
        };
        let path = &*method.path;
        let peer = request.extensions().get::<Peer>().cloned();
        let found = match (self.door, &peer) {
            (Door::Inside, _) => Ok(Authority::inside_caller(request.headers())),
            (Door::Errand, _) => {
                let (authority, nowhere) = (&around.authority, Peer::default());
                authority.outside_caller(request.headers(), &nowhere).await
            }
            (Door::Outside, Some(peer)) => {
                let authority = &around.authority;
                authority.outside_caller(request.headers(), peer).await
            }
            (Door::Outside, None) => Err(Error::internal("a connection of nobody knows where")),
        };
        let (identity, behalf) = found.map_err(Status::from).inspect_err(|status| {
            refusals.note("", path, status.code());
        })?;
        let whence = match (self.door, &peer) {
            // Pages in this process know where their visitors come from.
            (Door::Errand, _) => proxies::said(request.headers()),
            (Door::Inside | Door::Outside, peer) => {
                let ip = peer.as_ref().and_then(|peer| peer.ip);
                around.proxies.origin(ip, request.headers())
            }
        };
        let answered = self
            .answer(method, request, &identity, behalf, whence)
            .await;
        let refused = match &answered {
            Err(status) => Some(status.code()),
            Ok((response, _)) => Status::from_header_map(response.headers()).map(|s| s.code()),
        };
        if let Some(code @ (Code::PermissionDenied | Code::Unauthenticated)) = refused {
            refusals.note(&identity.subject, path, code);
        }
        answered
    }

    async fn answer(
        mut self,
        method: &Method,
        mut request: Request<Body>,
        identity: &Arc<Identity>,
        behalf: String,
        whence: Option<IpAddr>,
    ) -> Result<(Response<Body>, Option<Pass>), Status> {
        let around = Arc::clone(&self.around);
        let path = &*method.path;
        let width = method.admit(identity)?;
        let pass = if self.door == Door::Inside || identity.is_inside() {
            None
        } else if identity.subject.is_empty() {
            let nobody = whence.map_or_else(String::new, proxies::counted);
            Some(around.turnstile.pass(&nobody)?)
        } else {
            Some(around.turnstile.pass(&identity.subject)?)
        };
        let caller = Principal::new(Arc::clone(identity), behalf, width);
        let act = Act::of(&caller, &method.path);
        request.extensions_mut().insert(caller);
        let deadline = if method.streams {
            request = request.map(|body| Body::new(TimeoutBody::new(SILENCE, body)));
            Duration::MAX
        } else {
            DEADLINE
        };
        let answer = async {
            let _permit = around.calls.acquire().await.map_err(Error::internal)?;
            let Ok(response) = self.routes.call(request).await;
            let response = blaming_the_sender(response);
            if Act::current().was_out_of_reach() {
                let refusals = &around.refusals;
                refusals.note(&identity.subject, path, Code::NotFound);
            }
            Ok(response)
        };
        let response = tokio::time::timeout(deadline, act.within(answer))
            .await
            .unwrap_or_else(|_| {
                Err(Status::new(
                    Code::DeadlineExceeded,
                    "the call took too long",
                ))
            })?;
        Ok((response, pass))
    }
}

/// The library calls a message that it can't read an internal error. Ours carry details; one without is the sender's.
fn blaming_the_sender(response: Response<Body>) -> Response<Body> {
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() == Code::Internal && status.details().is_empty() => {
            let unread = Error::invalid(
                "",
                "消息无法解析，与接口定义不符",
                format!(
                    "the message is not what the contract says: {}",
                    status.message()
                ),
            );
            Status::from(unread).into_http()
        }
        _ => response,
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
