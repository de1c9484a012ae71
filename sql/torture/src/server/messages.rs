//! What a client sends, as bytes of the protocol.

/// A message without a kind.
pub fn packet(body: &[u8]) -> Vec<u8> {
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

/// `Parse` of a statement of this name; its parameters' types follow from the text.
pub fn parse(name: &str, text: &str) -> Vec<u8> {
    message(b'P', &[name.as_bytes(), b"\0", text.as_bytes(), b"\0\0\0"].concat())
}

/// `Bind` of a portal to a statement with these values, as texts.
pub fn bind(portal: &str, statement: &str, values: &[String]) -> Vec<u8> {
    let mut body = [portal.as_bytes(), b"\0", statement.as_bytes(), b"\0\0\0"].concat();
    body.extend_from_slice(&(values.len() as u16).to_be_bytes());
    for value in values {
        body.extend_from_slice(&(value.len() as u32).to_be_bytes());
        body.extend_from_slice(value.as_bytes());
    }
    body.extend_from_slice(b"\0\0");
    message(b'B', &body)
}

/// `Describe` of a portal.
pub fn describe_portal(portal: &str) -> Vec<u8> {
    message(b'D', &[b"P", portal.as_bytes(), b"\0"].concat())
}

/// `Execute` of a portal: so many rows, or all of them if 0.
pub fn execute(portal: &str, rows: u32) -> Vec<u8> {
    message(b'E', &[portal.as_bytes(), b"\0", &rows.to_be_bytes()].concat())
}

/// `Close` of a statement.
pub fn close_statement(name: &str) -> Vec<u8> {
    message(b'C', &[b"S", name.as_bytes(), b"\0"].concat())
}

/// `Parse`, `Bind` and `Execute` of a statement without a name, with values.
pub fn steps(text: &str, values: &[String]) -> Vec<u8> {
    [parse("", text), bind("", "", values), execute("", 0)].concat()
}

/// `Sync`
pub fn sync() -> Vec<u8> {
    message(b'S', b"")
}

/// `CopyData`
pub fn copy_data(bytes: &[u8]) -> Vec<u8> {
    message(b'd', bytes)
}

/// `CopyDone`
pub fn copy_done() -> Vec<u8> {
    message(b'c', b"")
}

/// `CopyFail`
pub fn copy_fail(reason: &str) -> Vec<u8> {
    message(b'f', &[reason.as_bytes(), b"\0"].concat())
}

/// `Terminate`
pub fn terminate() -> Vec<u8> {
    message(b'X', b"")
}
