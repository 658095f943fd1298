//! Whose certificates are trusted.

use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

/// Which servers are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those whose certificate an authority signed that this system knows, else Mozilla's list.
    KnownAuthorities,
    /// Any: devices of the home sign their certificates themselves. What is sent is then encrypted,
    /// but who gets it is not proven.
    AnyCertificate,
}

/// Reads the system's certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR` if set); where there are none,
/// takes Mozilla's, as built in. Takes some milliseconds.
pub(crate) fn known_authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// The certificates of a file.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|e| format!("its certificates cannot be read: {e}"))?;
    if found.is_empty() { Err("it holds no certificate in PEM form".to_owned()) } else { Ok(found) }
}

/// Trusts those of a file alone, or as `trust` says where there are none; `protocol` is what is to be
/// spoken over it (ALPN); nothing: it is not said.
pub(super) fn connector(
    trust: Trust,
    authorities: &[CertificateDer<'static>],
    protocol: &'static [u8],
) -> Result<TlsConnector, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match (trust, authorities) {
        (Trust::AnyCertificate, []) => Arc::new(Anyone(Arc::clone(&provider))),
        (Trust::KnownAuthorities, []) => of_roots(known_authorities(), &provider)?,
        (_, given) => {
            let mut roots = RootCertStore::empty();
            let (_, useless) = roots.add_parsable_certificates(given.iter().cloned());
            if roots.is_empty() {
                return Err(format!("none of its {useless} certificates is one of an authority"));
            }
            of_roots(roots, &provider)?
        }
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default TLS versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    let protocol = Some(protocol).filter(|protocol| !protocol.is_empty());
    config.alpn_protocols = protocol.into_iter().map(<[u8]>::to_vec).collect();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn of_roots(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let verifier = builder.build().map_err(|e| e.to_string())?;
    Ok(verifier)
}

/// Takes every certificate. Signatures are not checked either: certificates of devices may be of
/// forms that cannot be parsed, and whoever may show any certificate can sign with its key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
