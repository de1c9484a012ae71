//! From PostgreSQL's syntax to that of the library.

use crate::error::{FunctionError, FunctionResult};
use diagnostic::SqlState;
use fancy_regex::Regex;

/// How a pattern is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Flags {
    /// All matches, not the first alone.
    pub(crate) global: bool,
    pub(crate) ignore_case: bool,
    /// The pattern is a plain text.
    pub(crate) literal: bool,
    /// `.` and brackets do not match a newline.
    pub(crate) newline_stops: bool,
    /// `^` and `$` match at newlines too.
    pub(crate) newline_anchors: bool,
    /// White space and comments in the pattern mean nothing.
    pub(crate) expanded: bool,
}

fn invalid(what: &str) -> FunctionError {
    let message = format!("invalid regular expression: {what}");
    FunctionError::plain(SqlState::InvalidRegularExpression, message)
}

impl Flags {
    /// Reads the letters of a flags argument.
    pub(crate) fn read(text: &str) -> FunctionResult<Flags> {
        let mut flags = Flags::default();
        for letter in text.chars() {
            match letter {
                'g' => flags.global = true,
                _ if flags.embedded(letter) => {}
                _ => {
                    let message = format!("invalid regular expression option: \"{letter}\"");
                    return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
                }
            }
        }
        Ok(flags)
    }

    /// Takes a letter that may stand in a pattern as well.
    fn embedded(&mut self, letter: char) -> bool {
        match letter {
            'i' => self.ignore_case = true,
            'c' => self.ignore_case = false,
            'n' | 'm' => (self.newline_stops, self.newline_anchors) = (true, true),
            'p' => (self.newline_stops, self.newline_anchors) = (true, false),
            'w' => (self.newline_stops, self.newline_anchors) = (false, true),
            's' => (self.newline_stops, self.newline_anchors) = (false, false),
            'x' => self.expanded = true,
            't' => self.expanded = false,
            'q' => self.literal = true,
            'e' => {}
            _ => return false,
        }
        true
    }
}

/// Translates a pattern.
pub(crate) fn compile(pattern: &str, flags: Flags) -> FunctionResult<Regex> {
    let mut flags = flags;
    let mut rest = pattern;
    if let Some(after) = rest.strip_prefix("***=") {
        flags.literal = true;
        rest = after;
    } else if let Some(after) = rest.strip_prefix("***:") {
        rest = after;
    }
    if !flags.literal
        && let Some(inner) = rest.strip_prefix("(?")
        && let Some(end) =
            inner.find(')').filter(|end| inner[..*end].bytes().all(|byte| byte.is_ascii_lowercase()))
    {
        if inner[..end].chars().any(|letter| !flags.embedded(letter)) {
            return Err(invalid("invalid embedded option"));
        }
        rest = &inner[end + 1..];
    }
    let mut out = String::from(if flags.ignore_case { "(?i" } else { "(?" });
    out.push_str(if flags.newline_anchors { "m" } else { "" });
    out.push_str(if flags.newline_stops { ")" } else { "s)" });
    if out == "(?)" {
        out.clear();
    }
    let mut translator = Translator { rest: rest.chars().collect(), at: 0, out, flags, depth: 0, groups: 0 };
    match flags.literal {
        true => rest.chars().for_each(|character| translator.literal(character)),
        false => translator.run()?,
    }
    Regex::new(&translator.out).map_err(|_| invalid("quantifier operand invalid"))
}

struct Translator {
    rest: Vec<char>,
    at: usize,
    out: String,
    flags: Flags,
    depth: usize,
    groups: usize,
}

impl Translator {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn literal(&mut self, character: char) {
        if character.is_ascii_punctuation() {
            self.out.push('\\');
        }
        self.out.push(character);
    }

