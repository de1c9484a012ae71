//! Texts taken apart as PostgreSQL's parser `default` does: words, numbers, addresses, paths, tags.
//!
//! Each kind is a rule that reads from a place and tells where it ends; where a character allows several, they are tried
//! in order, and the first that succeeds decides. What is compound comes whole, then in parts: a hyphenated word and an
//! address with a path. Every character belongs to some token, so that the tokens, without the compound ones, are the text.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each has its name and a text in `NAMES`
pub enum TokenKind {
    AsciiWord = 1,
    Word,
    NumberWord,
    Email,
    Url,
    Host,
    ScientificFloat,
    Version,
    NumberPart,
    WordPart,
    AsciiPart,
    Blank,
    Tag,
    Protocol,
    NumberHyphenated,
    AsciiHyphenated,
    Hyphenated,
    UrlPath,
    File,
    Float,
    Integer,
    UnsignedInteger,
    Entity,
}

use TokenKind as Kind;

impl TokenKind {
    /// All, by their numbers.
    pub const ALL: [TokenKind; 23] = [
        Kind::AsciiWord,
        Kind::Word,
        Kind::NumberWord,
        Kind::Email,
        Kind::Url,
        Kind::Host,
        Kind::ScientificFloat,
        Kind::Version,
        Kind::NumberPart,
        Kind::WordPart,
        Kind::AsciiPart,
        Kind::Blank,
        Kind::Tag,
        Kind::Protocol,
        Kind::NumberHyphenated,
        Kind::AsciiHyphenated,
        Kind::Hyphenated,
        Kind::UrlPath,
        Kind::File,
        Kind::Float,
        Kind::Integer,
        Kind::UnsignedInteger,
        Kind::Entity,
    ];

    /// Its number.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// Its name and what is said of it.
    pub fn described(self) -> (&'static str, &'static str) {
        match self {
            Kind::AsciiWord => ("asciiword", "Word, all ASCII"),
            Kind::Word => ("word", "Word, all letters"),
            Kind::NumberWord => ("numword", "Word, letters and digits"),
            Kind::Email => ("email", "Email address"),
            Kind::Url => ("url", "URL"),
            Kind::Host => ("host", "Host"),
            Kind::ScientificFloat => ("sfloat", "Scientific notation"),
            Kind::Version => ("version", "Version number"),
            Kind::NumberPart => ("hword_numpart", "Hyphenated word part, letters and digits"),
            Kind::WordPart => ("hword_part", "Hyphenated word part, all letters"),
            Kind::AsciiPart => ("hword_asciipart", "Hyphenated word part, all ASCII"),
            Kind::Blank => ("blank", "Space symbols"),
            Kind::Tag => ("tag", "XML tag"),
            Kind::Protocol => ("protocol", "Protocol head"),
            Kind::NumberHyphenated => ("numhword", "Hyphenated word, letters and digits"),
            Kind::AsciiHyphenated => ("asciihword", "Hyphenated word, all ASCII"),
            Kind::Hyphenated => ("hword", "Hyphenated word, all letters"),
            Kind::UrlPath => ("url_path", "URL path"),
            Kind::File => ("file", "File or path name"),
            Kind::Float => ("float", "Decimal notation"),
            Kind::Integer => ("int", "Signed integer"),
            Kind::UnsignedInteger => ("uint", "Unsigned integer"),
            Kind::Entity => ("entity", "XML entity"),
        }
    }

    /// Whether it is a hyphenated word, whose parts follow.
    pub fn is_hyphenated(self) -> bool {
        matches!(self, Kind::NumberHyphenated | Kind::AsciiHyphenated | Kind::Hyphenated)
    }
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// It.
    pub text: &'a str,
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let reader = Reader { text };
    let (mut found, mut place) = (Vec::new(), 0);
    // Whether it stands in a script or a style sheet, where only tags are looked for.
    let mut is_program = false;
    while place < text.len() {
        let (kind, end) = if is_program { reader.token_of_program(place) } else { reader.token(place) };
        found.push(Token { kind, text: &text[place..end] });
        if kind == Kind::Tag {
            is_program = within_program(&text[place..end]).unwrap_or(is_program);
        } else if kind.is_hyphenated() {
            reader.parts(place, end, &mut found);
            if reader.literal(end, "-").is_some_and(|next| reader.is(next, |found| found.is_ascii_digit())) {
                found.push(Token { kind: Kind::Blank, text: "-" });
                place = end + 1;
                continue;
            }
        } else if kind == Kind::Url {
            let path = reader.host(place, false).map_or(end, |(host, _)| host);
            found.push(Token { kind: Kind::Host, text: &text[place..path] });
            found.push(Token { kind: Kind::UrlPath, text: &text[path..end] });
        }
        place = end;
    }
    found
}

