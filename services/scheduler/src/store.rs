//! Rows and SQL; one text for both databases.

pub mod plan;
pub mod solve;

use dudao_platform::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}
