//! Steps as forms: what a step asks for stands in one line a field, and what is wrong beside it.

use tonic::Status;

use crate::desk::id;
use crate::fields::{Fields, Wrongs};
use crate::frame::Frame;
use crate::refusal::Refusal;

/// A step that can be taken on a page.
#[derive(Clone, Debug)]
pub struct Form {
    /// What it does.
    pub verb: &'static str,
    pub word: &'static str,
    /// What of the page's resource it is about: a finding; "" for the whole.
    pub subject: String,
    pub fields: Vec<Field>,
    /// Whether it may be filled in without signal, to be sent later.
    pub kept: bool,
    /// The step that must have been written down before, if it is not the visit's next one: shown only where it has been.
    pub after: &'static str,
}

/// A field of a form, named as the contract names it.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    pub word: &'static str,
    pub kind: Kind,
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Line,
    Text,
    Date,
    Tick,
    Number,
    /// The hash of a secret that does not leave the device.
    Commitment,
    /// Photos, made small on the device; only where forms are kept.
    Photos,
    Choice(Vec<(&'static str, &'static str)>),
}

impl Form {
    pub fn new(verb: &'static str, word: &'static str, subject: &str) -> Self {
        Self {
            verb,
            word,
            subject: subject.to_owned(),
            fields: Vec::new(),
            kept: false,
            after: "",
        }
    }

    /// The same form, kept on the device until there is signal.
    #[must_use]
    pub fn kept(self, after: &'static str) -> Self {
        Self {
            kept: true,
            after,
            ..self
        }
    }

    /// What names a field on a page with several forms.
    pub fn key(&self, field: &str) -> String {
        format!("{}-{}-{field}", self.verb, id(&self.subject))
    }

    #[must_use]
    pub fn field(mut self, name: &'static str, word: &'static str, kind: Kind) -> Self {
        self.fields.push(Field { name, word, kind });
        self
    }
}

/// The form that was sent, if it was refused.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    verb: String,
    subject: String,
    fields: Fields,
    wrongs: Wrongs,
}

impl Sent {
    /// What was sent, and what a service says to it; an error that no form can mend stays one.
    pub fn refused(fields: Fields, status: &Status, t: &Frame) -> Result<Self, Refusal> {
        let shown: Vec<_> = fields.0.iter().map(|(name, _)| name.as_str()).collect();
        Ok(Self {
            wrongs: Wrongs::of(status, &shown, t)?,
            verb: fields.get("verb").to_owned(),
            subject: fields.get("subject").to_owned(),
            fields,
        })
    }

    /// Whether it was this form.
    pub fn is(&self, form: &Form) -> bool {
        self.verb == form.verb && self.subject == form.subject
    }

    /// What was filled in.
    pub fn value(&self, form: &Form, name: &str) -> &str {
        if self.is(form) {
            self.fields.get(name)
        } else {
            ""
        }
    }

    /// What is wrong with a field.
    pub fn wrong(&self, form: &Form, name: &str) -> &str {
        if self.is(form) {
            self.wrongs.at(name)
        } else {
            ""
        }
    }

    /// What stands against the whole.
    pub fn above(&self) -> &[String] {
        &self.wrongs.above
    }
}
