//! What is read from files and read again when they change: keys, certificates, lists of peers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, Result};

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// What was read from files. A change that can't be read leaves what was there, and is said in the log. Cheap to clone.
pub(crate) struct Fresh<T>(Arc<Inner<T>>);

struct Inner<T> {
    paths: Vec<PathBuf>,
    read: Box<dyn Fn() -> Result<T> + Send + Sync>,
    state: Mutex<State<T>>,
}

struct State<T> {
    stamp: Vec<Stamp>,
    looked: Instant,
    value: Arc<T>,
}

/// What shows that a file, or a folder's list of files, has changed.
type Stamp = (Option<SystemTime>, u64);

impl<T> Clone for Fresh<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> std::fmt::Debug for Fresh<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fresh").field(&self.0.paths).finish()
    }
}

impl<T> Fresh<T> {
    /// Reads once, or fails; `read` reads from these files and folders.
    pub(crate) fn open(
        paths: Vec<PathBuf>,
        read: impl Fn() -> Result<T> + Send + Sync + 'static,
    ) -> Result<Self> {
        let state = State {
            stamp: paths.iter().map(|path| stamp(path)).collect(),
            looked: Instant::now(),
            value: Arc::new(read()?),
        };
        Ok(Self(Arc::new(Inner {
            paths,
            read: Box::new(read),
            state: Mutex::new(state),
        })))
    }

    /// What stands in the files, as of a moment ago.
    pub(crate) fn get(&self) -> Arc<T> {
        self.look(LOOK)
    }

    /// What stands in the files now.
    pub(crate) fn get_now(&self) -> Arc<T> {
        self.look(Duration::ZERO)
    }

    fn look(&self, patience: Duration) -> Arc<T> {
        let Inner { paths, read, state } = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() >= patience {
            state.looked = Instant::now();
            let stamp: Vec<_> = paths.iter().map(|path| stamp(path)).collect();
            if stamp != state.stamp {
                match read() {
                    Ok(value) => (state.stamp, state.value) = (stamp, Arc::new(value)),
                    Err(error) => {
                        tracing::error!(?paths, %error, "files have changed and can't be read; what was read before stays: {error}");
                    }
                }
            }
        }
        Arc::clone(&state.value)
    }
}

fn stamp(path: &Path) -> Stamp {
    let Ok(known) = fs::metadata(path) else {
        return (None, 0);
    };
    let entries = if known.is_dir() {
        fs::read_dir(path).map_or(0, |list| list.count() as u64)
    } else {
        known.len()
    };
    (known.modified().ok(), entries)
}

/// Reads a file that an operator has named.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        Error::invalid(
            path.display().to_string(),
            format!("无法读取文件：{error}"),
            format!("cannot be read: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_read_again_and_a_broken_one_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        fs::write(&path, "1").unwrap();
        let file = path.clone();
        let number = Fresh::open(vec![path.clone()], move || {
            let text = String::from_utf8(read_file(&file)?).map_err(Error::internal)?;
            text.parse::<u8>().map_err(Error::internal)
        })
        .unwrap();
        for (written, read) in [("22", 22), ("broken", 22), ("7", 7)] {
            fs::write(&path, written).unwrap();
            assert_eq!(*number.get_now(), read);
        }
    }
}
