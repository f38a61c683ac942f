//! Resources over gRPC, as every service treats them: authorise, parse, one transaction, reply.

use std::collections::{BTreeSet, HashSet};
use std::future::Future;
use std::sync::Arc;

use chrono::NaiveDate;
use prost::{Message, Name};
use prost_types::FieldMask;

use crate::clock;
use crate::context::Context;
use crate::db::Tx;
use crate::document::{self, Document, Filter, Reader, Record};
use crate::error::{Error, Precondition, Result, Violations};
use crate::events::{self, NewEvent};
use crate::page::Page;
use crate::request::{self, Seen};
use crate::rpc::act::Act;
use crate::rpc::{Principal, Sight, Territory};

/// How many records are read at a time for who sees a part of them only.
const STRIDE: i64 = 500;

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// Its content is another.
    Updated,
    /// It has ended, and stays on record.
    Ended,
}

/// Of which resource an event is, and who did it.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The county's code.
    pub county: &'a str,
    /// The resource's full name.
    pub resource: String,
    /// Who did it.
    pub actor: &'a str,
}

impl About<'_> {
    /// The event of a payload.
    pub fn event<M: Message + Name + 'static>(self, payload: &M) -> NewEvent {
        NewEvent::new(self.county, self.resource, self.actor, payload)
    }
}

/// A document as the contract carries it.
pub trait Resource: Document + PartialEq {
    /// Its message.
    type Message: Message + Name + Default + Clone;
    /// The field of requests that holds it.
    const FIELD: &'static str;
    /// The field of requests that holds its code.
    const ID: &'static str;

    /// The message's name and etag.
    fn identity(message: &Self::Message) -> (&str, &str);

    /// The message of a record.
    fn to_message(record: &Record<Self>) -> Self::Message;

    /// Checks the message of a resource; paths are the message's, the code's is [`Resource::ID`]. Output fields are ignored.
    fn from_message(
        code: &str,
        message: Self::Message,
        today: NaiveDate,
    ) -> Result<Self, Violations>;

    /// Copies the masked fields, or without a mask those that are set.
    fn overlay(
        into: &mut Self::Message,
        from: &Self::Message,
        mask: Option<&FieldMask>,
    ) -> Result<()>;

