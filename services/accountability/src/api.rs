//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod event;

use dudao_platform::context::Context;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;

/// All services of the accountability.
#[derive(Clone, Debug)]
pub struct Accountability {
    pub(crate) desk: Desk,
    #[expect(dead_code, reason = "the steps of visits will ask it")]
    pub(crate) registry: Link,
    #[expect(dead_code, reason = "cases will come from its letters")]
    pub(crate) inspection: Link,
}

impl Accountability {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link, inspection: Link) -> Self {
        Self {
            desk: Desk::new(context),
            registry,
            inspection,
        }
    }
}
