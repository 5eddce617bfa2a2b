//! A stand-in for those of Google's services that the emulator is not: whoever gives tokens, secrets, accounts. It
//! says what a story has it say, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// A server on a free port of this machine. It lives as long as the process.
pub(crate) struct StandIn {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The method and the path with its query, such as `POST /token`.
    pub(crate) line: String,
    /// The header lines, names in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl StandIn {
    /// A server that gives these answers: a status, and JSON.
    pub(crate) fn new(answer: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, memory) = (Arc::new(answer), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, memory) = (Arc::clone(&answer), Arc::clone(&memory));
                thread::spawn(move || serve(stream, answer.as_ref(), &memory));
            }
        });
        Self { address, asked }
    }

    /// Such as `http://127.0.0.1:41234`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The host and port alone.
    pub(crate) fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Everything asked so far, oldest first.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

impl Asked {
    pub(crate) fn has_header(&self, line: &str) -> bool {
        self.headers.iter().any(|header| header == line)
    }
}

/// Answers one request and hangs up.
fn serve(
    stream: TcpStream,
    answer: &(dyn Fn(&Asked) -> (u16, Value) + Send + Sync),
    memory: &Mutex<Vec<Asked>>,
) {
    let Some(asked) = read(&stream) else { return };
    memory
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .push(asked.clone());
    let (status, body) = answer(&asked);
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    // A client that has gone needs no answer.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.rsplit_once(" HTTP/")?.0.to_owned();
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end();
        let Some((name, value)) = header.split_once(": ") else {
            break;
        };
        let name = name.to_ascii_lowercase();
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        headers.push(format!("{name}: {value}"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        line,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
