//! What is wrong is said clearly, all of it, and nothing of it is kept.

mod common;

use common::{Desk, SCHOOL_HEADINGS, SUPERVISOR_HEADINGS, county, schools, supervisors};

fn new_county() -> Desk {
    let desk = Desk::sqlite();
    desk.ok(&["county", "create", "140525", "--name", "泽州县"]);
    desk
}

#[test]
fn every_wrong_cell_is_reported_at_once_and_nothing_is_imported() {
    let desk = new_county();
    let csv = format!(
        "{SCHOOL_HEADINGS}\nA1,好学校,小学,公办,甲镇,100,10,112.8,35.5,否,,\nA2,坏学校,大学,公办,甲镇,-5,10,112.8,95,也许,2025-13-01,\nA1,重复,小学,公办,甲镇,1,1,112.8,35.5,否,,\n"
    );
    let file = desk.file("schools.csv", csv);
    let said = desk.fails(3, &["import", "schools", &file, "-o", "json"]);
    for expected in [
        "大学",
        "-5",
        "95",
        "也许",
        "2025-13-01",
        "学段",
        "在校生数",
        "纬度",
        "寄宿",
        "上次综合督导日期",
        "学校标识码",
    ] {
        assert!(said.contains(expected), "{expected} is missing: {said}");
    }
    let good = desk.file(
        "good.csv",
        format!("{SCHOOL_HEADINGS}\nA1,好学校,小学,公办,甲镇,100,10,112.8,35.5,否,,\n"),
    );
    let result = desk.json(&["import", "schools", &good, "-o", "json"]);
    assert_eq!(
        result["created"], 1,
        "the first, refused file has left nothing: {result}"
    );
}

#[test]
fn swapped_coordinates_are_recognised() {
    let desk = new_county();
    let swapped = schools(20).replacen("112.70000,35.40000", "35.40000,112.70000", 1);
    let file = desk.file("schools.csv", swapped);
    let said = desk.fails(3, &["import", "schools", &file]);
    assert!(said.contains("反"), "{said}");
}

#[test]
fn a_term_that_ends_before_it_starts_is_refused() {
    let desk = new_county();
    let csv = format!(
        "{SUPERVISOR_HEADINGS}\nD1,张三,兼职,小学,112.8,35.5,2026-09-01,2025-08-31,45,75,5,,\n"
    );
    let file = desk.file("supervisors.csv", csv);
    let said = desk.fails(3, &["import", "supervisors", &file]);
    assert!(said.contains("聘期"), "{said}");
}

#[test]
fn a_file_that_is_no_spreadsheet_is_refused() {
    let desk = new_county();
    let file = desk.file("schools.xlsx", b"this is not a workbook");
    desk.fails(3, &["import", "schools", &file]);
    let file = desk.file("headings.csv", "名字,地方\n甲,乙\n");
    let said = desk.fails(3, &["import", "schools", &file]);
    assert!(said.contains("学校标识码"), "{said}");
}

#[test]
fn an_empty_county_has_nothing_to_plan_and_says_so() {
    let desk = new_county();
    desk.fails(1, &["plan", "zones", "--time", "2"]);
    let said = desk.fails(3, &["plan", "year", "--time", "2"]);
    assert!(said.contains("plan zones"), "{said}");
}

#[test]
fn too_few_places_for_the_schools_is_answered_with_the_rules_in_conflict() {
    let desk = Desk::sqlite();
    county(&desk, 40, 3);
    let said = desk.fails(4, &["plan", "zones", "--time", "5"]);
    assert!(said.contains("40"), "{said}");
}

#[test]
fn a_stage_that_nobody_may_supervise_is_named() {
    let desk = new_county();
    let file = desk.file(
        "schools.csv",
        schools(16).replacen("小学,公办", "特殊教育,公办", 1),
    );
    desk.ok(&["import", "schools", &file]);
    let file = desk.file("supervisors.csv", supervisors(4));
    desk.ok(&["import", "supervisors", &file]);
    let said = desk.fails(4, &["plan", "zones", "--time", "5"]);
    assert!(said.contains("特殊教育"), "{said}");
}

#[test]
fn a_missing_row_is_a_deletion_only_when_told_twice() {
    let desk = Desk::sqlite();
    county(&desk, 16, 4);
    let fewer = desk.file("fewer.csv", schools(15));
    let kept = desk.json(&["import", "schools", &fewer, "-o", "json"]);
    assert_eq!(kept["closings"].as_array().map(Vec::len), Some(0), "{kept}");
    let shown = desk.json(&["import", "schools", &fewer, "--replace", "-o", "json"]);
    assert_eq!(
        shown["closings"].as_array().map(Vec::len),
        Some(1),
        "{shown}"
    );
    assert_eq!(shown["imported"], false, "{shown}");
    let done = desk.json(&[
        "import",
        "schools",
        &fewer,
        "--replace",
        "--yes",
        "-o",
        "json",
    ]);
    assert_eq!(done["imported"], true, "{done}");
    let zones = desk.json(&["plan", "zones", "--time", "3", "-o", "json"]);
    assert_eq!(zones["schools"], 15, "{zones}");
}
