//! The contract as tests read it: every RPC with the roles that may call it, and calls of any of them.

use std::collections::BTreeMap;
use std::time::Duration;

use dudao_platform::rpc::Link;
use dudao_proto::auth::v1 as auth;
use dudao_proto::event::v1::stream_snapshot_response::Item;
use dudao_proto::event::v1::{StreamSnapshotRequest, StreamSnapshotResponse};
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
    ReflectMessage as _, Value,
};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Status};

/// A stream that says nothing for so long has said what it has.
const SILENCE: Duration = Duration::from_millis(150);
/// A name of the contract begins with this, where comments tell its form.
const ROOT: &str = "`counties/{code}";

/// An RPC of the contract.
#[derive(Clone, Debug)]
pub struct Rpc {
    /// `/package.Service/Method`.
    pub path: String,
    /// Who may call it.
    pub roles: Vec<auth::Role>,
    /// Its descriptor.
    pub method: MethodDescriptor,
}

/// The contract with its own options.
pub fn pool() -> DescriptorPool {
    DescriptorPool::decode(dudao_proto::DESCRIPTOR).unwrap()
}

/// Every RPC of the contract, in the order of the services' names and of their files.
pub fn rpcs() -> Vec<Rpc> {
    let pool = pool();
    let option = pool.get_extension_by_name("dudao.auth.v1.access").unwrap();
    let mut services: Vec<_> = pool
        .services()
        .filter(|service| service.full_name().starts_with("dudao."))
        .collect();
    services.sort_by_key(|service| service.full_name().to_owned());
    services
        .iter()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| {
            let options = method.options();
            let access = options.get_extension(&option);
            let access = access.as_message().unwrap();
            let roles = access.transcode_to::<auth::Access>().unwrap();
            Rpc {
                path: format!("/{}/{}", method.parent_service().full_name(), method.name()),
                roles: roles.roles().collect(),
                method,
            }
        })
        .collect()
}

impl Rpc {
    /// The collection of the resource that its request names; "" if it names none.
    pub fn collection(&self) -> String {
        let name = self.method.input().get_field_by_name("name");
        name.and_then(|field| collection(&field))
            .unwrap_or_default()
    }

    /// A request that names a county, and of each collection the resource that is picked.
    pub fn request(&self, county: &str, pick: &dyn Fn(&str) -> String) -> DynamicMessage {
        let mut message = DynamicMessage::new(self.method.input());
        // Lists are asked for everything.
        let whole = self.method.input().get_field_by_name("page_size").is_some();
        name_all(&mut message, county, pick, if whole { 0 } else { 2 });
        message
    }

    /// Calls it with a message.
    pub async fn call(&self, link: &Link, message: Vec<u8>) -> Result<Vec<Vec<u8>>, Status> {
        call(link, &self.path, message).await
    }
}

/// Fills in the names that a message asks for: its parent only, or those within it too.
fn name_all(
    message: &mut DynamicMessage,
    county: &str,
    pick: &dyn Fn(&str) -> String,
    depth: usize,
) {
    for field in message.descriptor().fields() {
        if let (Kind::Message(inner), false, true) =
            (field.kind(), field.is_list() || field.is_map(), depth > 0)
        {
            if inner.full_name().starts_with("dudao.") {
                let mut part = DynamicMessage::new(inner);
                name_all(&mut part, county, pick, depth - 1);
                message.set_field(&field, Value::Message(part));
            }
        } else if let (Kind::String, false) = (field.kind(), field.is_list())
            && (depth > 0 || field.name() == "parent")
            && let Some(collection) = collection(&field)
        {
            let name = if collection.is_empty() {
                format!("counties/{county}")
            } else {
                pick(&collection)
            };
            message.set_field(&field, Value::String(name));
        }
    }
}

/// The collection of the names that a field holds, as its comment tells; "" for counties.
pub fn collection(field: &FieldDescriptor) -> Option<String> {
    let comment = comment(field.parent_message(), field.path());
    let form = comment.split(ROOT).nth(1)?.split('`').next()?;
    Some(form.split('/').nth(1).unwrap_or_default().to_owned())
}

fn comment(message: &MessageDescriptor, path: &[i32]) -> String {
    let file = message.parent_file();
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let place = info.and_then(|info| info.location.iter().find(|place| place.path == path));
    place.map_or_else(String::new, |place| place.leading_comments().to_owned())
}

/// Calls an RPC with an encoded message; what has been answered when it ends, or has fallen silent.
pub async fn call(link: &Link, path: &str, message: Vec<u8>) -> Result<Vec<Vec<u8>>, Status> {
    let mut client = tonic::client::Grpc::new(link.clone())
        .max_decoding_message_size(64 << 20)
        .max_encoding_message_size(64 << 20);
    client
        .ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let path: PathAndQuery = path.parse().unwrap();
    let request = Request::new(futures::stream::iter([message]));
    let mut stream = client.streaming(request, path, Bytes).await?.into_inner();
    let mut answers = Vec::new();
    while let Ok(answer) = tokio::time::timeout(SILENCE, stream.message()).await {
        match answer? {
            Some(answer) => answers.push(answer),
            None => break,
        }
    }
    Ok(answers)
}

/// The full names of all that a caller is shown by the snapshots of every service, by collection.
pub async fn names(link: &Link, county: &str) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, _) in everything(link).await {
        let mut parts = name.split('/').skip(1);
        if parts.next() == Some(county) {
            let collection = parts.next().unwrap_or_default().to_owned();
            names.entry(collection).or_default().push(name);
        }
    }
    names
}

/// All that a caller is shown by the snapshots of every service, by full name.
pub async fn everything(link: &Link) -> BTreeMap<String, Vec<u8>> {
    let services = [
        "registry.v1.Registry",
        "inspection.v1.Inspection",
        "accountability.v1.Accountability",
        "scheduler.v1.Scheduler",
    ];
    let mut all = BTreeMap::new();
    for service in services {
        let path = format!("/dudao.{service}EventService/StreamSnapshot");
        let request = StreamSnapshotRequest::default().encode_to_vec();
        for answer in call(link, &path, request).await.unwrap() {
            let answer = StreamSnapshotResponse::decode(answer.as_slice()).unwrap();
            if let Some(Item::Resource(resource)) = answer.item {
                all.insert(named(&resource), resource.value);
            }
        }
    }
    all
}

/// The name of a resource of any type: its first field.
fn named(resource: &prost_types::Any) -> String {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Named {
        #[prost(string, tag = "1")]
        name: String,
    }
    Named::decode(resource.value.as_slice()).unwrap().name
}

/// Messages as they are on the wire.
#[derive(Debug)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; from.remaining()];
        from.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}
