//! Admissions, each step of theirs.

use chrono::NaiveDate;
use dudao_law::Refusal;
use dudao_platform::carry::Carry as _;
use dudao_platform::document::kinds;
use dudao_platform::error::{Error, Result, Violations};
use dudao_platform::events::NewEvent;
use dudao_platform::page;
use dudao_platform::resource::{About, Call, NewFact, Resource as _, Stepped};
use dudao_platform::{Tx, call, clock, mirror, payload, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::admission_service_server::AdmissionService;
use prost::{Message, Name};

use super::{Change, Registry, in_known_county, law, parse_parent, write};
use crate::domain::admission::{
    Admission, AdmissionObjection, AdmissionReview, AdmissionState, Appointing, Appointment,
    ConditionReview, PublicNotice,
};
use crate::domain::school::Place;
use crate::domain::supervisor::{Employment, Supervisor};
use crate::store::{self, Filter, Record};

mirror!(Place => proto::Place { longitude, latitude });
mirror!(ConditionReview => proto::ConditionReview { condition as word, met, evidence });
mirror!(AdmissionReview => proto::AdmissionReview { date, by, conditions });
mirror!(PublicNotice => proto::PublicNotice { start_date, end_date, place });
mirror!(AdmissionObjection => proto::AdmissionObjection { date, text, resolve_date, resolution, upheld });
mirror!(Appointment => proto::Appointment { date, letter_number, certificate_number, supervisor });
mirror!(Admission => proto::Admission {
    display_name, employment as word, stages as words, base as part, employer, phone, education, years_of_service,
    young_pioneers, recommended_by,
} out { state as word, ruleset, review as maybe, notice as maybe, objections, publish_date, appointment as maybe, end_reason });

dudao_platform::resource!(Admission => proto::Admission, admission, "admission_id";
    edit { display_name, employment, stages, base, employer, phone, education, years_of_service, young_pioneers, recommended_by };
    Created => proto::SupervisorRecommended, Updated => proto::AdmissionUpdated, Ended => proto::AdmissionEnded);

/// The fact that holds the admission as it is after it.
macro_rules! fact {
    ($payload:ident) => {
        |about: About<'_>, after: &Record<Admission>| -> NewEvent {
            payload!(
                about,
                proto::$payload,
                admission,
                Admission::to_message(after)
            )
        }
    };
}

/// The parts of a request that every step has.
macro_rules! at {
    ($caller:expr, $request:expr) => {
        (
            call!($caller, $request),
            $request.name.as_str(),
            $request.etag.as_str(),
        )
    };
}

