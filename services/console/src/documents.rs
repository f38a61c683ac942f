//! Official documents: of a subject, as drafts to edit and as frozen copies to take away; and of the county.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Datelike as _;
use document::{Document, DocumentForm, DocumentKind, DocumentState};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::document::v1 as document;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use tonic::Status;

use crate::Console;
use crate::desk::{Desk, PAGE, all};
use crate::fields::{Fields, Wrongs, encode};
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visitor::{Visitor, check};

/// The largest edited draft.
pub const MOST_BYTES: usize = 3 << 20;

/// Asks whichever service issues documents of a kind.
macro_rules! ask {
    ($desk:expr, $kind:expr, $rpc:ident($request:expr)) => {
        match $kind {
            DocumentKind::LetterOfAppointment | DocumentKind::Plaque => {
                $desk.registry_documents().$rpc($request).await
            }
            DocumentKind::OpinionLetter | DocumentKind::DrawRecord => {
                $desk.inspection_documents().$rpc($request).await
            }
            DocumentKind::Unspecified
            | DocumentKind::RectificationDecision
            | DocumentKind::UrgingLetter
            | DocumentKind::InterviewRecord
            | DocumentKind::Notification
            | DocumentKind::AccountabilityDecision
            | DocumentKind::YearlyReport => $desk.accountability_documents().$rpc($request).await,
        }
        .map(tonic::Response::into_inner)
    };
}

#[derive(Template)]
#[template(path = "documents.html")]
struct Page {
    t: Frame,
    /// Whose documents they are: a resource, or the county.
    subject: String,
    /// Of the county's documents, whose year is shown; 0 where they are those of a resource.
    year: i32,
    title: String,
    rows: Vec<Row>,
    ticket: String,
    wrongs: Wrongs,
}

/// A document that can be made of the subject, and what was issued of it.
struct Row {
    kind: DocumentKind,
    word: &'static str,
    part: i32,
    issued: Option<Document>,
    subject: String,
    /// The query that names it.
    query: String,
    /// A sheet of plaques is drafted only.
    only_drafted: bool,
}

impl Row {
    fn new(t: &Frame, kind: DocumentKind, part: i32, subject: &str) -> Self {
        let query = format!(
            "?kind={}&part={part}&subject={}",
            kind.as_str_name(),
            encode(subject)
        );
        Self {
            kind,
            word: t.document_kind(kind),
            part,
            issued: None,
            subject: subject.to_owned(),
            query,
            only_drafted: kind == DocumentKind::Plaque && !subject.contains("/plaques/"),
        }
    }

    fn is_for(&self, document: &Document) -> bool {
        (self.kind, self.part) == (document.kind(), document.part)
            && self.subject == document.subject
    }

    fn is_withdrawn(&self) -> bool {
        let state = self.issued.as_ref().map(Document::state);
        state == Some(DocumentState::Withdrawn)
    }
}

/// The documents of a subject; without one, of the county.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let subject = match visitor.query.get("subject") {
        "" => visitor.county.clone(),
        subject => subject.to_owned(),
    };
    Ok(View(page(visitor, subject, Wrongs::default()).await?))
}

async fn page(visitor: Visitor, subject: String, wrongs: Wrongs) -> Result<Page, Refusal> {
    let (desk, t) = (&visitor.desk, visitor.frame.clone());
    let year = if subject == visitor.county {
        let today = visitor.console.0.clock.today();
        visitor.query.number("year").unwrap_or(today.year())
    } else {
        0
    };
    let (title, kinds) = made(desk, &visitor.county, &subject, year).await?;
    let mut rows: Vec<_> = kinds
        .into_iter()
        .map(|(kind, part)| Row::new(&t, kind, part, &subject))
        .collect();
    for document in issued(desk, &visitor.county, &subject, year).await? {
        // One that was withdrawn makes place for the one in its stead, and stays to be seen.
        let holds = document.state() == DocumentState::Issued;
        let place = rows.iter_mut().find(|row| holds && row.is_for(&document));
        if let Some(row) = place {
            row.issued = Some(document);
        } else {
            let mut row = Row::new(&t, document.kind(), document.part, &document.subject);
            row.issued = Some(document);
            rows.push(row);
        }
    }
    Ok(Page {
        title: if title.is_empty() {
            t.county_name.clone()
        } else {
            title
        },
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        subject,
        year,
        rows,
        wrongs,
        t,
    })
}

