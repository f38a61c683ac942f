//! Tokens (RFC 7519): signed by this installation's own keys, or by an OpenID Connect issuer.

use std::time::Duration;

use dudao_proto::auth::v1::Role;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::principal::Identity;
use crate::clock::{Clock, Ids};
use crate::error::{Error, Result};
use crate::keys::KeyRing;

/// Issuer and audience of tokens that this installation signs itself.
const OURS: &str = "dudao";
/// How far two clocks may be apart.
const LEEWAY_US: i64 = 30 * 1_000_000;
/// The longest token that is looked at, in bytes.
const MAX_BYTES: usize = 8 << 10;
/// A county prefix that no county has: who is given none reaches none.
const NO_COUNTY: &str = "-";

/// What a token says of its holder, under the claim `dudao`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct Grant {
    /// Names of roles in lower case: `planner`, `school`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Counties whose code begins with this; `*` is all, "" none.
    #[serde(default)]
    pub county: String,
    /// Full names of what is the holder's own.
    #[serde(default)]
    pub own: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    dudao: Grant,
}

/// What is read of any token once its signature, issuer and audience hold.
#[derive(Debug, Deserialize)]
struct Proven {
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

/// The name of a role in tokens and on the command line: `planner`.
pub fn role_name(role: Role) -> String {
    role.as_str_name()
        .trim_start_matches("ROLE_")
        .to_ascii_lowercase()
}

/// The role of a name; none for those that nobody is granted.
fn role_named(name: &str) -> Option<Role> {
    Role::from_str_name(&format!("ROLE_{}", name.to_ascii_uppercase()))
        .filter(|role| !matches!(role, Role::Unspecified | Role::Public))
}

impl Grant {
    /// Who holds it.
    pub(super) fn identity(self, subject: String, expires_us: Option<i64>) -> Identity {
        Identity {
            subject,
            roles: self
                .roles
                .iter()
                .filter_map(|name| role_named(name))
                .collect(),
            county_prefix: match self.county.as_str() {
                "*" => String::new(),
                "" => NO_COUNTY.to_owned(),
                prefix => prefix.to_owned(),
            },
            own: self.own,
            expires_us,
        }
    }

    /// Refuses what can't be meant: unknown roles, a prefix that is none, names out of it.
    pub fn check(&self) -> Result<()> {
        let mut wrong = crate::error::Violations::new();
        for role in &self.roles {
            if role_named(role).is_none() {
                let known: Vec<_> = (1..)
                    .map_while(|role| Role::try_from(role).ok())
                    .filter(|role| *role != Role::Public)
                    .map(role_name)
                    .collect();
                let known = known.join(", ");
                wrong.add(
                    "role",
                    format!("没有角色“{role}”，可用：{known}"),
                    format!("there is no role {role}; there are {known}"),
                );
            }
        }
        let digits = self.county.bytes().all(|byte| byte.is_ascii_digit());
        if self.county != "*" && !(digits && matches!(self.county.len(), 0 | 2 | 4 | 6)) {
            wrong.add(
                "scope",
                "范围须为 2、4 或 6 位行政区划代码，或 *",
                "must be 2, 4 or 6 digits of GB/T 2260, or *",
            );
        }
        for own in &self.own {
            let county = own
                .strip_prefix("counties/")
                .and_then(|rest| rest.split_once('/'));
            let within = county.is_some_and(|(code, rest)| {
                code.len() == 6
                    && code.starts_with(self.county.trim_end_matches('*'))
                    && rest.split('/').filter(|part| !part.is_empty()).count() == 2
            });
            if !within {
                wrong.add(
                    "own",
                    format!("“{own}”须形如 counties/140525/schools/编号，并在范围之内"),
                    format!(
                        "{own} must look like counties/140525/schools/CODE and lie within the scope"
                    ),
                );
            }
        }
        wrong.into_result().map_err(Error::Invalid)
    }
}

/// Signs a token for a while.
pub fn issue(
    keys: &KeyRing,
    clock: &Clock,
    subject: &str,
    grant: Grant,
    valid: Duration,
) -> Result<(String, i64)> {
    let key = keys.newest()?;
    let now_us = clock.now_us();
    let expires_us = now_us.saturating_add(i64::try_from(valid.as_micros()).unwrap_or(i64::MAX));
    let claims = Claims {
        iss: OURS.to_owned(),
        aud: OURS.to_owned(),
        sub: subject.to_owned(),
        iat: now_us / 1_000_000,
        exp: expires_us / 1_000_000,
        jti: Ids::system().next(),
        dudao: grant,
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(key.id.clone());
    let signed = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(key.der()));
    Ok((signed.map_err(Error::internal)?, expires_us))
}

/// Who holds a token that this installation has signed.
pub(super) fn verify_own(keys: &KeyRing, clock: &Clock, token: &str) -> Result<Identity> {
    let header = header(token)?;
    let key = header
        .kid
        .and_then(|kid| keys.find(&kid))
        .filter(|key| !key.retired)
        .ok_or_else(|| refused("its key is unknown"))?;
    let public = DecodingKey::from_ed_der(key.public());
    verify(
        token,
        &public,
        Algorithm::EdDSA,
        (OURS, OURS),
        "dudao",
        clock,
    )
}

/// Whether a token says of itself that this installation has signed it.
pub(super) fn claims_to_be_ours(token: &str) -> bool {
    #[derive(Deserialize)]
    struct Issuer {
        #[serde(default)]
        iss: String,
    }
    token.len() <= MAX_BYTES
        && jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token)
            .is_ok_and(|claims| claims.iss == OURS)
}

/// The header of a token that is not too long to look at.
pub(super) fn header(token: &str) -> Result<Header> {
    if token.len() > MAX_BYTES {
        return Err(refused("it is too long"));
    }
    jsonwebtoken::decode_header(token).map_err(|_| refused("it is no token"))
}

/// Checks a token against one key and the one algorithm that goes with it, so that a token can't choose how it is checked.
pub(super) fn verify(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    (issuer, audience): (&str, &str),
    claim: &str,
    clock: &Clock,
) -> Result<Identity> {
    let mut rules = Validation::new(algorithm);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Time is told by our own clock.
    rules.validate_exp = false;
    let proven = jsonwebtoken::decode::<Proven>(token, key, &rules)
        .map_err(|_| refused("its signature, issuer or audience does not hold"))?
        .claims;
    let now_us = clock.now_us();
    let expires_us = proven.exp.saturating_mul(1_000_000);
    if expires_us.saturating_add(LEEWAY_US) < now_us {
        return Err(refused("it has expired"));
    }
    if proven.nbf.saturating_mul(1_000_000) > now_us.saturating_add(LEEWAY_US) {
        return Err(refused("it is not good yet"));
    }
    if proven.sub.is_empty() || proven.sub.chars().any(char::is_control) {
        return Err(refused("it names nobody"));
    }
    let grant = proven.rest.get(claim).cloned().unwrap_or_default();
    let mut grant: Grant = if grant.is_null() {
        Grant::default()
    } else {
        serde_json::from_value(grant).map_err(|_| refused("its grant can't be read"))?
    };
    // An issuer may know of roles that are none of ours; counties and names must be meant for us.
    grant.roles.retain(|name| role_named(name).is_some());
    grant
        .check()
        .map_err(|_| refused("its county or its own can't be meant"))?;
    Ok(grant.identity(proven.sub, Some(expires_us)))
}

pub(super) fn refused(why: &'static str) -> Error {
    Error::Unauthenticated { why }
}
