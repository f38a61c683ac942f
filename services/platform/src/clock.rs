//! Time and identity, injected: the only place that reads the wall clock or draws an id.
//!
//! An instant is a count of microseconds since 1970-01-01 UTC (`i64`, column suffix `_us`); a day is a
//! [`NaiveDate`] in the counties' own time zone, Asia/Shanghai (UTC+8, no summer time).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use prost_types::Timestamp;
use uuid::Uuid;

const MICROS: i64 = 1_000_000;
/// Asia/Shanghai is eight hours ahead of UTC, all year.
const SHANGHAI: TimeDelta = TimeDelta::hours(8);

/// Tells the time: the machine's, or in tests what it was set to.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is set; its clones share the hand.
    pub fn set_to(now_us: i64) -> Self {
        Self(Some(Arc::new(AtomicI64::new(now_us))))
    }

    /// Moves a settable clock by so many microseconds; the machine's clock stays as it is.
    pub fn advance(&self, by_us: i64) {
        if let Some(hand) = &self.0 {
            hand.fetch_add(by_us, Ordering::SeqCst);
        }
    }

    /// Sets a settable clock to eight in the morning of a day in Asia/Shanghai; the machine's clock stays as it is.
    pub fn turn_to(&self, day: NaiveDate) {
        if let Some(hand) = &self.0 {
            let morning = day
                .and_time(chrono::NaiveTime::MIN)
                .and_utc()
                .timestamp_micros();
            hand.store(morning, Ordering::SeqCst);
        }
    }

    /// Microseconds since 1970-01-01 UTC.
    pub fn now_us(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "this is where the clock is")]
        match &self.0 {
            Some(hand) => hand.load(Ordering::SeqCst),
            None => Utc::now().timestamp_micros(),
        }
    }

    /// The day it is in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        day_of(self.now_us())
    }
}

/// What clocks in Asia/Shanghai show at an instant.
pub fn local(instant_us: i64) -> NaiveDateTime {
    let instant = DateTime::from_timestamp_micros(instant_us).unwrap_or_default();
    let there = instant.checked_add_signed(SHANGHAI);
    there.unwrap_or(instant).naive_utc()
}

/// The day in Asia/Shanghai on which an instant falls.
pub fn day_of(instant_us: i64) -> NaiveDate {
    local(instant_us).date()
}

/// The instant at which a day begins in Asia/Shanghai.
pub fn morning_us(day: NaiveDate) -> i64 {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    midnight.timestamp_micros() - SHANGHAI.num_microseconds().unwrap_or_default()
}

/// An instant as the contract carries it.
pub fn timestamp(instant_us: i64) -> Timestamp {
    Timestamp {
        seconds: instant_us.div_euclid(MICROS),
        nanos: (instant_us.rem_euclid(MICROS) * 1_000) as i32,
    }
}

/// The instant that a timestamp names, cut to microseconds.
pub fn micros(timestamp: &Timestamp) -> i64 {
    timestamp
        .seconds
        .saturating_mul(MICROS)
        .saturating_add(i64::from(timestamp.nanos) / 1_000)
}

/// Draws ids: time-ordered UUIDs (version 7), or in tests a count.
#[derive(Clone, Debug, Default)]
pub struct Ids(Option<Arc<AtomicU64>>);

impl Ids {
    /// UUIDs of version 7 from the machine's clock and entropy.
    pub fn system() -> Self {
        Self(None)
    }

    /// Ids of the same form that count up from a seed: the same in every run.
    pub fn counting_from(seed: u64) -> Self {
        Self(Some(Arc::new(AtomicU64::new(seed))))
    }

    /// The next id: 36 characters, ever greater as text.
    pub fn next(&self) -> String {
        self.uuid().to_string()
    }

    /// The same as a number of 16 bytes.
    pub(crate) fn uuid(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
        match &self.0 {
            Some(count) => {
                let n = count.fetch_add(1, Ordering::SeqCst);
                Uuid::from_u64_pair(
                    (n >> 12) << 16 | 0x7000 | (n & 0xfff),
                    0x8000_0000_0000_0000,
                )
            }
            None => Uuid::now_v7(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_county_has_its_new_day_at_sixteen_hours_utc() {
        let clock = Clock::set_to(1_767_225_600_000_000 - 8 * 3_600 * MICROS - 1);
        assert_eq!(clock.today().to_string(), "2025-12-31");
        clock.advance(1);
        assert_eq!(clock.today().to_string(), "2026-01-01");
    }

    #[test]
    fn ids_grow_as_text() {
        for ids in [Ids::system(), Ids::counting_from(4_090)] {
            let drawn: Vec<_> = (0..20).map(|_| ids.next()).collect();
            assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]), "{drawn:?}");
            assert!(
                drawn
                    .iter()
                    .all(|id| id.len() == 36 && id.as_bytes()[14] == b'7')
            );
        }
    }

    proptest! {
        #[test]
        fn an_instant_survives_the_contract(us in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            prop_assert_eq!(micros(&timestamp(us)), us);
        }
    }
}
