//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod case;
mod commendation;
mod compliance;
mod decision;
mod document;
mod event;
mod ledger;
mod publication;
mod reminder;
mod year;

use dudao_chancery::Chancery;
use dudao_inquiry::Registry;
use dudao_platform::context::Context;
pub(crate) use dudao_platform::document::kinds;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;

pub(crate) use case::letters;
pub(crate) use reminder::remind;
pub use reminder::tick;

/// All services of the accountability.
#[derive(Clone, Debug)]
pub struct Accountability {
    pub(crate) desk: Desk,
    pub(crate) registry: Registry,
    pub(crate) inspection: Link,
    pub(crate) chancery: Chancery,
}

impl Accountability {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link, inspection: Link, chancery: Chancery) -> Self {
        let registry = Registry::new(registry);
        Self {
            desk: Desk::new(context, registry.clone()),
            registry,
            inspection,
            chancery,
        }
    }
}
