//! What `COPY` refuses, in PostgreSQL's words.

use crate::client::CopyBroken;
use diagnostic::{Diagnostic, SqlState};
use env::IoError;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Why nothing is copied, or not to the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum CopyRefusal {
    #[error("cannot copy {} {kind} \"{name}\"", if *from { "to" } else { "from" })]
    Relation { from: bool, kind: &'static str, name: String },
    #[error("\"{name}\" is {kind}")]
    NotReadable { kind: &'static str, name: String },
    #[error("permission denied: \"{name}\" is a system catalog")]
    System { name: String },
    #[error("column \"{column}\" of relation \"{table}\" does not exist")]
    NoColumn { column: String, table: String },
    #[error("column \"{column}\" does not exist")]
    NoQueryColumn { column: String },
    #[error("column \"{column}\" specified more than once")]
    Twice { column: String },
    #[error("column \"{column}\" is a generated column")]
    Generated { column: String },
    #[error("{option} column \"{column}\" not referenced by COPY")]
    NotCopied { option: &'static str, column: String },
    #[error("generated columns are not supported in COPY FROM WHERE conditions")]
    GeneratedInWhere { column: String },
    #[error(
        "cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction"
    )]
    Freeze,
    #[error("cannot perform COPY FREEZE on a partitioned table")]
    FreezeFamily,
    #[error("{rules} rules are not supported for COPY")]
    Rules { rules: &'static str },
    #[error("COPY FROM not supported with row-level security")]
    Policies,
    #[error("query would be affected by row-level security policy for table \"{table}\"")]
    AffectedByPolicies { table: String },
    #[error("COPY query must have a RETURNING clause")]
    NoReturning,
    #[error("COPY (SELECT INTO) is not supported")]
    SelectInto,
    #[error("relative path not allowed for COPY to file")]
    RelativePath,
    #[error("\"{}\" is a directory", path.display())]
    Directory { path: PathBuf },
    #[error("could not open file \"{}\" for {}: {}", error.path.display(), if *from { "reading" } else { "writing" }, reason(error))]
    Open { from: bool, error: IoError },
    #[error("could not {} file \"{}\": {}", if *from { "read from COPY" } else { "write to COPY" }, error.path.display(), reason(error))]
    File { from: bool, error: IoError },
    #[error("must be superuser or have privileges of the {} role to COPY {} a file", server_role(*from), if *from { "from" } else { "to" })]
    Privilege { from: bool },
    #[error("{message}")]
    NoHandler { message: String },
    #[error(transparent)]
    Broken(#[from] CopyBroken),
}

fn server_role(from: bool) -> &'static str {
    if from { "pg_read_server_files" } else { "pg_write_server_files" }
}

/// As the operating system calls it.
pub(crate) fn reason(error: &IoError) -> String {
    match error.code {
        Some(code) => {
            let told = std::io::Error::from_raw_os_error(code).to_string();
            told.split(" (os error").next().unwrap_or_default().to_owned()
        }
        None => match error.kind {
            ErrorKind::NotFound => "No such file or directory".to_owned(),
            kind => kind.to_string(),
        },
    }
}

impl Diagnostic for CopyRefusal {
    fn sqlstate(&self) -> SqlState {
        match self {
            CopyRefusal::Relation { .. }
            | CopyRefusal::NotReadable { .. }
            | CopyRefusal::Directory { .. } => SqlState::WrongObjectType,
            CopyRefusal::NoColumn { .. } | CopyRefusal::NoQueryColumn { .. } => SqlState::UndefinedColumn,
            CopyRefusal::Twice { .. } => SqlState::DuplicateColumn,
            CopyRefusal::Generated { .. }
            | CopyRefusal::NotCopied { .. }
            | CopyRefusal::GeneratedInWhere { .. } => SqlState::InvalidColumnReference,
            CopyRefusal::FreezeFamily => SqlState::FeatureNotSupported,
            CopyRefusal::Freeze | CopyRefusal::NoHandler { .. } => SqlState::ObjectNotInPrerequisiteState,
            CopyRefusal::Rules { .. }
            | CopyRefusal::Policies
            | CopyRefusal::NoReturning
            | CopyRefusal::SelectInto => SqlState::FeatureNotSupported,
            CopyRefusal::RelativePath => SqlState::InvalidName,
            CopyRefusal::Open { error, .. } => match error.kind {
                ErrorKind::NotFound => SqlState::UndefinedFile,
                ErrorKind::IsADirectory => SqlState::WrongObjectType,
                ErrorKind::PermissionDenied => SqlState::InsufficientPrivilege,
                _ => SqlState::IoError,
            },
            CopyRefusal::File { .. } => SqlState::IoError,
            CopyRefusal::System { .. }
            | CopyRefusal::Privilege { .. }
            | CopyRefusal::AffectedByPolicies { .. } => SqlState::InsufficientPrivilege,
            CopyRefusal::Broken(CopyBroken::Refused(_)) => SqlState::QueryCanceled,
            CopyRefusal::Broken(CopyBroken::Gone) => SqlState::ConnectionFailure,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            CopyRefusal::Generated { .. } => Some("Generated columns cannot be used in COPY.".into()),
            CopyRefusal::GeneratedInWhere { column } => {
                Some(format!("Column \"{column}\" is a generated column."))
            }
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            CopyRefusal::Relation { from: true, kind: "view", .. } => {
                "To enable copying to a view, provide an INSTEAD OF INSERT trigger."
            }
            CopyRefusal::Relation {
                from: false,
                kind: "view" | "materialized view" | "foreign table" | "partitioned table",
                ..
            } => "Try the COPY (SELECT ...) TO variant.",
            CopyRefusal::Open { from, error }
                if matches!(error.kind, ErrorKind::NotFound | ErrorKind::PermissionDenied) =>
            {
                let (direction, verb) = if *from { ("FROM", "read") } else { ("TO", "write") };
                return Some(format!(
                    "COPY {direction} instructs the PostgreSQL server process to {verb} a file. You may want a \
                     client-side facility such as psql's \\copy."
                ));
            }
            CopyRefusal::Policies => "Use INSERT statements instead.",
            CopyRefusal::Privilege { .. } => {
                "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone."
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
