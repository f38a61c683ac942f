//! Supervisors.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::resource::freely_changed;
use dudao_platform::{call, overlay, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::supervisor_service_server::SupervisorService;

use super::school::{check_batch, place, place_message};
use super::wire::{day_text, events};
use super::{
    Change, Item, Registry, Resource, in_known_county, number, parse_county, parse_parent, word,
};
use crate::domain::Violations;
use crate::domain::school::Stage;
use crate::domain::supervisor::{Employment, Supervisor, SupervisorDraft};
use crate::store::{Filter, Record};

impl Resource for Supervisor {
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

rpcs! { impl SupervisorService for Registry, in proto;
    create_supervisor(CreateSupervisorRequest) -> Supervisor = |me, caller, request| me.desk.create_one::<Supervisor, _>(call!(caller, request), &request.parent, &request.supervisor_id, request.supervisor.as_ref(), in_known_county);
    get_supervisor(GetSupervisorRequest) -> Supervisor = |me, caller, request| me.desk.get::<Supervisor>(caller, &request.name);
    list_supervisors(ListSupervisorsRequest) -> ListSupervisorsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: request.show_left, ..Filter::default() };
        let (supervisors, next_page_token) = me.desk.list::<Supervisor>(caller, &page, filter).await?;
        Ok(proto::ListSupervisorsResponse { supervisors, next_page_token })
    };
    update_supervisor(UpdateSupervisorRequest) -> Supervisor = |me, caller, request| me.desk.update::<Supervisor, _>(call!(caller, request), request.supervisor.as_ref(), request.update_mask.as_ref(), freely_changed);
    dismiss_supervisor(DismissSupervisorRequest) -> Supervisor = |me, caller, request| me.desk.end::<Supervisor, _>(call!(caller, request), &request.name, &request.etag, freely_changed);
    batch_create_supervisors(BatchCreateSupervisorsRequest) -> BatchCreateSupervisorsResponse = |me, caller, request| async {
        parse_county(caller, "parent", &request.parent)?;
        check_batch(&request.parent, request.requests.iter().map(|item| item.parent.as_str()))?;
        let items = request.requests.iter().enumerate().map(|(at, item)| Item {
            code: item.supervisor_id.clone(),
            message: item.supervisor.clone().unwrap_or_default(),
            path: format!("requests[{at}]."),
        });
        let wrap = |supervisors| Ok(proto::BatchCreateSupervisorsResponse { supervisors });
        me.desk.create::<Supervisor, _, _>(call!(caller, request), &request.parent, items.collect(), in_known_county, wrap).await
    };
}
