//! Lines of a script, taken apart as psql does: statements end at semicolons outside of quotes, parentheses, comments and
//! bodies of functions; a backslash begins a command; `\;` goes on with the same text.

use std::collections::BTreeMap;

/// What a line completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A statement, or several that are sent as one text.
    Statement(String),
    /// A backslash command, with what stands in the buffer.
    Command(String, String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Plain,
    Quoted { quote: char, escapes: bool },
    Dollar(String),
    Comment(usize),
}

/// Gathers lines.
#[derive(Debug)]
pub struct Scanner {
    state: State,
    depth: usize,
    /// The first words of a statement, which tell whether it has a body.
    words: Vec<String>,
    begins: usize,
    buffer: String,
}

impl Default for Scanner {
    fn default() -> Scanner {
        Scanner { state: State::Plain, depth: 0, words: Vec::new(), begins: 0, buffer: String::new() }
    }
}

impl Scanner {
    /// Whether psql would skip an empty line here.
    pub fn skips_empty_lines(&self) -> bool {
        self.state == State::Plain
    }

    /// Takes a line, and tells what it completes.
    pub fn line(&mut self, line: &str, variables: &BTreeMap<String, String>) -> Vec<Piece> {
        let line = if self.state == State::Plain { substitute(line, variables) } else { line.to_owned() };
        let mut pieces = Vec::new();
        let mut rest = line.as_str();
        while let Some(first) = rest.chars().next() {
            if self.state == State::Plain && rest.starts_with("\\;") {
                self.buffer.push(';');
                self.words.clear();
                rest = &rest[2..];
                continue;
            }
            let taken = match self.state.clone() {
                State::Plain => match self.plain(rest, first, &mut pieces) {
                    Some(taken) => taken,
                    None => break,
                },
                State::Quoted { quote, escapes } => self.quoted(rest, first, quote, escapes),
                State::Dollar(closing) => {
                    if rest.starts_with(&closing) {
                        self.state = State::Plain;
                        closing.len()
                    } else {
                        first.len_utf8()
                    }
                }
                State::Comment(depth) => self.comment(rest, first, depth),
            };
            if !self.buffer.is_empty() || !first.is_whitespace() {
                self.buffer.push_str(&rest[..taken]);
            }
            rest = &rest[taken..];
            if let Some(Piece::Statement(text)) = pieces.last_mut()
                && text.is_empty()
            {
                *text = std::mem::take(&mut self.buffer);
            }
        }
        if !self.buffer.is_empty() {
            self.buffer.push('\n');
        }
        pieces
    }

    /// How much the next token takes; `None` at what ends the line.
    fn plain(&mut self, rest: &str, first: char, pieces: &mut Vec<Piece>) -> Option<usize> {
        let one = first.len_utf8();
        match first {
            '\'' => {
                let escapes = escape_string(&self.buffer);
                self.state = State::Quoted { quote: '\'', escapes };
            }
            '"' => self.state = State::Quoted { quote: '"', escapes: false },
            '$' => {
                if let Some(opening) = dollar_quote(rest) {
                    self.state = State::Dollar(opening.to_owned());
                    return Some(opening.len());
                }
            }
            '-' if rest.starts_with("--") => {
                if !self.buffer.is_empty() {
                    self.buffer.push_str(rest);
                }
                return None;
            }
            '/' if rest.starts_with("/*") => {
                self.state = State::Comment(1);
                return Some(2);
            }
            '(' => self.depth += 1,
            ')' => self.depth = self.depth.saturating_sub(1),
            ';' if self.depth == 0 && self.begins == 0 => {
                self.words.clear();
                pieces.push(Piece::Statement(String::new()));
            }
            '\\' => {
                let text = std::mem::take(&mut self.buffer);
                self.words.clear();
                self.depth = 0;
                pieces.push(Piece::Command(rest.trim_end().to_owned(), text));
                return None;
            }
            _ if first.is_alphabetic() || first == '_' => return Some(self.word(rest)),
            _ => {}
        }
        Some(one)
    }

