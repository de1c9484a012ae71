//! The form between client and server: a version, then text.

use super::{Jsonb, Value, display, parse};
use crate::error::{JsonError, JsonResult};

/// What a value begins with on its way.
pub const VERSION: u8 = 1;

/// What a client is sent behind the version.
///
/// # Errors
/// When its text is longer than a value may be.
pub fn text(value: Value<'_>) -> JsonResult<String> {
    let mut text = String::new();
    display::write(value, &mut text)?;
    Ok(text)
}

/// Reads what a client has sent.
pub fn receive(bytes: &[u8]) -> JsonResult<Jsonb> {
    let Some((version, text)) = bytes.split_first() else { return Err(JsonError::WireShort) };
    if *version != VERSION {
        return Err(JsonError::WireVersion(*version));
    }
    match std::str::from_utf8(text) {
        Ok(text) => parse(text),
        Err(error) => {
            let bad = &text[error.valid_up_to()..];
            let length = error.error_len().unwrap_or(bad.len()).clamp(1, bad.len().max(1));
            let shown: Vec<String> = bad.iter().take(length).map(|byte| format!("0x{byte:02x}")).collect();
            Err(JsonError::Encoding(shown.join(" ")))
        }
    }
}
