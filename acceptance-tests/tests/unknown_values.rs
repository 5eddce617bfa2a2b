//! Values that are unknown until apply.

use super::{IMAGE, RENDER, REQUIRED_PROVIDERS, setup, terraform};

/// Every argument from a resource that does not exist at plan.
const ALL_UNKNOWN: &str = r#"
resource "terraform_data" "later" {
  input = {
    name = "render", project = "acme-batch", location = "europe-west4", stage = "BETA"
    image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4", words = ["--fast"]
    cpu = "24", memory = "96Gi", tasks = 4, parallel = 2, retries = 0, timeout = "30m"
    env = { MODE = "final" }, secrets = [{ env_var = "KEY", secret_name = "key", version = "3" }]
    network = "media", subnetwork = "batch", tags = ["gpu"], egress = "all-traffic"
    bucket = "acme-scenes", place = "/scenes", below = "2026", options = ["implicit-dirs"], read_only = true
    server = "10.20.0.2", export = "/share", volume = "license", secret = "license", file = "key", mode = "0400"
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
      { name = local.later.volume, mount_path = "/license" },
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
fn every_attribute_may_be_unknown() {
    let (emulator, terraform) = setup();
    terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{ALL_UNKNOWN}"));
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("2 added");
    let state = terraform.state(RENDER);
    assert_eq!(state["location"], "europe-west4");
    assert_eq!(state["max_gpu_hours"], 2);
    assert_eq!(state["resources"]["cpu"], "24");
    assert_eq!(state["volumes"][3]["empty_dir"]["size_limit"], "10Gi");
    let jobs = emulator.jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!(
        jobs[0]["template"]["template"]["volumes"][2]["secret"]["items"][0]["mode"],
        0o400
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unknown_volumes_and_mounts() {
    let volumes = r#"[{ name = "scenes", gcs = { bucket = "acme-scenes" } }]"#;
    let mounts = r#"[{ name = "scenes", mount_path = "/scenes" }]"#;
    let later = "terraform_data.later.output";
    for (input, volumes, mounts) in [(volumes, later, mounts), (mounts, volumes, later)] {
        let (emulator, terraform) = setup();
        terraform.write(
            "main.tf",
            &format!(
                r#"{REQUIRED_PROVIDERS}
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
            .prints("2 added")
            .does_not_print("Warning");
        let task = &emulator.job("render").expect("the job")["template"]["template"];
        assert_eq!(task["volumes"][0]["gcs"]["bucket"], "acme-scenes");
        assert_eq!(task["containers"][0]["volumeMounts"][0]["mountPath"], "/scenes");
        terraform.assert_no_changes();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn deferred_validation_precedes_requests() {
    let (emulator, terraform) = setup();
    let invalid = ALL_UNKNOWN.replace(r#"cpu = "24""#, r#"cpu = "8""#);
    terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{invalid}"));
    terraform.init().succeeds();
    terraform.apply().fails_with("Unsupported number of vCPUs");
    assert_eq!(emulator.writes(), [""; 0], "a write was sent");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn existing_job_with_unknown_change() {
    let (emulator, terraform) = setup();
    let configuration = |tasks: &str| {
        format!(
            "{REQUIRED_PROVIDERS}resource \"terraform_data\" \"count\" {{\n input = {tasks}\n}}\n{}",
            super::job("job = { task_count = terraform_data.count.output }").replace(REQUIRED_PROVIDERS, "")
        )
    };
    terraform.write("main.tf", &configuration("3"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    terraform.write("main.tf", &configuration("5"));
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 2 changed, 0 destroyed");
    assert_eq!(
        emulator.job("render").expect("the job")["template"]["taskCount"],
        5
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_config_may_be_unknown() {
    let (emulator, _) = setup();
    let terraform = terraform();
    let endpoint = emulator.endpoint();
    terraform.write(
        "main.tf",
        &format!(
            r#"{REQUIRED_PROVIDERS}
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
            super::job("").replace(REQUIRED_PROVIDERS, "")
        ),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("2 added");
    assert!(emulator.job("render").is_some());
    terraform.assert_no_changes();
}

/// A provider whose project, region and labels come from another resource, and a job that uses its defaults.
fn config_with_unknown_provider(input: &str, arguments: &str) -> String {
    format!(
        r#"{REQUIRED_PROVIDERS}
resource "terraform_data" "zone" {{
  input = {input}
}}

provider "facets" {{
  project        = terraform_data.zone.output.project
  region         = terraform_data.zone.output.region
  default_labels = terraform_data.zone.output.labels
}}
{}"#,
        super::job(arguments).replace(REQUIRED_PROVIDERS, "")
    )
}

fn provider_values(region: &str, team: &str, note: &str) -> String {
    format!(
        r#"{{ project = "acme-batch", region = "{region}", labels = {{ team = "{team}" }}, note = "{note}" }}"#
    )
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unknown_provider_region_plans_no_replace() {
    let (emulator, terraform) = setup();
    terraform.write(
        "main.tf",
        &config_with_unknown_provider(&provider_values("us-central1", "media", "1"), ""),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let created = terraform.state(RENDER);
    emulator.clear_requests();

    // The values turn out to be the same.
    terraform.write(
        "main.tf",
        &config_with_unknown_provider(&provider_values("us-central1", "media", "2"), ""),
    );
    terraform
        .plan(&[])
        .prints("will be updated in-place")
        .prints("0 to add, 2 to change, 0 to destroy")
        .does_not_print("forces replacement")
        .does_not_print("Replacement by a provider default");
    terraform
        .apply()
        .succeeds()
        .prints("0 added")
        .prints("0 destroyed");
    assert_eq!(emulator.writes(), [""; 0]);
    assert_eq!(terraform.state(RENDER), created);
    terraform.assert_no_changes();

    // Another label updates the job in place.
    terraform.write(
        "main.tf",
        &config_with_unknown_provider(&provider_values("us-central1", "audio", "3"), ""),
    );
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 2 changed, 0 destroyed");
    assert_eq!(
        emulator.job("render").expect("the job")["labels"]["team"],
        "audio"
    );
    assert_eq!(terraform.state(RENDER)["uid"], created["uid"]);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn changed_provider_region_fails_apply() {
    let (emulator, terraform) = setup();
    terraform.write(
        "main.tf",
        &config_with_unknown_provider(&provider_values("us-central1", "media", "1"), ""),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let created = terraform.state(RENDER);
    emulator.clear_requests();

    let changed = provider_values("europe-west4", "media", "1");
    terraform.write("main.tf", &config_with_unknown_provider(&changed, ""));
    terraform
        .apply()
        .fails_with("Provider produced inconsistent final plan")
        .prints("Replacement by a provider default");
    assert_eq!(emulator.writes(), [""; 0]);
    assert_eq!(terraform.state(RENDER), created);

    // The region is known now, so the plan shows the replacement and how to avoid it.
    let plan = terraform.plan(&[]);
    plan.prints("1 to add, 0 to change, 1 to destroy")
        .prints("Replacement by a provider default")
        .prints(r#"set location = "us-central1" in this resource"#);
    terraform.write(
        "main.tf",
        &config_with_unknown_provider(&changed, r#"location = "us-central1""#),
    );
    terraform.assert_no_changes();
    terraform.write("main.tf", &config_with_unknown_provider(&changed, ""));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert_eq!(terraform.state(RENDER)["location"], "europe-west4");
    assert!(emulator.job("render").is_none());
    terraform.assert_no_changes();
}

/// Tags are a set, so an unknown tag does not change their order.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unknown_tag_in_reordered_set() {
    let (emulator, terraform) = setup();
    let config = |tags: &str, note: &str| {
        let later = format!(
            "resource \"terraform_data\" \"tag\" {{\n  input = {{ tag = \"gpu\", note = \"{note}\" }}\n}}\n"
        );
        super::job(&format!("vpc_access = {{ network = \"media\", tags = {tags} }}")) + &later
    };
    terraform.write("main.tf", &config(r#"["nfs", "gpu"]"#, "1"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    emulator.clear_requests();
    for (tags, note) in [
        (r#"[terraform_data.tag.output.tag, "nfs"]"#, "2"),
        (r#"["nfs", terraform_data.tag.output.tag, "gpu"]"#, "3"),
    ] {
        terraform.write("main.tf", &config(tags, note));
        terraform
            .apply()
            .succeeds()
            .prints("0 added")
            .prints("0 destroyed");
        assert_eq!(emulator.writes(), [""; 0]);
        terraform.assert_no_changes();
    }
}
