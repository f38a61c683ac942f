//! The chancery (文书): what every service does alike with its official documents. It numbers them, freezes them and hands them out.
//!
//! A service says what its documents say ([`Drafts`]); their RPCs are [`document_service!`](crate::document_service). A
//! document's name is made of its kind, subject and part, so that issuing it twice gives the same one. Its number is the next
//! of county, kind and year, taken in the transaction that freezes its copies: no number is lost, and none is given twice.

mod issued;
mod press;
mod store;

use std::future::Future;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use dudao_law::{Refusal, Violations};
use dudao_paper::{Letterhead, Paper};
use dudao_platform::carry::needed_word;
use dudao_platform::document::{self, Filter, Record, year_of};
use dudao_platform::etag::Version;
use dudao_platform::request::{self, Seen};
use dudao_platform::resource::{
    self, Change, Desk, Resource as _, Stepped, parse_county, parse_parent,
};
use dudao_platform::rpc::{Link, Principal};
use dudao_platform::{Error, Result, Tx, blob, call, clock, limited, page, payload};
use dudao_proto::document::v1 as proto;
use dudao_proto::registry::v1 as registry;
use registry::county_service_client::CountyServiceClient;
use tokio::sync::Mutex;

pub use issued::{Form, Issued, Kind, State};
pub use press::Press;

/// How often a document is written anew because another process has taken its number meanwhile.
const ATTEMPTS: usize = 20;

/// What a service needs for its documents. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Chancery {
    press: Press,
    /// One at a time is numbered in this process: others would write theirs in vain.
    turn: Arc<Mutex<()>>,
}

impl Chancery {
    /// With a press, which may be none.
    pub fn new(press: Press) -> Self {
        Self {
            press,
            turn: Arc::default(),
        }
    }
}

/// Which document is asked for.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The county's code.
    pub county: &'a str,
    /// What it is.
    pub kind: Kind,
    /// The subject's full name.
    pub subject: &'a str,
    /// Which one of the subject's; 0 means the last.
    pub part: i32,
}

/// A document as it would be issued now.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which one of the subject's it is; 0 where there are no parts.
    pub part: i32,
    /// The day that it bears.
    pub date: NaiveDate,
    /// What it says. A number in it was given by hand.
    pub paper: Paper,
    /// Whom it concerns beside the office: full names.
    pub concerns: Vec<String>,
    /// The record of which it was drafted, if it was one: collection, code and version.
    pub basis: Option<(&'static str, String, Version)>,
}

impl Draft {
    /// The n-th of a subject's items, counted from 1, or the last one for 0; with its number.
    pub fn nth<'a, T>(items: &'a [T], about: &About<'_>) -> Result<(i32, &'a T)> {
        let at = match usize::try_from(about.part) {
            Ok(0) => items.len(),
            Ok(at) => at,
            Err(_) => 0,
        };
        let item = at.checked_sub(1).and_then(|at| items.get(at));
        let item = item.ok_or_else(|| not_yet(about))?;
        Ok((at as i32, item))
    }
}

/// The subject has not come so far that there is such a document.
pub fn not_yet(about: &About<'_>) -> Error {
    Refusal::state(
        "document.subject",
        "",
        format!("还没有可以制作{}的事项，或者没有这一份", about.kind),
        "its subject has not come so far, or there is no such part of it",
    )
    .about(about.subject)
    .into()
}

/// A service that issues documents.
pub trait Drafts: Send + Sync {
    /// The kinds that it issues.
    const KINDS: &'static [Kind];

    /// Where its calls come in.
    fn desk(&self) -> &Desk;

    /// Its chancery.
    fn chancery(&self) -> &Chancery;

    /// What stands above the county's documents.
    fn letterhead(&self, county: &str) -> impl Future<Output = Result<Letterhead>> + Send;

    /// Drafts one of what is recorded. Never within a transaction: it may ask other services.
    fn draft(
        &self,
        caller: &Principal,
        letterhead: &Letterhead,
        about: &About<'_>,
    ) -> impl Future<Output = Result<Draft>> + Send;
}

/// Writes a service's RPCs of documents. `documents` is the contract's package.
#[macro_export]
macro_rules! document_service {
    (impl $service:ident for $type:ty, in $documents:ident) => {
        dudao_platform::rpcs! { impl $service for $type, in $documents;
            draft_document(DraftDocumentRequest) -> DraftDocumentResponse = |me, caller, request| $crate::draft(me, caller, request);
            issue_document(IssueDocumentRequest) -> Document = |me, caller, request| $crate::issue(me, caller, request);
            get_document(GetDocumentRequest) -> Document = |me, caller, request| me.desk.get::<$crate::Issued>(caller, &request.name);
            list_documents(ListDocumentsRequest) -> ListDocumentsResponse = |me, caller, request| $crate::list(me, caller, request);
            download_document(DownloadDocumentRequest) -> DownloadDocumentResponse = |me, caller, request| $crate::download(me, caller, request);
            withdraw_document(WithdrawDocumentRequest) -> Document = |me, caller, request| $crate::withdraw(me, caller, request);
        }
    };
}