/// Reads a text. A rule is given a place and tells where what it reads ends; none where it does not stand there.
struct Reader<'a> {
    text: &'a str,
}

/// Whether a program follows a tag, or ends with it; none where it says nothing of one.
fn within_program(tag: &str) -> Option<bool> {
    let begins = |with: &str| tag.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    if begins("<script") || begins("<style") {
        return Some(true);
    }
    (begins("</script") || begins("</style")).then_some(false)
}

/// What a host turned out to be part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Host,
    Email,
}

fn is_name(found: char) -> bool {
    found.is_ascii_alphanumeric()
}

impl<'a> Reader<'a> {
    fn at(&self, place: usize) -> Option<char> {
        self.text[place..].chars().next()
    }

    fn is(&self, place: usize, wanted: impl Fn(char) -> bool) -> bool {
        self.at(place).is_some_and(wanted)
    }

    /// The end of the characters that are wanted.
    fn skip(&self, place: usize, wanted: impl Fn(char) -> bool) -> usize {
        self.text[place..].find(|found| !wanted(found)).map_or(self.text.len(), |length| place + length)
    }

    /// The same; there must be one.
    fn some(&self, place: usize, wanted: impl Fn(char) -> bool) -> Option<usize> {
        Some(self.skip(place, wanted)).filter(|end| *end > place)
    }

    fn literal(&self, place: usize, wanted: &str) -> Option<usize> {
        self.text[place..].starts_with(wanted).then_some(place + wanted.len())
    }

    /// The token at a place, where there is a character.
    fn token(&self, place: usize) -> (TokenKind, usize) {
        let found = match self.at(place) {
            Some('<') => self.tag(place).map(|end| (Kind::Tag, end)),
            Some('&') => self.entity(place).map(|end| (Kind::Entity, end)),
            Some('-' | '+') => self.signed(place),
            Some('~' | '/' | '.') => self.path(place).map(|end| (Kind::File, end)),
            Some(first) if first.is_ascii_alphabetic() => Some(self.ascii_word(place)),
            Some(first) if first.is_ascii_digit() => Some(self.unsigned(place)),
            Some(first) if first.is_alphanumeric() => Some(self.word(place, place)),
            Some(_) | None => None,
        };
        found.unwrap_or_else(|| (Kind::Blank, self.blank(place)))
    }

    /// The same where all but tags is blank.
    fn token_of_program(&self, place: usize) -> (TokenKind, usize) {
        if let Some(end) = self.tag(place) {
            return (Kind::Tag, end);
        }
        let first = self.at(place).map_or(0, char::len_utf8);
        (Kind::Blank, self.skip(place + first, |found| found != '<'))
    }

    /// What is nothing else, up to where something may begin.
    fn blank(&self, place: usize) -> usize {
        let first = self.at(place).map_or(0, char::len_utf8);
        self.skip(place + first, |found| {
            !found.is_alphanumeric() && !matches!(found, '<' | '&' | '-' | '+' | '/')
        })
    }

    fn tag(&self, place: usize) -> Option<usize> {
        let within = self.literal(place, "<")?;
        if let Some(text) = self.literal(within, "!--") {
            return self.text[text..].find("-->").map(|length| text + length + 3);
        }
        let begins = |with: &str| {
            let end = within + with.len();
            self.text.get(within..end).filter(|begin| begin.eq_ignore_ascii_case(with)).map(|_| within + 1)
        };
        let name = begins("!d").or_else(|| begins("?xml")).or_else(|| begins("/")).unwrap_or(within);
        if !self.is(name, |found| found.is_ascii_alphabetic()) {
            return None;
        }
        let mut at =
            self.skip(name, |found| found.is_alphanumeric() || matches!(found, ':' | '-' | '_' | '.'));
        if !self.is(at, |found| found == '>' || found.is_whitespace()) {
            return self.literal(at, "/>");
        }
        loop {
            match self.at(at)? {
                '>' => return Some(at + 1),
                quote @ ('"' | '\'') => at = self.quoted(at + 1, quote)?,
                found if found.is_alphanumeric() || found.is_whitespace() => at += found.len_utf8(),
                '=' | '-' | '_' | '#' | '/' | ':' | '.' | '&' | '?' | '%' | '~' => at += 1,
                _ => return None,
            }
        }
    }

    fn quoted(&self, place: usize, quote: char) -> Option<usize> {
        let mut rest = self.text[place..].char_indices();
        while let Some((offset, found)) = rest.next() {
            if found == quote {
                return Some(place + offset + 1);
            }
            if found == '\\' {
                rest.next();
            }
        }
        None
    }

