//! What the crypto library costs a process that starts: `cargo run --release` here prints the medians.
//!
//! A provider makes a key for its certificate before it can print its handshake line, and checks one P-521
//! signature when Terraform connects. Each figure comes from processes of their own, started in turn, since the
//! cost in question is paid once per process.

use std::process::Command;
use std::time::Instant;

use p521::ecdsa::signature::Verifier;
use p521::ecdsa::{Signature, VerifyingKey};

/// Processes for each figure.
const PROCESSES: usize = 30;
/// What a process can be told to do.
const TASKS: [(&str, &str); 4] = [
    ("ring-key", "first P-256 key with ring"),
    ("aws-lc-key", "first P-256 key with aws-lc"),
    ("p521-check", "one P-521 check with p521 (RustCrypto)"),
    ("aws-lc-check", "one P-521 check with aws-lc"),
];

fn main() {
    match std::env::args().nth(1) {
        Some(task) => println!("{}", microseconds_of(&task)),
        None => compare(),
    }
}

/// Starts processes in turn and prints the medians of what each says.
fn compare() {
    let program = std::env::current_exe().expect("this program has a path");
    let mut figures = [const { Vec::<u64>::new() }; TASKS.len()];
    for _ in 0..PROCESSES {
        for (figures, (task, _)) in figures.iter_mut().zip(TASKS) {
            let output = Command::new(&program)
                .arg(task)
                .output()
                .expect("this program can be started");
            let text = String::from_utf8(output.stdout).expect("it prints a number");
            figures.push(text.trim().parse().expect("it prints a number"));
        }
    }
    for (mut figures, (_, title)) in figures.into_iter().zip(TASKS) {
        figures.sort_unstable();
        let milliseconds = |index: usize| figures[index] as f64 / 1000.0;
        println!(
            "{title:<40} {:>7.2} ms  ({:.2} .. {:.2})",
            milliseconds(PROCESSES / 2),
            milliseconds(0),
            milliseconds(PROCESSES - 1)
        );
    }
}

/// Does one task as the first thing in this process.
fn microseconds_of(task: &str) -> u128 {
    let begin = Instant::now();
    match task {
        "ring-key" => {
            use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &ring::rand::SystemRandom::new())
                .expect("ring makes a key");
        }
        "aws-lc-key" => {
            use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
            EcdsaKeyPair::generate_pkcs8(
                &ECDSA_P256_SHA256_ASN1_SIGNING,
                &aws_lc_rs::rand::SystemRandom::new(),
            )
            .expect("aws-lc makes a key");
        }
        "p521-check" => {
            let key = VerifyingKey::from_sec1_bytes(PUBLIC_KEY).expect("a key");
            let signature = Signature::from_der(SIGNATURE).expect("a signature");
            key.verify(MESSAGE, &signature).expect("it is right");
        }
        "aws-lc-check" => {
            aws_lc_rs::signature::UnparsedPublicKey::new(
                &aws_lc_rs::signature::ECDSA_P521_SHA512_ASN1,
                PUBLIC_KEY,
            )
            .verify(MESSAGE, SIGNATURE)
            .expect("it is right");
        }
        other => panic!("no such task: {other}"),
    }
    begin.elapsed().as_micros()
}

/// A P-521 key, and its signature of the message (ECDSA, SHA-512), made once with openssl.
const PUBLIC_KEY: &[u8] = include_bytes!("public-key.sec1");
const SIGNATURE: &[u8] = include_bytes!("signature.der");
/// About the length of what a TLS 1.3 client signs.
const MESSAGE: &[u8] = &[42; 146];
