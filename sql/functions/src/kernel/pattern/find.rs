//! Matching, cutting and replacing by patterns.

use super::translate::{Flags, compile};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{argument, collect, optional};
use diagnostic::SqlState;
use fancy_regex::Regex;
use std::sync::Arc;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

/// A match and its groups.
type Captures<'t> = fancy_regex::Captures<'t, str>;

/// A pattern, from the cache if it was used before.
fn pattern(context: &mut Context<'_>, text: &str, flags: Flags) -> FunctionResult<Arc<Regex>> {
    if let Some(known) = context.cache.pattern(text, flags) {
        return Ok(known);
    }
    let made = Arc::new(compile(text, flags)?);
    context.cache.keep_pattern(text, flags, Arc::clone(&made));
    Ok(made)
}

/// The search took too many steps.
fn too_hard<E>(_: E) -> FunctionError {
    let message = "regular expression failed: regular expression is too complex";
    FunctionError::plain(SqlState::InvalidRegularExpression, message)
}

fn matches(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    ignore_case: bool,
    wanted: bool,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let flags = Flags { ignore_case, ..Flags::default() };
    collect::<bool>(arguments.rows, |row| {
        let regex = pattern(context, patterns.at(row)?, flags)?;
        Ok(regex.is_match(texts.at(row)?).map_err(too_hard)? == wanted)
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

/// The flags argument of a row, if there is one.
fn flags_at(arguments: &Arguments<'_>, place: usize, row: usize) -> FunctionResult<Flags> {
    match optional::<&str>(arguments, place)? {
        Some(flags) => Flags::read(flags.at(row)?),
        None => Ok(Flags::default()),
    }
}

fn not_global(flags: Flags, function: &str) -> FunctionResult<()> {
    if !flags.global {
        return Ok(());
    }
    let message = format!("{function} does not support the \"global\" option");
    let hint = match function {
        "regexp_match()" => Some("Use the regexp_matches function instead.".to_owned()),
        _ => None,
    };
    Err(FunctionError::Plain { state: SqlState::InvalidParameterValue, message, detail: None, hint })
}

/// All matches; after an empty one the search goes on behind the next character.
fn all<'t>(regex: &Regex, text: &'t str, global: bool) -> FunctionResult<Vec<Captures<'t>>> {
    let mut found = Vec::new();
    for captures in regex.captures_iter(text) {
        found.push(captures.map_err(too_hard)?);
        if !global {
            break;
        }
    }
    Ok(found)
}

/// The groups of a match as an array of texts; the whole if there are no groups.
fn groups(captures: &Captures<'_>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    let first = usize::from(captures.len() > 1);
    for group in first..captures.len() {
        builder.push(&captures.get(group).map_or(Item::Null, |found| Item::Bytes(found.as_str().as_bytes())));
    }
    builder.finish_list()
}

pub(crate) fn regexp_match(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let flags = flags_at(arguments, 2, row)?;
        not_global(flags, "regexp_match()")?;
        let regex = pattern(context, patterns.at(row)?, flags)?;
        Ok(all(&regex, texts.at(row)?, false)?.first().map(groups))
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
        let flags = flags_at(arguments, 2, row)?;
        not_global(flags, "regexp_like()")?;
        let regex = pattern(context, patterns.at(row)?, flags)?;
        regex.is_match(texts.at(row)?).map_err(too_hard)
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
        let regex = pattern(context, patterns.at(row)?, Flags::default())?;
        let found = all(&regex, texts.at(row)?, false)?;
        let group = |captures: &Captures<'_>| {
            captures.get(usize::from(captures.len() > 1)).map(|found| found.as_str().to_owned())
        };
        Ok(found.first().and_then(group))
    })
}

/// Appends a replacement: `\1` to `\9` are groups, `\&` is the whole match.
fn replacement(out: &mut String, with: &str, captures: &Captures<'_>) {
    let mut characters = with.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let group = |number: usize| captures.get(number).map_or("", |found| found.as_str());
        match characters.next() {
            Some(digit @ '1'..='9') => out.push_str(group(digit as usize - '0' as usize)),
            Some('&') => out.push_str(group(0)),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
}

fn replaced(regex: &Regex, text: &str, with: &str, global: bool) -> FunctionResult<String> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for captures in all(regex, text, global)? {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&text[done..whole.start()]);
        replacement(&mut out, with, &captures);
        done = whole.end();
    }
    out.push_str(&text[done..]);
    Ok(out)
}

pub(crate) fn textregexreplace(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let with = argument::<&str>(arguments, 2)?;
    collect::<String>(arguments.rows, |row| {
        let flags = flags_at(arguments, 3, row)?;
        let regex = pattern(context, patterns.at(row)?, Flags { global: false, ..flags })?;
        replaced(&regex, texts.at(row)?, with.at(row)?, flags.global)
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
    let flags = flags_at(arguments, 2, row)?;
    let regex = pattern(context, patterns.at(row)?, Flags { global: false, ..flags })?;
    let mut builder = VectorBuilder::new(Kind::Bytes, 1);
    for captures in all(&regex, texts.at(row)?, flags.global)? {
        builder.push_bytes(&groups(&captures))?;
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
fn pieces<'t>(regex: &Regex, text: &'t str) -> FunctionResult<Vec<&'t str>> {
    let (mut found, mut done) = (Vec::new(), 0);
    for captures in all(regex, text, true)? {
        let Some(whole) = captures.get(0) else { continue };
        let empty = whole.start() == whole.end();
        if empty && (whole.start() == done || whole.end() == text.len()) {
            continue;
        }
        found.push(&text[done..whole.start()]);
        done = whole.end();
    }
    found.push(&text[done..]);
    Ok(found)
}

fn split_at<'a>(
    context: &mut Context<'_>,
    arguments: &Arguments<'a>,
    row: usize,
    function: &str,
) -> FunctionResult<Vec<&'a str>> {
    let (texts, patterns) = (argument::<&'a str>(arguments, 0)?, argument::<&'a str>(arguments, 1)?);
    let flags = flags_at(arguments, 2, row)?;
    not_global(flags, function)?;
    let regex = pattern(context, patterns.at(row)?, flags)?;
    pieces(&regex, texts.at(row)?)
}

pub(crate) fn regexp_split_to_array(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    collect::<Vec<u8>>(arguments.rows, |row| {
        let mut builder = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
        for piece in split_at(context, arguments, row, "regexp_split_to_array()")? {
            builder.push(&Item::Bytes(piece.as_bytes()));
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

pub(crate) fn regexp_count_no_start(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<i32>(arguments.rows, |row| {
        let regex = pattern(context, patterns.at(row)?, Flags::default())?;
        Ok(all(&regex, texts.at(row)?, true)?.len() as i32)
    })
}
