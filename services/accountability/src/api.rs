//! The gRPC services: authorise, parse, one transaction, reply. No rule stands here.

mod case;
mod commendation;
mod decision;
mod event;
mod ledger;
mod publication;
mod reminder;
mod year;

use dudao_inquiry::Registry;
use dudao_law::{Violations, Word};
use dudao_platform::Result;
use dudao_platform::carry::needed_word;
use dudao_platform::context::Context;
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
}

impl Accountability {
    /// The services on a database.
    pub fn new(context: &Context, registry: Link) -> Self {
        Self {
            desk: Desk::new(context),
            registry: Registry::new(registry),
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