    fn run(&mut self) -> FunctionResult<()> {
        while let Some(character) = self.peek(0) {
            self.at += 1;
            match character {
                '\\' => self.escape()?,
                '[' => self.bracket()?,
                '(' => self.group()?,
                ')' => {
                    self.depth =
                        self.depth.checked_sub(1).ok_or_else(|| invalid("parentheses () not balanced"))?;
                    self.out.push(')');
                }
                '$' if !self.flags.newline_anchors => self.out.push_str("\\z"),
                '{' if !self.peek(0).is_some_and(|next| next.is_ascii_digit()) => self.literal('{'),
                '{' => self.bounds()?,
                '}' | ']' => self.literal(character),
                character if self.flags.expanded && character.is_whitespace() => {}
                '#' if self.flags.expanded => {
                    while self.peek(0).is_some_and(|next| next != '\n') {
                        self.at += 1;
                    }
                }
                '.' | '^' | '$' | '*' | '+' | '?' | '|' => self.out.push(character),
                character => self.literal(character),
            }
        }
        if self.depth > 0 {
            return Err(invalid("parentheses () not balanced"));
        }
        Ok(())
    }

    fn group(&mut self) -> FunctionResult<()> {
        self.depth += 1;
        if self.depth > 200 {
            return Err(invalid("regular expression is too complex"));
        }
        self.out.push('(');
        if self.peek(0) != Some('?') {
            self.groups += 1;
            return Ok(());
        }
        let heads: [&str; 5] = ["?:", "?=", "?!", "?<=", "?<!"];
        let ahead: String = self.rest[self.at..].iter().take(3).collect();
        match heads.iter().find(|head| ahead.starts_with(**head)) {
            Some(head) => {
                self.at += head.len();
                self.out.push_str(head);
                Ok(())
            }
            None => Err(invalid("quantifier operand invalid")),
        }
    }

