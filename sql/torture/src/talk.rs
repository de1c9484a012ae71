//! A conversation with one session: a statement goes in, an answer or a refusal comes out, and what was said is kept.

use crate::value::{Shown, Value};
use diagnostic::SqlState;
use session::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use session::{Session, Statement};
use types::Type;
use types::catalog::oid;
use types::vector::Chunk;

/// The beginnings of SQLSTATEs that what others define and write may bring about.
const BY_OTHERS: [&str; 8] = ["23", "42", "2B", "0A000", "55000", "55006", "21000", "22P02"];

/// What a statement gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The rows of its last result.
    pub rows: Vec<Shown>,
    /// What was done last: `INSERT 0 3`.
    pub tag: String,
}

/// Why a statement gave nothing.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What was told.
    pub report: Box<Report>,
    /// What the store said, where it was the store that failed.
    pub store: Option<store::StoreError>,
    /// Whether it was a commit of which nobody can tell what came of it.
    pub unknown: bool,
}

impl Refused {
    /// The five characters of its SQLSTATE.
    pub fn state(&self) -> &str {
        self.report.sqlstate.code()
    }

    /// Whether it may be what others have defined or written meanwhile.
    pub fn may_be_by_others(&self) -> bool {
        BY_OTHERS.iter().any(|class| self.state().starts_with(class))
    }

    /// Whether another transaction stood in the way, so that this one has to be made again.
    pub fn is_conflict(&self) -> bool {
        matches!(
            self.report.sqlstate,
            SqlState::TRSerializationFailure
                | SqlState::TRDeadlockDetected
                | SqlState::LockNotAvailable
                | SqlState::QueryCanceled
        )
    }
}

/// Prepared statements that are kept at most.
const PREPARED_MAX: usize = 32;

/// A session with what was said to it.
pub struct Talk {
    session: Session,
    /// Statements with parameters, by their texts and the types of those.
    prepared: Vec<(String, Statement)>,
    /// Every statement, in order.
    pub said: Vec<String>,
}

impl Talk {
    /// Of a new session.
    pub fn new(session: Session) -> Talk {
        Talk { session, prepared: Vec::new(), said: Vec::new() }
    }

    /// The session.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Says something.
    ///
    /// # Errors
    /// What was refused.
    pub fn say(&mut self, text: &str) -> Result<Answer, Refused> {
        self.said.push(text.to_owned());
        self.ask(text)
    }

    /// Says what is no part of the story: what judges ask.
    ///
    /// # Errors
    /// What was refused.
    pub fn ask(&mut self, text: &str) -> Result<Answer, Refused> {
        let mut answer = Answer::default();
        match self.session.execute(text, &mut answer) {
            Ok(()) => Ok(answer),
            Err(report) => Err(self.refused(report)),
        }
    }

    /// Runs a statement with values for its parameters: prepared, unless it was before.
    ///
    /// # Errors
    /// What was refused.
    pub fn say_prepared(&mut self, text: &str, values: &[Value]) -> Result<Answer, Refused> {
        let shown: Vec<String> = values.iter().map(Value::literal).collect();
        self.said.push(format!("{text} -- {}", shown.join(", ")));
        let types: Vec<Option<Type>> = values.iter().map(type_of).collect();
        let name = format!("{text} {types:?}");
        let mut known = self.prepared.iter().position(|(known, _)| *known == name);
        // Of which type a null is, columns say when it is prepared: tables come again under the same names with others.
        if let Some(place) = known
            && types.contains(&None)
        {
            let (_, old) = self.prepared.remove(place);
            self.session.forget_statement(&old);
            known = None;
        }
        let place = match known {
            Some(place) => place,
            None => {
                let made = self.session.make_statement(text, &types);
                let statement = made.map_err(|report| self.refused(report))?;
                if self.prepared.len() == PREPARED_MAX {
                    let (_, old) = self.prepared.remove(0);
                    self.session.forget_statement(&old);
                }
                self.prepared.push((name, statement));
                self.prepared.len() - 1
            }
        };
        let values: Vec<types::Value> = values.iter().map(given).collect();
        let mut answer = Answer::default();
        match self.session.run_prepared(&self.prepared[place].1, &values, &mut answer) {
            Ok(()) => Ok(answer),
            Err(report) => Err(self.refused(report)),
        }
    }

    fn refused(&self, report: Box<Report>) -> Refused {
        let failure = self.session.store_failure();
        let unknown = report.sqlstate == SqlState::TransactionResolutionUnknown;
        Refused { report, store: failure.map(|failure| failure.error().clone()), unknown }
    }
}

/// The type of a parameter with this value; what is null may be of any.
fn type_of(value: &Value) -> Option<Type> {
    match value {
        Value::Int(_) => Some(Type::of(oid::INT4)),
        Value::Text(_) => Some(Type::of(oid::TEXT)),
        Value::Bool(_) => Some(Type::of(oid::BOOL)),
        Value::Null => None,
    }
}

/// A value as it is given to a session.
fn given(value: &Value) -> types::Value {
    match value {
        // Numbers of the model are small.
        Value::Int(number) => types::Value::Int32(*number as i32),
        Value::Text(text) => types::Value::text(text),
        Value::Bool(truth) => types::Value::Bool(*truth),
        Value::Null => types::Value::Null,
    }
}

impl Client for Answer {
    fn columns(&mut self, _: &[ResultColumn]) {
        self.rows.clear();
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        let all = 0..u32::try_from(chunk.rows()).unwrap_or(u32::MAX);
        let rows: Vec<u32> = chunk.selection().map_or_else(|| all.collect(), <[u32]>::to_vec);
        for row in rows {
            let row = row as usize;
            let value = |column: usize| {
                let there = !chunk.column(column).is_null(row);
                there.then(|| {
                    let mut text = String::new();
                    format.text(column, row, &mut text);
                    text
                })
            };
            self.rows.push((0..chunk.columns().len()).map(value).collect());
        }
        Ok(())
    }

    fn complete(&mut self, tag: &str) {
        self.tag = tag.to_owned();
    }

    fn notice(&mut self, _: Report) {}
}
