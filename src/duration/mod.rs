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
    #[error("the value is empty")]
    Empty,
    /// A number without a unit.
    #[error("the unit is missing")]
    NoUnit,
    /// The duration is negative.
    #[error("it is negative")]
    Negative,
    /// The duration overflows.
    #[error("the number is too large")]
    TooLong,
    /// Anything else.
    #[error("the unit or the syntax is not supported")]
    Other,
}

/// Parses a duration.
///
/// # Errors
/// When the text is not a duration: each amount needs a unit (`h`, `m`, `s` or `ms`), and none may be negative.
pub fn parse(text: &str) -> Result<Duration, ParseError> {
    match text.as_bytes() {
        [] => return Err(ParseError::Empty),
        [b'-', ..] => return Err(ParseError::Negative),
        all if all.iter().all(|b| b.is_ascii_digit() || *b == b'.') => {
            return Err(ParseError::NoUnit);
        }
        [b'0'..=b'9' | b'.', .., b'h' | b'm' | b's']
            if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') => {}
        _ => return Err(ParseError::Other),
    }
    let duration = PARSER.parse(text).map_err(|_| ParseError::Other)?;
    let duration = Duration::try_from(duration).map_err(|_| ParseError::Other)?;
    // The parser saturates without an error.
    if duration == Duration::MAX {
        return Err(ParseError::TooLong);
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
mod tests;
