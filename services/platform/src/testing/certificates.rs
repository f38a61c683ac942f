//! An authority that certifies servers and peers of a test.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, SanType,
};

use crate::rpc::TlsFiles;

/// An authority with a folder for its certificates.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one; its certificate is `ca.pem` of the folder.
    pub fn new(folder: &Path) -> Self {
        let key = KeyPair::generate().expect("a certificate");
        let mut params = CertificateParams::new(Vec::new()).expect("a certificate");
        params.distinguished_name = called("dudao tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        std::fs::write(folder.join("ca.pem"), certificate.pem()).expect("a certificate");
        Self {
            folder: folder.to_owned(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Certifies somebody of these names, DNS names, addresses or URIs, in files that are called so.
    pub fn certify(&self, file: &str, names: &[&str]) -> TlsFiles {
        let key = KeyPair::generate().expect("a certificate");
        let mut params = CertificateParams::new(Vec::new()).expect("a certificate");
        // Whoever is called as its issuer passes for self-signed.
        params.distinguished_name = called(file);
        params.subject_alt_names = names
            .iter()
            .map(|name| match name.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) if name.contains("://") => {
                    SanType::URI((*name).try_into().expect("a certificate"))
                }
                Err(_) => SanType::DnsName((*name).try_into().expect("a certificate")),
            })
            .collect();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let at = |ending: &str| self.folder.join(format!("{file}.{ending}"));
        std::fs::write(at("pem"), certificate.pem()).expect("a certificate");
        std::fs::write(at("key"), key.serialize_pem()).expect("a certificate");
        TlsFiles {
            cert: Some(at("pem")),
            key: Some(at("key")),
            ca: Some(self.folder.join("ca.pem")),
        }
    }
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}
