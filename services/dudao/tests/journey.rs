//! From a county's two files to zones and the year's rounds, by the command line alone.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Desk, county, is_workbook, schools, supervisors};
use dudao_platform::testing::Cluster;

#[test]
fn two_files_become_zones_and_a_year_on_sqlite() {
    from_files_to_the_year(&Desk::sqlite());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_become_zones_and_a_year_on_postgresql() {
    let cluster = Cluster::shared().await;
    let database = cluster.create_database().await;
    let desk = Desk::postgres(database);
    tokio::task::spawn_blocking(move || from_files_to_the_year(&desk))
        .await
        .expect("the journey");
}

fn from_files_to_the_year(desk: &Desk) {
    county(desk, 48, 12);

    let again = desk.file("again.csv", schools(48));
    let again = desk.json(&["import", "schools", &again, "-o", "json"]);
    assert_eq!(
        (again["created"].as_i64(), again["updated"].as_i64()),
        (Some(0), Some(0)),
        "{again}"
    );
    assert_eq!(again["unchanged"], 48);

    let zones = desk.json(&["plan", "zones", "--time", "10", "-o", "json"]);
    assert_eq!(zones["schools"], 48, "{zones}");
    assert_eq!(zones["assigned"], 48, "{zones}");
    assert_eq!(zones["supervisors"], 12, "{zones}");
    assert_eq!(zones["violations"], 0, "{zones}");
    assert!(
        zones["bound"].as_f64() <= zones["objective"].as_f64(),
        "{zones}"
    );
    assert!(
        zones["gap"]
            .as_f64()
            .is_some_and(|gap| (0.0..1.0).contains(&gap)),
        "{zones}"
    );

    let year = desk.json(&[
        "plan", "year", "--year", "2027", "--time", "10", "-o", "json",
    ]);
    assert_eq!(year["due"], year["scheduled"], "{year}");
    assert_eq!(year["violations"], 0, "{year}");
    assert!(year["visits"].as_i64() >= Some(48 * 8), "{year}");
    assert!(
        year["bound"].as_f64() <= year["objective"].as_f64(),
        "{year}"
    );

    let supervisor = desk.json(&["show", "supervisor", "D000", "-o", "json"]);
    assert!(
        !supervisor["schools"]
            .as_array()
            .expect("schools")
            .is_empty(),
        "{supervisor}"
    );
    assert!(
        !supervisor["visits"].as_array().expect("visits").is_empty(),
        "{supervisor}"
    );

    let school = supervisor["schools"][0]["school"].as_str().expect("a name");
    let code = school.rsplit('/').next().expect("a code");
    let why = desk.json(&["explain", code, "-o", "json"]);
    let choices = why["choices"].as_array().expect("choices");
    assert_eq!(choices.len(), 12, "{why}");
    let own = choices.iter().find(|choice| choice["rise"] == 0.0);
    assert_eq!(
        own.map(|choice| &choice["supervisor"]),
        Some(&supervisor["supervisor"]),
        "{why}"
    );
    let told = desk.ok(&["explain"]);
    assert!(told.contains("基尼系数"), "{told}");

    let curve = desk.json(&[
        "plan",
        "zones",
        "--compare",
        "routine_travel,imbalance",
        "--time",
        "7",
        "-o",
        "json",
    ]);
    let points = curve["points"].as_array().expect("points");
    assert_eq!(points.len(), 7, "{curve}");
    assert!(
        points.iter().any(|point| point["dominated"] == false),
        "{curve}"
    );

    for what in ["zones", "year"] {
        let file = desk.path(&format!("{what}.xlsx"));
        desk.ok(&[
            "show",
            what,
            "-o",
            "xlsx",
            "-f",
            &file.display().to_string(),
        ]);
        assert!(is_workbook(&file), "{what}");
    }
    let map = desk.path("zones.geojson");
    desk.ok(&[
        "show",
        "zones",
        "-o",
        "geojson",
        "-f",
        &map.display().to_string(),
    ]);
    let map: serde_json::Value =
        serde_json::from_slice(&std::fs::read(map).expect("a map")).expect("JSON");
    assert_eq!(map["type"], "FeatureCollection");

    let audit = desk.json(&["audit", "verify", "-o", "json"]);
    for chain in audit["chains"].as_array().expect("chains") {
        assert_eq!(chain["whole"], true, "{chain}");
    }
    let events = desk.ok(&["watch", "scheduler", "--stop"]);
    assert!(events.contains("ZoningPlanActivated"), "{events}");
}

#[test]
fn a_template_can_be_filled_in_and_imported() {
    let desk = Desk::sqlite();
    desk.ok(&["county", "create", "140525", "--name", "泽州县"]);
    for kind in ["schools", "supervisors"] {
        let file = desk.path(&format!("{kind}.xlsx"));
        desk.ok(&["template", kind, "-o", &file.display().to_string()]);
        assert!(is_workbook(&file), "{kind}");
    }
}

#[test]
fn a_supervisor_whose_term_has_ended_is_left_out_with_the_reason() {
    let desk = Desk::sqlite();
    desk.ok(&["county", "create", "140525", "--name", "泽州县"]);
    let file = desk.file("schools.csv", schools(16));
    desk.ok(&["import", "schools", &file]);
    let late = supervisors(6).replace(
        "D004,督学04,兼职,幼儿园;小学;初中,112.70000,35.46000,2025-09-01,2028-08-31",
        "D004,督学04,兼职,幼儿园;小学;初中,112.70000,35.46000,2020-09-01,2023-08-31",
    );
    assert_ne!(late, supervisors(6));
    let file = desk.file("supervisors.csv", late);
    desk.ok(&["import", "supervisors", &file]);
    let zones = desk.json(&["plan", "zones", "--time", "5", "-o", "json"]);
    assert_eq!(zones["supervisors"], 5, "{zones}");
    let left_out = zones["left_out"].as_array().expect("left out");
    assert_eq!(left_out.len(), 1, "{zones}");
    assert!(
        left_out[0]["zh"]
            .as_str()
            .is_some_and(|why| why.contains("聘期")),
        "{zones}"
    );
}

#[test]
fn a_benchmark_instance_is_solved_from_its_file() {
    let desk = Desk::sqlite();
    let file = desk.file("tiny.txt", "4 2\n0 0 10 3\n0 1 10 3\n9 9 10 3\n9 8 10 3\n");
    let solved = desk.json(&[
        "solve",
        "cpmp",
        &file,
        "--distance",
        "floor",
        "--time",
        "5",
        "--gap",
        "0",
        "-o",
        "json",
    ]);
    assert_eq!(solved["objective"].as_f64(), Some(2.0), "{solved}");
    assert_eq!(solved["bound"].as_f64(), Some(2.0), "{solved}");
}
