//! A county with its services, and the console in front of them.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

pub mod browser;
pub mod issuer;

use std::collections::BTreeMap;

use dudao_console::{IssuerSettings, Links, Settings, Tiles, pages};
use dudao_platform::lifecycle::Shutdown;
use dudao_platform::limited;
use dudao_platform::rpc::{Grant, OidcSettings, Proof, TlsFiles, serve_pages};
use dudao_platform::testing::Scratch;
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, Doors, House, county};
use registry::school_service_client::SchoolServiceClient;
use registry::supervisor_service_client::SupervisorServiceClient;
use reqwest::{Client, StatusCode, redirect};
use tokio::net::TcpListener;

/// The services, and where browsers find the console.
pub struct Desk {
    pub house: House,
    pub address: String,
    shutdown: Shutdown,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shutdown.force();
    }
}

impl Desk {
    /// In front of a county of one school and four supervisors.
    pub async fn open() -> Self {
        let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
        let house = House::with_county(scratch, "zezhou").await;
        Self::before(house, settings()).await
    }

    /// The same, on tiles that show coordinates in this way.
    pub async fn on_tiles(datum: dudao_law::Datum) -> Self {
        let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
        let house = House::with_county(scratch, "zezhou").await;
        let tiles = Tiles {
            address: "https://tiles.example.cn/{z}/{x}/{y}.png".to_owned(),
            datum,
        };
        let settings = Settings {
            tiles: Some(tiles),
            ..settings()
        };
        Self::before(house, settings).await
    }

    /// In front of two counties, to whose users an issuer gives their tokens.
    pub async fn with_issuer(issuer: &issuer::Issuer) -> Self {
        let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
        let oidc = OidcSettings {
            issuer: issuer.url().to_owned(),
            audience: "dudao".to_owned(),
            claim: "dudao".to_owned(),
            ca: None,
        };
        let doors = Doors {
            oidc: Some(oidc),
            ..Doors::default()
        };
        let house = House::behind(scratch, doors).await;
        county::settle(&house).await;
        issuer.set(house.clock.clone());
        let at_issuer = IssuerSettings {
            url: issuer.url().to_owned(),
            client_id: "console".to_owned(),
            client_secret: None,
            console: "https://dudao.example.cn".to_owned(),
            ca: None,
        };
        let settings = Settings {
            issuer: Some(dudao_console::Issuer::new(at_issuer).unwrap()),
            ..settings()
        };
        Self::before(house, settings).await
    }

    /// In front of two counties with something of everything.
    pub async fn settled() -> Self {
        let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
        let house = House::on(scratch).await;
        county::settle(&house).await;
        Self::before(house, settings()).await
    }

