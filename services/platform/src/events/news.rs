//! Work that is only worth doing again once something has happened.

use std::time::Duration;

use super::append;
use crate::context::Context;
use crate::error::Result;

/// How often news are looked for.
const LOOK: Duration = Duration::from_mins(1);
/// Days pass without an event: after so many looks the work is done in any case.
const ANYWAY: u32 = 60;

/// Does the work at once, and again when there is news in the service's own stream, until the shutdown. It is no harm if it fails: it
/// is tried again.
pub async fn with_news<W>(context: &Context, what: &str, work: impl Fn(Context) -> W) -> Result<()>
where
    W: Future<Output = Result<()>>,
{
    let mut known = None;
    for looks in 0_u32.. {
        let done = async {
            let mut tx = context.db.glance().await?;
            let (newest, _) = append::head(&mut tx).await?;
            drop(tx);
            if known != Some(newest) || looks % ANYWAY == 0 {
                work(context.clone()).await?;
            }
            Ok::<_, crate::Error>(newest)
        };
        match done.await {
            Ok(newest) => known = Some(newest),
            Err(error) => tracing::warn!(%error, "{what} has failed"),
        }
        if context
            .shutdown
            .or(tokio::time::sleep(LOOK))
            .await
            .is_none()
        {
            break;
        }
    }
    Ok(())
}
