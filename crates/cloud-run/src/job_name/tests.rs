//! Parsing of job names, and URLs of them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::Endpoint;
use proptest::prelude::*;
use reqwest::Url;

proptest! {
    #[test]
    fn valid_name_is_unchanged_in_a_url(
        text in "\\PC{0,40}", parts in proptest::collection::vec("[a-c]{0,2}[.:%?#@\\\\ -]{0,1}[a-c]{0,2}", 2..4),
    ) {
        for text in [text, parts.join("/")] {
            let Ok(name) = JobName::parse(&text, Some("p")) else { continue };
            prop_assert_eq!(JobName::parse(&name.to_string(), None), Ok(name.clone()));
            let url = Url::parse(&name.run_url(None)).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let expected = format!("/v2/{name}:run");
            prop_assert_eq!(url.path(), expected.as_str());
        }
    }
}

#[test]
fn run_url_uses_googles_endpoint() {
    let name = JobName::new("p", "us-central1", "n");
    for (endpoint, root) in [
        ("https://run.googleapis.com/v2/", "https://run.googleapis.com/v2/"),
        (
            "https://us-central1-run.googleapis.com",
            "https://us-central1-run.googleapis.com/v2/",
        ),
        (
            "https://run.us-central1.rep.googleapis.com/v2",
            "https://run.us-central1.rep.googleapis.com/v2/",
        ),
        (
            "https://run-team.p.googleapis.com/v2/",
            "https://run-team.p.googleapis.com/v2/",
        ),
        (
            "https://RUN.mtls.googleapis.com:443/v2/",
            "https://run.mtls.googleapis.com/v2/",
        ),
        ("http://127.0.0.1:8080/v2/", "https://run.googleapis.com/v2/"),
        ("https://localhost:8443/v2/", "https://run.googleapis.com/v2/"),
        (
            "https://run.company.test/googleapis.com/v2/",
            "https://run.googleapis.com/v2/",
        ),
        (
            "https://run.notgoogleapis.com/v2/",
            "https://run.googleapis.com/v2/",
        ),
    ] {
        let url = Endpoint::parse(endpoint).map(|endpoint| name.run_url(endpoint.google_root()));
        assert_eq!(
            url,
            Ok(format!("{root}projects/p/locations/us-central1/jobs/n:run"))
        );
    }
}

#[test]
fn all_forms_parse_to_the_same_name() {
    let name = Ok(JobName::new("p", "l", "n"));
    assert_eq!(JobName::parse("projects/p/locations/l/jobs/n", None), name);
    assert_eq!(JobName::parse("p/l/n", None), name);
    assert_eq!(JobName::parse("l/n", Some("p")), name);
    assert_eq!(
        JobName::parse("example.com:p/l/n", None),
        Ok(JobName::new("example.com:p", "l", "n"))
    );
    assert_eq!(
        JobName::parse("p:q/123/n", None),
        Ok(JobName::new("p:q", "123", "n"))
    );
    for text in [
        "",
        "n",
        "l/n",
        "p//n",
        "a/b/c/d",
        "projects/p/locations/l/services/n",
        "p/l/n?x=1",
        "p/l/n m",
        "p/l/n:run",
        "p/l:x/n",
        "p/../n",
        "p/l/..",
        "p/./n",
        "p/l/a\\b",
        "p/l/%2e%2e",
        "p/l/ä",
        "/p/l/n",
        "projects/p/locations/l/jobs/n/",
    ] {
        assert!(JobName::parse(text, None).is_err(), "{text}");
    }
}

#[test]
fn unexpected_segment_is_named() {
    for (text, found, expected) in [
        ("projects/p/locations/l/services/z", "services", "jobs"),
        ("projects/p/locations/l/workerPools/z", "workerPools", "jobs"),
        ("projects/p/regions/l/jobs/z", "regions", "locations"),
        ("namespaces/p/locations/l/jobs/z", "namespaces", "projects"),
        ("projects/p/locations/l/Jobs/z", "Jobs", "jobs"),
        (
            "projects/p/locations/l/jobs/n/executions/n-x",
            "executions",
            "jobs",
        ),
        (
            "//run.googleapis.com/projects/p/locations/l/services/z",
            "services",
            "jobs",
        ),
        ("p/l/services/z", "services", "jobs"),
        ("locations/l/services/z", "services", "jobs"),
        ("l/services/z", "services", "a region"),
        ("services/z", "services", "a region"),
        ("l/jobs/z", "jobs", "a region"),
    ] {
        let expected = JobNameError::UnexpectedSegment {
            found: found.to_owned(),
            expected,
        };
        assert_eq!(JobName::parse(text, Some("p")), Err(expected), "{text}");
    }
    // The last part is the user's own.
    let named = |job| Ok(JobName::new("p", "l", job));
    assert_eq!(JobName::parse("l/services", Some("p")), named("services"));
    assert_eq!(
        JobName::parse("projects/p/locations/l/jobs/jobs", None),
        named("jobs")
    );
    for text in ["a/b/c/d", "p/l/n/services", "projects/p/locations/l/jobs/n/"] {
        assert_eq!(
            JobName::parse(text, None),
            Err(JobNameError::SegmentCount),
            "{text}"
        );
    }
}

#[test]
fn messages() {
    let texts = [
        "projects/p/locations/l/services/n",
        "p/projects/n",
        "n",
        "p/l/n!",
        "l/n",
    ];
    let messages = texts.map(|text| JobName::parse(text, None).unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"));
}
