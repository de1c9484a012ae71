//! Functions in SQL: their statements run within the statement that calls them, in its transaction.

use crate::change::{When, run_events};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{OneColumn, given_type};
use crate::execution::Execution;
use crate::run::Run;
use crate::world::{Settings, World};
use functions::Context;
use plan::expression::Expression;
use plan::physical::Plan;
use std::sync::Arc;
use store::locks::{RelationMode, WaitPolicy};
use store::{TreeId, View};
use types::catalog::{Column, oid};
use types::vector::Chunk;
use types::{Kind, Type, Types, Value, Vector};

/// A function whose statements are planned.
#[derive(Debug)]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// What it does.
    pub statements: Vec<RoutineStatement>,
    /// Whether a null argument makes it null, without a call.
    pub strict: bool,
    /// Whether all rows of its last statement are its result, not the first alone.
    pub returns_set: bool,
    /// Whether it may give something else the next time.
    pub volatile: bool,
    /// The role with whose rights it runs, if it is not its caller (`SECURITY DEFINER`).
    pub definer: Option<u32>,
    /// For whom it is planned.
    pub caller: Caller,
    /// Settings that it has as long as it runs.
    pub settings: Vec<(String, String)>,
    /// Whether its calls are counted: those of one that stands for an expression are not.
    pub counted: bool,
    /// Whether it is in PL/pgSQL: whoever knows the catalog runs it, and it has no statements here.
    pub procedural: bool,
}

/// Who calls a function: the role, and the settings that functions around have.
pub type Caller = (u32, Vec<(String, String)>);

/// A statement of a function.
#[derive(Debug)]
pub enum RoutineStatement {
    /// It reads or changes rows.
    Planned(PlannedStatement),
    /// It does something else, as it is written; whoever knows the catalog runs it.
    Other {
        /// The statement.
        text: String,
        /// The body that it is of.
        body: Arc<str>,
    },
}

/// A statement of a function that is planned.
#[derive(Debug)]
pub struct PlannedStatement {
    /// How it is done. The result is its first column.
    pub plan: Arc<Plan>,
    /// The relations that it uses, with how they are locked.
    pub locks: Vec<(u64, RelationMode)>,
    /// Whether its rows are the result.
    pub yields: bool,
}

/// A call of a function in SQL.
#[derive(Debug, Clone)]
pub struct RoutineCall {
    /// Which.
    pub function: u32,
    /// Of which types its arguments are.
    pub arguments: Box<[Type]>,
    /// The columns of those that are rows which nothing but the statement describes.
    pub rows: Box<[Option<Arc<[Column]>>]>,
    /// Of which type its result is, and of which kind.
    pub result: Type,
    /// The types of the columns that the query says of a `record`; empty where it says none.
    pub columns: Box<[Type]>,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether it may be counted; steps of aggregates are not.
    pub counted: bool,
}

/// The types with which a function is called.
#[derive(Debug, Clone, Copy)]
pub struct CalledTypes<'c> {
    /// Those of its arguments.
    pub arguments: &'c [Type],
    /// That of its result.
    pub result: Type,
    /// Those of the columns that the query says of a `record`.
    pub columns: &'c [Type],
}

/// Runs a function or procedure. One that is not volatile reads from the view of the statement around it.
///
/// # Errors
/// Those of its statements.
pub fn run_routine(
    world: &mut World<'_>,
    call: &RoutineCall,
    values: &[Value],
    around: Option<&View>,
) -> ExecuteResult<Vec<Value>> {
    let routine = call.routine(world)?;
    if routine.strict && values.iter().any(Value::is_null) {
        return Ok(Vec::new());
    }
    world.settings.may_call()?;
    let settings = Settings { depth: world.settings.depth + 1, ..world.settings };
    let caller = routine.definer.map(|definer| world.context.session.act_as(definer));
    let text = match &routine.settings[..] {
        [] => Ok(None),
        entered => world.context.session.enter(entered).map(Some),
    };
    let text = text.inspect_err(|_| act_again(world, caller))?;
    let mut inner = World {
        context: Context {
            types: world.context.types,
            text: text.as_ref().unwrap_or(world.context.text),
            statement_time: world.context.statement_time,
            session: &mut *world.context.session,
            cache: &mut *world.context.cache,
            room: usize::MAX,
        },
        store: world.store,
        transaction: &mut *world.transaction,
        catalog: world.catalog,
        events: &mut *world.events,
        parameters: values,
        settings,
        tally: world.tally,
        timer: world.timer,
        helpers: world.helpers,
    };
    let is_called = call.counted && (routine.counted || inner.tally.borrow().folds());
    let counted = match is_called {
        true => inner.begins_call(call.function, routine.procedural),
        false => None,
    };
    let mut rows = Vec::new();
    let view = around.filter(|_| !routine.volatile);
    let done = if routine.procedural {
        let catalog = inner.catalog;
        catalog.run_procedural(&mut inner, call, values, view).map(|found| rows = found)
    } else {
        run_statements(&mut inner, call, &routine, view).map(|found| rows = found)
    };
    inner.ends_call(counted.as_ref(), done.is_ok());
    if text.is_some() {
        inner.context.session.leave();
    }
    act_again(world, caller);
    done.map(|()| rows)
}

