//! Numbers as Terraform counts them: exact, of any size and precision.

use std::fmt;

/// A number, kept in the one form that makes equal numbers equal.
///
/// Terraform compares numbers by exact value, and sends the same number as an integer, as a float or as
/// decimal text, whichever is exact. So a number becomes an integer when it fits one; otherwise a float
/// when a float holds it exactly; otherwise text without superfluous zeros.
#[derive(Clone, Debug, PartialEq)]
pub struct Number(Form);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    Int(i64),
    Float(f64),
    /// Sign, digits, and power of ten, as [`Decimal`] writes them.
    Text(String),
}

impl Number {
    /// Reads decimal text such as `3`, `-0.25` or `1e400`; `None` when it is no number.
    pub fn parse(text: &str) -> Option<Number> {
        let decimal = Decimal::parse(text)?;
        if let Some(int) = decimal.to_i64() {
            return Some(Number(Form::Int(int)));
        }
        let float: f64 = text.parse().ok()?;
        if float.is_finite()
            && float != 0.0
            && Decimal::parse(&format!("{float:.1074}")) == Some(decimal.clone())
        {
            return Some(Number(Form::Float(float)));
        }
        Some(Number(Form::Text(decimal.to_string())))
    }

    /// The number that a float is, exactly; not-a-number is refused.
    pub fn from_f64(float: f64) -> Option<Number> {
        if float.is_nan() {
            return None;
        }
        if float.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(&float) {
            return Some(Number(Form::Int(float as i64)));
        }
        Some(Number(Form::Float(float)))
    }

    /// A number of ten-thousandths: exact decimal text where it is no whole number.
    pub fn from_ten_thousandths(count: u64) -> Number {
        Number::parse(&format!("{}.{:04}", count / 10_000, count % 10_000)).unwrap_or(Number(Form::Int(0)))
    }

    /// The number as an integer, when it is one of at most 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Int(int) => Some(int),
            _ => None,
        }
    }

    pub(super) fn form(&self) -> &Form {
        &self.0
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Number(Form::Int(int))
    }
}

impl From<u64> for Number {
    fn from(int: u64) -> Self {
        match i64::try_from(int) {
            Ok(int) => Number::from(int),
            Err(_) => Number::parse(&int.to_string()).unwrap_or(Number(Form::Text(int.to_string()))),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Int(int) => write!(f, "{int}"),
            Form::Float(float) => write!(f, "{float}"),
            Form::Text(text) => f.write_str(text),
        }
    }
}

/// More than any number of Terraform's has, and so little that the shortest form of a number is one again.
const LARGEST_EXPONENT: i64 = 1_000_000_000;

