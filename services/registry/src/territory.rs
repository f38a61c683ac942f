//! What belongs to whom: the schools of a town, and those of a supervisor's zones.

use dudao_platform::error::Result;
use dudao_platform::rpc::Territory;
use dudao_platform::{Db, Tx};

use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::domain::zone::Zone;
use crate::store::{self, Filter};

/// Territories as the registry's own database knows them.
#[derive(Clone, Debug)]
pub(crate) struct Territories(pub(crate) Db);

#[tonic::async_trait]
impl Territory for Territories {
    async fn of(&self, own: &str) -> Result<Vec<String>> {
        let Some(county) = own.split('/').nth(1) else {
            return Ok(Vec::new());
        };
        let code = |of: String| own.strip_prefix(of.as_str()).map(str::to_owned);
        let supervisor = code(store::name::<Supervisor>(county, ""));
        let town = code(store::name::<Town>(county, ""));
        let mut tx = self.0.begin_read().await?;
        let schools = match (supervisor, town) {
            (Some(supervisor), _) => of_zones(&mut tx, county, &supervisor).await?,
            (_, Some(town)) => of_town(&mut tx, county, &town).await?,
            _ => Vec::new(),
        };
        let names = schools
            .iter()
            .map(|code| store::name::<School>(county, code));
        Ok(names.collect())
    }
}

/// The schools of the zones in which someone is a supervisor: members of a zone stand in for each other (art. 五).
async fn of_zones(tx: &mut Tx, county: &str, supervisor: &str) -> Result<Vec<String>> {
    let zones = store::all::<Zone>(tx, county).await?;
    let of_zones = zones
        .into_iter()
        .filter(|zone| zone.content.supervisors.iter().any(|one| one == supervisor))
        .flat_map(|zone| zone.content.schools)
        .map(|school| school.school);
    Ok(of_zones.collect())
}

/// The schools of a town, those that have closed too. Schools name their town by its code or by what it is called.
async fn of_town(tx: &mut Tx, county: &str, town: &str) -> Result<Vec<String>> {
    let Some(record) = store::find::<Town>(tx, county, town).await? else {
        return Ok(Vec::new());
    };
    let mut places = vec![town.to_owned(), record.content.display_name];
    places.dedup();
    let mut codes = Vec::new();
    for place in &places {
        let filter = Filter {
            county,
            place,
            ended: true,
            limit: i64::from(i32::MAX),
            ..Filter::default()
        };
        let schools = store::list::<School>(tx, &filter).await?;
        codes.extend(schools.into_iter().map(|school| school.code));
    }
    Ok(codes)
}
