//! Length, order, concatenation, replacement.

use super::within::{replaced, rows_with};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{ascii_texts, limit, one_text, scalar, scalar_text, texts_of};
use diagnostic::{SqlState, room};
use memchr::memmem::Finder;
use types::Vector;
use types::text::NAME_BYTES;
use types::vector::{Data, Stretch, without_padding};

/// How many characters there are: bytes that begin one.
pub(super) fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// Where `part` first lies in `whole`, in bytes.
pub(crate) fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut from = 0;
    while from + part.len() <= whole.len() {
        let last = whole.len() - part.len();
        let next = memchr::memchr(first, &whole[from..=last])? + from;
        if whole[next..next + part.len()] == *part {
            return Some(next);
        }
        from = next + 1;
    }
    None
}

/// `length(text)`
pub(crate) fn textlen(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    match ascii_texts(arguments, 0) {
        // A value is at most a gigabyte.
        Some(texts) => Ok(Vector::from_values(texts.lengths().map(|length| length as i32).collect())),
        None => textlen_each(context, arguments),
    }
}

/// `strpos(text, part)`, mostly with one part for all rows.
pub(crate) fn textpos(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (Some(texts), Some(part)) = (texts_of(arguments, 0), one_text(arguments, 1)) else {
        return textpos_each(context, arguments);
    };
    if part.is_empty() {
        return textpos_each(context, arguments);
    }
    let mut found = vec![0; texts.len()];
    rows_with(texts, &Finder::new(part), |row, at| {
        found[row] = characters(&texts.get(row)[..at]) as i32 + 1;
        Ok(())
    })?;
    Ok(Vector::from_values::<i32>(found))
}

/// `replace(text, from, to)`, mostly with one `from` and one `to` for all rows.
pub(crate) fn replace_text(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (Some(texts), Some(from), Some(to)) =
        (texts_of(arguments, 0), one_text(arguments, 1), one_text(arguments, 2))
    else {
        return replace_text_each(context, arguments);
    };
    let made = match (from, to) {
        ([], _) => return replace_text_each(context, arguments),
        // Each is a character.
        ([from], [to]) => texts.map_bytes(|byte| if byte == *from { *to } else { byte }),
        (from, to) => replaced(texts, &Finder::new(from), to)?,
    };
    Ok(Vector::new(Data::Bytes(made), None))
}

scalar! {
    fn textlen_each(a: &[u8]) -> i32 { characters(a) as i32 }
    fn bpcharlen(a: &[u8]) -> i32 { characters(without_padding(a)) as i32 }
    fn textoctetlen(a: &[u8]) -> i32 { a.len() as i32 }
    fn bpcharoctetlen(a: &[u8]) -> i32 { a.len() as i32 }
    fn bit_length_of_bytes(a: &[u8]) -> i32 { (a.len() as i64 * 8).min(i64::from(i32::MAX)) as i32 }
    fn text_larger(a: &[u8], b: &[u8]) -> &[u8] { if a > b { a } else { b } }
    fn text_smaller(a: &[u8], b: &[u8]) -> &[u8] { if a < b { a } else { b } }
    fn bpchar_larger(a: &[u8], b: &[u8]) -> &[u8] { if without_padding(a) >= without_padding(b) { a } else { b } }
    fn bpchar_smaller(a: &[u8], b: &[u8]) -> &[u8] { if without_padding(a) <= without_padding(b) { a } else { b } }
    fn bttextcmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn bttext_pattern_cmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn btnamecmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn btnametextcmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn bttextnamecmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn bpcharcmp(a: &[u8], b: &[u8]) -> i32 { without_padding(a).cmp(without_padding(b)) as i32 }
    fn text_pattern_lt(a: &[u8], b: &[u8]) -> bool { a < b }
    fn text_pattern_le(a: &[u8], b: &[u8]) -> bool { a <= b }
    fn text_pattern_gt(a: &[u8], b: &[u8]) -> bool { a > b }
    fn text_pattern_ge(a: &[u8], b: &[u8]) -> bool { a >= b }
    fn bpchar_pattern_lt(a: &[u8], b: &[u8]) -> bool { without_padding(a) < without_padding(b) }
    fn bpchar_pattern_le(a: &[u8], b: &[u8]) -> bool { without_padding(a) <= without_padding(b) }
    fn bpchar_pattern_gt(a: &[u8], b: &[u8]) -> bool { without_padding(a) > without_padding(b) }
    fn bpchar_pattern_ge(a: &[u8], b: &[u8]) -> bool { without_padding(a) >= without_padding(b) }
    fn text_starts_with(a: &[u8], b: &[u8]) -> bool { a.starts_with(b) }
    fn ascii(a: &str) -> i32 { a.chars().next().map_or(0, |first| first as i32) }
    fn textpos_each(a: &[u8], b: &[u8]) -> i32 {
        match find(a, b) {
            Some(at) => characters(&a[..at]) as i32 + 1,
            None => i32::from(b.is_empty()),
        }
    }
    fn chr(a: i32) -> String { character(a)?.to_string() }
    fn to_hex32(a: i32) -> String { format!("{a:x}") }
    fn to_hex64(a: i64) -> String { format!("{a:x}") }
    fn btequalimage(of: u32) -> bool { true }
    fn nameconcatoid(a: &str, number: u32) -> String {
        let suffix = format!("_{number}");
        let mut end = a.len().min(NAME_BYTES - suffix.len());
        while !a.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}{suffix}", &a[..end])
    }
}

fn character(code: i32) -> Result<char, FunctionError> {
    let invalid = |message: String| FunctionError::plain(SqlState::ProgramLimitExceeded, message);
    match code {
        code if code < 0 => {
            Err(FunctionError::plain(SqlState::InvalidParameterValue, "character number must be positive"))
        }
        0 => Err(invalid("null character not permitted".to_owned())),
        code if code > 0x10_ffff => {
            Err(invalid(format!("requested character too large for encoding: {code}")))
        }
        code => char::from_u32(code as u32)
            .ok_or_else(|| invalid(format!("requested character not valid for encoding: {code}"))),
    }
}

scalar_text! {
    fn textcat(out, a: Stretch<'_>, b: Stretch<'_>) {
        a.append_to(out);
        b.append_to(out);
    }
    fn repeat(out, a: &[u8], count: i32) {
        let count = count.max(0) as usize;
        let total = a.len().saturating_mul(count);
        limit(total)?;
        // What stands there already is doubled.
        let start = out.len();
        out.extend_from_slice(&a[..a.len().min(total)]);
        while out.len() - start < total {
            let standing = out.len() - start;
            out.extend_from_within(start..start + standing.min(total - standing));
        }
    }
    fn replace_text_each(out, a: &[u8], from: &[u8], to: &[u8]) {
        let (start, mut rest) = (out.len(), a);
        while let Some(at) = find(rest, from) {
            room(out.len() - start, at + to.len())?;
            out.extend_from_slice(&rest[..at]);
            out.extend_from_slice(to);
            rest = &rest[at + from.len()..];
        }
        room(out.len() - start, rest.len())?;
        out.extend_from_slice(rest);
    }
    fn text_reverse(out, a: &str) {
        let mut buffer = [0; 4];
        for character in a.chars().rev() {
            out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
    }
    fn translate(out, a: &str, from: &str, to: &str) {
        let (start, mut buffer) = (out.len(), [0; 4]);
        for character in a.chars() {
            let found = match from.chars().position(|other| other == character) {
                Some(at) => to.chars().nth(at),
                None => Some(character),
            };
            if let Some(character) = found {
                room(out.len() - start, character.len_utf8())?;
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
}
