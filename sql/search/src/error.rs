//! What can be wrong with the texts of text search, in PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of whatever reads a text of text search.
pub type SearchResult<T> = Result<T, SearchError>;

/// Why something is no value of text search.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum SearchError {
    #[error("syntax error in tsvector: \"{0}\"")]
    VectorSyntax(String),
    #[error("syntax error in tsquery: \"{0}\"")]
    QuerySyntax(String),
    #[error("there is no escaped character: \"{0}\"")]
    NoEscaped(String),
    #[error("wrong position info in tsvector: \"{0}\"")]
    WrongPosition(String),
    #[error("no operand in tsquery: \"{0}\"")]
    NoOperand(String),
    #[error("word is too long ({0} bytes, max 2046 bytes)")]
    LongWord(usize),
    #[error("word is too long in tsquery: \"{0}\"")]
    LongOperand(String),
    #[error("string is too long for tsvector ({0} bytes, max 1048575 bytes)")]
    LongVector(usize),
    #[error("tsquery is too large")]
    LargeQuery,
    #[error("stack depth limit exceeded")]
    TooDeep,
    #[error("distance in phrase operator must be an integer value between zero and 16384 inclusive")]
    Distance,
    #[error("unrecognized weight: \"{0}\"")]
    UnknownWeight(String),
    #[error("unrecognized headline parameter: \"{0}\"")]
    HeadlineParameter(String),
    #[error("{0}")]
    HeadlineValue(&'static str),
    #[error("value for \"{0}\" is too long")]
    LongMark(&'static str),
    #[error("invalid parameter list format: \"{0}\"")]
    HeadlineSyntax(String),
    #[error("{0}")]
    Parameter(String),
    #[error("{0} requires a Boolean value")]
    NoTruth(String),
    #[error("no Snowball stemmer available for language \"{0}\" and encoding \"UTF8\"")]
    NoStemmer(String),
    #[error("stems of the language \"{0}\" are not supported")]
    NoStems(String),
    #[error("invalid text search configuration file name \"{0}\"")]
    FileName(String),
    #[error("could not open {what} \"{path}\": {reason}")]
    File { what: &'static str, path: String, reason: String },
    #[error("{message}")]
    FileContent { message: String, hint: Option<&'static str> },
    #[error("text search dictionary \"{0}\" does not exist")]
    NoDictionary(String),
    /// What was wrong with a dictionary that another needs.
    #[error("{0}")]
    Within(String),
    #[error("forbidden call of thesaurus or nested call")]
    NestedThesaurus,
    #[error("invalid input syntax for type {of}: \"{text}\"")]
    HeadlineNumber { of: &'static str, text: String },
}

impl Diagnostic for SearchError {
    fn sqlstate(&self) -> SqlState {
        match self {
            SearchError::VectorSyntax(_)
            | SearchError::QuerySyntax(_)
            | SearchError::NoEscaped(_)
            | SearchError::WrongPosition(_)
            | SearchError::NoOperand(_)
            | SearchError::HeadlineSyntax(_) => SqlState::SyntaxError,
            SearchError::LongWord(_)
            | SearchError::LongOperand(_)
            | SearchError::LongVector(_)
            | SearchError::LargeQuery
            | SearchError::LongMark(_) => SqlState::ProgramLimitExceeded,
            SearchError::TooDeep => SqlState::StatementTooComplex,
            SearchError::Distance
            | SearchError::UnknownWeight(_)
            | SearchError::HeadlineParameter(_)
            | SearchError::HeadlineValue(_) => SqlState::InvalidParameterValue,
            SearchError::HeadlineNumber { .. } => SqlState::InvalidTextRepresentation,
            SearchError::Parameter(_) | SearchError::FileName(_) => SqlState::InvalidParameterValue,
            SearchError::NoTruth(_) => SqlState::SyntaxError,
            SearchError::NoStemmer(_) | SearchError::NoDictionary(_) => SqlState::UndefinedObject,
            SearchError::NoStems(_) => SqlState::FeatureNotSupported,
            SearchError::File { .. } | SearchError::FileContent { .. } | SearchError::Within(_) => {
                SqlState::ConfigFileError
            }
            SearchError::NestedThesaurus => SqlState::InternalError,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            SearchError::FileContent { hint, .. } => hint.map(str::to_owned),
            _ => None, // all others say what they have to say
        }
    }
}
