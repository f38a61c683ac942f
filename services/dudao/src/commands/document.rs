//! `dudao document`: official documents as files. Lists and what else there is are verbs of the service that issues them.

use std::path::{Path, PathBuf};

use document::{DocumentForm, DocumentKind};
use dudao_platform::limited;
use dudao_proto::accountability::v1::accountability_document_service_client::AccountabilityDocumentServiceClient;
use dudao_proto::document::v1 as document;
use dudao_proto::inspection::v1::inspection_document_service_client::InspectionDocumentServiceClient;
use dudao_proto::registry::v1::registry_document_service_client::RegistryDocumentServiceClient;

use crate::args::{DocumentFile, DocumentOf};
use crate::failure::{Failure, Result};
use crate::output::say;
use crate::session::Session;

/// Asks whichever service issues documents of a kind.
macro_rules! ask {
    ($session:expr, $kind:expr, $rpc:ident($request:expr)) => {{
        let link = $session.link.clone();
        match $kind {
            DocumentKind::LetterOfAppointment | DocumentKind::Plaque => {
                limited!(RegistryDocumentServiceClient::new(link))
                    .$rpc($request)
                    .await
            }
            DocumentKind::OpinionLetter | DocumentKind::DrawRecord => {
                limited!(InspectionDocumentServiceClient::new(link))
                    .$rpc($request)
                    .await
            }
            DocumentKind::Unspecified
            | DocumentKind::RectificationDecision
            | DocumentKind::UrgingLetter
            | DocumentKind::InterviewRecord
            | DocumentKind::Notification
            | DocumentKind::AccountabilityDecision
            | DocumentKind::YearlyReport => {
                limited!(AccountabilityDocumentServiceClient::new(link))
                    .$rpc($request)
                    .await
            }
        }
        .map(tonic::Response::into_inner)
    }};
}

/// Drafts, issues, or takes a copy out.
pub async fn run(session: &Session, args: &DocumentFile) -> Result<()> {
    match args {
        DocumentFile::Draft(args) => {
            let (parent, kind, subject) = about(session, &args.of).await?;
            let request = document::DraftDocumentRequest {
                parent,
                kind: kind.into(),
                subject,
                part: args.of.part,
                form: form(args.pdf).into(),
            };
            let draft = ask!(session, kind, draft_document(request))?;
            write(args.file.as_deref(), &draft.file_name, &draft.content).await
        }
        DocumentFile::Issue(args) => {
            let (parent, kind, subject) = about(session, &args.of).await?;
            let content = match &args.file {
                Some(file) => tokio::fs::read(file).await.map_err(Failure::file(file))?,
                None => Vec::new(),
            };
            let request = document::IssueDocumentRequest {
                parent,
                kind: kind.into(),
                subject,
                part: args.of.part,
                content,
                request_id: String::new(),
            };
            let issued = ask!(session, kind, issue_document(request))?;
            say(format_args!(
                "{}\n{} {}",
                issued.name, issued.number, issued.title
            ))?;
            for copy in &issued.copies {
                let form = copy
                    .form()
                    .as_str_name()
                    .trim_start_matches("DOCUMENT_FORM_");
                say(format_args!(
                    "{form} {} bytes, sha256 {}",
                    copy.size_bytes, copy.sha256
                ))?;
            }
            Ok(())
        }
        DocumentFile::Save { id, pdf, file } => {
            let name = if id.starts_with("counties/") {
                id.clone()
            } else {
                format!("{}/documents/{id}", session.county().await?)
            };
            let code = name.rsplit('/').next().unwrap_or_default();
            let slug = KINDS
                .into_iter()
                .find(|kind| code.starts_with(&format!("{}-", slug(*kind))));
            let kind = slug.unwrap_or(DocumentKind::Unspecified);
            let request = document::DownloadDocumentRequest {
                name,
                form: form(*pdf).into(),
            };
            let copy = ask!(session, kind, download_document(request))?;
            write(file.as_deref(), &copy.file_name, &copy.content).await?;
            say(format_args!("sha256 {}", copy.sha256))
        }
    }
}

const KINDS: [DocumentKind; 10] = [
    DocumentKind::OpinionLetter,
    DocumentKind::RectificationDecision,
    DocumentKind::UrgingLetter,
    DocumentKind::InterviewRecord,
    DocumentKind::Notification,
    DocumentKind::AccountabilityDecision,
    DocumentKind::LetterOfAppointment,
    DocumentKind::Plaque,
    DocumentKind::YearlyReport,
    DocumentKind::DrawRecord,
];

/// What the command line and names of documents call a kind.
fn slug(kind: DocumentKind) -> String {
    let word = kind.as_str_name().trim_start_matches("DOCUMENT_KIND_");
    word.to_lowercase().replace('_', "-")
}

fn form(pdf: bool) -> DocumentForm {
    if pdf {
        DocumentForm::Pdf
    } else {
        DocumentForm::Docx
    }
}

/// The county, the kind and the subject of what was asked for.
async fn about(session: &Session, of: &DocumentOf) -> Result<(String, DocumentKind, String)> {
    let county = session.county().await?;
    let kind = KINDS.into_iter().find(|kind| slug(*kind) == of.kind);
    let kind = kind.ok_or_else(|| {
        let known = KINDS.map(slug).join(" ");
        Failure::Input(format!(
            "没有文种“{}”；可用：{known}\nThere is no such kind; these are: {known}.",
            of.kind
        ))
    })?;
    let subject = match of.subject.as_str() {
        "" => county.clone(),
        name if name.starts_with("counties/") => name.to_owned(),
        name => format!("{county}/{name}"),
    };
    Ok((county, kind, subject))
}

async fn write(file: Option<&Path>, name: &str, content: &[u8]) -> Result<()> {
    let file = file.map_or_else(|| PathBuf::from(name), Path::to_owned);
    tokio::fs::write(&file, content)
        .await
        .map_err(Failure::file(&file))?;
    say(format_args!("{} ← {} bytes", file.display(), content.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_called_as_names_of_documents_begin() {
        let names = KINDS.map(slug);
        assert_eq!(names[2], "urging-letter");
        assert!(KINDS.into_iter().all(|kind| {
            dudao_chancery::Kind::ALL
                .iter()
                .any(|one| one.slug() == slug(kind))
        }));
    }
}
