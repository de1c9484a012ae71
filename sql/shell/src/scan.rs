//! Lines gathered to statements: where a statement ends, where a command begins, where a variable stands.
//!
//! Invariants
//!
//! 1. What stands within quotes, comments or parentheses ends nothing.
//! 2. A line is looked at once; the state between lines is kept.

use crate::body::{Body, word_length};
use crate::variables::Variables;

/// Variables that stand in a line are replaced at most so many times: one may stand in another's value.
const REPLACED_MAX: usize = 1000;

/// Within what the text so far ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Within {
    #[default]
    Nothing,
    /// Quotes, and whether backslashes escape.
    Quote(char, bool),
    /// Dollars around a tag.
    Dollars(String),
    /// Comments, and how deep.
    Comment(usize),
}

/// What a line came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A statement is whole; this is left of the line.
    Statement(String),
    /// A command: the line from its backslash.
    Command(String),
    /// The line is over, the statement is not.
    LineEnd,
}

/// Gathers a statement.
#[derive(Debug, Default)]
pub struct Scanner {
    within: Within,
    parentheses: usize,
    body: Body,
    /// Whether backslashes escape in plain strings.
    backslashes: bool,
}

impl Scanner {
    /// Whether backslashes escape in plain strings from here on: `standard_conforming_strings` is off.
    pub fn set_backslashes(&mut self, escape: bool) {
        self.backslashes = escape;
    }

    /// Takes a line, or what is left of one, and appends to the statement what belongs to it.
    pub fn line(&mut self, line: String, variables: &Variables, statement: &mut String) -> Found {
        let mut line = line;
        let (mut at, mut replaced) = (0, 0);
        while let Some(found) = line[at..].chars().next() {
            if self.within != Within::Nothing {
                at += self.inside(&line[at..], statement);
                continue;
            }
            if found == ':'
                && replaced < REPLACED_MAX
                && !statement.ends_with(':')
                && let Some((value, length)) = variables.reference(&line[at..])
            {
                line.replace_range(at..at + length, &value);
                replaced += 1;
                continue;
            }
            match found {
                ';' if self.parentheses == 0 && !self.body.is_open() => {
                    statement.push(';');
                    *self = Scanner { backslashes: self.backslashes, ..Scanner::default() };
                    return Found::Statement(line[at + 1..].to_owned());
                }
                '\\' => return Found::Command(line[at..].to_owned()),
                _ => at += self.outside(&line[at..], found, statement),
            }
        }
        statement.push('\n');
        Found::LineEnd
    }

    /// Whether something is open: what the prompt shows.
    pub fn mark(&self) -> Option<char> {
        match &self.within {
            Within::Nothing => (self.parentheses > 0).then_some('('),
            Within::Quote(quote, _) => Some(*quote),
            Within::Dollars(_) => Some('$'),
            Within::Comment(_) => Some('*'),
        }
    }

    /// Takes some characters within quotes or comments; how many bytes.
    fn inside(&mut self, rest: &str, statement: &mut String) -> usize {
        let mut next = rest.chars().map(char::len_utf8);
        let one = next.next().unwrap_or(0);
        let two = one + next.next().unwrap_or(0);
        let length = match &mut self.within {
            Within::Quote(quote, escapes) => {
                if *escapes && rest.starts_with('\\') {
                    two
                } else {
                    if rest.starts_with(*quote) {
                        self.within = Within::Nothing;
                    }
                    one
                }
            }
            Within::Dollars(tag) => match rest.strip_prefix(tag.as_str()) {
                Some(_) => {
                    let length = tag.len();
                    self.within = Within::Nothing;
                    length
                }
                None => one,
            },
            Within::Comment(depth) => {
                if rest.starts_with("*/") {
                    *depth -= 1;
                    if *depth == 0 {
                        self.within = Within::Nothing;
                    }
                    2
                } else if rest.starts_with("/*") {
                    *depth += 1;
                    2
                } else {
                    one
                }
            }
            Within::Nothing => one,
        };
        statement.push_str(&rest[..length]);
        length
    }

