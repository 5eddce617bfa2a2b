//! The examples in the README are lines of the programs that `make clients` runs.

#[test]
fn examples_are_lines_of_tested_programs() {
    for (language, program) in [
        ("python", include_str!("../../clients/python/lifecycle.py")),
        ("js", include_str!("../../clients/node/lifecycle.js")),
        ("go", include_str!("../../clients/go/lifecycle.go")),
    ] {
        let (_, rest) = README.split_once(&format!("```{language}\n")).expect(language);
        let (example, _) = rest.split_once("```").expect(language);
        for line in example.lines() {
            let is_tested = program.lines().any(|tested| tested.trim() == line.trim());
            assert!(is_tested, "{language}: {line:?}");
        }
    }
}

const README: &str = include_str!("../../README.md");
