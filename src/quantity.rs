//! Quantities of CPU and memory, in the notation that Cloud Run takes from Kubernetes.
//!
//! See <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>. Only whole
//! quantities are taken: `20` and `20000m`, `80Gi` and `81920Mi`, not `20.5`.

use std::fmt;

/// An amount of CPU, in thousandths of a vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(u64);

/// An amount of memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(u64);

/// Why text is no quantity; says the rule and what was found.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Malformed {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// The text does not begin with a whole number.
    #[error("\"{0}\" is not a whole number followed by a unit")]
    NotWhole(String),
    /// The unit is none that this quantity has.
    #[error("\"{0}\" is not a unit here")]
    Unit(String),
    /// The amount exceeds what can be counted.
    #[error("it is larger than any machine")]
    TooLarge,
}

impl Cpu {
    /// So many whole vCPUs.
    pub const fn whole(count: u64) -> Cpu {
        Cpu(count * 1000)
    }

    /// Reads `20` or `20000m`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Cpu, Malformed> {
        let (amount, unit) = split(text)?;
        match unit {
            "" => amount.checked_mul(1000).map(Cpu).ok_or(Malformed::TooLarge),
            "m" => Ok(Cpu(amount)),
            _ => Err(Malformed::Unit(start(unit))),
        }
    }

    /// The whole vCPUs, when there is no fraction.
    pub fn as_whole(self) -> Option<u64> {
        self.0.is_multiple_of(1000).then_some(self.0 / 1000)
    }
}

impl Memory {
    /// So many gibibytes.
    pub const fn gib(count: u64) -> Memory {
        Memory(count << 30)
    }

    /// Half of it.
    pub fn half(self) -> Memory {
        Memory(self.0 / 2)
    }

    /// Reads `80Gi`, `81920Mi` or any other whole quantity of bytes.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Memory, Malformed> {
        let (amount, unit) = split(text)?;
        let factor = UNITS
            .iter()
            .find_map(|(name, factor)| (*name == unit).then_some(*factor))
            .ok_or_else(|| Malformed::Unit(start(unit)))?;
        amount.checked_mul(factor).map(Memory).ok_or(Malformed::TooLarge)
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

fn split(text: &str) -> Result<(u64, &str), Malformed> {
    if text.trim().is_empty() {
        return Err(Malformed::Empty);
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if digits.is_empty() || unit.starts_with(['.', ',', 'e', 'E']) {
        return Err(Malformed::NotWhole(start(text)));
    }
    Ok((digits.parse().map_err(|_| Malformed::TooLarge)?, unit))
}

/// As much of a text as a message shows.
fn start(text: &str) -> String {
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
    fn equal_quantities_are_equal_in_every_spelling() {
        assert_eq!(Cpu::parse("20"), Cpu::parse("20000m"));
        assert_eq!(Cpu::parse("20").unwrap().to_string(), "20");
        assert_eq!(Memory::parse("80Gi"), Memory::parse("81920Mi"));
        assert_eq!(Memory::parse("85899345920").unwrap().to_string(), "80Gi");
        assert_ne!(Memory::parse("80Gi"), Memory::parse("80G"));
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        assert_eq!(Memory::parse("80GB"), Err(Malformed::Unit("GB".to_owned())));
        assert_eq!(Memory::parse("80gi"), Err(Malformed::Unit("gi".to_owned())));
        assert_eq!(Memory::parse("80 Gi"), Err(Malformed::Unit(" Gi".to_owned())));
        assert_eq!(Memory::parse(""), Err(Malformed::Empty));
        assert_eq!(Memory::parse("99999999Pi"), Err(Malformed::TooLarge));
        assert_eq!(Cpu::parse("20.5"), Err(Malformed::NotWhole("20.5".to_owned())));
        assert_eq!(Cpu::parse("-1"), Err(Malformed::NotWhole("-1".to_owned())));
        assert_eq!(Cpu::parse("20Gi"), Err(Malformed::Unit("Gi".to_owned())));
        assert_eq!(Cpu::parse("99999999999999999999"), Err(Malformed::TooLarge));
        for (text, shown) in [
            ("x".repeat(1_000_000), 60),
            (format!("1{}", "x".repeat(1_000_000)), 60),
        ] {
            let told = Cpu::parse(&text).unwrap_err().to_string();
            assert!(told.len() < 2 * shown, "{told}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(bytes in any::<u64>(), text in "\\PC{0,16}") {
            prop_assert_eq!(Memory::parse(&Memory(bytes).to_string()), Ok(Memory(bytes)));
            prop_assert_eq!(Cpu::parse(&Cpu(bytes).to_string()), Ok(Cpu(bytes)));
            let _ = (Memory::parse(&text), Cpu::parse(&text));
        }
    }
}
