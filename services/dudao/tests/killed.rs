//! What an acknowledgement is worth: processes are killed at random moments, and volumes take no more.
//!
//! `DUDAO_KILLS` sets how often the writing server is killed; `make bench` sets it to a thousand.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::served::Served;
use common::{Desk, SCHOOL_HEADINGS, county, text};
use dudao_platform::rpc::Link;
use dudao_platform::testing::Cluster;
use dudao_proto::registry::v1::school_service_client::SchoolServiceClient;
use dudao_proto::registry::v1::{
    CreateSchoolRequest, ListSchoolsRequest, Place, School, Stage, UpdateSchoolRequest,
};
use dudao_proto::scheduler::v1 as scheduler;
use dudao_proto::scheduler::v1::zoning_plan_service_client::ZoningPlanServiceClient;
use prost_types::FieldMask;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use scheduler::PlanState;
use serde_json::Value;
use tonic::{Code, Status};

const COUNTY: &str = "counties/140525";
const WRITERS: usize = 3;

/// One who writes: creates a school, sets its pupils, goes on to the next. What was not acknowledged is sent again.
#[derive(Debug)]
struct Writer {
    number: usize,
    /// Writes acknowledged; the next has this number.
    done: usize,
    etag: String,
}

impl Writer {
    fn school(&self) -> String {
        format!("W{}x{}", self.number, self.done / 2)
    }

    async fn write(&mut self, link: Link) -> Status {
        let mut client = SchoolServiceClient::new(link);
        loop {
            let request_id = format!("w{}-{}", self.number, self.done);
            let answer = if self.done.is_multiple_of(2) {
                let request = CreateSchoolRequest {
                    parent: COUNTY.to_owned(),
                    school_id: self.school(),
                    school: Some(School {
                        display_name: format!("第{}校", self.done),
                        stage: Stage::Primary.into(),
                        place: Some(Place {
                            longitude: 112.8,
                            latitude: 35.5,
                        }),
                        ..School::default()
                    }),
                    request_id,
                };
                client.create_school(request).await
            } else {
                let request = UpdateSchoolRequest {
                    school: Some(School {
                        name: format!("{COUNTY}/schools/{}", self.school()),
                        pupils: Some(i32::try_from(self.done).unwrap_or(i32::MAX)),
                        // Applied a second time, it would meet another etag.
                        etag: self.etag.clone(),
                        ..School::default()
                    }),
                    update_mask: Some(FieldMask {
                        paths: vec!["pupils".to_owned()],
                    }),
                    request_id,
                };
                client.update_school(request).await
            };
            match answer {
                Ok(school) => {
                    self.etag = school.into_inner().etag;
                    self.done += 1;
                }
                Err(status) => return status,
            }
        }
    }
}

