//! Evidence files. They are optional always; what was acknowledged stays on record, with its hash, whatever becomes of it.

use chrono::{DateTime, NaiveDate, Utc};
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::{check_id, check_length};

dudao_law::words!(
    /// What kind of file it is.
    EvidenceType {
        /// A photo.
        Jpeg = "JPEG 照片",
        /// A picture.
        Png = "PNG 图片",
        /// A picture.
        Webp = "WebP 图片",
        /// Papers.
        Pdf = "PDF 文档",
        /// A video.
        Mp4 = "MP4 视频",
        /// A recording.
        M4a = "M4A 录音",
        /// A recording.
        Mp3 = "MP3 录音",
        /// A text of Word.
        Docx = "Word 文档",
        /// A table of Excel.
        Xlsx = "Excel 表格",
        /// Plain text in UTF-8 or GB18030.
        Text = "文本",
    }
);

dudao_law::words!(
    /// Where a file stands.
    EvidenceState {
        /// It is part of the record.
        Kept = "有效",
        /// It was taken back.
        Withdrawn = "已撤回",
        /// Its content was removed for good.
        Removed = "内容已删除",
    }
);

impl Default for EvidenceState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// An evidence file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the file is called.
    pub file_name: String,
    /// What kind of file it is.
    pub r#type: EvidenceType,
    /// The visit's name; "" if it belongs to none.
    pub visit: String,
    /// Who made it.
    pub author: String,
    /// When it was made, as the device says.
    pub record_time: Option<DateTime<Utc>>,
    /// SHA-256 of the content; before it came in, what the device has counted or "".
    pub sha256: String,
    /// Bytes of the content.
    pub size_bytes: i64,
    /// Which content of this hash it is: how often the same was removed before.
    #[serde(default)]
    pub generation: i64,
    /// Where it stands.
    pub state: EvidenceState,
    /// Why it was taken back.
    pub withdraw_reason: String,
    /// When it was taken back.
    pub withdraw_date: Option<NaiveDate>,
    /// Why its content was removed.
    pub remove_reason: String,
    /// When its content was removed.
    pub remove_date: Option<NaiveDate>,
}

