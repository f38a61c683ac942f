//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod assessor;
mod balance_report;
mod budget_line;
mod campaign;
mod claim;
mod complaint;
mod contract;
mod directive;
mod document;
mod draw;
mod evaluation;
mod event;
mod evidence;
mod filed_report;
mod finding;
mod indicator_set;
mod list_item;
mod note;
mod objection;
mod people;
mod public;
mod result;
mod risk;
mod visit;
mod year;

use dudao_chancery::Chancery;
use dudao_platform::Blobs;
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
    pub(crate) accountability: Link,
    pub(crate) blobs: Blobs,
    pub(crate) chancery: Chancery,
}

impl Inspection {
    /// The services on a database.
    pub fn new(
        context: &Context,
        registry: Link,
        accountability: Link,
        blobs: Blobs,
        chancery: Chancery,
    ) -> Self {
        let registry = Registry::new(registry);
        Self {
            desk: Desk::new(context, registry.clone()),
            registry,
            accountability,
            blobs,
            chancery,
        }
    }
}

/// The days of a list that shows the overdue only: what is due on no day has none, and sorts before all days.
pub(crate) fn overdue(only: bool, today: chrono::NaiveDate) -> (String, String) {
    if only {
        let yesterday = today.pred_opt().unwrap_or(today);
        ("0".to_owned(), yesterday.to_string())
    } else {
        (String::new(), String::new())
    }
}
