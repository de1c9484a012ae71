//! Patterns and the options of the functions that use them.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::optional;
use ::pattern::{Flags, Pattern, PatternError};
use diagnostic::{OutOfRoom, SqlState};
use std::sync::Arc;

/// What the letters of a flags argument say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// All matches, not the first alone.
    pub(crate) global: bool,
    pub(crate) flags: Flags,
}

impl Options {
    /// Reads the letters of a flags argument.
    pub(crate) fn read(text: &str) -> FunctionResult<Options> {
        let mut options = Options::default();
        for letter in text.chars() {
            match letter {
                'g' => options.global = true,
                _ if options.flags.take(letter) => {}
                _ => {
                    let message = format!("invalid regular expression option: \"{letter}\"");
                    return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
                }
            }
        }
        Ok(options)
    }

    /// The flags argument of a row, if there is one.
    pub(crate) fn at(arguments: &Arguments<'_>, place: usize, row: usize) -> FunctionResult<Options> {
        match optional::<&str>(arguments, place)? {
            Some(flags) => Options::read(flags.at(row)?),
            None => Ok(Options::default()),
        }
    }

    /// The same for a function that finds one match.
    pub(crate) fn of_one(
        arguments: &Arguments<'_>,
        place: usize,
        row: usize,
        function: &str,
    ) -> FunctionResult<Flags> {
        let options = Options::at(arguments, place, row)?;
        if !options.global {
            return Ok(options.flags);
        }
        let message = format!("{function} does not support the \"global\" option");
        let hint = match function {
            "regexp_match()" => Some("Use the regexp_matches function instead.".to_owned()),
            _ => None,
        };
        Err(FunctionError::Plain { state: SqlState::InvalidParameterValue, message, detail: None, hint })
    }
}

/// A pattern, from the cache if it was used before.
pub(crate) fn compiled(context: &mut Context<'_>, text: &str, flags: Flags) -> FunctionResult<Arc<Pattern>> {
    if let Some(known) = context.cache.pattern(text, flags) {
        return Ok(known);
    }
    let invalid = |error: PatternError| {
        let message = format!("invalid regular expression: {error}");
        FunctionError::plain(SqlState::InvalidRegularExpression, message)
    };
    let made = Arc::new(Pattern::new(text, flags).map_err(invalid)?);
    context.cache.keep_pattern(text, flags, Arc::clone(&made));
    Ok(made)
}

/// A search went wrong.
pub(crate) fn failed(error: PatternError) -> FunctionError {
    match error {
        PatternError::TextTooLong(more) => OutOfRoom { have: 0, more }.into(),
        error => FunctionError::plain(
            SqlState::InvalidRegularExpression,
            format!("regular expression failed: {error}"),
        ),
    }
}

/// A number that must be at least `least`; `default` where there is no such argument.
pub(crate) fn number(
    arguments: &Arguments<'_>,
    place: usize,
    row: usize,
    name: &str,
    (default, range): (i32, std::ops::RangeInclusive<i32>),
) -> FunctionResult<usize> {
    let value = match optional::<i32>(arguments, place)? {
        Some(column) => column.at(row)?,
        None => default,
    };
    if !range.contains(&value) {
        let message = format!("invalid value for parameter \"{name}\": {value}");
        return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
    }
    Ok(usize::try_from(value).unwrap_or_default())
}

/// Where a character begins, by its number from 1; `None` beyond the end of the text, which itself is a place.
pub(crate) fn place_of(text: &str, number: usize) -> Option<usize> {
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(place, _)| place).chain(ends).nth(number.saturating_sub(1))
}
