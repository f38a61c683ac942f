//! The example client in Python, generated from the protos alone, against a server over TLS that restarts while it follows.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Desk, text};
use dudao_platform::rpc::TlsFiles;
use dudao_platform::testing::Cluster;
use dudao_platform::testing::certificates::Authority;

/// The client, and an interpreter that has what it needs: `make test` installs it.
fn python() -> Command {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let home = std::env::var("HOME").expect("a home");
    let interpreter = Path::new(&home).join(".cache/dudao/python/bin/python");
    assert!(
        interpreter.exists(),
        "make test installs what the client needs in {}",
        interpreter.display()
    );
    let client =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/examples/python/client.py");
    let mut command = Command::new(interpreter);
    command.arg(client);
    command
}

/// Where a server listens, however often it restarts.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

struct Served(Child);

impl Served {
    fn start(desk: &Desk, port: u16, files: &TlsFiles) -> Self {
        let path = |file: &Option<PathBuf>| file.as_ref().expect("a file").display().to_string();
        let listen = format!("127.0.0.1:{port}");
        let mut child = desk
            .command(&["serve", "--listen", &listen])
            .args([
                "--tls-cert",
                &path(&files.cert),
                "--tls-key",
                &path(&files.key),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a line");
        assert!(line.contains("https://"), "{line}");
        Self(child)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn the_client_joins_in(desk: &Desk) {
    common::county(desk, 8, 3);
    let files = Authority::new(desk.path("").as_path()).certify("server", &["127.0.0.1"]);
    let token = desk.ok(&[
        "token",
        "issue",
        "--subject",
        "省平台",
        "--role",
        "superior_reader",
        "--role",
        "superior_issuer",
        "--scope",
        "14",
    ]);
    let token_file = desk.file("token", token.trim());
    let port = free_port();
    let client = |step: &str, more: &[&str]| {
        let mut command = python();
        command
            .args([
                step,
                "--server",
                &format!("127.0.0.1:{port}"),
                "--token-file",
                &token_file,
            ])
            .args(["--cursor-file", &desk.path("cursor").display().to_string()])
            .arg("--ca")
            .arg(desk.path("ca.pem"))
            .args(more);
        command
    };
    let ends_well = |command: &mut Command| {
        let output = command.output().expect("the client runs");
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{said}");
        said
    };
    let served = Served::start(desk, port, &files);
    let said = ends_well(&mut client("schools", &[]));
    assert!(said.contains("listed 8 schools in 3 pages"), "{said}");
    let school = "counties/140525/schools/S00001";
    let said = ends_well(&mut client("push", &["--school", school]));
    assert!(
        said.contains("1 finding") && said.contains("directive.issuer"),
        "{said}"
    );

    // It follows while the server goes down and comes back, and what happens meanwhile is not missed.
    let known = ends_well(&mut client("follow", &["--until-events", "5"]));
    assert!(known.contains("followed 5 events"), "{known}");
    let all: usize = known
        .split("head of 140525: ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
        .expect("the head tells how many");
    let mut following = client("follow", &["--until-events", &(all + 2).to_string()]);
    let following = following
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the client runs");
    std::thread::sleep(Duration::from_secs(2));
    drop(served);
    let served = Served::start(desk, port, &files);
    for (code, hours) in [("D001", "41"), ("D002", "42")] {
        desk.ok(&[
            "registry",
            "update-supervisor",
            code,
            "--training-hours",
            hours,
        ]);
    }
    let begun = Instant::now();
    let output = following.wait_with_output().expect("the client ends");
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && said.contains("chains whole"),
        "{said}"
    );
    assert!(!said.contains(" 0 breaks"), "the server was away: {said}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{said}");
    drop(served);
}

#[test]
fn a_client_from_the_protos_alone_joins_in_on_sqlite() {
    the_client_joins_in(&Desk::sqlite());
}

#[tokio::test]
async fn a_client_from_the_protos_alone_joins_in_on_postgres() {
    let url = Cluster::shared().await.create_database().await;
    let desk = Desk::postgres(url);
    tokio::task::spawn_blocking(move || the_client_joins_in(&desk))
        .await
        .expect("the test ends");
}
