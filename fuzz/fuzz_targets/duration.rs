//! Text as a duration: what is written is read back, and whole amounts add up to what a slower reader finds.

#![no_main]

use std::time::Duration;

use facets_gpu::duration::{parse, to_api, to_words};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let read = parse(text);
    match &read {
        Ok(duration) => {
            assert_eq!(parse(&to_api(*duration)), Ok(*duration));
            assert_eq!(parse(&to_words(*duration)), Ok(*duration));
        }
        Err(reason) => assert!(reason.to_string().len() < 500, "{reason}"),
    }
    if let Some(milliseconds) = whole(text) {
        let seconds = milliseconds / 1000;
        match u64::try_from(seconds) {
            Ok(seconds) => {
                let rest = Duration::from_millis((milliseconds % 1000) as u64);
                assert_eq!(read, Ok(Duration::from_secs(seconds) + rest));
            }
            Err(_) => assert!(read.is_err(), "{read:?}"),
        }
    }
});

/// The milliseconds of a text of whole amounts and their units, where there are not too many to be counted.
fn whole(text: &str) -> Option<u128> {
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
