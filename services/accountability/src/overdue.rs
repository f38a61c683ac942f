//! What the accountability tells of counties: how many findings are open, and how many of them are past their limit.

use std::sync::LazyLock;

use dudao_platform::{Context, Result, events};
use opentelemetry::metrics::Gauge;
use opentelemetry::{KeyValue, global};

use crate::store;

static OPEN: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.findings.open")
        .with_description("Findings of a county that are not closed out")
        .build()
});

static OVERDUE: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("dudao")
        .u64_gauge("dudao.findings.overdue")
        .with_description("Those whose limit has passed")
        .build()
});

/// Counts until the shutdown.
pub async fn count(context: Context) -> Result<()> {
    events::with_news(&context, "counting overdue findings", every_county).await
}

async fn every_county(context: Context) -> Result<()> {
    let mut tx = context.db.glance().await?;
    let today = context.clock.today().to_string();
    for (county, open, overdue) in store::ledger::by_county(&mut tx, &today).await? {
        let county = KeyValue::new("county", county);
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        OPEN.record(number(open), std::slice::from_ref(&county));
        OVERDUE.record(number(overdue), std::slice::from_ref(&county));
    }
    Ok(())
}
