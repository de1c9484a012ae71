//! What the program could not do, in words for whoever typed the command.

use env::IoError;
use std::path::PathBuf;

/// Why a command did not run.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file or thread.
    #[error("{}; {}", .0, .0.advice())]
    Io(#[from] IoError),
    /// No database was named.
    #[error(
        "which database? Give its file, as in `hornbeam app.db`, or `:memory:` for one that is gone when you leave; `hornbeam --help` tells what else there is"
    )]
    NoFile,
    /// The catalog of a database.
    #[error("{0}")]
    Sql(String),
    /// Standard input, or the terminal.
    #[error("the terminal cannot be read: {0}")]
    Terminal(String),
    /// A script that is not text.
    #[error("the script cannot be run: {0}")]
    Script(#[from] shell::NotText),
    /// A file that is not text.
    #[error("{}: this is not a text file", path.display())]
    NotText {
        /// Which.
        path: PathBuf,
    },
    /// A scenario that cannot be read.
    #[error("{}: {cause}", path.display())]
    Scenario {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        cause: torture::scenario::ScenarioError,
    },
    /// A scenario that cannot be written.
    #[error("the scenario has no text form: {0}")]
    Unwritable(#[from] torture::scenario::WriteError),
    /// A report that cannot be read.
    #[error("{}: {cause}", path.display())]
    Report {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        cause: torture::report::ReportError,
    },
    /// A report that cannot be written.
    #[error("the report has no JSON form: {0}")]
    Json(torture::report::JsonError),
    /// No such profile.
    #[error("there is no profile {name:?}; profiles are {known}")]
    Profile {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No such label.
    #[error("there is no label {name:?}{}; `hornbeam torture --labels` lists them", did_you_mean(nearest))]
    Label {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// A label at which nothing can be left out.
    #[error(
        "nothing can be left out at {name}: it is a {kind}, and only syncs, writes, locks and barriers can be sabotaged"
    )]
    Unsabotageable {
        /// The label.
        name: String,
        /// Its kind.
        kind: &'static str,
    },
    /// Neither a seed nor a file.
    #[error("{what:?} is neither a seed (a number) nor a scenario file that exists")]
    NeitherSeedNorFile {
        /// What was asked for.
        what: String,
    },
    /// Nothing to minimise.
    #[error(transparent)]
    Minimise(#[from] torture::minimise::MinimiseError),
    /// A server that cannot start.
    #[error(transparent)]
    Start(#[from] server::server::StartError),
    /// Certificate and key.
    #[error(transparent)]
    Tls(#[from] server::tls::TlsError),
    /// What is to be logged.
    #[error("--log: {0}")]
    Log(String),
    /// A database that cannot be opened or checked.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

fn did_you_mean(nearest: &Option<&'static str>) -> String {
    nearest.map_or(String::new(), |name| format!(" (did you mean {name}?)"))
}
