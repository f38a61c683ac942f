//! Puts the services together: all in one process, or one of them with the others elsewhere.

use std::time::Duration;

use dudao_chancery::Press;
use dudao_platform::events::Fanout;
use dudao_platform::keys::KeyRing;
use dudao_platform::lifecycle::{self, Shutdown, Task};
use dudao_platform::rpc::{self, Gate, Link, Minted, Proof, Server, TlsFiles};
use dudao_platform::{Blobs, Clock, Context, Parts};
use tokio::net::TcpListener;

use crate::args::{Entrance, Only, Peers, Place, Serve, Service};
use crate::failure::{Failure, Result};

/// The services of this process, ready to be served.
pub struct Assembly {
    /// Reaches them without a socket.
    pub link: Link,
    /// Who may come in.
    pub gate: Gate,
    server: Server,
    tls: TlsFiles,
    tasks: Vec<Task>,
    shutdown: Shutdown,
}

impl Assembly {
    /// All services on the databases at a place, for commands of this process alone; each reaches the other inside it.
    pub async fn all(place: &Place) -> Result<Self> {
        Self::open(place, None, Gate::inside(Clock::system()), None).await
    }

    /// All services, for callers from outside too.
    pub async fn open_to(place: &Place, entrance: &Entrance) -> Result<Self> {
        let gate = entrance.gate(&place.keys()?, Clock::system())?;
        Self::open(place, None, gate, None).await
    }

    /// The services that the flags of `serve` name.
    pub async fn of(place: &Place, serve: &Serve) -> Result<Self> {
        let gate = serve.entrance.gate(&place.keys()?, Clock::system())?;
        let only = serve.only.map(|only| (only, &serve.peers));
        Self::open(place, only, gate, serve.handing_on.fanout()).await
    }

    async fn open(
        place: &Place,
        only: Option<(Only, &Peers)>,
        gate: Gate,
        fanout: Option<Fanout>,
    ) -> Result<Self> {
        let shutdown = Shutdown::new();
        let (link, pipe) = rpc::pipe();
        let (keys, blobs, press) = (place.keys()?, place.blobs()?, place.press());
        let tls = place.identity.tls();
        let (served, links) = match only {
            None => (Service::ALL.to_vec(), Links::all(&link)),
            Some((only, peers)) => {
                let links = Links::of(peers, &link, &tls, &keys)?;
                (Vec::from_iter(only.service()), links)
            }
        };
        let mut parts = Parts::new();
        for service in served {
            let context = Context {
                keys: Some(keys.clone()),
                ..context(&place.url(), service, &shutdown).await?
            };
            parts = parts.and(build(service, &context, &links, &blobs, &press));
            if let Some(fanout) = fanout.clone() {
                parts = parts.task(fanout.task(&context));
            }
        }
        let (server, mut tasks) = Server::new(parts, gate.clone()).await?;
        tasks.push(server.clone().on_pipe(pipe, shutdown.clone()));
        Ok(Self {
            link,
            gate,
            server,
            tls,
            tasks,
            shutdown,
        })
    }

    /// Serves on a socket as well.
    #[must_use]
    pub fn listen(mut self, listener: TcpListener) -> Self {
        let (server, tls, shutdown) =
            (self.server.clone(), self.tls.clone(), self.shutdown.clone());
        self.tasks.push(Task::new("server", async move {
            server.serve(listener, &tls, shutdown).await
        }));
        self
    }

    /// Serves health and metrics on a socket of their own.
    #[must_use]
    pub fn listen_admin(mut self, listener: TcpListener) -> Self {
        let serving = self
            .server
            .clone()
            .serve_admin(listener, self.shutdown.clone());
        self.tasks.push(Task::new("operators' port", serving));
        self
    }

    /// Serves the county's pages on a socket of their own: from the services of this process, or from those at their addresses.
    pub fn listen_console(
        mut self,
        listener: TcpListener,
        peers: Option<&Peers>,
        settings: dudao_console::Settings,
    ) -> Result<Self> {
        let links = if let Some(peers) = peers {
            Links::for_others(peers, &self.tls)?
        } else {
            let (link, pipe) = rpc::pipe();
            let errands = self.server.clone().on_errands(pipe, self.shutdown.clone());
            self.tasks.push(errands);
            Links::all(&link)
        };
        let links = dudao_console::Links {
            registry: links.registry,
            inspection: links.inspection,
            accountability: links.accountability,
            scheduler: links.scheduler,
        };
        let (tls, shutdown) = (self.tls.clone(), self.shutdown.clone());
        let pages = dudao_console::pages(links, Clock::system(), settings, self.shutdown.clone());
        self.tasks.push(Task::new("console", async move {
            rpc::serve_pages(pages, listener, &tls, shutdown).await
        }));
        Ok(self)
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
    fn of(peers: &Peers, own: &Link, tls: &TlsFiles, keys: &KeyRing) -> Result<Self> {
        // With a certificate a service proves by that who it is, otherwise by the keys that all processes share.
        let proof = if tls.cert.is_some() {
            Proof::Connection
        } else {
            Proof::Keys(Minted::new(keys.clone(), Clock::system()))
        };
        let at = |address: &Option<String>| match address {
            Some(address) => rpc::connect(address, tls, proof.clone()).map_err(Failure::from),
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

impl Links {
    /// Each at its address, for callers who prove themselves who they are: what this process could prove must not stand in for them.
    fn for_others(peers: &Peers, tls: &TlsFiles) -> Result<Self> {
        let tls = TlsFiles {
            ca: tls.ca.clone(),
            ..TlsFiles::default()
        };
        let at = |address: &Option<String>| {
            // Tokens will go over it: so it refuses the clear to another machine now.
            let sends_tokens = Proof::Token("".into());
            let link = rpc::connect(address.as_deref().unwrap_or_default(), &tls, sends_tokens)?;
            Ok::<_, Failure>(link.proving(Proof::Connection))
        };
        Ok(Self {
            registry: at(&peers.registry)?,
            inspection: at(&peers.inspection)?,
            accountability: at(&peers.accountability)?,
            scheduler: at(&peers.scheduler)?,
        })
    }
}

fn build(
    service: Service,
    context: &Context,
    links: &Links,
    blobs: &Blobs,
    press: &Press,
) -> Parts {
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
            press.clone(),
        ),
        Service::Inspection => dudao_inspection::build(
            context,
            registry.clone(),
            accountability.clone(),
            scheduler.clone(),
            blobs.clone(),
            press.clone(),
        ),
        Service::Accountability => dudao_accountability::build(
            context,
            registry.clone(),
            inspection.clone(),
            press.clone(),
        ),
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
