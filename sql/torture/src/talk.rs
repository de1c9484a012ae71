//! A conversation with one session: a statement goes in, an answer or a refusal comes out, and what was said is kept.

use crate::value::Shown;
use diagnostic::SqlState;
use session::Session;
use session::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use types::vector::Chunk;

/// The beginnings of SQLSTATEs that what others define and write may bring about.
const BY_OTHERS: [&str; 7] = ["23", "42", "2B", "0A000", "55006", "21000", "22P02"];

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

/// A session with what was said to it.
pub struct Talk {
    session: Session,
    /// Every statement, in order.
    pub said: Vec<String>,
}

impl Talk {
    /// Of a new session.
    pub fn new(session: Session) -> Talk {
        Talk { session, said: Vec::new() }
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
            Err(report) => {
                let failure = self.session.store_failure();
                let unknown = report.sqlstate == SqlState::TransactionResolutionUnknown;
                Err(Refused { report, store: failure.map(|failure| failure.error().clone()), unknown })
            }
        }
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
