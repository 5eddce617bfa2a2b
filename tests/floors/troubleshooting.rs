//! The guide on messages: it has a section for each summary that the provider can give, and for no other.

use std::collections::BTreeMap;

use crate::repository::read;
use crate::rule::Rule;
use crate::source::{self, Source, Token};

#[test]
fn every_message_has_its_section() {
    let mut rule = Rule::new(
        "docs/guides/troubleshooting.md has a section (### and the summary) for each diagnostic of the provider, and says \
         there what it means and what to do. What a summary puts in is written as …",
        "Add the section, or take out the one whose message is gone. The summary is a literal at the call, or a format of \
         one.",
    );
    let (told, unclear) = summaries(&source::shipped());
    assert!(told.len() > 50, "the messages are found: {told:?}");
    for place in unclear {
        rule.broken(format!("{place} gives a summary that this test cannot read"));
    }
    let page = read(PAGE);
    let sections = sections(&page);
    if sections.len() != page.matches("\n### ").count() {
        rule.broken("two sections with one heading");
    }
    for (summary, places) in &told {
        if !sections.contains_key(summary.as_str()) {
            rule.broken(format!(
                "no section \"### {summary}\", which {} says",
                places.join(" and ")
            ));
        }
    }
    for (heading, text) in sections {
        if !told.contains_key(heading) {
            rule.broken(format!("a section \"### {heading}\", which nothing says"));
        }
        if !text.trim().ends_with(['.', '`', '|', ':']) {
            rule.broken(format!(
                "the section \"### {heading}\" says nothing, or breaks off"
            ));
        }
    }
    rule.judge();
}

/// The sections of the third level, with what stands in them.
fn sections(page: &str) -> BTreeMap<&str, &str> {
    let rests = page.split("\n### ").skip(1);
    rests
        .map(|rest| {
            let (heading, text) = rest.split_once('\n').unwrap_or((rest, ""));
            (heading, text.split("\n## ").next().unwrap_or(text))
        })
        .collect()
}

/// Each summary with the places that give it, and the places where it cannot be told.
fn summaries(sources: &[Source]) -> (BTreeMap<String, Vec<String>>, Vec<String>) {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unclear = Vec::new();
    for source in sources.iter().filter(|source| source.path != "src/diagnostic.rs") {
        for (kind, position) in [("error", 1), ("warning", 1), ("whole", 0)] {
            for at in places(source, &["Diagnostic", "::", kind, "("]) {
                let place = source.at(&source.tokens[at]);
                let given = arguments(&source.tokens[at + 4..]);
                let found = given
                    .get(position)
                    .map(|argument| texts(argument, sources, source, at))
                    .unwrap_or_default();
                if found.is_empty() {
                    unclear.push(place.clone());
                }
                for summary in found {
                    told.entry(summary).or_default().push(place.clone());
                }
            }
        }
    }
    (told, unclear)
}

/// What an argument can be: a literal, a format, or a name that stands for literals.
fn texts(argument: &[Token], sources: &[Source], source: &Source, at: usize) -> Vec<String> {
    let words: Vec<&str> = argument.iter().map(|token| token.text.as_str()).collect();
    match (argument, words.as_slice()) {
        ([text], _) if text.literal => vec![plain(&text.text)],
        (_, ["format", "!", "(", text, ..]) => vec![plain(text)],
        (_, [name]) => {
            let mut found = handed_over(name, sources, source, at);
            found.extend(bound(name, &source.tokens[..at]));
            found
        }
        _ => Vec::new(),
    }
}

/// The literals that callers hand to the function around this place, when the name is a parameter of it.
fn handed_over(name: &str, sources: &[Source], source: &Source, at: usize) -> Vec<String> {
    let before = &source.tokens[..at];
    let Some(start) = before
        .iter()
        .rposition(|token| token.text == "fn" && !token.literal)
    else {
        return Vec::new();
    };
    let function = &before[start + 1].text;
    let parameters = arguments(&before[start + 3..]);
    let position = parameters
        .iter()
        .position(|parameter| parameter.first().is_some_and(|first| first.text == name));
    let Some(position) = position else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for source in sources {
        for call in places(source, &[function, "("]) {
            let declared = call > 0 && source.tokens[call - 1].text == "fn";
            let given = arguments(&source.tokens[call + 2..]);
            if let Some([text]) = given.get(position).filter(|_| !declared)
                && text.literal
            {
                found.push(plain(&text.text));
            }
        }
    }
    found
}

/// The literals at the beginning of each arm, when the name is the first of a pair that a `match` gives.
fn bound(name: &str, before: &[Token]) -> Vec<String> {
    let pattern = ["let", "(", name, ","];
    let fits = |tokens: &[Token]| tokens.iter().zip(pattern).all(|(token, text)| token.text == text);
    let Some(start) = before.windows(pattern.len()).rposition(fits) else {
        return Vec::new();
    };
    let arms = before[start..].windows(4).filter(|tokens| {
        let signs = tokens.iter().zip(["=", ">", "("]);
        signs.clone().all(|(token, sign)| token.text == sign) && tokens[3].literal
    });
    arms.map(|tokens| plain(&tokens[3].text)).collect()
}

/// Where these tokens follow each other.
fn places(source: &Source, pattern: &[&str]) -> Vec<usize> {
    let windows = source.tokens.windows(pattern.len()).enumerate();
    let fits = windows.filter(|(_, tokens)| {
        let mut pairs = tokens.iter().zip(pattern);
        pairs.all(|(token, text)| !token.literal && token.text == *text)
    });
    fits.map(|(at, _)| at).collect()
}

/// What stands between commas, up to the parenthesis that ends it.
fn arguments(tokens: &[Token]) -> Vec<&[Token]> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            _ if token.literal => {}
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => {
                found.push(&tokens[start..at]);
                return found;
            }
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 0 => {
                found.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// A literal without its quotes, and with … for what is put in.
fn plain(literal: &str) -> String {
    let text = literal.trim_matches('"');
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| {
        format!("{told}…{}", part.split_once('}').map_or("", |(_, rest)| rest))
    })
}

#[test]
fn summaries_are_found_however_they_are_given() {
    let text = "
        fn a() { Diagnostic::error(Path::at(\"x, y\").key(n), \"One\", f(1, 2)); Diagnostic::whole(format!(\"Two {x} 2\"), d) }
        fn made(attribute: &str, summary: &str) { Diagnostic::error(Path::x(attribute), summary, d) }
        fn b() { made(\"x\", \"Three\") }
        fn c() { let (summary, way) = match n { None => (\"Four\", \"x\"), Some(_) => (\"Five\", f(\"y\")) };
                 Diagnostic::warning(path, summary, d); Diagnostic::warning(path, other(), d) }";
    let (told, unclear) = summaries(&[Source::parse("x", text, false)]);
    let told: Vec<&String> = told.keys().collect();
    assert_eq!(told, ["Five", "Four", "One", "Three", "Two … 2"]);
    assert_eq!(unclear, ["x:6"]);
    let sections = sections("# P\n\n## A\n\n### One\n\nText.\n\n### Two\n\nMore.\n\n## B\n\nOther.\n");
    assert_eq!(sections["One"].trim(), "Text.");
    assert_eq!(sections["Two"].trim(), "More.");
}

const PAGE: &str = "docs/guides/troubleshooting.md";
