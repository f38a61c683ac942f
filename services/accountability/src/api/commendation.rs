//! Commendations, each step of theirs.

use chrono::NaiveDate;
use dudao_inquiry::refused;
use dudao_law::{Refusal, Violations};
use dudao_platform::carry::Carry;
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::events::NewEvent;
use dudao_platform::resource::{
    About, NewFact, Resource, Stepped, freely, parse_county, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, limited, mirror, page, payload, rpcs};
use dudao_proto::accountability::v1 as proto;
use dudao_proto::inspection::v1 as inspection;
use inspection::evaluation_service_client::EvaluationServiceClient;
use prost::{Message, Name};
use proto::commendation_service_server::CommendationService;

use super::Accountability;
use super::case::{At, at, day};
use crate::domain::case::Case;
use crate::domain::commendation::{
    Commendation, CommendationDecision, CommendationNotice, CommendationPublication, Nominee,
    NomineeObjection, Standing, UnitResult, candidates, period,
};
use crate::domain::decision::AccountabilityDecision;

const PAGE: i32 = 1_000;

mirror!(NomineeObjection => proto::NomineeObjection { date, text, by, answer_date, upheld, answer, officer });
mirror!(Nominee => proto::Nominee { kind as word, unit, unit_name, person, post, reason, nominated_by } out {
    n, date, strike_reason, objections,
});
mirror!(CommendationNotice => proto::CommendationNotice { start_date, end_date, place, officer });
mirror!(CommendationDecision => proto::CommendationDecision { date, number, officer });
mirror!(CommendationPublication => proto::CommendationPublication { date, place });
mirror!(Commendation => proto::Commendation { year, display_name, officer } out {
    due_date, state as word, nominees, notice as maybe, decision as maybe, publication as maybe,
});

dudao_platform::resource!(Commendation => proto::Commendation, commendation, "commendation_id"; edit { };
    Created => proto::CommendationOpened, Updated => proto::CommendationUpdated);

/// The fact that holds the round as it is after it.
macro_rules! fact {
    ($payload:ident) => {
        |about: About<'_>, after: &Record<Commendation>| -> NewEvent {
            payload!(
                about,
                proto::$payload,
                commendation,
                Commendation::to_message(after)
            )
        }
    };
}

/// What a step is decided with.
struct With {
    today: NaiveDate,
    /// What stands against the units asked about, in the order asked.
    standings: Vec<Standing>,
}

/// About whose standing a step asks.
enum Asks<'a> {
    Nobody,
    Unit(&'a str),
    EveryNominee,
}

rpcs! { impl CommendationService for Accountability, in proto;
    create_commendation(CreateCommendationRequest) -> Commendation = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<Commendation, _>(call!(caller, request), &request.parent, &request.commendation_id, request.commendation.as_ref(), freely).await
    };
    get_commendation(GetCommendationRequest) -> Commendation = |me, caller, request| async {
        Ok(shown(caller, me.desk.get::<Commendation>(caller, &request.name).await?))
    };
    list_commendations(ListCommendationsRequest) -> ListCommendationsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: true, ..Filter::default() };
        let (commendations, next_page_token) = me.desk.list::<Commendation>(caller, &page, filter).await?;
        let commendations = commendations.into_iter().map(|one| shown(caller, one)).collect();
        Ok(proto::ListCommendationsResponse { commendations, next_page_token })
    };
    list_commendation_candidates(ListCommendationCandidatesRequest) -> ListCommendationCandidatesResponse = |me, caller, request| me.candidates(caller, request);
    nominate(NominateRequest) -> Commendation = |me, caller, request| async {
        let mut wrong = Violations::new();
        let nominee = Nominee::take(request.nominee.clone().unwrap_or_default(), &mut wrong, "nominee");
        wrong.into_result()?;
        me.take(at!(caller, request), &Asks::Unit(&nominee.unit.clone()), fact!(Nominated), |round, with| {
            let standing = with.standings.first().cloned().unwrap_or_default();
            round.nominate(nominee, &standing, with.today)
        }).await
    };
    strike_nominee(StrikeNomineeRequest) -> Commendation = |me, caller, request|
        me.take(at!(caller, request), &Asks::Nobody, fact!(NomineeStruck), |round, _| round.strike(request.n, &request.reason, &request.officer));
    give_commendation_notice(GiveCommendationNoticeRequest) -> Commendation = |me, caller, request| async {
        let end_date = day("end_date", &request.end_date)?;
        me.take(at!(caller, request), &Asks::Nobody, fact!(CommendationNoticed), |round, with| round.give_notice(end_date, &request.place, &request.officer, with.today)).await
    };
    lodge_nominee_objection(LodgeNomineeObjectionRequest) -> Commendation = |me, caller, request| async {
        let lodged = me.take(at!(caller, request), &Asks::Nobody, fact!(NomineeObjected), |round, with| round.object(request.n, &request.text, &request.by, with.today));
        Ok(shown(caller, lodged.await?))
    };
    answer_nominee_objection(AnswerNomineeObjectionRequest) -> Commendation = |me, caller, request|
        me.take(at!(caller, request), &Asks::Nobody, fact!(NomineeObjectionAnswered), |round, with| round.answer(request.n, request.upheld, &request.answer, &request.officer, with.today));
    decide_commendation(DecideCommendationRequest) -> Commendation = |me, caller, request|
        me.take(at!(caller, request), &Asks::EveryNominee, fact!(CommendationDecided), |round, with| {
            let numbers = round.nominees.iter().map(|one| one.n);
            let standings: Vec<_> = numbers.zip(with.standings.iter().cloned()).collect();
            round.decide(&request.number, &request.officer, &standings, with.today)
        });
    publish_commendation(PublishCommendationRequest) -> Commendation = |me, caller, request|
        me.take(at!(caller, request), &Asks::Nobody, fact!(CommendationPublished), |round, with| round.publish(&request.place, with.today));
}

