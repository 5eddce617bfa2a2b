//! What is asked of Google, and what comes back into the state.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use super::*;
use crate::job::CREATION_ANNOTATION;
use crate::job::plan::plan;
use crate::job::plan::tests::{any_config, assert_refines, defaults};
use crate::job::schema::SCHEMA;
use crate::job::validate::tests::config;
use crate::job::validate::validate;
use crate::provider::Defaults;
use cloud_run::Response;
use proptest::prelude::*;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::schema::ExtraAttributes;

fn planned(changes: &str) -> Value {
    plan(&Value::Null, &config(changes), &defaults()).planned
}

/// What Google answers to a job it was asked for: the same, with what only Google knows.
pub(crate) fn answered(asked: &api::Job) -> api::Job {
    let mut answer = asked.clone();
    answer.uid = Some("u".to_owned());
    answer.generation = Some(1);
    answer.observed_generation = Some(1);
    answer.etag = Some("\"e\"".to_owned());
    answer.create_time = Some("2026-01-01T00:00:00Z".to_owned());
    answer.launch_stage = Some("BETA".to_owned());
    answer
        .annotations
        .insert("somebody.example/else".to_owned(), "x".to_owned());
    let task = &mut answer.template.template;
    task.service_account
        .get_or_insert("1-compute@developer.gserviceaccount.com".to_owned());
    answer.document = serde_json::to_value(&answer).unwrap();
    answer
}

#[test]
fn the_contracts_example_is_asked_for_as_the_api_wants_it() {
    let planned = planned(
        r#"{"job": {"task_count": 10, "parallelism": 2}, "env": {"B": "2", "A": "1"},
            "secrets": [{"env_var": "API_KEY", "secret_name": "my-api-key"}],
            "container": {"image": "gcr.io/p/i", "args": ["--fast"]},
            "vpc_access": {"connector": "c", "egress": "all-traffic"}, "labels": {"team": "render"}}"#,
    );
    let asked = serde_json::to_string_pretty(&desired(&Job::read(&planned))).unwrap();
    insta::assert_snapshot!(asked, @r#"
    {
      "labels": {
        "team": "render"
      },
      "client": "terraform",
      "clientVersion": "0.1.0",
      "launchStage": "ALPHA",
      "template": {
        "parallelism": 2,
        "taskCount": 10,
        "template": {
          "containers": [
            {
              "image": "gcr.io/p/i",
              "args": [
                "--fast"
              ],
              "env": [
                {
                  "name": "A",
                  "value": "1"
                },
                {
                  "name": "B",
                  "value": "2"
                },
                {
                  "name": "API_KEY",
                  "valueSource": {
                    "secretKeyRef": {
                      "secret": "my-api-key",
                      "version": "latest"
                    }
                  }
                }
              ],
              "resources": {
                "limits": {
                  "cpu": "20",
                  "memory": "80Gi",
                  "nvidia.com/gpu": "1"
                }
              }
            }
          ],
          "maxRetries": 3,
          "timeout": "3600s",
          "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
          "vpcAccess": {
            "connector": "projects/p/locations/us-central1/connectors/c",
            "egress": "ALL_TRAFFIC"
          },
          "nodeSelector": {
            "accelerator": "nvidia-rtx-pro-6000"
          },
          "gpuZonalRedundancyDisabled": true
        }
      }
    }
    "#);
}