/// What a subject is called, and which documents can be made of it.
async fn made(
    desk: &Desk,
    county: &str,
    subject: &str,
    year: i32,
) -> Result<(String, Vec<(DocumentKind, i32)>), Refusal> {
    let name = subject.to_owned();
    let collection = subject.split('/').nth(2).unwrap_or_default();
    let made = match collection {
        "visits" => {
            let request = inspection::GetVisitRequest { name };
            let visit = desk.visits().get_visit(request).await?.into_inner();
            let letter = visit
                .letter
                .iter()
                .map(|_| (DocumentKind::OpinionLetter, 0));
            (visit.target_name.clone(), letter.collect())
        }
        "draws" => {
            let request = inspection::GetDrawRequest { name };
            let draw = desk.draws().get_draw(request).await?.into_inner();
            let drawn = (!draw.record.is_empty()).then_some((DocumentKind::DrawRecord, 0));
            (draw.display_name, drawn.into_iter().collect())
        }
        "supervisors" => {
            let request = registry::GetSupervisorRequest { name };
            let person = desk
                .supervisors()
                .get_supervisor(request)
                .await?
                .into_inner();
            let terms = 1..=person.past_terms.len() as i32 + 1;
            let letters = terms.map(|term| (DocumentKind::LetterOfAppointment, term));
            (person.display_name, letters.collect())
        }
        "plaques" => {
            let request = registry::GetPlaqueRequest { name };
            let plaque = desk.plaques().get_plaque(request).await?.into_inner();
            let edition = (!plaque.taken_down).then_some((DocumentKind::Plaque, plaque.edition));
            (plaque.school_name, edition.into_iter().collect())
        }
        "cases" => {
            let request = accountability::GetCaseRequest { name };
            let case = desk.cases().get_case(request).await?.into_inner();
            let decisions = case.findings.iter().filter_map(|one| one.decision.as_ref());
            let decided: BTreeSet<_> = decisions
                .map(|one| (DocumentKind::RectificationDecision, one.part))
                .filter(|(_, part)| *part > 0)
                .collect();
            let count = |kind, many: usize| (1..=many as i32).map(move |part| (kind, part));
            let all = decided
                .into_iter()
                .chain(count(DocumentKind::UrgingLetter, case.urging_letters.len()))
                .chain(count(DocumentKind::InterviewRecord, case.interviews.len()))
                .chain(count(DocumentKind::Notification, case.notifications.len()));
            (case.unit_name.clone(), all.collect())
        }
        "accountabilityDecisions" => (
            String::new(),
            vec![(DocumentKind::AccountabilityDecision, 0)],
        ),
        _ if subject == county => {
            let kinds = [
                (DocumentKind::YearlyReport, year),
                (DocumentKind::Plaque, 0),
            ];
            (String::new(), kinds.into())
        }
        _ => return Err(Refusal::Unknown),
    };
    Ok(made)
}

/// What was issued of a subject; of the county, everything of a year.
async fn issued(
    desk: &Desk,
    county: &str,
    subject: &str,
    year: i32,
) -> Result<Vec<Document>, Refusal> {
    let subject = if subject == county { "" } else { subject };
    let houses = [
        DocumentKind::OpinionLetter,
        DocumentKind::RectificationDecision,
        DocumentKind::LetterOfAppointment,
    ];
    let mut issued = Vec::new();
    for house in houses {
        let documents = all(async |page_token| {
            let request = document::ListDocumentsRequest {
                parent: county.to_owned(),
                page_size: PAGE,
                page_token,
                subject: subject.to_owned(),
                year,
                ..Default::default()
            };
            let page = ask!(desk, house, list_documents(request))?;
            Ok((page.documents, page.next_page_token))
        });
        issued.extend(documents.await?);
    }
    Ok(issued)
}

