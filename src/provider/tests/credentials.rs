//! Credentials, impersonation and the quota project.

use super::*;

#[test]
fn credentials_are_selected_like_the_google_provider() {
    let both = [
        ("GOOGLE_CREDENTIALS", "/env/key.json"),
        ("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29"),
    ];
    assert_eq!(selected_credentials("{}", &both), "AccessToken(Secret(***))");
    assert_eq!(
        selected_credentials(r#"{"credentials": "/arg/key.json"}"#, &both),
        "File(\"/arg/key.json\")"
    );
    assert_eq!(selected_credentials("{}", &both[..1]), "File(\"/env/key.json\")");
    assert_eq!(
        selected_credentials("{}", &[("GCLOUD_KEYFILE_JSON", "/old.json")]),
        "File(\"/old.json\")"
    );
}

#[test]
fn any_credentials_can_impersonate() {
    let account = [(
        "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
        "a@p.iam.gserviceaccount.com",
    )];
    let credentials = selected_credentials(r#"{"access_token": "t"}"#, &account);
    assert!(
        credentials.starts_with("Impersonated(AccessToken(Secret(***))")
            && credentials.contains("a@p.iam.gserviceaccount.com"),
        "{credentials}"
    );
    let credentials = selected_credentials(
        r#"{"impersonate_service_account": "b@p.iam.gserviceaccount.com"}"#,
        &account,
    );
    assert!(
        credentials.starts_with("Impersonated(ApplicationDefault") && credentials.contains("\"b@p."),
        "{credentials}"
    );
    let delegates = r#"{"impersonate_service_account_delegates": ["d@p.iam.gserviceaccount.com"]}"#;
    assert!(selected_credentials(delegates, &account).contains("serviceAccounts/d@p."));
    assert!(selected_credentials(delegates, &[]).contains("Missing impersonate_service_account"));
    let with_endpoint = [
        account[0],
        ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", "http://example.com/"),
    ];
    assert!(selected_credentials("{}", &with_endpoint).contains("Unusable endpoint"));
    let invalid_account = [("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "me")];
    assert!(selected_credentials("{}", &invalid_account).contains("Not a service account"));
}

#[test]
fn configure_checks_accounts_again() {
    let configure = |json: &str| {
        let settings = settings(json, &[], "");
        format!("{:?}", settings.map(|(_, credentials)| credentials))
    };
    let account = r#""impersonate_service_account": "a@p.iam.gserviceaccount.com""#;
    let with_delegates = |delegates: &str| {
        configure(&format!(
            r#"{{{account}, "impersonate_service_account_delegates": {delegates}}}"#
        ))
    };
    assert!(with_delegates(r#"["d@p.iam.gserviceaccount.com"]"#).contains("serviceAccounts/d@p."));
    for delegates in [r#"["d@p.iam.gserviceaccount.com", null]"#, r#"["me"]"#, r#"[""]"#] {
        let result = with_delegates(delegates);
        assert!(result.contains("Not a service account"), "{delegates}: {result}");
    }
    assert!(configure(r#"{"impersonate_service_account": ""}"#).contains("Not a service account"));
}

#[test]
fn quota_project_is_configured_or_from_job_or_credentials() {
    let quota_project = |json: &str, variables: &[(&str, &str)]| {
        let settings = settings(json, variables, "");
        settings.map(|(settings, _)| settings.quota_project).ok()
    };
    let named = |project: &str| Some(QuotaProject::Named(project.to_owned()));
    let both = r#"{"billing_project": "b", "user_project_override": true}"#;
    assert_eq!(quota_project("{}", &[]), Some(QuotaProject::FromCredentials));
    assert_eq!(
        quota_project(both, &[("GOOGLE_CLOUD_QUOTA_PROJECT", "q")]),
        named("b")
    );
    assert_eq!(
        quota_project("{}", &[("GOOGLE_CLOUD_QUOTA_PROJECT", "q")]),
        named("q")
    );
    assert_eq!(
        quota_project(r#"{"billing_project": "b"}"#, &[]),
        Some(QuotaProject::FromCredentials)
    );
    assert_eq!(
        quota_project("{}", &[("USER_PROJECT_OVERRIDE", "true")]),
        Some(QuotaProject::FromJob)
    );
}

#[test]
fn values_invalid_in_headers_are_refused_without_quoting() {
    let configure_error = |json: &str, variables: &[(&str, &str)]| {
        let (configured, diagnostics) = configured(json, variables);
        assert!(
            configured.client().is_err() && diagnostics.len() == 1,
            "{json} {variables:?}: {diagnostics:?}"
        );
        let message = format!(
            "{}: {}: {}",
            diagnostics[0].path, diagnostics[0].summary, diagnostics[0].detail
        );
        assert!(!message.contains("hush"), "{message}");
        message
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
        let message = configure_error(json, &variables);
        assert!(message.contains(expected), "{message}");
    }
    let found = validate(&config(
        r#"{"access_token": "hush\nhush", "billing_project": "p\t"}"#,
    ));
    let found: Vec<&str> = found
        .iter()
        .map(|diagnostic| diagnostic.summary.as_str())
        .collect();
    assert_eq!(found, ["Invalid access token", "Invalid billing project"]);
}

#[test]
fn accounts_must_be_addresses() {
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
            let diagnostics = validate(&config(&json));
            assert!(
                diagnostics.len() == 1 && diagnostics[0].detail.contains(&fix),
                "{diagnostics:?}"
            );
        }
        let variable = |name: &str| (name == "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT").then(|| given.clone());
        let (_, diagnostics) = ProviderData::new(&config("{}"), "", &variable, &Redactor::default());
        assert!(
            diagnostics.len() == 1 && diagnostics[0].detail.contains(&fix),
            "{diagnostics:?}"
        );
    }
}

#[test]
fn unknown_credentials_fail_only_when_needed() {
    let mut value = config("{}");
    value.set("access_token", Value::Unknown);
    value.set("credentials", Value::Unknown);
    value.set("project", Value::Unknown);
    assert_eq!(validate(&value), vec![]);
    let (configured, diagnostics) = ProviderData::new(&value, "", &|_| None, &Redactor::default());
    assert!(diagnostics.is_empty() && configured.defaults.project.is_unknown());
    let Err(reason) = configured.client() else {
        panic!("a client without a token")
    };
    assert!(!reason.for_reading().is_error() && reason.for_writing().is_error());
}
