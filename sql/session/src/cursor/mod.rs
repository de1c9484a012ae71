//! Cursors: `DECLARE`, `FETCH`, `MOVE`, `CLOSE`.
//!
//! Invariants
//!
//! 1. A cursor's rows are those of the snapshot of its declaration. They are computed when they are first asked for, and rows
//!    that it locks are locked then; what has come is kept, so that it can be gone through both ways.
//! 2. One declared `WITH HOLD` is read to its end before its transaction commits, and needs it no more.
//! 3. A cursor that failed to move is of no more use.
//! 4. One that cannot go back keeps no rows that it has passed.

pub(crate) mod error;
mod rows;

use self::error::{CursorError, LockingCursor};
use self::rows::{CursorRows, Passed};
use crate::client::{Client, ResultColumn};
use crate::error::{NotCurrent, SessionError};
use crate::portal::Progress;
use crate::query::{Ready, Verb};
use crate::session::Session;
use crate::transaction::block::Status;
use crate::world::AsStatement;
use crate::world::literals::SessionLiterals;
use bind::{CursorQuery, CursorTable};
use catalog::Scope;
use datetime::TimestampTz;
use execute::{ExecuteResult, Execution, World, run_inner};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::tree::select::LockStrength;
use syntax::tree::session::{DeclareCursor, Fetch, FetchDirection};
use syntax::tree::statement::StatementKind;
use syntax::tree::{Query, Statement};
use types::text::TextSettings;
use types::vector::Chunk;
use types::{Item, Value};

/// What a cursor's query yields.
struct Shape {
    /// How many columns are its own.
    columns: usize,
    /// Its tables; the ids of their rows lie in the chunks behind its columns.
    tables: Vec<CursorTable>,
    /// Whether it is but a scan of one table.
    is_simple: bool,
}

/// Where a cursor's rows come from.
enum Source {
    /// From a query that runs.
    Open(Box<(Ready, Execution)>),
    /// All have come.
    Complete,
    /// From a query that is computing some: what it calls may neither ask for more nor close it.
    Active,
    /// The next one could not be computed.
    Failed,
}

/// Where a cursor stands: on the row that it passed last, unless it is before the first or behind the last.
#[derive(Clone, Copy)]
struct Position {
    at_start: bool,
    at_end: bool,
    /// How many rows it has passed.
    passed: u64,
}

/// Before the first row.
const START: Position = Position { at_start: true, at_end: false, passed: 0 };

/// A cursor.
pub(crate) struct Cursor {
    columns: Arc<[ResultColumn]>,
    shape: Shape,
    source: Source,
    /// The rows that have come, as far as they may be asked for.
    rows: CursorRows,
    /// The relations that it was made of.
    reads: Vec<u32>,
    position: Position,
    pub scroll: bool,
    pub hold: bool,
    pub binary: bool,
    /// Whether its query changes rows, or is of a kind that is not planned, which may do anything.
    writes: bool,
    /// The values of its query's parameters.
    values: Vec<Value>,
    /// How it was declared, and when.
    pub statement: String,
    pub declared: TimestampTz,
    /// Whether the transaction that declared it has committed.
    held: bool,
    /// How many cursors the session had declared before.
    number: u64,
}

/// How a cursor is declared.
struct Options<'o> {
    statement: &'o str,
    scroll: Option<bool>,
    hold: bool,
    binary: bool,
    /// Whether its query locks rows.
    locks: bool,
}

/// Those of a session, by name.
#[derive(Default)]
pub(crate) struct Cursors {
    by_name: BTreeMap<String, Cursor>,
    /// How many were declared.
    declared: u64,
}

impl Cursors {
    /// All, by name.
    pub fn told(&self) -> impl Iterator<Item = (&str, &Cursor)> {
        self.by_name.iter().map(|(name, cursor)| (name.as_str(), cursor))
    }

    /// Whether one that its transaction has not left behind reads a relation.
    pub fn read(&self, relation: u32) -> bool {
        self.by_name.values().any(|cursor| !cursor.held && cursor.reads.contains(&relation))
    }

