//! Which objects are asked for; and statements that the session runs for their rows.

use crate::error::DumpError;
use session::Session;
use session::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use types::vector::Chunk;

/// Objects by patterns of their names.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    patterns: Vec<(Option<String>, String)>,
}

impl Selection {
    /// Those that match one of the patterns; all if there is none.
    ///
    /// # Errors
    /// When a pattern has more than a schema and a name.
    pub fn new(patterns: &[String]) -> Result<Selection, DumpError> {
        let mut read = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let parts: Vec<&str> = pattern.split('.').collect();
            read.push(match parts.as_slice() {
                [name] => (None, (*name).to_owned()),
                [schema, name] => (Some((*schema).to_owned()), (*name).to_owned()),
                _ => return Err(DumpError::Name(pattern.clone())),
            });
        }
        Ok(Selection { patterns: read })
    }

    /// Whether everything is asked for.
    pub fn is_everything(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether an object is asked for.
    pub fn has(&self, schema: &str, name: &str) -> bool {
        self.is_everything() || self.patterns.iter().any(|pattern| is_match(pattern, schema, name))
    }

    /// The first pattern that nothing matches.
    pub fn without_match<'n>(
        &self,
        names: impl Iterator<Item = (&'n str, &'n str)> + Clone,
    ) -> Option<String> {
        let unmatched = self
            .patterns
            .iter()
            .find(|pattern| !names.clone().any(|(schema, name)| is_match(pattern, schema, name)));
        unmatched.map(|(schema, name)| match schema {
            Some(schema) => format!("{schema}.{name}"),
            None => name.clone(),
        })
    }
}

fn is_match((schema, name): &(Option<String>, String), of: &str, found: &str) -> bool {
    schema.as_ref().is_none_or(|schema| matches(schema.as_bytes(), of.as_bytes()))
        && matches(name.as_bytes(), found.as_bytes())
}

/// Whether a text is what a pattern with `*` and `?` says.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where the last star stands, and up to where it reaches.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, place));
                at += 1;
            }
            (Some(byte), _) if *byte == b'?' || *byte == text[place] => {
                at += 1;
                place += 1;
            }
            (_, Some((back, reached))) => {
                star = Some((back, reached + 1));
                at = back + 1;
                place = reached + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// A client that hands on rows of texts, or what is copied.
struct Taker<'t> {
    columns: usize,
    take: &'t mut dyn FnMut(Told<'_>) -> Result<(), String>,
    failed: Option<String>,
}

/// What a statement yields.
pub enum Told<'t> {
    /// A row.
    Row(&'t [Option<String>]),
    /// Some of what is copied out.
    Copied(&'t [u8]),
}

impl Taker<'_> {
    fn hand_on(&mut self, told: Told<'_>) -> Result<(), ClientGone> {
        (self.take)(told).map_err(|reason| {
            self.failed = Some(reason);
            ClientGone
        })
    }
}

impl Client for Taker<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.columns = columns.len();
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        let all: Vec<u32> = match chunk.selection() {
            Some(rows) => rows.to_vec(),
            None => (0..chunk.rows() as u32).collect(),
        };
        let mut row = Vec::with_capacity(self.columns);
        for place in all {
            row.clear();
            for column in 0..self.columns {
                let is_null = chunk.column(column).is_null(place as usize);
                row.push((!is_null).then(|| {
                    let mut text = String::new();
                    format.text(column, place as usize, &mut text);
                    text
                }));
            }
            self.hand_on(Told::Row(&row))?;
        }
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: Report) {}

    fn copy_write(&mut self, bytes: &[u8], _: &[usize]) -> Result<(), ClientGone> {
        self.hand_on(Told::Copied(bytes))
    }
}

/// Runs statements and hands on what they yield.
///
/// # Errors
/// When one fails, or nobody takes what it yields.
pub fn run(
    session: &mut Session,
    statements: &str,
    take: &mut dyn FnMut(Told<'_>) -> Result<(), String>,
) -> Result<(), DumpError> {
    let mut taker = Taker { columns: 0, take, failed: None };
    let done = session.execute(statements, &mut taker);
    match (taker.failed, done) {
        (Some(reason), _) => Err(DumpError::Output(reason)),
        (None, Err(report)) => {
            Err(DumpError::Statement { statement: statements.to_owned(), message: report.message })
        }
        (None, Ok(())) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_a_shell() {
        let cases = [
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*", "abc", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXcYb", false),
            ("abc", "ab", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
