//! A registry behind a link, and a scheduler whose events the test writes.
#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use dudao_chancery::Press;
use dudao_platform::context::{Context, Parts};
use dudao_platform::events::{self, NewEvent};
use dudao_platform::lifecycle::{self, Shutdown, Task};
use dudao_platform::rpc::{Gate, Link, Proof, Server, TlsFiles, connect};
use dudao_platform::testing::Scratch;
use dudao_platform::{Clock, event_service, limited};
use dudao_proto::registry::v1::calendar_service_client::CalendarServiceClient;
use dudao_proto::registry::v1::county_service_client::CountyServiceClient;
use dudao_proto::registry::v1::school_service_client::SchoolServiceClient;
use dudao_proto::registry::v1::supervisor_service_client::SupervisorServiceClient;
use dudao_proto::registry::v1::{
    County, CreateCountyRequest, CreateSchoolRequest, Employment, Place, Provider, School, Stage,
    Supervisor,
};
use dudao_proto::scheduler::v1::scheduler_event_service_server::{
    SchedulerEventService, SchedulerEventServiceServer,
};

pub const COUNTY: &str = "counties/140525";

/// A registry that runs, with what a test needs to talk to it.
pub struct House {
    pub link: Link,
    pub scheduler: Scratch,
    shutdown: Shutdown,
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.force();
    }
}

struct Scheduler(Context);

event_service! { impl SchedulerEventService for Scheduler; |me| &me.0; Vec::new() }

async fn serve(parts: Parts, shutdown: &Shutdown) -> (Link, Vec<Task>) {
    let (server, mut tasks) = Server::new(parts, Gate::inside(Clock::system()))
        .await
        .unwrap();
    let (link, task) = server.local(shutdown.clone());
    tasks.push(task);
    (link, tasks)
}

impl House {
    /// An empty registry.
    pub async fn empty(scratch: &Scratch) -> Self {
        let scheduler = Scratch::sqlite("scheduler", &dudao_registry::MIGRATIONS).await;
        let shutdown = Shutdown::new();
        let events = SchedulerEventServiceServer::new(Scheduler(scheduler.context.clone()));
        let (to_scheduler, mut tasks) =
            serve(Parts::new().service(limited!(events)), &shutdown).await;
        let context = Context {
            shutdown: shutdown.clone(),
            ..scratch.context.clone()
        };
        // Nobody has worked yet: what is asked of the other services is asked in tests of the whole house.
        let nobody = connect(
            "http://127.0.0.1:1",
            &TlsFiles::default(),
            Proof::Connection,
        )
        .unwrap();
        let parts = dudao_registry::build(
            &context,
            to_scheduler,
            nobody.clone(),
            nobody,
            Press::default(),
        );
        let (link, more) = serve(parts, &shutdown).await;
        tasks.extend(more);
        let end = shutdown.clone();
        tokio::spawn(async move { lifecycle::run(tasks, &end, Duration::from_secs(1)).await });
        Self {
            link,
            scheduler,
            shutdown,
        }
    }

    /// A registry with one county.
    pub async fn with_county(scratch: &Scratch) -> Self {
        let house = Self::empty(scratch).await;
        house
            .counties()
            .create_county(county("140525", "zezhou"))
            .await
            .unwrap();
        house
    }

    pub fn counties(&self) -> CountyServiceClient<Link> {
        limited!(CountyServiceClient::new(self.link.clone()))
    }

    pub fn schools(&self) -> SchoolServiceClient<Link> {
        limited!(SchoolServiceClient::new(self.link.clone()))
    }

    pub fn supervisors(&self) -> SupervisorServiceClient<Link> {
        limited!(SupervisorServiceClient::new(self.link.clone()))
    }

    pub fn calendars(&self) -> CalendarServiceClient<Link> {
        limited!(CalendarServiceClient::new(self.link.clone()))
    }

    /// The scheduler records a fact.
    pub async fn scheduled<M: prost::Message + prost::Name + 'static>(&self, payload: &M) {
        let mut tx = self.scheduler.db.begin_write().await.unwrap();
        let event = NewEvent::new("140525", "counties/140525/zoningPlans/p", "test", payload);
        events::append(&mut tx, [event]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

pub fn county(code: &str, preset: &str) -> CreateCountyRequest {
    CreateCountyRequest {
        county_id: code.to_owned(),
        county: Some(County {
            display_name: "泽州县".to_owned(),
            ..County::default()
        }),
        ruleset_preset: preset.to_owned(),
        ..CreateCountyRequest::default()
    }
}

pub fn school() -> School {
    School {
        display_name: "巴公镇中心小学".to_owned(),
        stage: Stage::Primary.into(),
        provider: Provider::Public.into(),
        town: "巴公镇".to_owned(),
        pupils: Some(420),
        place: Some(Place {
            longitude: 112.8,
            latitude: 35.6,
        }),
        ..School::default()
    }
}

pub fn new_school(code: &str) -> CreateSchoolRequest {
    CreateSchoolRequest {
        parent: COUNTY.to_owned(),
        school_id: code.to_owned(),
        school: Some(school()),
        ..CreateSchoolRequest::default()
    }
}

pub fn supervisor() -> Supervisor {
    Supervisor {
        display_name: "张督学".to_owned(),
        employment: Employment::FullTime.into(),
        stages: vec![Stage::Primary.into(), Stage::Kindergarten.into()],
        base: Some(Place {
            longitude: 112.9,
            latitude: 35.5,
        }),
        term_start_date: "2025-09-01".to_owned(),
        ..Supervisor::default()
    }
}
