//! What the registry tells of counties: how many schools they have, and how many of them have a responsible supervisor.

use std::sync::LazyLock;

use dudao_platform::document::{Filter, all, list};
use dudao_platform::{Context, Result, events};
use opentelemetry::metrics::Gauge;
use opentelemetry::{KeyValue, global};

use crate::domain::county::County;
use crate::domain::school::School;
use crate::domain::staffing::Staffing;
use crate::domain::supervisor::Supervisor;

static SCHOOLS: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.schools")
        .with_description("Open schools and kindergartens of a county")
        .build()
});

static COVERED: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.schools.covered")
        .with_description("Those that have a responsible supervisor")
        .build()
});

/// Counts until the shutdown.
pub async fn count(context: Context) -> Result<()> {
    events::with_news(&context, "counting the coverage of counties", every_county).await
}

async fn every_county(context: Context) -> Result<()> {
    let mut tx = context.db.begin_read().await?;
    let filter = Filter {
        limit: i64::MAX,
        ..Filter::default()
    };
    for county in list::<County>(&mut tx, &filter).await? {
        let schools = all::<School>(&mut tx, &county.code).await?;
        let people = all::<Supervisor>(&mut tx, &county.code).await?;
        let schools = schools.iter().map(|one| &one.content);
        let people = people.iter().map(|one| &one.content);
        // How many schools one may have plays no part in who has none.
        let counted = Staffing::of(schools, people, 1, context.clock.today());
        let county = KeyValue::new("county", county.code);
        let covered = counted.schools - counted.uncovered.len();
        SCHOOLS.record(counted.schools as u64, std::slice::from_ref(&county));
        COVERED.record(covered as u64, std::slice::from_ref(&county));
    }
    Ok(())
}
