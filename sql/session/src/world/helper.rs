//! Tasks that help statements: each has a world of its own, in which nobody answers but the program.
//!
//! Invariants
//!
//! 1. As many work at once as the machine can run beside whoever has asked, and no more than `max_parallel_workers`, over all sessions.
//! 2. What a helper may be asked was chosen so that neither the session nor the catalog is needed; where they are all the same the
//!    statement fails with an internal error.

use crate::engine::Engine;
use crate::labels::{HELPED, HELPER, TIMER};
use datetime::TimestampTz;
use env::TaskHandle;
use env::sync::atomic::{AtomicUsize, Ordering};
use execute::parallel::{HelperWork, Helpers, Lent, Stop};
use execute::{Catalog, Events, ExecuteError, ExecuteResult, Settings, Tally, World};
use functions::{Cache, Context, FunctionError, FunctionResult, RowSource, Session, SessionFunction, Site};
use plan::expression::Expression;
use plan::target::TargetTable;
use std::cell::RefCell;
use std::sync::Arc;
use store::{Begin, DatabaseId, Isolation, View};
use types::{BuiltinTypes, Item, Type, Value, Vector};

/// Who starts helpers for a session.
pub struct Crew<'e> {
    /// What sessions share.
    pub engine: &'e Engine,
    /// The database that the session works in.
    pub database: DatabaseId,
    /// How many may work at once, over all sessions.
    pub most: usize,
}

/// One that works, among all.
struct Working(Arc<AtomicUsize>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Helpers for Crew<'_> {
    fn most(&self) -> usize {
        self.most.min(self.engine.env.parallelism().saturating_sub(1))
    }

    fn start(&self, lent: Lent, work: HelperWork) -> Option<Box<dyn TaskHandle>> {
        let helping = &self.engine.helping;
        if helping.fetch_add(1, Ordering::Relaxed) >= self.most() {
            helping.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let working = Working(helping.clone());
        let (engine, database) = (self.engine.clone(), self.database);
        let body = Box::new(move || {
            help(&engine, database, lent, work);
            drop(working);
        });
        // Whose task cannot be started does the work alone.
        let task = self.engine.env.spawn(&HELPER, "helper", body).ok()?;
        self.engine.env.reached(&HELPED);
        Some(task)
    }
}

/// Does the work. Without a transaction nothing is done: whoever has asked sees that there is no answer.
fn help(engine: &Engine, database: DatabaseId, lent: Lent, work: HelperWork) {
    let begin = Begin { isolation: Isolation::ReadCommitted, read_only: true, database, ..Begin::default() };
    let Ok(mut transaction) = engine.store.begin(begin) else { return };
    let (mut cache, mut events) = (Cache::default(), Events::default());
    let mut session = Alone { stop: lent.stop, random: None };
    let tally = RefCell::new(Tally::default());
    let settings = Settings { stack_floor: engine.env.stack_floor(), ..lent.settings };
    let timer = || engine.env.monotonic(&TIMER);
    let mut world = World {
        context: Context {
            types: &BuiltinTypes,
            text: &lent.text,
            statement_time: lent.statement_time,
            session: &mut session,
            cache: &mut cache,
            room: usize::MAX,
        },
        store: &engine.store,
        transaction: &mut transaction,
        catalog: &NoCatalog,
        events: &mut events,
        parameters: &lent.parameters,
        settings,
        tally: &tally,
        timer: &timer,
        helpers: None,
    };
    work(&mut world);
}

/// A session that knows nothing but whether it is to stop.
struct Alone {
    stop: Arc<Stop>,
    random: Option<[u64; 2]>,
}

fn unknown(what: &str) -> FunctionError {
    FunctionError::plain(
        diagnostic::SqlState::InternalError,
        format!("a helper was asked what only a session knows: {what}"),
    )
}

impl Session for Alone {
    fn call(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Value> {
        Err(unknown(function.source()))
    }

    fn rows(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
        Err(unknown(function.source()))
    }

    /// Nobody asks: what looks at the clock gives something else each time, and is left to the statement's own task.
    fn clock(&mut self) -> TimestampTz {
        TimestampTz(0)
    }

    fn entropy(&mut self) -> FunctionResult<u64> {
        Err(unknown("random bits"))
    }

    fn random_state(&mut self) -> &mut Option<[u64; 2]> {
        &mut self.random
    }

    fn sleep(&mut self, _: f64) -> FunctionResult<()> {
        Err(unknown("sleep"))
    }

    fn check(&mut self) -> FunctionResult<()> {
        if self.stop.is_told() {
            let message = "canceling statement due to user request";
            return Err(FunctionError::plain(diagnostic::SqlState::QueryCanceled, message));
        }
        Ok(())
    }

    fn notice(&mut self, _: Box<dyn diagnostic::Diagnostic>) {}
}

/// A catalog of no tables.
struct NoCatalog;

impl Catalog for NoCatalog {
    fn target_if_any(&self, _: u32) -> ExecuteResult<Option<Arc<TargetTable>>> {
        Ok(None)
    }

    fn default_of(&self, _: u32, _: u16) -> ExecuteResult<Option<Expression>> {
        Ok(None)
    }

    fn assigned(&self, _: Expression, _: Type) -> ExecuteResult<Option<Expression>> {
        Ok(None)
    }

    fn rows(&self, table: u32, _: &[u16], _: &View) -> ExecuteResult<Box<dyn RowSource>> {
        Err(ExecuteError::Plan(format!("a helper was asked for the table {table} of the catalog")))
    }
}