    /// Closes one; whether it was there.
    pub fn close(&mut self, name: &str) -> bool {
        self.by_name.remove(name).is_some()
    }

    /// Closes all.
    pub fn clear(&mut self) {
        self.by_name.clear();
    }

    /// A place to go back to.
    pub fn mark(&self) -> u64 {
        self.declared
    }

    /// Closes those that were declared since: what declared them is undone.
    pub fn forget(&mut self, mark: u64) {
        self.by_name.retain(|_, cursor| cursor.number < mark);
    }

    /// Where one stands.
    fn position(&self, name: &str) -> Position {
        self.by_name.get(name).map_or(START, |cursor| cursor.position)
    }

    /// The columns of one, if there is one of that name.
    pub fn columns(&self, name: &str) -> Option<Vec<ResultColumn>> {
        self.by_name.get(name).map(|cursor| cursor.columns.to_vec())
    }

    /// The row of a table, by its number and its name, on which a cursor stands: the table that has it, which may inherit from
    /// the one that is asked for, and its id.
    ///
    /// # Errors
    /// PostgreSQL's: when there is none, or it has no such row.
    pub fn current_row(
        &self,
        name: &str,
        (table, table_name): (u32, &str),
    ) -> Result<(u32, i64), SessionError> {
        let cursor = self.by_name.get(name);
        let cursor = cursor.ok_or_else(|| SessionError::NoCursor { name: name.to_owned() })?;
        let refused =
            |why| SessionError::NotCurrent { cursor: name.to_owned(), why, table: table_name.to_owned() };
        if cursor.held {
            return Err(refused(NotCurrent::Held));
        }
        let is = |known: &&CursorTable| known.table == table || known.members.contains(&table);
        let locking = cursor.shape.tables.iter().any(|known| known.locked);
        let found = if locking {
            let mut of_table = cursor.shape.tables.iter().filter(is).filter(|known| known.locked);
            match (of_table.next(), of_table.next()) {
                (None, _) => return Err(refused(NotCurrent::NoReference)),
                (Some(_), Some(_)) => return Err(refused(NotCurrent::ManyReferences)),
                (Some(found), None) => Some(found),
            }
        } else {
            cursor.shape.tables.first().filter(|known| cursor.shape.is_simple && is(known))
        };
        let Some(found) = found else { return Err(refused(NotCurrent::NotSimple)) };
        if cursor.position.at_start || cursor.position.at_end {
            return Err(refused(NotCurrent::NotPositioned));
        }
        let row = cursor.rows.row(cursor.position.passed)?;
        if row.is_empty() {
            return Err(refused(NotCurrent::NotPositioned));
        }
        let member = match found.member.map(|column| row.column(column).item(0)) {
            Some(Item::Int32(member)) => member.cast_unsigned(),
            Some(_) | None => found.table,
        };
        match row.column(found.column).item(0) {
            Item::Int64(id) => Ok((member, id)),
            _ => Err(refused(NotCurrent::NotPositioned)), // the side of an outer join that has no row
        }
    }

    /// Whether the transaction has declared one that is to outlive it.
    pub fn is_any_to_be_held(&self) -> bool {
        self.by_name.values().any(|cursor| cursor.hold && !cursor.held)
    }

    /// The transaction is over: only what is held stays, if it was committed.
    pub fn end_transaction(&mut self, committed: bool) {
        self.by_name.retain(|_, cursor| cursor.held || (committed && cursor.hold));
        for cursor in self.by_name.values_mut() {
            cursor.held = true;
        }
    }
}

