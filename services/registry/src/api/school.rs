//! Schools and kindergartens.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::error::{Error, Violations as Wrong};
use dudao_platform::page;
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::school_service_server::SchoolService;
use tonic::{Request, Response, Status};

use super::wire::{Change, day_text, events, overlay};
use super::{Call, Item, Registry, Wire, number, parse_county, parse_parent, word};
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

impl Wire for School {
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

#[tonic::async_trait]
impl SchoolService for Registry {
    async fn create_school(
        &self,
        request: Request<proto::CreateSchoolRequest>,
    ) -> Result<Response<proto::School>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .create_one::<School, _>(
                call,
                &request.parent,
                &request.school_id,
                request.school.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn get_school(
        &self,
        request: Request<proto::GetSchoolRequest>,
    ) -> Result<Response<proto::School>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.get::<School>(&caller, &request.get_ref().name).await?,
        ))
    }

    async fn list_schools(
        &self,
        request: Request<proto::ListSchoolsRequest>,
    ) -> Result<Response<proto::ListSchoolsResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let mut wrong = Violations::new();
        let stages: Vec<_> = request
            .stages
            .iter()
            .enumerate()
            .filter_map(|(at, stage)| {
                word(&mut wrong, &format!("stages[{at}]"), Stage::ALL, *stage)
            })
            .map(Stage::zh)
            .collect();
        wrong
            .into_result()
            .map_err(|wrong| super::adopt_wrong(wrong, "", "", ""))?;
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(&caller, &request.parent)?,
            ended: request.show_closed,
            town: &request.town,
            stages: if stages.is_empty() {
                "".into()
            } else {
                format!(",{},", stages.join(",")).into()
            },
            ..Filter::default()
        };
        let (schools, next_page_token) = self.list::<School>(&caller, &page, filter).await?;
        Ok(Response::new(proto::ListSchoolsResponse {
            schools,
            next_page_token,
        }))
    }

    async fn update_school(
        &self,
        request: Request<proto::UpdateSchoolRequest>,
    ) -> Result<Response<proto::School>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .update::<School, _>(call, request.school.as_ref(), request.update_mask.as_ref())
            .await?;
        Ok(Response::new(answer))
    }

    async fn close_school(
        &self,
        request: Request<proto::CloseSchoolRequest>,
    ) -> Result<Response<proto::School>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        Ok(Response::new(
            self.end::<School, _>(call, &request.name, &request.etag)
                .await?,
        ))
    }

    async fn batch_create_schools(
        &self,
        request: Request<proto::BatchCreateSchoolsRequest>,
    ) -> Result<Response<proto::BatchCreateSchoolsResponse>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        parse_county(caller, "parent", &request.parent)?;
        check_batch(
            &request.parent,
            request.requests.iter().map(|item| item.parent.as_str()),
        )?;
        let items = request.requests.iter().enumerate().map(|(at, item)| Item {
            code: item.school_id.clone(),
            message: item.school.clone().unwrap_or_default(),
            path: format!("requests[{at}]."),
        });
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .create::<School, _, _>(call, &request.parent, items.collect(), |schools| {
                Ok(proto::BatchCreateSchoolsResponse { schools })
            })
            .await?;
        Ok(Response::new(answer))
    }
}

/// Refuses a batch that is empty, too large, or of several parents.
pub(super) fn check_batch<'a>(
    parent: &str,
    items: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), Error> {
    let mut wrong = Wrong::new();
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
    wrong.into_result()
}
