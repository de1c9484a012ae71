//! `like_regex`: PostgreSQL's advanced regular expressions, translated for the crate that matches them.
//!
//! Only whether something matches is asked, never what, so that it does not matter which of several matches is found.

use crate::error::{JsonError, JsonResult, PathSyntaxError};
use std::fmt::Write;

/// A pattern and its flags.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    flags: Flags,
    compiled: fancy_regex::Regex,
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    dot_all: bool,
    multi_line: bool,
    expanded: bool,
    quoted: bool,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: String, flags: &str) -> JsonResult<Pattern> {
        let flags = Flags::parse(flags)?;
        if flags.expanded && !flags.quoted {
            return Err(PathSyntaxError::ExpandedFlag.into());
        }
        let mut syntax = Syntax {
            ignore_case: flags.ignore_case,
            stops_at_line: !flags.dot_all && !flags.quoted,
            anchors_at_line: flags.multi_line && !flags.quoted,
            expanded: false,
        };
        let translated = if flags.quoted {
            literal(&text)
        } else {
            translate(&text, &mut syntax).map_err(JsonError::Regex)?
        };
        let case = if syntax.ignore_case { "(?i)" } else { "" };
        // What is left to fail is size: the translation is well-formed.
        let compiled = fancy_regex::Regex::new(&format!("{case}{translated}"))
            .map_err(|_| JsonError::Regex("regular expression is too complex"))?;
        Ok(Pattern { text, flags, compiled })
    }

    /// The pattern as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The flags, in PostgreSQL's order.
    pub fn flags(&self) -> String {
        let flags = self.flags;
        let all = [
            (flags.ignore_case, 'i'),
            (flags.dot_all, 's'),
            (flags.multi_line, 'm'),
            (flags.expanded, 'x'),
            (flags.quoted, 'q'),
        ];
        all.iter().filter(|(set, _)| *set).map(|(_, letter)| *letter).collect()
    }

    /// Whether it is somewhere in `text`.
    pub(super) fn matches(&self, text: &str) -> JsonResult<bool> {
        self.compiled.is_match(text).map_err(|_| JsonError::Regex("regular expression is too complex"))
    }
}

impl Flags {
    fn parse(text: &str) -> JsonResult<Flags> {
        let mut flags = Flags::default();
        for letter in text.chars() {
            match letter {
                'i' => flags.ignore_case = true,
                's' => flags.dot_all = true,
                'm' => flags.multi_line = true,
                'x' => flags.expanded = true,
                'q' => flags.quoted = true,
                other => return Err(PathSyntaxError::Flag(other).into()),
            }
        }
        Ok(flags)
    }
}

/// How a pattern is to be read.
struct Syntax {
    ignore_case: bool,
    /// Neither `.` nor a negated set matches a line's end.
    stops_at_line: bool,
    /// `^` and `$` match at each line's ends.
    anchors_at_line: bool,
    /// White space and comments mean nothing.
    expanded: bool,
}

type Problem = &'static str;

const PARENTHESES: Problem = "parentheses () not balanced";
const BRACKETS: Problem = "brackets [] not balanced";
const BRACES: Problem = "braces {} not balanced";
const ESCAPE: Problem = "invalid escape \\ sequence";
const QUANTIFIER: Problem = "quantifier operand invalid";
const COUNT: Problem = "invalid repetition count(s)";
const CLASS: Problem = "invalid character class";
const RANGE: Problem = "invalid character range";
const COLLATING: Problem = "invalid collating element";
const BACK_REFERENCE: Problem = "invalid backreference number";
const EMBEDDED: Problem = "invalid embedded option";

/// The largest count that a quantifier may have.
const MAX_COUNT: u32 = 255;

fn literal(text: &str) -> String {
    let mut out = String::new();
    text.chars().for_each(|character| push_literal(character, &mut out));
    out
}

fn push_literal(character: char, out: &mut String) {
    if character.is_alphanumeric() {
        out.push(character);
    } else {
        let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
    }
}

