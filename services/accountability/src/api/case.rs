//! Cases, each step of theirs.

mod closure;
pub(crate) mod letters;

use chrono::{Datelike as _, NaiveDate};
use dudao_chancery::{Drafts as _, Kind, UNNUMBERED};
use dudao_law::{Calendar, Refusal, Violations};
use dudao_paper::Letterhead;
use dudao_platform::carry::{Carry as _, word};
use dudao_platform::document::{self, Document as _, Filter, Record};
use dudao_platform::events::NewEvent;
use dudao_platform::request;
use dudao_platform::resource::{
    self, About, Call, Change, Item, NewFact, Resource, Stepped, parse_county, parse_name,
    parse_parent, settle,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, rpcs};
use dudao_proto::accountability::v1 as proto;
use prost::{Message, Name};
use proto::case_service_server::CaseService;

use super::Accountability;
use crate::domain::case::{
    AccountabilityReferral, Case, Filing, Interview, Notification, NotificationTrigger,
    UrgingLetter,
};
use crate::domain::finding::{
    CaseFinding, Check, CloseOut, Decision, Extension, ImmediateAction, LookBack,
    RectificationReport, ResultPublication,
};
use crate::domain::paper;
use crate::store::ledger;

mirror!(Decision => proto::Decision { date, document, requirement, limit_date, officer, part });
mirror!(Extension => proto::Extension { date, limit_date, reason, officer });
mirror!(ImmediateAction => proto::ImmediateAction { date, text, by });
mirror!(RectificationReport => proto::RectificationReport { date, text, by, evidence });
mirror!(Check => proto::Check { date, passed, text, officer });
mirror!(ResultPublication => proto::ResultPublication { date, place, text });
mirror!(CloseOut => proto::CloseOut { date, officer, text });
mirror!(LookBack => proto::LookBack { date, sustained, text, officer });
mirror!(CaseFinding => proto::CaseFinding {
    finding, title, detail, basis, severity as word, danger, requirement, limit_days,
} out {
    state as word, limit_date, decision as maybe, extensions, actions, reports, checks, publication as maybe, closings,
    look_backs, withdraw_reason,
});
mirror!(UrgingLetter => proto::UrgingLetter { n, date, number, findings, limit_date, officer });
mirror!(Filing => proto::Filing { to, date, receipt });
mirror!(Interview => proto::Interview { date, trigger as maybe_word, attendees, record, officer, filings });
mirror!(Notification => proto::Notification { date, trigger as word, text, recipients, officer, filings });
mirror!(AccountabilityReferral => proto::AccountabilityReferral { date, trigger as maybe_word, text, officer });
mirror!(Case => proto::Case {
    source as word, visit, letter_number, issuer, unit, unit_name, town, government, team, inspection_end_date, summary,
    findings,
} out { open_date, ruleset, urging_letters, interviews, notifications, referrals, closed, result_filings, decisions });

dudao_platform::resource!(Case => proto::Case, case, "case_id"; edit { };
    Created => proto::CaseOpened, Updated => proto::CaseUpdated);

