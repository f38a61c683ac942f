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

use common::journey::{Steps, group, journey};
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
    chance: Option<Pcg64Mcg>,
}

impl<'a> Platform<'a> {
    fn start(desk: &'a Desk, chance: Option<Pcg64Mcg>) -> Self {
        let free = || {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("its address").to_string()
        };
        let mut platform = Self {
            desk,
            addresses: [free(), free(), free(), free()],
            processes: [None, None, None, None],
            chance,
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
        let server = format!("http://{}", self.addresses[at]);
        let mut all = vec!["--server", &server, "--county", "140525", group(service)];
        all.extend(args);
        let mut command = self.desk.command(&all);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary runs")
    }

    /// Does a step until it is acknowledged. One of the services may be killed meanwhile.
    fn insist(&mut self, step: (&str, &[&str]), disturbed: bool) -> String {
        let since = Instant::now();
        let first = self.call(step);
        if disturbed && let Some(mut chance) = self.chance.take() {
            std::thread::sleep(Duration::from_millis(chance.random_range(0..120)));
            let victim = chance.random_range(0..SERVICES.len());
            self.kill(victim);
            self.serve(victim);
            self.chance = Some(chance);
        }
        let mut output = first.wait_with_output().expect("it ends");
        while !output.status.success() {
            assert!(since.elapsed() < PATIENCE, "{step:?}: {}", said(&output));
            std::thread::sleep(Duration::from_millis(100));
            output = self.call(step).wait_with_output().expect("it ends");
        }
        text(&output.stdout)
    }
}

impl Steps for Platform<'_> {
    fn step(&mut self, step: (&str, &[&str])) -> String {
        self.insist(step, true)
    }

    fn eventually(&mut self, question: (&str, &[&str]), word: &str) {
        let since = Instant::now();
        loop {
            let answer = self.insist(question, false);
            if answer.contains(word) {
                return;
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

/// A journey, by chance with services killed in it, and its end.
fn travelled(desk: &Desk, chance: Option<Pcg64Mcg>) -> [Value; 3] {
    common::county(desk, 4, 2);
    let mut platform = Platform::start(desk, chance);
    let end = journey(&mut platform);
    drop(platform);
    desk.ok(&["audit", "verify"]);
    end
}

fn chance(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

#[test]
fn any_service_killed_at_any_moment_of_a_journey_changes_nothing_of_its_end_on_sqlite() {
    let undisturbed = travelled(&Desk::sqlite(), None);
    assert!(
        undisturbed[1].to_string().contains("SUSTAINED"),
        "{}",
        undisturbed[1]
    );
    for seed in 0..2 {
        assert_eq!(
            travelled(&Desk::sqlite(), Some(chance(seed))),
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
            travelled(&Desk::postgres(first), None),
            travelled(&Desk::postgres(second), Some(chance(7))),
        ]
    });
    let [undisturbed, disturbed] = ends.await.expect("the journeys end");
    assert_eq!(disturbed, undisturbed);
}
