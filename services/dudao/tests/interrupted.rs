//! A journey through all four services, each a process of its own, of which one is killed at a random moment of every step: it ends
//! in the same state as a journey that nobody disturbed.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::net::TcpListener;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use common::{Desk, text};
use dudao_platform::testing::Cluster;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use serde_json::Value;

const SERVICES: [&str; 4] = ["registry", "inspection", "accountability", "scheduler"];
/// How long a step may take with all its retries.
const PATIENCE: Duration = Duration::from_secs(60);

/// The four services as processes. Dropped, they are killed.
struct Platform<'a> {
    desk: &'a Desk,
    addresses: [String; 4],
    processes: [Option<Child>; 4],
}

impl<'a> Platform<'a> {
    fn start(desk: &'a Desk) -> Self {
        let free = || {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("its address").to_string()
        };
        let mut platform = Self {
            desk,
            addresses: [free(), free(), free(), free()],
            processes: [None, None, None, None],
        };
        for at in 0..SERVICES.len() {
            platform.serve(at);
        }
        platform
    }

    fn serve(&mut self, at: usize) {
        let links: Vec<_> = self
            .addresses
            .iter()
            .map(|one| format!("http://{one}"))
            .collect();
        let mut args = vec![
            "serve",
            "--only",
            SERVICES[at],
            "--listen",
            &self.addresses[at],
        ];
        let flags = [
            "--registry",
            "--inspection",
            "--accountability",
            "--scheduler",
        ];
        for (peer, flag) in flags.iter().enumerate().filter(|(peer, _)| *peer != at) {
            args.extend([*flag, &links[peer]]);
        }
        let process = self
            .desk
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a service starts");
        self.processes[at] = Some(process);
    }

