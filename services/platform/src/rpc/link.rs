//! How a client reaches a server: one type, whether the server is elsewhere or in this process.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::FutureExt as _;
use futures::future::Map;
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tonic::body::Body;
use tonic::transport::channel::ResponseFuture;
use tonic::transport::{self, Channel, Endpoint};
use tonic::{Code, Status, TimeoutExpired};
use tower::Service;

use super::act::Act;
use super::authority::{ON_BEHALF_OF, SERVICE};
use super::principal::Identity;
use super::proxies::FORWARDED_FOR;
use super::tls::{ClientTls, TlsFiles};
use super::token::{self, Grant, role_name};
use super::{KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, trace};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::keys::KeyRing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DUPLEX_BYTES: usize = 64 << 10;
/// A service's own token is good for this long …
const TOKEN: Duration = Duration::from_mins(10);
/// … and another is signed when it has less than this left.
const RENEWAL_US: i64 = 3 * 60_000_000;

/// A connection for generated clients: `limited!(SchoolServiceClient::new(link.clone()))`. It connects when first used,
/// and again when it was lost; with every call it says who calls, for whom, and in which trace. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Link {
    channel: Channel,
    service: Option<&'static str>,
    proof: Proof,
    whence: Option<IpAddr>,
}

/// How a caller proves who it is.
#[derive(Clone, Debug, Default)]
pub enum Proof {
    /// By its certificate, by being in the same process, or not at all.
    #[default]
    Connection,
    /// By a token.
    Token(Bearer),
    /// By tokens that it signs for itself.
    Keys(Minted),
}

/// A token as it goes out with every call, written down once: `token.into()`.
#[derive(Clone)]
pub struct Bearer(Option<HeaderValue>);

impl<T: AsRef<str>> From<T> for Bearer {
    fn from(token: T) -> Self {
        Self(bearer(token.as_ref()).ok())
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(…)")
    }
}

impl Bearer {
    fn header(&self) -> Result<HeaderValue> {
        let none = || Error::internal("the token has characters that no header takes");
        self.0.clone().ok_or_else(none)
    }
}

/// Tokens that a caller who has the installation's keys signs for itself.
#[derive(Clone, Debug)]
pub struct Minted {
    keys: KeyRing,
    clock: Clock,
    last: Arc<Mutex<Option<(HeaderValue, i64)>>>,
}

impl Minted {
    /// With these keys.
    pub fn new(keys: KeyRing, clock: Clock) -> Self {
        Self {
            keys,
            clock,
            last: Arc::default(),
        }
    }

    /// A token for a service, or for who has the machine and so every role.
    fn token(&self, service: Option<&str>) -> Result<HeaderValue> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, expires_us)) = &*last
            && expires_us - self.clock.now_us() > RENEWAL_US
        {
            return Ok(token.clone());
        }
        let identity = service.map_or_else(Identity::local, Identity::service);
        let grant = Grant {
            roles: identity.roles.iter().copied().map(role_name).collect(),
            county: "*".to_owned(),
            own: Vec::new(),
        };
        let (token, expires_us) =
            token::issue(&self.keys, &self.clock, &identity.subject, grant, TOKEN)?;
        let token = bearer(&token)?;
        *last = Some((token.clone(), expires_us));
        Ok(token)
    }
}

