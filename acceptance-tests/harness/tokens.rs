//! Where service accounts get their access tokens: a stand-in for Google's token endpoint that counts what it gives.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

/// A running endpoint; its thread ends with the program.
pub(crate) struct TokenEndpoint {
    address: SocketAddr,
    given: Arc<AtomicUsize>,
}

impl TokenEndpoint {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let given = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&given);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let _ = give(&stream, number);
            }
        });
        Self { address, given }
    }

    /// How many tokens were asked for.
    pub(crate) fn given(&self) -> usize {
        self.given.load(Ordering::SeqCst)
    }

    /// The key of a service account that gets its tokens here, as `GOOGLE_CREDENTIALS` takes it.
    pub(crate) fn key(&self) -> String {
        let key = include_str!("../../src/cloudrun/testdata/service-account.json");
        let mut key: Value = serde_json::from_str(key).expect("the key is JSON");
        key["token_uri"] = json!(format!("http://{}/token", self.address));
        key.to_string()
    }
}

/// Reads one request whole, and answers it with a token of its own.
fn give(stream: &TcpStream, number: usize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? <= 2 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let token = format!("ya29.token-{number}");
    let body = json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" }).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    (&mut &*stream).write_all(format!("{head}{body}").as_bytes())
}
