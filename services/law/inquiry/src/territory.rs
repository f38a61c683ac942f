//! What belongs to whom: the schools of a town, and those of a supervisor's zones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dudao_platform::rpc::Territory;
use dudao_platform::{Result, limited};
use dudao_proto::registry::v1 as registry;
use registry::school_service_client::SchoolServiceClient;
use registry::town_service_client::TownServiceClient;
use registry::zone_service_client::ZoneServiceClient;
use tonic::Code;

use super::{PAGE, Registry, refused};

/// For how long an answer is good: zones change a few times a year, and who calls once calls again.
const GOOD: Duration = Duration::from_secs(30);

/// What the registry has answered, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<Mutex<Remembered>>);

/// What was found, and when.
type Remembered = BTreeMap<String, (Instant, Vec<String>)>;

impl Known {
    fn get(&self, own: &str) -> Option<Vec<String>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, names) = known.get(own)?;
        (since.elapsed() < GOOD).then(|| names.clone())
    }

    fn keep(&self, own: &str, names: &[String]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (since, _)| since.elapsed() < GOOD);
        known.insert(own.to_owned(), (Instant::now(), names.to_vec()));
    }
}

#[tonic::async_trait]
impl Territory for Registry {
    async fn of(&self, own: &str) -> Result<Vec<String>> {
        if let Some(known) = self.territories.get(own) {
            return Ok(known);
        }
        let names = if let Some((county, _)) = own.split_once("/supervisors/") {
            self.schools_of_zones(county, own).await?
        } else if let Some((county, code)) = own.split_once("/towns/") {
            self.schools_of_town(county, own, code).await?
        } else {
            return Ok(Vec::new());
        };
        self.territories.keep(own, &names);
        Ok(names)
    }
}

impl Registry {
    /// The schools of the zones in which someone is a supervisor: members of a zone stand in for each other (art. 五).
    async fn schools_of_zones(&self, county: &str, supervisor: &str) -> Result<Vec<String>> {
        let mut client = limited!(ZoneServiceClient::new(self.link.clone()));
        let mut schools = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = registry::ListZonesRequest {
                parent: county.to_owned(),
                page_size: PAGE,
                page_token,
            };
            let page = client
                .list_zones(request)
                .await
                .map_err(|status| refused(status, county))?
                .into_inner();
            let its = page
                .zones
                .into_iter()
                .filter(|zone| zone.supervisors.iter().any(|one| one == supervisor));
            schools.extend(its.flat_map(|zone| zone.schools).map(|one| one.school));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(schools);
            }
        }
    }

    /// The schools of a town, those that have closed too. Schools name their town by its code or by what it is called.
    async fn schools_of_town(&self, county: &str, name: &str, code: &str) -> Result<Vec<String>> {
        let request = registry::GetTownRequest {
            name: name.to_owned(),
        };
        let found = limited!(TownServiceClient::new(self.link.clone()))
            .get_town(request)
            .await;
        let town = match found {
            Ok(town) => town.into_inner(),
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                return Ok(Vec::new());
            }
            Err(status) => return Err(refused(status, name)),
        };
        let mut places = vec![code.to_owned(), town.display_name];
        places.dedup();
        let mut client = limited!(SchoolServiceClient::new(self.link.clone()));
        let mut schools = Vec::new();
        for place in places {
            let mut page_token = String::new();
            loop {
                let request = registry::ListSchoolsRequest {
                    parent: county.to_owned(),
                    page_size: PAGE,
                    page_token,
                    town: place.clone(),
                    show_closed: true,
                    ..Default::default()
                };
                let page = client
                    .list_schools(request)
                    .await
                    .map_err(|status| refused(status, county))?
                    .into_inner();
                schools.extend(page.schools.into_iter().map(|school| school.name));
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
        }
        Ok(schools)
    }
}
