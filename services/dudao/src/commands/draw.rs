//! `dudao draw`: `verify` needs nothing but the record; the other verbs are the inspection's.

use std::path::Path;

use dudao_inspection::domain::draw::record::{Record, commitment};

use super::{contract, with_session};
use crate::args::{Contract, Place};
use crate::failure::{Failure, Result};
use crate::output::say;

/// Verifies a record, hashes a secret, or calls the inspection.
pub async fn run(place: &Place, args: &Contract) -> Result<()> {
    let words: Vec<_> = args.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["verify", file] => verify(Path::new(file)),
        ["verify", ..] => Err(Failure::Input(
            "用法：dudao draw verify 记录.json\nUsage: dudao draw verify RECORD.json".into(),
        )),
        ["hash", secret] => say(commitment(secret)),
        _ => {
            with_session(place, async |session| {
                contract::run(session, "dudao.inspection.v1", args).await
            })
            .await
        }
    }
}

/// Draws again from the published record alone.
fn verify(file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file).map_err(Failure::file(file))?;
    let record: Record = serde_json::from_str(&text).map_err(|error| {
        Failure::Input(format!(
            "不是抽取记录：{error}\nNot a record of a draw: {error}."
        ))
    })?;
    match record.verify() {
        Ok(()) => {
            let lines = record.drawn.iter().map(|one| {
                format!(
                    "{}  {}  {}",
                    one.stratum,
                    one.object,
                    one.officers.join("、")
                )
            });
            say(lines.collect::<Vec<_>>().join("\n"))?;
            say(
                "记录无误：由承诺、名录和秘密重新抽取，结果一致 the record is right: drawn again with the same result",
            )
        }
        Err(mismatches) => {
            let lines: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
            Err(Failure::Other(lines.join("\n")))
        }
    }
}
