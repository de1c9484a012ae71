//! Texts of text search: `'cat':3 'fat':2A`, `'fat' & 'cat':*`.

use super::error::InputResult;
use crate::catalog::oid;
use search::{Lexemes, Query};

/// Reads a `tsvector` or a `tsquery`.
pub(super) fn input(of: u32, text: &str) -> InputResult<Vec<u8>> {
    Ok(if of == oid::TSVECTOR { Lexemes::parse(text)?.to_bytes() } else { Query::parse(text)?.to_bytes() })
}

/// Appends one of the two; damaged bytes have no text.
pub(super) fn append(of: u32, bytes: &[u8], text: &mut String) {
    if of == oid::TSVECTOR {
        Lexemes::from_bytes(bytes).unwrap_or_default().write(text);
    } else {
        Query::from_bytes(bytes).unwrap_or_default().write(text);
    }
}
