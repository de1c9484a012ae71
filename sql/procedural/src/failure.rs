//! What may go wrong in a body, from wherever it comes: what is told of it is all that handlers see.

use diagnostic::{Diagnostic, SqlState, Subject};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// What fails, fails with all that is told of it.
pub type Outcome<T> = Result<T, Box<Failure>>;

/// An error, or what `RAISE` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its class and kind.
    pub state: SqlState,
    /// What it says.
    pub message: String,
    /// `DETAIL`
    pub detail: Option<String>,
    /// `HINT`
    pub hint: Option<String>,
    /// `CONTEXT`, the innermost line first.
    pub context: Vec<String>,
    /// A byte offset into `query`, or into what was sent if there is none.
    pub position: Option<u32>,
    /// The text of the program's that it was found in.
    pub query: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// Whether nobody listens any more, or the session is to end: no handler may keep it.
    pub is_final: bool,
    /// What whoever runs bodies knows of it besides.
    pub origin: Option<Origin>,
}

/// Something of whoever runs bodies, which goes with a failure.
#[derive(Debug, Clone)]
pub struct Origin(pub Arc<dyn Any + Send + Sync>);

impl PartialEq for Origin {
    fn eq(&self, other: &Origin) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Origin {}

impl Failure {
    /// With nothing but a message.
    pub fn new(state: SqlState, message: impl Into<String>) -> Box<Failure> {
        Box::new(Failure {
            state,
            message: message.into(),
            detail: None,
            hint: None,
            context: Vec::new(),
            position: None,
            query: None,
            subject: Subject::default(),
            is_final: false,
            origin: None,
        })
    }

    /// A mistake in the text of a body.
    pub fn syntax(message: impl Into<String>) -> Box<Failure> {
        Failure::new(SqlState::SyntaxError, message)
    }

    /// What an error of somebody else's tells.
    pub fn of(error: &dyn Diagnostic) -> Box<Failure> {
        Box::new(Failure {
            state: error.sqlstate(),
            message: error.to_string(),
            detail: error.detail(),
            hint: error.hint(),
            context: error.context().into_iter().collect(),
            position: error.position(),
            query: error.query(),
            subject: error.subject(),
            is_final: false,
            origin: None,
        })
    }

    /// The same with what exactly was found.
    #[must_use]
    pub fn with_detail(mut self: Box<Failure>, detail: impl Into<String>) -> Box<Failure> {
        self.detail = Some(detail.into());
        self
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_hint(mut self: Box<Failure>, hint: impl Into<String>) -> Box<Failure> {
        self.hint = Some(hint.into());
        self
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self: Box<Failure>, position: u32) -> Box<Failure> {
        self.position = Some(position);
        self
    }

    /// The same, with one more line of where it happened.
    #[must_use]
    pub fn within(mut self: Box<Failure>, line: String) -> Box<Failure> {
        self.context.push(line);
        self
    }

    /// `CONTEXT` as one text.
    pub fn context_text(&self) -> Option<String> {
        (!self.context.is_empty()).then(|| self.context.join("\n"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl Diagnostic for Failure {
    fn sqlstate(&self) -> SqlState {
        self.state
    }

    fn detail(&self) -> Option<String> {
        self.detail.clone()
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }

    fn context(&self) -> Option<String> {
        self.context_text()
    }

    fn position(&self) -> Option<u32> {
        self.position
    }

    fn query(&self) -> Option<String> {
        self.query.clone()
    }

    fn subject(&self) -> Subject {
        self.subject.clone()
    }
}
