//! `dudao migrate`.

use dudao_platform::lifecycle::Shutdown;

use crate::args::{Place, Service};
use crate::assembly;
use crate::failure::Result;
use crate::output::say;

/// Brings every service's database up to date.
pub async fn run(place: &Place) -> Result<()> {
    for service in Service::ALL {
        assembly::context(place, service, &Shutdown::new()).await?;
        say(format_args!("{}: 已是最新 up to date", service.name()))?;
    }
    Ok(())
}
