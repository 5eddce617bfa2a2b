//! Runs the commands of the guides in `docs/guides/` and compares the output that they show.

mod ephemeral_token;
mod executions;
mod importing;
pub(super) mod shell;
mod testing;

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use self::shell::{Programs, bash, blocks, free_port, guide, normalize, output_text, root};
use super::{job, setup, terraform};
use crate::harness::binaries;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn getting_started_commands_work() {
    let (first_part, _) = guide("getting-started")
        .split_once("\n## In a project")
        .map(to_owned_pair)
        .expect("two parts");
    let port = free_port().to_string();
    // The binaries are built already. The trap stops the guide's emulator.
    let mut script = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n".to_owned();
    let mut expected_lines = Vec::new();
    let mut files = ["main.tf", "run.tf"].into_iter();
    for (language, code) in blocks(&first_part) {
        match language.as_str() {
            "sh" => script.push_str(&code.replace("cargo build --workspace --bins\n", "")),
            "hcl" => {
                let file = files.next().expect("a file");
                assert!(
                    first_part
                        .to_lowercase()
                        .contains(&format!("save this as `{file}`")),
                    "{file}"
                );
                script.push_str(&format!("cat > {file} <<'HCL'\n{code}HCL\n"));
            }
            "text" => expected_lines.extend(code.lines().map(str::to_owned)),
            other => panic!("unexpected block of {other}"),
        }
    }
    assert!(!script.contains("cargo"), "{script}");
    assert_eq!(expected_lines.len(), 8, "{expected_lines:?}");

    let repository = tempfile::tempdir().expect("a folder");
    let built = binaries::provider().expect("a built provider");
    fs::create_dir(repository.path().join("target")).expect("the folder is writable");
    symlink(
        built.parent().expect("a folder"),
        repository.path().join("target/debug"),
    )
    .expect("a link");
    fs::create_dir(repository.path().join("home")).expect("the folder is writable");
    let programs = Programs::new();
    let mut environment = programs.environment();
    environment.insert(
        "HOME".to_owned(),
        repository.path().join("home").display().to_string(),
    );
    environment.insert("CHECKPOINT_DISABLE".to_owned(), "1".to_owned());
    environment.insert("TF_CLI_ARGS".to_owned(), "-no-color".to_owned());
    let output = bash(&script.replace("8085", &port), repository.path(), &environment);
    let text = output_text(&output);
    assert!(output.status.success(), "{text}");
    for line in expected_lines {
        assert!(
            normalize(&text).contains(&normalize(&line)),
            "missing {line:?}\n{text}"
        );
    }
    // The resource of executions, and curl.
    for started in [
        "execution.render: Creation complete",
        "\"name\": \"projects/any-project/locations/us-central1/operations/",
    ] {
        assert!(text.contains(started), "missing {started:?}\n{text}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn executions_guide_commands_work() {
    let (emulator, terraform) = setup();
    let guide = guide("executions");
    let blocks = blocks(&guide);
    let outputs = &blocks
        .iter()
        .find(|(language, code)| language == "hcl" && code.starts_with("output"))
        .expect("outputs")
        .1;
    terraform.write(
        "main.tf",
        &format!("{}\n{outputs}", job("job = { task_count = 10 }")),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds();

    let programs = Programs::new().with_emulator(&emulator);
    emulator.clear_requests();
    let mut responses = Vec::new();
    for (_, code) in blocks.iter().filter(|(language, _)| language == "sh") {
        let output = programs.run(&terraform, &[], code);
        assert!(output.status.success(), "{code}\n{}", output_text(&output));
        responses.push(serde_json::from_slice::<Value>(&output.stdout).expect("a response in JSON"));
    }
    let [first, second, all] = responses.try_into().expect("three commands");
    assert_eq!(first["metadata"]["taskCount"], 10);
    assert_eq!(second["metadata"]["taskCount"], 4);
    let container = &second["metadata"]["template"]["containers"][0];
    assert_eq!(container["args"], json!(["--scene", "chase"]));
    assert_eq!(container["env"], json!([{ "name": "QUALITY", "value": "draft" }]));
    assert_eq!(all["executions"].as_array().map(Vec::len), Some(2), "{all}");
    assert_eq!(
        emulator.request_lines(),
        [
            "POST /jobs/render:run",
            "POST /jobs/render:run",
            "GET /jobs/render/executions"
        ]
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn guide_snippets_are_formatted() {
    let terraform = terraform();
    let folder = root().join("docs/guides");
    let mut count = 0;
    for path in fs::read_dir(&folder)
        .expect("guides")
        .map(|entry| entry.expect("readable").path())
    {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        for (_, code) in blocks(&guide(&name))
            .into_iter()
            .filter(|(language, _)| language == "hcl")
        {
            count += 1;
            terraform.write(&format!("{name}-{count}.tf"), &code);
        }
    }
    assert!(count > 15, "only {count} snippets were found");
    terraform.run(&["fmt", "-check", "-diff"]).succeeds();
}

fn to_owned_pair((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}
