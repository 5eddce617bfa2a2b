//! The state of what was sent, of what was changed, and of any response.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use super::*;
use crate::job::expand::expand;
use crate::job::identity::job_name;
use crate::job::model::Job;
use crate::job::plan::plan;
use crate::job::plan::tests::{any_config, assert_refines, defaults};
use crate::job::schema::SCHEMA;
use crate::job::validate::tests::config;
use crate::job::validate::validate;
use crate::labels::CREATION_ANNOTATION;
use crate::provider::Defaults;
use cloud_run::Response;
use proptest::prelude::*;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::schema::ExtraAttributes;

pub(crate) fn planned(changes: &str) -> Value {
    plan(&Value::Null, &config(changes), &defaults()).planned
}

/// What the API returns for a job that was sent.
pub(crate) fn job_response(sent: &api::Job) -> api::Job {
    let mut response = sent.clone();
    response.uid = Some("u".to_owned());
    response.generation = Some(1);
    response.observed_generation = Some(1);
    response.etag = Some("\"e\"".to_owned());
    response.create_time = Some("2026-01-01T00:00:00Z".to_owned());
    response.launch_stage = Some("BETA".to_owned());
    response
        .annotations
        .insert("other.example/key".to_owned(), "x".to_owned());
    let task = &mut response.template.template;
    task.service_account
        .get_or_insert("1-compute@developer.gserviceaccount.com".to_owned());
    response.document = serde_json::to_value(&response).unwrap();
    response
}

#[test]
fn drift_is_shown_and_other_notations_are_not() {
    let planned = planned(
        r#"{"resources": {"cpu": "20000m"}, "job": {"task_timeout": "1h", "task_count": 3}, "labels": {"a": "1"},
            "secrets": [{"env_var": "B", "secret_name": "b"}, {"env_var": "A", "secret_name": "a"}]}"#,
    );
    let name = job_name(&planned).unwrap();
    let mut remote = job_response(&expand(&Job::read(&planned)));
    let stored = flatten(&remote, &name, &planned);
    assert_refines(&planned, &stored);

    remote.template.template.containers[0].env.reverse();
    let limits = &mut remote.template.template.containers[0]
        .resources
        .as_mut()
        .unwrap()
        .limits;
    limits.insert("cpu".to_owned(), "20".to_owned());
    remote.labels.insert("unmanaged".to_owned(), "x".to_owned());
    assert_eq!(flatten(&remote, &name, &stored), stored, "no drift");

    remote.template.task_count = Some(7);
    remote.labels.insert("a".to_owned(), "changed".to_owned());
    remote.template.template.node_selector = None;
    let drifted = flatten(&remote, &name, &stored);
    assert_eq!(drifted.get("job").get("task_count"), &Value::from(7));
    assert_eq!(drifted.get("labels").get("a").as_str(), Some("changed"));
    assert_eq!(drifted.get("max_gpu_hours"), &Value::from(28));
}