    /// The event of a change.
    fn event(change: Change, about: About<'_>, message: Self::Message) -> NewEvent;

    /// Takes over what no update may change.
    #[must_use]
    fn in_place_of(self, _before: &Self) -> Self {
        self
    }

    /// Ended at an instant; itself where nothing ends.
    #[must_use]
    fn ended_at(self, _now_us: i64) -> Self {
        self
    }
}

/// Writes [`Resource::overlay`] for the fields that a caller may change.
#[macro_export]
macro_rules! overlay {
    ($message:ty; $($field:ident),* $(,)?) => {
        #[allow(unused_variables, clippy::match_single_binding, reason = "a resource may have nothing that can be changed")]
        fn overlay(
            into: &mut $message,
            from: &$message,
            mask: Option<&prost_types::FieldMask>,
        ) -> $crate::error::Result<()> {
            let unset = <$message>::default();
            match mask.filter(|mask| !mask.paths.is_empty()) {
                None => {
                    $(if from.$field != unset.$field { into.$field.clone_from(&from.$field); })*
                }
                Some(mask) => {
                    for path in &mask.paths {
                        match path.as_str() {
                            "*" => { $(into.$field.clone_from(&from.$field);)* }
                            $(stringify!($field) => into.$field.clone_from(&from.$field),)*
                            other => {
                                let known: &[&str] = &[$(stringify!($field)),*];
                                let known = known.join(", ");
                                return Err($crate::Error::invalid(
                                    "update_mask",
                                    format!("“{other}”不可修改，可修改的字段：{known}"),
                                    format!("{other} can't be changed; these can: {known}"),
                                ));
                            }
                        }
                    }
                }
            }
            Ok(())
        }
    };
}

/// Makes a domain type, whose message [`mirror!`](crate::mirror) says, a [`Resource`]: how requests call it, which fields
/// may be changed, and which events tell of it. Its `check(self, code: &str) -> Result<Self, Violations>` judges a draft,
/// its `keep(self, before: &Self) -> Self` takes over what no update may change.
///
/// ```text
/// resource!(Meeting => proto::Meeting, meeting, "meeting_id"; edit { display_name, attendance };
///     Created => proto::MeetingRecorded, Updated => proto::MeetingCorrected);
/// ```
#[macro_export]
macro_rules! resource {
    ($domain:ty => $message:ty, $field:ident, $id:literal; edit { $($edit:ident),* $(,)? };
        Created => $created:ty, Updated => $updated:ty $(, Ended => $ended:ty)? $(,)?) => {
        impl $crate::resource::Resource for $domain {
            type Message = $message;
            const FIELD: &'static str = stringify!($field);
            const ID: &'static str = $id;

            fn identity(message: &$message) -> (&str, &str) {
                (&message.name, &message.etag)
            }

            fn to_message(record: &$crate::document::Record<Self>) -> $message {
                type Message = $message;
                Message {
                    name: record.name(),
                    create_time: Some($crate::clock::timestamp(record.created_us)),
                    update_time: Some($crate::clock::timestamp(record.updated_us)),
                    etag: record.version.etag(),
                    ..$crate::carry::Carry::carry(&record.content)
                }
            }

            fn from_message(
                code: &str,
                message: $message,
                _: chrono::NaiveDate,
            ) -> Result<Self, $crate::error::Violations> {
                let mut wrong = $crate::error::Violations::new();
                let draft: Self = $crate::carry::Carry::take(message, &mut wrong, "");
                let draft = wrong.also(draft.check(code));
                wrong.into_result()?;
                draft.ok_or_else($crate::error::Violations::new)
            }

            $crate::overlay!($message; $($edit),*);

            fn event(
                change: $crate::resource::Change,
                about: $crate::resource::About<'_>,
                message: $message,
            ) -> $crate::events::NewEvent {
                match change {
                    $crate::resource::Change::Created => $crate::payload!(about, $created, $field, message),
                    $crate::resource::Change::Updated => $crate::payload!(about, $updated, $field, message),
                    $crate::resource::Change::Ended => $crate::resource!(@ended about, message, $field, $updated $(, $ended)?),
                }
            }

            fn in_place_of(self, before: &Self) -> Self {
                self.keep(before)
            }
        }
    };
    (@ended $about:ident, $message:ident, $field:ident, $updated:ty) => {
        $crate::payload!($about, $updated, $field, $message)
    };
    (@ended $about:ident, $message:ident, $field:ident, $updated:ty, $ended:ty) => {
        $crate::payload!($about, $ended, $field, $message)
    };
}

/// The event of a payload that holds one message.
#[macro_export]
macro_rules! payload {
    ($about:ident, $payload:ty, $field:ident, $message:expr) => {{
        type Payload = $payload;
        $about.event(&Payload {
            $field: Some($message),
        })
    }};
}

/// Writes a service of the contract: each RPC with its request, its answer, and the expression that is awaited for it.
///
/// ```text
/// rpcs! { impl MeetingService for Registry;
///     get_meeting(GetMeetingRequest) -> Meeting = |me, caller, request| me.desk.get::<domain::Meeting>(caller, &request.name);
/// }
/// ```
#[macro_export]
macro_rules! rpcs {
    (impl $service:ident for $type:ty, in $proto:ident; $(
        $rpc:ident($request:ident) -> $answer:ident = |$me:ident, $caller:ident, $asked:ident| $work:expr;
    )+) => {
        #[tonic::async_trait]
        impl $service for $type {
            $(#[allow(unused_variables, reason = "not every call asks who calls")]
            async fn $rpc(
                &self,
                request: tonic::Request<$proto::$request>,
            ) -> Result<tonic::Response<$proto::$answer>, tonic::Status> {
                let $caller = &$crate::rpc::Principal::of(&request)?;
                let $asked = &request.into_inner();
                $crate::words::check($asked)?;
                let $me = self;
                let answer: $crate::Result<$proto::$answer> = $work.await;
                let listed = stringify!($rpc).starts_with("list_");
                Ok(tonic::Response::new($crate::personal::shown($caller, listed, answer?)?))
            })+
        }
    };
}

/// What every request that changes something carries.
#[derive(Debug)]
pub struct Call<'a, Req> {
    /// Who calls.
    pub caller: &'a Principal,
    /// The whole request.
    pub request: &'a Req,
    /// Makes a retry return the first answer.
    pub request_id: &'a str,
}

