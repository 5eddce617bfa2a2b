//! The contract: the page that README.md begins with, kept byte for byte, and the facts that it tells.

use sha2::{Digest, Sha256};

use crate::{module, repository};

/// The contract ends here; what follows in README.md are notes of ours.
const LENGTH: usize = 3834;
const SHA_256: &str = "8ea937d0ecd35112907a30cfea68af17fd281e54070c3bc4bf5aa3813fb88e41";

#[test]
fn the_readme_begins_with_the_contract() {
    assert_eq!(
        fingerprint(&contract()),
        SHA_256,
        "README.md of the module begins with the contract, byte for byte: restore it, and write notes after it"
    );
}

#[test]
fn notes_begin_with_a_heading_of_their_own() {
    let readme = repository::read(&module("README.md"));
    let notes = readme[LENGTH..].trim_start();
    assert!(notes.is_empty() || notes.starts_with("## "), "{notes:.80}");
}

fn contract() -> String {
    let readme = repository::read(&module("README.md"));
    readme
        .get(..LENGTH)
        .expect("README.md is shorter than the contract")
        .to_owned()
}

fn fingerprint(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
