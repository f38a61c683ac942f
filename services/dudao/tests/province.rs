//! A province asks for the zones of all its counties at once: processes share them, and one that dies leaves them to the others.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{Desk, county_called, text};
use dudao_platform::testing::Cluster;
use serde_json::Value;

struct Served(Child);

impl Served {
    fn start(desk: &Desk) -> (Self, String) {
        let mut process = desk
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a line");
        let address = line
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_owned();
        (Self(process), address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counties_of_a_province_are_zoned_by_two_processes_of_which_one_dies() {
    let desk = Desk::postgres(Cluster::shared().await.create_database().await);
    for code in ["140521", "140522", "140581", "130102"] {
        county_called(&desk, code, 16, 5);
    }
    // This one has nobody to plan with; the others don't wait for it.
    desk.ok(&["county", "create", "140525", "--name", "空县"]);
    let (first, address) = Served::start(&desk);
    let (second, _) = Served::start(&desk);
    let token = [
        "token",
        "issue",
        "--subject",
        "省督导办",
        "--scope",
        "14",
        "--role",
        "planner",
    ];
    let token = desk.ok(&token).trim().to_owned();
    let asking = desk
        .command(&["--server", &address, "--token", &token, "plan", "zones"])
        .args(["--scope", "14", "--time", "6", "--gap", "0", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    tokio::time::sleep(Duration::from_secs(3)).await;
    drop(second);
    let output = asking.wait_with_output().expect("it ends");
    drop(first);
    let told = text(&output.stdout);
    let answer: Value = serde_json::from_str(&told).expect("JSON");
    let rows = answer["counties"].as_array().expect("counties");
    let state = |code: &str| {
        let row = rows.iter().find(|row| row["county"] == code);
        row.map(|row| row["state"].as_str().unwrap_or_default())
    };
    for code in ["140521", "140522", "140581"] {
        assert_eq!(state(code), Some("PROPOSED"), "{told}");
    }
    assert!(
        matches!(state("140525"), Some("REFUSED" | "INFEASIBLE" | "UNSOLVED")),
        "{told}"
    );
    assert_eq!(state("130102"), None, "{told}");
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    desk.ok(&["audit", "verify"]);
}
