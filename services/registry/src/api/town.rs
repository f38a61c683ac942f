//! Towns and townships.

use chrono::NaiveDate;
use dudao_law::day;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::resource::freely_changed;
use dudao_platform::{call, overlay, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::town_service_server::TownService;

use super::wire::{day_text, events};
use super::{Change, Registry, Resource, in_known_county, parse_parent};
use crate::domain::Violations;
use crate::domain::town::{Town, TownCode};
use crate::store::{Filter, Record};

impl Resource for Town {
    type Message = proto::Town;
    const FIELD: &'static str = "town";
    const ID: &'static str = "town_id";

    fn identity(message: &proto::Town) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::Town {
        let Town {
            display_name,
            last_inspection_date,
        } = record.content.clone();
        proto::Town {
            name: record.name(),
            display_name,
            last_inspection_date: day_text(last_inspection_date),
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
        }
    }

    fn from_message(
        code: &str,
        message: proto::Town,
        today: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.take("town_id", TownCode::new(code));
        let last_inspection_date = day(
            &mut wrong,
            "last_inspection_date",
            &message.last_inspection_date,
        );
        wrong.check(
            last_inspection_date.is_none_or(|day| day <= today),
            "last_inspection_date",
            "上次督导日期不能晚于今天",
            "must not lie in the future",
        );
        let town = wrong.take(
            "",
            Town {
                display_name: message.display_name,
                last_inspection_date,
            }
            .check(),
        );
        wrong.into_result()?;
        town.ok_or_else(Violations::new)
    }

    overlay!(proto::Town; display_name, last_inspection_date);

    events!(proto::Town, town;
        Change::Created => TownCreated,
        Change::Updated | Change::Ended => TownUpdated,
    );
}

rpcs! { impl TownService for Registry, in proto;
    create_town(CreateTownRequest) -> Town = |me, caller, request| me.desk.create_one::<Town, _>(call!(caller, request), &request.parent, &request.town_id, request.town.as_ref(), in_known_county);
    get_town(GetTownRequest) -> Town = |me, caller, request| me.desk.get::<Town>(caller, &request.name);
    list_towns(ListTownsRequest) -> ListTownsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: true, ..Filter::default() };
        let (towns, next_page_token) = me.desk.list::<Town>(caller, &page, filter).await?;
        Ok(proto::ListTownsResponse { towns, next_page_token })
    };
    update_town(UpdateTownRequest) -> Town = |me, caller, request| me.desk.update::<Town, _>(call!(caller, request), request.town.as_ref(), request.update_mask.as_ref(), freely_changed);
}