/// Marked as sensitive: nobody on the way may keep it in a table, or show it.
fn bearer(token: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(Error::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A link to a server elsewhere, such as `https://registry:50051`. TLS needs the authority of the server's certificate; over
/// plain `http` no token is sent but to this machine.
pub fn connect(address: &str, tls: &TlsFiles, proof: Proof) -> Result<Link> {
    let unfit = || {
        Error::invalid(
            "server",
            "服务器地址应形如 https://主机:端口",
            "must look like https://host:port",
        )
    };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(|_| unfit())?;
    let uri = endpoint.uri().clone();
    let host = uri.host().ok_or_else(unfit)?.to_owned();
    let endpoint = configure(endpoint);
    let channel = if uri.scheme_str() == Some("https") {
        let tls = ClientTls::open(tls)?;
        let name = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|_| unfit())?;
        endpoint.connect_with_connector_lazy(tower::service_fn(move |uri: Uri| {
            secured(uri, tls.clone(), name.clone())
        }))
    } else {
        if matches!(proof, Proof::Token(_) | Proof::Keys(_)) && !is_loopback(&host) {
            return Err(Error::invalid(
                "server",
                "令牌不得经明文连接发往其他机器，请使用 https",
                "no token is sent to another machine in the clear: use https",
            ));
        }
        endpoint.connect_lazy()
    };
    Ok(Link {
        channel,
        service: None,
        proof,
        whence: None,
    })
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

async fn secured(
    uri: Uri,
    tls: ClientTls,
    name: ServerName<'static>,
) -> io::Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(443);
    let connecting = async {
        let socket = TcpStream::connect((host, port)).await?;
        socket.set_nodelay(true)?;
        tls.connector().connect(name, socket).await
    };
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
    Ok(TokioIo::new(connected?))
}

/// The server's end of a link without a socket; see [`super::Server::on_pipe`].
#[derive(Debug)]
pub struct Pipe(pub(super) mpsc::Receiver<io::Result<DuplexStream>>);

/// A link into this process, made before its server: services that need each other are built with it.
pub fn pipe() -> (Link, Pipe) {
    let (accepted, incoming) = mpsc::channel(1);
    let connector = tower::service_fn(move |_: Uri| {
        let accepted = accepted.clone();
        async move {
            let (client, server) = tokio::io::duplex(DUPLEX_BYTES);
            accepted
                .send(Ok(server))
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok::<_, io::Error>(TokioIo::new(client))
        }
    });
    let endpoint = configure(Endpoint::from_static("http://local"));
    let link = Link {
        channel: endpoint.connect_with_connector_lazy(connector),
        service: None,
        proof: Proof::Connection,
        whence: None,
    };
    (link, Pipe(incoming))
}

fn configure(endpoint: Endpoint) -> Endpoint {
    endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
}

impl Link {
    /// The same connection, for a service to call by.
    #[must_use]
    pub fn of_service(&self, service: &'static str) -> Self {
        Self {
            service: Some(service),
            ..self.clone()
        }
    }

    /// The same connection, with another proof.
    #[must_use]
    pub fn proving(&self, proof: Proof) -> Self {
        Self {
            proof,
            ..self.clone()
        }
    }

    /// The same connection, for somebody who comes from this address: those who have no name are counted by it.
    #[must_use]
    pub fn coming_from(&self, whence: Option<IpAddr>) -> Self {
        Self {
            whence,
            ..self.clone()
        }
    }

    fn introduce(&self, headers: &mut HeaderMap) -> Result<()> {
        trace::hand_on(headers);
        let proof = match (&self.proof, self.service) {
            (Proof::Connection, _) => None,
            (Proof::Token(token), _) => Some(token.header()?),
            (Proof::Keys(minted), service) => Some(minted.token(service)?),
        };
        if let Some(proof) = proof {
            headers.insert(http::header::AUTHORIZATION, proof);
        }
        if let Some(whence) = self.whence {
            let whence = HeaderValue::from_str(&whence.to_string()).map_err(Error::internal)?;
            headers.insert(FORWARDED_FOR, whence);
        }
        if let Some(service) = self.service {
            headers.insert(SERVICE, HeaderValue::from_static(service));
            let act = Act::current();
            if !act.behind().is_empty() {
                let behalf = URL_SAFE_NO_PAD.encode(act.behind());
                let behalf = HeaderValue::from_str(&behalf).map_err(Error::internal)?;
                headers.insert(ON_BEHALF_OF, behalf);
            }
        }
        Ok(())
    }
}

impl Service<Request<Body>> for Link {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Map<ResponseFuture, fn(Result<Response<Body>, transport::Error>) -> Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<Body>>::poll_ready(&mut self.channel, cx).map_err(lost)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Err(error) = self.introduce(request.headers_mut()) {
            // The server refuses a call without proof, and says so.
            tracing::error!(%error, "a call goes out without saying who calls: {error}");
        }
        self.channel.call(request).map(answered)
    }
}

/// What comes of a call.
type Answer = Result<Response<Body>, Status>;

fn answered(answer: Result<Response<Body>, transport::Error>) -> Answer {
    match answer {
        Ok(answer) => Ok(answer.map(|body| Body::new(body.map_err(lost)))),
        Err(error) => Err(lost(error)),
    }
}

/// A server that goes away in the middle of a call is UNAVAILABLE, as it is for clients in other languages; tonic says that the
/// call was cancelled, or that it does not know.
fn lost(error: impl std::error::Error + Send + Sync + 'static) -> Status {
    let status = Status::from_error(Box::new(error));
    let late = status.message() == TimeoutExpired(()).to_string();
    if late || !matches!(status.code(), Code::Unknown | Code::Cancelled) {
        return status;
    }
    let mut away = Status::unavailable(status.message());
    away.set_source(Arc::new(status));
    away
}
