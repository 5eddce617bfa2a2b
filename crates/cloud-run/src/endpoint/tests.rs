//! Which text is an endpoint, and the host of its requests.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Endpoint, EndpointError, Url};

/// The URL of a request to this endpoint.
fn leads_to(text: &str) -> String {
    Endpoint::parse(text).unwrap().join("jobs").to_string()
}

fn is_refused_as_clear_text(text: &str) -> bool {
    matches!(Endpoint::parse(text), Err(EndpointError::Insecure(_)))
}

fn is_malformed(text: &str) -> bool {
    matches!(Endpoint::parse(text), Err(EndpointError::Malformed(..)))
}

#[test]
fn version_and_slash_are_optional() {
    for text in [
        "https://run.googleapis.com",
        "https://run.googleapis.com/",
        "https://run.googleapis.com/v2",
    ] {
        assert_eq!(Endpoint::parse(text), Ok(Endpoint::default()), "{text}");
    }
    let endpoint = Endpoint::parse("http://127.0.0.1:8080/v2/").unwrap();
    assert_eq!(
        endpoint.join("projects/p/locations/l/jobs").as_str(),
        "http://127.0.0.1:8080/v2/projects/p/locations/l/jobs"
    );
    assert!(Endpoint::parse("http://[::1]:80/").is_ok() && Endpoint::parse("http://localhost:1/").is_ok());
}

#[test]
fn credentials_in_a_url_are_not_shown() {
    for text in [
        "https://me:hush@run.googleapis.com/",
        "https://hush@host/",
        "https://me:hu@sh@host/",
        "http://me:hush@example.com/",
        "me:hush@host",
        "https://host/?key=hush",
        "https://host/#hush",
        "ftp://me:hush@host/?key=hush",
        "https://me:hush@",
    ] {
        let message = Endpoint::parse(text).unwrap_err().to_string();
        assert!(
            !message.contains("hu") && !message.contains("sh"),
            "{text}: {message}"
        );
    }
    let message = Endpoint::parse("https://me:hush@host/v2/")
        .unwrap_err()
        .to_string();
    assert!(message.contains("\"https://***@host/v2/\""), "{message}");
}

#[test]
fn plain_http_is_loopback_only() {
    for text in [
        "http://run.googleapis.com/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com",
        // A resolver may add its domain to the first; the second exists on some systems only.
        "http://localhost.",
        "http://localhost.localdomain",
        "http://xlocalhost",
        // These are loopback on some systems only.
        "http://0.0.0.0",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://128.0.0.1",
        "http://126.255.255.255",
        // An empty user name is none.
        "http://@example.com",
        "http:example.com",
        "http:///example.com",
        r"http:\\example.com",
        "HTTP://EXAMPLE.COM",
        " http://example.com ",
    ] {
        assert!(is_refused_as_clear_text(text), "{text}");
    }
    for text in [
        "",
        "run.googleapis.com",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:pw@host/",
        "https://host/?a=b",
        "https://",
        "http://127.0.0.1:80:80",
    ] {
        assert!(is_malformed(text), "{text}");
    }
}

#[test]
fn loopback_lookalikes_are_refused() {
    for text in [
        "http://127.0.0.1@example.com/",
        "http://localhost:80@example.com/",
        "http://localhost%00@example.com/",
        "http://user@127.0.0.1/",
        "http://:password@127.0.0.1/",
        "http://localhost?@example.com/",
        "http://localhost#@example.com/",
        "http://127.0.0.1%2f.example.com/",
        "http://localhost%00.example.com/",
    ] {
        assert!(is_malformed(text), "{text}");
    }
}

