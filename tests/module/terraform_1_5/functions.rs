//! The functions of Terraform 1.5, and a look at whether a real Terraform knows them.

use std::process::Command;

/// The functions that 1.5 documents, in order of the alphabet.
/// <https://developer.hashicorp.com/terraform/language/v1.5.x/functions>
pub(crate) const FUNCTIONS: &[&str] = &[
    "abs",
    "abspath",
    "alltrue",
    "anytrue",
    "base64decode",
    "base64encode",
    "base64gzip",
    "base64sha256",
    "base64sha512",
    "basename",
    "bcrypt",
    "can",
    "ceil",
    "chomp",
    "chunklist",
    "cidrhost",
    "cidrnetmask",
    "cidrsubnet",
    "cidrsubnets",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "csvdecode",
    "dirname",
    "distinct",
    "element",
    "endswith",
    "file",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "fileexists",
    "filemd5",
    "fileset",
    "filesha1",
    "filesha256",
    "filesha512",
    "flatten",
    "floor",
    "format",
    "formatdate",
    "formatlist",
    "indent",
    "index",
    "join",
    "jsondecode",
    "jsonencode",
    "keys",
    "length",
    "log",
    "lookup",
    "lower",
    "matchkeys",
    "max",
    "md5",
    "merge",
    "min",
    "nonsensitive",
    "one",
    "parseint",
    "pathexpand",
    "plantimestamp",
    "pow",
    "range",
    "regex",
    "regexall",
    "replace",
    "reverse",
    "rsadecrypt",
    "sensitive",
    "setintersection",
    "setproduct",
    "setsubtract",
    "setunion",
    "sha1",
    "sha256",
    "sha512",
    "signum",
    "slice",
    "sort",
    "split",
    "startswith",
    "strcontains",
    "strrev",
    "substr",
    "sum",
    "templatefile",
    "textdecodebase64",
    "textencodebase64",
    "timeadd",
    "timecmp",
    "timestamp",
    "title",
    "tobool",
    "tolist",
    "tomap",
    "tonumber",
    "toset",
    "tostring",
    "transpose",
    "trim",
    "trimprefix",
    "trimspace",
    "trimsuffix",
    "try",
    "upper",
    "urlencode",
    "uuid",
    "uuidv5",
    "values",
    "yamldecode",
    "yamlencode",
    "zipmap",
];

/// What a type is written with; these are no functions.
pub(crate) const TYPE_CONSTRUCTORS: &[&str] = &["list", "map", "object", "optional", "set", "tuple"];

#[test]
fn the_list_is_in_order() {
    assert!(FUNCTIONS.is_sorted() && FUNCTIONS.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn terraform_knows_every_function_of_the_list() {
    let terraform = std::env::var_os("FACETS_GPU_TERRAFORM").unwrap_or("terraform".into());
    let output = Command::new(&terraform)
        .args(["metadata", "functions", "-json"])
        .output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", terraform.display()));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let known: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let signatures = known["function_signatures"].as_object().unwrap();
    let missing: Vec<_> = FUNCTIONS
        .iter()
        .filter(|name| !signatures.contains_key(**name))
        .collect();
    assert!(missing.is_empty(), "this Terraform does not know {missing:?}");
}
