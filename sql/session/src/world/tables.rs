//! What the executor and the planner ask of the catalog: tables as changes see them, defaults, rows of the system's tables.

use crate::privileges::{may_call_builtin, may_execute, may_use};
use crate::services::large_object::LargeObjects;
use crate::session::{search_path, shown_as};
use crate::settings::Settings;
use crate::system::Live;
use crate::world::facts::{Caller, StatementFacts, planner_settings};
use crate::world::literals::SessionLiterals;
use bind::{BindResult, Context, definition};
use catalog::object::{Body, Function, Volatility};
use catalog::{AccessError, Actor, Oid, Relation, Scope};
use diagnostic::SqlState;
use execute::{
    CalledTypes, Catalog, ExecuteError, ExecuteResult, PlannedStatement, Routine, RoutineCall,
    RoutineStatement, World, in_statement,
};
use functions::{FunctionError, RowSource, SessionFunction, Site};
use plan::expression::{Expression, FunctionId};
use plan::facts::Facts;
use plan::logical::RelationUse;
use plan::partition::Routing;
use plan::target::TargetTable;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{DatabaseId, Transaction, View};
use types::catalog::oid;
use types::text::TextSettings;
use types::{Item, Type, Value};

/// What the system's tables tell of the session.
#[derive(Clone, Copy)]
pub struct About<'t> {
    /// Its database and its role.
    pub who: (DatabaseId, Oid),
    /// How it shows values.
    pub text: &'t TextSettings,
    /// Its settings.
    pub settings: &'t Settings,
    /// What goes on.
    pub live: Live<'t>,
}

/// The catalog as a statement asks it. What was bound once is kept as long as the statement runs.
pub struct Tables<'t> {
    context: Context<'t>,
    session: About<'t>,
    targets: RefCell<BTreeMap<u32, Arc<TargetTable>>>,
    /// Tables whose rows refer to others, with all of them.
    referring: RefCell<BTreeMap<u32, Arc<TargetTable>>>,
    routings: RefCell<BTreeMap<Oid, Option<Arc<Routing>>>>,
    routines: RefCell<BTreeMap<RoutineKey, Arc<Routine>>>,
}

/// A function with the types that it is called with, who calls it, and what settings functions around it have.
type RoutineKey = ((u32, Option<usize>), Vec<(u32, i32)>, (u32, i32), Vec<(u32, i32)>, execute::Caller);

impl<'t> Tables<'t> {
    /// What names mean in `context`.
    pub fn new(context: Context<'t>, session: About<'t>) -> Tables<'t> {
        Tables {
            context,
            session,
            targets: RefCell::default(),
            referring: RefCell::default(),
            routings: RefCell::default(),
            routines: RefCell::default(),
        }
    }

    /// A table as changes see it; none if there is no table of this number.
    ///
    /// # Errors
    /// When an expression of the catalog means nothing any more.
    pub fn find(&self, table: u32) -> BindResult<Option<Arc<TargetTable>>> {
        if let Some(found) = self.targets.borrow().get(&table) {
            return Ok(Some(found.clone()));
        }
        let Some(object) = self.context.scope.table(table) else { return Ok(None) };
        let target = definition::target_table(self.context, object)?;
        self.targets.borrow_mut().insert(table, target.clone());
        Ok(Some(target))
    }
}

/// What names and literals mean in a function's body.
struct Meant {
    scope: Scope,
    text: TextSettings,
    settings: Settings,
}

/// A function in SQL as it was when it began to run, and what its statements meant then.
pub(crate) struct Begun<'b> {
    /// The function, which may be gone or another one by now.
    pub function: &'b Function,
    meant: Meant,
    /// The role for which they meant it.
    role: Oid,
}

impl Begun<'_> {
    /// The same by what there is now, along the path of then.
    fn now(&self, scope: &Scope) -> Begun<'_> {
        let Meant { scope: then, text, settings } = &self.meant;
        let scope = scope.along(then.path().clone());
        let meant = Meant { scope, text: text.clone(), settings: settings.clone() };
        Begun { function: self.function, meant, role: self.role }
    }
}

/// The settings that a function has as long as it runs.
fn settings_of(function: &Function) -> Vec<(String, String)> {
    function.settings.iter().map(|setting| (setting.name.clone(), setting.value.clone())).collect()
}

