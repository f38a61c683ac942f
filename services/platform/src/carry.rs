//! Between a domain's types and the contract's messages.
//!
//! A domain type and its message have the same field names; [`mirror!`](crate::mirror) names them once, and both
//! directions follow. A field that one side has and the other lacks does not compile, or is named as one that only the
//! service writes.

use chrono::{DateTime, NaiveDate, Utc};
use dudao_law::{Violations, Word};
use prost_types::Timestamp;

/// A value of the domain that the contract carries as an `M`.
pub trait Carry<M>: Sized {
    /// As the contract carries it.
    fn carry(&self) -> M;

    /// Reads it; what is wrong is told under its path, and a value stands in that is not used.
    fn take(message: M, wrong: &mut Violations, path: &str) -> Self;
}

macro_rules! same {
    ($($kind:ty),+) => {
        $(impl Carry<$kind> for $kind {
            fn carry(&self) -> $kind {
                self.clone()
            }

            fn take(message: $kind, _: &mut Violations, _: &str) -> Self {
                message
            }
        })+
    };
}
same!(String, bool, i32, i64, u32, f64);

impl Carry<String> for Option<NaiveDate> {
    fn carry(&self) -> String {
        self.map(|day| day.to_string()).unwrap_or_default()
    }

    fn take(message: String, wrong: &mut Violations, path: &str) -> Self {
        dudao_law::day(wrong, path, &message)
    }
}

impl Carry<String> for NaiveDate {
    fn carry(&self) -> String {
        self.to_string()
    }

    fn take(message: String, wrong: &mut Violations, path: &str) -> Self {
        wrong.check(!message.is_empty(), path, "须填写日期", "must be a day");
        dudao_law::day(wrong, path, &message).unwrap_or_default()
    }
}

impl Carry<Option<Timestamp>> for Option<DateTime<Utc>> {
    fn carry(&self) -> Option<Timestamp> {
        self.map(|at| crate::clock::timestamp(at.timestamp_micros()))
    }

    fn take(message: Option<Timestamp>, _: &mut Violations, _: &str) -> Self {
        message.and_then(|at| DateTime::from_timestamp_micros(crate::clock::micros(&at)))
    }
}

impl Carry<Option<Timestamp>> for DateTime<Utc> {
    fn carry(&self) -> Option<Timestamp> {
        Some(crate::clock::timestamp(self.timestamp_micros()))
    }

    fn take(message: Option<Timestamp>, wrong: &mut Violations, path: &str) -> Self {
        wrong.check(message.is_some(), path, "须填写时间", "must be a time");
        <Option<Self> as Carry<Option<Timestamp>>>::take(message, wrong, path).unwrap_or_default()
    }
}

impl<M, T: Carry<M>> Carry<Vec<M>> for Vec<T> {
    fn carry(&self) -> Vec<M> {
        self.iter().map(T::carry).collect()
    }

    fn take(message: Vec<M>, wrong: &mut Violations, path: &str) -> Self {
        let items = message.into_iter().enumerate();
        items
            .map(|(at, item)| T::take(item, wrong, &format!("{path}[{at}]")))
            .collect()
    }
}

/// A word of the domain, carried as the number of an enumeration; 0 stands for none.
pub fn word<W: Word>(message: i32, wrong: &mut Violations, path: &str) -> Option<W> {
    let value = W::of_number(message);
    wrong.check(
        value.is_some() || message == 0,
        path,
        "未知的取值",
        format!("must be 1 to {}", W::ALL.len()),
    );
    value
}

/// The same where there must be one; the first word stands in.
pub fn needed_word<W: Word>(message: i32, wrong: &mut Violations, path: &str) -> W {
    let value = word(message, wrong, path);
    let words: Vec<_> = W::ALL.iter().map(|one| one.zh()).collect();
    wrong.check(
        value.is_some() || message != 0,
        path,
        format!("须选择其一：{}", words.join("、")),
        "must be stated",
    );
    value.unwrap_or(W::ALL[0])
}

