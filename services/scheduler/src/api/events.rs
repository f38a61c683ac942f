//! What the scheduler has recorded.

use dudao_platform::Context;
use dudao_platform::events::{WatchEventsRequest, WatchStream, watch};
use dudao_platform::rpc::Principal;
use dudao_proto::scheduler::v1::scheduler_event_service_server::SchedulerEventService;
use tonic::{Request, Response, Status};

/// The service.
#[derive(Clone, Debug)]
pub struct Events(pub Context);

#[tonic::async_trait]
impl SchedulerEventService for Events {
    type WatchEventsStream = WatchStream;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<WatchStream>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            watch(&self.0, &caller, request.into_inner()).await?,
        ))
    }
}
