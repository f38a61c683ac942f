//! The gRPC services, and what all of them do alike: authorise, parse, one transaction, reply.

mod calendar;
mod county;
mod event;
mod intake;
mod member_unit;
mod ruleset;
mod school;
mod supervisor;
mod town;
mod wire;
mod write;
mod zone;

use dudao_platform::Tx;
use dudao_platform::context::Context;
use dudao_platform::error::Result;
use dudao_platform::resource::Desk;

pub(crate) use dudao_platform::resource::{
    Change, Item, Resource, only, parse_county, parse_name, parse_parent,
};
pub(crate) use wire::{number, word};
pub(crate) use write::write;
pub use write::{Upserted, upsert_schools, upsert_supervisors};
pub(crate) use zone::message as zone_message;

use crate::domain::county::County;
use crate::store::{self, Record};

/// All services of the registry but the intake.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) desk: Desk,
}

impl Registry {
    /// The services on a database.
    pub fn new(context: &Context) -> Self {
        Self {
            desk: Desk::new(context),
        }
    }
}

/// Refuses records of a county that is not in the registry.
pub(crate) async fn in_known_county<T: Resource>(tx: &mut Tx, records: &[Record<T>]) -> Result<()> {
    if let Some(record) = records.first() {
        store::get::<County>(tx, &record.county, &record.county).await?;
    }
    Ok(())
}
