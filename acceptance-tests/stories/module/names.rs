//! Names and labels out of what the platform knows, whatever it knows.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::cloud;
use super::{JOB, spec};
use crate::harness::platform::{Call, Root};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_name_becomes_a_job_of_its_own() {
    let (cloud, terraform) = cloud();
    // With `media-demo-` before it, a name has eleven characters more.
    let names = [
        "a".repeat(52),
        "a".repeat(53),
        "a".repeat(189),
        format!("{}b", "a".repeat(188)),
        format!("{}c", "a".repeat(188)),
        "Video_Processor".to_owned(),
        "video_processor".to_owned(),
        "video-processor".to_owned(),
        "video--processor".to_owned(),
        "video.processor-".to_owned(),
    ];
    let calls: Vec<_> = names
        .iter()
        .map(|name| (name.clone(), call(name, "media-demo")))
        .collect();
    Root::new().calling_each("job", &calls).lay(&terraform);
    terraform.init().succeeds();
    terraform
        .apply()
        .succeeds()
        .says(&format!("{} added", names.len()));

    let ids: BTreeSet<String> = cloud.jobs().iter().map(id).collect();
    assert_eq!(ids.len(), names.len(), "{ids:?}");
    for id in &ids {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(
            (1..=63).contains(&id.len()) && id.chars().all(plain) && !id.ends_with('-'),
            "{id}"
        );
    }
    // What Cloud Run takes as it is stays as it is.
    for name in [&names[0], &names[7]] {
        assert!(ids.contains(&format!("media-demo-{name}")), "{name} in {ids:?}");
    }
    let outputs = terraform.output("job");
    for name in &names {
        let state = terraform_name(&outputs, name);
        let labels = &cloud.job(&state).expect("the job of the output")["labels"];
        let label = labels["instance"].as_str().expect("a label");
        assert!(label.len() <= 63 && label.to_lowercase() == label, "{label}");
    }
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn instances_and_environments_do_not_meet() {
    let (cloud, terraform) = cloud();
    let calls = [
        ("first", "media-demo"),
        ("second", "media-demo"),
        ("first", "media-live"),
    ];
    let mut root = Root::new();
    for (instance, environment) in calls {
        root = root.calling(&format!("{instance}_{environment}"), &call(instance, environment));
    }
    root.lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds().says("3 added");
    let uids: BTreeSet<_> = calls
        .iter()
        .map(|(instance, environment)| {
            let job = cloud
                .job(&format!("{environment}-{instance}"))
                .expect("the job of the call");
            assert_eq!(job["labels"]["instance"], *instance);
            assert_eq!(job["labels"]["environment"], *environment);
            let state = terraform.state(&format!("module.{instance}_{environment}.{JOB}"));
            assert_eq!(state["uid"], job["uid"]);
            job["uid"].to_string()
        })
        .collect();
    assert_eq!(uids.len(), 3);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn two_calls_that_make_one_name_never_share_a_job() {
    let (cloud, terraform) = cloud();
    let [one, two] = [call("c", "a-b"), call("b-c", "a")];
    Root::new()
        .calling("one", &one)
        .calling("two", &two)
        .lay(&terraform);
    terraform.init().succeeds();
    terraform
        .apply()
        .fails_with("409")
        .does_not_say("inconsistent result");
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), 1);
    let state = ["one", "two"].map(|call| terraform.state_of(&format!("module.{call}.{JOB}")));
    let made: Vec<_> = state.iter().flatten().collect();
    assert_eq!(made.len(), 1, "{state:?}");
    assert_eq!(made[0]["uid"], jobs[0]["uid"]);
    assert_eq!(jobs[0]["generation"], "1", "nobody has changed the other's job");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn tags_of_the_platform_become_labels_that_google_takes() {
    let (cloud, terraform) = cloud();
    let long = "Long ".repeat(40);
    let cleaned: String = "long-".repeat(13).chars().take(63).collect();
    let tags = json!({
        "FacetsControlPlane": "demo.console.facets.cloud",
        "facetsClusterName": "media-demo",
        "Cost Centre": "Media & Ads",
        // Two tags that mean one label: the one that needs no change wins.
        "Team/Name": "lost",
        "team-name": "kept",
        "managed-by": "somebody else",
        "Managed-By": "somebody else",
        "INSTANCE": "another",
        "environment": "another",
        "9lives": "cat",
        "empty": "",
        "ünï": "Ünï",
        long.as_str(): long.as_str(),
        "null": null,
        "number": 7,
    });
    let mut tagged = call("tagged", "media-demo");
    tagged.environment["cloud_tags"] = tags;
    let mut absent = call("absent", "media-demo");
    absent
        .environment
        .as_object_mut()
        .expect("an environment")
        .remove("cloud_tags");
    let mut null = call("null", "media-demo");
    null.environment["cloud_tags"] = Value::Null;
    Root::new()
        .calling("tagged", &tagged)
        .calling("absent", &absent)
        .calling("null", &null)
        .lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds().says("3 added");
    let labels = |name: &str| cloud.job(&format!("media-demo-{name}")).expect("the job")["labels"].clone();
    let own = |name: &str| json!({ "managed-by": "facets", "instance": name, "environment": "media-demo" });
    assert_eq!(labels("absent"), own("absent"));
    assert_eq!(labels("null"), own("null"));
    let mut expected = own("tagged");
    let more = json!({
        "facetscontrolplane": "demo-console-facets-cloud",
        "facetsclustername": "media-demo",
        "cost-centre": "media---ads",
        "team-name": "kept",
        "x-9lives": "cat",
        "empty": "",
        "x--n-": "-n-",
        cleaned.as_str(): cleaned.as_str(),
        "number": "7",
    });
    expected
        .as_object_mut()
        .expect("labels")
        .extend(more.as_object().expect("labels").clone());
    assert_eq!(labels("tagged"), expected);
    terraform.has_nothing_to_do();
}

fn call(instance: &str, environment: &str) -> Call {
    let mut call = Call::new(instance, json!({ "spec": spec(&json!({})) }));
    call.environment["unique_name"] = json!(environment);
    call
}

/// The name that the output of a call gives.
fn terraform_name(outputs: &Value, case: &str) -> String {
    let name = outputs[case]["attributes"]["job_name"].as_str();
    name.expect("a name in the output").to_owned()
}

fn id(job: &Value) -> String {
    let name = job["name"].as_str().expect("a job has a name");
    name.rsplit('/').next().unwrap_or_default().to_owned()
}
