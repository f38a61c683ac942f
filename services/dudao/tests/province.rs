//! A province asks for the zones of all its counties at once: processes share them, and one that dies leaves them to the others.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::served::Served;
use common::{Desk, county_called, text};
use dudao_platform::rpc::Link;
use dudao_platform::testing::Cluster;
use dudao_proto::scheduler::v1::GetZoningPlanRequest;
use dudao_proto::scheduler::v1::zoning_plan_service_client::ZoningPlanServiceClient;
use serde_json::Value;

/// How long a solve stays with a process that does not say that it lives.
const LEASE: Duration = Duration::from_secs(10);
/// How long the solve of a county may take.
const LIMIT: Duration = Duration::from_secs(6);

/// How long a plan was under way, from its first process to its last.
async fn under_way(link: Link, name: &str) -> Duration {
    let name = name.to_owned();
    let plan = ZoningPlanServiceClient::new(link)
        .get_zoning_plan(GetZoningPlanRequest { name })
        .await;
    let report = plan.expect("a plan").into_inner().report.expect("a report");
    let instant = |at: Option<prost_types::Timestamp>| {
        let at = at.expect("an instant");
        Duration::new(at.seconds as u64, at.nanos as u32)
    };
    instant(report.end_time).saturating_sub(instant(report.start_time))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counties_of_a_province_are_zoned_by_two_processes_of_which_one_dies() {
    let desk = Desk::postgres(Cluster::shared().await.create_database().await);
    for code in ["140521", "140522", "140581", "130102"] {
        county_called(&desk, code, 16, 5);
    }
    // This one has nobody to plan with; the others don't wait for it.
    desk.ok(&["county", "create", "140525", "--name", "空县"]);
    let (first, second) = (Served::start(&desk), Served::start(&desk));
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
        .command(&[
            "--server",
            first.address(),
            "--token",
            &token,
            "plan",
            "zones",
        ])
        .args(["--scope", "14", "--time", "6", "--gap", "0", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    tokio::time::sleep(Duration::from_secs(3)).await;
    drop(second);
    let output = asking.wait_with_output().expect("it ends");
    let told = text(&output.stdout);
    let answer: Value = serde_json::from_str(&told).expect("JSON");
    let rows = answer["counties"].as_array().expect("counties");
    let state = |code: &str| {
        let row = rows.iter().find(|row| row["county"] == code);
        row.map(|row| row["state"].as_str().unwrap_or_default())
    };
    for code in ["140521", "140522", "140581"] {
        assert_eq!(state(code), Some("PROPOSED"), "{told}");
        let row = rows.iter().find(|row| row["county"] == code);
        let plan = row.and_then(|row| row["plan"].as_str()).unwrap_or_default();
        let took = under_way(first.link(), plan).await;
        // What the dead process had is taken over when its lease ends, and goes on from there.
        let most = LIMIT + LEASE + Duration::from_secs(3);
        assert!(took <= most, "{code} took {took:?}: {told}");
    }
    drop(first);
    assert!(
        matches!(state("140525"), Some("REFUSED" | "INFEASIBLE" | "UNSOLVED")),
        "{told}"
    );
    assert_eq!(state("130102"), None, "{told}");
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    desk.ok(&["audit", "verify"]);
}
