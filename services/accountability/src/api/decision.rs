//! Accountability decisions, each step of theirs.

use chrono::{Datelike as _, NaiveDate};
use dudao_chancery::{Drafts as _, Kind, UNNUMBERED};
use dudao_inquiry::refused;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Violations};
use dudao_paper::Letterhead;
use dudao_platform::carry::{Carry, needed_word};
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::events::NewEvent;
use dudao_platform::resource::{
    About, NewFact, Resource, Stepped, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, limited, mirror, page, payload, rpcs};
use dudao_proto::accountability::v1 as proto;
use dudao_proto::registry::v1 as registry;
use prost::{Message, Name};
use proto::accountability_decision_service_server::AccountabilityDecisionService;
use registry::committee_service_client::CommitteeServiceClient;
use registry::member_unit_service_client::MemberUnitServiceClient;

use super::case::{At, at, day};
use super::{Accountability, kinds};
use crate::domain::case::Case;
use crate::domain::decision::{
    AccountabilityDecision, AccountabilityForm, AccountabilityState, Approval, ApproverPost,
    Consultation, Correction, DecisionContent, Delivery, FactsNotice, InvestigationGroup, Issuance,
    Measure, MeasureExecution, MeasureReferral, Remedy, RemedyOutcome, Statement, StatementOutcome,
};

mirror!(InvestigationGroup => proto::InvestigationGroup { date, due_date, leader, members });
mirror!(FactsNotice => proto::FactsNotice { n, date, number, facts, basis, forms as words, statement_due_date, aggravated_by });
mirror!(Statement => proto::Statement { notice, date, outcome as word, text, by });
mirror!(Consultation => proto::Consultation { notice, date, unit, display_name, opinion, agrees });
mirror!(Approval => proto::Approval { date, approver, post as word });
mirror!(MeasureExecution => proto::MeasureExecution { date, text, officer });
mirror!(MeasureReferral => proto::MeasureReferral { date, receipt });
mirror!(Measure => proto::Measure { form as word, detail, organ } out { execution as maybe, referral as maybe });
mirror!(DecisionContent => proto::DecisionContent { basic_facts, findings, basis, measures });
mirror!(Issuance => proto::Issuance { date, number, effective_date, aggravated_by });
mirror!(Delivery => proto::Delivery { date, receiver, review_due_date, appeal_due_date });
mirror!(Remedy => proto::Remedy {
    date, grounds, by, due_date, outcome as maybe_word, decide_date, text, officer, appeal_due_date, correction_due_date,
    correct_date,
});
mirror!(Correction => proto::DecisionCorrection { date, withdrawn, text, officer, before as part });
mirror!(AccountabilityDecision => proto::AccountabilityDecision {
    case, trigger as maybe_word, kind as word, unit, unit_name, town, person, person_number, post, inspection_end_date,
    reason, officer,
} out {
    open_date, ruleset, state as word, group_due_date, group as maybe, notices, statements, consultations,
    approval as maybe, content as maybe, issuance as maybe, delivery as maybe, filings, review as maybe, appeal as maybe,
    corrections, end_reason,
});

dudao_platform::resource!(AccountabilityDecision => proto::AccountabilityDecision, accountability_decision,
    "accountability_decision_id"; edit { };
    Created => proto::AccountabilityOpened, Updated => proto::AccountabilityUpdated);

/// The fact that holds the decision as it is after it.
macro_rules! fact {
    ($payload:ident) => {
        |about: About<'_>, after: &Record<AccountabilityDecision>| -> NewEvent {
            payload!(
                about,
                proto::$payload,
                accountability_decision,
                AccountabilityDecision::to_message(after)
            )
        }
    };
}

/// What a step is decided with.
struct With {
    today: NaiveDate,
    law: Law,
    /// The county's other decisions by their names.
    others: Vec<(String, AccountabilityDecision)>,
}

impl With {
    /// The names of decisions that aggravate this one.
    fn earlier(&self, own: &AccountabilityDecision) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        for (name, other) in &self.others {
            if other.aggravates(own, &self.law, self.today)? {
                names.push(name.clone());
            }
        }
        Ok(names)
    }
}

