//! Personal data: the contract says which fields hold it (`dudao.auth.v1.personal`), and nobody reads them by the way.
//!
//! Lists, events and snapshots show them masked, `138****0001`, whoever asks. A single resource shows them to the office, to
//! services, and to whom they belong. Taking out many at once is an RPC of its own that leaves a trace.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, PoisonError, RwLock};

use prost::{Message, Name};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};

use crate::contract::CONTRACT;
use crate::error::{Error, Result};
use crate::rpc::Principal;

/// The extension's name.
const OPTION: &str = "dudao.auth.v1.personal";
/// Stands for what is not shown.
pub const MASK: char = '*';

/// The messages that hold personal data, themselves or within.
static HOLDERS: LazyLock<Option<Holders>> = LazyLock::new(Holders::read);

struct Holders {
    pool: &'static DescriptorPool,
    names: HashSet<String>,
    /// What was found of a type, which every answer asks for.
    known: RwLock<HashMap<TypeId, Option<MessageDescriptor>>>,
}

impl Holders {
    fn read() -> Option<Self> {
        let pool = CONTRACT.as_ref()?;
        let mut names = HashSet::new();
        loop {
            let holds = |field: &FieldDescriptor| {
                is_personal(field)
                    || matches!(field.kind(), Kind::Message(inner) if names.contains(inner.full_name()))
            };
            let more: Vec<_> = pool
                .all_messages()
                .filter(|message| !names.contains(message.full_name()))
                .filter(|message| message.fields().any(|field| holds(&field)))
                .map(|message| message.full_name().to_owned())
                .collect();
            if more.is_empty() {
                break;
            }
            names.extend(more);
        }
        Some(Self {
            pool,
            names,
            known: RwLock::default(),
        })
    }
}

fn is_personal(field: &FieldDescriptor) -> bool {
    let pool = field.parent_pool();
    let option = pool.get_extension_by_name(OPTION);
    option
        .is_some_and(|option| field.options().get_extension(&option).as_ref() == &Value::Bool(true))
}

/// The type of messages that hold personal data; none for all others.
fn holder<M: Name + 'static>() -> Result<Option<MessageDescriptor>> {
    let holders = HOLDERS
        .as_ref()
        .ok_or_else(|| Error::internal("the contract can't be read"))?;
    let of = TypeId::of::<M>();
    let known = holders.known.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(&of) {
        return Ok(known.clone());
    }
    drop(known);
    let name = M::full_name();
    let found = holders.names.contains(&name);
    let found = found
        .then(|| holders.pool.get_message_by_name(&name))
        .flatten();
    let mut known = holders
        .known
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    known.insert(of, found.clone());
    Ok(found)
}

/// An encoded message with its personal data masked.
pub fn masked<M: Message + Name + 'static>(message: &M) -> Result<Vec<u8>> {
    match holder::<M>()? {
        None => Ok(message.encode_to_vec()),
        Some(descriptor) => Ok(mask_all(descriptor, message)?.encode_to_vec()),
    }
}

fn mask_all<M: Message>(descriptor: MessageDescriptor, message: &M) -> Result<DynamicMessage> {
    let bytes = message.encode_to_vec();
    let mut whole =
        DynamicMessage::decode(descriptor, bytes.as_slice()).map_err(Error::internal)?;
    mask_fields(&mut whole);
    Ok(whole)
}

/// An answer as its caller may see it; `listed` if it is one of many.
pub fn shown<M: Message + Name + Default + 'static>(
    caller: &Principal,
    listed: bool,
    answer: M,
) -> Result<M> {
    let Some(descriptor) = holder::<M>()? else {
        return Ok(answer);
    };
    if !listed && caller.needs_personal_data() {
        return Ok(answer);
    }
    let name = descriptor.get_field_by_name("name");
    let masked = mask_all(descriptor, &answer)?;
    let name = name.map(|field| masked.get_field(&field).into_owned());
    let own = |name: &Value| name.as_str().is_some_and(|name| caller.speaks_for(name));
    if !listed && !caller.sees_all() && name.as_ref().is_some_and(own) {
        return Ok(answer);
    }
    M::decode(masked.encode_to_vec().as_slice()).map_err(Error::internal)
}

fn mask_fields(message: &mut DynamicMessage) {
    let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
    for field in fields {
        let personal = is_personal(&field);
        mask_value(message.get_field_mut(&field), personal);
    }
}

fn mask_value(value: &mut Value, personal: bool) {
    match value {
        Value::String(text) if personal => *text = mask(text).into_owned(),
        Value::Message(message) => mask_fields(message),
        Value::List(values) => values
            .iter_mut()
            .for_each(|value| mask_value(value, personal)),
        Value::Map(values) => values
            .values_mut()
            .for_each(|value| mask_value(value, personal)),
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_) => {}
    }
}

/// Keeps at most the first three and the last four characters, and never more than two thirds: `138****0001`, `王*`.
pub fn mask(text: &str) -> Cow<'_, str> {
    let count = text.chars().count();
    if count == 0 {
        return Cow::Borrowed(text);
    }
    let head = (count / 3).clamp(usize::from(count > 1), 3);
    let tail = ((count + usize::from(count > 5)) / 3).min(4);
    let kept = |at: usize| at < head || at >= count - tail;
    let letters = text.chars().enumerate();
    Cow::Owned(
        letters
            .map(|(at, one)| if kept(at) { one } else { MASK })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use dudao_proto::registry::v1 as registry;

    use super::*;

    #[test]
    fn a_masked_number_is_known_by_its_ends_only() {
        for (text, shown) in [
            ("13800000001", "138****0001"),
            ("0356-1234567", "035*****4567"),
            ("王小明", "王*明"),
            ("王明", "王*"),
            ("王", "*"),
            ("", ""),
        ] {
            assert_eq!(mask(text), shown);
        }
    }

    #[test]
    fn what_holds_personal_data_within_is_masked_too() {
        let supervisor = registry::Supervisor {
            display_name: "王小明".to_owned(),
            phone: "13800000001".to_owned(),
            ..Default::default()
        };
        let event = registry::SupervisorCreated {
            supervisor: Some(supervisor),
        };
        let bytes = masked(&event).unwrap();
        let event = registry::SupervisorCreated::decode(bytes.as_slice()).unwrap();
        let supervisor = event.supervisor.unwrap();
        assert_eq!(supervisor.phone, "138****0001");
        assert_eq!(supervisor.display_name, "王小明");
    }
}
