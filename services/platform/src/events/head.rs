//! The signed end of a chain: who notes it can prove later that nothing before it was changed or cut off.

use super::append::{self, county_head};
use super::{EventHead, GetEventHeadRequest, put_into};
use crate::clock;
use crate::context::Context;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::keys::{Key, is_signed};
use crate::resource::parse_county;
use crate::rpc::Principal;

/// The whole of a service's `GetEventHead`.
pub async fn head(
    context: &Context,
    caller: &Principal,
    request: &GetEventHeadRequest,
) -> Result<EventHead> {
    let county = if request.parent.is_empty() && caller.county_prefix().is_empty() {
        String::new()
    } else {
        parse_county(caller, "parent", &request.parent)?
    };
    let keys = context
        .keys
        .as_ref()
        .ok_or_else(|| Error::unavailable("this process has no keys to sign with"))?;
    signed_head(&context.db, &*keys.newest()?, &county).await
}

/// The end of a county's chain, or with "" of the whole stream, signed now.
pub async fn signed_head(db: &Db, key: &Key, county: &str) -> Result<EventHead> {
    let mut tx = db.begin_read().await?;
    let (sequence, hash) = if county.is_empty() {
        append::head(&mut tx).await?
    } else {
        county_head(&mut tx, county).await?
    };
    let mut head = EventHead {
        service: db.service().to_owned(),
        county: county.to_owned(),
        sequence,
        hash,
        sign_time: Some(clock::timestamp(tx.now_us())),
        key_id: key.id.clone(),
        signature: Vec::new(),
    };
    head.signature = key.sign(&signed_bytes(&head));
    Ok(head)
}

/// Whether a head was signed by the private half of this key.
pub fn holds(head: &EventHead, public: &[u8]) -> bool {
    is_signed(public, &signed_bytes(head), &head.signature)
}

/// What is signed, as the contract states it.
fn signed_bytes(head: &EventHead) -> Vec<u8> {
    let mut bytes = b"dudao.head.v1\n".to_vec();
    put_into(&mut bytes, head.service.as_bytes());
    put_into(&mut bytes, head.county.as_bytes());
    bytes.extend(head.sequence.to_be_bytes());
    put_into(&mut bytes, &head.hash);
    let signed_us = head.sign_time.as_ref().map_or(0, clock::micros);
    bytes.extend(signed_us.to_be_bytes());
    bytes
}
