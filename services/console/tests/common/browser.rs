//! A real browser, as a person uses it.

use std::process::Stdio;
use std::time::Duration;

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use url::Url;

use super::Desk;

/// A browser of its own, with a profile that goes with it.
pub struct Browser {
    /// What drives it.
    pub client: Client,
    _driver: Child,
    /// Its profile; what it downloads lies in it, too.
    pub profile: TempDir,
}

impl Browser {
    pub async fn open(width: u32, height: u32) -> Self {
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
        let downloads = profile.path().join("downloads");
        let prefs = json!({
            "download.default_directory": downloads,
            // A program is taken like any file.
            "safebrowsing.enabled": true,
            "profile.default_content_setting_values.automatic_downloads": 1,
        });
        let options = json!({ "args": arguments, "prefs": prefs });
        capabilities.insert("goog:chromeOptions".into(), options);
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Self {
            client,
            _driver: driver,
            profile,
        }
    }

    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    pub async fn click(&self, css: &str) {
        let element = self.client.find(Locator::Css(css)).await.expect(css);
        element.click().await.unwrap();
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let element = self.client.find(Locator::Css(css)).await.expect(css);
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until the page says so: a solve takes its time.
    pub async fn until(&self, words: &str) {
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

    /// Fills in a field, whatever its kind; of several choices, adds one.
    pub async fn set(&self, css: &str, value: &str) {
        let kind = format!("return document.querySelector(`{css}`)?.type ?? ''");
        let kind = self.ask(&kind).await;
        match kind.as_str().unwrap() {
            "checkbox" => self.click(css).await,
            "select-one" => {
                let element = self.client.find(Locator::Css(css)).await.expect(css);
                element.select_by_value(value).await.expect(css);
            }
            "select-multiple" | "date" => {
                let chosen = format!(
                    "const field = document.querySelector(`{css}`); const option = [...(field.options ?? [])].find((one) => one.value === `{value}`); \
                     if (option) option.selected = true; else field.value = `{value}`; return option?.value ?? field.value"
                );
                assert_eq!(self.ask(&chosen).await, json!(value), "{css}");
            }
            _ => self.fill(css, value).await,
        }
    }

    /// Takes what the page shows a step further: opens the step's form, fills it in, sends it, and waits for the page after it.
    pub async fn take(&self, verb: &str, fields: &[(&str, &str)]) {
        let form = format!("form:has([name=verb][value={verb}])");
        let open = format!(
            "window.before = true; document.querySelector(`{form}`)?.closest('details')?.setAttribute('open', '')"
        );
        self.ask(&open).await;
        for (name, value) in fields {
            self.set(&format!("{form} [name='{name}']"), value).await;
        }
        self.click(&format!("{form} > button")).await;
        let after = "return !window.before && document.readyState === 'complete'";
        for _ in 0..200 {
            if self.ask(after).await == json!(true) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let wrong = "return [...document.querySelectorAll('.wrong, [role=alert]')].map((one) => one.innerText).join(' ')";
        assert_eq!(self.ask(wrong).await, json!(""), "{verb}");
    }

    /// Clicks what begins a download, and waits for the file.
    pub async fn take_away(&self, css: &str, ending: &str) -> Vec<u8> {
        self.click(css).await;
        for _ in 0..300 {
            let files = std::fs::read_dir(self.profile.path().join("downloads"));
            let mut files = files.into_iter().flatten().map(|file| file.unwrap().path());
            if let Some(file) = files.find(|file| file.to_str().unwrap().ends_with(ending)) {
                return std::fs::read(file).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no {ending} has come");
    }

    /// Where the middle of what the script finds is on the screen.
    pub async fn middle(&self, script: &str) -> (f64, f64) {
        let script = format!(
            "const at = ({script}).getBoundingClientRect(); \
             return [at.x + at.width / 2, at.y + Math.min(at.height / 2, 40)]"
        );
        let at = self.ask(&script).await;
        (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
    }

    /// Takes what a script finds by the mouse, carries it to what another finds, and waits with it until the page says so; then lets
    /// it go. What was not taken, as the page was not ready yet, is taken again.
    pub async fn carry(&self, what: &str, to: &str, until: &str) {
        let mouse = || MouseActions::new("mouse".to_owned());
        let button = MOUSE_BUTTON_LEFT;
        let mut told = String::new();
        for _ in 0..5 {
            let ((x, y), there) = (self.middle(what).await, self.middle(to).await);
            let over = |x: f64| PointerAction::MoveTo {
                duration: Some(Duration::from_millis(100)),
                x,
                y: there.1,
            };
            let taken = mouse()
                .then(PointerAction::MoveTo {
                    duration: None,
                    x,
                    y,
                })
                .then(PointerAction::Down { button })
                .then(over(there.0));
            self.client.perform_actions(taken).await.unwrap();
            for step in 0..100 {
                let says = "return document.querySelector('.carried')?.textContent ?? ''";
                told = String::from(self.ask(says).await.as_str().unwrap());
                if told.contains(until) || (told.is_empty() && step > 10) {
                    break;
                }
                let nudged = mouse().then(over(there.0 + f64::from(step % 2)));
                self.client.perform_actions(nudged).await.unwrap();
            }
            let dropped = mouse().then(PointerAction::Up { button });
            self.client.perform_actions(dropped).await.unwrap();
            if told.contains(until) {
                return;
            }
        }
        panic!("what is carried has said {told}, never {until}");
    }

    /// Everything that the page has loaded came from the console, and the browser had nothing to complain of.
    pub async fn is_content(&self, desk: &Desk) {
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

    pub async fn close(self) {
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

/// A line between the browser and the console that can be cut.
pub struct Line {
    /// Its near end.
    pub address: String,
    whole: watch::Sender<bool>,
}

impl Line {
    pub async fn to(desk: &Desk) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let far = desk.address.trim_start_matches("http://").to_owned();
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (far, mut state) = (far.clone(), state.clone());
                tokio::spawn(async move {
                    if !*state.borrow_and_update() {
                        return;
                    }
                    let mut far = TcpStream::connect(far).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|whole| !*whole) => {}
                    }
                });
            }
        });
        Self { address, whole }
    }

    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}