    fn word(&mut self, rest: &str) -> usize {
        let end = rest.find(|found: char| !(found.is_alphanumeric() || found == '_' || found == '$'));
        let word = &rest[..end.unwrap_or(rest.len())];
        let lower = word.to_lowercase();
        let routine =
            |word: Option<&String>| word.is_some_and(|word| word == "function" || word == "procedure");
        let defines = self.words.first().is_some_and(|word| word == "create")
            && (routine(self.words.get(1)) || routine(self.words.get(3)));
        match lower.as_str() {
            "begin" if defines => self.begins += 1,
            "case" if self.begins > 0 => self.begins += 1,
            "end" if self.begins > 0 => self.begins -= 1,
            _ => {}
        }
        if self.words.len() < 4 {
            self.words.push(lower);
        }
        word.len()
    }

    fn quoted(&mut self, rest: &str, first: char, quote: char, escapes: bool) -> usize {
        if escapes && first == '\\' {
            return first.len_utf8() + rest.chars().nth(1).map_or(0, char::len_utf8);
        }
        if first == quote {
            self.state = State::Plain;
        }
        first.len_utf8()
    }

    fn comment(&mut self, rest: &str, first: char, depth: usize) -> usize {
        if rest.starts_with("*/") {
            self.state = if depth == 1 { State::Plain } else { State::Comment(depth - 1) };
            return 2;
        }
        if rest.starts_with("/*") {
            self.state = State::Comment(depth + 1);
            return 2;
        }
        first.len_utf8()
    }
}

fn escape_string(before: &str) -> bool {
    let mut back = before.chars().rev();
    matches!(back.next(), Some('e' | 'E'))
        && !back.next().is_some_and(|found| found.is_alphanumeric() || found == '_')
}

fn dollar_quote(rest: &str) -> Option<&str> {
    let length = rest[1..].find('$')?;
    let tag = &rest[1..=length];
    let named = tag.chars().all(|found| found.is_alphanumeric() || found == '_');
    (named && !tag.starts_with(|found: char| found.is_ascii_digit())).then(|| &rest[..length + 2])
}

/// The line with the variables that it names: `:name`, `:'name'`, `:"name"`.
pub fn substitute(line: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(place) = rest.find(':') {
        let behind = &rest[place + 1..];
        out.push_str(&rest[..place]);
        if let Some(after) = behind.strip_prefix(':') {
            out.push_str("::");
            rest = after;
            continue;
        }
        let quote = behind.chars().next().filter(|found| matches!(found, '\'' | '"'));
        let named = if quote.is_some() { &behind[1..] } else { behind };
        let end = named.find(|found: char| !(found.is_alphanumeric() || found == '_')).unwrap_or(named.len());
        let closed = quote.is_none_or(|quote| named[end..].starts_with(quote));
        match variables.get(&named[..end]).filter(|_| closed && end > 0) {
            Some(value) => {
                match quote {
                    Some(quote) => out.extend([quote.to_string(), value.clone(), quote.to_string()]),
                    None => out.push_str(value),
                }
                rest = &named[end + usize::from(quote.is_some())..];
            }
            None => {
                out.push(':');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Piece, Scanner};
    use std::collections::BTreeMap;

    fn pieces(text: &str) -> Vec<Piece> {
        let mut scanner = Scanner::default();
        text.lines().flat_map(|line| scanner.line(line, &BTreeMap::new())).collect()
    }

    #[test]
    fn lines_are_taken_apart_as_psql_does() {
        let said = |text: &str| Piece::Statement(text.to_owned());
        assert_eq!(
            pieces("-- a;\nselect 1; select E'\\';'\n;"),
            [said("select 1;"), said("select E'\\';'\n;")]
        );
        assert_eq!(pieces("select 1\\; select 2\\; select ';';"), [said("select 1; select 2; select ';';")]);
        assert_eq!(
            pieces("select $a$;$a$ /* ;\n; */ , (1;\n);"),
            [said("select $a$;$a$ /* ;\n; */ , (1;\n);")]
        );
        let function = "create or replace function f() returns int begin atomic select 1; end;";
        assert_eq!(pieces(function), [said(function)]);
        assert_eq!(pieces("select 1 \\gset\n"), [Piece::Command("\\gset".into(), "select 1 ".into())]);
    }
}