rpcs! { impl AccountabilityDecisionService for Accountability, in proto;
    create_accountability_decision(CreateAccountabilityDecisionRequest) -> AccountabilityDecision = |me, caller, request| me.open_decision(caller, request);
    get_accountability_decision(GetAccountabilityDecisionRequest) -> AccountabilityDecision = |me, caller, request| me.desk.get::<AccountabilityDecision>(caller, &request.name);
    list_accountability_decisions(ListAccountabilityDecisionsRequest) -> ListAccountabilityDecisionsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = kinds::<AccountabilityState>("states", &request.states)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: true, kinds: states.into(), place: &request.town, subject: &request.unit, ..Filter::default() };
        let (accountability_decisions, next_page_token) = me.desk.list::<AccountabilityDecision>(caller, &page, filter).await?;
        Ok(proto::ListAccountabilityDecisionsResponse { accountability_decisions, next_page_token })
    };
    set_up_investigation(SetUpInvestigationRequest) -> AccountabilityDecision = |me, caller, request|
        me.proceed(at!(caller, request), fact!(InvestigationSetUp), |decision, with| decision.set_up_group(&request.leader, request.members.clone(), with.today));
    tell_facts(TellFactsRequest) -> AccountabilityDecision = |me, caller, request| async {
        let notice = notice(request)?;
        me.proceed(at!(caller, request), fact!(FactsTold), |decision, with| {
            let earlier = with.earlier(&decision)?;
            decision.tell(notice, earlier, with.today)
        }).await
    };
    hear_statement(HearStatementRequest) -> AccountabilityDecision = |me, caller, request| async {
        let outcome: StatementOutcome = stated("outcome", request.outcome)?;
        me.proceed(at!(caller, request), fact!(StatementHeard), |decision, with| decision.hear(outcome, &request.text, &request.by, with.today)).await
    };
    consult_unit(ConsultUnitRequest) -> AccountabilityDecision = |me, caller, request| async {
        let display_name = me.member_unit(caller, &request.unit).await?;
        me.proceed(at!(caller, request), fact!(UnitConsulted), |decision, with| decision.consult((&request.unit, &display_name), &request.opinion, request.agrees, with.today)).await
    };
    approve_accountability(ApproveAccountabilityRequest) -> AccountabilityDecision = |me, caller, request| async {
        let post: ApproverPost = stated("post", request.post)?;
        let content = content(request.content.clone().unwrap_or_default())?;
        let entitled = me.entitled(caller, &request.name, post).await?;
        me.proceed(at!(caller, request), fact!(AccountabilityApproved), |decision, with| {
            let approval = Approval { date: with.today, approver: request.approver.clone(), post };
            let earlier = with.earlier(&decision)?;
            decision.approve(approval, content, &entitled, &earlier)
        }).await
    };
    issue_accountability_decision(IssueAccountabilityDecisionRequest) -> AccountabilityDecision = |me, caller, request| async {
        let effective_date = day("effective_date", &request.effective_date)?;
        let (number, head) = if request.number.is_empty() {
            let (county, _) = parse_name::<AccountabilityDecision>(caller, "name", &request.name)?;
            (UNNUMBERED, Some(me.letterhead(&county).await?))
        } else {
            (request.number.as_str(), None)
        };
        me.proceed_as(at!(caller, request), head, fact!(AccountabilityDecisionIssued), |decision, with| {
            let earlier = with.earlier(&decision)?;
            decision.issue(number, effective_date, earlier, with.today)
        }).await
    };
    deliver_accountability_decision(DeliverAccountabilityDecisionRequest) -> AccountabilityDecision = |me, caller, request| async {
        let date = day("date", &request.date)?;
        me.proceed(at!(caller, request), fact!(AccountabilityDecisionDelivered), |decision, with| decision.deliver(&request.receiver, date, &with.law, with.today)).await
    };
    file_accountability_decision(FileAccountabilityDecisionRequest) -> AccountabilityDecision = |me, caller, request|
        me.proceed(at!(caller, request), fact!(AccountabilityDecisionFiled), |decision, with| decision.file(&request.to, &request.receipt, with.today));
    execute_measure(ExecuteMeasureRequest) -> AccountabilityDecision = |me, caller, request| async {
        let form: AccountabilityForm = stated("form", request.form)?;
        me.proceed(at!(caller, request), fact!(MeasureExecuted), |decision, with| decision.execute(form, &request.text, &request.officer, with.today)).await
    };
    refer_measure(ReferMeasureRequest) -> AccountabilityDecision = |me, caller, request| async {
        let form: AccountabilityForm = stated("form", request.form)?;
        me.proceed(at!(caller, request), fact!(MeasureReferred), |decision, with| decision.refer(form, &request.receipt, with.today)).await
    };
    drop_accountability(DropAccountabilityRequest) -> AccountabilityDecision = |me, caller, request|
        me.proceed(at!(caller, request), fact!(AccountabilityDropped), |decision, _| decision.drop_it(&request.reason, &request.officer));
    ask_review(AskReviewRequest) -> AccountabilityDecision = |me, caller, request| async {
        me.check_concerned(caller, &request.name).await?;
        me.proceed(at!(caller, request), fact!(ReviewAsked), |decision, with| decision.ask_review(&request.grounds, &request.by, &with.law, with.today)).await
    };
    decide_review(DecideReviewRequest) -> AccountabilityDecision = |me, caller, request| async {
        let outcome: RemedyOutcome = stated("outcome", request.outcome)?;
        me.proceed(at!(caller, request), fact!(ReviewDecided), |decision, with| decision.decide_review((outcome, &request.text, &request.officer), &with.law, with.today)).await
    };
    lodge_appeal(LodgeAppealRequest) -> AccountabilityDecision = |me, caller, request| async {
        me.check_concerned(caller, &request.name).await?;
        me.proceed(at!(caller, request), fact!(AppealLodged), |decision, with| decision.lodge_appeal(&request.grounds, &request.by, &with.law, with.today)).await
    };
    decide_appeal(DecideAppealRequest) -> AccountabilityDecision = |me, caller, request| async {
        let outcome: RemedyOutcome = stated("outcome", request.outcome)?;
        me.proceed(at!(caller, request), fact!(AppealDecided), |decision, with| decision.decide_appeal((outcome, &request.text, &request.officer), &with.law, with.today)).await
    };
    correct_accountability_decision(CorrectAccountabilityDecisionRequest) -> AccountabilityDecision = |me, caller, request| async {
        let content = request.content.clone().map(content).transpose()?;
        me.proceed(at!(caller, request), fact!(AccountabilityDecisionCorrected), |decision, with| decision.correct(content, &request.text, &request.officer, with.today)).await
    };
}

