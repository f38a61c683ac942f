//! Two consumers follow a service across a hundred restarts of it, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::net::SocketAddr;
use std::time::Duration;

use dudao_chancery::Press;
use dudao_platform::context::{Context, Parts};
use dudao_platform::events::{
    self, Consumer, Event, NewEvent, WatchEventsRequest, WatchEventsResponse, follow,
};
use dudao_platform::keys::KeyRing;
use dudao_platform::lifecycle::Shutdown;
use dudao_platform::rpc::{self, Authority, Gate, Link, Minted, Proof, Proofs, Server, TlsFiles};
use dudao_platform::testing::Scratch;
use dudao_platform::{Tx, execute, limited, on, on_both_databases};
use dudao_proto::registry::v1 as registry;
use registry::registry_event_service_client::RegistryEventServiceClient;
use tokio::net::{TcpListener, TcpSocket};
use tonic::{Status, Streaming};

const RESTARTS: usize = 100;

/// Writes down every event that it is given.
struct Recorder(Link);

#[tonic::async_trait]
impl Consumer for Recorder {
    fn name(&self) -> &'static str {
        "registry"
    }

    fn wants(&self) -> WatchEventsRequest {
        WatchEventsRequest::default()
    }

    async fn open(
        &mut self,
        request: WatchEventsRequest,
    ) -> Result<Streaming<WatchEventsResponse>, Status> {
        let mut client = limited!(RegistryEventServiceClient::new(self.0.clone()));
        Ok(client.watch_events(request).await?.into_inner())
    }

    async fn apply(&mut self, tx: &mut Tx, event: &Event) -> dudao_platform::Result<()> {
        execute!(
            tx,
            "INSERT INTO effects (sequence, id) VALUES ($1, $2)",
            event.sequence,
            &event.id,
        )?;
        Ok(())
    }
}

async fn recorder(service: &'static str) -> Scratch {
    let scratch = Scratch::sqlite(service, &dudao_registry::MIGRATIONS).await;
    let mut tx = scratch.db.begin_write().await.unwrap();
    execute!(
        tx,
        "CREATE TABLE effects (sequence BIGINT NOT NULL, id TEXT NOT NULL)"
    )
    .unwrap();
    tx.commit().await.unwrap();
    scratch
}

/// What a consumer has written down, in the order in which it did.
async fn recorded(scratch: &Scratch) -> Vec<i64> {
    let mut tx = scratch.db.begin_read().await.unwrap();
    on!(tx, |conn| {
        sqlx::query_scalar("SELECT sequence FROM effects ORDER BY rowid")
            .fetch_all(conn)
            .await
    })
    .unwrap()
}

/// Listens as soon as the one before has let go.
async fn listener(address: SocketAddr) -> TcpListener {
    dudao_tests::eventually(|| async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).ok()?;
        socket.listen(64).ok()
    })
    .await
}

/// A server of the registry's events as another process would be, for a while; then it is gone without a word.
async fn live(scratch: &Scratch, keys: &KeyRing, at: TcpListener, life: Duration) {
    let shutdown = Shutdown::new();
    let context = Context {
        shutdown: shutdown.clone(),
        ..scratch.replica(&dudao_registry::MIGRATIONS).await
    };
    let (link, _pipe) = rpc::pipe();
    let parts: Parts =
        dudao_registry::build(&context, link.clone(), link.clone(), link, Press::default());
    let proofs = Proofs {
        keys: Some(keys.clone()),
        own_tokens: true,
        ..Proofs::default()
    };
    let gate = Gate {
        authority: Authority::new(proofs, context.clock.clone()).unwrap(),
        ..Gate::inside(context.clock.clone())
    };
    let (server, _tasks) = Server::new(parts, gate).await.unwrap();
    let clear = TlsFiles::default();
    let serving = server.serve(at, &clear, shutdown.clone());
    drop(tokio::time::timeout(life, serving).await);
    shutdown.force();
    context.db.close().await;
}

async fn write(scratch: &Scratch, count: usize) {
    let mut tx = scratch.db.begin_write().await.unwrap();
    let fact = |_| {
        NewEvent::new(
            "140525",
            "counties/140525",
            "test",
            &registry::CountyCreated::default(),
        )
    };
    events::append(&mut tx, (0..count).map(fact)).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn two_consumers_miss_nothing_and_do_nothing_twice_across_a_hundred_restarts(scratch) {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::open(folder.path(), &scratch.clock).unwrap();
        let mut at = listener("127.0.0.1:0".parse().unwrap()).await;
        let address = at.local_addr().unwrap();
        let consumers = [recorder("one").await, recorder("two").await];
        for consumer in &consumers {
            let proof = Proof::Keys(Minted::new(keys.clone(), scratch.clock.clone()));
            let link = rpc::connect(&format!("http://{address}"), &TlsFiles::default(), proof).unwrap().of_service("recorder");
            let context = consumer.context.clone();
            tokio::spawn(async move { follow(&context, Recorder(link)).await });
        }
        let mut written = 0;
        for restart in 0..RESTARTS {
            let life = Duration::from_millis(150 + (restart as u64 * 37) % 150);
            let writing = async {
                for count in 0..4 {
                    write(&scratch, count + restart % 3).await;
                    written += count + restart % 3;
                    tokio::time::sleep(life / 5).await;
                }
            };
            tokio::join!(live(&scratch, &keys, at, life), writing);
            at = listener(address).await;
        }
        let last = live(&scratch, &keys, at, Duration::from_secs(60));
        let checked = async {
            for consumer in &consumers {
                dudao_tests::eventually(|| async { (recorded(consumer).await.len() >= written).then_some(()) }).await;
            }
        };
        tokio::select! { () = last => {}, () = checked => {} }
        let every: Vec<i64> = (1..=written as i64).collect();
        for consumer in &consumers {
            assert_eq!(recorded(consumer).await, every);
            consumer.shutdown.force();
        }
    }
}
