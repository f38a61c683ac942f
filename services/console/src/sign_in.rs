//! The way in, by a one-time link or a token, and out.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use dudao_platform::clock::micros;
use dudao_proto::auth::v1 as auth;
use dudao_proto::registry::v1 as registry;
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};

use crate::Console;
use crate::desk::{Desk, PAGE};
use crate::fields::Fields;
use crate::frame::{Frame, OFFICE, View};
use crate::refusal::Refusal;
use crate::visitor::{LANGUAGE, Posted, SESSION, Visitor, cookie, words};

const LINK: &str = "login?code=";
/// How long a county's code of GB/T 2260 is.
const COUNTY_DIGITS: usize = 6;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    t: Frame,
    /// From a link; "" if it is to be pasted.
    code: String,
    next: String,
    wrong: &'static str,
}

#[derive(Template)]
#[template(path = "counties.html")]
struct Counties {
    t: Frame,
    counties: Vec<registry::County>,
}

type Pairs = Vec<(String, String)>;

/// Asks for a link or a token. A link is not redeemed by being opened: whatever looks ahead at links would use it up.
pub async fn ask(headers: HeaderMap, Query(query): Query<Pairs>) -> View<impl Template> {
    let query = Fields(query);
    View(Page {
        t: Frame::new(words(&headers), "/login", None),
        code: query.get("code").to_owned(),
        next: query.get("next").to_owned(),
        wrong: "",
    })
}

/// Takes a link, a code or a token, and begins a session.
pub async fn enter(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(fields): Form<Pairs>,
) -> Result<Response, Refusal> {
    let fields = Fields(fields);
    let words = words(&headers);
    let Some((token, caller)) = prove(&console, fields.get("proof").trim()).await? else {
        let page = Page {
            t: Frame::new(words, "/login", None),
            code: String::new(),
            next: fields.get("next").to_owned(),
            wrong: words.sign_in_again,
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, View(page)).into_response());
    };
    let ends_us = caller.expire_time.as_ref().map_or(0, micros);
    let key = console.0.sessions.begin(token, caller, ends_us);
    let key = key.ok_or(Refusal::Broken)?;
    let cookie = format!("{SESSION}={key}; Path=/; Secure; HttpOnly; SameSite=Lax");
    Ok((
        [(SET_COOKIE, cookie)],
        Redirect::to(inside(fields.get("next"))),
    )
        .into_response())
}

/// The token behind a proof, and whose it is; none if the proof does not hold.
async fn prove(console: &Console, proof: &str) -> Result<Option<(String, auth::Caller)>, Refusal> {
    let links = &console.0.links;
    let held = |status: tonic::Status| {
        if status.code() == tonic::Code::Unauthenticated {
            Ok(None)
        } else {
            Err(Refusal::from(status))
        }
    };
    let code = proof.rsplit(LINK).next().unwrap_or(proof);
    let token = if code.contains('.') {
        code.to_owned()
    } else {
        let request = auth::RedeemLoginCodeRequest {
            code: code.to_owned(),
        };
        match Desk::of_nobody(links)
            .sign_in()
            .redeem_login_code(request)
            .await
        {
            Ok(token) => token.into_inner().access_token,
            Err(status) => return held(status),
        }
    };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    let caller = Desk::of(links, &token)
        .sign_in()
        .get_caller(auth::GetCallerRequest {})
        .await;
    match caller {
        Ok(caller) => Ok(Some((token, caller.into_inner()))),
        Err(status) => held(status),
    }
}

/// An address of our own; the home page in place of any other.
fn inside(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if ours { next } else { "/" }
}

/// Ends the session.
pub async fn leave(headers: HeaderMap, posted: Posted) -> Response {
    let sessions = &posted.visitor.console.0.sessions;
    sessions.end(cookie(&headers, SESSION));
    let cookie = format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    ([(SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

/// Changes the language.
pub async fn speak(headers: HeaderMap, Form(fields): Form<Pairs>) -> Response {
    let fields = Fields(fields);
    let other = words(&headers).pick("en", "zh");
    let cookie = format!("{LANGUAGE}={other}; Path=/; Secure; SameSite=Lax; Max-Age=31536000");
    (
        [(SET_COOKIE, cookie)],
        Redirect::to(inside(fields.get("back"))),
    )
        .into_response()
}

/// Leads to the visitor's county, or offers those that there are.
pub async fn home(visitor: Visitor) -> Result<Response, Refusal> {
    let prefix = &visitor.session.caller.county_prefix;
    if prefix.len() == COUNTY_DIGITS {
        let first = if visitor.is(&OFFICE) {
            ""
        } else if visitor.is(&[auth::Role::Supervisor]) {
            "/visits#today"
        } else {
            "/duties"
        };
        return Ok(Redirect::to(&format!("/counties/{prefix}{first}")).into_response());
    }
    if !visitor.is(&OFFICE) {
        return Err(Refusal::Unknown);
    }
    let request = registry::ListCountiesRequest {
        page_size: PAGE,
        ..Default::default()
    };
    let counties = visitor.desk.counties().list_counties(request).await?;
    let counties = counties.into_inner().counties;
    if let [only] = counties.as_slice() {
        return Ok(Redirect::to(&format!("/{}", only.name)).into_response());
    }
    let t = visitor.frame;
    Ok(View(Counties { t, counties }).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        assert_eq!(inside("/counties/140525?q=1"), "/counties/140525?q=1");
        for elsewhere in ["", "//evil.cn", "https://evil.cn", "/\\evil.cn"] {
            assert_eq!(inside(elsewhere), "/");
        }
    }
}