fn stated<W: dudao_law::Word>(field: &str, number: i32) -> Result<W> {
    let mut wrong = Violations::new();
    let word = needed_word(number, &mut wrong, field);
    wrong.into_result()?;
    Ok(word)
}

fn notice(asked: &proto::TellFactsRequest) -> Result<FactsNotice> {
    let mut wrong = Violations::new();
    let forms = asked.forms.iter().enumerate();
    let notice = FactsNotice {
        n: 0,
        date: NaiveDate::default(),
        number: asked.number.clone(),
        facts: asked.facts.clone(),
        basis: asked.basis.clone(),
        forms: forms
            .map(|(at, form)| needed_word(*form, &mut wrong, &format!("forms[{at}]")))
            .collect(),
        statement_due_date: NaiveDate::take(
            asked.statement_due_date.clone(),
            &mut wrong,
            "statement_due_date",
        ),
        aggravated_by: Vec::new(),
    };
    wrong.into_result()?;
    Ok(notice)
}

fn content(message: proto::DecisionContent) -> Result<DecisionContent> {
    let mut wrong = Violations::new();
    let content = DecisionContent::take(message, &mut wrong, "content");
    wrong.into_result()?;
    Ok(content)
}

impl Accountability {
    /// Who holds a post by which a decision may be approved, as the registry's committee says.
    async fn entitled(
        &self,
        caller: &Principal,
        name: &str,
        post: ApproverPost,
    ) -> Result<Vec<String>> {
        let (county, _) = parse_name::<AccountabilityDecision>(caller, "name", name)?;
        let name = format!("counties/{county}/committee");
        let committee = limited!(CommitteeServiceClient::new(self.registry.link.clone()))
            .get_committee(registry::GetCommitteeRequest { name: name.clone() })
            .await
            .map_err(|status| refused(status, &name))?
            .into_inner();
        let officers = match post {
            ApproverPost::Director => committee.director.into_iter().collect(),
            ApproverPost::DeputyDirector => committee.deputies,
        };
        let names = officers.into_iter().map(|officer| officer.display_name);
        Ok(names.filter(|name| !name.is_empty()).collect())
    }

