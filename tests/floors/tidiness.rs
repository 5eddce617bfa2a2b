//! Habits that a compiler does not know of.

use crate::repository::{files, read};
use crate::rule::Rule;
use crate::source::{self, Source};

#[test]
fn only_the_handshake_writes_to_stdout() {
    let mut rule = Rule::new(
        "Stdout carries the handshake line and nothing else: Terraform parses it.",
        "Log with tracing, or write for the user with wire::hclog::write_stderr.",
    );
    for source in source::shipped() {
        for name in ["print", "println", "dbg"] {
            for token in source.find(&[name, "!"]) {
                rule.broken(format!("{} has {name}!", source.at(token)));
            }
        }
        if source.path != "src/wire/handshake.rs" {
            // That of a child is a member of it.
            for tokens in source.tokens.windows(2) {
                if tokens[1].text == "stdout" && !tokens[1].literal && tokens[0].text != "." {
                    rule.broken(format!("{} names stdout", source.at(&tokens[1])));
                }
            }
        }
    }
    rule.judge();
}

#[test]
fn shipped_code_neither_unwraps_nor_leaves_gaps() {
    let mut rule = Rule::new(
        "Code that users run has no unwrap, and nothing left to do.",
        "Handle the case; where a value is certain, use expect under #[expect(clippy::expect_used, reason = \"…\")].",
    );
    const FORBIDDEN: [&[&str]; 4] = [
        &[".", "unwrap", "("],
        &["todo", "!"],
        &["unimplemented", "!"],
        &["unsafe"],
    ];
    for source in source::shipped() {
        for pattern in FORBIDDEN {
            for token in source.find(pattern) {
                rule.broken(format!("{} has {}", source.at(token), pattern.concat()));
            }
        }
    }
    rule.judge();
}

#[test]
fn files_are_named_for_what_is_in_them() {
    let mut rule = Rule::new(
        "No file or folder is called util, common, helper or misc: such a drawer takes anything.",
        "Name the file for the one thing that is in it.",
    );
    for path in files("", &[".rs", ".md", ".tf", ".sh", ".proto"]) {
        let parts = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
        for part in parts {
            if ["util", "utils", "common", "helper", "helpers", "misc"].contains(&part) {
                rule.broken(path.clone());
            }
        }
    }
    rule.judge();
}

#[test]
fn each_source_file_says_what_it_is() {
    let mut rule = Rule::new(
        "Each source file begins with a //! line that says what it is.",
        "Write one as the first line.",
    );
    for path in files("", &[".rs"]) {
        if !read(&path).starts_with("//! ") {
            rule.broken(path);
        }
    }
    rule.judge();
}

#[test]
fn an_ignored_test_says_what_it_needs() {
    let mut rule = Rule::new(
        "A test is ignored only for something that it needs, and says what: #[ignore = \"needs …\"].",
        "Give the reason, or let the test run.",
    );
    for source in files("", &[".rs"]).iter().map(|path| Source::whole(path)) {
        for token in reasonless(&source) {
            rule.broken(token);
        }
    }
    rule.judge();
}

#[test]
fn the_emulator_shares_no_code_with_the_provider() {
    let mut rule = Rule::new(
        "The emulator shares no code with the provider, so that a misspelt field is not misspelt on both sides.",
        "Write down in the emulator what it needs to know of Google's API.",
    );
    let manifest = read("emulator/Cargo.toml");
    for line in manifest
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
    {
        let own = line.starts_with("path") || line.contains("path =") || line.contains("facets");
        if own && !line.contains("src/main.rs") && !line.contains("src/lib.rs") {
            rule.broken(format!("emulator/Cargo.toml has {line}"));
        }
    }
    for source in files("emulator", &[".rs"]).iter().map(|path| Source::whole(path)) {
        for token in source.find(&["facets_gpu"]) {
            rule.broken(format!("{} names facets_gpu", source.at(token)));
        }
        for token in source.strings().filter(|token| token.text.contains("../src/")) {
            rule.broken(format!("{} takes in {}", source.at(token), token.text));
        }
    }
    let provider = read("Cargo.toml");
    if provider
        .lines()
        .any(|line| line.trim_start().starts_with("cloudrun-emulator"))
    {
        rule.broken("Cargo.toml depends on cloudrun-emulator");
    }
    rule.judge();
}

#[test]
fn no_banned_crate_is_locked() {
    let mut rule = Rule::new(
        "Cargo.lock has no crate that deny.toml bans.",
        "Find who wants it with `cargo tree -i <crate>`, and turn off that feature.",
    );
    let deny = read("deny.toml");
    let (_, bans) = deny.split_once("\n[bans]\n").expect("deny.toml has [bans]");
    let banned: Vec<&str> = bans
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split('"').next())
        .collect();
    assert!(banned.contains(&"aws-lc-rs"), "{banned:?}");
    let lock = read("Cargo.lock");
    for name in banned {
        if lock.lines().any(|line| line == format!("name = \"{name}\"")) {
            rule.broken(name);
        }
    }
    rule.judge();
}

#[test]
fn every_crate_comes_from_the_public_registry() {
    let mut rule = Rule::new(
        "Each crate in Cargo.lock comes from crates.io, which deny.toml allows as the only source.",
        "Name a version of a published crate in Cargo.toml, rather than a git address or a path outside.",
    );
    let lock = read("Cargo.lock");
    let sources: Vec<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("source = "))
        .collect();
    assert!(sources.len() > 100, "the guard has read only {}", sources.len());
    for source in sources {
        if source != "\"registry+https://github.com/rust-lang/crates.io-index\"" {
            rule.broken(source);
        }
    }
    // What has no source is a member of this workspace.
    let packages = lock.split("[[package]]").skip(1);
    for package in packages.filter(|package| !package.contains("\nsource = ")) {
        let name = package.lines().find_map(|line| line.strip_prefix("name = "));
        let name = name.unwrap_or_default().trim_matches('"');
        if !["cloudrun-emulator", "terraform-provider-facets-gpu"].contains(&name) {
            rule.broken(format!("{name} has no source"));
        }
    }
    rule.judge();
}

fn reasonless(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for tokens in source.tokens.windows(5) {
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        if texts[..3] == ["#", "[", "ignore"] && !(texts[3] == "=" && texts[4].starts_with("\"needs ")) {
            found.push(format!("{} ignores a test without one", source.at(&tokens[0])));
        }
    }
    found
}

#[test]
fn a_missing_reason_is_seen() {
    let found = |attribute: &str| {
        let text = format!("#[test]\n{attribute}\nfn f() {{}}");
        reasonless(&Source::parse("x", &text, true)).len()
    };
    assert_eq!(found("#[ignore]"), 1);
    assert_eq!(found("#[ignore = \"slow\"]"), 1);
    assert_eq!(found("#[ignore = \"needs terraform\"]"), 0);
}
