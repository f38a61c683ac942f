//! Finds out who is calling: by a certificate, a token, or by having the machine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};

use super::door::Peer;
use super::oidc::{Oidc, OidcSettings};
use super::peer::Peers;
use super::principal::Identity;
use super::token::{self, Grant, refused};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::keys::{Key, KeyRing};

/// Says on whose behalf a service calls. Taken from services only.
pub(super) const ON_BEHALF_OF: &str = "dudao-on-behalf-of";
/// Says which service of this process calls. Taken on connections inside the process only.
pub(super) const SERVICE: &str = "dudao-service";

/// A login link is good for this long.
pub const LOGIN_MINUTES: u64 = 15;
/// A token that was given for a login link is good for this long.
const SESSION: Duration = Duration::from_hours(12);

/// Whose proofs are taken.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    /// The installation's own keys.
    pub keys: Option<KeyRing>,
    /// Whether tokens that the own keys signed are taken.
    pub own_tokens: bool,
    /// Whose tokens are taken beside them.
    pub oidc: Option<OidcSettings>,
    /// The list of who holds which client certificate.
    pub peers: Option<PathBuf>,
}

/// Finds out who is calling. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authority {
    clock: Clock,
    keys: Option<KeyRing>,
    own_tokens: bool,
    oidc: Option<Oidc>,
    peers: Option<Peers>,
    codes: Arc<Mutex<HashMap<Vec<u8>, Login>>>,
    proven: Proven,
}

/// Tokens that were proven a moment ago, by their hash. They are proven anew once the own keys have changed.
#[derive(Clone, Debug, Default)]
struct Proven(Arc<Mutex<HashMap<Vec<u8>, Proof>>>);

#[derive(Debug)]
struct Proof {
    until_us: i64,
    keys: Option<Arc<Vec<Arc<Key>>>>,
    identity: Arc<Identity>,
}

impl Proven {
    /// How long a proof is good without another look, in microseconds.
    const MOMENT_US: i64 = 2_000_000;
    /// More tokens than this at a time are not remembered.
    const MOST: usize = 10_000;

    fn find(&self, digest: &[u8], keys: Option<&KeyRing>, now_us: i64) -> Option<Arc<Identity>> {
        let proven = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let proof = proven.get(digest)?;
        let same_keys = match (&proof.keys, keys.map(KeyRing::all)) {
            (Some(then), Some(now)) => Arc::ptr_eq(then, &now),
            (None, None) => true,
            _ => false,
        };
        (same_keys && now_us < proof.until_us).then(|| Arc::clone(&proof.identity))
    }

    fn keep(&self, digest: Vec<u8>, keys: Option<&KeyRing>, identity: &Arc<Identity>, now_us: i64) {
        let until_us = now_us + Self::MOMENT_US;
        let proof = Proof {
            until_us: identity.expires_us.unwrap_or(until_us).min(until_us),
            keys: keys.map(KeyRing::all),
            identity: Arc::clone(identity),
        };
        let mut proven = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if proven.len() >= Self::MOST {
            proven.retain(|_, proof| now_us < proof.until_us);
        }
        if proven.len() < Self::MOST {
            proven.insert(digest, proof);
        }
    }
}

#[derive(Debug)]
struct Login {
    subject: String,
    grant: Grant,
    expires_us: i64,
}

impl Authority {
    /// By these proofs.
    pub fn new(proofs: Proofs, clock: Clock) -> Result<Self> {
        Ok(Self {
            clock,
            keys: proofs.keys,
            own_tokens: proofs.own_tokens,
            oidc: proofs.oidc.map(Oidc::new).transpose()?,
            peers: proofs.peers.as_deref().map(Peers::open).transpose()?,
            codes: Arc::default(),
            proven: Proven::default(),
        })
    }

    /// Only who has the machine.
    pub fn inside(clock: Clock) -> Self {
        Self {
            clock,
            keys: None,
            own_tokens: false,
            oidc: None,
            peers: None,
            codes: Arc::default(),
            proven: Proven::default(),
        }
    }