fn translate(pattern: &str, syntax: &mut Syntax) -> Result<String, Problem> {
    if let Some(rest) = pattern.strip_prefix("***=") {
        return Ok(literal(rest));
    }
    let pattern = pattern.strip_prefix("***:").unwrap_or(pattern);
    let (options, rest) = match pattern.strip_prefix("(?") {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_alphabetic()) => {
            rest.split_once(')').ok_or(EMBEDDED)?
        }
        Some(_) | None => ("", pattern),
    };
    for option in options.chars() {
        match option {
            'i' => syntax.ignore_case = true,
            'c' => syntax.ignore_case = false,
            'm' | 'n' => (syntax.stops_at_line, syntax.anchors_at_line) = (true, true),
            'p' => (syntax.stops_at_line, syntax.anchors_at_line) = (true, false),
            's' => (syntax.stops_at_line, syntax.anchors_at_line) = (false, false),
            'w' => (syntax.stops_at_line, syntax.anchors_at_line) = (false, true),
            'x' => syntax.expanded = true,
            't' => syntax.expanded = false,
            'e' => {}
            'q' => return Ok(literal(rest)),
            _ => return Err(EMBEDDED),
        }
    }
    let characters: Vec<char> = rest.chars().collect();
    let mut translator = Translator {
        rest: &characters,
        syntax,
        out: String::new(),
        open: Vec::new(),
        groups: 0,
        closed: Vec::new(),
    };
    translator.run()?;
    Ok(translator.out)
}

struct Translator<'p> {
    rest: &'p [char],
    syntax: &'p Syntax,
    out: String,
    /// For each open parenthesis, the number of the group that it is, if it is one.
    open: Vec<Option<u32>>,
    groups: u32,
    closed: Vec<u32>,
}

/// What precedes a place, as far as quantifiers care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The start of a branch, or a constraint.
    Nothing,
    Atom,
    Quantifier,
}

