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
        description: "Manages GPU batch jobs on Google Cloud Run. All arguments are optional; their defaults come \
            from the environment variables and credentials that the google provider uses."
            .to_owned(),
        attributes: vec![
            text(
                "project",
                "Default project ID of jobs, such as `my-project`. Default: the first of `GOOGLE_PROJECT`, \
                 `GOOGLE_CLOUD_PROJECT`, `GCLOUD_PROJECT` and `CLOUDSDK_CORE_PROJECT`.",
            ),
            text(
                "region",
                "Default region of jobs. Default: the first of `GOOGLE_REGION`, `GCLOUD_REGION` and \
                 `CLOUDSDK_COMPUTE_REGION`.",
            ),
            text(
                "credentials",
                "Credentials as JSON or as the path of a file: a service account key, a configuration of workload \
                 identity federation, or the file that `gcloud auth application-default login` creates. Conflicts \
                 with `access_token`. Default: the first of `GOOGLE_CREDENTIALS`, `GOOGLE_CLOUD_KEYFILE_JSON` and \
                 `GCLOUD_KEYFILE_JSON`, then application-default credentials.",
            )
            .sensitive(),
            text(
                "access_token",
                "OAuth 2.0 access token, or the path of a file that contains one. Conflicts with `credentials`. \
                 Default: `GOOGLE_OAUTH_ACCESS_TOKEN`.",
            )
            .sensitive(),
            text(
                "impersonate_service_account",
                "Service account to impersonate, such as `deployer@my-project.iam.gserviceaccount.com`. The account \
                 of the credentials must have `roles/iam.serviceAccountTokenCreator` on it. Default: \
                 `GOOGLE_IMPERSONATE_SERVICE_ACCOUNT`, then none.",
            ),
            Attribute::new(
                "impersonate_service_account_delegates",
                Type::List(Box::new(Type::String)),
                "Delegation chain of the impersonation. The account of the credentials must have \
                 `roles/iam.serviceAccountTokenCreator` on the first account, each account on the next one, and the \
                 last one on `impersonate_service_account`.",
            ),
            text(
                "billing_project",
                "Project that requests are charged to for quota and billing, if `user_project_override` is `true`. \
                 Default: `GOOGLE_BILLING_PROJECT`, then the job's own project.",
            ),
            Attribute::new(
                "user_project_override",
                Type::Bool,
                "Whether requests are charged to `billing_project`. If `false`, they are charged to \
                 `GOOGLE_CLOUD_QUOTA_PROJECT` or the quota project of the credentials, if set. Default: \
                 `USER_PROJECT_OVERRIDE`, then `false`.",
            ),
            Attribute::new("default_labels", Type::string_map(), "Labels of all jobs, such as `{ team = \"media\" \
                }`. Labels of a job override them."),
            text("request_timeout", "Timeout of one API request, as a duration such as `30s`. Default: `2m`."),
            text(
                "plan_checks",
                "Checks at plan time. `local`: the provider validates the configuration and the state. `live`: in \
                 addition, the provider sends each job that the plan creates or changes to Cloud Run with \
                 `validateOnly`, which stores nothing and checks quota, region, permissions and launch stage. A \
                 missing dependency that the same apply may create, such as a secret or an enabled API, is a \
                 warning. `live` requires the permissions of an apply; without them the plan continues with a \
                 warning. Default: `local`.",
            ),
            text(
                "cloud_run_endpoint",
                "Endpoint of the Cloud Run Admin API, such as a regional endpoint or an emulator at \
                 `http://127.0.0.1:8080/v2/`. `http` is allowed for the loopback address only. Default: \
                 `GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT`, then `https://run.googleapis.com/v2/`.",
            ),
        ],
    }
});
