//! Quantities of CPU and memory, in the notation of Kubernetes.
//!
//! See <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>. Only
//! integers are accepted: `20` and `20000m`, `80Gi` and `81920Mi`, not `20.5`.

use std::fmt;

/// An amount of CPU, in thousandths of a vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(u64);

/// An amount of memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(u64);

/// Why text is not a quantity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseError {
    /// The text is empty.
    #[error("the value is empty")]
    Empty,
    /// The text does not start with an integer.
    #[error("it is not a whole number with an optional unit")]
    NotWhole,
    /// The unit is unknown.
    #[error("\"{0}\" is not a supported unit")]
    Unit(String),
    /// The amount overflows.
    #[error("the number is too large")]
    TooLarge,
}

impl Cpu {
    /// An amount of whole vCPUs.
    pub const fn whole(count: u64) -> Cpu {
        Cpu(count * 1000)
    }

    /// Parses `20` or `20000m`.
    ///
    /// # Errors
    /// When the text is not a quantity.
    pub fn parse(text: &str) -> Result<Cpu, ParseError> {
        let (amount, unit) = split(text)?;
        match unit {
            "" => amount.checked_mul(1000).map(Cpu).ok_or(ParseError::TooLarge),
            "m" => Ok(Cpu(amount)),
            _ => Err(ParseError::Unit(excerpt(unit))),
        }
    }

    /// The vCPUs, when they are whole.
    pub fn as_whole(self) -> Option<u64> {
        self.0.is_multiple_of(1000).then_some(self.0 / 1000)
    }
}

impl Memory {
    /// An amount of whole gibibytes.
    pub const fn gib(count: u64) -> Memory {
        Memory(count << 30)
    }

    /// Half of it.
    pub fn half(self) -> Memory {
        Memory(self.0 / 2)
    }

    /// Parses `80Gi`, `81920Mi` or any other integer quantity of bytes.
    ///
    /// # Errors
    /// When the text is not a quantity.
    pub fn parse(text: &str) -> Result<Memory, ParseError> {
        let (amount, unit) = split(text)?;
        let factor = UNITS
            .iter()
            .find_map(|(name, factor)| (*name == unit).then_some(*factor))
            .ok_or_else(|| ParseError::Unit(excerpt(unit)))?;
        amount.checked_mul(factor).map(Memory).ok_or(ParseError::TooLarge)
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_whole() {
            Some(count) => write!(f, "{count}"),
            None => write!(f, "{}m", self.0),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes.is_multiple_of(1 << 30) => write!(f, "{}Gi", bytes >> 30),
            bytes if bytes.is_multiple_of(1 << 20) => write!(f, "{}Mi", bytes >> 20),
            bytes => write!(f, "{bytes}"),
        }
    }
}

fn split(text: &str) -> Result<(u64, &str), ParseError> {
    if text.trim().is_empty() {
        return Err(ParseError::Empty);
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if digits.is_empty() || unit.starts_with(['.', ',', 'e', 'E']) {
        return Err(ParseError::NotWhole);
    }
    Ok((digits.parse().map_err(|_| ParseError::TooLarge)?, unit))
}

/// The part of a text that a message shows.
fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Bytes in each unit of memory.
const UNITS: [(&str, u64); 11] = [
    ("", 1),
    ("k", 1000),
    ("M", 1000_u64.pow(2)),
    ("G", 1000_u64.pow(3)),
    ("T", 1000_u64.pow(4)),
    ("P", 1000_u64.pow(5)),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_quantities_are_equal_in_every_notation() {
        assert_eq!(Cpu::parse("20"), Cpu::parse("20000m"));
        assert_eq!(Cpu::parse("20").unwrap().to_string(), "20");
        assert_eq!(Memory::parse("80Gi"), Memory::parse("81920Mi"));
        assert_eq!(Memory::parse("85899345920").unwrap().to_string(), "80Gi");
        assert_ne!(Memory::parse("80Gi"), Memory::parse("80G"));
    }

    #[test]
    fn invalid_quantities_have_reasons() {
        assert_eq!(Memory::parse("80GB"), Err(ParseError::Unit("GB".to_owned())));
        assert_eq!(Memory::parse("80gi"), Err(ParseError::Unit("gi".to_owned())));
        assert_eq!(Memory::parse("80 Gi"), Err(ParseError::Unit(" Gi".to_owned())));
        assert_eq!(Memory::parse(""), Err(ParseError::Empty));
        assert_eq!(Memory::parse("99999999Pi"), Err(ParseError::TooLarge));
        assert_eq!(Cpu::parse("20.5"), Err(ParseError::NotWhole));
        assert_eq!(Cpu::parse("-1"), Err(ParseError::NotWhole));
        assert_eq!(Cpu::parse("20Gi"), Err(ParseError::Unit("Gi".to_owned())));
        assert_eq!(Cpu::parse("99999999999999999999"), Err(ParseError::TooLarge));
        for (text, shown) in [
            ("x".repeat(1_000_000), 60),
            (format!("1{}", "x".repeat(1_000_000)), 60),
        ] {
            let message = Cpu::parse(&text).unwrap_err().to_string();
            assert!(message.len() < 2 * shown, "{message}");
        }
    }

    proptest! {
        #[test]
        fn formatted_quantities_can_be_parsed(bytes in any::<u64>(), text in "\\PC{0,16}") {
            prop_assert_eq!(Memory::parse(&Memory(bytes).to_string()), Ok(Memory(bytes)));
            prop_assert_eq!(Cpu::parse(&Cpu(bytes).to_string()), Ok(Cpu(bytes)));
            let _ = (Memory::parse(&text), Cpu::parse(&text));
        }
    }
}
