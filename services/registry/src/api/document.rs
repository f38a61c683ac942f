//! Documents: letters of appointment and plaques.

use dudao_chancery::{About, Chancery, Draft, Drafts, Kind, document_service, not_yet};
use dudao_paper::Letterhead;
use dudao_platform::error::Result;
use dudao_platform::resource::Desk;
use dudao_platform::rpc::Principal;
use dudao_proto::document::v1 as documents;
use dudao_proto::registry::v1::registry_document_service_server::RegistryDocumentService;

use super::Registry;
use crate::domain::county::County;
use crate::domain::paper;
use crate::domain::plaque::Plaque;
use crate::domain::supervisor::Supervisor;
use crate::store;

document_service! { impl RegistryDocumentService for Registry, in documents }

impl Drafts for Registry {
    const KINDS: &'static [Kind] = &[Kind::LetterOfAppointment, Kind::Plaque];

    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn chancery(&self) -> &Chancery {
        &self.chancery
    }

    async fn letterhead(&self, county: &str) -> Result<Letterhead> {
        let mut tx = self.desk.context.db.begin_read().await?;
        let record = store::get::<County>(&mut tx, county, county).await?;
        let County {
            display_name,
            bounds: _,
            issuer,
            agency_code,
            public_uri,
        } = record.content;
        Ok(Letterhead {
            county: display_name,
            issuer,
            agency_code,
            public_uri,
        })
    }

    async fn draft(
        &self,
        caller: &Principal,
        head: &Letterhead,
        about: &About<'_>,
    ) -> Result<Draft> {
        let today = self.desk.context.clock.today();
        if about.kind == Kind::LetterOfAppointment {
            let person = self
                .desk
                .record::<Supervisor>(caller, "subject", about.subject)
                .await?;
            let now = person.content.past_terms.len() as i32 + 1;
            let term = if about.part == 0 { now } else { about.part };
            let paper = paper::letter_of_appointment(head, &person.content, term);
            let paper = paper.ok_or_else(|| not_yet(about))?;
            return Ok(Draft {
                part: term,
                date: paper.date.unwrap_or(today),
                paper,
                concerns: vec![person.name()],
                basis: Some(("supervisors", person.code, person.version)),
            });
        }
        if !about.subject.contains("/plaques/") {
            return self.sheet(head, about).await;
        }
        let plaque = self
            .desk
            .record::<Plaque>(caller, "subject", about.subject)
            .await?;
        let edition = plaque.content.edition;
        if plaque.content.taken_down || ![0, edition].contains(&about.part) {
            return Err(not_yet(about));
        }
        Ok(Draft {
            part: edition,
            date: plaque.content.print_date.unwrap_or(today),
            paper: paper::plaque(head, &plaque.content, &plaque.county, &plaque.code, today),
            concerns: vec![
                plaque.content.school.clone(),
                plaque.content.supervisor.clone(),
            ],
            basis: Some(("plaques", plaque.code, plaque.version)),
        })
    }
}

impl Registry {
    /// All plaques of a county that are to be printed, to be drafted only: each is issued by itself.
    async fn sheet(&self, head: &Letterhead, about: &About<'_>) -> Result<Draft> {
        let mut tx = self.desk.context.db.begin_read().await?;
        let plaques = store::all::<Plaque>(&mut tx, about.county).await?;
        let due: Vec<_> = plaques
            .into_iter()
            .filter(|record| record.content.reprint_due)
            .map(|record| (record.code, record.content))
            .collect();
        if due.is_empty() {
            return Err(not_yet(about));
        }
        Ok(Draft {
            part: 0,
            date: self.desk.context.clock.today(),
            paper: paper::sheet(head, about.county, &due),
            concerns: Vec::new(),
            basis: None,
        })
    }
}
