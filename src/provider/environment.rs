//! The environment variables of the google provider, in its order:
//! <https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/provider_reference>.

/// Reads environment variables, in tests from a list.
pub(super) struct Environment<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Environment<'_> {
    /// The value of the first variable that is set and not empty.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find_map(|name| (self.0)(name).filter(|value| !value.is_empty()))
    }

    /// The first variable that is set and not empty, and its value.
    pub(super) fn first_with_name<'n>(&self, names: &[&'n str]) -> Option<(&'n str, String)> {
        names.iter().find_map(|name| Some((*name, self.first(&[name])?)))
    }
}

pub(super) const PROJECT: &[&str] = &[
    "GOOGLE_PROJECT",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
    "CLOUDSDK_CORE_PROJECT",
];
pub(super) const REGION: &[&str] = &["GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"];
pub(super) const CREDENTIALS: &[&str] = &[
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
];
pub(super) const ACCESS_TOKEN: &[&str] = &["GOOGLE_OAUTH_ACCESS_TOKEN"];
pub(super) const IMPERSONATION: &[&str] = &["GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"];
/// The endpoint of the IAM Credentials API, for impersonation.
pub(super) const IAM_CREDENTIALS_ENDPOINT: &str = "GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT";
pub(super) const BILLING_PROJECT: &[&str] = &["GOOGLE_BILLING_PROJECT"];
/// The variable of Google's client libraries.
pub(super) const QUOTA_PROJECT: &[&str] = &["GOOGLE_CLOUD_QUOTA_PROJECT"];
pub(super) const USER_PROJECT_OVERRIDE: &[&str] = &["USER_PROJECT_OVERRIDE"];
pub(super) const ENDPOINT: &[&str] = &["GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT"];
/// Additions to the `User-Agent`.
pub(super) const USER_AGENT: &[&str] = &["TF_APPEND_USER_AGENT", "GOOGLE_TERRAFORM_USERAGENT_EXTENSION"];
