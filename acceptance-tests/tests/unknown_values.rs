//! Values that are known only while the apply runs.

use super::{IMAGE, RENDER, REQUIRED, cloud, terraform};

/// Every attribute that a user sets, from a resource that does not exist yet at plan time.
const EVERYTHING_UNKNOWN: &str = r#"
resource "terraform_data" "later" {
  input = {
    name = "render", project = "acme-batch", location = "europe-west4", stage = "BETA"
    image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4", words = ["--fast"]
    cpu = "24", memory = "96Gi", tasks = 4, parallel = 2, retries = 0, timeout = "30m"
    env = { MODE = "final" }, secrets = [{ env_var = "KEY", secret_name = "key", version = "3" }]
    network = "media", subnetwork = "batch", tags = ["gpu"], egress = "all-traffic"
    bucket = "acme-scenes", place = "/scenes", below = "2026", options = ["implicit-dirs"], read_only = true
    server = "10.20.0.2", export = "/share", volume = "licence", secret = "licence", file = "key", mode = "0400"
    medium = "disk", size = "10Gi"
    key = "projects/acme-keys/locations/europe-west4/keyRings/batch/cryptoKeys/jobs"
    policy = "projects/acme-batch/platforms/cloudRun/policies/signed", reason = "INC-1"
    account = "runner@acme-batch.iam.gserviceaccount.com"
    labels = { team = "media" }, annotations = { "acme.example/a" = "b" }
    gpu = { enabled = true, type = "nvidia-rtx-pro-6000" }
  }
}

locals { later = terraform_data.later.output }

