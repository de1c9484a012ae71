//! A client's connection: messages of PostgreSQL's protocol, and what is answered to them.

use crate::labels::{CONNECT, RECEIVE, SEND};
use env::{Address, Env, IoResult, Stream, StreamDirection, StreamExt};
use std::sync::Arc;

/// An error or a notice, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Its SQLSTATE.
    pub state: String,
    /// What it says.
    pub message: String,
}

/// What was answered up to `ReadyForQuery`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Rows, of all results.
    pub rows: Vec<Vec<Option<String>>>,
    /// What was done: `COMMIT`.
    pub tags: Vec<String>,
    /// What failed.
    pub error: Option<Told>,
    /// What other sessions told: channels and payloads.
    pub notifications: Vec<(String, String)>,
    /// Whether a transaction block is open or has failed: `I`, `T`, `E`.
    pub status: u8,
}

/// The connection is over; what was told last, if something was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone(pub Option<Told>);

/// A connection.
pub struct Wire {
    stream: Arc<dyn Stream>,
    come: Vec<u8>,
    /// The session's number, and what it takes to cancel it.
    key: [u8; 8],
}

fn packet(body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32 + 4).to_be_bytes();
    [&length, body].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&packet(body));
    bytes
}

/// `Query`
pub fn query(text: &str) -> Vec<u8> {
    message(b'Q', &[text.as_bytes(), b"\0"].concat())
}

/// `Parse`, `Bind` and `Execute` of a statement with values.
pub fn steps(text: &str, values: &[String]) -> Vec<u8> {
    let mut bytes = message(b'P', &[b"\0", text.as_bytes(), b"\0\0\0"].concat());
    let mut bind = b"\0\0\0\0".to_vec();
    bind.extend_from_slice(&(values.len() as u16).to_be_bytes());
    for value in values {
        bind.extend_from_slice(&(value.len() as u32).to_be_bytes());
        bind.extend_from_slice(value.as_bytes());
    }
    bind.extend_from_slice(b"\0\0");
    bytes.extend_from_slice(&message(b'B', &bind));
    bytes.extend_from_slice(&message(b'E', b"\0\0\0\0\0"));
    bytes
}

/// `Sync`
pub fn sync() -> Vec<u8> {
    message(b'S', b"")
}

fn connect(env: &dyn Env) -> IoResult<Arc<dyn Stream>> {
    let address = Address::Ip(super::address());
    match env.network() {
        Some(network) => network.connect(&CONNECT, &address, None),
        None => Err(env::IoError::new(&CONNECT, "".as_ref(), std::io::ErrorKind::Unsupported)),
    }
}

impl Wire {
    /// Connects and logs in.
    ///
    /// # Errors
    /// When the connection is refused or breaks, or the server refuses.
    pub fn log_in(env: &dyn Env) -> Result<Wire, Gone> {
        let stream = connect(env).map_err(|_| Gone(None))?;
        let mut wire = Wire { stream, come: Vec::new(), key: [0; 8] };
        wire.say(&packet(b"\0\x03\0\0user\0postgres\0\0"))?;
        let answer = wire.answer()?;
        match answer.error {
            None => Ok(wire),
            told => Err(Gone(told)),
        }
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn say(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.stream.write_all(&SEND, bytes).map_err(|_| Gone(None))
    }

    /// Sends a statement, and waits for what is answered.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn ask(&mut self, text: &str) -> Result<Answer, Gone> {
        self.say(&query(text))?;
        self.answer()
    }

    /// Asks another connection to cancel what this one does.
    pub fn cancel(&self, env: &dyn Env) {
        let Ok(stream) = connect(env) else { return };
        let request = packet(&[&80_877_102_u32.to_be_bytes()[..], &self.key].concat());
        // Whether it was heard only shows in what becomes of the statement.
        let _ = stream.write_all(&SEND, &request);
        let _ = stream.read_some(&RECEIVE, &mut [0]);
    }

    /// Says goodbye.
    pub fn leave(mut self) {
        // Who is not heard is gone all the same.
        let _ = self.say(&message(b'X', b""));
        let _ = self.stream.shutdown(&SEND, StreamDirection::Both);
    }

    /// Waits for everything up to `ReadyForQuery`.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn answer(&mut self) -> Result<Answer, Gone> {
        let mut answer = Answer::default();
        loop {
            let Some((kind, body)) = self.next() else { return Err(Gone(answer.error)) };
            let mut body = &body[..];
            match kind {
                b'Z' => {
                    answer.status = body.first().copied().unwrap_or(0);
                    return Ok(answer);
                }
                b'C' => answer.tags.push(text(&mut body)),
                b'D' => answer.rows.push(row(&mut body)),
                b'E' => answer.error = Some(told(&mut body)),
                b'K' => self.key = body.try_into().unwrap_or_default(),
                b'A' => {
                    body = body.get(4..).unwrap_or_default();
                    answer.notifications.push((text(&mut body), text(&mut body)));
                }
                // Columns, settings, notices, and that steps are done.
                _ => {}
            }
        }
    }

    /// The next message; none when there are no more.
    fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut bytes = [0; 1024];
        loop {
            if let Some((kind, rest)) = self.come.split_first()
                && let Some(length) = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize)
                && let Some(body) = rest.get(4..length)
            {
                let found = (*kind, body.to_vec());
                self.come.drain(..=length);
                return Some(found);
            }
            match self.stream.read_some(&RECEIVE, &mut bytes) {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.come.extend_from_slice(&bytes[..count]),
            }
        }
    }
}

fn text(body: &mut &[u8]) -> String {
    let end = body.iter().position(|byte| *byte == 0).unwrap_or(body.len());
    let text = String::from_utf8_lossy(&body[..end]).into_owned();
    *body = body.get(end + 1..).unwrap_or_default();
    text
}

fn row(body: &mut &[u8]) -> Vec<Option<String>> {
    let mut values = Vec::new();
    *body = body.get(2..).unwrap_or_default();
    while let Some((length, rest)) = body.split_first_chunk() {
        let length = i32::from_be_bytes(*length);
        let Ok(length) = usize::try_from(length) else {
            values.push(None);
            *body = rest;
            continue;
        };
        let value = rest.get(..length).unwrap_or_default();
        values.push(Some(String::from_utf8_lossy(value).into_owned()));
        *body = rest.get(length..).unwrap_or_default();
    }
    values
}

fn told(body: &mut &[u8]) -> Told {
    let mut found = Told::default();
    while let Some((kind, rest)) = body.split_first().filter(|(kind, _)| **kind != 0) {
        *body = rest;
        let value = text(body);
        match kind {
            b'C' => found.state = value,
            b'M' => found.message = value,
            // What else is told of it.
            _ => {}
        }
    }
    found
}
