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

#[cfg(test)]
mod tests {
    use dudao_platform::document::{Document, Record};
    use dudao_platform::resource::Resource as _;
    use dudao_platform::testing::Scratch;
    use dudao_proto::registry::v1 as proto;

    use super::*;
    use crate::MIGRATIONS;
    use crate::domain::zone::ZoneSchool;

    async fn keep<T: Document>(scratch: &Scratch, code: &str, content: T) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        let record = Record::new(&tx, "140525", code, content);
        store::put(&mut tx, &[record]).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn zone(supervisors: &[&str], schools: &[(&str, &str)]) -> Zone {
        Zone {
            display_name: String::new(),
            plan: String::new(),
            supervisors: supervisors.iter().map(|one| (*one).to_owned()).collect(),
            schools: schools
                .iter()
                .map(|(school, supervisor)| ZoneSchool {
                    school: (*school).to_owned(),
                    supervisor: (*supervisor).to_owned(),
                })
                .collect(),
        }
    }

    dudao_platform::on_both_databases! { "registry", &MIGRATIONS;
        async fn a_supervisor_looks_after_the_whole_zone(scratch) {
            keep(&scratch, "1", zone(&["A", "B"], &[("S1", "A"), ("S2", "B")])).await;
            keep(&scratch, "2", zone(&["C"], &[("S3", "C")])).await;
            let territories = Territories(scratch.db.clone());
            let of_a = territories.of("counties/140525/supervisors/A").await.unwrap();
            assert_eq!(of_a, ["counties/140525/schools/S1", "counties/140525/schools/S2"]);
            let of_none = territories.of("counties/140525/supervisors/D").await.unwrap();
            assert!(of_none.is_empty());
            let of_school = territories.of("counties/140525/schools/S1").await.unwrap();
            assert!(of_school.is_empty());
        }

        async fn a_towns_schools_name_it_by_code_or_by_what_it_is_called(scratch) {
            let bagong = Town { display_name: "巴公镇".to_owned(), ..Town::named("T1") };
            keep(&scratch, "T1", bagong).await;
            for (code, town) in [("S1", "T1"), ("S2", "巴公镇"), ("S3", "大阳镇")] {
                let message = proto::School {
                    display_name: format!("{code}小学"),
                    stage: proto::Stage::Primary.into(),
                    provider: proto::Provider::Public.into(),
                    town: town.to_owned(),
                    place: Some(proto::Place { longitude: 112.8, latitude: 35.6 }),
                    ..Default::default()
                };
                let today = scratch.clock.today();
                keep(&scratch, code, School::from_message(code, message, today).unwrap()).await;
            }
            let territories = Territories(scratch.db.clone());
            let of_town = territories.of("counties/140525/towns/T1").await.unwrap();
            assert_eq!(of_town, ["counties/140525/schools/S1", "counties/140525/schools/S2"]);
            assert!(territories.of("counties/140525/towns/T2").await.unwrap().is_empty());
        }
    }
}
