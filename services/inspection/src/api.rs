//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod event;

use dudao_platform::context::Context;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;

/// All services of the inspection.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub(crate) desk: Desk,
    #[expect(dead_code, reason = "the steps of visits will ask it")]
    pub(crate) registry: Link,
    #[expect(dead_code, reason = "risk will ask it")]
    pub(crate) accountability: Link,
    #[expect(dead_code, reason = "visits will come from its plans")]
    pub(crate) scheduler: Link,
}

impl Inspection {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link, accountability: Link, scheduler: Link) -> Self {
        Self {
            desk: Desk::new(context),
            registry,
            accountability,
            scheduler,
        }
    }
}
