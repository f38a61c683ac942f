//! Evaluations.

use dudao_inquiry::refused;
use dudao_law::Refusal;
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::{
    Call, NewFact, Resource, Stepped, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, limited, mirror, page, payload, rpcs};
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use prost::{Message, Name};
use proto::evaluation_service_server::EvaluationService;
use registry::county_service_client::CountyServiceClient;
use registry::member_unit_service_client::MemberUnitServiceClient;
use registry::school_service_client::SchoolServiceClient;
use registry::town_service_client::TownServiceClient;

use super::{Inspection, indicator_set};
use crate::domain::evaluation::{
    Evaluation, EvaluationOutcome, EvaluationState, GivenScore, IndicatorScores, NewScore,
    NodeOutcome, Object, Side, VetoFailure,
};
use crate::domain::indicator_set::IndicatorSet;
use crate::domain::visit::Visit;

mirror!(GivenScore => proto::GivenScore { value, note, by, date });
mirror!(NewScore => proto::NewScore { code, value, note });
mirror!(IndicatorScores => proto::IndicatorScores { code, title, threshold as maybe, self_score as maybe, team_score as maybe });
mirror!(NodeOutcome => proto::NodeOutcome { code, title, score, weight });
mirror!(VetoFailure => proto::VetoFailure { code, title, basis, value, threshold as maybe });
mirror!(EvaluationOutcome => proto::EvaluationOutcome { total, verdict as word, nodes, vetoes });

mirror!(Evaluation => proto::Evaluation { indicator_set, object_kind as word, target, visit, year } out {
    family, target_name, town, stage as maybe_word, pupils as maybe, ruleset, state as word, scores, self_score_date,
    self_outcome as maybe, conclude_date, outcome as maybe, withdraw_reason,
});

dudao_platform::resource!(Evaluation => proto::Evaluation, evaluation, "evaluation_id"; edit { };
    Created => proto::EvaluationCreated, Updated => proto::TeamScored, Ended => proto::EvaluationWithdrawn);

/// A step with one fact, the evaluation itself.
macro_rules! told {
    ($payload:ident) => {{
        let fact: NewFact<Evaluation> = Box::new(|about, after| {
            payload!(
                about,
                proto::$payload,
                evaluation,
                Evaluation::to_message(after)
            )
        });
        fact
    }};
}

rpcs! { impl EvaluationService for Inspection, in proto;
    create_evaluation(CreateEvaluationRequest) -> Evaluation = |me, caller, request| me.begin_evaluation(caller, request);
    get_evaluation(GetEvaluationRequest) -> Evaluation = |me, caller, request| me.desk.get::<Evaluation>(caller, &request.name);
    list_evaluations(ListEvaluationsRequest) -> ListEvaluationsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = super::campaign::year_of(request.year);
        let states = super::kinds::<EvaluationState>("states", &request.states)?;
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            ended: !states.is_empty(),
            kinds: states.into(),
            place: &request.town,
            subject: &request.target,
            from: &from,
            until: &until,
            ..Filter::default()
        };
        let (mut evaluations, next_page_token) = me.desk.list::<Evaluation>(caller, &page, filter).await?;
        evaluations.retain(|one| request.indicator_set.is_empty() || one.indicator_set == request.indicator_set);
        Ok(proto::ListEvaluationsResponse { evaluations, next_page_token })
    };
    score_self(ScoreSelfRequest) -> Evaluation = |me, caller, request| async {
        me.check_object(caller, &request.name).await?;
        me.score(call!(caller, request), (&request.name, &request.etag), Side::Own, (&request.scores, &request.by), told!(SelfScored)).await
    };
    record_team_scores(RecordTeamScoresRequest) -> Evaluation = |me, caller, request|
        me.score(call!(caller, request), (&request.name, &request.etag), Side::Team, (&request.scores, &request.by), told!(TeamScored));
    submit_self_scores(SubmitSelfScoresRequest) -> Evaluation = |me, caller, request| async {
        me.check_object(caller, &request.name).await?;
        me.judge(call!(caller, request), (&request.name, &request.etag), told!(SelfScoresSubmitted), Evaluation::submit_self).await
    };
    conclude_evaluation(ConcludeEvaluationRequest) -> Evaluation = |me, caller, request|
        me.judge(call!(caller, request), (&request.name, &request.etag), told!(EvaluationConcluded), Evaluation::conclude);
    withdraw_evaluation(WithdrawEvaluationRequest) -> Evaluation = |me, caller, request|
        me.desk.step::<Evaluation, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().withdraw(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![told!(EvaluationWithdrawn)] })
        });
}

