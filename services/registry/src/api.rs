//! The gRPC services, and what all of them do alike: authorise, parse, one transaction, reply.

mod calendar;
mod county;
mod event;
mod intake;
mod member_unit;
mod ruleset;
mod school;
mod supervisor;
mod town;
mod wire;
mod write;
mod zone;

use dudao_platform::context::Context;
use dudao_platform::error::{Error, Precondition, Result};
use dudao_platform::page::Page;
use dudao_platform::request::{self, Seen};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, clock};
use prost::{Message, Name};
use prost_types::FieldMask;

pub(crate) use wire::{Change, Wire, number, word};
pub use write::{Upserted, upsert_schools, upsert_supervisors};
pub(crate) use write::{adopt_wrong, write};
pub(crate) use zone::message as zone_message;

use crate::domain::county::{County, CountyCode};
use crate::store::{self, Document, Filter, Record};

/// All services of the registry but the intake.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) context: Context,
}

/// What every request that changes something carries.
pub(crate) struct Call<'a, Req> {
    pub(crate) caller: &'a Principal,
    pub(crate) request: &'a Req,
    pub(crate) request_id: &'a str,
}

/// A resource to create, as the request names and describes it.
pub(crate) struct Item<M> {
    pub(crate) code: String,
    pub(crate) message: M,
    /// Path of the item in the request, with its dot: "" or `requests[3].`.
    pub(crate) path: String,
}

impl Registry {
    /// The services on a database.
    pub fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
        }
    }

    pub(crate) async fn get<T: Wire>(&self, caller: &Principal, name: &str) -> Result<T::Message> {
        let (county, code) = parse_name::<T>(caller, "name", name)?;
        let mut tx = self.context.db.begin_read().await?;
        Ok(T::to_message(
            &store::get::<T>(&mut tx, &county, &code).await?,
        ))
    }

    pub(crate) async fn list<T: Wire>(
        &self,
        caller: &Principal,
        page: &Page<(String, String)>,
        filter: Filter<'_>,
    ) -> Result<(Vec<T::Message>, String)> {
        let filter = Filter {
            reach: caller.county_prefix(),
            after: page.after(),
            limit: page.limit(),
            ..filter
        };
        let mut tx = self.context.db.begin_read().await?;
        let records = store::list::<T>(&mut tx, &filter).await?;
        let (records, next_page_token) = page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        });
        Ok((records.iter().map(T::to_message).collect(), next_page_token))
    }

    /// Creates all items or none. `wrap` makes the answer that a retry gets again.
    pub(crate) async fn create<T: Wire, Req: Message + Name, Res: Message + Default>(
        &self,
        call: Call<'_, Req>,
        parent: &str,
        items: Vec<Item<T::Message>>,
        wrap: impl FnOnce(Vec<T::Message>) -> Result<Res> + Send,
    ) -> Result<Res> {
        let county = parse_county(call.caller, "parent", parent)?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        store::get::<County>(&mut tx, &county, &county).await?;
        let records = check_items::<T>(&tx, &county, items)?;
        for record in &records {
            if store::find::<T>(&mut tx, &county, &record.code)
                .await?
                .is_some()
            {
                return Err(Error::already_exists(record.name()));
            }
        }
        let answer = wrap(write(&mut tx, call.caller.actor(), Change::Created, &records).await?)?;
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Creates one.
    pub(crate) async fn create_one<T: Wire, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        parent: &str,
        code: &str,
        message: Option<&T::Message>,
    ) -> Result<T::Message> {
        let item = Item {
            code: code.to_owned(),
            message: message.cloned().unwrap_or_default(),
            path: String::new(),
        };
        self.create::<T, _, _>(call, parent, vec![item], only).await
    }

    /// Changes the masked fields. A change that changes nothing leaves no trace.
    pub(crate) async fn update<T: Wire, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        message: Option<&T::Message>,
        mask: Option<&FieldMask>,
    ) -> Result<T::Message> {
        let message =
            message.ok_or_else(|| Error::invalid(T::FIELD, "缺少内容", "must be given"))?;
        let (name, etag) = T::identity(message);
        let (county, code) = parse_name::<T>(call.caller, &format!("{}.name", T::FIELD), name)?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let before = store::get::<T>(&mut tx, &county, &code).await?;
        before.version.check(etag, &before.name())?;
        let mut merged = T::to_message(&before);
        T::overlay(&mut merged, message, mask)?;
        let today = clock::day_of(tx.now_us());
        let content = T::from_message(&code, merged, today)
            .map_err(|wrong| adopt_wrong(wrong, &format!("{}.", T::FIELD), T::ID, ""))?
            .in_place_of(&before.content);
        let answer = if content == before.content {
            T::to_message(&before)
        } else {
            let after = before.changed(&tx, content);
            only(write(&mut tx, call.caller.actor(), Change::Updated, &[after]).await?)?
        };
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Ends what must not vanish: closes, dismisses, withdraws.
    pub(crate) async fn end<T: Wire, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        name: &str,
        etag: &str,
    ) -> Result<T::Message> {
        let (county, code) = parse_name::<T>(call.caller, "name", name)?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let before = store::get::<T>(&mut tx, &county, &code).await?;
        before.version.check(etag, &before.name())?;
        if before.content.ended() {
            return Err(Error::ForbiddenTransition(Precondition {
                rule: "already_ended".to_owned(),
                article: String::new(),
                subject: before.name(),
                zh: "此前已经关闭、离任或退出".to_owned(),
                en: "it has ended before".to_owned(),
            }));
        }
        let content = before.content.clone().ended_at(tx.now_us());
        let after = before.changed(&tx, content);
        let answer = only(write(&mut tx, call.caller.actor(), Change::Ended, &[after]).await?)?;
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

/// Every item as a record, or every wrong field of every item.
fn check_items<T: Wire>(
    tx: &Tx,
    county: &str,
    items: Vec<Item<T::Message>>,
) -> Result<Vec<Record<T>>> {
    let today = clock::day_of(tx.now_us());
    let mut wrong = dudao_platform::error::Violations::new();
    let mut records: Vec<Record<T>> = Vec::with_capacity(items.len());
    let mut seen = std::collections::HashSet::new();
    for Item {
        code,
        message,
        path,
    } in items
    {
        match T::from_message(&code, message, today) {
            Ok(content) => {
                if !seen.insert(code.clone()) {
                    wrong.add(
                        format!("{path}{}", T::ID),
                        "编号重复",
                        "must not be given twice",
                    );
                }
                records.push(Record::new(tx, county, code, content));
            }
            Err(inner) => {
                for violation in inner {
                    wrong.add(
                        wire::field(&violation.field, &format!("{}.", T::FIELD), T::ID, &path),
                        violation.zh,
                        violation.en,
                    );
                }
            }
        }
    }
    wrong.into_result()?;
    Ok(records)
}

/// The single answer of a write of one.
pub(crate) fn only<M>(messages: Vec<M>) -> Result<M> {
    messages
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("a write has given no answer"))
}

