//! A store that speaks as much of S3 as content needs, on loopback: PUT, GET, HEAD and DELETE of objects in one bucket. It
//! refuses a request whose signature is not right.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use crate::blob::{Bucket, sha256};

const ACCESS: &str = "dudao-test";
const SECRET: &str = "a secret of the tests";
const REGION: &str = "cn-test-1";

/// The store.
#[derive(Clone, Debug)]
pub struct Store {
    endpoint: String,
    objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Store {
    /// Serves an empty bucket until the test ends.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let store = Self {
            endpoint: format!("http://{address}"),
            objects: Arc::default(),
            log: Arc::default(),
        };
        let serving = store.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let store = serving.clone();
                tokio::spawn(async move {
                    let answer = service_fn(move |request| {
                        let store = store.clone();
                        async move { Ok::<_, Infallible>(store.answer(request).await) }
                    });
                    let connection = hyper::server::conn::http1::Builder::new();
                    // A client that goes away is none of the test's business.
                    drop(
                        connection
                            .serve_connection(TokioIo::new(socket), answer)
                            .await,
                    );
                });
            }
        });
        store
    }

    /// How to reach it.
    pub fn bucket(&self) -> Bucket {
        Bucket {
            name: "evidence".to_owned(),
            endpoint: self.endpoint.clone(),
            region: REGION.to_owned(),
            access_key: ACCESS.to_owned(),
            secret_key: SECRET.to_owned(),
        }
    }

    /// What lies in it: a path, and the content.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.clone()
    }

    /// Damages or takes away what lies in it.
    pub fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Bytes>)) {
        change(&mut self.objects.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Every request, as method, path and status.
    pub fn log(&self) -> Vec<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.clone()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes);
        let (status, content) = match body {
            Ok(body) if is_signed(&head, &body) => self.act(&head.method, &path, body),
            Ok(_) => (StatusCode::FORBIDDEN, Bytes::new()),
            Err(_) => (StatusCode::BAD_REQUEST, Bytes::new()),
        };
        let line = format!("{} {path} {}", head.method, status.as_u16());
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(line);
        let length = content.len();
        let content = if head.method == Method::HEAD {
            Bytes::new()
        } else {
            content
        };
        Response::builder()
            .status(status)
            .header("etag", "\"1\"")
            .header("last-modified", "Tue, 01 Sep 2026 00:00:00 GMT")
            .header("content-length", length)
            .body(Full::new(content))
            .expect("an answer")
    }

    fn act(&self, method: &Method, path: &str, body: Bytes) -> (StatusCode, Bytes) {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        match method.as_str() {
            "PUT" => {
                objects.insert(path.to_owned(), body);
                (StatusCode::OK, Bytes::new())
            }
            "GET" | "HEAD" => match objects.get(path) {
                Some(content) => (StatusCode::OK, content.clone()),
                None => (StatusCode::NOT_FOUND, Bytes::new()),
            },
            "DELETE" => {
                objects.remove(path);
                (StatusCode::NO_CONTENT, Bytes::new())
            }
            _ => (StatusCode::METHOD_NOT_ALLOWED, Bytes::new()),
        }
    }
}

/// Whether a request carries the right AWS Signature Version 4.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
fn is_signed(head: &http::request::Parts, body: &[u8]) -> bool {
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().trim().to_owned()
    };
    let authorization = header("authorization");
    let Some(rest) = authorization.strip_prefix("AWS4-HMAC-SHA256 ") else {
        return false;
    };
    let part = |name: &str| {
        rest.split(',')
            .find_map(|part| part.trim().strip_prefix(name))
            .unwrap_or_default()
    };
    let (credential, signed, signature) = (
        part("Credential="),
        part("SignedHeaders="),
        part("Signature="),
    );
    let time = header("x-amz-date");
    let day = time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{REGION}/s3/aws4_request");
    let hash = header("x-amz-content-sha256");
    if credential != format!("{ACCESS}/{scope}") || hash != sha256(body) {
        return false;
    }
    let mut headers = String::new();
    for name in signed.split(';') {
        headers.push_str(&format!("{name}:{}\n", header(name)));
    }
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{signed}\n{hash}",
        head.method,
        head.uri.path(),
        head.uri.query().unwrap_or_default(),
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let mut key = hmac(format!("AWS4{SECRET}").as_bytes(), day.as_bytes());
    for word in [REGION, "s3", "aws4_request"] {
        key = hmac(&key, word.as_bytes());
    }
    crate::hex(&hmac(&key, to_sign.as_bytes())) == signature
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize();
    outer.into()
}
