//! gRPC: the one place that knows the transport.
//!
//! | file | holds |
//! |---|---|
//! | `access` | who may call an RPC, read from the contract |
//! | `act` | on whose account something happens |
//! | `fault` | a status as a client reads it |
//! | `link` | how a client reaches a server, in another process or in this one |
//! | `principal` | who is calling, and what of the data is theirs |
//! | `server` | serving: limits, health, reflection, the end |
//! | `stack` | what happens around every call: trace, panic, deadline, limit, access, metrics |
//! | `status` | an error as a server writes it |

mod access;
pub(crate) mod act;
mod fault;
mod link;
mod principal;
mod server;
mod stack;
mod status;
pub(crate) mod trace;

use std::time::Duration;

pub use access::Access;
pub use fault::{BrokenRule, Fault};
pub use link::{Link, Pipe, connect, pipe};
pub use principal::{Identity, Principal, Sight, Territory, is_narrow};
pub use server::Server;
pub(crate) use stack::panicked;
pub use trace::trace_id;

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
