//! What `dudao solve --export-mps` writes is the model: HiGHS and CP-SAT read it, and price our solution as we do.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::Path;
use std::process::Command;

use common::Desk;
use serde_json::{Value, json};

/// Solves a problem by the command line, has both solvers price what came out, and lets HiGHS look for something better.
fn priced_alike(kind: &str, problem: &str) {
    let desk = Desk::sqlite();
    let file = desk.file("problem", problem);
    let (mps, point) = (desk.path("program.mps"), desk.path("solution.txt"));
    let (mps, point) = (mps.display().to_string(), point.display().to_string());
    let export = ["--export-mps", &mps, "--export-solution", &point];
    let told = desk.ok(&[
        &[
            "solve", kind, &file, "--time", "3", "--gap", "0", "-o", "json",
        ][..],
        &export,
    ]
    .concat());
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let objective = told["objective"].as_f64().expect("a solution").to_string();
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let home = std::env::var("HOME").expect("a home");
    let interpreter = Path::new(&home).join(".cache/dudao/solvers/bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/exported.py");
    let mut solvers = Command::new(interpreter);
    solvers.arg(script).args([&mps, &point, &objective]);
    let said = solvers.output().expect("make test installs the solvers");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        said.status.success(),
        "{}{}",
        text(&said.stdout),
        text(&said.stderr)
    );
}

fn place(n: u32) -> Value {
    json!({ "lon": 112.0 + 0.03 * f64::from(n * 7 % 10), "lat": 35.0 + 0.03 * f64::from(n * 3 % 10) })
}

fn stages() -> Value {
    json!(["primary", "junior"])
}

#[test]
fn other_solvers_price_a_zoning_as_we_do_and_find_none_better() {
    let school = |n: u32| {
        json!({
            "id": format!("S{n}"), "name": format!("学校{n}"), "stage": "primary", "town": format!("T{}", n % 2),
            "place": place(n), "days": 5.75, "visits": 10.0, "team_visits": 0.25, "last_supervisor": format!("K{}", n % 6),
        })
    };
    let person = |n: u32| {
        json!({
            "id": format!("K{n}"), "name": format!("督学{n}"), "place": place(n + 3), "full_time": n.is_multiple_of(3),
            "stages": stages(), "max_days": 75.0, "max_schools": 3,
        })
    };
    let problem = json!({
        "schools": (0..10).map(school).collect::<Vec<_>>(),
        "supervisors": (0..6).map(person).collect::<Vec<_>>(),
        "pins": [{ "apart": { "a": "S0", "b": "S6" } }],
    });
    priced_alike("zoning", &problem.to_string());
}

#[test]
fn other_solvers_price_a_year_as_we_do_and_find_none_better() {
    let days = |week: u32| {
        let first = chrono::NaiveDate::from_ymd_opt(2027, 3, 1).expect("a Monday");
        let monday = first + chrono::Days::new(u64::from(week) * 7);
        let days = monday.iter_days().take(5).collect::<Vec<_>>();
        json!({ "start": monday, "days": days })
    };
    let school = |n: u32| {
        json!({
            "id": format!("S{n}"), "name": format!("学校{n}"), "stage": "primary", "place": place(n),
            "supervisor": format!("K{}", n % 4), "zone": "Z01", "risk": f64::from(n % 3),
        })
    };
    let person = |n: u32| {
        json!({
            "id": format!("K{n}"), "name": format!("督学{n}"), "place": place(n + 3), "zone": "Z01", "full_time": n.is_multiple_of(2),
            "stages": stages(), "max_days_week": 3.0, "max_days_year": 60.0,
        })
    };
    let targets: Vec<String> = (0..8).map(|n| format!("S{n}")).collect();
    let problem = json!({
        "weeks": (0..12).map(days).collect::<Vec<_>>(),
        "from": "2027-03-15",
        "schools": (0..8).map(school).collect::<Vec<_>>(),
        "supervisors": (0..4).map(person).collect::<Vec<_>>(),
        "units": [{ "id": "U1", "name": "财政局", "max_visits": 2 }],
        "items": [
            {
                "id": "R", "name": "经常性督导", "kind": "routine", "targets": targets, "start": "2027-03-01", "end": "2027-05-21",
                "visits": 4, "min_gap_weeks": 1, "max_gap_weeks": 6, "days": 0.5,
            },
            {
                "id": "C", "name": "综合督导", "kind": "comprehensive", "targets": ["S1", "S5"], "start": "2027-03-01",
                "end": "2027-05-21", "team": 3, "days": 1.0, "specialist": true,
            },
        ],
        "fixed": [{ "id": "R/S0/1", "items": ["R"], "target": "S0", "date": "2027-03-03", "team": ["K0"] }],
        "current": [{ "id": "R/S0/2", "items": ["R"], "target": "S0", "date": "2027-03-24", "team": ["K0"] }],
    });
    priced_alike("year", &problem.to_string());
}

#[test]
fn other_solvers_price_a_p_median_and_an_assignment_as_we_do_and_find_none_better() {
    let points = "8 2\n0 0 20 3\n37 23 20 4\n24 6 20 5\n11 29 20 6\n48 12 20 3\n35 35 20 4\n22 18 20 5\n9 1 20 6\n";
    priced_alike("cpmp", points);
    let jobs = "2 4\n 3 5 2 8\n 4 1 6 3\n 5 6 4 7\n 4 5 6 5\n 12 12\n";
    priced_alike("gap", jobs);
}
