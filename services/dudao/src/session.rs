//! A command's connection to the services: to a running server, or to services of its own on a data folder.

use std::time::Duration;

use auth::sign_in_service_client::SignInServiceClient;
use dudao_platform::limited;
use dudao_platform::rpc::{self, Link};
use dudao_proto::auth::v1 as auth;
use dudao_proto::registry::v1 as registry;
use registry::county_service_client::CountyServiceClient;

use crate::args::Place;
use crate::assembly::{Assembly, Running};
use crate::commands::login;
use crate::failure::{Failure, Result};

const GRACE: Duration = Duration::from_secs(10);
/// How long a county's code of GB/T 2260 is.
const COUNTY_DIGITS: usize = 6;

/// A connection, and the services behind it if they are this process's own.
pub struct Session {
    /// For generated clients.
    pub link: Link,
    own: Option<Running>,
    county: Option<String>,
}

impl Session {
    /// Connects to the server, or starts the services on the data folder.
    pub async fn open(place: &Place) -> Result<Self> {
        let (link, own) = if let Some(server) = &place.server {
            let proof = login::proof(place, server)?;
            (rpc::connect(server, &place.identity.tls(), proof)?, None)
        } else {
            let running = Assembly::all(place).await?.start(GRACE);
            (running.link.clone(), Some(running))
        };
        Ok(Self {
            link,
            own,
            county: place.county.clone(),
        })
    }

    /// A session on services that run already.
    pub fn on(link: Link, county: Option<String>) -> Self {
        Self {
            link,
            own: None,
            county,
        }
    }

    /// The county to work on: the one named by `--county`, the caller's own, or the only one there is. `counties/{code}`.
    pub async fn county(&self) -> Result<String> {
        if let Some(code) = &self.county {
            return Ok(format!("counties/{code}"));
        }
        // Who may see one county only works on that.
        let caller = limited!(SignInServiceClient::new(self.link.clone()))
            .get_caller(auth::GetCallerRequest {})
            .await?
            .into_inner();
        if caller.county_prefix.len() == COUNTY_DIGITS {
            return Ok(format!("counties/{}", caller.county_prefix));
        }
        let counties = limited!(CountyServiceClient::new(self.link.clone()))
            .list_counties(registry::ListCountiesRequest {
                page_size: 10,
                ..Default::default()
            })
            .await?
            .into_inner()
            .counties;
        match counties.as_slice() {
            [only] => Ok(only.name.clone()),
            [] => Err(Failure::Input(
                "还没有县：请先运行 dudao county create CODE --name 县名\n\
                 There is no county yet: run `dudao county create CODE --name NAME` first."
                    .into(),
            )),
            several => {
                let codes: Vec<_> = several
                    .iter()
                    .map(|c| c.name.trim_start_matches("counties/"))
                    .collect();
                Err(Failure::Input(format!(
                    "有多个县（{0} …），请用 --county 指明\nThere are several counties ({0} …): name one with --county.",
                    codes.join(", ")
                )))
            }
        }
    }

    /// Ends the services of this process, if there are any.
    pub async fn close(self) -> Result<()> {
        match self.own {
            Some(running) => running.end().await,
            None => Ok(()),
        }
    }
}
