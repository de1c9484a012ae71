//! Statements that a program prepares and runs itself: without names, and to their ends at once.
//!
//! Here is the fast path: what a statement's last run has left behind is all that the next one needs, and a row that is
//! asked for or changed by its key, or given to be inserted, needs no operators.

use crate::client::{Client, Nobody, Report, ResultColumn, SharedClient};
use crate::error::SessionError;
use crate::prepared::plan_choice::Deciding;
use crate::prepared::{Planned, Short, Source, Statement, slice};
use crate::query::{Operators, Ready, RowFormat, send};
use crate::session::Session;
use crate::statistics::followed;
use crate::statistics::watch::Said;
use crate::transaction::block::Status;
use bumpalo::Bump;
use execute::{Few, Point, SingleChange, Step};
use std::cell::LazyCell;
use std::sync::Arc;
use types::vector::Chunk;
use types::{Kind, Type, Value};

/// The memory in which a row was read is kept for the next one, unless it is more than this.
const ROW_MAX: usize = 64 << 10;

impl Session {
    /// Prepares a statement. Types of parameters that are not given are found by how they are used. It is kept until it is
    /// forgotten, or the session ends.
    ///
    /// # Errors
    /// When it cannot be read, or means nothing; when the text has several statements.
    pub fn make_statement(&mut self, text: &str, types: &[Option<Type>]) -> Result<Statement, Box<Report>> {
        self.whole(&mut Nobody, |session, _| {
            let arena = Bump::new();
            let source = match session.parse(text, &arena)? {
                [] => Source::nothing(),
                [statement] => {
                    session.begin_snapshot()?;
                    session.prepare_statement(slice(text, statement), statement, types.to_vec())?
                }
                _ => return Err(SessionError::SeveralStatements),
            };
            Ok(session.prepared.get_mut().add(source))
        })
    }

    /// Forgets a prepared statement.
    pub fn forget_statement(&mut self, statement: &Statement) {
        self.prepared.get_mut().forget(statement);
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
        self.whole(client, |session, client| {
            let done = session.watched(&Said::Prepared(&statement.source), client, |session, client| {
                session.run_statement(statement, values, client)
            });
            session.tell_notices(client);
            done
        })
    }

