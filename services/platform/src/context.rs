//! What a service is built from, and what it is built into.

use std::convert::Infallible;
use std::fmt;

use sqlx::migrate::Migrator;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tower::Service;

use crate::clock::{Clock, Ids};
use crate::db::{Db, Opening};
use crate::error::Result;
use crate::keys::KeyRing;
use crate::lifecycle::{Shutdown, Task};

/// What a service is given: its own database, the clock, ids, and when to end. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    /// The service's own database.
    pub db: Db,
    /// The clock: instants of effects are [`crate::Tx::now_us`].
    pub clock: Clock,
    /// Where ids come from.
    pub ids: Ids,
    /// When to end.
    pub shutdown: Shutdown,
    /// The installation's keys, by which heads of chains are signed; none where a command works by itself.
    pub keys: Option<KeyRing>,
}

impl Context {
    /// Opens the service's database ([`Db::open`]) with the machine's clock.
    pub async fn open(
        opening: Opening,
        url: &str,
        service: &'static str,
        migrations: &Migrator,
        shutdown: Shutdown,
    ) -> Result<Self> {
        let (clock, ids) = (Clock::system(), Ids::system());
        let db = Db::open_as(
            opening,
            url,
            service,
            migrations,
            clock.clone(),
            ids.clone(),
        )
        .await?;
        Ok(Self {
            db,
            clock,
            ids,
            shutdown,
            keys: None,
        })
    }
}

/// What a service consists of: its gRPC services and the tasks that run beside them. `build(&Context) -> Parts` is the
/// only wiring of a service.
///
/// ```text
/// Parts::of(context)
///     .service(limited!(SchoolServiceServer::new(api::School::new(context))))
///     .task(Task::new("registry: follows scheduler", events::follow(context.clone(), ZonesAdopted::new(link))))
/// ```
#[derive(Default)]
pub struct Parts {
    pub(crate) services: Vec<Mount>,
    /// What runs beside the gRPC services; give them to [`crate::lifecycle::run`].
    pub tasks: Vec<Task>,
    /// Where what is refused of its RPCs is recorded.
    pub(crate) trails: Vec<Context>,
}

/// A gRPC service on its way to the routes.
pub(crate) struct Mount {
    pub(crate) name: &'static str,
    pub(crate) onto: Box<dyn FnOnce(Routes) -> Routes + Send>,
}

impl Parts {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet of a service, whose refusals are recorded in its own stream of events.
    pub fn of(context: &Context) -> Self {
        Self {
            trails: vec![context.clone()],
            ..Self::default()
        }
    }

    /// Adds a gRPC service; wrap it in [`limited!`](crate::limited).
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        let onto = Box::new(move |routes: Routes| routes.add_service(service));
        self.services.push(Mount {
            name: S::NAME,
            onto,
        });
        self
    }

    /// Adds a task.
    #[must_use]
    pub fn task(mut self, task: Task) -> Self {
        self.tasks.push(task);
        self
    }

    /// Adds another service's parts, to serve both on one listener.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.services.extend(other.services);
        self.tasks.extend(other.tasks);
        self.trails.extend(other.trails);
        self
    }

    /// The full names of its gRPC services.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().map(|service| service.name)
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("services", &self.names().collect::<Vec<_>>())
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
