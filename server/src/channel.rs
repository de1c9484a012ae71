//! A connection's bytes: as they are, or encrypted by TLS.

use crate::labels::{CALLS, CLOCK, CLOSE, PATIENCE, READ, WRITE, WRITE_PATIENCE};
use env::sync::atomic::{AtomicBool, Ordering};
use env::{Env, IoError, IoResult, Stream, StreamDirection, StreamExt};
use rustls::ServerConnection;
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How many bytes are read at once.
const PIECE: usize = 16 * 1024;
/// How often somebody who takes nothing is asked whether he was told to end. When he was, he is waited for no longer than so.
const WRITE_LIMIT: Duration = Duration::from_secs(1);

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
    env: Arc<dyn Env>,
    stream: Arc<dyn Stream>,
    /// Whether its client was told to end: what he does not take then, he does not get.
    ended: Arc<AtomicBool>,
    encryption: Option<Box<ServerConnection>>,
    piece: Vec<u8>,
    limit: Option<Duration>,
}

impl Channel {
    /// Over a connection, not encrypted; `ended` tells whether the client was told to end.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn new(env: Arc<dyn Env>, stream: Arc<dyn Stream>, ended: Arc<AtomicBool>) -> IoResult<Channel> {
        stream.set_write_limit(&WRITE_PATIENCE, Some(WRITE_LIMIT))?;
        Ok(Channel { env, stream, ended, encryption: None, piece: vec![0; PIECE], limit: None })
    }

    /// From here on what is sent is encrypted, and what comes is taken to be.
    pub fn encrypt(&mut self, connection: ServerConnection) {
        self.encryption = Some(Box::new(connection));
    }

    /// From here on calls end the waiting; whether that can be had.
    pub fn hear_calls(&mut self) -> bool {
        self.stream.allow_interrupts(&CALLS).is_ok()
    }

    /// From here on whoever takes nothing is not waited for.
    pub fn lose_patience(&mut self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Waits for bytes, no longer than so, and appends them.
    pub fn receive(&mut self, bytes: &mut Vec<u8>, limit: Option<Duration>) -> Received {
        // Records come in pieces, and handshakes without end: all of them share the time.
        let begun = limit.filter(|_| self.encryption.is_some()).map(|_| self.env.monotonic(&CLOCK));
        let mut left = limit;
        loop {
            if let Some(received) = self.receive_once(bytes, left) {
                return received;
            }
            if let (Some(begun), Some(limit)) = (begun, limit) {
                left = Some(limit.saturating_sub(self.env.monotonic(&CLOCK).saturating_sub(begun)));
                if left == Some(Duration::ZERO) {
                    return Received::TooLate;
                }
            }
        }
    }

    /// Reads once; none if what came is no whole record.
    fn receive_once(&mut self, bytes: &mut Vec<u8>, limit: Option<Duration>) -> Option<Received> {
        if self.limit != limit {
            if self.stream.set_read_limit(&PATIENCE, limit).is_err() {
                return Some(Received::Nothing);
            }
            self.limit = limit;
        }
        let count = match self.stream.read_some(&READ, &mut self.piece) {
            Ok(0) => return Some(Received::Nothing),
            Ok(count) => count,
            Err(error) if error.kind == ErrorKind::TimedOut => return Some(Received::TooLate),
            Err(error) if error.kind == ErrorKind::WouldBlock => return Some(Received::Called),
            Err(_) => return Some(Received::Nothing),
        };
        let Some(encryption) = &mut self.encryption else {
            bytes.extend_from_slice(&self.piece[..count]);
            return Some(Received::Bytes);
        };
        let before = bytes.len();
        let decrypted = decrypt(encryption, &self.piece[..count], bytes);
        // Handshakes and alerts are answered, also the one that says what was wrong.
        let answered = write_out(&*self.stream, &self.ended, encryption);
        if bytes.len() > before {
            return Some(Received::Bytes);
        }
        (decrypted.is_err() || answered.is_err()).then_some(Received::Nothing)
    }

    /// Sends all of these bytes.
    ///
    /// # Errors
    /// When nobody takes them, or the client was told to end and does not take them.
    pub fn send(&mut self, bytes: &[u8]) -> IoResult<()> {
        let sent = self.send_whole(bytes);
        if sent.is_err() {
            // Part of a message may have been sent: what followed would be taken for the rest of it.
            let _ = self.stream.shutdown(&CLOSE, StreamDirection::Both);
        }
        sent
    }

    fn send_whole(&mut self, bytes: &[u8]) -> IoResult<()> {
        let Some(encryption) = &mut self.encryption else {
            return write_all(&*self.stream, &self.ended, bytes);
        };
        for piece in bytes.chunks(PIECE) {
            // It is kept in memory until the next line: that cannot fail.
            let _ = encryption.writer().write_all(piece);
            write_out(&*self.stream, &self.ended, encryption)?;
        }
        Ok(())
    }

    /// Says that nothing more comes, if the bytes are encrypted: the other side then knows that nobody cut them off.
    pub fn end(&mut self) {
        if let Some(encryption) = &mut self.encryption {
            encryption.send_close_notify();
            // Who has gone need not know.
            let _ = write_out(&*self.stream, &self.ended, encryption);
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

fn write_out(stream: &dyn Stream, ended: &AtomicBool, encryption: &mut ServerConnection) -> IoResult<()> {
    let mut bytes = Vec::new();
    while encryption.wants_write() {
        // It writes to memory: that cannot fail.
        if encryption.write_tls(&mut bytes).is_err() {
            break;
        }
    }
    write_all(stream, ended, &bytes)
}

/// Writes all of these bytes, however long they are waited for; but nobody is waited for who was told to end.
fn write_all(stream: &dyn Stream, ended: &AtomicBool, mut bytes: &[u8]) -> IoResult<()> {
    while !bytes.is_empty() {
        match stream.write(&WRITE, &[IoSlice::new(bytes)]) {
            Ok(0) => return Err(IoError::new(&WRITE, Path::new(""), ErrorKind::WriteZero)),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind == ErrorKind::Interrupted => {}
            Err(error) if error.kind == ErrorKind::TimedOut && !ended.load(Ordering::Acquire) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
