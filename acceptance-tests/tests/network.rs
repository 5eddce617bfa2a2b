//! Proxies, private root certificates and IPv6. On Linux only, where SSL_CERT_FILE is used.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::json;

use super::{RENDER, init_job, setup};
use crate::harness::{Emulator, ForwardProxy, MockServer, Terraform, TlsProxy};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn proxy_is_used_and_password_redacted() {
    let (emulator, mut terraform) = setup();
    let tls_proxy = TlsProxy::new(emulator.address(), HOST, terraform.folder());
    let proxy = ForwardProxy::to(tls_proxy.address());
    enable_trace_log(&mut terraform);
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://{HOST}/v2/"),
    );
    terraform.set(
        "HTTPS_PROXY",
        &format!("http://user:{PASSWORD}@{}", proxy.address()),
    );
    terraform.set("SSL_CERT_FILE", &tls_proxy.root_certificate());
    init_job(&terraform, "");
    let run = terraform.apply().succeeds();
    assert_eq!(emulator.jobs().len(), 1);
    let requests = proxy.requests();
    assert!(
        requests
            .iter()
            .any(|head| head.starts_with(&format!("CONNECT {HOST}:443 ")))
    );
    let authorized = requests
        .iter()
        .all(|head| head.to_lowercase().contains("\r\nproxy-authorization: basic "));
    assert!(authorized, "{requests:?}");
    let log = read_log(&terraform);
    assert!(log.contains("/jobs"), "the requests are not in the log");
    for text in [&log, &run.output(), &terraform.state_file()] {
        assert!(!text.contains(PASSWORD), "the password of the proxy was printed");
    }
    terraform.assert_no_changes();
}

