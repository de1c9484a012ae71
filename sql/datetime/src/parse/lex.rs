//! From text to fields: numbers, words, dates, times and zones by the look of them.

/// More fields are no date.
const FIELDS_MAX: usize = 25;

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Digits, perhaps with a point among them.
    #[default]
    Number,
    /// Letters.
    Word,
    /// With `-`, `/` or `.` between its parts; also a zone's full name.
    Date,
    /// With colons.
    Time,
    /// A sign and digits.
    Zone,
    /// A sign and letters.
    Special,
}

/// The fields of a text.
#[derive(Debug)]
pub struct Lexed {
    /// The fields' characters, one after another, letters made small.
    text: String,
    fields: [(Kind, usize, usize); FIELDS_MAX],
    count: usize,
}

impl Lexed {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The look of one; `None` past the end.
    pub fn kind(&self, index: usize) -> Option<Kind> {
        (index < self.count).then(|| self.fields[index].0)
    }

    /// The text of one.
    pub fn text(&self, index: usize) -> &str {
        let (_, start, end) = self.fields[index];
        &self.text[start..end]
    }
}

/// Whether C's `isspace` holds.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

struct Lexer<'a> {
    rest: &'a [u8],
    text: String,
}

impl Lexer<'_> {
    fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    fn take(&mut self) {
        if let Some((first, rest)) = self.rest.split_first() {
            self.text.push(char::from(first.to_ascii_lowercase()));
            self.rest = rest;
        }
    }

    fn take_while(&mut self, is_part: impl Fn(u8) -> bool) {
        while !self.rest.is_empty() && is_part(self.peek()) {
            self.take();
        }
    }

    fn skip_spaces(&mut self) {
        while is_space(self.peek()) {
            self.rest = &self.rest[1..];
        }
    }

    fn number_or_date(&mut self) -> Kind {
        self.take_while(|byte| byte.is_ascii_digit());
        let delimiter = self.peek();
        match delimiter {
            b':' => {
                self.take();
                self.take_while(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
                Kind::Time
            }
            b'-' | b'/' | b'.' => {
                self.take();
                if !self.peek().is_ascii_digit() {
                    self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == delimiter);
                    return Kind::Date;
                }
                self.take_while(|byte| byte.is_ascii_digit());
                // Only the same delimiter again makes three parts of a date.
                if self.peek() == delimiter {
                    self.take_while(|byte| byte.is_ascii_digit() || byte == delimiter);
                    Kind::Date
                } else if delimiter == b'.' {
                    Kind::Number
                } else {
                    Kind::Date
                }
            }
            _ => Kind::Number,
        }
    }

    fn word(&mut self, start: usize) -> Kind {
        self.take_while(|byte| byte.is_ascii_alphabetic());
        let is_date = match self.peek() {
            b'-' | b'/' | b'.' => true,
            b'+' | b'0'..=b'9' => super::words::date_word(&self.text[start..]).is_none(),
            _ => false,
        };
        if !is_date {
            return Kind::Word;
        }
        self.take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'.' | b':')
        });
        Kind::Date
    }

    fn signed(&mut self) -> Option<Kind> {
        self.take();
        self.skip_spaces();
        if self.peek().is_ascii_digit() {
            self.take_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
            Some(Kind::Zone)
        } else if self.peek().is_ascii_alphabetic() {
            self.take_while(|byte| byte.is_ascii_alphabetic());
            Some(Kind::Special)
        } else {
            None
        }
    }
}

/// The fields of a text; `None` if it has other characters, too many fields, or more characters in them (each counted
/// with one more for its field) than `room`.
pub fn lex(text: &str, room: usize) -> Option<Lexed> {
    let mut lexer = Lexer { rest: text.as_bytes(), text: String::with_capacity(text.len().min(room)) };
    let mut lexed = Lexed { text: String::new(), fields: Default::default(), count: 0 };
    while let Some(first) = lexer.rest.first().copied() {
        let start = lexer.text.len();
        let kind = match first {
            _ if is_space(first) => {
                lexer.skip_spaces();
                continue;
            }
            b'0'..=b'9' => lexer.number_or_date(),
            b'.' => {
                lexer.take();
                lexer.take_while(|byte| byte.is_ascii_digit());
                Kind::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' => lexer.word(start),
            b'+' | b'-' => lexer.signed()?,
            _ if first.is_ascii_punctuation() => {
                lexer.rest = &lexer.rest[1..];
                continue;
            }
            _ => return None,
        };
        let end = lexer.text.len();
        if lexed.count == FIELDS_MAX || end + lexed.count + 1 > room {
            return None;
        }
        lexed.fields[lexed.count] = (kind, start, end);
        lexed.count += 1;
    }
    lexed.text = lexer.text;
    Some(lexed)
}