impl Session {
    pub(crate) fn run_declare(
        &mut self,
        text: &str,
        declare: &DeclareCursor<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        refuse_opposites(declare)?;
        self.begin_snapshot()?;
        let bind = |session: &mut Session, scope: &Scope| {
            let parameters = session.arguments.parameters();
            let bound = session.bind_cursor(scope, declare.query, parameters)?;
            if bound.0.common_tables.iter().any(|table| table.changes) {
                let words = "must not contain data-modifying statements in WITH";
                return Err(CursorError::Query { words }.into());
            }
            // Whether it may be here is asked before it is planned.
            refuse_locking(declare)?;
            if !declare.hold {
                session.block.demand("DECLARE CURSOR")?;
            }
            Ok(bound)
        };
        let verb = Verb::of(&StatementKind::Query(declare.query));
        let (ready, shape) = self.ready_as(verb, bind)?;
        let name = declare.name.text.to_owned();
        if self.name_is_taken(&name) {
            return Err(SessionError::CursorExists { name });
        }
        let options = Options {
            statement: text,
            scroll: declare.scroll.last().copied(),
            hold: declare.hold,
            binary: declare.binary,
            locks: !declare.query.locking.is_empty(),
        };
        let values = self.arguments.values.clone();
        self.keep_cursor(name, ready, shape, (values, options))?;
        client.complete("DECLARE CURSOR");
        Ok(())
    }

    /// Opens a cursor for a body in PL/pgSQL, whose query has these parameters and their values.
    pub(crate) fn open_cursor(
        &mut self,
        name: &str,
        text: &str,
        statement: &Statement<'_>,
        (parameters, values): (bind::Parameters, Vec<Value>),
        (scroll, scope): (Option<bool>, &Scope),
    ) -> Result<(), SessionError> {
        let bind = |session: &mut Session, scope: &Scope| match statement.kind {
            StatementKind::Query(query) => session.bind_cursor(scope, query, parameters.clone()),
            _ => {
                // Of a change the rows that it returns; these are none of a table's.
                let query = session.bind(scope, statement, parameters.clone())?;
                let columns = query.output.len();
                Ok((query, Shape { columns, tables: Vec::new(), is_simple: false }))
            }
        };
        let verb = Verb::of(&statement.kind);
        let (ready, shape) = self.ready_in(scope.clone(), verb, bind)?;
        if !ready.has_rows() {
            return Err(CursorError::NoRows { word: verb.name() }.into());
        }
        let locks = matches!(statement.kind, StatementKind::Query(query) if !query.locking.is_empty());
        let options = Options { statement: text, scroll, hold: false, binary: false, locks };
        self.keep_cursor(name.to_owned(), ready, shape, (values, options))
    }

    /// Opens a cursor over rows that are there.
    pub(crate) fn open_cursor_over(
        &mut self,
        name: &str,
        text: &str,
        (columns, chunk): (Arc<[ResultColumn]>, Chunk),
        scroll: Option<bool>,
    ) -> Result<(), SessionError> {
        let mut rows = CursorRows::default();
        rows.push_recent(chunk)?;
        let number = self.cursors.get_mut().declared;
        let shape = Shape { columns: columns.len(), tables: Vec::new(), is_simple: false };
        let cursor = Cursor {
            columns,
            shape,
            source: Source::Complete,
            rows,
            reads: Vec::new(),
            position: START,
            scroll: scroll.unwrap_or(true),
            hold: false,
            binary: false,
            writes: true,
            values: Vec::new(),
            statement: text.to_owned(),
            declared: self.statement_time,
            held: false,
            number,
        };
        self.cursors.get_mut().declared += 1;
        self.cursors.get_mut().by_name.insert(name.to_owned(), cursor);
        Ok(())
    }

