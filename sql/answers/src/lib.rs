//! PostgreSQL's answers beside the tests of the language, of which there are megabytes: they lie compressed.
//!
//! `zstdcat FILE.tsv.zst` shows a file of answers, `zstd -19 --rm FILE.tsv` puts a changed one back.

#![forbid(unsafe_code)]

use ruzstd::decoding::StreamingDecoder;
use std::io::Read;

/// The text of a file of answers.
///
/// # Panics
///
/// If the file is damaged: it is part of the test that asks for it.
pub fn text(compressed: &[u8]) -> String {
    let mut text = String::new();
    let read = StreamingDecoder::new(compressed).map(|mut decoder| decoder.read_to_string(&mut text));
    assert!(matches!(read, Ok(Ok(_))), "a file of answers is damaged");
    text
}
