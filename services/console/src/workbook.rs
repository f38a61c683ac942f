//! Excel files: lists to take away, and files that come back with their wrong cells coloured and commented.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{DataRef, Reader as _, Xlsx};
use dudao_proto::registry::v1::CellProblem;
use rust_xlsxwriter::{Color, Format, FormatBorder, Note, Workbook, XlsxError};

/// A cell of a list.
pub enum Cell {
    Text(String),
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// A list as a workbook. Codes are texts, so that Excel leaves their zeros alone.
pub fn list(
    title: &str,
    headings: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(title)?;
    let heading = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00DD_EBF7))
        .set_border(FormatBorder::Thin);
    let text = Format::new().set_num_format("@");
    for (column, word) in (0..).zip(headings) {
        sheet.write_with_format(0, column, *word, &heading)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(value) => sheet.write_with_format(row, column, value, &text)?,
                Cell::Number(value) => sheet.write(row, column, value)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    book.save_to_buffer()
}

/// A sheet as it came: its name, and its cells with their rows and columns from 0.
struct Sheet {
    name: String,
    cells: Vec<(u32, u32, Cell)>,
}

/// The file again, its wrong cells coloured and commented; none if it can't be read, which the registry then has said already.
pub fn marked(
    file_name: &str,
    bytes: &[u8],
    problems: &[CellProblem],
    chinese: bool,
) -> Option<Vec<u8>> {
    // Only what the registry has read to its rows is known to be no file that unpacks without end.
    if problems.iter().all(|problem| problem.row == 0) {
        return None;
    }
    let sheets = if file_name.to_lowercase().ends_with(".csv") {
        vec![read_csv(bytes)]
    } else {
        read_xlsx(bytes)?
    };
    write(&sheets, problems, chinese).ok()
}

fn read_xlsx(bytes: &[u8]) -> Option<Vec<Sheet>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let mut cells = Vec::new();
        let mut reader = book.worksheet_cells_reader(&name).ok()?;
        while let Some(found) = reader.next_cell().ok()? {
            let (row, column) = found.get_position();
            if let Some(cell) = cell(found.get_value()) {
                cells.push((row, column, cell));
            }
        }
        sheets.push(Sheet { name, cells });
    }
    Some(sheets)
}

fn cell(data: &DataRef<'_>) -> Option<Cell> {
    Some(match data {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::Text(text.clone())
        }
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Bool(yes) => Cell::Text(if *yes { "是" } else { "否" }.to_owned()),
        DataRef::DateTime(time) => Cell::Text(
            time.as_datetime()
                .map_or_else(|| time.to_string(), |time| time.date().to_string()),
        ),
        DataRef::Error(error) => Cell::Text(error.to_string()),
    })
}

fn read_csv(bytes: &[u8]) -> Sheet {
    let text = std::str::from_utf8(bytes).map_or_else(
        |_| encoding_rs::GB18030.decode(bytes).0.into_owned(),
        str::to_owned,
    );
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut cells = Vec::new();
    for (row, record) in (0..).zip(reader.records().map_while(Result::ok)) {
        let values = (0..).zip(record.iter());
        cells.extend(values.map(|(column, value)| (row, column, value.into())));
    }
    Sheet {
        name: String::new(),
        cells,
    }
}

fn write(sheets: &[Sheet], problems: &[CellProblem], chinese: bool) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let wrong = Format::new()
        .set_background_color(Color::RGB(0x00FF_C7CE))
        .set_font_color(Color::RGB(0x009C_0006))
        .set_border(FormatBorder::Thin);
    for sheet in sheets {
        // Several things may be wrong with one cell; the whole row's stand in its first cell.
        let mut notes: HashMap<(u32, u16), Vec<&str>> = HashMap::new();
        let here = |problem: &&CellProblem| problem.sheet.is_empty() || problem.sheet == sheet.name;
        for problem in problems.iter().filter(here) {
            let row = (problem.row as u32).saturating_sub(1);
            let column = column_of(&problem.column_letter);
            let words = if chinese {
                &problem.message
            } else {
                &problem.message_en
            };
            notes.entry((row, column)).or_default().push(words);
        }
        let page = book.add_worksheet();
        if !sheet.name.is_empty() {
            page.set_name(&sheet.name)?;
        }
        for (row, column, cell) in &sheet.cells {
            let (row, column) = (*row, u16::try_from(*column).unwrap_or(u16::MAX));
            match cell {
                Cell::Text(value) => page.write_with_format(row, column, value, &text)?,
                Cell::Number(value) => page.write(row, column, *value)?,
            };
        }
        for ((row, column), words) in notes {
            page.set_cell_format(row, column, &wrong)?;
            let note = Note::new(words.join("\n")).add_author_prefix(false);
            page.insert_note(row, column, &note)?;
        }
        page.autofit();
    }
    book.save_to_buffer()
}

/// `B` is 1; "" is the first.
fn column_of(letters: &str) -> u16 {
    let number = letters.bytes().filter(u8::is_ascii_uppercase);
    let number = number.fold(0_u16, |number, letter| {
        number
            .saturating_mul(26)
            .saturating_add(u16::from(letter - b'A') + 1)
    });
    number.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use calamine::Data;

    use super::*;

    #[test]
    fn a_wrong_cell_comes_back_with_what_is_wrong_in_its_place() {
        let problem = CellProblem {
            row: 2,
            column_letter: "B".to_owned(),
            message: "学段须为下列之一".to_owned(),
            ..Default::default()
        };
        let file = "编号,学段\n001,大学\n".as_bytes();
        let marked = marked("学校.csv", file, &[problem], true).expect("a workbook");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(marked)).expect("it is one");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("read");
        assert_eq!(range.get_value((1, 0)), Some(&Data::String("001".into())));
        assert_eq!(range.get_value((1, 1)), Some(&Data::String("大学".into())));
    }

    #[test]
    fn letters_name_columns() {
        assert_eq!(
            [
                column_of(""),
                column_of("A"),
                column_of("Z"),
                column_of("AB")
            ],
            [0, 0, 25, 27]
        );
    }
}