    /// A cursor that nothing has been asked of yet.
    fn keep_cursor(
        &mut self,
        name: String,
        ready: Ready,
        shape: Shape,
        (values, options): (Vec<Value>, Options<'_>),
    ) -> Result<(), SessionError> {
        let columns: Arc<[ResultColumn]> = ready.columns.iter().take(shape.columns).cloned().collect();
        // Without a word it may go back where that costs nothing.
        let may_go_back = || !options.locks && ready.plan.root.kind.goes_back();
        let settings = self.text_settings();
        let view = self.within.as_ref().and_then(|within| within.view.clone());
        let (transaction, mut parts) = self.split(&settings)?;
        let execution = parts.within(&ready.scope, transaction, &values, |world| {
            let mut execution = Execution::new(ready.plan.clone(), world)?;
            match view {
                Some(view) => execution.read_from(view),
                None => execution.take_view(world)?,
            }
            Ok(execution)
        })?;
        let number = self.cursors.get_mut().declared;
        let cursor = Cursor {
            columns,
            shape,
            rows: CursorRows::default(),
            reads: ready.locks.iter().map(|lock| lock.relation).collect(),
            position: START,
            scroll: options.scroll.unwrap_or_else(may_go_back),
            hold: options.hold,
            binary: options.binary,
            writes: execution.writes(),
            values,
            source: Source::Open(Box::new((ready, execution))),
            statement: options.statement.to_owned(),
            declared: self.statement_time,
            held: false,
            number,
        };
        self.cursors.get_mut().declared += 1;
        self.cursors.get_mut().by_name.insert(name, cursor);
        Ok(())
    }

    /// Moves a cursor: the values of the rows that it passed, unless they are only passed, and how many.
    pub(crate) fn fetch_values(&mut self, fetch: &Fetch<'_>) -> Result<(Vec<Vec<Value>>, u64), SessionError> {
        let passed = self.go(fetch.cursor.text, fetch)?;
        let mut rows = Vec::new();
        if let Some(cursor) = self.cursors.get_mut().by_name.get(fetch.cursor.text)
            && !fetch.only_move
        {
            for piece in cursor.rows.pieces(passed) {
                let piece = piece?;
                let columns = || piece.columns().iter().take(cursor.columns.len());
                let values = |row| columns().map(|column| column.value(row)).collect();
                rows.extend((0..piece.len()).map(values));
            }
        }
        Ok((rows, passed.count))
    }

    /// Computes rows until there are so many, or no more.
    fn extend(&mut self, name: &str, until: u64) -> Result<(), SessionError> {
        let Some(cursor) = self.cursors.get_mut().by_name.get_mut(name) else { return Ok(()) };
        if cursor.rows.count() >= until {
            return Ok(());
        }
        if !cursor.scroll {
            cursor.rows.forget_before(cursor.position.passed);
        }
        let values = cursor.values.clone();
        let (ready, mut execution) = match std::mem::replace(&mut cursor.source, Source::Active) {
            Source::Open(open) => *open,
            Source::Complete => {
                cursor.source = Source::Complete;
                return Ok(());
            }
            Source::Active => return Err(CursorError::Running { name: name.to_owned() }.into()),
            Source::Failed => {
                cursor.source = Source::Failed;
                return Err(CursorError::Failed { name: name.to_owned() }.into());
            }
        };
        let mut rows = std::mem::take(&mut cursor.rows);
        let text = self.text_settings();
        let statement = AsStatement {
            scope: &ready.scope,
            locks: &ready.locks,
            values: &values,
            text: &text,
            teller: None,
        };
        let complete =
            self.as_statement(statement, |world| Ok(compute(&mut execution, world, &mut rows, until)?));
        if let Some(cursor) = self.cursors.get_mut().by_name.get_mut(name) {
            cursor.rows = rows;
            match &complete {
                Ok(true) => cursor.source = Source::Complete,
                Ok(false) => cursor.source = Source::Open(Box::new((ready, execution))),
                Err(_) => cursor.source = Source::Failed,
            }
        }
        complete.map(drop)
    }

    /// Reads a cursor to its end: it outlives the transaction, however that ends.
    pub(crate) fn hold_cursor(&mut self, name: &str) -> Result<(), SessionError> {
        if self.cursors.get_mut().by_name.get(name).is_some_and(|cursor| cursor.writes) {
            return Err(CursorError::Writes.into());
        }
        self.extend(name, u64::MAX)?;
        if let Some(cursor) = self.cursors.get_mut().by_name.get_mut(name) {
            (cursor.hold, cursor.held) = (true, true);
        }
        Ok(())
    }

    /// Reads those cursors to their ends that are to outlive the transaction.
    pub(crate) fn read_held_cursors(&mut self) -> Result<(), SessionError> {
        let all = self.cursors.get_mut().by_name.iter();
        let held: Vec<String> =
            all.filter(|(_, it)| it.hold && !it.held).map(|(name, _)| name.clone()).collect();
        held.iter().try_for_each(|name| self.extend(name, u64::MAX))
    }

    /// What a cursor's query means, and what it yields.
    fn bind_cursor(
        &mut self,
        scope: &Scope,
        query: &Query<'_>,
        parameters: bind::Parameters,
    ) -> Result<(plan::logical::Query, Shape), SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        let CursorQuery { query, columns, tables, is_simple } =
            bind::bind_cursor(context, query, parameters)?;
        Ok((query, Shape { columns, tables, is_simple }))
    }

