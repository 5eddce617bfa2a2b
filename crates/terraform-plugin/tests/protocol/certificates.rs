//! Client certificates: the trusted one, made as Terraform's is, and others.

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

/// A certificate with its key, on P-521 and with go-plugin's extensions: a certificate authority for `localhost`. Made
/// with openssl for these tests only, and valid for a hundred years.
const TERRAFORM: &str = include_str!("client-p521.pem");
/// With the same names and extensions, and another key.
const SAME_NAME: &str = include_str!("same-name-p521.pem");

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) certified: Arc<CertifiedKey>,
}

impl Identity {
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.certified.cert[0].clone()
    }

    /// The same one with another certificate as its issuer in the chain.
    pub(crate) fn with_issuer(&self, issuer: &Identity) -> Self {
        let chain = vec![self.der(), issuer.der()];
        Self {
            certified: Arc::new(CertifiedKey::new(chain, self.certified.key.clone())),
        }
    }
}

/// The certificate made as Terraform's is.
pub(crate) fn terraform() -> Identity {
    on_p521(TERRAFORM)
}

/// A certificate with the same names and extensions as [`terraform`], and another key.
pub(crate) fn same_name() -> Identity {
    on_p521(SAME_NAME)
}

fn on_p521(pem: &str) -> Identity {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let key = SecretKey::from_pkcs8_pem(&pem[pem.find("-----BEGIN PRIVATE").unwrap()..]).unwrap();
    let key = P521Key(
        p521::ecdsa::SigningKey::from_bytes(&key.to_bytes())
            .unwrap()
            .into(),
    );
    Identity {
        certified: Arc::new(CertifiedKey::new(vec![certificate], Arc::new(key))),
    }
}

/// The value of `PLUGIN_CLIENT_CERT` for [`terraform`].
pub(crate) fn terraform_pem() -> &'static str {
    TERRAFORM.split("-----BEGIN PRIVATE").next().unwrap()
}

/// Another client's certificate, for the same name.
pub(crate) fn other_client() -> Identity {
    with_params(|_| {})
}

/// A certificate that is valid only on one day of that year.
pub(crate) fn valid_in(year: i32) -> Identity {
    with_params(|params| {
        params.not_before = rcgen::date_time_ymd(year, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 2);
    })
}

fn with_params(change: impl FnOnce(&mut rcgen::CertificateParams)) -> Identity {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Identity {
        certified: Arc::new(CertifiedKey::new(
            vec![certificate.der().clone()],
            ring::sign::any_ecdsa_type(&private).unwrap(),
        )),
    }
}

/// The certificate of [`terraform`], which other processes may read from the environment, without its key.
pub(crate) fn without_key() -> Identity {
    let key = p521::ecdsa::SigningKey::from_slice(&[&[0_u8; 2][..], &[7_u8; 64]].concat()).unwrap();
    let terraform = terraform();
    Identity {
        certified: Arc::new(CertifiedKey::new(
            vec![terraform.der()],
            Arc::new(P521Key(key.into())),
        )),
    }
}

/// ring cannot sign on this curve, so rustls needs a signer for it.
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
