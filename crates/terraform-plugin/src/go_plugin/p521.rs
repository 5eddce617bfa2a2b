//! Verifies ECDSA signatures on P-521, the curve of Terraform's client certificate, which ring does not support.
//!
//! The server must offer this scheme: Go presents no certificate otherwise.

use std::sync::LazyLock;

use p521::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use rustls::{
    SignatureScheme,
    crypto::{WebPkiSupportedAlgorithms, ring},
    pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id},
};

/// ring's algorithms, and ECDSA on P-521 with SHA-512.
pub(super) fn algorithms() -> WebPkiSupportedAlgorithms {
    WebPkiSupportedAlgorithms {
        all: &ALL,
        mapping: &MAPPING,
    }
}

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

static ALL: LazyLock<Vec<Algorithm>> = LazyLock::new(|| {
    let ring = ring::default_provider().signature_verification_algorithms.all;
    ring.iter().copied().chain([ECDSA_P521_SHA512]).collect()
});

static MAPPING: LazyLock<Vec<(SignatureScheme, &'static [Algorithm])>> = LazyLock::new(|| {
    let ring = ring::default_provider().signature_verification_algorithms.mapping;
    let p521 = (
        SignatureScheme::ECDSA_NISTP521_SHA512,
        &[ECDSA_P521_SHA512] as &[_],
    );
    // The order is that of preference, which does not matter: the certificate has one key type.
    ring.iter().copied().chain([p521]).collect()
});

const ECDSA_P521_SHA512: Algorithm = &EcdsaP521Sha512;

#[derive(Debug)]
struct EcdsaP521Sha512;

impl SignatureVerificationAlgorithm for EcdsaP521Sha512 {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }

    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        // The crate uses SHA-512 with this curve.
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }
}
