//! PostgreSQL's frontend/backend protocol, version 3.0, as bytes: what a client says, and what is answered.
//!
//! * [`frames`]: bytes to whole messages. [`frontend`]: messages to what they mean. [`backend`]: answers to bytes.
//!
//! Nothing here reads or writes a socket, and nothing knows SQL. Every length and count is held against the bytes that are there
//! before it is believed, and no memory is taken for more than what has arrived: the crates that have these messages trust them.
//! (PostgreSQL's manual, chapter "Frontend/Backend Protocol".)

pub mod backend;
pub mod frames;
pub mod frontend;

use diagnostic::{Diagnostic, SqlState};
use types::encoding::EncodingError;
use types::text::InputError;

/// The number of a form that a value has on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As text.
    Text,
    /// As bytes.
    Binary,
}

impl Format {
    /// As the protocol counts them.
    pub fn number(self) -> u16 {
        match self {
            Format::Text => 0,
            Format::Binary => 1,
        }
    }
}

/// What a message says may be a prepared statement's name or a portal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A prepared statement.
    Statement,
    /// A portal.
    Portal,
}

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum ProtocolError {
    #[error("invalid length of startup packet")]
    OpeningLength,
    #[error("invalid startup packet layout: expected terminator as last byte")]
    OpeningEnd,
    #[error("unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.0")]
    Version { major: u16, minor: u16 },
    #[error("no PostgreSQL user name specified in startup packet")]
    NoUser,
    #[error("invalid message length")]
    Length,
    #[error("message of {length} bytes is longer than {limit} bytes, which is as much as is taken")]
    TooLong { length: usize, limit: usize },
    #[error("row of {length} bytes is longer than a message may be")]
    RowTooLong { length: usize },
    #[error("invalid frontend message type {0}")]
    Kind(u8),
    #[error("insufficient data left in message")]
    Insufficient,
    #[error("invalid string in message")]
    Unterminated,
    #[error("invalid message format")]
    Leftover,
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    #[error(transparent)]
    Text(#[from] InputError),
    #[error("unsupported format code: {0}")]
    FormatCode(i16),
    #[error("bind message has {formats} parameter formats but {values} parameters")]
    FormatCount { formats: usize, values: usize },
    #[error("function call message contains {formats} argument formats but {values} arguments")]
    CallFormats { formats: usize, values: usize },
    #[error("invalid {what} message subtype {subtype}")]
    Subtype { what: &'static str, subtype: u8 },
    #[error("expected password response, got message type {0}")]
    NotPassword(u8),
    #[error("malformed SCRAM message")]
    Scram,
}

impl Diagnostic for ProtocolError {
    fn sqlstate(&self) -> SqlState {
        match self {
            ProtocolError::Version { .. } => SqlState::FeatureNotSupported,
            ProtocolError::NoUser => SqlState::InvalidAuthorizationSpecification,
            ProtocolError::TooLong { .. } | ProtocolError::RowTooLong { .. } => {
                SqlState::ProgramLimitExceeded
            }
            ProtocolError::Encoding(error) => error.sqlstate(),
            ProtocolError::Text(error) => error.sqlstate(),
            ProtocolError::FormatCode(_) => SqlState::InvalidParameterValue,
            ProtocolError::OpeningLength
            | ProtocolError::OpeningEnd
            | ProtocolError::Length
            | ProtocolError::Kind(_)
            | ProtocolError::Insufficient
            | ProtocolError::Unterminated
            | ProtocolError::Leftover
            | ProtocolError::FormatCount { .. }
            | ProtocolError::CallFormats { .. }
            | ProtocolError::Subtype { .. }
            | ProtocolError::NotPassword(_)
            | ProtocolError::Scram => SqlState::ProtocolViolation,
        }
    }
}
