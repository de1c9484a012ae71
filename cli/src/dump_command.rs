//! `hornbeam dump`: a database as SQL.

use crate::arguments::DumpArguments;
use crate::errors::CliError;
use crate::files::Pieces;
use dump::DumpOptions;
use env::Env;
use session::{Engine, Session};
use std::io::{BufWriter, Write};
use std::sync::Arc;
use store::{Store, StoreOptions};

/// Writes the database, which is opened for reading only.
pub fn dump(env: &Arc<dyn Env>, arguments: &DumpArguments) -> Result<bool, CliError> {
    let options = StoreOptions { read_only: true, create: false, ..StoreOptions::default() };
    let store = Store::open(env.clone(), &arguments.file, options).map_err(CliError::Store)?;
    let told = |error: &dyn std::fmt::Display| CliError::Sql(error.to_string());
    let engine = Engine::new(env.clone(), store).map_err(|error| told(&error))?;
    let mut session = Session::new(&engine).map_err(|error| told(&error))?;
    let options = DumpOptions {
        tables: arguments.tables.clone(),
        schema_only: arguments.schema_only,
        data_only: arguments.data_only,
        inserts: arguments.inserts,
    };
    match &arguments.output {
        Some(path) => {
            let mut file = Pieces::open(&**env, path)?;
            let mut write = |bytes: &[u8]| file.write(bytes).map_err(|error| error.to_string());
            dump::dump(&mut session, &options, &mut write).map_err(|error| told(&error))?;
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let mut write = |bytes: &[u8]| out.write_all(bytes).map_err(|error| error.to_string());
            dump::dump(&mut session, &options, &mut write).map_err(|error| told(&error))?;
            out.flush().map_err(|error| told(&error))?;
        }
    }
    Ok(true)
}