/// As which role a function runs that a role calls.
fn acting(function: &Function, caller: Oid) -> Oid {
    if function.security_definer { function.owner } else { caller }
}

impl Tables<'_> {
    /// What a function's body is read by: the settings of functions around it, and its own.
    fn meant(&self, function: &Function, around: &[(String, String)], role: Oid) -> ExecuteResult<Meant> {
        let mut settings = self.session.settings.clone();
        let own = settings_of(function);
        let all: Vec<&(String, String)> = around.iter().chain(&own).collect();
        for (name, value) in &all {
            let set = settings.set(name, value, true, true);
            set.map_err(|error| FunctionError::Other(Box::new(error)))?;
        }
        let scope = self.context.scope;
        let path_differs = || all.iter().any(|(name, _)| name == "search_path" || name == "row_security");
        let reads_as = scope.path().reader().map(|reader| reader.role);
        let scope = match reads_as != Some(role) || path_differs() {
            true => scope.along(search_path(scope, &settings, (role, self.session.who.0))),
            false => scope.clone(),
        };
        let text = match all.is_empty() {
            true => self.session.text.clone(),
            false => shown_as(self.session.text.clone(), settings.typed()),
        };
        Ok(Meant { scope, text, settings })
    }

    /// A function as the statement that calls it sees it.
    fn function(&self, function: Oid) -> ExecuteResult<&Function> {
        let found = self.context.scope.function(function);
        found
            .map(|found| &**found)
            .ok_or_else(|| ExecuteError::plan(format!("there is no function {function}")))
    }

    /// A function that begins to run.
    fn begun(&self, function: Oid, (role, entered): &execute::Caller) -> ExecuteResult<Begun<'_>> {
        let function = self.function(function)?;
        let role = acting(function, *role);
        Ok(Begun { function, meant: self.meant(function, entered, role)?, role })
    }

    /// How the rows of a partitioned table find their partition; none where its keys mean nothing any more.
    pub fn routing(&self, table: &Arc<catalog::object::Table>) -> Option<Arc<Routing>> {
        if let Some(known) = self.routings.borrow().get(&table.oid) {
            return known.clone();
        }
        let found = definition::routing(self.context, table).ok().flatten().map(Arc::new);
        self.routings.borrow_mut().insert(table.oid, found.clone());
        found
    }

    /// A statement of a function, which are counted from one, planned.
    fn planned(
        &self,
        function: &Function,
        result: Type,
        (statement, number): (definition::RoutineStatement, usize),
        (facts, acting): (&StatementFacts<'_>, Oid),
    ) -> ExecuteResult<RoutineStatement> {
        let Caller { branch, context, .. } = facts.caller;
        let (mut query, yields) = match statement {
            definition::RoutineStatement::Query { query, yields } => (*query, yields),
            definition::RoutineStatement::Other(text) => {
                let refused = crate::procedural::refuse_other(&text, function, context);
                refused.map_err(|error| not_begun(context, function, result, error))?;
                let body = match &function.body {
                    Body::Text(body) => body.as_str().into(),
                    Body::Bound(_)
                    | Body::Native
                    | Body::BuiltIn(_)
                    | Body::Uncallable(_)
                    | Body::Procedural(_)
                    | Body::Aggregate(_) => text.as_str().into(),
                };
                return Ok(RoutineStatement::Other { text, body });
            }
        };
        let scope = facts.scope;
        if facts.settings.optimise && bind::calls_functions_that_stand(scope, &query) {
            facts.caller.put_queries_for_functions(&mut query);
        }
        self.refuse_writing((function, number), &query.relations)?;
        let locks = crate::transaction::relation_locks::locks_of(scope, &query.relations).into_iter();
        let locks = locks.map(|lock| (lock.tree, lock.mode)).collect();
        let failed =
            |error| not_begun(context, function, result, FunctionError::Other(Box::new(error)).into());
        let plan = plan::plan(query, facts).map_err(failed)?;
        let called = plan.functions.iter().map(|called| called.0);
        let allowed = may_use(scope, acting, branch, &plan.relations)
            .and_then(|()| may_execute(scope, acting, branch, called));
        allowed.map_err(|error| denied(error).within(in_statement(&function.name, number)))?;
        Ok(RoutineStatement::Planned(PlannedStatement { plan: Arc::new(plan), locks, yields }))
    }

    /// A function writes only if it says so, and where the transaction may.
    fn refuse_writing(
        &self,
        (function, statement): (&Function, usize),
        relations: &[RelationUse],
    ) -> ExecuteResult<()> {
        let verb = relations.iter().find_map(|used| {
            let verbs = [(used.insert, "INSERT"), (used.update, "UPDATE"), (used.delete, "DELETE")];
            verbs.into_iter().find(|(is, _)| *is).map(|(_, verb)| verb)
        });
        let Some(verb) = verb else { return Ok(()) };
        if function.volatility != Volatility::Volatile {
            let message = format!("{verb} is not allowed in a non-volatile function");
            let error: ExecuteError = FunctionError::plain(SqlState::FeatureNotSupported, message).into();
            return Err(error.within(format!("SQL function \"{}\" during startup", function.name)));
        }
        if self.session.settings.is_on("transaction_read_only") {
            let message = format!("cannot execute {verb} in a read-only transaction");
            let error: ExecuteError = FunctionError::plain(SqlState::ReadOnlySqlTransaction, message).into();
            return Err(error.within(in_statement(&function.name, statement)));
        }
        Ok(())
    }
}