/// The [`Call`] of a request: `call!(caller, request)`.
#[macro_export]
macro_rules! call {
    ($caller:expr, $request:expr) => {
        $crate::resource::Call {
            caller: $caller,
            request: $request,
            request_id: &$request.request_id,
        }
    };
}

/// A resource to create, as the request names and describes it.
#[derive(Clone, Debug)]
pub struct Item<M> {
    /// The last part of its name.
    pub code: String,
    /// What it is to say.
    pub message: M,
    /// Path of the item in the request, with its dot: "" or `requests[3].`.
    pub path: String,
}

impl<M> Item<M> {
    /// The only item of a request. Without a code it gets an id.
    pub fn only(context: &Context, code: &str, message: M) -> Self {
        Self {
            code: if code.is_empty() {
                context.ids.next()
            } else {
                code.to_owned()
            },
            message,
            path: String::new(),
        }
    }
}

/// What a step has made of a resource.
pub struct Stepped<T> {
    /// The resource after it.
    pub content: T,
    /// What has happened, in order; each is given the resource's message.
    pub facts: Vec<NewFact<T>>,
}

/// Makes the event of a fact from the resource as it is after it.
pub type NewFact<T> = Box<dyn FnOnce(About<'_>, &Record<T>) -> NewEvent + Send>;

/// Where the calls of a service's resources come in.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Database, clock, ids, shutdown.
    pub context: Context,
    reader: Reader,
    territory: Arc<dyn Territory>,
}

impl Desk {
    /// On a service's database; `territory` knows what belongs to whom.
    pub fn new(context: &Context, territory: impl Territory + 'static) -> Self {
        Self {
            context: context.clone(),
            reader: Reader::new(&context.db),
            territory: Arc::new(territory),
        }
    }

    /// What the caller sees of the counties in reach. Asks other services: never within a transaction.
    pub async fn sight(&self, caller: &Principal) -> Result<Sight> {
        let Sight::Own(names) = caller.width() else {
            return Ok(caller.width());
        };
        // Boxed, here and below: most calls do not come here, and would carry all of it along.
        Box::pin(self.with_territories(names)).await
    }

    async fn with_territories(&self, mut names: BTreeSet<String>) -> Result<Sight> {
        for own in names.clone() {
            names.extend(self.territory.of(&own).await?);
        }
        Ok(Sight::Own(names))
    }

    /// Reads one as a record.
    pub async fn record<T: Document>(
        &self,
        caller: &Principal,
        field: &str,
        name: &str,
    ) -> Result<Record<T>> {
        let (county, code) = parse_name::<T>(caller, field, name)?;
        let sight = self.sight(caller).await?;
        if sight == Sight::Whole {
            let record = self.reader.find::<T>(&county, &code).await?;
            return record.ok_or_else(|| Error::not_found(document::name::<T>(&county, &code)));
        }
        // Whom it concerns may stand in another document.
        let seen = async || {
            let mut tx = self.context.db.begin_read().await?;
            let record = document::get::<T>(&mut tx, &county, &code).await?;
            seen_by(&sight, &mut tx, record).await
        };
        Box::pin(seen()).await
    }

    /// Reads one.
    pub async fn get<T: Resource>(&self, caller: &Principal, name: &str) -> Result<T::Message> {
        Ok(T::to_message(&self.record(caller, "name", name).await?))
    }

    /// Lists a page of them; the filter's reach, position and size are filled in.
    pub async fn list<T: Resource>(
        &self,
        caller: &Principal,
        page: &Page<(String, String)>,
        filter: Filter<'_>,
    ) -> Result<(Vec<T::Message>, String)> {
        let (records, next_page_token) = self.records::<T>(caller, page, filter).await?;
        Ok((records.iter().map(T::to_message).collect(), next_page_token))
    }

