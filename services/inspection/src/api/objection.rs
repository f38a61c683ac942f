//! Objections to opinion letters.

use dudao_law::{Refusal, Violations};
use dudao_platform::carry::needed_word;
use dudao_platform::document::{self, Filter, Record, about};
use dudao_platform::resource::{Resource as _, Stepped, parse_county, parse_name, parse_parent};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::objection_service_server::ObjectionService;

use super::Inspection;
use crate::domain::objection::{Objection, ObjectionAnswer, ObjectionOutcome, ObjectionState};
use crate::domain::visit::Visit;

mirror!(ObjectionAnswer => proto::ObjectionAnswer { body, by, date, outcome as word, text });
mirror!(Objection => proto::Objection { visit, text, addressee, lodged_by } out {
    state as word, letter_number, letter_date, lodge_date, lodge_due_date, answer_due_date, answers, escalated_to, escalate_date,
    escalate_reason, end_reason, ruleset,
});

resource!(Objection => proto::Objection, objection, "objection_id"; edit { };
    Created => proto::ObjectionLodged, Updated => proto::ObjectionLodged);

/// A step whose fact is the objection itself.
macro_rules! told {
    ($before:ident, $content:expr, $payload:ident) => {{
        let content: Result<Objection, Refusal> = $content;
        Ok(Stepped {
            content: content.map_err(|refusal| refusal.about(&$before.name()))?,
            facts: vec![Box::new(|about, after| {
                payload!(
                    about,
                    proto::$payload,
                    objection,
                    Objection::to_message(after)
                )
            })],
        })
    }};
}

rpcs! { impl ObjectionService for Inspection, in proto;
    lodge_objection(LodgeObjectionRequest) -> Objection = |me, caller, request| me.lodge(caller, request);
    get_objection(GetObjectionRequest) -> Objection = |me, caller, request| me.desk.get::<Objection>(caller, &request.name);
    list_objections(ListObjectionsRequest) -> ListObjectionsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<ObjectionState>("states", &request.states)?;
        let (from, until) = super::overdue(request.overdue, me.desk.context.clock.today());
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, kinds: states.into(), subject: &request.visit, from: &from, until: &until, ..Filter::default() };
        let (objections, next_page_token) = me.desk.list::<Objection>(caller, &page, filter).await?;
        Ok(proto::ListObjectionsResponse { objections, next_page_token })
    };
    answer_objection(AnswerObjectionRequest) -> Objection = |me, caller, request| async {
        let mut wrong = Violations::new();
        let outcome: ObjectionOutcome = needed_word(request.outcome, &mut wrong, "outcome");
        wrong.into_result()?;
        me.desk.step::<Objection, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            let visit = visit(tx, caller, &before.content.visit).await?.content;
            told!(before, before.content.clone().answer(&request.body, &request.by, outcome, &request.text, &visit, today), ObjectionAnswered)
        }).await
    };
    escalate_objection(EscalateObjectionRequest) -> Objection = |me, caller, request| async {
        let objection = me.objection_of(caller, &request.name).await?;
        let today = me.desk.context.clock.today();
        let law = me.registry.law(&objection.county, Some(&objection.content.ruleset), today).await?;
        me.desk.step::<Objection, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            told!(before, before.content.clone().escalate(&request.to, &request.reason, &law, today), ObjectionEscalated)
        }).await
    };
    withdraw_objection(WithdrawObjectionRequest) -> Objection = |me, caller, request| async {
        me.objection_of(caller, &request.name).await?;
        me.desk.step::<Objection, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            told!(before, before.content.clone().withdraw(&request.reason), ObjectionWithdrawn)
        }).await
    };
}

impl Inspection {
    /// An objection of the caller's own unit; or any, for who sees whole counties.
    async fn objection_of(&self, caller: &Principal, name: &str) -> Result<Record<Objection>> {
        let objection = self.desk.record::<Objection>(caller, "name", name).await?;
        let visit = &objection.content.visit;
        self.check_unit(caller, "objection.visit", visit).await?;
        Ok(objection)
    }

    /// Lodges one under the rules under which the visit began.
    async fn lodge(
        &self,
        caller: &Principal,
        asked: &proto::LodgeObjectionRequest,
    ) -> Result<proto::Objection> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let name = asked
            .objection
            .as_ref()
            .map_or("", |one| one.visit.as_str());
        let of_visit = self
            .desk
            .record::<Visit>(caller, "objection.visit", name)
            .await?;
        if of_visit.county != county {
            return Err(Error::not_found(name));
        }
        caller.check_speaks_for(&of_visit.content.target)?;
        let today = self.desk.context.clock.today();
        let ruleset = Some(of_visit.content.ruleset.as_str());
        let law = self.registry.law(&county, ruleset, today).await?;
        self.desk
            .create_one::<Objection, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.objection_id,
                asked.objection.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<Objection>]| {
                    for record in records {
                        let name = record.name();
                        let today = clock::day_of(tx.now_us());
                        let visit = visit(tx, caller, &record.content.visit).await?;
                        let others = about::<Objection>(tx, &county, &visit.name()).await?;
                        let others: Vec<_> = others.into_iter().map(|one| one.content).collect();
                        record.content = record
                            .content
                            .clone()
                            .lodge(&visit.content, &others, &law, today)
                            .map_err(|refusal| refusal.about(&name))?;
                    }
                    Ok(())
                },
            )
            .await
    }
}

async fn visit(tx: &mut Tx, caller: &Principal, name: &str) -> Result<Record<Visit>> {
    let (county, code) = parse_name::<Visit>(caller, "visit", name)?;
    document::get::<Visit>(tx, &county, &code).await
}
