//! The ways to Google: through a proxy, past one, with a company's root certificates, over IPv6. On Linux, where
//! SSL_CERT_FILE counts.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::json;

use super::{RENDER, cloud, with_job};
use crate::harness::{Emulator, Proxy, StandIn, Terraform, TlsFront};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_proxy_is_asked_for_the_way_and_its_password_is_in_no_log() {
    let (cloud, mut terraform) = cloud();
    let front = TlsFront::of(&cloud, HOST, terraform.folder());
    let proxy = Proxy::to(front.address());
    logged(&mut terraform);
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://{HOST}/v2/"),
    );
    terraform.set(
        "HTTPS_PROXY",
        &format!("http://clerk:{PASSWORD}@{}", proxy.address()),
    );
    terraform.set("SSL_CERT_FILE", &front.root());
    with_job(&terraform, "");
    let run = terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    let asked = proxy.asked();
    assert!(
        asked
            .iter()
            .any(|head| head.starts_with(&format!("CONNECT {HOST}:443 ")))
    );
    let named = asked
        .iter()
        .all(|head| head.to_lowercase().contains("\r\nproxy-authorization: basic "));
    assert!(named, "{asked:?}");
    let log = log(&terraform);
    assert!(log.contains("/jobs"), "the requests are in the log");
    for said in [&log, &run.words(), &terraform.state_file()] {
        assert!(!said.contains(PASSWORD), "the password of the proxy is told");
    }
    terraform.has_nothing_to_do();
}

/// An update of the provider, or of its endpoint, brings the address into the state and leaves the job alone.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_execution_is_started_at_the_endpoint_of_googles_that_is_in_use() {
    const REGIONAL: &str = "us-central1-run.googleapis.com";
    const PATH: &str = "v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (cloud, mut terraform) = cloud();
    let front = TlsFront::of(&cloud, REGIONAL, terraform.folder());
    let proxy = Proxy::to(front.address());
    terraform.write(
        "outputs.tf",
        "output \"url\" {\n  value = facets_gpu_cloudrun_job.render.execution_url\n}\n",
    );
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let global = format!("https://run.googleapis.com/{PATH}");
    assert_eq!(
        terraform.output("url"),
        global,
        "the emulator runs nothing for others"
    );

    terraform.set("HTTPS_PROXY", &format!("http://{}", proxy.address()));
    terraform.set("SSL_CERT_FILE", &front.root());
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://{REGIONAL}/v2/"),
    );
    cloud.clear_requests();
    let unrefreshed = terraform.plan(&["-refresh=false"]);
    assert_eq!(unrefreshed.code, Some(0), "{unrefreshed}");
    terraform
        .apply()
        .succeeds()
        .says("0 added, 0 changed, 0 destroyed");
    assert_eq!(cloud.writes(), [""; 0]);
    let regional = format!("https://{REGIONAL}/{PATH}");
    assert_eq!(terraform.output("url"), regional);
    terraform.has_nothing_to_do();

    // A change keeps it, also one that was planned without a look.
    terraform.write("main.tf", &super::job("job = { task_count = 2 }"));
    terraform
        .run(&["apply", "-auto-approve", "-refresh=false"])
        .succeeds();
    assert_eq!(terraform.output("url"), regional);
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds();
    let planned = terraform.planned();
    assert_eq!(
        planned["planned_values"]["outputs"]["url"]["value"],
        regional.as_str()
    );
    terraform.apply().succeeds();
    assert_eq!(terraform.output("url"), regional);
    terraform.has_nothing_to_do();
}