    fn entity(&self, place: usize) -> Option<usize> {
        let name = place + 1;
        let end = match self.literal(name, "#") {
            Some(number) => match self.literal(number, "x").or_else(|| self.literal(number, "X")) {
                Some(digits) => self.some(digits, |found| found.is_ascii_hexdigit())?,
                None => self.some(number, |found| found.is_ascii_digit())?,
            },
            None if self.is(name, |found| found.is_ascii_alphabetic() || matches!(found, ':' | '_')) => {
                self.skip(name, |found| found.is_alphanumeric() || matches!(found, ':' | '_' | '.' | '-'))
            }
            None => return None,
        };
        self.literal(end, ";")
    }

    fn signed(&self, place: usize) -> Option<(TokenKind, usize)> {
        let end = self.some(place + 1, |found| found.is_ascii_digit())?;
        let fraction = |at: usize| {
            let digits = self.literal(at, ".")?;
            self.some(digits, |found| found.is_ascii_digit())
        };
        let decimal = fraction(end);
        if decimal.and_then(fraction).is_some() {
            return None;
        }
        if let Some(end) = self.exponent(decimal.unwrap_or(end)) {
            return Some((Kind::ScientificFloat, end));
        }
        Some(decimal.map_or((Kind::Integer, end), |end| (Kind::Float, end)))
    }

    fn exponent(&self, place: usize) -> Option<usize> {
        let mark = self.literal(place, "e").or_else(|| self.literal(place, "E"))?;
        let digits = self.literal(mark, "-").or_else(|| self.literal(mark, "+")).unwrap_or(mark);
        self.some(digits, |found| found.is_ascii_digit())
    }

    /// What begins with a digit.
    fn unsigned(&self, place: usize) -> (TokenKind, usize) {
        let end = self.skip(place, |found| found.is_ascii_digit());
        if let Some(end) = self.exponent(end) {
            return (Kind::ScientificFloat, end);
        }
        if let Some(found) = self.address(place) {
            return found;
        }
        if let Some(decimal) =
            self.literal(end, ".").and_then(|at| self.some(at, |found| found.is_ascii_digit()))
        {
            let mut version = decimal;
            while let Some(next) =
                self.literal(version, ".").and_then(|at| self.some(at, |found| found.is_ascii_digit()))
            {
                version = next;
            }
            if version > decimal {
                return (Kind::Version, version);
            }
            return match self.exponent(decimal) {
                Some(end) => (Kind::ScientificFloat, end),
                None => (Kind::Float, decimal),
            };
        }
        if let Some(end) = self.literal(end, "/").and_then(|at| self.file_first(at)) {
            return (Kind::File, end);
        }
        if self.is(end, char::is_alphabetic) {
            return self.word(place, end);
        }
        (Kind::UnsignedInteger, end)
    }

    /// What begins with a letter of ASCII.
    fn ascii_word(&self, place: usize) -> (TokenKind, usize) {
        let end = self.skip(place, |found| found.is_ascii_alphabetic());
        if let Some(found) = self.address(place) {
            return found;
        }
        if let Some(end) = self.literal(end, "://") {
            return (Kind::Protocol, end);
        }
        if let Some(end) = self.literal(end, ".").and_then(|at| self.file_next(at)) {
            return (Kind::File, end);
        }
        if let Some(end) = self.literal(end, "/").and_then(|at| self.file_first(at)) {
            return (Kind::File, end);
        }
        self.word(place, end)
    }

    /// A word, hyphenated if it is; the characters up to `from` are of it.
    fn word(&self, place: usize, from: usize) -> (TokenKind, usize) {
        let end = self.skip(from, char::is_alphanumeric);
        let first = &self.text[place..end];
        let kind = kind_of_word(first);
        if kind == Kind::NumberWord {
            if let Some((end, _)) = self.literal(end, "@").and_then(|at| self.host(at, false)) {
                return (Kind::Email, end);
            }
            let file = self.literal(end, ".").and_then(|at| self.file_next(at));
            let file = file.or_else(|| self.literal(end, "/").and_then(|at| self.file_first(at)));
            if let Some(end) = file {
                return (Kind::File, end);
            }
        }
        let mut whole = end;
        while let Some(part) = self.literal(whole, "-").and_then(|at| self.hyphenated_part(at)) {
            whole = part;
        }
        if whole == end {
            return (kind, end);
        }
        match kind_of_word(&self.text[place..whole].replace('-', "")) {
            Kind::AsciiWord => (Kind::AsciiHyphenated, whole),
            Kind::Word => (Kind::Hyphenated, whole),
            _ => (Kind::NumberHyphenated, whole),
        }
    }

