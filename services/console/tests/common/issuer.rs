//! An OpenID Connect issuer as far as the console needs one: it holds codes to their PKCE challenge, and gives each token once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dudao_platform::Clock;
use http::StatusCode;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use url::Url;

/// How long its access tokens are good.
pub const SECONDS: i64 = 300;

#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    url: String,
    key: Vec<u8>,
    jwk: Value,
    clock: Mutex<Option<Clock>>,
    codes: Mutex<HashMap<String, Code>>,
    /// Refresh tokens that are still good.
    refresh: Mutex<Vec<String>>,
    given: Mutex<usize>,
}

struct Code {
    challenge: String,
    nonce: String,
}

impl Issuer {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random);
        let pair = pair.unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": "k1", "alg": "ES256",
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        });
        let issuer = Self(Arc::new(Inner {
            url,
            key: key.as_ref().to_vec(),
            jwk,
            clock: Mutex::default(),
            codes: Mutex::default(),
            refresh: Mutex::default(),
            given: Mutex::default(),
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        issuer
    }

    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// Goes by the clock of a house.
    pub fn set(&self, clock: Clock) {
        *self.0.clock.lock().unwrap() = Some(clock);
    }

    /// How many times it has given tokens.
    pub fn given(&self) -> usize {
        *self.0.given.lock().unwrap()
    }

    /// Somebody signs in here: the address to which they are sent back, on the console.
    pub fn signs_in(&self, address: &str) -> String {
        let address = Url::parse(address).unwrap();
        let asked: HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", self.0.codes.lock().unwrap().len());
        let known = Code {
            challenge: asked["code_challenge"].clone(),
            nonce: asked["nonce"].clone(),
        };
        self.0.codes.lock().unwrap().insert(code.clone(), known);
        let back = Url::parse(&asked["redirect_uri"]).unwrap();
        format!("{}?code={code}&state={}", back.path(), asked["state"])
    }

    fn give(&self, nonce: Option<&str>) -> Json<Value> {
        let mut given = self.0.given.lock().unwrap();
        *given += 1;
        let refresh = format!("refresh-{given}");
        self.0.refresh.lock().unwrap().push(refresh.clone());
        let now = self.0.clock.lock().unwrap().as_ref().unwrap().now_us() / 1_000_000;
        let access = self.signed(&json!({
            "iss": self.0.url, "aud": "dudao", "sub": "zhang", "exp": now + SECONDS, "jti": refresh,
            "dudao": {"roles": ["planner"], "county": "140525"},
        }));
        let mut id = json!({
            "iss": self.0.url, "aud": "console", "sub": "zhang", "iat": 1_700_000_000, "exp": 4_000_000_000_u64,
        });
        if let Some(nonce) = nonce {
            id["nonce"] = json!(nonce);
        }
        Json(json!({
            "access_token": access, "token_type": "Bearer", "expires_in": SECONDS, "refresh_token": refresh, "id_token": self.signed(&id),
        }))
    }

    fn signed(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k1".to_owned());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&self.0.key)).unwrap()
    }
}

async fn discovery(State(issuer): State<Issuer>) -> Json<Value> {
    let url = &issuer.0.url;
    Json(json!({
        "issuer": url, "jwks_uri": format!("{url}/keys"), "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "end_session_endpoint": format!("{url}/leave"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys(State(issuer): State<Issuer>) -> Json<Value> {
    Json(json!({"keys": [issuer.0.jwk]}))
}

async fn token(
    State(issuer): State<Issuer>,
    Form(asked): Form<HashMap<String, String>>,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let refused = || {
        let why = json!({"error": "invalid_grant"});
        (StatusCode::BAD_REQUEST, Json(why))
    };
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    if text("grant_type") == "refresh_token" {
        let mut good = issuer.0.refresh.lock().unwrap();
        let at = good
            .iter()
            .position(|token| *token == text("refresh_token"));
        good.remove(at.ok_or_else(refused)?);
        drop(good);
        return Ok(issuer.give(None));
    }
    let code = issuer.0.codes.lock().unwrap().remove(&text("code"));
    let code = code.ok_or_else(refused)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, text("code_verifier").as_bytes());
    if URL_SAFE_NO_PAD.encode(digest) != code.challenge {
        return Err(refused());
    }
    Ok(issuer.give(Some(&code.nonce)))
}
