//! The registry's events.

use dudao_platform::events::{self, WatchEventsRequest, WatchStream};
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1::registry_event_service_server::RegistryEventService;
use tonic::{Request, Response, Status};

use super::Registry;

#[tonic::async_trait]
impl RegistryEventService for Registry {
    type WatchEventsStream = WatchStream;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            events::watch(&self.desk.context, &caller, request.into_inner()).await?,
        ))
    }
}
