//! Casts among strings, and what their lengths do to them.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{VALUE_MAX, scalar, scalar_text};
use diagnostic::SqlState;
use std::borrow::Cow;
use types::text::{fit_char, fit_varchar, truncate_name};
use types::vector::without_padding;

/// A length that a call gives, which no type's modifier bounds.
fn allocated(modifier: i32) -> FunctionResult<i32> {
    if usize::try_from(modifier).is_ok_and(|length| length > VALUE_MAX) {
        let message = format!("invalid memory alloc request size {modifier}");
        return Err(FunctionError::plain(SqlState::InternalError, message));
    }
    Ok(modifier)
}

scalar! {
    fn booltext(a: bool) -> &str { if a { "true" } else { "false" } }
    fn rtrim_padding(a: &[u8]) -> &[u8] { without_padding(a) }
    fn text_name(a: &str) -> &str { truncate_name(a) }
    fn bpchar_name(a: &str) -> &str { truncate_name(a.trim_end_matches(' ')) }
    fn name_text(a: &[u8]) -> &[u8] { a }
    fn name_bpchar(a: &[u8]) -> &[u8] { a }
    fn text_char(a: &[u8]) -> i16 { a.first().map_or(0, |byte| i16::from(*byte)) }
    fn bpchar(a: &str, modifier: i32, explicit: bool) -> Cow<'_, str> {
        fit_char(a, allocated(modifier)?, explicit)?
    }
    fn varchar(a: &str, modifier: i32, explicit: bool) -> &str { fit_varchar(a, modifier, explicit)? }
}

scalar_text! {
    fn char_text(out, a: i16) {
        // One byte; what is no text on its own is shown as octal digits.
        match a as u8 {
            0 => {}
            byte if byte < 0x80 => out.push(byte),
            byte => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
}