resource "facets_gpu_cloudrun_job" "render" {
  name            = local.later.name
  project         = local.later.project
  location        = local.later.location
  launch_stage    = local.later.stage
  service_account = local.later.account
  container = {
    image       = local.later.image
    args        = local.later.words
    working_dir = local.later.place
    volume_mounts = [
      { name = "scenes", mount_path = local.later.place, sub_path = local.later.below },
      { name = local.later.volume, mount_path = "/licence" },
      { name = "share", mount_path = "/share" },
      { name = "scratch", mount_path = "/scratch" },
    ]
  }
  volumes = [
    { name = "scenes", gcs = { bucket = local.later.bucket, read_only = local.later.read_only, mount_options = local.later.options } },
    { name = "share", nfs = { server = local.later.server, path = local.later.export, read_only = local.later.read_only } },
    { name = local.later.volume, secret = { secret = local.later.secret, default_mode = local.later.mode, items = [{ path = local.later.file, mode = local.later.mode }] } },
    { name = "scratch", empty_dir = { medium = local.later.medium, size_limit = local.later.size } },
  ]
  encryption_key       = local.later.key
  binary_authorization = { policy = local.later.policy, breakglass_justification = local.later.reason }
  gpu             = local.later.gpu
  resources       = { cpu = local.later.cpu, memory = local.later.memory }
  job             = { task_count = local.later.tasks, parallelism = local.later.parallel, max_retries = local.later.retries, task_timeout = local.later.timeout }
  env             = local.later.env
  secrets         = local.later.secrets
  vpc_access      = { network = local.later.network, subnetwork = local.later.subnetwork, tags = local.later.tags, egress = local.later.egress }
  labels          = local.later.labels
  annotations     = local.later.annotations
}
"#;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn everything_may_be_unknown_at_plan() {
    let (cloud, terraform) = cloud();
    terraform.write("main.tf", &format!("{REQUIRED}{EVERYTHING_UNKNOWN}"));
    terraform.init().succeeds();
    terraform.apply().succeeds().says("2 added");
    let state = terraform.state(RENDER);
    assert_eq!(state["location"], "europe-west4");
    assert_eq!(state["max_gpu_hours"], 2);
    assert_eq!(state["resources"]["cpu"], "24");
    assert_eq!(state["volumes"][3]["empty_dir"]["size_limit"], "10Gi");
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!(
        jobs[0]["template"]["template"]["volumes"][2]["secret"]["items"][0]["mode"],
        0o400
    );
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn volumes_or_mounts_may_be_unknown_as_a_whole() {
    let volumes = r#"[{ name = "scenes", gcs = { bucket = "acme-scenes" } }]"#;
    let mounts = r#"[{ name = "scenes", mount_path = "/scenes" }]"#;
    let later = "terraform_data.later.output";
    for (input, volumes, mounts) in [(volumes, later, mounts), (mounts, volumes, later)] {
        let (cloud, terraform) = cloud();
        terraform.write(
            "main.tf",
            &format!(
                r#"{REQUIRED}
resource "terraform_data" "later" {{
  input = {input}
}}

resource "facets_gpu_cloudrun_job" "render" {{
  name      = "render"
  container = {{ image = "{IMAGE}", volume_mounts = {mounts} }}
  volumes   = {volumes}
}}
"#
            ),
        );
        terraform.init().succeeds();
        terraform
            .apply()
            .succeeds()
            .says("2 added")
            .does_not_say("Warning");
        let task = &cloud.job("render").expect("the job")["template"]["template"];
        assert_eq!(task["volumes"][0]["gcs"]["bucket"], "acme-scenes");
        assert_eq!(task["containers"][0]["volumeMounts"][0]["mountPath"], "/scenes");
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_rule_that_waited_for_a_value_speaks_before_google_is_asked() {
    let (cloud, terraform) = cloud();
    let broken = EVERYTHING_UNKNOWN.replace(r#"cpu = "24""#, r#"cpu = "8""#);
    terraform.write("main.tf", &format!("{REQUIRED}{broken}"));
    terraform.init().succeeds();
    terraform.apply().fails_with("Unsupported number of vCPUs");
    assert_eq!(cloud.writes(), [""; 0], "nothing was sent");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_unknown_change_of_a_job_that_exists() {
    let (cloud, terraform) = cloud();
    let configuration = |tasks: &str| {
        format!(
            "{REQUIRED}resource \"terraform_data\" \"count\" {{\n input = {tasks}\n}}\n{}",
            super::job("job = { task_count = terraform_data.count.output }").replace(REQUIRED, "")
        )
    };
    terraform.write("main.tf", &configuration("3"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    terraform.write("main.tf", &configuration("5"));
    terraform
        .apply()
        .succeeds()
        .says("0 added, 2 changed, 0 destroyed");
    assert_eq!(cloud.job("render").expect("the job")["template"]["taskCount"], 5);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_provider_itself_may_be_unknown_at_plan() {
    let (cloud, _) = cloud();
    let terraform = terraform();
    let endpoint = cloud.endpoint();
    terraform.write(
        "main.tf",
        &format!(
            r#"{REQUIRED}
resource "terraform_data" "account" {{
  input = {{ project = "acme-batch", region = "us-central1", token = "from-another-resource", endpoint = "{endpoint}" }}
}}

provider "facets" {{
  project            = terraform_data.account.output.project
  region             = terraform_data.account.output.region
  access_token       = terraform_data.account.output.token
  cloud_run_endpoint = terraform_data.account.output.endpoint
}}
{}"#,
            super::job("").replace(REQUIRED, "")
        ),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds().says("2 added");
    assert!(cloud.job("render").is_some());
    terraform.has_nothing_to_do();
}

/// A provider that has project, region and labels from another resource, and a job that leaves them to it.
fn provided(input: &str, arguments: &str) -> String {
    format!(
        r#"{REQUIRED}
resource "terraform_data" "zone" {{
  input = {input}
}}

provider "facets" {{
  project        = terraform_data.zone.output.project
  region         = terraform_data.zone.output.region
  default_labels = terraform_data.zone.output.labels
}}
{}"#,
        super::job(arguments).replace(REQUIRED, "")
    )
}

fn zone(region: &str, team: &str, note: &str) -> String {
    format!(
        r#"{{ project = "acme-batch", region = "{region}", labels = {{ team = "{team}" }}, note = "{note}" }}"#
    )
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_stays_while_its_providers_place_is_not_known_yet() {
    let (cloud, terraform) = cloud();
    terraform.write("main.tf", &provided(&zone("us-central1", "media", "1"), ""));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let made = terraform.state(RENDER);
    cloud.clear_requests();

    // What is sent is the same in the end.
    terraform.write("main.tf", &provided(&zone("us-central1", "media", "2"), ""));
    terraform
        .plan(&[])
        .says("will be updated in-place")
        .says("0 to add, 2 to change, 0 to destroy")
        .does_not_say("forces replacement")
        .does_not_say("Replacement by a provider default");
    terraform.apply().succeeds().says("0 added").says("0 destroyed");
    assert_eq!(cloud.writes(), [""; 0]);
    assert_eq!(terraform.state(RENDER), made);
    terraform.has_nothing_to_do();

    // Another label is a change of the same job.
    terraform.write("main.tf", &provided(&zone("us-central1", "audio", "3"), ""));
    terraform
        .apply()
        .succeeds()
        .says("0 added, 2 changed, 0 destroyed");
    assert_eq!(cloud.job("render").expect("the job")["labels"]["team"], "audio");
    assert_eq!(terraform.state(RENDER)["uid"], made["uid"]);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_place_that_turns_out_to_be_another_stops_the_apply_before_the_job_is_touched() {
    let (cloud, terraform) = cloud();
    terraform.write("main.tf", &provided(&zone("us-central1", "media", "1"), ""));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let made = terraform.state(RENDER);
    cloud.clear_requests();

    let moved = zone("europe-west4", "media", "1");
    terraform.write("main.tf", &provided(&moved, ""));
    terraform
        .apply()
        .fails_with("Provider produced inconsistent final plan")
        .says("Replacement by a provider default");
    assert_eq!(cloud.writes(), [""; 0]);
    assert_eq!(terraform.state(RENDER), made);

    // Now that the region is known, the plan says what it means, and how to keep the job.
    let plan = terraform.plan(&[]);
    plan.says("1 to add, 0 to change, 1 to destroy")
        .says("Replacement by a provider default")
        .says(r#"set location = "us-central1" in this resource"#);
    terraform.write("main.tf", &provided(&moved, r#"location = "us-central1""#));
    terraform.has_nothing_to_do();
    terraform.write("main.tf", &provided(&moved, ""));
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
    assert_eq!(terraform.state(RENDER)["location"], "europe-west4");
    assert!(cloud.job("render").is_none());
    terraform.has_nothing_to_do();
}

/// Tags are a set: one that is known later brings no other order.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_tag_may_be_unknown_at_plan_among_others_in_another_order() {
    let (cloud, terraform) = cloud();
    let tagged = |tags: &str, note: &str| {
        let later = format!(
            "resource \"terraform_data\" \"tag\" {{\n  input = {{ tag = \"gpu\", note = \"{note}\" }}\n}}\n"
        );
        super::job(&format!("vpc_access = {{ network = \"media\", tags = {tags} }}")) + &later
    };
    terraform.write("main.tf", &tagged(r#"["nfs", "gpu"]"#, "1"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    cloud.clear_requests();
    for (tags, note) in [
        (r#"[terraform_data.tag.output.tag, "nfs"]"#, "2"),
        (r#"["nfs", terraform_data.tag.output.tag, "gpu"]"#, "3"),
    ] {
        terraform.write("main.tf", &tagged(tags, note));
        terraform.apply().succeeds().says("0 added").says("0 destroyed");
        assert_eq!(cloud.writes(), [""; 0]);
        terraform.has_nothing_to_do();
    }
}
