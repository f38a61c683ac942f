//! Documents: opinion letters and records of draws.

use std::collections::BTreeMap;

use dudao_chancery::{About, Chancery, Draft, Drafts, Kind, document_service, not_yet};
use dudao_inquiry::refused;
use dudao_paper::{Letterhead, Paper};
use dudao_platform::document::{self, Filter};
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Principal;
use dudao_platform::{Result, limited};
use dudao_proto::document::v1 as documents;
use dudao_proto::inspection::v1::inspection_document_service_server::InspectionDocumentService;
use dudao_proto::registry::v1 as registry;
use registry::school_service_client::SchoolServiceClient;
use registry::supervisor_service_client::SupervisorServiceClient;

use super::Inspection;
use crate::domain::draw::Draw;
use crate::domain::draw::record::Record;
use crate::domain::finding::{Finding, FindingState};
use crate::domain::paper;
use crate::domain::visit::Visit;

/// The most findings of a letter.
const MOST: i64 = 1_000;
/// The largest page of a list.
const PAGE: i32 = 1_000;

document_service! { impl InspectionDocumentService for Inspection, in documents }

impl Drafts for Inspection {
    const KINDS: &'static [Kind] = &[Kind::OpinionLetter, Kind::DrawRecord];

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
        let (paper, concerns, basis) = if about.kind == Kind::OpinionLetter {
            let visit = self
                .desk
                .record::<Visit>(caller, "subject", about.subject)
                .await?;
            let findings = self.findings(about).await?;
            let paper = paper::opinion_letter(head, &visit.content, &findings);
            (
                paper,
                visit.content.concerned(),
                ("visits", visit.code, visit.version),
            )
        } else {
            let draw = self
                .desk
                .record::<Draw>(caller, "subject", about.subject)
                .await?;
            let record: Option<Record> = serde_json::from_str(&draw.content.record).ok();
            let record = record.ok_or_else(|| not_yet(about))?;
            let names = self.names(about.county).await?;
            let paper = paper::draw_record(head, &draw.content, &record, &names);
            (paper, Vec::new(), ("draws", draw.code, draw.version))
        };
        let paper: Paper = paper.ok_or_else(|| not_yet(about))?;
        Ok(Draft {
            part: 0,
            date: paper.date.ok_or_else(|| not_yet(about))?,
            paper,
            concerns,
            basis: Some(basis),
        })
    }
}

impl Inspection {
    /// The findings that stand in a visit's letter.
    async fn findings(&self, about: &About<'_>) -> Result<Vec<Finding>> {
        let mut tx = self.desk.context.db.begin_read().await?;
        let found = Filter {
            county: about.county,
            place: about.subject,
            ended: true,
            limit: MOST,
            ..Filter::default()
        };
        let findings = document::list::<Finding>(&mut tx, &found).await?;
        let findings = findings.into_iter().map(|record| record.content);
        Ok(findings
            .filter(|finding| finding.state == FindingState::Issued)
            .collect())
    }

    /// What schools and supervisors of a county are called, by their codes.
    async fn names(&self, county: &str) -> Result<BTreeMap<String, String>> {
        let parent = format!("counties/{county}");
        let mut names = BTreeMap::new();
        let mut add = |name: &str, display_name: String| {
            let code = name.rsplit('/').next().unwrap_or_default();
            names.insert(code.to_owned(), display_name);
        };
        let mut schools = limited!(SchoolServiceClient::new(self.registry.link.clone()));
        let mut supervisors = limited!(SupervisorServiceClient::new(self.registry.link.clone()));
        let mut page_token = String::new();
        loop {
            let request = registry::ListSchoolsRequest {
                parent: parent.clone(),
                page_size: PAGE,
                page_token,
                show_closed: true,
                ..Default::default()
            };
            let page = schools
                .list_schools(request)
                .await
                .map_err(|status| refused(status, &parent))?
                .into_inner();
            for school in page.schools {
                add(&school.name, school.display_name);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        loop {
            let request = registry::ListSupervisorsRequest {
                parent: parent.clone(),
                page_size: PAGE,
                page_token,
                show_left: true,
            };
            let page = supervisors
                .list_supervisors(request)
                .await
                .map_err(|status| refused(status, &parent))?
                .into_inner();
            for supervisor in page.supervisors {
                add(&supervisor.name, supervisor.display_name);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(names);
            }
        }
    }
}
