//! `dudao backup`: the embedded databases, evidence and keys, while they are used.
//!
//! Databases are copied one after the other, each of one moment: whoever follows a service's events before that service, so that no
//! cursor in the copy is ahead of its stream, and what is between them follows again. Evidence is copied before and after: what a
//! database names is in one of both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use dudao_platform::db::Upkeep;
use dudao_platform::lifecycle::Shutdown;
use dudao_platform::{Clock, db, events, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::args::{self, Place, Service};
use crate::assembly;
use crate::failure::{Failure, Result};
use crate::output::say;
use crate::release;

/// The list of what is in a backup.
pub const LIST: &str = "backup.json";
/// What a backup is called while it is being made.
const PARTIAL: &str = ".partial";
/// Followers before whom they follow ([`Service::followers`]).
const ORDER: [Service; 4] = [
    Service::Accountability,
    Service::Registry,
    Service::Inspection,
    Service::Scheduler,
];

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct Contents {
    /// The release that made it.
    pub version: String,
    /// When it was begun, RFC 3339.
    pub time: String,
    /// The schema of each service, and how far its chain had come.
    pub services: BTreeMap<String, Chain>,
    /// The SHA-256 of every file, by its path in the backup.
    pub files: BTreeMap<String, String>,
}

/// A service's trail in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct Chain {
    /// The schema.
    pub schema: String,
    /// Events.
    pub events: i64,
    /// The hash of the last one.
    pub head: String,
}

/// Makes a backup.
pub async fn run(place: &Place, args: &args::Backup) -> Result<()> {
    embedded(place)?;
    let begun = now()?;
    let name = begun.format("%Y-%m-%dT%H-%M-%SZ").to_string();
    let (made, partial) = (
        args.folder.join(&name),
        args.folder.join(name.clone() + PARTIAL),
    );
    private_folder(&args.folder)?;
    private_folder(&partial)?;
    let evidence = place.evidence_folder();
    copy_folder(evidence.as_deref(), &partial.join("evidence"))?;
    for service in ORDER {
        db::copy(&place.data, service.name(), &partial).await?;
    }
    copy_folder(evidence.as_deref(), &partial.join("evidence"))?;
    let keys = place.identity.keys_folder(&place.data);
    copy_folder(Some(&keys), &partial.join("keys"))?;
    let contents = Contents {
        version: release::VERSION.to_owned(),
        time: begun.to_rfc3339(),
        services: chains(place, Upkeep::Check, &partial).await?,
        files: sums(&partial)?,
    };
    write_lasting(
        &partial.join(LIST),
        &serde_json::to_string_pretty(&contents)?,
    )?;
    fs::rename(&partial, &made).map_err(Failure::file(&made))?;
    sync(&args.folder)?;
    if let Some(keep) = args.keep {
        take_away_all_but(usize::from(keep), &args.folder)?;
    }
    let events: i64 = contents.services.values().map(|chain| chain.events).sum();
    say(format_args!(
        "已备份并校验 backed up and checked: {} ({} 个文件 files, {events} 条 events)",
        made.display(),
        contents.files.len()
    ))
}

/// Refuses what is not in a folder.
pub fn embedded(place: &Place) -> Result<()> {
    if place.database_url.is_none() && place.server.is_none() {
        return Ok(());
    }
    Err(Failure::Input(
        "此命令用于内嵌数据库；PostgreSQL 请用 pg_dump 或持续归档（见 deploy/README.md）\n\
         This is for embedded databases. For PostgreSQL use pg_dump or continuous archiving: see deploy/README.md."
            .into(),
    ))
}

/// Walks the chains in the copies.
pub async fn chains(
    place: &Place,
    upkeep: Upkeep,
    folder: &Path,
) -> Result<BTreeMap<String, Chain>> {
    let copied = Place {
        data: folder.to_owned(),
        ..place.clone()
    };
    let mut chains = BTreeMap::new();
    for service in Service::ALL {
        let context = assembly::context_as(upkeep, &copied, service, &Shutdown::new()).await?;
        let audit = events::verify(&context.db).await?;
        context.db.close().await;
        match audit {
            events::Audit::Whole { count, head } => chains.insert(
                service.name().to_owned(),
                Chain {
                    schema: release::schema(service),
                    events: count,
                    head: hex(&head),
                },
            ),
            events::Audit::Broken { sequence, why } => {
                return Err(Failure::Other(format!(
                    "{}: 第 {sequence} 条事件与记录不符 event {sequence} is not as recorded: {why}",
                    service.name()
                )));
            }
        };
    }
    Ok(chains)
}

/// The SHA-256 of every file below a folder, but for the list itself.
pub fn sums(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    for path in files(folder)? {
        let name = path
            .strip_prefix(folder)
            .unwrap_or(&path)
            .display()
            .to_string();
        if name == LIST {
            continue;
        }
        let mut file = fs::File::open(&path).map_err(Failure::file(&path))?;
        let mut sum = Sha256::new();
        std::io::copy(&mut file, &mut Writer(&mut sum)).map_err(Failure::file(&path))?;
        sums.insert(name, hex(&sum.finalize()));
    }
    Ok(sums)
}

struct Writer<'a>(&'a mut Sha256);

impl std::io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Copies the files below a folder that are not there yet; a folder that there is not has none. What vanishes meanwhile was removed
/// on purpose.
pub fn copy_folder(from: Option<&Path>, into: &Path) -> Result<()> {
    let Some(from) = from.filter(|from| from.is_dir()) else {
        return Ok(());
    };
    for path in files(from)? {
        let copy = into.join(path.strip_prefix(from).unwrap_or(&path));
        if copy.exists() {
            continue;
        }
        if let Some(folder) = copy.parent() {
            private_folder(folder)?;
        }
        match fs::copy(&path, &copy) {
            Ok(_) => {
                let copied = fs::File::open(&copy).and_then(|file| file.sync_all());
                copied.map_err(Failure::file(&copy))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.exists() => {}
            Err(error) => return Err(Failure::file(&path)(error)),
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Failure::file(&folder))? {
            let path = entry.map_err(Failure::file(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// A folder that its owner alone reads: there are keys in it.
pub fn private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(Failure::file(folder))
}

fn write_lasting(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).map_err(Failure::file(file))?;
    let written = fs::File::open(file).and_then(|file| file.sync_all());
    written.map_err(Failure::file(file))
}

/// Makes what was renamed into a folder lasting.
pub fn sync(folder: &Path) -> Result<()> {
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(Failure::file(folder))
}

/// Backups sort by their names; those that were never finished go, too.
fn take_away_all_but(keep: usize, folder: &Path) -> Result<()> {
    let mut whole = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        let partial = path.to_str().is_some_and(|name| name.ends_with(PARTIAL));
        if path.join(LIST).is_file() && !partial {
            whole.push(path);
        } else if partial && path.is_dir() {
            fs::remove_dir_all(&path).map_err(Failure::file(&path))?;
        }
    }
    whole.sort();
    for old in whole.iter().rev().skip(keep) {
        fs::remove_dir_all(old).map_err(Failure::file(old))?;
    }
    Ok(())
}

fn now() -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(Clock::system().now_us())
        .ok_or_else(|| Failure::Other("the clock stands outside of time".to_owned()))
}
