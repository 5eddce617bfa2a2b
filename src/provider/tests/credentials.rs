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
    assert!(selected_credentials("{}", &with_endpoint).contains("Invalid endpoint"));
    let invalid_account = [("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "me")];
    assert!(selected_credentials("{}", &invalid_account).contains("Invalid service account"));
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
    for (delegates, expected) in [
        (r#"["d@p.iam.gserviceaccount.com", null]"#, "delegates[1]"),
        (r#"["me"]"#, "Invalid service account"),
        (r#"[""]"#, "Invalid service account"),
    ] {
        let result = with_delegates(delegates);
        assert!(
            result.starts_with("Err") && result.contains(expected),
            "{delegates}: {result}"
        );
    }
    assert!(configure(r#"{"impersonate_service_account": ""}"#).contains("Invalid service account"));
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
fn errors_of_variables_name_the_variable() {
    let paid = ("USER_PROJECT_OVERRIDE", "true");
    let shown: String = [
        ("{}", vec![("GOOGLE_OAUTH_ACCESS_TOKEN", "hush\nhush")]),
        ("{}", vec![("GOOGLE_OAUTH_ACCESS_TOKEN", "hush\u{e4}")]),
        ("{}", vec![("GOOGLE_OAUTH_ACCESS_TOKEN", " \n")]),
        (r#"{"access_token": "hush\u0000hush"}"#, vec![]),
        (r#"{"billing_project": "hush\n"}"#, vec![paid]),
        ("{}", vec![paid, ("GOOGLE_BILLING_PROJECT", "hush\n")]),
        ("{}", vec![("GOOGLE_CLOUD_QUOTA_PROJECT", "hush hush")]),
        ("{}", vec![("GOOGLE_CREDENTIALS", "aHVzaA")]),
        ("{}", vec![("GCLOUD_KEYFILE_JSON", "{hush")]),
        (
            "{}",
            vec![(
                "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
                "ya29.hush-that-was-meant-for-another-variable",
            )],
        ),
        (
            "{}",
            vec![("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", "ftp://run.googleapis.com/")],
        ),
        (
            "{}",
            vec![
                (
                    "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
                    "a@p.iam.gserviceaccount.com",
                ),
                ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", "http://example.com/"),
            ],
        ),
        (
            r#"{"impersonate_service_account_delegates": ["d@p.iam.gserviceaccount.com"]}"#,
            vec![],
        ),
    ]
    .iter()
    .map(|(json, variables)| {
        let (configured, diagnostics) = configured(json, variables);
        assert!(
            configured.client().is_err() && diagnostics.len() == 1,
            "{json} {variables:?}: {diagnostics:?}"
        );
        messages(&diagnostics)
    })
    .collect();
    assert!(!shown.contains("hush"), "{shown}");
    insta::assert_snapshot!(shown);
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
    insta::assert_snapshot!(messages(&[reason.for_reading(), reason.for_writing()]));
}