    pub(crate) fn run_fetch(
        &mut self,
        fetch: &Fetch<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let name = fetch.cursor.text;
        let text = self.text_settings();
        let scope = self.scope()?;
        let Some(cursor) = self.cursors.get_mut().by_name.get(name) else {
            return self.fetch_from_portal(fetch, client);
        };
        let in_bytes = cursor.binary;
        let rows = self.go(name, fetch)?;
        if fetch.only_move {
            client.complete(&format!("MOVE {}", rows.count));
            return Ok(());
        }
        let Some(cursor) = self.cursors.get_mut().by_name.get(name) else { return Ok(()) };
        if in_bytes {
            client.in_bytes();
        }
        client.columns(&cursor.columns);
        self.send_passed(name, rows, (&scope, &text), client)?;
        client.complete(&format!("FETCH {}", rows.count));
        Ok(())
    }

    /// Runs a cursor as a portal is run: it sends so many of its next rows, or all that are left.
    pub(crate) fn advance_cursor(
        &mut self,
        name: &str,
        limit: Option<u64>,
        client: &mut dyn Client,
    ) -> Result<Progress, SessionError> {
        if self.block.status() == Status::Failed {
            return Err(SessionError::InFailedTransaction);
        }
        let text = self.text_settings();
        let scope = self.scope()?;
        let rows = self.pass(name, true, limit.unwrap_or(u64::MAX))?;
        self.send_passed(name, rows, (&scope, &text), client)?;
        if limit == Some(rows.count) {
            return Ok(Progress::Suspended);
        }
        client.complete(&format!("SELECT {}", rows.count));
        Ok(Progress::Complete)
    }

    /// Sends rows of a cursor that were passed.
    fn send_passed(
        &mut self,
        name: &str,
        passed: Passed,
        (scope, text): (&Scope, &TextSettings),
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let Some(cursor) = self.cursors.get_mut().by_name.get(name) else { return Ok(()) };
        let own: Vec<usize> = (0..cursor.columns.len()).collect();
        for piece in cursor.rows.pieces(passed) {
            crate::query::send(scope, text, &cursor.columns, &piece?.project(&own), client)?;
        }
        Ok(())
    }

    /// Moves, and answers which rows were passed. A cursor that cannot
    /// is of no more use, whatever the reason.
    fn go(&mut self, name: &str, fetch: &Fetch<'_>) -> Result<Passed, SessionError> {
        let is_failed = |cursor: &Cursor| matches!(cursor.source, Source::Failed);
        if self.cursors.get_mut().by_name.get(name).is_some_and(is_failed) {
            return Err(CursorError::Failed { name: name.to_owned() }.into());
        }
        let gone = self.go_as_told(name, fetch);
        if gone.is_err()
            && let Some(cursor) = self.cursors.get_mut().by_name.get_mut(name)
        {
            cursor.source = Source::Failed;
        }
        gone
    }

