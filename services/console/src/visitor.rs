//! What a request carries: who asks, in which language, about which county; and forms that were sent from our own pages.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::multipart::Multipart;
use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use dudao_platform::rpc::Whence;
use dudao_proto::auth::v1::{GetCallerRequest, Role};
use dudao_proto::registry::v1::GetCountyRequest;
use http::HeaderMap;
use http::header::COOKIE;
use http::request::Parts;
use tonic::Status;

use crate::Console;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::frame::Frame;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::words::{EN, Words, ZH};

/// The cookie of a session. Its prefix lets the browser take it from this host alone, over a connection that nobody reads.
pub const SESSION: &str = "__Host-dudao";
/// The cookie of the language.
pub const LANGUAGE: &str = "__Host-language";

/// A cookie's value; "" if it is not there.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map_or("", |(_, value)| value)
}

/// The words of the language that a request asks for: Chinese, unless it says otherwise.
pub fn words(headers: &HeaderMap) -> &'static Words {
    if cookie(headers, LANGUAGE) == "en" {
        &EN
    } else {
        &ZH
    }
}

/// Where a request comes from, as far as proxies that we know say it.
pub fn whence(parts: &Parts, console: &Console) -> Option<IpAddr> {
    let peer = parts.extensions.get::<Whence>()?;
    let proxies = &console.0.settings.proxies;
    proxies.origin(peer.0, &parts.headers)
}

/// Anyone, signed in or not: what is shown is shown on nobody's account.
#[derive(Debug)]
pub struct Anyone {
    /// The services, for nobody.
    pub desk: Desk,
    /// The county's code, as the address has it; "" if it has none.
    pub code: String,
    /// What the query says.
    pub query: Fields,
    /// Where they come from.
    pub whence: Option<IpAddr>,
    /// What is around the page.
    pub frame: Frame,
    pub console: Console,
}

impl FromRequestParts<Console> for Anyone {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Refusal> {
        let Query(query) = Query::<Vec<(String, String)>>::from_request_parts(parts, console)
            .await
            .map_err(|_| Refusal::Unreadable)?;
        let path = parts.uri.path();
        let code = path.trim_start_matches('/').split('/').nth(1);
        let whence = whence(parts, console);
        Ok(Self {
            desk: Desk::of_nobody(&console.0.links, whence),
            code: code.unwrap_or_default().to_owned(),
            query: Fields(query),
            whence,
            frame: Frame::new(words(&parts.headers), path, None),
            console: console.clone(),
        })
    }
}

/// Somebody who has signed in and looks at a county, or at none yet.
#[derive(Debug)]
pub struct Visitor {
    /// The services, on their account.
    pub desk: Desk,
    /// `counties/{code}`.
    pub county: String,
    /// The resource that the page's address names: `counties/{code}/schools/{school}`.
    pub resource: String,
    /// What the query says.
    pub query: Fields,
    /// Who it is.
    pub session: Arc<Session>,
    /// What is around the page.
    pub frame: Frame,
    pub console: Console,
}

impl Visitor {
    /// Whether the visitor has one of these roles.
    pub fn is(&self, roles: &[Role]) -> bool {
        self.session.is(roles)
    }

    /// The supervisor of an id, or of a whole name; "" for none.
    pub fn supervisor_named(&self, said: &str) -> String {
        if said.is_empty() || said.contains('/') {
            said.to_owned()
        } else {
            format!("{}/supervisors/{said}", self.county)
        }
    }
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Refusal> {
        let path = parts.uri.path().to_owned();
        let address = parts.uri.path_and_query();
        let address = address.map_or_else(String::new, ToString::to_string);
        let session = console.0.sessions.find(cookie(&parts.headers, SESSION));
        let session = session.ok_or_else(|| Refusal::SignIn(address.clone()))?;
        let Query(query) = Query::<Vec<(String, String)>>::from_request_parts(parts, console)
            .await
            .map_err(|_| Refusal::Unreadable)?;
        let token = token(console, &session).await?;
        let token = token.ok_or(Refusal::SignIn(address))?;
        let desk = Desk::of(&console.0.links, &token);
        let words = words(&parts.headers);
        let county = match path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
            ["counties", code, ..] => format!("counties/{code}"),
            _ => String::new(),
        };
        let mut frame = Frame::new(words, &path, Some(&session));
        if !county.is_empty() {
            let request = GetCountyRequest {
                name: county.clone(),
            };
            let known = desk.counties().get_county(request).await?.into_inner();
            frame.in_county(&known);
        }
        let resource = path.trim_start_matches('/').split('/').take(4);
        Ok(Self {
            resource: resource.collect::<Vec<_>>().join("/"),
            desk,
            county,
            query: Fields(query),
            session,
            frame,
            console: console.clone(),
        })
    }
}

