//! A file of schools.

use std::collections::HashMap;

use chrono::NaiveDate;
use dudao_law::Datum;

use super::columns::SCHOOLS;
use super::place::{self, Surroundings};
use super::sheet::{Problem, Reader, Row, Sheet};
use crate::domain::Violations;
use crate::domain::county::Bounds;
use crate::domain::school::{Grade, Place, Provider, School, SchoolDraft, Stage};

/// Reads the schools of a table: all of them, or every wrong cell. `known` are places of schools that the county has.
pub fn schools(
    sheet: &Sheet,
    bounds: Option<Bounds>,
    datum: Datum,
    known: &[Place],
    today: NaiveDate,
) -> Result<Vec<School>, Vec<Problem>> {
    let mut reader = Reader::new(sheet, SCHOOLS)?;
    let named = place::named(&mut reader);
    let around = Surroundings::new(bounds, datum, known.iter().copied().chain(named));
    let mut seen = HashMap::new();
    let read = reader.rows(|row| school(row, &around, &mut seen, today));
    reader.finish(read)
}

fn school<'a>(
    row: &mut Row<'a, '_>,
    around: &Surroundings,
    seen: &mut HashMap<&'a str, u32>,
    today: NaiveDate,
) -> Option<School> {
    let code = row.required("学校标识码");
    once(row, "学校标识码", code, seen);
    let display_name = row.required("学校名称");
    row.required("学段");
    let stage = row.word("学段", Stage::from_zh, &allowed(Stage::ALL));
    let provider = row.word("举办者", Provider::from_zh, &allowed(Provider::ALL));
    let place = around.read(row);
    let boarding = row.word(
        "寄宿",
        |word| match word {
            "是" => Some(true),
            "否" => Some(false),
            _ => None,
        },
        "是、否",
    );
    let draft = SchoolDraft {
        code: code.to_owned(),
        display_name: display_name.to_owned(),
        stage,
        provider,
        town: row.text("乡镇").to_owned(),
        pupils: row.whole("在校生数"),
        staff: row.whole("教职工数"),
        place,
        boarding,
        last_inspection_date: row.day("上次综合督导日期"),
        last_grade: row.word("上次综合督导等级", Grade::from_zh, &allowed(Grade::ALL)),
    };
    draft
        .finish(today)
        .map_err(|wrong| tell(row, wrong, column, &["stage", "place"]))
        .ok()
}

fn column(field: &str) -> Option<&'static str> {
    Some(match field {
        "school_id" => "学校标识码",
        "display_name" => "学校名称",
        "provider" => "举办者",
        "town" => "乡镇",
        "pupils" => "在校生数",
        "staff" => "教职工数",
        "last_inspection_date" => "上次综合督导日期",
        _ => return None,
    })
}

/// The words of a list, for a message.
pub(super) fn allowed<T: std::fmt::Display>(words: &[T]) -> String {
    words
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("、")
}

/// A code may stand in one row only.
pub(super) fn once<'a>(
    row: &mut Row<'a, '_>,
    heading: &str,
    code: &'a str,
    seen: &mut HashMap<&'a str, u32>,
) {
    if code.is_empty() {
        return;
    }
    if let Some(first) = seen.get(code).copied() {
        row.wrong(
            heading,
            format!("与第 {first} 行重复"),
            &format!("row {first} has the same code"),
        );
    } else {
        seen.insert(code, row.number);
    }
}

/// Adds the domain's violations as wrong cells. A blank cell that is required, and what `told` names, has been told of
/// already.
pub(super) fn tell(
    row: &mut Row<'_, '_>,
    wrong: Violations,
    column: impl Fn(&str) -> Option<&'static str>,
    told: &[&str],
) {
    for violation in wrong {
        let root = violation.field.split(['.', '[']).next().unwrap_or_default();
        if told.contains(&root) {
            continue;
        }
        match column(root) {
            Some(heading) => {
                let required = SCHOOLS
                    .iter()
                    .chain(super::SUPERVISORS)
                    .any(|c| c.heading == heading && c.required);
                if !(required && row.text(heading).is_empty()) {
                    row.wrong(heading, violation.zh, &violation.en);
                }
            }
            None => row.wrong("", violation.zh, &violation.en),
        }
    }
}
