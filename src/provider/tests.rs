//! Which setting wins, and what is said when none can work.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::from_json;

fn config(json: &str) -> Value {
    SCHEMA
        .coerce(from_json(json.as_bytes()).unwrap(), ExtraAttributes::Error)
        .unwrap()
}

/// Looks a variable up among these.
fn among(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
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
        &Environment(&among(variables)),
        version,
        &Redactor::default(),
    )
}

fn configured(json: &str, variables: &[(&str, &str)]) -> (ProviderData, Vec<Diagnostic>) {
    ProviderData::new(&config(json), "1.11.4", &among(variables), &Redactor::default())
}

/// The credentials that would be used, in a form that can be compared.
fn credentials_of(json: &str, variables: &[(&str, &str)]) -> String {
    match settings(json, variables, "1.11.4") {
        Ok((_, credentials)) => format!("{credentials:?}"),
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
        "File(\"/arg/key.json\")"
    );
    assert_eq!(credentials_of("{}", &both[..1]), "File(\"/env/key.json\")");
    assert_eq!(
        credentials_of("{}", &[("GCLOUD_KEYFILE_JSON", "/old.json")]),
        "File(\"/old.json\")"
    );
}

#[test]
fn whoever_they_are_they_may_act_as_somebody_else() {
    let account = [(
        "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
        "a@p.iam.gserviceaccount.com",
    )];
    let told = credentials_of(r#"{"access_token": "t"}"#, &account);
    assert!(
        told.starts_with("Impersonated(AccessToken(Secret(***))")
            && told.contains("a@p.iam.gserviceaccount.com"),
        "{told}"
    );
    let told = credentials_of(
        r#"{"impersonate_service_account": "b@p.iam.gserviceaccount.com"}"#,
        &account,
    );
    assert!(
        told.starts_with("Impersonated(ApplicationDefault") && told.contains("\"b@p."),
        "{told}"
    );
    let delegates = r#"{"impersonate_service_account_delegates": ["d@p.iam.gserviceaccount.com"]}"#;
    assert!(credentials_of(delegates, &account).contains("serviceAccounts/d@p."));
    assert!(credentials_of(delegates, &[]).contains("Delegates of nobody"));
    let elsewhere = [
        account[0],
        ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", "http://example.com/"),
    ];
    assert!(credentials_of("{}", &elsewhere).contains("Unusable endpoint"));
    let nobody = [("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "me")];
    assert!(credentials_of("{}", &nobody).contains("Not a service account"));
}

#[test]
fn an_account_that_becomes_known_late_is_looked_at_all_the_same() {
    let late = |json: &str| {
        let settings = settings(json, &[], "");
        format!("{:?}", settings.map(|(_, credentials)| credentials))
    };
    let account = r#""impersonate_service_account": "a@p.iam.gserviceaccount.com""#;
    let of = |delegates: &str| {
        late(&format!(
            r#"{{{account}, "impersonate_service_account_delegates": {delegates}}}"#
        ))
    };
    assert!(of(r#"["d@p.iam.gserviceaccount.com"]"#).contains("serviceAccounts/d@p."));
    for delegates in [r#"["d@p.iam.gserviceaccount.com", null]"#, r#"["me"]"#, r#"[""]"#] {
        let told = of(delegates);
        assert!(told.contains("Not a service account"), "{delegates}: {told}");
    }
    assert!(late(r#"{"impersonate_service_account": ""}"#).contains("Not a service account"));
}

#[test]
fn who_pays_is_said_by_the_configuration_the_environment_or_the_credentials() {
    let payer = |json: &str, variables: &[(&str, &str)]| {
        let settings = settings(json, variables, "");
        settings.map(|(settings, _)| settings.quota_project).ok()
    };
    let named = |project: &str| Some(QuotaProject::Named(project.to_owned()));
    let both = r#"{"billing_project": "b", "user_project_override": true}"#;
    assert_eq!(payer("{}", &[]), Some(QuotaProject::FromCredentials));
    assert_eq!(payer(both, &[("GOOGLE_CLOUD_QUOTA_PROJECT", "q")]), named("b"));
    assert_eq!(payer("{}", &[("GOOGLE_CLOUD_QUOTA_PROJECT", "q")]), named("q"));
    assert_eq!(
        payer(r#"{"billing_project": "b"}"#, &[]),
        Some(QuotaProject::FromCredentials)
    );
    assert_eq!(
        payer("{}", &[("USER_PROJECT_OVERRIDE", "true")]),
        Some(QuotaProject::FromJob)
    );
}

#[test]
fn what_no_header_can_carry_is_told_at_once_and_not_quoted() {
    let told = |json: &str, variables: &[(&str, &str)]| {
        let (configured, told) = configured(json, variables);
        assert!(
            configured.client().is_err() && told.len() == 1,
            "{json} {variables:?}: {told:?}"
        );
        let told = format!("{}: {}: {}", told[0].path, told[0].summary, told[0].detail);
        assert!(!told.contains("hush"), "{told}");
        told
    };
    let paid = ("USER_PROJECT_OVERRIDE", "true");
    for (json, variables, expected) in [
        (
            "{}",
            vec![("GOOGLE_OAUTH_ACCESS_TOKEN", "hush\nhush")],
            "access_token: Invalid access token",
        ),
        (
            "{}",
            vec![("GOOGLE_OAUTH_ACCESS_TOKEN", "hush\u{e4}")],
            "given by GOOGLE_OAUTH_ACCESS_TOKEN",
        ),
        ("{}", vec![("GOOGLE_OAUTH_ACCESS_TOKEN", " \n")], "got nothing"),
        (
            r#"{"access_token": "hush\u0000hush"}"#,
            vec![],
            "a control character (U+0000) at character 5",
        ),
        (
            r#"{"billing_project": "hush\n"}"#,
            vec![paid],
            "billing_project must be the id",
        ),
        (
            "{}",
            vec![paid, ("GOOGLE_BILLING_PROJECT", "hush\n")],
            "GOOGLE_BILLING_PROJECT must be the id",
        ),
        (
            "{}",
            vec![("GOOGLE_CLOUD_QUOTA_PROJECT", "hush hush")],
            "billing_project: Invalid billing project",
        ),
        (
            "{}",
            vec![("GOOGLE_CREDENTIALS", "aHVzaA")],
            "given by GOOGLE_CREDENTIALS",
        ),
        (
            "{}",
            vec![("GCLOUD_KEYFILE_JSON", "{hush")],
            "given by GCLOUD_KEYFILE_JSON",
        ),
        (
            "{}",
            vec![(
                "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
                "ya29.hush-that-was-meant-for-another-variable",
            )],
            "a text of 45 characters without @",
        ),
    ] {
        let told = told(json, &variables);
        assert!(told.contains(expected), "{told}");
    }
    let found = validate(&config(
        r#"{"access_token": "hush\nhush", "billing_project": "p\t"}"#,
    ));
    let found: Vec<&str> = found.iter().map(|told| told.summary.as_str()).collect();
    assert_eq!(found, ["Invalid access token", "Invalid billing project"]);
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
                 "request_timeout": "1h", "plan_checks": "full", "default_labels": {"A": "b"}, "impersonate_service_account": "me",
                 "impersonate_service_account_delegates": ["a@p.iam.gserviceaccount.com", ""]}"#
        ),
        [
            "default_labels.A: Invalid label",
            "credentials: Two kinds of credentials",
            "access_token: Empty access token",
            "credentials: Unusable credentials",
            "impersonate_service_account: Not a service account",
            "impersonate_service_account_delegates[1]: Not a service account",
            "cloud_run_endpoint: Unusable endpoint",
            "request_timeout: Unusable request timeout",
            "plan_checks: Invalid plan_checks",
        ]
    );
}

#[test]
fn an_account_to_act_as_is_given_by_its_address_wherever_it_comes_from() {
    let address = "b@p.iam.gserviceaccount.com";
    for (before, after) in [
        ("serviceAccount:", ""),
        ("user:", ""),
        ("group:", ""),
        ("deleted:serviceAccount:", "?uid=1"),
        ("projects/-/serviceAccounts/", ""),
    ] {
        let given = format!("{before}{address}{after}");
        let fix = format!("got \"{given}\". Use \"{address}\".");
        for json in [
            format!(r#"{{"impersonate_service_account": "{given}"}}"#),
            format!(r#"{{"impersonate_service_account_delegates": ["{given}"]}}"#),
        ] {
            let told = validate(&config(&json));
            assert!(told.len() == 1 && told[0].detail.contains(&fix), "{told:?}");
        }
        let variable = |name: &str| (name == "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT").then(|| given.clone());
        let (_, told) = ProviderData::new(&config("{}"), "", &variable, &Redactor::default());
        assert!(told.len() == 1 && told[0].detail.contains(&fix), "{told:?}");
    }
}

#[test]
fn what_is_not_known_yet_stands_in_the_way_only_when_it_is_needed() {
    let mut value = config("{}");
    value.set("access_token", Value::Unknown);
    value.set("credentials", Value::Unknown);
    value.set("project", Value::Unknown);
    assert_eq!(validate(&value), vec![]);
    let (configured, told) = ProviderData::new(&value, "", &|_| None, &Redactor::default());
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

#[test]
fn the_endpoint_in_use_is_where_executions_are_started() {
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
    let mut later = config("{}");
    later.set("cloud_run_endpoint", Value::Unknown);
    let (configured, _) = ProviderData::new(&later, "1.11.4", &|_| None, &Redactor::default());
    assert_eq!(configured.defaults.google_root, Field::Unknown);
}
