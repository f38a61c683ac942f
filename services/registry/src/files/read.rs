//! Reading .xlsx and .csv into a table of text.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use encoding_rs::GB18030;

use crate::domain::intake::Sheet;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// The most rows and columns of a table.
const MAX_ROWS: usize = 200_000;
const MAX_COLUMNS: usize = 200;
/// The templates' page of notes, which is no data.
const NOTES: &str = "填写说明";

/// A file that cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct Unreadable {
    /// Why, and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

fn unreadable(zh: impl Into<String>, en: impl Into<String>) -> Unreadable {
    Unreadable {
        zh: zh.into(),
        en: en.into(),
    }
}

/// Reads a file by what it is, not by what it is called: a zip archive is a workbook, anything else is text in UTF-8
/// (with or without mark) or GB18030.
pub fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(unreadable(
            "文件超过 64 MB",
            "the file is larger than 64 MB",
        ));
    }
    let sheet = if bytes.starts_with(b"PK") {
        workbook(bytes)?
    } else {
        text(bytes)?
    };
    if sheet.rows.len() > MAX_ROWS {
        return Err(unreadable(
            "文件超过 20 万行",
            "the file has more than 200,000 rows",
        ));
    }
    Ok(sheet)
}

fn workbook(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let broken = |error: calamine::XlsxError| {
        unreadable(
            "文件已损坏，或不是 .xlsx 工作簿；请用 Excel 或 WPS 另存为 .xlsx 后再试",
            format!("the file is damaged or no .xlsx workbook: {error}"),
        )
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let name = book
        .sheet_names()
        .into_iter()
        .find(|name| name != NOTES)
        .ok_or_else(|| unreadable("工作簿中没有数据表", "the workbook has no sheet of data"))?;
    let range = book.worksheet_range(&name).map_err(broken)?;
    if range.width() > MAX_COLUMNS {
        return Err(unreadable(
            "表格超过 200 列",
            "the sheet has more than 200 columns",
        ));
    }
    // The used range may begin below row 1 or right of column A; rows and columns are told as Excel shows them.
    let (top, left) = range.start().unwrap_or((0, 0));
    let rows = range.rows().zip(top + 1..).map(|(cells, number)| {
        let blank = (0..left).map(|_| String::new());
        (number, blank.chain(cells.iter().map(cell)).collect())
    });
    Ok(Sheet {
        rows: without_blanks(rows),
        name,
    })
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => plain(text),
        // A code typed as a number: 123357 and not 123357.0; Rust's shortest form of a number has no “.0”.
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(value) => if *value { "是" } else { "否" }.to_owned(),
        Data::DateTime(time) => time
            .as_datetime()
            .map_or_else(|| time.to_string(), |t| t.date().to_string()),
        Data::Error(error) => error.to_string(),
    }
}

fn text(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let decoded = match std::str::from_utf8(marked) {
        Ok(text) => text.into(),
        Err(_) => GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| {
                unreadable(
                    "文件既不是 Excel 工作簿，也不是 UTF-8 或 GB18030 编码的 CSV 文件",
                    "the file is neither a workbook nor text in UTF-8 or GB18030",
                )
            })?,
    };
    if decoded.contains('\0') {
        return Err(unreadable("文件不是表格", "the file is no spreadsheet"));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(decoded.as_bytes());
    let mut rows = Vec::new();
    let mut number = 0u32;
    for record in reader.records() {
        let record = record.map_err(|e| {
            unreadable(
                format!("CSV 文件有误：{e}"),
                format!("the CSV is broken: {e}"),
            )
        })?;
        if record.len() > MAX_COLUMNS {
            return Err(unreadable(
                "表格超过 200 列",
                "the file has more than 200 columns",
            ));
        }
        // The reader passes over blank lines, which Excel shows as rows; a cell may hold line breaks, and is one row.
        let begin = record
            .position()
            .and_then(|p| usize::try_from(p.byte()).ok())
            .unwrap_or(0);
        let blanks = decoded.as_bytes()[begin.min(decoded.len())..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .filter(|byte| **byte == b'\n')
            .count();
        number = number.saturating_add(1 + u32::try_from(blanks).unwrap_or(u32::MAX - 1));
        rows.push((number, record.iter().map(plain).collect()));
    }
    Ok(Sheet {
        name: String::new(),
        rows: without_blanks(rows),
    })
}

fn without_blanks(rows: impl IntoIterator<Item = (u32, Vec<String>)>) -> Vec<(u32, Vec<String>)> {
    rows.into_iter()
        .filter(|(_, cells)| cells.iter().any(|c| !c.is_empty()))
        .collect()
}

/// Without spaces around it, and with full-width letters, digits and signs as plain ones.
fn plain(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{3000}' | '\u{a0}' => ' ',
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' | '．' | '＊' | '／' => {
                char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
            }
            other => other,
        })
        .collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_table_is_read_alike_from_every_encoding() {
        let table = "学校标识码,学校名称\n００１,南村 小学\n\n002,\"甲,乙\"\n";
        let utf8 = read(table.as_bytes()).expect("UTF-8");
        let marked = read(format!("\u{feff}{table}").as_bytes()).expect("UTF-8 with mark");
        let gb = read(&GB18030.encode(table).0).expect("GB18030");
        assert_eq!(utf8, marked);
        assert_eq!(utf8, gb);
        assert_eq!(
            utf8.rows[1],
            (2, vec!["001".to_owned(), "南村 小学".to_owned()])
        );
        assert_eq!(utf8.rows[2].0, 4, "rows are counted as Excel shows them");
    }

    #[test]
    fn a_broken_workbook_is_told_from_text() {
        assert!(read(b"PK\x03\x04 not really").is_err());
        assert!(read(&[0, 1, 2, 255, 254]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            // An error is an answer as good as a table.
            let read = read(&bytes);
            prop_assert!(read.is_ok() || read.is_err());
        }
    }
}
