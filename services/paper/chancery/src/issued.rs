//! A document that was issued.

use chrono::{Datelike as _, NaiveDate};
use dudao_law::{Refusal, Violations, text};
use dudao_paper::Paper;
use dudao_platform::carry::needed_word;
use dudao_platform::document::{self, Concerns, Document, Record};
use dudao_platform::{Result, Tx, blob, mirror};
use dudao_proto::document::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::{About, Draft};

dudao_law::words!(
    /// What a document is.
    Kind {
        /// Of a visit.
        OpinionLetter = "督导意见书",
        /// Of a case.
        RectificationDecision = "整改决定书",
        /// Of a case.
        UrgingLetter = "督办函",
        /// Of a case.
        InterviewRecord = "约谈记录",
        /// Of a case.
        Notification = "通报",
        /// Of an accountability decision.
        AccountabilityDecision = "问责决定书",
        /// Of a supervisor.
        LetterOfAppointment = "督学聘书",
        /// Of a plaque.
        Plaque = "责任督学公示牌",
        /// Of a county.
        YearlyReport = "年度督导报告",
        /// Of a draw.
        DrawRecord = "随机抽取记录",
    }
);

dudao_law::words!(
    /// In which form a document is handed out.
    Form {
        /// A file that offices edit.
        Docx = "docx",
        /// For the record.
        Pdf = "pdf",
    }
);

dudao_law::words!(
    /// Where a document stands.
    State {
        /// It holds.
        Issued = "已印发",
        /// It was taken back.
        Withdrawn = "已撤回",
    }
);

impl Kind {
    /// What names of documents begin with.
    pub fn slug(self) -> &'static str {
        match self {
            Self::OpinionLetter => "opinion-letter",
            Self::RectificationDecision => "rectification-decision",
            Self::UrgingLetter => "urging-letter",
            Self::InterviewRecord => "interview-record",
            Self::Notification => "notification",
            Self::AccountabilityDecision => "accountability-decision",
            Self::LetterOfAppointment => "letter-of-appointment",
            Self::Plaque => "plaque",
            Self::YearlyReport => "yearly-report",
            Self::DrawRecord => "draw-record",
        }
    }

    /// What stands for it in numbers.
    pub fn word(self) -> &'static str {
        match self {
            Self::OpinionLetter => "意",
            Self::RectificationDecision => "改",
            Self::UrgingLetter => "函",
            Self::InterviewRecord => "谈",
            Self::Notification => "通",
            Self::AccountabilityDecision => "责",
            Self::LetterOfAppointment => "聘",
            Self::Plaque => "",
            Self::YearlyReport => "报",
            Self::DrawRecord => "抽",
        }
    }

    /// Whether it has a number.
    pub fn is_numbered(self) -> bool {
        !self.word().is_empty()
    }
}

impl Form {
    /// Reads a form; .docx if none is stated.
    pub fn read(number: i32) -> Result<Self> {
        let mut wrong = Violations::new();
        let form = needed_word(number.max(1), &mut wrong, "form");
        wrong.into_result()?;
        Ok(form)
    }

    /// What its files' names end with.
    pub fn ending(self) -> &'static str {
        self.zh()
    }
}

/// A frozen copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Its form.
    pub form: Form,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// Bytes of its content.
    pub size_bytes: i64,
}

/// A document that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// What it is.
    pub kind: Kind,
    /// What it is about.
    pub subject: String,
    /// Which one of the subject's.
    pub part: i32,
    /// Its number; "" if it has none.
    pub number: String,
    /// Its place in the register; 0 if it has none there.
    pub serial: i32,
    /// The year of the register.
    pub year: i32,
    /// Its title.
    pub title: String,
    /// The day that it bears.
    pub issue_date: Option<NaiveDate>,
    /// Whether somebody has edited the draft.
    pub edited: bool,
    /// Where it stands.
    pub state: State,
    /// When it was withdrawn.
    pub withdraw_date: Option<NaiveDate>,
    /// Why it was withdrawn.
    pub withdraw_reason: String,
    /// Its frozen copies.
    pub copies: Vec<Copy>,
    /// Whom it concerns beside the office.
    #[serde(default)]
    pub concerns: Vec<String>,
}

mirror!(Copy => proto::DocumentCopy { } out { form as word, sha256, size_bytes });

impl Default for Form {
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl dudao_platform::carry::Carry<proto::Document> for Issued {
    fn carry(&self) -> proto::Document {
        use dudao_law::Word as _;
        let Self {
            kind,
            subject,
            part,
            number,
            serial,
            year,
            title,
            issue_date,
            edited,
            state,
            withdraw_date,
            withdraw_reason,
            copies,
            // Whom it concerns is told by its subject.
            concerns: _,
        } = self;
        proto::Document {
            kind: kind.number(),
            subject: subject.clone(),
            part: *part,
            number: number.clone(),
            serial: *serial,
            year: *year,
            title: title.clone(),
            issue_date: issue_date.carry(),
            edited: *edited,
            state: state.number(),
            withdraw_date: withdraw_date.carry(),
            withdraw_reason: withdraw_reason.clone(),
            copies: copies.carry(),
            ..proto::Document::default()
        }
    }

    fn take(message: proto::Document, wrong: &mut Violations, _: &str) -> Self {
        // Nobody sends one: documents are issued.
        Self {
            kind: needed_word(message.kind, wrong, "kind"),
            subject: message.subject,
            part: message.part,
            number: String::new(),
            serial: 0,
            year: 0,
            title: String::new(),
            issue_date: None,
            edited: false,
            state: State::Issued,
            withdraw_date: None,
            withdraw_reason: String::new(),
            copies: Vec::new(),
            concerns: Vec::new(),
        }
    }
}

dudao_platform::resource!(Issued => proto::Document, document, "document_id"; edit { };
    Created => proto::DocumentIssued, Updated => proto::DocumentWithdrawn);

impl Document for Issued {
    const COLLECTION: &'static str = "documents";