    fn go_as_told(&mut self, name: &str, fetch: &Fetch<'_>) -> Result<Passed, SessionError> {
        let (forward, count) = match fetch.direction {
            FetchDirection::Absolute(place) if place > 0 => {
                return self.go_to(name, place.unsigned_abs());
            }
            FetchDirection::Absolute(0) => {
                self.rewind(name)?;
                return self.pass(name, true, 0);
            }
            FetchDirection::Absolute(place) => {
                self.pass(name, true, u64::MAX)?;
                self.pass(name, false, place.unsigned_abs() - 1)?;
                return self.pass(name, false, 1);
            }
            FetchDirection::Relative(steps) if steps != 0 => {
                if steps.unsigned_abs() > 1 {
                    self.pass(name, steps > 0, steps.unsigned_abs() - 1)?;
                }
                return self.pass(name, steps > 0, 1);
            }
            FetchDirection::Relative(_) => (true, 0),
            FetchDirection::Forward(count) => (count >= 0, count.unsigned_abs()),
            FetchDirection::Backward(count) => (count < 0, count.unsigned_abs()),
        };
        let position = self.cursors.get_mut().position(name);
        let on_row = !position.at_start && !position.at_end;
        match count {
            0 if fetch.only_move => Ok(if on_row { Passed::one(position.passed) } else { Passed::default() }),
            0 if on_row => {
                self.pass(name, false, 1)?;
                self.pass(name, true, 1)
            }
            _ if !forward && count == i64::MAX.unsigned_abs() && fetch.only_move => {
                let passed = position.passed - u64::from(on_row);
                self.rewind(name)?;
                Ok(Passed { first: 1, count: passed, backward: true })
            }
            _ => self.pass(name, forward, count),
        }
    }

    /// To a row by its number: from the first on if that is nearer, else from here.
    fn go_to(&mut self, name: &str, place: u64) -> Result<Passed, SessionError> {
        let position = self.cursors.get_mut().position(name);
        if place - 1 <= position.passed / 2 {
            self.rewind(name)?;
            self.pass(name, true, place - 1)?;
        } else {
            let here = position.passed + u64::from(position.at_end);
            if place <= here {
                self.pass(name, false, here - place + 1)?;
            } else if place > here + 1 {
                self.pass(name, true, place - here - 1)?;
            }
        }
        self.pass(name, true, 1)
    }

    /// Before the first row.
    fn rewind(&mut self, name: &str) -> Result<(), SessionError> {
        let Some(cursor) = self.cursors.get_mut().by_name.get_mut(name) else { return Ok(()) };
        if cursor.position.at_start && !cursor.position.at_end {
            return Ok(());
        }
        if !cursor.scroll {
            return Err(CursorError::ForwardOnly.into());
        }
        cursor.position = START;
        Ok(())
    }

    /// Passes so many rows, or as many as there are.
    fn pass(&mut self, name: &str, forward: bool, count: u64) -> Result<Passed, SessionError> {
        if forward {
            let Position { at_end, passed, .. } = self.cursors.get_mut().position(name);
            if !at_end && count > 0 {
                self.extend(name, passed.saturating_add(count))?;
            }
        }
        match self.cursors.get_mut().by_name.get_mut(name) {
            Some(cursor) if forward => Ok(cursor.forward(count)),
            Some(cursor) => cursor.backward(count),
            None => Ok(Passed::default()),
        }
    }

    /// A cursor over whose rows a loop goes is not closed; without a name: any.
    pub(crate) fn refuse_pinned(&mut self, name: Option<&str>) -> Result<(), SessionError> {
        let mut cursors = self.cursors.get_mut().by_name.iter();
        let is_active = |(known, cursor): &(&String, &Cursor)| {
            matches!(cursor.source, Source::Active) && name.is_none_or(|name| name == known.as_str())
        };
        if let Some((name, _)) = cursors.find(is_active) {
            return Err(CursorError::Active { name: name.clone() }.into());
        }
        let mut pinned = self.transient.get_mut().pinned.iter();
        match pinned.find(|pinned| name.is_none_or(|name| name == pinned.as_str())) {
            Some(pinned) => Err(CursorError::Pinned { name: pinned.clone() }.into()),
            None => Ok(()),
        }
    }

