//! A client's connection: what is sent, and what is answered up to some message.
//!
//! It waits for an answer no longer than [`PATIENCE`]: whoever is answered later was kept waiting by what others do.

use super::messages::{packet, query, terminate};
use crate::labels::{CONNECT, PATIENCE as LIMIT, RECEIVE, SEND};
use env::{Address, Env, IoResult, Stream, StreamDirection, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

/// No answer takes longer: locks are waited for a fifth of it, and what is on its way for a few seconds.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// How many bytes are read at once.
const PIECE: usize = 4096;

/// An error or a notice, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Its SQLSTATE.
    pub state: String,
    /// What it says.
    pub message: String,
}

/// What was answered, up to `ReadyForQuery` if nothing is awaited before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The names of the columns of the last result that was described.
    pub columns: Vec<String>,
    /// Rows, of all results.
    pub rows: Vec<Vec<Option<String>>>,
    /// What was copied out, message by message.
    pub copied: Vec<Vec<u8>>,
    /// What was done: `COMMIT`.
    pub tags: Vec<String>,
    /// What failed.
    pub error: Option<Told>,
    /// What other sessions told: channels and payloads.
    pub notifications: Vec<(String, String)>,
    /// Whether a portal has more rows than were asked for.
    pub is_suspended: bool,
    /// Whether data are awaited, for a COPY.
    pub awaits_data: bool,
    /// Whether a transaction block is open or has failed: `I`, `T`, `E`.
    pub status: u8,
}

/// Nothing more is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// What was told last, if something was.
    pub told: Option<Told>,
    /// Whether the connection stands, and nothing has come for as long as was to be waited.
    pub is_late: bool,
}

/// What somebody says who logs in.
const LOGIN: &[u8] = b"\0\0\0\x17\0\x03\0\0user\0postgres\0\0";
const GONE: Gone = Gone { told: None, is_late: false };

/// A connection.
pub struct Wire {
    stream: Arc<dyn Stream>,
    come: Vec<u8>,
    /// The session's number, and what it takes to cancel it.
    pub key: [u8; 8],
    /// The statements that it certainly has.
    pub prepared: BTreeSet<&'static str>,
    /// The columns that they gave.
    pub columns: BTreeMap<&'static str, Vec<String>>,
    /// The listener whose ears it is.
    pub listener: Option<usize>,
    /// The status before the last, and the last that was told: `I`, `T`, `E`.
    pub statuses: (u8, u8),
}

fn connect(env: &dyn Env) -> IoResult<Arc<dyn Stream>> {
    let address = Address::Ip(super::address());
    match env.network() {
        Some(network) => network.connect(&CONNECT, &address, None),
        None => Err(env::IoError::new(&CONNECT, "".as_ref(), ErrorKind::Unsupported)),
    }
}

/// Asks over a connection of its own to cancel what somebody does; whether that was certainly worked off.
pub fn cancel(env: &dyn Env, key: [u8; 8]) -> bool {
    let Ok(stream) = connect(env) else { return false };
    let request = packet(&[&80_877_102_u32.to_be_bytes()[..], &key].concat());
    let said = stream.write_all(&SEND, &request);
    // The server ends the connection when it has done what it was asked.
    let ended = stream.read_some(&RECEIVE, &mut [0]);
    said.is_ok() && matches!(ended, Ok(0))
}

impl Wire {
    fn connect(env: &dyn Env) -> Result<Wire, Gone> {
        let stream = connect(env).map_err(|_| GONE)?;
        let mut wire = Wire {
            stream,
            come: Vec::new(),
            key: [0; 8],
            prepared: BTreeSet::new(),
            columns: BTreeMap::new(),
            listener: None,
            statuses: (0, 0),
        };
        wire.waits(PATIENCE)?;
        Ok(wire)
    }

    /// Connects, and says only so many bytes of who it is.
    ///
    /// # Errors
    /// When the connection is refused or breaks.
    pub fn at_the_door(env: &dyn Env, length: usize) -> Result<Wire, Gone> {
        let mut wire = Wire::connect(env)?;
        wire.say(&LOGIN[..length.min(LOGIN.len() - 1)])?;
        Ok(wire)
    }

