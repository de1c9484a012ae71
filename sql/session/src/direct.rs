//! Statements that a program prepares and runs itself, without text and without names.
//!
//! Everything that does not depend on the parameters is kept from one run to the next: the plan as long as it holds, and
//! with it the compiled operators. So a short statement costs little more than what the store does for it.

use crate::client::{Client, ClientGone, Report, ResultColumn, Severity};
use crate::error::SessionError;
use crate::prepared::{Prepared, slice};
use crate::query::{Operators, send};
use crate::session::Session;
use bumpalo::Bump;
use catalog::Scope;
use execute::{Execution, Point};
use types::{Type, Types, Value};

/// A statement that is prepared; it belongs to the session that made it.
pub struct Statement {
    prepared: Prepared,
    columns: Vec<ResultColumn>,
    /// The operators of the plan, ready to begin again.
    execution: Option<Execution>,
    /// What stands for them if the plan is so short.
    point: Option<Point>,
}

impl Statement {
    /// The types of its parameters.
    pub fn parameters(&self) -> &[Type] {
        &self.prepared.parameters
    }
}

impl Session {
    /// Prepares a statement. Types of parameters that are not given are found by how they are used.
    ///
    /// # Errors
    /// When it cannot be read, or means nothing; when the text has several statements.
    pub fn make_statement(&mut self, text: &str, types: &[Option<Type>]) -> Result<Statement, Box<Report>> {
        self.enter();
        let prepared = self.read_statement(text, types);
        self.leave(prepared)
    }

    fn read_statement(&mut self, text: &str, types: &[Option<Type>]) -> Result<Statement, SessionError> {
        let arena = Bump::new();
        let statements = self.parse(text, &arena)?;
        let prepared = match statements {
            [] => Prepared::nothing(),
            [statement] => {
                self.begin_snapshot()?;
                self.prepare_statement(slice(text, statement), statement, types.to_vec())?
            }
            _ => return Err(SessionError::SeveralStatements),
        };
        Ok(Statement { prepared, columns: Vec::new(), execution: None, point: None })
    }

    /// Runs a prepared statement with values for its parameters.
    ///
    /// # Errors
    /// Whatever the statement fails with; when the values are not as many as the parameters, or of other kinds.
    pub fn run_prepared(
        &mut self,
        statement: &mut Statement,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), Box<Report>> {
        self.enter();
        let done = self.run_statement(statement, values, client);
        for notice in std::mem::take(&mut self.notices) {
            self.tell(client, Severity::Notice, &*notice);
        }
        self.leave(done)
    }

    /// Ends a block that was only opened for what was done.
    fn leave<T>(&mut self, done: Result<T, SessionError>) -> Result<T, Box<Report>> {
        let ended = match done {
            Ok(done) if !self.block.is_explicit() => self.end_implicit().map(|()| done),
            other => other,
        };
        ended.map_err(|error| self.failed(&error))
    }

    fn run_statement(
        &mut self,
        statement: &mut Statement,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let prepared = &mut statement.prepared;
        if values.len() != prepared.parameters.len() {
            let (expected, found) = (prepared.parameters.len(), values.len());
            return Err(SessionError::BoundCount { name: String::new(), expected, found });
        }
        if self.block.status() == crate::block::Status::Failed {
            return self.run_unplanned(&prepared.text.clone(), client);
        }
        self.begin_snapshot()?;
        if !self.make_ready(prepared)? {
            statement.execution = None;
            let Some(ready) = prepared.planned() else {
                return self.run_unplanned(&prepared.text.clone(), client);
            };
            statement.point = Point::of(&ready.plan);
            statement.columns = ready.columns();
        }
        let Some(ready) = prepared.planned() else { return Ok(()) };
        for (place, (value, of)) in values.iter().zip(&prepared.parameters).enumerate() {
            let of = ready.scope.undomained(*of);
            let wanted = ready.scope.entry(of.oid).and_then(|entry| entry.kind);
            if value.kind().is_some_and(|kind| Some(kind) != wanted) {
                return Err(SessionError::ValueKind { place: place + 1 });
            }
        }
        if let Some(point) = &statement.point {
            return self.run_point(point, &ready.scope, &statement.columns, values, client);
        }
        let operators = Operators::Kept(&mut statement.execution);
        self.run_with(ready, &statement.columns, operators, values, client)
    }

    /// One row by its key.
    fn run_point(
        &mut self,
        point: &Point,
        scope: &Scope,
        columns: &[ResultColumn],
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if self.store.take_cancel() {
            return Err(store::StoreError::Cancelled.into());
        }
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let found = point.run(transaction, values)?;
        client.columns(columns);
        if let Some(chunk) = &found {
            let text = self.text_settings();
            send(scope, &text, columns, chunk, client).map_err(|ClientGone| SessionError::ClientGone)?;
        }
        client.complete(if found.is_some() { "SELECT 1" } else { "SELECT 0" });
        Ok(())
    }

    /// A statement that has no plan.
    fn run_unplanned(&mut self, text: &str, client: &mut dyn Client) -> Result<(), SessionError> {
        let arena = Bump::new();
        match self.parse(text, &arena)? {
            [] => client.empty(),
            [statement, ..] => self.run(text, statement, client)?,
        }
        Ok(())
    }
}
