//! A file of supervisors.

use std::collections::{BTreeSet, HashMap, HashSet};

use dudao_law::Datum;

use super::columns::SUPERVISORS;
use super::place::{self, Surroundings};
use super::schools::{allowed, once, tell};
use super::sheet::{Problem, Reader, Row, Sheet};
use crate::domain::county::Bounds;
use crate::domain::school::{School, Stage};
use crate::domain::supervisor::{Employment, Supervisor, SupervisorDraft};

/// Reads the supervisors of a table: all of them, or every wrong cell. `schools` are those of the county.
pub fn supervisors(
    sheet: &Sheet,
    bounds: Option<Bounds>,
    datum: Datum,
    schools: &[School],
) -> Result<Vec<Supervisor>, Vec<Problem>> {
    let mut reader = Reader::new(sheet, SUPERVISORS)?;
    let named = place::named(&mut reader);
    let around = Surroundings::new(bounds, datum, schools.iter().map(|s| s.place).chain(named));
    let codes: HashSet<&str> = schools.iter().map(|s| s.code.as_str()).collect();
    let mut seen = HashMap::new();
    let read = reader.rows(|row| supervisor(row, &around, &codes, &mut seen));
    reader.finish(read)
}

fn supervisor<'a>(
    row: &mut Row<'a, '_>,
    around: &Surroundings,
    codes: &HashSet<&str>,
    seen: &mut HashMap<&'a str, u32>,
) -> Option<Supervisor> {
    let code = row.required("工号");
    once(row, "工号", code, seen);
    let display_name = row.required("姓名");
    row.required("类型");
    let employment = row.word("类型", Employment::from_zh, &allowed(Employment::ALL));
    row.required("可督导学段");
    let stages = row
        .list("可督导学段")
        .into_iter()
        .filter_map(|word| {
            let stage = Stage::from_zh(word);
            if stage.is_none() {
                let zh = format!(
                    "“{word}”不是学段，应为：{}（多个用分号隔开）",
                    allowed(Stage::ALL)
                );
                row.wrong("可督导学段", zh, "must be stages, by semicolons");
            }
            stage
        })
        .collect();
    let base = around.read(row);
    row.required("聘期起");
    let avoid = row.list("回避学校");
    for unknown in avoid.iter().filter(|code| !codes.contains(*code)) {
        let zh = format!("本县没有标识码为“{unknown}”的学校；请先导入学校，多个标识码用分号隔开");
        row.wrong("回避学校", zh, "the county has no school of that code");
    }
    let draft = SupervisorDraft {
        code: code.to_owned(),
        display_name: display_name.to_owned(),
        employment,
        stages,
        base,
        term_start_date: row.day("聘期起"),
        term_end_date: row.day("聘期止"),
        training_hours: row.number("上年集中培训学时"),
        days_per_year: row.number("每年可用天数"),
        max_schools: row.whole("最多学校数"),
        employer: row.text("任职单位").to_owned(),
        avoid_schools: avoid.into_iter().map(str::to_owned).collect(),
        phone: row.text("联系电话").to_owned(),
        ..SupervisorDraft::default()
    };
    draft
        .finish()
        .map_err(|wrong| {
            let mut told = vec!["employment", "stages", "base"];
            // A day that cannot be read has been told of, and is no missing day.
            for (heading, field) in [("聘期起", "term_start_date"), ("聘期止", "term_end_date")]
            {
                told.extend(row.is_no_day(heading).then_some(field));
            }
            tell(row, wrong, column, &told);
        })
        .ok()
}

fn column(field: &str) -> Option<&'static str> {
    Some(match field {
        "supervisor_id" => "工号",
        "display_name" => "姓名",
        "term_start_date" => "聘期起",
        "term_end_date" => "聘期止",
        "training_hours" => "上年集中培训学时",
        "days_per_year" => "每年可用天数",
        "max_schools" => "最多学校数",
        "employer" => "任职单位",
        "avoid_schools" => "回避学校",
        "phone" => "联系电话",
        _ => return None,
    })
}

/// The stages of open schools that no supervisor in office may supervise.
pub fn unsupervised(schools: &[School], supervisors: &[Supervisor]) -> Vec<Stage> {
    let covered: BTreeSet<Stage> = supervisors
        .iter()
        .filter(|s| s.is_in_office())
        .flat_map(|s| s.stages.iter().copied())
        .collect();
    let taught: BTreeSet<Stage> = schools
        .iter()
        .filter(|s| s.is_open())
        .map(|s| s.stage)
        .collect();
    taught.difference(&covered).copied().collect()
}
