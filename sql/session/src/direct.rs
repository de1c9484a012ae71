//! Statements that a program prepares and runs itself: without names, and to their ends at once.
//!
//! Here is the fast path: what a statement's last run has left behind is all that the next one needs, and a row that is
//! asked for by its key, or given to be inserted, needs no operators.

use crate::block::Status;
use crate::client::{Client, ClientGone, Report};
use crate::error::SessionError;
use crate::prepared::{Planned, Short, Source, Statement, slice};
use crate::query::{Operators, send};
use crate::session::Session;
use bumpalo::Bump;
use execute::{Point, SingleInsert};
use std::cell::LazyCell;
use types::vector::Chunk;
use types::{Type, Value};

impl Session {
    /// Prepares a statement. Types of parameters that are not given are found by how they are used. It is kept until it is
    /// forgotten, or the session ends.
    ///
    /// # Errors
    /// When it cannot be read, or means nothing; when the text has several statements.
    pub fn make_statement(&mut self, text: &str, types: &[Option<Type>]) -> Result<Statement, Box<Report>> {
        self.whole(|session| {
            let arena = Bump::new();
            let source = match session.parse(text, &arena)? {
                [] => Source::nothing(),
                [statement] => {
                    session.begin_snapshot()?;
                    session.prepare_statement(slice(text, statement), statement, types.to_vec())?
                }
                _ => return Err(SessionError::SeveralStatements),
            };
            Ok(session.prepared.add(source))
        })
    }

    /// Forgets a prepared statement.
    pub fn forget_statement(&mut self, statement: &Statement) {
        self.prepared.forget(statement);
    }

    /// Runs a prepared statement with values for its parameters.
    ///
    /// # Errors
    /// Whatever the statement fails with; when the values are not as many as the parameters, or of other kinds.
    pub fn run_prepared(
        &mut self,
        statement: &Statement,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), Box<Report>> {
        self.whole(|session| {
            let done = session.run_statement(statement, values, client);
            session.tell_notices(client);
            done
        })
    }

    /// One step that is a statement of its own: a block that it opened ends with it.
    fn whole<R>(
        &mut self,
        what: impl FnOnce(&mut Session) -> Result<R, SessionError>,
    ) -> Result<R, Box<Report>> {
        self.step(|session| {
            let done = what(session)?;
            if session.block.is_implicit() {
                session.end_implicit()?;
            }
            Ok(done)
        })
    }

    fn run_statement(
        &mut self,
        statement: &Statement,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let source = &*statement.source;
        source.check_count("", values)?;
        if self.block.status() == Status::Failed && !source.ends_block {
            return Err(SessionError::InFailedTransaction);
        }
        if !source.plans {
            let arena = Bump::new();
            return match self.parse(&source.text, &arena)? {
                [] => {
                    client.empty();
                    Ok(())
                }
                [parsed, ..] => self.run(&source.text, parsed, client),
            };
        }
        self.begin_snapshot()?;
        let mut planned = self.make_ready(statement)?;
        let done = self.run_planned(&mut planned, values, client);
        self.prepared.keep(statement, planned);
        done
    }

    /// Runs a plan that holds to its end, and leaves in it what the next run can use.
    pub(crate) fn run_planned(
        &mut self,
        planned: &mut Planned,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        planned.check_kinds(values)?;
        let Planned { ready, short, execution, .. } = planned;
        match short {
            Short::No => {}
            Short::Point(point) => {
                let found = self.look_up(point, values)?;
                client.columns(&ready.columns);
                if let Some(chunk) = &found {
                    let text = LazyCell::new(|| self.text_settings());
                    let sent = send(&ready.scope, text, &ready.columns, chunk, client);
                    sent.map_err(|ClientGone| SessionError::ClientGone)?;
                }
                client.complete(if found.is_some() { "SELECT 1" } else { "SELECT 0" });
                return Ok(());
            }
            Short::Insert(insert) => {
                if self.insert_single(insert, values)? {
                    client.complete("INSERT 0 1");
                    return Ok(());
                }
            }
        }
        self.run_with(ready, Operators::Kept(execution), values, client)
    }

    /// One row that is given; `false` if the general way is to be gone.
    pub(crate) fn insert_single(
        &mut self,
        insert: &SingleInsert,
        values: &[Value],
    ) -> Result<bool, SessionError> {
        self.check_cancel()?;
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        // Nothing is noted to undo it by: a transaction, or what is left of it since a savepoint, goes with a statement that fails.
        Ok(insert.run(transaction, values)?)
    }

    fn check_cancel(&self) -> Result<(), SessionError> {
        if self.store.take_cancel() { Err(store::StoreError::Cancelled.into()) } else { Ok(()) }
    }

    /// One row by its key.
    pub(crate) fn look_up(&mut self, point: &Point, values: &[Value]) -> Result<Option<Chunk>, SessionError> {
        self.check_cancel()?;
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        Ok(point.run(transaction, values)?)
    }
}

impl Source {
    /// That there are as many values as parameters.
    pub(crate) fn check_count(&self, name: &str, values: &[Value]) -> Result<(), SessionError> {
        let (expected, found) = (self.parameters.len(), values.len());
        if expected == found {
            return Ok(());
        }
        Err(SessionError::BoundCount { name: name.to_owned(), expected, found })
    }
}

impl Planned {
    /// That the values are of the parameters' kinds.
    pub(crate) fn check_kinds(&self, values: &[Value]) -> Result<(), SessionError> {
        let wrong = |(value, wanted): (&Value, &Option<types::Kind>)| {
            value.kind().is_some_and(|kind| Some(kind) != *wanted)
        };
        match values.iter().zip(&self.kinds).position(wrong) {
            Some(place) => Err(SessionError::ValueKind { place: place + 1 }),
            None => Ok(()),
        }
    }
}
