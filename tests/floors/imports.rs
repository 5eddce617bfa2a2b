//! Which module may name which: each floor knows those below it and nothing of those above.

use std::collections::BTreeMap;

use crate::rule::Rule;
use crate::source::{self, Source};

/// Each module at the root, and the other modules that it names. A new line here is a decision: write its reason
/// into `ARCHITECTURE.md` too.
const FLOORS: &[(&str, &[&str])] = &[
    // Ground floor: what is spoken, and how text of unknown origin is printed: in a log line, and above it too.
    ("text", &[]),
    ("wire", &["text"]),
    // First floor: values, no Cloud Run, no network.
    ("value", &[]),
    ("diagnostic", &["value"]),
    ("schema", &["value"]),
    // Second floor: what is true of the world. It knows nothing of Terraform.
    ("quantity", &[]),
    ("duration", &[]),
    ("name", &[]),
    ("gpu", &["quantity"]),
    ("cloudrun", &["text"]),
    // Third floor: the resource, and the GPU facts as a configuration reads them. Neither needs the other: the facts
    // are told without a job, a client or a network.
    (
        "catalogue",
        &["diagnostic", "duration", "gpu", "quantity", "schema", "value"],
    ),
    (
        "job",
        &[
            "cloudrun",
            "diagnostic",
            "duration",
            "gpu",
            "name",
            "quantity",
            "schema",
            "text",
            "value",
        ],
    ),
    // Roof: what Terraform talks to. The log's mask is all that the provider wants of the ground floor.
    (
        "provider",
        &[
            "cloudrun",
            "diagnostic",
            "duration",
            "job",
            "schema",
            "value",
            "wire",
        ],
    ),
    (
        "server",
        &[
            "catalogue",
            "diagnostic",
            "job",
            "provider",
            "schema",
            "text",
            "value",
            "wire",
        ],
    ),
];

#[test]
fn each_floor_names_only_those_below_it() {
    let mut rule = Rule::new(
        "A module names only the modules that FLOORS in tests/floors/imports.rs gives it.",
        "Move the code to the floor that may know both, or pass what is needed as an argument.",
    );
    let allowed: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    for source in source::shipped() {
        let module = module_of(&source.path);
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(below) = allowed.get(module) else {
            rule.broken(format!("{} belongs to no floor", source.path));
            continue;
        };
        for (name, place) in named(&source) {
            if name != module && !below.contains(&name.as_str()) {
                rule.broken(format!("{place} names crate::{name}"));
            }
        }
    }
    rule.judge();
}

#[test]
fn what_a_floor_may_name_it_does_name() {
    let mut rule = Rule::new(
        "FLOORS in tests/floors/imports.rs allows no more than there is.",
        "Strike the name from the line of that module.",
    );
    let mut used: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in source::shipped() {
        let names = named(&source).into_iter().map(|(name, _)| name);
        used.entry(module_of(&source.path).to_owned())
            .or_default()
            .extend(names);
    }
    for (module, below) in FLOORS {
        for name in *below {
            if !used
                .get(*module)
                .is_some_and(|used| used.iter().any(|used| used == name))
            {
                rule.broken(format!("{module} may name {name} and does not"));
            }
        }
    }
    rule.judge();
}

#[test]
fn generated_types_stay_in_wire_and_server() {
    let mut rule = Rule::new(
        "Only wire and server name the types generated from proto/.",
        "Translate in server/from_proto.rs or server/to_proto.rs, and use the modules of the first floor elsewhere.",
    );
    for source in source::shipped() {
        if matches!(module_of(&source.path), "wire" | "server") {
            continue;
        }
        for name in ["proto", "tfplugin6", "tonic", "prost"] {
            for token in source.find(&[name]) {
                rule.broken(format!("{} names {name}", source.at(token)));
            }
        }
    }
    rule.judge();
}

#[test]
fn the_provider_uses_the_wire_for_masking_only() {
    let mut rule = Rule::new(
        "provider names nothing of wire but hclog, which hides secrets from the log.",
        "Let server pass what is needed.",
    );
    for source in in_module("provider") {
        for name in named_in(&source, "wire") {
            if name != "hclog" {
                rule.broken(format!("{} names crate::wire::{name}", source.path));
            }
        }
    }
    rule.judge();
}

#[test]
fn only_convert_and_lifecycle_see_google_s_documents() {
    let mut rule = Rule::new(
        "In job, only convert and lifecycle name cloudrun::model; plan, identity, moved and data_source name JobName and \
         nothing else of cloudrun.",
        "Let convert make a value of what Google says; rules and plans work on values.",
    );
    for source in in_module("job") {
        let allowed: &[&str] = match source.path.as_str() {
            path if path.starts_with("src/job/convert") => &[
                "JobName",
                "Reference",
                "model",
                "CREATION_ANNOTATION",
                "reserved_namespace",
            ],
            path if path.starts_with("src/job/lifecycle") => &[
                "Attempts",
                "CREATION_ANNOTATION",
                "Client",
                "Error",
                "JobName",
                "Operation",
                "Page",
                "Pages",
                "Patience",
                "Prerequisite",
                "Readiness",
                "Reference",
                "Standing",
                "model",
            ],
            // Which keys the API refuses.
            "src/job/validate.rs" => &["CREATION_ANNOTATION", "reserved_namespace"],
            "src/job/plan.rs" | "src/job/identity.rs" | "src/job/moved.rs" | "src/job/data_source.rs" => {
                &["JobName"]
            }
            _ => &[],
        };
        for name in named_in(&source, "cloudrun") {
            if !allowed.contains(&name.as_str()) {
                rule.broken(format!("{} names crate::cloudrun::{name}", source.path));
            }
        }
    }
    rule.judge();
}

