//! Rows that a program appends by itself: as `COPY` loads them, without bytes in between.

use super::from::Prepared;
use crate::client::Report;
use crate::error::SessionError;
use crate::session::Session;
use crate::world::AsStatement;
use crate::world::literals::SessionLiterals;
use bind::Literals;
use bumpalo::Bump;
use catalog::name::quote_identifier;
use execute::{Load, LoadError, When};
use syntax::tree::statement::StatementKind;
use types::text::TextSettings;
use types::{Kind, Type, Types, Value, Vector};

/// A table that is appended to, and its columns that are given. It holds for the transaction in which it was made.
pub struct Append {
    prepared: Prepared,
    text: TextSettings,
    /// The types of the columns that are given, those of domains as what these are made of.
    types: Vec<Type>,
    kinds: Vec<Kind>,
    /// How many rows were appended.
    rows: u64,
}

impl Append {
    /// The types of the columns that are given; of a domain that of its values.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// The kinds of their values.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}

impl Session {
    /// Looks at a table, and at the columns of these names or at all, to append rows to it; both stay as they are up to the
    /// transaction's end.
    ///
    /// # Errors
    /// As those of `COPY … FROM`.
    pub fn begin_append(
        &mut self,
        schema: Option<&str>,
        table: &str,
        columns: &[&str],
    ) -> Result<Append, Box<Report>> {
        let quoted: Vec<String> = columns.iter().map(|name| quote_identifier(name)).collect();
        let columns = if quoted.is_empty() { String::new() } else { format!(" ({})", quoted.join(", ")) };
        let schema = schema.map_or_else(String::new, |schema| format!("{}.", quote_identifier(schema)));
        let text = format!("copy {schema}{}{columns} from stdin", quote_identifier(table));
        self.step(|session| session.prepare_append(&text))
    }

    fn prepare_append(&mut self, text: &str) -> Result<Append, SessionError> {
        let arena = Bump::new();
        let statements = self.parse(text, &arena)?;
        let [syntax::tree::Statement { kind: StatementKind::Copy(copy), .. }] = statements else {
            return Err(SessionError::SeveralStatements);
        };
        self.begin_snapshot()?;
        let prepared = self.prepare_copied(copy)?;
        let scope = &prepared.scope;
        let given = prepared.places.iter().map(|place| prepared.plan.target.columns[*place].column_type);
        let types: Vec<Type> = given.map(|of| scope.undomained(of)).collect();
        let kind = |of: &Type| scope.entry(of.oid).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes);
        let kinds = types.iter().map(kind).collect();
        Ok(Append { text: self.text_settings(), types, kinds, prepared, rows: 0 })
    }

    /// Reads the text of a value of a column that is given, by its place among them.
    ///
    /// # Errors
    /// When it is none of a value of the column's type.
    pub fn read_appended(&mut self, append: &Append, place: usize, text: &str) -> Result<Value, Box<Report>> {
        let literals = SessionLiterals { text: &append.text };
        let of = append.types.get(place).copied().unwrap_or(Type::of(types::catalog::oid::TEXT));
        literals.read(&append.prepared.scope, of, text).map_err(|error| self.failed_of(&*error))
    }

    /// Appends rows: a vector for each column that is given. If one of them may not be, none of these is appended.
    ///
    /// # Errors
    /// The first row that may not be, with its number in the context.
    pub fn append(
        &mut self,
        append: &mut Append,
        columns: Vec<Vector>,
        rows: usize,
    ) -> Result<(), Box<Report>> {
        self.step(|session| session.load_appended(append, columns, rows))
    }

    fn load_appended(
        &mut self,
        append: &mut Append,
        columns: Vec<Vector>,
        rows: usize,
    ) -> Result<(), SessionError> {
        if self.block.status() == crate::transaction::block::Status::Failed {
            return Err(SessionError::InFailedTransaction);
        }
        let prepared = &append.prepared;
        let mut given: Vec<Option<Vector>> = vec![None; prepared.plan.target.columns.len()];
        for (place, column) in prepared.places.iter().zip(columns) {
            given[*place] = Some(column);
        }
        let text = self.text_settings();
        let statement =
            AsStatement { scope: &prepared.scope, locks: &[], values: &[], text: &text, teller: None };
        append.rows += self.as_statement(statement, |world| {
            let mut load = Load::new(world, &prepared.plan)?;
            load.begin(world)?;
            let rows = load.insert(world, &given, rows).map_err(|failed| append.at(failed))?;
            load.end(world)?;
            execute::run_events(world, When::Statement)?;
            Ok(rows)
        })?;
        Ok(())
    }
}

impl Append {
    fn at(&self, failed: LoadError) -> SessionError {
        let row = self.rows + failed.row as u64 + 1;
        let context = format!("append to {}, row {row}", self.prepared.plan.target.name);
        SessionError::Within { error: Box::new(failed.error.into()), context }
    }
}
