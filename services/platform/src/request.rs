//! Request ids: a retry returns the first answer instead of doing the work again.
//!
//! The answer is stored in the effect's own transaction, for a week. The caller picks any id of at most 64 printable
//! characters (AIP-155); "" asks for nothing.

use prost::{Message, Name};
use sha2::{Digest as _, Sha256};

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::rpc::act::Act;
use crate::{execute, on};

/// For how long answers are kept: a week, in microseconds.
const KEPT_US: i64 = 7 * 24 * 3_600 * 1_000_000;
const MAX_LENGTH: usize = 64;

/// Does the work unless it was done before under the same id, in the same county.
///
/// ```text
/// let mut tx = db.begin_write().await?;
/// let school = request::once(&mut tx, county, &request.request_id, &request, async |tx| {
///     …
///     Ok(school)
/// }).await?;
/// tx.commit().await?;
/// ```
pub async fn once<Req, Res, E>(
    tx: &mut Tx,
    county: &str,
    request_id: &str,
    request: &Req,
    work: impl AsyncFnOnce(&mut Tx) -> Result<Res, E>,
) -> Result<Res, E>
where
    Req: Message + Name,
    Res: Message + Default,
    E: From<Error>,
{
    match seen(tx, county, request_id, request).await? {
        Seen::Before(response) => Ok(response),
        Seen::Never(ticket) => {
            let response = work(tx).await?;
            ticket.keep(tx, &response).await?;
            Ok(response)
        }
    }
}

/// Whether a request was answered before.
#[derive(Debug)]
pub enum Seen<Res> {
    /// Yes: this was the answer.
    Before(Res),
    /// No: keep the answer with this.
    Never(Ticket),
}

/// Keeps the answer to a request.
#[derive(Debug)]
#[must_use]
pub struct Ticket(Option<Key>);

#[derive(Debug)]
struct Key {
    county: String,
    request: String,
    /// Who asks, and the id: one caller's id says nothing to another.
    request_id: String,
    request_hash: Vec<u8>,
}

/// Looks for the answer given before; [`once`] in two steps, for work that does not fit a closure.
pub async fn seen<Req: Message + Name, Res: Message + Default>(
    tx: &mut Tx,
    county: &str,
    request_id: &str,
    request: &Req,
) -> Result<Seen<Res>> {
    if request_id.is_empty() {
        return Ok(Seen::Never(Ticket(None)));
    }
    if request_id.chars().count() > MAX_LENGTH || request_id.chars().any(char::is_control) {
        return Err(Error::invalid(
            "request_id",
            format!("请求编号最多 {MAX_LENGTH} 个可见字符"),
            format!("must be at most {MAX_LENGTH} printable characters"),
        ));
    }
    tx.note_request(request_id);
    let key = Key {
        county: county.to_owned(),
        request: Req::full_name(),
        request_id: format!("{}\n{request_id}", Act::current().behind()),
        request_hash: Sha256::digest(request.encode_to_vec()).to_vec(),
    };
    let kept: Option<(Vec<u8>, Vec<u8>)> = on!(tx, |conn| {
        sqlx::query_as("SELECT request_hash, response FROM requests WHERE county = $1 AND request = $2 AND request_id = $3")
            .bind(&key.county)
            .bind(&key.request)
            .bind(&key.request_id)
            .fetch_optional(conn)
            .await
    })?;
    match kept {
        None => Ok(Seen::Never(Ticket(Some(key)))),
        Some((hash, _)) if hash != key.request_hash => Err(Error::RequestIdReused {
            request_id: request_id.to_owned(),
        }),
        Some((_, response)) => Ok(Seen::Before(
            Res::decode(response.as_slice()).map_err(Error::internal)?,
        )),
    }
}

impl Ticket {
    /// Keeps the answer, and forgets those older than a week.
    pub async fn keep(self, tx: &mut Tx, response: &impl Message) -> Result<()> {
        let Some(key) = self.0 else { return Ok(()) };
        let now_us = tx.now_us();
        execute!(
            tx,
            "DELETE FROM requests WHERE created_us < $1",
            now_us - KEPT_US
        )?;
        execute!(
            tx,
            "INSERT INTO requests (county, request, request_id, request_hash, response, created_us) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &key.county,
            &key.request,
            &key.request_id,
            &key.request_hash,
            response.encode_to_vec(),
            now_us,
        )?;
        Ok(())
    }
}
