//! A table of text cells, and what is wrong with them.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::columns::Column;

/// A table as read from a file: the first row has the headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The sheet's name; "" for a text file.
    pub name: String,
    /// Rows of cells, each with its number as Excel counts it; blank rows are left out.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// A wrong cell, or a wrong row or sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row, as Excel counts it; 0 for the whole sheet.
    pub row: u32,
    /// The column's heading; "" for the whole row.
    pub column: String,
    /// The column's letter; "" for the whole row.
    pub letter: String,
    /// The value found.
    pub value: String,
    /// What is wrong and what is allowed, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Where each known column stands, and the problems found so far.
pub(super) struct Reader<'a> {
    sheet: &'a Sheet,
    at: HashMap<&'static str, usize>,
    problems: Vec<Problem>,
}

/// A row being read.
pub(super) struct Row<'a, 'b> {
    reader: &'b mut Reader<'a>,
    /// Its number.
    pub number: u32,
    cells: &'a [String],
}

impl<'a> Reader<'a> {
    /// Finds the columns; without all required ones there is nothing to read, and every trouble with headings is told.
    pub fn new(sheet: &'a Sheet, columns: &[Column]) -> Result<Self, Vec<Problem>> {
        let mut reader = Self {
            sheet,
            at: HashMap::new(),
            problems: Vec::new(),
        };
        let all = || {
            columns
                .iter()
                .map(|c| c.heading)
                .collect::<Vec<_>>()
                .join("、")
        };
        let Some((number, headings)) = sheet.rows.first() else {
            reader.add(
                0,
                None,
                "",
                format!("文件是空的；第一行应为列名：{}", all()),
                "the file is empty; the first row must have the headings",
            );
            return Err(reader.problems);
        };
        for (index, found) in headings.iter().enumerate() {
            let heading = found
                .trim_end_matches(['*', '＊'])
                .trim_end_matches("（必填）")
                .trim_end_matches("(必填)");
            let known = columns.iter().find(|c| c.heading == heading);
            match known {
                Some(column) => {
                    if let Some(before) = reader.at.insert(column.heading, index) {
                        let zh = format!("列名重复：{} 列已是“{heading}”", letter(before));
                        let en = format!("column {} has this heading already", letter(before));
                        reader.add_at(*number, index, found, found, zh, en);
                    }
                }
                None if found.is_empty() => {}
                None => {
                    let zh = format!("不认识的列名；可用的列名：{}", all());
                    reader.add_at(*number, index, found, found, zh, "unknown heading".into());
                }
            }
        }
        for column in columns.iter().filter(|c| c.required) {
            if !reader.at.contains_key(column.heading) {
                let zh = format!("缺少必需的列“{}”；可用的列名：{}", column.heading, all());
                reader.add(
                    *number,
                    Some(column.heading),
                    "",
                    zh,
                    "a required column is missing",
                );
            }
        }
        if reader.problems.is_empty() {
            if sheet.rows.len() == 1 {
                reader.add(
                    0,
                    None,
                    "",
                    "文件中只有列名，没有数据".into(),
                    "the file has headings but no rows",
                );
                return Err(reader.problems);
            }
            Ok(reader)
        } else {
            Err(reader.problems)
        }
    }

    /// Reads every row below the headings.
    pub fn rows<T>(&mut self, mut read: impl FnMut(&mut Row<'a, '_>) -> Option<T>) -> Vec<T> {
        let sheet = self.sheet;
        let mut found = Vec::new();
        for (number, cells) in sheet.rows.iter().skip(1) {
            let mut row = Row {
                reader: self,
                number: *number,
                cells,
            };
            found.extend(read(&mut row));
        }
        found
    }

    /// What was read, or all that was wrong, in the order of rows and columns.
    pub fn finish<T>(mut self, read: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(read);
        }
        let place = |p: &Problem| (p.row, p.letter.len(), p.letter.clone());
        self.problems.sort_by_key(place);
        Err(self.problems)
    }

    /// Adds a problem of a column of a row.
    pub fn add(&mut self, row: u32, heading: Option<&str>, value: &str, zh: String, en: &str) {
        let index = heading.and_then(|h| self.at.get(h).copied());
        self.problems.push(Problem {
            row,
            column: heading.unwrap_or_default().to_owned(),
            letter: index.map(letter).unwrap_or_default(),
            value: value.to_owned(),
            zh,
            en: en.to_owned(),
        });
    }

    fn add_at(
        &mut self,
        row: u32,
        index: usize,
        heading: &str,
        value: &str,
        zh: String,
        en: String,
    ) {
        self.problems.push(Problem {
            row,
            column: heading.to_owned(),
            letter: letter(index),
            value: value.to_owned(),
            zh,
            en,
        });
    }
}