/// Stands in a step's content for the number that [`number`] gives it.
pub const UNNUMBERED: &str = "〔待编号〕";

/// Gives a step's document its number, in the step's own transaction: the document is issued under it later.
pub async fn number(
    tx: &mut Tx,
    head: &Letterhead,
    about: &About<'_>,
    year: i32,
) -> Result<String> {
    let (code, _) = issued::place(tx, about, about.part).await?;
    let serial = match store::of(tx, about.county, &code).await? {
        Some(serial) => serial,
        None => {
            let serial = store::next(tx, about.county, about.kind, year).await?;
            store::take(tx, about.county, about.kind, (year, serial), &code).await?;
            serial
        }
    };
    Ok(head.number(about.kind.word(), year, serial))
}

/// What stands above a county's documents, as the registry knows it.
pub async fn letterhead(
    registry: &Link,
    county: &str,
    refused: impl FnOnce(tonic::Status, &str) -> Error,
) -> Result<Letterhead> {
    let name = format!("counties/{county}");
    let request = registry::GetCountyRequest { name: name.clone() };
    let county = limited!(CountyServiceClient::new(registry.clone()))
        .get_county(request)
        .await
        .map_err(|status| refused(status, &name))?
        .into_inner();
    Ok(Letterhead {
        county: county.display_name,
        issuer: county.issuer,
        agency_code: county.agency_code,
        public_uri: county.public_uri,
    })
}

/// Reads which document is asked for.
fn about<'a, D: Drafts>(
    county: &'a str,
    kind: i32,
    subject: &'a str,
    part: i32,
) -> Result<About<'a>> {
    let mut wrong = Violations::new();
    let kind: Kind = needed_word(kind, &mut wrong, "kind");
    wrong.check(
        D::KINDS.contains(&kind),
        "kind",
        format!("“{kind}”由其他服务制作"),
        "must be a kind that this service issues",
    );
    let parent = format!("counties/{county}");
    let inside = subject
        .strip_prefix(&parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    wrong.check(
        inside,
        "subject",
        "须为该县的资源名称",
        "must be the name of a resource of the county",
    );
    wrong.check(part >= 0, "part", "不能为负", "must not be negative");
    wrong.into_result()?;
    Ok(About {
        county,
        kind,
        subject,
        part,
    })
}

/// Drafts a document.
pub async fn draft<D: Drafts>(
    me: &D,
    caller: &Principal,
    asked: &proto::DraftDocumentRequest,
) -> Result<proto::DraftDocumentResponse> {
    let county = parse_county(caller, "parent", &asked.parent)?;
    let about = about::<D>(&county, asked.kind, &asked.subject, asked.part)?;
    let form = Form::read(asked.form)?;
    let letterhead = me.letterhead(&county).await?;
    let draft = me.draft(caller, &letterhead, &about).await?;
    let file_name = format!("{}（草稿）.{}", about.kind, form.ending());
    let (docx, pdf) = me
        .chancery()
        .press
        .write(draft.paper, form == Form::Pdf)
        .await?;
    let content = match form {
        Form::Docx => docx,
        Form::Pdf => pdf.ok_or_else(|| no_pdf(about.subject))?,
    };
    Ok(proto::DraftDocumentResponse {
        file_name,
        content,
        part: draft.part,
    })
}

fn no_pdf(subject: &str) -> Error {
    Refusal::state(
        "document.pdf",
        "",
        "没有 PDF：制作时服务器上没有可用的中文字体。请下载 .docx，或请管理员安装字体",
        "there is no PDF: no Chinese fonts were at hand; take the .docx, or let the operator install fonts",
    )
    .about(subject)
    .into()
}

