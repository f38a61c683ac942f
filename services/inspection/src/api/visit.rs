//! Visits, each step of theirs.

pub(crate) mod plan;
mod told;
mod work;

use chrono::{Datelike as _, NaiveDate};
use dudao_chancery::{Drafts as _, Kind, UNNUMBERED};
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Violations};
use dudao_platform::document::{self, Filter, Record, about, between};
use dudao_platform::events::NewEvent;
use dudao_platform::resource::{
    About, Call, NewFact, Resource, Stepped, parse_name, parse_parent, settle,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use prost::{Message, Name};
use proto::visit_service_server::VisitService;

use super::{Inspection, finding};
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::evaluation::Evaluation;
use crate::domain::visit::{
    self, Candidate, Filing, Hearing, IssuedOpinion, Location, Notice, Notified, Place, Plea,
    PreliminaryOpinion, Publication, Ready, Report, SelfEvaluation, SiteVisit, Substitution,
    TeamMember, UnitPart, UrgencyGround, Urging, Visit, VisitRecord, VisitState,
};
use crate::domain::words::PublicationScope;

mirror!(TeamMember => proto::TeamMember { supervisor, display_name, leader });
mirror!(UnitPart => proto::UnitPart { unit, display_name, persons, attended });
mirror!(Notice => proto::Notice { date, number, text });
mirror!(SelfEvaluation => proto::SelfEvaluation { due_date, receive_date, text, evaluation, review_date, review, reviewer });
mirror!(Location => proto::Location { longitude, latitude, accuracy_m });
mirror!(SiteVisit => proto::SiteVisit { start_date, end_date, location as maybe, distance_m as maybe });
mirror!(Hearing => proto::Hearing { group as word, date, people, summary, by });
mirror!(PreliminaryOpinion => proto::PreliminaryOpinion { date, due_date, summary, plea_due_date });
mirror!(Plea => proto::Plea { date, text, answer_date, answer, accepted, answered_by });
mirror!(IssuedOpinion => proto::IssuedOpinion { number, date, due_date, summary });
mirror!(VisitRecord => proto::VisitRecord { date, due_date, matters, text, by });
mirror!(Urging => proto::Urging { date, ground as word, text, by });
mirror!(Report => proto::Report { date, due_date, number, title, text });
mirror!(Filing => proto::Filing { to, date, receipt });
mirror!(Publication => proto::Publication { date, scope as word, place, text });
mirror!(Substitution => proto::Substitution { date, leaving, joining, reason });

mirror!(Visit => proto::Visit {
    campaign, items, kind as word, object_kind as word, target, target_name, town, date, days, reason, team, units,
} out {
    plan, state as word, ruleset, notice as maybe, self_evaluation as maybe, site as maybe, hearings, preliminary as maybe,
    plea as maybe, agreements, letter as maybe, record as maybe, urgings, report as maybe, filings, publication as maybe,
    substitutions, end_reason,
});

resource!(Visit => proto::Visit, visit, "visit_id"; edit { };
    Created => proto::VisitCreated, Updated => proto::VisitRescheduled, Ended => proto::VisitCancelled);

/// The fact that holds the visit as it is after it.
macro_rules! fact {
    ($payload:ident) => {
        |about: About<'_>, after: &Record<Visit>| -> NewEvent {
            payload!(about, proto::$payload, visit, Visit::to_message(after))
        }
    };
}

/// What a step is decided with.
pub(super) struct With {
    today: NaiveDate,
    law: Law,
    people: Vec<Candidate>,
    place: Place,
}

