//! Everything that a service has now, to start from: then the events behind it.

use std::pin::Pin;

use dudao_proto::event::v1::stream_snapshot_response::Item;
use futures::Stream;
use futures::future::BoxFuture;
use prost::{Message, Name};
use prost_types::Any;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::append::{self, type_url};
use super::{Cursor, StreamSnapshotRequest, StreamSnapshotResponse};
use crate::context::Context;
use crate::db::Tx;
use crate::document::{self, Filter};
use crate::error::{Error, Result};
use crate::personal;
use crate::resource::Resource;
use crate::rpc::Principal;

/// Resources of one read, and answers that wait for a slow reader.
const BATCH: i64 = 200;

/// What a `StreamSnapshot` method returns.
pub type SnapshotStream =
    Pin<Box<dyn Stream<Item = Result<StreamSnapshotResponse, Status>> + Send>>;

/// A resource, and its key: county and code.
pub type Written = (Any, (String, String));

/// Reads the next resources of a collection.
type Read = for<'a> fn(&'a mut Tx, &'a Position) -> BoxFuture<'a, Result<Vec<Written>>>;

/// A collection of a service, as a snapshot writes it out.
#[derive(Clone, Copy)]
pub struct Collection {
    name: &'static str,
    batch: i64,
    read: Read,
}

/// How far a collection was read.
#[derive(Debug, Default)]
pub struct Position {
    allowed: String,
    wanted: String,
    /// Behind this county and code.
    pub after: Option<(String, String)>,
}

impl Position {
    /// The prefix that is both allowed and wanted, if there is one.
    pub fn county_prefix(&self) -> Option<&str> {
        let Self {
            allowed, wanted, ..
        } = self;
        if wanted.starts_with(allowed.as_str()) {
            Some(wanted)
        } else if allowed.starts_with(wanted.as_str()) {
            Some(allowed)
        } else {
            None
        }
    }
}

impl std::fmt::Debug for Collection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Collection {
    /// The collection of a resource.
    pub fn of<T: Resource>() -> Self {
        Self::new(T::COLLECTION, BATCH, |tx, position| {
            Box::pin(read::<T>(tx, position))
        })
    }

    /// A collection that is kept otherwise: `read` gives at most `batch` resources, and fewer only at the end.
    pub fn new(name: &'static str, batch: i64, read: Read) -> Self {
        Self { name, batch, read }
    }
}

/// A message as snapshots carry it: personal data masked.
pub fn any<M: Message + Name + 'static>(message: &M) -> Result<Any> {
    Ok(Any {
        type_url: type_url::<M>(),
        value: personal::masked(message)?,
    })
}

async fn read<T: Resource>(tx: &mut Tx, position: &Position) -> Result<Vec<Written>> {
    let filter = Filter {
        reach: &position.allowed,
        county: &position.wanted,
        after: position.after.as_ref(),
        ended: true,
        limit: BATCH,
        ..Filter::default()
    };
    let records = document::list::<T>(tx, &filter).await?;
    let written = records.into_iter().map(|record| {
        let message = T::to_message(&record);
        Ok((any(&message)?, (record.county, record.code)))
    });
    written.collect()
}

/// The whole of a service's `StreamSnapshot`: all of it in one state of the database, then the cursor behind that state.
pub fn snapshot(
    context: &Context,
    caller: &Principal,
    request: StreamSnapshotRequest,
    collections: Vec<Collection>,
) -> Result<SnapshotStream> {
    let known = |name: &String| collections.iter().any(|one| one.name == name);
    if let Some(unknown) = request.collections.iter().find(|name| !known(name)) {
        let names: Vec<_> = collections.iter().map(|one| one.name).collect();
        let names = names.join(", ");
        return Err(Error::invalid(
            "collections",
            format!("没有“{unknown}”，可选：{names}"),
            format!("there is no {unknown}; there are {names}"),
        ));
    }
    let wanted: Vec<_> = collections
        .into_iter()
        .filter(|one| {
            request.collections.is_empty() || request.collections.iter().any(|n| n == one.name)
        })
        .collect();
    let (told, answers) = mpsc::channel(BATCH as usize);
    let context = context.clone();
    let allowed = caller.county_prefix().to_owned();
    tokio::spawn(async move {
        let position = Position {
            allowed,
            wanted: request.county_prefix,
            after: None,
        };
        let written = context
            .shutdown
            .or(write(&context, position, &wanted, &told));
        let ended = match written.await {
            Some(Ok(())) => return,
            Some(Err(error)) => error,
            None => Error::unavailable("the server is about to end"),
        };
        // Nobody reads any more, perhaps.
        drop(told.send(Err(ended.into())).await);
    });
    Ok(Box::pin(ReceiverStream::new(answers)))
}

async fn write(
    context: &Context,
    mut position: Position,
    collections: &[Collection],
    told: &mpsc::Sender<Result<StreamSnapshotResponse, Status>>,
) -> Result<()> {
    let mut tx = context.db.begin_read().await?;
    let (sequence, hash) = append::head(&mut tx).await?;
    for collection in collections {
        position.after = None;
        loop {
            let some = (collection.read)(&mut tx, &position).await?;
            let ended = (some.len() as i64) < collection.batch;
            for (resource, key) in some {
                position.after = Some(key);
                if send(told, Item::Resource(resource)).await.is_none() {
                    return Ok(());
                }
            }
            if ended {
                break;
            }
        }
    }
    send(
        told,
        Item::Cursor(Cursor::behind(sequence, &hash).to_string()),
    )
    .await;
    Ok(())
}

/// `None` if nobody reads any more.
async fn send(
    told: &mpsc::Sender<Result<StreamSnapshotResponse, Status>>,
    item: Item,
) -> Option<()> {
    let answer = StreamSnapshotResponse { item: Some(item) };
    told.send(Ok(answer)).await.ok()
}
