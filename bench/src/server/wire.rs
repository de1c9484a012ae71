//! A client that speaks just enough of the protocol: logs in, asks, copies in and out.

use crate::engine::Outcome;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;

/// A connection.
pub struct Wire {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

/// What a statement was answered with.
#[derive(Debug, Default)]
pub struct Answer {
    /// Rows, or rows of a copy.
    pub rows: u64,
    /// Bytes of them.
    pub bytes: u64,
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

impl Wire {
    /// Connects and logs in.
    pub fn connect(port: u16, database: &str) -> Outcome<Wire> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let reader = BufReader::with_capacity(64 << 10, stream.try_clone()?);
        let mut wire = Wire { stream, reader };
        let body = format!("\0\x03\0\0user\0postgres\0database\0{database}\0\0");
        let mut packet = (body.len() as u32 + 4).to_be_bytes().to_vec();
        packet.extend_from_slice(body.as_bytes());
        wire.stream.write_all(&packet)?;
        wire.answer()?;
        Ok(wire)
    }

    /// Says goodbye.
    pub fn leave(mut self) {
        // Whether it is heard does not matter.
        let _ = self.stream.write_all(&message(b'X', b""));
    }

    /// Runs a statement.
    pub fn query(&mut self, text: &str) -> Outcome<Answer> {
        self.stream.write_all(&message(b'Q', &[text.as_bytes(), b"\0"].concat()))?;
        self.answer()
    }

    /// Copies these rows in.
    pub fn copy_in(&mut self, text: &str, data: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(&message(b'Q', &[text.as_bytes(), b"\0"].concat()))?;
        for piece in data.chunks(64 << 10) {
            self.stream.write_all(&message(b'd', piece))?;
        }
        self.stream.write_all(&message(b'c', b""))?;
        self.answer()
    }

    fn answer(&mut self) -> Outcome<Answer> {
        let (mut answer, mut body, mut failed) = (Answer::default(), Vec::new(), None);
        loop {
            let mut head = [0; 5];
            self.reader.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            body.resize(length.saturating_sub(4), 0);
            self.reader.read_exact(&mut body)?;
            match head[0] {
                b'Z' => return failed.map_or(Ok(answer), |text: String| Err(text.into())),
                b'D' | b'd' => {
                    answer.rows += 1;
                    answer.bytes += body.len() as u64;
                }
                b'E' => failed = Some(String::from_utf8_lossy(&body).replace('\0', " ")),
                b'R' if body != [0; 4] => return Err("a password is asked for".into()),
                _ => {}
            }
        }
    }
}