/// The fact that holds the case as it is after it.
macro_rules! fact {
    ($payload:ident) => {
        |about: About<'_>, after: &Record<Case>| -> NewEvent {
            payload!(about, proto::$payload, case, Case::to_message(after))
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
pub(super) use at;

rpcs! { impl CaseService for Accountability, in proto;
    create_case(CreateCaseRequest) -> Case = |me, caller, request| me.enter(caller, request);
    get_case(GetCaseRequest) -> Case = |me, caller, request| me.desk.get::<Case>(caller, &request.name);
    list_cases(ListCasesRequest) -> ListCasesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: request.show_closed, place: &request.town, subject: &request.unit, ..Filter::default() };
        let (cases, next_page_token) = me.desk.list::<Case>(caller, &page, filter).await?;
        Ok(proto::ListCasesResponse { cases, next_page_token })
    };
    issue_decision(IssueDecisionRequest) -> Case = |me, caller, request| async {
        let today = me.desk.context.clock.today();
        let calendar = me.calendar(caller, &request.name, request.items.iter().any(|item| item.limit_working_days != 0)).await?;
        let mut wrong = Violations::new();
        let items = request.items.iter().enumerate().map(|(at, item)| {
            let decision = Decision {
                part: 0,
                date: today,
                document: unnumbered(&request.document).to_owned(),
                requirement: item.requirement.clone(),
                limit_date: limit(&mut wrong, &format!("items[{at}]."), (&item.limit_date, item.limit_working_days), &calendar, today),
                officer: request.officer.clone(),
            };
            (item.finding.clone(), decision)
        }).collect::<Vec<_>>();
        wrong.into_result()?;
        let numbering = me.numbering(caller, Kind::RectificationDecision, &request.name, &request.document).await?;
        me.advance_as(at!(caller, request), numbering, fact!(DecisionIssued), |case, _| case.decide(items)).await
    };
    record_immediate_action(RecordImmediateActionRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(ImmediateActionRecorded), |case, date| case.act(&request.finding, ImmediateAction { date, text: request.text.clone(), by: request.by.clone() }));
    extend_limit(ExtendLimitRequest) -> Case = |me, caller, request| async {
        let limit_date = day("limit_date", &request.limit_date)?;
        me.advance(at!(caller, request), fact!(LimitExtended), |case, date| case.extend(&request.finding, Extension { date, limit_date, reason: request.reason.clone(), officer: request.officer.clone() })).await
    };
    submit_rectification(SubmitRectificationRequest) -> Case = |me, caller, request| async {
        let case = me.desk.record::<Case>(caller, "name", &request.name).await?;
        caller.check_speaks_for(&case.content.unit)?;
        me.advance(at!(caller, request), fact!(RectificationSubmitted), |case, date| case.report(&request.finding, RectificationReport { date, text: request.text.clone(), by: request.by.clone(), evidence: request.evidence.clone() })).await
    };
    check_rectification(CheckRectificationRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(RectificationChecked), |case, date| case.verify(&request.finding, Check { date, passed: request.passed, text: request.text.clone(), officer: request.officer.clone() }));
    publish_result(PublishResultRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(ResultPublished), |case, date| case.publish(&request.findings, &ResultPublication { date, place: request.place.clone(), text: request.text.clone() }));
    close_out_finding(CloseOutFindingRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(FindingClosedOut), |case, date| case.close_out(&request.finding, CloseOut { date, officer: request.officer.clone(), text: request.text.clone() }));
    look_back_finding(LookBackFindingRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(FindingLookedBack), |case, date| case.look_back(&request.finding, LookBack { date, sustained: request.sustained, text: request.text.clone(), officer: request.officer.clone() }));
    withdraw_case_finding(WithdrawCaseFindingRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(CaseFindingWithdrawn), |case, _| case.withdraw(&request.finding, &request.reason, &request.officer));
    issue_urging_letter(IssueUrgingLetterRequest) -> Case = |me, caller, request| async {
        let calendar = me.calendar(caller, &request.name, request.limit_working_days != 0).await?;
        let mut wrong = Violations::new();
        let limit_date = limit(&mut wrong, "", (&request.limit_date, request.limit_working_days), &calendar, me.desk.context.clock.today());
        wrong.into_result()?;
        let numbering = me.numbering(caller, Kind::UrgingLetter, &request.name, &request.number).await?;
        let number = unnumbered(&request.number);
        me.advance_as(at!(caller, request), numbering, fact!(UrgingLetterIssued), |case, today| case.urge(&request.findings, number, limit_date, &request.officer, today)).await
    };
    hold_interview(HoldInterviewRequest) -> Case = |me, caller, request| async {
        let mut wrong = Violations::new();
        let trigger = word(request.trigger, &mut wrong, "trigger");
        wrong.into_result()?;
        me.advance(at!(caller, request), fact!(InterviewHeld), |case, today| case.interview(trigger, request.attendees.clone(), &request.record, &request.officer, today)).await
    };
    file_interview(FileInterviewRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(InterviewFiled), |case, today| case.file_interview(&request.to, &request.receipt, today));
    issue_notification(IssueNotificationRequest) -> Case = |me, caller, request| async {
        let mut wrong = Violations::new();
        let trigger: NotificationTrigger = dudao_platform::carry::needed_word(request.trigger, &mut wrong, "trigger");
        wrong.into_result()?;
        me.advance(at!(caller, request), fact!(NotificationIssued), |case, today| case.notify(trigger, &request.text, request.recipients.clone(), &request.officer, today)).await
    };
    refer_to_accountability(ReferToAccountabilityRequest) -> Case = |me, caller, request| async {
        let mut wrong = Violations::new();
        let trigger = word(request.trigger, &mut wrong, "trigger");
        wrong.into_result()?;
        me.advance(at!(caller, request), fact!(ReferredToAccountability), |case, today| case.refer(trigger, &request.text, &request.officer, today)).await
    };
    file_results(FileResultsRequest) -> Case = |me, caller, request|
        me.advance(at!(caller, request), fact!(ResultsFiled), |case, today| case.file_results(&request.to, &request.receipt, today));
    list_proposals(ListProposalsRequest) -> ListProposalsResponse = |me, caller, request| me.proposals(caller, &request.parent);
}

