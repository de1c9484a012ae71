//! What may go wrong between an application and its database.

use session::SessionError;
use session::client::{Report, Severity};

/// A result of this library.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed; the report is PostgreSQL's.
    #[error("{} (SQLSTATE {})", .0.message, .0.sqlstate.code())]
    Statement(Box<Report>),
    /// The file, the log or the device.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A column was asked for as something that it is not.
    #[error("column \"{column}\" is of type {found}, which cannot be read as {wanted}")]
    ColumnType {
        /// The column's name.
        column: String,
        /// Its type's name in SQL.
        found: String,
        /// What it was asked for as.
        wanted: &'static str,
    },
    /// A column is null, and was asked for as something that cannot be.
    #[error("column \"{column}\" is null; ask for an Option of {wanted}")]
    NullColumn {
        /// The column's name.
        column: String,
        /// What it was asked for as.
        wanted: &'static str,
    },
    /// There is no such column.
    #[error("there is no column {column} among the {count} of the result")]
    NoColumn {
        /// The name or number that was asked for.
        column: String,
        /// How many there are.
        count: usize,
    },
    /// Parameters and values do not match.
    #[error("the statement has {expected} parameters, but {found} values were given")]
    ParameterCount {
        /// How many parameters the statement has.
        expected: usize,
        /// How many values were given.
        found: usize,
    },
    /// A row that is appended does not match the columns.
    #[error("{expected} columns are appended to, but {found} values were given")]
    ValueCount {
        /// How many columns there are.
        expected: usize,
        /// How many values were given.
        found: usize,
    },
    /// Values that are appended together pass what memory has.
    #[error(transparent)]
    TooMuch(types::vector::VectorError),
    /// A statement was expected to yield a row and did not.
    #[error("the query yielded no row")]
    NoRow,
    /// A transaction was to begin within another.
    #[error("a transaction is open already; use a savepoint within it")]
    InTransaction,
    /// A transaction in which a statement had failed was to be committed.
    #[error("a statement of the transaction had failed: it was rolled back")]
    RolledBack,
}

impl Error {
    /// The report of a statement that failed.
    pub fn report(&self) -> Option<&Report> {
        if let Error::Statement(report) = self { Some(report) } else { None }
    }

    /// The SQLSTATE of a statement that failed: `23505` for a duplicate key.
    pub fn sqlstate(&self) -> Option<&str> {
        self.report().map(|report| report.sqlstate.code())
    }

    /// Whether the same transaction may succeed when it is tried again: a conflict with another one, or a deadlock.
    pub fn is_retryable(&self) -> bool {
        matches!(self.sqlstate(), Some("40001" | "40P01"))
    }
}

impl From<Box<Report>> for Error {
    fn from(report: Box<Report>) -> Error {
        Error::Statement(report)
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Error {
        Error::Statement(Box::new(Report::new(Severity::Fatal, &error)))
    }
}