/// Whoever gives tokens is often the only one that has to be reached beyond a company's network.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_token_comes_through_the_proxy_too() {
    let (cloud, mut terraform) = cloud();
    let tokens = StandIn::new(|_| {
        (
            200,
            json!({ "access_token": "any", "expires_in": 3600, "token_type": "Bearer" }),
        )
    });
    let front = TlsFront::before(tokens.address(), "tokens.company.test", terraform.folder());
    let proxy = Proxy::to(front.address());
    let sign_in = json!({
        "type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh",
        "token_uri": "https://tokens.company.test/token"
    });
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    terraform.set("GOOGLE_CREDENTIALS", &sign_in.to_string());
    terraform.set("HTTPS_PROXY", &format!("http://{}", proxy.address()));
    terraform.set("SSL_CERT_FILE", &front.root());
    with_job(&terraform, "");
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    let asked = proxy.asked();
    assert!(
        asked.len() == 1 && asked[0].starts_with("CONNECT tokens.company.test:443 "),
        "{asked:?}"
    );
    assert_eq!(tokens.asked().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_host_in_no_proxy_is_reached_without_the_proxy() {
    let (cloud, mut terraform) = cloud();
    let front = TlsFront::of(&cloud, "localhost", terraform.folder());
    let proxy = Proxy::refusing("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let port = front.address().port();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://localhost:{port}/v2/"),
    );
    terraform.set("HTTPS_PROXY", &format!("http://{}", proxy.address()));
    terraform.set("NO_PROXY", "example.com,localhost");
    terraform.set("SSL_CERT_FILE", &front.root());
    with_job(&terraform, "");
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    assert_eq!(proxy.asked(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_proxy_that_lets_nobody_through_is_named() {
    let (cloud, mut terraform) = cloud();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://{HOST}/v2/"),
    );
    logged(&mut terraform);
    with_job(&terraform, r#"timeouts = { create = "1s" }"#);
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>",
    ] {
        let proxy = Proxy::refusing(answer);
        terraform.set(
            "HTTPS_PROXY",
            &format!("http://clerk:{PASSWORD}@{}", proxy.address()),
        );
        let run = terraform
            .apply()
            .fails_with("The proxy that HTTPS_PROXY names")
            .says("NO_PROXY")
            .does_not_say(PASSWORD);
        let log = log(&terraform);
        if answer.contains("407") {
            run.says("proxy authorization required");
            assert!(!log.contains("trying again"), "what lasts is told at once");
        }
        assert!(!log.contains(PASSWORD), "the password of the proxy is told");
    }
    assert!(cloud.jobs().is_empty());
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_certificate_that_nobody_trusts_is_told_with_the_way_out() {
    let (cloud, mut terraform) = cloud();
    let front = TlsFront::of(&cloud, "localhost", terraform.folder());
    let port = front.address().port();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("https://localhost:{port}/v2/"),
    );
    logged(&mut terraform);
    with_job(&terraform, "");
    let run = terraform.apply();
    run.fails_with("certificate").says("SSL_CERT_FILE");
    // A machine that has no roots at all trusts nobody either.
    terraform.set("SSL_CERT_FILE", "/nowhere/at/all.pem");
    let run = terraform.apply();
    run.fails_with("certificate").says("SSL_CERT_FILE");
    terraform.unset("SSL_CERT_FILE");
    assert!(
        !log(&terraform).contains("trying again"),
        "what lasts is told at once"
    );
    assert!(cloud.jobs().is_empty());
    // A folder does as well as a file; its names are those that `openssl rehash` gives.
    let folder = terraform.folder().join("roots");
    fs::create_dir(&folder).expect("a new folder");
    fs::copy(front.root(), folder.join("0a1b2c3d.0")).expect("the root can be copied");
    terraform.set("SSL_CERT_DIR", &folder.display().to_string());
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_emulator_on_ipv6_is_reached_by_its_address_in_brackets() {
    let there = std::net::TcpListener::bind("[::1]:0");
    assert!(
        there.is_ok(),
        "this machine has no IPv6 loopback, ::1, which the story is about: {there:?}. Switch it on (sysctl \
         net.ipv6.conf.lo.disable_ipv6=0), or leave the story out with -- --skip on_ipv6"
    );
    let cloud = Emulator::with(&["--host", "::1", "--operation-time", "50ms"]);
    assert!(
        cloud.endpoint().starts_with("http://[::1]:"),
        "{}",
        cloud.endpoint()
    );
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds();
    assert!(cloud.jobs().is_empty());
}

fn logged(terraform: &mut Terraform) {
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", "trace.log");
}

fn log(terraform: &Terraform) -> String {
    fs::read_to_string(terraform.folder().join("trace.log")).expect("the log")
}

/// A host that only the proxy knows.
const HOST: &str = "run.company.test";
const PASSWORD: &str = "osprey-password-nobody-may-print";
