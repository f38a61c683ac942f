//! The inspection's events.

use dudao_platform::events::{self, WatchEventsRequest, WatchStream};
use dudao_platform::rpc::Principal;
use dudao_proto::inspection::v1::inspection_event_service_server::InspectionEventService;
use tonic::{Request, Response, Status};

use super::Inspection;

#[tonic::async_trait]
impl InspectionEventService for Inspection {
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
