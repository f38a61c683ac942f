//! Responsibility zones in force.

use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::zone_service_server::ZoneService;
use tonic::{Request, Response, Status};

use super::{Registry, parse_name, parse_parent};
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::zone::Zone;
use crate::store::{self, Filter, Record, name};

/// A zone as the contract carries it.
pub(crate) fn message(record: &Record<Zone>) -> proto::Zone {
    let Zone {
        display_name,
        plan,
        supervisors,
        schools,
    } = record.content.clone();
    proto::Zone {
        name: record.name(),
        display_name,
        plan,
        supervisors: supervisors
            .iter()
            .map(|code| name::<Supervisor>(&record.county, code))
            .collect(),
        schools: schools
            .iter()
            .map(|school| proto::ZoneSchool {
                school: name::<School>(&record.county, &school.school),
                supervisor: name::<Supervisor>(&record.county, &school.supervisor),
            })
            .collect(),
        adopt_time: Some(clock::timestamp(record.created_us)),
        etag: record.version.etag(),
    }
}

#[tonic::async_trait]
impl ZoneService for Registry {
    async fn get_zone(
        &self,
        request: Request<proto::GetZoneRequest>,
    ) -> Result<Response<proto::Zone>, Status> {
        let caller = Principal::of(&request)?;
        let (county, code) = parse_name::<Zone>(&caller, "name", &request.get_ref().name)?;
        let mut tx = self.desk.context.db.begin_read().await?;
        Ok(Response::new(message(
            &store::get::<Zone>(&mut tx, &county, &code).await?,
        )))
    }

    async fn list_zones(
        &self,
        request: Request<proto::ListZonesRequest>,
    ) -> Result<Response<proto::ListZonesResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let filter = Filter {
            reach: caller.county_prefix(),
            county: &parse_parent(&caller, &request.parent)?,
            after: page.after(),
            limit: page.limit(),
            ..Filter::default()
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let records = store::list::<Zone>(&mut tx, &filter).await?;
        let (records, next_page_token) = page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        });
        let zones = records.iter().map(message).collect();
        Ok(Response::new(proto::ListZonesResponse {
            zones,
            next_page_token,
        }))
    }
}
