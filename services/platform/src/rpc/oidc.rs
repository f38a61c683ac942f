//! An OpenID Connect issuer: its keys are fetched, kept, and fetched again when it signs with one that is not known yet.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::principal::Identity;
use super::token::{self, refused};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// Keys are fetched anew after this long …
const KEPT: Duration = Duration::from_mins(10);
/// … and for an unknown key not more often than this: tokens of nobody must not make us a nuisance to the issuer.
const PAUSE: Duration = Duration::from_secs(10);
/// How long the issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Whose tokens are taken, and how they must read.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The issuer's URL, as tokens name it.
    pub issuer: String,
    /// The audience that tokens must name.
    pub audience: String,
    /// The claim that holds roles and scope.
    pub claim: String,
    /// A certificate authority in PEM that the issuer's certificate is from, where it is not a public one.
    pub ca: Option<Vec<u8>>,
}

/// The issuer. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Oidc {
    settings: Arc<OidcSettings>,
    client: reqwest::Client,
    keys: Arc<Mutex<Keys>>,
}

#[derive(Debug, Default)]
struct Keys {
    set: Option<JwkSet>,
    fetched: Option<Instant>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Speaks to an issuer whose certificate is from this authority beside the public ones: in time, and nowhere else than it was sent.
pub fn issuer_client(ca: Option<&[u8]>) -> Result<reqwest::Client> {
    super::tls::install();
    let mut client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    if let Some(ca) = ca {
        let ca = reqwest::Certificate::from_pem(ca).map_err(Error::internal)?;
        client = client.tls_certs_merge([ca]);
    }
    client.build().map_err(Error::internal)
}

impl Oidc {
    pub(super) fn new(settings: OidcSettings) -> Result<Self> {
        Ok(Self {
            client: issuer_client(settings.ca.as_deref())?,
            settings: Arc::new(settings),
            keys: Arc::default(),
        })
    }

    /// Who holds a token of this issuer. Nobody is a service of the platform by a token from outside.
    pub(super) async fn verify(&self, token: &str, clock: &Clock) -> Result<Identity> {
        let header = token::header(token)?;
        let kid = header.kid.ok_or_else(|| refused("it names no key"))?;
        let key = self.key(&kid).await?;
        let algorithm = algorithm(&key).ok_or_else(|| refused("its key is of no use here"))?;
        let public =
            DecodingKey::from_jwk(&key).map_err(|_| refused("its key is of no use here"))?;
        let OidcSettings {
            issuer,
            audience,
            claim,
            ..
        } = &*self.settings;
        let mut identity =
            token::verify(token, &public, algorithm, (issuer, audience), claim, clock)?;
        identity
            .roles
            .retain(|role| *role != dudao_proto::auth::v1::Role::Service);
        Ok(identity)
    }

    async fn key(&self, kid: &str) -> Result<Jwk> {
        let mut keys = self.keys.lock().await;
        let age = keys.fetched.map(|at| at.elapsed());
        let known = keys.set.as_ref().and_then(|set| set.find(kid)).cloned();
        let wanted = match (&known, age) {
            (_, None) => true,
            (Some(_), Some(age)) => age > KEPT,
            (None, Some(age)) => age > PAUSE,
        };
        if !wanted {
            return known.ok_or_else(|| refused("its key is unknown"));
        }
        keys.fetched = Some(Instant::now());
        match self.fetch().await {
            Ok(set) => {
                let key = set.find(kid).cloned();
                keys.set = Some(set);
                key.ok_or_else(|| refused("its key is unknown"))
            }
            Err(error) => {
                tracing::warn!(issuer = self.settings.issuer, %error, "the issuer's keys can't be fetched: {error}");
                known.ok_or_else(|| Error::unavailable("the issuer of tokens can't be reached"))
            }
        }
    }

    async fn fetch(&self) -> Result<JwkSet> {
        let issuer = self.settings.issuer.trim_end_matches('/');
        let discovery: Discovery = self
            .get(&format!("{issuer}/.well-known/openid-configuration"))
            .await?;
        if discovery.issuer != self.settings.issuer {
            return Err(Error::internal(format!(
                "the issuer calls itself {}",
                discovery.issuer
            )));
        }
        self.get(&discovery.jwks_uri).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T> {
        let answer = self.client.get(url).send().await;
        let mut answer = answer
            .and_then(reqwest::Response::error_for_status)
            .map_err(Error::internal)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(Error::internal)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(Error::internal("the issuer's answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(Error::internal)
    }
}

/// The one algorithm that a key is for: never one with a shared secret.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "keys of other kinds are of no use here"
)]
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    let named = key.common.key_algorithm;
    match &key.algorithm {
        AlgorithmParameters::RSA(_) => Some(match named {
            Some(KeyAlgorithm::RS384) => Algorithm::RS384,
            Some(KeyAlgorithm::RS512) => Algorithm::RS512,
            Some(KeyAlgorithm::PS256) => Algorithm::PS256,
            Some(KeyAlgorithm::PS384) => Algorithm::PS384,
            Some(KeyAlgorithm::PS512) => Algorithm::PS512,
            Some(KeyAlgorithm::RS256) | None => Algorithm::RS256,
            Some(_) => return None,
        }),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            jsonwebtoken::jwk::EllipticCurve::P256 => Some(Algorithm::ES256),
            jsonwebtoken::jwk::EllipticCurve::P384 => Some(Algorithm::ES384),
            _ => None,
        },
        // A key of another length would be no Ed25519 key.
        AlgorithmParameters::OctetKeyPair(pair) => {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&pair.x);
            bytes
                .is_ok_and(|bytes| bytes.len() == 32)
                .then_some(Algorithm::EdDSA)
        }
        _ => None,
    }
}
