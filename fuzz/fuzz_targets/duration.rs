//! Strings as durations: formatting and parsing round-trip, and integer amounts match an independent parser.

#![no_main]

use std::time::Duration;

use facets_gpu::duration::{parse, to_api, to_human};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    match &parsed {
        Ok(duration) => {
            assert_eq!(parse(&to_api(*duration)), Ok(*duration));
            assert_eq!(parse(&to_human(*duration)), Ok(*duration));
        }
        Err(reason) => assert!(reason.to_string().len() < 500, "{reason}"),
    }
    if let Some(milliseconds) = milliseconds(text) {
        let seconds = milliseconds / 1000;
        match u64::try_from(seconds) {
            Ok(seconds) => {
                let rest = Duration::from_millis((milliseconds % 1000) as u64);
                assert_eq!(parsed, Ok(Duration::from_secs(seconds) + rest));
            }
            Err(_) => assert!(parsed.is_err(), "{parsed:?}"),
        }
    }
});

/// The milliseconds of integer amounts with units; `None` for other strings and on overflow.
fn milliseconds(text: &str) -> Option<u128> {
    let mut rest = text;
    let mut sum = 0_u128;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, after) = rest.split_at(end);
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        let (unit, factor) = units.into_iter().find(|(unit, _)| after.starts_with(unit))?;
        sum = sum.checked_add(digits.parse::<u128>().ok()?.checked_mul(factor)?)?;
        rest = &after[unit.len()..];
    }
    (!text.is_empty()).then_some(sum)
}