    /// `{m}`, `{m,}`, `{m,n}`: at most 255.
    fn bounds(&mut self) -> FunctionResult<()> {
        let end = self.rest[self.at..].iter().position(|character| *character == '}');
        let end = end.ok_or_else(|| invalid("braces {} not balanced"))?;
        let inner: String = self.rest[self.at..self.at + end].iter().collect();
        self.at += end + 1;
        let parts: Vec<&str> = inner.split(',').collect();
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number <= 255);
        let fine = match parts[..] {
            [one] => number(one).is_some(),
            [low, ""] => number(low).is_some(),
            [low, high] => number(low).zip(number(high)).is_some_and(|(low, high)| low <= high),
            _ => false,
        };
        if !fine {
            return Err(invalid("invalid repetition count(s)"));
        }
        self.out.push('{');
        self.out.push_str(&inner);
        self.out.push('}');
        Ok(())
    }

    fn escape(&mut self) -> FunctionResult<()> {
        let character = self.peek(0).ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        self.at += 1;
        let translated = match character {
            'd' => "[\\p{Nd}]",
            'D' => "[^\\p{Nd}]",
            's' => "\\s",
            'S' => "\\S",
            'w' => "[\\p{Alphabetic}\\p{Nd}_]",
            'W' => "[^\\p{Alphabetic}\\p{Nd}_]",
            'A' => "\\A",
            'Z' => "\\z",
            'y' => "\\b",
            'Y' => "\\B",
            'm' => "\\b(?=\\w)",
            'M' => "\\b(?<=\\w)",
            'a' => "\\x07",
            'b' => "\\x08",
            'B' => "\\\\",
            'e' => "\\x1b",
            'f' => "\\x0c",
            'n' => "\\n",
            'r' => "\\r",
            't' => "\\t",
            'v' => "\\x0b",
            'c' | 'u' | 'U' | 'x' => return self.coded(character),
            '1'..='9' => return self.back_reference(character),
            '0' => "\\x00",
            letter if letter.is_ascii_alphanumeric() => return Err(invalid("invalid escape \\ sequence")),
            character => {
                self.literal(character);
                return Ok(());
            }
        };
        self.out.push_str(translated);
        Ok(())
    }

    fn back_reference(&mut self, first: char) -> FunctionResult<()> {
        let number = first as usize - '0' as usize;
        if number > self.groups {
            return Err(invalid("invalid backreference number"));
        }
        self.out.push_str(&format!("(?:\\{number})"));
        Ok(())
    }

    fn coded(&mut self, kind: char) -> FunctionResult<()> {
        let bad = || invalid("invalid escape \\ sequence");
        let most = match kind {
            'u' => 4,
            'U' => 8,
            'x' => 8,
            _ => {
                let control = self.peek(0).ok_or_else(bad)?;
                self.at += 1;
                self.literal(char::from(control as u8 & 0x1f));
                return Ok(());
            }
        };
        let digits: String =
            self.rest[self.at..].iter().take(most).take_while(|digit| digit.is_ascii_hexdigit()).collect();
        if digits.is_empty() || (kind != 'x' && digits.len() != most) {
            return Err(bad());
        }
        self.at += digits.len();
        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or_else(bad)?;
        self.literal(code);
        Ok(())
    }

    fn bracket(&mut self) -> FunctionResult<()> {
        let unbalanced = || invalid("brackets [] not balanced");
        let negated = self.peek(0) == Some('^');
        self.at += usize::from(negated);
        let mut set = String::new();
        let mut first = true;
        loop {
            let character = self.peek(0).ok_or_else(unbalanced)?;
            self.at += 1;
            match character {
                ']' if !first => break,
                '[' if matches!(self.peek(0), Some(':' | '.' | '=')) => self.class(&mut set)?,
                '\\' => self.escape_in_bracket(&mut set)?,
                '-' if !first && self.peek(0) != Some(']') => set.push('-'),
                character => push_set(&mut set, character),
            }
            first = false;
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        self.out.push_str(&set);
        if negated && self.flags.newline_stops {
            self.out.push_str("\\n");
        }
        self.out.push(']');
        Ok(())
    }

    fn class(&mut self, set: &mut String) -> FunctionResult<()> {
        let kind = self.peek(0).unwrap_or(':');
        self.at += 1;
        let start = self.at;
        while !(self.peek(0) == Some(kind) && self.peek(1) == Some(']')) {
            if self.peek(0).is_none() {
                return Err(invalid("brackets [] not balanced"));
            }
            self.at += 1;
        }
        let name: String = self.rest[start..self.at].iter().collect();
        self.at += 2;
        if kind != ':' {
            let mut characters = name.chars();
            return match (characters.next(), characters.next()) {
                (Some(one), None) => {
                    push_set(set, one);
                    Ok(())
                }
                _ => Err(invalid("invalid collating element")),
            };
        }
        set.push_str(match name.as_str() {
            "alpha" => "\\p{Alphabetic}",
            "digit" => "\\p{Nd}",
            "alnum" => "\\p{Alphabetic}\\p{Nd}",
            "upper" if self.flags.ignore_case => "\\p{Alphabetic}",
            "lower" if self.flags.ignore_case => "\\p{Alphabetic}",
            "upper" => "\\p{Uppercase}",
            "lower" => "\\p{Lowercase}",
            "space" => "\\s",
            "blank" => " \\t",
            "punct" => "\\p{P}\\p{S}",
            "cntrl" => "\\p{Cc}",
            "graph" => "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
            "print" => "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ",
            "xdigit" => "0-9A-Fa-f",
            "word" => "\\p{Alphabetic}\\p{Nd}_",
            "ascii" => "\\x00-\\x7f",
            _ => return Err(invalid("invalid character class")),
        });
        Ok(())
    }

    fn escape_in_bracket(&mut self, set: &mut String) -> FunctionResult<()> {
        let character = self.peek(0).ok_or_else(|| invalid("brackets [] not balanced"))?;
        self.at += 1;
        match character {
            'd' => set.push_str("\\p{Nd}"),
            's' => set.push_str("\\s"),
            'w' => set.push_str("\\p{Alphabetic}\\p{Nd}_"),
            'n' => set.push_str("\\n"),
            't' => set.push_str("\\t"),
            'r' => set.push_str("\\r"),
            'f' => set.push_str("\\x0c"),
            'v' => set.push_str("\\x0b"),
            'a' => set.push_str("\\x07"),
            'b' => set.push_str("\\x08"),
            'e' => set.push_str("\\x1b"),
            letter if letter.is_ascii_alphanumeric() => return Err(invalid("invalid escape \\ sequence")),
            character => push_set(set, character),
        }
        Ok(())
    }
}

fn push_set(set: &mut String, character: char) {
    if character.is_ascii_punctuation() {
        set.push('\\');
    }
    set.push(character);
}
