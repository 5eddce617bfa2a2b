//! The words on the command line.

/// What was typed. Cargo hands `--bench` to every benchmark.
pub(crate) fn words() -> Vec<String> {
    std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect()
}
