//! Quantities as Kubernetes writes them: `1000m`, `0.5`, `512Mi`, `80Gi`.

use serde_json::Value;

/// A container's limit in thousandths; 0 when it is absent.
pub(super) fn limit(container: &Value, name: &str) -> i128 {
    container["resources"]["limits"][name]
        .as_str()
        .and_then(thousandths)
        .unwrap_or_default()
}

/// A quantity in thousandths; `None` when it is malformed.
pub(super) fn thousandths(text: &str) -> Option<i128> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 18 || fraction.len() > 9 {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let (_, factor) = SUFFIXES.iter().find(|(known, _)| *known == suffix)?;
    Some(digits * factor / scale)
}

/// The factors of the suffixes, in thousandths.
const SUFFIXES: &[(&str, i128)] = &[
    ("", 1_000),
    ("m", 1),
    ("k", 1_000_000),
    ("M", 1_000_000_000),
    ("G", 1_000_000_000_000),
    ("T", 1_000_000_000_000_000),
    ("Ki", 1_000 << 10),
    ("Mi", 1_000 << 20),
    ("Gi", GIB),
    ("Ti", 1_000 << 40),
];

/// One GiB in thousandths of a byte.
pub(super) const GIB: i128 = 1_000 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_quantities_compare_equal() {
        for (left, right) in [
            ("20", "20000m"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("80Gi", "81920Mi"),
            ("1.5Gi", "1536Mi"),
            ("1G", "1000M"),
        ] {
            assert_eq!(thousandths(left), thousandths(right), "{left} {right}");
            assert!(thousandths(left).is_some());
        }
    }

    #[test]
    fn malformed_quantities_are_none() {
        for text in [
            "",
            ".",
            "Gi",
            "-1",
            "1 Gi",
            "1gi",
            "1.2.3",
            "99999999999999999999",
            "1e3",
            "eight",
        ] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }
}
