//! Assessments of supervisors.

use dudao_law::Violations;
use dudao_platform::carry::needed_word;
use dudao_platform::document::year_of;
use dudao_platform::error::{Error, Result};
use dudao_platform::page;
use dudao_platform::resource::{Resource as _, Stepped};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, call, clock, limited, mirror, payload, rpcs};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::assessment_service_server::AssessmentService;
use tonic::{Code, Status};

use super::{Registry, law, parse_county, parse_name, parse_parent};
use crate::domain::assessment::{Assessment, AssessmentFacts, AssessmentGrade};
use crate::domain::supervisor::Supervisor;
use crate::domain::training::{Hours, Training};
use crate::store::{self, Filter, Record};

mirror!(AssessmentFacts => proto::AssessmentFacts {
    visits_due, visits_made, reports_due, reports_on_time, findings, findings_closed, findings_overdue, training_hours,
    training_required_hours,
});
mirror!(Assessment => proto::Assessment {
    supervisor, kind as word, start_date, end_date,
} out { facts as maybe, proposed_grade as maybe_word, grounds, grade as maybe_word, decide_date, decided_by, comment, ruleset });

dudao_platform::resource!(Assessment => proto::Assessment, assessment, "assessment_id"; edit { };
    Created => proto::AssessmentOpened, Updated => proto::AssessmentDecided);

rpcs! { impl AssessmentService for Registry, in proto;
    create_assessment(CreateAssessmentRequest) -> Assessment = |me, caller, request| me.assess(caller, request);
    get_assessment(GetAssessmentRequest) -> Assessment = |me, caller, request| me.desk.get::<Assessment>(caller, &request.name);
    list_assessments(ListAssessmentsRequest) -> ListAssessmentsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = year_of(request.year);
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            subject: &request.supervisor,
            from: &from,
            until: &until,
            ..Filter::default()
        };
        let (assessments, next_page_token) = me.desk.list::<Assessment>(caller, &page, filter).await?;
        Ok(proto::ListAssessmentsResponse { assessments, next_page_token })
    };
    decide_assessment(DecideAssessmentRequest) -> Assessment = |me, caller, request| async {
        let mut wrong = Violations::new();
        let grade = needed_word::<AssessmentGrade>(request.grade, &mut wrong, "grade");
        wrong.into_result()?;
        me.desk.step::<Assessment, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let content = before.content.clone()
                .decide(grade, &request.officer, &request.comment, clock::day_of(tx.now_us()))
                .map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::AssessmentDecided, assessment, Assessment::to_message(after)))] })
        }).await
    };
}

impl Registry {
    /// Opens an assessment on what the other services have recorded, asked before the transaction.
    async fn assess(
        &self,
        caller: &Principal,
        asked: &proto::CreateAssessmentRequest,
    ) -> Result<proto::Assessment> {
        parse_county(caller, "parent", &asked.parent)?;
        let draft = asked.assessment.clone().unwrap_or_default();
        let (county, code) =
            parse_name::<Supervisor>(caller, "assessment.supervisor", &draft.supervisor)?;
        if asked.parent != format!("counties/{county}") {
            return Err(Error::not_found(&draft.supervisor));
        }
        let work = self.work(&draft).await?;
        self.desk
            .create_one::<Assessment, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.assessment_id,
                asked.assessment.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<Assessment>]| {
                    store::get::<Supervisor>(tx, &county, &code).await?;
                    let today = clock::day_of(tx.now_us());
                    let law = law(tx, &county, today).await?;
                    for record in records {
                        let content = record.content.clone();
                        let trainings =
                            store::about::<Training>(tx, &county, &content.supervisor).await?;
                        let hours = Hours::of(
                            trainings.iter().map(|one| &one.content),
                            content.start_date,
                            content.end_date,
                        );
                        let facts = AssessmentFacts {
                            training_hours: hours.counted(),
                            ..work
                        };
                        record.content = content.opened(facts, &law, today)?;
                    }
                    Ok(())
                },
            )
            .await
    }

    /// What the inspection and the accountability have recorded of a supervisor. A period that is none is told by the check of
    /// the assessment itself.
    async fn work(&self, draft: &proto::Assessment) -> Result<AssessmentFacts> {
        use accountability::supervisor_closure_service_client::SupervisorClosureServiceClient;
        use inspection::supervisor_work_service_client::SupervisorWorkServiceClient;
        let work = limited!(SupervisorWorkServiceClient::new(self.inspection.clone()))
            .get_supervisor_work(inspection::GetSupervisorWorkRequest {
                supervisor: draft.supervisor.clone(),
                start_date: draft.start_date.clone(),
                end_date: draft.end_date.clone(),
            })
            .await;
        let closure = limited!(SupervisorClosureServiceClient::new(
            self.accountability.clone()
        ))
        .get_supervisor_closure(accountability::GetSupervisorClosureRequest {
            supervisor: draft.supervisor.clone(),
            start_date: draft.start_date.clone(),
            end_date: draft.end_date.clone(),
        })
        .await;
        let (work, closure) = (known(work)?, known(closure)?);
        Ok(AssessmentFacts {
            visits_due: work.visits_due,
            visits_made: work.visits_made,
            reports_due: work.reports_due,
            reports_on_time: work.reports_on_time,
            findings: closure.findings,
            findings_closed: closure.closed,
            findings_overdue: closure.overdue,
            ..AssessmentFacts::default()
        })
    }
}

/// The grade of the assessment of a term, if it has been decided.
pub(super) async fn of_term(
    tx: &mut Tx,
    county: &str,
    supervisor: &str,
    person: &Supervisor,
) -> Result<Option<AssessmentGrade>> {
    let assessments = store::about::<Assessment>(tx, county, supervisor).await?;
    Ok(assessments
        .into_iter()
        .map(|record| record.content)
        .filter(|one| one.is_of_term(person.term_start_date))
        .max_by_key(|one| one.decide_date)
        .and_then(|one| one.grade))
}

fn known<M: Default>(answer: Result<tonic::Response<M>, Status>) -> Result<M> {
    match answer {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) if status.code() == Code::InvalidArgument => Ok(M::default()),
        Err(status)
            if matches!(
                status.code(),
                Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
            ) =>
        {
            Err(Error::unavailable(
                "the inspection or the accountability can't be reached",
            ))
        }
        Err(status) => Err(Error::internal(status)),
    }
}
