//! Plans that depend on the state: of ended, interrupted and imported executions, and of older versions.

use super::*;

/// The state does not show whether an execution was interrupted; the private state does.
#[test]
fn state_decides_with_the_private_state() {
    let interrupted = PrivateState {
        interrupted: true,
        failure: Some("NON_ZERO_EXIT_CODE: \"Task t failed.\"".to_owned()),
        imported: false,
    };
    let (none, rerun) = (
        PrivateState::default(),
        "replace state; Failed execution runs again",
    );
    let cancels = "replace triggers; Cancellation of an execution";
    for (state, private, unchanged, changed, deleted) in [
        (
            "PENDING",
            &none,
            "update ",
            cancels,
            "delete; Cancellation of an execution",
        ),
        (
            "RUNNING",
            &none,
            "update ",
            cancels,
            "delete; Cancellation of an execution",
        ),
        ("SUCCEEDED", &none, "update ", "replace triggers", "delete"),
        ("FAILED", &none, "update ", "replace triggers", "delete"),
        ("CANCELLED", &none, "update ", "replace triggers", "delete"),
        (
            "RUNNING",
            &interrupted,
            "update ",
            cancels,
            "delete; Cancellation of an execution",
        ),
        ("SUCCEEDED", &interrupted, "update ", "replace triggers", "delete"),
        (
            "FAILED",
            &interrupted,
            rerun,
            "replace triggers state; Failed execution runs again",
            "delete",
        ),
        (
            "CANCELLED",
            &interrupted,
            rerun,
            "replace triggers state; Failed execution runs again",
            "delete",
        ),
    ] {
        let prior = applied(&config(""), state);
        for (config, expected) in [
            (config(""), unchanged),
            (config(r#""triggers": {"a": "b"}"#), changed),
            (Value::Null, deleted),
        ] {
            let plan = plan_of(&prior, &config, private);
            assert_eq!(action(&prior, &plan), expected, "{state} {private:?}");
            if !config.is_null() {
                // Terraform plans a replacement again, with the old private state.
                let again = plan_of(&Value::Null, &config, private);
                assert_eq!(action(&Value::Null, &again), "create", "{state} {private:?}");
            }
        }
    }
}

#[test]
fn imported_execution_takes_the_configuration_over() {
    let mut imported = applied(&config(""), "RUNNING");
    imported.set("wait", Value::Null);
    let private = PrivateState {
        imported: true,
        ..PrivateState::default()
    };
    let warning = "; Imported execution";
    for (after, expected) in [
        // The apply of this change ends the import.
        (String::new(), "update wait".to_owned()),
        (r#""job": "train""#.to_owned(), "update wait".to_owned()),
        (r#""triggers": {}"#.to_owned(), "update triggers wait".to_owned()),
        (
            r#""triggers": {"uid": "u"}"#.to_owned(),
            format!("update triggers wait{warning}"),
        ),
        (
            FULL.to_owned(),
            format!(
                "update triggers args env task_count task_timeout delay_execution wait timeouts{warning}"
            ),
        ),
        (
            format!(r#""job": "{JOB}-2", "triggers": {{"uid": "u"}}"#),
            "replace job; Cancellation of an execution".to_owned(),
        ),
    ] {
        let plan = plan_of(&imported, &config(&after), &private);
        assert_eq!(action(&imported, &plan), expected, "{after}");
    }
}

#[test]
fn state_of_an_older_version_plans_no_change() {
    for attributes in ["", FULL] {
        let config = config(attributes);
        let complete = applied(&config, "SUCCEEDED");
        let newest = SCHEMA
            .attributes
            .iter()
            .filter(|attribute| config.get(attribute.name).is_null());
        for attribute in newest {
            let mut old = complete.clone();
            old.set(attribute.name, Value::Null);
            let plan = plan_of(&old, &config, &PrivateState::default());
            assert_eq!(action(&old, &plan), "update ", "{}", attribute.name);
        }
    }
}

#[test]
fn generated_config_plans_no_change() {
    for attributes in ["", FULL] {
        let state = applied(&config(attributes), "SUCCEEDED");
        let generated = SCHEMA.config_from_state(&state);
        assert_eq!(generated, config(attributes), "defaults are omitted");
        let plan = plan_of(&state, &generated, &PrivateState::default());
        assert_eq!(action(&state, &plan), "update ");
    }
}