    /// Connects and logs in.
    ///
    /// # Errors
    /// When the connection is refused or breaks, or the server refuses.
    pub fn log_in(env: &dyn Env) -> Result<Wire, Gone> {
        let mut wire = Wire::connect(env)?;
        wire.say(LOGIN)?;
        let answer = wire.answer()?;
        match answer.error {
            None => Ok(wire),
            told => Err(Gone { told, is_late: false }),
        }
    }

    /// The number of its session.
    pub fn process(&self) -> u32 {
        let [first, second, third, fourth, ..] = self.key;
        u32::from_be_bytes([first, second, third, fourth])
    }

    /// From here on answers are waited for so long.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn waits(&mut self, patience: Duration) -> Result<(), Gone> {
        self.stream.set_read_limit(&LIMIT, Some(patience)).map_err(|_| GONE)
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn say(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.stream.write_all(&SEND, bytes).map_err(|_| GONE)
    }

    /// Sends a statement, and waits for what is answered.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn ask(&mut self, text: &str) -> Result<Answer, Gone> {
        self.say(&query(text))?;
        self.answer()
    }

    /// Says goodbye.
    pub fn leave(mut self) {
        // Who is not heard is gone all the same.
        let _ = self.say(&terminate());
        let _ = self.stream.shutdown(&SEND, StreamDirection::Both);
    }

    /// Waits for everything up to `ReadyForQuery`, or up to the request for data.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn answer(&mut self) -> Result<Answer, Gone> {
        let mut answer = Answer::default();
        self.take(&mut answer, usize::MAX)?;
        Ok(answer)
    }

    /// Takes as many messages of an answer, or all that are left; whether there are no more.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn take(&mut self, answer: &mut Answer, messages: usize) -> Result<bool, Gone> {
        for _ in 0..messages {
            let (kind, body) = self.next().map_err(|is_late| Gone { told: answer.error.clone(), is_late })?;
            if self.put(answer, kind, &body) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a message into an answer; whether it ends it.
    fn put(&mut self, answer: &mut Answer, kind: u8, mut body: &[u8]) -> bool {
        match kind {
            b'Z' => {
                answer.status = body.first().copied().unwrap_or(0);
                self.statuses = (self.statuses.1, answer.status);
            }
            b'G' => answer.awaits_data = true,
            b'C' => answer.tags.push(text(&mut body)),
            b'T' => answer.columns = columns(body),
            b'D' => answer.rows.push(row(&mut body)),
            b'd' => answer.copied.push(body.to_vec()),
            b's' => answer.is_suspended = true,
            b'E' => answer.error = Some(told(&mut body)),
            b'K' => self.key = body.try_into().unwrap_or_default(),
            b'A' => {
                body = body.get(4..).unwrap_or_default();
                answer.notifications.push((text(&mut body), text(&mut body)));
            }
            // Settings, notices, and that steps are done.
            _ => {}
        }
        matches!(kind, b'Z' | b'G')
    }

    /// The next message.
    ///
    /// # Errors
    /// There are no more: whether it is only late.
    fn next(&mut self) -> Result<(u8, Vec<u8>), bool> {
        let mut bytes = [0; PIECE];
        loop {
            if let Some((kind, rest)) = self.come.split_first()
                && let Some(length) = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize)
                && let Some(body) = rest.get(4..length)
            {
                let found = (*kind, body.to_vec());
                self.come.drain(..=length);
                return Ok(found);
            }
            match self.stream.read_some(&RECEIVE, &mut bytes) {
                Ok(0) => return Err(false),
                Err(error) => return Err(error.kind == ErrorKind::TimedOut),
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

fn columns(mut body: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    body = body.get(2..).unwrap_or_default();
    while !body.is_empty() {
        names.push(text(&mut body));
        // Its table, its number in it, its type, that one's size and modifier, its format.
        body = body.get(18..).unwrap_or_default();
    }
    names
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
