//! The SMTP server's certificates: an authority made for the occasion, and one certificate signed by it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// What the server and its clients need for TLS.
pub(super) struct Certificates {
    pub(super) acceptor: TlsAcceptor,
    pub(super) ca_pem: String,
}

impl Certificates {
    pub(super) fn generate() -> Self {
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, "Postitus test authority");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().expect("a key")).expect("an authority");

        let key = KeyPair::generate().expect("a key");
        let own = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])
            .and_then(|params| params.signed_by(&key, &ca))
            .expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![own.der().clone()], key))
            .expect("a TLS configuration");
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: ca.pem() }
    }
}