/// The API omits a member that is false.
#[test]
fn delay_is_read_and_omitted_delay_stays_null() {
    for (configured, drifted, expected) in [
        ("null", false, Value::Null),
        ("false", false, Value::from(false)),
        ("true", true, Value::from(true)),
        ("null", true, Value::from(true)),
        ("true", false, Value::from(false)),
    ] {
        let planned = planned(&format!(r#"{{"job": {{"delay_execution": {configured}}}}}"#));
        let mut remote = job_response(&expand(&Job::read(&planned)));
        assert_eq!(remote.template.delay_execution, configured == "true");
        remote.template.delay_execution = drifted;
        let state = flatten(&remote, &job_name(&planned).unwrap(), &planned);
        assert_eq!(
            state.get("job").get("delay_execution"),
            &expected,
            "{configured} {drifted}"
        );
    }
}

/// The API may return the number of a project for its ID.
#[test]
fn project_number_is_drift_unless_generation_is_known() {
    let planned = planned(
        r#"{"secrets": [{"env_var": "A", "secret_name": "a"}],
            "container": {"image": "i", "volume_mounts": [{"name": "v", "mount_path": "/v"}]},
            "volumes": [{"name": "v", "secret": {"secret": "projects/p/secrets/v"}}],
            "vpc_access": {"network": "n", "subnetwork": "projects/p/regions/us-central1/subnetworks/s",
                           "tags": ["t", "u"]},
            "encryption_key": "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
            "binary_authorization": {"policy": "projects/p/platforms/cloudRun/policies/a"}}"#,
    );
    let name = job_name(&planned).unwrap();
    let sent = expand(&Job::read(&planned));
    let mut full = serde_json::to_string(&job_response(&sent)).unwrap();
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

    let stored = flatten(&numbered, &name, &planned);
    assert_refines(&planned, &stored);
    assert_eq!(
        flatten(&numbered, &name, &stored),
        stored,
        "of the stored generation"
    );

    numbered.generation = Some(4);
    let mut without = stored.clone();
    without.set("generation", Value::Null);
    for hint in [&stored, &without] {
        let drifted = flatten(&numbered, &name, hint);
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
    let imported = for_import(&numbered, &name, &defaults());
    assert!(
        format!("{imported:?}").matches("projects/4711/").count() == 6,
        "{imported:?}"
    );
}

#[test]
fn imported_job_plans_no_change() {
    let changes = r#"{"labels": {"team": "render"}, "annotations": {"a": "b"}, "env": {"A": "1"},
        "secrets": [{"env_var": "K", "secret_name": "k"}], "vpc_access": {"connector": "c"},
        "service_account": "a@p.iam.gserviceaccount.com"}"#;
    let defaults = Defaults {
        labels: Field::Known([("cost".to_owned(), Field::Known("7".to_owned()))].into()),
        ..defaults()
    };
    let planned = plan(&Value::Null, &config(changes), &defaults).planned;
    let mut sent = expand(&Job::read(&planned));
    sent.annotations
        .insert(CREATION_ANNOTATION.to_owned(), "id".to_owned());
    let mut remote = job_response(&sent);
    remote.annotations.remove("other.example/key");
    remote
        .labels
        .insert("goog-terraform-provisioned".to_owned(), "true".to_owned());
    let name = job_name(&planned).unwrap();
    let imported = for_import(&remote, &name, &defaults);
    let again = plan(&imported, &config(changes), &defaults);
    assert_eq!((again.planned, again.requires_replace), (imported, vec![]));
    assert_eq!(missing_gpu_warning(&remote, &name), None);

    let without_gpu: api::Job = serde_json::from_str("{}").unwrap();
    insta::assert_snapshot!(missing_gpu_warning(&without_gpu, &name).unwrap().to_string());
}

/// A volume of each kind, mounted, and a network, key and policy.
pub(crate) const DATA: &str = r#"{
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
fn volumes_and_networks_keep_their_notation() {
    let planned = planned(DATA);
    let name = job_name(&planned).unwrap();
    let mut remote = job_response(&expand(&Job::read(&planned)));
    let stored = flatten(&remote, &name, &planned);
    assert_refines(&planned, &stored);
    assert_eq!(plan(&stored, &config(DATA), &defaults()).planned, stored);

    // Defaults of the API and another order are no drift.
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
    assert_eq!(flatten(&remote, &name, &stored), stored);

    // Changes are.
    let task = &mut remote.template.template;
    task.volumes[4].gcs.as_mut().unwrap().read_only = false;
    task.volumes[2].secret.as_mut().unwrap().default_mode = None;
    task.volumes.remove(3);
    task.containers[0].working_dir = None;
    task.encryption_key = None;
    task.vpc_access.as_mut().unwrap().network_interfaces[0].tags.pop();
    remote.binary_authorization = None;
    let drifted = flatten(&remote, &name, &stored);
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

#[test]
fn drift_of_constant_settings_is_shown() {
    let planned = planned("{}");
    let name = job_name(&planned).unwrap();
    let remote = job_response(&expand(&Job::read(&planned)));
    let stored = flatten(&remote, &name, &planned);
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
        let state = flatten(&remote, &name, &stored);
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

    /// Terraform refuses an apply that changes a known planned value.
    #[test]
    fn state_after_apply_refines_the_plan(config in any_config()) {
        prop_assume!(!validate(&Job::read(&config)).iter().any(Diagnostic::is_error));
        let planned = plan(&Value::Null, &config, &defaults()).planned;
        let remote = job_response(&expand(&Job::read(&planned)));
        let stored = flatten(&remote, &job_name(&planned).unwrap(), &planned);
        prop_assert!(stored.is_wholly_known());
        assert_refines(&planned, &stored);
        let again = plan(&stored, &config, &defaults()).planned;
        prop_assert_eq!(again, stored);
    }
}

/// All JSON pointers of a document.
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
    fn any_response_is_refused_or_becomes_a_state(
        config in any_config(), index in any::<proptest::sample::Index>(), choice in 0..12usize, text in "\\PC{0,12}",
    ) {
        let planned = plan(&Value::Null, &config, &defaults()).planned;
        let sent = job_response(&expand(&Job::read(&planned)));
        let mut document = serde_json::to_value(&sent).unwrap();
        document["name"] = "projects/p/locations/l/jobs/n".into();
        let anything = serde_json::json!([
            null, true, 0, -1, 1.5, i64::MAX, text, "", [], {}, [{"name": text}], {"a": text}
        ]);
        let all = pointers("", &document);
        *document.pointer_mut(&all[index.index(all.len())]).unwrap() = anything[choice].clone();
        let response = Response::new(200, document.to_string().into_bytes(), None).unwrap();
        let Ok(remote) = response.read::<api::Job>() else { return Ok(()) };
        let known = |attribute| planned.get(attribute).as_str().unwrap_or("x");
        let name = JobName::new(known("project"), known("location"), "n");
        for hint in [Value::Null, planned.clone(), for_import(&remote, &name, &defaults())] {
            let state = flatten(&remote, &name, &hint);
            prop_assert_eq!(SCHEMA.coerce(state.clone(), ExtraAttributes::Error), Ok(state.clone()));
            prop_assert!(state.is_wholly_known());
            prop_assert_eq!(flatten(&remote, &name, &state), state, "read again");
        }
    }
}

#[test]
fn missing_parallelism_is_the_task_count() {
    let planned = planned(r#"{"job": {"task_count": 10, "parallelism": 2}}"#);
    let mut remote = job_response(&expand(&Job::read(&planned)));
    for missing in [None, Some(0)] {
        remote.template.parallelism = missing;
        let state = flatten(&remote, &job_name(&planned).unwrap(), &planned);
        assert_eq!(
            state.get("job").get("parallelism"),
            &Value::from(10),
            "{missing:?}"
        );
    }
}

#[test]
fn label_differing_from_default_is_imported() {
    let provided = [("team", "audio"), ("tier", "batch")]
        .map(|(key, value)| (key.to_owned(), Field::Known(value.to_owned())));
    let defaults = Defaults {
        labels: Field::Known(provided.into()),
        ..defaults()
    };
    let planned = planned(r#"{"labels": {"team": "render", "tier": "batch"}}"#);
    let remote = job_response(&expand(&Job::read(&planned)));
    let state = for_import(&remote, &job_name(&planned).unwrap(), &defaults);
    assert_eq!(
        state.get("labels"),
        &Value::from([("team", Value::from("render"))])
    );
}
