//! Messages that nobody means: random ones that the contract allows, and bytes that it does not.

use std::collections::BTreeMap;

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _};

use crate::contract::collection;

/// Messages within messages are made to this depth.
const DEPTH: usize = 5;
/// Words that have broken something somewhere.
const WORDS: [&str; 28] = [
    "",
    " ",
    "\0",
    "a\0b",
    "counties/140525",
    "counties/140526",
    "counties/-",
    "counties/140525/schools/S1",
    "counties/140525/schools/../../140526/schools/S1",
    "counties/140525/schools/S1/",
    "counties//schools/S1",
    "counties/１４０５２５/schools/S1",
    "counties/140525/schools/S1\0",
    "counties/140526/visits/v1",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "\u{202e}gpj.exe",
    "\u{feff}零宽\u{200b}字",
    "e\u{301}\u{301}\u{301}\u{301}",
    "=HYPERLINK(\"http://x\",\"y\")",
    "+cmd|' /C calc'!A0",
    "'; DROP TABLE records; --",
    "%s%n%x",
    "2026-02-30",
    "+292277026596-12-04",
    "9999-99-99",
    "\u{10ffff}",
    "👨‍👩‍👧‍👦",
];

/// What messages are made of.
#[derive(Debug)]
pub struct Noise<'a> {
    /// Where chance comes from.
    pub random: &'a mut StdRng,
    /// Full names of what there is, by collection.
    pub names: &'a BTreeMap<String, Vec<String>>,
    /// How likely a field is odd rather than earnest.
    pub odd: f64,
}

impl Noise<'_> {
    /// A message of a type.
    pub fn message(&mut self, of: &MessageDescriptor) -> DynamicMessage {
        self.within(of, DEPTH)
    }

    fn within(&mut self, of: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(of.clone());
        for field in of.fields() {
            let inner = matches!(field.kind(), Kind::Message(_));
            // What makes a call special is left out as often as callers leave it out.
            let special = matches!(
                field.name(),
                "request_id" | "etag" | "page_token" | "update_mask" | "page_size"
            );
            let left_out = if special { 0.85 } else { 0.1 + self.odd / 3.0 };
            if self.random.random_bool(left_out) || (inner && depth == 0) {
                continue;
            }
            let value = if field.is_map() {
                self.map(&field, depth)
            } else if field.is_list() {
                let odd = self.random.random_bool(self.odd / 50.0);
                let many = if odd && !inner {
                    2_000
                } else {
                    self.random.random_range(0..3)
                };
                Value::List((0..many).map(|_| self.value(&field, depth)).collect())
            } else {
                self.value(&field, depth)
            };
            message.set_field(&field, value);
        }
        message
    }

    fn map(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        let Kind::Message(entry) = field.kind() else {
            return field.default_value();
        };
        let of = entry.map_entry_value_field();
        let entries = (0..2).map(|at| (MapKey::String(format!("k{at}")), self.value(&of, depth)));
        Value::Map(entries.collect())
    }

    fn value(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        match field.kind() {
            Kind::Double => Value::F64(self.double()),
            Kind::Float => Value::F32(self.double() as f32),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.whole(field) as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.whole(field)),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.whole(field) as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.whole(field) as u64),
            Kind::Bool => Value::Bool(self.random.random()),
            Kind::String => Value::String(self.word(field)),
            Kind::Bytes => Value::Bytes(bytes(self.random, 64).into()),
            Kind::Message(inner) => Value::Message(self.within(&inner, depth.saturating_sub(1))),
            Kind::Enum(words) => {
                let known = words.values().len() as i32;
                Value::EnumNumber(if self.is_odd() {
                    *[0, known, -1, i32::MAX].choose(self.random).unwrap()
                } else {
                    self.random.random_range(1..known.max(2))
                })
            }
        }
    }

    fn is_odd(&mut self) -> bool {
        self.random.random_bool(self.odd)
    }

    fn whole(&mut self, field: &FieldDescriptor) -> i64 {
        let most = [
            0,
            -1,
            i64::from(i32::MAX),
            i64::from(i32::MIN),
            i64::MAX,
            i64::MIN,
        ];
        if self.is_odd() {
            *most.choose(self.random).unwrap()
        } else if field.name().ends_with("year") {
            self.random.random_range(2025..2028)
        } else {
            self.random.random_range(1..100)
        }
    }

    fn double(&mut self) -> f64 {
        let most = [
            0.0,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e308,
            5e-324,
        ];
        if self.is_odd() {
            *most.choose(self.random).unwrap()
        } else {
            self.random.random_range(0.0..120.0)
        }
    }

    fn word(&mut self, field: &FieldDescriptor) -> String {
        if self.is_odd() {
            return match self.random.random_range(0..20) {
                0 => "督".repeat(self.random.random_range(1..20_000)),
                1 => String::from_utf8_lossy(&bytes(self.random, 40)).into_owned(),
                _ => (*WORDS.choose(self.random).unwrap()).to_owned(),
            };
        }
        if let Some(collection) = collection(field) {
            let all = self.names.get(&collection).map_or(&[][..], Vec::as_slice);
            return all.choose(self.random).cloned().unwrap_or_default();
        }
        if field.name().ends_with("date") || field.name() == "day" {
            let (month, day) = (
                self.random.random_range(1..13),
                self.random.random_range(1..29),
            );
            return format!("2026-{month:02}-{day:02}");
        }
        match self.random.random_range(0..6) {
            0 => format!("x{}", self.random.random_range(0..40)),
            1 => format!("{:08x}", self.random.random::<u32>()),
            _ => "据实填写".to_owned(),
        }
    }
}

fn bytes(random: &mut StdRng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; random.random_range(0..=most)];
    random.fill_bytes(&mut bytes);
    bytes
}

/// An encoded message after an accident: bits turned over, an end cut off, bytes put in, or nothing but noise.
pub fn broken(random: &mut StdRng, message: &DynamicMessage) -> Vec<u8> {
    let mut encoded = message.encode_to_vec();
    match random.random_range(0..4) {
        0 => return bytes(random, 200),
        1 => encoded.truncate(random.random_range(0..=encoded.len())),
        2 => {
            let at = random.random_range(0..=encoded.len());
            let noise = bytes(random, 8);
            encoded.splice(at..at, noise);
        }
        _ => {
            for _ in 0..random.random_range(1..6) {
                let length = encoded.len();
                if let Some(byte) = encoded.get_mut(random.random_range(0..length.max(1))) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
        }
    }
    encoded
}

/// A message within a message within a message, as deep as is asked.
pub fn nested(depth: usize) -> Vec<u8> {
    let mut encoded = Vec::new();
    for _ in 0..depth {
        let mut outer = vec![0x0a];
        prost::encoding::encode_varint(encoded.len() as u64, &mut outer);
        outer.extend(encoded);
        encoded = outer;
    }
    encoded
}
