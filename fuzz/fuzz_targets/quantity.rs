//! Strings as quantities of CPU or memory: formatting and parsing round-trip, and amounts match an independent parser.

#![no_main]

use facets_gpu::quantity::{Cpu, Memory};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let cpu = Cpu::parse(text);
    let millicpus = amount(text, &[("m", 1), ("", 1000)]);
    assert_eq!(cpu.is_ok(), millicpus.is_some(), "{cpu:?}");
    if let (Ok(cpu), Some(millicpus)) = (cpu, millicpus) {
        assert_eq!(Cpu::parse(&cpu.to_string()), Ok(cpu));
        assert_eq!(Cpu::parse(&format!("{millicpus}m")), Ok(cpu));
    }
    let memory = Memory::parse(text);
    let bytes = amount(text, &UNITS);
    assert_eq!(memory.is_ok(), bytes.is_some(), "{memory:?}");
    if let (Ok(memory), Some(bytes)) = (memory, bytes) {
        assert_eq!(Memory::parse(&memory.to_string()), Ok(memory));
        assert_eq!(Memory::parse(&bytes.to_string()), Ok(memory));
    }
});

/// The Kubernetes units from 1 upwards.
const UNITS: [(&str, u128); 11] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("k", 1000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("", 1),
];

/// Parses digits and a unit, in 128 bits so that no intermediate value overflows.
fn amount(text: &str, units: &[(&str, u128)]) -> Option<u64> {
    let (digits, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let digit = |count: u128, byte: u8| {
        let digit = byte.is_ascii_digit().then(|| u128::from(byte - b'0'))?;
        Some(count.saturating_mul(10).saturating_add(digit))
    };
    let count = digits.bytes().try_fold(0, digit).filter(|_| !digits.is_empty())?;
    u64::try_from(count).ok()?;
    u64::try_from(count.saturating_mul(*factor)).ok()
}