    /// Runs a prepared statement if it takes one look at a row, or changes one; answers the columns of its rows. A longer one
    /// is not run, and may be run as a portal in the transaction that this has begun.
    ///
    /// # Errors
    /// As [`Session::run_prepared`].
    pub fn run_short(
        &mut self,
        statement: &Statement,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<Option<Arc<[ResultColumn]>>, Box<Report>> {
        self.step(|session| {
            let done = session.run_if_short(statement, values, client);
            session.tell_notices(client);
            let done = done?;
            if done.is_some() && session.block.is_implicit() {
                session.end_implicit(client)?;
            }
            Ok(done)
        })
    }

    fn run_if_short(
        &mut self,
        statement: &Statement,
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<Option<Arc<[ResultColumn]>>, SessionError> {
        statement.source.check_count("", values)?;
        let may_be = statement.source.plans && self.prepared.get_mut().choice(statement)?.may_be_by_key();
        if !may_be || self.block.status() == Status::Failed {
            return Ok(None);
        }
        self.begin_snapshot()?;
        let mut planned = self.make_ready(statement)?;
        let mut choice = self.prepared.get_mut().choice(statement)?;
        choice.look(&planned);
        self.prepared.get_mut().choose(statement, choice);
        let done = match planned.short {
            Short::No | Short::Few(_) => Ok(None),
            Short::Point(_) | Short::Change(_) => {
                let columns = planned.ready.columns.clone();
                self.run_planned(&mut planned, values, client).map(|()| Some(columns))
            }
        };
        self.prepared.get_mut().keep(statement, planned);
        done
    }

    /// One step that is a statement of its own: a block that it opened ends with it.
    fn whole<R>(
        &mut self,
        client: &mut dyn Client,
        what: impl FnOnce(&mut Session, &mut dyn Client) -> Result<R, SessionError>,
    ) -> Result<R, Box<Report>> {
        self.step(|session| {
            let done = what(session, client)?;
            if session.block.is_implicit() {
                session.end_implicit(client)?;
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
            return match self.parse_again(source, &arena)? {
                [] => {
                    client.empty();
                    Ok(())
                }
                [parsed, ..] => self.run_unplanned(source, values, parsed, client),
            };
        }
        self.begin_snapshot()?;
        let mut planned = self.make_ready_for(statement, values, Deciding::Whole)?;
        let done = self.run_planned(&mut planned, values, client);
        self.prepared.get_mut().keep(statement, planned);
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
            Short::Few(few) => {
                if self.send_few((few, ready), values, client)? {
                    return Ok(());
                }
                // The next time they will hardly be fewer.
                *short = Short::No;
            }
            Short::Point(point) => {
                let mut row = std::mem::take(&mut self.row);
                row.clear();
                let done = self.send_point((point, ready), values, &mut row, client);
                if row.capacity() <= ROW_MAX {
                    self.row = row;
                }
                return done;
            }
            Short::Change(change) => {
                let changed = self.change_single(change, ready, (values, client))?;
                client.complete(&ready.verb.tag(changed));
                return Ok(());
            }
        }
        self.run_with(ready, Operators::Kept(execution), values, client)
    }

    /// Changes one row; answers whether there was one, as a number.
    pub(crate) fn change_single(
        &mut self,
        change: &SingleChange,
        ready: &Ready,
        (values, client): (&[Value], &mut dyn Client),
    ) -> Result<u64, SessionError> {
        self.check_cancel()?;
        // What a function does, its caller may tell of.
        let ahead = self.within.is_none() && change.tells_nothing();
        self.block.allow_ahead(ahead);
        let done = self.change_single_as_allowed(change, ready, (values, client));
        self.block.allow_ahead(false);
        done
    }

    fn change_single_as_allowed(
        &mut self,
        change: &SingleChange,
        ready: &Ready,
        (values, client): (&[Value], &mut dyn Client),
    ) -> Result<u64, SessionError> {
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        // Nothing is noted to undo it by: a transaction, or what is left of it since a savepoint, goes with a statement that fails.
        let left = match change.run_given(
            transaction,
            values,
            followed(self.tally.get_mut(), self.settings.typed()),
        )? {
            Step::Done(changed) => return Ok(changed),
            Step::More(left) => left,
        };
        let text = self.kept_text_settings();
        let shared = SharedClient::new(client);
        let (transaction, mut parts) = self.split(&text)?;
        parts.lent.running = &ready.locks;
        parts.lent.teller = Some(&shared);
        let done = parts.within(&ready.scope, transaction, values, |world| left.run(world));
        let notices = std::mem::take(&mut parts.notices);
        self.notices.extend(notices);
        Ok(done?)
    }

    fn check_cancel(&self) -> Result<(), SessionError> {
        if self.store.take_cancel() { Err(store::StoreError::Cancelled.into()) } else { Ok(()) }
    }

    /// One row by its key, as a chunk.
    pub(crate) fn look_up(&mut self, point: &Point, values: &[Value]) -> Result<Option<Chunk>, SessionError> {
        let mut row = Vec::new();
        Ok(if self.read_point(point, values, &mut row)? { Some(point.chunk(&row)?) } else { None })
    }

    fn read_point(
        &mut self,
        point: &Point,
        values: &[Value],
        row: &mut Vec<u8>,
    ) -> Result<bool, SessionError> {
        self.check_cancel()?;
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        Ok(point.read(transaction, values, row, followed(self.tally.get_mut(), self.settings.typed()))?)
    }

    /// Sends one row by its key, which is read into `row`.
    fn send_point(
        &mut self,
        (point, ready): (&Point, &Ready),
        values: &[Value],
        row: &mut Vec<u8>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let found = self.read_point(point, values, row)?;
        client.columns(&ready.columns);
        if found {
            let text = LazyCell::new(|| self.text_settings());
            let items = point.items(row)?;
            let mut format =
                RowFormat { types: &ready.scope, text: &text, columns: &ready.columns, items: &items };
            let taken = client.single_row(&items, &mut format);
            let taken = match taken {
                Some(taken) => taken,
                None => send(&ready.scope, text, &ready.columns, &point.chunk(row)?, client),
            };
            taken?;
        }
        client.complete(if found { "SELECT 1" } else { "SELECT 0" });
        Ok(())
    }
}

impl Session {
    /// Sends a few rows of an index; `false`, and nothing is sent, if they are more, or their result is to be kept.
    fn send_few(
        &mut self,
        (few, ready): (&Few, &Ready),
        values: &[Value],
        client: &mut dyn Client,
    ) -> Result<bool, SessionError> {
        if self.result_key(ready, values)?.is_some() {
            return Ok(false);
        }
        self.check_cancel()?;
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let Some(chunk) =
            few.read(transaction, values, followed(self.tally.get_mut(), self.settings.typed()))?
        else {
            return Ok(false);
        };
        client.columns(&ready.columns);
        if !chunk.is_empty() {
            let text = LazyCell::new(|| self.text_settings());
            let taken = send(&ready.scope, text, &ready.columns, &chunk, client);
            taken?;
        }
        client.complete(&ready.verb.tag(chunk.len() as u64));
        Ok(true)
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
        check_kinds(values, &self.kinds)
    }
}

/// That values are of these kinds.
pub(crate) fn check_kinds(values: &[Value], kinds: &[Option<Kind>]) -> Result<(), SessionError> {
    let wrong =
        |(value, wanted): (&Value, &Option<Kind>)| value.kind().is_some_and(|kind| Some(kind) != *wanted);
    match values.iter().zip(kinds).position(wrong) {
        Some(place) => Err(SessionError::ValueKind { place: place + 1 }),
        None => Ok(()),
    }
}