/// Runs the statements of a function in SQL, whose arguments are the parameters. Behind one that may have defined or set something, or
/// has made the session another role, the others are planned anew: what they are about may lie elsewhere, or be nothing for that role.
fn run_statements(
    world: &mut World<'_>,
    call: &RoutineCall,
    routine: &Routine,
    view: Option<&View>,
) -> ExecuteResult<Vec<Value>> {
    let (catalog, values) = (world.catalog, world.parameters);
    let (mut rows, mut stale) = (Vec::new(), false);
    let role = world.context.session.role();
    for (place, statement) in routine.statements.iter().enumerate() {
        let failed = |error| routine.failed(place + 1, statement, error);
        match statement {
            RoutineStatement::Other { text, .. } => {
                catalog.run_other(world, call, text, values).map_err(failed)?;
                stale = true;
            }
            RoutineStatement::Planned(planned) => {
                stale = stale
                    || world.context.session.role() != role
                    || (place > 0 && !catalog.is_current(world.transaction)?);
                if stale {
                    rows = catalog.run_anew(world, (call, &routine.caller), place, values)?;
                } else {
                    run_statement(world, planned, (routine.returns_set, view), &mut rows).map_err(failed)?;
                }
            }
        }
    }
    Ok(rows)
}

/// Runs one of the statements of a function, which is planned, by its place: as it is to be done now.
///
/// # Errors
/// Those of the statement.
pub fn run_one(world: &mut World<'_>, call: &RoutineCall, place: usize) -> ExecuteResult<Vec<Value>> {
    let routine = call.routine_at(world, Some(place))?;
    let mut rows = Vec::new();
    if let Some(statement @ RoutineStatement::Planned(planned)) = routine.statements.get(place) {
        let done = run_statement(world, planned, (routine.returns_set, None), &mut rows);
        done.map_err(|error| routine.failed(place + 1, statement, error))?;
    }
    Ok(rows)
}

impl Routine {
    /// What went wrong in one of its statements. One that stands for an expression has none.
    fn failed(&self, number: usize, statement: &RoutineStatement, error: ExecuteError) -> ExecuteError {
        match statement {
            _ if !self.counted => error,
            RoutineStatement::Planned(_) => error.within(in_statement(&self.name, number)),
            RoutineStatement::Other { body, .. } => error.within_text(in_statement(&self.name, number), body),
        }
    }
}

/// Where something goes wrong while one of a function's statements runs; they are counted from one.
pub fn in_statement(function: &str, number: usize) -> String {
    format!("SQL function \"{function}\" statement {number}")
}

/// Whoever acted before a function that runs with its owner's rights acts again.
fn act_again(world: &mut World<'_>, caller: Option<u32>) {
    if let Some(caller) = caller {
        world.context.session.act_again(caller);
    }
}

