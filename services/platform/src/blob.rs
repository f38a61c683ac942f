//! Content by its hash: a folder beside the database, or a bucket of an S3-compatible store.
//!
//! Content is named by its SHA-256 and a generation. Whoever keeps a row about it calls [`Blobs::put`] first: when that
//! returns, the content outlives a power cut, so that a row never names content that is not there. Content without a row
//! does no harm. After content was removed its next generation has another name, so that removing the old one never takes
//! away what came in meanwhile.

mod bucket;
mod folder;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use object_store::aws::AmazonS3;
use sha2::{Digest as _, Sha256};

pub use bucket::Bucket;

use crate::error::{Error, Result};

/// Bytes that a file may have unless the process is told otherwise: 20 MiB.
pub const DEFAULT_MAX_BYTES: usize = 20 << 20;

/// Where content is kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    place: Place,
    max_bytes: usize,
}

#[derive(Clone)]
enum Place {
    Folder(Arc<PathBuf>),
    Bucket(Arc<AmazonS3>),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket(bucket) => write!(f, "{bucket}"),
        }
    }
}

/// The name of content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// SHA-256, 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// How often content of this hash was removed before.
    pub generation: i64,
}

impl Key {
    /// Where it lies: two digits, the rest, the generation.
    fn path(&self) -> Result<String> {
        let right = self.sha256.len() == 64
            && self
                .sha256
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !right || self.generation < 0 {
            return Err(Error::internal(format!("{self:?} names no content")));
        }
        let (first, rest) = self.sha256.split_at(2);
        Ok(format!("{first}/{rest}-{}", self.generation))
    }
}

/// SHA-256 of content, 64 hexadecimal digits in lower case.
pub fn sha256(content: &[u8]) -> String {
    crate::hex(&Sha256::digest(content))
}

impl Blobs {
    /// In a folder, which is made when first needed.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::Folder(Arc::new(folder.into())),
            max_bytes: DEFAULT_MAX_BYTES,
        }
    }

    /// In a bucket of an S3-compatible store.
    pub fn bucket(bucket: &Bucket) -> Result<Self> {
        Ok(Self {
            place: Place::Bucket(Arc::new(bucket.open()?)),
            max_bytes: DEFAULT_MAX_BYTES,
        })
    }

    /// With another limit.
    #[must_use]
    pub fn with_max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// The most bytes that content may have.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Keeps content unless it is there already. When this returns, it is durable.
    pub async fn put(&self, key: &Key, content: Bytes) -> Result<()> {
        let path = key.path()?;
        match &self.place {
            Place::Folder(folder) => folder::put(folder, &path, &content).await,
            Place::Bucket(bucket) => bucket::put(bucket, &path, content).await,
        }
    }

    /// Reads content, all of it, and checks it against its hash; DATA_LOSS if it is damaged or gone.
    pub async fn get(&self, key: &Key, resource: &str) -> Result<Bytes> {
        let path = key.path()?;
        let found = match &self.place {
            Place::Folder(folder) => folder::get(folder, &path).await?,
            Place::Bucket(bucket) => bucket::get(bucket, &path).await?,
        };
        found
            .filter(|content| sha256(content) == key.sha256)
            .ok_or_else(|| Error::DataLoss {
                resource: resource.to_owned(),
            })
    }

    /// Removes content for good; what is gone already is fine.
    pub async fn remove(&self, key: &Key) -> Result<()> {
        let path = key.path()?;
        match &self.place {
            Place::Folder(folder) => folder::remove(folder, &path).await,
            Place::Bucket(bucket) => bucket::remove(bucket, &path).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_named_by_its_hash_alone() {
        let key = Key {
            sha256: sha256(b"abc"),
            generation: 0,
        };
        assert_eq!(
            key.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(key.path().unwrap().starts_with("ba/7816bf"));
        for wrong in ["", "../../etc/passwd", &"A".repeat(64)] {
            let key = Key {
                sha256: wrong.to_owned(),
                generation: 0,
            };
            assert!(key.path().is_err(), "{wrong}");
        }
    }
}