    /// The installation's own keys.
    pub(super) fn keys(&self) -> Option<&KeyRing> {
        self.keys.as_ref()
    }

    /// Who calls from inside the process: a service that says so, or who has the machine.
    pub(super) fn inside_caller(headers: &HeaderMap) -> (Arc<Identity>, String) {
        match text(headers, SERVICE) {
            Some(service) => (Arc::new(Identity::service(service)), behalf(headers)),
            None => (Arc::new(Identity::local()), String::new()),
        }
    }

    /// Who calls from outside: the holder of the token, or else of the certificate; nobody without either. A proof that
    /// does not hold is refused, not passed over.
    pub(super) async fn outside_caller(
        &self,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<(Arc<Identity>, String)> {
        let identity = if let Some(proof) = headers.get(http::header::AUTHORIZATION) {
            let token = proof
                .to_str()
                .ok()
                .and_then(|proof| proof.split_once(' '))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .map(|(_, token)| token.trim())
                .ok_or_else(|| refused("authorization must read Bearer and a token"))?;
            self.holder(token).await?
        } else if let (Some(peers), false) = (&self.peers, peer.names.is_empty()) {
            let peer = peers
                .find(&peer.names)
                .ok_or_else(|| refused("its certificate is not on the list of peers"))?;
            Arc::new(peer)
        } else {
            Arc::new(Identity::nobody())
        };
        let behalf = if identity.is_inside() {
            behalf(headers)
        } else {
            String::new()
        };
        Ok((identity, behalf))
    }

    /// Who holds a token. One that was proven a moment ago is not looked at again: a signature takes longer than the rest of
    /// a call.
    async fn holder(&self, token: &str) -> Result<Arc<Identity>> {
        let digest = digest(token);
        let now_us = self.clock.now_us();
        if let Some(identity) = self.proven.find(&digest, self.keys.as_ref(), now_us) {
            return Ok(identity);
        }
        let identity = match (&self.keys, &self.oidc) {
            (Some(keys), _) if self.own_tokens && token::claims_to_be_ours(token) => {
                token::verify_own(keys, &self.clock, token)
            }
            (_, Some(oidc)) => oidc.verify(token, &self.clock).await,
            _ => Err(refused("its issuer is unknown")),
        }?;
        let identity = Arc::new(identity);
        let keys = self.keys.as_ref();
        self.proven.keep(digest, keys, &identity, now_us);
        Ok(identity)
    }

    /// A code that is good once, for a token: what a login link holds.
    pub fn login_code(&self, subject: &str, grant: Grant) -> Result<String> {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Error::internal("the machine gives no random numbers"))?;
        let code = URL_SAFE_NO_PAD.encode(bytes);
        let now_us = self.clock.now_us();
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, login| login.expires_us > now_us);
        let login = Login {
            subject: subject.to_owned(),
            grant,
            expires_us: now_us + LOGIN_MINUTES as i64 * 60_000_000,
        };
        codes.insert(digest(&code), login);
        Ok(code)
    }

    /// The token of a login code, and until when it is good.
    pub(super) fn redeem(&self, code: &str) -> Result<(String, i64)> {
        let keys = self.keys.as_ref().filter(|_| self.own_tokens);
        let keys = keys.ok_or_else(|| refused("this server signs no tokens"))?;
        let login = self
            .codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&digest(code))
            .filter(|login| login.expires_us > self.clock.now_us())
            .ok_or_else(|| refused("the login code is unknown, used or expired"))?;
        token::issue(keys, &self.clock, &login.subject, login.grant, SESSION)
    }
}

/// Codes are looked up by their hash, so that the time it takes tells nothing of them.
fn digest(code: &str) -> Vec<u8> {
    Sha256::digest(code).to_vec()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Names of people are not ASCII, and headers are: it travels in base64.
fn behalf(headers: &HeaderMap) -> String {
    text(headers, ON_BEHALF_OF)
        .and_then(|value| URL_SAFE_NO_PAD.decode(value).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|name| !name.chars().any(char::is_control))
        .unwrap_or_default()
}
