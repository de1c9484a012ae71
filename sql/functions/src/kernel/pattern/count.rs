//! Matches by their numbers: counted, and where or what the nth is.

use super::find::all;
use super::options::{Options, compiled, number, place_of};
use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect};
use std::ops::Range;
use types::Vector;

/// What is asked for of a text's matches.
struct Asked<'a> {
    text: &'a str,
    /// Which match, from 1.
    match_number: usize,
    /// Which group of it; 0 is the whole.
    group: usize,
}

/// The places of a function's arguments besides text and pattern.
struct Places {
    function: &'static str,
    flags: usize,
    group: usize,
}

const START: (i32, std::ops::RangeInclusive<i32>) = (1, 1..=i32::MAX);
const GROUP: (i32, std::ops::RangeInclusive<i32>) = (0, 0..=i32::MAX);

pub(crate) fn regexp_count(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<i32>(arguments.rows, |row| {
        let start = number(arguments, 2, row, "start", START)?;
        let flags = Options::of_one(arguments, 3, row, "regexp_count()")?;
        let pattern = compiled(context, patterns.at(row)?, flags)?;
        let text = texts.at(row)?;
        let Some(from) = place_of(text, start) else { return Ok(0) };
        Ok(all(context, (&pattern, text), from, usize::MAX)?.len() as i32)
    })
}

/// The part that is asked for.
fn nth<'a>(
    context: &mut Context<'_>,
    arguments: &Arguments<'a>,
    row: usize,
    places: &Places,
) -> FunctionResult<(Asked<'a>, Option<Range<usize>>)> {
    let text = argument::<&'a str>(arguments, 0)?.at(row)?;
    let start = number(arguments, 2, row, "start", START)?;
    let match_number = number(arguments, 3, row, "n", START)?;
    if places.function == "regexp_instr()" {
        number(arguments, 4, row, "endoption", (0, 0..=1))?;
    }
    let group = number(arguments, places.group, row, "subexpr", GROUP)?;
    let flags = Options::of_one(arguments, places.flags, row, places.function)?;
    let pattern = compiled(context, argument::<&str>(arguments, 1)?.at(row)?, flags)?;
    let asked = Asked { text, match_number, group };
    let Some(from) = place_of(text, start) else { return Ok((asked, None)) };
    let matches = all(context, (&pattern, text), from, match_number)?;
    let found = matches.get(asked.match_number - 1).and_then(|found| {
        // Without groups the whole is the first.
        let group = if found.len() == 1 && asked.group == 1 { 0 } else { asked.group };
        found.get(group).cloned().flatten()
    });
    Ok((asked, found))
}

pub(crate) fn regexp_instr(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let places = Places { function: "regexp_instr()", flags: 5, group: 6 };
    collect::<i32>(arguments.rows, |row| {
        let (asked, found) = nth(context, arguments, row, &places)?;
        let behind = number(arguments, 4, row, "endoption", (0, 0..=1))? == 1;
        let Some(found) = found else { return Ok(0) };
        let place = if behind { found.end } else { found.start };
        Ok(asked.text[..place].chars().count() as i32 + 1)
    })
}

pub(crate) fn regexp_substr(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let places = Places { function: "regexp_substr()", flags: 4, group: 5 };
    collect::<Option<String>>(arguments.rows, |row| {
        let (asked, found) = nth(context, arguments, row, &places)?;
        Ok(found.map(|found| asked.text[found].to_owned()))
    })
}
