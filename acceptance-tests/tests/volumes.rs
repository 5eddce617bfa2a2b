//! Volumes: made, moved, taken away by others, written otherwise, imported, and refused at their line.

use serde_json::{Value, json};

use super::{RENDER, REQUIRED, cloud, job};
use crate::harness::{Emulator, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn volumes_of_every_kind_come_and_go_in_place() {
    let (cloud, terraform) = cloud();
    with_data(&terraform, EVERYTHING);
    terraform.apply().succeeds().does_not_say("Warning");
    let task = task(&cloud);
    assert_eq!(
        task["volumes"],
        json!([
            { "name": "scenes", "gcs": { "bucket": "acme-scenes", "readOnly": true, "mountOptions": ["implicit-dirs", "uid=1000"] } },
            { "name": "results", "gcs": { "bucket": "acme-results" } },
            { "name": "share", "nfs": { "server": "10.20.0.2", "path": "/share", "readOnly": true } },
            { "name": "licence", "secret": {
                "secret": "licence", "defaultMode": 0o400,
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
    terraform.has_nothing_to_do();

    for (arguments, volumes) in [(configuration(ONE), 1), (job(""), 0)] {
        terraform.write("main.tf", &arguments);
        terraform
            .apply()
            .succeeds()
            .says("0 added, 1 changed, 0 destroyed");
        let task = self::task(&cloud);
        assert_eq!(elements(&task["volumes"]).count(), volumes);
        assert_eq!(elements(&task["containers"][0]["volumeMounts"]).count(), volumes);
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_others_do_to_a_volume_is_seen_and_mended() {
    let (cloud, terraform) = cloud();
    with_data(&terraform, EVERYTHING);
    terraform.apply().succeeds();
    let made = task(&cloud);
    let edits: [(&str, Edit); 2] = [
        ("a volume is taken away", |task| {
            list(&mut task["volumes"]).remove(5);
            list(&mut task["containers"][0]["volumeMounts"]).remove(5);
        }),
        ("volumes are others", |task| {
            task["volumes"][0]["gcs"]["bucket"] = json!("somebody-elses");
            task["containers"][0]["volumeMounts"][1]["mountPath"] = json!("/elsewhere");
            task["volumes"][3]["secret"]["items"][0]["mode"] = json!(0o777);
            list(&mut task["volumes"]).push(json!({ "name": "more", "emptyDir": {} }));
            let mount = json!({ "name": "more", "mountPath": "/more" });
            list(&mut task["containers"][0]["volumeMounts"]).push(mount);
        }),
    ];
    for (what, edit) in edits {
        cloud.edit_job("render", |job| edit(&mut job["template"]["template"]));
        terraform.apply().succeeds().says("1 changed");
        let mended = task(&cloud);
        assert_eq!(mended["volumes"], made["volumes"], "{what}");
        assert_eq!(mended["containers"], made["containers"], "{what}");
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_means_the_same_is_no_change_of_a_volume() {
    let (cloud, terraform) = cloud();
    with_data(&terraform, EVERYTHING);
    terraform.apply().succeeds();
    cloud.clear_requests();
    let mut otherwise = EVERYTHING.to_owned();
    for (written, other) in [
        (r#"default_mode = "0400""#, r#"default_mode = "400""#),
        (r#"mode = "0444""#, r#"mode = "444""#),
        (r#"size_limit = "1Gi""#, r#"size_limit = "1024Mi""#),
        (
            r#"secret = "licence""#,
            r#"secret = "projects/acme-batch/secrets/licence""#,
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
        assert!(otherwise.contains(written), "{written}");
        otherwise = otherwise.replace(written, other);
    }
    terraform.write("main.tf", &configuration(&otherwise));
    terraform.has_nothing_to_do();
    // An empty list is kept as it is written, and Google is not asked for anything.
    let empty = EVERYTHING.replace(
        r#"bucket = "acme-results""#,
        r#"bucket = "acme-results", mount_options = []"#,
    );
    terraform.write("main.tf", &configuration(&empty));
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
    assert_eq!(cloud.writes(), [""; 0]);

    // What Google fills in, and an order of its own, are no change either.
    terraform.write("main.tf", &configuration(ONE));
    terraform.apply().succeeds();
    terraform.write("main.tf", &configuration(BARE));
    terraform.apply().succeeds();
    cloud.edit_job("render", |job| {
        let task = &mut job["template"]["template"];
        task["volumes"][0]["secret"]["defaultMode"] = json!(0o444);
        task["volumes"][1]["gcs"]["bucket"] = json!("projects/acme-batch/buckets/acme-scenes");
        task["volumes"].as_array_mut().expect("volumes").reverse();
        task["containers"][0]["volumeMounts"]
            .as_array_mut()
            .expect("mounts")
            .reverse();
    });
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn volumes_are_imported_as_they_are() {
    let (_cloud, terraform) = cloud();
    with_data(&terraform, EVERYTHING);
    terraform.apply().succeeds();
    let made = terraform.state(RENDER);
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds();
    let imported = terraform.state(RENDER);
    for attribute in ["volumes", "container", "vpc_access"] {
        assert_eq!(imported[attribute], made[attribute], "{attribute}");
    }
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn volumes_that_are_not_managed_stay_out_of_the_state_and_on_the_job() {
    let (cloud, terraform) = cloud();
    with_data(&terraform, ONE);
    terraform.apply().succeeds();
    cloud.edit_job("render", |job| {
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
    let was = task(&cloud);
    terraform.has_nothing_to_do();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds()
        .does_not_say("Warning");
    terraform.has_nothing_to_do();
    terraform.write(
        "main.tf",
        &configuration(&format!("{ONE}  env = {{ MODE = \"next\" }}")),
    );
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(task(&cloud)["volumes"], was["volumes"]);
    assert_eq!(
        task(&cloud)["containers"][0]["volumeMounts"],
        was["containers"][0]["volumeMounts"]
    );
    terraform.has_nothing_to_do();
}

/// What somebody else does to a task.
type Edit = fn(&mut Value);

/// The task of the job as Google has it.
fn task(cloud: &Emulator) -> Value {
    cloud.job("render").expect("the job")["template"]["template"].clone()
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().expect("a list")
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn with_data(terraform: &Terraform, arguments: &str) {
    terraform.write("main.tf", &configuration(arguments));
    terraform.init().succeeds();
}

/// A job whose container is among the arguments.
fn configuration(arguments: &str) -> String {
    format!(
        "{REQUIRED}\nresource \"facets_gpu_cloudrun_job\" \"render\" {{\n  name = \"render\"\n{arguments}\n}}\n"
    )
}

/// Every kind of volume, and every attribute of each.
const EVERYTHING: &str = r#"
  vpc_access = { network = "media" }

  container = {
    image       = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    working_dir = "/scratch"
    volume_mounts = [
      { name = "scenes", mount_path = "/scenes", sub_path = "2026" },
      { name = "results", mount_path = "/results" },
      { name = "share", mount_path = "/share" },
      { name = "licence", mount_path = "/etc/renderer" },
      { name = "scratch", mount_path = "/scratch" },
      { name = "cache", mount_path = "/cache" },
    ]
  }

  volumes = [
    { name = "scenes", gcs = { bucket = "acme-scenes", read_only = true, mount_options = ["implicit-dirs", "uid=1000"] } },
    { name = "results", gcs = { bucket = "acme-results" } },
    { name = "share", nfs = { server = "10.20.0.2", path = "/share", read_only = true } },
    { name = "licence", secret = { secret = "licence", default_mode = "0400", items = [{ path = "key", version = "3", mode = "0444" }, { path = "pub", version = "latest" }] } },
    { name = "scratch", empty_dir = { size_limit = "1Gi" } },
    { name = "cache", empty_dir = { medium = "disk" } },
  ]
"#;

/// One volume.
const ONE: &str = r#"
  container = {
    image         = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    volume_mounts = [{ name = "scenes", mount_path = "/scenes" }]
  }
  volumes = [{ name = "scenes", gcs = { bucket = "acme-scenes" } }]
"#;

/// A secret and a bucket, of which nothing is said that need not be.
const BARE: &str = r#"
  container = {
    image         = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    volume_mounts = [{ name = "one", mount_path = "/one" }, { name = "two", mount_path = "/two" }]
  }
  volumes = [{ name = "one", secret = { secret = "one" } }, { name = "two", gcs = { bucket = "acme-scenes" } }]
"#;
