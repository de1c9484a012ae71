//! What a session lends to a statement that runs.

use crate::change::Events;
use crate::error::{ExecuteError, ExecuteResult};
use crate::parallel::{Helpers, Helping};
use crate::routine::{CalledTypes, Caller, Routine, RoutineCall};
use crate::tally::{CountedCall, Tally};
use functions::{Context, RowSource, SessionFunction, Site};
use plan::expression::Expression;
use plan::target::TargetTable;
use plan::trigger::TriggerCall;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, Transaction, View};
use types::{Item, Type, Value};

/// How statements run.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many rows a chunk has at most; tests run with 1 and 2.
    pub chunk_rows: usize,
    /// How many bytes an operator holds before it writes to a temporary file (`work_mem`).
    pub work_mem: usize,
    /// How many bytes a statement may write to its temporary file (`temp_file_limit`).
    pub temp_file_limit: Option<u64>,
    /// How many bytes the operators of a statement may hold together.
    pub memory_limit: usize,
    /// How deep functions in SQL have called each other.
    pub depth: u32,
    /// How deep they may: each level takes some stack.
    pub depth_limit: u32,
    /// The address that the stack may not have passed when one more is called ([`env::stack_address`]): a call takes more than it
    /// counts for if it stands deep in an expression or a plan.
    pub stack_floor: usize,
    /// Whether the session replays what another server has done (`session_replication_role`): foreign keys are not looked at,
    /// and triggers fire that are made for it.
    pub replica: bool,
    /// From when on others help.
    pub helping: Helping,
}

/// Stack that a call of a function in SQL takes at most, by its caller and its statement.
const STACK_OF_CALL: usize = 21 << 10;

/// How deep functions in SQL may call each other on a stack with so many bytes free.
pub fn depth_limit(stack_bytes: usize) -> u32 {
    u32::try_from(stack_bytes / STACK_OF_CALL).unwrap_or(u32::MAX)
}

impl Settings {
    /// Whether one more function may be called.
    ///
    /// # Errors
    /// If they have called each other as deep as they may, or the stack has been used as far as it may be.
    pub fn may_call(&self) -> ExecuteResult<()> {
        if self.depth >= self.depth_limit || env::stack_address() < self.stack_floor {
            return Err(ExecuteError::TooDeep);
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            chunk_rows: types::vector::CHUNK_ROWS,
            work_mem: 64 << 20,
            temp_file_limit: None,
            memory_limit: 4 << 30,
            depth: 0,
            depth_limit: depth_limit(1 << 20),
            stack_floor: 0,
            replica: false,
            helping: Helping::default(),
        }
    }
}

/// What only the catalog knows.
pub trait Catalog {
    /// All that a change must know of a table by its number: for foreign keys. None if there is no such table.
    ///
    /// # Errors
    /// When an expression of it means nothing any more.
    fn target_if_any(&self, table: u32) -> ExecuteResult<Option<Arc<TargetTable>>>;

    /// The same of a table that must be there.
    ///
    /// # Errors
    /// When there is no such table.
    fn target(&self, table: u32) -> ExecuteResult<Arc<TargetTable>> {
        let found = self.target_if_any(table)?;
        found.ok_or_else(|| ExecuteError::plan(format!("there is no table {table}")))
    }

    /// The same of a table whose rows refer to others, with all of them: for what is done when those go.
    ///
    /// # Errors
    /// As there.
    fn referring(&self, table: u32) -> ExecuteResult<Arc<TargetTable>> {
        self.target(table)
    }

    /// The default of a column, if it has one: for `SET DEFAULT`.
    ///
    /// # Errors
    /// When it cannot be bound.
    fn default_of(&self, table: u32, column: u16) -> ExecuteResult<Option<Expression>>;

