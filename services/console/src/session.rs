//! Who is signed in: tokens stay here, a browser has nothing but a key that means nothing elsewhere.
//!
//! A session is not sealed into its cookie: signing out would then end it in one browser, and not where its key was copied to; and the
//! tokens of issuers do not fit. So consoles that stand beside each other need something in front of them that keeps a browser at one of
//! them (a sticky session); files that wait for their second step need that, too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dudao_platform::Clock;
use dudao_platform::clock::micros;
use dudao_proto::auth::v1::{Caller, Role};
use openidconnect::core::CoreIdToken;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::issuer::Given;

/// More sessions than this at a time are not kept; the one that ends first gives way.
const MOST: usize = 10_000;
/// A session whose token is renewed lasts so long at the most.
const LONGEST_US: i64 = 12 * 3_600_000_000;
/// A token that ends within this is renewed before it is used.
const EARLY_US: i64 = 30_000_000;

/// Somebody who has signed in.
#[derive(Debug)]
pub struct Session {
    /// Who it is.
    pub caller: Caller,
    /// Stands in every form, so that no other site can send one.
    pub form_key: String,
    /// Says to the issuer who signs out; none for who came by a link.
    pub id_token: Option<CoreIdToken>,
    token: Mutex<Token>,
    /// Gets another token; held while that is under way, so that it is asked for once.
    pub renewal: tokio::sync::Mutex<Option<String>>,
    ends_us: i64,
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    ends_us: i64,
}

impl Session {
    /// Whether the caller has one of these roles.
    pub fn is(&self, roles: &[Role]) -> bool {
        self.caller.roles().any(|role| roles.contains(&role))
    }

    /// The token that goes with every call, unless it is about to end.
    pub fn token(&self, now_us: i64) -> Option<String> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        (token.ends_us - EARLY_US > now_us).then(|| token.text.clone())
    }

    /// Goes on with another token.
    pub fn go_on_with(&self, text: String, caller: &Caller) {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        *token = Token {
            text,
            ends_us: ends(caller),
        };
    }
}

/// Until when a caller's token is good.
fn ends(caller: &Caller) -> i64 {
    caller.expire_time.as_ref().map_or(0, micros)
}

/// Those who are signed in, by their browser's key.
#[derive(Debug)]
pub struct Sessions {
    clock: Clock,
    random: SystemRandom,
    all: Mutex<HashMap<String, Arc<Session>>>,
}

impl Sessions {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            random: SystemRandom::new(),
            all: Mutex::default(),
        }
    }

    /// Begins a session and gives its key. It lasts as long as the token is good, or can be renewed.
    pub fn begin(&self, given: Given, caller: Caller) -> Option<String> {
        let (key, form_key) = (self.draw()?, self.draw()?);
        let now_us = self.clock.now_us();
        let token_ends_us = ends(&caller);
        let session = Session {
            caller,
            form_key,
            id_token: given.id_token,
            token: Mutex::new(Token {
                text: given.access,
                ends_us: token_ends_us,
            }),
            ends_us: if given.refresh.is_some() {
                now_us + LONGEST_US
            } else {
                token_ends_us
            },
            renewal: tokio::sync::Mutex::new(given.refresh),
        };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.ends_us > now_us);
        if all.len() >= MOST {
            let first = all.iter().min_by_key(|(_, session)| session.ends_us);
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                all.remove(&first);
            }
        }
        all.insert(key.clone(), Arc::new(session));
        Some(key)
    }

    /// The session of a key, while it lasts.
    pub fn find(&self, key: &str) -> Option<Arc<Session>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get(key)?;
        (session.ends_us > self.clock.now_us()).then(|| Arc::clone(session))
    }

    /// Ends a session.
    pub fn end(&self, key: &str) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(key);
    }

    /// What nobody guesses: keys, and tickets that let a form take effect once.
    pub fn draw(&self) -> Option<String> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes).ok()?;
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }
}
