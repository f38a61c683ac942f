//! The keys of an installation: Ed25519, one file each, made at the first start. They sign tokens and the heads of chains.
//!
//! `{created}-{id}.pem` in a folder that only the owner reads; the newest signs. A key is rotated by making another beside it,
//! and retired by renaming it to `….retired`: what it signed as a token is no longer taken, what it signed as a head can
//! still be checked. Every process on the folder sees that within seconds.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::fresh::{Fresh, read_file};
use crate::hex;

const RETIRED: &str = ".retired";

/// The keys in a folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KeyRing {
    folder: Arc<Path>,
    keys: Fresh<Vec<Arc<Key>>>,
}

/// A key.
pub struct Key {
    /// The first 16 hexadecimal digits of the SHA-256 of its public half.
    pub id: String,
    /// When it was made, in microseconds since 1970.
    pub created_us: i64,
    /// Whether tokens that it signed are no longer taken.
    pub retired: bool,
    pair: Ed25519KeyPair,
    /// PKCS #8.
    der: Vec<u8>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.id).finish()
    }
}

impl KeyRing {
    /// The keys in a folder; the first is made now, if there is none.
    pub fn open(folder: &Path, clock: &Clock) -> Result<Self> {
        make_folder(folder)?;
        if read_all(folder)?.iter().all(|key| key.retired) {
            make(folder, clock)?;
        }
        let owned = folder.to_owned();
        Ok(Self {
            folder: folder.into(),
            keys: Fresh::open(vec![folder.to_owned()], move || {
                read_all(&owned).map(|keys| keys.into_iter().map(Arc::new).collect())
            })?,
        })
    }

    /// All keys, the newest first.
    pub fn all(&self) -> Arc<Vec<Arc<Key>>> {
        self.keys.get()
    }

    /// The key that signs.
    pub fn newest(&self) -> Result<Arc<Key>> {
        let keys = self.keys.get();
        let newest = keys.iter().find(|key| !key.retired);
        newest
            .cloned()
            .ok_or_else(|| Error::unavailable("every key of this installation is retired"))
    }

    /// A key by its id, though it was made a moment ago by another process.
    pub fn find(&self, id: &str) -> Option<Arc<Key>> {
        let among = |keys: &[Arc<Key>]| keys.iter().find(|key| key.id == id).cloned();
        among(&self.keys.get()).or_else(|| among(&self.keys.get_now()))
    }

    /// Makes a key that signs from now on; those before it are still taken.
    pub fn rotate(&self, clock: &Clock) -> Result<String> {
        let id = make(&self.folder, clock)?;
        self.keys.get_now();
        Ok(id)
    }

    /// Takes tokens of a key no longer.
    pub fn retire(&self, id: &str) -> Result<()> {
        let file = self
            .find(id)
            .filter(|key| !key.retired)
            .map(|key| self.folder.join(file_name(key.created_us, id)))
            .ok_or_else(|| Error::not_found(format!("keys/{id}")))?;
        let mut retired = file.clone().into_os_string();
        retired.push(RETIRED);
        fs::rename(&file, retired).map_err(Error::internal)?;
        self.keys.get_now();
        Ok(())
    }
}

impl Key {
    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// The public half, 32 bytes.
    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The private half, as PKCS #8.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }
}

/// Whether a message was signed by the private half of this key.
pub fn is_signed(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(message, signature)
        .is_ok()
}

fn read_all(folder: &Path) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::internal)? {
        let path = entry.map_err(Error::internal)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| name.contains(".pem")) else {
            continue;
        };
        let retired = name.ends_with(RETIRED);
        let created_us = name.split('-').next().and_then(|text| text.parse().ok());
        keys.push(read(&path, created_us.unwrap_or_default(), retired)?);
    }
    keys.sort_by_key(|key| std::cmp::Reverse((key.created_us, key.id.clone())));
    Ok(keys)
}

fn read(path: &Path, created_us: i64, retired: bool) -> Result<Key> {
    let unfit = |why: &str| {
        Error::invalid(
            path.display().to_string(),
            "不是 Ed25519 私钥文件（PKCS #8，PEM）",
            format!("is no Ed25519 key in PKCS #8 and PEM: {why}"),
        )
    };
    let text = read_file(path)?;
    let der =
        PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|error| unfit(&error.to_string()))?;
    let der = der.secret_pkcs8_der().to_vec();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
        .map_err(|error| unfit(&error.to_string()))?;
    let sum = Sha256::digest(pair.public_key().as_ref());
    Ok(Key {
        id: hex(sum.get(..8).unwrap_or_default()),
        created_us,
        retired,
        pair,
        der,
    })
}

fn file_name(created_us: i64, id: &str) -> String {
    format!("{created_us:016}-{id}.pem")
}

fn make_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| {
            Error::invalid(
                folder.display().to_string(),
                format!("无法建立密钥目录：{error}"),
                format!("cannot be made: {error}"),
            )
        })
}

/// Makes a key, whole or not at all: another process may read the folder at any moment.
fn make(folder: &Path, clock: &Clock) -> Result<String> {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| Error::internal("the machine gives no random numbers"))?;
    let written = folder.join(format!("{}.new", std::process::id()));
    write_secret(&written, &pem(der.as_ref()))?;
    let created_us = clock.now_us();
    let key = read(&written, created_us, false)?;
    fs::rename(&written, folder.join(file_name(created_us, &key.id))).map_err(Error::internal)?;
    Ok(key.id)
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem + "-----END PRIVATE KEY-----\n"
}

/// Writes a file that only its owner reads.
pub fn write_secret(path: &PathBuf, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    written.map_err(|error| {
        Error::invalid(
            path.display().to_string(),
            format!("无法写入：{error}"),
            format!("cannot be written: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        let clock = Clock::set_to(1_000_000);
        let first = KeyRing::open(&folder, &clock)
            .unwrap()
            .newest()
            .unwrap()
            .id
            .clone();
        let again = KeyRing::open(&folder, &clock).unwrap();
        assert_eq!(again.newest().unwrap().id, first);
        let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_rotated_key_signs_no_more_and_a_retired_one_is_kept_for_checking() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::set_to(1_000_000);
        let ring = KeyRing::open(folder.path(), &clock).unwrap();
        let other = KeyRing::open(folder.path(), &clock).unwrap();
        let old = ring.newest().unwrap();
        let signature = old.sign(b"head");
        clock.advance(1);
        let new = ring.rotate(&clock).unwrap();
        assert_eq!(ring.newest().unwrap().id, new);
        assert!(
            !other.find(&new).unwrap().retired,
            "another process finds it"
        );
        ring.retire(&old.id).unwrap();
        let kept = ring.find(&old.id).unwrap();
        assert!(kept.retired);
        assert!(is_signed(kept.public(), b"head", &signature));
        assert!(!is_signed(kept.public(), b"another", &signature));
        assert!(ring.retire("0123456789abcdef").is_err());
    }
}
