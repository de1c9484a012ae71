//! Arrays from text: `{1,2}`, `[0:1][1:2]={{1,2},{3,NULL}}`.
//!
//! The shape is read in the same pass as the elements, by the rules that PostgreSQL 15 counts with, its oddities among
//! them: where braces nest unevenly, the deepest level counts.

use super::view::{ArrayBuilder, DIMENSIONS_MAX, Dimension};
use crate::catalog::{Type, Types, oid};
use crate::kind::Kind;
use crate::text::{
    ArrayProblem, InputError, InputResult, TextSettings, input_item, is_space, kind_of, leading_oid,
};
use crate::value::Item;

/// The most elements of an array.
pub const ELEMENTS_MAX: usize = 134_217_727;

/// Reads an array whose elements are of this type and modifier.
pub(crate) fn array_input(
    types: &dyn Types,
    of: Type,
    text: &str,
    settings: &TextSettings,
) -> InputResult<Vec<u8>> {
    let malformed = |problem| InputError::Array { text: text.to_owned(), problem: Some(problem) };
    let delimiter = types.entry(of.oid).map_or(b',', |entry| entry.delimiter);
    let (stated, rest) = dimensions(text)?;
    let scanner = Scanner::new(rest, delimiter);
    let (lengths, elements) = scanner.scan().map_err(|failure| match failure {
        // What is wrong between the braces is told without the dimensions before them.
        Failure::Problem(problem) => InputError::Array { text: rest.to_owned(), problem: Some(problem) },
        Failure::TooManyDimensions(count) => InputError::TooManyDimensions(count),
    })?;
    let agrees = |stated: &Vec<Dimension>| stated.iter().map(|dimension| &dimension.length).eq(&lengths);
    if stated.as_ref().is_some_and(|stated| !agrees(stated)) {
        return Err(malformed(ArrayProblem::Mismatch));
    }
    let dimensions = stated
        .unwrap_or_else(|| lengths.iter().map(|length| Dimension { length: *length, lower: 1 }).collect());
    let count = checked_count(&dimensions)?;
    let mut builder = ArrayBuilder::new(of.oid, kind_of(types, of));
    if count == 0 {
        return Ok(builder.finish(&[]));
    }
    if count != elements.len() {
        return Err(InputError::Array { text: text.to_owned(), problem: None });
    }
    let mut scratch = Vec::new();
    for element in elements {
        match element {
            None => builder.push(&Item::Null),
            Some(element) => builder.push(&input_item(types, of, &element, settings, &mut scratch)?),
        }
    }
    Ok(builder.finish(&dimensions))
}

/// How many elements arrays of these dimensions have; refused if they are too many or a subscript passes what it can be.
pub(crate) fn checked_count(dimensions: &[Dimension]) -> InputResult<usize> {
    let mut count = usize::from(!dimensions.is_empty());
    for dimension in dimensions {
        let length = usize::try_from(dimension.length).map_err(|_| InputError::ArrayTooBig)?;
        count = count
            .checked_mul(length)
            .filter(|count| *count <= ELEMENTS_MAX)
            .ok_or(InputError::ArrayTooBig)?;
    }
    match dimensions.iter().find(|one| one.lower.checked_add(one.length).is_none()) {
        Some(dimension) => Err(InputError::LowerBound(dimension.lower)),
        None => Ok(count),
    }
}

/// The dimensions that stand before the braces, and the text from the first brace on.
fn dimensions(text: &str) -> InputResult<(Option<Vec<Dimension>>, &str)> {
    let malformed = |problem| InputError::Array { text: text.to_owned(), problem: Some(problem) };
    let after_space = |text: &'_ str| text.bytes().take_while(|byte| is_space(*byte)).count();
    let mut rest = &text[after_space(text)..];
    let mut dimensions = Vec::new();
    while let Some(inside) = rest.strip_prefix('[') {
        if dimensions.len() >= DIMENSIONS_MAX {
            return Err(InputError::TooManyDimensions(dimensions.len() + 1));
        }
        let (first, after) = bound(inside).ok_or(malformed(ArrayProblem::Dimension))?;
        let (lower, upper, after) = match after.strip_prefix(':') {
            Some(after) => {
                let (upper, after) = bound(after).ok_or(malformed(ArrayProblem::DimensionValue))?;
                (first, upper, after)
            }
            None => (1, first, after),
        };
        rest = after.strip_prefix(']').ok_or(malformed(ArrayProblem::AfterDimensions(']')))?;
        if upper < lower {
            return Err(InputError::UpperBound);
        }
        // What is longer than a length can be wraps to one that no contents match.
        dimensions.push(Dimension { length: upper.wrapping_sub(lower).wrapping_add(1), lower });
        rest = &rest[after_space(rest)..];
    }
    if dimensions.is_empty() {
        return match rest.starts_with('{') {
            true => Ok((None, rest)),
            false => Err(malformed(ArrayProblem::Start)),
        };
    }
    let contents = rest.strip_prefix('=').ok_or(malformed(ArrayProblem::AfterDimensions('=')))?;
    let contents = &contents[after_space(contents)..];
    match contents.starts_with('{') {
        true => Ok((Some(dimensions), contents)),
        false => Err(malformed(ArrayProblem::Contents)),
    }
}