    /// Lists a page of them as records.
    pub async fn records<T: Document>(
        &self,
        caller: &Principal,
        page: &Page<(String, String)>,
        filter: Filter<'_>,
    ) -> Result<(Vec<Record<T>>, String)> {
        let sight = self.sight(caller).await?;
        // Who sees a part only gets full pages of it all the same, and passes over the rest in long strides.
        let stride = if sight == Sight::Whole { 0 } else { STRIDE };
        let filter = Filter {
            reach: caller.county_prefix(),
            limit: page.limit().max(stride),
            ..filter
        };
        let mut tx = self.context.db.begin_read().await?;
        let mut records: Vec<Record<T>> = Vec::new();
        let mut after = page.after().cloned();
        loop {
            let filter = Filter {
                after: after.as_ref(),
                ..filter.clone()
            };
            let some = document::list::<T>(&mut tx, &filter).await?;
            let ended = (some.len() as i64) < filter.limit;
            after = some
                .last()
                .map(|record| (record.county.clone(), record.code.clone()));
            for record in some {
                if sees(&sight, &mut tx, &record).await? {
                    records.push(record);
                }
            }
            if ended || records.len() as i64 >= page.limit() {
                break;
            }
        }
        records.truncate(page.limit() as usize);
        Ok(page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        }))
    }

    /// Does work in one write transaction, unless it was done before under the same request id.
    pub async fn once<Req, Res, F>(
        &self,
        call: Call<'_, Req>,
        county: &str,
        work: impl FnOnce(Tx) -> F + Send,
    ) -> Result<Res>
    where
        Req: Message + Name,
        Res: Message + Default,
        F: Future<Output = Result<(Tx, Res)>> + Send,
    {
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let (mut tx, answer) = work(tx).await?;
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Creates all items or none. `admit` may refuse them, or complete what
    /// only the service knows of them, within the transaction; `write` writes them with all that belongs
    /// to them; `wrap` makes the answer that a retry gets again.
    pub async fn create<T: Resource, Req: Message + Name, Res: Message + Default>(
        &self,
        call: Call<'_, Req>,
        parent: &str,
        items: Vec<Item<T::Message>>,
        admit: impl AsyncFnOnce(&mut Tx, &mut [Record<T>]) -> Result<()>,
        wrap: impl FnOnce(Vec<T::Message>) -> Result<Res> + Send,
    ) -> Result<Res> {
        let county = parse_county(call.caller, "parent", parent)?;
        let sight = self.sight(call.caller).await?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let mut records = check_items::<T>(&tx, &county, items)?;
        for record in &records {
            let there = document::find::<T>(&mut tx, &county, &record.code).await?;
            if there.is_some() {
                return Err(Error::already_exists(record.name()));
            }
        }
        admit(&mut tx, &mut records).await?;
        for record in &records {
            check_own(&sight, &mut tx, record).await?;
        }
        let answer = wrap(write(&mut tx, call.caller.actor(), Change::Created, &records).await?)?;
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Creates one.
    pub async fn create_one<T: Resource, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        parent: &str,
        code: &str,
        message: Option<&T::Message>,
        admit: impl AsyncFnOnce(&mut Tx, &mut [Record<T>]) -> Result<()>,
    ) -> Result<T::Message> {
        let item = Item::only(&self.context, code, message.cloned().unwrap_or_default());
        self.create::<T, _, _>(call, parent, vec![item], admit, only)
            .await
    }

    /// Changes the masked fields. A change that changes nothing leaves no trace.
    pub async fn update<T: Resource, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        message: Option<&T::Message>,
        mask: Option<&FieldMask>,
        admit: impl AsyncFnOnce(&mut Tx, &Record<T>, &mut T) -> Result<()>,
    ) -> Result<T::Message> {
        let message =
            message.ok_or_else(|| Error::invalid(T::FIELD, "缺少内容", "must be given"))?;
        let (name, etag) = T::identity(message);
        let (county, code) = parse_name::<T>(call.caller, &format!("{}.name", T::FIELD), name)?;
        let sight = self.sight(call.caller).await?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let before = document::get::<T>(&mut tx, &county, &code).await?;
        let before = seen_by(&sight, &mut tx, before).await?;
        before.version.check(etag, &before.name())?;
        let mut merged = T::to_message(&before);
        T::overlay(&mut merged, message, mask)?;
        let today = clock::day_of(tx.now_us());
        let mut content = T::from_message(&code, merged, today)
            .map_err(|wrong| inside(wrong, &format!("{}.", T::FIELD), T::ID, ""))?
            .in_place_of(&before.content);
        let answer = if content == before.content {
            T::to_message(&before)
        } else {
            admit(&mut tx, &before, &mut content).await?;
            let after = before.changed(&tx, content);
            only(write(&mut tx, call.caller.actor(), Change::Updated, &[after]).await?)?
        };
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Ends what must not vanish: closes, dismisses, withdraws.
    pub async fn end<T: Resource, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        name: &str,
        etag: &str,
        admit: impl AsyncFnOnce(&mut Tx, &Record<T>, &mut T) -> Result<()>,
    ) -> Result<T::Message> {
        let (county, code) = parse_name::<T>(call.caller, "name", name)?;
        let sight = self.sight(call.caller).await?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let before = document::get::<T>(&mut tx, &county, &code).await?;
        let before = seen_by(&sight, &mut tx, before).await?;
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
        let mut content = before.content.clone().ended_at(tx.now_us());
        admit(&mut tx, &before, &mut content).await?;
        let after = before.changed(&tx, content);
        let answer = only(write(&mut tx, call.caller.actor(), Change::Ended, &[after]).await?)?;
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Takes a resource a step on: `decide` makes the next content and what has happened of the record as it is, or
    /// refuses; both are written in one transaction.
    pub async fn step<T: Resource, Req: Message + Name>(
        &self,
        call: Call<'_, Req>,
        name: &str,
        etag: &str,
        decide: impl AsyncFnOnce(&mut Tx, &Record<T>) -> Result<Stepped<T>>,
    ) -> Result<T::Message> {
        let (county, code) = parse_name::<T>(call.caller, "name", name)?;
        let sight = self.sight(call.caller).await?;
        let mut tx = self.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, call.request_id, call.request).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let before = document::get::<T>(&mut tx, &county, &code).await?;
        let before = seen_by(&sight, &mut tx, before).await?;
        before.version.check(etag, &before.name())?;
        let stepped = decide(&mut tx, &before).await?;
        let after = settle(&mut tx, call.caller.actor(), before, stepped).await?;
        let answer = T::to_message(&after);
        ticket.keep(&mut tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

/// Whether a caller sees a record. Who sees whole counties is not asked whom it concerns.
async fn sees<T: Document>(sight: &Sight, tx: &mut Tx, record: &Record<T>) -> Result<bool> {
    Ok(*sight == Sight::Whole || sight.sees(&record.concerns(tx).await?))
}

/// Refuses a new record that does not concern the caller's own.
async fn check_own<T: Document>(sight: &Sight, tx: &mut Tx, record: &Record<T>) -> Result<()> {
    if sees(sight, tx, record).await? {
        Ok(())
    } else {
        Err(Error::NotOwn {
            resource: record.name(),
        })
    }
}

/// A record that the caller sees; to others it does not exist.
pub async fn seen_by<T: Document>(
    sight: &Sight,
    tx: &mut Tx,
    record: Record<T>,
) -> Result<Record<T>> {
    if sees(sight, tx, &record).await? {
        Ok(record)
    } else {
        Act::note_out_of_reach();
        Err(Error::not_found(record.name()))
    }
}

/// Writes what a step has made of a record, and records what has happened. A step that changes nothing leaves no trace.
pub async fn settle<T: Resource>(
    tx: &mut Tx,
    actor: &str,
    before: Record<T>,
    stepped: Stepped<T>,
) -> Result<Record<T>> {
    let Stepped { content, facts } = stepped;
    if content == before.content && facts.is_empty() {
        return Ok(before);
    }
    let after = before.changed(tx, content);
    document::put(tx, std::slice::from_ref(&after)).await?;
    let recorded: Vec<_> = facts
        .into_iter()
        .map(|fact| {
            let about = About {
                county: &after.county,
                resource: after.name(),
                actor,
            };
            told_before(fact(about, &after), &after)
        })
        .collect();
    events::append(tx, recorded).await?;
    Ok(after)
}

/// Writes records and their events.
pub async fn write<T: Resource>(
    tx: &mut Tx,
    actor: &str,
    change: Change,
    records: &[Record<T>],
) -> Result<Vec<T::Message>> {
    document::put(tx, records).await?;
    let messages: Vec<_> = records.iter().map(T::to_message).collect();
    let facts: Vec<_> = records
        .iter()
        .zip(&messages)
        .map(|(record, message)| {
            let about = About {
                county: &record.county,
                resource: record.name(),
                actor,
            };
            told_before(T::event(change, about, message.clone()), record)
        })
        .collect();
    events::append(tx, facts).await?;
    Ok(messages)
}

/// The event with the resource as it was before, if it was.
fn told_before<T: Resource>(event: NewEvent, record: &Record<T>) -> NewEvent {
    match &record.previous {
        None => event,
        Some(previous) => event.after(&T::to_message(previous)),
    }
}

/// Nothing stands against it.
#[expect(clippy::unused_async, reason = "stands where others ask the database")]
pub async fn freely<T>(_: &mut Tx, _: &mut [Record<T>]) -> Result<()> {
    Ok(())
}

/// Nothing stands against the change.
#[expect(clippy::unused_async, reason = "stands where others ask the database")]
pub async fn freely_changed<T>(_: &mut Tx, _: &Record<T>, _: &mut T) -> Result<()> {
    Ok(())
}

/// Every item as a record, or every wrong field of every item.
fn check_items<T: Resource>(
    tx: &Tx,
    county: &str,
    items: Vec<Item<T::Message>>,
) -> Result<Vec<Record<T>>> {
    let today = clock::day_of(tx.now_us());
    let mut wrong = Violations::new();
    let mut records: Vec<Record<T>> = Vec::with_capacity(items.len());
    let mut seen = HashSet::new();
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
                        field(&violation.field, &format!("{}.", T::FIELD), T::ID, &path),
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
pub fn only<M>(messages: Vec<M>) -> Result<M> {
    messages
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("a write has given no answer"))
}

/// Where a violation stands in the request: the code beside the resource, the rest inside.
pub fn field(field: &str, inside: &str, id: &str, path: &str) -> String {
    if field == id {
        format!("{path}{field}")
    } else {
        format!("{path}{inside}{field}")
    }
}

/// A resource's violations at their places in the request.
pub fn inside(wrong: Violations, inside: &str, id: &str, path: &str) -> Error {
    let mut placed = Violations::new();
    for violation in wrong {
        placed.add(
            field(&violation.field, inside, id, path),
            violation.zh,
            violation.en,
        );
    }
    Error::Invalid(placed)
}

/// Reads `counties/{code}`, within the caller's reach. The code is six digits of GB/T 2260.
pub fn parse_county(caller: &Principal, field: &str, name: &str) -> Result<String> {
    let county = name
        .strip_prefix("counties/")
        .filter(|code| is_county(code))
        .ok_or_else(|| {
            Error::invalid(
                field,
                "名称须形如 counties/140525",
                "must look like counties/140525",
            )
        })?;
    caller.reach(county)?;
    Ok(county.to_owned())
}

fn is_county(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a list's parent: a county, or "" for `counties/-`.
pub fn parse_parent(caller: &Principal, parent: &str) -> Result<String> {
    if parent == "counties/-" {
        Ok(String::new())
    } else {
        parse_county(caller, "parent", parent)
    }
}

/// Reads `counties/{code}/{collection}/{code}` into the two codes.
pub fn parse_name<T: Document>(
    caller: &Principal,
    field: &str,
    name: &str,
) -> Result<(String, String)> {
    if T::COLLECTION == "counties" {
        let code = parse_county(caller, field, name)?;
        return Ok((code.clone(), code));
    }
    let wrong = || {
        let form = if T::SINGLETON {
            format!("counties/140525/{}", T::COLLECTION)
        } else {
            format!("counties/140525/{}/…", T::COLLECTION)
        };
        Error::invalid(
            field,
            format!("名称须形如 {form}"),
            format!("must look like {form}"),
        )
    };
    if T::SINGLETON {
        let county = name
            .strip_prefix("counties/")
            .and_then(|rest| rest.strip_suffix(T::COLLECTION)?.strip_suffix('/'))
            .filter(|county| is_county(county))
            .ok_or_else(wrong)?;
        caller.reach(county)?;
        return Ok((county.to_owned(), T::COLLECTION.to_owned()));
    }
    let mut parts = name.splitn(4, '/');
    let (Some(root), Some(county), Some(collection), Some(code)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    let right = root == "counties"
        && is_county(county)
        && collection == T::COLLECTION
        && !code.is_empty()
        && !code.contains('/');
    if !right {
        return Err(wrong());
    }
    caller.reach(county)?;
    Ok((county.to_owned(), code.to_owned()))
}
