//! `dudao migrate`.

use dudao_platform::lifecycle::Shutdown;

use crate::args::{Place, Service};
use crate::assembly;
use crate::failure::Result;

/// Brings every service's database up to date.
pub async fn run(place: &Place) -> Result<()> {
    for service in Service::ALL {
        assembly::context(&place.url(), service, &Shutdown::new()).await?;
        println!("{}: 已是最新 up to date", service.name());
    }
    Ok(())
}