/// What a step has to know beside the visit itself.
#[derive(Clone, Copy)]
enum Needs<'a> {
    /// Only the day.
    Day,
    /// The rules too.
    Law,
    /// And the team, with these who may join it, and the place.
    People(&'a [TeamMember]),
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

rpcs! { impl VisitService for Inspection, in proto;
    create_visit(CreateVisitRequest) -> Visit = |me, caller, request| me.plan_visit(caller, request);
    get_visit(GetVisitRequest) -> Visit = |me, caller, request| me.desk.get::<Visit>(caller, &request.name);
    list_visits(ListVisitsRequest) -> ListVisitsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<VisitState>("states", &request.states)?;
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            ended: !request.states.is_empty(),
            kinds: states.into(),
            place: &request.town,
            subject: &request.target,
            from: &request.start_date,
            until: &request.end_date,
            ..Filter::default()
        };
        let (mut visits, next_page_token) = me.desk.list::<Visit>(caller, &page, filter).await?;
        visits.retain(|visit| request.supervisor.is_empty() || visit.team.iter().any(|one| one.supervisor == request.supervisor));
        Ok(proto::ListVisitsResponse { visits, next_page_token })
    };
    assign_team(AssignTeamRequest) -> Visit = |me, caller, request| async {
        let mut wrong = Violations::new();
        let team: Vec<TeamMember> = dudao_platform::carry::Carry::take(request.team.clone(), &mut wrong, "team");
        let units: Vec<UnitPart> = dudao_platform::carry::Carry::take(request.units.clone(), &mut wrong, "units");
        wrong.into_result()?;
        me.advance(at!(caller, request), Needs::People(&team.clone()), fact!(TeamAssigned), |visit, with| visit.assign(team, units, &with.people, &with.place, &with.law)).await
    };
    substitute_team_member(SubstituteTeamMemberRequest) -> Visit = |me, caller, request| async {
        let mut wrong = Violations::new();
        let joining: Option<TeamMember> = request.joining.clone().map(|one| dudao_platform::carry::Carry::take(one, &mut wrong, "joining"));
        wrong.into_result()?;
        let asked: Vec<_> = joining.iter().cloned().collect();
        me.advance(at!(caller, request), Needs::People(&asked), fact!(TeamMemberSubstituted), |visit, with| visit.substitute(&request.leaving, joining, &request.reason, &with.team())).await
    };
    reschedule_visit(RescheduleVisitRequest) -> Visit = |me, caller, request| async {
        let mut wrong = Violations::new();
        let date: NaiveDate = dudao_platform::carry::Carry::take(request.date.clone(), &mut wrong, "date");
        wrong.into_result()?;
        me.advance(at!(caller, request), Needs::Day, fact!(VisitRescheduled), |visit, with| visit.reschedule(date, &request.reason, with.today)).await
    };
    notify_visit(NotifyVisitRequest) -> Visit = |me, caller, request| async {
        let mut wrong = Violations::new();
        let notice = Notified {
            number: request.number.clone(),
            text: request.text.clone(),
            self_evaluation_due: dudao_law::day(&mut wrong, "self_evaluation_due_date", &request.self_evaluation_due_date),
        };
        wrong.into_result()?;
        me.advance(at!(caller, request), Needs::People(&[]), fact!(VisitNotified), |visit, with| {
            visit.check_team(&with.people, &with.place, &with.law)?;
            visit.notify(notice, with.today, &with.law)
        }).await
    };
    submit_self_evaluation(SubmitSelfEvaluationRequest) -> Visit = |me, caller, request| async {
        me.check_unit(caller, "name", &request.name).await?;
        let evaluation = match request.evaluation.as_str() {
            "" => None,
            name => Some(me.desk.record::<Evaluation>(caller, "evaluation", name).await?),
        };
        me.advance(at!(caller, request), Needs::Day, fact!(SelfEvaluationSubmitted), |visit, with| {
            if let Some(evaluation) = &evaluation {
                evaluation.content.stands_for(&request.name, &visit.target).map_err(|refusal| refusal.about(&evaluation.name()))?;
            }
            visit.self_evaluate(&request.text, &request.evaluation, with.today)
        }).await
    };
    review_self_evaluation(ReviewSelfEvaluationRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Day, fact!(SelfEvaluationReviewed), |visit, with| visit.review(&request.review, &request.reviewer, with.today));
    begin_visit(BeginVisitRequest) -> Visit = |me, caller, request| async {
        let mut wrong = Violations::new();
        let location: Option<Location> = request.location.map(|one| dudao_platform::carry::Carry::take(one, &mut wrong, "location"));
        wrong.into_result()?;
        me.advance(at!(caller, request), Needs::People(&[]), fact!(VisitBegun), |visit, with| {
            visit.check_team(&with.people, &with.place, &with.law)?;
            visit.begin(location, &with.place, with.today, &with.law)
        }).await
    };
    hear_group(HearGroupRequest) -> Visit = |me, caller, request| async {
        let mut wrong = Violations::new();
        let hearing: Hearing = dudao_platform::carry::Carry::take(request.hearing.clone().unwrap_or_default(), &mut wrong, "hearing");
        wrong.into_result()?;
        me.advance(at!(caller, request), Needs::Day, fact!(GroupHeard), |visit, with| visit.hear(hearing, with.today)).await
    };
    record_participation(RecordParticipationRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Day, fact!(ParticipationRecorded), |visit, _| visit.participate(&request.unit, request.persons.clone()));
    finish_visit(FinishVisitRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Day, fact!(VisitFinished), |visit, with| visit.finish(with.today));
    issue_preliminary_opinion(IssuePreliminaryOpinionRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Law, fact!(PreliminaryOpinionIssued), |visit, with| visit.give_preliminary(&request.summary, with.today, &with.law));
    lodge_plea(LodgePleaRequest) -> Visit = |me, caller, request| async {
        me.check_unit(caller, "name", &request.name).await?;
        me.advance(at!(caller, request), Needs::Day, fact!(PleaLodged), |visit, with| visit.plead(&request.text, with.today)).await
    };
    answer_plea(AnswerPleaRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Day, fact!(PleaAnswered), |visit, with| visit.answer(&request.text, request.accepted, &request.answered_by, with.today));
    agree_to_letter(AgreeToLetterRequest) -> Visit = |me, caller, request| async {
        // To whom the visit does not exist it must not answer that it is another's.
        me.desk.record::<Visit>(caller, "name", &request.name).await?;
        caller.check_speaks_for(&request.supervisor)?;
        me.advance(at!(caller, request), Needs::Day, fact!(LetterAgreed), |visit, _| visit.agree(&request.supervisor)).await
    };
    issue_opinion_letter(IssueOpinionLetterRequest) -> Visit = |me, caller, request| me.issue_letter(at!(caller, request), request);
    record_visit(RecordVisitRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Law, fact!(VisitRecorded), |visit, with| visit.record(&request.text, request.matters.clone(), &request.by, with.today, &with.law));
    urge_visit(UrgeVisitRequest) -> Visit = |me, caller, request| me.urge(at!(caller, request), request);
    submit_report(SubmitReportRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Law, fact!(ReportSubmitted), |visit, with| visit.submit_report(&request.number, &request.title, &request.text, with.today, &with.law));
    file_report(FileReportRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Day, fact!(ReportFiled), |visit, with| visit.file(&request.to, &request.receipt, with.today));
    publish_visit(PublishVisitRequest) -> Visit = |me, caller, request| async {
        let scope = me.scope_of(caller, &request.name).await?;
        me.advance(at!(caller, request), Needs::Day, fact!(VisitPublished), |visit, with| visit.publish(scope, &request.place, &request.text, with.today)).await
    };
    cancel_visit(CancelVisitRequest) -> Visit = |me, caller, request|
        me.advance(at!(caller, request), Needs::Day, fact!(VisitCancelled), |visit, _| visit.cancel(&request.reason));
    get_briefing(GetBriefingRequest) -> Briefing = |me, caller, request| me.briefing(caller, &request.name);
}