    /// A part behind a hyphen is no number alone.
    fn hyphenated_part(&self, place: usize) -> Option<usize> {
        let digits = self.skip(place, |found| found.is_ascii_digit());
        self.is(digits, char::is_alphabetic).then(|| self.skip(digits, char::is_alphanumeric))
    }

    fn parts(&self, place: usize, end: usize, found: &mut Vec<Token<'a>>) {
        for (count, part) in self.text[place..end].split('-').enumerate() {
            if count > 0 {
                found.push(Token { kind: Kind::Blank, text: "-" });
            }
            let kind = match kind_of_word(part) {
                Kind::AsciiWord => Kind::AsciiPart,
                Kind::Word => Kind::WordPart,
                _ => Kind::NumberPart,
            };
            found.push(Token { kind, text: part });
        }
    }

    /// An address: of a host, of a person, of something at a host.
    fn address(&self, place: usize) -> Option<(TokenKind, usize)> {
        let (end, found) = self.host(place, true)?;
        if found == Found::Email {
            return Some((Kind::Email, end));
        }
        if let Some(path) = self.literal(end, "/")
            && let Some(whole) = self.some(path, is_url_character)
        {
            return Some((Kind::Url, whole));
        }
        Some((Kind::Host, end))
    }

    /// Labels with points between them, the last of letters; then a port. What comes before an `@` with a host behind it is
    /// an address of mail.
    fn host(&self, place: usize, or_email: bool) -> Option<(usize, Found)> {
        let mut at = place;
        let mut best = None;
        let mut label = place;
        loop {
            let end = self.some(at, is_name)?;
            let last = &self.text[label..end];
            // The longest that ends in such a label is the host, whatever follows.
            let domain = label > place
                && last.len() > 1
                && last.bytes().all(|found| found.is_ascii_alphabetic())
                && self.text[..label].ends_with('.');
            if domain {
                best = Some(end);
            }
            match self.at(end) {
                Some('@') => {
                    if or_email && let Some((end, _)) = self.host(end + 1, false) {
                        return Some((end, Found::Email));
                    }
                    break;
                }
                Some('-' | '_' | '.') if self.is(end + 1, is_name) => {
                    at = end + 1;
                    label = at;
                }
                _ => break,
            }
        }
        let end = best?;
        let port = self.literal(end, ":").and_then(|at| self.some(at, |found| found.is_ascii_digit()));
        Some((port.unwrap_or(end), Found::Host))
    }

    /// A path that begins with a sign.
    fn path(&self, place: usize) -> Option<usize> {
        match self.at(place)? {
            '/' => self.file_first(place + 1),
            '~' => self.home(place + 1),
            '.' => self.dots(place),
            _ => None,
        }
    }

    /// What follows a `~`.
    fn home(&self, place: usize) -> Option<usize> {
        match self.literal(place, "/") {
            Some(slash) => self.file_first(slash),
            None => self.file_next(place),
        }
    }

    /// `.` and `..` as steps of a path: the second is one on its own, too.
    fn dots(&self, place: usize) -> Option<usize> {
        if let Some(slash) = self.literal(place, "./") {
            return self.file_first(slash);
        }
        let end = self.literal(place, "..")?;
        let further = self.literal(end, "/").and_then(|slash| self.file_first(slash));
        further.or_else(|| self.at(end).is_none_or(|next| next == '/' || next.is_whitespace()).then_some(end))
    }

    /// What follows a slash in a path.
    fn file_first(&self, place: usize) -> Option<usize> {
        match self.at(place)? {
            '~' => self.home(place + 1),
            '.' => self.dots(place).or_else(|| self.file_next(place + 1)),
            _ => self.file_next(place),
        }
    }

    /// What follows a point or another sign in a path.
    fn file_next(&self, place: usize) -> Option<usize> {
        let mut end = self.some(place, |found| is_name(found) || found == '_')?;
        loop {
            end = self.skip(end, |found| is_name(found) || matches!(found, '_' | '-'));
            let next = match self.at(end) {
                Some('.') => self.file_next(end + 1),
                Some('/') => self.file_first(end + 1),
                _ => None,
            };
            match next {
                Some(next) => end = next,
                None => return Some(end),
            }
        }
    }
}

fn kind_of_word(word: &str) -> TokenKind {
    if word.bytes().all(|found| found.is_ascii_alphabetic()) {
        Kind::AsciiWord
    } else if word.chars().all(char::is_alphabetic) {
        Kind::Word
    } else {
        Kind::NumberWord
    }
}

/// Whether a character may stand in an address behind the host.
fn is_url_character(found: char) -> bool {
    found.is_ascii_graphic() && !matches!(found, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}
