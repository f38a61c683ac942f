//! Etags: a change is made to what its caller has read, or not at all.
//!
//! Every row carries `version BIGINT NOT NULL`, 1 when created and one more with each change, and every update says
//! `WHERE … AND version = $n`. On the wire the version is an opaque quoted text.

use crate::error::{Error, Result};

/// How often a resource was written, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Version {
    /// What a resource has when created.
    pub const FIRST: Self = Self(1);

    /// What it has after the next change.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As the contract carries it.
    pub fn etag(self) -> String {
        format!("\"v{}\"", self.0)
    }

    /// Refuses a change to something else than the caller has read; "" stands for whatever it is now.
    pub fn check(self, etag: &str, resource: &str) -> Result<()> {
        if etag.is_empty() || etag == self.etag() {
            Ok(())
        } else {
            Err(Error::stale(resource))
        }
    }
}

/// Refuses an update that met no row, because the row's version had moved on.
pub fn ensure_affected(rows: u64, resource: &str) -> Result<()> {
    match rows {
        1 => Ok(()),
        0 => Err(Error::stale(resource)),
        more => Err(Error::internal(format!(
            "an update of {resource} met {more} rows"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_admits_its_own_version_only() {
        let version = Version(7);
        assert!(version.check(&version.etag(), "x").is_ok());
        assert!(version.check("", "x").is_ok());
        for other in ["7", "v7", "\"v8\"", "W/\"v7\"", " "] {
            assert!(
                matches!(version.check(other, "x"), Err(Error::StaleEtag { .. })),
                "{other}"
            );
        }
        assert!(version.check(&version.next().etag(), "x").is_err());
    }

    #[test]
    fn an_update_that_meets_no_row_is_stale() {
        assert!(matches!(
            ensure_affected(0, "x"),
            Err(Error::StaleEtag { .. })
        ));
        assert!(ensure_affected(1, "x").is_ok());
        assert!(matches!(ensure_affected(2, "x"), Err(Error::Internal(_))));
    }
}