#[test]
fn what_others_put_on_a_job_stays_and_what_we_gave_up_goes() {
    let before =
        planned(r#"{"labels": {"ours": "1", "dropped": "1", "imported": "1"}, "annotations": {"a": "1"}}"#);
    let after = planned(r#"{"labels": {"ours": "2"}}"#);
    let mut seen = answered(&desired(&Job::read(&before)));
    seen.labels.insert("theirs".to_owned(), "x".to_owned());
    let imported = Imported {
        labels: ["imported".to_owned(), "ours".to_owned()].into(),
        ..Imported::default()
    };
    let document = replacement(&after, &before, &imported, &seen);
    assert_eq!(
        document["labels"],
        serde_json::json!({"imported": "1", "ours": "2", "theirs": "x"})
    );
    assert_eq!(
        document["annotations"],
        serde_json::json!({"somebody.example/else": "x"})
    );
    assert_eq!(document["etag"], "\"e\"");
    let dropped = planned(r#"{"labels": {"ours": "1", "dropped": "1"}, "annotations": {"a": "1"}}"#);
    assert!(sends_the_same(&before, &dropped, &imported));
    assert!(!sends_the_same(&before, &dropped, &Imported::default()));
    assert!(!sends_the_same(&before, &after, &imported));
}

#[test]
fn drift_is_seen_and_other_spellings_are_none() {
    let planned = planned(
        r#"{"resources": {"cpu": "20000m"}, "job": {"task_timeout": "1h", "task_count": 3}, "labels": {"a": "1"},
            "secrets": [{"env_var": "B", "secret_name": "b"}, {"env_var": "A", "secret_name": "a"}]}"#,
    );
    let name = name_of(&planned).unwrap();
    let mut remote = answered(&desired(&Job::read(&planned)));
    let stored = state(&remote, &name, &planned);
    assert_refines(&planned, &stored);

    remote.template.template.containers[0].env.reverse();
    let limits = &mut remote.template.template.containers[0]
        .resources
        .as_mut()
        .unwrap()
        .limits;
    limits.insert("cpu".to_owned(), "20".to_owned());
    remote.labels.insert("theirs".to_owned(), "x".to_owned());
    assert_eq!(state(&remote, &name, &stored), stored, "nothing of this is drift");

    remote.template.task_count = Some(7);
    remote.labels.insert("a".to_owned(), "changed".to_owned());
    remote.template.template.node_selector = None;
    let drifted = state(&remote, &name, &stored);
    assert_eq!(drifted.get("job").get("task_count"), &Value::from(7));
    assert_eq!(drifted.get("labels").get("a").as_str(), Some("changed"));
    assert_eq!(drifted.get("max_gpu_hours"), &Value::from(28));
}

/// Google may return the number of a project for its id.
#[test]
fn a_number_for_an_id_is_drift_unless_the_answer_is_about_what_was_written() {
    let planned = planned(
        r#"{"secrets": [{"env_var": "A", "secret_name": "a"}],
            "container": {"image": "i", "volume_mounts": [{"name": "v", "mount_path": "/v"}]},
            "volumes": [{"name": "v", "secret": {"secret": "projects/p/secrets/v"}}],
            "vpc_access": {"network": "n", "subnetwork": "projects/p/regions/us-central1/subnetworks/s",
                           "tags": ["t", "u"]},
            "encryption_key": "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
            "binary_authorization": {"policy": "projects/p/platforms/cloudRun/policies/a"}}"#,
    );
    let name = name_of(&planned).unwrap();
    let asked = desired(&Job::read(&planned));
    let mut full = serde_json::to_string(&answered(&asked)).unwrap();
    for (short, long) in [
        ("\"a\"", "\"projects/p/secrets/a\""),
        ("\"n\"", "\"projects/p/global/networks/n\""),
    ] {
        full = full.replace(&format!(":{short}"), &format!(":{long}"));
    }
    let mut numbered: api::Job =
        serde_json::from_str(&full.replace("projects/p/", "projects/4711/")).unwrap();
    let interface = &mut numbered
        .template
        .template
        .vpc_access
        .as_mut()
        .unwrap()
        .network_interfaces[0];
    interface.tags = ["u", "t", "u"].map(str::to_owned).to_vec();
    numbered.generation = Some(3);
    numbered.observed_generation = Some(3);

    let stored = state(&numbered, &name, &planned);
    assert_refines(&planned, &stored);
    assert_eq!(
        state(&numbered, &name, &stored),
        stored,
        "of the stored generation"
    );

    numbered.generation = Some(4);
    let mut without = stored.clone();
    without.set("generation", Value::Null);
    for hint in [&stored, &without] {
        let drifted = state(&numbered, &name, hint);
        for attribute in [
            "secrets",
            "volumes",
            "vpc_access",
            "encryption_key",
            "binary_authorization",
        ] {
            assert_ne!(drifted.get(attribute), stored.get(attribute), "{attribute}");
        }
    }
    let imported = imported(&numbered, &name, &defaults());
    assert!(
        format!("{imported:?}").matches("projects/4711/").count() == 6,
        "{imported:?}"
    );
}

#[test]
fn an_imported_job_that_is_equal_plans_nothing() {
    let changes = r#"{"labels": {"team": "render"}, "annotations": {"a": "b"}, "env": {"A": "1"},
        "secrets": [{"env_var": "K", "secret_name": "k"}], "vpc_access": {"connector": "c"},
        "service_account": "a@p.iam.gserviceaccount.com"}"#;
    let defaults = Defaults {
        labels: Field::Known([("cost".to_owned(), Field::Known("7".to_owned()))].into()),
        ..defaults()
    };
    let planned = plan(&Value::Null, &config(changes), &defaults).planned;
    let mut sent = desired(&Job::read(&planned));
    sent.annotations
        .insert(CREATION_ANNOTATION.to_owned(), "id".to_owned());
    let mut remote = answered(&sent);
    remote.annotations.remove("somebody.example/else");
    remote
        .labels
        .insert("goog-terraform-provisioned".to_owned(), "true".to_owned());
    let name = name_of(&planned).unwrap();
    let imported = imported(&remote, &name, &defaults);
    let again = plan(&imported, &config(changes), &defaults);
    assert_eq!((again.planned, again.requires_replace), (imported, vec![]));
    assert_eq!(import_warning(&remote, &name), None);
}

