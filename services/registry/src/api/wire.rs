//! Between the contract and the domain.

use chrono::NaiveDate;
use dudao_platform::error::Result;
use dudao_platform::events::NewEvent;
use prost::{Message, Name};
use prost_types::FieldMask;

use crate::domain::Violations;
use crate::store::Document;
use crate::store::Record;

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Updated,
    Ended,
}

/// Of which resource an event is, and who did it.
pub(crate) struct About<'a> {
    pub(crate) county: &'a str,
    pub(crate) resource: String,
    pub(crate) actor: &'a str,
}

/// A resource as the contract carries it.
pub(crate) trait Wire: Document + PartialEq {
    /// Its message.
    type Message: Message + Name + Default + Clone;
    /// The field of requests that holds it.
    const FIELD: &'static str;
    /// The field of requests that holds its code.
    const ID: &'static str;

    /// The message's name and etag.
    fn identity(message: &Self::Message) -> (&str, &str);

    fn to_message(record: &Record<Self>) -> Self::Message;

    /// Checks the message of a resource; paths are the message's, the code's is [`Wire::ID`]. Output fields are ignored.
    fn from_message(
        code: &str,
        message: Self::Message,
        today: NaiveDate,
    ) -> Result<Self, Violations>;

    /// Copies the masked fields, or without a mask those that are set.
    fn overlay(
        into: &mut Self::Message,
        from: &Self::Message,
        mask: Option<&FieldMask>,
    ) -> Result<()>;

    fn event(change: Change, about: About<'_>, message: Self::Message) -> NewEvent;

    /// Takes over what no update may change.
    #[must_use]
    fn in_place_of(self, _before: &Self) -> Self {
        self
    }

    /// Ended at an instant; itself where nothing ends.
    #[must_use]
    fn ended_at(self, _now_us: i64) -> Self {
        self
    }
}

/// Writes [`Wire::overlay`] for the fields that a caller may change.
macro_rules! overlay {
    ($message:ty; $($field:ident),+ $(,)?) => {
        fn overlay(
            into: &mut $message,
            from: &$message,
            mask: Option<&prost_types::FieldMask>,
        ) -> dudao_platform::error::Result<()> {
            let unset = <$message>::default();
            match mask.filter(|mask| !mask.paths.is_empty()) {
                None => {
                    $(if from.$field != unset.$field { into.$field.clone_from(&from.$field); })+
                }
                Some(mask) => {
                    for path in &mask.paths {
                        match path.as_str() {
                            "*" => { $(into.$field.clone_from(&from.$field);)+ }
                            $(stringify!($field) => into.$field.clone_from(&from.$field),)+
                            other => {
                                let known = [$(stringify!($field)),+].join(", ");
                                return Err(dudao_platform::Error::invalid(
                                    "update_mask",
                                    format!("“{other}”不可修改，可修改的字段：{known}"),
                                    format!("{other} can't be changed; these can: {known}"),
                                ));
                            }
                        }
                    }
                }
            }
            Ok(())
        }
    };
}
pub(crate) use overlay;

/// Writes [`Wire::event`] from the payload of each change.
macro_rules! events {
    ($message:ty, $field:ident; $($change:pat => $payload:ident),+ $(,)?) => {
        fn event(
            change: $crate::api::Change,
            about: $crate::api::wire::About<'_>,
            message: $message,
        ) -> dudao_platform::events::NewEvent {
            let $crate::api::wire::About { county, resource, actor } = about;
            match change {
                $($change => dudao_platform::events::NewEvent::new(
                    county,
                    resource,
                    actor,
                    &dudao_proto::registry::v1::$payload { $field: Some(message) },
                ),)+
            }
        }
    };
}
pub(crate) use events;

/// The number of a value in the contract: its place among all, from 1.
pub(crate) fn number<T: PartialEq>(all: &[T], value: Option<&T>) -> i32 {
    value
        .and_then(|value| all.iter().position(|one| one == value))
        .map_or(0, |at| at as i32 + 1)
}

/// The value of a number of the contract; 0 is none, and what the contract doesn't know is wrong.
pub(crate) fn word<T: Copy>(
    wrong: &mut Violations,
    field: &str,
    all: &[T],
    number: i32,
) -> Option<T> {
    let value = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .and_then(|at| all.get(at))
        .copied();
    wrong.check(
        value.is_some() || number == 0,
        field,
        "未知的取值",
        format!("must be 1 to {}", all.len()),
    );
    value
}

/// A day as the contract carries it.
pub(crate) fn day_text(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// Where a violation stands in the request: the code beside the resource, the rest inside.
pub(crate) fn field(field: &str, inside: &str, id: &str, path: &str) -> String {
    if field == id {
        format!("{path}{field}")
    } else {
        format!("{path}{inside}{field}")
    }
}
