//! Exact numbers of any precision.

use bigdecimal::{BigDecimal, FromPrimitive as _, ToPrimitive as _};
use std::fmt;

/// A number. Equal numbers compare equal, whatever their form was.
///
/// Terraform compares numbers by exact value, and sends the same number as an integer, as a float or as decimal text,
/// whichever is exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Number(Form);

/// Nearly all numbers are integers.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    Int(i64),
    /// Any other number, without trailing zeros.
    Decimal(Box<BigDecimal>),
}

impl Number {
    /// Parses decimal text such as `3`, `-0.25` or `1e400`; `None` when it is not a number, or has more than 2000 digits.
    pub fn parse(text: &str) -> Option<Number> {
        if let Ok(int) = text.parse() {
            return Some(Number(Form::Int(int)));
        }
        let is_plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        if text.len() > MAX_DIGITS || !text.chars().all(is_plain) {
            return None;
        }
        text.parse().ok().and_then(Number::exact)
    }

    /// The exact value of a float; `None` when it is infinite or not a number.
    pub fn from_f64(float: f64) -> Option<Number> {
        BigDecimal::from_f64(float).and_then(Number::exact)
    }

    /// The decimal of these digits, so many of them after the point: `from_digits(278, 4)` is 0.0278.
    pub fn from_digits(digits: u64, after_point: u8) -> Number {
        Number::of(&BigDecimal::new(digits.into(), after_point.into()))
    }

    /// The number as an integer, if it is one of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Int(int) => Some(int),
            Form::Decimal(_) => None,
        }
    }

    /// Rejects numbers that are too long to compare, such as `1e1000000000`.
    fn exact(decimal: BigDecimal) -> Option<Number> {
        let (_, scale) = decimal.as_bigint_and_exponent();
        (scale.unsigned_abs() <= MAX_DIGITS as u64).then(|| Number::of(&decimal))
    }

    fn of(decimal: &BigDecimal) -> Number {
        Number(match decimal.to_i64().filter(|_| decimal.is_integer()) {
            Some(int) => Form::Int(int),
            None => Form::Decimal(Box::new(decimal.normalized())),
        })
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Number(Form::Int(int))
    }
}

impl From<u64> for Number {
    fn from(int: u64) -> Self {
        Number::of(&int.into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Int(int) => write!(f, "{int}"),
            Form::Decimal(decimal) => write!(f, "{decimal}"),
        }
    }
}

/// The most digits before and after the point: more than in any float.
const MAX_DIGITS: usize = 2000;

#[cfg(test)]
mod tests;
