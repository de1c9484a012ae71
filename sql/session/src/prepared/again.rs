//! Texts that come again with other numbers: clients that write values into their statements send the same words over and over.
//!
//! Such a client prepares nothing, so each text would be read, bound and planned anew. A text that is one plain statement is looked
//! at without its whole numbers instead. When it comes a second time like that it is prepared, with a parameter for each of them; from then on it
//! is run as prepared statements are, if one look at a row or one change of a row is all of it ([`Short`]): no plan of such a one
//! could be better for knowing the numbers. Everything else is run as it came.
//!
//! Invariants
//!
//! 1. A number that becomes a parameter is of `int4` either way. Texts in which a number may be something else than a value are not
//!    plain: `ORDER BY 1`, and whatever holds quotes, casts, comments or fractions.
//! 2. What a client sees is what it would see without this. An error that points into the text is told by the ordinary way, which
//!    knows that text; before one of those nothing has been done.

use crate::client::{Client, Overheard};
use crate::error::SessionError;
use crate::prepared::{Planned, Short, Statement};
use crate::session::Session;
use crate::statistics::watch::Said;
use crate::transaction::block::Status;
use bumpalo::Bump;
use diagnostic::Diagnostic;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use types::catalog::oid;
use types::{Type, Value};

/// The longest text that is looked at.
const LONGEST: usize = 1_000;
/// How many a session remembers.
const REMEMBERED: usize = 100;
/// The longest name that is not cut off, about which there would be a notice.
const NAME_MAX: usize = 63;
/// With what plain statements begin.
const FIRST: [&str; 4] = ["select", "insert", "update", "delete"];
/// Words beside which a number is no value like others.
const REFUSED: [&str; 8] = ["by", "limit", "offset", "fetch", "interval", "union", "intersect", "except"];

/// What became of a text.
enum State {
    /// It has come once.
    Seen,
    /// It is run as it comes.
    Ordinary,
    /// It is prepared.
    Prepared(Statement),
}

/// What a session remembers of the texts it was sent.
#[derive(Default)]
pub(crate) struct Texts {
    by_text: BTreeMap<String, State>,
    /// In the order in which they came first.
    order: VecDeque<String>,
    /// A text without numbers, and these: only as long as it is looked at.
    plain: String,
    numbers: Vec<Value>,
}

impl Texts {
    fn put(&mut self, state: State) -> Option<Statement> {
        if let Some(known) = self.by_text.get_mut(&self.plain) {
            *known = state;
            return None;
        }
        self.by_text.insert(self.plain.clone(), state);
        self.order.push_back(self.plain.clone());
        let oldest = (self.order.len() > REMEMBERED).then(|| self.order.pop_front()).flatten()?;
        match self.by_text.remove(&oldest)? {
            State::Prepared(statement) => Some(statement),
            State::Seen | State::Ordinary => None,
        }
    }
}

/// Puts down a text with a parameter in place of each whole number, and the numbers; whether it is plain.
fn split(text: &str, plain: &mut String, numbers: &mut Vec<Value>) -> bool {
    plain.clear();
    numbers.clear();
    let (bytes, mut at) = (text.as_bytes(), 0);
    let run = |from: usize| {
        let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        &text[from..from + bytes[from..].iter().take_while(is_word).count()]
    };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                let digits = run(at);
                let in_fraction = plain.ends_with('.') || bytes.get(at + digits.len()) == Some(&b'.');
                let Ok(number) = digits.parse::<i32>() else { return false };
                if in_fraction {
                    return false;
                }
                numbers.push(Value::Int32(number));
                // It is kept in memory: that cannot fail.
                let _ = write!(plain, "${}", numbers.len());
                at += digits.len();
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let word = run(at);
                let is = |other: &&str| word.eq_ignore_ascii_case(other);
                if word.len() > NAME_MAX || REFUSED.iter().any(is) {
                    return false;
                }
                plain.push_str(word);
                at += word.len();
            }
            b'-' | b'/' if matches!(bytes.get(at + 1), Some(b'-' | b'*')) => return false,
            b' ' | b'\n' | b'\t' | b'\r' | b'(' | b')' | b',' | b'.' | b'=' | b'<' | b'>' | b'+' | b'-'
            | b'*' | b'/' | b'%' | b'!' => {
                plain.push(char::from(*byte));
                at += 1;
            }
            _ => return false,
        }
    }
    true
}