/// What a query or a form names.
fn named(fields: &Fields) -> Result<(DocumentKind, String, i32), Refusal> {
    let kind = DocumentKind::from_str_name(fields.get("kind")).ok_or(Refusal::Unknown)?;
    let part = fields.number("part").unwrap_or_default();
    Ok((kind, fields.get("subject").to_owned(), part))
}

fn form_of(word: &str) -> DocumentForm {
    if word == "pdf" {
        DocumentForm::Pdf
    } else {
        DocumentForm::Docx
    }
}

/// A draft to take away.
pub async fn draft(visitor: Visitor) -> Result<Response, Refusal> {
    let (kind, subject, part) = named(&visitor.query)?;
    let form = form_of(visitor.query.get("form"));
    let request = document::DraftDocumentRequest {
        parent: visitor.county.clone(),
        kind: kind.into(),
        subject,
        part,
        form: form.into(),
    };
    let draft = ask!(visitor.desk, kind, draft_document(request))?;
    Ok(file(&draft.file_name, form, draft.content))
}

/// A frozen copy to take away.
pub async fn copy(
    Path((_, code, word)): Path<(String, String, String)>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let form = form_of(&word);
    let request = document::DownloadDocumentRequest {
        name: format!("{}/documents/{code}", visitor.county),
        form: form.into(),
    };
    let kind = kind_of(&code);
    let copy = ask!(visitor.desk, kind, download_document(request))?;
    Ok(file(&copy.file_name, form, copy.content))
}

/// Of which service's kinds a document is, by the beginning of its id.
fn kind_of(code: &str) -> DocumentKind {
    let begins = |words: &[&str]| words.iter().any(|word| code.starts_with(word));
    if begins(&["letter-of-appointment-", "plaque-"]) {
        DocumentKind::Plaque
    } else if begins(&["opinion-letter-", "draw-record-"]) {
        DocumentKind::OpinionLetter
    } else {
        DocumentKind::YearlyReport
    }
}

fn file(name: &str, form: DocumentForm, content: Vec<u8>) -> Response {
    let kind = match form {
        DocumentForm::Pdf => "application/pdf",
        DocumentForm::Docx | DocumentForm::Unspecified => {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
    };
    let ending = if form == DocumentForm::Pdf {
        "pdf"
    } else {
        "docx"
    };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!(
                "attachment; filename=\"document.{ending}\"; filename*=UTF-8''{}",
                encode(name)
            ),
        ),
    ];
    (headers, content).into_response()
}

/// Issues a document, as it was drafted or as somebody has edited it; or withdraws one.
pub async fn act(
    State(console): State<Console>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let form = Multipart::from_request(request, &console).await;
    let mut form = form.map_err(|_| Refusal::Unreadable)?;
    let (mut fields, mut content) = (Fields::default(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(|_| Refusal::Unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.bytes().await.map_err(|_| Refusal::TooLarge)?;
        if name == "file" {
            content = value.to_vec();
        } else {
            fields.put(&name, String::from_utf8_lossy(&value));
        }
    }
    check(&visitor.session, fields.get("form_key"))?;
    let (kind, subject, part) = named(&fields)?;
    let request_id = fields.get("ticket").to_owned();
    let done: Result<Document, Status> = if fields.get("verb") == "withdraw" {
        let request = document::WithdrawDocumentRequest {
            name: fields.get("name").to_owned(),
            etag: fields.get("etag").to_owned(),
            request_id,
            reason: fields.get("reason").to_owned(),
        };
        ask!(visitor.desk, kind, withdraw_document(request))
    } else {
        let request = document::IssueDocumentRequest {
            parent: visitor.county.clone(),
            kind: kind.into(),
            subject: subject.clone(),
            part,
            content,
            request_id,
        };
        ask!(visitor.desk, kind, issue_document(request))
    };
    match done {
        Ok(_) => {
            let to = format!("/{}/documents?subject={}", visitor.county, encode(&subject));
            Ok(Redirect::to(&to).into_response())
        }
        Err(status) => {
            let wrongs = Wrongs::of(&status, &[], &visitor.frame)?;
            let page = View(page(visitor, subject, wrongs).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
