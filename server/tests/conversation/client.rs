//! A client that says messages and reads what is answered, a line a message.

use env::memory::MemoryEnv;
use server::conversation::{Bells, Conversation, Next, Peer, PeerGone};
use server::shared::Shared;
use server::{Authentication, Options};
use session::{Engine, Session};
use std::collections::VecDeque;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreOptions};

/// A server without sockets.
pub struct House {
    pub shared: Arc<Shared>,
}

impl House {
    pub fn new(options: Options) -> House {
        let world: Arc<dyn env::Env> = Arc::new(MemoryEnv::new());
        let store = Store::open(world.clone(), Path::new("app.db"), StoreOptions::default()).unwrap();
        let engine = Engine::new(world.clone(), store).unwrap();
        House { shared: Arc::new(Shared::new(engine, world, options).unwrap()) }
    }

    pub fn trusting() -> House {
        House::new(Options::default())
    }

    pub fn asking() -> House {
        House::new(Options { authentication: Authentication::Scram, ..Options::default() })
    }

    /// Runs statements without a client.
    pub fn run(&self, text: &str) {
        struct Nobody;
        impl session::client::Client for Nobody {
            fn columns(&mut self, _: &[session::client::ResultColumn]) {}
            fn rows(
                &mut self,
                _: &types::vector::Chunk,
                _: &mut dyn session::client::ValueFormat,
            ) -> Result<(), session::client::ClientGone> {
                Ok(())
            }
            fn complete(&mut self, _: &str) {}
            fn notice(&mut self, _: session::client::Report) {}
        }
        Session::new(&self.shared.engine).unwrap().execute(text, &mut Nobody).unwrap();
    }

    pub fn caller(&self) -> Caller {
        let conversation = Conversation::new(self.shared.clone(), Bells::none());
        Caller { conversation, wire: Wire::default(), said: Vec::new(), next: Next::More }
    }

    /// Somebody who is logged in.
    pub fn guest(&self) -> Caller {
        let mut caller = self.caller();
        let told = caller.start(&[("user", "postgres")]);
        assert!(told.ends_with("ready I\n"), "{told}");
        caller
    }
}

#[derive(Default)]
struct Wire {
    answered: Vec<u8>,
    /// What the client says while a statement runs.
    later: VecDeque<Vec<u8>>,
    gone: bool,
}

impl Peer for Wire {
    fn send(&mut self, bytes: &[u8]) -> Result<(), PeerGone> {
        if self.gone {
            return Err(PeerGone);
        }
        self.answered.extend_from_slice(bytes);
        Ok(())
    }

    fn receive(&mut self, bytes: &mut Vec<u8>) -> Result<bool, PeerGone> {
        match self.later.pop_front() {
            Some(more) => bytes.extend_from_slice(&more),
            None => return Ok(false),
        }
        Ok(true)
    }
}

/// A client.
pub struct Caller {
    pub conversation: Conversation,
    wire: Wire,
    said: Vec<u8>,
    pub next: Next,
}

impl Caller {
    /// Puts a message together; it is said with [`Caller::say`].
    pub fn message(&mut self, kind: u8, parts: &[&[u8]]) -> &mut Caller {
        self.said.push(kind);
        self.packet(parts)
    }

    fn packet(&mut self, parts: &[&[u8]]) -> &mut Caller {
        let length = parts.iter().map(|part| part.len()).sum::<usize>() + 4;
        self.said.extend_from_slice(&(length as u32).to_be_bytes());
        parts.iter().for_each(|part| self.said.extend_from_slice(part));
        self
    }

