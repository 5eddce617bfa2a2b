//! Signed requests to AWS.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use reqwest::Url;
use serde_json::{Value as Json, json};
use time::macros::datetime;

use super::{Aws, Document, Key};
use crate::CredentialsError;
use crate::redaction::{Redaction, Secret};
use crate::test_server::Reply::Respond;
use crate::test_server::{Server, settings};
use crate::transport::Transport;

const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p";

fn key(session: Option<&str>) -> Key {
    Key {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        token: session.map(str::to_owned),
    }
}

fn aws(source: &Json) -> Result<Aws, CredentialsError> {
    let document: Document = serde_json::from_value(source.clone()).unwrap();
    Aws::new(document, source["url"].as_str(), AUDIENCE.to_owned())
}

/// The request that Google sends.
fn request(token: &Secret) -> Json {
    let url = Url::parse(&format!("http://h/?{}", token.expose_secret())).unwrap();
    let (decoded, _) = url.query_pairs().next().unwrap();
    serde_json::from_str(&decoded).unwrap()
}

fn header<'a>(request: &'a Json, name: &str) -> Option<&'a str> {
    let headers = request["headers"].as_array().unwrap();
    headers.iter().find(|header| header["key"] == name)?["value"].as_str()
}

/// The expected signatures were computed by another program, checked with the example of AWS:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html>.
#[test]
fn request_has_the_documented_aws_signature() {
    let aws = aws(&json!({})).unwrap();
    for (session, names, signature) in [
        (
            None,
            "host;x-amz-date;x-goog-cloud-target-resource",
            "3763a802dbc31031d01977d8942359f14f4b79474779af37a6a81a5eee4a7201",
        ),
        (
            Some("session/token+of=aws"),
            "host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource",
            "c5626e8a00a97e91fd203768a5d3bc32883bacbb841d625b5586dfbcde2ab80c",
        ),
    ] {
        let token = aws
            .sign(
                "us-east-1",
                &key(session),
                datetime!(2015-08-30 12:36 UTC),
                &Redaction::default(),
            )
            .unwrap();
        let request = request(&token);
        assert_eq!(
            request["url"],
            "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        );
        assert_eq!(
            (&request["method"], &request["body"]),
            (&json!("POST"), &json!(""))
        );
        assert_eq!(
            header(&request, "Authorization").unwrap(),
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, SignedHeaders={names}, \
                 Signature={signature}"
            )
        );
        assert_eq!(header(&request, "x-amz-date"), Some("20150830T123600Z"));
        assert_eq!(header(&request, "x-amz-security-token"), session);
        assert_eq!(header(&request, "x-goog-cloud-target-resource"), Some(AUDIENCE));
    }
}

#[tokio::test]
async fn metadata_server_completes_the_environment() {
    let server = Server::new(vec![
        Respond(200, "", "session-of-the-metadata-server"),
        Respond(200, "", "us-east-2b"),
        Respond(200, "", "role"),
        Respond(
            200,
            "",
            r#"{"AccessKeyId": "A", "SecretAccessKey": "hush", "Token": "t"}"#,
        ),
    ])
    .await;
    let source = json!({
        "region_url": format!("{}/zone", server.address), "url": format!("{}/roles", server.address),
        "imdsv2_session_token_url": format!("{}/session", server.address),
    });
    let aws = aws(&source).unwrap();
    let transport = Transport::new(&settings(&server.address));
    let token = aws.sign_with(None, None, &transport).await.unwrap();
    let authorization = request(&token);
    let authorization = header(&authorization, "Authorization").unwrap();
    assert!(
        authorization.contains("Credential=A/") && authorization.contains("/us-east-2/sts/"),
        "{authorization}"
    );
    assert_eq!(
        server.request_lines(),
        ["PUT /session", "GET /zone", "GET /roles", "GET /roles/role"]
    );
    for requests in &server.requests.lock().unwrap()[1..] {
        assert!(
            requests.contains("x-aws-ec2-metadata-token: session-of-the-metadata-server\r\n"),
            "{requests}"
        );
    }
    // With both in the environment no request is sent.
    aws.sign_with(Some("r".to_owned()), Some(key(None)), &transport)
        .await
        .unwrap();
    assert_eq!(server.request_lines().len(), 4);
}

#[test]
fn aws_urls_must_be_https_or_local() {
    for member in ["region_url", "url", "imdsv2_session_token_url"] {
        for (address, valid) in [
            ("http://169.254.169.254/x", true),
            ("https://a.example/x", true),
            ("http://a.example/x", false),
            ("http://10.0.0.1/x", false),
            ("", false),
        ] {
            assert_eq!(
                aws(&json!({ member: address })).is_ok(),
                valid,
                "{member} {address}"
            );
        }
    }
}
