//! An error as a page: what happened, which rule says so, and what to do.

use askama::Template;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_platform::rpc::Fault;
use http::header::{HOST, REFERER};
use http::{HeaderMap, HeaderValue, StatusCode};
use tonic::{Code, Status};

use crate::fields::encode;
use crate::frame::{Frame, View};
use crate::visitor::words;

/// Why a page is not shown.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// Nobody is signed in; the page that was asked for comes after that.
    SignIn(String),
    /// A service refuses.
    Fault(Box<Fault>),
    /// There is no such page.
    Unknown,
    /// The form was not sent from one of our pages, or the session has ended meanwhile.
    Forged,
    /// The form or the address can't be read.
    Unreadable,
    /// The file is too large.
    TooLarge,
    /// A bug.
    Broken,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let fault = Fault::from(&status);
        if fault.code == Code::Unauthenticated {
            Self::SignIn(String::new())
        } else {
            Self::Fault(Box::new(fault))
        }
    }
}

impl Refusal {
    fn code(&self) -> StatusCode {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the other codes are the server's trouble"
        )]
        match self {
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Fault(fault) => match fault.code {
                Code::NotFound => StatusCode::NOT_FOUND,
                Code::PermissionDenied => StatusCode::FORBIDDEN,
                Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
                Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists => {
                    StatusCode::CONFLICT
                }
                Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
                Code::Unavailable | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_GATEWAY,
            },
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::SignIn(next) = &self {
            let next = encode(next);
            return Redirect::to(&format!("/login?next={next}")).into_response();
        }
        let mut response = self.code().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct Page {
    t: Frame,
    what: String,
    /// Every field and rule.
    why: Vec<String>,
    todo: &'static str,
    trace: String,
    /// Where the reader came from; "" if that is not one of our pages.
    back: String,
}

/// There is no such page.
pub async fn no_such_page() -> Refusal {
    Refusal::Unknown
}

/// Writes a refusal as a page in the reader's language.
pub async fn explain(request: Request, next: Next) -> Response {
    let words = words(request.headers());
    let path = request.uri().path().to_owned();
    let back = came_from(request.headers());
    let mut response = next.run(request).await;
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let mut page = Page {
        t: Frame::new(words, &path, None),
        what: String::new(),
        why: Vec::new(),
        todo: words.todo_go_back,
        trace: String::new(),
        back,
    };
    match &refusal {
        Refusal::SignIn(_) => words.sign_in.clone_into(&mut page.what),
        Refusal::Unknown => words.no_such_page.clone_into(&mut page.what),
        Refusal::Forged => {
            words.forged.clone_into(&mut page.what);
            page.todo = words.todo_reload;
        }
        Refusal::Unreadable => words.unreadable.clone_into(&mut page.what),
        Refusal::TooLarge => words.too_large.clone_into(&mut page.what),
        Refusal::Broken => {
            words.broken.clone_into(&mut page.what);
            page.todo = words.todo_try_later;
        }
        Refusal::Fault(fault) => {
            page.what.clone_from(words.pick(&fault.zh, &fault.en));
            let fields = fault.fields.iter();
            page.why = fields
                .map(|field| format!("{}：{}", field.field, words.pick(&field.zh, &field.en)))
                .chain(fault.rules.iter().map(|rule| rule.zh.clone()))
                .collect();
            page.trace = fault.trace_id.clone().unwrap_or_default();
            page.todo = todo(fault, words);
        }
    }
    (refusal.code(), View(page)).into_response()
}

/// The path of the page that led here, if it is one of ours.
fn came_from(headers: &HeaderMap) -> String {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let ours = || {
        let (_, rest) = text(REFERER)?.split_once("://")?;
        rest.strip_prefix(text(HOST)?)
            .filter(|path| path.starts_with('/'))
    };
    ours().unwrap_or_default().to_owned()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else it is, it is not the reader's to mend"
)]
fn todo(fault: &Fault, words: &'static crate::words::Words) -> &'static str {
    match fault.code {
        Code::Aborted => words.todo_reload,
        Code::PermissionDenied => words.todo_ask_office,
        Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound => words.todo_go_back,
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => {
            words.todo_try_later
        }
        _ => words.todo_tell_operator,
    }
}
