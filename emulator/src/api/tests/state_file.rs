//! What a start finds of the one before.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Cloud, JOBS, plain};

/// A path in a folder of its own, which goes with it.
struct StateFile(PathBuf);

impl StateFile {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("cloudrun-emulator-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder.join("state.json"))
    }

    fn start(&self) -> Result<Cloud, String> {
        Cloud::start(Some(self.0.clone()))
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[test]
fn a_start_finds_what_the_last_one_left_and_goes_on_with_it() {
    let file = StateFile::new();
    let first = file.start().unwrap();
    let job = json!({ "template": { "template": plain() } });
    first.good_now("POST", &format!("{JOBS}?jobId=gone"), &job);
    first.good_now("DELETE", &format!("{JOBS}/gone"), &Value::Null);
    first.after_hours(2);
    let create = first.good_now("POST", &format!("{JOBS}?jobId=render"), &job);
    let (execution, run) = first.run(&Value::Null);
    let policy =
        json!({ "policy": { "bindings": [{ "role": "roles/run.invoker", "members": ["allUsers"] }] } });
    let policy = first.good_now("POST", &format!("{JOBS}/render:setIamPolicy"), &policy);
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
    // What was under way comes to its end.
    let create = format!("/v2/{}", create["name"].as_str().unwrap());
    assert!(second.get(&create).get("done").is_none());
    second.after_hours(12);
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
fn a_refused_change_leaves_no_trace_in_the_file() {
    let file = StateFile::new();
    let cloud = file.start().unwrap();
    let before = std::fs::read(&file.0).unwrap();
    let (status, _) = cloud.call(
        "POST",
        &format!("{JOBS}?jobId=render"),
        &json!({ "template": {} }),
    );
    assert_eq!(status, 400);
    assert_eq!(std::fs::read(&file.0).unwrap(), before);
    assert_eq!(
        std::fs::read_dir(file.0.parent().unwrap()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn a_file_that_is_no_state_file_is_not_overwritten() {
    let file = StateFile::new();
    for text in ["not JSON", "{}", r#"{"jobs":[]}"#] {
        std::fs::write(&file.0, text).unwrap();
        let refused = file.start().err().expect("it is refused");
        assert!(
            refused.contains("is not a state file of this version"),
            "{refused}"
        );
        assert_eq!(std::fs::read_to_string(&file.0).unwrap(), text);
    }
    let nowhere = file.0.join("no/such/folder");
    assert!(Cloud::start(Some(nowhere)).is_err());
}
