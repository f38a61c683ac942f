//! `dudao healthcheck`: what an image without a shell asks itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dudao_platform::rpc;

use crate::args::Healthcheck;
use crate::failure::Result;

/// Asks, and fails unless all is well.
pub async fn run(args: &Healthcheck) -> Result<()> {
    let mut address = args.address;
    // Where it listens for all is no place to call.
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(rpc::probe(address, &args.service).await?)
}
