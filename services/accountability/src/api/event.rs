//! The accountability's events.

use dudao_platform::events::{self, WatchEventsRequest, WatchStream};
use dudao_platform::rpc::Principal;
use dudao_proto::accountability::v1::accountability_event_service_server::AccountabilityEventService;
use tonic::{Request, Response, Status};

use super::Accountability;

#[tonic::async_trait]
impl AccountabilityEventService for Accountability {
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
