//! Precedence of settings, and errors.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod credentials;

use super::*;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::from_json;

fn config(json: &str) -> Value {
    SCHEMA
        .coerce(from_json(json.as_bytes()).unwrap(), ExtraAttributes::Error)
        .unwrap()
}

/// Environment variables from a list.
fn environment(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

fn validate(config: &Value) -> Vec<Diagnostic> {
    super::validate(config, &Redactor::default())
}

fn settings(
    config: &str,
    variables: &[(&str, &str)],
    version: &str,
) -> Result<(Settings, Credentials), ClientUnavailable> {
    let config = Config::read(&self::config(config));
    super::settings(
        &config,
        &Environment(&environment(variables)),
        version,
        &Redactor::default(),
    )
}

fn configured(json: &str, variables: &[(&str, &str)]) -> (ProviderData, Vec<Diagnostic>) {
    ProviderData::new(
        &config(json),
        "1.11.4",
        &environment(variables),
        &Redactor::default(),
    )
}

/// The selected credentials, or why there are none, in their debug form.
fn selected_credentials(json: &str, variables: &[(&str, &str)]) -> String {
    match settings(json, variables, "1.11.4") {
        Ok((_, credentials)) => format!("{credentials:?}"),
        Err(reason) => format!("{reason:?}"),
    }
}

#[test]
fn empty_configuration_is_valid() {
    let (configured, diagnostics) = configured("{}", &[]);
    assert!(diagnostics.is_empty() && configured.client().is_ok());
    assert_eq!(configured.defaults.project, Field::Null);
    assert_eq!(selected_credentials("{}", &[]), "ApplicationDefault");
}

#[test]
fn arguments_precede_environment_variables() {
    let variables = [
        ("GCLOUD_PROJECT", "third"),
        ("GOOGLE_CLOUD_PROJECT", "second"),
        ("CLOUDSDK_COMPUTE_REGION", "r"),
    ];
    let (configured, _) = configured("{}", &variables);
    assert_eq!(configured.defaults.project, Field::Known("second".to_owned()));
    assert_eq!(configured.defaults.region, Field::Known("r".to_owned()));
    let (configured, _) = super::tests::configured(r#"{"project": "p"}"#, &variables);
    assert_eq!(configured.defaults.project, Field::Known("p".to_owned()));
}

#[test]
fn errors_are_reported_at_their_attributes() {
    assert_eq!(validate(&config("{}")), []);
    let shown = [
        r#"{"access_token": " ", "credentials": "{}", "cloud_run_endpoint": "http://example.com/",
            "request_timeout": "1h", "plan_checks": "full", "default_labels": {"A": "b"}, "billing_project": "p\t",
            "impersonate_service_account": "me",
            "impersonate_service_account_delegates": ["a@p.iam.gserviceaccount.com", ""]}"#,
        r#"{"access_token": "hush hush", "cloud_run_endpoint": "https://example.com/?key=hush", "request_timeout": "30",
            "impersonate_service_account": "serviceAccount:a@p.iam.gserviceaccount.com",
            "impersonate_service_account_delegates": [null, "ya29.hush-that-was-meant-for-another-argument"]}"#,
    ]
    .map(|json| messages(&validate(&config(json))));
    assert!(!shown.concat().contains("hush"), "{shown:?}");
    insta::assert_snapshot!(shown.join("\n"));
}

fn messages(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n"))
        .collect()
}

#[test]
fn user_agent_has_terraform_and_provider() {
    let variable = |name: &str| (name == "TF_APPEND_USER_AGENT").then(|| "ci/1\r\nX: y".to_owned());
    assert_eq!(
        user_agent("1.11.4", &Environment(&variable)),
        format!(
            "Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-facets-gpu/{} ci/1X: y",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[test]
fn run_url_is_at_the_regional_endpoint() {
    let endpoint =
        |json: &str, variables: &[(&str, &str)]| configured(json, variables).0.defaults.google_root;
    let known = |text: &str| Field::Known(text.to_owned());
    let variables = [(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        "https://us-central1-run.googleapis.com/v2/",
    )];
    let regional = known("https://run.europe-west4.rep.googleapis.com/v2/");
    let json = r#"{"cloud_run_endpoint": "https://run.europe-west4.rep.googleapis.com"}"#;
    assert_eq!(endpoint(json, &variables), regional);
    assert_eq!(
        endpoint("{}", &variables),
        known("https://us-central1-run.googleapis.com/v2/")
    );
    assert_eq!(endpoint("{}", &[]), Field::Null);
    for other in ["http://", "http://127.0.0.1:8080/v2/", "https://run.company.test"] {
        let json = format!(r#"{{"cloud_run_endpoint": "{other}"}}"#);
        assert_eq!(endpoint(&json, &variables), Field::Null, "{other}");
    }
    let mut unknown = config("{}");
    unknown.set("cloud_run_endpoint", Value::Unknown);
    let (configured, _) = ProviderData::new(&unknown, "1.11.4", &|_| None, &Redactor::default());
    assert_eq!(configured.defaults.google_root, Field::Unknown);
}
