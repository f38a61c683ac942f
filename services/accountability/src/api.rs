//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod case;
mod compliance;
mod event;
mod ledger;

use dudao_inquiry::Registry;
use dudao_platform::context::Context;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;

pub(crate) use case::letters;

/// All services of the accountability.
#[derive(Clone, Debug)]
pub struct Accountability {
    pub(crate) desk: Desk,
    pub(crate) registry: Registry,
    pub(crate) inspection: Link,
}

impl Accountability {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link, inspection: Link) -> Self {
        Self {
            desk: Desk::new(context),
            registry: Registry::new(registry),
            inspection,
        }
    }
}
