//! Reads an edited .docx back: paragraphs by the names of their styles, tables by their cells.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most of what XML consists of says nothing here"
)]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use crate::docx::Element;
use crate::{Block, Paper, Table};

/// Bytes of a part of a file once unpacked: a document that is larger is none.
const MOST_BYTES: u64 = 8 << 20;

/// A file that is no document, or none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not a .docx file.
    #[error("it is not a .docx file: {0}")]
    Damaged(String),
    /// A part is too large.
    #[error("it is too large once unpacked")]
    Large,
    /// Changes are tracked and neither accepted nor rejected.
    #[error("it has tracked changes that are neither accepted nor rejected")]
    Tracked,
    /// It has no title by our style, or no body.
    #[error("it has neither a title nor a body in the styles of a draft")]
    Foreign,
}

impl From<quick_xml::Error> for Unreadable {
    fn from(error: quick_xml::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

pub fn read(file: &[u8]) -> Result<Paper, Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(file))
        .map_err(|error| Unreadable::Damaged(error.to_string()))?;
    let styles = styles(&part(&mut archive, "word/styles.xml")?)?;
    let parts = parts(&part(&mut archive, "word/document.xml")?, &styles)?;
    paper(parts)
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, Unreadable> {
    let part = archive
        .by_name(name)
        .map_err(|error| Unreadable::Damaged(error.to_string()))?;
    let mut text = String::new();
    part.take(MOST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| Unreadable::Damaged(error.to_string()))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Unreadable::Large);
    }
    Ok(text)
}

/// An attribute by its name without a prefix.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .flatten()
        .find(|one| one.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// Our elements by the ids that the file has for their styles: editors change ids, and keep names.
fn styles(xml: &str) -> Result<BTreeMap<String, Element>, Unreadable> {
    let mut reader = Reader::from_str(xml);
    let (mut found, mut id) = (BTreeMap::new(), String::new());
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "style" => id = attribute(&tag, "styleId").unwrap_or_default(),
                "name" => {
                    let name = attribute(&tag, "val").unwrap_or_default();
                    let element = Element::ALL.into_iter().find(|one| one.name() == name);
                    found.extend(element.map(|element| (id.clone(), element)));
                }
                _ => {}
            },
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// What a document consists of, in order.
enum Part {
    Paragraph {
        element: Option<Element>,
        text: String,
        breaks: bool,
    },
    Table(Vec<Vec<(Option<Element>, String)>>, Vec<u32>),
}

#[derive(Default)]
struct Paragraph {
    element: Option<Element>,
    text: String,
    breaks: bool,
}

fn parts(xml: &str, styles: &BTreeMap<String, Element>) -> Result<Vec<Part>, Unreadable> {
    let mut reader = Reader::from_str(xml);
    let mut parts = Vec::new();
    let mut paragraph = Paragraph::default();
    // Tables within tables are read as one.
    let (mut depth, mut in_text) = (0usize, false);
    let mut rows: Vec<Vec<(Option<Element>, String)>> = Vec::new();
    let mut widths = Vec::new();
    loop {
        let event = reader.read_event()?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let empty = matches!(event, Event::Empty(_));
                match tag.local_name().as_ref() {
                    "ins" | "del" | "moveFrom" | "moveTo" => return Err(Unreadable::Tracked),
                    "p" if !empty => paragraph = Paragraph::default(),
                    "pStyle" => {
                        let id = attribute(tag, "val").unwrap_or_default();
                        paragraph.element = styles.get(&id).copied();
                    }
                    "pageBreakBefore" => {
                        let off = attribute(tag, "val");
                        paragraph.breaks = !matches!(off.as_deref(), Some("false" | "0"));
                    }
                    "t" if !empty => in_text = true,
                    "br" | "cr"
                        if attribute(tag, "type").is_none_or(|kind| kind == "textWrapping") =>
                    {
                        paragraph.text.push('\n');
                    }
                    "tbl" if !empty => depth += 1,
                    "tr" if depth == 1 => rows.push(Vec::new()),
                    "tc" if depth == 1 => {
                        if let Some(row) = rows.last_mut() {
                            row.push((None, String::new()));
                        }
                    }
                    "gridCol" if depth == 1 => {
                        let width = attribute(tag, "w").and_then(|width| width.parse().ok());
                        widths.push(width.unwrap_or(1));
                    }
                    _ => {}
                }
            }
            Event::Text(text) if in_text => {
                paragraph.text.push_str(&text.xml10_content());
            }
            Event::GeneralRef(entity) if in_text => {
                paragraph.text.extend(letter(entity)?);
            }
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => in_text = false,
                "p" => {
                    let Paragraph {
                        element,
                        text,
                        breaks,
                    } = std::mem::take(&mut paragraph);
                    if depth == 0 {
                        parts.push(Part::Paragraph {
                            element,
                            text,
                            breaks,
                        });
                    } else if let Some((of, cell)) = rows.last_mut().and_then(|row| row.last_mut())
                    {
                        *of = of.or(element);
                        if !cell.is_empty() && !text.is_empty() {
                            cell.push(' ');
                        }
                        cell.push_str(&text);
                    }
                }
                "tbl" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        parts.push(Part::Table(
                            std::mem::take(&mut rows),
                            std::mem::take(&mut widths),
                        ));
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(parts),
            _ => {}
        }
    }
}

