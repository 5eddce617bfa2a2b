//! The guides in `docs/guides/`, word for word: what they tell to type is typed, and what they show is seen.

mod shell;

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use self::shell::{Programs, bash, blocks, free_port, guide, root, tight, told};
use super::{cloud, job, terraform};
use crate::harness::{TOKEN, binaries};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn getting_started_goes_as_it_is_told() {
    let (until, _) = guide("getting-started")
        .split_once("\n## In a project")
        .map(owned)
        .expect("two parts");
    let port = free_port().to_string();
    // What the guide builds is built; its emulator ends with the script, whatever happens.
    let mut script = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n".to_owned();
    let mut shown = Vec::new();
    for (language, code) in blocks(&until) {
        match language.as_str() {
            "sh" => script.push_str(&code.replace("cargo build --workspace --bins\n", "")),
            "hcl" => script.push_str(&format!("cat > main.tf <<'HCL'\n{code}HCL\n")),
            "text" => shown.extend(code.lines().map(str::to_owned)),
            other => panic!("the guide has a block of {other}"),
        }
    }
    assert!(!script.contains("cargo"), "{script}");
    assert_eq!(shown.len(), 6, "{shown:?}");

    let repository = tempfile::tempdir().expect("a folder");
    let built = binaries::provider().expect("make builds it");
    fs::create_dir(repository.path().join("target")).expect("a folder takes folders");
    symlink(
        built.parent().expect("a folder"),
        repository.path().join("target/debug"),
    )
    .expect("a link");
    fs::create_dir(repository.path().join("home")).expect("a folder takes folders");
    let programs = Programs::new();
    let mut environment = programs.environment();
    environment.insert(
        "HOME".to_owned(),
        repository.path().join("home").display().to_string(),
    );
    environment.insert("CHECKPOINT_DISABLE".to_owned(), "1".to_owned());
    environment.insert("TF_CLI_ARGS".to_owned(), "-no-color".to_owned());
    let output = bash(&script.replace("8085", &port), repository.path(), &environment);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    for line in shown {
        assert!(
            tight(&told).contains(&tight(&line)),
            "nobody says {line:?}\n{told}"
        );
    }
    assert!(
        told.contains("/jobs/render/executions/"),
        "no execution was started\n{told}"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn executions_are_started_by_the_commands_of_the_guide() {
    let (cloud, terraform) = cloud();
    let guide = guide("executions");
    let blocks = blocks(&guide);
    let outputs = &blocks
        .iter()
        .find(|(language, _)| language == "hcl")
        .expect("outputs")
        .1;
    terraform.write(
        "main.tf",
        &format!("{}\n{outputs}", job("job = { task_count = 10 }")),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds();

    let programs = Programs::new();
    programs.add(
        "gcloud",
        &format!("test \"$*\" = 'auth print-access-token'\necho {TOKEN}\n"),
    );
    programs.add("curl", CURL);
    let mut environment = terraform.environment().clone();
    environment.extend(programs.environment());
    environment.insert("EMULATOR".to_owned(), cloud.address().to_owned());
    cloud.clear_requests();
    let mut answers = Vec::new();
    for (_, code) in blocks.iter().filter(|(language, _)| language == "sh") {
        let output = bash(code, terraform.folder(), &environment);
        assert!(output.status.success(), "{code}\n{}", told(&output));
        answers.push(serde_json::from_slice::<Value>(&output.stdout).expect("an answer in JSON"));
    }
    let [first, second, all] = answers.try_into().expect("three commands");
    assert_eq!(first["metadata"]["taskCount"], 10);
    assert_eq!(second["metadata"]["taskCount"], 4);
    let container = &second["metadata"]["template"]["containers"][0];
    assert_eq!(container["args"], json!(["--scene", "chase"]));
    assert_eq!(container["env"], json!([{ "name": "QUALITY", "value": "draft" }]));
    assert_eq!(all["executions"].as_array().map(Vec::len), Some(2), "{all}");
    assert_eq!(
        cloud.lines(),
        [
            "POST /jobs/render:run",
            "POST /jobs/render:run",
            "GET /jobs/render/executions"
        ]
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn fragments_are_formatted_as_terraform_formats() {
    let terraform = terraform();
    let folder = root().join("docs/guides");
    let mut seen = 0;
    for path in fs::read_dir(&folder)
        .expect("guides")
        .map(|entry| entry.expect("readable").path())
    {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        for (_, code) in blocks(&guide(&name))
            .into_iter()
            .filter(|(language, _)| language == "hcl")
        {
            seen += 1;
            terraform.write(&format!("{name}-{seen}.tf"), &code);
        }
    }
    assert!(seen > 15, "only {seen} fragments were found");
    terraform.run(&["fmt", "-check", "-diff"]).succeeds();
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// The machine's curl, with the emulator for Google.
const CURL: &str = r##"PATH=${PATH#*:}
for argument do
  shift
  set -- "$@" "$(printf %s "$argument" | sed "s#https://run.googleapis.com#http://${EMULATOR#http://}#")"
done
exec curl "$@"
"##;