    /// Whether a partition of a table, or of its partitions, has left it meanwhile or is about to, though the transaction may still
    /// see it there: its rows are none that can be referred to.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    fn has_left(&self, transaction: &mut Transaction, part: u32, table: u32) -> ExecuteResult<bool> {
        let _ = (transaction, part, table);
        Ok(false)
    }

    /// A value as it is assigned to a column of a type, if it can be: for foreign keys between types.
    ///
    /// # Errors
    /// When the cast cannot be bound.
    fn assigned(&self, value: Expression, to: Type) -> ExecuteResult<Option<Expression>>;

    /// The rows of a table of `pg_catalog` or `information_schema`: the columns of these numbers. Large objects are those that
    /// `view` shows.
    ///
    /// # Errors
    /// When there is no such table.
    fn rows(&self, table: u32, columns: &[u16], view: &View) -> ExecuteResult<Box<dyn RowSource>>;

    /// A function in SQL, planned for these types; if a place is given, only the statement there is. `view` is what its statements
    /// would read from now, and `who` calls it.
    ///
    /// # Errors
    /// When there is no such function, its body means nothing, or does what the role may not.
    fn routine(
        &self,
        (function, only): (u32, Option<usize>),
        types: CalledTypes<'_>,
        view: &View,
        who: Caller,
    ) -> ExecuteResult<Arc<Routine>> {
        let _ = (only, types, view, who);
        Err(ExecuteError::plan(format!("there is no function {function}")))
    }

    /// Runs a statement of a function in SQL that is neither planned nor yields anything, as it is written.
    ///
    /// # Errors
    /// Whatever it fails with.
    fn run_other(
        &self,
        world: &mut World<'_>,
        call: &RoutineCall,
        text: &str,
        values: &[Value],
    ) -> ExecuteResult<()> {
        let _ = (world, call, values);
        Err(ExecuteError::plan(format!("no statement can be run here: {text}")))
    }

    /// Runs a statement of a function in SQL by its place, as it is to be done by what there is now; its rows if they are the result.
    /// The function is the one that `caller` called, whatever has become of it, and its names mean what they meant then.
    ///
    /// # Errors
    /// Whatever they fail with.
    fn run_anew(
        &self,
        world: &mut World<'_>,
        (call, caller): (&RoutineCall, &Caller),
        place: usize,
        values: &[Value],
    ) -> ExecuteResult<Vec<Value>> {
        let _ = (world, caller, place, values);
        Err(ExecuteError::plan(format!("there is no function {}", call.function)))
    }

    /// Whether what the transaction sees is still what this says: what a statement calls may have defined something.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    fn is_current(&self, transaction: &mut Transaction) -> ExecuteResult<bool> {
        let _ = transaction;
        Ok(true)
    }

    /// Runs a function in PL/pgSQL: the values or rows that it returns. One that is not volatile reads from `view`.
    ///
    /// # Errors
    /// Whatever its statements fail with.
    fn run_procedural(
        &self,
        world: &mut World<'_>,
        call: &RoutineCall,
        values: &[Value],
        view: Option<&View>,
    ) -> ExecuteResult<Vec<Value>> {
        let _ = (world, values, view);
        Err(ExecuteError::plan(format!("there is no function {} in PL/pgSQL", call.function)))
    }

    /// Runs the function of an event trigger within a command, at an event and by a tag.
    ///
    /// # Errors
    /// Whatever it fails with.
    fn call_event_trigger(
        &self,
        world: &mut World<'_>,
        function: u32,
        words: (&str, &str),
    ) -> ExecuteResult<()> {
        let _ = (world, words);
        Err(ExecuteError::plan(format!("there is no function {function} of event triggers")))
    }

    /// Answers a function that asks for the transaction ([`SessionFunction::asks_transaction`]), for one row; `view` is what its
    /// statement reads from. Arguments that a strict function has are not null.
    ///
    /// # Errors
    /// The function's own.
    fn ask(
        &self,
        world: &mut World<'_>,
        function: SessionFunction,
        (site, arguments): (&Site, &[Item<'_>]),
        view: &View,
    ) -> ExecuteResult<Value> {
        let _ = view;
        Ok(world.context.session.call(function, site, arguments)?)
    }

    /// Runs a trigger's function that a user has made: the row that it answers, as the values of the table's columns; none
    /// for null.
    ///
    /// # Errors
    /// Whatever its statements fail with.
    fn call_trigger(
        &self,
        world: &mut World<'_>,
        function: u32,
        call: &TriggerCall,
    ) -> ExecuteResult<Option<Vec<Value>>> {
        let _ = (world, call);
        Err(ExecuteError::plan(format!("there is no function {function} of triggers")))
    }
}

/// What a statement runs in.
pub struct World<'a> {
    /// What functions may ask.
    pub context: Context<'a>,
    /// The store, for row numbers.
    pub store: &'a Store,
    /// The transaction.
    pub transaction: &'a mut Transaction,
    /// The catalog.
    pub catalog: &'a dyn Catalog,
    /// What the transaction's statements have left to be looked at before it commits.
    pub events: &'a mut Events,
    /// Values of `$1`, `$2`, …
    pub parameters: &'a [Value],
    /// How it runs.
    pub settings: Settings,
    /// What is counted.
    pub tally: &'a RefCell<Tally>,
    /// Tells time to whoever watches operators.
    pub timer: &'a dyn Fn() -> Duration,
    /// Who starts tasks that help, if anybody does.
    pub helpers: Option<&'a dyn Helpers>,
}

impl World<'_> {
    /// Calls a function, and counts that if such are counted.
    pub(crate) fn counted<R>(
        &mut self,
        function: u32,
        procedural: bool,
        call: impl FnOnce(&mut World<'_>) -> ExecuteResult<R>,
    ) -> ExecuteResult<R> {
        let counted = self.begins_call(function, procedural);
        let done = call(self);
        self.ends_call(counted.as_ref(), done.is_ok());
        done
    }

    /// A function is called; none if such calls are not counted.
    pub fn begins_call(&mut self, function: u32, procedural: bool) -> Option<CountedCall> {
        if !self.tally.borrow().follows(procedural) {
            return None;
        }
        let (call, first) = self.tally.borrow_mut().begin_call(function, (self.timer)());
        if first {
            self.context.session.is_counted(function);
        }
        Some(call)
    }

    /// It is over.
    pub fn ends_call(&mut self, call: Option<&CountedCall>, good: bool) {
        if let Some(call) = call {
            self.tally.borrow_mut().end_call(call, (self.timer)(), good);
        }
    }
}
