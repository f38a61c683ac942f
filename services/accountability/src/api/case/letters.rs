//! Following the inspection: every issued letter opens a case, and so does what was urged on the spot, and what a superior
//! has found (art. 十).

use chrono::Days;
use dudao_law::{Violations, Word};
use dudao_platform::document::{Record, find};
use dudao_platform::error::Result;
use dudao_platform::events::{Consumer, Event, NewEvent, WatchEventsRequest, WatchEventsResponse};
use dudao_platform::resource::{About, Change, Resource as _, write};
use dudao_platform::rpc::Link;
use dudao_platform::{Tx, clock, limited, payload};
use dudao_proto::accountability::v1 as proto;
use dudao_proto::inspection::v1 as inspection;
use inspection::inspection_event_service_client::InspectionEventServiceClient;
use inspection::{Directive, DirectiveHandedDown, OpinionLetter, OpinionLetterIssued, VisitUrged};
use prost::{Message as _, Name as _};
use tonic::{Status, Streaming};

use super::settle_step;
use crate::domain::case::{Case, CaseSource};
use crate::domain::finding::{CaseFinding, FindingState, Severity};
use crate::store::ledger;

/// Who does it, in events.
const ACTOR: &str = "accountability";
/// What is urged on the spot is to be put right by the next day: it can't wait, and no rule gives another limit.
const ON_THE_SPOT: Days = Days::new(1);

/// Opens cases as letters are issued.
pub(crate) struct Following {
    inspection: InspectionEventServiceClient<Link>,
}

impl Following {
    /// Follows the inspection behind this link.
    pub(crate) fn new(inspection: Link) -> Self {
        Self {
            inspection: limited!(InspectionEventServiceClient::new(inspection)),
        }
    }
}

#[tonic::async_trait]
impl Consumer for Following {
    fn name(&self) -> &'static str {
        "inspection"
    }

    fn wants(&self) -> WatchEventsRequest {
        WatchEventsRequest {
            kinds: vec![
                OpinionLetterIssued::NAME.to_owned(),
                VisitUrged::NAME.to_owned(),
                DirectiveHandedDown::NAME.to_owned(),
            ],
            ..WatchEventsRequest::default()
        }
    }

    async fn open(
        &mut self,
        request: WatchEventsRequest,
    ) -> Result<Streaming<WatchEventsResponse>, Status> {
        Ok(self.inspection.watch_events(request).await?.into_inner())
    }

    async fn apply(&mut self, tx: &mut Tx, event: &Event) -> Result<()> {
        let Some(payload) = &event.payload else {
            return Ok(());
        };
        let bytes = payload.value.as_slice();
        let county = &event.county;
        match event.kind.as_str() {
            OpinionLetterIssued::NAME => match OpinionLetterIssued::decode(bytes) {
                Ok(OpinionLetterIssued { letter: Some(it) }) => open(tx, county, &it, false).await,
                _ => return unreadable(event),
            },
            VisitUrged::NAME => match VisitUrged::decode(bytes) {
                Ok(VisitUrged { letter: Some(it) }) => open(tx, county, &it, true).await,
                _ => return unreadable(event),
            },
            DirectiveHandedDown::NAME => match DirectiveHandedDown::decode(bytes) {
                Ok(DirectiveHandedDown {
                    directive: Some(it),
                }) => hand_down(tx, county, &it).await,
                _ => return unreadable(event),
            },
            _ => Ok(()),
        }
    }
}

/// What can't be read now can't be read later either, and must not hold up what comes behind it.
#[expect(clippy::unnecessary_wraps, reason = "it is what becomes of the event")]
fn unreadable(event: &Event) -> Result<()> {
    tracing::error!(
        event = event.id,
        kind = event.kind,
        "an event of the inspection can't be read"
    );
    Ok(())
}