fn is_short(planned: &Planned) -> bool {
    match planned.short {
        Short::Point(_) | Short::Change(_) => true,
        Short::No | Short::Few(_) => false,
    }
}

impl Session {
    /// Runs a text that has come before with other numbers, if it is one of those that are run so; whether it was.
    ///
    /// # Errors
    /// Those of the statement.
    pub(crate) fn run_again(&mut self, text: &str, client: &mut dyn Client) -> Result<bool, SessionError> {
        let blank = [' ', '\n', '\t', '\r', '\x0c'];
        let text = text.trim_end_matches(blank).trim_end_matches(';').trim_end_matches(blank);
        let first = text.split(|byte: char| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
        let begins = FIRST.iter().any(|word| first.eq_ignore_ascii_case(word));
        if !begins || text.len() > LONGEST || self.block.status() == Status::Failed {
            return Ok(false);
        }
        let texts = &mut self.texts;
        if !split(text, &mut texts.plain, &mut texts.numbers) {
            return Ok(false);
        }
        let statement = match texts.by_text.get(&texts.plain) {
            Some(State::Prepared(statement)) => statement.clone(),
            Some(State::Ordinary) => return Ok(false),
            Some(State::Seen) => {
                self.prepare_text_again()?;
                return Ok(false);
            }
            None => {
                if let Some(forgotten) = texts.put(State::Seen) {
                    self.forget_statement(&forgotten);
                }
                return Ok(false);
            }
        };
        let values = std::mem::take(&mut self.texts.numbers);
        let done = self.run_short_text((text, &statement), &values, client);
        self.texts.numbers = values;
        if let Ok(false) = done {
            self.forget_statement(&statement);
            self.texts.put(State::Ordinary);
        }
        done
    }

    /// Prepares the text that is looked at. Whatever there is to be said against it the ordinary way will say.
    fn prepare_text_again(&mut self) -> Result<(), SessionError> {
        self.block.begin_message(false);
        self.enter();
        self.refresh_identity()?;
        self.begin_snapshot()?;
        let plain = std::mem::take(&mut self.texts.plain);
        let types = vec![Some(Type::of(oid::INT4)); self.texts.numbers.len()];
        let arena = Bump::new();
        let source = match self.parse(&plain, &arena) {
            Ok([statement]) => self.prepare_statement(&plain, statement, types).ok(),
            Ok(_) | Err(_) => None,
        };
        let source =
            source.filter(|source| source.plans && source.parameters.len() == self.texts.numbers.len());
        self.texts.plain = plain;
        let state = match source {
            Some(source) => State::Prepared(self.prepared.get_mut().add(source)),
            None => State::Ordinary,
        };
        self.texts.put(state);
        Ok(())
    }

    fn run_short_text(
        &mut self,
        (text, statement): (&str, &Statement),
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<bool, SessionError> {
        self.block.begin_message(false);
        self.enter();
        self.refresh_identity()?;
        self.begin_snapshot()?;
        let mut planned = match self.make_ready(statement) {
            Ok(planned) if is_short(&planned) => planned,
            Ok(_) => return Ok(false),
            Err(error) if error.position().is_some() => return Ok(false),
            Err(error) => return Err(error),
        };
        self.watched(&Said::Again(text, &statement.source), client, |session, client| {
            let mut held = Overheard::holding(client);
            let done = session.run_planned(&mut planned, values, &mut held);
            session.prepared.get_mut().keep(statement, planned);
            session.tell_notices(&mut held);
            done?;
            let tag = held.into_tag();
            session.complete(tag, true, client)?;
            Ok(true)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_parameters_of_plain_texts_alone() {
        let of = |text: &str| {
            let (mut plain, mut numbers) = (String::new(), Vec::new());
            split(text, &mut plain, &mut numbers).then_some((plain, numbers))
        };
        assert_eq!(
            of("UPDATE t1 SET a = a + -7 WHERE t1.id = 00042"),
            Some((
                "UPDATE t1 SET a = a + -$1 WHERE t1.id = $2".to_owned(),
                vec![Value::Int32(7), Value::Int32(42)]
            ))
        );
        for refused in [
            "select 1.5",
            "select .5",
            "select 5.",
            "select 1e5",
            "select 1x",
            "select 2147483648",
            "select a from t order by 1",
            "select a from t limit 1",
            "select 'x'",
            "select \"x\"",
            "select 1::numeric(3)",
            "select 1 -- x",
            "select 1 /* x */",
            "select $1",
            "select 1; select 2",
            "select ä",
        ] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }
}
