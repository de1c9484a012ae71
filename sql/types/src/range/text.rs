//! Text of ranges, `[1,5)`, and of sets of them, `{[1,5),[7,9)}`.

use super::{Bound, Range, RangeType, normalised};
use crate::catalog::{Type, Types, type_name};
use crate::text::{
    InputError, InputResult, RangeProblem, TextSettings, input, is_space, output, room_for_quoted,
};
use crate::value::Item;
use diagnostic::room;

const EMPTY: &str = "empty";

fn range_type(types: &dyn Types, of: u32) -> InputResult<RangeType> {
    RangeType::of(types, of).ok_or_else(|| InputError::Unsupported(type_name(types, of, None)))
}

fn malformed(text: &str, problem: RangeProblem) -> InputError {
    InputError::MalformedRange { what: "range", text: text.to_owned(), problem }
}

fn trim(text: &str) -> &str {
    text.trim_matches(|found: char| u8::try_from(found).is_ok_and(is_space))
}

fn strip_empty(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked(EMPTY.len())?;
    word.eq_ignore_ascii_case(EMPTY).then_some(rest)
}

/// Reads a range.
pub(crate) fn range_input(
    types: &dyn Types,
    of: u32,
    text: &str,
    settings: &TextSettings,
) -> InputResult<Vec<u8>> {
    let range_type = range_type(types, of)?;
    let range = read(types, &range_type, text, settings)?;
    Ok(range_type.encode(&range))
}

fn read(types: &dyn Types, of: &RangeType, text: &str, settings: &TextSettings) -> InputResult<Range> {
    let wrong = |problem| malformed(text, problem);
    let rest = trim(text);
    if let Some(rest) = strip_empty(rest) {
        return match rest.is_empty() {
            true => Ok(Range::EMPTY),
            false => Err(wrong(RangeProblem::BehindEmpty)),
        };
    }
    let (from_inside, rest) = match rest.split_at_checked(1) {
        Some(("[", rest)) => (true, rest),
        Some(("(", rest)) => (false, rest),
        _ => return Err(wrong(RangeProblem::Begin)),
    };
    let (lower, rest) = bound(rest).ok_or_else(|| wrong(RangeProblem::End))?;
    let rest = rest.strip_prefix(',').ok_or_else(|| wrong(RangeProblem::Comma))?;
    let (upper, rest) = bound(rest).ok_or_else(|| wrong(RangeProblem::End))?;
    let (to_inside, rest) = match rest.split_at_checked(1) {
        Some(("]", rest)) => (true, rest),
        Some((")", rest)) => (false, rest),
        _ => return Err(wrong(RangeProblem::Commas)),
    };
    if !rest.is_empty() {
        return Err(wrong(RangeProblem::Behind));
    }
    let value = |text: Option<String>, inclusive: bool| {
        let subtype = Type::of(of.names.subtype);
        text.map(|text| Ok(Bound { value: input(types, subtype, &text, settings)?, inclusive })).transpose()
    };
    let (lower, upper): (InputResult<_>, InputResult<_>) =
        (value(lower, from_inside), value(upper, to_inside));
    Ok(of.make(lower?, upper?)?)
}

/// A bound's text up to what ends it; `None` in place of the whole if the text ends first.
fn bound(text: &str) -> Option<(Option<String>, &str)> {
    if text.starts_with([',', ')', ']']) {
        return Some((None, text));
    }
    let (mut found, mut quoted) = (String::new(), false);
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        match character {
            ',' | ')' | ']' if !quoted => return Some((Some(found), &text[place..])),
            '\\' => found.push(characters.next()?.1),
            '"' if !quoted => quoted = true,
            '"' => match characters.next_if(|next| next.1 == '"') {
                Some(_) => found.push('"'),
                None => quoted = false,
            },
            character => found.push(character),
        }
    }
    None
}

/// Appends a range's text.
pub(crate) fn range_output(
    types: &dyn Types,
    of: u32,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    let Item::Bytes(bytes) = item else { return Ok(()) };
    let range_type = range_type(types, of)?;
    write(types, &range_type, &range_type.decode(bytes)?, settings, text)
}