impl Evidence {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "evidence_id", code);
        text(&mut wrong, "file_name", &self.file_name, 200);
        wrong.check(
            !self
                .file_name
                .chars()
                .any(|one| one.is_control() || matches!(one, '/' | '\\')),
            "file_name",
            "文件名不能含斜杠或控制字符",
            "must have no slashes or control characters",
        );
        check_length(&mut wrong, "visit", &self.visit, 200);
        text(&mut wrong, "author", &self.author, 200);
        let hash = self.sha256.is_empty()
            || self.sha256.len() == 64
                && self
                    .sha256
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        wrong.check(
            hash,
            "sha256",
            "须为 64 位小写十六进制，或不填",
            "must be 64 hexadecimal digits in lower case, or nothing",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// A file never changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// With its content, of this hash: refused if that is not what was announced.
    pub fn receive(self, content: &[u8], sha256: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.check(
            !content.is_empty(),
            "chunk",
            "文件没有内容",
            "must not be empty",
        );
        wrong.check(
            self.sha256.is_empty() || self.sha256 == sha256,
            "evidence.sha256",
            format!("收到的内容与所报散列不符（收到 {sha256}），请重新发送"),
            format!("is not that of the content, {sha256}: send it again"),
        );
        let found = sniff(content);
        wrong.check(
            content.is_empty() || found == Some(self.r#type),
            "evidence.type",
            match found {
                Some(found) => format!("内容为{found}，与所报的{}不符", self.r#type),
                None => format!(
                    "内容不是{}；可收的类型：{}",
                    self.r#type,
                    EvidenceType::ALL
                        .iter()
                        .map(|one| one.zh())
                        .collect::<Vec<_>>()
                        .join("、")
                ),
            },
            "is not that of the content",
        );
        wrong.into_result()?;
        Ok(Self {
            sha256: sha256.to_owned(),
            size_bytes: content.len() as i64,
            ..self
        })
    }

    /// Whether a file that is sent under the same id is this one.
    pub fn is_same(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.visit == other.visit && self.r#type == other.r#type
    }

    /// Whether its content can be read.
    pub fn may_read(&self) -> Result<(), Refusal> {
        if self.state == EvidenceState::Removed {
            return Err(Refusal::state(
                "evidence.state",
                "",
                format!("文件内容已删除：{}", self.remove_reason),
                "its content was removed for good",
            ));
        }
        Ok(())
    }

    /// Takes it back; the record and the content stay.
    pub fn withdraw(self, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        if self.state != EvidenceState::Kept {
            return Err(Refusal::state(
                "evidence.state",
                "",
                format!("该文件{}", self.state),
                "it was taken back before",
            ));
        }
        check_reason(reason)?;
        Ok(Self {
            state: EvidenceState::Withdrawn,
            withdraw_reason: reason.to_owned(),
            withdraw_date: Some(today),
            ..self
        })
    }

    /// Removes its content for good; only what was taken back, so that it takes two decisions.
    pub fn remove(self, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        if self.state != EvidenceState::Withdrawn {
            return Err(Refusal::state(
                "evidence.state",
                "",
                format!("该文件{}：须先撤回，才能删除内容", self.state),
                "its content is removed only after it was withdrawn",
            ));
        }
        check_reason(reason)?;
        Ok(Self {
            state: EvidenceState::Removed,
            remove_reason: reason.to_owned(),
            remove_date: Some(today),
            ..self
        })
    }
}

fn check_reason(reason: &str) -> Result<(), Violations> {
    let mut wrong = Violations::new();
    text(&mut wrong, "reason", reason, 500);
    wrong.into_result()
}

/// What a content is, by its first bytes; a text by the lack of anything that is none. None if it is nothing that is taken.
pub fn sniff(content: &[u8]) -> Option<EvidenceType> {
    let starts = |magic: &[u8]| content.starts_with(magic);
    if starts(b"\xFF\xD8\xFF") {
        Some(EvidenceType::Jpeg)
    } else if starts(b"\x89PNG\r\n\x1A\n") {
        Some(EvidenceType::Png)
    } else if starts(b"RIFF") {
        (content.get(8..12) == Some(&b"WEBP"[..])).then_some(EvidenceType::Webp)
    } else if starts(b"%PDF-") {
        Some(EvidenceType::Pdf)
    } else if content.get(4..8) == Some(&b"ftyp"[..]) {
        match content.get(8..12)? {
            b"M4A " | b"M4B " => Some(EvidenceType::M4a),
            b"isom" | b"iso2" | b"iso4" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1"
            | b"M4V " | b"dash" | b"3gp4" | b"3gp5" => Some(EvidenceType::Mp4),
            _ => None,
        }
    } else if starts(b"ID3") || is_mpeg_audio(content) {
        Some(EvidenceType::Mp3)
    } else if starts(b"PK\x03\x04") {
        // The names of a ZIP's parts stand in it as they are.
        if !has(content, b"[Content_Types].xml") {
            None
        } else if has(content, b"word/document.xml") {
            Some(EvidenceType::Docx)
        } else if has(content, b"xl/workbook.xml") {
            Some(EvidenceType::Xlsx)
        } else {
            None
        }
    } else {
        is_text(content).then_some(EvidenceType::Text)
    }
}

/// A frame of MPEG audio, layer III: eleven bits set, a version and a bit rate that exist.
fn is_mpeg_audio(content: &[u8]) -> bool {
    let [first, second, third, ..] = content else {
        return false;
    };
    *first == 0xFF
        && second & 0xE0 == 0xE0
        && second & 0x18 != 0x08
        && second & 0x06 == 0x02
        && third & 0xF0 != 0xF0
        && third & 0x0C != 0x0C
}

fn has(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

fn is_text(content: &[u8]) -> bool {
    let controls = content
        .iter()
        .any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C));
    !controls && (std::str::from_utf8(content).is_ok() || !encoding_rs::GB18030.decode(content).2)
}

/// Checks the evidence that a record names: well-formed names of the same county. Whether the files are there is not asked:
/// a device out of reach sends its words first and its files later.
pub fn check_names(wrong: &mut Violations, county: &str, names: &[String]) {
    let prefix = format!("counties/{county}/evidence/");
    for (at, name) in names.iter().enumerate() {
        let code = name.strip_prefix(&prefix);
        let right = code.is_some_and(|code| {
            let mut inner = Violations::new();
            check_id(&mut inner, "", code);
            inner.is_empty()
        });
        wrong.check(
            right,
            format!("evidence[{at}]"),
            format!("须形如 {prefix}…"),
            format!("must look like {prefix}…"),
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::day;
    use super::*;

    fn file(kind: EvidenceType) -> Evidence {
        Evidence {
            file_name: "照片1.jpg".to_owned(),
            r#type: kind,
            visit: String::new(),
            author: "督学A".to_owned(),
            record_time: None,
            sha256: String::new(),
            size_bytes: 0,
            generation: 0,
            state: EvidenceState::Kept,
            withdraw_reason: String::new(),
            withdraw_date: None,
            remove_reason: String::new(),
            remove_date: None,
        }
    }

    /// A file of each type, as short as it can be.
    fn samples() -> Vec<(EvidenceType, Vec<u8>)> {
        let zip = |name: &str| [b"PK\x03\x04....[Content_Types].xml....", name.as_bytes()].concat();
        vec![
            (EvidenceType::Jpeg, b"\xFF\xD8\xFF\xE0rest".to_vec()),
            (EvidenceType::Png, b"\x89PNG\r\n\x1A\nrest".to_vec()),
            (EvidenceType::Webp, b"RIFF\x10\0\0\0WEBPVP8 ".to_vec()),
            (EvidenceType::Pdf, b"%PDF-1.7\n".to_vec()),
            (EvidenceType::Mp4, b"\0\0\0\x20ftypisom\0\0".to_vec()),
            (EvidenceType::M4a, b"\0\0\0\x20ftypM4A \0\0".to_vec()),
            (EvidenceType::Mp3, b"ID3\x04\0\0".to_vec()),
            (EvidenceType::Mp3, b"\xFF\xFB\x90\x00".to_vec()),
            (EvidenceType::Docx, zip("word/document.xml")),
            (EvidenceType::Xlsx, zip("xl/workbook.xml")),
            (EvidenceType::Text, "食堂整洁\r\n".as_bytes().to_vec()),
            (EvidenceType::Text, b"\xCA\xB3\xCC\xC3".to_vec()),
        ]
    }

    #[test]
    fn a_type_is_what_the_content_says() {
        for (kind, content) in samples() {
            assert_eq!(sniff(&content), Some(kind), "{kind}");
            let received = file(kind).receive(&content, "ab").unwrap();
            assert_eq!(received.size_bytes as usize, content.len());
            for other in EvidenceType::ALL.iter().filter(|other| **other != kind) {
                let refused = file(*other).receive(&content, "ab").unwrap_err();
                assert_eq!(Refusal::Wrong(refused).keys(), ["evidence.type"]);
            }
        }
        for nothing in [
            &b"MZ\x90\0"[..],
            b"PK\x03\x04plain.zip",
            b"RIFF....WAVE",
            b"GIF89a\x01\0",
            b"\x7FELF\x02",
        ] {
            assert_eq!(sniff(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn an_empty_file_and_another_content_than_announced_are_refused() {
        let empty = file(EvidenceType::Text).receive(b"", "ab").unwrap_err();
        assert_eq!(Refusal::Wrong(empty).keys(), ["chunk"]);
        let mut announced = file(EvidenceType::Text);
        announced.sha256 = "cd".to_owned();
        let other = announced.clone().receive(b"text", "ab").unwrap_err();
        assert_eq!(Refusal::Wrong(other).keys(), ["evidence.sha256"]);
        assert!(announced.receive(b"text", "cd").is_ok());
    }

    #[test]
    fn content_is_removed_only_after_it_was_withdrawn_and_the_record_stays() {
        let kept = file(EvidenceType::Jpeg);
        let today = day("2026-11-10");
        assert_eq!(
            kept.clone().remove("拍到学生", today).unwrap_err().keys(),
            ["evidence.state"]
        );
        assert_eq!(
            kept.clone().withdraw(" ", today).unwrap_err().keys(),
            ["reason"]
        );
        let withdrawn = kept.withdraw("拍到学生", today).unwrap();
        assert!(withdrawn.may_read().is_ok());
        assert_eq!(
            withdrawn
                .clone()
                .withdraw("再次", today)
                .unwrap_err()
                .keys(),
            ["evidence.state"]
        );
        let removed = withdrawn.remove("保护未成年人", today).unwrap();
        assert_eq!(removed.withdraw_reason, "拍到学生");
        assert_eq!(removed.may_read().unwrap_err().keys(), ["evidence.state"]);
        assert!(removed.remove("再次", today).is_err());
    }

    #[test]
    fn a_record_names_evidence_of_its_own_county() {
        let mut wrong = Violations::new();
        check_names(
            &mut wrong,
            "140525",
            &[
                "counties/140525/evidence/photo-1".to_owned(),
                "counties/140524/evidence/photo-1".to_owned(),
                "photo-1".to_owned(),
            ],
        );
        assert_eq!(Refusal::Wrong(wrong).keys(), ["evidence[1]", "evidence[2]"]);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_looked_at(content in proptest::collection::vec(any::<u8>(), 0..200)) {
            let found = sniff(&content);
            let taken = file(EvidenceType::Text).receive(&content, "ab").is_ok();
            prop_assert_eq!(taken, found == Some(EvidenceType::Text) && !content.is_empty());
        }
    }
}
