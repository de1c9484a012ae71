//! Matching, cutting and replacing by patterns.

use super::options::{Options, compiled, failed, number, place_of};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{argument, collect, limit};
use ::pattern::{Flags, Found, Pattern};
use diagnostic::{SqlState, room};
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

fn matches(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    ignore_case: bool,
    wanted: bool,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let flags = Flags { ignore_case, ..Flags::default() };
    collect::<bool>(arguments.rows, |row| {
        let pattern = compiled(context, patterns.at(row)?, flags)?;
        Ok(pattern.is_match(texts.at(row)?).map_err(failed)? == wanted)
    })
}

macro_rules! operators {
    ($($name:ident, $ignore_case:literal, $wanted:literal;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            matches(context, arguments, $ignore_case, $wanted)
        })*
    };
}

// kernel: scalar
operators! {
    textregexeq, false, true;
    textregexne, false, false;
    texticregexeq, true, true;
    texticregexne, true, false;
    nameregexeq, false, true;
    nameregexne, false, false;
    nameicregexeq, true, true;
    nameicregexne, true, false;
}

/// How many bytes are searched until it is asked whether the statement is to stop. A search may look at all that is left of a text.
const BYTES_UNCHECKED: usize = 1 << 20;

/// Calls `take` with all matches from a place on, or the first so many.
fn each(
    context: &mut Context<'_>,
    (pattern, text): (&Pattern, &str),
    from: usize,
    most: usize,
    mut take: impl FnMut(Found) -> FunctionResult<()>,
) -> FunctionResult<()> {
    let (mut matches, mut searched) = (pattern.search(text).map_err(failed)?.matches(from), 0);
    for _ in 0..most {
        searched += matches.left();
        if searched > BYTES_UNCHECKED {
            context.session.check()?;
            searched = 0;
        }
        match matches.next() {
            Some(next) => take(next.map_err(failed)?)?,
            None => break,
        }
    }
    Ok(())
}

/// All matches from a place on, or the first so many.
pub(super) fn all(
    context: &mut Context<'_>,
    subject: (&Pattern, &str),
    from: usize,
    most: usize,
) -> FunctionResult<Vec<Found>> {
    let mut found = Vec::new();
    each(context, subject, from, most, |next| {
        found.push(next);
        Ok(())
    })?;
    Ok(found)
}

/// How many matches are looked for.
fn most(global: bool) -> usize {
    if global { usize::MAX } else { 1 }
}

/// The groups of a match as an array of texts; the whole if there are no groups.
fn groups(text: &str, found: &Found) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    let first = usize::from(found.len() > 1);
    for group in &found[first..] {
        builder.push(&group.clone().map_or(Item::Null, |part| Item::Bytes(text[part].as_bytes())));
    }
    builder.finish_list()
}

pub(crate) fn regexp_match(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let flags = Options::of_one(arguments, 2, row, "regexp_match()")?;
        let pattern = compiled(context, patterns.at(row)?, flags)?;
        let text = texts.at(row)?;
        Ok(all(context, (&pattern, text), 0, 1)?.first().map(|found| groups(text, found)))
    })
}

pub(crate) fn regexp_match_no_flags(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    regexp_match(context, arguments)
}

pub(crate) fn regexp_like(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<bool>(arguments.rows, |row| {
        let flags = Options::of_one(arguments, 2, row, "regexp_like()")?;
        let pattern = compiled(context, patterns.at(row)?, flags)?;
        pattern.is_match(texts.at(row)?).map_err(failed)
    })
}

pub(crate) fn regexp_like_no_flags(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    regexp_like(context, arguments)
}

/// The part that matches, or its first group.
pub(crate) fn textregexsubstr(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<Option<String>>(arguments.rows, |row| {
        let pattern = compiled(context, patterns.at(row)?, Flags::default())?;
        first_part(context, &pattern, texts.at(row)?)
    })
}

/// What the first group of the first match has, or the whole match where there are no groups.
pub(super) fn first_part(
    context: &mut Context<'_>,
    pattern: &Pattern,
    text: &str,
) -> FunctionResult<Option<String>> {
    let found = all(context, (pattern, text), 0, 1)?;
    let part = found.first().and_then(|found| found.get(usize::from(found.len() > 1)).cloned().flatten());
    Ok(part.map(|part| text[part].to_owned()))
}

