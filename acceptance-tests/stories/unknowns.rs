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
