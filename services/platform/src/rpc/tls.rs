//! TLS on both sides of a connection. Certificates are read again when their files change; connections that stand go on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::error::{Error, Result};
use crate::fresh::{Fresh, read_file};

/// gRPC is HTTP/2.
const H2: &[u8] = b"h2";

/// Files of certificates, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The own certificate, then those that lead to its authority.
    pub cert: Option<PathBuf>,
    /// The key of the own certificate.
    pub key: Option<PathBuf>,
    /// The authorities whose certificates the other side may have.
    pub ca: Option<PathBuf>,
}

impl TlsFiles {
    fn paths(&self) -> Vec<PathBuf> {
        let files = [&self.cert, &self.key, &self.ca];
        files.into_iter().flatten().cloned().collect()
    }

    /// Certificate and key: both or neither.
    fn pair(&self) -> Result<Option<(&Path, &Path)>> {
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Ok(Some((cert, key))),
            (None, None) => Ok(None),
            _ => Err(Error::invalid(
                "tls_cert, tls_key",
                "证书与私钥须同时给出",
                "must be given together",
            )),
        }
    }
}

/// The side that is called. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct ServerTls(Fresh<ServerConfig>);

impl ServerTls {
    /// None where there is no certificate. With authorities, a client may show a certificate of theirs; it need not.
    pub(super) fn open(files: &TlsFiles) -> Result<Option<Self>> {
        if files.pair()?.is_none() {
            return Ok(None);
        }
        install();
        let owned = files.clone();
        let fresh = Fresh::open(files.paths(), move || server(&owned))?;
        Ok(Some(Self(fresh)))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.0.get())
    }
}

/// The side that calls. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct ClientTls(Fresh<ClientConfig>);

impl ClientTls {
    /// Trusts the authorities given; shows its own certificate where there is one.
    pub(super) fn open(files: &TlsFiles) -> Result<Self> {
        install();
        files.pair()?;
        let owned = files.clone();
        Ok(Self(Fresh::open(files.paths(), move || client(&owned))?))
    }

    pub(super) fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.0.get())
    }
}

/// One crypto library for all. The first caller sets it; that another has set it before is as good.
pub(crate) fn install() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

fn server(files: &TlsFiles) -> Result<ServerConfig> {
    let (cert, key) = files
        .pair()?
        .ok_or_else(|| Error::internal("a server without a certificate"))?;
    let builder = match &files.ca {
        None => ServerConfig::builder().with_no_client_auth(),
        Some(ca) => {
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots(ca)?))
                .allow_unauthenticated()
                .build()
                .map_err(|error| unfit(ca, &error))?;
            ServerConfig::builder().with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certs(cert)?, private_key(key)?)
        .map_err(|error| unfit(cert, &error))?;
    config.alpn_protocols = vec![H2.to_vec()];
    Ok(config)
}

fn client(files: &TlsFiles) -> Result<ClientConfig> {
    let ca = files.ca.as_ref().ok_or_else(|| {
        Error::invalid(
            "tls_ca",
            "连接 https 服务器须给出其证书颁发机构（PEM 文件）",
            "must name the authority of the server's certificate, a PEM file",
        )
    })?;
    let builder = ClientConfig::builder().with_root_certificates(roots(ca)?);
    let mut config = match files.pair()? {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => builder
            .with_client_auth_cert(certs(cert)?, private_key(key)?)
            .map_err(|error| unfit(cert, &error))?,
    };
    config.alpn_protocols = vec![H2.to_vec()];
    Ok(config)
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for authority in certs(path)? {
        roots.add(authority).map_err(|error| unfit(path, &error))?;
    }
    Ok(roots)
}

fn certs(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read_file(path)?;
    let certs: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| unfit(path, &error))?;
    if certs.is_empty() {
        return Err(unfit(path, &"no certificate stands in it"));
    }
    Ok(certs)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(&read_file(path)?).map_err(|error| unfit(path, &error))
}

fn unfit(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::invalid(
        path.display().to_string(),
        format!("证书或私钥文件有误：{error}"),
        format!("is of no use for TLS: {error}"),
    )
}
