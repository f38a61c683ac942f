//! The way in, by a one-time link or a token, and out.

use askama::Template;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::auth::v1 as auth;
use dudao_proto::registry::v1 as registry;
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use tonic::Status;

use crate::desk::{Desk, PAGE};
use crate::fields::Fields;
use crate::frame::{Frame, OFFICE, View};
use crate::issuer::Given;
use crate::refusal::Refusal;
use crate::visitor::{Anyone, LANGUAGE, Posted, SESSION, Visitor, cookie, words};

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
    /// Whether there is an issuer to sign in at.
    issuer: bool,
}

#[derive(Template)]
#[template(path = "counties.html")]
struct Counties {
    t: Frame,
    counties: Vec<registry::County>,
}

type Pairs = Vec<(String, String)>;

impl Page {
    fn of(anyone: Anyone, next: &str, wrong: &'static str) -> Self {
        Self {
            code: String::new(),
            next: next.to_owned(),
            wrong,
            issuer: anyone.console.0.settings.issuer.is_some(),
            t: anyone.frame,
        }
    }
}

/// Asks for a link or a token. A link is not redeemed by being opened: whatever looks ahead at links would use it up.
pub async fn ask(anyone: Anyone) -> View<impl Template> {
    let (code, next) = (anyone.query.get("code"), anyone.query.get("next"));
    let (code, next) = (code.to_owned(), next.to_owned());
    View(Page {
        code,
        ..Page::of(anyone, &next, "")
    })
}

/// Takes a link, a code or a token, and begins a session.
pub async fn enter(anyone: Anyone, Form(fields): Form<Pairs>) -> Result<Response, Refusal> {
    let fields = Fields(fields);
    let next = fields.get("next");
    let Some((token, caller)) = prove(&anyone, fields.get("proof").trim()).await? else {
        let wrong = anyone.frame.sign_in_again;
        let page = Page::of(anyone, next, wrong);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, View(page)).into_response());
    };
    let given = Given {
        access: token,
        refresh: None,
        id_token: None,
    };
    begin(&anyone, given, caller, next)
}

fn begin(
    anyone: &Anyone,
    given: Given,
    caller: auth::Caller,
    next: &str,
) -> Result<Response, Refusal> {
    let key = anyone.console.0.sessions.begin(given, caller);
    let key = key.ok_or(Refusal::Broken)?;
    let cookie = format!("{SESSION}={key}; Path=/; Secure; HttpOnly; SameSite=Lax");
    Ok(([(SET_COOKIE, cookie)], Redirect::to(inside(next))).into_response())
}

/// The cookie of who has gone to the issuer: nobody comes back in another's place.
const AWAY: &str = "__Host-away";

/// Leads to the issuer.
pub async fn go(anyone: Anyone) -> Result<Response, Refusal> {
    let Some(issuer) = &anyone.console.0.settings.issuer else {
        return Err(Refusal::Unknown);
    };
    let now_us = anyone.console.0.clock.now_us();
    let gone = issuer.begin(inside(anyone.query.get("next")), now_us).await;
    let (address, state) = gone.map_err(Status::from)?;
    let cookie = format!("{AWAY}={state}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900");
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}

/// Takes in who comes back from the issuer.
pub async fn come_back(anyone: Anyone, headers: HeaderMap) -> Result<Response, Refusal> {
    let Some(issuer) = &anyone.console.0.settings.issuer else {
        return Err(Refusal::Unknown);
    };
    let (state, code) = (anyone.query.get("state"), anyone.query.get("code"));
    let given = if state.is_empty() || state != cookie(&headers, AWAY) {
        None
    } else {
        let now_us = anyone.console.0.clock.now_us();
        let ended = issuer.end(state, code, now_us).await;
        ended.map_err(Status::from)?
    };
    let known = match given {
        Some((given, next)) => who(&anyone, &given.access)
            .await?
            .map(|caller| (given, caller, next)),
        None => None,
    };
    match known {
        Some((given, caller, next)) => begin(&anyone, given, caller, &next),
        None => {
            let wrong = anyone.frame.issuer_again;
            let page = View(Page::of(anyone, "", wrong));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The token behind a proof, and whose it is; none if the proof does not hold.
async fn prove(anyone: &Anyone, proof: &str) -> Result<Option<(String, auth::Caller)>, Refusal> {
    let code = proof.rsplit(LINK).next().unwrap_or(proof);
    let token = if code.contains('.') {
        code.to_owned()
    } else {
        let request = auth::RedeemLoginCodeRequest {
            code: code.to_owned(),
        };
        match anyone.desk.sign_in().redeem_login_code(request).await {
            Ok(token) => token.into_inner().access_token,
            Err(status) => return held(status).map(|_| None),
        }
    };
    let caller = who(anyone, &token).await?;
    Ok(caller.map(|caller| (token, caller)))
}

/// Whose a token is; none if it does not hold.
async fn who(anyone: &Anyone, token: &str) -> Result<Option<auth::Caller>, Refusal> {
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    let caller = Desk::of(&anyone.console.0.links, token)
        .sign_in()
        .get_caller(auth::GetCallerRequest {})
        .await;
    match caller {
        Ok(caller) => Ok(Some(caller.into_inner())),
        Err(status) => held(status),
    }
}

/// A proof that does not hold is none; any other trouble stays one.
fn held(status: Status) -> Result<Option<auth::Caller>, Refusal> {
    if status.code() == tonic::Code::Unauthenticated {
        Ok(None)
    } else {
        Err(Refusal::from(status))
    }
}

/// An address of our own; the home page in place of any other.
fn inside(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if ours { next } else { "/" }
}

/// Ends the session, here and at the issuer.
pub async fn leave(headers: HeaderMap, posted: Posted) -> Response {
    let visitor = posted.visitor;
    let console = &visitor.console.0;
    console.sessions.end(cookie(&headers, SESSION));
    let there = match (&console.settings.issuer, &visitor.session.id_token) {
        (Some(issuer), Some(id_token)) => issuer.leave(id_token, console.clock.now_us()).await,
        _ => None,
    };
    let next = there.as_deref().unwrap_or("/login");
    let cookie = format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    ([(SET_COOKIE, cookie)], Redirect::to(next)).into_response()
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
