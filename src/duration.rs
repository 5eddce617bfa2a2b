//! Durations: `3600s`, `2h`, `1h30m`, `1.5h`, `300ms`.
//!
//! The notation is Go's, <https://pkg.go.dev/time#ParseDuration>, without the units below a millisecond.

use fundu::{CustomDurationParser, CustomTimeUnit, Multiplier, TimeUnit};
use std::sync::LazyLock;
use std::time::Duration;

/// Why text is not a duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseError {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// A number without a unit.
    #[error("\"{0}\" has no unit")]
    NoUnit(String),
    /// The duration is negative.
    #[error("\"{0}\" is negative")]
    Negative(String),
    /// The duration overflows.
    #[error("\"{0}\" is longer than can be counted")]
    TooLong(String),
    /// Anything else.
    #[error("\"{0}\" is not a duration")]
    Other(String),
}

/// Parses a duration.
///
/// # Errors
/// When the text is not a duration: each amount needs a unit (`h`, `m`, `s` or `ms`), and none may be negative.
pub fn parse(text: &str) -> Result<Duration, ParseError> {
    let quoted = || text.chars().take(60).collect::<String>();
    match text.as_bytes() {
        [] => return Err(ParseError::Empty),
        [b'-', ..] => return Err(ParseError::Negative(quoted())),
        all if all.iter().all(|b| b.is_ascii_digit() || *b == b'.') => {
            return Err(ParseError::NoUnit(quoted()));
        }
        [b'0'..=b'9' | b'.', .., b'h' | b'm' | b's']
            if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') => {}
        _ => return Err(ParseError::Other(quoted())),
    }
    let duration = PARSER.parse(text).map_err(|_| ParseError::Other(quoted()))?;
    let duration = Duration::try_from(duration).map_err(|_| ParseError::Other(quoted()))?;
    // The parser saturates without an error.
    if duration == Duration::MAX {
        return Err(ParseError::TooLong(quoted()));
    }
    Ok(duration)
}

/// The notation of Google's APIs: seconds, with up to nine decimals.
pub fn to_api(duration: Duration) -> String {
    match duration.subsec_nanos() {
        0 => format!("{}s", duration.as_secs()),
        nanos => format!(
            "{}.{}s",
            duration.as_secs(),
            format!("{nanos:09}").trim_end_matches('0')
        ),
    }
}

/// The notation of messages and documentation: `168h`, `1h30m`, `45s`.
pub fn to_human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 3600, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let text: String = parts
        .iter()
        .filter(|(amount, _)| *amount > 0)
        .map(|(amount, unit)| format!("{amount}{unit}"))
        .collect();
    if text.is_empty() || duration.subsec_nanos() > 0 {
        to_api(duration)
    } else {
        text
    }
}

/// Amounts in any order are added, as in Go.
static PARSER: LazyLock<CustomDurationParser<'static>> = LazyLock::new(|| {
    CustomDurationParser::builder()
        .time_units(&[
            CustomTimeUnit::new(TimeUnit::Hour, &["h"], Some(Multiplier(1, 0))),
            CustomTimeUnit::new(TimeUnit::Minute, &["m"], Some(Multiplier(1, 0))),
            CustomTimeUnit::new(TimeUnit::Second, &["s"], Some(Multiplier(1, 0))),
            CustomTimeUnit::new(TimeUnit::MilliSecond, &["ms"], Some(Multiplier(1, 0))),
        ])
        .disable_exponent()
        .disable_infinity()
        .parse_multiple(None)
        .build()
});

#[cfg(test)]
mod tests {
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
        assert_eq!(parse("3600"), Err(ParseError::NoUnit("3600".to_owned())));
        assert_eq!(parse("-1s"), Err(ParseError::Negative("-1s".to_owned())));
        for text in [
            "18446744073709551616s",
            "99999999999999999999h",
            "18446744073709551615s1s",
        ] {
            assert_eq!(parse(text), Err(ParseError::TooLong(text.to_owned())));
        }
        assert_eq!(parse("18446744073709551615s"), Ok(Duration::from_secs(u64::MAX)));
        for text in [
            "1 hour", "1h 30m", "1d", "h", "s", "1e3s", "infs", " 1s", "1s ", "1hour", "+1s", "1,5h", "١s",
            "½h", "1h-30m",
        ] {
            assert!(
                matches!(parse(text), Err(ParseError::Other(_))),
                "{text}: {:?}",
                parse(text)
            );
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
}
