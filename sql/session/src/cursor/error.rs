//! What can be wrong with cursors.

use diagnostic::{Diagnostic, SqlState};

/// Why a cursor is not declared, or does not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum CursorError {
    #[error("portal \"{name}\" cannot be run")]
    Failed { name: String },
    #[error("DECLARE CURSOR {words}")]
    Query { words: &'static str },
    #[error("cannot specify both {one} and {other}")]
    Options { one: &'static str, other: &'static str },
    #[error("{}", .kind.message(.strength))]
    Locks { kind: LockingCursor, strength: &'static str },
    #[error("cannot open {word} query as cursor")]
    NoRows { word: &'static str },
    #[error("portal \"{name}\" cannot be run")]
    Running { name: String },
    #[error("cannot drop active portal \"{name}\"")]
    Active { name: String },
    #[error("cannot drop pinned portal \"{name}\"")]
    Pinned { name: String },
    #[error("cannot perform transaction commands inside a cursor loop that is not read-only")]
    Writes,
    #[error("cursor can only scan forward")]
    ForwardOnly,
}

impl Diagnostic for CursorError {
    fn sqlstate(&self) -> SqlState {
        match self {
            CursorError::Query { .. } => SqlState::FeatureNotSupported,
            CursorError::Options { .. } | CursorError::NoRows { .. } => SqlState::InvalidCursorDefinition,
            CursorError::Pinned { .. } | CursorError::Active { .. } => SqlState::InvalidCursorState,
            CursorError::Running { .. } => SqlState::ObjectNotInPrerequisiteState,
            CursorError::Locks { kind, .. } => kind.state(),
            CursorError::Failed { .. } | CursorError::ForwardOnly | CursorError::Writes => {
                SqlState::ObjectNotInPrerequisiteState
            }
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            CursorError::Locks { kind, .. } => Some(format!("{} cursors must be READ ONLY.", kind.word())),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            CursorError::ForwardOnly => Some("Declare it with SCROLL option to enable backward scan.".into()),
            _ => None,
        }
    }
}

/// What a cursor that locks rows cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum LockingCursor {
    Holdable,
    Scrollable,
    Insensitive,
}

impl LockingCursor {
    fn message(self, strength: &str) -> String {
        match self {
            LockingCursor::Holdable => {
                format!("DECLARE CURSOR WITH HOLD ... {strength} is not supported")
            }
            LockingCursor::Scrollable => format!("DECLARE SCROLL CURSOR ... {strength} is not supported"),
            LockingCursor::Insensitive => format!("DECLARE INSENSITIVE CURSOR ... {strength} is not valid"),
        }
    }

    fn state(self) -> SqlState {
        match self {
            LockingCursor::Holdable | LockingCursor::Scrollable => SqlState::FeatureNotSupported,
            LockingCursor::Insensitive => SqlState::InvalidCursorDefinition,
        }
    }

    fn word(self) -> &'static str {
        match self {
            LockingCursor::Holdable => "Holdable",
            LockingCursor::Scrollable => "Scrollable",
            LockingCursor::Insensitive => "Insensitive",
        }
    }
}
