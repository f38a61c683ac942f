//! Puts the services together: all in one process, or one of them with the others elsewhere.

use std::time::Duration;

use dudao_platform::lifecycle::{self, Shutdown, Task};
use dudao_platform::rpc::{self, Link, Server};
use dudao_platform::{Blobs, Context, Parts};
use tokio::net::TcpListener;

use crate::args::{Peers, Place, Serve, Service};
use crate::failure::{Failure, Result};

/// The services of this process, ready to be served.
pub struct Assembly {
    /// Reaches them without a socket.
    pub link: Link,
    server: Server,
    tasks: Vec<Task>,
    shutdown: Shutdown,
}

impl Assembly {
    /// All services on the databases at a place; each reaches the other inside the process.
    pub async fn all(place: &Place) -> Result<Self> {
        let (url, blobs) = (&place.url(), place.blobs()?);
        let shutdown = Shutdown::new();
        let (link, pipe) = rpc::pipe();
        let mut parts = Parts::new();
        for service in Service::ALL {
            let context = context(url, service, &shutdown).await?;
            parts = parts.and(build(service, &context, &Links::all(&link), &blobs));
        }
        Self::join(parts, link, pipe, shutdown).await
    }

    /// The services that the flags of `serve` name.
    pub async fn of(place: &Place, serve: &Serve) -> Result<Self> {
        let Some(only) = serve.only else {
            return Self::all(place).await;
        };
        let shutdown = Shutdown::new();
        let (link, pipe) = rpc::pipe();
        let context = context(&place.url(), only, &shutdown).await?;
        let links = Links::of(&serve.peers, &link)?;
        let parts = build(only, &context, &links, &place.blobs()?);
        Self::join(parts, link, pipe, shutdown).await
    }

    async fn join(parts: Parts, link: Link, pipe: rpc::Pipe, shutdown: Shutdown) -> Result<Self> {
        let (server, mut tasks) = Server::new(parts).await?;
        tasks.push(server.clone().on_pipe(pipe, shutdown.clone()));
        Ok(Self {
            link,
            server,
            tasks,
            shutdown,
        })
    }

    /// Serves on a socket as well.
    #[must_use]
    pub fn listen(mut self, listener: TcpListener) -> Self {
        let serving = self.server.clone().serve(listener, self.shutdown.clone());
        self.tasks.push(Task::new("server", serving));
        self
    }

    /// Runs beside the work of a command; [`Running::end`] drains it.
    pub fn start(self, grace: Duration) -> Running {
        let Self {
            link,
            tasks,
            shutdown,
            ..
        } = self;
        let stop = shutdown.clone();
        let ended = tokio::spawn(async move { lifecycle::run(tasks, &stop, grace).await });
        Running {
            link,
            shutdown,
            ended,
        }
    }
}

/// Where each service is reached.
struct Links {
    registry: Link,
    inspection: Link,
    accountability: Link,
    scheduler: Link,
}

impl Links {
    /// All behind one link.
    fn all(link: &Link) -> Self {
        Self {
            registry: link.clone(),
            inspection: link.clone(),
            accountability: link.clone(),
            scheduler: link.clone(),
        }
    }

    /// Each at its address; in this process where none is given.
    fn of(peers: &Peers, own: &Link) -> Result<Self> {
        let at = |address: &Option<String>| match address {
            Some(address) => rpc::connect(address).map_err(Failure::from),
            None => Ok(own.clone()),
        };
        Ok(Self {
            registry: at(&peers.registry)?,
            inspection: at(&peers.inspection)?,
            accountability: at(&peers.accountability)?,
            scheduler: at(&peers.scheduler)?,
        })
    }
}

fn build(service: Service, context: &Context, links: &Links, blobs: &Blobs) -> Parts {
    let Links {
        registry,
        inspection,
        accountability,
        scheduler,
    } = links;
    match service {
        Service::Registry => dudao_registry::build(
            context,
            scheduler.clone(),
            inspection.clone(),
            accountability.clone(),
        ),
        Service::Inspection => dudao_inspection::build(
            context,
            registry.clone(),
            accountability.clone(),
            scheduler.clone(),
            blobs.clone(),
        ),
        Service::Accountability => {
            dudao_accountability::build(context, registry.clone(), inspection.clone())
        }
        Service::Scheduler => dudao_scheduler::build(context, registry.clone(), inspection.clone()),
    }
}

/// Services that run beside a command.
pub struct Running {
    /// Reaches them.
    pub link: Link,
    /// Asks them to end.
    pub shutdown: Shutdown,
    ended: tokio::task::JoinHandle<dudao_platform::Result<()>>,
}

impl Running {
    /// Asks them to end and waits until they have.
    pub async fn end(self) -> Result<()> {
        self.shutdown.begin();
        self.wait().await
    }

    /// Waits until they have ended.
    pub async fn wait(self) -> Result<()> {
        match self.ended.await {
            Ok(ended) => Ok(ended?),
            Err(died) => Err(Failure::Other(died.to_string())),
        }
    }
}

/// Opens a service's database.
pub async fn context(url: &str, service: Service, shutdown: &Shutdown) -> Result<Context> {
    let migrations = match service {
        Service::Registry => &dudao_registry::MIGRATIONS,
        Service::Inspection => &dudao_inspection::MIGRATIONS,
        Service::Accountability => &dudao_accountability::MIGRATIONS,
        Service::Scheduler => &dudao_scheduler::MIGRATIONS,
    };
    Ok(Context::open(url, service.name(), migrations, shutdown.clone()).await?)
}
