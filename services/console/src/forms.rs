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
    pub verb: String,
    pub word: &'static str,
    /// What of the page's resource it is about: a finding; "" for the whole.
    pub subject: String,
    /// The same in words, where a page has several forms of one verb.
    pub about: &'static str,
    pub fields: Vec<Field>,
    /// What stands in it before anything is sent.
    pub filled: Fields,
    /// Whether it may be filled in without signal, to be sent later.
    pub kept: bool,
    /// The step that must have been written down before, if it is not the visit's next one: shown only where it has been.
    pub after: &'static str,
}

/// A field of a form, named as the contract names it.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub word: String,
    pub kind: Kind,
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Line,
    Text,
    /// Several records, one a line, with these columns.
    Table(String),
    Date,
    Tick,
    Number,
    /// The hash of a secret that does not leave the device.
    Commitment,
    /// Photos, made small on the device; only where forms are kept.
    Photos,
    /// One of these: what is sent, and in words.
    Choice(Vec<(String, String)>),
    /// Any of these.
    Several(Vec<(String, String)>),
}

impl Kind {
    pub fn choice<W: Into<String>, S: Into<String>>(
        offered: impl IntoIterator<Item = (W, S)>,
    ) -> Self {
        Self::Choice(in_words(offered))
    }

    pub fn several<W: Into<String>, S: Into<String>>(
        offered: impl IntoIterator<Item = (W, S)>,
    ) -> Self {
        Self::Several(in_words(offered))
    }
}

fn in_words<W: Into<String>, S: Into<String>>(
    offered: impl IntoIterator<Item = (W, S)>,
) -> Vec<(String, String)> {
    let offered = offered.into_iter();
    offered
        .map(|(value, word)| (value.into(), word.into()))
        .collect()
}

impl Form {
    pub fn new(verb: impl Into<String>, word: &'static str, subject: &str) -> Self {
        Self {
            verb: verb.into(),
            word,
            subject: subject.to_owned(),
            about: "",
            fields: Vec::new(),
            filled: Fields::default(),
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
    pub fn field(mut self, name: impl Into<String>, word: impl Into<String>, kind: Kind) -> Self {
        self.fields.push(Field {
            name: name.into(),
            word: word.into(),
            kind,
        });
        self
    }

    /// The same form, with what it is about.
    #[must_use]
    pub fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
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
        let wrongs = Wrongs::of(status, &shown, t)?;
        Ok(Self::with(fields, wrongs))
    }

    /// What was sent, and what is wrong with it.
    pub fn with(fields: Fields, wrongs: Wrongs) -> Self {
        Self {
            wrongs,
            verb: fields.get("verb").to_owned(),
            subject: fields.get("subject").to_owned(),
            fields,
        }
    }

    /// Whether it was this form.
    pub fn is(&self, form: &Form) -> bool {
        self.verb == form.verb && self.subject == form.subject
    }

    /// What stands in a form.
    fn said<'a>(&'a self, form: &'a Form) -> &'a Fields {
        if self.is(form) {
            &self.fields
        } else {
            &form.filled
        }
    }

    /// What was filled in.
    pub fn value<'a>(&'a self, form: &'a Form, name: &str) -> &'a str {
        self.said(form).get(name)
    }

    /// Whether it is one of what was chosen.
    pub fn chose(&self, form: &Form, name: &str, value: &str) -> bool {
        let mut chosen = self.said(form).all(name);
        chosen.any(|chosen| chosen == value)
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
