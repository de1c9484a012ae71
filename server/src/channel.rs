//! A connection's bytes: as they are, or encrypted by TLS.

use crate::labels::{CALLS, PATIENCE, READ, WRITE};
use env::{IoResult, Stream, StreamExt};
use rustls::ServerConnection;
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// How many bytes are read at once.
const PIECE: usize = 16 * 1024;

/// What reading has given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Some bytes.
    Bytes,
    /// The other side has ended, or the connection is broken.
    Nothing,
    /// Nothing came for as long as was to be waited.
    TooLate,
    /// Nothing came, but somebody has called: the session was told something.
    Called,
}

/// A connection's bytes.
pub struct Channel {
    stream: Arc<dyn Stream>,
    encryption: Option<Box<ServerConnection>>,
    piece: Vec<u8>,
    limit: Option<Duration>,
}

impl Channel {
    /// Over a connection, not encrypted.
    pub fn new(stream: Arc<dyn Stream>) -> Channel {
        Channel { stream, encryption: None, piece: vec![0; PIECE], limit: None }
    }

    /// From here on what is sent is encrypted, and what comes is taken to be.
    pub fn encrypt(&mut self, connection: ServerConnection) {
        self.encryption = Some(Box::new(connection));
    }

    /// From here on calls end the waiting; whether that can be had.
    pub fn hear_calls(&mut self) -> bool {
        self.stream.allow_interrupts(&CALLS).is_ok()
    }

    /// Waits for bytes, no longer than so, and appends them.
    pub fn receive(&mut self, bytes: &mut Vec<u8>, limit: Option<Duration>) -> Received {
        if self.limit != limit {
            if self.stream.set_read_limit(&PATIENCE, limit).is_err() {
                return Received::Nothing;
            }
            self.limit = limit;
        }
        loop {
            let count = match self.stream.read_some(&READ, &mut self.piece) {
                Ok(0) => return Received::Nothing,
                Ok(count) => count,
                Err(error) if error.kind == ErrorKind::TimedOut => return Received::TooLate,
                Err(error) if error.kind == ErrorKind::WouldBlock => return Received::Called,
                Err(_) => return Received::Nothing,
            };
            let Some(encryption) = &mut self.encryption else {
                bytes.extend_from_slice(&self.piece[..count]);
                return Received::Bytes;
            };
            let before = bytes.len();
            let decrypted = decrypt(encryption, &self.piece[..count], bytes);
            // Handshakes and alerts are answered, also the one that says what was wrong.
            let answered = write_out(&*self.stream, encryption);
            if bytes.len() > before {
                return Received::Bytes;
            }
            if decrypted.is_err() || answered.is_err() {
                return Received::Nothing;
            }
        }
    }

    /// Sends all of these bytes.
    ///
    /// # Errors
    /// When nobody takes them.
    pub fn send(&mut self, bytes: &[u8]) -> IoResult<()> {
        let Some(encryption) = &mut self.encryption else { return self.stream.write_all(&WRITE, bytes) };
        for piece in bytes.chunks(PIECE) {
            // It is kept in memory until the next line: that cannot fail.
            let _ = encryption.writer().write_all(piece);
            write_out(&*self.stream, encryption)?;
        }
        Ok(())
    }

    /// Says that nothing more comes, if the bytes are encrypted: the other side then knows that nobody cut them off.
    pub fn end(&mut self) {
        if let Some(encryption) = &mut self.encryption {
            encryption.send_close_notify();
            // Who has gone need not know.
            let _ = write_out(&*self.stream, encryption);
        }
    }
}

fn decrypt(
    encryption: &mut ServerConnection,
    mut come: &[u8],
    bytes: &mut Vec<u8>,
) -> Result<(), rustls::Error> {
    while !come.is_empty() {
        // It reads from memory. It takes nothing when it holds as much as it may: then something is to be worked off first.
        let taken = encryption.read_tls(&mut come);
        let state = encryption.process_new_packets()?;
        let length = bytes.len();
        bytes.resize(length + state.plaintext_bytes_to_read(), 0);
        if encryption.reader().read_exact(&mut bytes[length..]).is_err() || !matches!(taken, Ok(1..)) {
            return Err(rustls::Error::General("a record that is not whole".to_owned()));
        }
    }
    Ok(())
}

fn write_out(stream: &dyn Stream, encryption: &mut ServerConnection) -> IoResult<()> {
    let mut bytes = Vec::new();
    while encryption.wants_write() {
        // It writes to memory: that cannot fail.
        if encryption.write_tls(&mut bytes).is_err() {
            break;
        }
    }
    stream.write_all(&WRITE, &bytes)
}
