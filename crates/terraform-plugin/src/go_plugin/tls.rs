//! Mutual TLS, in which each side pins the certificate of the other.
//!
//! Terraform trusts only the certificate in the handshake line. The server accepts only the client certificate in its
//! environment, since a provider holds credentials of its user.

use std::{error::Error, sync::Arc, time::Duration};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::{TLS12, TLS13},
};
use time::OffsetDateTime;

use super::p521;

/// The clocks of a host and its containers may differ.
const BACKDATED_BY: Duration = Duration::from_secs(30);
/// Longer than any process runs. The key exists only in the process.
const VALID_FOR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The server's TLS configuration.
#[derive(Debug)]
pub struct ServerTls {
    /// The certificate of this process, for the handshake line.
    pub certificate: CertificateDer<'static>,
    /// Accepts the pinned client certificate only.
    pub config: Arc<ServerConfig>,
}

impl ServerTls {
    /// Generates a key and a certificate, and pins the client's certificate.
    ///
    /// # Errors
    /// When the key or the certificate cannot be generated.
    pub fn pinned_to(client: CertificateDer<'static>) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (certificate, key) = new_certificate()?;
        // Explicit: the implicit default panics when a second crypto provider is linked.
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_client_cert_verifier(Arc::new(PinnedClient::new(client)))
            .with_single_cert(vec![certificate.clone()], key.into())?;
        // grpc-go requires it.
        config.alpn_protocols = vec![b"h2".to_vec()];
        // There is one connection for each process: no sessions to resume.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            certificate,
            config: Arc::new(config),
        })
    }
}

fn new_certificate() -> Result<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    // Terraform expects this name, whatever the address.
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - BACKDATED_BY;
    params.not_after = now + VALID_FOR;
    let certificate = params.self_signed(&key)?;
    Ok((
        certificate.der().clone(),
        PrivatePkcs8KeyDer::from(key.serialize_der()),
    ))
}

/// Accepts one certificate, byte for byte, from a client with its key.
///
/// The verifiers of rustls cannot be used: they reject go-plugin's certificate, which is that of a certificate authority.
#[derive(Debug)]
struct PinnedClient {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl PinnedClient {
    fn new(certificate: CertificateDer<'static>) -> Self {
        Self {
            certificate,
            algorithms: p521::algorithms(),
        }
    }
}

impl ClientCertVerifier for PinnedClient {
    fn client_auth_mandatory(&self) -> bool {
        true
    }

    /// Empty: otherwise Go presents no certificate, since none of the authorities has signed it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
