//! Counties, and what each is born with.

use chrono::NaiveDate;
use dudao_platform::error::{Error, Result};
use dudao_platform::page;
use dudao_platform::request::{self, Seen};
use dudao_platform::resource::{self, freely_changed};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, clock};
use dudao_platform::{call, overlay, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::county_service_server::CountyService;

use super::wire::events;
use super::{Change, Registry, Resource, only, ruleset, write};
use crate::domain::Violations;
use crate::domain::committee::Committee;
use crate::domain::county::{Bounds, County, CountyCode};
use crate::domain::ruleset::Ruleset;
use crate::presets;
use crate::store::{self, Document as _, Filter, Record};

impl Resource for County {
    type Message = proto::County;
    const FIELD: &'static str = "county";
    const ID: &'static str = "county_id";

    fn identity(message: &proto::County) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::County {
        let County {
            display_name,
            bounds,
            issuer,
            agency_code,
            public_uri,
        } = record.content.clone();
        proto::County {
            name: record.name(),
            display_name,
            r#box: bounds.map(
                |Bounds {
                     west,
                     south,
                     east,
                     north,
                 }| proto::Box {
                    west,
                    south,
                    east,
                    north,
                },
            ),
            issuer,
            agency_code,
            public_uri,
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
        }
    }

    fn from_message(code: &str, message: proto::County, _: NaiveDate) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.take("county_id", CountyCode::new(code));
        let bounds = message.r#box.map(
            |proto::Box {
                 west,
                 south,
                 east,
                 north,
             }| Bounds {
                west,
                south,
                east,
                north,
            },
        );
        let county = wrong.take(
            "",
            County {
                display_name: message.display_name,
                bounds,
                issuer: message.issuer,
                agency_code: message.agency_code,
                public_uri: message.public_uri,
            }
            .check(),
        );
        wrong.into_result()?;
        county.ok_or_else(Violations::new)
    }

    overlay!(proto::County; display_name, r#box, issuer, agency_code, public_uri);

    events!(proto::County, county;
        Change::Created => CountyCreated,
        Change::Updated | Change::Ended => CountyUpdated,
    );
}

/// Gives a new county its first ruleset, calendars for this year and the next, a committee whose posts are vacant, and the
/// member units of the preset.
async fn furnish(tx: &mut Tx, actor: &str, county: &str, rules: Ruleset) -> Result<()> {
    let today = clock::day_of(tx.now_us());
    let units: Vec<_> = presets::member_units(&rules.preset)?
        .into_iter()
        .map(|unit| Record::new(tx, county, unit.display_name.clone(), unit))
        .collect();
    let committee = Record::new(tx, county, Committee::COLLECTION, Committee::vacant());
    let mut calendars = Vec::new();
    for year in presets::first_years(today) {
        let calendar = presets::calendar(year)?
            .check(year)
            .map_err(|wrong| Error::internal(wrong.to_string()))?;
        calendars.push(Record::new(tx, county, year.to_string(), calendar));
    }
    ruleset::add(
        tx,
        actor,
        county,
        Ruleset {
            effective_date: today,
            ..rules
        },
    )
    .await?;
    write(tx, actor, Change::Created, &calendars).await?;
    write(tx, actor, Change::Created, &units).await?;
    write(tx, actor, Change::Created, &[committee]).await?;
    Ok(())
}

rpcs! { impl CountyService for Registry, in proto;
    create_county(CreateCountyRequest) -> County = |me, caller, request| me.found(caller, request);
    get_county(GetCountyRequest) -> County = |me, caller, request| me.desk.get::<County>(caller, &request.name);
    list_counties(ListCountiesRequest) -> ListCountiesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &request.code_prefix, ..Filter::default() };
        let (counties, next_page_token) = me.desk.list::<County>(caller, &page, filter).await?;
        Ok(proto::ListCountiesResponse { counties, next_page_token })
    };
    update_county(UpdateCountyRequest) -> County = |me, caller, request| me.desk.update::<County, _>(call!(caller, request), request.county.as_ref(), request.update_mask.as_ref(), freely_changed);
}

impl Registry {
    /// Creates a county with all that it is born with.
    async fn found(
        &self,
        caller: &Principal,
        request: &proto::CreateCountyRequest,
    ) -> Result<proto::County> {
        let code = request.county_id.as_str();
        let preset = if request.ruleset_preset.is_empty() {
            presets::NATIONAL
        } else {
            &request.ruleset_preset
        };
        let rules = presets::ruleset(preset)?;
        let message = request.county.clone().unwrap_or_default();
        let mut wrong = Violations::new();
        let county = wrong.take(
            "",
            County::from_message(code, message, self.desk.context.clock.today()),
        );
        let mut all = Violations::new();
        for violation in wrong {
            all.add(
                resource::field(&violation.field, "county.", County::ID, ""),
                violation.zh,
                violation.en,
            );
        }
        let known = presets::names().collect::<Vec<_>>().join(", ");
        all.check(
            rules.is_some(),
            "ruleset_preset",
            format!("预设须为以下之一：{known}"),
            format!("must be one of {known}"),
        );
        all.into_result()?;
        let (Some(county), Some(rules)) = (county, rules) else {
            return Err(Error::internal("a county without violations was not made"));
        };
        caller.reach(code)?;

        let mut tx = self.desk.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, code, &request.request_id, request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        if store::find::<County>(&mut tx, code, code).await?.is_some() {
            return Err(Error::already_exists(store::name::<County>(code, code)));
        }
        let record = Record::new(&tx, code, code, county);
        let answer = only(write(&mut tx, caller.actor(), Change::Created, &[record]).await?)?;
        furnish(&mut tx, caller.actor(), code, rules).await?;
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }
}
