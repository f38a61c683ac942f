//! The county's pages over HTTP, with the services behind them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod all;
mod cases;
#[path = "../common/mod.rs"]
mod common;
mod county;
mod indicators;
mod plans;
mod public;
mod sign_in;
mod visits;

use common::{Page, Visitor};
use reqwest::StatusCode;

const HOME: &str = "/counties/140525";

/// Asks until the page says so: a solve takes its time.
async fn until(visitor: &mut Visitor, path: &str, words: &str) -> Page {
    for _ in 0..600 {
        let page = visitor.get(path).await;
        if page.text.contains(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} has not said {words} within a minute");
}

/// Takes what a page shows a step further.
async fn take(visitor: &mut Visitor, path: &str, verb: &str, more: &[(&str, &str)]) {
    let page = visitor.get(path).await;
    let names = ["form_key", "etag", "ticket"];
    let values = names.map(|name| page.hidden(name));
    let mut fields: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    fields.push(("verb", verb));
    fields.extend(more);
    let page = visitor.post(path, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{verb}: {}", page.text);
}
