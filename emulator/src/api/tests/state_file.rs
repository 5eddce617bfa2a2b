//! `--state`: what a restart restores.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{JOBS, TestEmulator, minimal_task};

/// A path in a temporary folder, which is removed when dropped.
struct StateFile(PathBuf);

impl StateFile {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("cloudrun-emulator-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder.join("state.json"))
    }

    fn start(&self) -> Result<TestEmulator, String> {
        TestEmulator::start(Some(self.0.clone()))
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[test]
fn restart_restores_resources_and_pending_operations() {
    let file = StateFile::new();
    let first = file.start().unwrap();
    let job = json!({ "template": { "template": minimal_task() } });
    first.send_ok("POST", &format!("{JOBS}?jobId=gone"), &job);
    first.send_ok("DELETE", &format!("{JOBS}/gone"), &Value::Null);
    first.advance_hours(2);
    let create = first.send_ok("POST", &format!("{JOBS}?jobId=render"), &job);
    let (execution, run) = first.run(&Value::Null);
    let policy =
        json!({ "policy": { "bindings": [{ "role": "roles/run.invoker", "members": ["allUsers"] }] } });
    let policy = first.send_ok("POST", &format!("{JOBS}/render:setIamPolicy"), &policy);
    let before = [
        first.job(),
        first.get(&execution),
        first.get(&run),
        first.get(&format!("{JOBS}?showDeleted=true")),
    ];
    drop(first);

    let second = file.start().unwrap();
    let after = [
        second.job(),
        second.get(&execution),
        second.get(&run),
        second.get(&format!("{JOBS}?showDeleted=true")),
    ];
    assert_eq!(before, after);
    assert_eq!(second.get(&format!("{JOBS}/render:getIamPolicy")), policy);
    // Pending operations are done at their time.
    let create = format!("/v2/{}", create["name"].as_str().unwrap());
    assert!(second.get(&create).get("done").is_none());
    second.advance_hours(12);
    for operation in [&create, &run] {
        assert_eq!(second.get(operation)["done"], true, "{operation}");
    }
    drop(second);
    assert_eq!(
        file.start().unwrap().job()["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_SUCCEEDED"
    );
}

#[test]
fn rejected_request_leaves_file_unchanged() {
    let file = StateFile::new();
    let emulator = file.start().unwrap();
    let before = std::fs::read(&file.0).unwrap();
    let (status, _) = emulator.call(
        "POST",
        &format!("{JOBS}?jobId=render"),
        &json!({ "template": {} }),
    );
    assert_eq!(status, 400);
    assert_eq!(std::fs::read(&file.0).unwrap(), before);
    assert_eq!(
        std::fs::read_dir(file.0.parent().unwrap()).unwrap().count(),
        1,
        "no temporary file remains"
    );
}

#[test]
fn other_files_are_not_overwritten() {
    let file = StateFile::new();
    for text in ["not JSON", "{}", r#"{"jobs":[]}"#] {
        std::fs::write(&file.0, text).unwrap();
        let error = file.start().err().expect("an error");
        assert!(error.contains("must be a state file of this version"), "{error}");
        assert_eq!(std::fs::read_to_string(&file.0).unwrap(), text);
    }
    let missing_folder = file.0.join("no/such/folder");
    assert!(TestEmulator::start(Some(missing_folder)).is_err());
}
