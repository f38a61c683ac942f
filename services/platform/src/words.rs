//! Characters that no text of a request may have: NUL, which databases don't take, and those that turn the direction of
//! writing round, by which a name can be made to look like another (Unicode TR 36).

use dudao_law::Violations;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, Value};

use crate::contract::CONTRACT;
use crate::error::{Error, Result};

fn is_forbidden(letter: char) -> bool {
    matches!(letter, '\0' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Refuses a request in which a text has such a character, with every field that has one.
pub fn check<M: Message + Name>(request: &M) -> Result<()> {
    let encoded = request.encode_to_vec();
    // In UTF-8 they are 00, E2 80 AA…AE and E2 81 A6…A9: almost all requests have neither.
    let suspect = encoded.contains(&0)
        || encoded
            .windows(2)
            .any(|two| matches!(two, [0xe2, 0x80 | 0x81]));
    if !suspect {
        return Ok(());
    }
    let of = CONTRACT
        .as_ref()
        .and_then(|contract| contract.get_message_by_name(&M::full_name()))
        .ok_or_else(|| Error::internal("a request is not in the contract"))?;
    let message = DynamicMessage::decode(of, encoded.as_slice()).map_err(Error::internal)?;
    let mut wrong = Violations::new();
    walk(&message, "", &mut wrong);
    wrong.into_result().map_err(Error::Invalid)
}

fn walk(message: &DynamicMessage, path: &str, wrong: &mut Violations) {
    for (field, value) in message.fields() {
        look(value, &format!("{path}{}", field.name()), wrong);
    }
}

fn look(value: &Value, path: &str, wrong: &mut Violations) {
    match value {
        Value::String(text) => {
            wrong.check(
                !text.contains(is_forbidden),
                path,
                "含有不可见的控制字符（空字符或文字方向控制符），请删除后重新填写",
                "must not have NUL or characters that turn the direction of writing round",
            );
        }
        Value::Message(inner) => walk(inner, &format!("{path}."), wrong),
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                look(item, &format!("{path}[{at}]"), wrong);
            }
        }
        Value::Map(items) => {
            for item in items.values() {
                look(item, path, wrong);
            }
        }
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use dudao_proto::registry::v1 as registry;

    use super::*;

    #[test]
    fn every_field_with_a_character_that_hides_something_is_told() {
        let request = registry::CreateSchoolRequest {
            parent: "counties/140525".to_owned(),
            school_id: "a\0b".to_owned(),
            school: Some(registry::School {
                display_name: "\u{202e}学小村南".to_owned(),
                town: "巴公镇“北”".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let Err(Error::Invalid(wrong)) = check(&request) else {
            panic!("it has two");
        };
        let fields: Vec<_> = wrong.into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["school_id", "school.display_name"]);
    }
}
