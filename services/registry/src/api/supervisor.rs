//! Supervisors.

use chrono::NaiveDate;
use dudao_law::{Refusal, Ruleset, Word};
use dudao_platform::carry::Carry;
use dudao_platform::clock;
use dudao_platform::document::Document as _;
use dudao_platform::events::NewEvent;
use dudao_platform::page;
use dudao_platform::resource::Stepped;
use dudao_platform::{Tx, call, mirror, overlay, payload, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::supervisor_service_server::SupervisorService;

use super::plaque::Faces;
use super::school::{check_batch, place, place_message};
use super::wire::{day_text, events};
use super::{
    Change, Item, Registry, Resource, assessment, in_known_county, law, number, parse_county,
    parse_parent, word,
};
use crate::domain::Violations;
use crate::domain::county::County;
use crate::domain::school::{School, Stage};
use crate::domain::staffing::Staffing;
use crate::domain::supervisor::{Employment, Renewal, Supervisor, SupervisorDraft, Term};
use crate::store::{self, Filter, Record};

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
            phone,
            photo_uri,
            letter_number,
            certificate_number,
            past_terms,
            renewal_published: _,
            left_us,
            leave_reason,
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
            phone,
            photo_uri,
            letter_number,
            certificate_number,
            term_number: i32::try_from(record.content.term_number()).unwrap_or(i32::MAX),
            past_terms: past_terms.iter().map(Carry::carry).collect(),
            leave_reason,
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
            phone: message.phone,
            photo_uri: message.photo_uri,
            letter_number: message.letter_number,
            certificate_number: message.certificate_number,
        };
        let supervisor = wrong.take("", draft.finish());
        wrong.into_result()?;
        supervisor.ok_or_else(Violations::new)
    }

    overlay!(
        proto::Supervisor;
        display_name, employment, stages, base, term_start_date, term_end_date, training_hours, days_per_year,
        max_schools, employer, avoid_schools, phone, photo_uri, letter_number, certificate_number,
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

mirror!(Term => proto::Term { start_date, end_date, publish_date });

/// Counts a county's schools and supervisors by its rules.
pub(super) fn staffing(
    schools: &[Record<School>],
    people: &[Record<Supervisor>],
    rules: &Ruleset,
    today: NaiveDate,
) -> Result<Staffing, Refusal> {
    let schools = schools.iter().map(|one| &one.content);
    let people = people.iter().map(|one| &one.content);
    Ok(Staffing::of(
        schools,
        people,
        rules.count("supervisor.max_schools")?,
        today,
    ))
}

/// The staffing of a county as the contract carries it.
pub(super) fn staffing_message(county: &str, counted: &Staffing) -> proto::Staffing {
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let serving = counted.full_time + counted.part_time;
    proto::Staffing {
        schools: number(counted.schools),
        supervisors: number(serving),
        full_time: number(counted.full_time),
        part_time: number(counted.part_time),
        term_ended: number(counted.term_ended),
        schools_per_supervisor: if serving == 0 {
            0.0
        } else {
            counted.schools as f64 / serving as f64
        },
        max_schools: number(counted.max_schools),
        required: number(counted.required),
        missing: number(counted.missing),
        stages: counted
            .stages
            .iter()
            .map(|one| proto::StageStaffing {
                stage: Word::number(one.stage),
                schools: number(one.schools),
                supervisors: number(one.supervisors),
                required: number(one.required),
            })
            .collect(),
        uncovered_schools: counted
            .uncovered
            .iter()
            .map(|code| store::name::<School>(county, code))
            .collect(),
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
    export_supervisors(ExportSupervisorsRequest) -> ExportSupervisorsResponse = |me, caller, request| async {
        let county = &parse_county(caller, "parent", &request.parent)?;
        let mut wrong = Violations::new();
        dudao_law::text(&mut wrong, "purpose", &request.purpose, 200);
        wrong.into_result()?;
        me.desk.once(call!(caller, request), county, async move |mut tx: Tx| {
            store::get::<County>(&mut tx, county, county).await?;
            let records = store::all::<Supervisor>(&mut tx, county).await?;
            let asked = records.iter().filter(|one| request.show_left || !one.content.ended());
            let supervisors: Vec<_> = asked.map(Supervisor::to_message).collect();
            let taken = proto::SupervisorsExported { purpose: request.purpose.clone(), count: supervisors.len() as i32 };
            let taken = NewEvent::new(county, format!("counties/{county}"), caller.actor(), &taken);
            dudao_platform::events::append(&mut tx, [taken]).await?;
            Ok((tx, proto::ExportSupervisorsResponse { supervisors }))
        }).await
    };
    update_supervisor(UpdateSupervisorRequest) -> Supervisor = |me, caller, request|
        me.desk.update::<Supervisor, _>(call!(caller, request), request.supervisor.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, before: &Record<Supervisor>, after: &mut Supervisor| {
            Faces::of(tx, &before.county).await?.with_supervisor(after).renew_plaques(tx, caller.actor()).await
        });
    dismiss_supervisor(DismissSupervisorRequest) -> Supervisor = |me, caller, request|
        me.desk.end::<Supervisor, _>(call!(caller, request), &request.name, &request.etag, async |tx: &mut Tx, before: &Record<Supervisor>, after: &mut Supervisor| {
            let mut wrong = Violations::new();
            dudao_law::check_length(&mut wrong, "reason", &request.reason, 500);
            wrong.into_result()?;
            after.leave_reason.clone_from(&request.reason);
            Faces::of(tx, &before.county).await?.with_supervisor(after).renew_plaques(tx, caller.actor()).await
        });
    renew_supervisor(RenewSupervisorRequest) -> Supervisor = |me, caller, request| async {
        let mut wrong = Violations::new();
        let renewal = Renewal {
            publish_date: dudao_law::day(&mut wrong, "publish_date", &request.publish_date),
            term_end_date: dudao_law::day(&mut wrong, "term_end_date", &request.term_end_date),
            letter_number: request.letter_number.clone(),
        };
        wrong.into_result()?;
        me.desk.step::<Supervisor, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let law = law(tx, &before.county, clock::day_of(tx.now_us())).await?;
            let assessed = assessment::of_term(tx, &before.county, &before.name(), &before.content).await?;
            let content = before.content.clone().renew(renewal, assessed, &law).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::SupervisorRenewed, supervisor, Supervisor::to_message(after)))] })
        }).await
    };
    get_staffing(GetStaffingRequest) -> Staffing = |me, caller, request| async {
        let county = parse_county(caller, "parent", &request.parent)?;
        let today = me.desk.context.clock.today();
        let mut tx = me.desk.context.db.begin_read().await?;
        let rules = law(&mut tx, &county, today).await?.rules;
        let schools = store::all::<School>(&mut tx, &county).await?;
        let people = store::all::<Supervisor>(&mut tx, &county).await?;
        Ok(staffing_message(&county, &staffing(&schools, &people, &rules, today)?))
    };
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