    pub(crate) fn run_close(
        &mut self,
        name: Option<&str>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match name {
            Some(name) => {
                self.refuse_pinned(Some(name))?;
                if !self.cursors.get_mut().close(name) && !self.portals.close(name) {
                    return Err(SessionError::NoCursor { name: name.to_owned() });
                }
                client.complete("CLOSE CURSOR");
            }
            None => {
                self.refuse_pinned(None)?;
                self.cursors.get_mut().clear();
                self.portals.clear();
                client.complete("CLOSE CURSOR ALL");
            }
        }
        Ok(())
    }
}

impl Cursor {
    /// Passes rows that have come.
    fn forward(&mut self, count: u64) -> Passed {
        let position = &mut self.position;
        if position.at_end || count == 0 {
            return Passed::default();
        }
        let first = position.passed + 1;
        let found = count.min(self.rows.count().saturating_sub(position.passed));
        position.at_start &= found == 0;
        position.at_end = found < count;
        position.passed += found;
        Passed { first, count: found, backward: false }
    }

    fn backward(&mut self, count: u64) -> Result<Passed, SessionError> {
        if !self.scroll {
            return Err(CursorError::ForwardOnly.into());
        }
        let position = &mut self.position;
        if position.at_start || count == 0 {
            return Ok(Passed::default());
        }
        // Behind the last row that one is the first on the way back.
        let first = if position.at_end { position.passed } else { position.passed.saturating_sub(1) };
        let found = count.min(first);
        if found < count {
            *position = Position { at_start: true, passed: 0, at_end: position.at_end && found == 0 };
        } else {
            *position = Position { at_start: false, passed: first + 1 - found, at_end: false };
        }
        Ok(Passed { first: first + 1 - found, count: found, backward: true })
    }
}

/// Refuses words that say the opposite of each other.
fn refuse_opposites(declare: &DeclareCursor<'_>) -> Result<(), SessionError> {
    let refused = |one, other| Err(CursorError::Options { one, other }.into());
    if declare.scroll.contains(&true) && declare.scroll.contains(&false) {
        return refused("SCROLL", "NO SCROLL");
    }
    if declare.insensitive && declare.asensitive {
        return refused("ASENSITIVE", "INSENSITIVE");
    }
    Ok(())
}

/// Refuses what a cursor that locks rows cannot be.
fn refuse_locking(declare: &DeclareCursor<'_>) -> Result<(), SessionError> {
    let Some(locking) = declare.query.locking.first() else { return Ok(()) };
    let strength = match locking.strength {
        LockStrength::KeyShare => "FOR KEY SHARE",
        LockStrength::Share => "FOR SHARE",
        LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
        LockStrength::Update => "FOR UPDATE",
    };
    let refused = |kind| Err(CursorError::Locks { kind, strength }.into());
    if declare.hold {
        return refused(LockingCursor::Holdable);
    }
    if declare.scroll.contains(&true) {
        return refused(LockingCursor::Scrollable);
    }
    if declare.insensitive {
        return refused(LockingCursor::Insensitive);
    }
    Ok(())
}

/// Computes rows until there are so many; whether there are no more.
fn compute(
    execution: &mut Execution,
    world: &mut World<'_>,
    rows: &mut CursorRows,
    until: u64,
) -> ExecuteResult<bool> {
    if execution.writes() {
        // What changes rows is done as soon as it begins.
        let mut found = Vec::new();
        run_inner(world, execution, true, &mut |chunk| {
            found.push(chunk);
            Ok(true)
        })?;
        found.into_iter().try_for_each(|chunk| rows.push(chunk, execution, world))?;
        return Ok(true);
    }
    let usual = world.settings.chunk_rows;
    while rows.count() < until {
        // No row is computed before it is asked for.
        let missing = usize::try_from(until - rows.count()).unwrap_or(usize::MAX);
        world.settings.chunk_rows = usual.min(missing);
        let Some(chunk) = execution.next(world)? else { return Ok(true) };
        rows.push(chunk, execution, world)?;
    }
    Ok(false)
}
