//! What other services know of what a job refers to.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::{Reference, ReferenceEndpoints, Standing};
use crate::cloudrun::Endpoint;
use crate::cloudrun::tests::Act::{self, Say};
use crate::cloudrun::tests::{GONE, Server};

fn secret() -> Reference {
    Reference::SecretVersion("projects/p/secrets/s/versions/latest".to_owned())
}

async fn knowing(acts: Vec<Act>) -> Server {
    let mut server = Server::new(acts).await;
    let of = |name: &str| Endpoint::of_service(&format!("{}/{name}/v1", server.address)).ok();
    std::sync::Arc::get_mut(&mut server.client).unwrap().references = ReferenceEndpoints {
        secret_manager: of("secrets"),
        vpc_access: of("vpc"),
        iam: of("iam"),
    };
    server
}

#[tokio::test]
async fn each_kind_is_asked_for_at_its_own_service() {
    let good = || Say(200, "", r#"{"name": "n"}"#);
    let server = knowing(vec![good(), good(), good()]).await;
    for reference in [
        secret(),
        Reference::Connector("projects/p/locations/l/connectors/c".to_owned()),
        Reference::ServiceAccount("a@b.c".to_owned()),
    ] {
        assert_eq!(
            server.client.standing(&reference, &server.patience).await,
            Standing::Good
        );
    }
    assert_eq!(
        server.asked(),
        [
            "GET /secrets/v1/projects/p/secrets/s/versions/latest",
            "GET /vpc/v1/projects/p/locations/l/connectors/c",
            "GET /iam/v1/projects/-/serviceAccounts/a@b.c",
        ]
    );
}

#[tokio::test]
async fn no_permission_is_asked_for_where_none_helps() {
    for (body, way_out) in [
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "vpcServiceControlsUniqueIdentifier: abc-1"}}"#,
            "unique identifier abc-1",
        ),
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "Secret Manager API has not been used in project 1: https://console.developers.google.com/apis/api/secretmanager.googleapis.com/overview"}}"#,
            "gcloud services enable secretmanager.googleapis.com",
        ),
    ] {
        let server = knowing(vec![Say(403, "", body)]).await;
        let standing = server.client.standing(&secret(), &server.patience).await;
        let Standing::NotToBeSeen { why, denied: false } = &standing else {
            panic!("{standing:?}")
        };
        assert!(why.contains(way_out), "{why}");
    }
}

#[tokio::test]
async fn how_it_stands_is_in_the_answer() {
    for (act, expected) in [
        (
            Say(200, "", r#"{"name": "n", "state": "ENABLED"}"#),
            Standing::Good,
        ),
        (Say(200, "", r#"{"name": "n", "state": "READY"}"#), Standing::Good),
        (
            Say(200, "", r#"{"name": "n", "state": "DESTROYED"}"#),
            Standing::Unusable("DESTROYED".to_owned()),
        ),
        (
            Say(200, "", r#"{"name": "n", "disabled": true}"#),
            Standing::Unusable("disabled".to_owned()),
        ),
        (Say(404, "", GONE), Standing::Missing),
    ] {
        let server = knowing(vec![act]).await;
        assert_eq!(
            server.client.standing(&secret(), &server.patience).await,
            expected
        );
    }
    let denied = Say(
        403,
        "",
        r#"{"error": {"status": "PERMISSION_DENIED", "message": "m"}}"#,
    );
    let server = knowing(vec![denied]).await;
    let standing = server.client.standing(&secret(), &server.patience).await;
    assert!(
        matches!(standing, Standing::NotToBeSeen { denied: true, .. }),
        "{standing:?}"
    );
}

#[tokio::test]
async fn what_many_jobs_share_is_looked_up_once() {
    let server = knowing(vec![Say(200, "", r#"{"name": "n"}"#)]).await;
    let reference = secret();
    let ask = || server.client.standing(&reference, &server.patience);
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!((first, second), (Standing::Good, Standing::Good));
    assert_eq!(ask().await, Standing::Good);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn nobody_is_asked_where_nobody_is_named() {
    let server = Server::new(vec![]).await;
    assert_eq!(
        server.client.standing(&secret(), &server.patience).await,
        Standing::NotAsked
    );
}
