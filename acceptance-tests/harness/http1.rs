//! A minimal HTTP/1.1 server whose responses are given by a function.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    /// The method and the path with its query, such as `POST /token`.
    pub(crate) line: String,
    /// The header lines, names in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl HttpRequest {
    pub(crate) fn has_header(&self, line: &str) -> bool {
        self.headers.iter().any(|header| header == line)
    }
}

/// Serves a free port with a function from request to status and body, until the process ends.
pub(super) fn serve<Body: AsRef<[u8]>>(
    respond: impl Fn(HttpRequest) -> (u16, Body) + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let respond = Arc::new(respond);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let respond = Arc::clone(&respond);
            // Errors are ignored: clients may close the connection.
            thread::spawn(move || handle(&stream, respond.as_ref()));
        }
    });
    address
}

fn handle<Body: AsRef<[u8]>>(
    mut stream: &TcpStream,
    respond: &impl Fn(HttpRequest) -> (u16, Body),
) -> std::io::Result<()> {
    let (status, body) = respond(read(stream)?);
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat())
}

fn read(stream: &TcpStream) -> std::io::Result<HttpRequest> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line
        .rsplit_once(" HTTP/")
        .map_or(String::new(), |(line, _)| line.to_owned());
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        let name = name.to_ascii_lowercase();
        if name == "content-length" {
            length = value.parse().unwrap_or_default();
        }
        headers.push(format!("{name}: {value}"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(HttpRequest {
        line,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
