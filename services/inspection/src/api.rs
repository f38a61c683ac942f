//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod campaign;
mod draw;
mod event;
mod finding;
mod list_item;
mod note;
mod people;
mod visit;

mod assessor;
mod budget_line;
mod claim;
mod complaint;
mod contract;
mod evidence;
mod objection;
mod public;
mod risk;

use dudao_law::{Violations, Word};
use dudao_platform::carry::needed_word;
use dudao_platform::context::Context;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;
use dudao_platform::{Blobs, Result};

use dudao_inquiry::Registry;
pub(crate) use visit::plan;

/// All services of the inspection.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub(crate) desk: Desk,
    pub(crate) registry: Registry,
    pub(crate) accountability: Link,
    pub(crate) blobs: Blobs,
}

impl Inspection {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link, accountability: Link, blobs: Blobs) -> Self {
        Self {
            desk: Desk::new(context),
            registry: Registry::new(registry),
            accountability,
            blobs,
        }
    }
}

/// The filter of lists that show some words only: each in commas; "" for all.
pub(crate) fn kinds<W: Word>(field: &str, numbers: &[i32]) -> Result<String> {
    let mut wrong = Violations::new();
    let words: Vec<_> = numbers
        .iter()
        .enumerate()
        .map(|(at, number)| needed_word::<W>(*number, &mut wrong, &format!("{field}[{at}]")).zh())
        .collect();
    wrong.into_result()?;
    Ok(if words.is_empty() {
        String::new()
    } else {
        format!(",{},", words.join(","))
    })
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
