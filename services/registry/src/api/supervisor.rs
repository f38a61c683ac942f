//! Supervisors.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::supervisor_service_server::SupervisorService;
use tonic::{Request, Response, Status};

use super::school::{check_batch, place, place_message};
use super::wire::{Change, day_text, events, overlay};
use super::{Call, Item, Registry, Wire, number, parse_county, parse_parent, word};
use crate::domain::Violations;
use crate::domain::school::Stage;
use crate::domain::supervisor::{Employment, Supervisor, SupervisorDraft};
use crate::store::{Filter, Record};

impl Wire for Supervisor {
    type Message = proto::Supervisor;
    const FIELD: &'static str = "supervisor";
    const ID: &'static str = "supervisor_id";

    fn identity(message: &proto::Supervisor) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::Supervisor {
        let Supervisor {
            code: _,
            display_name,
            employment,
            stages,
            base,
            term_start_date,
            term_end_date,
            training_hours,
            days_per_year,
            max_schools,
            employer,
            avoid_schools,
            left_us,
        } = record.content.clone();
        proto::Supervisor {
            name: record.name(),
            display_name,
            employment: number(Employment::ALL, Some(&employment)),
            stages: stages
                .iter()
                .map(|stage| number(Stage::ALL, Some(stage)))
                .collect(),
            base: Some(place_message(base)),
            term_start_date: day_text(Some(term_start_date)),
            term_end_date: day_text(term_end_date),
            training_hours,
            days_per_year,
            max_schools,
            employer,
            avoid_schools: avoid_schools.iter().map(ToString::to_string).collect(),
            leave_time: left_us.map(clock::timestamp),
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
        }
    }

    fn from_message(
        code: &str,
        message: proto::Supervisor,
        _: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        let stages = message.stages.iter().enumerate();
        let draft = SupervisorDraft {
            code: code.to_owned(),
            display_name: message.display_name,
            employment: word(
                &mut wrong,
                "employment",
                Employment::ALL,
                message.employment,
            ),
            stages: stages
                .filter_map(|(at, stage)| {
                    word(&mut wrong, &format!("stages[{at}]"), Stage::ALL, *stage)
                })
                .collect(),
            base: message.base.map(place),
            term_start_date: message.term_start_date,
            term_end_date: message.term_end_date,
            training_hours: message.training_hours,
            days_per_year: message.days_per_year,
            max_schools: message.max_schools.map(i64::from),
            employer: message.employer,
            avoid_schools: message.avoid_schools,
        };
        let supervisor = wrong.take("", draft.finish());
        wrong.into_result()?;
        supervisor.ok_or_else(Violations::new)
    }

    overlay!(
        proto::Supervisor;
        display_name, employment, stages, base, term_start_date, term_end_date, training_hours, days_per_year,
        max_schools, employer, avoid_schools,
    );

    events!(proto::Supervisor, supervisor;
        Change::Created => SupervisorCreated,
        Change::Updated => SupervisorUpdated,
        Change::Ended => SupervisorDismissed,
    );

    fn in_place_of(self, before: &Self) -> Self {
        Supervisor::in_place_of(self, before)
    }

    fn ended_at(self, now_us: i64) -> Self {
        Self {
            left_us: Some(now_us),
            ..self
        }
    }
}

#[tonic::async_trait]
impl SupervisorService for Registry {
    async fn create_supervisor(
        &self,
        request: Request<proto::CreateSupervisorRequest>,
    ) -> Result<Response<proto::Supervisor>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .create_one::<Supervisor, _>(
                call,
                &request.parent,
                &request.supervisor_id,
                request.supervisor.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn get_supervisor(
        &self,
        request: Request<proto::GetSupervisorRequest>,
    ) -> Result<Response<proto::Supervisor>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.get::<Supervisor>(&caller, &request.get_ref().name)
                .await?,
        ))
    }

    async fn list_supervisors(
        &self,
        request: Request<proto::ListSupervisorsRequest>,
    ) -> Result<Response<proto::ListSupervisorsResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(&caller, &request.parent)?,
            ended: request.show_left,
            ..Filter::default()
        };
        let (supervisors, next_page_token) =
            self.list::<Supervisor>(&caller, &page, filter).await?;
        Ok(Response::new(proto::ListSupervisorsResponse {
            supervisors,
            next_page_token,
        }))
    }

    async fn update_supervisor(
        &self,
        request: Request<proto::UpdateSupervisorRequest>,
    ) -> Result<Response<proto::Supervisor>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .update::<Supervisor, _>(
                call,
                request.supervisor.as_ref(),
                request.update_mask.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn dismiss_supervisor(
        &self,
        request: Request<proto::DismissSupervisorRequest>,
    ) -> Result<Response<proto::Supervisor>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        Ok(Response::new(
            self.end::<Supervisor, _>(call, &request.name, &request.etag)
                .await?,
        ))
    }

    async fn batch_create_supervisors(
        &self,
        request: Request<proto::BatchCreateSupervisorsRequest>,
    ) -> Result<Response<proto::BatchCreateSupervisorsResponse>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        parse_county(caller, "parent", &request.parent)?;
        check_batch(
            &request.parent,
            request.requests.iter().map(|item| item.parent.as_str()),
        )?;
        let items = request.requests.iter().enumerate().map(|(at, item)| Item {
            code: item.supervisor_id.clone(),
            message: item.supervisor.clone().unwrap_or_default(),
            path: format!("requests[{at}]."),
        });
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .create::<Supervisor, _, _>(call, &request.parent, items.collect(), |supervisors| {
                Ok(proto::BatchCreateSupervisorsResponse { supervisors })
            })
            .await?;
        Ok(Response::new(answer))
    }
}
