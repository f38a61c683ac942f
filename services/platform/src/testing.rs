//! Databases for tests: a folder of SQLite files, or a database of a PostgreSQL cluster that the test process starts for
//! itself. Behind the feature `testing`.
//!
//! A behaviour is written once and runs on both:
//!
//! ```text
//! dudao_platform::on_both_databases! { "registry", &MIGRATIONS;
//!     async fn a_closed_school_stays_readable(scratch) {
//!         let mut tx = scratch.db.begin_write().await.unwrap();
//!         …
//!     }
//! }
//! ```

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that can't have its database must fail"
)]

pub mod bucket;
pub mod certificates;
mod cluster;

use sqlx::migrate::Migrator;
use tempfile::TempDir;

pub use cluster::{Cluster, Pooler};

use crate::clock::{Clock, Ids};
use crate::context::Context;
use crate::lifecycle::Shutdown;

/// The instant at which tests begin: 2026-09-01 08:00 in Asia/Shanghai.
pub const BEGINNING_US: i64 = 1_788_220_800_000_000;

/// An empty database of its own, with what a service is built from around it. Gone when dropped.
#[derive(Debug)]
pub struct Scratch {
    /// What a service is given, with a clock that stands still and ids that count.
    pub context: Context,
    /// Where the database is, to open it a second time.
    pub url: String,
    service: &'static str,
    _folder: Option<TempDir>,
}

impl std::ops::Deref for Scratch {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl Scratch {
    /// On SQLite.
    pub async fn sqlite(service: &'static str, migrations: &Migrator) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().display());
        Self::open(url, service, migrations, Some(folder)).await
    }

    /// On PostgreSQL. Panics where it is not installed.
    pub async fn postgres(service: &'static str, migrations: &Migrator) -> Self {
        let url = Cluster::shared().await.create_database().await;
        Self::open(url, service, migrations, None).await
    }

    async fn open(
        url: String,
        service: &'static str,
        migrations: &Migrator,
        folder: Option<TempDir>,
    ) -> Self {
        let clock = Clock::set_to(BEGINNING_US);
        let context = context(&url, service, migrations, clock, Ids::counting_from(1)).await;
        Self {
            context,
            url,
            service,
            _folder: folder,
        }
    }

    /// Opens another service's database in the same place, with the same clock.
    pub async fn beside(&self, service: &'static str, migrations: &Migrator) -> Context {
        let clock = self.context.clock.clone();
        context(
            &self.url,
            service,
            migrations,
            clock,
            self.context.ids.clone(),
        )
        .await
    }

    /// Opens the same database as another process would: with connections of its own, the same clock and other ids.
    pub async fn replica(&self, migrations: &Migrator) -> Context {
        let ids = Ids::counting_from(1 << 40);
        context(
            &self.url,
            self.service,
            migrations,
            self.context.clock.clone(),
            ids,
        )
        .await
    }
}

async fn context(
    url: &str,
    service: &'static str,
    migrations: &Migrator,
    clock: Clock,
    ids: Ids,
) -> Context {
    let db = crate::Db::open(url, service, migrations, clock.clone(), ids.clone())
        .await
        .expect("the database opens");
    Context {
        db,
        clock,
        ids,
        shutdown: Shutdown::new(),
        keys: None,
    }
}

/// Turns each behaviour into two tests, `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($service:expr, $migrations:expr; $($(#[$attribute:meta])* async fn $name:ident($scratch:ident) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                $(#[$attribute])*
                async fn behaviour($scratch: $crate::testing::Scratch) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_sqlite() {
                    behaviour($crate::testing::Scratch::sqlite($service, $migrations).await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_postgres() {
                    behaviour($crate::testing::Scratch::postgres($service, $migrations).await).await;
                }
            }
        )+
    };
}
