//! Member units of the committee.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::member_unit_service_server::MemberUnitService;
use tonic::{Request, Response, Status};

use super::wire::{Change, events, overlay};
use super::{Call, Registry, Wire, parse_parent};
use crate::domain::Violations;
use crate::domain::member_unit::{MemberUnit, MemberUnitCode};
use crate::store::{Filter, Record};

impl Wire for MemberUnit {
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

#[tonic::async_trait]
impl MemberUnitService for Registry {
    async fn create_member_unit(
        &self,
        request: Request<proto::CreateMemberUnitRequest>,
    ) -> Result<Response<proto::MemberUnit>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .create_one::<MemberUnit, _>(
                call,
                &request.parent,
                &request.member_unit_id,
                request.member_unit.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn get_member_unit(
        &self,
        request: Request<proto::GetMemberUnitRequest>,
    ) -> Result<Response<proto::MemberUnit>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.get::<MemberUnit>(&caller, &request.get_ref().name)
                .await?,
        ))
    }

    async fn list_member_units(
        &self,
        request: Request<proto::ListMemberUnitsRequest>,
    ) -> Result<Response<proto::ListMemberUnitsResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(&caller, &request.parent)?,
            ended: true,
            ..Filter::default()
        };
        let (member_units, next_page_token) =
            self.list::<MemberUnit>(&caller, &page, filter).await?;
        Ok(Response::new(proto::ListMemberUnitsResponse {
            member_units,
            next_page_token,
        }))
    }

    async fn update_member_unit(
        &self,
        request: Request<proto::UpdateMemberUnitRequest>,
    ) -> Result<Response<proto::MemberUnit>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .update::<MemberUnit, _>(
                call,
                request.member_unit.as_ref(),
                request.update_mask.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn withdraw_member_unit(
        &self,
        request: Request<proto::WithdrawMemberUnitRequest>,
    ) -> Result<Response<proto::MemberUnit>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        Ok(Response::new(
            self.end::<MemberUnit, _>(call, &request.name, &request.etag)
                .await?,
        ))
    }
}
