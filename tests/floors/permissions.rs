//! The guide on permissions: it has every role that a message or a description advises.

use crate::repository::read;
use crate::rule::Rule;
use crate::source;

#[test]
fn every_role_that_is_advised_is_in_the_guide() {
    let mut rule = Rule::new(
        "docs/guides/permissions.md names each role that the provider advises somewhere.",
        "Say in the guide what the role is for.",
    );
    let guide = read("docs/guides/permissions.md");
    let mut seen = 0;
    for source in source::shipped() {
        for token in source.strings() {
            for role in roles(&token.text) {
                seen += 1;
                if !guide.contains(&format!("`{role}`")) {
                    rule.broken(format!("{} advises {role}", source.at(token)));
                }
            }
        }
    }
    assert!(seen > 5, "only {seen} roles were found");
    rule.judge();
}

/// Each `roles/…` in a text.
fn roles(text: &str) -> Vec<String> {
    let rests = text.split("roles/").skip(1);
    let names = rests.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        rest[..end.unwrap_or(rest.len())].trim_end_matches('.')
    });
    names.map(|name| format!("roles/{name}")).collect()
}

#[test]
fn roles_are_found() {
    assert_eq!(
        roles("Give it roles/a.b and roles/c.d."),
        ["roles/a.b", "roles/c.d"]
    );
}
