//! Statements in steps, as the extended query protocol and libraries take them: prepared, bound to values, run in pieces.
//!
//! Invariants
//!
//! 1. Whatever a session is asked for between two calls of [`Session::sync`] is one transaction, unless a block is open.
//! 2. A portal reads what there was when it was bound, whatever its transaction does before its first piece and between its
//!    pieces: the view is taken when something else is done before ([`Session::keep_views`]). It ends with its transaction, or
//!    with the savepoint since which it was opened when that is rolled back to.
//! 3. What changes rows is run to its end by the first piece; only its rows are handed over in pieces.
//! 4. Its operators are those that the statement's last run has left, if nobody else has them; at its end they go back.
//!
//! After a failure the transaction is undone or, in a block, failed; the caller then skips what it was sent up to `sync`, as
//! the protocol demands.

mod clients;
mod columns;
mod stream;

use crate::client::{Client, Report, ResultColumn, SharedClient, Teller};
use crate::cursor::error::CursorError;
use crate::error::SessionError;
use crate::prepared::{Preparation, Short, Source, Statement};
use crate::query::result_cache::Gathering;
use crate::query::{Operators, Ready, Verb};
use crate::session::Session;
use crate::statistics::watch::Said;
use crate::transaction::block::Status;
use crate::world::AsStatement;
use bumpalo::Bump;
use catalog::{Oid, Scope};
use clients::{Gathered, Passed};
use env::sync::atomic::Ordering;
use execute::{Execution, Kept};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::View;
use syntax::tree::session::{Fetch, FetchDirection};
use types::vector::Chunk;
use types::{Type, Value};

/// What a prepared statement takes and gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The types of its parameters.
    pub parameters: Vec<Type>,
    /// The columns of its rows; none if it has no rows.
    pub columns: Option<Vec<ResultColumn>>,
}

/// How far a portal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// As many rows as were asked for have been sent; there may be more.
    Suspended,
    /// It is done, and the client has been told.
    Complete,
}

/// A statement bound to its values.
pub(crate) struct Portal {
    /// How many were opened before it.
    number: u64,
    statement: Statement,
    values: Vec<Value>,
    columns: Option<Arc<[ResultColumn]>>,
    /// Which columns its client wants as bytes: one for each column, one for all, or none.
    binary: Vec<bool>,
    state: State,
}

impl Portal {
    /// Whether it reads what there will be when it is run, as nothing was done since it was bound.
    fn lacks_view(&self) -> bool {
        match &self.state {
            State::Bound { ready: Some(ready), view: None, .. } => ready.verb == Verb::Select,
            State::Bound { .. }
            | State::Reading { .. }
            | State::Sending { .. }
            | State::Told
            | State::Done { .. } => false,
        }
    }
}

/// Where a portal stands.
enum State {
    /// Nothing of it has been run; how it is done in short, whether or not that is kept with the statement. It reads from this
    /// view, if it has to be an older one than it finds.
    Bound { ready: Option<Ready>, short: Short, view: Option<View> },
    /// It reads, and has come so far.
    Reading {
        ready: Ready,
        execution: Box<Execution>,
        rest: Option<Chunk>,
        /// Its rows, if they are to be kept.
        gathering: Option<Gathering>,
    },
    /// It has been run; these rows are still to be sent.
    Sending { scope: Scope, rows: Kept, tag: Tag },
    /// It has been run and the client has been told of it.
    Told,
    /// There is nothing more; whether it may be asked again, for nothing.
    Done { again: bool },
}

impl State {
    /// Whether a portal that is done may be run again, for nothing.
    fn may_be_asked_again(&self) -> bool {
        match self {
            State::Reading { .. } | State::Sending { tag: Tag::SentAgain, .. } => true,
            State::Done { again } => *again,
            State::Bound { .. } | State::Sending { tag: Tag::Sent | Tag::Words(_), .. } | State::Told => {
                false
            }
        }
    }
}