impl Inspection {
    /// Begins an evaluation: what the registry knows of the object and which rules are in force is asked before.
    async fn begin_evaluation(
        &self,
        caller: &Principal,
        asked: &proto::CreateEvaluationRequest,
    ) -> Result<proto::Evaluation> {
        self.registry.known_county(&asked.parent).await?;
        let county = parse_county(caller, "parent", &asked.parent)?;
        let message = asked.evaluation.clone().unwrap_or_default();
        let object = self.object(&asked.parent, &message.target).await?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&county, None, today).await?;
        self.desk
            .create_one::<Evaluation, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.evaluation_id,
                asked.evaluation.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<Evaluation>]| {
                    for record in records {
                        let name = &record.content.indicator_set;
                        let set =
                            indicator_set::usable(tx, caller, "evaluation.indicator_set", name)
                                .await?;
                        if let Some(visit) = visit_of(tx, caller, &record.content).await?
                            && visit.target != record.content.target
                        {
                            return Err(Error::invalid(
                                "evaluation.visit",
                                "该督导的对象不是评估的对象",
                                "must be a visit of the object",
                            ));
                        }
                        record.content = record
                            .content
                            .clone()
                            .begin(&set, object.clone(), &law.rules)
                            .map_err(|refusal| refusal.about(&record.name()))?;
                    }
                    Ok(())
                },
            )
            .await
    }

    /// Refuses who does not speak for the object of an evaluation.
    async fn check_object(&self, caller: &Principal, name: &str) -> Result<()> {
        let evaluation = self.desk.record::<Evaluation>(caller, "name", name).await?;
        caller.check_speaks_for(&evaluation.content.target)
    }

    /// Records scores of one side.
    async fn score<Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        (name, etag): (&str, &str),
        side: Side,
        (scores, by): (&[proto::NewScore], &str),
        fact: NewFact<Evaluation>,
    ) -> Result<proto::Evaluation> {
        let mut wrong = dudao_law::Violations::new();
        let given: Vec<NewScore> =
            dudao_platform::carry::Carry::take(scores.to_vec(), &mut wrong, "scores");
        wrong.into_result()?;
        let caller = call.caller;
        self.desk
            .step::<Evaluation, _>(call, name, etag, async |tx, before| {
                let set = set_of(tx, caller, &before.content).await?;
                let team: Option<Vec<_>> =
                    visit_of(tx, caller, &before.content).await?.map(|visit| {
                        visit
                            .team
                            .into_iter()
                            .map(|member| member.supervisor)
                            .collect()
                    });
                let today = clock::day_of(tx.now_us());
                let content = before
                    .content
                    .clone()
                    .score(side, given, by, &set, team.as_deref(), today)
                    .map_err(|refusal| refusal.about(&before.name()))?;
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// Takes a step for which the set must be known.
    async fn judge<Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        (name, etag): (&str, &str),
        fact: NewFact<Evaluation>,
        decide: impl FnOnce(Evaluation, &IndicatorSet, chrono::NaiveDate) -> Result<Evaluation, Refusal>
        + Send,
    ) -> Result<proto::Evaluation> {
        let caller = call.caller;
        self.desk
            .step::<Evaluation, _>(call, name, etag, async |tx, before| {
                let set = set_of(tx, caller, &before.content).await?;
                let today = clock::day_of(tx.now_us());
                let content = decide(before.content.clone(), &set, today)
                    .map_err(|refusal| refusal.about(&before.name()))?;
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// What the registry knows of an object of the county.
    async fn object(&self, county: &str, target: &str) -> Result<Object> {
        let wrong = || {
            Error::invalid(
                "evaluation.target",
                "须为本县的学校、乡镇、成员单位，或县本身，形如 counties/140525/schools/…",
                "must be a school, town or member unit of the county, or the county itself",
            )
        };
        let name = target.to_owned();
        let link = &self.registry.link;
        if target == county {
            let request = registry::GetCountyRequest { name };
            let found = limited!(CountyServiceClient::new(link.clone()))
                .get_county(request)
                .await;
            let county = found
                .map_err(|status| refused(status, target))?
                .into_inner();
            return Ok(Object {
                display_name: county.display_name,
                ..Object::default()
            });
        }
        let rest = target
            .strip_prefix(county)
            .and_then(|rest| rest.strip_prefix('/'));
        let collection = rest
            .and_then(|rest| rest.split_once('/'))
            .map(|(collection, _)| collection);
        match collection {
            Some("schools") => {
                let request = registry::GetSchoolRequest { name };
                let found = limited!(SchoolServiceClient::new(link.clone()))
                    .get_school(request)
                    .await;
                let school = found
                    .map_err(|status| refused(status, target))?
                    .into_inner();
                Ok(Object {
                    stage: dudao_law::Word::of_number(school.stage),
                    display_name: school.display_name,
                    town: school.town,
                    pupils: school.pupils,
                })
            }
            Some("towns") => {
                let request = registry::GetTownRequest { name };
                let found = limited!(TownServiceClient::new(link.clone()))
                    .get_town(request)
                    .await;
                let town = found
                    .map_err(|status| refused(status, target))?
                    .into_inner();
                Ok(Object {
                    town: town.display_name.clone(),
                    display_name: town.display_name,
                    ..Object::default()
                })
            }
            Some("memberUnits") => {
                let request = registry::GetMemberUnitRequest { name };
                let found = limited!(MemberUnitServiceClient::new(link.clone()))
                    .get_member_unit(request)
                    .await;
                let unit = found
                    .map_err(|status| refused(status, target))?
                    .into_inner();
                Ok(Object {
                    display_name: unit.display_name,
                    ..Object::default()
                })
            }
            _ => Err(wrong()),
        }
    }
}

/// The version by which an evaluation judges, in whatever state it is now.
async fn set_of(tx: &mut Tx, caller: &Principal, evaluation: &Evaluation) -> Result<IndicatorSet> {
    let name = &evaluation.indicator_set;
    let (county, code) = parse_name::<IndicatorSet>(caller, "evaluation.indicator_set", name)?;
    Ok(document::get::<IndicatorSet>(tx, &county, &code)
        .await?
        .content)
}

/// The visit at which an evaluation is done, if it names one.
async fn visit_of(
    tx: &mut Tx,
    caller: &Principal,
    evaluation: &Evaluation,
) -> Result<Option<Visit>> {
    if evaluation.visit.is_empty() {
        return Ok(None);
    }
    let (county, code) = parse_name::<Visit>(caller, "evaluation.visit", &evaluation.visit)?;
    Ok(Some(
        document::get::<Visit>(tx, &county, &code).await?.content,
    ))
}
