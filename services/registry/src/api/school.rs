//! Schools and kindergartens.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::error::Error;
use dudao_platform::page;
use dudao_platform::{Tx, call, overlay, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::school_service_server::SchoolService;

use super::plaque::Faces;
use super::wire::{day_text, events};
use super::write::create_towns;
use super::{
    Change, Item, Registry, Resource, in_known_county, number, parse_county, parse_parent, word,
};
use crate::domain::Violations;
use crate::domain::school::{Grade, Place, Provider, School, SchoolDraft, Stage};
use crate::domain::supervisor::Supervisor;
use crate::domain::zone::Zone;
use crate::store::{Filter, Record, name};

/// The most items of a batch.
pub(super) const MAX_BATCH: usize = 1_000;

/// A place as the contract carries it.
pub(super) fn place_message(place: Place) -> proto::Place {
    proto::Place {
        longitude: place.longitude,
        latitude: place.latitude,
    }
}

/// A place as the domain has it.
pub(super) fn place(message: proto::Place) -> Place {
    Place {
        longitude: message.longitude,
        latitude: message.latitude,
    }
}

impl Resource for School {
    type Message = proto::School;
    const FIELD: &'static str = "school";
    const ID: &'static str = "school_id";

    fn identity(message: &proto::School) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::School {
        let School {
            code: _,
            display_name,
            stage,
            provider,
            town,
            pupils,
            staff,
            place,
            boarding,
            last_inspection_date,
            last_grade,
            closed_us,
            responsibility,
        } = record.content.clone();
        let county = &record.county;
        let responsible = responsibility.filter(|responsibility| responsibility.until.is_none());
        let (zone, responsible_supervisor, since) =
            responsible.map_or_else(Default::default, |responsible| {
                (
                    name::<Zone>(county, &responsible.zone),
                    name::<Supervisor>(county, &responsible.supervisor),
                    Some(responsible.since),
                )
            });
        proto::School {
            name: record.name(),
            display_name,
            stage: number(Stage::ALL, Some(&stage)),
            provider: number(Provider::ALL, provider.as_ref()),
            town,
            pupils,
            staff,
            place: Some(place_message(place)),
            boarding,
            last_inspection_date: day_text(last_inspection_date),
            last_grade: number(Grade::ALL, last_grade.as_ref()),
            close_time: closed_us.map(clock::timestamp),
            zone,
            responsible_supervisor,
            responsible_since: day_text(since),
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
        }
    }

    fn from_message(
        code: &str,
        message: proto::School,
        today: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        let draft = SchoolDraft {
            code: code.to_owned(),
            display_name: message.display_name,
            stage: word(&mut wrong, "stage", Stage::ALL, message.stage),
            provider: word(&mut wrong, "provider", Provider::ALL, message.provider),
            town: message.town,
            pupils: message.pupils.map(i64::from),
            staff: message.staff.map(i64::from),
            place: message.place.map(place),
            boarding: message.boarding,
            last_inspection_date: message.last_inspection_date,
            last_grade: word(&mut wrong, "last_grade", Grade::ALL, message.last_grade),
        };
        let school = wrong.take("", draft.finish(today));
        wrong.into_result()?;
        school.ok_or_else(Violations::new)
    }

    overlay!(proto::School; display_name, stage, provider, town, pupils, staff, place, boarding, last_inspection_date, last_grade);

    events!(proto::School, school;
        Change::Created => SchoolCreated,
        Change::Updated => SchoolUpdated,
        Change::Ended => SchoolClosed,
    );

    fn in_place_of(self, before: &Self) -> Self {
        School::in_place_of(self, before)
    }

    fn ended_at(self, now_us: i64) -> Self {
        Self {
            closed_us: Some(now_us),
            ..self
        }
    }
}

rpcs! { impl SchoolService for Registry, in proto;
    create_school(CreateSchoolRequest) -> School = |me, caller, request| me.desk.create_one::<School, _>(call!(caller, request), &request.parent, &request.school_id, request.school.as_ref(), async |tx: &mut Tx, records: &mut [Record<School>]| with_towns(tx, caller.actor(), records).await);
    get_school(GetSchoolRequest) -> School = |me, caller, request| me.desk.get::<School>(caller, &request.name);
    list_schools(ListSchoolsRequest) -> ListSchoolsResponse = |me, caller, request| async {
        let mut wrong = Violations::new();
        let stages = request.stages.iter().enumerate();
        let stages: Vec<_> = stages
            .filter_map(|(at, stage)| word(&mut wrong, &format!("stages[{at}]"), Stage::ALL, *stage))
            .map(Stage::zh)
            .collect();
        wrong.into_result()?;
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            ended: request.show_closed,
            place: &request.town,
            kinds: if stages.is_empty() { "".into() } else { format!(",{},", stages.join(",")).into() },
            ..Filter::default()
        };
        let (schools, next_page_token) = me.desk.list::<School>(caller, &page, filter).await?;
        Ok(proto::ListSchoolsResponse { schools, next_page_token })
    };
    update_school(UpdateSchoolRequest) -> School = |me, caller, request| me.desk.update::<School, _>(call!(caller, request), request.school.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, before: &Record<School>, after: &mut School| {
        Faces::of(tx, &before.county).await?.with_school(after).renew_plaques(tx, caller.actor()).await?;
        let after = Record { content: after.clone(), ..before.clone() };
        create_towns(tx, caller.actor(), &[after]).await
    });
    close_school(CloseSchoolRequest) -> School = |me, caller, request| me.desk.end::<School, _>(call!(caller, request), &request.name, &request.etag, async |tx: &mut Tx, before: &Record<School>, after: &mut School| {
        Faces::of(tx, &before.county).await?.with_school(after).renew_plaques(tx, caller.actor()).await
    });
    batch_create_schools(BatchCreateSchoolsRequest) -> BatchCreateSchoolsResponse = |me, caller, request| async {
        parse_county(caller, "parent", &request.parent)?;
        check_batch(&request.parent, request.requests.iter().map(|item| item.parent.as_str()))?;
        let items = request.requests.iter().enumerate().map(|(at, item)| Item {
            code: item.school_id.clone(),
            message: item.school.clone().unwrap_or_default(),
            path: format!("requests[{at}]."),
        });
        let wrap = |schools| Ok(proto::BatchCreateSchoolsResponse { schools });
        me.desk.create::<School, _, _>(call!(caller, request), &request.parent, items.collect(), async |tx: &mut Tx, records: &mut [Record<School>]| with_towns(tx, caller.actor(), records).await, wrap).await
    };
}

/// Refuses schools of an unknown county, and creates the towns that they name.
async fn with_towns(tx: &mut Tx, actor: &str, records: &mut [Record<School>]) -> Result<(), Error> {
    in_known_county(tx, records).await?;
    create_towns(tx, actor, records).await
}

/// Refuses a batch that is empty, too large, or of several parents.
pub(super) fn check_batch<'a>(
    parent: &str,
    items: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), Error> {
    let mut wrong = Violations::new();
    wrong.check(
        (1..=MAX_BATCH).contains(&items.len()),
        "requests",
        "一次须为 1 至 1000 项",
        "must be 1 to 1000 items",
    );
    for (at, of) in items.enumerate() {
        wrong.check(
            of.is_empty() || of == parent,
            format!("requests[{at}].parent"),
            "须与批量请求的 parent 相同",
            "must be the batch's parent or empty",
        );
    }
    Ok(wrong.into_result()?)
}
