//! Volumes: create, update, drift, equivalent values and import.

use serde_json::{Value, json};

use super::{RENDER, REQUIRED_PROVIDERS, job, setup};
use crate::harness::{Emulator, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn all_volume_types_update_in_place() {
    let (emulator, terraform) = setup();
    init_config(&terraform, ALL_VOLUMES);
    terraform.apply().succeeds().does_not_print("Warning");
    let task = task(&emulator);
    assert_eq!(
        task["volumes"],
        json!([
            { "name": "scenes", "gcs": { "bucket": "acme-scenes", "readOnly": true, "mountOptions": ["implicit-dirs", "uid=1000"] } },
            { "name": "results", "gcs": { "bucket": "acme-results" } },
            { "name": "share", "nfs": { "server": "10.20.0.2", "path": "/share", "readOnly": true } },
            { "name": "license", "secret": {
                "secret": "license", "defaultMode": 0o400,
                "items": [{ "path": "key", "version": "3", "mode": 0o444 }, { "path": "pub", "version": "latest" }],
            } },
            { "name": "scratch", "emptyDir": { "medium": "MEMORY", "sizeLimit": "1Gi" } },
            { "name": "cache", "emptyDir": { "medium": "DISK" } },
        ])
    );
    let container = &task["containers"][0];
    assert_eq!(container["workingDir"], "/scratch");
    assert_eq!(
        container["volumeMounts"][0],
        json!({ "name": "scenes", "mountPath": "/scenes", "subPath": "2026" })
    );
    assert_eq!(container["volumeMounts"].as_array().map(Vec::len), Some(6));
    assert_eq!(task["executionEnvironment"], "EXECUTION_ENVIRONMENT_GEN2");
    terraform.assert_no_changes();

    for (arguments, volumes) in [(configuration(ONE_VOLUME), 1), (job(""), 0)] {
        terraform.write("main.tf", &arguments);
        terraform
            .apply()
            .succeeds()
            .prints("0 added, 1 changed, 0 destroyed");
        let task = self::task(&emulator);
        assert_eq!(items(&task["volumes"]).count(), volumes);
        assert_eq!(items(&task["containers"][0]["volumeMounts"]).count(), volumes);
        terraform.assert_no_changes();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn outside_volume_changes_are_reverted() {
    let (emulator, terraform) = setup();
    init_config(&terraform, ALL_VOLUMES);
    terraform.apply().succeeds();
    let created = task(&emulator);
    let edits: [(&str, Edit); 2] = [
        ("a volume is removed", |task| {
            list(&mut task["volumes"]).remove(5);
            list(&mut task["containers"][0]["volumeMounts"]).remove(5);
        }),
        ("volumes are changed", |task| {
            task["volumes"][0]["gcs"]["bucket"] = json!("other-bucket");
            task["containers"][0]["volumeMounts"][1]["mountPath"] = json!("/elsewhere");
            task["volumes"][3]["secret"]["items"][0]["mode"] = json!(0o777);
            list(&mut task["volumes"]).push(json!({ "name": "more", "emptyDir": {} }));
            let mount = json!({ "name": "more", "mountPath": "/more" });
            list(&mut task["containers"][0]["volumeMounts"]).push(mount);
        }),
    ];
    for (what, edit) in edits {
        emulator.edit_job("render", |job| edit(&mut job["template"]["template"]));
        terraform.apply().succeeds().prints("1 changed");
        let restored = task(&emulator);
        assert_eq!(restored["volumes"], created["volumes"], "{what}");
        assert_eq!(restored["containers"], created["containers"], "{what}");
        terraform.assert_no_changes();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn equivalent_volumes_plan_no_change() {
    let (emulator, terraform) = setup();
    init_config(&terraform, ALL_VOLUMES);
    terraform.apply().succeeds();
    emulator.clear_requests();
    let mut equivalent = ALL_VOLUMES.to_owned();
    for (configured, other) in [
        (r#"default_mode = "0400""#, r#"default_mode = "400""#),
        (r#"mode = "0444""#, r#"mode = "444""#),
        (r#"size_limit = "1Gi""#, r#"size_limit = "1024Mi""#),
        (
            r#"secret = "license""#,
            r#"secret = "projects/acme-batch/secrets/license""#,
        ),
        (r#", version = "latest""#, ""),
        (
            r#"empty_dir = { medium = "disk" }"#,
            r#"empty_dir = { medium = "disk", size_limit = null }"#,
        ),
        (
            r#"bucket = "acme-results""#,
            r#"bucket = "acme-results", read_only = false"#,
        ),
        (
            r#"bucket = "acme-scenes""#,
            r#"bucket = "projects/_/buckets/acme-scenes""#,
        ),
    ] {
        assert!(equivalent.contains(configured), "{configured}");
        equivalent = equivalent.replace(configured, other);
    }
    terraform.write("main.tf", &configuration(&equivalent));
    terraform.assert_no_changes();
    // An empty list is stored, but sends no request.
    let empty = ALL_VOLUMES.replace(
        r#"bucket = "acme-results""#,
        r#"bucket = "acme-results", mount_options = []"#,
    );
    terraform.write("main.tf", &configuration(&empty));
    terraform.apply().succeeds();
    terraform.assert_no_changes();
    assert_eq!(emulator.writes(), [""; 0]);

    // Values that the API fills in or reorders are no change either.
    terraform.write("main.tf", &configuration(ONE_VOLUME));
    terraform.apply().succeeds();
    terraform.write("main.tf", &configuration(MINIMAL_VOLUMES));
    terraform.apply().succeeds();
    emulator.edit_job("render", |job| {
        let task = &mut job["template"]["template"];
        task["volumes"][0]["secret"]["defaultMode"] = json!(0o444);
        task["volumes"][1]["gcs"]["bucket"] = json!("projects/acme-batch/buckets/acme-scenes");
        task["volumes"].as_array_mut().expect("volumes").reverse();
        task["containers"][0]["volumeMounts"]
            .as_array_mut()
            .expect("mounts")
            .reverse();
    });
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn volumes_are_imported() {
    let (_emulator, terraform) = setup();
    init_config(&terraform, ALL_VOLUMES);
    terraform.apply().succeeds();
    let created = terraform.state(RENDER);
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds();
    let imported = terraform.state(RENDER);
    for attribute in ["volumes", "container", "vpc_access"] {
        assert_eq!(imported[attribute], created[attribute], "{attribute}");
    }
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unmanaged_volumes_are_kept() {
    let (emulator, terraform) = setup();
    init_config(&terraform, ONE_VOLUME);
    terraform.apply().succeeds();
    emulator.edit_job("render", |job| {
        job["template"]["template"]["volumes"]
            .as_array_mut()
            .expect("volumes")
            .extend([
                json!({ "name": "cloudsql", "cloudSqlInstance": { "instances": ["acme-batch:us-central1:db"] } }),
                json!({ "name": "unmounted", "emptyDir": {} }),
            ]);
        job["template"]["template"]["containers"][0]["volumeMounts"]
            .as_array_mut()
            .expect("mounts")
            .push(json!({ "name": "cloudsql", "mountPath": "/cloudsql" }));
    });
    let before = task(&emulator);
    terraform.assert_no_changes();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds()
        .does_not_print("Warning");
    terraform.assert_no_changes();
    terraform.write(
        "main.tf",
        &configuration(&format!("{ONE_VOLUME}  env = {{ MODE = \"next\" }}")),
    );
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(task(&emulator)["volumes"], before["volumes"]);
    assert_eq!(
        task(&emulator)["containers"][0]["volumeMounts"],
        before["containers"][0]["volumeMounts"]
    );
    terraform.assert_no_changes();
}

/// A change of the task outside of Terraform.
type Edit = fn(&mut Value);

/// The task template as the API returns it.
fn task(emulator: &Emulator) -> Value {
    emulator.job("render").expect("the job")["template"]["template"].clone()
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().expect("a list")
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn init_config(terraform: &Terraform, arguments: &str) {
    terraform.write("main.tf", &configuration(arguments));
    terraform.init().succeeds();
}

/// A configuration of a job including its container.
fn configuration(arguments: &str) -> String {
    format!(
        "{REQUIRED_PROVIDERS}\nresource \"facets_gpu_cloudrun_job\" \"render\" {{\n  name = \"render\"\n{arguments}\n}}\n"
    )
}

/// Every type of volume with every argument.
const ALL_VOLUMES: &str = r#"
  vpc_access = { network = "media" }

  container = {
    image       = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    working_dir = "/scratch"
    volume_mounts = [
      { name = "scenes", mount_path = "/scenes", sub_path = "2026" },
      { name = "results", mount_path = "/results" },
      { name = "share", mount_path = "/share" },
      { name = "license", mount_path = "/etc/renderer" },
      { name = "scratch", mount_path = "/scratch" },
      { name = "cache", mount_path = "/cache" },
    ]
  }

  volumes = [
    { name = "scenes", gcs = { bucket = "acme-scenes", read_only = true, mount_options = ["implicit-dirs", "uid=1000"] } },
    { name = "results", gcs = { bucket = "acme-results" } },
    { name = "share", nfs = { server = "10.20.0.2", path = "/share", read_only = true } },
    { name = "license", secret = { secret = "license", default_mode = "0400", items = [{ path = "key", version = "3", mode = "0444" }, { path = "pub", version = "latest" }] } },
    { name = "scratch", empty_dir = { size_limit = "1Gi" } },
    { name = "cache", empty_dir = { medium = "disk" } },
  ]
"#;

/// One volume.
const ONE_VOLUME: &str = r#"
  container = {
    image         = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    volume_mounts = [{ name = "scenes", mount_path = "/scenes" }]
  }
  volumes = [{ name = "scenes", gcs = { bucket = "acme-scenes" } }]
"#;

/// A secret and a bucket with required arguments only.
const MINIMAL_VOLUMES: &str = r#"
  container = {
    image         = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    volume_mounts = [{ name = "one", mount_path = "/one" }, { name = "two", mount_path = "/two" }]
  }
  volumes = [{ name = "one", secret = { secret = "one" } }, { name = "two", gcs = { bucket = "acme-scenes" } }]
"#;