/// The token of a session, renewed at the issuer if it is about to end; none if there is no other.
async fn token(console: &Console, session: &Session) -> Result<Option<String>, Refusal> {
    let now_us = console.0.clock.now_us();
    if let Some(token) = session.token(now_us) {
        return Ok(Some(token));
    }
    let Some(issuer) = &console.0.settings.issuer else {
        return Ok(None);
    };
    // Whoever comes meanwhile waits, and finds the new one.
    let mut renewal = session.renewal.lock().await;
    if let Some(token) = session.token(now_us) {
        return Ok(Some(token));
    }
    let Some(refresh) = renewal.take() else {
        return Ok(None);
    };
    let given = match issuer.renew(&refresh, now_us).await {
        Ok(given) => given,
        Err(error) => {
            *renewal = Some(refresh);
            return Err(Status::from(error).into());
        }
    };
    let Some(given) = given else {
        return Ok(None);
    };
    *renewal = Some(given.refresh.unwrap_or(refresh));
    let mut sign_in = Desk::of(&console.0.links, &given.access).sign_in();
    let caller = sign_in.get_caller(GetCallerRequest {}).await?.into_inner();
    // What somebody may do is asked when they sign in; another person's token is no renewal.
    if caller.subject != session.caller.subject {
        return Ok(None);
    }
    session.go_on_with(given.access, &caller);
    Ok(session.token(now_us))
}

/// A form that was sent from one of our pages.
#[derive(Debug)]
pub struct Posted {
    pub visitor: Visitor,
    pub fields: Fields,
}

impl FromRequest<Console> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor =
            <Visitor as FromRequestParts<Console>>::from_request_parts(&mut parts, console).await?;
        let request = Request::from_parts(parts, body);
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, console)
            .await
            .map_err(|_| Refusal::Unreadable)?;
        let fields = Fields(fields);
        check(&visitor.session, fields.get("form_key"))?;
        Ok(Self { visitor, fields })
    }
}

/// A form with a file that was sent from one of our pages.
#[derive(Debug)]
pub struct Brought {
    pub visitor: Visitor,
    pub fields: Fields,
    /// What the file is called on the device; "" without a file.
    pub file_name: String,
    pub bytes: Vec<u8>,
}

impl FromRequest<Console> for Brought {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor =
            <Visitor as FromRequestParts<Console>>::from_request_parts(&mut parts, console).await?;
        let request = Request::from_parts(parts, body);
        let form = Multipart::from_request(request, console).await;
        let mut form = form.map_err(|_| Refusal::Unreadable)?;
        let mut brought = Self {
            visitor,
            fields: Fields::default(),
            file_name: String::new(),
            bytes: Vec::new(),
        };
        while let Some(field) = form.next_field().await.map_err(|_| Refusal::Unreadable)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let value = field.bytes().await.map_err(|_| Refusal::TooLarge)?;
            match file_name {
                Some(file_name) => {
                    brought.file_name = file_name;
                    brought.bytes = value.to_vec();
                }
                None => brought.fields.put(&name, String::from_utf8_lossy(&value)),
            }
        }
        check(&brought.visitor.session, brought.fields.get("form_key"))?;
        Ok(brought)
    }
}

/// Whether a form carries its session's key. Both are random and of one length: how long comparing takes tells nothing.
pub fn check(session: &Session, form_key: &str) -> Result<(), Refusal> {
    if session.form_key == form_key {
        Ok(())
    } else {
        Err(Refusal::Forged)
    }
}
