//! `LIKE` and `ILIKE`.
//!
//! A constant pattern is looked at once: most are a text, a beginning, an end, a part or several parts. A part that lies somewhere
//! within is looked for in all texts of a vector at once, which lie one after the other; only texts that have it are looked at
//! by themselves. The rest walk along text and pattern and go back to the last `%` where they part.

use super::within::rows_with;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, scalar_text, text, texts_of};
use diagnostic::SqlState;
use memchr::memmem::Finder;
use types::Vector;
use types::folded::lower_into;
use types::vector::BytesVector;

enum Pattern<'a> {
    Whole(Vec<u8>),
    Beginning(Vec<u8>),
    End(Vec<u8>),
    /// Texts with anything between them: how it begins, what follows somewhere, how it ends.
    Parts(Vec<u8>, Vec<Finder<'static>>, Vec<u8>),
    Any(&'a [u8]),
}

impl<'a> Pattern<'a> {
    fn new(pattern: &'a [u8]) -> Pattern<'a> {
        let open = pattern.first() == Some(&b'%');
        let inner = if open { &pattern[1..] } else { pattern };
        let mut plain = Vec::with_capacity(inner.len());
        let mut rest = inner;
        loop {
            match rest {
                [] => break if open { Pattern::End(plain) } else { Pattern::Whole(plain) },
                [b'%'] if !open => break Pattern::Beginning(plain),
                [b'\\', escaped, after @ ..] => {
                    plain.push(*escaped);
                    rest = after;
                }
                [b'%' | b'_' | b'\\', ..] => break Pattern::parts(pattern).unwrap_or(Pattern::Any(pattern)),
                [byte, after @ ..] => {
                    plain.push(*byte);
                    rest = after;
                }
            }
        }
    }

    /// Texts between `%`; none if a character may be any, or the pattern ends in the midst of an escape.
    fn parts(pattern: &[u8]) -> Option<Pattern<'a>> {
        let mut parts = vec![Vec::new()];
        let mut rest = pattern.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'_' => return None,
                b'%' => parts.push(Vec::new()),
                b'\\' => parts.last_mut()?.push(*rest.next()?),
                byte => parts.last_mut()?.push(*byte),
            }
        }
        let last = parts.pop()?;
        let mut parts = parts.into_iter();
        let first = parts.next()?;
        let between = parts.filter(|part| !part.is_empty());
        Some(Pattern::Parts(first, between.map(|part| Finder::new(&part).into_owned()).collect(), last))
    }

    /// The longest text that is looked for within: a text without it does not match.
    fn needle(&self) -> Option<&Finder<'static>> {
        match self {
            Pattern::Parts(_, between, _) => between.iter().max_by_key(|part| part.needle().len()),
            Pattern::Whole(_) | Pattern::Beginning(_) | Pattern::End(_) | Pattern::Any(_) => None,
        }
    }

    fn matches(&self, text: &[u8], width: Width) -> FunctionResult<bool> {
        Ok(match self {
            Pattern::Whole(plain) => text == plain,
            Pattern::Beginning(plain) => text.starts_with(plain),
            Pattern::End(plain) => text.ends_with(plain),
            Pattern::Parts(first, between, last) => {
                // Mostly there is no first and no last, and to compare with nothing takes its time, too.
                let inner = if first.is_empty() { Some(text) } else { text.strip_prefix(first.as_slice()) };
                let inner = if last.is_empty() {
                    inner
                } else {
                    inner.and_then(|inner| inner.strip_suffix(last.as_slice()))
                };
                let found = inner.and_then(|inner| {
                    between.iter().try_fold(inner, |rest, part| {
                        part.find(rest).map(|place| &rest[place + part.needle().len()..])
                    })
                });
                found.is_some()
            }
            Pattern::Any(pattern) => walk(text, pattern, width)?,
        })
    }
}

impl Pattern<'_> {
    /// Of which texts it is true that they match, or that they do not.
    fn all(&self, texts: &BytesVector, wanted: bool, width: Width) -> FunctionResult<Vec<bool>> {
        if let Some(needle) = self.needle() {
            let mut found = vec![!wanted; texts.len()];
            rows_with(texts, needle, |row, _| {
                found[row] = self.matches(texts.get(row), width)? == wanted;
                Ok(())
            })?;
            return Ok(found);
        }
        match self {
            Pattern::Beginning(plain) if plain.len() <= size_of::<u64>() => {
                Ok(begin_with(texts, plain).map(|begins| begins == wanted).collect())
            }
            Pattern::Whole(_)
            | Pattern::Beginning(_)
            | Pattern::End(_)
            | Pattern::Parts(..)
            | Pattern::Any(_) => texts.iter().map(|text| Ok(self.matches(text, width)? == wanted)).collect(),
        }
    }
}

/// Which texts begin with one of at most eight bytes, which are compared as numbers are.
fn begin_with<'a>(texts: &'a BytesVector, plain: &'a [u8]) -> impl Iterator<Item = bool> + 'a {
    let mut word = [0; size_of::<u64>()];
    word[..plain.len()].copy_from_slice(plain);
    let word = u64::from_le_bytes(word);
    let others = u64::MAX.checked_shl(u8::BITS * plain.len() as u32).unwrap_or(0);
    texts.iter().map(move |text| match text.first_chunk() {
        Some(first) => (u64::from_le_bytes(*first) ^ word) & !others == 0,
        None => text.starts_with(plain),
    })
}