/// The number of a step's document: by hand, or what stands for the one that the register gives.
fn unnumbered(by_hand: &str) -> &str {
    if by_hand.is_empty() {
        UNNUMBERED
    } else {
        by_hand
    }
}

/// A step's place in the request.
pub(super) type At<'a, Req> = (Call<'a, Req>, &'a str, &'a str);

pub(super) fn day(field: &str, text: &str) -> Result<NaiveDate> {
    let mut wrong = Violations::new();
    let day = NaiveDate::take(text.to_owned(), &mut wrong, field);
    wrong.into_result()?;
    Ok(day)
}

/// The last day of a limit: as it is given, or counted in working days from today.
fn limit(
    wrong: &mut Violations,
    path: &str,
    (date, working_days): (&str, i32),
    calendar: &Calendar,
    today: NaiveDate,
) -> NaiveDate {
    if working_days == 0 {
        return NaiveDate::take(date.to_owned(), wrong, &format!("{path}limit_date"));
    }
    wrong.check(
        date.is_empty(),
        format!("{path}limit_date"),
        "期限只能用日期或工作日数之一写明",
        "must not be given together with limit_working_days",
    );
    wrong.check(
        (1..=366).contains(&working_days),
        format!("{path}limit_working_days"),
        "须为 1 至 366 个工作日",
        "must be 1 to 366",
    );
    calendar.working_days_after(today, working_days.clamp(1, 366).unsigned_abs())
}

impl Accountability {
    /// The days that are worked in a case's county, where a limit is counted in them.
    async fn calendar(&self, caller: &Principal, name: &str, asked: bool) -> Result<Calendar> {
        if !asked {
            return Ok(Calendar::default());
        }
        let (county, _) = parse_name::<Case>(caller, "name", name)?;
        let today = self.desk.context.clock.today();
        Ok(self.registry.law(&county, None, today).await?.calendar)
    }

    /// What the register needs to number a step's document; nothing where a number is given by hand.
    async fn numbering(
        &self,
        caller: &Principal,
        kind: Kind,
        name: &str,
        by_hand: &str,
    ) -> Result<Option<(Kind, Letterhead)>> {
        if !by_hand.is_empty() {
            return Ok(None);
        }
        let (county, _) = parse_name::<Case>(caller, "name", name)?;
        Ok(Some((kind, self.letterhead(&county).await?)))
    }