impl Accountability {
    /// Does one step of a round, with one fact.
    async fn take<Req: Message + Name>(
        &self,
        (call, name, etag): At<'_, Req>,
        asks: &Asks<'_>,
        fact: fn(About<'_>, &Record<Commendation>) -> NewEvent,
        decide: impl FnOnce(Commendation, &With) -> Result<Commendation, Refusal> + Send,
    ) -> Result<proto::Commendation> {
        self.desk
            .step::<Commendation, _>(call, name, etag, async |tx, before| {
                let today = clock::day_of(tx.now_us());
                let standings = standings(tx, before, asks, today).await?;
                let with = With { today, standings };
                let content = decide(before.content.clone(), &with)
                    .map_err(|refusal| refusal.about(&before.name()))?;
                let fact: NewFact<Commendation> = Box::new(fact);
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    async fn candidates(
        &self,
        caller: &Principal,
        asked: &proto::ListCommendationCandidatesRequest,
    ) -> Result<proto::ListCommendationCandidatesResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let period = period_of(asked.year)?;
        let today = self.desk.context.clock.today();
        let results = self.results(&asked.parent, asked.year).await?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let until = period.1.to_string();
        let cases = document::between::<Case>(&mut tx, &county, "", &until).await?;
        let cases: Vec<_> = cases.into_iter().map(|case| case.content).collect();
        let decisions = decisions(&mut tx, &county).await?;
        let found = candidates(&cases, &decisions, &results, period, today);
        let candidates = found.into_iter().map(|one| proto::CommendationCandidate {
            unit: one.unit,
            unit_name: one.unit_name,
            town: one.town,
            findings: i32::try_from(one.findings).unwrap_or(i32::MAX),
            good_result: one.good_result,
        });
        Ok(proto::ListCommendationCandidatesResponse {
            candidates: candidates.collect(),
        })
    }
}

impl Accountability {
    /// What the year's evaluations say of units, as the inspection knows them.
    async fn results(&self, parent: &str, year: i32) -> Result<Vec<UnitResult>> {
        let mut client = limited!(EvaluationServiceClient::new(self.inspection.clone()));
        let mut results = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = inspection::ListEvaluationsRequest {
                parent: parent.to_owned(),
                page_size: PAGE,
                page_token,
                year,
                states: vec![inspection::EvaluationState::Concluded.into()],
                ..Default::default()
            };
            let page = client
                .list_evaluations(request)
                .await
                .map_err(|status| refused(status, parent))?
                .into_inner();
            results.extend(page.evaluations.into_iter().filter_map(|one| {
                let verdict = one.outcome?.verdict();
                Some(UnitResult {
                    unit: one.target,
                    unit_name: one.target_name,
                    town: one.town,
                    good: matches!(
                        verdict,
                        inspection::EvaluationVerdict::Excellent
                            | inspection::EvaluationVerdict::Good
                    ),
                })
            }));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(results);
            }
        }
    }
}

/// A round as a caller sees it: who objected to whom is the office's alone.
fn shown(caller: &Principal, mut round: proto::Commendation) -> proto::Commendation {
    if !caller.sees_all() {
        for nominee in &mut round.nominees {
            nominee.objections.clear();
        }
    }
    round
}

fn period_of(year: i32) -> Result<(NaiveDate, NaiveDate)> {
    let known = (2000..=2999).contains(&year);
    period(year)
        .filter(|_| known)
        .ok_or_else(|| Error::invalid("year", "须为 2000 至 2999", "must be 2000 to 2999"))
}

async fn decisions(tx: &mut Tx, county: &str) -> Result<Vec<(String, AccountabilityDecision)>> {
    let all = document::all::<AccountabilityDecision>(tx, county).await?;
    Ok(all
        .into_iter()
        .map(|one| (one.name(), one.content))
        .collect())
}

/// What stands against the units that a step asks about.
async fn standings(
    tx: &mut Tx,
    round: &Record<Commendation>,
    asks: &Asks<'_>,
    today: NaiveDate,
) -> Result<Vec<Standing>> {
    let units: Vec<&str> = match asks {
        Asks::Nobody => return Ok(Vec::new()),
        Asks::Unit(unit) => vec![unit],
        Asks::EveryNominee => {
            let nominees = round.content.nominees.iter();
            nominees.map(|one| one.unit.as_str()).collect()
        }
    };
    let period = period_of(round.content.year)?;
    let decisions = decisions(tx, &round.county).await?;
    let mut standings = Vec::with_capacity(units.len());
    for unit in units {
        let cases = document::about::<Case>(tx, &round.county, unit).await?;
        let cases: Vec<_> = cases.into_iter().map(|case| case.content).collect();
        standings.push(Standing::of(unit, &cases, &decisions, period, today));
    }
    Ok(standings)
}