/// A subscript and what follows. As C's `atoi` does it, all digits and signs are taken and what comes after the first
/// number among them is forgotten.
fn bound(text: &str) -> Option<(i32, &str)> {
    let end = text.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-')).count();
    let (taken, rest) = text.split_at(end);
    let digits = taken.strip_prefix(['+', '-']).unwrap_or(taken);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let magnitude = digits[..count]
        .bytes()
        .fold(0i64, |number, digit| number.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    let number = if taken.starts_with('-') { magnitude.wrapping_neg() } else { magnitude };
    (end > 0).then_some((number as i32, rest))
}

enum Failure {
    Problem(ArrayProblem),
    TooManyDimensions(usize),
}

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    LevelStarted,
    LevelEnded,
    LevelDelimited,
    Element,
    Quoted,
    QuotedEnded,
    ElementDelimited,
}

/// Lengths of the dimensions, and the elements' texts, nulls being none.
type Scanned = (Vec<i32>, Vec<Option<String>>);

struct Scanner<'a> {
    text: &'a str,
    delimiter: char,
    state: State,
    level: usize,
    deepest: usize,
    /// Elements or sub-arrays counted at each level.
    counts: [i32; DIMENSIONS_MAX],
    /// How many the sub-array at each level has so far, and how many the one before had.
    lengths: [i32; DIMENSIONS_MAX],
    lengths_before: [i32; DIMENSIONS_MAX],
    any: bool,
    element: String,
    /// How long the element is without the white space after it.
    element_end: usize,
    /// Whether quotes or escapes say that it is no null.
    literal: bool,
    elements: Vec<Option<String>>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, delimiter: u8) -> Scanner<'a> {
        Scanner {
            text,
            delimiter: char::from(delimiter),
            state: State::Nothing,
            level: 0,
            deepest: 1,
            counts: [0; DIMENSIONS_MAX],
            lengths: [1; DIMENSIONS_MAX],
            lengths_before: [0; DIMENSIONS_MAX],
            any: false,
            element: String::new(),
            element_end: 0,
            literal: false,
            elements: Vec::new(),
        }
    }

    fn scan(mut self) -> Result<Scanned, Failure> {
        let mut characters = self.text.char_indices();
        while let Some((place, character)) = characters.next() {
            match character {
                '\\' => {
                    self.begin_element(ArrayProblem::Unexpected('\\'))?;
                    let (_, escaped) = characters.next().ok_or(Failure::Problem(ArrayProblem::End))?;
                    self.push(escaped);
                    self.literal = true;
                }
                '"' => self.quote()?,
                character if self.state == State::Quoted => self.push(character),
                '{' => self.open()?,
                '}' => {
                    if self.close()? {
                        let rest = &self.text[place + 1..];
                        return self.finish(rest);
                    }
                }
                character if character == self.delimiter => self.delimit()?,
                character if u8::try_from(character).is_ok_and(is_space) => {
                    if self.state == State::Element {
                        self.element.push(character);
                    }
                }
                character => {
                    self.begin_element(ArrayProblem::Element)?;
                    self.push(character);
                }
            }
        }
        Err(Failure::Problem(ArrayProblem::End))
    }

    fn push(&mut self, character: char) {
        self.element.push(character);
        self.element_end = self.element.len();
    }

    /// An element begins or goes on here, quoted or not.
    fn begin_element(&mut self, problem: ArrayProblem) -> Result<(), Failure> {
        match self.state {
            State::LevelStarted | State::Element | State::ElementDelimited => self.state = State::Element,
            State::Quoted => {}
            State::Nothing | State::LevelEnded | State::LevelDelimited | State::QuotedEnded => {
                return Err(Failure::Problem(problem));
            }
        }
        self.any = true;
        Ok(())
    }

    fn quote(&mut self) -> Result<(), Failure> {
        self.state = match self.state {
            State::LevelStarted | State::ElementDelimited => State::Quoted,
            State::Quoted => State::QuotedEnded,
            State::Nothing
            | State::LevelEnded
            | State::LevelDelimited
            | State::Element
            | State::QuotedEnded => return Err(Failure::Problem(ArrayProblem::Element)),
        };
        self.any = true;
        self.literal = true;
        Ok(())
    }

    fn open(&mut self) -> Result<(), Failure> {
        if !matches!(self.state, State::Nothing | State::LevelStarted | State::LevelDelimited) {
            return Err(Failure::Problem(ArrayProblem::Unexpected('{')));
        }
        self.state = State::LevelStarted;
        if self.level >= DIMENSIONS_MAX {
            return Err(Failure::TooManyDimensions(self.level + 1));
        }
        self.counts[self.level] = 0;
        self.level += 1;
        self.deepest = self.deepest.max(self.level);
        Ok(())
    }

    /// Whether this was the last brace.
    fn close(&mut self) -> Result<bool, Failure> {
        let may_end = match self.state {
            State::Element | State::QuotedEnded | State::LevelEnded => true,
            State::LevelStarted => self.level == 1,
            State::Nothing | State::LevelDelimited | State::Quoted | State::ElementDelimited => false,
        };
        if !may_end {
            return Err(Failure::Problem(ArrayProblem::Unexpected('}')));
        }
        self.end_element();
        self.state = State::LevelEnded;
        // The first brace opened a level, and the last one ends the scan.
        self.level -= 1;
        let (length, before) = (&mut self.lengths[self.level], &mut self.lengths_before[self.level]);
        if *before != 0 && *length != *before {
            return Err(Failure::Problem(ArrayProblem::Ragged));
        }
        *before = *length;
        *length = 1;
        match self.level {
            0 => {
                self.counts[self.deepest - 1] += 1;
                Ok(true)
            }
            level => {
                self.counts[level - 1] += 1;
                Ok(false)
            }
        }
    }

    fn delimit(&mut self) -> Result<(), Failure> {
        let next = match self.state {
            State::LevelEnded => State::LevelDelimited,
            State::Element | State::QuotedEnded => State::ElementDelimited,
            State::Nothing
            | State::LevelStarted
            | State::LevelDelimited
            | State::Quoted
            | State::ElementDelimited => {
                return Err(Failure::Problem(ArrayProblem::Unexpected(self.delimiter)));
            }
        };
        self.end_element();
        self.state = next;
        self.lengths[self.level - 1] += 1;
        self.counts[self.deepest - 1] += 1;
        Ok(())
    }

    fn end_element(&mut self) {
        if !matches!(self.state, State::Element | State::QuotedEnded) {
            return;
        }
        self.element.truncate(self.element_end);
        let element = std::mem::take(&mut self.element);
        let is_null = !self.literal && element.eq_ignore_ascii_case("NULL");
        self.elements.push((!is_null).then_some(element));
        self.element_end = 0;
        self.literal = false;
    }

    fn finish(self, rest: &str) -> Result<Scanned, Failure> {
        if !rest.bytes().all(is_space) {
            return Err(Failure::Problem(ArrayProblem::Junk));
        }
        let deepest = if self.any { self.deepest } else { 0 };
        Ok((self.counts[..deepest].to_vec(), self.elements))
    }
}

