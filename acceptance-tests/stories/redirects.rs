//! An endpoint that sends its callers elsewhere: whoever is there hears nothing, and above all no token.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{terraform, with_job};
use crate::harness::{PROJECT, REGION, TOKEN};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_token_is_not_carried_to_where_an_endpoint_points() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let elsewhere = Listener::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned());
        let target = elsewhere.address.clone();
        let endpoint = Listener::start(move |path| {
            format!("HTTP/1.1 {status}\r\nlocation: http://{target}{path}\r\ncontent-length: 0\r\n\r\n")
        });
        let mut terraform = terraform();
        terraform.set(
            "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
            &format!("http://{}", endpoint.address),
        );
        terraform.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
        terraform.set("GOOGLE_PROJECT", PROJECT);
        terraform.set("GOOGLE_REGION", REGION);
        with_job(&terraform, "");
        let run = terraform
            .apply()
            .fails_with("is not one of Google's API")
            .says(&format!("location: http://{}", elsewhere.address));
        // The creation, and a look for the job that it may have made.
        let asked = endpoint.heard();
        assert_eq!(asked.len(), 2, "{asked:#?}");
        assert!(asked.iter().all(|request| request.contains(TOKEN)), "{asked:#?}");
        assert_eq!(elsewhere.heard(), Vec::<String>::new(), "{status}");
        assert!(!run.words().contains(TOKEN), "{run}");
    }
}

/// Somebody who answers each request from its path, and remembers what was said.
struct Listener {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    fn start(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                hears.lock().unwrap().push(serve(stream.unwrap(), &answer));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Answers one request, and gives back its head.
fn serve(mut stream: TcpStream, answer: &impl Fn(&str) -> String) -> String {
    let mut head = String::new();
    let mut reader = BufReader::new(&stream);
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = answer(&path).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(answer.as_bytes());
    head
}
