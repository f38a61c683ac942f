//! The ground floor of dudao's services: no word of the domain.

pub mod clock;
pub mod db;
pub mod error;
pub mod etag;
pub mod page;
pub mod request;

pub use clock::{Clock, Ids};
pub use db::{Db, Tx};
pub use error::{Error, Result};