async fn every_school(link: Link) -> BTreeMap<String, Option<i32>> {
    let mut client = SchoolServiceClient::new(link);
    let mut found = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let request = ListSchoolsRequest {
            parent: COUNTY.to_owned(),
            page_size: 100,
            page_token,
            ..ListSchoolsRequest::default()
        };
        let page = client.list_schools(request).await.expect("a page");
        let page = page.into_inner();
        for school in page.schools {
            let again = found.insert(school.name, school.pupils);
            assert_eq!(again, None, "a school is listed twice");
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

/// Kills a server that is written to at random moments, and checks what it acknowledged.
async fn kill_and_check(desk: &Desk, kills: usize) {
    desk.ok(&["county", "create", "140525", "--name", "泽州县"]);
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    let mut writers: Vec<Writer> = (0..WRITERS)
        .map(|number| Writer {
            number,
            done: 0,
            etag: String::new(),
        })
        .collect();
    let acknowledged = |writers: &[Writer]| writers.iter().map(|writer| writer.done).sum::<usize>();
    // A busy machine may kill a server before it has answered anybody: it is killed again then.
    let mut killed = 0;
    while killed < kills || acknowledged(&writers) <= kills {
        assert!(killed < 20 * kills, "the load was no load");
        killed += 1;
        let server = Served::start(desk);
        let tasks: Vec<_> = writers
            .drain(..)
            .map(|mut writer| {
                let link = server.link();
                tokio::spawn(async move {
                    let ended = writer.write(link).await;
                    (writer, ended)
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(rng.random_range(5..250))).await;
        drop(server);
        for task in tasks {
            let (writer, ended) = task.await.expect("a writer");
            assert!(
                matches!(
                    ended.code(),
                    Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
                ),
                "a write that was sent again was refused: {ended:?}"
            );
            writers.push(writer);
        }
    }
    let server = Served::start(desk);
    let found = every_school(server.link()).await;
    for writer in &writers {
        for at in 0..writer.done {
            let name = format!("{COUNTY}/schools/W{}x{}", writer.number, at / 2);
            let pupils = found.get(&name);
            assert!(pupils.is_some(), "{name} was acknowledged and is lost");
            assert!(
                at.is_multiple_of(2) || pupils == Some(&i32::try_from(at).ok()),
                "the pupils of {name} were acknowledged and are lost: {pupils:?}"
            );
        }
    }
    drop(server);

    let acknowledged = acknowledged(&writers);
    let mut happened = BTreeMap::new();
    for line in desk
        .ok(&["watch", "registry", "--stop", "-o", "json"])
        .lines()
    {
        let event: Value = serde_json::from_str(line).expect("an event");
        if event["resource"]
            .as_str()
            .is_some_and(|r| r.contains("/schools/W"))
        {
            let key = (event["kind"].to_string(), event["resource"].to_string());
            *happened.entry(key).or_insert(0) += 1;
        }
    }
    assert!(
        happened.values().all(|&times| times == 1),
        "a write happened twice"
    );
    let written = happened.len();
    assert!(
        (acknowledged..=acknowledged + WRITERS).contains(&written),
        "{acknowledged} acknowledged, {written} written"
    );
    desk.ok(&["audit", "verify"]);
    println!("{killed} kills, {acknowledged} writes acknowledged, none lost, none twice");
}

/// A file of `count` schools close to each other, new to the county.
fn many(count: usize) -> String {
    let mut csv = format!("{SCHOOL_HEADINGS}\n");
    for n in 0..count {
        let (lon, lat) = (
            112.7 + 0.002 * (n % 100) as f64,
            35.4 + 0.002 * (n / 100) as f64,
        );
        csv += &format!("M{n:05},第{n}学校,小学,公办,甲镇,,,{lon:.3},{lat:.3},,,\n");
    }
    csv
}

fn kills() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let set = std::env::var("DUDAO_KILLS").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(8)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost_and_none_happens_twice_on_sqlite() {
    kill_and_check(&Desk::sqlite(), kills()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost_and_none_happens_twice_on_postgresql() {
    let database = Cluster::shared().await.create_database().await;
    kill_and_check(&Desk::postgres(database), kills()).await;
}

#[test]
fn an_import_that_is_killed_has_happened_or_not() {
    let desk = Desk::sqlite();
    desk.ok(&["county", "create", "140525", "--name", "泽州县"]);
    let mut outcomes = BTreeSet::new();
    let mut known = 0;
    // From before the file is read to after all is written.
    for (round, delay) in [1, 20, 40, 60, 80, 120, 400].into_iter().enumerate() {
        let count = 2_000 * (round + 1);
        let file = desk.file("many.csv", many(count));
        let mut import = desk
            .command(&["import", "schools", &file])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(delay));
        import.kill().expect("it can be killed");
        import.wait().expect("it ends");
        desk.ok(&["audit", "verify"]);
        let trial = desk.json(&["import", "schools", &file, "-o", "json"]);
        let created = trial["created"].as_u64().expect("a number") as usize;
        assert!(
            created == 0 || created == count - known,
            "half of a file is there: {trial}"
        );
        outcomes.insert(created == 0);
        known = count;
    }
    println!("{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solve_of_a_killed_server_goes_on_from_its_best_plan() {
    let desk = Desk::sqlite();
    county(&desk, 60, 14);
    let server = Served::start(&desk);
    let mut plans = ZoningPlanServiceClient::new(server.link());
    let request = scheduler::CreateZoningPlanRequest {
        parent: COUNTY.to_owned(),
        zoning_plan: Some(scheduler::ZoningPlan {
            limits: Some(scheduler::SolveLimits {
                seconds: 600.0,
                gap: Some(0.0),
                ..scheduler::SolveLimits::default()
            }),
            ..scheduler::ZoningPlan::default()
        }),
        ..scheduler::CreateZoningPlanRequest::default()
    };
    let name = plans
        .create_zoning_plan(request)
        .await
        .expect("a plan")
        .into_inner()
        .name;
    let watch = scheduler::WatchZoningPlanRequest { name: name.clone() };
    let mut moments = plans
        .watch_zoning_plan(watch)
        .await
        .expect("moments")
        .into_inner();
    let best = loop {
        let moment = moments
            .message()
            .await
            .expect("a moment")
            .expect("the solve goes on");
        if let Some(objective) = moment.progress.and_then(|progress| progress.objective) {
            break objective;
        }
    };
    drop(server);

    let server = Served::start(&desk);
    let mut plans = ZoningPlanServiceClient::new(server.link());
    let cancel = scheduler::CancelZoningPlanRequest {
        name: name.clone(),
        ..scheduler::CancelZoningPlanRequest::default()
    };
    plans
        .cancel_zoning_plan(cancel)
        .await
        .expect("it can be cancelled");
    let plan = loop {
        let get = scheduler::GetZoningPlanRequest { name: name.clone() };
        let plan = plans
            .get_zoning_plan(get)
            .await
            .expect("the plan")
            .into_inner();
        if plan.state() == PlanState::Proposed {
            break plan;
        }
        assert!(
            matches!(plan.state(), PlanState::Queued | PlanState::Solving),
            "{plan:?}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let report = plan.report.expect("a report");
    let objective = report.progress.and_then(|progress| progress.objective);
    assert!(
        objective.is_some_and(|objective| objective <= best + 1e-6),
        "{objective:?} {best}"
    );
    assert!(report.violations.is_empty());
    assert!(!plan.zones.is_empty());
}

#[test]
fn a_volume_that_takes_no_more_loses_nothing_that_was_there() {
    let desk = Desk::sqlite();
    county(&desk, 40, 10);
    let file = desk.file("many.csv", many(5_000));
    let import = desk.command(&["import", "schools", &file]);
    // Files of at most 600 KB (`ulimit -f` counts blocks of 512 bytes).
    let mut limited = Command::new("sh");
    limited
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 1200; exec \"$@\"")
        .arg("sh")
        .arg(import.get_program())
        .args(import.get_args());
    let refused = limited.output().expect("sh");
    assert!(!refused.status.success());
    assert!(
        text(&refused.stderr).contains("数据库"),
        "{}",
        text(&refused.stderr)
    );
    desk.ok(&["audit", "verify"]);
    let again = desk.json(&["import", "schools", &file, "-o", "json"]);
    assert_eq!(again["created"], 5_000, "{again}");
}
