//! Taking in files in two steps: first every wrong cell is shown, or what would change; then, on a word, it is done. And files to
//! take away: templates, and lists as workbooks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use dudao_proto::registry::v1 as registry;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use registry::{
    Datum, FileKind, ImportOptions, ImportResult, import_schools_request,
    import_supervisors_request,
};
use rust_xlsxwriter::XlsxError;

use crate::fields::{Fields, encode};
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visitor::{Brought, Posted, Visitor};
use crate::workbook;

/// The largest file.
pub const MOST_BYTES: usize = 20 << 20;
const CHUNK_BYTES: usize = 512 << 10;
/// A file waits so long for its second step …
const WAITS_US: i64 = 30 * 60_000_000;
/// … and so many files wait at a time; the oldest gives way.
const MOST_WAITING: usize = 40;

/// Files between their two steps.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<HashMap<String, Arc<Upload>>>);

#[derive(Debug)]
struct Upload {
    kind: FileKind,
    county: String,
    subject: String,
    file_name: String,
    replace: bool,
    datum: Datum,
    bytes: Vec<u8>,
    problems: Vec<registry::CellProblem>,
    since_us: i64,
}

impl Waiting {
    fn keep(&self, ticket: String, upload: Upload) {
        let now_us = upload.since_us;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, upload| upload.since_us + WAITS_US > now_us);
        if all.len() >= MOST_WAITING {
            let oldest = all.iter().min_by_key(|(_, upload)| upload.since_us);
            if let Some(oldest) = oldest.map(|(ticket, _)| ticket.clone()) {
                all.remove(&oldest);
            }
        }
        all.insert(ticket, Arc::new(upload));
    }

    /// Whoever brought a file takes it further, and nobody else.
    fn find(&self, ticket: &str, visitor: &Visitor) -> Option<Arc<Upload>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let upload = all.get(ticket)?;
        let theirs =
            upload.county == visitor.county && upload.subject == visitor.session.caller.subject;
        theirs.then(|| Arc::clone(upload))
    }

    fn done(&self, ticket: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(ticket);
    }
}

#[derive(Template)]
#[template(path = "import.html")]
struct Page {
    t: Frame,
    wrong: &'static str,
}

#[derive(Template)]
#[template(path = "import_result.html")]
struct Outcome {
    t: Frame,
    file_name: String,
    ticket: String,
    result: ImportResult,
}

impl Outcome {
    /// Whether the file was read as far as its rows, so that it can come back marked.
    fn can_be_marked(&self) -> bool {
        self.result.problems.iter().any(|problem| problem.row > 0)
    }
}

/// Asks for a file.
pub async fn ask(visitor: Visitor) -> View<impl Template> {
    View(Page {
        t: visitor.frame,
        wrong: "",
    })
}

