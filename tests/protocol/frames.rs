//! HTTP/2 by the frame, over TLS as Terraform: for a client that does what no library for HTTP/2 would do.
//!
//! Numbers are those of RFC 9113, sections 6 and 7; header blocks are written as in RFC 7541, section 6.2.2.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split},
    net::UnixStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use crate::{
    certificates::terraform,
    client::{Tls, handshake},
    process::{PATIENCE, Process},
};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// A connection on which the client has said hello and nothing more.
pub(crate) struct Frames {
    writer: WriteHalf<TlsStream<UnixStream>>,
    reader: Reader,
}

/// Whoever never reads makes the server keep what it has to say.
enum Reader {
    Deaf { _half: ReadHalf<TlsStream<UnixStream>> },
    Listening(JoinHandle<Heard>),
}

/// What a server said until it ended the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The reason of the last GOAWAY.
    pub(crate) goaway: Option<u32>,
    /// How many frames there were of each kind.
    pub(crate) frames: [u32; 10],
}

impl Frames {
    /// Connects, and notes all that the server says.
    pub(crate) async fn open(provider: &Process) -> Self {
        let (reader, writer) = connect(provider).await;
        Self {
            writer,
            reader: Reader::Listening(tokio::spawn(listen(reader))),
        }
    }

    /// Connects, and never reads.
    pub(crate) async fn deaf(provider: &Process) -> Self {
        let (half, writer) = connect(provider).await;
        Self {
            writer,
            reader: Reader::Deaf { _half: half },
        }
    }

    /// Sends the same bytes many times over, until the server takes no more. How many it took.
    pub(crate) async fn flood(&mut self, times: usize, mut bytes: impl FnMut(usize) -> Vec<u8>) -> usize {
        /// Long enough for a server that is only busy.
        const TAKEN: Duration = Duration::from_secs(5);
        for number in 0..times {
            match timeout(TAKEN, self.writer.write_all(&bytes(number))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return number,
            }
        }
        // What is left in the buffers of TLS.
        let _ = timeout(TAKEN, self.writer.flush()).await;
        times
    }

    /// Sends bytes that the server takes.
    pub(crate) async fn send(&mut self, bytes: Vec<u8>) {
        assert_eq!(self.flood(1, |_| bytes.clone()).await, 1, "the server has left");
    }

    /// Everything the server says until it ends the connection by itself.
    pub(crate) async fn sent_away(self) -> Heard {
        let Reader::Listening(heard) = self.reader else {
            panic!("nobody listens")
        };
        timeout(PATIENCE, heard)
            .await
            .expect("the server ends the connection")
            .unwrap()
    }

    /// Everything the server says until the client ends the connection in good order.
    pub(crate) async fn leave(mut self) -> Heard {
        let _ = self.writer.shutdown().await;
        self.sent_away().await
    }
}

async fn connect(provider: &Process) -> (ReadHalf<TlsStream<UnixStream>>, WriteHalf<TlsStream<UnixStream>>) {
    let tls = Tls::new(provider.certificate(), terraform());
    let stream = handshake(&provider.socket(), &tls).await.unwrap();
    let (reader, mut writer) = split(stream);
    writer
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    writer.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    writer.flush().await.unwrap();
    (reader, writer)
}

/// Reads to the end, whichever way it comes.
async fn listen(mut reader: ReadHalf<TlsStream<UnixStream>>) -> Heard {
    let mut heard = Heard::default();
    let mut head = [0; 9];
    while reader.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length.try_into().unwrap()];
        if reader.read_exact(&mut payload).await.is_err() {
            break;
        }
        if let Some(count) = heard.frames.get_mut(usize::from(head[3])) {
            *count += 1;
        }
        if head[3] == GOAWAY {
            heard.goaway = Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
    }
    heard
}

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The header block of a call to a method.
pub(crate) fn call(path: &str) -> Vec<u8> {
    let headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    headers
        .iter()
        .flat_map(|(name, value)| header(name, value))
        .collect()
}

/// One line of a header block: literal, and for no table.
pub(crate) fn header(name: &str, value: &str) -> Vec<u8> {
    let mut line = vec![0];
    for text in [name, value] {
        write_length(&mut line, text.len());
        line.extend(text.as_bytes());
    }
    line
}

/// A number with a prefix of seven bits, the eighth of which says that no Huffman code follows.
fn write_length(line: &mut Vec<u8>, length: usize) {
    const PREFIX: usize = 0x7f;
    if length < PREFIX {
        line.push(u8::try_from(length).unwrap());
        return;
    }
    line.push(0x7f);
    let mut rest = length - PREFIX;
    while rest >= 0x80 {
        line.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    line.push(u8::try_from(rest).unwrap());
}
