//! What can go wrong while a database is written as SQL.

/// Why there is no dump.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum DumpError {
    #[error("the catalog cannot be read: {0}")]
    Catalog(String),
    #[error("{statement}: {message}")]
    Statement { statement: String, message: String },
    #[error("the output cannot be written: {0}")]
    Output(String),
    #[error("no table, view or sequence matches \"{0}\"")]
    NothingMatches(String),
    #[error("improper name \"{0}\": expected a name, or a schema's and a name with a dot between them")]
    Name(String),
}