/// The first step: reads the file and says what is wrong with it, or what it would change.
pub async fn look(brought: Brought) -> Result<Response, Refusal> {
    let Brought {
        visitor,
        fields,
        file_name,
        bytes,
    } = brought;
    let t = visitor.frame.clone();
    if bytes.is_empty() {
        let wrong = t.choose_file;
        let page = View(Page { t, wrong });
        return Ok((http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let console = &visitor.console.0;
    let mut upload = Upload {
        kind: match fields.get("kind") {
            "supervisors" => FileKind::Supervisors,
            _ => FileKind::Schools,
        },
        county: visitor.county.clone(),
        subject: visitor.session.caller.subject.clone(),
        file_name: file_name.clone(),
        replace: fields.ticked("replace"),
        datum: datum(&fields),
        bytes,
        problems: Vec::new(),
        since_us: console.clock.now_us(),
    };
    let ticket = console.sessions.draw().ok_or(Refusal::Broken)?;
    let result = send(&visitor, &upload, true, String::new()).await?;
    upload.problems.clone_from(&result.problems);
    console.waiting.keep(ticket.clone(), upload);
    Ok(View(Outcome {
        t,
        file_name,
        ticket,
        result,
    })
    .into_response())
}

/// In what a file's coordinates are told, as a form says it.
pub fn datum(fields: &Fields) -> Datum {
    Datum::from_str_name(fields.get("datum")).unwrap_or_default()
}

/// The second step: does it. Sent twice it is done once.
pub async fn take_in(
    Path((_, ticket)): Path<(String, String)>,
    posted: Posted,
) -> Result<View<impl Template>, Refusal> {
    let visitor = posted.visitor;
    let waiting = &visitor.console.0.waiting;
    let upload = waiting.find(&ticket, &visitor).ok_or(Refusal::Unknown)?;
    let result = send(&visitor, &upload, false, ticket.clone()).await?;
    if result.imported {
        waiting.done(&ticket);
    }
    Ok(View(Outcome {
        file_name: upload.file_name.clone(),
        t: visitor.frame,
        ticket,
        result,
    }))
}

async fn send(
    visitor: &Visitor,
    upload: &Upload,
    validate_only: bool,
    request_id: String,
) -> Result<ImportResult, Refusal> {
    let options = ImportOptions {
        parent: upload.county.clone(),
        file_name: upload.file_name.clone(),
        replace: upload.replace,
        validate_only,
        request_id,
        datum: upload.datum.into(),
    };
    let chunks = upload.bytes.chunks(CHUNK_BYTES).map(<[u8]>::to_vec);
    let mut intake = visitor.desk.intake();
    let result = if upload.kind == FileKind::Supervisors {
        use import_supervisors_request::Part;
        let parts = std::iter::once(Part::Options(options)).chain(chunks.map(Part::Chunk));
        let requests = parts.map(|part| registry::ImportSupervisorsRequest { part: Some(part) });
        let requests = futures::stream::iter(requests.collect::<Vec<_>>());
        intake
            .import_supervisors(requests)
            .await?
            .into_inner()
            .result
    } else {
        use import_schools_request::Part;
        let parts = std::iter::once(Part::Options(options)).chain(chunks.map(Part::Chunk));
        let requests = parts.map(|part| registry::ImportSchoolsRequest { part: Some(part) });
        let requests = futures::stream::iter(requests.collect::<Vec<_>>());
        intake.import_schools(requests).await?.into_inner().result
    };
    result.ok_or(Refusal::Broken)
}

/// The file with its wrong cells marked.
pub async fn marked(
    Path((_, ticket)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let upload = visitor.console.0.waiting.find(&ticket, &visitor);
    let upload = upload.ok_or(Refusal::Unknown)?;
    let chinese = visitor.frame.chinese();
    let book = workbook::marked(&upload.file_name, &upload.bytes, &upload.problems, chinese);
    let stem = upload
        .file_name
        .rsplit_once('.')
        .map_or("", |(stem, _)| stem);
    let name = format!("{stem}-{}", visitor.frame.marked);
    Ok(file(&name, book.ok_or(Refusal::Unreadable)?))
}

/// An empty file to fill in.
pub async fn template(
    Path((_, kind)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let (kind, name) = match kind.as_str() {
        "schools" => (FileKind::Schools, visitor.frame.schools),
        "supervisors" => (FileKind::Supervisors, visitor.frame.supervisors),
        _ => return Err(Refusal::Unknown),
    };
    let request = registry::GetTemplateRequest { kind: kind.into() };
    let template = visitor.desk.intake().get_template(request).await?;
    Ok(file(name, template.into_inner().content))
}

/// A list as a workbook.
pub fn sheet(name: &str, book: Result<Vec<u8>, XlsxError>) -> Result<Response, Refusal> {
    match book {
        Ok(content) => Ok(file(name, content)),
        Err(error) => {
            tracing::error!(%error, "a workbook can't be written: {error}");
            Err(Refusal::Broken)
        }
    }
}

fn file(name: &str, content: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}.xlsx", encode(name));
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, content).into_response()
}
