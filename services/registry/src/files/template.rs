//! Templates: headings, drop-downs, and a page of notes.

use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};

use crate::domain::intake::Column;

/// Rows that the drop-downs reach.
const ROWS: u32 = 5_000;

/// Writes the template for a file with these columns; `title` names its sheet.
pub fn template(title: &str, columns: &[Column]) -> Result<Vec<u8>, XlsxError> {
    let heading = || {
        Format::new()
            .set_bold()
            .set_border(FormatBorder::Thin)
            .set_align(FormatAlign::Center)
    };
    let required = heading().set_background_color(Color::RGB(0x00FF_E699));
    let optional = heading().set_background_color(Color::RGB(0x00DD_EBF7));
    // Codes and dates are text, so that Excel keeps leading zeros and changes nothing.
    let text = Format::new().set_num_format("@");
    let mut book = Workbook::new();

    let sheet = book.add_worksheet();
    sheet.set_name(title)?.set_freeze_panes(1, 0)?;
    for (at, column) in (0u16..).zip(columns) {
        let form = if column.required {
            &required
        } else {
            &optional
        };
        let mark = if column.required { "*" } else { "" };
        sheet
            .set_column_width(at, column.heading.chars().count() as f64 * 2.0 + 6.0)?
            .set_column_format(at, &text)?
            .write_with_format(0, at, format!("{}{mark}", column.heading), form)?;
        if !column.words.is_empty() {
            let list = DataValidation::new()
                .allow_list_strings(column.words)?
                .set_error_title("请从列表中选择")?
                .set_error_message(column.note)?;
            sheet.add_data_validation(1, at, ROWS, at, &list)?;
        }
    }

    let wrap = Format::new().set_text_wrap();
    let notes = book.add_worksheet();
    notes.set_name("填写说明")?.set_freeze_panes(1, 0)?;
    for (at, (word, width)) in (0u16..).zip([
        ("列名", 20.0),
        ("是否必填", 10.0),
        ("填写要求", 50.0),
        ("示例", 24.0),
        ("In English", 46.0),
    ]) {
        notes
            .set_column_width(at, width)?
            .write_with_format(0, at, word, &optional)?;
    }
    for (row, column) in (1u32..).zip(columns) {
        let words = if column.words.is_empty() {
            String::new()
        } else {
            format!("（{}）", column.words.join("、"))
        };
        notes
            .write(row, 0, column.heading)?
            .write(
                row,
                1,
                if column.required {
                    "必填"
                } else {
                    "可不填"
                },
            )?
            .write_with_format(row, 2, format!("{}{words}", column.note), &wrap)?
            .write_with_format(row, 3, column.example, &text)?
            .write_with_format(row, 4, column.note_en, &wrap)?;
    }
    let below = u32::try_from(columns.len()).unwrap_or(0) + 2;
    notes.write(
        below,
        0,
        "黄色列名带 * 的为必填。列的顺序可以调换；同一文件重复导入不会产生重复数据。",
    )?;
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intake::{SCHOOLS, SUPERVISORS};
    use crate::files::read;

    #[test]
    fn a_template_has_the_headings_that_an_import_reads() {
        for (title, columns) in [("学校", SCHOOLS), ("督学", SUPERVISORS)] {
            let sheet = read(&template(title, columns).expect("a template")).expect("a workbook");
            assert_eq!(sheet.name, title);
            let headings: Vec<_> = sheet.rows[0]
                .1
                .iter()
                .map(|h| h.trim_end_matches('*'))
                .collect();
            assert_eq!(
                headings,
                columns.iter().map(|c| c.heading).collect::<Vec<_>>()
            );
        }
    }
}