    /// Takes some characters outside of quotes and comments; how many bytes.
    fn outside(&mut self, rest: &str, found: char, statement: &mut String) -> usize {
        let mut length = found.len_utf8();
        match found {
            '\'' => {
                let escapes = statement.ends_with(['e', 'E'])
                    && !statement[..statement.len() - 1]
                        .ends_with(|before: char| before.is_alphanumeric() || before == '_');
                self.within = Within::Quote('\'', escapes || self.backslashes);
            }
            '"' => self.within = Within::Quote('"', false),
            '$' => {
                if let Some(tag) = dollar_tag(rest) {
                    length = tag.len();
                    self.within = Within::Dollars(tag.to_owned());
                }
            }
            '-' if rest.starts_with("--") => length = rest.len(),
            '/' if rest.starts_with("/*") => {
                length = 2;
                self.within = Within::Comment(1);
            }
            '(' => self.parentheses += 1,
            ')' => self.parentheses = self.parentheses.saturating_sub(1),
            _ if word_length(rest) > 0 => {
                // The letter before a quote is part of the quote.
                length = word_length(rest);
                self.body.word(&rest[..length]);
            }
            _ => {}
        }
        statement.push_str(&rest[..length]);
        length
    }
}

/// `$tag$` at the beginning of a text.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 1;
    let tag = &text[1..end];
    let is_tag = tag.chars().all(|found| found.is_alphanumeric() || found == '_')
        && !tag.starts_with(|found: char| found.is_ascii_digit());
    is_tag.then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::{Found, Scanner};
    use crate::variables::Variables;

    fn scan(text: &str, variables: &Variables) -> Vec<String> {
        let (mut scanner, mut statement, mut found) = (Scanner::default(), String::new(), Vec::new());
        for line in text.lines() {
            let mut rest = line.to_owned();
            loop {
                match scanner.line(rest, variables, &mut statement) {
                    Found::Statement(left) => {
                        found.push(std::mem::take(&mut statement).trim().to_owned());
                        rest = left;
                    }
                    Found::Command(command) => {
                        found.push(command);
                        break;
                    }
                    Found::LineEnd => break,
                }
            }
        }
        if !statement.trim().is_empty() {
            found.push(statement.trim().to_owned());
        }
        found
    }

    #[test]
    fn statements_end_at_semicolons_that_end_them() {
        let none = Variables::default();
        assert_eq!(scan("select ';'; select 1", &none), ["select ';';", "select 1"]);
        assert_eq!(scan("select $x$;\n$x$;", &none), ["select $x$;\n$x$;"]);
        assert_eq!(scan("select (1;\n2);", &none), ["select (1;\n2);"]);
        assert_eq!(
            scan("/* ; /* ; */ \\g */ select e'\\';';", &none),
            ["/* ; /* ; */ \\g */ select e'\\';';"]
        );
        assert_eq!(scan("select 1 -- ;\n;", &none), ["select 1 -- ;\n;"]);
        assert_eq!(scan("select 1 \\gx a", &none), ["\\gx a", "select 1"]);
        let body =
            "create function f() returns int begin atomic select case when true then 1 end; select 2; end;";
        assert_eq!(scan(body, &none), [body]);
        assert_eq!(scan("begin; end;", &none), ["begin;", "end;"]);
    }

    #[test]
    fn variables_are_replaced_outside_of_quotes() {
        let mut variables = Variables::default();
        variables.set("v", "a'b");
        variables.set("two", "select 1; select 2");
        assert_eq!(scan("select :'v', ':v', 1::v;", &variables), ["select 'a''b', ':v', 1::v;"]);
        assert_eq!(scan(":two;", &variables), ["select 1;", "select 2;"]);
    }
}