/// How the end of a portal is told.
enum Tag {
    /// By the rows that the last piece sent.
    Sent,
    /// The same, and it may be asked again, for nothing.
    SentAgain,
    /// By these words.
    Words(String),
}

/// The portals of a session, by name.
#[derive(Default)]
pub(crate) struct Portals {
    by_name: BTreeMap<String, Portal>,
    opened: u64,
}

impl Portals {
    /// Closes one; whether it was there.
    pub fn close(&mut self, name: &str) -> bool {
        self.by_name.remove(name).is_some()
    }

    /// The relations that those read which are not at their ends.
    pub fn read(&self) -> impl Iterator<Item = Oid> {
        let ready = |portal: &'_ Portal| match &portal.state {
            State::Bound { ready, .. } => ready.as_ref().map(|ready| ready.locks.clone()),
            State::Reading { ready, .. } => Some(ready.locks.clone()),
            State::Sending { .. } | State::Told | State::Done { .. } => None,
        };
        let locks = self.by_name.values().filter_map(ready);
        locks.flat_map(|locks| locks.iter().map(|lock| lock.relation).collect::<Vec<_>>())
    }

    /// A place to go back to.
    pub fn mark(&self) -> u64 {
        self.opened
    }

    /// Closes those that were opened since: what they read may be undone.
    pub fn forget(&mut self, mark: u64) {
        self.by_name.retain(|_, portal| portal.number < mark);
    }

    /// The transaction is over.
    pub fn clear(&mut self) {
        self.by_name.clear();
    }
}

impl Session {
    /// Reads a statement and keeps it under a name; the one without a name is replaced, others must not exist. Types that
    /// are not given are found where the parameters are used.
    ///
    /// # Errors
    /// When the text is no statement or several, or means nothing.
    pub fn prepare(&mut self, name: &str, text: &str, types: &[Option<Type>]) -> Result<(), Box<Report>> {
        self.step(|session| session.prepare_text(name, text, types))
    }

    /// What a prepared statement takes and gives.
    ///
    /// # Errors
    /// When there is none of that name, or it means nothing any more.
    pub fn describe(&mut self, name: &str) -> Result<Description, Box<Report>> {
        self.step(|session| {
            let statement = session.prepared.get_mut().get(name)?.clone();
            let columns = match statement.source.plans {
                true => session.columns_now(&statement.source)?,
                false => session.utility_columns(&statement.source)?.map(Arc::from),
            };
            let columns = columns.map(|columns| columns.to_vec());
            session.refuse_rows_if_failed(columns.is_some())?;
            Ok(Description { parameters: statement.parameters().to_vec(), columns })
        })
    }

    /// Binds a prepared statement to values, under a name of its own; the portal without a name is replaced.
    ///
    /// # Errors
    /// When there is no such statement, it takes other values, or means nothing any more.
    pub fn open_portal(
        &mut self,
        portal: &str,
        statement: &str,
        values: Vec<Value>,
    ) -> Result<(), Box<Report>> {
        self.step(|session| {
            let (name, statement) = (statement, session.prepared.get_mut().get(statement)?.clone());
            statement.source.check_count(name, &values)?;
            session.bind_portal(portal, statement, values)
        })
    }

