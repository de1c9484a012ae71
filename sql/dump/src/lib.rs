//! A database as SQL that psql loads into PostgreSQL, and the shell into Hornbeam.
//!
//! * [`dump`]: writes it. `order`: which objects, each behind what it needs. `objects`, `range`, `table`, `sequence`: their
//!   definitions. `data`: rows, by `COPY` or `INSERT`.
//!
//! What comes first is what rows need: schemas, types, functions, sequences, tables with their checks, views. Then come rows
//! and the values of sequences, and last what is cheaper to make, or can only be demanded, when all rows are there: keys,
//! indexes, foreign keys, the rows of materialized views.
//!
//! Invariants
//!
//! 1. Everything is of one snapshot.
//! 2. The order depends on names alone where nothing needs anything, so that two dumps of one database are the same text.
//! 3. Nothing is written to the database.

#![forbid(unsafe_code)]

mod aggregate;
mod base_type;
mod data;
mod error;
mod event_trigger;
mod foreign;
mod large_object;
mod objects;
mod operator_class;
mod order;
mod range;
mod replication;
mod search;
mod select;
mod sequence;
mod table;

pub use error::DumpError;
pub use select::Selection;

use catalog::Scope;
use session::Session;

/// Where the text goes.
pub type Sink<'s> = &'s mut dyn FnMut(&[u8]) -> Result<(), String>;

/// What is written, and how.
#[derive(Debug, Clone, Default)]
pub struct DumpOptions {
    /// Tables, views and sequences by their names, `s.t` or `t`, with `*` and `?`; everything if there are none.
    pub tables: Vec<String>,
    /// No rows.
    pub schema_only: bool,
    /// Nothing but rows and the values of sequences.
    pub data_only: bool,
    /// Rows by `INSERT`.
    pub inserts: bool,
}

/// What stands before everything: so that texts mean the same wherever they are read.
const PREAMBLE: &str = "\
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET client_min_messages = warning;
";

/// What a session must have set, so that its texts mean the same everywhere.
const SETTINGS: &str = "\
SET datestyle = ISO; SET intervalstyle = postgres; SET timezone = 'UTC'; SET extra_float_digits = 1; \
SET bytea_output = hex; SET search_path = ''";

/// Writes the database of a session.
///
/// # Errors
/// When something cannot be read, or nobody takes the text.
pub fn dump(session: &mut Session, options: &DumpOptions, out: Sink<'_>) -> Result<(), DumpError> {
    run(session, SETTINGS)?;
    run(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let done = dump_snapshot(session, options, out);
    // It has read and nothing else: there is nothing that could fail to be undone.
    let _ = run(session, "ROLLBACK");
    done
}

fn dump_snapshot(session: &mut Session, options: &DumpOptions, out: Sink<'_>) -> Result<(), DumpError> {
    let scope = session.catalog_scope().map_err(|error| DumpError::Catalog(error.to_string()))?;
    let selection = Selection::new(&options.tables)?;
    let nodes = order::nodes(&scope, &selection)?;
    let mut writer = Writer { scope, session, out, path: None };
    writer.text(&format!("--\n-- Hornbeam database dump\n--\n\n{PREAMBLE}"))?;
    if !options.data_only {
        writer.schemas(&selection)?;
        writer.shells(&selection)?;
        for node in &nodes {
            writer.definition(*node)?;
        }
        writer.owned_sequences(&nodes)?;
    }
    if !options.schema_only {
        if selection.is_everything() {
            writer.large_objects()?;
        }
        for node in &nodes {
            writer.rows(*node, options.inserts)?;
        }
        for node in &nodes {
            writer.sequence_value(*node)?;
        }
    }
    if !options.data_only {
        writer.keys(&nodes)?;
        writer.rules(&nodes)?;
        writer.policies(&nodes)?;
        writer.triggers(&nodes)?;
        if !options.schema_only {
            writer.refreshes(&nodes)?;
        }
        writer.tablespaces(&nodes)?;
        writer.comments(&nodes)?;
        if selection.is_everything() {
            writer.event_triggers()?;
        }
    }
    writer.text("\n--\n-- Hornbeam database dump complete\n--\n")
}

/// Runs statements that yield nothing.
fn run(session: &mut Session, statements: &str) -> Result<(), DumpError> {
    select::run(session, statements, &mut |_| Ok(()))
}

/// Writes statements.
struct Writer<'w> {
    scope: Scope,
    session: &'w mut Session,
    out: Sink<'w>,
    /// The schema in which texts are read.
    path: Option<String>,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) -> Result<(), DumpError> {
        self.bytes(catalog::left_out::as_written(text).as_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), DumpError> {
        (self.out)(bytes).map_err(DumpError::Output)
    }

    /// What follows is read in a schema: texts that the catalog keeps may name things of it without saying so.
    fn within(&mut self, schema: &str) -> Result<(), DumpError> {
        if self.path.as_deref() != Some(schema) {
            self.path = Some(schema.to_owned());
            let quoted = catalog::name::quote_identifier(schema);
            let and_public = if schema == "public" { "" } else { ", public" };
            self.text(&format!("\nSET search_path = {quoted}{and_public};\n"))?;
        }
        Ok(())
    }
}