rpcs! { impl AdmissionService for Registry, in proto;
    create_admission(CreateAdmissionRequest) -> Admission = |me, caller, request|
        me.desk.create_one::<Admission, _>(call!(caller, request), &request.parent, &request.admission_id, request.admission.as_ref(), async |tx: &mut Tx, records: &mut [Record<Admission>]| {
            in_known_county(tx, records).await?;
            for record in records {
                record.content.ruleset = law(tx, &record.county, clock::day_of(tx.now_us())).await?.rules.name;
            }
            Ok(())
        });
    get_admission(GetAdmissionRequest) -> Admission = |me, caller, request| me.desk.get::<Admission>(caller, &request.name);
    list_admissions(ListAdmissionsRequest) -> ListAdmissionsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            kinds: kinds::<AdmissionState>("states", &request.states)?.into(),
            ended: !request.states.is_empty(),
            ..Filter::default()
        };
        let (admissions, next_page_token) = me.desk.list::<Admission>(caller, &page, filter).await?;
        Ok(proto::ListAdmissionsResponse { admissions, next_page_token })
    };
    update_admission(UpdateAdmissionRequest) -> Admission = |me, caller, request|
        me.desk.update::<Admission, _>(call!(caller, request), request.admission.as_ref(), request.update_mask.as_ref(), async |_: &mut Tx, before: &Record<Admission>, _: &mut Admission| {
            Ok(before.content.may_change().map_err(|refusal| refusal.about(&before.name()))?)
        });
    review_admission(ReviewAdmissionRequest) -> Admission = |me, caller, request| async {
        let mut wrong = Violations::new();
        let conditions: Vec<ConditionReview> = Vec::take(request.conditions.clone(), &mut wrong, "conditions");
        wrong.into_result()?;
        me.advance(at!(caller, request), fact!(AdmissionReviewed), |one, today| one.review(&request.by, conditions, today)).await
    };
    announce_admission(AnnounceAdmissionRequest) -> Admission = |me, caller, request|
        me.desk.step::<Admission, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            let law = law(tx, &before.county, today).await?;
            let content = before.content.clone().announce(&request.place, &law, today).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(fact!(AdmissionAnnounced))] })
        });
    object_to_admission(ObjectToAdmissionRequest) -> Admission = |me, caller, request|
        me.advance(at!(caller, request), fact!(AdmissionObjected), |one, today| one.object(&request.text, today));
    resolve_objection(ResolveObjectionRequest) -> Admission = |me, caller, request|
        me.advance(at!(caller, request), fact!(AdmissionObjectionResolved), |one, today| one.resolve(request.position, &request.resolution, request.upheld, today));
    publish_admission(PublishAdmissionRequest) -> Admission = |me, caller, request|
        me.advance(at!(caller, request), fact!(AdmissionPublished), Admission::publish);
    appoint_admission(AppointAdmissionRequest) -> Admission = |me, caller, request|
        me.desk.step::<Admission, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| appoint(tx, caller.actor(), before, request).await);
    reject_admission(RejectAdmissionRequest) -> Admission = |me, caller, request|
        me.advance(at!(caller, request), fact!(AdmissionEnded), |one, _| one.reject(&request.reason));
    withdraw_admission(WithdrawAdmissionRequest) -> Admission = |me, caller, request|
        me.advance(at!(caller, request), fact!(AdmissionEnded), |one, _| one.withdraw(&request.reason));
}

/// A step's place in the request.
type At<'a, Req> = (Call<'a, Req>, &'a str, &'a str);

impl Registry {
    /// Does one step of an admission, with one fact.
    async fn advance<Req: Message + Name>(
        &self,
        (call, name, etag): At<'_, Req>,
        fact: fn(About<'_>, &Record<Admission>) -> NewEvent,
        decide: impl FnOnce(Admission, NaiveDate) -> Result<Admission, Refusal> + Send,
    ) -> Result<proto::Admission> {
        self.desk
            .step::<Admission, _>(call, name, etag, async |tx, before| {
                let content = decide(before.content.clone(), clock::day_of(tx.now_us()))
                    .map_err(|refusal| refusal.about(&before.name()))?;
                let fact: NewFact<Admission> = Box::new(fact);
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }
}

/// Appoints the person: the supervisor is created in the transaction that ends the admission.
async fn appoint(
    tx: &mut Tx,
    actor: &str,
    before: &Record<Admission>,
    asked: &proto::AppointAdmissionRequest,
) -> Result<Stepped<Admission>> {
    let (county, today) = (&before.county, clock::day_of(tx.now_us()));
    let mut wrong = Violations::new();
    let start = dudao_law::day(&mut wrong, "term_start_date", &asked.term_start_date);
    wrong.into_result()?;
    let people = store::all::<Supervisor>(tx, county).await?;
    let full_time = people
        .iter()
        .filter(|one| one.content.is_in_office() && one.content.employment == Employment::FullTime);
    let supervisor = store::name::<Supervisor>(county, &asked.supervisor_id);
    let appointing = Appointing {
        supervisor_id: asked.supervisor_id.clone(),
        letter_number: asked.letter_number.clone(),
        certificate_number: asked.certificate_number.clone(),
        term_start_date: start.unwrap_or(today),
        supervisor: supervisor.clone(),
        full_time: full_time.count(),
    };
    let law = law(tx, county, today).await?;
    let (content, person) = before
        .content
        .clone()
        .appoint(&appointing, &law, today)
        .map_err(|refusal| refusal.about(&before.name()))?;
    if people.iter().any(|one| one.code == asked.supervisor_id) {
        return Err(Error::already_exists(supervisor));
    }
    let record = Record::new(tx, county, &asked.supervisor_id, person);
    write(tx, actor, Change::Created, &[record]).await?;
    Ok(Stepped {
        content,
        facts: vec![Box::new(fact!(SupervisorAppointed))],
    })
}
