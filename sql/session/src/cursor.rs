//! Cursors: `DECLARE`, `FETCH`, `MOVE`, `CLOSE`.
//!
//! A cursor's rows are those of the moment when it was declared. They are computed when it is declared and kept, so that it
//! can be gone through both ways, and so that one declared `WITH HOLD` outlives its transaction.

use crate::client::{Client, ClientGone, ResultColumn};
use crate::error::{NotCurrent, SessionError};
use crate::literals::SessionLiterals;
use crate::query::{Operators, Verb};
use crate::session::Session;
use bind::{CursorQuery, CursorTable, Parameters};
use catalog::Scope;
use datetime::TimestampTz;
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::tree::Query;
use syntax::tree::session::{DeclareCursor, Fetch, FetchDirection};
use syntax::tree::statement::StatementKind;
use types::Item;
use types::vector::Chunk;

/// What a cursor's query yields.
struct Shape {
    /// How many columns are its own.
    columns: usize,
    /// Its tables; the ids of their rows lie in the chunks behind its columns.
    tables: Vec<CursorTable>,
    /// Whether it is but a scan of one table.
    is_simple: bool,
}

/// A cursor.
pub(crate) struct Cursor {
    columns: Arc<[ResultColumn]>,
    shape: Shape,
    chunks: Vec<Chunk>,
    /// The relations that it was made of.
    reads: Vec<u32>,
    rows: u64,
    /// Before the first row it is 0, on the last `rows`, behind it one more.
    at: u64,
    pub scroll: bool,
    pub hold: bool,
    /// How it was declared, and when.
    pub statement: String,
    pub declared: TimestampTz,
    /// Whether the transaction that declared it has committed.
    held: bool,
    /// How many cursors the session had declared before.
    number: u64,
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

    /// The columns of one, if there is one of that name.
    pub fn columns(&self, name: &str) -> Option<Vec<ResultColumn>> {
        self.by_name.get(name).map(|cursor| cursor.columns.to_vec())
    }

    /// The id of the row of a table, by its number and its name, on which a cursor stands.
    ///
    /// # Errors
    /// PostgreSQL's: when there is none, or it has no such row.
    pub fn current_row(&self, name: &str, (table, table_name): (u32, &str)) -> Result<i64, SessionError> {
        let cursor = self.by_name.get(name);
        let cursor = cursor.ok_or_else(|| SessionError::NoCursor { name: name.to_owned() })?;
        let refused =
            |why| SessionError::NotCurrent { cursor: name.to_owned(), why, table: table_name.to_owned() };
        if cursor.held {
            return Err(refused(NotCurrent::Held));
        }
        let locking = cursor.shape.tables.iter().any(|known| known.locked);
        let found = if locking {
            let mut of_table =
                cursor.shape.tables.iter().filter(|known| known.table == table && known.locked);
            match (of_table.next(), of_table.next()) {
                (None, _) => return Err(refused(NotCurrent::NoReference)),
                (Some(_), Some(_)) => return Err(refused(NotCurrent::ManyReferences)),
                (Some(found), None) => Some(found),
            }
        } else {
            cursor.shape.tables.first().filter(|known| cursor.shape.is_simple && known.table == table)
        };
        let Some(found) = found else { return Err(refused(NotCurrent::NotSimple)) };
        if cursor.at == 0 || cursor.at > cursor.rows {
            return Err(refused(NotCurrent::NotPositioned));
        }
        let row = cursor.row(cursor.at);
        let place = row.selection().and_then(|rows| rows.first().copied()).unwrap_or(0);
        match row.column(found.column).item(place as usize) {
            Item::Int64(id) => Ok(id),
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
        if !declare.hold {
            self.block.demand("DECLARE CURSOR")?;
        }
        if declare.binary {
            return Err(SessionError::NotSupported { feature: "DECLARE CURSOR ... BINARY" });
        }
        let name = declare.name.text.to_owned();
        if self.cursors.by_name.contains_key(&name) {
            return Err(SessionError::CursorExists { name });
        }
        self.begin_snapshot()?;
        let bind = |session: &mut Session, scope: &Scope| session.bind_cursor(scope, declare.query);
        let verb = Verb::of(&StatementKind::Query(declare.query));
        let (ready, shape) = self.ready_as(verb, bind)?;
        let columns: Arc<[ResultColumn]> = ready.columns.iter().take(shape.columns).cloned().collect();
        let mut chunks = Vec::new();
        let mut rows = 0u64;
        self.each_chunk(&ready, Operators::New, &[], &mut |chunk, _| {
            rows += chunk.len() as u64;
            chunks.push(chunk.clone());
            Ok(())
        })?;
        let cursor = Cursor {
            columns,
            shape,
            chunks,
            reads: ready.locks.iter().map(|lock| lock.relation).collect(),
            rows,
            at: 0,
            // Without a word it may go back, as simple plans may in PostgreSQL, unless it locks rows.
            scroll: declare.scroll.last().copied().unwrap_or(declare.query.locking.is_empty()),
            hold: declare.hold,
            statement: text.to_owned(),
            declared: self.statement_time,
            held: false,
            number: self.cursors.declared,
        };
        self.cursors.declared += 1;
        self.cursors.by_name.insert(name, cursor);
        client.complete("DECLARE CURSOR");
        Ok(())
    }

    /// What a cursor's query means, and what it yields.
    fn bind_cursor(
        &mut self,
        scope: &Scope,
        query: &Query<'_>,
    ) -> Result<(plan::logical::Query, Shape), SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { scope, text: &text };
        let context = bind::Context { scope, literals: &literals, depth_limit: self.depth_limit() };
        let CursorQuery { query, columns, tables, is_simple } =
            bind::bind_cursor(context, query, Parameters::None)?;
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
        let cursor = self.cursors.by_name.get_mut(name);
        let cursor = cursor.ok_or_else(|| SessionError::NoCursor { name: name.to_owned() })?;
        let rows = cursor.go(fetch.direction)?;
        if fetch.only_move {
            client.complete(&format!("MOVE {}", rows.len()));
            return Ok(());
        }
        client.columns(&cursor.columns);
        for row in &rows {
            let own: Vec<usize> = (0..cursor.columns.len()).collect();
            let chunk = cursor.row(*row).project(&own);
            crate::query::send(&scope, &text, &cursor.columns, &chunk, client)
                .map_err(|ClientGone| SessionError::ClientGone)?;
        }
        client.complete(&format!("FETCH {}", rows.len()));
        Ok(())
    }