/// The first integer beyond 64 bits, as a float.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// ±0.`digits` × 10^`exponent`, without leading or trailing zeros: equal numbers have equal decimals.
#[derive(Clone, Debug, PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, power) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        let leading_zeros = digits.len() - significant.len();
        let exponent =
            i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()? + i64::from(power);
        let significant = significant.trim_end_matches('0');
        if exponent.abs() > LARGEST_EXPONENT && !significant.is_empty() {
            return None;
        }
        if significant.is_empty() {
            return Some(Decimal {
                negative: false,
                digits: String::new(),
                exponent: 0,
            });
        }
        Some(Decimal {
            negative,
            digits: significant.to_owned(),
            exponent,
        })
    }

    fn to_i64(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let length = i64::try_from(self.digits.len()).ok()?;
        if self.exponent < length || self.exponent > 19 {
            return None;
        }
        let zeros = usize::try_from(self.exponent - length).ok()?;
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        match self.exponent {
            _ if self.digits.is_empty() => f.write_str("0"),
            exponent @ -6..=0 => {
                let zeros = "0".repeat(usize::try_from(-exponent).unwrap_or(0));
                write!(f, "{sign}0.{zeros}{}", self.digits)
            }
            exponent if exponent > 0 && exponent < length => {
                let (whole, fraction) = self.digits.split_at(usize::try_from(exponent).unwrap_or(0));
                write!(f, "{sign}{whole}.{fraction}")
            }
            exponent if exponent >= length && exponent <= 40 => {
                let zeros = "0".repeat(usize::try_from(exponent - length).unwrap_or(0));
                write!(f, "{sign}{}{zeros}", self.digits)
            }
            exponent => write!(f, "{sign}0.{}e{exponent}", self.digits),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_numbers_are_equal_in_every_spelling() {
        for spelling in ["7", "7.0", "0.7e1", "70e-1", "+7", "007"] {
            assert_eq!(Number::parse(spelling), Some(Number::from(7_i64)), "{spelling}");
        }
        assert_eq!(Number::parse("1.5"), Number::from_f64(1.5));
        assert_eq!(
            Number::parse("9206443873042977792"),
            Number::from_f64(9.206443873042978e18)
        );
        assert_eq!(
            Number::parse("-9223372036854775808"),
            Number::from_f64(-TWO_TO_63)
        );
        assert_eq!(Number::parse("9223372036854775808"), Number::from_f64(TWO_TO_63));
        assert_eq!(Number::parse("-0"), Some(Number::from(0_i64)));
        assert_eq!(
            Number::parse("9223372036854775808"),
            Some(Number::from(9_223_372_036_854_775_808_u64))
        );
        assert_ne!(
            Number::parse("0.1"),
            Number::from_f64(0.1),
            "no float is exactly a tenth"
        );
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", ".", "1e", "e5", "1.2.3", "0x10", "NaN", "inf", "1_000", "½",
        ] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        assert_eq!(Number::from_f64(f64::NAN), None);
    }

    #[test]
    fn absurd_sizes_are_kept_without_being_spelt_out() {
        assert_eq!(Number::parse("1e400").unwrap().to_string(), "0.1e401");
        assert_eq!(Number::parse("1e-400").unwrap().to_string(), "0.1e-399");
        assert_eq!(Number::from_ten_thousandths(278).to_string(), "0.0278");
        let largest = Number::parse("1e999999999").unwrap();
        assert_eq!(Number::parse(&largest.to_string()), Some(largest));
        for absurd in ["1e1000000000", "1e2147483647", "1e-2147483648"] {
            assert_eq!(Number::parse(absurd), None, "{absurd}");
        }
    }

    fn any_power() -> impl Strategy<Value = i32> {
        prop_oneof![
            any::<i32>(),
            Just(i32::MAX),
            Just(i32::MIN),
            999_999_900..1_000_000_100
        ]
    }

    proptest! {
        #[test]
        fn text_survives_the_way_there_and_back(int in any::<i64>(), digits in "[0-9]{1,30}", scale in -60i32..60) {
            prop_assert_eq!(Number::parse(&int.to_string()), Some(Number::from(int)));
            let number = Number::parse(&format!("{digits}e{scale}")).unwrap();
            if let Form::Text(text) = number.form() {
                prop_assert_eq!(Number::parse(text), Some(number.clone()));
            }
        }

        #[test]
        fn a_number_of_any_size_is_shown_as_itself_or_refused(
            sign in "[+-]?", whole in "[0-9]{0,40}", fraction in "[0-9]{0,40}", power in any_power(), small in -400..400,
        ) {
            for power in [power, small] {
                let text = format!("{sign}{whole}.{fraction}e{power}");
                // What a float holds exactly is shown as people write that float.
                if let Some(number) = Number::parse(&text).filter(|number| !matches!(number.form(), Form::Float(_))) {
                    prop_assert_eq!(Number::parse(&number.to_string()), Some(number), "{}", text);
                }
            }
        }

        #[test]
        fn any_float_is_itself(float in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
            let number = Number::from_f64(float).unwrap();
            prop_assert_eq!(Number::parse(&format!("{float:.1074}")), Some(number));
        }
    }
}