/// Issues a document, unless it was issued before.
pub async fn issue<D: Drafts>(
    me: &D,
    caller: &Principal,
    asked: &proto::IssueDocumentRequest,
) -> Result<proto::Document> {
    let county = parse_county(caller, "parent", &asked.parent)?;
    let about = about::<D>(&county, asked.kind, &asked.subject, asked.part)?;
    let db = &me.desk().context.db;
    let mut tx = db.begin_read().await?;
    // A retry is answered as before, whatever became of the subject since.
    if let Seen::Before(answer) = request::seen(&mut tx, &county, &asked.request_id, asked).await? {
        return Ok(answer);
    }
    drop(tx);
    let letterhead = me.letterhead(&county).await?;
    let mut draft = me.draft(caller, &letterhead, &about).await?;
    if about.kind == Kind::Plaque && draft.part == 0 {
        return Err(Error::invalid(
            "subject",
            "每块公示牌单独印发",
            "must be one plaque",
        ));
    }
    let edited = !asked.content.is_empty();
    if edited {
        draft.paper = edit(&draft.paper, &asked.content)?;
    }
    let year = draft.date.year();
    let by_hand = !draft.paper.number.is_empty();
    let _turn = me.chancery().turn.lock().await;
    for _ in 0..ATTEMPTS {
        let mut tx = db.begin_read().await?;
        let (code, before) = issued::place(&mut tx, &about, draft.part).await?;
        // A step may have taken its number with it; who has given one by hand takes none.
        let taken = store::of(&mut tx, &county, &code).await?;
        let fresh = taken.is_none() && !by_hand && about.kind.is_numbered();
        let serial = match taken {
            Some(serial) => serial,
            None if fresh => store::next(&mut tx, &county, about.kind, year).await?,
            None => 0,
        };
        drop(tx);
        let mut paper = Paper {
            date: Some(draft.date),
            ..draft.paper.clone()
        };
        if fresh {
            paper.number = letterhead.number(about.kind.word(), year, serial);
        }
        // Writing takes its time: it is done before the transaction, in which the number is looked at again.
        let copies = if before.is_none() {
            let (docx, pdf) = me.chancery().press.write(paper.clone(), true).await?;
            let pdf = pdf.map(|pdf| (Form::Pdf, pdf));
            std::iter::once((Form::Docx, docx)).chain(pdf).collect()
        } else {
            Vec::new()
        };
        let mut tx = db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, &asked.request_id, asked).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        if (code.clone(), before.clone()) != issued::place(&mut tx, &about, draft.part).await? {
            continue;
        }
        let answer = match before {
            Some(before) => Issued::to_message(&before),
            None => {
                if fresh && store::next(&mut tx, &county, about.kind, year).await? != serial {
                    continue;
                }
                if let Some((collection, of, version)) = &draft.basis
                    && store::version(&mut tx, &county, collection, of).await? != Some(version.0)
                {
                    return Err(Error::stale(about.subject));
                }
                let content = Issued::new(&about, &draft, &paper, (serial, edited), &copies);
                if fresh {
                    store::take(&mut tx, &county, about.kind, (year, serial), &code).await?;
                }
                store::freeze(&mut tx, &county, &code, copies).await?;
                let record = Record::new(&tx, &county, &code, content);
                resource::only(
                    resource::write(&mut tx, caller.actor(), Change::Created, &[record]).await?,
                )?
            }
        };
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        return Ok(answer);
    }
    Err(Error::unavailable("others take numbers all the time"))
}

/// The paper as somebody has edited it; what is the register's stays.
fn edit(draft: &Paper, file: &[u8]) -> Result<Paper> {
    let read = Paper::read(file).map_err(|unreadable| {
        Error::invalid(
            "content",
            format!("不能作为草稿使用：请在下载的草稿上修改，接受所有修订后保存为 .docx（{unreadable}）"),
            format!("can't be taken for the draft: edit the draft that was handed out, accept all changes, and save it as .docx ({unreadable})"),
        )
    })?;
    Ok(Paper {
        number: draft.number.clone(),
        date: draft.date,
        ..read
    })
}

/// Lists documents.
pub async fn list<D: Drafts>(
    me: &D,
    caller: &Principal,
    request: &proto::ListDocumentsRequest,
) -> Result<proto::ListDocumentsResponse> {
    let page = page!(request)?;
    let (from, until) = year_of(request.year);
    let filter = Filter {
        county: &parse_parent(caller, &request.parent)?,
        ended: true,
        subject: &request.subject,
        kinds: document::kinds::<Kind>("kinds", &request.kinds)?.into(),
        from: &from,
        until: &until,
        ..Filter::default()
    };
    let (documents, next_page_token) = me.desk().list::<Issued>(caller, &page, filter).await?;
    Ok(proto::ListDocumentsResponse {
        documents,
        next_page_token,
    })
}

/// Hands out a frozen copy.
pub async fn download<D: Drafts>(
    me: &D,
    caller: &Principal,
    asked: &proto::DownloadDocumentRequest,
) -> Result<proto::DownloadDocumentResponse> {
    let form = Form::read(asked.form)?;
    let record = me
        .desk()
        .record::<Issued>(caller, "name", &asked.name)
        .await?;
    let name = record.name();
    let copy = record.content.copy(form).ok_or_else(|| no_pdf(&name))?;
    let mut tx = me.desk().context.db.begin_read().await?;
    let content = store::copy(&mut tx, &record.county, &record.code, form).await?;
    let content = content
        .filter(|content| blob::sha256(content) == copy.sha256)
        .ok_or(Error::DataLoss { resource: name })?;
    Ok(proto::DownloadDocumentResponse {
        file_name: record.content.file_name(form),
        content,
        sha256: copy.sha256.clone(),
    })
}

/// Takes a document back.
pub async fn withdraw<D: Drafts>(
    me: &D,
    caller: &Principal,
    asked: &proto::WithdrawDocumentRequest,
) -> Result<proto::Document> {
    let call = call!(caller, asked);
    let step = async |tx: &mut Tx, before: &Record<Issued>| {
        let today = clock::day_of(tx.now_us());
        let content = before.content.clone().withdraw(&asked.reason, today);
        let fact: resource::NewFact<Issued> = Box::new(|about, after| {
            payload!(
                about,
                proto::DocumentWithdrawn,
                document,
                Issued::to_message(after)
            )
        });
        Ok(Stepped {
            content: content.map_err(|refusal| refusal.about(&before.name()))?,
            facts: vec![fact],
        })
    };
    me.desk()
        .step::<Issued, _>(call, &asked.name, &asked.etag, step)
        .await
}
