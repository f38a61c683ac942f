//! Notes made at a visit, also out of reach of the network.

use chrono::{DateTime, Utc};
use dudao_law::{Violations, text};
use serde::{Deserialize, Serialize};

use super::visit::Location;
use super::{check_id, check_length};

dudao_law::words!(
    /// What a note is of.
    NoteKind {
        /// Seen on a round.
        Observation = "巡视查看",
        /// A lesson that was attended.
        Lesson = "听课",
        /// A talk.
        Talk = "访谈",
        /// Papers that were read.
        Document = "查阅资料",
        /// Something else.
        Other = "其他",
    }
);

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// The visit's name.
    pub visit: String,
    /// What it is of.
    pub kind: NoteKind,
    /// Which matter it is about; may be "".
    pub matter: String,
    /// What it says.
    pub text: String,
    /// Who made it.
    pub author: String,
    /// When it was made, as the device says.
    pub record_time: Option<DateTime<Utc>>,
    /// Where it was made.
    pub location: Option<Location>,
    /// Files; never required.
    pub evidence: Vec<String>,
}

impl Note {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "note_id", code);
        text(&mut wrong, "visit", &self.visit, 200);
        text(&mut wrong, "text", &self.text, 10_000);
        text(&mut wrong, "author", &self.author, 200);
        check_length(&mut wrong, "matter", &self.matter, 200);
        if let Some(location) = &self.location {
            wrong.take("location", location.check());
        }
        wrong.check(
            self.evidence.len() <= 100,
            "evidence",
            "最多 100 个附件",
            "must be at most 100 files",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// A note never changes.
    #[must_use]
    pub fn keep(self, _: &Self) -> Self {
        self
    }
}