    /// The same of a statement that has no name.
    ///
    /// # Errors
    /// As [`Session::open_portal`].
    pub fn open_portal_of(
        &mut self,
        portal: &str,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<(), Box<Report>> {
        self.step(|session| {
            statement.source.check_count("", &values)?;
            session.bind_portal(portal, statement.clone(), values)
        })
    }

    /// The columns of a portal's rows; none if it has no rows. A cursor is a portal, too.
    ///
    /// # Errors
    /// When there is no such portal.
    pub fn portal_columns(&mut self, portal: &str) -> Result<Option<Arc<[ResultColumn]>>, Box<Report>> {
        self.step(|session| match session.portals.by_name.get(portal) {
            Some(found) => Ok(found.columns.clone()),
            None => match session.cursors.get_mut().columns(portal) {
                Some(columns) => Ok(Some(columns.into())),
                None => Err(SessionError::NoPortal { name: portal.to_owned() }),
            },
        })
    }

    /// The same for a client that asks for them, who is told nothing of rows in a block that has failed.
    ///
    /// # Errors
    /// As [`Session::portal_columns`], and in such a block.
    pub fn describe_portal(&mut self, portal: &str) -> Result<Option<Arc<[ResultColumn]>>, Box<Report>> {
        let columns = self.portal_columns(portal)?;
        self.step(|session| session.refuse_rows_if_failed(columns.is_some()))?;
        Ok(columns)
    }

    /// That the block has not failed.
    ///
    /// # Errors
    /// When it has.
    pub fn refuse_if_failed(&mut self) -> Result<(), Box<Report>> {
        self.step(|session| session.refuse_rows_if_failed(true))
    }

    fn refuse_rows_if_failed(&self, has_rows: bool) -> Result<(), SessionError> {
        let failed = has_rows && self.block.status() == Status::Failed;
        if failed { Err(SessionError::InFailedTransaction) } else { Ok(()) }
    }

    /// Which columns of a portal its client wants as bytes: one for each column, one for all, or none, which is all as texts.
    pub fn portal_formats(&self, portal: &str) -> &[bool] {
        self.portals.by_name.get(portal).map_or(&[], |found| &found.binary)
    }

    /// Says so.
    pub fn set_portal_formats(&mut self, portal: &str, binary: Vec<bool>) {
        if let Some(found) = self.portals.by_name.get_mut(portal) {
            found.binary = binary;
        }
    }

    /// Somebody cancelled while nothing ran: it is nobody's.
    pub fn forget_cancel(&mut self) {
        self.store.take_cancel();
    }

    /// Runs a portal until it is done or has sent so many rows.
    ///
    /// # Errors
    /// Whatever the statement fails of.
    pub fn run_portal(
        &mut self,
        portal: &str,
        rows: Option<u64>,
        client: &mut dyn Client,
    ) -> Result<Progress, Box<Report>> {
        self.step(|session| {
            let progress = session.advance_portal(portal, rows, client);
            session.tell_notices(client);
            progress
        })
    }

    /// A value as the text of a literal says it, by the session's settings.
    ///
    /// # Errors
    /// When the text is none of a value of the type.
    pub fn read_value(&mut self, of: Type, text: &str) -> Result<Value, Box<Report>> {
        let scope = self.step(Session::scope)?;
        let settings = self.text_settings();
        let literals = crate::world::literals::SessionLiterals { text: &settings };
        bind::Literals::read(&literals, &scope, of, text).map_err(|error| self.failed_of(&*error))
    }

    /// The text of a prepared statement, to which positions in reports of it refer.
    pub fn prepared_text(&self, name: &str) -> Option<String> {
        self.prepared.borrow().get(name).ok().map(|statement| statement.text().to_owned())
    }

    /// The text of a portal's statement.
    pub fn portal_text(&self, portal: &str) -> Option<&str> {
        self.portals.by_name.get(portal).map(|portal| portal.statement.text())
    }

    /// Forgets a prepared statement, if there is one of that name.
    pub fn close_prepared(&mut self, name: &str) {
        self.prepared.get_mut().remove(name);
    }

    /// Forgets a portal or cursor, if there is one of that name.
    pub fn close_portal(&mut self, name: &str) {
        if !self.portals.close(name) {
            self.cursors.get_mut().close(name);
        }
    }

    /// Ends the transaction that statements opened by themselves; one that `BEGIN` opened stays.
    ///
    /// # Errors
    /// When it cannot be committed.
    pub fn sync(&mut self, client: &mut dyn Client) -> Result<(), Box<Report>> {
        if !self.block.is_implicit() {
            return Ok(());
        }
        let ended = self.end_implicit(client).map_err(|error| self.failed(&error));
        self.presence.busy.store(self.block.begun().is_some(), Ordering::Release);
        ended
    }

    /// One step: of the block that is open, or of one that it opens.
    pub(crate) fn step<R>(
        &mut self,
        what: impl FnOnce(&mut Session) -> Result<R, SessionError>,
    ) -> Result<R, Box<Report>> {
        self.steps = true;
        self.presence.busy.store(true, Ordering::Release);
        if !self.block.is_implicit() {
            // A cancellation that came too late for the last statement is not this one's.
            self.store.take_cancel();
        }
        self.block.begin_message(false);
        self.enter();
        let done = self.step_as_oneself(what);
        let done = done.map_err(|error| self.failed(&error));
        self.presence.busy.store(self.block.begun().is_some(), Ordering::Release);
        done
    }

    /// One step of a session that was not told to end, as the role that its settings say.
    pub(crate) fn step_as_oneself<R>(
        &mut self,
        what: impl FnOnce(&mut Session) -> Result<R, SessionError>,
    ) -> Result<R, SessionError> {
        self.check_ended()?;
        if self.block.status() != Status::Failed {
            self.refresh_identity()?;
        }
        what(self)
    }

    fn prepare_text(&mut self, name: &str, text: &str, types: &[Option<Type>]) -> Result<(), SessionError> {
        let arena = Bump::new();
        let statements = self.parse(text, &arena)?;
        if statements.len() > 1 {
            return Err(SessionError::SeveralStatements);
        }
        let source = match statements.first() {
            Some(statement) => {
                if self.block.status() == Status::Failed && !crate::statement::ends_block(&statement.kind) {
                    return Err(SessionError::InFailedTransaction);
                }
                self.prepare_statement(text, statement, types.to_vec())?
            }
            None => Source::nothing(),
        };
        if name.is_empty() {
            self.prepared.get_mut().remove(name);
        }
        let preparation = Preparation { text: text.to_owned(), at: self.statement_time, from_sql: false };
        self.prepared.get_mut().insert(name, source.with_fixed_columns(), preparation)
    }

    /// Whether there is a portal or a cursor of a name: they have their names among each other.
    pub(crate) fn name_is_taken(&mut self, name: &str) -> bool {
        self.portals.by_name.contains_key(name) || self.cursors.get_mut().columns(name).is_some()
    }

    pub(crate) fn bind_portal(
        &mut self,
        portal: &str,
        statement: Statement,
        values: Vec<Value>,
    ) -> Result<(), SessionError> {
        self.refuse_in_failed_block(&statement)?;
        if !portal.is_empty() && self.name_is_taken(portal) {
            return Err(SessionError::CursorExists { name: portal.to_owned() });
        }
        if statement.source.plans {
            self.begin_snapshot()?;
        }
        let (columns, ready, short) = self.columns_of(&statement, &values)?;
        let state = State::Bound { ready, short, view: None };
        let number = self.portals.opened;
        self.portals.opened += 1;
        let bound = Portal { number, statement, values, columns, binary: Vec::new(), state };
        self.portals.by_name.insert(portal.to_owned(), bound);
        Ok(())
    }

    fn advance_portal(
        &mut self,
        name: &str,
        limit: Option<u64>,
        client: &mut dyn Client,
    ) -> Result<Progress, SessionError> {
        let missing = || SessionError::NoPortal { name: name.to_owned() };
        if !self.portals.by_name.contains_key(name) && self.cursors.get_mut().columns(name).is_some() {
            return self.advance_cursor(name, limit, client);
        }
        let portal = self.portals.by_name.get(name).ok_or_else(missing)?;
        self.refuse_in_failed_block(&portal.statement)?;
        self.keep_views(Some(name))?;
        // It is nobody's while it runs: what it runs may end the transaction, and all portals with it.
        let mut portal = self.portals.by_name.remove(name).ok_or_else(missing)?;
        let source = portal.statement.source.clone();
        let progress = self.watched(&Said::Prepared(&source), client, |session, client| {
            session.advance(name, &mut portal, limit, client)
        })?;
        if self.block.is_open() {
            self.portals.by_name.insert(name.to_owned(), portal);
        }
        Ok(progress)
    }

    fn advance(
        &mut self,
        name: &str,
        portal: &mut Portal,
        limit: Option<u64>,
        client: &mut dyn Client,
    ) -> Result<Progress, SessionError> {
        if let State::Bound { ready, short, view } = &mut portal.state {
            let (ready, short, view) = (ready.take(), std::mem::replace(short, Short::No), view.take());
            portal.state = match ready {
                Some(ready) => self.begin_portal(
                    &portal.statement,
                    (ready, short),
                    (&portal.values, client),
                    (view, limit),
                )?,
                None => self.run_utility(portal, client)?,
            };
        }
        let columns = portal.columns.as_deref().unwrap_or_default();
        let mut sent = 0;
        let complete = match &mut portal.state {
            State::Bound { .. } | State::Told | State::Done { again: true } => true,
            State::Done { again: false } => {
                return Err(SessionError::PortalDone { name: name.to_owned() });
            }
            State::Reading { ready, execution, rest, gathering } => {
                let reading = Reading { ready, execution, rest, gathering, columns, limit };
                self.read_on(reading, &portal.values, &mut sent, client)?
            }
            State::Sending { scope, rows, .. } => {
                self.send_on(scope, rows, columns, limit, &mut sent, client)?
            }
        };
        if !complete {
            return Ok(Progress::Suspended);
        }
        let done = State::Done { again: portal.state.may_be_asked_again() };
        match std::mem::replace(&mut portal.state, done) {
            State::Sending { tag: Tag::Words(tag), .. } => client.complete(&tag),
            State::Reading { ready, execution, gathering, .. } => {
                if let Some(gathering) = gathering {
                    gathering.keep(self);
                }
                self.give_back(&portal.statement, &ready, *execution);
                client.complete(&Verb::Select.tag(sent));
            }
            State::Done { .. } | State::Sending { tag: Tag::Sent | Tag::SentAgain, .. } => {
                client.complete(&Verb::Select.tag(sent));
            }
            State::Bound { .. } | State::Told => {}
        }
        Ok(Progress::Complete)
    }

    /// `FETCH` and `MOVE` of a portal that a message of the protocol has opened: forwards only.
    pub(crate) fn fetch_from_portal(
        &mut self,
        fetch: &Fetch<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let name = fetch.cursor.text;
        let portal = self.portals.by_name.get(name);
        let portal = portal.ok_or_else(|| SessionError::NoCursor { name: name.to_owned() })?;
        let columns = portal.columns.clone().unwrap_or_default();
        let FetchDirection::Forward(count @ 1..) = fetch.direction else {
            return Err(CursorError::ForwardOnly.into());
        };
        if !fetch.only_move {
            client.columns(&columns);
        }
        let limit = (count != i64::MAX).then_some(count.unsigned_abs());
        let mut passed = Passed { rows: 0, sends: !fetch.only_move, client: &mut *client };
        self.advance_portal(name, limit, &mut passed)?;
        let rows = passed.rows;
        client.complete(&format!("{} {rows}", if fetch.only_move { "MOVE" } else { "FETCH" }));
        Ok(())
    }

    /// Something else is about to be done than running this portal: what is bound and reads keeps what there is now.
    pub(crate) fn keep_views(&mut self, but: Option<&str>) -> Result<(), SessionError> {
        let waits = |(name, portal): &(&String, &Portal)| Some(name.as_str()) != but && portal.lacks_view();
        if !self.portals.by_name.iter().any(|one| waits(&one)) {
            return Ok(());
        }
        let wait = self.wait();
        let now = self.block.transaction(&self.store, self.database, wait)?.view()?;
        for (name, portal) in &mut self.portals.by_name {
            if waits(&(name, portal))
                && let State::Bound { view, .. } = &mut portal.state
            {
                *view = Some(now.clone());
            }
        }
        Ok(())
    }

    /// Begins a query; what changes rows is run at once, and so is what takes one look.
    fn begin_portal(
        &mut self,
        statement: &Statement,
        (ready, short): (Ready, Short),
        (values, client): (&[Value], &mut dyn Client),
        (view, limit): (Option<View>, Option<u64>),
    ) -> Result<State, SessionError> {
        let key = if view.is_none() { self.result_key(&ready, values)? } else { None };
        if let Some(rows) = key.as_ref().and_then(|key| self.engine.results.get(key)) {
            let rows = Kept::from(rows.to_vec());
            return Ok(State::Sending { scope: ready.scope, rows, tag: Tag::SentAgain });
        }
        let planned = self.prepared.get_mut().kept(statement, &ready);
        let (short, kept) = planned.map_or((short, None), |of| (of.short.clone(), of.execution.take()));
        match short {
            Short::No | Short::Few(_) => {}
            Short::Point(_) if view.is_some() => {}
            Short::Point(point) => {
                let rows = Kept::from(Vec::from_iter(self.look_up(&point, values)?));
                return Ok(State::Sending { scope: ready.scope, rows, tag: Tag::SentAgain });
            }
            Short::Change(change) => {
                let tag = Tag::Words(
                    ready.verb.tag(self.change_single(&change, &ready, (values, client))?).into_owned(),
                );
                return Ok(State::Sending { scope: ready.scope, rows: Kept::default(), tag });
            }
        }
        let mut execution = match kept {
            Some(execution) => execution,
            None => {
                let text = self.text_settings();
                let (transaction, mut parts) = self.split(&text)?;
                let plan = ready.plan.clone();
                parts.within(&ready.scope, transaction, values, |world| Execution::new(plan, world))?
            }
        };
        // What changes rows begins anew with what there is; what only locks them looks again at those that have changed since.
        if let Some(view) = view.filter(|_| !execution.writes()) {
            execution.read_from(view);
        }
        if !execution.changes() {
            let gathering = key.map(|key| Gathering::new(key, self));
            return Ok(State::Reading { ready, execution: Box::new(execution), rest: None, gathering });
        }
        self.run_change(statement, (ready, execution), (values, client), limit)
    }

    /// Runs to its end what changes or locks rows.
    fn run_change(
        &mut self,
        statement: &Statement,
        (ready, execution): (Ready, Execution),
        (values, client): (&[Value], &mut dyn Client),
        limit: Option<u64>,
    ) -> Result<State, SessionError> {
        let (mut rows, mut execution) = (Kept::default(), Some(execution));
        let shared = SharedClient::new(client);
        let text = self.text_settings();
        let (operators, told) = (Operators::Kept(&mut execution), (values, Some(&shared as &dyn Teller)));
        let affected = self.with_execution(&ready, operators, told, &text, |execution, world| {
            Ok(execution.run_change(world, &mut rows)?)
        });
        let affected = match affected {
            Ok(affected) => affected,
            Err(error) => {
                // Rows that were only locked come before the error, as far as they are wanted.
                if !rows.is_empty() {
                    let (columns, sent) = (&*ready.columns, &mut 0);
                    self.send_on(&ready.scope, &mut rows, columns, limit, sent, client)?;
                }
                return Err(error);
            }
        };
        if let Some(execution) = execution {
            self.give_back(statement, &ready, execution);
        }
        let tag = match ready.verb {
            Verb::Select => Tag::Sent,
            Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge => {
                Tag::Words(ready.verb.tag(affected).into_owned())
            }
        };
        Ok(State::Sending { scope: ready.scope, rows, tag })
    }

    /// Leaves operators that are ready to begin again to the statement's next run.
    fn give_back(&mut self, statement: &Statement, ready: &Ready, execution: Execution) {
        if let Some(planned) = self.prepared.get_mut().kept(statement, ready) {
            planned.execution = Some(execution);
        }
    }

    /// Runs what is neither query nor change of rows. If it yields rows they are gathered, to be sent in pieces.
    fn run_utility(&mut self, portal: &Portal, client: &mut dyn Client) -> Result<State, SessionError> {
        let (source, values) = (&*portal.statement.source, &*portal.values);
        let arena = Bump::new();
        let statements = self.parse_again(source, &arena)?;
        let Some(statement) = statements.first() else {
            client.empty();
            return Ok(State::Told);
        };
        if portal.columns.is_none() {
            self.run_unplanned(source, values, statement, client)?;
            return Ok(State::Told);
        }
        let mut gathered = Gathered { rows: Vec::new(), tag: String::new(), client };
        self.run_unplanned(source, values, statement, &mut gathered)?;
        let Gathered { rows, tag, .. } = gathered;
        Ok(State::Sending { scope: self.scope()?, rows: Kept::from(rows), tag: Tag::Words(tag) })
    }

    /// Reads and sends rows; the answer is whether there are no more.
    fn read_on(
        &mut self,
        reading: Reading<'_>,
        values: &[Value],
        sent: &mut u64,
        client: &mut dyn Client,
    ) -> Result<bool, SessionError> {
        let Reading { ready, execution, rest, gathering, columns, limit } = reading;
        let text = self.text_settings();
        let scope = ready.scope.clone();
        let shared = SharedClient::new(client);
        let teller: Option<&dyn Teller> = Some(&shared);
        let statement = AsStatement { scope: &scope, locks: &ready.locks, values, text: &text, teller };
        let done = self.as_statement(statement, |world| {
            let usual = world.settings.chunk_rows;
            let limit_of_chunks = limit.filter(|_| stream::streams(&ready.plan));
            loop {
                let next = match rest.take() {
                    Some(chunk) => Some(chunk),
                    None => {
                        // No row is computed before it is asked for.
                        let missing = limit_of_chunks.and_then(|limit| usize::try_from(limit - *sent).ok());
                        world.settings.chunk_rows = missing.map_or(usual, |missing| usual.min(missing));
                        let next = execution.next(world)?;
                        if let (Some(gathering), Some(chunk)) = (&mut *gathering, &next) {
                            gathering.add(chunk);
                        }
                        next
                    }
                };
                let Some(chunk) = next else {
                    // Nothing of what was read may be held on to.
                    execution.rewind(world)?;
                    return Ok(true);
                };
                let (now, later) = split(chunk, limit.map(|limit| limit - *sent));
                *rest = later;
                *sent += now.len() as u64;
                shared.with(|client| crate::query::send(&scope, &text, columns, &now, client))?;
                if limit == Some(*sent) {
                    return Ok(false);
                }
            }
        });
        // What was said is no part of a result.
        if shared.has_told() {
            *gathering = None;
        }
        done
    }

    /// Sends rows that are there; the answer is whether there are no more.
    fn send_on(
        &mut self,
        scope: &Scope,
        rows: &mut Kept,
        columns: &[ResultColumn],
        limit: Option<u64>,
        sent: &mut u64,
        client: &mut dyn Client,
    ) -> Result<bool, SessionError> {
        let text = self.text_settings();
        while let Some(chunk) = rows.take_first()? {
            let (now, later) = split(chunk, limit.map(|limit| limit - *sent));
            if let Some(later) = later {
                rows.put_back(later);
            }
            *sent += now.len() as u64;
            crate::query::send(scope, &text, columns, &now, client)?;
            if limit == Some(*sent) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A portal that reads, and how many rows it may send.
struct Reading<'p> {
    ready: &'p Ready,
    execution: &'p mut Execution,
    rest: &'p mut Option<Chunk>,
    gathering: &'p mut Option<Gathering>,
    columns: &'p [ResultColumn],
    limit: Option<u64>,
}

/// So many rows of a chunk, and the others, if there are others.
fn split(chunk: Chunk, room: Option<u64>) -> (Chunk, Option<Chunk>) {
    match room.and_then(|room| usize::try_from(room).ok()) {
        Some(room) if room < chunk.len() => {
            let later = chunk.slice(room, chunk.len() - room);
            (chunk.slice(0, room), Some(later))
        }
        Some(_) | None => (chunk, None),
    }
}