    fn ended(&self) -> bool {
        self.state == State::Withdrawn
    }

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        if self.concerns.is_empty() {
            Concerns::Office
        } else {
            Concerns::Only(self.concerns.clone())
        }
    }

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn subject(&self) -> &str {
        &self.subject
    }

    fn day(&self) -> String {
        self.issue_date
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
}

impl Issued {
    /// A document with the copies that are frozen.
    pub(crate) fn new(
        about: &About<'_>,
        draft: &Draft,
        paper: &Paper,
        (serial, edited): (i32, bool),
        copies: &[(Form, Vec<u8>)],
    ) -> Self {
        let copies = copies.iter().map(|(form, content)| Copy {
            form: *form,
            sha256: blob::sha256(content),
            size_bytes: content.len() as i64,
        });
        Self {
            kind: about.kind,
            subject: about.subject.to_owned(),
            part: draft.part,
            number: paper.number.clone(),
            serial,
            year: draft.date.year(),
            title: if paper.title.is_empty() {
                about.kind.zh().to_owned()
            } else {
                paper.title.clone()
            },
            issue_date: Some(draft.date),
            edited,
            state: State::Issued,
            withdraw_date: None,
            withdraw_reason: String::new(),
            copies: copies.collect(),
            concerns: draft.concerns.clone(),
        }
    }

    /// Nobody writes one by hand.
    pub fn check(self, _: &str) -> Result<Self, Violations> {
        Ok(self)
    }

    /// Nothing of it changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Takes it back: it keeps its number and its copies.
    pub fn withdraw(self, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        if self.state == State::Withdrawn {
            return Err(Refusal::state(
                "document.state",
                "",
                "此前已经撤回",
                "it was withdrawn before",
            ));
        }
        Ok(Self {
            state: State::Withdrawn,
            withdraw_date: Some(today),
            withdraw_reason: reason.to_owned(),
            ..self
        })
    }

    /// Its copy of a form.
    pub fn copy(&self, form: Form) -> Option<&Copy> {
        self.copies.iter().find(|copy| copy.form == form)
    }

    /// What a copy's file is called.
    pub fn file_name(&self, form: Form) -> String {
        let name = if self.number.is_empty() {
            &self.title
        } else {
            &self.number
        };
        let name: String = name
            .chars()
            .filter(|letter| !matches!(letter, '/' | '\\' | '"'))
            .collect();
        format!("{} {name}.{}", self.kind, form.ending())
    }
}

/// Where a document is or would be: its code, and the one that holds. One that was withdrawn makes place for another.
pub(crate) async fn place(
    tx: &mut Tx,
    about: &About<'_>,
    part: i32,
) -> Result<(String, Option<Record<Issued>>)> {
    let subject = about.subject.rsplit('/').next().unwrap_or_default();
    let base = match (about.kind, part) {
        // The county's own is named by its part alone.
        (Kind::YearlyReport, year) => format!("{}-{year}", about.kind.slug()),
        (kind, 0) => format!("{}-{subject}", kind.slug()),
        (kind, part) => format!("{}-{subject}-{part}", kind.slug()),
    };
    let mut again = 1;
    loop {
        let code = if again == 1 {
            base.clone()
        } else {
            format!("{base}~{again}")
        };
        match document::find::<Issued>(tx, about.county, &code).await? {
            Some(record) if record.content.state == State::Withdrawn => again += 1,
            found => return Ok((code, found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawn_document_keeps_its_number_and_is_withdrawn_once() {
        let document = Issued {
            kind: Kind::UrgingLetter,
            subject: "counties/140525/cases/c1".into(),
            part: 1,
            number: "泽教督函〔2026〕3号".into(),
            serial: 3,
            year: 2026,
            title: "督办函".into(),
            issue_date: None,
            edited: false,
            state: State::Issued,
            withdraw_date: None,
            withdraw_reason: String::new(),
            copies: Vec::new(),
            concerns: Vec::new(),
        };
        let today = "2026-11-27".parse().unwrap();
        assert!(
            document.clone().withdraw(" ", today).is_err(),
            "a reason is needed"
        );
        let withdrawn = document.clone().withdraw("文字有误", today).unwrap();
        assert_eq!((withdrawn.serial, &withdrawn.number), (3, &document.number));
        assert_eq!(
            withdrawn.withdraw("再次", today).unwrap_err().keys(),
            ["document.state"]
        );
    }
}
