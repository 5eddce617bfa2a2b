//! Which versions of Terraform a file lets in.

use hcl_edit::structure::Body;

use crate::hcl;

/// The version that the platform runs.
const PLATFORM: Version = [1, 5, 7];

type Version = [u64; 3];

/// A `required_version` that keeps the platform's Terraform out, or that cannot be read.
pub(crate) fn findings(body: &Body) -> Vec<String> {
    let required = body
        .get_blocks("terraform")
        .filter_map(|block| hcl::argument(&block.body, "required_version"));
    required
        .map(|constraint| constraint.as_str().unwrap_or_default())
        .filter(|constraint| admits(constraint, PLATFORM) != Some(true))
        .map(|constraint| format!("required_version {constraint:?} does not let Terraform 1.5.7 in"))
        .collect()
}

/// Whether a constraint admits a version; none, when it cannot be read.
fn admits(constraint: &str, version: Version) -> Option<bool> {
    let clauses = constraint
        .split(',')
        .map(|clause| clause_admits(clause.trim(), version));
    clauses
        .collect::<Option<Vec<bool>>>()
        .map(|admitted| admitted.iter().all(|admits| *admits))
}

fn clause_admits(clause: &str, version: Version) -> Option<bool> {
    let (operator, number) = clause.split_at(clause.find(|c: char| c.is_ascii_digit())?);
    let parts = number
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<Vec<u64>>>()?;
    let mut bound = Version::default();
    bound.get_mut(..parts.len())?.copy_from_slice(&parts);
    match operator.trim() {
        "" | "=" => Some(version == bound),
        "!=" => Some(version != bound),
        ">" => Some(version > bound),
        ">=" => Some(version >= bound),
        "<" => Some(version < bound),
        "<=" => Some(version <= bound),
        // All parts but the last one given stay as they are.
        "~>" => Some(version >= bound && version.starts_with(&parts[..parts.len() - 1])),
        _ => None,
    }
}

#[test]
fn constraints_are_read_as_terraform_reads_them() {
    let on_platform = |constraint| admits(constraint, PLATFORM);
    for good in [
        ">= 1.5",
        ">= 1.5.0, < 2.0.0",
        "~> 1.5",
        "~> 1.5.0",
        "1.5.7",
        "!= 1.5.6",
        "< 1.6",
    ] {
        assert_eq!(on_platform(good), Some(true), "{good}");
    }
    for bad in [
        ">= 1.6",
        "~> 1.5.8",
        "~> 1.6",
        "1.5",
        "= 1.5",
        "< 1.5.7",
        "> 1.5.7",
        ">= 1.5, < 1.5.3",
        "<= 1.5",
        "!= 1.5.7",
    ] {
        assert_eq!(on_platform(bad), Some(false), "{bad}");
    }
    for unclear in ["", "latest", ">= 1.x", "^1.5", "1.5.7.1"] {
        assert_eq!(on_platform(unclear), None, "{unclear}");
    }
}