fn run_statement(
    world: &mut World<'_>,
    statement: &PlannedStatement,
    (all, view): (bool, Option<&View>),
    rows: &mut Vec<Value>,
) -> ExecuteResult<()> {
    for (tree, mode) in &statement.locks {
        world.transaction.lock_tree(TreeId(*tree), *mode, WaitPolicy::FOREVER)?;
    }
    let mut execution = Execution::new(statement.plan.clone(), world)?;
    if let Some(view) = view {
        execution.read_from(view.clone());
    }
    run_inner(world, &mut execution, true, &mut |chunk| {
        if !statement.yields {
            return Ok(true);
        }
        let chunk = chunk.densify()?;
        for row in 0..chunk.rows() {
            if all || rows.is_empty() {
                rows.push(chunk.column(0).value(row));
            }
        }
        Ok(all || rows.is_empty())
    })
}

/// Runs a statement of a function: `take` gets its rows, and says whether it wants more. One that changes rows is run to its
/// end in any case if that is said; whoever does not say it fails if there were more rows.
///
/// # Errors
/// Whatever can go wrong.
pub fn run_inner(
    world: &mut World<'_>,
    execution: &mut Execution,
    to_end: bool,
    take: &mut dyn FnMut(Chunk) -> ExecuteResult<bool>,
) -> ExecuteResult<()> {
    let changes = execution.changes();
    if changes {
        world.events.enter();
    }
    while let Some(chunk) = execution.next(world)? {
        let more = take(chunk)? || (changes && to_end);
        if !more {
            break;
        }
    }
    if changes {
        world.events.routine_changes_mut().note(execution.take_changed());
        run_events(world, When::Statement)?;
        world.events.leave();
        if world.settings.depth == 0 {
            world.events.routine_changes_mut().forget_rows();
        }
    }
    Ok(())
}

impl RoutineCall {
    /// Of a function with arguments, for a result of a type and kind.
    pub fn of(
        types: &dyn Types,
        function: u32,
        arguments: &[Expression],
        (result, kind): (Type, Kind),
    ) -> RoutineCall {
        let rows = arguments.iter().map(|argument| match argument.result.oid {
            oid::RECORD => match given_type(argument) {
                Type { oid: oid::RECORD, modifier } => types.record_columns(modifier),
                composite => types.columns(composite.oid).map(Arc::from),
            },
            _ => None,
        });
        let rows = rows.collect();
        let arguments = arguments.iter().map(|argument| argument.result).collect();
        RoutineCall { function, arguments, rows, result, columns: Box::default(), kind, counted: true }
    }

    /// What is called, planned.
    fn routine(&self, world: &mut World<'_>) -> ExecuteResult<Arc<Routine>> {
        self.routine_at(world, None)
    }

    /// The same, of whose statements only the one at a place is planned.
    fn routine_at(&self, world: &mut World<'_>, only: Option<usize>) -> ExecuteResult<Arc<Routine>> {
        let view = world.transaction.view()?;
        let who = (world.context.session.role(), world.context.session.entered());
        let types = CalledTypes { arguments: &self.arguments, result: self.result, columns: &self.columns };
        world.catalog.routine((self.function, only), types, &view, who)
    }

    /// The values for rows of arguments: the first row of each call.
    pub fn evaluate(
        &self,
        run: &mut Run<'_, '_>,
        arguments: &[Vector],
        rows: usize,
    ) -> ExecuteResult<Vector> {
        run.note_effect();
        let mut builder = types::vector::VectorBuilder::new(self.kind, rows);
        for row in 0..rows {
            run.check()?;
            let values: Vec<Value> = arguments.iter().map(|argument| argument.value(row)).collect();
            let found = run_routine(run.world, self, &values, run.state.view.as_ref())?;
            builder.push(found.first().unwrap_or(&Value::Null))?;
        }
        Ok(builder.finish())
    }

    /// All rows of one call; of a function that gives no set one, null if its statement had none.
    pub fn rows(&self, run: &mut Run<'_, '_>, arguments: &[Vector]) -> ExecuteResult<OneColumn> {
        run.note_effect();
        let values: Vec<Value> = arguments.iter().map(|argument| argument.value(0)).collect();
        let routine = self.routine(run.world)?;
        let mut found = run_routine(run.world, self, &values, run.state.view.as_ref())?;
        if found.is_empty() && !routine.returns_set {
            found.push(Value::Null);
        }
        let mut builder = types::vector::VectorBuilder::new(self.kind, found.len());
        for value in &found {
            builder.push(value)?;
        }
        Ok(OneColumn::new(builder.finish()))
    }
}
