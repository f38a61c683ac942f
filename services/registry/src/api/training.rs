//! Trainings, and a supervisor's file of a year.

use chrono::NaiveDate;
use dudao_law::check_past;
use dudao_platform::document::year_of;
use dudao_platform::error::{Error, Result, Violations};
use dudao_platform::page;
use dudao_platform::resource::{self, Resource as _, Stepped};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, call, clock, mirror, payload, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::training_service_server::TrainingService;

use super::relation::known_supervisor;
use super::{Registry, in_known_county, law, parse_name, parse_parent};
use crate::domain::supervisor::Supervisor;
use crate::domain::training::{Hours, Training};
use crate::store::{self, Filter, Record};

mirror!(Training => proto::Training {
    supervisor, kind as word, date, hours, title, provider, certificate,
} out { voided, void_reason });

dudao_platform::resource!(Training => proto::Training, training, "training_id"; edit { };
    Created => proto::TrainingRecorded, Updated => proto::TrainingRecorded, Ended => proto::TrainingVoided);

rpcs! { impl TrainingService for Registry, in proto;
    create_training(CreateTrainingRequest) -> Training = |me, caller, request|
        me.desk.create_one::<Training, _>(call!(caller, request), &request.parent, &request.training_id, request.training.as_ref(), async |tx: &mut Tx, records: &mut [Record<Training>]| {
            in_known_county(tx, records).await?;
            let mut wrong = Violations::new();
            for record in records {
                known_supervisor(tx, &mut wrong, "supervisor", &record.county, &record.content.supervisor).await?;
                check_past(&mut wrong, "date", record.content.date, clock::day_of(tx.now_us()));
            }
            if wrong.is_empty() { Ok(()) } else { Err(resource::inside(wrong, "training.", Training::ID, "")) }
        });
    get_training(GetTrainingRequest) -> Training = |me, caller, request| me.desk.get::<Training>(caller, &request.name);
    list_trainings(ListTrainingsRequest) -> ListTrainingsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = year_of(request.year);
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            subject: &request.supervisor,
            ended: request.show_voided,
            from: &from,
            until: &until,
            ..Filter::default()
        };
        let (trainings, next_page_token) = me.desk.list::<Training>(caller, &page, filter).await?;
        Ok(proto::ListTrainingsResponse { trainings, next_page_token })
    };
    void_training(VoidTrainingRequest) -> Training = |me, caller, request|
        me.desk.step::<Training, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().void(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::TrainingVoided, training, Training::to_message(after)))] })
        });
    get_training_file(GetTrainingFileRequest) -> TrainingFile = |me, caller, request| me.training_file(caller, request);
}

impl Registry {
    async fn training_file(
        &self,
        caller: &Principal,
        asked: &proto::GetTrainingFileRequest,
    ) -> Result<proto::TrainingFile> {
        let (county, code) = parse_name::<Supervisor>(caller, "supervisor", &asked.supervisor)?;
        if !caller.speaks_for(&asked.supervisor) {
            return Err(Error::not_found(&asked.supervisor));
        }
        let mut wrong = Violations::new();
        let year = if asked.year == 0 {
            chrono::Datelike::year(&self.desk.context.clock.today())
        } else {
            asked.year
        };
        let first = NaiveDate::from_ymd_opt(year, 1, 1).filter(|_| (2000..2100).contains(&year));
        let last = NaiveDate::from_ymd_opt(year, 12, 31);
        wrong.check(
            first.is_some(),
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        );
        wrong.into_result()?;
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let mut tx = self.desk.context.db.begin_read().await?;
        store::get::<Supervisor>(&mut tx, &county, &code).await?;
        let trainings = store::about::<Training>(&mut tx, &county, &asked.supervisor).await?;
        let required = law(&mut tx, &county, last.min(self.desk.context.clock.today()))
            .await?
            .rules
            .number("supervisor.training_hours")?;
        let hours = Hours::of(trainings.iter().map(|one| &one.content), first, last);
        Ok(proto::TrainingFile {
            supervisor: asked.supervisor.clone(),
            year,
            concentrated_hours: hours.concentrated,
            online_hours: hours.online,
            self_study_hours: hours.self_study,
            counted_hours: hours.counted(),
            required_hours: required,
            missing_hours: (required - hours.counted()).max(0.0),
            trainings: trainings
                .iter()
                .filter(|one| (first..=last).contains(&one.content.date))
                .map(Training::to_message)
                .collect(),
        })
    }
}
