//! Who holds a client certificate: its names, looked up in a list that the operator keeps.
//!
//! ```toml
//! [[peer]]
//! san = "spiffe://dudao/inspection"       # a DNS name or a URI of the certificate
//! subject = "service/inspection"          # as events name it; the name itself if left out
//! roles = ["service"]
//! county = "*"
//!
//! [[peer]]
//! san = "platform.shanxi.example.cn"
//! roles = ["superior_reader", "superior_issuer"]
//! county = "14"
//! ```

use std::path::Path;

use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use super::principal::Identity;
use super::token::Grant;
use crate::error::{Error, Result};
use crate::fresh::{Fresh, read_file};

/// The list. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Peers(Fresh<Vec<Peer>>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    peer: Vec<Peer>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    san: String,
    #[serde(default)]
    subject: String,
    roles: Vec<String>,
    #[serde(default)]
    county: String,
    #[serde(default)]
    own: Vec<String>,
}

impl Peers {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = path.to_owned();
        Ok(Self(Fresh::open(vec![path.to_owned()], move || {
            read(&file)
        })?))
    }

    /// Who is known by one of these names.
    pub(super) fn find(&self, names: &[String]) -> Option<Identity> {
        let peers = self.0.get();
        let peer = peers.iter().find(|peer| names.contains(&peer.san))?;
        let subject = if peer.subject.is_empty() {
            &peer.san
        } else {
            &peer.subject
        };
        Some(peer.grant().identity(subject.clone(), None))
    }
}

impl Peer {
    fn grant(&self) -> Grant {
        Grant {
            roles: self.roles.clone(),
            county: self.county.clone(),
            own: self.own.clone(),
        }
    }
}

fn read(path: &Path) -> Result<Vec<Peer>> {
    let unfit = |why: String| {
        Error::invalid(
            path.display().to_string(),
            format!("对端名单有误：{why}"),
            format!("is no list of peers: {why}"),
        )
    };
    let text = String::from_utf8(read_file(path)?).map_err(|error| unfit(error.to_string()))?;
    let list: List = toml::from_str(&text).map_err(|error| unfit(error.to_string()))?;
    for peer in &list.peer {
        peer.grant()
            .check()
            .map_err(|error| unfit(format!("{}: {error}", peer.san)))?;
    }
    Ok(list.peer)
}

/// The DNS names and URIs of a certificate that TLS has checked.
pub(super) fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    webpki::EndEntityCert::try_from(certificate).map_or_else(
        |_| Vec::new(),
        |certificate| {
            let names = certificate.valid_dns_names();
            names
                .chain(certificate.valid_uri_names())
                .map(str::to_owned)
                .collect()
        },
    )
}