impl<'a> Row<'a, '_> {
    /// A cell's text; "" where the column or the cell is missing.
    pub fn text(&self, heading: &str) -> &'a str {
        let index = self.reader.at.get(heading);
        index
            .and_then(|&i| self.cells.get(i))
            .map_or("", String::as_str)
    }

    /// Adds a problem of a cell.
    pub fn wrong(&mut self, heading: &str, zh: impl Into<String>, en: &str) {
        let value = self.text(heading);
        self.reader
            .add(self.number, Some(heading), value, zh.into(), en);
    }

    /// A cell that must not be blank.
    pub fn required(&mut self, heading: &str) -> &'a str {
        let text = self.text(heading);
        if text.is_empty() {
            self.wrong(heading, format!("“{heading}”必填"), "must not be blank");
        }
        text
    }

    /// One of some words; none where blank or wrong.
    pub fn word<T>(
        &mut self,
        heading: &str,
        parse: impl Fn(&str) -> Option<T>,
        allowed: &str,
    ) -> Option<T> {
        let text = self.text(heading);
        if text.is_empty() {
            return None;
        }
        let found = parse(text);
        if found.is_none() {
            self.wrong(
                heading,
                format!("“{text}”不在可选项中，应为：{allowed}"),
                "must be one of the allowed words",
            );
        }
        found
    }

    /// A number; none where blank or wrong.
    pub fn number(&mut self, heading: &str) -> Option<f64> {
        let text = self.text(heading);
        if text.is_empty() {
            return None;
        }
        let found = text.parse().ok().filter(|n: &f64| n.is_finite());
        if found.is_none() {
            self.wrong(heading, "应为数字", "must be a number");
        }
        found
    }

    /// A whole number; none where blank or wrong.
    pub fn whole(&mut self, heading: &str) -> Option<i64> {
        let number = self.number(heading)?;
        let whole = number.fract() == 0.0 && number.abs() < 1e15;
        if !whole {
            self.wrong(heading, "应为整数", "must be a whole number");
        }
        whole.then_some(number as i64)
    }

    /// A day as `YYYY-MM-DD`; "" where blank or wrong.
    pub fn day(&mut self, heading: &str) -> String {
        let text = self.text(heading);
        if text.is_empty() {
            return String::new();
        }
        match parse_day(text) {
            Some(day) => day.to_string(),
            None => {
                self.wrong(
                    heading,
                    "日期应形如 2026-03-05（也可写 2026/3/5、2026年3月5日）",
                    "must be a day such as 2026-03-05",
                );
                String::new()
            }
        }
    }

    /// Whether a cell holds something that is no day.
    pub fn is_no_day(&self, heading: &str) -> bool {
        let text = self.text(heading);
        !text.is_empty() && parse_day(text).is_none()
    }

    /// The parts of a list by semicolons (or the like).
    pub fn list(&self, heading: &str) -> Vec<&'a str> {
        self.text(heading)
            .split([';', '；', '、', ',', '，'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    }
}

/// A column's letter as Excel shows it, from its index: 0 is A, 26 is AA.
pub fn letter(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.into_iter().rev().collect()
}

fn parse_day(text: &str) -> Option<NaiveDate> {
    // Excel writes a time of midnight behind a day when it saves as text.
    let text = text
        .strip_suffix(" 00:00:00")
        .or_else(|| text.strip_suffix(" 0:00"))
        .unwrap_or(text);
    ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .filter(|day| (1900..2200).contains(&chrono::Datelike::year(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_that_excel_shows() {
        assert_eq!(
            [0, 25, 26, 51, 701, 702].map(letter),
            ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
        );
    }

    #[test]
    fn days_are_read_in_every_usual_form() {
        for text in [
            "2026-03-05",
            "2026/3/5",
            "2026.3.5",
            "2026年3月5日",
            "20260305",
            "2026/3/5 0:00",
        ] {
            assert_eq!(
                parse_day(text),
                NaiveDate::from_ymd_opt(2026, 3, 5),
                "{text}"
            );
        }
        for text in ["2026-13-01", "26-3-5", "明天", "2026-02-30", "45000"] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }
}
