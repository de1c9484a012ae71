//! What stands behind a backslash command: words, quoted ones among them, and variables.

use crate::surroundings::Place;
use crate::variables::Variables;

/// A word: as it is meant, and as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Without quotes.
    pub text: String,
    /// With them: for patterns, where quotes mean something.
    pub written: String,
}

/// A command with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name, without the backslash.
    pub name: String,
    /// Everything behind the name.
    pub rest: String,
    /// The words.
    pub arguments: Vec<Argument>,
    /// What follows on the line: another command, or more of a statement.
    pub following: String,
}

/// Commands whose words are all that is left of the line.
const WHOLE_LINE: &[&str] = &["copy", "!"];

/// Commands whose result may go to a program: `|` and all that is left of the line.
const PIPED: &[&str] = &["g", "gx", "o", "out", "w", "write"];

impl Argument {
    /// The file or program that it names.
    pub fn place(&self) -> Place {
        match self.written.strip_prefix('|') {
            Some(program) => Place::Program(program.trim().to_owned()),
            None => Place::File(self.text.clone()),
        }
    }
}

/// Reads the command at the beginning of `line`.
pub fn read(line: &str, variables: &Variables) -> Command {
    let body = line.strip_prefix('\\').unwrap_or(line);
    // A name is letters, or one sign.
    let end = body.find(|found: char| found.is_whitespace() || found == '\\').unwrap_or(body.len());
    let end = if end == 0 { body.chars().next().map_or(0, char::len_utf8) } else { end };
    // `\g(format=csv)`: the options stand at the name.
    let end = body[..end].find('(').filter(|place| *place > 0).unwrap_or(end);
    let (name, rest) = body.split_at(end);
    let mut command = Command {
        name: name.to_owned(),
        rest: rest.to_owned(),
        arguments: Vec::new(),
        following: String::new(),
    };
    if WHOLE_LINE.contains(&name) {
        return command;
    }
    let mut left = rest.trim_start();
    while !left.is_empty() {
        if let Some(next) = left.strip_prefix("\\\\") {
            command.following = next.to_owned();
            break;
        }
        if left.starts_with('\\') {
            command.following = left.to_owned();
            break;
        }
        if left.starts_with('|') && PIPED.contains(&name) {
            let (text, written) = (left.to_owned(), left.to_owned());
            command.arguments.push(Argument { text, written });
            left = "";
            break;
        }
        let (argument, length) = argument(left, variables);
        command.arguments.push(argument);
        left = left[length..].trim_start();
    }
    command.rest.truncate(rest.len() - left.len());
    command
}

/// The word at the beginning of a text, and how long it is.
fn argument(text: &str, variables: &Variables) -> (Argument, usize) {
    let mut meant = String::new();
    let mut at = 0;
    let mut quote = None;
    while let Some(found) = text[at..].chars().next() {
        let rest = &text[at..];
        match (quote, found) {
            (None, found) if found.is_whitespace() || found == '\\' => break,
            (None, '\'' | '"') => quote = Some(found),
            (Some(open), found) if open == found => {
                if rest[1..].starts_with(open) {
                    meant.push(open);
                    at += 1;
                } else {
                    quote = None;
                }
            }
            (Some('\''), '\\') => {
                at += escape(&rest[1..], &mut meant);
            }
            (None, ':') => match variables.reference(rest) {
                Some((value, length)) => {
                    meant.push_str(&value);
                    at += length;
                    continue;
                }
                None => meant.push(found),
            },
            _ => meant.push(found),
        }
        at += found.len_utf8();
    }
    (Argument { text: meant, written: text[..at].to_owned() }, at)
}

/// Appends what a backslash within quotes means with what follows it; how many bytes follow.
fn escape(rest: &str, out: &mut String) -> usize {
    let Some(found) = rest.chars().next() else { return 0 };
    out.push(match found {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    });
    found.len_utf8()
}

#[cfg(test)]
mod tests {
    use super::{Place, read};
    use crate::variables::Variables;

    #[test]
    fn words_are_read() {
        let mut variables = Variables::default();
        variables.set("v", "x y");
        let words = |line: &str| -> Vec<String> {
            read(line, &variables).arguments.into_iter().map(|argument| argument.text).collect()
        };
        assert_eq!(
            words("\\echo a 'b  c' :v \"d e\" 'it''s' 'x\\ny'"),
            ["a", "b  c", "x y", "d e", "it's", "x\ny"]
        );
        let command = read("\\g (format=csv) \\echo hi", &variables);
        assert_eq!((command.name.as_str(), command.following.as_str()), ("g", "\\echo hi"));
        let piped = read("\\g (format=csv) | sed 's/\\./:v/'", &variables);
        let program = Place::Program("sed 's/\\./:v/'".to_owned());
        assert_eq!(piped.arguments.last().map(|last| last.place()), Some(program));
        assert_eq!(read("\\g '|a'", &variables).arguments[0].place(), Place::File("|a".to_owned()));
        assert_eq!(read("\\gx\\echo", &variables).following, "\\echo");
        assert_eq!(read("\\copy t from 'a\\b'", &variables).rest, " t from 'a\\b'");
        assert_eq!(read("\\?", &variables).name, "?");
        assert_eq!(read("\\d \"A b\".c", &variables).arguments[0].written, "\"A b\".c");
    }
}
