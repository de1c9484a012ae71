//! Parts of texts: by place, by separator.

use super::basic::characters;
use super::pad::head;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{Column, scalar, scalar_text};
use diagnostic::{SqlState, room};
use numeric::{NumberType, NumericError};
use types::Vector;
use types::vector::{BytesBuilder, Data};

/// The end of `length` places from `start` on: `None` reaches to the end of the text.
pub(crate) fn end_of(start: i32, length: Option<i32>) -> FunctionResult<Option<i32>> {
    let negative = || FunctionError::plain(SqlState::SubstringError, "negative substring length not allowed");
    match length {
        None => Ok(None),
        Some(length) if length < 0 => Err(negative()),
        Some(length) => Ok(start.checked_add(length)),
    }
}

fn substring(text: &str, start: i32, length: Option<i32>) -> FunctionResult<&str> {
    // It is cut between characters.
    crate::kernel::loops::text(substring_of_bytes(text.as_bytes(), start, length)?)
}

/// The same of a text's bytes: what lies behind the end is not looked at.
fn substring_of_bytes(text: &[u8], start: i32, length: Option<i32>) -> FunctionResult<&[u8]> {
    let end = end_of(start, length)?;
    let (skipped, end) = (place(start), end.map_or(usize::MAX, place));
    let front = &text[..end.min(text.len())];
    if front.is_ascii() {
        return Ok(front.get(skipped..).unwrap_or(&[]));
    }
    let begins = |byte: &u8| (*byte as i8) >= -0x40;
    let mut at = text.iter().enumerate().filter(|(_, byte)| begins(byte)).map(|(at, _)| at);
    let Some(first) = at.nth(skipped) else { return Ok(&[]) };
    let count = end.saturating_sub(skipped);
    let last = match count.checked_sub(1) {
        None => first,
        Some(more) => at.nth(more).unwrap_or(text.len()),
    };
    Ok(&text[first..last])
}

/// `n` characters from the front, all but so many from the back if it is negative.
fn left(text: &str, count: i32) -> &str {
    match count < 0 {
        false => head(text, count as usize),
        true => {
            let all = characters(text.as_bytes());
            head(text, all.saturating_sub(count.unsigned_abs() as usize))
        }
    }
}

fn right(text: &str, count: i32) -> &str {
    let skipped = match count < 0 {
        // The least number has no opposite, and nothing is skipped.
        true => count.checked_neg().unwrap_or(0) as usize,
        false => characters(text.as_bytes()).saturating_sub(count as usize),
    };
    &text[head(text, skipped).len()..]
}

fn split_part<'a>(text: &'a str, separator: &str, field: i32) -> FunctionResult<&'a str> {
    if field == 0 {
        let message = "field position must not be zero";
        return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
    }
    if separator.is_empty() {
        return Ok(if field.unsigned_abs() == 1 { text } else { "" });
    }
    let place = field.unsigned_abs() as usize - 1;
    Ok(match field > 0 {
        true => text.split(separator).nth(place).unwrap_or(""),
        false => {
            // Counted from the end, yet cut from the front, which differs where separators overlap.
            let count = text.split(separator).count();
            count.checked_sub(place + 1).and_then(|place| text.split(separator).nth(place)).unwrap_or("")
        }
    })
}

fn overlay(out: &mut Vec<u8>, text: &str, by: &str, start: i32, length: i32) -> FunctionResult<()> {
    if start <= 0 {
        let message = "negative substring length not allowed";
        return Err(FunctionError::plain(SqlState::SubstringError, message));
    }
    let after = start.checked_add(length).ok_or(NumericError::IntegerOutOfRange(NumberType::Int4))?;
    let (head, tail) = (substring(text, 1, Some(start - 1))?, substring(text, after, None)?);
    room(head.len() + tail.len(), by.len())?;
    [head, by, tail].iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
    Ok(())
}

/// `substr(text, start, length)`, mostly with the same places for all rows.
pub(crate) fn text_substr(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    if let [texts, start, length] = arguments.vectors
        && arguments.rows > 0
        && let (Some(values), false) = (texts.bytes(), texts.is_constant())
        && start.is_constant()
        && length.is_constant()
    {
        let (start, length) = (Column::<i32>::new(start)?.at(0)?, Column::<i32>::new(length)?.at(0)?);
        let end = end_of(start, Some(length))?.map_or(usize::MAX, place);
        let mut builder = BytesBuilder::with_capacity(values.len(), values.total());
        let (view, is_ascii) = (values.view(), values.all().is_ascii());
        for (row, text) in values.iter().enumerate() {
            match is_ascii {
                true => builder.push_with(|out| {
                    view.stretch(row).part(place(start), end).append_to(out);
                    FunctionResult::Ok(())
                })?,
                false => builder.push(substring_of_bytes(text, start, Some(length))?)?,
            }
        }
        return Ok(Vector::new(Data::Bytes(builder.finish()), None));
    }
    text_substr_each(context, arguments)
}

/// How many characters lie before a place that is counted from 1.
fn place(place: i32) -> usize {
    (i64::from(place) - 1).max(0) as usize
}

scalar! {
    fn text_substr_each(a: &[u8], start: i32, length: i32) -> &[u8] { substring_of_bytes(a, start, Some(length))? }
    fn text_substr_no_len(a: &[u8], start: i32) -> &[u8] { substring_of_bytes(a, start, None)? }
    fn text_left(a: &str, count: i32) -> &str { left(a, count) }
    fn text_right(a: &str, count: i32) -> &str { right(a, count) }
    fn split_text(a: &str, separator: &str, field: i32) -> &str { split_part(a, separator, field)? }
}

scalar_text! {
    fn textoverlay(out, a: &str, by: &str, start: i32, length: i32) {
        overlay(out, a, by, start, length)?;
    }
    fn textoverlay_no_len(out, a: &str, by: &str, start: i32) {
        overlay(out, a, by, start, characters(by.as_bytes()) as i32)?;
    }
}
