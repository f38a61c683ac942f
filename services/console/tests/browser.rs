//! The county's pages in a real browser: what a person does with mouse and keyboard, at a desk and on a phone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::Desk;
use dudao_platform::rpc::Grant;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use url::Url;

/// A browser of its own, with a profile that goes with it.
struct Browser {
    client: Client,
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    async fn open(width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Debian's chromium-driver: `make browser` installs it");
        let mut told = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = told.next_line().await.unwrap().expect("the driver's port");
            if let Some(rest) = line.split("successfully on port ").nth(1) {
                break rest.trim_end_matches('.').to_owned();
            }
        };
        // Nobody reads on, and the driver does not mind.
        tokio::spawn(async move { while let Ok(Some(_)) = told.next_line().await {} });
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<_> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--window-size={width},{height}"));
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": arguments }));
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Self {
            client,
            _driver: driver,
            _profile: profile,
        }
    }

    async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    async fn click(&self, css: &str) {
        let element = self.client.find(Locator::Css(css)).await.expect(css);
        element.click().await.unwrap();
    }

    async fn fill(&self, css: &str, text: &str) {
        let element = self.client.find(Locator::Css(css)).await.expect(css);
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until the page says so: a solve takes its time.
    async fn until(&self, words: &str) {
        for _ in 0..600 {
            let text = self.ask("return document.body.innerText").await;
            if text.as_str().unwrap_or_default().contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let text = self.ask("return document.body.innerText").await;
        panic!("the page has not said {words}: {text}");
    }

    /// Everything that the page has loaded came from the console, and the browser had nothing to complain of.
    async fn is_content(&self, desk: &Desk) {
        let loaded = self
            .ask("return performance.getEntriesByType('resource').map((entry) => entry.name)")
            .await;
        for name in loaded.as_array().unwrap() {
            let name = name.as_str().unwrap();
            assert!(name.starts_with(&desk.address), "{name}");
        }
        let complaints = self.client.issue_cmd(Complaints).await.unwrap();
        assert_eq!(complaints, json!([]));
    }

    async fn close(self) {
        self.client.close().await.unwrap();
    }
}

/// Asks the driver for what the browser has written on its console: errors, and what a page's policy forbade.
#[derive(Debug)]
struct Complaints;

impl WebDriverCompatibleCommand for Complaints {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "type": "browser" });
        (Method::POST, Some(body.to_string()))
    }
}

/// Signs in by the link that a server prints, as a person does.
async fn sign_in(browser: &Browser, desk: &Desk) {
    browser.go(&desk.link()).await;
    browser.click("main button").await;
    browser.until("覆盖情况").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_signs_in_sees_the_county_and_finds_a_school() {
    let desk = Desk::with_schools().await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    browser.until("泽州县").await;
    browser.click("nav a[href$='/schools']").await;
    // The list follows while one types.
    browser.fill("#q", "第25").await;
    browser.until("共 1").await;
    browser.click("tbody a").await;
    browser.until("大阳镇").await;
    browser.is_content(&desk).await;
    browser.click("form[action='/logout'] button").await;
    browser.until("请粘贴").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_solves_zones_watches_and_puts_them_in_force() {
    let desk = Desk::with_schools().await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    browser.click("nav a[href$='/zoningPlans']").await;
    browser.click("main a.button").await;
    browser.fill("#seconds", "15").await;
    browser.fill("#gap", "3").await;
    browser.click("main form.card > button").await;
    // The page reads itself again when the solve ends.
    browser.until("待审批").await;
    let drawn = "return document.querySelectorAll('#map path.dot').length";
    for _ in 0..100 {
        if browser.ask(drawn).await == json!(25) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(browser.ask(drawn).await, json!(25));
    browser.is_content(&desk).await;
    browser.click("form[action$='/approve'] button").await;
    browser.until("已批准").await;
    browser.click("form[action$='/activate'] button").await;
    browser.until("现行").await;
    browser.click("main a[href$='/explain']").await;
    browser.fill("#school", "S25").await;
    browser.click("form.filters button").await;
    browser.until("现任").await;
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_brings_in_a_file_and_sees_what_is_wrong_before_anything_is_written() {
    let desk = Desk::open().await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("学校.csv");
    let heading = "学校标识码,学校名称,学段,举办者,乡镇,经度,纬度";
    for (stage, words) in [("大学", "有误的单元格"), ("小学", "检查通过")] {
        let row = format!("S9,第九小学,{stage},公办,大阳镇,112.8,35.6");
        std::fs::write(&file, format!("{heading}\n{row}\n")).unwrap();
        browser.click("nav a[href$='/import']").await;
        let chooser = browser.client.find(Locator::Css("#file")).await.unwrap();
        chooser.send_keys(file.to_str().unwrap()).await.unwrap();
        browser.click("main form button").await;
        browser.until(words).await;
    }
    browser.click("main form button").await;
    browser.until("已导入").await;
    browser.click("nav a[href$='/schools']").await;
    browser.until("第九小学").await;
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_finds_the_visits_of_a_month_on_a_phone() {
    let desk = Desk::settled().await;
    let supervisor = Grant {
        roles: vec!["supervisor".to_owned()],
        county: "140525".to_owned(),
        own: vec![dudao_tests::supervisor("A1")],
    };
    let token = desk.house.token("督学甲", supervisor);
    let browser = Browser::open(500, 900).await;
    browser.go(&format!("{}/login", desk.address)).await;
    browser.fill("#proof", &token).await;
    browser.click("main button").await;
    browser.until("我的督导").await;
    browser.click("a[rel=prev]").await;
    browser.until("2026-08").await;
    browser.click("main ul a").await;
    browser.until("消防通道堵塞").await;
    // Nothing is wider than the screen.
    let overflow =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.ask(overflow).await, json!(0));
    // Whoever uses the keyboard can pass over the navigation.
    let first = "return document.querySelector('a').textContent";
    assert_eq!(browser.ask(first).await, json!("跳到正文"));
    browser.is_content(&desk).await;
    browser.close().await;
}