/// How many bytes `_` stands for at the beginning.
type Width = fn(&[u8]) -> usize;

/// Those of a character.
fn character(text: &[u8]) -> usize {
    1 + text.iter().skip(1).take_while(|byte| (**byte as i8) < -0x40).count()
}

/// One, where there are no characters.
fn byte(_: &[u8]) -> usize {
    1
}

fn walk(text: &[u8], pattern: &[u8], width: Width) -> FunctionResult<bool> {
    let (mut at, mut place) = (0, 0);
    // After the last `%`, and where in the text it was last tried.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        let step = match pattern.get(place) {
            Some(b'%') => {
                star = Some((place + 1, at));
                place += 1;
                continue;
            }
            Some(b'_') => Some((width(&text[at..]), 1)),
            Some(b'\\') => match pattern.get(place + 1) {
                None => {
                    let message = "LIKE pattern must not end with escape character";
                    return Err(FunctionError::plain(SqlState::InvalidEscapeSequence, message));
                }
                Some(byte) => (text[at] == *byte).then_some((1, 2)),
            },
            Some(byte) => (text[at] == *byte).then_some((1, 1)),
            None => None,
        };
        match (step, &mut star) {
            (Some((bytes, places)), _) => {
                at += bytes;
                place += places;
            }
            (None, Some((after, tried))) => {
                *tried += width(&text[*tried..]);
                at = *tried;
                place = *after;
            }
            (None, None) => return Ok(false),
        }
    }
    Ok(pattern[place..].iter().all(|byte| *byte == b'%'))
}

fn like(arguments: &Arguments<'_>, wanted: bool) -> FunctionResult<Vector> {
    like_of(arguments, wanted, character)
}

fn like_bytes(arguments: &Arguments<'_>, wanted: bool) -> FunctionResult<Vector> {
    like_of(arguments, wanted, byte)
}

fn like_of(arguments: &Arguments<'_>, wanted: bool, width: Width) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&[u8]>(arguments, 0)?, argument::<&[u8]>(arguments, 1)?);
    if arguments.rows > 0 && arguments.vectors[1].is_constant() {
        let pattern = Pattern::new(patterns.at(0)?);
        if let Some(texts) = texts_of(arguments, 0) {
            return Ok(Vector::from_values(pattern.all(texts, wanted, width)?));
        }
        return collect::<bool>(arguments.rows, |row| Ok(pattern.matches(texts.at(row)?, width)? == wanted));
    }
    collect::<bool>(arguments.rows, |row| Ok(walk(texts.at(row)?, patterns.at(row)?, width)? == wanted))
}

fn ilike(arguments: &Arguments<'_>, wanted: bool) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&[u8]>(arguments, 0)?, argument::<&[u8]>(arguments, 1)?);
    let (mut lower, mut lower_pattern) = (Vec::new(), Vec::new());
    let once = arguments.vectors[1].is_constant();
    collect::<bool>(arguments.rows, |row| {
        lower.clear();
        lower_into(text(texts.at(row)?)?, &mut lower);
        if row == 0 || !once {
            lower_pattern.clear();
            lower_into(text(patterns.at(row)?)?, &mut lower_pattern);
        }
        Ok(walk(&lower, &lower_pattern, character)? == wanted)
    })
}

macro_rules! patterns {
    ($($name:ident: $function:ident, $wanted:literal;)*) => {
        $(pub(crate) fn $name(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            $function(arguments, $wanted)
        })*
    };
}

// kernel: scalar
patterns! {
    textlike: like, true;
    textnlike: like, false;
    namelike: like, true;
    namenlike: like, false;
    bytealike: like_bytes, true;
    byteanlike: like_bytes, false;
    texticlike: ilike, true;
    texticnlike: ilike, false;
    nameiclike: ilike, true;
    nameicnlike: ilike, false;
}

/// The bytes of each character.
fn characters(text: &str) -> impl Iterator<Item = &[u8]> {
    text.char_indices().map(|(start, character)| &text.as_bytes()[start..start + character.len_utf8()])
}

/// The pattern, character by character, with backslashes in place of another escape.
fn with_backslashes<'t>(
    out: &mut Vec<u8>,
    pattern: impl Iterator<Item = &'t [u8]>,
    mut escape: impl Iterator<Item = &'t [u8]>,
) -> FunctionResult<()> {
    let escape = match (escape.next(), escape.next()) {
        (None, _) => None,
        (Some(escape), None) => Some(escape),
        (Some(_), Some(_)) => {
            let hint = "Escape string must be empty or one character.";
            return Err(FunctionError::hinted(
                SqlState::InvalidEscapeSequence,
                "invalid escape string",
                hint,
            ));
        }
    };
    let mut escaped = false;
    for character in pattern {
        let is_escape = escape == Some(character) && !escaped;
        if is_escape {
            out.push(b'\\');
        } else {
            if character == b"\\" && !escaped {
                out.push(b'\\');
            }
            out.extend_from_slice(character);
        }
        escaped = is_escape;
    }
    Ok(())
}

scalar_text! {
    fn like_escape(out, pattern: &str, escape: &str) {
        with_backslashes(out, characters(pattern), characters(escape))?;
    }
    fn like_escape_bytea(out, pattern: &[u8], escape: &[u8]) {
        with_backslashes(out, pattern.chunks(1), escape.chunks(1))?;
    }
}
