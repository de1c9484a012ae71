//! Tokens of jsonpath. As PostgreSQL's scanner, this one takes what matches longest, and an error names the piece of the
//! text that was matched last: of a quoted string its last quote, of a bare name what ended it.

use crate::error::{JsonError, JsonResult, PathProblem, PathSyntaxError, TextProblem};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    End,
    /// A name without quotes that is no key word.
    Name(String),
    String(String),
    Variable(String),
    Integer(String),
    Decimal(String),
    Keyword(Keyword, String),
    /// One or two characters.
    Symbol(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Abs,
    Ceiling,
    Datetime,
    Double,
    Exists,
    False,
    Flag,
    Floor,
    Is,
    KeyValue,
    Last,
    Lax,
    LikeRegex,
    Null,
    Size,
    Starts,
    Strict,
    To,
    True,
    Type,
    Unknown,
    With,
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("abs", Keyword::Abs),
    ("ceiling", Keyword::Ceiling),
    ("datetime", Keyword::Datetime),
    ("double", Keyword::Double),
    ("exists", Keyword::Exists),
    ("false", Keyword::False),
    ("flag", Keyword::Flag),
    ("floor", Keyword::Floor),
    ("is", Keyword::Is),
    ("keyvalue", Keyword::KeyValue),
    ("last", Keyword::Last),
    ("lax", Keyword::Lax),
    ("like_regex", Keyword::LikeRegex),
    ("null", Keyword::Null),
    ("size", Keyword::Size),
    ("starts", Keyword::Starts),
    ("strict", Keyword::Strict),
    ("to", Keyword::To),
    ("true", Keyword::True),
    ("type", Keyword::Type),
    ("unknown", Keyword::Unknown),
    ("with", Keyword::With),
];