    pub(crate) fn run_close(
        &mut self,
        name: Option<&str>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match name {
            Some(name) => {
                let closed = self.cursors.by_name.remove(name);
                closed.ok_or_else(|| SessionError::NoCursor { name: name.to_owned() })?;
                client.complete("CLOSE CURSOR");
            }
            None => {
                self.cursors.clear();
                client.complete("CLOSE CURSOR ALL");
            }
        }
        Ok(())
    }
}

impl Cursor {
    /// Moves, and answers the numbers of the rows that were passed, from 1, in the order in which they were.
    fn go(&mut self, direction: FetchDirection) -> Result<Vec<u64>, SessionError> {
        let end = self.rows + 1;
        let target = match direction {
            FetchDirection::Forward(count) if count >= 0 => return Ok(self.forward(count.unsigned_abs())),
            FetchDirection::Forward(count) | FetchDirection::Backward(count) if count != 0 => {
                let back = match direction {
                    FetchDirection::Backward(count) if count < 0 => {
                        return Ok(self.forward(count.unsigned_abs()));
                    }
                    _ => count.unsigned_abs(),
                };
                return self.backward(back);
            }
            FetchDirection::Forward(_) | FetchDirection::Backward(_) => i128::from(self.at),
            FetchDirection::Absolute(place) if place >= 0 => i128::from(place),
            FetchDirection::Absolute(place) => i128::from(end) + i128::from(place),
            FetchDirection::Relative(steps) => i128::from(self.at) + i128::from(steps),
        };
        let target = u64::try_from(target.clamp(0, i128::from(end))).unwrap_or(end);
        if target < self.at && !self.scroll {
            return Err(SessionError::ForwardOnly);
        }
        self.at = target;
        Ok(if target == 0 || target == end { Vec::new() } else { vec![target] })
    }

    fn forward(&mut self, count: u64) -> Vec<u64> {
        if count == 0 {
            let here = self.at;
            return if here == 0 || here > self.rows { Vec::new() } else { vec![here] };
        }
        let last = self.at.saturating_add(count).min(self.rows);
        let rows: Vec<u64> = (self.at + 1..=last).collect();
        self.at = self.at.saturating_add(count).min(self.rows + 1);
        rows
    }

    fn backward(&mut self, count: u64) -> Result<Vec<u64>, SessionError> {
        if !self.scroll {
            return Err(SessionError::ForwardOnly);
        }
        let first = self.at.saturating_sub(count).max(1);
        let rows: Vec<u64> = (first..self.at).rev().collect();
        self.at = self.at.saturating_sub(count);
        Ok(rows)
    }

    /// A row by its number, alone.
    fn row(&self, number: u64) -> Chunk {
        let mut before = 0u64;
        for chunk in &self.chunks {
            let length = chunk.len() as u64;
            if number <= before + length {
                let place = usize::try_from(number - before - 1).unwrap_or(0);
                return chunk.slice(place, 1);
            }
            before += length;
        }
        Chunk::default()
    }
}
