//! `COPY`: what is copied, where from and where to.
//!
//! * `from`: rows in; `to`: rows out; `append`: rows of a program's own. `file`: files of the world; `translated`: bytes of other
//!   encodings; what goes through the client goes through
//!   [`crate::client::Client`].
//! * The formats are the crate `copy`'s: bytes in, rows out, and back.
//!
//! Invariants
//!
//! 1. What is wrong with the statement is told before the client is asked for data, but for what PostgreSQL tells later.
//! 2. A copy that fails leaves nothing in the table. In a file it leaves what was written so far.

mod append;
pub(crate) mod error;
pub(crate) mod file;
mod from;
mod to;
mod translated;

pub use append::Append;
pub use error::CopyRefusal;

use crate::client::Client;
use crate::error::SessionError;
use crate::session::Session;
use catalog::Actor;
use catalog::object::{Column, PG_READ_SERVER_FILES, PG_WRITE_SERVER_FILES, Source, Table};
use copy::{Columns, Format, Options};
use syntax::tree::Name;
use syntax::tree::copy::CopyStatement;
use types::encoding::Encoding;

impl Session {
    pub(crate) fn run_copy(
        &mut self,
        copy: &CopyStatement<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if copy.program {
            return Err(SessionError::NotSupported { feature: "COPY PROGRAM" });
        }
        self.begin_snapshot()?;
        if copy.file.is_some() {
            let scope = self.scope()?;
            let wanted = if copy.from { PG_READ_SERVER_FILES } else { PG_WRITE_SERVER_FILES };
            if !Actor::new(&scope, self.role, self.database.0).has_rights_of(wanted) {
                return Err(CopyRefusal::Privilege { from: copy.from }.into());
            }
        }
        let rows = if copy.from { self.copy_from(copy, client)? } else { self.copy_to(copy, client)? };
        client.complete(&format!("COPY {rows}"));
        Ok(())
    }
}

impl Session {
    /// The encoding of what is copied: the one that is named, or the client's. What a program's own session takes and gives is
    /// UTF-8.
    fn copied_encoding(&self, copy: &CopyStatement<'_>, options: &Options) -> Encoding {
        let of_client = match copy.file {
            Some(_) => Encoding::named(self.settings.kept("client_encoding")).unwrap_or(Encoding::UTF8),
            None => self.settings.typed().client_encoding,
        };
        match options.format {
            // It knows texts only within values.
            Format::Binary => Encoding::UTF8,
            Format::Text | Format::Csv => options.encoding.unwrap_or(of_client),
        }
    }
}

/// The places of the columns that are copied among a table's live ones: those that are named, or all that are not
/// generated.
fn copied_columns(table: &Table, named: &[Name<'_>]) -> Result<Vec<usize>, CopyRefusal> {
    let live: Vec<&Column> = table.live_columns().map(|(_, column)| column).collect();
    let is_generated = |column: &Column| matches!(column.source, Source::Generated(_));
    if named.is_empty() {
        return Ok((0..live.len()).filter(|place| !is_generated(live[*place])).collect());
    }
    let mut places = Vec::with_capacity(named.len());
    for name in named {
        let column = name.text.to_owned();
        let Some(place) = live.iter().position(|column| column.name == name.text) else {
            return Err(CopyRefusal::NoColumn { column, table: table.name.clone() });
        };
        if is_generated(live[place]) {
            return Err(CopyRefusal::Generated { column });
        }
        if places.contains(&place) {
            return Err(CopyRefusal::Twice { column });
        }
        places.push(place);
    }
    Ok(places)
}

/// Refuses columns of an option that are not copied, or that `table` does not have.
fn check_forced(
    option: &'static str,
    columns: &Columns,
    copied: &[String],
    table: Option<&Table>,
) -> Result<(), CopyRefusal> {
    let Columns::Named(names) = columns else { return Ok(()) };
    for (place, name) in names.iter().enumerate() {
        let column = name.clone();
        if names[..place].contains(name) {
            return Err(CopyRefusal::Twice { column });
        }
        if copied.contains(name) {
            continue;
        }
        return Err(match table {
            Some(table) if table.column(name).is_none() => {
                CopyRefusal::NoColumn { column, table: table.name.clone() }
            }
            None => CopyRefusal::NoQueryColumn { column },
            Some(_) => CopyRefusal::NotCopied { option, column },
        });
    }
    Ok(())
}