/// An error of the binder, as the executor carries it.
fn carried(error: bind::BindError) -> ExecuteError {
    FunctionError::Other(Box::new(error)).into()
}

/// A refusal, as the executor carries it.
fn denied(error: catalog::AccessError) -> ExecuteError {
    FunctionError::Other(Box::new(error)).into()
}

impl Catalog for Tables<'_> {
    fn target_if_any(&self, table: u32) -> ExecuteResult<Option<Arc<TargetTable>>> {
        self.find(table).map_err(carried)
    }

    fn referring(&self, table: u32) -> ExecuteResult<Arc<TargetTable>> {
        let scope = self.context.scope;
        let Some(object) = scope.table(table).filter(|table| table.is_partitioned()) else {
            return self.target(table);
        };
        if let Some(found) = self.referring.borrow().get(&table) {
            return Ok(found.clone());
        }
        let target = definition::referring_table(self.context, object).map_err(carried)?;
        self.referring.borrow_mut().insert(table, target.clone());
        Ok(target)
    }

    fn default_of(&self, table: u32, column: u16) -> ExecuteResult<Option<Expression>> {
        let Some(object) = self.context.scope.table(table) else { return Ok(None) };
        let place = object.live_columns().position(|(place, _)| place + 1 == usize::from(column));
        let defaults = definition::defaults(self.context, object).map_err(carried)?;
        Ok(place.and_then(|place| defaults.get(place).cloned()))
    }

    fn has_left(&self, transaction: &mut Transaction, part: u32, table: u32) -> ExecuteResult<bool> {
        let Some(lent) = self.session.live.lent else { return Ok(false) };
        let catalog = lent.catalog().borrow();
        let mut part = part;
        while part != table {
            let above = self.context.scope.table(part).and_then(|part| part.partition_of());
            let Some(above) = above else { return Ok(false) };
            let left = catalog.has_left(transaction, part, above);
            if left.map_err(|error| FunctionError::Other(Box::new(error)))? {
                return Ok(true);
            }
            part = above;
        }
        Ok(false)
    }

    fn assigned(&self, value: Expression, to: Type) -> ExecuteResult<Option<Expression>> {
        definition::assigned(self.context, value, to).map_err(carried)
    }

    fn routine(
        &self,
        (function, only): (u32, Option<usize>),
        types: CalledTypes<'_>,
        view: &View,
        who: execute::Caller,
    ) -> ExecuteResult<Arc<Routine>> {
        let CalledTypes { arguments, result, columns } = types;
        let named = |of: &Type| (of.oid, of.modifier);
        let all = |types: &[Type]| types.iter().map(named).collect();
        let key = ((function, only), all(arguments), named(&result), all(columns), who);
        if let Some(known) = self.routines.borrow().get(&key) {
            return Ok(known.clone());
        }
        let begun = self.session.live.lent.and_then(|lent| lent.begun).filter(|_| only.is_some());
        let begun = match begun {
            Some(begun) => begun.now(self.context.scope),
            None => self.begun(function, &key.4)?,
        };
        let Begun { function: object, meant, role } = &begun;
        if let Body::Procedural(_) = object.body {
            let routine = Arc::new(routine_of(object, Vec::new()));
            self.routines.borrow_mut().insert(key, routine.clone());
            return Ok(routine);
        }
        let bound = definition::Routine { function: object, arguments, result, columns };
        let (scope, text) = (&meant.scope, &meant.text);
        let context = Context {
            scope,
            literals: &SessionLiterals { text },
            depth_limit: self.context.depth_limit,
            strings: meant.settings.typed().strings,
        };
        let facts = StatementFacts {
            scope,
            view,
            tables: self,
            caller: Caller { role: *role, branch: self.session.who.0.0, context },
            text,
            settings: planner_settings(&meant.settings),
            fold: &|_| None,
            demand: &|_, _| {},
            try_only: &|_| {},
            matches: &|_, _, _| None,
            known: RefCell::default(),
            failed: RefCell::default(),
        };
        let not_begun = |error| not_begun(context, object, result, error);
        let bound_statements =
            definition::routine_statements_at(context, &bound, only).map_err(carried).map_err(not_begun)?;
        let counted = !is_inlined(object, result, (&bound_statements, arguments.len()), &facts);
        let acting = acting(object, key.4.0);
        let planned =
            |(statement, number)| self.planned(object, result, (statement, number), (&facts, acting));
        let statements = bound_statements.into_iter().zip(1..).map(planned).collect::<ExecuteResult<_>>()?;
        facts.failed.take().map_or(Ok(()), |error| Err(carried(error)))?;
        let routine = Arc::new(Routine { counted, caller: key.4.clone(), ..routine_of(object, statements) });
        self.routines.borrow_mut().insert(key, routine.clone());
        Ok(routine)
    }

    fn run_other(
        &self,
        world: &mut World<'_>,
        call: &RoutineCall,
        text: &str,
        values: &[Value],
    ) -> ExecuteResult<()> {
        let begun = self.function(call.function)?;
        crate::procedural::run_other(self.session.live, world, (begun, call), (text, values))
    }

    fn run_anew(
        &self,
        world: &mut World<'_>,
        (call, caller): (&RoutineCall, &execute::Caller),
        place: usize,
        values: &[Value],
    ) -> ExecuteResult<Vec<Value>> {
        let begun = self.begun(call.function, caller)?;
        crate::procedural::run_anew(self.session.live, world, (&begun, call), (place, values))
    }

    fn run_procedural(
        &self,
        world: &mut World<'_>,
        call: &RoutineCall,
        values: &[Value],
        view: Option<&View>,
    ) -> ExecuteResult<Vec<Value>> {
        crate::procedural::run_function(self.session.live, world, call, values, view)
    }

    fn is_current(&self, transaction: &mut Transaction) -> ExecuteResult<bool> {
        let Some(lent) = self.session.live.lent else { return Ok(true) };
        let mut catalog = lent.catalog().borrow_mut();
        if !catalog.is_changed_by(transaction) {
            return Ok(true);
        }
        let view = transaction.view_of(catalog.tree())?;
        let snapshot = catalog.snapshot(&self.session.live.engine.store, &view);
        let snapshot = snapshot.map_err(|error| FunctionError::Other(Box::new(error)))?;
        Ok(Arc::ptr_eq(self.context.scope.snapshot(), &snapshot))
    }

    fn call_event_trigger(
        &self,
        world: &mut World<'_>,
        function: u32,
        words: (&str, &str),
    ) -> ExecuteResult<()> {
        crate::procedural::call_event_trigger(self.session.live, world, function, words)
    }

    fn ask(
        &self,
        world: &mut World<'_>,
        function: SessionFunction,
        (site, arguments): (&Site, &[Item<'_>]),
        view: &View,
    ) -> ExecuteResult<Value> {
        let About { who: (database, _), settings, live, .. } = self.session;
        let actor = Actor::new(self.context.scope, world.context.session.role(), database.0);
        if !may_call_builtin(&actor, site.function.oid) {
            let (kind, name) = ("function", site.function.name.to_owned());
            return Err(denied(AccessError::Denied { kind, name }));
        }
        let compatible = settings.is_on("lo_compat_privileges");
        let asking = LargeObjects { scope: self.context.scope, live, database, compatible, view };
        if let Some(answer) = asking.answer(world, function, arguments)? {
            return Ok(answer);
        }
        let mut shown = Some(view.clone());
        world.context.session.exchange(&mut shown);
        let answer = world.context.session.call(function, site, arguments);
        world.context.session.exchange(&mut shown);
        Ok(answer?)
    }

    fn call_trigger(
        &self,
        world: &mut World<'_>,
        function: u32,
        call: &plan::trigger::TriggerCall,
    ) -> ExecuteResult<Option<Vec<Value>>> {
        let Some(object) = self.context.scope.function(function) else {
            return Err(ExecuteError::plan(format!("there is no function {function}")));
        };
        // It runs with its owner's rights and with its own settings, as any function does.
        let settings = settings_of(object);
        let around = object.security_definer.then(|| world.context.session.act_as(object.owner));
        let entered = match settings.is_empty() {
            true => Ok(false),
            false => world.context.session.enter(&settings).map(|_| true),
        };
        let done = match entered {
            Ok(entered) => {
                let done = crate::procedural::call_trigger(self.session.live, world, function, call);
                if entered {
                    world.context.session.leave();
                }
                done
            }
            Err(error) => Err(error.into()),
        };
        if let Some(around) = around {
            world.context.session.act_again(around);
        }
        done
    }

    fn rows(&self, table: u32, columns: &[u16], view: &View) -> ExecuteResult<Box<dyn RowSource>> {
        let scope = self.context.scope;
        let About { who, text, settings, live } = self.session;
        let system = match scope.relation(table) {
            Some(Relation::System(system)) => system,
            Some(Relation::Sequence(sequence)) => {
                let row = crate::system::sequence_row(live, &sequence, columns);
                return row.map_err(|error| FunctionError::Other(Box::new(error)).into());
            }
            Some(_) | None => {
                return Err(ExecuteError::plan(format!("there is no system table {table}")));
            }
        };
        let rows = crate::system::rows(self.context, &system, columns, who, (text, view), (settings, live));
        rows.map_err(|error| FunctionError::Other(Box::new(error)).into())
    }
}

/// Why a function does not begin to run. PostgreSQL finds that out while it puts the function in the place of a call, if it may, or else
/// when the call begins.
fn not_begun(context: Context<'_>, function: &Function, result: Type, error: ExecuteError) -> ExecuteError {
    let tried = stands_for_its_calls(function, result) && definition::may_be_one_statement(context, function);
    let when = if tried { "inlining" } else { "startup" };
    let context = format!("SQL function \"{}\" during {when}", function.name);
    match &function.body {
        Body::Text(text) => error.within_text(context, text),
        Body::Bound(_)
        | Body::Native
        | Body::BuiltIn(_)
        | Body::Uncallable(_)
        | Body::Procedural(_)
        | Body::Aggregate(_) => error.within(context),
    }
}

/// Whether to PostgreSQL a function in SQL is not called: its expression stands where the call is.
fn is_inlined(
    object: &Function,
    result: Type,
    (statements, arguments): (&[bind::definition::RoutineStatement], usize),
    facts: &StatementFacts<'_>,
) -> bool {
    let [statement] = statements else { return false };
    let Some(query) = statement.query() else { return false };
    let known = facts.function(FunctionId(object.oid));
    stands_for_its_calls(object, result)
        && plan::is_inlined(query, (known.volatility, known.strict), arguments, facts)
}

/// Whether PostgreSQL may put a function's statement in the place of a call: it is one in SQL, which gives one value, and runs as its
/// caller does.
pub(crate) fn stands_for_its_calls(function: &Function, result: Type) -> bool {
    function.may_give_way() && !function.returns_set && !matches!(result.oid, oid::RECORD | oid::VOID)
}

/// A function as it is run, by these statements if it is not run by its own language.
fn routine_of(object: &catalog::object::Function, statements: Vec<RoutineStatement>) -> Routine {
    Routine {
        name: object.name.clone(),
        statements,
        strict: object.strict,
        returns_set: object.returns_set,
        volatile: object.volatility == Volatility::Volatile,
        definer: object.security_definer.then_some(object.owner),
        settings: settings_of(object),
        caller: Default::default(),
        counted: true,
        procedural: matches!(object.body, Body::Procedural(_)),
    }
}