/// Opens a case for each unit at which a superior has found something.
async fn hand_down(tx: &mut Tx, county: &str, directive: &Directive) -> Result<()> {
    for found in &directive.findings {
        let code = found.case.rsplit('/').next().unwrap_or_default();
        if find::<Case>(tx, county, code).await?.is_some() {
            continue;
        }
        let letter = OpinionLetter {
            number: directive.document.clone(),
            unit: found.unit.clone(),
            unit_name: found.unit_name.clone(),
            town: found.town.clone(),
            government: !found.unit.contains("/schools/"),
            end_date: found.inspection_end_date.clone(),
            summary: found.summary.clone(),
            findings: found.findings.clone(),
            ..OpinionLetter::default()
        };
        let case = Case {
            source: CaseSource::Superior,
            issuer: directive.issuer.clone(),
            ..case(&letter)
        };
        start(tx, county, code, case, &directive.ruleset).await?;
    }
    Ok(())
}

/// Opens a case today.
async fn start(
    tx: &mut Tx,
    county: &str,
    code: &str,
    case: Case,
    ruleset: &str,
) -> Result<Record<Case>> {
    let case = case.opened(clock::day_of(tx.now_us()), ruleset);
    let record = Record::new(tx, county, code, case);
    ledger::put(tx, std::slice::from_ref(&record)).await?;
    write(tx, ACTOR, Change::Created, std::slice::from_ref(&record)).await?;
    Ok(record)
}

/// Opens the case of a letter, or adds its findings to the one that was opened on the spot of the same visit.
async fn open(tx: &mut Tx, county: &str, letter: &OpinionLetter, on_the_spot: bool) -> Result<()> {
    let visit = letter.visit.rsplit('/').next().unwrap_or_default();
    let code = if on_the_spot {
        let at = letter
            .findings
            .first()
            .and_then(|one| one.finding.rsplit('-').next());
        format!("{visit}-u{}", at.unwrap_or("1"))
    } else {
        visit.to_owned()
    };
    if find::<Case>(tx, county, &code).await?.is_some() {
        return Ok(());
    }
    let record = start(tx, county, &code, case(letter), &letter.ruleset).await?;
    if on_the_spot {
        let today = clock::day_of(tx.now_us());
        let urged = record.content.clone();
        let urged = urged.urged_on_the_spot(today + ON_THE_SPOT, today);
        settle_step(
            tx,
            ACTOR,
            record,
            urged,
            |about: About<'_>, after: &Record<Case>| -> NewEvent {
                payload!(
                    about,
                    proto::UrgingLetterIssued,
                    case,
                    Case::to_message(after)
                )
            },
        )
        .await?;
    }
    Ok(())
}

fn case(letter: &OpinionLetter) -> Case {
    // The inspection has checked its days; one that can't be read is none.
    let mut unread = Violations::new();
    Case {
        source: CaseSource::OwnLetter,
        visit: letter.visit.clone(),
        letter_number: letter.number.clone(),
        issuer: String::new(),
        unit: letter.unit.clone(),
        unit_name: letter.unit_name.clone(),
        town: letter.town.clone(),
        government: letter.government,
        team: letter.team.clone(),
        inspection_end_date: dudao_law::day(&mut unread, "end_date", &letter.end_date),
        summary: letter.summary.clone(),
        findings: letter.findings.iter().map(finding).collect(),
        open_date: None,
        ruleset: String::new(),
        urging_letters: Vec::new(),
        interviews: Vec::new(),
        notifications: Vec::new(),
        referrals: Vec::new(),
        closed: letter.findings.is_empty(),
        result_filings: Vec::new(),
        decisions: 0,
    }
}

fn finding(one: &inspection::LetterFinding) -> CaseFinding {
    CaseFinding {
        finding: one.finding.clone(),
        title: one.title.clone(),
        detail: one.detail.clone(),
        basis: one.basis.clone(),
        severity: Severity::of_number(one.severity).unwrap_or(Severity::Minor),
        danger: one.danger,
        requirement: one.requirement.clone(),
        limit_days: one.limit_days,
        state: FindingState::Open,
        limit_date: None,
        decision: None,
        extensions: Vec::new(),
        actions: Vec::new(),
        reports: Vec::new(),
        checks: Vec::new(),
        publication: None,
        closings: Vec::new(),
        look_backs: Vec::new(),
        withdraw_reason: String::new(),
    }
}