/// Longer before shorter.
const SYMBOLS: &[&str] = &[
    "&&", "||", "**", "<=", "==", "<>", "!=", ">=", "<", ">", "!", "?", "%", "$", ".", "[", "]", "{", "}",
    "(", ")", "|", "&", "=", "@", "#", ",", "*", ":", "-", "+", "/",
];

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// Whether a byte may stand in a bare name.
fn is_other(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'\\' | b'"') && !b"?%$.[]{}()|&!=<>@#,*:-+/".contains(&byte)
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    place: usize,
    /// What was matched last.
    matched: (usize, usize),
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, place: 0, matched: (0, 0) }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.place..).unwrap_or(&[])
    }

    fn run(&self, from: usize, admits: impl Fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes().get(from..).unwrap_or(&[]);
        from + bytes.iter().take_while(|byte| admits(**byte)).count()
    }

    /// An error at what was matched last.
    pub fn problem(&self, problem: PathProblem) -> JsonError {
        let near = self.text.get(self.matched.0..self.matched.1).unwrap_or("").to_owned();
        if near.is_empty() {
            PathSyntaxError::AtEnd { problem }.into()
        } else {
            PathSyntaxError::Near { problem, near }.into()
        }
    }

    fn problem_at(&mut self, problem: PathProblem, start: usize, end: usize) -> JsonError {
        self.matched = (start, end.min(self.text.len()));
        self.problem(problem)
    }

    pub fn next(&mut self) -> JsonResult<Token> {
        loop {
            self.place = self.run(self.place, is_blank);
            let start = self.place;
            match self.rest() {
                [] => {
                    self.matched = (start, start);
                    return Ok(Token::End);
                }
                [b'/', b'*', ..] => self.comment()?,
                [b'"', ..] => {
                    self.place += 1;
                    return self.quoted().map(Token::String);
                }
                [b'$', b'"', ..] => {
                    self.place += 2;
                    return self.quoted().map(Token::Variable);
                }
                [b'$', byte, ..] if is_other(*byte) => {
                    self.place = self.run(start + 1, is_other);
                    self.matched = (start, self.place);
                    return Ok(Token::Variable(self.text[start + 1..self.place].to_owned()));
                }
                [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => {
                    if let Some(token) = self.number(start)? {
                        return Ok(token);
                    }
                    if let Some(token) = self.name()? {
                        return Ok(token);
                    }
                }
                [b'\\', ..] => {
                    if let Some(token) = self.name()? {
                        return Ok(token);
                    }
                }
                [byte, ..] if is_other(*byte) => {
                    if let Some(token) = self.name()? {
                        return Ok(token);
                    }
                }
                rest => return Ok(self.symbol(start, rest)),
            }
        }
    }

    fn symbol(&mut self, start: usize, rest: &[u8]) -> Token {
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(symbol.as_bytes()));
        // Whatever is neither blank, name, quote nor backslash is in the list.
        let symbol = symbol.copied().unwrap_or("");
        self.place = start + symbol.len().max(1);
        self.matched = (start, self.place);
        Token::Symbol(symbol)
    }

    fn comment(&mut self) -> JsonResult<()> {
        match self.text[self.place + 2..].find("*/") {
            Some(length) => {
                self.place += 2 + length + 2;
                Ok(())
            }
            None => {
                self.place = self.text.len();
                Err(self.problem_at(PathProblem::Comment, self.place, self.place))
            }
        }
    }

    /// A number, unless a bare name is longer.
    fn number(&mut self, start: usize) -> JsonResult<Option<Token>> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| self.run(from, |byte| byte.is_ascii_digit());
        let integer = match bytes.get(start) {
            Some(b'0') => start + 1,
            Some(b'.') | None => start,
            Some(_) => digits(start),
        };
        let decimal = (bytes.get(integer) == Some(&b'.')).then(|| digits(integer + 1));
        let bases = [(integer > start).then_some(integer), decimal];
        let (mut valid, mut failed) = (start, start);
        for base in bases.into_iter().flatten() {
            valid = valid.max(base);
            let mut ends = vec![base];
            if matches!(bytes.get(base), Some(b'e' | b'E')) {
                failed = failed.max(base + 1);
                let mut exponent = base + 1;
                if matches!(bytes.get(exponent), Some(b'+' | b'-')) {
                    exponent += 1;
                    failed = failed.max(exponent);
                }
                if digits(exponent) > exponent {
                    valid = valid.max(digits(exponent));
                    ends.push(digits(exponent));
                }
            }
            for end in ends {
                if bytes.get(end).is_some_and(|byte| is_other(*byte)) {
                    failed = failed.max(end + 1);
                }
            }
        }
        let name = self.run(start, is_other);
        if name > valid && name > failed {
            return Ok(None);
        }
        if failed > valid {
            // PostgreSQL's scanner takes one byte of junk; half a character cannot be shown.
            let end = (start..=failed).rev().find(|end| self.text.is_char_boundary(*end));
            return Err(self.problem_at(PathProblem::JunkAfterNumber, start, end.unwrap_or(start)));
        }
        self.place = valid;
        self.matched = (start, valid);
        let text = self.text[start..valid].to_owned();
        Ok(Some(if valid == integer { Token::Integer(text) } else { Token::Decimal(text) }))
    }

    /// A bare name, unless a comment follows it at once: then PostgreSQL's scanner forgets it.
    fn name(&mut self) -> JsonResult<Option<Token>> {
        let mut name = String::new();
        loop {
            match self.rest() {
                [] => {
                    self.matched = (self.place, self.place);
                    break;
                }
                [b'\\', ..] => self.escape(&mut name)?,
                [b'/', b'*', ..] => {
                    self.comment()?;
                    return Ok(None);
                }
                [byte, ..] if is_blank(*byte) => {
                    let end = self.run(self.place, is_blank);
                    self.matched = (self.place, end);
                    self.place = end;
                    break;
                }
                [byte, ..] if is_other(*byte) => {
                    let end = self.run(self.place, is_other);
                    name.push_str(&self.text[self.place..end]);
                    self.place = end;
                }
                _ => {
                    // It is thrown back, and nothing is left to be named.
                    self.matched = (self.place, self.place);
                    break;
                }
            }
        }
        let lower = name.to_ascii_lowercase();
        let found = KEYWORDS.iter().find(|(text, _)| *text == lower).map(|(_, keyword)| *keyword);
        Ok(Some(match found {
            Some(keyword @ (Keyword::Null | Keyword::True | Keyword::False)) => {
                if name == lower {
                    Token::Keyword(keyword, name)
                } else {
                    Token::Name(name)
                }
            }
            Some(keyword) => Token::Keyword(keyword, name),
            None => Token::Name(name),
        }))
    }

    /// What stands up to the next quote, which the place is behind afterwards.
    fn quoted(&mut self) -> JsonResult<String> {
        let mut out = String::new();
        loop {
            match self.rest() {
                [] => {
                    let end = self.text.len();
                    return Err(self.problem_at(PathProblem::QuotedString, end, end));
                }
                [b'"', ..] => {
                    self.matched = (self.place, self.place + 1);
                    self.place += 1;
                    return Ok(out);
                }
                [b'\\', ..] => self.escape(&mut out)?,
                [_, ..] => {
                    let end = self.run(self.place, |byte| !matches!(byte, b'"' | b'\\'));
                    out.push_str(&self.text[self.place..end]);
                    self.place = end;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> JsonResult<()> {
        let start = self.place;
        let simple = match self.rest() {
            [_, b'u', ..] => return self.unicode_escapes(out),
            [_, b'x', rest @ ..] => {
                let digits = rest.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
                if digits < 2 {
                    let end = start + 2 + digits;
                    return Err(self.problem_at(PathProblem::Hexadecimal, start, end));
                }
                self.place = start + 4;
                let value = u32::from_str_radix(&self.text[start + 2..start + 4], 16).unwrap_or(0);
                out.push(character(value)?);
                return Ok(());
            }
            [_] | [] | [_, b'\n', ..] => {
                return Err(self.problem_at(PathProblem::Backslash, start, start + 1));
            }
            [_, b'b', ..] => '\u{8}',
            [_, b'f', ..] => '\u{c}',
            [_, b'n', ..] => '\n',
            [_, b'r', ..] => '\r',
            [_, b't', ..] => '\t',
            [_, b'v', ..] => '\u{b}',
            [_, _, ..] => self.text[start + 1..].chars().next().unwrap_or('\\'),
        };
        let written = self.text[start + 1..].chars().next().map_or(1, char::len_utf8);
        self.place = start + 1 + written;
        out.push(simple);
        Ok(())
    }

    /// All escapes `\uXXXX` and `\u{X…}` that follow each other; surrogates pair within them.
    fn unicode_escapes(&mut self, out: &mut String) -> JsonResult<()> {
        let start = self.place;
        let mut values = Vec::new();
        while let [b'\\', b'u', rest @ ..] = self.rest() {
            let hexadecimal =
                |digits: &[u8]| digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let (from, length, whole) = match rest {
                [b'{', digits @ ..] => {
                    let length = hexadecimal(digits).min(6);
                    (3, length, length > 0 && digits.get(length) == Some(&b'}'))
                }
                digits => {
                    let length = hexadecimal(digits).min(4);
                    (2, length, length == 4)
                }
            };
            let end = self.place + from + length;
            if !whole {
                return Err(self.problem_at(PathProblem::Unicode, start, end));
            }
            values.push(u32::from_str_radix(&self.text[self.place + from..end], 16).unwrap_or(0));
            self.place = if from == 3 { end + 1 } else { end };
        }
        let mut high = None;
        for value in values {
            match (value, high.take()) {
                (0xd800..0xdc00, None) => high = Some(value),
                (0xd800..0xdc00, Some(_)) => return Err(surrogate(TextProblem::HighSurrogateTwice)),
                (0xdc00..0xe000, Some(first)) => {
                    out.push(character(0x10000 + ((first & 0x3ff) << 10) + (value & 0x3ff))?);
                }
                (0xdc00..0xe000, None) | (_, Some(_)) => {
                    return Err(surrogate(TextProblem::LowSurrogateAlone));
                }
                (value, None) => out.push(character(value)?),
            }
        }
        match high {
            Some(_) => Err(surrogate(TextProblem::LowSurrogateAlone)),
            None => Ok(()),
        }
    }
}

fn surrogate(problem: TextProblem) -> JsonError {
    PathSyntaxError::Surrogate(problem).into()
}

fn character(value: u32) -> JsonResult<char> {
    if value == 0 {
        return Err(PathSyntaxError::Zero.into());
    }
    char::from_u32(value).ok_or_else(|| PathSyntaxError::CodePoint.into())
}
