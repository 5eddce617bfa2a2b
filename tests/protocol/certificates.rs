//! Client certificates: one like Terraform's, and others.

use std::sync::Arc;

use p521::{
    SecretKey,
    ecdsa::{Signature, signature::Signer as _},
    pkcs8::DecodePrivateKey as _,
};
use rustls::{
    SignatureAlgorithm, SignatureScheme,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::{CertifiedKey, Signer, SigningKey},
};

/// A certificate with its key, on P-521 and with the same marks as go-plugin's: an authority, for `localhost`. Made
/// with openssl for these tests only; it opens nothing else, and is valid for a hundred years.
const TERRAFORM: &str = include_str!("client-p521.pem");

/// A certificate, and the means to present it.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) certified: Arc<CertifiedKey>,
}

impl Identity {
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.certified.cert[0].clone()
    }
}

/// The certificate that is like Terraform's.
pub(crate) fn terraform() -> Identity {
    let certificate = CertificateDer::from_pem_slice(TERRAFORM.as_bytes()).unwrap();
    let key = SecretKey::from_pkcs8_pem(&TERRAFORM[TERRAFORM.find("-----BEGIN PRIVATE").unwrap()..]).unwrap();
    let key = P521Key(
        p521::ecdsa::SigningKey::from_bytes(&key.to_bytes())
            .unwrap()
            .into(),
    );
    Identity {
        certified: Arc::new(CertifiedKey::new(vec![certificate], Arc::new(key))),
    }
}

/// What Terraform would put into `PLUGIN_CLIENT_CERT`.
pub(crate) fn terraform_pem() -> &'static str {
    TERRAFORM.split("-----BEGIN PRIVATE").next().unwrap()
}

/// A certificate of somebody else for the same name.
pub(crate) fn stranger() -> Identity {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Identity {
        certified: Arc::new(CertifiedKey::new(
            vec![certificate.der().clone()],
            ring::sign::any_ecdsa_type(&private).unwrap(),
        )),
    }
}

/// Terraform's certificate, which anybody may read in a process list, without the key that belongs to it.
pub(crate) fn thief() -> Identity {
    let key = p521::ecdsa::SigningKey::from_slice(&[&[0_u8; 2][..], &[7_u8; 64]].concat()).unwrap();
    let terraform = terraform();
    Identity {
        certified: Arc::new(CertifiedKey::new(
            vec![terraform.der()],
            Arc::new(P521Key(key.into())),
        )),
    }
}

/// ring cannot sign on this curve, so rustls gets a signer of ours.
#[derive(Clone)]
struct P521Key(Arc<p521::ecdsa::SigningKey>);

impl std::fmt::Debug for P521Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("P521Key(***)")
    }
}

impl SigningKey for P521Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&self.scheme())
            .then(|| Box::new(self.clone()) as _)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for P521Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature: Signature = self.0.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}
