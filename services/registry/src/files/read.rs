//! Reading .xlsx and .csv into a table of text.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use encoding_rs::GB18030;
use zip::ZipArchive;

use crate::domain::intake::Sheet;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// The largest workbook once it is unpacked, in bytes.
const MAX_INFLATED: u64 = 64 << 20;
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

fn broken(error: impl std::fmt::Display) -> Unreadable {
    unreadable(
        "文件已损坏，或不是 .xlsx 工作簿；请用 Excel 或 WPS 另存为 .xlsx 后再试",
        format!("the file is damaged or no .xlsx workbook: {error}"),
    )
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
    check_inflated(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let name = book
        .sheet_names()
        .into_iter()
        .find(|name| name != NOTES)
        .ok_or_else(|| unreadable("工作簿中没有数据表", "the workbook has no sheet of data"))?;
    // Cell by cell: a sheet with two cells at its far corners would take a table of gigabytes.
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    while let Some(found) = cells.next_cell().map_err(broken)? {
        let text = cell(found.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = found.get_position();
        if column >= MAX_COLUMNS as u32 {
            return Err(unreadable(
                "表格超过 200 列",
                "the sheet has more than 200 columns",
            ));
        }
        let row = rows.entry(row.saturating_add(1)).or_default();
        let width = row.len().max(column as usize + 1);
        row.resize(width, String::new());
        if let Some(place) = row.get_mut(column as usize) {
            *place = text;
        }
        if rows.len() > MAX_ROWS {
            break;
        }
    }
    Ok(Sheet {
        rows: rows.into_iter().collect(),
        name,
    })
}

/// Unpacks a workbook into nothing, to see how large it is: what its directory says can be a lie.
fn check_inflated(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut left = MAX_INFLATED;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(broken)?;
        let size = io::copy(&mut entry.take(left + 1), &mut io::sink());
        let size = size.map_err(broken)?;
        left = left.checked_sub(size).ok_or_else(|| {
            unreadable(
                "工作簿解压后超过 64 MB",
                "the workbook is larger than 64 MB once it is unpacked",
            )
        })?;
    }
    Ok(())
}

fn cell(data: &DataRef<'_>) -> String {
    match data {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            plain(text)
        }
        DataRef::SharedString(text) => plain(text),
        // A code typed as a number: 123357 and not 123357.0; Rust's shortest form of a number has no “.0”.
        DataRef::Float(number) => number.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Bool(value) => if *value { "是" } else { "否" }.to_owned(),
        DataRef::DateTime(time) => time
            .as_datetime()
            .map_or_else(|| time.to_string(), |t| t.date().to_string()),
        DataRef::Error(error) => error.to_string(),
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
        if rows.len() > MAX_ROWS {
            break;
        }
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
    use std::io::Write as _;

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

    /// A workbook of one sheet, whose parts are packed as they are given.
    fn packed(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(*name, options).expect("an entry");
            archive.write_all(content).expect("a content");
        }
        archive.finish().expect("an archive").into_inner()
    }

    fn small() -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "学校标识码").expect("a cell");
        sheet.write_string(2, 1, "南村小学").expect("a cell");
        sheet.write_number(2, 0, 123_357).expect("a cell");
        book.save_to_buffer().expect("a workbook")
    }

    #[test]
    fn a_workbook_is_read_by_rows_and_columns_as_excel_shows_them() {
        let sheet = read(&small()).expect("a workbook");
        let row = |number: u32, cells: &[&str]| {
            (
                number,
                cells
                    .iter()
                    .map(|one| (*one).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            sheet.rows,
            [row(1, &["学校标识码"]), row(3, &["123357", "南村小学"])]
        );
    }

    #[test]
    fn a_small_file_that_unpacks_into_a_large_one_is_refused() {
        let bomb = packed(&[("xl/worksheets/sheet1.xml", vec![b' '; 80 << 20])]);
        assert!(bomb.len() < 1 << 20);
        let refused = read(&bomb).expect_err("too large");
        assert!(refused.zh.contains("64 MB"), "{refused:?}");
    }

    #[test]
    fn two_cells_far_apart_do_not_make_a_table_of_gigabytes() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "a").expect("a cell");
        sheet.write_string(1_048_575, 16_383, "z").expect("a cell");
        let corners = book.save_to_buffer().expect("a workbook");
        assert!(read(&corners).expect_err("too wide").zh.contains("200 列"));
    }

    #[test]
    fn more_rows_than_a_table_may_have_are_refused_before_they_fill_the_memory() {
        let long = "a\n".repeat(MAX_ROWS + 1);
        assert!(
            read(long.as_bytes())
                .expect_err("too long")
                .zh
                .contains("20 万行")
        );
    }

    proptest! {
        #[test]
        fn a_damaged_workbook_is_an_error_or_a_table(at in 0.0..1.0f64, bits in 1u8..=255, cut in 0.0..1.0f64) {
            let mut bytes = small();
            let place = (at * (bytes.len() - 1) as f64) as usize;
            bytes[place] ^= bits;
            prop_assert!(read(&bytes).is_ok() || read(&bytes).is_err());
            bytes.truncate((cut * bytes.len() as f64) as usize);
            prop_assert!(read(&bytes).is_ok() || read(&bytes).is_err());
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            // An error is an answer as good as a table.
            let read = read(&bytes);
            prop_assert!(read.is_ok() || read.is_err());
        }
    }
}