    /// Does one step of a case, with one fact, and keeps the ledger.
    async fn advance<Req: Message + Name>(
        &self,
        at: At<'_, Req>,
        fact: fn(About<'_>, &Record<Case>) -> NewEvent,
        decide: impl FnOnce(Case, NaiveDate) -> Result<Case, Refusal> + Send,
    ) -> Result<proto::Case> {
        self.advance_as(at, None, fact, decide).await
    }

    /// The same; the register gives the step's document its number.
    async fn advance_as<Req: Message + Name>(
        &self,
        (call, name, etag): At<'_, Req>,
        numbering: Option<(Kind, Letterhead)>,
        fact: fn(About<'_>, &Record<Case>) -> NewEvent,
        decide: impl FnOnce(Case, NaiveDate) -> Result<Case, Refusal> + Send,
    ) -> Result<proto::Case> {
        self.desk
            .step::<Case, _>(call, name, etag, async |tx, before| {
                let today = clock::day_of(tx.now_us());
                let mut content = decide(before.content.clone(), today)
                    .map_err(|refusal| refusal.about(&before.name()))?;
                if let Some((kind, head)) = numbering {
                    let decided = paper::decided(&content);
                    let decided = decided.iter().find(|one| one.document() == UNNUMBERED);
                    let part = decided.map_or(content.urging_letters.len() as i32, |one| one.part);
                    let about = dudao_chancery::About {
                        county: &before.county,
                        kind,
                        subject: &before.name(),
                        part,
                    };
                    let number = dudao_chancery::number(tx, &head, &about, today.year()).await?;
                    content = content.numbered(UNNUMBERED, &number);
                }
                let after = Record {
                    content: content.clone(),
                    ..before.clone()
                };
                ledger::put(tx, &[after]).await?;
                let fact: NewFact<Case> = Box::new(fact);
                Ok(Stepped {
                    content,
                    facts: vec![fact],
                })
            })
            .await
    }

    /// Enters a superior's findings or a direct trigger.
    async fn enter(
        &self,
        caller: &Principal,
        asked: &proto::CreateCaseRequest,
    ) -> Result<proto::Case> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&county, None, today).await?;
        let item = Item::only(
            &self.desk.context,
            &asked.case_id,
            asked.case.clone().unwrap_or_default(),
        );
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let today = clock::day_of(tx.now_us());
                let case = Case::from_message(&item.code, item.message.clone(), today)
                    .map_err(|wrong| resource::inside(wrong, "case.", Case::ID, ""))?
                    .opened(today, &law.rules.name);
                let record = Record::new(tx, &county, &item.code, case);
                if document::find::<Case>(tx, &county, &item.code)
                    .await?
                    .is_some()
                {
                    return Err(Error::already_exists(record.name()));
                }
                ledger::put(tx, std::slice::from_ref(&record)).await?;
                resource::only(
                    resource::write(tx, caller.actor(), Change::Created, &[record]).await?,
                )
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The steps that the clock proposes.
    async fn proposals(
        &self,
        caller: &Principal,
        parent: &str,
    ) -> Result<proto::ListProposalsResponse> {
        let county = parse_county(caller, "parent", parent)?;
        let today = self.desk.context.clock.today();
        let sight = self.desk.sight(caller).await?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let proposals = document::all::<Case>(&mut tx, &county)
            .await?
            .into_iter()
            .filter(|case| sight.sees(&case.content.concerns(&case.county, &case.code)))
            .filter_map(|case| {
                let proposal = case.content.proposal(today)?;
                Some(proto::Proposal {
                    case: case.name(),
                    unit_name: case.content.unit_name.clone(),
                    step: dudao_law::Word::number(proposal.step),
                    findings: proposal.findings,
                    reason: proposal.zh,
                    reason_en: proposal.en,
                })
            })
            .collect();
        Ok(proto::ListProposalsResponse { proposals })
    }
}

/// Writes a step of a case that an event has called for.
pub(super) async fn settle_step(
    tx: &mut Tx,
    actor: &str,
    before: Record<Case>,
    content: Case,
    fact: fn(About<'_>, &Record<Case>) -> NewEvent,
) -> Result<()> {
    let fact: NewFact<Case> = Box::new(fact);
    let after = settle(
        tx,
        actor,
        before,
        Stepped {
            content,
            facts: vec![fact],
        },
    )
    .await?;
    ledger::put(tx, &[after]).await
}
