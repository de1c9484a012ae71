//! What can be wrong with a `COPY`'s options and with its data, in PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;
use types::encoding::EncodingError;
use types::text::InputError;

/// The result of reading options or data.
pub type CopyResult<T> = Result<T, CopyError>;

/// Why options or data are none.
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs)] // the messages say it
pub enum CopyError {
    #[error("COPY format \"{name}\" not recognized")]
    UnknownFormat { name: String, position: u32 },
    #[error("conflicting or redundant options")]
    Redundant { position: u32 },
    #[error("option \"{name}\" not recognized")]
    UnknownOption { name: String, position: u32 },
    #[error("argument to option \"{name}\" must be a valid encoding name")]
    UnknownEncoding { name: String, position: u32 },
    #[error("argument to option \"{name}\" must be a list of column names")]
    NotColumns { name: String, position: u32 },
    #[error("{name} requires a parameter")]
    NeedsParameter { name: String },
    #[error("{name} requires a Boolean value")]
    NotBoolean { name: String },
    #[error("{name} requires a Boolean value or \"match\"")]
    NotHeader { name: String },
    /// A rule of the options, in its own words.
    #[error("{message}")]
    Rule { state: SqlState, message: String },
    #[error("extra data after last expected column")]
    ExtraData,
    #[error("missing data for column \"{column}\"")]
    MissingData { column: String },
    #[error("unterminated CSV quoted field")]
    Unterminated,
    #[error("end-of-copy marker corrupt")]
    MarkerCorrupt,
    #[error("end-of-copy marker does not match previous newline style")]
    MarkerNewline,
    #[error("{} found in data", line_end(*csv, "carriage return"))]
    CarriageReturn { csv: bool },
    #[error("{} found in data", line_end(*csv, "newline"))]
    Newline { csv: bool },
    #[error("wrong number of fields in header line: got {found}, expected {expected}")]
    HeaderCount { found: usize, expected: usize },
    #[error(
        "column name mismatch in header line field {field}: got null value (\"{null}\"), expected \"{expected}\""
    )]
    HeaderNull { field: usize, null: String, expected: String },
    #[error("column name mismatch in header line field {field}: got \"{found}\", expected \"{expected}\"")]
    HeaderName { field: usize, found: String, expected: String },
    #[error("COPY file signature not recognized")]
    Signature,
    #[error("invalid COPY file header (missing flags)")]
    MissingFlags,
    #[error("invalid COPY file header (WITH OIDS)")]
    WithOids,
    #[error("unrecognized critical flags in COPY file header")]
    CriticalFlags,
    #[error("invalid COPY file header (missing length)")]
    MissingLength,
    #[error("invalid COPY file header (wrong length)")]
    WrongLength,
    #[error("received copy data after EOF marker")]
    AfterEnd,
    #[error("row field count is {found}, expected {expected}")]
    FieldCount { found: i16, expected: usize },
    #[error("unexpected EOF in COPY data")]
    UnexpectedEnd,
    #[error("invalid field size")]
    FieldSize,
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

fn line_end(csv: bool, what: &str) -> String {
    format!("{} {what}", if csv { "unquoted" } else { "literal" })
}

impl CopyError {
    pub(crate) fn rule(state: SqlState, message: impl Into<String>) -> CopyError {
        CopyError::Rule { state, message: message.into() }
    }
}

impl Diagnostic for CopyError {
    fn sqlstate(&self) -> SqlState {
        match self {
            CopyError::UnknownFormat { .. }
            | CopyError::UnknownEncoding { .. }
            | CopyError::NotColumns { .. } => SqlState::InvalidParameterValue,
            CopyError::Redundant { .. }
            | CopyError::UnknownOption { .. }
            | CopyError::NeedsParameter { .. }
            | CopyError::NotBoolean { .. }
            | CopyError::NotHeader { .. } => SqlState::SyntaxError,
            CopyError::Rule { state, .. } => *state,
            CopyError::Encoding(error) => error.sqlstate(),
            CopyError::ExtraData
            | CopyError::MissingData { .. }
            | CopyError::Unterminated
            | CopyError::MarkerCorrupt
            | CopyError::MarkerNewline
            | CopyError::CarriageReturn { .. }
            | CopyError::Newline { .. }
            | CopyError::HeaderCount { .. }
            | CopyError::HeaderNull { .. }
            | CopyError::HeaderName { .. }
            | CopyError::Signature
            | CopyError::MissingFlags
            | CopyError::WithOids
            | CopyError::CriticalFlags
            | CopyError::MissingLength
            | CopyError::WrongLength
            | CopyError::AfterEnd
            | CopyError::FieldCount { .. }
            | CopyError::UnexpectedEnd
            | CopyError::FieldSize => SqlState::BadCopyFileFormat,
            CopyError::Input(error) => error.sqlstate(),
        }
    }

    fn context(&self) -> Option<String> {
        if let CopyError::Input(error) = self { error.context() } else { None }
    }

    fn detail(&self) -> Option<String> {
        if let CopyError::Input(error) = self { error.detail() } else { None }
    }

    fn hint(&self) -> Option<String> {
        match self {
            CopyError::CarriageReturn { csv: false } => {
                Some("Use \"\\r\" to represent carriage return.".into())
            }
            CopyError::CarriageReturn { csv: true } => {
                Some("Use quoted CSV field to represent carriage return.".into())
            }
            CopyError::Newline { csv: false } => Some("Use \"\\n\" to represent newline.".into()),
            CopyError::Newline { csv: true } => Some("Use quoted CSV field to represent newline.".into()),
            CopyError::Input(error) => error.hint(),
            _ => None,
        }
    }

    fn position(&self) -> Option<u32> {
        match self {
            CopyError::UnknownFormat { position, .. }
            | CopyError::Redundant { position }
            | CopyError::UnknownOption { position, .. }
            | CopyError::UnknownEncoding { position, .. }
            | CopyError::NotColumns { position, .. } => Some(*position),
            _ => None,
        }
    }
}
