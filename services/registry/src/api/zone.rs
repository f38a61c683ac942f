//! Responsibility zones in force.

use dudao_platform::error::Result;
use dudao_platform::events::{Collection, Position, Written, any};
use dudao_platform::{Tx, clock, page, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::zone_service_server::ZoneService;

use super::{Registry, parse_parent};
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::zone::Zone;
use crate::store::{self, Document as _, Filter, Record, name};

/// Zones of one read of a snapshot.
const BATCH: i64 = 200;

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

rpcs! { impl ZoneService for Registry, in proto;
    get_zone(GetZoneRequest) -> Zone = |me, caller, request| async {
        Ok(message(&me.desk.record::<Zone>(caller, "name", &request.name).await?))
    };
    list_zones(ListZonesRequest) -> ListZonesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ..Filter::default() };
        let (records, next_page_token) = me.desk.records::<Zone>(caller, &page, filter).await?;
        let zones = records.iter().map(message).collect();
        Ok(proto::ListZonesResponse { zones, next_page_token })
    };
}

/// All zones, as a snapshot writes them out.
pub(super) fn collection() -> Collection {
    Collection::new(Zone::COLLECTION, BATCH, |tx, at| Box::pin(read(tx, at)))
}

async fn read(tx: &mut Tx, at: &Position) -> Result<Vec<Written>> {
    let Some(county) = at.county_prefix() else {
        return Ok(Vec::new());
    };
    let filter = Filter {
        county,
        after: at.after.as_ref(),
        limit: BATCH,
        ..Filter::default()
    };
    let zones = store::list::<Zone>(tx, &filter).await?;
    let written = zones
        .into_iter()
        .map(|zone| Ok((any(&message(&zone))?, (zone.county, zone.code))));
    written.collect()
}
