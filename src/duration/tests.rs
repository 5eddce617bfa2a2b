//! Notations of durations.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use proptest::prelude::*;

#[test]
fn common_notations_are_parsed() {
    for (text, seconds) in [
        ("3600s", 3600),
        ("2h", 7200),
        ("1h30m", 5400),
        ("7200s", 7200),
        ("1h0m1s", 3601),
        ("1.5h", 5400),
        ("0s", 0),
        ("168h", 604_800),
    ] {
        assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    assert_eq!(parse("300ms"), Ok(Duration::from_millis(300)));
    assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
}

#[test]
fn invalid_durations_have_reasons() {
    assert_eq!(parse(""), Err(ParseError::Empty));
    assert_eq!(parse("3600"), Err(ParseError::NoUnit));
    assert_eq!(parse("-1s"), Err(ParseError::Negative));
    for text in [
        "18446744073709551616s",
        "99999999999999999999h",
        "18446744073709551615s1s",
    ] {
        assert_eq!(parse(text), Err(ParseError::TooLong));
    }
    assert_eq!(parse("18446744073709551615s"), Ok(Duration::from_secs(u64::MAX)));
    for text in [
        "1 hour", "1h 30m", "1d", "h", "s", "1e3s", "infs", " 1s", "1s ", "1hour", "+1s", "1,5h", "١s", "½h",
        "1h-30m",
    ] {
        assert_eq!(parse(text), Err(ParseError::Other), "{text}");
    }
}

#[test]
fn formats_for_api_and_messages() {
    assert_eq!(to_api(Duration::from_secs(5400)), "5400s");
    assert_eq!(to_api(Duration::from_millis(1500)), "1.5s");
    assert_eq!(to_human(Duration::from_secs(5400)), "1h30m");
    assert_eq!(to_human(Duration::from_secs(604_800)), "168h");
    assert_eq!(to_human(Duration::ZERO), "0s");
}

proptest! {
    #[test]
    fn formatted_durations_can_be_parsed(seconds in 0u64..1_000_000_000, nanos in 0u32..1_000_000_000, text in "\\PC{0,16}") {
        let duration = Duration::new(seconds, nanos);
        prop_assert_eq!(parse(&to_api(duration)), Ok(duration));
        prop_assert_eq!(parse(&to_human(duration)), Ok(duration));
        let _ = parse(&text);
    }

    #[test]
    fn amounts_in_any_order_are_added(amounts in proptest::collection::vec((0u32..1_000_000, 0usize..4), 1..5)) {
        const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        let text: String = amounts.iter().map(|(amount, unit)| format!("{amount}{}", UNITS[*unit].0)).collect();
        let sum = amounts.iter().map(|(amount, unit)| u64::from(*amount) * UNITS[*unit].1).sum();
        prop_assert_eq!(parse(&text), Ok(Duration::from_millis(sum)), "{}", text);
    }
}