    async fn before(house: House, settings: Settings) -> Self {
        let nobody = || house.outside(Proof::Connection);
        let links = Links {
            registry: nobody(),
            inspection: nobody(),
            accountability: nobody(),
            scheduler: nobody(),
        };
        let shutdown = Shutdown::new();
        let router = pages(links, house.clock.clone(), settings, shutdown.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let end = shutdown.clone();
        tokio::spawn(async move { serve_pages(router, listener, &TlsFiles::default(), end).await });
        Self {
            house,
            address,
            shutdown,
        }
    }

    /// In front of a county that can be planned: 25 schools in three towns, eight supervisors.
    pub async fn with_schools() -> Self {
        let desk = Self::open().await;
        let stage = registry::Stage::Primary;
        let place = |n: i32| registry::Place {
            longitude: 112.7 + f64::from(n % 6) * 0.05,
            latitude: 35.45 + f64::from(n / 6) * 0.05,
        };
        let schools = (2..26).map(|n| registry::CreateSchoolRequest {
            parent: COUNTY.to_owned(),
            school_id: format!("S{n}"),
            school: Some(registry::School {
                display_name: format!("第{n}小学"),
                stage: stage.into(),
                provider: registry::Provider::Public.into(),
                town: ["巴公镇", "大阳镇", "高都镇"][n as usize % 3].to_owned(),
                pupils: Some(100 + 10 * n),
                place: Some(place(n)),
                ..Default::default()
            }),
            ..Default::default()
        });
        limited!(SchoolServiceClient::new(desk.house.link.clone()))
            .batch_create_schools(registry::BatchCreateSchoolsRequest {
                parent: COUNTY.to_owned(),
                requests: schools.collect(),
                ..Default::default()
            })
            .await
            .unwrap();
        let supervisors = ["E", "F", "G", "H"].iter().zip(1..).map(|(code, n)| {
            registry::CreateSupervisorRequest {
                parent: COUNTY.to_owned(),
                supervisor_id: (*code).to_owned(),
                supervisor: Some(registry::Supervisor {
                    display_name: format!("督学{code}"),
                    employment: registry::Employment::FullTime.into(),
                    stages: vec![stage.into()],
                    base: Some(place(n * 5)),
                    term_start_date: "2025-09-01".to_owned(),
                    training_hours: Some(100.0),
                    ..Default::default()
                }),
                ..Default::default()
            }
        });
        limited!(SupervisorServiceClient::new(desk.house.link.clone()))
            .batch_create_supervisors(registry::BatchCreateSupervisorsRequest {
                parent: COUNTY.to_owned(),
                requests: supervisors.collect(),
                ..Default::default()
            })
            .await
            .unwrap();
        desk
    }

    /// The link that a server prints for the county's office.
    pub fn link(&self) -> String {
        let office = Grant {
            roles: vec!["planner".to_owned(), "chief_supervisor".to_owned()],
            county: "*".to_owned(),
            own: Vec::new(),
        };
        let code = self.house.authority.login_code("office", office).unwrap();
        format!("{}/login?code={code}", self.address)
    }

    /// Somebody at a browser who has not signed in.
    pub fn visitor(&self) -> Visitor {
        // Without it no client is made, even for plain HTTP.
        drop(rustls::crypto::ring::default_provider().install_default());
        Visitor {
            client: Client::builder()
                .redirect(redirect::Policy::none())
                .build()
                .unwrap(),
            address: self.address.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// Somebody who has signed in by a token of these roles.
    pub async fn signed_in(&self, roles: &[&str], own: &[&str]) -> Visitor {
        self.enter("140525", roles, own).await
    }

    /// Somebody who sees every county whose code begins so.
    pub async fn signed_in_at(&self, prefix: &str, roles: &[&str]) -> Visitor {
        self.enter(prefix, roles, &[]).await
    }

    async fn enter(&self, county: &str, roles: &[&str], own: &[&str]) -> Visitor {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let grant = Grant {
            roles: list(roles),
            county: county.to_owned(),
            own: list(own),
        };
        let token = self.house.token("王主任", grant);
        let mut visitor = self.visitor();
        let page = visitor.post("/login", &[("proof", &token)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        visitor
    }
}

/// The console stands behind a proxy of this machine.
fn settings() -> Settings {
    Settings {
        proxies: vec!["127.0.0.0/8".parse().unwrap()].into(),
        ..Settings::default()
    }
}

/// A browser as far as HTTP goes: it keeps cookies.
pub struct Visitor {
    client: Client,
    address: String,
    cookies: BTreeMap<String, String>,
}

/// A text as it was before a page wrote it down.
fn plain(text: &str) -> String {
    text.replace("&#34;", "\"").replace("&#38;", "&")
}

/// What came back.
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub policy: String,
    pub text: String,
    /// What kind of file it is, as far as its first bytes say.
    pub is_workbook: bool,
    /// How it was packed, if it was, and how many bytes came.
    pub packed: String,
    /// Says which version of a file it is.
    pub tag: String,
    pub bytes: usize,
}

impl Page {
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let from = self.text.split(&start).nth(1);
        let value = from.and_then(|rest| rest.split('"').next());
        let value = value.unwrap_or_else(|| panic!("no {name} in {}", self.text));
        plain(value)
    }

    /// The hidden fields of the first form that is sent to this address.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let start = format!("method=\"post\" action=\"{action}\"");
        let form = self.text.split(&start).nth(1);
        let form = form.unwrap_or_else(|| panic!("no form to {action} in {}", self.text));
        let form = form.split("</form>").next().unwrap();
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
        let pair = |input: &str| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), plain(rest.split('"').next().unwrap()))
        };
        hidden.map(pair).collect()
    }

    /// The values of the buttons of this name, in their order.
    pub fn buttons(&self, name: &str) -> Vec<String> {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&start).skip(1);
        rest.filter(|rest| rest.split('<').next().unwrap().contains("\">"))
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    }

    /// Whether these texts stand on the page, in this order.
    pub fn has(&self, texts: &[&str]) -> bool {
        let mut rest = self.text.as_str();
        texts.iter().all(|text| {
            let found = rest.find(text);
            rest = found.map_or("", |at| &rest[at + text.len()..]);
            found.is_some()
        })
    }
}

impl Visitor {
    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.address));
        self.send(request).await
    }

    /// As a browser that can unpack it asks.
    pub async fn get_packed(&mut self, path: &str, how: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.address));
        self.send(request.header("accept-encoding", how)).await
    }

    /// As a browser asks that has a version already.
    pub async fn get_unless(&mut self, path: &str, tag: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.address));
        self.send(request.header("if-none-match", tag)).await
    }

    /// Sends a form as a proxy does for somebody behind it.
    pub async fn post_from(&mut self, whence: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.form(path, fields);
        let request = request.header("x-forwarded-for", whence);
        self.send(request).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.form(path, fields);
        self.send(request).await
    }

    /// The same of fields that a page has given.
    pub async fn post_all(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(path, &fields).await
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let body: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        self.client
            .post(format!("{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"))
    }

    /// Sends a form as another site would.
    pub async fn post_from_elsewhere(&mut self, path: &str, fields: &str) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .body(fields.to_owned());
        self.send(request).await
    }

    /// Sends a file with a form around it.
    pub async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        name: &str,
        file: &str,
    ) -> Page {
        let mut body = String::new();
        for (field, value) in fields {
            body += &format!(
                "--edge\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
        }
        body += &format!(
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{file}\r\n--edge--\r\n"
        );
        let request = self
            .client
            .post(format!("{}{path}", self.address))
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(body);
        self.send(request).await
    }

    pub async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or_else(String::new, |v| v.to_str().unwrap().to_owned())
        };
        let (location, policy) = (header("location"), header("content-security-policy"));
        let (packed, tag) = (header("content-encoding"), header("etag"));
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        Page {
            status,
            location,
            policy,
            packed,
            tag,
            bytes: bytes.len(),
            is_workbook: bytes.starts_with(b"PK"),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Another browser with the same cookies.
    pub fn copy(&self) -> Self {
        Self {
            client: self.client.clone(),
            address: self.address.clone(),
            cookies: self.cookies.clone(),
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
