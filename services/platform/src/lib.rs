//! The ground floor of dudao's services: no word of the domain.

pub mod blob;
pub mod carry;
pub mod clock;
pub mod config;
pub mod context;
pub mod contract;
pub mod db;
pub mod document;
pub mod error;
pub mod etag;
pub mod events;
mod fresh;
mod hex;
pub mod keys;
pub mod lifecycle;
pub mod page;
pub mod personal;
pub mod request;
pub mod resource;
pub mod rpc;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod words;

pub use blob::Blobs;
pub use clock::{Clock, Ids};
pub use context::{Context, Parts};
pub use db::{Db, Tx};
pub use error::{Error, Result};
pub use hex::hex;
