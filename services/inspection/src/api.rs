//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod balance_report;
mod campaign;
mod draw;
mod evaluation;
mod event;
mod finding;
mod indicator_set;
mod list_item;
mod note;
mod people;
mod result;
mod visit;
mod year;

use dudao_platform::context::Context;
pub(crate) use dudao_platform::document::kinds;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;

use dudao_inquiry::Registry;
pub(crate) use visit::plan;

/// All services of the inspection.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub(crate) desk: Desk,
    pub(crate) registry: Registry,
    #[expect(dead_code, reason = "risk will ask it")]
    pub(crate) accountability: Link,
}

impl Inspection {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link, accountability: Link) -> Self {
        Self {
            desk: Desk::new(context),
            registry: Registry::new(registry),
            accountability,
        }
    }
}
