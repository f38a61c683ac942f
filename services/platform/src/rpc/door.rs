//! How connections come in: sockets with or without TLS, and what is known of who is behind one.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::peer;
use super::tls::ServerTls;

/// How long a peer may take to shake hands, and then to say that it speaks HTTP/2.
const GREETING: Duration = Duration::from_secs(10);
/// What every HTTP/2 client says first is as long as this (RFC 9113, 3.4).
const PREFACE: usize = 24;
/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 4_096;

/// Who is behind a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    /// Where it comes from.
    pub(super) ip: Option<IpAddr>,
    /// The names of its certificate; none without one.
    pub(super) names: Arc<[String]>,
}

/// Accepts connections and shakes hands beside each other, so that a slow peer holds nobody up.
pub(super) fn accept(
    listener: TcpListener,
    tls: Option<ServerTls>,
) -> impl Stream<Item = io::Result<Entrance>> {
    let (ready, incoming) = mpsc::channel(64);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::spawn(async move {
        loop {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = ready.closed() => return,
            };
            let (socket, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, most likely: others may close some.
                    tracing::warn!(%error, "a connection can't be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (ready, tls) = (ready.clone(), tls.clone());
            tokio::spawn(async move {
                let greeted = tokio::time::timeout(GREETING, greet(socket, address, tls.as_ref()));
                if let Ok(Ok(mut entrance)) = greeted.await {
                    entrance.place = Some(place);
                    // Nobody waits for it any more once the server ends.
                    drop(ready.send(Ok(entrance)).await);
                }
            });
        }
    });
    ReceiverStream::new(incoming)
}

async fn greet(
    socket: TcpStream,
    address: SocketAddr,
    tls: Option<&ServerTls>,
) -> io::Result<Entrance> {
    socket.set_nodelay(true)?;
    let ip = Some(address.ip());
    let (io, names): (Box<dyn Duplex>, _) = match tls {
        None => (Box::new(socket), Vec::new()),
        Some(tls) => {
            let secured = tls.acceptor().accept(socket).await?;
            let certificates = secured.get_ref().1.peer_certificates();
            let names = certificates
                .and_then(<[_]>::first)
                .map_or_else(Vec::new, peer::names);
            (Box::new(secured), names)
        }
    };
    Ok(Entrance {
        io,
        peer: Peer {
            ip,
            names: names.into(),
        },
        greeting: Some((Box::pin(tokio::time::sleep(GREETING)), PREFACE)),
        place: None,
    })
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection. It ends if the peer does not say in time that it speaks HTTP/2; after that, keepalive watches over it.
pub(super) struct Entrance {
    io: Box<dyn Duplex>,
    peer: Peer,
    greeting: Option<(Pin<Box<Sleep>>, usize)>,
    place: Option<tokio::sync::OwnedSemaphorePermit>,
}

impl Entrance {
    /// Where it comes from.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.peer.ip
    }
}

impl Connected for Entrance {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Entrance {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        let Some((patience, missing)) = &mut self.greeting else {
            return read;
        };
        match read {
            Poll::Ready(done) => {
                *missing = missing.saturating_sub(buf.filled().len() - before);
                if *missing == 0 {
                    self.greeting = None;
                }
                Poll::Ready(done)
            }
            Poll::Pending => patience
                .as_mut()
                .poll(cx)
                .map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl AsyncWrite for Entrance {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
