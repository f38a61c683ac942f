//! gRPC: the one place that knows the transport.
//!
//! | file | holds |
//! |---|---|
//! | `access` | who may call an RPC, read from the contract |
//! | `act` | on whose account something happens |
//! | `admin` | health and metrics on a port of their own |
//! | `authority` | finds out who is calling |
//! | `door` | how connections come in |
//! | `fault` | a status as a client reads it |
//! | `limit` | how much one caller may ask for |
//! | `link` | how a client reaches a server, in another process or in this one |
//! | `oidc`, `peer`, `token` | proofs: of an issuer, of a certificate, of our own |
//! | `principal` | who is calling, and what of the data is theirs |
//! | `proxies` | who stands in front of us, and where a call comes from |
//! | `refusals` | what was refused, for the trail |
//! | `server` | serving: limits, health, reflection, the end |
//! | `sign_in` | the RPCs of signing in |
//! | `stack` | what happens around every call |
//! | `status` | an error as a server writes it |
//! | `tls` | certificates, read again when they change |
//! | `web` | pages for browsers on a socket of their own |

mod access;
pub(crate) mod act;
mod admin;
mod authority;
mod door;
mod fault;
mod limit;
mod link;
mod oidc;
mod peer;
mod principal;
mod proxies;
mod refusals;
mod server;
mod sign_in;
mod stack;
mod status;
mod tls;
mod token;
pub(crate) mod trace;
mod web;

use std::time::Duration;

pub use access::Access;
pub use admin::probe;
pub use authority::{Authority, LOGIN_MINUTES, Proofs};
pub use fault::{BrokenRule, Fault};
pub use limit::Limits;
pub(crate) use limit::Pass;
pub use link::{Bearer, Link, Minted, Pipe, Proof, connect, pipe};
pub use oidc::{OidcSettings, issuer_client};
pub use principal::{Identity, Principal, Sight, Territory};
pub use proxies::{IpNet, Proxies, counted};
pub use server::{Gate, Server};
pub(crate) use stack::panicked;
pub use tls::TlsFiles;
pub use token::{Grant, issue, role_name};
pub use trace::trace_id;
pub use web::{Whence, serve_pages};

/// The largest message in either direction, in bytes. What is larger goes in chunks.
pub const MAX_MESSAGE_BYTES: usize = 4 << 20;
/// How often a silent peer is asked whether it is still there …
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// … and how long it may take to say so.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// Sets the limits of messages on a generated server or client: `limited!(SchoolServiceServer::new(api))`,
/// `limited!(SchoolServiceClient::new(link))`.
#[macro_export]
macro_rules! limited {
    ($peer:expr) => {
        $peer
            .max_decoding_message_size($crate::rpc::MAX_MESSAGE_BYTES)
            .max_encoding_message_size($crate::rpc::MAX_MESSAGE_BYTES)
    };
}
