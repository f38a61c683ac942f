//! How much one caller may ask for: so many calls a second, and so many at once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{Error, Result};

/// After so many calls, callers that have been quiet are forgotten.
const SWEEP: u32 = 10_000;
/// When to try again if too many calls are under way.
const PAUSE: Duration = Duration::from_secs(1);

/// What one caller may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls a second, on average; for a moment twice as many.
    pub per_second: NonZeroU32,
    /// Calls and streams at once.
    pub at_once: usize,
}

impl Default for Limits {
    /// 100 a second, 50 at once.
    fn default() -> Self {
        Self {
            per_second: NonZeroU32::MIN.saturating_add(99),
            at_once: 50,
        }
    }
}

/// Counts the calls of every caller. Cheap to clone.
#[derive(Clone)]
pub(super) struct Turnstile(Arc<Inner>);

struct Inner {
    limits: Limits,
    rate: DefaultKeyedRateLimiter<String>,
    passed: AtomicU32,
    under_way: Mutex<HashMap<String, usize>>,
}

impl Turnstile {
    pub(super) fn new(limits: Limits) -> Self {
        let burst = limits
            .per_second
            .saturating_mul(NonZeroU32::MIN.saturating_add(1));
        let quota = Quota::per_second(limits.per_second).allow_burst(burst);
        Self(Arc::new(Inner {
            limits,
            rate: RateLimiter::keyed(quota),
            passed: AtomicU32::new(0),
            under_way: Mutex::default(),
        }))
    }

    /// Lets a caller in, or says when to come again. The call is under way until the pass is dropped.
    pub(super) fn pass(&self, caller: &str) -> Result<Pass> {
        let Inner {
            limits,
            rate,
            passed,
            under_way,
        } = &*self.0;
        if passed.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            rate.retain_recent();
        }
        let caller = caller.to_owned();
        if let Err(not_until) = rate.check_key(&caller) {
            return Err(Error::TooManyCalls {
                retry_after: not_until.wait_time_from(DefaultClock::default().now()),
            });
        }
        let mut counts = under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(caller.clone()).or_default();
        if *count >= limits.at_once {
            return Err(Error::TooManyCalls { retry_after: PAUSE });
        }
        *count += 1;
        Ok(Pass {
            turnstile: self.clone(),
            caller,
        })
    }
}

/// A call under way.
pub(crate) struct Pass {
    turnstile: Turnstile,
    caller: String,
}

impl Drop for Pass {
    fn drop(&mut self) {
        let counts = &self.turnstile.0.under_way;
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: u32, at_once: usize) -> Turnstile {
        Turnstile::new(Limits {
            per_second: NonZeroU32::new(per_second).unwrap(),
            at_once,
        })
    }

    #[test]
    fn a_caller_who_asks_too_often_is_told_when_to_come_again_and_others_are_let_in() {
        let turnstile = limits(2, 100);
        for _ in 0..4 {
            assert!(turnstile.pass("eager").is_ok());
        }
        let Err(Error::TooManyCalls { retry_after }) = turnstile.pass("eager") else {
            panic!("let in");
        };
        assert!(retry_after <= Duration::from_millis(600));
        assert!(turnstile.pass("other").is_ok());
    }

    #[test]
    fn calls_under_way_count_until_they_end_and_leave_nothing_behind() {
        let turnstile = limits(1_000, 2);
        let (first, second) = (turnstile.pass("a").unwrap(), turnstile.pass("a").unwrap());
        assert!(turnstile.pass("a").is_err());
        drop(first);
        assert!(turnstile.pass("a").is_ok());
        drop(second);
        assert!(turnstile.0.under_way.lock().unwrap().is_empty());
    }
}
