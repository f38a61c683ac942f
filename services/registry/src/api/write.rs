//! Writing with everything that belongs to it: towns that a school names, and the events.

use std::collections::{BTreeSet, HashMap, HashSet};

use dudao_platform::Tx;
use dudao_platform::error::Result;
use dudao_platform::resource::{self, Change, Resource};

use super::plaque::Faces;
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::store::{self, Record};

/// What a bulk write has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upserted {
    /// Resources that are new.
    pub created: usize,
    /// Resources that were there and have changed.
    pub updated: usize,
    /// Resources that were there just so.
    pub unchanged: usize,
}

/// Creates the schools of a county that are new and updates those that have changed, with their towns and all events;
/// closing and zones stay as they are. 15,000 take seconds. No code may be given twice.
pub async fn upsert_schools(
    tx: &mut Tx,
    actor: &str,
    county: &str,
    schools: Vec<School>,
) -> Result<Upserted> {
    let items = schools
        .into_iter()
        .map(|school| (school.code.to_string(), school))
        .collect();
    upsert_many(tx, actor, county, items, School::in_place_of).await
}

/// Creates the supervisors of a county that are new and updates those that have changed, with all events; who has left
/// office stays so. No code may be given twice.
pub async fn upsert_supervisors(
    tx: &mut Tx,
    actor: &str,
    county: &str,
    supervisors: Vec<Supervisor>,
) -> Result<Upserted> {
    let items = supervisors
        .into_iter()
        .map(|supervisor| (supervisor.code.to_string(), supervisor))
        .collect();
    upsert_many(tx, actor, county, items, Supervisor::filed_over).await
}

async fn upsert_many<T: Resource>(
    tx: &mut Tx,
    actor: &str,
    county: &str,
    items: Vec<(String, T)>,
    over: fn(T, &T) -> T,
) -> Result<Upserted> {
    let mut before: HashMap<String, Record<T>> = store::all::<T>(tx, county)
        .await?
        .into_iter()
        .map(|record| (record.code.clone(), record))
        .collect();
    let total = items.len();
    let (mut created, mut updated) = (Vec::new(), Vec::new());
    for (code, content) in items {
        match before.remove(&code) {
            None => created.push(Record::new(tx, county, code, content)),
            Some(record) => {
                let content = over(content, &record.content);
                if content != record.content {
                    updated.push(record.changed(tx, content));
                }
            }
        }
    }
    write(tx, actor, Change::Created, &created).await?;
    write(tx, actor, Change::Updated, &updated).await?;
    Faces::of(tx, county)
        .await?
        .renew_plaques(tx, actor)
        .await?;
    Ok(Upserted {
        created: created.len(),
        updated: updated.len(),
        unchanged: total - created.len() - updated.len(),
    })
}

/// Writes records and their events, and creates the towns that they name.
pub(crate) async fn write<T: Resource>(
    tx: &mut Tx,
    actor: &str,
    change: Change,
    records: &[Record<T>],
) -> Result<Vec<T::Message>> {
    create_towns(tx, actor, records).await?;
    resource::write(tx, actor, change, records).await
}

/// Creates the towns that records name and that are not there yet.
pub(super) async fn create_towns<T: Resource>(
    tx: &mut Tx,
    actor: &str,
    records: &[Record<T>],
) -> Result<()> {
    let named: BTreeSet<(&str, &str)> = records
        .iter()
        .filter_map(|record| {
            Some((record.county.as_str(), record.content.place()))
                .filter(|(_, town)| !town.is_empty())
        })
        .collect();
    let counties: BTreeSet<&str> = named.iter().map(|(county, _)| *county).collect();
    for county in counties {
        let known: HashSet<String> = store::all::<Town>(tx, county)
            .await?
            .into_iter()
            .flat_map(|town| [town.code, town.content.display_name])
            .collect();
        let missing: Vec<_> = named
            .iter()
            .filter(|(of, town)| *of == county && !known.contains(*town))
            .map(|(_, town)| Record::new(tx, county, *town, Town::named(town)))
            .collect();
        resource::write(tx, actor, Change::Created, &missing).await?;
    }
    Ok(())
}