/// Appends a replacement: `\1` to `\9` are groups, `\&` is the whole match.
fn replacement(out: &mut String, with: &str, text: &str, found: &Found) -> FunctionResult<()> {
    let mut characters = with.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let group = |number: usize| found.get(number).cloned().flatten().map_or("", |part| &text[part]);
        match characters.next() {
            Some(digit @ '1'..='9') => append(out, group(digit as usize - '0' as usize))?,
            Some('&') => append(out, group(0))?,
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Ok(())
}

fn append(out: &mut String, part: &str) -> FunctionResult<()> {
    room(out.len(), part.len())?;
    out.push_str(part);
    Ok(())
}

/// Replaces the match of a number, counted from 1 and from a place on; all if it is 0.
fn replaced(
    context: &mut Context<'_>,
    (pattern, text): (&Pattern, &str),
    with: &str,
    from: Option<usize>,
    which: usize,
) -> FunctionResult<String> {
    let Some(from) = from else { return Ok(text.to_owned()) };
    let mut out = String::with_capacity(text.len());
    let (mut done, mut number) = (0, 0);
    each(context, (pattern, text), from, most(which != 1), |found| {
        number += 1;
        let Some(whole) = found.first().cloned().flatten().filter(|_| which == 0 || number == which) else {
            return Ok(());
        };
        append(&mut out, &text[done..whole.start])?;
        // All of it that is no group's.
        room(out.len(), with.len())?;
        replacement(&mut out, with, text, &found)?;
        done = whole.end;
        Ok(())
    })?;
    append(&mut out, &text[done..])?;
    Ok(out)
}

pub(crate) fn textregexreplace(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let with = argument::<&str>(arguments, 2)?;
    collect::<String>(arguments.rows, |row| {
        let options = Options::at(arguments, 3, row).map_err(|error| start_meant(error, arguments, row))?;
        let pattern = compiled(context, patterns.at(row)?, options.flags)?;
        replaced(context, (&pattern, texts.at(row)?), with.at(row)?, Some(0), usize::from(!options.global))
    })
}

/// Options that begin with a digit may have been meant as a number.
fn start_meant(error: FunctionError, arguments: &Arguments<'_>, row: usize) -> FunctionError {
    let digit = argument::<&str>(arguments, 3)
        .and_then(|column| column.at(row))
        .is_ok_and(|options| options.starts_with(|found: char| found.is_ascii_digit()));
    if !digit {
        return error;
    }
    let hint = "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer \
                explicitly.";
    FunctionError::hinted(SqlState::InvalidParameterValue, error.to_string(), hint)
}

pub(crate) fn textregexreplace_extended(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let with = argument::<&str>(arguments, 2)?;
    collect::<String>(arguments.rows, |row| {
        let start = number(arguments, 3, row, "start", (1, 1..=i32::MAX))?;
        let which = number(arguments, 4, row, "n", (1, 0..=i32::MAX))?;
        // How many are replaced is said already, so `g` says nothing.
        let options = Options::at(arguments, 5, row)?;
        let pattern = compiled(context, patterns.at(row)?, options.flags)?;
        let text = texts.at(row)?;
        replaced(context, (&pattern, text), with.at(row)?, place_of(text, start), which)
    })
}

pub(crate) fn textregexreplace_noopt(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    textregexreplace(context, arguments)
}

pub(crate) fn regexp_matches(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let options = Options::at(arguments, 2, row)?;
    let pattern = compiled(context, patterns.at(row)?, options.flags)?;
    let text = texts.at(row)?;
    let mut builder = VectorBuilder::new(Kind::Bytes, 1);
    for found in all(context, (&pattern, text), 0, most(options.global))? {
        builder.push_bytes(&groups(text, &found))?;
    }
    Ok(Made::source(vec![builder.finish()]))
}

pub(crate) fn regexp_matches_no_flags(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    regexp_matches(context, arguments, row)
}

/// The pieces between matches. An empty match at an end or right behind a match is none.
fn pieces<'t>(context: &mut Context<'_>, pattern: &Pattern, text: &'t str) -> FunctionResult<Vec<&'t str>> {
    let (mut pieces, mut done) = (Vec::new(), 0);
    for found in all(context, (pattern, text), 0, usize::MAX)? {
        let Some(whole) = found.first().cloned().flatten() else { continue };
        if whole.is_empty() && (whole.start == done || whole.end == text.len()) {
            continue;
        }
        pieces.push(&text[done..whole.start]);
        done = whole.end;
    }
    pieces.push(&text[done..]);
    Ok(pieces)
}

fn split_at<'a>(
    context: &mut Context<'_>,
    arguments: &Arguments<'a>,
    row: usize,
    function: &str,
) -> FunctionResult<Vec<&'a str>> {
    let (texts, patterns) = (argument::<&'a str>(arguments, 0)?, argument::<&'a str>(arguments, 1)?);
    let flags = Options::of_one(arguments, 2, row, function)?;
    let pattern = compiled(context, patterns.at(row)?, flags)?;
    pieces(context, &pattern, texts.at(row)?)
}

pub(crate) fn regexp_split_to_array(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    collect::<Vec<u8>>(arguments.rows, |row| {
        let mut builder = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
        for piece in split_at(context, arguments, row, "regexp_split_to_array()")? {
            builder.push(&Item::Bytes(piece.as_bytes()));
            limit(builder.size())?;
        }
        Ok(builder.finish_list())
    })
}

pub(crate) fn regexp_split_to_array_no_flags(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    regexp_split_to_array(context, arguments)
}

pub(crate) fn regexp_split_to_table(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let mut builder = VectorBuilder::new(Kind::Bytes, 1);
    for piece in split_at(context, arguments, row, "regexp_split_to_table()")? {
        builder.push_bytes(piece.as_bytes())?;
    }
    Ok(Made::source(vec![builder.finish()]))
}

pub(crate) fn regexp_split_to_table_no_flags(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    regexp_split_to_table(context, arguments, row)
}
