//! Content in a folder.

use std::io::ErrorKind;
use std::path::Path;

use bytes::Bytes;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::error::{Error, Result};

/// Writes to a name of its own, syncs, renames, and syncs the folder: a power cut leaves all of it or nothing.
pub(super) async fn put(folder: &Path, path: &str, content: &Bytes) -> Result<()> {
    let target = folder.join(path);
    // Content of this name is the same, unless a disk has damaged it: then what is sent again mends it.
    if fs::read(&target).await.is_ok_and(|there| there == *content) {
        return Ok(());
    }
    let parent = target.parent().unwrap_or(folder);
    fs::create_dir_all(parent).await.map_err(failed)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the name of a file for a moment, which nobody sees"
    )]
    let part = parent.join(format!("{}.part", Uuid::now_v7()));
    let written = async {
        let mut file = File::create(&part).await?;
        file.write_all(content).await?;
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        fs::rename(&part, &target).await?;
        for made in [parent, folder, folder.parent().unwrap_or(folder)] {
            // An empty path is the working folder.
            let made = if made.as_os_str().is_empty() {
                Path::new(".")
            } else {
                made
            };
            File::open(made).await?.sync_all().await?;
        }
        Ok(())
    }
    .await;
    if written.is_err() {
        // What is left of it does no harm.
        drop(fs::remove_file(&part).await);
    }
    written.map_err(failed)
}

pub(super) async fn get(folder: &Path, path: &str) -> Result<Option<Bytes>> {
    match fs::read(folder.join(path)).await {
        Ok(content) => Ok(Some(content.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

pub(super) async fn remove(folder: &Path, path: &str) -> Result<()> {
    match fs::remove_file(folder.join(path)).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn failed(error: std::io::Error) -> Error {
    if matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    ) {
        Error::NoRoom {
            why: error.to_string().into(),
        }
    } else {
        Error::unavailable(format!("the folder of contents: {error}"))
    }
}