fn write(
    types: &dyn Types,
    of: &RangeType,
    range: &Range,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    if range.empty {
        text.push_str(EMPTY);
        return Ok(());
    }
    let inclusive = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.inclusive);
    text.push(if inclusive(&range.lower) { '[' } else { '(' });
    for (bound, behind) in
        [(&range.lower, ','), (&range.upper, if inclusive(&range.upper) { ']' } else { ')' })]
    {
        if let Some(bound) = bound {
            let mut shown = String::new();
            output(types, Type::of(of.names.subtype), &Item::from(&bound.value), settings, &mut shown)?;
            quote(&shown, text)?;
        }
        text.push(behind);
    }
    Ok(())
}

fn quote(shown: &str, text: &mut String) -> InputResult<()> {
    let special = |found: char| "\"\\()[],".contains(found) || u8::try_from(found).is_ok_and(is_space);
    if !shown.is_empty() && !shown.contains(special) {
        text.push_str(shown);
        return Ok(());
    }
    room_for_quoted(0, shown)?;
    text.push('"');
    for found in shown.chars() {
        if matches!(found, '"' | '\\') {
            text.push(found);
        }
        text.push(found);
    }
    text.push('"');
    Ok(())
}

/// Reads a set of ranges.
pub(crate) fn multirange_input(
    types: &dyn Types,
    of: u32,
    text: &str,
    settings: &TextSettings,
) -> InputResult<Vec<u8>> {
    let range_type = range_type(types, of)?;
    let wrong = |problem| InputError::MalformedRange { what: "multirange", text: text.to_owned(), problem };
    let mut rest = trim_start(text).strip_prefix('{').ok_or_else(|| wrong(RangeProblem::BeginSet))?;
    let mut ranges = Vec::new();
    let mut seen = false;
    loop {
        rest = trim_start(rest);
        if let Some(behind) = rest.strip_prefix('}').filter(|_| !seen) {
            rest = behind;
            break;
        }
        if let Some(behind) = strip_empty(rest) {
            rest = behind;
        } else if rest.starts_with(['[', '(']) {
            let length = range_length(rest).ok_or_else(|| wrong(RangeProblem::End))?;
            ranges.push(read(types, &range_type, &rest[..length], settings)?);
            rest = &rest[length..];
        } else {
            let problem = if rest.is_empty() { RangeProblem::End } else { RangeProblem::RangeBegin };
            return Err(wrong(problem));
        }
        seen = true;
        rest = trim_start(rest);
        let next = rest.chars().next().ok_or_else(|| wrong(RangeProblem::End))?;
        rest = &rest[next.len_utf8()..];
        match next {
            ',' => {}
            '}' => break,
            _ => return Err(wrong(RangeProblem::CommaOrEnd)),
        }
    }
    if !trim_start(rest).is_empty() {
        return Err(wrong(RangeProblem::BehindSet));
    }
    Ok(range_type.encode_set(&normalised(&range_type, ranges)?))
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(|found: char| u8::try_from(found).is_ok_and(is_space))
}

/// How long the range at the beginning is.
fn range_length(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut characters = text.char_indices();
    while let Some((place, found)) = characters.next() {
        match found {
            '\\' => {
                characters.next();
            }
            '"' => quoted = !quoted,
            ']' | ')' if !quoted => return Some(place + 1),
            _ => {}
        }
    }
    None
}

/// Appends the text of a set of ranges.
pub(crate) fn multirange_output(
    types: &dyn Types,
    of: u32,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    let Item::Bytes(bytes) = item else { return Ok(()) };
    let range_type = range_type(types, of)?;
    let start = text.len();
    text.push('{');
    for (place, range) in range_type.decode_set(bytes)?.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        write(types, &range_type, range, settings, text)?;
        room(text.len() - start, 0)?;
    }
    text.push('}');
    Ok(())
}
