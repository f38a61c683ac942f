//! Who is signed in: tokens stay here, a browser has nothing but a key that means nothing elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dudao_platform::Clock;
use dudao_proto::auth::v1::{Caller, Role};
use ring::rand::{SecureRandom as _, SystemRandom};

/// More sessions than this at a time are not kept; the one that ends first gives way.
const MOST: usize = 10_000;

/// Somebody who has signed in.
#[derive(Debug)]
pub struct Session {
    /// Goes with every call.
    pub token: String,
    /// Who it is.
    pub caller: Caller,
    /// Stands in every form, so that no other site can send one.
    pub form_key: String,
    ends_us: i64,
}

impl Session {
    /// Whether the caller has one of these roles.
    pub fn is(&self, roles: &[Role]) -> bool {
        self.caller.roles().any(|role| roles.contains(&role))
    }
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

    /// Begins a session as long as the token is good, and gives its key.
    pub fn begin(&self, token: String, caller: Caller, ends_us: i64) -> Option<String> {
        let (key, form_key) = (self.draw()?, self.draw()?);
        let session = Session {
            token,
            caller,
            form_key,
            ends_us,
        };
        let now_us = self.clock.now_us();
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