    /// Refuses who does not speak for the unit that a decision concerns.
    async fn check_concerned(&self, caller: &Principal, name: &str) -> Result<()> {
        let decision = self
            .desk
            .record::<AccountabilityDecision>(caller, "name", name)
            .await?;
        caller.check_speaks_for(&decision.content.unit)
    }

    /// Does one step of a decision, with one fact.
    async fn proceed<Req: Message + Name>(
        &self,
        at: At<'_, Req>,
        fact: fn(About<'_>, &Record<AccountabilityDecision>) -> NewEvent,
        decide: impl FnOnce(AccountabilityDecision, &With) -> Result<AccountabilityDecision, Refusal>
        + Send,
    ) -> Result<proto::AccountabilityDecision> {
        self.proceed_as(at, None, fact, decide).await
    }

    /// The same; with a letterhead the register gives its document its number.
    async fn proceed_as<Req: Message + Name>(
        &self,
        (call, name, etag): At<'_, Req>,
        head: Option<Letterhead>,
        fact: fn(About<'_>, &Record<AccountabilityDecision>) -> NewEvent,
        decide: impl FnOnce(AccountabilityDecision, &With) -> Result<AccountabilityDecision, Refusal>
        + Send,
    ) -> Result<proto::AccountabilityDecision> {
        let record = self
            .desk
            .record::<AccountabilityDecision>(call.caller, "name", name)
            .await?;
        let today = self.desk.context.clock.today();
        let ruleset = Some(record.content.ruleset.as_str());
        let law = self.registry.law(&record.county, ruleset, today).await?;
        self.desk
            .step::<AccountabilityDecision, _>(call, name, etag, async |tx, before| {
                let today = clock::day_of(tx.now_us());
                let all = document::all::<AccountabilityDecision>(tx, &before.county).await?;
                let others = all.into_iter().filter(|one| one.code != before.code);
                let others = others.map(|one| (one.name(), one.content)).collect();
                let with = With { today, law, others };
                let mut content = decide(before.content.clone(), &with)
                    .map_err(|refusal| refusal.about(&before.name()))?;
                if let Some(head) = &head {
                    let about = dudao_chancery::About {
                        county: &before.county,
                        kind: Kind::AccountabilityDecision,
                        subject: &before.name(),
                        part: 0,
                    };
                    let number = dudao_chancery::number(tx, head, &about, today.year()).await?;
                    content = content.numbered(&number);
                }
                let fact: NewFact<AccountabilityDecision> = Box::new(fact);
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// Opens one under the rules in force.
    async fn open_decision(
        &self,
        caller: &Principal,
        asked: &proto::CreateAccountabilityDecisionRequest,
    ) -> Result<proto::AccountabilityDecision> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        self.registry.known_county(&asked.parent).await?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&county, None, today).await?;
        self.desk
            .create_one::<AccountabilityDecision, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.accountability_decision_id,
                asked.accountability_decision.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<AccountabilityDecision>]| {
                    let today = clock::day_of(tx.now_us());
                    for record in records {
                        let case = referred(tx, caller, &record.content.case, &county).await?;
                        let draft = record.content.clone();
                        record.content = draft
                            .opened(case.as_ref(), &law, today)
                            .map_err(|refusal| refusal.about(&record.name()))?;
                    }
                    Ok(())
                },
            )
            .await
    }

    /// What a member unit is called, as the registry knows it.
    async fn member_unit(&self, caller: &Principal, name: &str) -> Result<String> {
        let county = name.strip_prefix("counties/").unwrap_or_default();
        caller.reach(county.split('/').next().unwrap_or_default())?;
        let request = registry::GetMemberUnitRequest {
            name: name.to_owned(),
        };
        let unit = limited!(MemberUnitServiceClient::new(self.registry.link.clone()))
            .get_member_unit(request)
            .await
            .map_err(|status| refused(status, name))?;
        Ok(unit.into_inner().display_name)
    }
}

/// The case that a decision is opened on, if it names one.
async fn referred(
    tx: &mut Tx,
    caller: &Principal,
    name: &str,
    county: &str,
) -> Result<Option<Case>> {
    if name.is_empty() {
        return Ok(None);
    }
    let (of, code) = parse_name::<Case>(caller, "accountability_decision.case", name)?;
    if of != county {
        return Err(Error::not_found(name));
    }
    let case = document::get::<Case>(tx, &of, &code).await?;
    Ok(Some(case.content))
}