/// The parser normalizes each spelling before it is checked and sent.
#[test]
fn loopback_spellings_are_accepted() {
    for text in [
        "http://127.1",
        "http://0x7f000001",
        "http://0x7f.1",
        "http://2130706433",
        "http://0177.0.0.1",
        "http://127.0.0.1.",
        "http://127。0。0。1",
        "http://１２７.0.0.1",
        "http://%31%32%37.0.0.1",
        r"http:\\127.0.0.1",
    ] {
        assert_eq!(leads_to(text), "http://127.0.0.1/v2/jobs", "{text}");
    }
    for text in [
        "http://LOCALHOST",
        "http://loc%61lhost",
        "http://ｌocalhost",
        "http://local\thost",
    ] {
        assert_eq!(leads_to(text), "http://localhost/v2/jobs", "{text}");
    }
    assert_eq!(leads_to("http://[0:0:0:0:0:0:0:1]:80"), "http://[::1]/v2/jobs");
    assert_eq!(
        leads_to(r"http://127.0.0.1\@example.com"),
        "http://127.0.0.1/@example.com/v2/jobs"
    );
}

/// The name of an operation comes from a response, and becomes part of a URL.
#[test]
fn path_never_changes_the_host() {
    for path in [
        "//example.com/o",
        "https://example.com/o",
        "@example.com/o",
        ":80@example.com",
        r"\\example.com\o",
        "../../../o",
        "?x=https://example.com",
        "#o",
    ] {
        let url = Endpoint::parse("http://localhost:8080").unwrap().join(path);
        assert!(url.as_str().starts_with("http://localhost:8080/"), "{url}");
        assert_eq!((url.query(), url.fragment()), (None, None), "{url}");
    }
}

/// Parts of URLs that make one host look like another.
fn address() -> impl Strategy<Value = String> {
    let piece = |pieces: &'static [&'static str]| proptest::sample::select(pieces);
    let host = prop_oneof![
        piece(&[
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "2130706433",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::]",
            "0",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "example.com",
            "127.0.0.1.example.com",
            "127。0。0。1",
            "%31%32%37.1",
            "10.1",
            "",
        ])
        .prop_map(str::to_owned),
        any::<Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<Ipv6Addr>().prop_map(|address| format!("[{address}]")),
        any::<u32>().prop_map(|number| number.to_string()),
        "[a-z0-9.%。-]{1,12}",
    ];
    (
        piece(&[
            "http://", "https://", "HTTP://", "http:", "http:/", r"http:\\", "http:///", "ws://", "//",
            " http://", "",
        ]),
        piece(&[
            "",
            "",
            "@",
            "user@",
            "127.0.0.1@",
            ":@",
            "localhost:80@",
            r"localhost\@",
        ]),
        host,
        piece(&["", "", ":80", ":443", ":0", ":99999", ":"]),
        piece(&[
            "",
            "/",
            "/v2",
            "/v2/",
            "/@example.com",
            "?a",
            "#a",
            r"\@example.com",
            "/../..",
        ]),
    )
        .prop_map(|(scheme, user, host, port, path)| [scheme, user, &host, port, path].concat())
}

proptest! {
    #[test]
    fn accepted_endpoint_is_https_or_loopback(text in prop_oneof![address(), any::<String>(), "https?://.{0,20}"]) {
        let Ok(endpoint) = Endpoint::parse(&text) else { return Ok(()) };
        let url = endpoint.join("jobs");
        let host = url.host_str().unwrap_or_default();
        let here = host == "localhost"
            || host == "[::1]"
            || host.starts_with("127.") && host.parse::<Ipv4Addr>().is_ok();
        prop_assert!(url.scheme() == "https" || url.scheme() == "http" && here, "{text:?} leads to {url}");
        prop_assert!(url.username().is_empty() && url.password().is_none(), "{text:?} leads to {url}");
        prop_assert!(url.query().is_none() && url.fragment().is_none(), "{text:?} leads to {url}");
        prop_assert!(url.path().ends_with("/v2/jobs"), "{text:?} leads to {url}");
        prop_assert_eq!(&Url::parse(url.as_str()).unwrap(), &url, "what is sent is what was judged");
    }
}

#[test]
fn messages() {
    let texts = [
        "run",
        "ftp://run.googleapis.com",
        "https://run.googleapis.com?a",
        "http://run.googleapis.com",
    ];
    let messages = texts.map(|text| Endpoint::parse(text).unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"));
}
