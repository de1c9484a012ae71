//! `\copy`: `COPY` whose file is the shell's.

use crate::client::Channel;
use crate::input::Input;
use crate::shell::{Shell, Target};
use crate::surroundings::{Place, Surroundings};

/// A `\copy`, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Parsed {
    /// The statement that is sent.
    statement: String,
    /// Whether rows come in.
    from: bool,
    /// The file or program; none for what stands with the statements, or goes where results go.
    place: Option<Place>,
}

impl Shell {
    pub(crate) fn copy(&mut self, text: &str, input: &mut Input<'_>, around: &mut dyn Surroundings) {
        let parsed = match parse(text) {
            Ok(parsed) => parsed,
            Err(reason) => return self.complain(&reason, around),
        };
        let channel = match (&parsed.place, parsed.from) {
            (None, _) => Ok(Channel::Standard),
            (Some(place), true) => around.read(place).map(Channel::From),
            (Some(place), false) => around.write(place).map(Channel::To),
        };
        let channel = match channel {
            Ok(channel) => channel,
            Err(reason) => return self.complain(&reason, around),
        };
        let begun = around.milliseconds();
        let (collected, failed, copied) = self.execute(&parsed.statement, channel, input, around);
        self.show(&parsed.statement, &collected, &Target::default(), copied, around);
        if let Some(report) = failed {
            self.tell_failure(&parsed.statement, &report, around);
        }
        self.tell_time(begun, around);
    }
}

/// Takes it apart at its direction, outside of parentheses and quotes.
fn parse(text: &str) -> Result<Parsed, String> {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        let (word, length) = token(&text[at..]);
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 && at > 0 => {
                let from = word.eq_ignore_ascii_case("from");
                if from || word.eq_ignore_ascii_case("to") {
                    return with_file(&text[..at], from, &text[at + length..]);
                }
            }
            _ => {}
        }
        at += length;
    }
    Err("\\copy: arguments required".to_owned())
}

fn with_file(subject: &str, from: bool, rest: &str) -> Result<Parsed, String> {
    let start = rest.len() - rest.trim_start().len();
    let (word, length) = token(&rest[start..]);
    let mut options = &rest[start + length..];
    let lower = word.to_ascii_lowercase();
    let place = match (lower.as_str(), from) {
        ("program", _) => {
            let start = options.len() - options.trim_start().len();
            let (command, length) = token(&options[start..]);
            options = &options[start + length..];
            if !command.starts_with('\'') {
                return Err("\\copy: parse error at end of line".to_owned());
            }
            Some(Place::Program(unquoted(command)))
        }
        ("stdin" | "pstdin", true) | ("stdout" | "pstdout", false) => None,
        ("", _) => return Err("\\copy: parse error at end of line".to_owned()),
        _ => Some(Place::File(unquoted(word))),
    };
    let direction = if from { "FROM STDIN" } else { "TO STDOUT" };
    let options = options.trim().trim_end_matches(';');
    let statement = format!("COPY {} {direction} {options}", subject.trim());
    Ok(Parsed { statement: statement.trim_end().to_owned(), from, place })
}

fn unquoted(word: &str) -> String {
    match word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => word.trim_end_matches(';').to_owned(),
    }
}

/// The first word, sign or quoted text, and how long it is, blanks before it not among it.
fn token(text: &str) -> (&str, usize) {
    let Some(first) = text.chars().next() else { return ("", 0) };
    let length = match first {
        '\'' | '"' => {
            let mut at = 1;
            loop {
                match text[at..].find(first) {
                    Some(end) if text[at + end + 1..].starts_with(first) => at += end + 2,
                    Some(end) => break at + end + 1,
                    None => break text.len(),
                }
            }
        }
        '(' | ')' => 1,
        found if found.is_whitespace() => found.len_utf8(),
        _ => text
            .find(|found: char| found.is_whitespace() || matches!(found, '(' | ')' | '\'' | '"'))
            .unwrap_or(text.len()),
    };
    (&text[..length], length)
}

#[cfg(test)]
mod tests {
    use super::{Parsed, Place, parse};

    fn parsed(statement: &str, from: bool, file: Option<&str>) -> Result<Parsed, String> {
        let place = file.map(|path| Place::File(path.to_owned()));
        Ok(Parsed { statement: statement.to_owned(), from, place })
    }

    #[test]
    fn a_copy_is_taken_apart() {
        assert_eq!(
            parse(" t from 'a b.csv' csv header"),
            parsed("COPY t FROM STDIN csv header", true, Some("a b.csv"))
        );
        assert_eq!(parse(" s.t (a, b) to stdout"), parsed("COPY s.t (a, b) TO STDOUT", false, None));
        assert_eq!(
            parse(" (select 1 from \"to\" where x = ' from ') to 'it''s'"),
            parsed("COPY (select 1 from \"to\" where x = ' from ') TO STDOUT", false, Some("it's"))
        );
        assert_eq!(parse(" t from stdin"), parsed("COPY t FROM STDIN", true, None));
        assert!(parse(" t").is_err());
        let place = Some(Place::Program("ls | head".to_owned()));
        let statement = "COPY t FROM STDIN csv".to_owned();
        assert_eq!(parse(" t from program 'ls | head' csv"), Ok(Parsed { statement, from: true, place }));
        assert!(parse(" t from program ls").is_err());
        assert!(parse(" t from").is_err());
    }
}
