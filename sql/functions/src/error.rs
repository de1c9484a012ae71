//! What can go wrong when a function is looked for and when it runs, in PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState};
use std::any::Any;
use thiserror::Error;

/// The result of running a function.
pub type FunctionResult<T> = Result<T, FunctionError>;

/// Why a function could not compute its result.
#[derive(Debug, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum FunctionError {
    #[error(transparent)]
    Numeric(#[from] numeric::NumericError),
    #[error(transparent)]
    DateTime(#[from] datetime::DateTimeError),
    #[error(transparent)]
    Json(#[from] json::JsonError),
    #[error(transparent)]
    Search(#[from] search::SearchError),
    #[error(transparent)]
    Vector(#[from] types::vector::VectorError),
    #[error(transparent)]
    Array(#[from] types::array::ArrayError),
    #[error(transparent)]
    Input(#[from] types::text::InputError),
    #[error(transparent)]
    Encoding(#[from] types::encoding::EncodingError),
    #[error(transparent)]
    OutOfRoom(#[from] diagnostic::OutOfRoom),
    #[error("{0} is not supported")]
    Unsupported(String),
    #[error("function {0} does not return a value for each row")]
    NotScalar(&'static str),
    #[error("function {0} does not return rows")]
    NotSet(&'static str),
    #[error("could not identify a comparison function for type {0}")]
    NoComparison(String),
    #[error("could not identify an equality operator for type {0}")]
    NoEquality(String),
    /// One with nothing but a message.
    #[error("{message}")]
    Plain { state: SqlState, message: String, detail: Option<String>, hint: Option<String> },
    /// The session's.
    #[error("{0}")]
    Other(Box<dyn OtherError>),
}

/// An error of whoever answers for the functions of the session.
pub trait OtherError: Diagnostic + std::fmt::Debug + Send + Sync {
    /// For those that know which it is.
    fn as_any(&self) -> &dyn Any;
}

impl<E: Diagnostic + std::fmt::Debug + Send + Sync + 'static> OtherError for E {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl FunctionError {
    /// An error with nothing but a message.
    pub fn plain(state: SqlState, message: impl Into<String>) -> FunctionError {
        FunctionError::Plain { state, message: message.into(), detail: None, hint: None }
    }

    /// The same with a hint.
    pub fn hinted(state: SqlState, message: impl Into<String>, hint: impl Into<String>) -> FunctionError {
        FunctionError::Plain { state, message: message.into(), detail: None, hint: Some(hint.into()) }
    }

    /// The same with a detail.
    pub fn detailed(state: SqlState, message: impl Into<String>, detail: impl Into<String>) -> FunctionError {
        FunctionError::Plain { state, message: message.into(), detail: Some(detail.into()), hint: None }
    }

    fn inner(&self) -> Option<&dyn Diagnostic> {
        match self {
            FunctionError::Numeric(error) => Some(error),
            FunctionError::DateTime(error) => Some(error),
            FunctionError::Json(error) => Some(error),
            FunctionError::Search(error) => Some(error),
            FunctionError::Vector(error) => Some(error),
            FunctionError::Array(error) => Some(error),
            FunctionError::Input(error) => Some(error),
            FunctionError::Encoding(error) => Some(error),
            FunctionError::OutOfRoom(error) => Some(error),
            FunctionError::Other(error) => Some(&**error as &dyn Diagnostic),
            FunctionError::Unsupported(_)
            | FunctionError::NotScalar(_)
            | FunctionError::NotSet(_)
            | FunctionError::NoComparison(_)
            | FunctionError::NoEquality(_)
            | FunctionError::Plain { .. } => None,
        }
    }
}

impl Diagnostic for FunctionError {
    fn sqlstate(&self) -> SqlState {
        match self {
            FunctionError::Plain { state, .. } => *state,
            FunctionError::Unsupported(_) => SqlState::FeatureNotSupported,
            FunctionError::NotScalar(_) | FunctionError::NotSet(_) => SqlState::InternalError,
            FunctionError::NoComparison(_) | FunctionError::NoEquality(_) => SqlState::UndefinedFunction,
            _ => self.inner().map_or(SqlState::InternalError, |error| error.sqlstate()),
        }
    }

    fn query(&self) -> Option<String> {
        self.inner().and_then(Diagnostic::query)
    }

    fn detail(&self) -> Option<String> {
        match self {
            FunctionError::Plain { detail, .. } => detail.clone(),
            _ => self.inner().and_then(Diagnostic::detail),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            FunctionError::Plain { hint, .. } => hint.clone(),
            _ => self.inner().and_then(Diagnostic::hint),
        }
    }

    fn context(&self) -> Option<String> {
        self.inner().and_then(Diagnostic::context)
    }

    fn position(&self) -> Option<u32> {
        self.inner().and_then(Diagnostic::position)
    }

    fn subject(&self) -> diagnostic::Subject {
        self.inner().map(Diagnostic::subject).unwrap_or_default()
    }
}

/// The result of looking for a function, an operator, a cast.
pub type ResolveResult<T> = Result<T, ResolveError>;

/// Why nothing fits. Where it stands in the statement the binder knows.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum ResolveError {
    #[error("function {signature} does not exist")]
    NoFunction { signature: String },
    #[error("function {signature} is not unique")]
    AmbiguousFunction { signature: String },
    #[error("operator does not exist: {signature}")]
    NoOperator { signature: String, single: bool },
    #[error("operator is not unique: {signature}")]
    AmbiguousOperator { signature: String },
    #[error("{0} is not supported")]
    Unsupported(String),
    #[error("{context} types {left} and {right} cannot be matched")]
    NoCommonType { context: &'static str, left: String, right: String },
    #[error("{context} could not convert type {from} to {to}")]
    NoCommonCast { context: &'static str, from: String, to: String },
    #[error("cannot cast type {from} to {to}")]
    NoCast { from: String, to: String },
    #[error("arguments declared \"{0}\" are not all alike")]
    NotAlike(&'static str, String),
    #[error("arguments of anycompatible family cannot be cast to a common type")]
    NoCommonCompatible,
    #[error("argument declared {declared} is not an array but type {actual}")]
    NotArray { declared: &'static str, actual: String },
    #[error("argument declared {0} is not consistent with argument declared {1}")]
    Inconsistent(&'static str, &'static str, String),
    #[error("could not determine polymorphic type because input has type unknown")]
    UnknownPolymorphic,
    #[error("could not determine polymorphic type {0} because input has type unknown")]
    UnknownRange(&'static str),
    #[error("argument declared anyrange is not a range type but type {actual}")]
    NotRange { actual: String },
    #[error("op ANY/ALL (array) requires array on right side")]
    NotArrayOperand,
    #[error("op ANY/ALL (array) requires operator to yield boolean")]
    NotBoolean,
    #[error("type matched to anynonarray is an array type: {0}")]
    ArrayForNonArray(String),
    #[error("type matched to anyenum is not an enum type: {0}")]
    NotEnum(String),
    #[error("could not find array type for data type {0}")]
    NoArrayType(String),
}

impl Diagnostic for ResolveError {
    fn sqlstate(&self) -> SqlState {
        match self {
            ResolveError::NoFunction { .. } | ResolveError::NoOperator { .. } => SqlState::UndefinedFunction,
            ResolveError::AmbiguousFunction { .. } | ResolveError::AmbiguousOperator { .. } => {
                SqlState::AmbiguousFunction
            }
            ResolveError::Unsupported(_) => SqlState::FeatureNotSupported,
            ResolveError::NotArrayOperand | ResolveError::NotBoolean => SqlState::WrongObjectType,
            ResolveError::NoArrayType(_) => SqlState::UndefinedObject,
            ResolveError::NoCommonCast { .. } | ResolveError::NoCast { .. } => SqlState::CannotCoerce,
            ResolveError::NoCommonType { .. }
            | ResolveError::NotAlike(..)
            | ResolveError::NoCommonCompatible
            | ResolveError::NotArray { .. }
            | ResolveError::Inconsistent(..)
            | ResolveError::UnknownPolymorphic
            | ResolveError::UnknownRange(_)
            | ResolveError::ArrayForNonArray(_)
            | ResolveError::NotEnum(_)
            | ResolveError::NotRange { .. } => SqlState::DatatypeMismatch,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            ResolveError::NotAlike(_, detail) | ResolveError::Inconsistent(_, _, detail) => {
                Some(detail.clone())
            }
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            ResolveError::NoFunction { .. } => {
                "No function matches the given name and argument types. You might need to add explicit type casts."
            }
            ResolveError::AmbiguousFunction { .. } => {
                "Could not choose a best candidate function. You might need to add explicit type casts."
            }
            ResolveError::NoOperator { single: true, .. } => {
                "No operator matches the given name and argument type. You might need to add an explicit type cast."
            }
            ResolveError::NoOperator { single: false, .. } => {
                "No operator matches the given name and argument types. You might need to add explicit type casts."
            }
            ResolveError::AmbiguousOperator { .. } => {
                "Could not choose a best candidate operator. You might need to add explicit type casts."
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
