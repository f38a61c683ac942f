//! What a form or a query says.

use std::collections::HashMap;

use dudao_platform::rpc::Fault;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use tonic::{Code, Status};

use crate::frame::Frame;
use crate::refusal::Refusal;

/// Fields by name, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// Adds a value.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// The first value; "" if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// Every value that says something.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, value)| known == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
    }

    /// A number; none if nothing is said or what is said is no number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).parse().ok()
    }

    /// A number, and a word about it if what is said is none.
    pub fn decimal(&self, name: &str, wrongs: &mut Wrongs, t: &Frame) -> Option<f64> {
        let text = self.get(name).trim();
        let value = text.parse().ok();
        if value.is_none() && !text.is_empty() {
            wrongs.add(name, t.not_a_number);
        }
        value
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// The query that says the same but for one field.
    pub fn but(&self, name: &str, value: &str) -> String {
        let mut query = String::new();
        let kept = self
            .0
            .iter()
            .filter(|(known, value)| known != name && !value.is_empty());
        for (name, value) in kept
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .chain([(name, value)])
        {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.extend(encode(name));
            query.push('=');
            query.extend(encode(value));
        }
        query
    }
}

/// What a query leaves as it is (RFC 3986, section 2.3).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as a query writes it.
pub fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, PLAIN)
}

/// What is wrong with a form: beside its fields, and above them what has no field.
#[derive(Clone, Debug, Default)]
pub struct Wrongs {
    by_field: HashMap<String, String>,
    /// What stands against the whole.
    pub above: Vec<String>,
}

impl Wrongs {
    /// As a service says it, if the form is to blame; `shown` are the fields that stand in it.
    pub fn of(status: &Status, shown: &[&str], t: &Frame) -> Result<Self, Refusal> {
        Self::named(status, t, |field| {
            let mut parts = field.split(['.', '[']);
            let known = parts.find_map(|part| shown.iter().find(|name| **name == part));
            known.map(|name| (*name).to_owned())
        })
    }

    /// The same, where the form calls fields by other names; none for what does not stand in it, and "" for what says by itself what it
    /// is about.
    pub fn named(
        status: &Status,
        t: &Frame,
        name: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Refusal> {
        let fault = Fault::from(status);
        if !matches!(
            fault.code,
            Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound
        ) {
            return Err(status.clone().into());
        }
        let (mut wrongs, chinese) = (Self::default(), t.chinese());
        for field in &fault.fields {
            let words = if chinese { &field.zh } else { &field.en };
            match name(&field.field) {
                Some(name) if name.is_empty() => wrongs.above.push(words.clone()),
                Some(name) => wrongs.add(&name, words),
                None => wrongs.above.push(format!("{}：{words}", field.field)),
            }
        }
        wrongs
            .above
            .extend(fault.rules.iter().map(|rule| rule.zh.clone()));
        if wrongs.above.is_empty() && wrongs.by_field.is_empty() {
            wrongs
                .above
                .push(if chinese { &fault.zh } else { &fault.en }.clone());
        }
        Ok(wrongs)
    }

    /// Adds what is wrong with a field.
    pub fn add(&mut self, field: &str, words: &str) {
        self.by_field.insert(field.to_owned(), words.to_owned());
    }

    /// What is wrong with a field; "" if nothing.
    pub fn at(&self, field: &str) -> &str {
        self.by_field.get(field).map_or("", String::as_str)
    }

    /// Whether nothing is.
    pub fn none(&self) -> bool {
        self.by_field.is_empty() && self.above.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_another_page_keeps_the_filters() {
        let fields = Fields(vec![
            ("town".into(), "巴公镇".into()),
            ("q".into(), String::new()),
            ("page".into(), "2".into()),
        ]);
        assert_eq!(
            fields.but("page", "3"),
            "?town=%E5%B7%B4%E5%85%AC%E9%95%87&page=3"
        );
    }
}