#[test]
fn lifecycle_reads_of_a_job_only_which_version_it_is() {
    const VERSION: [&str; 4] = ["delete_time", "etag", "generation", "uid"];
    let mut rule = Rule::new(
        "convert alone turns members of Google's job into values and back. lifecycle passes the job on, and reads of \
         it only what tells versions apart: delete_time, etag, generation, uid.",
        "Put the question to the job (a method in cloudrun/model.rs), or the translation into job/convert.",
    );
    let all = in_module("job").into_iter();
    let lifecycle: Vec<Source> = all
        // An error describes the job that has the name.
        .filter(|source| source.path.starts_with("src/job/lifecycle") && !source.path.contains("not_created"))
        .collect();
    assert!(!lifecycle.is_empty());
    let own: Vec<String> = lifecycle.iter().flat_map(fields).collect();
    let mut members = fields(&Source::shipped("src/cloudrun/model.rs"));
    members.retain(|member| !own.contains(member));
    assert!(members.contains(&"etag".to_owned()), "{members:?}");
    for source in &lifecycle {
        for tokens in source.tokens.windows(3) {
            let [dot, name, next] = tokens else { continue };
            let read = dot.text == "." && next.text != "(" && members.contains(&name.text);
            if read && !VERSION.contains(&name.text.as_str()) {
                rule.broken(format!("{} reads .{}", source.at(name), name.text));
            }
        }
    }
    rule.judge();
}

/// The module at the root that a file belongs to.
fn module_of(path: &str) -> &str {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').next().unwrap_or(path)
}

fn in_module(module: &str) -> Vec<Source> {
    let all = source::shipped().into_iter();
    all.filter(|source| module_of(&source.path) == module).collect()
}

/// The modules at the root that a file names, as `crate::x`, `crate::{x, y}` or by enough of `super::`, with the
/// places.
fn named(source: &Source) -> Vec<(String, String)> {
    let text = |index: usize| source.tokens.get(index).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        let after = match token.text.as_str() {
            "crate" if text(index + 1) == "::" => index + 2,
            "super" if index == 0 || text(index - 1) != "::" => {
                let supers = (0..).take_while(|step| {
                    text(index + 2 * step) == "super" && text(index + 2 * step + 1) == "::"
                });
                let supers = supers.count();
                if supers < depth(&source.path) {
                    continue;
                }
                index + 2 * supers
            }
            _ => continue,
        };
        let names = first_names(&source.tokens[after..]);
        found.extend(names.into_iter().map(|name| (name, source.at(token))));
    }
    found
}

/// How many of `super::` lead from a file to the root.
fn depth(path: &str) -> usize {
    path.trim_start_matches("src/")
        .trim_end_matches("/mod.rs")
        .split('/')
        .count()
}

/// What a file names directly below a module at the root: of `crate::cloudrun::{Client, model::Job}` it is
/// `Client` and `model`.
fn named_in(source: &Source, module: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        let before = |offset: usize| {
            index
                .checked_sub(offset)
                .map_or("", |at| source.tokens[at].text.as_str())
        };
        let next = source.tokens.get(index + 1).map_or("", |next| next.text.as_str());
        // `use crate::{cloudrun::X}` has a brace or a comma before the name.
        let from_root = before(1) == "::" && before(2) == "crate" || matches!(before(1), "{" | ",");
        if token.text == module && !token.literal && next == "::" && from_root {
            found.extend(first_names(&source.tokens[index + 2..]));
        }
    }
    found
}

/// The name that comes first, or all first names inside of braces.
fn first_names(tokens: &[source::Token]) -> Vec<String> {
    if tokens.first().is_none_or(|token| token.text != "{") {
        return tokens
            .first()
            .map(|token| token.text.clone())
            .into_iter()
            .collect();
    }
    let mut names = Vec::new();
    let mut depth = 0;
    let mut expected = true;
    for token in tokens {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => expected = true,
            name if depth == 1 && expected => {
                names.push(name.to_owned());
                expected = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// The public members of all structs of a file.
fn fields(source: &Source) -> Vec<String> {
    let named = source
        .tokens
        .windows(3)
        .filter(|tokens| tokens[0].text == "pub" && tokens[2].text == ":");
    named.map(|tokens| tokens[1].text.clone()).collect()
}

#[test]
fn names_are_found_in_every_form() {
    let text = "use crate::{duration, value::{Field, Path}}; use crate::gpu; fn f() { crate::job::plan() } \
                use crate::cloudrun::{Client, model::Job};";
    let source = Source::parse("src/x.rs", text, false);
    let names: Vec<String> = named(&source).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["duration", "value", "gpu", "job", "cloudrun"]);
    let deep = "use super::x; use super::super::gpu; use super::super::{job, name::id};";
    let deep = Source::parse("src/value/path.rs", deep, false);
    let names: Vec<String> = named(&deep).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["gpu", "job", "name"]);
    assert_eq!(named_in(&source, "cloudrun"), ["Client", "model"]);
    assert_eq!(named_in(&source, "value"), ["Field", "Path"]);
}
