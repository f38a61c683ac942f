//! Official documents (公文) in the layout of GB/T 9704-2012: what they consist of, and as .docx files that offices edit.
//!
//! A [`Paper`] says what a document consists of, and nothing of how it looks; [`layout`] has the standard's measures, of
//! which both forms are made: .docx here, PDF by `dudao-press`. The same paper gives the same bytes, so that a hash of them
//! means something. An edited .docx is read back by its styles ([`Paper::read`]): what is issued always has the layout.

mod docx;
pub mod layout;
mod letterhead;
mod numerals;
mod qr;
mod read;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use letterhead::Letterhead;
pub use numerals::{Body, day, money, numeral};
pub use qr::Code;
pub use read::Unreadable;

/// A .docx that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be written: {0}")]
pub struct Unwritable(String);

/// A document: its elements in the order of GB/T 9704-2012, 7. "" leaves an element out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// 发文机关标志: whose paper it is, in red above the line (7.2.4).
    pub issuer: String,
    /// 发文字号 (7.2.5); "" while it is a draft.
    pub number: String,
    /// 标题 (7.3.1).
    pub title: String,
    /// 主送机关, without the colon (7.3.2).
    pub addressee: String,
    /// 正文 (7.3.3), and tables.
    pub body: Vec<Block>,
    /// 附件说明 (7.3.4): the names of annexes.
    pub annexes: Vec<String>,
    /// 发文机关署名 (7.3.5).
    pub signature: String,
    /// 成文日期 (7.3.5).
    pub date: Option<NaiveDate>,
    /// 附注, without the brackets (7.3.6).
    pub note: String,
    /// 抄送机关, without the full stop (7.4.2).
    pub copies: String,
    /// 印发机关 (7.4.3).
    pub printer: String,
}

/// A part of a document's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A heading with its number, of level 1 to 4: 一、（一）1.（1）.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A table; its first row is its head.
    Table(Table),
    /// A large line in the middle of the page: of plaques and letters of appointment.
    Large(String),
    /// What a code leads to (QR).
    Code(String),
    /// The next block begins a page.
    Break,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// How wide the columns are, each to the others.
    pub widths: Vec<u32>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<String>>,
}

impl Paper {
    /// As a .docx file.
    pub fn docx(&self) -> Result<Vec<u8>, Unwritable> {
        docx::write(&self.plain())
    }

    /// Reads a .docx file that [`Paper::docx`] has written and that someone has edited since. Number and date are not the
    /// editor's: they are left out.
    pub fn read(file: &[u8]) -> Result<Self, Unreadable> {
        read::read(file)
    }

    /// Without what can't stand in a file: letters that XML does not have, and breaks within a line; a paragraph with
    /// breaks becomes several. What is empty is left out.
    #[must_use]
    pub fn plain(&self) -> Self {
        let body = self.body.iter().flat_map(|block| match block {
            Block::Text(text) => lines(text).map(Block::Text).collect(),
            Block::Heading(level, text) => vec![Block::Heading((*level).clamp(1, 4), line(text))],
            Block::Large(text) => vec![Block::Large(line(text))],
            Block::Code(text) => vec![Block::Code(line(text))],
            Block::Table(table) => vec![Block::Table(table.plain())],
            Block::Break => vec![Block::Break],
        });
        Self {
            issuer: line(&self.issuer),
            number: line(&self.number),
            title: line(&self.title),
            addressee: line(&self.addressee),
            body: body.filter(|block| !block.is_empty()).collect(),
            annexes: self
                .annexes
                .iter()
                .map(|name| line(name))
                .filter(|name| !name.is_empty())
                .collect(),
            signature: line(&self.signature),
            date: self.date,
            note: line(&self.note),
            copies: line(&self.copies),
            printer: line(&self.printer),
        }
    }

    /// The number of a paper without an issuer's mark, which stands below its large line: of a letter of appointment.
    pub fn number_below(&self, block: usize) -> Option<String> {
        let first = self
            .body
            .iter()
            .position(|block| matches!(block, Block::Large(_)));
        let below = self.issuer.is_empty() && !self.number.is_empty() && first == Some(block);
        below.then(|| format!("编号：{}", self.number))
    }

    /// Whether it is hung up or handed over, as a plaque or a letter of appointment: its pages have no numbers.
    pub fn is_sheet(&self) -> bool {
        let mut blocks = self.body.iter();
        blocks.any(|block| matches!(block, Block::Large(_)))
    }

    /// Whether a signature or a date follows the body at once: they never stand alone on a page (7.3.5).
    pub fn is_signed(&self) -> bool {
        self.annexes.is_empty() && (!self.signature.is_empty() || self.date.is_some())
    }

    /// All that it says, element by element.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = vec![
            self.issuer.clone(),
            self.number.clone(),
            self.title.clone(),
            self.addressee.clone(),
        ];
        for block in &self.body {
            match block {
                Block::Heading(_, text) | Block::Text(text) | Block::Large(text) => {
                    texts.push(text.clone());
                }
                Block::Table(table) => texts.extend(table.rows.iter().flatten().cloned()),
                Block::Code(_) | Block::Break => {}
            }
        }
        texts.extend(self.annexes.iter().cloned());
        texts.push(self.signature.clone());
        texts.extend(self.date.map(day));
        texts.extend([&self.note, &self.copies, &self.printer].map(Clone::clone));
        texts.retain(|text| !text.is_empty());
        texts
    }
}

impl Block {
    fn is_empty(&self) -> bool {
        match self {
            Self::Heading(_, text) | Self::Text(text) | Self::Large(text) | Self::Code(text) => {
                text.is_empty()
            }
            Self::Table(table) => table.rows.is_empty(),
            Self::Break => false,
        }
    }
}

impl Table {
    /// A table with its head.
    pub fn new<const N: usize>(columns: [(&str, u32); N]) -> Self {
        Self {
            widths: columns.iter().map(|(_, width)| *width).collect(),
            rows: vec![columns.iter().map(|(head, _)| (*head).to_owned()).collect()],
        }
    }

    /// With another row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Every row as wide as the widest.
    fn plain(&self) -> Self {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths = (0..columns).map(|at| self.widths.get(at).copied().unwrap_or(1).clamp(1, 100));
        let rows = self.rows.iter().map(|row| {
            let cells =
                (0..columns).map(|at| row.get(at).map_or_else(String::new, |cell| line(cell)));
            cells.collect()
        });
        Self {
            widths: widths.collect(),
            rows: rows.filter(|_| columns > 0).collect(),
        }
    }
}

/// A text in one line.
fn line(text: &str) -> String {
    lines(text).collect::<Vec<_>>().join(" ")
}

/// The lines of a text that say something.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(|line| {
            let kept = line
                .chars()
                .map(|letter| if letter == '\t' { ' ' } else { letter });
            let kept: String = kept.filter(|letter| is_letter(*letter)).collect();
            kept.trim().to_owned()
        })
        .filter(|line| !line.is_empty())
}

/// Whether XML 1.0 has it (2.2), and it is to be seen.
fn is_letter(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