    fn kill(&mut self, at: usize) {
        if let Some(mut process) = self.processes[at].take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// Runs a verb of a service, once.
    fn call(&self, (service, args): (&str, &[&str])) -> std::process::Child {
        let at = SERVICES
            .iter()
            .position(|one| *one == service)
            .expect("a service");
        let group = match service {
            "registry" => "registry",
            "inspection" => "inspect",
            _ => "case",
        };
        let server = format!("http://{}", self.addresses[at]);
        let mut all = vec!["--server", &server, "--county", "140525", group];
        all.extend(args);
        let mut command = self.desk.command(&all);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary runs")
    }

    /// Does a step until it is acknowledged. With a source of chance, one of the services is killed meanwhile.
    fn step(&mut self, step: (&str, &[&str]), chance: Option<&mut Pcg64Mcg>) -> String {
        let since = Instant::now();
        let first = self.call(step);
        if let Some(chance) = chance {
            std::thread::sleep(Duration::from_millis(chance.random_range(0..120)));
            let victim = chance.random_range(0..SERVICES.len());
            self.kill(victim);
            self.serve(victim);
        }
        let mut output = first.wait_with_output().expect("it ends");
        while !output.status.success() {
            assert!(since.elapsed() < PATIENCE, "{step:?}: {}", said(&output));
            std::thread::sleep(Duration::from_millis(100));
            output = self.call(step).wait_with_output().expect("it ends");
        }
        text(&output.stdout)
    }

    /// Asks until the answer has this in it: what one service learns from another takes a moment.
    fn eventually(&mut self, question: (&str, &[&str]), word: &str) -> String {
        let since = Instant::now();
        loop {
            let answer = self.step(question, None);
            if answer.contains(word) {
                return answer;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{question:?} has no {word}: {answer}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Platform<'_> {
    fn drop(&mut self) {
        for at in 0..SERVICES.len() {
            self.kill(at);
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// A routine visit that finds a danger to life, from the plan to the look-back after the close-out.
fn journey(desk: &Desk, mut chance: Option<Pcg64Mcg>) -> [Value; 3] {
    common::county(desk, 4, 2);
    let mut platform = Platform::start(desk);
    let day = |days: u64| {
        let today = dudao_platform::Clock::system().today();
        (today + chrono::Days::new(days)).to_string()
    };
    let (today, limit) = (day(0), day(30));
    let team = r#"{"supervisor":"counties/140525/supervisors/D000","leader":true}"#;
    let steps: [(&str, &[&str]); 7] = [
        (
            "inspection",
            &[
                "create-visit",
                "v1",
                "--kind",
                "routine",
                "--object-kind",
                "school",
                "--target",
                "schools/S00001",
                "--target-name",
                "第1学校",
                "--date",
                &today,
                "--days",
                "0.5",
                "--team",
                team,
                "--request-id",
                "r1",
            ],
        ),
        ("inspection", &["begin-visit", "v1", "--request-id", "r2"]),
        (
            "inspection",
            &[
                "create-finding",
                "f1",
                "--visit",
                "visits/v1",
                "--title",
                "消防通道堵塞",
                "--basis",
                "《消防法》",
                "--severity",
                "grave",
                "--danger",
                "true",
                "--recorded-by",
                "supervisors/D000",
                "--request-id",
                "r3",
            ],
        ),
        ("inspection", &["finish-visit", "v1", "--request-id", "r4"]),
        (
            "inspection",
            &[
                "record-visit",
                "v1",
                "--text",
                "通道堵塞",
                "--matters",
                "安全",
                "--by",
                "D000",
                "--request-id",
                "r5",
            ],
        ),
        (
            "inspection",
            &[
                "issue-opinion-letter",
                "v1",
                "--number",
                "泽督意1号",
                "--summary",
                "立即疏通",
                "--request-id",
                "r6",
            ],
        ),
        (
            "registry",
            &[
                "update-school",
                "S00001",
                "--pupils",
                "321",
                "--request-id",
                "r7",
            ],
        ),
    ];
    for step in steps {
        platform.step(step, chance.as_mut());
    }
    platform.eventually(
        ("accountability", &["list-cases", "-o", "json"]),
        "cases/v1",
    );
    let items = format!(
        r#"{{"finding":"counties/140525/findings/f1","requirement":"疏通并保持畅通","limit_date":"{limit}"}}"#
    );
    let finding = "findings/f1";
    let steps: [(&str, &[&str]); 6] = [
        (
            "accountability",
            &[
                "issue-decision",
                "v1",
                "--document",
                "整1号",
                "--officer",
                "张主任",
                "--items",
                &items,
                "--request-id",
                "r8",
            ],
        ),
        (
            "accountability",
            &[
                "submit-rectification",
                "v1",
                "--finding",
                finding,
                "--text",
                "已疏通",
                "--by",
                "学校",
                "--request-id",
                "r9",
            ],
        ),
        (
            "accountability",
            &[
                "check-rectification",
                "v1",
                "--finding",
                finding,
                "--passed",
                "true",
                "--text",
                "属实",
                "--officer",
                "张主任",
                "--request-id",
                "r10",
            ],
        ),
        (
            "accountability",
            &[
                "publish-result",
                "v1",
                "--findings",
                finding,
                "--place",
                "公示栏",
                "--request-id",
                "r11",
            ],
        ),
        (
            "accountability",
            &[
                "close-out-finding",
                "v1",
                "--finding",
                finding,
                "--officer",
                "李主任",
                "--text",
                "同意销号",
                "--request-id",
                "r12",
            ],
        ),
        (
            "accountability",
            &[
                "look-back-finding",
                "v1",
                "--finding",
                finding,
                "--sustained",
                "true",
                "--text",
                "保持畅通",
                "--officer",
                "张主任",
                "--request-id",
                "r13",
            ],
        ),
    ];
    for step in steps {
        platform.step(step, chance.as_mut());
    }
    let end = [
        ("inspection", &["get-visit", "v1", "-o", "json"][..]),
        ("accountability", &["get-case", "v1", "-o", "json"][..]),
        ("registry", &["get-school", "S00001", "-o", "json"][..]),
    ];
    let end = end.map(|question| {
        let answer = platform.step(question, None);
        timeless(serde_json::from_str(&answer).expect("JSON"))
    });
    drop(platform);
    desk.ok(&["audit", "verify"]);
    end
}

/// A resource without the instants of its writing; what remains, the version in its etag too, must be the same.
fn timeless(mut resource: Value) -> Value {
    if let Some(fields) = resource.as_object_mut() {
        fields.retain(|name, _| !name.to_lowercase().ends_with("time"));
    }
    resource
}

fn chance(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

#[test]
fn any_service_killed_at_any_moment_of_a_journey_changes_nothing_of_its_end_on_sqlite() {
    let undisturbed = journey(&Desk::sqlite(), None);
    assert!(
        undisturbed[1].to_string().contains("SUSTAINED"),
        "{}",
        undisturbed[1]
    );
    for seed in 0..2 {
        assert_eq!(
            journey(&Desk::sqlite(), Some(chance(seed))),
            undisturbed,
            "seed {seed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_service_killed_at_any_moment_of_a_journey_changes_nothing_of_its_end_on_postgresql() {
    let cluster = Cluster::shared().await;
    let (first, second) = (
        cluster.create_database().await,
        cluster.create_database().await,
    );
    let ends = tokio::task::spawn_blocking(|| {
        [
            journey(&Desk::postgres(first), None),
            journey(&Desk::postgres(second), Some(chance(7))),
        ]
    });
    let [undisturbed, disturbed] = ends.await.expect("the journeys end");
    assert_eq!(disturbed, undisturbed);
}
