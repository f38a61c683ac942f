//! Towns and townships.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::town_service_server::TownService;
use tonic::{Request, Response, Status};

use super::wire::{Change, day_text, events, overlay};
use super::{Call, Registry, Wire, parse_parent};
use crate::domain::Violations;
use crate::domain::town::{Town, TownCode};
use crate::domain::violation::day;
use crate::store::{Filter, Record};

impl Wire for Town {
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

#[tonic::async_trait]
impl TownService for Registry {
    async fn create_town(
        &self,
        request: Request<proto::CreateTownRequest>,
    ) -> Result<Response<proto::Town>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .create_one::<Town, _>(
                call,
                &request.parent,
                &request.town_id,
                request.town.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn get_town(
        &self,
        request: Request<proto::GetTownRequest>,
    ) -> Result<Response<proto::Town>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.get::<Town>(&caller, &request.get_ref().name).await?,
        ))
    }

    async fn list_towns(
        &self,
        request: Request<proto::ListTownsRequest>,
    ) -> Result<Response<proto::ListTownsResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(&caller, &request.parent)?,
            ended: true,
            ..Filter::default()
        };
        let (towns, next_page_token) = self.list::<Town>(&caller, &page, filter).await?;
        Ok(Response::new(proto::ListTownsResponse {
            towns,
            next_page_token,
        }))
    }

    async fn update_town(
        &self,
        request: Request<proto::UpdateTownRequest>,
    ) -> Result<Response<proto::Town>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .update::<Town, _>(call, request.town.as_ref(), request.update_mask.as_ref())
            .await?;
        Ok(Response::new(answer))
    }
}