/// One volume of each kind, mounted, and the rest of what guards a job and leads it into a VPC.
const DATA: &str = r#"{
    "container": {"image": "i", "working_dir": "/w", "volume_mounts": [
        {"name": "models", "mount_path": "/models", "sub_path": "v1"}, {"name": "share", "mount_path": "/share"},
        {"name": "license", "mount_path": "/license"}, {"name": "space", "mount_path": "/space"},
        {"name": "more", "mount_path": "/more"}]},
    "volumes": [
        {"name": "models", "gcs": {"bucket": "my-bucket", "read_only": true, "mount_options": ["implicit-dirs"]}},
        {"name": "share", "nfs": {"server": "10.0.0.2", "path": "/share"}},
        {"name": "license", "secret": {"secret": "k", "default_mode": "0400", "items": [{"path": "a", "version": "3"},
            {"path": "b", "mode": "444"}]}},
        {"name": "space", "empty_dir": {"size_limit": "16Gi"}}, {"name": "more", "empty_dir": {}}],
    "vpc_access": {"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n", "tags": ["u", "t"]},
    "encryption_key": "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
    "binary_authorization": {"use_default": true}, "service_account": "a@p.iam.gserviceaccount.com"}"#;

#[test]
fn data_networks_and_guards_are_asked_for_as_the_api_wants_them() {
    let asked = serde_json::to_value(desired(&Job::read(&planned(DATA)))).unwrap();
    assert_eq!(
        asked["binaryAuthorization"],
        serde_json::json!({"useDefault": true})
    );
    let task = &asked["template"]["template"];
    let told = serde_json::to_string_pretty(&serde_json::json!({
        "container": task["containers"][0], "volumes": task["volumes"], "vpcAccess": task["vpcAccess"],
        "encryptionKey": task["encryptionKey"],
    }));
    insta::assert_snapshot!(told.unwrap());
}