/// The letter that a reference stands for.
fn letter(entity: &quick_xml::events::BytesRef<'_>) -> Result<Option<char>, Unreadable> {
    if let Some(letter) = entity.resolve_char_ref()? {
        return Ok(Some(letter));
    }
    Ok(match entity.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    })
}

/// Text without what goes around it.
fn within(text: &str, before: &str, after: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix(before).unwrap_or(text);
    text.strip_suffix(after).unwrap_or(text).trim().to_owned()
}

fn paper(parts: Vec<Part>) -> Result<Paper, Unreadable> {
    let mut paper = Paper::default();
    for part in parts {
        match part {
            Part::Paragraph {
                element,
                text,
                breaks,
            } => {
                if breaks {
                    paper.body.push(Block::Break);
                }
                place(&mut paper, element, &text);
            }
            Part::Table(rows, widths) => {
                let imprint = rows.iter().flatten().find_map(|(element, _)| {
                    element.filter(|one| matches!(one, Element::Copies | Element::Printer))
                });
                if imprint.is_some() {
                    for (element, text) in rows.iter().filter_map(|row| row.first()) {
                        place(&mut paper, *element, text);
                    }
                    continue;
                }
                let texts = |row: Vec<(Option<Element>, String)>| -> Vec<String> {
                    row.into_iter().map(|(_, text)| text).collect()
                };
                // Twips of a line, to a hundred: what a paper's widths are.
                let sum = widths.iter().sum::<u32>().max(1);
                paper.body.push(Block::Table(Table {
                    widths: widths
                        .iter()
                        .map(|width| (width * 100).div_ceil(sum))
                        .collect(),
                    rows: rows.into_iter().map(texts).collect(),
                }));
            }
        }
    }
    let paper = paper.plain();
    let headed = !paper.title.is_empty()
        || paper
            .body
            .iter()
            .any(|block| matches!(block, Block::Large(_)));
    if !headed || paper.body.is_empty() {
        return Err(Unreadable::Foreign);
    }
    Ok(paper)
}

/// Puts a paragraph where its style says that it belongs; what has none of ours is text.
fn place(paper: &mut Paper, element: Option<Element>, text: &str) {
    let more = |field: &mut String, text: String| {
        // An element that somebody has broken into two paragraphs is one still.
        field.push_str(&text);
    };
    match element {
        Some(Element::Issuer) => more(&mut paper.issuer, within(text, "", "")),
        Some(Element::Title) => more(&mut paper.title, within(text, "", "")),
        Some(Element::Addressee) => more(&mut paper.addressee, within(text, "", "：")),
        Some(Element::Heading1) => paper.body.push(Block::Heading(1, text.to_owned())),
        Some(Element::Heading2) => paper.body.push(Block::Heading(2, text.to_owned())),
        Some(Element::Heading3) => paper.body.push(Block::Heading(3, text.to_owned())),
        Some(Element::Heading4) => paper.body.push(Block::Heading(4, text.to_owned())),
        Some(Element::Large) => paper.body.push(Block::Large(text.to_owned())),
        Some(Element::Code) => paper.body.push(Block::Code(text.trim().to_owned())),
        Some(Element::Annex) => {
            let name = within(text, "附件：", "");
            let number = format!("{}.", paper.annexes.len() + 1);
            paper.annexes.push(within(&name, &number, ""));
        }
        Some(Element::Signature) => more(&mut paper.signature, within(text, "", "")),
        Some(Element::Note) => more(&mut paper.note, within(text, "（", "）")),
        Some(Element::Copies) => more(&mut paper.copies, within(text, "抄送：", "。")),
        Some(Element::Printer) => more(&mut paper.printer, within(text, "", "")),
        // The register gives them.
        Some(Element::Number | Element::Date | Element::Folio) => {}
        Some(Element::Text | Element::Cell) | None => paper.body.push(Block::Text(text.to_owned())),
    }
}
