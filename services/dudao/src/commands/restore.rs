//! `dudao restore`: a backup put where no data are yet.

use std::fs;

use dudao_platform::db::Upkeep;

use crate::args::{self, Place, Service};
use crate::commands::backup::{self, Contents, LIST};
use crate::failure::{Failure, Result};
use crate::output::say;

/// Puts a backup in place: checks every file, copies, and walks the chains of what was copied.
pub async fn run(place: &Place, args: &args::Restore) -> Result<()> {
    backup::embedded(place)?;
    let list = args.backup.join(LIST);
    let text = fs::read_to_string(&list).map_err(Failure::file(&list))?;
    let contents: Contents = serde_json::from_str(&text)?;
    let there = Service::ALL.iter().find(|service| {
        let file = place.data.join(format!("{}.db", service.name()));
        file.exists()
    });
    if there.is_some() {
        return Err(Failure::Input(format!(
            "{0} 中已有数据：请恢复到空目录\nThere are data in {0}: restore into an empty folder.",
            place.data.display()
        )));
    }
    let sums = backup::sums(&args.backup)?;
    let changed: Vec<_> = contents
        .files
        .iter()
        .filter(|(name, sum)| sums.get(*name) != Some(sum))
        .map(|(name, _)| name.as_str())
        .collect();
    if !changed.is_empty() {
        return Err(Failure::Other(format!(
            "备份已损坏，这些文件缺失或与备份时不同 the backup is damaged; missing or changed: {}",
            changed.join(", ")
        )));
    }
    let evidence = place.evidence_folder();
    if let Some(evidence) = &evidence {
        backup::copy_folder(Some(&args.backup.join("evidence")), evidence)?;
    }
    let keys = place.identity.keys_folder(&place.data);
    backup::copy_folder(Some(&args.backup.join("keys")), &keys)?;
    // Databases last, and under their names only when all is there: what was begun and not ended holds no data.
    let partial = place.data.join("restoring");
    backup::private_folder(&partial)?;
    for service in Service::ALL {
        let name = format!("{}.db", service.name());
        let (from, to) = (args.backup.join(&name), partial.join(&name));
        fs::copy(&from, &to).map_err(Failure::file(&to))?;
    }
    let found = backup::chains(place, Upkeep::Renew, &partial).await?;
    for (service, chain) in &contents.services {
        if found.get(service).map(|found| &found.head) != Some(&chain.head) {
            return Err(Failure::Other(format!(
                "{service}: 链首与备份时不同 the chain ends otherwise than when it was backed up"
            )));
        }
    }
    for service in Service::ALL {
        let name = format!("{}.db", service.name());
        let (from, to) = (partial.join(&name), place.data.join(&name));
        backup::sync(&from)?;
        fs::rename(&from, &to).map_err(Failure::file(&to))?;
    }
    fs::remove_dir_all(&partial).map_err(Failure::file(&partial))?;
    backup::sync(&place.data)?;
    let events: i64 = found.values().map(|chain| chain.events).sum();
    say(format_args!(
        "已恢复 {} 的备份，事件链完整 restored the backup of {}; {events} 条 events, every chain whole",
        contents.time, contents.time
    ))
}
