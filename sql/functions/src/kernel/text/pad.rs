//! Trimming and padding.

use super::basic::characters;
use crate::error::FunctionResult;
use crate::kernel::loops::{limit, scalar, scalar_text};
use std::ops::ControlFlow;

fn trim<'a>(mut text: &'a str, set: &str, front: bool, back: bool) -> &'a str {
    if set.len() == 1 {
        let byte = char::from(set.as_bytes()[0]);
        text = if front { text.trim_start_matches(byte) } else { text };
        return if back { text.trim_end_matches(byte) } else { text };
    }
    let within = |character: char| set.contains(character);
    text = if front { text.trim_start_matches(within) } else { text };
    if back { text.trim_end_matches(within) } else { text }
}

scalar! {
    fn btrim(a: &str, set: &str) -> &str { trim(a, set, true, true) }
    fn ltrim(a: &str, set: &str) -> &str { trim(a, set, true, false) }
    fn rtrim(a: &str, set: &str) -> &str { trim(a, set, false, true) }
    fn btrim1(a: &str) -> &str { a.trim_matches(' ') }
    fn ltrim1(a: &str) -> &str { a.trim_start_matches(' ') }
    fn rtrim1(a: &str) -> &str { a.trim_end_matches(' ') }
}

/// Appends `count` characters of `fill`, over and over.
fn fill_with(out: &mut Vec<u8>, fill: &str, count: usize) {
    let mut left = count;
    let appended = |out: &mut Vec<u8>, character: char| {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    };
    while left > 0 && !fill.is_empty() {
        let _ = fill.chars().try_for_each(|character| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            appended(out, character);
            left -= 1;
            ControlFlow::Continue(())
        });
    }
}

/// The first `length` characters of a text.
pub(super) fn head(text: &str, length: usize) -> &str {
    match text.char_indices().nth(length) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

fn pad(out: &mut Vec<u8>, text: &str, length: i32, fill: &str, left: bool) -> FunctionResult<()> {
    let length = length.max(0) as usize;
    let count = characters(text.as_bytes());
    let missing = if fill.is_empty() { 0 } else { length.saturating_sub(count) };
    // PostgreSQL reckons with the longest characters.
    limit(length.min(count + missing).saturating_mul(4))?;
    if left {
        fill_with(out, fill, missing);
    }
    out.extend_from_slice(head(text, length).as_bytes());
    if !left {
        fill_with(out, fill, missing);
    }
    Ok(())
}

scalar_text! {
    fn lpad(out, a: &str, length: i32, fill: &str) {
        pad(out, a, length, fill, true)?;
    }
    fn rpad(out, a: &str, length: i32, fill: &str) {
        pad(out, a, length, fill, false)?;
    }
    fn lpad_blank(out, a: &str, length: i32) {
        pad(out, a, length, " ", true)?;
    }
    fn rpad_blank(out, a: &str, length: i32) {
        pad(out, a, length, " ", false)?;
    }
}