/// A step's place in the request.
type At<'a, Req> = (Call<'a, Req>, &'a str, &'a str);

impl Inspection {
    /// Does one step of a visit, with one fact.
    async fn advance<Req: Message + Name>(
        &self,
        (call, name, etag): At<'_, Req>,
        needs: Needs<'_>,
        fact: fn(About<'_>, &Record<Visit>) -> NewEvent,
        decide: impl FnOnce(Visit, &With) -> Result<Visit, Refusal> + Send,
    ) -> Result<proto::Visit> {
        let with = self.with(call.caller, name, needs).await?;
        self.desk
            .step::<Visit, _>(call, name, etag, async |tx, before| {
                let content = with.decide(tx, before, decide)?;
                let fact: NewFact<Visit> = Box::new(fact);
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// Refuses who does not speak for the visited unit: its town or a unit that takes part sees the visit, no more.
    pub(super) async fn check_unit(
        &self,
        caller: &Principal,
        field: &str,
        name: &str,
    ) -> Result<()> {
        let visit = self.desk.record::<Visit>(caller, field, name).await?;
        caller.check_speaks_for(&visit.content.target)
    }

    /// Asks what a step has to know, before its transaction.
    async fn with(&self, caller: &Principal, name: &str, needs: Needs<'_>) -> Result<With> {
        let mut with = With {
            today: self.desk.context.clock.today(),
            law: Law::default(),
            people: Vec::new(),
            place: Place::default(),
        };
        let extra = match needs {
            Needs::Day => return Ok(with),
            Needs::Law => None,
            Needs::People(extra) => Some(extra),
        };
        let visit = self.desk.record::<Visit>(caller, "name", name).await?;
        let ruleset = Some(visit.content.ruleset.as_str());
        with.law = self
            .registry
            .law(&visit.county, ruleset, with.today)
            .await?;
        if let Some(extra) = extra {
            let team = visit.content.team.iter().chain(extra);
            let mut people: Vec<_> = team.map(|member| member.supervisor.as_str()).collect();
            people.sort_unstable();
            people.dedup();
            with.people = self.candidates(&people, &visit.content.target).await?;
            with.place = self.place(&visit.content.target).await?;
        }
        Ok(with)
    }

    /// Plans a visit by hand.
    async fn plan_visit(
        &self,
        caller: &Principal,
        asked: &proto::CreateVisitRequest,
    ) -> Result<proto::Visit> {
        self.registry.known_county(&asked.parent).await?;
        let message = asked.visit.clone().unwrap_or_default();
        let team: Vec<_> = message
            .team
            .iter()
            .map(|one| one.supervisor.as_str())
            .collect();
        let (people, place) = (
            self.candidates(&team, &message.target).await?,
            self.place(&message.target).await?,
        );
        let today = self.desk.context.clock.today();
        let county = dudao_platform::resource::parse_county(caller, "parent", &asked.parent)?;
        let law = self.registry.law(&county, None, today).await?;
        self.desk
            .create_one::<Visit, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.visit_id,
                asked.visit.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<Visit>]| {
                    for record in records {
                        let name = record.name();
                        let visit = &record.content;
                        let around = around(tx, caller, record).await?;
                        visit
                            .admit(&around, &law)
                            .map_err(|refusal| refusal.about(&name))?;
                        if !visit.team.is_empty() {
                            visit
                                .check_team(&people, &place, &law)
                                .map_err(|refusal| refusal.about(&name))?;
                        }
                    }
                    Ok(())
                },
            )
            .await
    }

    /// Issues the letter with the visit's findings, which the accountability takes over (art. 八).
    async fn issue_letter(
        &self,
        (call, name, etag): At<'_, proto::IssueOpinionLetterRequest>,
        asked: &proto::IssueOpinionLetterRequest,
    ) -> Result<proto::Visit> {
        let with = self.with(call.caller, name, Needs::Law).await?;
        let actor = call.caller.actor().to_owned();
        let (county, _) = parse_name::<Visit>(call.caller, "name", name)?;
        let (number, head) = if asked.number.is_empty() {
            (UNNUMBERED, Some(self.letterhead(&county).await?))
        } else {
            (asked.number.as_str(), None)
        };
        self.desk
            .step::<Visit, _>(call, name, etag, async |tx, before| {
                let mut content = with.decide(tx, before, |visit, with| {
                    visit.issue_letter(number, &asked.summary, with.today, &with.law)
                })?;
                if let Some(head) = &head {
                    let year = clock::day_of(tx.now_us()).year();
                    let about = dudao_chancery::About {
                        county: &before.county,
                        kind: Kind::OpinionLetter,
                        subject: &before.name(),
                        part: 0,
                    };
                    let number = dudao_chancery::number(tx, head, &about, year).await?;
                    content = content.numbered(&number);
                }
                let mut issued = Vec::new();
                for record in finding::of_visit(tx, before).await? {
                    let content = record.content.clone().issue();
                    let fact: NewFact<_> = Box::new(|about, after| {
                        payload!(
                            about,
                            proto::FindingIssued,
                            finding,
                            Resource::to_message(after)
                        )
                    });
                    issued.push(
                        settle(
                            tx,
                            &actor,
                            record,
                            Stepped {
                                content,
                                facts: vec![fact],
                            },
                        )
                        .await?,
                    );
                }
                let fact: NewFact<Visit> = Box::new(move |about, after| {
                    payload!(
                        about,
                        proto::OpinionLetterIssued,
                        letter,
                        told::letter(after, &issued)
                    )
                });
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// Urges the unit at once; the accountability opens a case for it.
    async fn urge(
        &self,
        (call, name, etag): At<'_, proto::UrgeVisitRequest>,
        asked: &proto::UrgeVisitRequest,
    ) -> Result<proto::Visit> {
        let with = self.with(call.caller, name, Needs::Day).await?;
        let mut wrong = Violations::new();
        let ground: UrgencyGround =
            dudao_platform::carry::needed_word(asked.ground, &mut wrong, "ground");
        wrong.into_result()?;
        self.desk
            .step::<Visit, _>(call, name, etag, async |tx, before| {
                let content = with.decide(tx, before, |visit, with| {
                    visit.urge(ground, &asked.text, &asked.by, with.today)
                })?;
                let fact: NewFact<Visit> = Box::new(|about, after| {
                    payload!(about, proto::VisitUrged, letter, told::urging(after))
                });
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// Who may read the result: as the campaign says; of a visit without one, everyone.
    async fn scope_of(&self, caller: &Principal, name: &str) -> Result<PublicationScope> {
        let visit = self.desk.record::<Visit>(caller, "name", name).await?;
        if visit.content.campaign.is_empty() {
            return Ok(PublicationScope::Public);
        }
        let campaign = self
            .desk
            .record::<Campaign>(caller, "visit.campaign", &visit.content.campaign)
            .await?;
        Ok(campaign.content.publication)
    }

    /// Earlier visits of the same object, and what they found.
    async fn briefing(&self, caller: &Principal, name: &str) -> Result<proto::Briefing> {
        const VISITS: usize = 20;
        const FINDINGS: usize = 100;
        let record = self.desk.record::<Visit>(caller, "name", name).await?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let mut visits = about::<Visit>(&mut tx, &record.county, &record.content.target).await?;
        visits.retain(|other| {
            other.code != record.code
                && other.content.is_made()
                && other.content.date <= record.content.date
        });
        visits.sort_by_key(|visit| std::cmp::Reverse(visit.content.date));
        let mut findings = about::<crate::domain::finding::Finding>(
            &mut tx,
            &record.county,
            &record.content.target,
        )
        .await?;
        findings.retain(|finding| finding.content.visit != record.name());
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.created_us));
        Ok(proto::Briefing {
            visits: visits.iter().take(VISITS).map(Visit::to_message).collect(),
            findings: findings
                .iter()
                .take(FINDINGS)
                .map(Resource::to_message)
                .collect(),
        })
    }
}

impl With {
    /// As the domain judges a change of a team.
    fn team(&self) -> visit::With<'_> {
        visit::With {
            today: self.today,
            people: &self.people,
            place: &self.place,
            law: &self.law,
        }
    }

    fn decide(
        &self,
        tx: &Tx,
        before: &Record<Visit>,
        decide: impl FnOnce(Visit, &Self) -> Result<Visit, Refusal>,
    ) -> Result<Visit> {
        let with = Self {
            today: clock::day_of(tx.now_us()),
            law: self.law.clone(),
            people: self.people.clone(),
            place: self.place.clone(),
        };
        Ok(decide(before.content.clone(), &with)
            .map_err(|refusal| refusal.about(&before.name()))?)
    }
}

/// What surrounds a visit that is to be planned.
async fn around(tx: &mut Tx, caller: &Principal, record: &Record<Visit>) -> Result<Ready> {
    let visit = &record.content;
    let campaign_decided = if visit.campaign.is_empty() {
        false
    } else {
        let (county, code) = parse_name::<Campaign>(caller, "visit.campaign", &visit.campaign)?;
        let campaign = document::get::<Campaign>(tx, &county, &code).await?;
        if campaign.content.kind != visit.kind {
            return Err(Error::invalid(
                "visit.kind",
                "须与督导项目的类型一致",
                "must be the campaign's kind",
            ));
        }
        campaign.content.state == CampaignState::Decided
    };
    let others = about::<Visit>(tx, &record.county, &visit.target).await?;
    let others = others.into_iter().filter(|other| {
        other.code != record.code
            && other.content.kind.is_burden()
            && other.content.state != VisitState::Cancelled
    });
    Ok(Ready {
        campaign_decided,
        others: others.map(|other| other.content.date).collect(),
    })
}

/// Writes a visit that was cancelled with what it belonged to.
pub(super) async fn settle_cancelled(
    tx: &mut Tx,
    actor: &str,
    before: Record<Visit>,
    content: Visit,
) -> Result<()> {
    let fact: NewFact<Visit> = Box::new(fact!(VisitCancelled));
    settle(
        tx,
        actor,
        before,
        Stepped {
            content,
            facts: vec![fact],
        },
    )
    .await?;
    Ok(())
}

/// The visits of a county in a run of days.
pub(super) async fn in_days(
    tx: &mut Tx,
    county: &str,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Record<Visit>>> {
    between::<Visit>(tx, county, &from.to_string(), &until.to_string()).await
}
