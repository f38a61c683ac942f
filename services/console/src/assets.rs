//! Styles and scripts, compiled in, and what a browser is told about them: nothing comes from another host, nothing runs inline.

use axum::extract::{Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::refusal::Refusal;
use crate::{Console, Issuer};

macro_rules! assets {
    ($($name:literal in $folder:literal: $kind:literal;)*) => {
        fn find(file: &str) -> Option<(&'static str, &'static [u8])> {
            match file {
                $($name => Some(($kind, include_bytes!(concat!("../", $folder, "/", $name)))),)*
                _ => None,
            }
        }
    };
}

assets! {
    "console.css" in "assets": "text/css; charset=utf-8";
    "console.js" in "assets": "text/javascript; charset=utf-8";
    "draw.js" in "assets": "text/javascript; charset=utf-8";
    "offline.js" in "assets": "text/javascript; charset=utf-8";
    "outbox.js" in "assets": "text/javascript; charset=utf-8";
    "htmx-2.0.11.min.js" in "assets": "text/javascript; charset=utf-8";
    "leaflet-1.9.4.css" in "assets": "text/css; charset=utf-8";
    "leaflet-1.9.4.js" in "assets": "text/javascript; charset=utf-8";
    "icon.svg" in "assets": "image/svg+xml";
    "verify_draw.py" in "../../tests/tests": "text/x-python; charset=utf-8"; // what tests check draws by, anyone can
}

/// What keeps pages for a place without signal. It stands at the root: a browser lets it see the addresses below its own, no others.
pub async fn worker(headers: HeaderMap) -> Response {
    serve(headers, Path("offline.js".to_owned())).await
}

/// An asset.
pub async fn serve(asked: HeaderMap, Path(file): Path<String>) -> Response {
    let Some((kind, content)) = find(&file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // What has a version in its name never changes.
    let keep = if file.contains("-1.") || file.contains("-2.") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    // Anything else is asked for again, and comes only if it is another one. Weak: it may be packed on the way.
    let hash = ring::digest::digest(&ring::digest::SHA256, content);
    let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]));
    let known = asked.get(header::IF_NONE_MATCH);
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, keep),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ETAG, tag.as_str()),
    ];
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, content).into_response()
}

/// Tells the browser what a page may do, and turns away what another site sends.
pub async fn guard(State(console): State<Console>, request: Request, next: Next) -> Response {
    let from = request.headers().get("sec-fetch-site");
    let foreign = from.is_some_and(|from| from != "same-origin" && from != "none");
    if request.method() != Method::GET && foreign {
        return Refusal::Forged.into_response();
    }
    let mut response = next.run(request).await;
    let tiles = console.0.settings.tiles.as_ref();
    let tiles = tiles.and_then(|tiles| origin(&tiles.address));
    let issuer = console.0.settings.issuer.as_ref().map(Issuer::origin);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {}; connect-src 'self'; form-action 'self' {}; \
         base-uri 'none'; frame-ancestors 'none'",
        tiles.unwrap_or_default(),
        // Signing out leads there.
        issuer.unwrap_or_default()
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// `https://host:port` of an address.
fn origin(address: &str) -> Option<&str> {
    let host = address.split_once("://")?.1;
    let end = host.find('/').unwrap_or(host.len());
    Some(&address[..address.len() - host.len() + end])
}