#[test]
fn data_networks_and_guards_come_back_as_they_were_written() {
    let planned = planned(DATA);
    let name = name_of(&planned).unwrap();
    let mut remote = answered(&desired(&Job::read(&planned)));
    let stored = state(&remote, &name, &planned);
    assert_refines(&planned, &stored);
    assert_eq!(plan(&stored, &config(DATA), &defaults()).planned, stored);

    // What Google fills in, and what it may put in another order, is no drift.
    let task = &mut remote.template.template;
    task.containers[0].volume_mounts.reverse();
    task.volumes[4].empty_dir.as_mut().unwrap().size_limit = Some("40Gi".to_owned());
    task.volumes.reverse();
    let secret = task.volumes[2].secret.as_mut().unwrap();
    secret.items.reverse();
    secret.items[1].mode = Some(0o400);
    task.volumes[4].gcs.as_mut().unwrap().mount_options = vec!["implicit-dirs".to_owned()];
    let interface = &mut task.vpc_access.as_mut().unwrap().network_interfaces[0];
    interface.subnetwork = Some("projects/p/regions/us-central1/subnetworks/n".to_owned());
    interface.network = Some("n".to_owned());
    interface.tags.reverse();
    assert_eq!(state(&remote, &name, &stored), stored);

    // What somebody has changed is.
    let task = &mut remote.template.template;
    task.volumes[4].gcs.as_mut().unwrap().read_only = false;
    task.volumes[2].secret.as_mut().unwrap().default_mode = None;
    task.volumes.remove(3);
    task.containers[0].working_dir = None;
    task.encryption_key = None;
    task.vpc_access.as_mut().unwrap().network_interfaces[0].tags.pop();
    remote.binary_authorization = None;
    let drifted = state(&remote, &name, &stored);
    for attribute in [
        "container",
        "volumes",
        "vpc_access",
        "encryption_key",
        "binary_authorization",
    ] {
        assert_ne!(drifted.get(attribute), stored.get(attribute), "{attribute}");
    }
}

/// What is always sent: another value on the job is planned away.
#[test]
fn drift_in_what_is_always_sent_is_seen() {
    let planned = planned("{}");
    let name = name_of(&planned).unwrap();
    let remote = answered(&desired(&Job::read(&planned)));
    let stored = state(&remote, &name, &planned);
    let limit = |amount: Option<&str>| {
        let amount = amount.map(str::to_owned);
        move |task: &mut api::TaskTemplate| {
            let limits = &mut task.containers[0].resources.as_mut().unwrap().limits;
            limits.remove(GPU_LIMIT);
            limits.extend(amount.clone().map(|amount| (GPU_LIMIT.to_owned(), amount)));
        }
    };
    let enabled = |change: &dyn Fn(&mut api::TaskTemplate)| {
        let mut remote = remote.clone();
        change(&mut remote.template.template);
        let state = state(&remote, &name, &stored);
        let planned = plan(&state, &config("{}"), &defaults()).planned;
        assert_eq!(planned.get("gpu"), stored.get("gpu"));
        assert_eq!(
            planned.get("generation").is_unknown(),
            state.get("gpu") != stored.get("gpu")
        );
        state.get("gpu").get("enabled") == &Value::Bool(true)
    };
    assert!(enabled(&|_| {}));
    assert!(enabled(&limit(Some("1"))));
    for amount in [None, Some("0"), Some("2"), Some("1k"), Some(""), Some("one")] {
        assert!(!enabled(&limit(amount)), "{amount:?}");
    }
    assert!(!enabled(&|task| task.node_selector = None));
    assert!(!enabled(&|task| task.gpu_zonal_redundancy_disabled = None));
    assert!(!enabled(&|task| task.gpu_zonal_redundancy_disabled = Some(false)));
    assert!(!enabled(
        &|task| task.execution_environment = Some("EXECUTION_ENVIRONMENT_GEN1".to_owned())
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    /// Terraform compares what an apply stores with what was planned: known stays, unknown becomes known.
    #[test]
    fn what_an_apply_stores_is_what_was_planned(config in any_config()) {
        prop_assume!(!validate(&Job::read(&config)).iter().any(Diagnostic::is_error));
        let planned = plan(&Value::Null, &config, &defaults()).planned;
        let remote = answered(&desired(&Job::read(&planned)));
        let stored = state(&remote, &name_of(&planned).unwrap(), &planned);
        prop_assert!(stored.is_wholly_known());
        assert_refines(&planned, &stored);
        let again = plan(&stored, &config, &defaults()).planned;
        prop_assert_eq!(again, stored);
    }
}

/// All places of a document, as JSON pointers.
pub(crate) fn pointers(at: &str, json: &serde_json::Value) -> Vec<String> {
    let inside: Vec<(String, &serde_json::Value)> = match json {
        serde_json::Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), member))
            .collect(),
        serde_json::Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    let inside = inside.into_iter().map(|(name, member)| {
        let name = name.replace('~', "~0").replace('/', "~1");
        pointers(&format!("{at}/{name}"), member)
    });
    inside.flatten().chain([at.to_owned()]).collect()
}

