//! What a plan says of what a job refers to.

use super::*;

fn check(reference: &Reference, standing: &Standing, summary: &str, parts: &[&str]) {
    let told = tell(Path::attribute("service_account"), reference, standing);
    let told = told.map_or_else(String::new, |told| {
        assert!(!told.is_error(), "the same apply may mend it");
        format!("{}: {}", told.summary, told.detail)
    });
    assert!(told.starts_with(summary), "{told}");
    for part in parts {
        assert!(told.contains(part), "{told}");
    }
}

fn account() -> Reference {
    Reference::ServiceAccount("a@p.iam.gserviceaccount.com".to_owned())
}

#[test]
fn what_is_good_or_nobodys_to_ask_is_not_talked_about() {
    assert_eq!(tell(Path::default(), &account(), &Standing::Good), None);
    assert_eq!(tell(Path::default(), &account(), &Standing::NotAsked), None);
}

#[test]
fn what_is_amiss_is_told_with_the_way_out() {
    check(
        &account(),
        &Standing::Missing,
        "Not there yet",
        &[
            "There is no service account a@p.iam.gserviceaccount.com.",
            "gcloud iam service-accounts list",
        ],
    );
    check(
        &Reference::SecretVersion("projects/p/secrets/s/versions/1".to_owned()),
        &Standing::Unusable("DESTROYED".to_owned()),
        "There, but not usable",
        &["The secret version projects/p/secrets/s/versions/1 is DESTROYED."],
    );
    check(
        &Reference::Connector("projects/p/locations/l/connectors/c".to_owned()),
        &Standing::NotToBeSeen {
            why: "HTTP 403 PERMISSION_DENIED: no".to_owned(),
            denied: true,
        },
        "Not looked up",
        &[
            "HTTP 403 PERMISSION_DENIED: no",
            "roles/vpcaccess.viewer",
            "plan_checks = \"live\"",
        ],
    );
    check(
        &account(),
        &Standing::NotToBeSeen {
            why: "Google could not be reached".to_owned(),
            denied: false,
        },
        "Not looked up",
        &["Plan again when it answers"],
    );
}
