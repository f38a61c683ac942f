//! The contract as data, for what speaks of it without knowing each resource: the command line, and the console's records.

use std::sync::LazyLock;

use dudao_proto::auth::v1::{self as auth, Role};
use http::uri::PathAndQuery;
use prost_reflect::prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor,
    MethodDescriptor, Value,
};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

use crate::rpc::{Link, MAX_MESSAGE_BYTES};

/// The compiled contract with its comments; none if it can't be read, which a build would have told.
pub static CONTRACT: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(dudao_proto::DESCRIPTOR).ok());

/// The extension that says who may call.
pub(crate) const ACCESS: &str = "dudao.auth.v1.access";

/// The RPCs of a package that are no streams, in the contract's order.
pub fn methods(package: &str) -> Vec<MethodDescriptor> {
    let services = CONTRACT.iter().flat_map(DescriptorPool::services);
    services
        .filter(|service| service.package_name() == package)
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .filter(|method| !method.is_server_streaming() && !method.is_client_streaming())
        .collect()
}

/// What is said of who may call; nothing if the contract does not say it.
pub(crate) fn access(method: &MethodDescriptor, option: &ExtensionDescriptor) -> auth::Access {
    match method.options().get_extension(option).as_ref() {
        Value::Message(access) => access.transcode_to().unwrap_or_default(),
        Value::Bool(_)
        | Value::I32(_)
        | Value::U32(_)
        | Value::I64(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_)
        | Value::List(_)
        | Value::Map(_) => auth::Access::default(),
    }
}

/// Who may call an RPC.
pub fn roles(method: &MethodDescriptor) -> Vec<Role> {
    let option = method.parent_pool().get_extension_by_name(ACCESS);
    option.map_or_else(Vec::new, |option| access(method, &option).roles().collect())
}

/// The comment before a field.
pub fn comment_of(field: &FieldDescriptor) -> String {
    comment(field.parent_file().file_descriptor_proto(), field.path())
}

/// The comment before an element of a file of the contract.
pub fn comment(file: &prost_types::FileDescriptorProto, path: &[i32]) -> String {
    let info = file.source_code_info.as_ref();
    let place = info.and_then(|info| info.location.iter().find(|place| place.path == path));
    place.map_or_else(String::new, |place| {
        place.leading_comments().trim().to_owned()
    })
}

/// Calls an RPC of which only the description is known.
pub async fn call(
    link: &Link,
    method: &MethodDescriptor,
    request: DynamicMessage,
) -> Result<DynamicMessage, Status> {
    let mut client = tonic::client::Grpc::new(link.clone())
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    client
        .ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = PathAndQuery::try_from(path).map_err(|error| Status::internal(error.to_string()))?;
    let codec = Dynamic(method.output());
    let answer = client.unary(Request::new(request), path, codec).await?;
    Ok(answer.into_inner())
}

/// Encodes and decodes messages of which only the descriptor is known.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(
        &mut self,
        message: DynamicMessage,
        buffer: &mut EncodeBuf<'_>,
    ) -> Result<(), Status> {
        message
            .encode(buffer)
            .map_err(|error| Status::from_error(error.into()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        DynamicMessage::decode(self.0.clone(), buffer)
            .map(Some)
            .map_err(|error| Status::from_error(error.into()))
    }
}