    /// What was put together, unsaid.
    pub fn take_said(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.said)
    }

    /// Says what was put together; what is answered.
    pub fn say(&mut self) -> String {
        let said = std::mem::take(&mut self.said);
        self.say_bytes(&said)
    }

    pub fn say_bytes(&mut self, said: &[u8]) -> String {
        self.next = self.conversation.take(said, &mut self.wire);
        self.answers()
    }

    /// The same, byte by byte.
    pub fn say_slowly(&mut self) -> String {
        for byte in std::mem::take(&mut self.said) {
            self.next = self.conversation.take(&[byte], &mut self.wire);
        }
        self.answers()
    }

    /// Says what was put together as soon as a statement asks for it.
    pub fn say_later(&mut self) {
        let said = std::mem::take(&mut self.said);
        self.wire.later.push_back(said);
    }

    pub fn wait_too_long(&mut self) -> String {
        self.next = self.conversation.out_of_patience(&mut self.wire);
        self.answers()
    }

    pub fn call(&mut self) -> String {
        self.next = self.conversation.called(&mut self.wire);
        self.answers()
    }

    pub fn hang_up(&mut self) -> String {
        self.next = self.conversation.hung_up(&mut self.wire);
        self.answers()
    }

    pub fn take_nothing_more(&mut self) {
        self.wire.gone = true;
    }

    fn answers(&mut self) -> String {
        read(&std::mem::take(&mut self.wire.answered))
    }

    pub fn start(&mut self, parameters: &[(&str, &str)]) -> String {
        let mut body = vec![0, 3, 0, 0];
        for (name, value) in parameters {
            body.extend_from_slice(name.as_bytes());
            body.push(0);
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
        body.push(0);
        self.packet(&[&body]).say()
    }

    /// The same, where a password's hash by MD5 is asked for; the salt.
    pub fn start_for_salt(&mut self, parameters: &[(&str, &str)]) -> [u8; 4] {
        let mut body = vec![0, 3, 0, 0];
        for (name, value) in parameters {
            body.extend_from_slice(&[name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        self.packet(&[&body]);
        let said = std::mem::take(&mut self.said);
        self.next = self.conversation.take(&said, &mut self.wire);
        let answered = std::mem::take(&mut self.wire.answered);
        assert_eq!(answered[..9], [b'R', 0, 0, 0, 12, 0, 0, 0, 5]);
        answered[9..].try_into().unwrap()
    }

    pub fn packet_of(&mut self, code: u32, rest: &[u8]) -> String {
        self.packet(&[&code.to_be_bytes(), rest]).say()
    }

    pub fn query(&mut self, text: &str) -> String {
        self.message(b'Q', &[text.as_bytes(), b"\0"]).say()
    }

    pub fn parse(&mut self, name: &str, text: &str, types: &[u32]) -> &mut Caller {
        let mut body = Vec::new();
        for part in [name, text] {
            body.extend_from_slice(part.as_bytes());
            body.push(0);
        }
        body.extend_from_slice(&(types.len() as u16).to_be_bytes());
        types.iter().for_each(|oid| body.extend_from_slice(&oid.to_be_bytes()));
        self.message(b'P', &[&body])
    }

    /// Values are texts, or bytes; all results are texts, or all are bytes.
    pub fn bind(&mut self, portal: &str, statement: &str, values: &[Value<'_>], binary: bool) -> &mut Caller {
        let mut body = Vec::new();
        for part in [portal, statement] {
            body.extend_from_slice(part.as_bytes());
            body.push(0);
        }
        body.extend_from_slice(&(values.len() as u16).to_be_bytes());
        for value in values {
            body.extend_from_slice(&u16::from(matches!(value, Value::Bytes(_))).to_be_bytes());
        }
        body.extend_from_slice(&(values.len() as u16).to_be_bytes());
        for value in values {
            let bytes = match value {
                Value::Null => {
                    body.extend_from_slice(&(-1_i32).to_be_bytes());
                    continue;
                }
                Value::Text(text) => text.as_bytes(),
                Value::Bytes(bytes) => bytes,
            };
            body.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            body.extend_from_slice(bytes);
        }
        body.extend_from_slice(&[0, 1, 0, u8::from(binary)]);
        self.message(b'B', &[&body])
    }

    pub fn describe(&mut self, kind: u8, name: &str) -> &mut Caller {
        self.message(b'D', &[&[kind], name.as_bytes(), b"\0"])
    }

    pub fn execute(&mut self, portal: &str, rows: u32) -> &mut Caller {
        self.message(b'E', &[portal.as_bytes(), b"\0", &rows.to_be_bytes()])
    }

    pub fn close(&mut self, kind: u8, name: &str) -> &mut Caller {
        self.message(b'C', &[&[kind], name.as_bytes(), b"\0"])
    }

    pub fn sync(&mut self) -> &mut Caller {
        self.message(b'S', &[])
    }
}

/// A value to be bound.
pub enum Value<'v> {
    Null,
    Text(&'v str),
    Bytes(&'v [u8]),
}

/// What was answered, a line a message; settings that are told are left out.
fn read(mut bytes: &[u8]) -> String {
    let mut lines = String::new();
    while let Some((kind, rest)) = bytes.split_first() {
        if bytes.len() == 1 {
            let _ = writeln!(lines, "byte {}", *kind as char);
            break;
        }
        let length = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
        let line = message(*kind, &rest[4..length]);
        if !line.is_empty() {
            let _ = writeln!(lines, "{line}");
        }
        bytes = &rest[length..];
    }
    lines
}

/// Bytes as text, if they are one; escaped otherwise.
fn shown(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.escape_ascii().to_string(), str::to_owned)
}

fn text(bytes: &mut &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap();
    let text = shown(&bytes[..end]);
    *bytes = &bytes[end + 1..];
    text
}

fn number<const N: usize>(bytes: &mut &[u8]) -> i64 {
    let value = bytes[..N].iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    *bytes = &bytes[N..];
    // Signs are kept.
    (value as i64) << (64 - 8 * N) >> (64 - 8 * N)
}

fn message(kind: u8, mut body: &[u8]) -> String {
    let body = &mut body;
    match kind {
        b'R' => match number::<4>(body) {
            0 => "authentication ok".into(),
            10 => format!("sasl {}", text(body)),
            other => format!("authentication {other} {}", String::from_utf8_lossy(body)),
        },
        b'S' => String::new(),
        b'K' => "key".into(),
        b'Z' => format!("ready {}", body[0] as char),
        b'C' => format!("complete {}", text(body)),
        b'I' => "empty".into(),
        b'1' => "parsed".into(),
        b'2' => "bound".into(),
        b'3' => "closed".into(),
        b's' => "suspended".into(),
        b'n' => "no data".into(),
        b'v' => format!("negotiate {} {}", number::<4>(body), number::<4>(body)),
        b't' => {
            let count = number::<2>(body);
            format!("parameters {:?}", (0..count).map(|_| number::<4>(body)).collect::<Vec<_>>())
        }
        b'T' => columns(body),
        b'D' => {
            let count = number::<2>(body);
            let values: Vec<String> = (0..count).map(|_| value(body)).collect();
            format!("row {}", values.join(" | "))
        }
        b'V' => format!("answer {}", value(body)),
        b'G' | b'H' => format!("copy {} {:?}", if kind == b'G' { "in" } else { "out" }, body),
        b'd' => format!("data {:?}", shown(body)),
        b'c' => "copy done".into(),
        b'A' => {
            number::<4>(body);
            format!("told {} {}", text(body), text(body))
        }
        b'E' | b'N' => report(kind, body),
        other => panic!("{other}"),
    }
}

fn columns(body: &mut &[u8]) -> String {
    let count = number::<2>(body);
    let mut line = "columns".to_owned();
    for _ in 0..count {
        let name = text(body);
        let (table, place, of) = (number::<4>(body), number::<2>(body), number::<4>(body));
        let (length, modifier, format) = (number::<2>(body), number::<4>(body), number::<2>(body));
        let origin = if table == 0 { "-".to_owned() } else { format!("column {place}") };
        let _ = write!(line, " {name}({origin} type {of} {length} {modifier} format {format})");
    }
    line
}

fn value(body: &mut &[u8]) -> String {
    let length = number::<4>(body);
    if length < 0 {
        return "null".into();
    }
    let (value, rest) = body.split_at(length as usize);
    *body = rest;
    match std::str::from_utf8(value) {
        Ok(text) if !text.contains(|letter: char| letter.is_control()) => text.to_owned(),
        _ => format!("{value:02x?}"),
    }
}

fn report(kind: u8, body: &mut &[u8]) -> String {
    let mut line = if kind == b'E' { "error".to_owned() } else { "notice".to_owned() };
    while body[0] != 0 {
        let field = number::<1>(body) as u8 as char;
        let value = text(body);
        // The severity that is never translated says the same.
        if field != 'V' {
            let _ = write!(line, " {field}={value}");
        }
    }
    line
}