/// Reads an `int2vector` or `oidvector`: numbers between white space, which begin with subscript zero.
pub(crate) fn vector_input(of: u32, text: &str) -> InputResult<Vec<u8>> {
    let small = of == oid::INT2VECTOR;
    let (element, kind) = if small { (oid::INT2, Kind::Int16) } else { (oid::OID, Kind::Int32) };
    let mut builder = ArrayBuilder::new(element, kind);
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
        if rest.is_empty() {
            break;
        }
        if small {
            let (number, after) = leading_smallint(rest)?;
            builder.push(&Item::Int16(number));
            rest = after;
        } else {
            let (number, after) = leading_oid(rest)?;
            builder.push(&Item::Int32(number as i32));
            rest = after;
        }
    }
    let length = i32::try_from(builder.len()).map_err(|_| InputError::ArrayTooBig)?;
    Ok(builder.finish(&[Dimension { length, lower: 0 }]))
}

fn leading_smallint(text: &str) -> InputResult<(i16, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let count = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(text.len() - unsigned.len() + count);
    let complaint = |range| match range {
        true => InputError::OutOfRange { type_name: "smallint", text: text.to_owned() },
        false => InputError::Syntax { type_name: "smallint", text: text.to_owned() },
    };
    if count == 0 {
        return Err(complaint(false));
    }
    let number = number.parse().map_err(|_| complaint(true))?;
    match rest.is_empty() || rest.starts_with(' ') {
        true => Ok((number, rest)),
        false => Err(complaint(false)),
    }
}