/// Says how a domain type and its message carry each other, field by field.
///
/// A field is carried by its type's [`Carry`](crate::carry::Carry), or as `word` (an enumeration that must be stated),
/// `words` (a list of them), `maybe_word` (one that may be missing), `part` (a message that must be there), `maybe`
/// (a value or a message that may be missing). Fields behind `out` are the service's own: never read from a message.
///
/// ```text
/// mirror!(Meeting => proto::Meeting { display_name, kind as word, attendance } out { state as word, hold_time });
/// ```
#[macro_export]
macro_rules! mirror {
    ($domain:ty => $message:ty {
        $($field:ident $(as $mode:ident)?),* $(,)?
    } $(out { $($own:ident $(as $own_mode:ident)?),* $(,)? })?) => {
        impl $crate::carry::Carry<$message> for $domain {
            #[allow(clippy::needless_update, reason = "a message may have fields of the record beside those of the domain")]
            fn carry(&self) -> $message {
                type Message = $message;
                let Self { $($field,)* $($($own,)*)? } = self;
                Message {
                    $($field: $crate::carry!($field $(as $mode)?),)*
                    $($($own: $crate::carry!($own $(as $own_mode)?),)*)?
                    ..Message::default()
                }
            }

            #[allow(unused_variables, reason = "a type may have nothing that can be wrong")]
            fn take(message: $message, wrong: &mut $crate::error::Violations, path: &str) -> Self {
                let dot = if path.is_empty() { "" } else { "." };
                Self {
                    $($field: $crate::take!(message.$field, wrong, &format!("{path}{dot}{}", stringify!($field)) $(, as $mode)?),)*
                    $($($own: Default::default(),)*)?
                }
            }
        }
    };
}

/// One field of [`mirror!`](crate::mirror), to the message.
#[doc(hidden)]
#[macro_export]
macro_rules! carry {
    ($field:ident) => {
        $crate::carry::Carry::carry($field)
    };
    ($field:ident as word) => {
        dudao_law::Word::number(*$field)
    };
    ($field:ident as maybe_word) => {
        $field.map_or(0, dudao_law::Word::number)
    };
    ($field:ident as words) => {
        $field
            .iter()
            .map(|one| dudao_law::Word::number(*one))
            .collect()
    };
    ($field:ident as part) => {
        Some($crate::carry::Carry::carry($field))
    };
    ($field:ident as maybe) => {
        $field.as_ref().map($crate::carry::Carry::carry)
    };
}

/// One field of [`mirror!`](crate::mirror), from the message.
#[doc(hidden)]
#[macro_export]
macro_rules! take {
    ($value:expr, $wrong:expr, $path:expr) => {
        $crate::carry::Carry::take($value, $wrong, $path)
    };
    ($value:expr, $wrong:expr, $path:expr, as word) => {
        $crate::carry::needed_word($value, $wrong, $path)
    };
    ($value:expr, $wrong:expr, $path:expr, as maybe_word) => {
        $crate::carry::word($value, $wrong, $path)
    };
    ($value:expr, $wrong:expr, $path:expr, as words) => {{
        let path = $path;
        $value
            .into_iter()
            .enumerate()
            .map(|(at, one)| $crate::carry::needed_word(one, $wrong, &format!("{path}[{at}]")))
            .collect()
    }};
    ($value:expr, $wrong:expr, $path:expr, as part) => {{
        let path = $path;
        let value = $value;
        $wrong.check(value.is_some(), path, "须填写", "must be given");
        $crate::carry::Carry::take(value.unwrap_or_default(), $wrong, path)
    }};
    ($value:expr, $wrong:expr, $path:expr, as maybe) => {{
        let path = $path;
        $value.map(|value| $crate::carry::Carry::take(value, $wrong, path))
    }};
}
