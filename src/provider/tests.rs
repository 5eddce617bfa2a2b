//! Which setting wins, and what is said when none can work.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::schema::Extra;
use crate::value::from_json;

fn config(json: &str) -> Value {
    SCHEMA
        .conform(from_json(json.as_bytes()).unwrap(), Extra::Refuse)
        .unwrap()
}

fn configured(json: &str, variables: &[(&str, &str)]) -> (Configured, Vec<Diagnostic>) {
    let variable = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Configured::new(&config(json), "1.11.4", &variable)
}

/// The credentials that would be used, in a form that can be compared.
fn credentials_of(json: &str, variables: &[(&str, &str)]) -> String {
    let variable = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    match settings(&Config::read(&config(json)), &Environment(&variable), "1.11.4") {
        Ok(settings) => format!("{:?}", settings.credentials),
        Err(reason) => format!("{reason:?}"),
    }
}

#[test]
fn a_provider_without_any_configuration_works() {
    let (configured, told) = configured("{}", &[]);
    assert!(told.is_empty() && configured.client().is_ok());
    assert_eq!(configured.defaults.project, Field::Null);
    assert_eq!(credentials_of("{}", &[]), "ApplicationDefault");
}

#[test]
fn the_configuration_goes_before_the_environment_and_its_order_is_the_google_providers() {
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
fn credentials_are_chosen_as_the_google_provider_does() {
    let both = [
        ("GOOGLE_CREDENTIALS", "/env/key.json"),
        ("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29"),
    ];
    assert_eq!(credentials_of("{}", &both), "AccessToken(Secret(***))");
    assert_eq!(
        credentials_of(r#"{"credentials": "/arg/key.json"}"#, &both),
        "KeyFile(\"/arg/key.json\")"
    );
    assert_eq!(credentials_of("{}", &both[..1]), "KeyFile(\"/env/key.json\")");
    assert_eq!(
        credentials_of("{}", &[("GCLOUD_KEYFILE_JSON", "/old.json")]),
        "KeyFile(\"/old.json\")"
    );
}

#[test]
fn to_act_as_somebody_else_is_refused_rather_than_ignored() {
    let told = credentials_of(
        r#"{"access_token": "t"}"#,
        &[("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "a@b.c")],
    );
    assert!(told.contains("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"), "{told}");
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_its_attribute() {
    let told = |json: &str| -> Vec<String> {
        validate(&config(json))
            .iter()
            .map(|d| format!("{}: {}", d.path, d.summary))
            .collect()
    };
    assert_eq!(told("{}"), Vec::<String>::new());
    assert_eq!(
        told(
            r#"{"access_token": " ", "credentials": "{}", "cloud_run_endpoint": "http://example.com/",
                 "request_timeout": "1h", "default_labels": {"A": "b"}}"#
        ),
        [
            "default_labels.A: Invalid label",
            "credentials: Two kinds of credentials",
            "access_token: Empty access token",
            "credentials: Unusable credentials",
            "cloud_run_endpoint: Unusable endpoint",
            "request_timeout: Unusable request timeout",
        ]
    );
}

#[test]
fn what_is_not_known_yet_stands_in_the_way_only_when_it_is_needed() {
    let mut value = config("{}");
    value.set("access_token", Value::Unknown);
    value.set("credentials", Value::Unknown);
    value.set("project", Value::Unknown);
    assert_eq!(validate(&value), vec![]);
    let (configured, told) = Configured::new(&value, "", &|_| None);
    assert!(told.is_empty() && configured.defaults.project.is_unknown());
    let Err(reason) = configured.client() else {
        panic!("a client without a token")
    };
    assert!(!reason.for_reading().is_error() && reason.for_writing().is_error());
}

#[test]
fn the_user_agent_names_terraform_and_this_provider() {
    let variable = |name: &str| (name == "TF_APPEND_USER_AGENT").then(|| "ci/1\r\nX: y".to_owned());
    assert_eq!(
        user_agent("1.11.4", &Environment(&variable)),
        format!(
            "Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-facets-gpu/{} ci/1X: y",
            env!("CARGO_PKG_VERSION")
        )
    );
}
