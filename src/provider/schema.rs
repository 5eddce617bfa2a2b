//! The attributes of the provider's configuration.

use std::sync::LazyLock;

use crate::labels::Labels;
use terraform_plugin::record;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::{Field, Value};

record! {
    /// The configuration.
    Config {
        project: String = "project",
        region: String = "region",
        credentials: String = "credentials",
        access_token: String = "access_token",
        impersonate_service_account: String = "impersonate_service_account",
        impersonate_service_account_delegates: Vec<Field<String>> = "impersonate_service_account_delegates",
        billing_project: String = "billing_project",
        user_project_override: bool = "user_project_override",
        default_labels: Labels = "default_labels",
        request_timeout: String = "request_timeout",
        plan_checks: String = "plan_checks",
        cloud_run_endpoint: String = "cloud_run_endpoint",
    }
}

impl Config {
    /// Reads a configuration; a null or unknown one has only null attributes.
    pub fn read(value: &Value) -> Config {
        Field::read(value).into_known().unwrap_or_default()
    }
}

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = |name, description: &str| Attribute::new(name, Type::String, description);
    Schema {
        version: 0,
        description: "GPU batch jobs on Google Cloud Run. Everything is optional: what is left out comes from the \
            environment variables and credentials that the google provider uses."
            .to_owned(),
        attributes: vec![
            text(
                "project",
                "Id of the project of jobs that name none, such as `my-project`. Default: the first of `GOOGLE_PROJECT`, `GOOGLE_CLOUD_PROJECT`, \
                 `GCLOUD_PROJECT` and `CLOUDSDK_CORE_PROJECT`.",
            ),
            text(
                "region",
                "Region of jobs that name none. Default: the first of `GOOGLE_REGION`, `GCLOUD_REGION` and \
                 `CLOUDSDK_COMPUTE_REGION`.",
            ),
            text(
                "credentials",
                "Credential document, as JSON or as the path of a file: a service account's key, a configuration of \
                 workload identity federation, or what `gcloud auth application-default login` has made. Conflicts with \
                 `access_token`. Default: the first of `GOOGLE_CREDENTIALS`, `GOOGLE_CLOUD_KEYFILE_JSON` and \
                 `GCLOUD_KEYFILE_JSON`, then application-default credentials.",
            )
            .sensitive(),
            text(
                "access_token",
                "OAuth 2.0 access token, or the path of a file with one. Conflicts with `credentials`. Default: \
                 `GOOGLE_OAUTH_ACCESS_TOKEN`.",
            )
            .sensitive(),
            text(
                "impersonate_service_account",
                "Service account to act as, such as `deployer@my-project.iam.gserviceaccount.com`. The account of the \
                 credentials needs `roles/iam.serviceAccountTokenCreator` on it. Default: \
                 `GOOGLE_IMPERSONATE_SERVICE_ACCOUNT`, then none.",
            ),
            Attribute::new(
                "impersonate_service_account_delegates",
                Type::List(Box::new(Type::String)),
                "Service accounts between the credentials and `impersonate_service_account`. The first may be acted as \
                 by the credentials' account, each next one by the one before it.",
            ),
            text(
                "billing_project",
                "Project that pays for the quota of requests, when `user_project_override` is `true`. Default: \
                 `GOOGLE_BILLING_PROJECT`, then the job's own project.",
            ),
            Attribute::new(
                "user_project_override",
                Type::Bool,
                "Whether requests are charged to `billing_project`. Without it they are charged to \
                 `GOOGLE_CLOUD_QUOTA_PROJECT`, to the quota project that the credentials name, or as Google decides. \
                 Default: `USER_PROJECT_OVERRIDE`, then `false`.",
            ),
            Attribute::new("default_labels", Type::string_map(), "Labels of every job, such as `{ team = \"media\" }`; those of the job itself win."),
            text("request_timeout", "How long one request to Google may take, as a duration such as `30s`. Default: `2m`."),
            text(
                "plan_checks",
                "What a plan asks of Google. `local`: nothing; only the configuration and the state are checked. \
                 `live`: each job that the plan would create or change is shown to Google, which stores nothing and \
                 says whether it would take it: quota, region, permissions, launch stage; what the same apply may provide, such as \
                 a secret or an enabled API, is a warning. Asking needs the permissions of an apply; without \
                 them the plan goes on with a warning. Default: `local`.",
            ),
            text(
                "cloud_run_endpoint",
                "Address of the Cloud Run Admin API, for a regional endpoint or an emulator, such as \
                 `http://127.0.0.1:8080/v2/`. Plain `http` is taken for this machine only. Default: \
                 `GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT`, then `https://run.googleapis.com/v2/`.",
            ),
        ],
    }
});