impl Translator<'_> {
    fn take(&mut self) -> Option<char> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn run(&mut self) -> Result<(), Problem> {
        let mut before = Before::Nothing;
        while let Some(character) = self.take() {
            before = match character {
                ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' if self.syntax.expanded => before,
                '#' if self.syntax.expanded => {
                    while self.take().is_some_and(|skipped| skipped != '\n') {}
                    before
                }
                '|' => {
                    self.out.push('|');
                    Before::Nothing
                }
                '(' => self.group()?,
                ')' => {
                    let group = self.open.pop().ok_or(PARENTHESES)?;
                    self.closed.extend(group);
                    self.out.push(')');
                    Before::Atom
                }
                '[' => {
                    self.set()?;
                    Before::Atom
                }
                '*' | '+' | '?' => self.quantifier(&character.to_string(), before)?,
                '{' if self.rest.first().is_some_and(char::is_ascii_digit) => {
                    let bounds = self.bounds()?;
                    self.quantifier(&bounds, before)?
                }
                '^' => {
                    self.out.push_str(if self.syntax.anchors_at_line { "(?m:^)" } else { "\\A" });
                    Before::Nothing
                }
                '$' => {
                    self.out.push_str(if self.syntax.anchors_at_line { "(?m:$)" } else { "\\z" });
                    Before::Nothing
                }
                '.' => {
                    self.out.push_str(if self.syntax.stops_at_line { "[^\\n]" } else { "(?s:.)" });
                    Before::Atom
                }
                '\\' => self.escape()?,
                other => {
                    push_literal(other, &mut self.out);
                    Before::Atom
                }
            };
        }
        if self.open.is_empty() { Ok(()) } else { Err(PARENTHESES) }
    }

    fn group(&mut self) -> Result<Before, Problem> {
        // Each level is one of the matcher's recursion.
        if self.open.len() >= 100 {
            return Err("regular expression is too complex");
        }
        let (opening, skipped) = match self.rest {
            ['?', ':', ..] => ("(?:", 2),
            ['?', '=', ..] => ("(?=", 2),
            ['?', '!', ..] => ("(?!", 2),
            ['?', '<', '=', ..] => ("(?<=", 3),
            ['?', '<', '!', ..] => ("(?<!", 3),
            ['?', ..] => return Err(QUANTIFIER),
            _ => {
                self.groups += 1;
                self.open.push(Some(self.groups));
                self.out.push('(');
                return Ok(Before::Nothing);
            }
        };
        self.rest = &self.rest[skipped..];
        self.out.push_str(opening);
        self.open.push(None);
        Ok(Before::Nothing)
    }

    fn quantifier(&mut self, text: &str, before: Before) -> Result<Before, Problem> {
        if before != Before::Atom {
            return Err(QUANTIFIER);
        }
        self.out.push_str(text);
        if let ['?', rest @ ..] = self.rest {
            self.rest = rest;
            self.out.push('?');
        }
        Ok(Before::Quantifier)
    }

    fn count(&mut self) -> Result<Option<u32>, Problem> {
        let mut value = None;
        while let Some(digit) = self.rest.first().and_then(|next| next.to_digit(10)) {
            let next = value.unwrap_or(0) * 10 + digit;
            if next > MAX_COUNT {
                return Err(COUNT);
            }
            value = Some(next);
            self.take();
        }
        Ok(value)
    }

    fn bounds(&mut self) -> Result<String, Problem> {
        let low = self.count()?.unwrap_or(0);
        let mut text = format!("{{{low}");
        if self.rest.first() == Some(&',') {
            self.take();
            text.push(',');
            if let Some(high) = self.count()? {
                if high < low {
                    return Err(COUNT);
                }
                let _ = write!(text, "{high}");
            }
        }
        match self.take() {
            Some('}') => Ok(text + "}"),
            Some(_) => Err(COUNT),
            None => Err(BRACES),
        }
    }

    /// A backslash outside of brackets; it is behind us.
    fn escape(&mut self) -> Result<Before, Problem> {
        let Some(letter) = self.take() else { return Err(ESCAPE) };
        let constraint = match letter {
            'A' => "\\A",
            'Z' => "\\z",
            'm' => "(?<!\\w)(?=\\w)",
            'M' => "(?<=\\w)(?!\\w)",
            'y' => "\\b",
            'Y' => "\\B",
            _ => "",
        };
        if !constraint.is_empty() {
            self.out.push_str(constraint);
            return Ok(Before::Nothing);
        }
        if let 'd' | 's' | 'w' | 'D' | 'S' | 'W' = letter {
            self.out.push('\\');
            self.out.push(letter);
            return Ok(Before::Atom);
        }
        if let '1'..='9' = letter
            && let Some(before) = self.back_reference(letter)?
        {
            return Ok(before);
        }
        let character = self.character_escape(letter)?;
        push_literal(character, &mut self.out);
        Ok(Before::Atom)
    }

    /// A group's number, which one digit always is and more are if there is such a group: else they are a character.
    fn back_reference(&mut self, first: char) -> Result<Option<Before>, Problem> {
        let digits = self.rest.iter().take_while(|next| next.is_ascii_digit()).count();
        let more = self.rest[..digits].iter().filter_map(|next| next.to_digit(10));
        let first = first.to_digit(10).unwrap_or(0);
        let number = more.fold(first, |number, digit| number.saturating_mul(10).saturating_add(digit));
        if digits > 0 && number > self.groups {
            return Ok(None);
        }
        self.rest = &self.rest[digits..];
        if !self.closed.contains(&number) {
            return Err(BACK_REFERENCE);
        }
        let _ = write!(self.out, "(?:\\{number})");
        Ok(Some(Before::Atom))
    }

    /// The character that a backslash and `letter` name.
    fn character_escape(&mut self, letter: char) -> Result<char, Problem> {
        Ok(match letter {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'B' => '\\',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'c' => {
                let next = self.take().ok_or(ESCAPE)?;
                char::from_u32(u32::from(next) & 0x1f).ok_or(ESCAPE)?
            }
            'u' => self.digits(16, 4, 4)?,
            'U' => self.digits(16, 8, 8)?,
            'x' => self.digits(16, 1, 255)?,
            '0' => {
                if self.rest.first().is_some_and(|next| next.is_digit(8)) {
                    self.digits(8, 1, 2)?
                } else {
                    '\0'
                }
            }
            '1'..='7' => {
                let first = letter.to_digit(8).unwrap_or(0);
                let rest = if self.rest.first().is_some_and(|next| next.is_digit(8)) {
                    let digits = self.rest.iter().take(2).take_while(|next| next.is_digit(8)).count();
                    let rest = u32::from(self.digits(8, 1, 2)?);
                    (first << (3 * digits)) | rest
                } else {
                    first
                };
                char::from_u32(rest).ok_or(ESCAPE)?
            }
            other if other.is_ascii_alphanumeric() => return Err(ESCAPE),
            other => other,
        })
    }

    fn digits(&mut self, base: u32, least: usize, most: usize) -> Result<char, Problem> {
        let mut value = 0u32;
        let mut count = 0;
        while count < most
            && let Some(digit) = self.rest.first().and_then(|next| next.to_digit(base))
        {
            value = value.checked_mul(base).and_then(|value| value.checked_add(digit)).ok_or(ESCAPE)?;
            count += 1;
            self.take();
        }
        if count < least {
            return Err(ESCAPE);
        }
        char::from_u32(value).ok_or(ESCAPE)
    }

    /// A set in brackets, the first of which is behind us.
    fn set(&mut self) -> Result<(), Problem> {
        for (words, boundary) in [("[:<:]]", "(?<!\\w)(?=\\w)"), ("[:>:]]", "(?<=\\w)(?!\\w)")] {
            if self.rest.iter().take(words.len()).copied().eq(words.chars()) {
                self.rest = &self.rest[words.len()..];
                self.out.push_str(boundary);
                return Ok(());
            }
        }
        self.out.push('[');
        if self.rest.first() == Some(&'^') {
            self.take();
            self.out.push('^');
            if self.syntax.stops_at_line {
                self.out.push_str("\\n");
            }
        }
        let mut first = true;
        loop {
            match self.rest {
                [] => return Err(BRACKETS),
                [']', ..] if !first => {
                    self.take();
                    self.out.push(']');
                    return Ok(());
                }
                _ => self.set_item()?,
            }
            first = false;
        }
    }

    /// A class, a character, or a range of characters within a set.
    fn set_item(&mut self) -> Result<(), Problem> {
        match self.rest {
            ['[', ':', ..] => return self.named_class(),
            ['\\', letter @ ('d' | 's' | 'w' | 'D' | 'S' | 'W'), ..] => {
                self.out.push('\\');
                self.out.push(*letter);
                self.rest = &self.rest[2..];
                return self.no_range();
            }
            _ => {}
        }
        let low = self.set_character()?;
        let (from, mut to) = (low, low);
        if let ['-', next, ..] = self.rest
            && *next != ']'
        {
            self.take();
            if matches!(self.rest, ['[', ':', ..] | ['\\', 'd' | 's' | 'w' | 'D' | 'S' | 'W', ..]) {
                return Err(RANGE);
            }
            to = self.set_character()?;
            self.no_range()?;
        }
        if from > to {
            return Err(RANGE);
        }
        let _ = write!(self.out, "\\x{{{:x}}}-\\x{{{:x}}}", u32::from(from), u32::from(to));
        Ok(())
    }

    /// What ends here cannot be where a range starts.
    fn no_range(&self) -> Result<(), Problem> {
        match self.rest {
            ['-', next, ..] if *next != ']' => Err(RANGE),
            _ => Ok(()),
        }
    }

    fn set_character(&mut self) -> Result<char, Problem> {
        match self.take() {
            Some('\\') => {
                let letter = self.take().ok_or(ESCAPE)?;
                self.character_escape(letter)
            }
            Some('[') if matches!(self.rest, ['.' | '=', ..]) => {
                let kind = self.rest[0];
                self.take();
                let character = self.take().ok_or(BRACKETS)?;
                match self.rest {
                    [end, ']', rest @ ..] if *end == kind => {
                        self.rest = rest;
                        Ok(character)
                    }
                    _ => Err(COLLATING),
                }
            }
            Some(character) => Ok(character),
            None => Err(BRACKETS),
        }
    }

    fn named_class(&mut self) -> Result<(), Problem> {
        let inside = &self.rest[2..];
        let end = inside.windows(2).position(|pair| pair == [':', ']']).ok_or(BRACKETS)?;
        let name: String = inside[..end].iter().collect();
        self.rest = &inside[end + 2..];
        self.out.push_str(match name.as_str() {
            "alpha" => "\\p{Alphabetic}",
            "digit" => "\\d",
            "alnum" => "\\p{Alphabetic}\\d",
            "upper" if self.syntax.ignore_case => "\\p{Alphabetic}",
            "lower" if self.syntax.ignore_case => "\\p{Alphabetic}",
            "upper" => "\\p{Uppercase}",
            "lower" => "\\p{Lowercase}",
            "space" => "\\s",
            "blank" => " \\t",
            "punct" => "!-/:-@\\[-`{-~\\p{P}",
            "cntrl" => "\\p{Cc}",
            "graph" => "[^\\s\\p{Cc}\\p{Cn}]",
            "print" => "[^\\p{Cc}\\p{Cn}]",
            "xdigit" => "0-9a-fA-F",
            "ascii" => "\\x00-\\x7f",
            "word" => "\\w",
            _ => return Err(CLASS),
        });
        Ok(())
    }
}
