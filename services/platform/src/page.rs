//! Pages of a list: keyset paging behind opaque tokens.
//!
//! A list is ordered by a key that never changes and is unique; a page begins behind the last key of the one before.
//! While others write, a walk through the pages shows every resource that was there all the time exactly once.
//!
//! ```text
//! let page = page!(request)?; // Page<String>
//! let rows = store::school::list(&mut tx, county, page.after().map_or("", String::as_str), page.limit()).await?;
//! let (rows, next_page_token) = page.cut(rows, |row| row.code.clone());
//! ```

use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Name;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

const VERSION: u8 = 1;
const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 1_000;
const HASH: usize = 16;

/// Which page was asked for, of a list that is ordered by `K`.
#[derive(Debug)]
pub struct Page<K> {
    size: usize,
    after: Option<K>,
    query: Vec<u8>,
    key: PhantomData<K>,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads what was asked. `query` is the request without its size and token; a token of another query is refused.
    /// [`page!`](crate::page) calls this.
    pub fn parse(size: i32, token: &str, query: &impl Name) -> Result<Self> {
        let size = match usize::try_from(size) {
            Ok(0) => DEFAULT_SIZE,
            Ok(size) => size.min(MAX_SIZE),
            Err(_) => {
                return Err(Error::invalid(
                    "page_size",
                    "每页条数不能为负",
                    "must not be negative",
                ));
            }
        };
        let mut named = query_name(query);
        named.extend(query.encode_to_vec());
        let after = if token.is_empty() {
            None
        } else {
            Some(open(token, &named).ok_or(Error::BadPageToken)?)
        };
        Ok(Self {
            size,
            after,
            query: named,
            key: PhantomData,
        })
    }

    /// The key behind which the page begins; `None` for the first page.
    pub fn after(&self) -> Option<&K> {
        self.after.as_ref()
    }

    /// How many rows to fetch: one more than the page holds, to see whether another follows.
    pub fn limit(&self) -> i64 {
        self.size as i64 + 1
    }

    /// Cuts what was fetched to the page's size, and makes the token of the next page, "" on the last.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> (Vec<T>, String) {
        if rows.len() <= self.size {
            return (rows, String::new());
        }
        rows.truncate(self.size);
        let token = rows
            .last()
            .map(|last| seal(&key(last), &self.query))
            .unwrap_or_default();
        (rows, token)
    }
}

/// Reads the page that a list request asks for: `page!(request)?`.
#[macro_export]
macro_rules! page {
    ($request:expr) => {{
        let mut query = $request.clone();
        query.page_size = 0;
        query.page_token.clear();
        $crate::page::Page::parse($request.page_size, &$request.page_token, &query)
    }};
}

fn query_name<M: Name>(_: &M) -> Vec<u8> {
    M::full_name().into_bytes()
}

/// `base64url(version, first 16 bytes of SHA-256(version, key, query), key)`: a change to any byte shows. It keeps
/// accidents out, not attackers; a token opens nothing that its caller may not list.
fn seal(key: &impl Serialize, query: &[u8]) -> String {
    // A key is a text, a number or a tuple of them, and these always have a JSON form.
    let key = serde_json::to_vec(key).unwrap_or_default();
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&hash(&key, query)[..HASH]);
    bytes.extend(key);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open<K: DeserializeOwned>(token: &str, query: &[u8]) -> Option<K> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (&version, rest) = bytes.split_first()?;
    let (sum, key) = rest.split_at_checked(HASH)?;
    if version != VERSION || sum != &hash(key, query)[..HASH] {
        return None;
    }
    serde_json::from_slice(key).ok()
}

fn hash(key: &[u8], query: &[u8]) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update([VERSION]);
    sum.update((key.len() as u64).to_be_bytes());
    sum.update(key);
    sum.update(query);
    sum.finalize().into()
}

#[cfg(test)]
mod tests {
    use dudao_proto::registry::v1::ListSchoolsRequest as Query;
    use proptest::prelude::*;

    use super::*;

    fn query(parent: &str, size: i32, token: &str) -> Query {
        Query {
            parent: parent.to_owned(),
            page_size: size,
            page_token: token.to_owned(),
            ..Query::default()
        }
    }

    /// Walks through a list in pages and gives back what it met.
    fn walk(keys: &[String], size: i32) -> Vec<String> {
        let mut met = Vec::new();
        let mut token = String::new();
        loop {
            let page: Page<String> = page!(query("counties/1", size, &token)).unwrap();
            let rows = keys
                .iter()
                .filter(|key| page.after().is_none_or(|after| *key > after))
                .take(page.limit() as usize)
                .cloned()
                .collect();
            let (rows, next) = page.cut(rows, String::clone);
            met.extend(rows);
            if next.is_empty() {
                return met;
            }
            token = next;
        }
    }

    proptest! {
        #[test]
        fn a_walk_meets_everything_once(keys in proptest::collection::btree_set(".{0,8}", 0..40), size in 1..9) {
            let keys: Vec<_> = keys.into_iter().collect();
            prop_assert_eq!(walk(&keys, size), keys);
        }

        #[test]
        fn a_damaged_token_is_refused(key in (any::<i64>(), ".{0,20}"), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let query = query("counties/1", 10, "");
            let page: Page<(i64, String)> = page!(query).unwrap();
            let token = seal(&key, &page.query);
            prop_assert_eq!(open(&token, &page.query), Some(key));
            let at = at.index(token.len());
            let damaged = format!("{}{to}{}", &token[..at], &token[at + 1..]);
            prop_assume!(damaged != token);
            prop_assert_eq!(open::<(i64, String)>(&damaged, &page.query), None);
        }
    }

    #[test]
    fn a_token_belongs_to_its_query_and_to_any_size() {
        let page: Page<String> = page!(query("counties/1", 1, "")).unwrap();
        let (_, token) = page.cut(vec!["a", "b"], |key| (*key).to_owned());
        let next: Page<String> = page!(query("counties/1", 7, &token)).unwrap();
        assert_eq!(next.after().map(String::as_str), Some("a"));
        for other in [
            query("counties/2", 1, &token),
            Query {
                show_closed: true,
                ..query("counties/1", 1, &token)
            },
        ] {
            let refused: Result<Page<String>> = page!(other);
            assert!(matches!(refused, Err(Error::BadPageToken)));
        }
    }

    #[test]
    fn a_page_has_a_size_within_limits() {
        for (asked, limit) in [(0, 51), (1, 2), (1_000, 1_001), (5_000, 1_001)] {
            let page: Page<String> = page!(query("", asked, "")).unwrap();
            assert_eq!(page.limit(), limit);
        }
        let refused: Result<Page<String>> = page!(query("", -1, ""));
        assert!(matches!(refused, Err(Error::Invalid(_))));
    }
}
