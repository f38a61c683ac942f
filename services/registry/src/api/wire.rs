//! Between the contract and the domain.

use chrono::NaiveDate;

use crate::domain::Violations;

/// Writes [`Resource::event`](dudao_platform::resource::Resource::event) from the payload of each change.
macro_rules! events {
    ($message:ty, $field:ident; $($change:pat => $payload:ident),+ $(,)?) => {
        fn event(
            change: $crate::api::Change,
            about: dudao_platform::resource::About<'_>,
            message: $message,
        ) -> dudao_platform::events::NewEvent {
            let dudao_platform::resource::About { county, resource, actor } = about;
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
