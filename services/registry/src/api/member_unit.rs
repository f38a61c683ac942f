//! Member units of the committee.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::resource::freely_changed;
use dudao_platform::{call, overlay, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::member_unit_service_server::MemberUnitService;

use super::wire::events;
use super::{Change, Registry, Resource, in_known_county, parse_parent};
use crate::domain::Violations;
use crate::domain::member_unit::{MemberUnit, MemberUnitCode};
use crate::store::{Filter, Record};

impl Resource for MemberUnit {
    type Message = proto::MemberUnit;
    const FIELD: &'static str = "member_unit";
    const ID: &'static str = "member_unit_id";

    fn identity(message: &proto::MemberUnit) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::MemberUnit {
        let MemberUnit {
            display_name,
            duties,
            liaison,
            max_inspections_per_year,
            withdrawn_us,
        } = record.content.clone();
        proto::MemberUnit {
            name: record.name(),
            display_name,
            duties,
            liaison,
            max_inspections_per_year,
            withdraw_time: withdrawn_us.map(clock::timestamp),
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
        }
    }

    fn from_message(
        code: &str,
        message: proto::MemberUnit,
        _: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.take("member_unit_id", MemberUnitCode::new(code));
        let unit = MemberUnit {
            display_name: message.display_name,
            duties: message.duties,
            liaison: message.liaison,
            max_inspections_per_year: message.max_inspections_per_year,
            withdrawn_us: None,
        };
        let unit = wrong.take("", unit.check());
        wrong.into_result()?;
        unit.ok_or_else(Violations::new)
    }

    overlay!(proto::MemberUnit; display_name, duties, liaison, max_inspections_per_year);

    events!(proto::MemberUnit, member_unit;
        Change::Created => MemberUnitCreated,
        Change::Updated => MemberUnitUpdated,
        Change::Ended => MemberUnitWithdrawn,
    );

    fn in_place_of(self, before: &Self) -> Self {
        Self {
            withdrawn_us: before.withdrawn_us,
            ..self
        }
    }

    fn ended_at(self, now_us: i64) -> Self {
        Self {
            withdrawn_us: Some(now_us),
            ..self
        }
    }
}

rpcs! { impl MemberUnitService for Registry, in proto;
    create_member_unit(CreateMemberUnitRequest) -> MemberUnit = |me, caller, request| me.desk.create_one::<MemberUnit, _>(call!(caller, request), &request.parent, &request.member_unit_id, request.member_unit.as_ref(), in_known_county);
    get_member_unit(GetMemberUnitRequest) -> MemberUnit = |me, caller, request| me.desk.get::<MemberUnit>(caller, &request.name);
    list_member_units(ListMemberUnitsRequest) -> ListMemberUnitsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: true, ..Filter::default() };
        let (member_units, next_page_token) = me.desk.list::<MemberUnit>(caller, &page, filter).await?;
        Ok(proto::ListMemberUnitsResponse { member_units, next_page_token })
    };
    update_member_unit(UpdateMemberUnitRequest) -> MemberUnit = |me, caller, request| me.desk.update::<MemberUnit, _>(call!(caller, request), request.member_unit.as_ref(), request.update_mask.as_ref(), freely_changed);
    withdraw_member_unit(WithdrawMemberUnitRequest) -> MemberUnit = |me, caller, request| me.desk.end::<MemberUnit, _>(call!(caller, request), &request.name, &request.etag, freely_changed);
}