proptest! {
    #[test]
    fn an_answer_with_anything_in_it_is_refused_or_becomes_a_state(
        config in any_config(), place in any::<proptest::sample::Index>(), choice in 0..12usize, text in "\\PC{0,12}",
    ) {
        let planned = plan(&Value::Null, &config, &defaults()).planned;
        let asked = answered(&desired(&Job::read(&planned)));
        let mut document = serde_json::to_value(&asked).unwrap();
        document["name"] = "projects/p/locations/l/jobs/n".into();
        let anything = serde_json::json!([
            null, true, 0, -1, 1.5, i64::MAX, text, "", [], {}, [{"name": text}], {"a": text}
        ]);
        let all = pointers("", &document);
        *document.pointer_mut(&all[place.index(all.len())]).unwrap() = anything[choice].clone();
        let reply = Response::new(200, document.to_string().into_bytes(), None).unwrap();
        let Ok(remote) = reply.read::<api::Job>() else { return Ok(()) };
        let place = |attribute| planned.get(attribute).as_str().unwrap_or("x");
        let name = JobName::new(place("project"), place("location"), "n");
        for hint in [Value::Null, planned.clone(), imported(&remote, &name, &defaults())] {
            let told = state(&remote, &name, &hint);
            prop_assert_eq!(SCHEMA.coerce(told.clone(), ExtraAttributes::Error), Ok(told.clone()));
            prop_assert!(told.is_wholly_known());
            prop_assert_eq!(state(&remote, &name, &told), told, "read again");
        }
    }
}

#[test]
fn no_parallelism_is_as_much_as_there_are_tasks() {
    let planned = planned(r#"{"job": {"task_count": 10, "parallelism": 2}}"#);
    let mut remote = answered(&desired(&Job::read(&planned)));
    for none in [None, Some(0)] {
        remote.template.parallelism = none;
        let state = state(&remote, &name_of(&planned).unwrap(), &planned);
        assert_eq!(state.get("job").get("parallelism"), &Value::from(10), "{none:?}");
    }
}

#[test]
fn a_label_that_differs_from_the_providers_is_the_jobs_own() {
    let provided = [("team", "audio"), ("tier", "batch")]
        .map(|(key, value)| (key.to_owned(), Field::Known(value.to_owned())));
    let defaults = Defaults {
        labels: Field::Known(provided.into()),
        ..defaults()
    };
    let planned = planned(r#"{"labels": {"team": "render", "tier": "batch"}}"#);
    let remote = answered(&desired(&Job::read(&planned)));
    let state = imported(&remote, &name_of(&planned).unwrap(), &defaults);
    assert_eq!(
        state.get("labels"),
        &Value::from([("team", Value::from("render"))])
    );
}
