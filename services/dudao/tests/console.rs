//! The console as `dudao serve` puts it up: beside the services, and as a deployment of its own.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use common::Desk;
use reqwest::{Client, StatusCode, redirect};

struct Served {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Served {
    fn start(desk: &Desk, flags: &[&str]) -> Self {
        let mut command = desk.command(&["serve", "--console-listen", "127.0.0.1:0"]);
        let mut child = command
            .args(flags)
            .env_remove("DUDAO_NO_CONSOLE")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let told = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, told }
    }

    /// What comes after these words on the line that has them.
    fn told(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.told.read_line(&mut line).expect("a line");
            assert!(read > 0, "it has not told {words}");
            if let Some((_, rest)) = line.split_once(words) {
                return rest.trim().to_owned();
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Signs in by a link or a token, and gives the cookie.
async fn sign_in(client: &Client, console: &str, proof: &str) -> Option<String> {
    let form = client
        .post(format!("{console}/login"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("proof={proof}"));
    let answer = form.send().await.expect("an answer");
    let cookie = answer.headers().get("set-cookie")?;
    let cookie = cookie.to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure"));
    cookie.split(';').next().map(str::to_owned)
}

async fn status(client: &Client, address: &str, cookie: &str) -> StatusCode {
    let request = client.get(address).header("cookie", cookie);
    request.send().await.expect("an answer").status()
}

async fn shows_to_each_their_own(desk: &Desk, client: &Client, console: &str, code: &str) {
    let planner = sign_in(client, console, code).await.expect("signed in");
    assert_eq!(
        sign_in(client, console, code).await,
        None,
        "it is good once"
    );
    let issue = ["token", "issue", "--subject", "校长", "--role", "school"];
    let own = ["--scope", "990893", "--own", "counties/990893/schools/S1"];
    let token = desk.ok(&[&issue[..], &own[..]].concat());
    let school = sign_in(client, console, token.trim())
        .await
        .expect("signed in");
    let plans = format!("{console}/counties/990893/zoningPlans");
    assert_eq!(status(client, &plans, &planner).await, StatusCode::OK);
    // The services are in the console's own process, and a school is a school all the same; nobody is nobody.
    assert_eq!(status(client, &plans, &school).await, StatusCode::FORBIDDEN);
    assert_eq!(status(client, &plans, "").await, StatusCode::SEE_OTHER);
    let public = format!("{console}/public/990893");
    assert_eq!(status(client, &public, "").await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_each_their_own_beside_the_services_and_apart_from_them() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder().redirect(redirect::Policy::none());
    let client = client.build().expect("a client");
    let desk = Desk::sqlite();
    desk.ok(&["county", "create", "990893", "--name", "Shropshire"]);
    let mut all = Served::start(&desk, &["--listen", "127.0.0.1:0"]);
    let services = all.told("serving on ");
    let link = all.told("console: ");
    let (console, code) = link.split_once("/login?code=").expect("a link");
    shows_to_each_their_own(&desk, &client, console, code).await;

    let login = all.told("dudao login '");
    let (_, code) = login
        .trim_end_matches('\'')
        .split_once("code=")
        .expect("a link");
    let addresses = [
        "--registry",
        "--inspection",
        "--accountability",
        "--scheduler",
    ];
    let addresses = addresses.iter().flat_map(|flag| [*flag, &services]);
    let flags: Vec<_> = ["--only", "console"].into_iter().chain(addresses).collect();
    let mut apart = Served::start(&desk, &flags);
    let console = apart.told("serving on ");
    shows_to_each_their_own(&desk, &client, &console, code).await;
}
