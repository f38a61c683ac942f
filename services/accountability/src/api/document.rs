//! Documents: what cases and accountability decisions come to, and the report of a year.

use chrono::Datelike as _;
use dudao_chancery::{About, Chancery, Draft, Drafts, Kind, document_service, not_yet};
use dudao_inquiry::refused;
use dudao_paper::{Letterhead, Paper};
use dudao_platform::document::{Concerns, Document as _, Record};
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result};
use dudao_proto::accountability::v1::accountability_document_service_server::AccountabilityDocumentService;
use dudao_proto::document::v1 as documents;

use super::Accountability;
use crate::domain::case::Case;
use crate::domain::decision::AccountabilityDecision;
use crate::domain::paper;

document_service! { impl AccountabilityDocumentService for Accountability, in documents }

impl Drafts for Accountability {
    const KINDS: &'static [Kind] = &[
        Kind::RectificationDecision,
        Kind::UrgingLetter,
        Kind::InterviewRecord,
        Kind::Notification,
        Kind::AccountabilityDecision,
        Kind::YearlyReport,
    ];

    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn chancery(&self) -> &Chancery {
        &self.chancery
    }

    async fn letterhead(&self, county: &str) -> Result<Letterhead> {
        dudao_chancery::letterhead(&self.registry.link, county, refused).await
    }

    async fn draft(
        &self,
        caller: &Principal,
        head: &Letterhead,
        about: &About<'_>,
    ) -> Result<Draft> {
        match about.kind {
            Kind::YearlyReport => self.report(head, about).await,
            Kind::AccountabilityDecision => {
                let decision = self
                    .desk
                    .record::<AccountabilityDecision>(caller, "subject", about.subject)
                    .await?;
                let paper = paper::accountability_decision(head, &decision.content);
                let paper = paper.ok_or_else(|| not_yet(about))?;
                let concerns = of(decision.content.concerns(&decision.county, &decision.code));
                let basis = ("accountabilityDecisions", decision.code, decision.version);
                Ok(Draft {
                    part: 0,
                    date: paper.date.ok_or_else(|| not_yet(about))?,
                    paper,
                    concerns,
                    basis: Some(basis),
                })
            }
            Kind::RectificationDecision
            | Kind::UrgingLetter
            | Kind::InterviewRecord
            | Kind::Notification
            | Kind::OpinionLetter
            | Kind::LetterOfAppointment
            | Kind::Plaque
            | Kind::DrawRecord => {
                let case = self
                    .desk
                    .record::<Case>(caller, "subject", about.subject)
                    .await?;
                let (part, paper) = of_case(head, &case, about)?;
                Ok(Draft {
                    part,
                    date: paper.date.ok_or_else(|| not_yet(about))?,
                    paper,
                    concerns: of(case.content.concerns(&case.county, &case.code)),
                    basis: Some(("cases", case.code, case.version)),
                })
            }
        }
    }
}

/// A document of a case.
fn of_case(head: &Letterhead, case: &Record<Case>, about: &About<'_>) -> Result<(i32, Paper)> {
    let case = &case.content;
    match about.kind {
        Kind::RectificationDecision => {
            let decided = paper::decided(case);
            let one = match about.part {
                0 => decided.last(),
                part => decided.iter().find(|one| one.part == part),
            };
            let one = one.ok_or_else(|| not_yet(about))?;
            let paper = paper::rectification_decision(head, case, one);
            Ok((one.part, paper.ok_or_else(|| not_yet(about))?))
        }
        Kind::UrgingLetter => {
            let (n, letter) = Draft::nth(&case.urging_letters, about)?;
            Ok((n, paper::urging_letter(head, case, letter)))
        }
        Kind::InterviewRecord => {
            let (n, interview) = Draft::nth(&case.interviews, about)?;
            Ok((n, paper::interview_record(head, case, interview)))
        }
        Kind::Notification => {
            let (n, notification) = Draft::nth(&case.notifications, about)?;
            Ok((n, paper::notification(head, case, notification)))
        }
        Kind::OpinionLetter
        | Kind::AccountabilityDecision
        | Kind::LetterOfAppointment
        | Kind::Plaque
        | Kind::YearlyReport
        | Kind::DrawRecord => Err(not_yet(about)),
    }
}

fn of(concerns: Concerns) -> Vec<String> {
    match concerns {
        Concerns::Only(names) => names,
        Concerns::Office | Concerns::County | Concerns::Public => Vec::new(),
    }
}

impl Accountability {
    /// The report of a year: of this one it bears today's date, of an earlier one too.
    async fn report(&self, head: &Letterhead, about: &About<'_>) -> Result<Draft> {
        let today = self.desk.context.clock.today();
        let year = if about.part == 0 {
            today.year()
        } else {
            about.part
        };
        if about.subject.matches('/').count() != 1 {
            return Err(Error::invalid(
                "subject",
                "年度督导报告须写明县",
                "must be the county",
            ));
        }
        let duties = self.duties(about.county, year, today).await?;
        let (done, decisions, _) = self.year_of(about.county, year).await?;
        let paper = paper::yearly_report(head, year, &duties, &done, decisions.count);
        Ok(Draft {
            part: year,
            date: today,
            paper,
            concerns: Vec::new(),
            basis: None,
        })
    }
}
