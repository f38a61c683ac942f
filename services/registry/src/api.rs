//! The gRPC services, and what all of them do alike: authorise, parse, one transaction, reply.

mod admission;
mod assessment;
mod calendar;
mod committee;
mod county;
mod document;
mod event;
mod intake;
mod law;
mod map_layer;
mod meeting;
mod member_unit;
mod plaque;
mod progress_report;
mod relation;
mod ruleset;
mod school;
mod supervisor;
mod town;
mod training;
mod wire;
mod write;
mod year;
mod zone;

use dudao_chancery::Chancery;
use dudao_platform::Tx;
use dudao_platform::context::Context;
use dudao_platform::error::Result;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Link;

pub(crate) use dudao_platform::resource::{
    Change, Item, Resource, only, parse_county, parse_name, parse_parent,
};
use law::law;
pub(crate) use plaque::Faces;
pub(crate) use wire::{number, word};
pub(crate) use write::write;
pub use write::{Upserted, upsert_schools, upsert_supervisors};
pub(crate) use zone::message as zone_message;

use crate::domain::county::County;
use crate::store::{self, Record};
use crate::territory::Territories;

/// All services of the registry but the intake.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) desk: Desk,
    pub(crate) inspection: Link,
    pub(crate) accountability: Link,
    pub(crate) chancery: Chancery,
}

impl Registry {
    /// The services on a database, beside the services that know what supervisors have done.
    pub fn new(
        context: &Context,
        inspection: Link,
        accountability: Link,
        chancery: Chancery,
    ) -> Self {
        Self {
            desk: Desk::new(context, Territories(context.db.clone())),
            inspection,
            accountability,
            chancery,
        }
    }
}

/// Refuses records of a county that is not in the registry.
pub(crate) async fn in_known_county<T: Resource>(
    tx: &mut Tx,
    records: &mut [Record<T>],
) -> Result<()> {
    if let Some(record) = records.first() {
        store::get::<County>(tx, &record.county, &record.county).await?;
    }
    Ok(())
}