/// A changed endpoint changes `execution_url`, but not the job.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_url_follows_regional_endpoint() {
    const REGIONAL: &str = "us-central1-run.googleapis.com";
    const PATH: &str = "v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (emulator, mut terraform) = setup();
    let tls_proxy = TlsProxy::new(emulator.address(), REGIONAL, terraform.folder());
    let proxy = ForwardProxy::to(tls_proxy.address());
    terraform.write(
        "outputs.tf",
        "output \"url\" {\n  value = facets_gpu_cloudrun_job.render.execution_url\n}\n",
    );
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let global = format!("https://run.googleapis.com/{PATH}");
    assert_eq!(
        terraform.output("url"),
        global,
        "the emulator has no execution URL of its own"
    );

    terraform.set("HTTPS_PROXY", &format!("http://{}", proxy.address()));
    terraform.set("SSL_CERT_FILE", &tls_proxy.root_certificate());
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://{REGIONAL}/v2/"),
    );
    emulator.clear_requests();
    let unrefreshed = terraform.plan(&["-refresh=false"]);
    assert_eq!(unrefreshed.code, Some(0), "{unrefreshed}");
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 0 changed, 0 destroyed");
    assert_eq!(emulator.writes(), [""; 0]);
    let regional = format!("https://{REGIONAL}/{PATH}");
    assert_eq!(terraform.output("url"), regional);
    terraform.assert_no_changes();

    // Updates keep the URL, also without refresh.
    terraform.write("main.tf", &super::job("job = { task_count = 2 }"));
    terraform
        .run(&["apply", "-auto-approve", "-refresh=false"])
        .succeeds();
    assert_eq!(terraform.output("url"), regional);
    terraform.assert_no_changes();
    terraform.destroy().succeeds();
    let planned = terraform.plan_json();
    assert_eq!(
        planned["planned_values"]["outputs"]["url"]["value"],
        regional.as_str()
    );
    terraform.apply().succeeds();
    assert_eq!(terraform.output("url"), regional);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn token_requests_use_proxy() {
    let (emulator, mut terraform) = setup();
    let tokens = MockServer::new(|_| {
        (
            200,
            json!({ "access_token": "any", "expires_in": 3600, "token_type": "Bearer" }),
        )
    });
    let tls_proxy = TlsProxy::new(tokens.address(), "tokens.company.test", terraform.folder());
    let proxy = ForwardProxy::to(tls_proxy.address());
    let credentials = json!({
        "type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh",
        "token_uri": "https://tokens.company.test/token"
    });
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    terraform.set("GOOGLE_CREDENTIALS", &credentials.to_string());
    terraform.set("HTTPS_PROXY", &format!("http://{}", proxy.address()));
    terraform.set("SSL_CERT_FILE", &tls_proxy.root_certificate());
    init_job(&terraform, "");
    terraform.apply().succeeds();
    assert_eq!(emulator.jobs().len(), 1);
    let requests = proxy.requests();
    assert!(
        requests.len() == 1 && requests[0].starts_with("CONNECT tokens.company.test:443 "),
        "{requests:?}"
    );
    assert_eq!(tokens.requests().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn no_proxy_bypasses_proxy() {
    let (emulator, mut terraform) = setup();
    let tls_proxy = TlsProxy::new(emulator.address(), "localhost", terraform.folder());
    let proxy = ForwardProxy::rejecting("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let port = tls_proxy.address().port();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://localhost:{port}/v2/"),
    );
    terraform.set("HTTPS_PROXY", &format!("http://{}", proxy.address()));
    terraform.set("NO_PROXY", "example.com,localhost");
    terraform.set("SSL_CERT_FILE", &tls_proxy.root_certificate());
    init_job(&terraform, "");
    terraform.apply().succeeds();
    assert_eq!(emulator.jobs().len(), 1);
    assert_eq!(proxy.requests(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn rejecting_proxy_is_named() {
    let (emulator, mut terraform) = setup();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://{HOST}/v2/"),
    );
    enable_trace_log(&mut terraform);
    init_job(&terraform, r#"timeouts = { create = "10s" }"#);
    for response in [
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>",
    ] {
        let proxy = ForwardProxy::rejecting(response);
        terraform.set(
            "HTTPS_PROXY",
            &format!("http://user:{PASSWORD}@{}", proxy.address()),
        );
        let run = terraform
            .apply()
            .fails_with("credentials of the proxy in HTTPS_PROXY")
            .prints("NO_PROXY")
            .does_not_print(PASSWORD);
        let log = read_log(&terraform);
        if response.contains("407") {
            run.prints("proxy authorization required");
            assert!(!log.contains("retrying request"), "a permanent error was retried");
        }
        assert!(!log.contains(PASSWORD), "the password of the proxy was printed");
    }
    assert!(emulator.jobs().is_empty());
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn untrusted_certificate_suggests_ssl_cert_file() {
    let (emulator, mut terraform) = setup();
    let tls_proxy = TlsProxy::new(emulator.address(), "localhost", terraform.folder());
    let port = tls_proxy.address().port();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://localhost:{port}/v2/"),
    );
    enable_trace_log(&mut terraform);
    init_job(&terraform, "");
    let run = terraform.apply();
    run.fails_with("certificate").prints("SSL_CERT_FILE");
    // Without any root certificates.
    terraform.set("SSL_CERT_FILE", "/nowhere/at/all.pem");
    let run = terraform.apply();
    run.fails_with("certificate").prints("SSL_CERT_FILE");
    terraform.unset("SSL_CERT_FILE");
    assert!(
        !read_log(&terraform).contains("retrying request"),
        "a permanent error was retried"
    );
    assert!(emulator.jobs().is_empty());
    // A folder with file names as `openssl rehash` creates them.
    let folder = terraform.folder().join("roots");
    fs::create_dir(&folder).expect("a new folder");
    fs::copy(tls_proxy.root_certificate(), folder.join("0a1b2c3d.0")).expect("the certificate can be copied");
    terraform.set("SSL_CERT_DIR", &folder.display().to_string());
    terraform.apply().succeeds();
    assert_eq!(emulator.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ipv6_endpoint_is_reached() {
    let listener = std::net::TcpListener::bind("[::1]:0");
    assert!(
        listener.is_ok(),
        "this test needs the IPv6 loopback ::1: {listener:?}. Enable it (sysctl net.ipv6.conf.lo.disable_ipv6=0), or skip the \
         test with -- --skip ipv6_endpoint"
    );
    let emulator = Emulator::with_flags(&["--host", "::1", "--operation-time", "50ms"]);
    assert!(
        emulator.endpoint().starts_with("http://[::1]:"),
        "{}",
        emulator.endpoint()
    );
    let terraform = super::terraform().with_emulator(&emulator);
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.assert_no_changes();
    terraform.destroy().succeeds();
    assert!(emulator.jobs().is_empty());
}

fn enable_trace_log(terraform: &mut Terraform) {
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", "trace.log");
}

fn read_log(terraform: &Terraform) -> String {
    fs::read_to_string(terraform.folder().join("trace.log")).expect("the log")
}

/// A host that only the proxy resolves.
const HOST: &str = "run.company.test";
const PASSWORD: &str = "osprey-password-must-not-be-printed";