/// Reads `counties/{code}`, within the caller's reach.
pub(crate) fn parse_county(caller: &Principal, field: &str, name: &str) -> Result<String> {
    let county = name
        .strip_prefix("counties/")
        .and_then(|code| CountyCode::new(code).ok())
        .ok_or_else(|| {
            Error::invalid(
                field,
                "名称须形如 counties/140525",
                "must look like counties/140525",
            )
        })?;
    caller.reach(county.as_str())?;
    Ok(county.as_str().to_owned())
}

/// Reads a list's parent: a county, or "" for `counties/-`.
pub(crate) fn parse_parent(caller: &Principal, parent: &str) -> Result<String> {
    if parent == "counties/-" {
        Ok(String::new())
    } else {
        parse_county(caller, "parent", parent)
    }
}

/// Reads `counties/{code}/{collection}/{code}` into the two codes.
pub(crate) fn parse_name<T: Document>(
    caller: &Principal,
    field: &str,
    name: &str,
) -> Result<(String, String)> {
    if T::COLLECTION == County::COLLECTION {
        let code = parse_county(caller, field, name)?;
        return Ok((code.clone(), code));
    }
    let wrong = || {
        let form = format!("counties/140525/{}/…", T::COLLECTION);
        Error::invalid(
            field,
            format!("名称须形如 {form}"),
            format!("must look like {form}"),
        )
    };
    let mut parts = name.splitn(4, '/');
    let (Some(root), Some(county), Some(collection), Some(code)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    if collection != T::COLLECTION || code.is_empty() || code.contains('/') {
        return Err(wrong());
    }
    let county = CountyCode::new(county)
        .ok()
        .filter(|_| root == County::COLLECTION)
        .ok_or_else(wrong)?;
    caller.reach(county.as_str())?;
    Ok((county.to_string(), code.to_owned()))
}
