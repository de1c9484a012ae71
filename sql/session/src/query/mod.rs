//! Queries and changes of rows: bound, locked, planned, run.

pub(crate) mod call;
pub(crate) mod explain;
pub(crate) mod result_cache;

use crate::client::{Client, ClientGone, ResultColumn, SharedClient, Teller, ValueFormat};
use crate::error::SessionError;
use crate::procedural::{CatalogPlace, Lent};
use crate::query::result_cache::Gathering;
use crate::session::Session;
use crate::statistics::followed;
use crate::system::Live;
use crate::transaction::block::IsolationLevel;
use crate::transaction::relation_locks::{RelationLock, locks_of};
use crate::world::AsStatement;
use crate::world::Parts;
use crate::world::facts::{Caller, StatementFacts, planner_settings};
use crate::world::literals::{SessionLiterals, StatementLiterals};
use crate::world::tables::{About, Tables};
use crate::world::tried::Trials;
use bind::Parameters;
use catalog::object::is_temporary;
use catalog::{Catalog, Scope};
use execute::{Execution, Watching, When, World};
use plan::explain::Actual;
use plan::facts::PlannerSettings;
use plan::logical::{Logical, Query, RelationUse};
use plan::partition::Routing;
use plan::physical::Plan;
use plan::target::TargetTable;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use store::locks::RelationMode;
use store::{Isolation, Transaction, TreeId};
use syntax::tree::Statement;
use syntax::tree::statement::StatementKind;
use types::text::TextSettings;
use types::vector::Chunk;
use types::wire::WireResult;
use types::{Item, Kind, Type, Value};

/// A statement that is ready to be run.
#[derive(Clone)]
pub(crate) struct Ready {
    /// How it is done.
    pub plan: Arc<Plan>,
    /// What names meant when it was planned.
    pub scope: Scope,
    /// What is done with rows.
    pub verb: Verb,
    /// The columns of its rows.
    pub columns: Arc<[ResultColumn]>,
    /// What it locks.
    pub locks: Arc<[RelationLock]>,
    /// Whether it is to be run once: it knows what happened while it waited.
    pub once: bool,
}

/// What runs a plan.
pub(crate) enum Operators<'o> {
    /// Operators that are made for this once.
    New,
    /// Those that are kept from the last time, if they are; they are kept again, unless the statement fails.
    Kept(&'o mut Option<Execution>),
    /// Operators that are watched: what each did.
    Watched {
        /// What is looked at beside rows.
        watching: Watching,
        /// By their numbers in [`plan::explain::numbered`].
        actual: &'o mut Vec<Actual>,
    },
}

impl Ready {
    /// Whether a client is told of columns, and then of rows if there are any.
    pub(crate) fn has_rows(&self) -> bool {
        self.verb == Verb::Select || !self.columns.is_empty()
    }
}

/// What a statement does with rows, as its tag says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub(crate) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
    Merge,
}

impl Verb {
    pub(crate) fn of(statement: &StatementKind<'_>) -> Verb {
        match statement {
            StatementKind::Insert(_) => Verb::Insert,
            StatementKind::Update(_) => Verb::Update,
            StatementKind::Delete(_) => Verb::Delete,
            StatementKind::Merge(_) => Verb::Merge,
            _ => Verb::Select,
        }
    }

    pub(crate) fn tag(self, rows: u64) -> Cow<'static, str> {
        // What short statements say needs not be put together.
        match (self, rows) {
            (Verb::Insert, 1) => return Cow::Borrowed("INSERT 0 1"),
            (Verb::Update, 1) => return Cow::Borrowed("UPDATE 1"),
            (Verb::Delete, 1) => return Cow::Borrowed("DELETE 1"),
            (Verb::Select | Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge, _) => {}
        }
        Cow::Owned(match self {
            Verb::Select => format!("SELECT {rows}"),
            Verb::Insert => format!("INSERT 0 {rows}"),
            Verb::Update => format!("UPDATE {rows}"),
            Verb::Delete => format!("DELETE {rows}"),
            Verb::Merge => format!("MERGE {rows}"),
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Verb::Select => "SELECT",
            Verb::Insert => "INSERT",
            Verb::Update => "UPDATE",
            Verb::Delete => "DELETE",
            Verb::Merge => "MERGE",
        }
    }
}

impl Session {
    /// Runs a query and sends its rows.
    pub(crate) fn run_query(
        &mut self,
        statement: &Statement<'_>,
        parameters: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.begin_snapshot()?;
        let ready = self.ready(statement, Parameters::None)?;
        self.run_ready(&ready, parameters, client)
    }

    /// At READ COMMITTED each statement sees what was committed before it.
    pub(crate) fn begin_snapshot(&mut self) -> Result<(), SessionError> {
        // What a function does, it does with what the statement sees that calls it.
        if self.within.as_ref().is_some_and(|within| within.lent) {
            return Ok(());
        }
        self.keep_views(None)?;
        self.refresh_snapshot()
    }

    fn refresh_snapshot(&mut self) -> Result<(), SessionError> {
        let wait = self.wait();
        let begun = self.block.begun().is_some();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        // One that begins now sees everything already.
        if begun { Ok(transaction.refresh()?) } else { Ok(()) }
    }

    /// Something was defined anew while a statement waited for it: it is looked up again on a newer snapshot. A transaction
    /// that keeps one snapshot would find it there as it was, for ever: it has to be made again.
    pub(crate) fn renew_snapshot(&mut self) -> Result<(), SessionError> {
        if self.block.sees_newest() {
            return self.refresh_snapshot();
        }
        match self.block.characteristics().isolation {
            IsolationLevel::ReadCommitted | IsolationLevel::ReadUncommitted => self.refresh_snapshot(),
            // A first statement takes another, as if it had come when its relations were free.
            IsolationLevel::RepeatableRead | IsolationLevel::Serializable if self.block.begin_afresh() => {
                self.catalog.get_mut().end_transaction();
                self.refresh_snapshot()
            }
            IsolationLevel::RepeatableRead | IsolationLevel::Serializable => Err(SessionError::DefinedAnew),
        }
    }

    /// Binds and plans a statement, with the relations that it uses locked. If one of them changed while the statement
    /// waited for it, it is bound anew.
    pub(crate) fn ready(
        &mut self,
        statement: &Statement<'_>,
        parameters: Parameters,
    ) -> Result<Ready, SessionError> {
        let bind = |session: &mut Session, scope: &Scope| {
            Ok((session.bind(scope, statement, parameters.clone())?, ()))
        };
        Ok(self.ready_as(Verb::of(&statement.kind), bind)?.0)
    }

    /// The same with values for its parameters: its plan is for these alone.
    pub(crate) fn ready_for(
        &mut self,
        statement: &Statement<'_>,
        parameters: Parameters,
        values: &[Value],
    ) -> Result<Ready, SessionError> {
        let bind = |session: &mut Session, scope: &Scope| {
            let mut query = session.bind(scope, statement, parameters.clone())?;
            query.give(values);
            Ok((query, ()))
        };
        Ok(self.ready_as(Verb::of(&statement.kind), bind)?.0)
    }

    /// A statement that somebody binds, and what he finds out besides.
    pub(crate) fn ready_as<T>(
        &mut self,
        verb: Verb,
        bind: impl Fn(&mut Session, &Scope) -> Result<(Query, T), SessionError>,
    ) -> Result<(Ready, T), SessionError> {
        let first = self.scope()?;
        self.ready_marked(first, verb, bind, true)
    }

    /// The same, with names meaning at first what they mean in `scope`.
    pub(crate) fn ready_in<T>(
        &mut self,
        scope: Scope,
        verb: Verb,
        bind: impl Fn(&mut Session, &Scope) -> Result<(Query, T), SessionError>,
    ) -> Result<(Ready, T), SessionError> {
        self.ready_marked(scope, verb, bind, false)
    }

    /// The same; whether parts are marked that the statement's rows miss because it waited.
    fn ready_marked<T>(
        &mut self,
        mut scope: Scope,
        verb: Verb,
        bind: impl Fn(&mut Session, &Scope) -> Result<(Query, T), SessionError>,
        marks: bool,
    ) -> Result<(Ready, T), SessionError> {
        let mut before: Option<Arc<Routing>> = None;
        loop {
            let (mut query, found) = bind(self, &scope)?;
            self.put_queries_for_functions(&scope, &mut query)?;
            let once = before.as_ref().is_some_and(|before| mark_missed(&mut query.root, before, &scope));
            let locks = locks_of(&scope, &query.relations);
            if self.lock(&scope, &locks)? {
                self.refuse_writing(verb, &query.relations)?;
                if !self.explains {
                    refuse_unpopulated(&scope, &query.relations)?;
                }
                if self.settings.typed().restricts_views {
                    crate::privileges::refuse_views(&scope, &query.relations)?;
                }
                // In PostgreSQL rights are asked when a plan begins to run: what cannot be planned is told to everybody.
                let plan = Arc::new(self.plan(&scope, query)?);
                crate::privileges::may_use(&scope, self.role, self.database.0, &plan.relations)?;
                let called = plan.functions.iter().map(|function| function.0);
                crate::privileges::may_execute(&scope, self.role, self.database.0, called)?;
                let columns =
                    plan.output.iter().map(|(_, column)| ResultColumn::of(&scope, column)).collect();
                return Ok((Ready { plan, scope, verb, columns, locks: locks.into(), once }, found));
            }
            before = before.or_else(|| inserted_into(&mut query.root)?.routing.clone()).filter(|_| marks);
            self.renew_snapshot()?;
            scope = self.scope()?;
        }
    }

    pub(crate) fn bind(
        &mut self,
        scope: &Scope,
        statement: &Statement<'_>,
        parameters: Parameters,
    ) -> Result<Query, SessionError> {
        self.bind_by(scope, parameters, |context, parameters| bind::bind(context, statement, parameters))
    }

    /// What something means that names variables of a body, or stands alone.
    pub(crate) fn bind_by<R>(
        &mut self,
        scope: &Scope,
        parameters: Parameters,
        bind: impl FnOnce(bind::Context<'_>, Parameters) -> Result<R, bind::BindError>,
    ) -> Result<R, SessionError> {
        let text = self.text_settings();
        let plain = SessionLiterals { text: &text };
        let cursors = self.cursors.borrow();
        let variables = match &parameters {
            Parameters::Variables(variables) => Some(variables.clone()),
            Parameters::None | Parameters::Inferred(_) | Parameters::Named { .. } => None,
        };
        let literals = StatementLiterals { plain, cursors: &cursors, variables: variables.as_deref() };
        let context = self.context(scope, &literals);
        Ok(bind(context, parameters)?)
    }

    /// Puts what functions in `FROM` stand for in their place.
    fn put_queries_for_functions(&mut self, scope: &Scope, query: &mut Query) -> Result<(), SessionError> {
        if !bind::calls_functions_that_stand(scope, query) || !self.planner_settings().optimise {
            return Ok(());
        }
        let (role, branch) = (self.role, self.database.0);
        self.bind_by(scope, Parameters::None, |context, _| {
            Caller { role, branch, context }.put_queries_for_functions(query);
            Ok(())
        })
    }

    /// That the transaction allows what a statement does to relations.
    pub(crate) fn refuse_writing(&self, verb: Verb, relations: &[RelationUse]) -> Result<(), SessionError> {
        if !self.block.characteristics().read_only {
            return Ok(());
        }
        // Temporary tables are nobody else's concern.
        let others = relations.iter().filter(|used| !is_temporary(used.relation));
        let writes = others.clone().any(|used| used.insert || used.update || used.delete);
        // PostgreSQL names the statement by the first of its locks.
        let locks = others.filter(|used| used.lock_rows.is_some()).min_by_key(|used| used.place);
        match (writes, locks.and_then(|used| used.lock_rows)) {
            (true, _) => Err(SessionError::ReadOnly { statement: verb.name() }),
            (false, Some(strength)) => Err(SessionError::ReadOnly { statement: strength.statement() }),
            (false, None) => Ok(()),
        }
    }

    /// The same of one that was planned before, by what it locks.
    pub(crate) fn refuse_changing(&self, verb: Verb, locks: &[RelationLock]) -> Result<(), SessionError> {
        let writes =
            |lock: &RelationLock| lock.mode == RelationMode::RowExclusive && !is_temporary(lock.relation);
        if self.block.characteristics().read_only && locks.iter().any(writes) {
            return Err(SessionError::ReadOnly { statement: verb.name() });
        }
        Ok(())
    }

    /// Takes the locks of a statement. The answer is whether everything is still as it was when it was bound.
    pub(crate) fn lock(&mut self, scope: &Scope, locks: &[RelationLock]) -> Result<bool, SessionError> {
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        self.transient.get_mut().used_temporary |= locks.iter().any(|lock| is_temporary(lock.relation));
        for lock in locks {
            match transaction.lock_tree(TreeId(lock.tree), lock.mode, wait) {
                Ok(_) => {}
                Err(store::StoreError::NoSuchTree { .. }) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        // If no commit has changed the catalog since the statement's view, there is nothing to compare.
        if transaction.last_change(self.catalog.get_mut().tree()).is_none() {
            let one_snapshot = transaction.isolation() != Isolation::ReadCommitted;
            for lock in locks {
                let (catalog, of) = (self.catalog.get_mut(), lock.relation);
                let same = catalog.is_current(transaction, scope.snapshot(), of)?
                    || one_snapshot && catalog.is_only_detaching(transaction, scope.snapshot(), of)?;
                if !same {
                    return Ok(false);
                }
            }
        }
        self.block.keep_snapshot();
        Ok(true)
    }

    pub(crate) fn plan(&mut self, scope: &Scope, query: Query) -> Result<Plan, SessionError> {
        Ok(self.with_facts(scope, |facts| plan::plan(query, facts))??)
    }

    /// Does something with all that a planner may ask.
    pub(crate) fn with_facts<R>(
        &mut self,
        scope: &Scope,
        what: impl FnOnce(&StatementFacts<'_>) -> R,
    ) -> Result<R, SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        let about = self.settings.clone();
        let settings = self.planner_settings();
        let who = (self.database, self.role);
        let (transaction, parts) = self.split(&text)?;
        let store = (parts.store, parts.database);
        let (cursors, prepared) = (parts.cursors, parts.prepared);
        let (role, tally, sets) = (parts.roles.0, parts.tally, parts.sets);
        let live = Live { engine: parts.engine, role, store, sets, cursors, prepared, tally, lent: None };
        let tables = Tables::new(context, About { who, text: &text, settings: &about, live });
        let view = transaction.view()?;
        let trials = Trials::new(scope, transaction, parts);
        let facts = StatementFacts {
            scope,
            view: &view,
            tables: &tables,
            caller: Caller { role, branch: store.1.0, context },
            text: &text,
            settings,
            fold: &|expression| trials.fold(expression),
            demand: &|expression, within| trials.demand(expression, within),
            try_only: &|trial| trials.try_only(trial),
            matches: &|call, of, values| trials.matches(call, of, values),
            known: RefCell::default(),
            failed: RefCell::default(),
        };
        let done = what(&facts);
        let failed = facts.failed.take();
        let (said, stopped) = trials.finish();
        self.notices.extend(said);
        match (stopped, failed) {
            (Some(error), _) => Err(error.into()),
            (None, Some(error)) => Err(error.into()),
            (None, None) => Ok(done),
        }
    }

    /// What settings say of plans: read again when any of them has changed.
    pub(crate) fn planner_settings(&mut self) -> PlannerSettings {
        let now = self.settings.shared();
        match &self.planner {
            Some((read, known)) if Arc::ptr_eq(read, now) => known.clone(),
            Some(_) | None => {
                let known = planner_settings(&self.settings);
                self.planner = Some((Arc::clone(now), known.clone()));
                known
            }
        }
    }

    /// The transaction, and everything else that a statement is lent.
    pub(crate) fn split<'s>(
        &'s mut self,
        text: &'s TextSettings,
    ) -> Result<(&'s mut Transaction, Parts<'s>), SessionError> {
        let (transaction, _, parts) = self.split_all(text, false)?;
        Ok((transaction, parts))
    }

    /// The same, with the way to the catalog.
    pub(crate) fn split_catalog<'s>(
        &'s mut self,
        text: &'s TextSettings,
    ) -> Result<(&'s mut Transaction, &'s mut Catalog, Parts<'s>), SessionError> {
        match self.split_all(text, true)? {
            (transaction, Some(catalog), parts) => Ok((transaction, catalog, parts)),
            (_, None, _) => Err(execute::ExecuteError::plan("the catalog is lent").into()),
        }
    }

    fn split_all<'s>(
        &'s mut self,
        text: &'s TextSettings,
        with_catalog: bool,
    ) -> Result<(&'s mut Transaction, Option<&'s mut Catalog>, Parts<'s>), SessionError> {
        let wait = self.wait();
        let depth_limit = self.depth_limit();
        followed(self.tally.get_mut(), self.settings.typed());
        let (catalog, lent_catalog) = if with_catalog {
            let catalog = self.catalog.get_mut();
            let copy = CatalogPlace::Copy(Box::new(RefCell::new(catalog.clone())));
            (Some(catalog), copy)
        } else {
            (None, CatalogPlace::Lent(&self.catalog))
        };
        let lent = Lent {
            catalog: lent_catalog,
            transient: &self.transient,
            nested: &self.nested,
            presence: &self.presence,
            login_role: self.login_role,
            characteristics: self.block.characteristics(),
            used: self.within.as_ref().map_or(&[], |within| &within.used),
            portals: &self.portals,
            running: &[],
            begun: None,
            teller: None,
        };
        let parts = Parts {
            engine: &self.engine,
            store: &self.store,
            database: self.database,
            text,
            statement_time: self.statement_time,
            settings: &mut self.settings,
            kept: &mut self.kept,
            sets: &self.sets,
            cursors: &self.cursors,
            prepared: &self.prepared,
            lent,
            depth: self.within.as_ref().map_or(0, |within| within.depth),
            events: &mut self.events,
            tally: &self.tally,
            roles: (self.role, self.session_role),
            identity: &self.identity,
            deadline: &mut self.deadline,
            depth_limit,
            notices: Vec::new(),
        };
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        Ok((transaction, catalog, parts))
    }

    /// Runs a statement that is ready, and sends its rows.
    pub(crate) fn run_ready(
        &mut self,
        ready: &Ready,
        parameters: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.run_with(ready, Operators::New, parameters, client)
    }

    /// The same with the operators that are given.
    pub(crate) fn run_with(
        &mut self,
        ready: &Ready,
        operators: Operators<'_>,
        parameters: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if self.steps {
            self.put_counts_down();
        }
        let columns = &*ready.columns;
        // What changes rows is done before anything is said of those that it returns.
        let mut told =
            ready.verb == Verb::Select && !ready.plan.common_tables.iter().any(|table| table.changes);
        if told && ready.has_rows() {
            client.columns(columns);
        }
        let mut sent = 0u64;
        let key = match &operators {
            Operators::New | Operators::Kept(_) => self.result_key(ready, parameters)?,
            Operators::Watched { .. } => None,
        };
        if let Some(rows) = key.as_ref().and_then(|key| self.engine.results.get(key)) {
            let text = self.text_settings();
            for chunk in rows.iter() {
                sent += chunk.len() as u64;
                let taken = send(&ready.scope, &text, columns, chunk, client);
                taken?;
            }
            client.complete(&ready.verb.tag(sent));
            return Ok(());
        }
        let mut gathering = key.map(|key| Gathering::new(key, self));
        let shared = SharedClient::new(client);
        let affected =
            self.each_chunk(ready, operators, (parameters, Some(&shared)), &mut |chunk, text| {
                sent += chunk.len() as u64;
                if let Some(gathering) = &mut gathering {
                    gathering.add(chunk);
                }
                shared.with(|client| {
                    if !std::mem::replace(&mut told, true) {
                        client.columns(columns);
                    }
                    send(&ready.scope, text, columns, chunk, client)
                })
            })?;
        if !told && ready.has_rows() {
            shared.with(|client| client.columns(columns));
        }
        if let Some(gathering) = gathering
            && !shared.has_told()
        {
            gathering.keep(self);
        }
        let rows = if ready.verb == Verb::Select { sent } else { affected };
        client.complete(&ready.verb.tag(rows));
        Ok(())
    }

    /// Runs a statement that is ready, and hands each chunk of its output to `take`. What functions have to say is told at once,
    /// where there is somebody to be told. Answers how many rows it changed.
    pub(crate) fn each_chunk(
        &mut self,
        ready: &Ready,
        operators: Operators<'_>,
        told: (&[Value], Option<&dyn Teller>),
        take: &mut dyn FnMut(&Chunk, &TextSettings) -> Result<(), ClientGone>,
    ) -> Result<u64, SessionError> {
        let text = self.kept_text_settings();
        self.with_execution(ready, operators, told, &text, |execution, world| {
            execution.run(world, &mut |chunk| Ok(take(&chunk, &text)?))
        })
    }

    /// Has the operators of a statement that is ready run to their end by `what`. Answers how many rows it changed.
    pub(crate) fn with_execution(
        &mut self,
        ready: &Ready,
        mut operators: Operators<'_>,
        (values, teller): (&[Value], Option<&dyn Teller>),
        text: &TextSettings,
        what: impl FnOnce(&mut Execution, &mut World<'_>) -> Result<(), SessionError>,
    ) -> Result<u64, SessionError> {
        let statement = AsStatement { scope: &ready.scope, locks: &ready.locks, values, text, teller };
        self.as_statement(statement, |world| {
            let plan = || ready.plan.clone();
            let mut execution = match &mut operators {
                Operators::New => Execution::new(plan(), world)?,
                Operators::Kept(kept) => match kept.take() {
                    Some(execution) => execution,
                    None => Execution::new(plan(), world)?,
                },
                Operators::Watched { watching, .. } => Execution::watched(plan(), world, watching.clone())?,
            };
            what(&mut execution, world)?;
            let affected = execution.affected();
            match operators {
                Operators::New => {}
                Operators::Kept(kept) => {
                    // Nothing of what was read may be held on to.
                    execution.rewind(world)?;
                    *kept = Some(execution);
                }
                Operators::Watched { actual, .. } => *actual = execution.actual(),
            }
            Ok(affected)
        })
    }

    /// Sends rows of texts.
    pub(crate) fn send_texts(
        &mut self,
        columns: &[ResultColumn],
        rows: &[Vec<Option<String>>],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        client.columns(columns);
        let mut vectors = Vec::with_capacity(columns.len());
        for column in 0..columns.len() {
            let mut builder = types::vector::VectorBuilder::new(Kind::Bytes, rows.len());
            for row in rows {
                let value = row.get(column).and_then(Option::as_deref).map_or(Value::Null, Value::text);
                builder.push(&value).map_err(|error| SessionError::Function(error.into()))?;
            }
            vectors.push(builder.finish());
        }
        let chunk = Chunk::new(vectors, rows.len());
        let text = self.text_settings();
        // No transaction begins for it.
        Ok(send(&types::catalog::BuiltinTypes, &text, columns, &chunk, client)?)
    }

    /// Runs what was put off to the end of the transaction.
    pub(crate) fn run_deferred(&mut self, teller: Option<&dyn Teller>) -> Result<(), SessionError> {
        self.run_deferred_now(When::Commit, teller)
    }

    /// Runs what was put off, or of one constraint alone.
    pub(crate) fn run_deferred_now(
        &mut self,
        when: When,
        teller: Option<&dyn Teller>,
    ) -> Result<(), SessionError> {
        if !self.events.has_deferred() {
            return Ok(());
        }
        let scope = self.scope()?;
        let text = self.text_settings();
        let (transaction, mut parts) = self.split(&text)?;
        parts.lent.teller = teller;
        let done = parts.within(&scope, transaction, &[], |world| execute::run_events(world, when));
        let notices = std::mem::take(&mut parts.notices);
        self.notices.extend(notices);
        Ok(done?)
    }
}

/// The table that a statement inserts rows into, if it is one that does.
fn inserted_into(root: &mut Logical) -> Option<&mut Arc<TargetTable>> {
    match root {
        Logical::Insert(insert) => Some(&mut insert.target),
        Logical::Project { input, .. } => inserted_into(input),
        _ => None, // rows of other statements are where they are
    }
}

/// Marks the parts that have come since a statement began to wait with this routing; whether there are some that it misses.
fn mark_missed(root: &mut Logical, before: &Routing, scope: &Scope) -> bool {
    let Some(routing) = inserted_into(root).and_then(|target| Arc::make_mut(target).routing.as_mut()) else {
        return false;
    };
    let name = |table: u32| scope.table(table).map(|table| table.name.clone());
    Arc::make_mut(routing).mark_missed(before, &name)
}

/// Refuses to read a materialized view whose rows are not there.
fn refuse_unpopulated(scope: &Scope, relations: &[RelationUse]) -> Result<(), SessionError> {
    for used in relations.iter().filter(|used| used.select) {
        let view = scope
            .table(used.relation)
            .filter(|table| table.materialized().is_some_and(|view| !view.populated));
        if let Some(view) = view {
            return Err(SessionError::NotPopulated { name: view.name.clone() });
        }
    }
    Ok(())
}

/// Hands a chunk to the client, with whoever makes texts of its values.
pub(crate) fn send(
    types: &dyn types::Types,
    text: impl Deref<Target = TextSettings>,
    columns: &[ResultColumn],
    chunk: &Chunk,
    client: &mut dyn Client,
) -> Result<(), ClientGone> {
    client.rows(chunk, &mut ChunkFormat { types, text, columns, chunk })
}

/// Formats the values of a chunk.
struct ChunkFormat<'f, T> {
    types: &'f dyn types::Types,
    text: T,
    columns: &'f [ResultColumn],
    chunk: &'f Chunk,
}

impl<T: Deref<Target = TextSettings>> ValueFormat for ChunkFormat<'_, T> {
    fn text(&mut self, column: usize, row: usize, out: &mut String) {
        let of = type_of(self.columns, column);
        // A value that cannot be written was refused when it was made.
        let _ = types::text::output(self.types, of, &self.chunk.column(column).item(row), &self.text, out);
    }

    fn binary(&mut self, column: usize, row: usize, out: &mut Vec<u8>) -> WireResult<()> {
        let of = type_of(self.columns, column);
        let to = types::wire::Context::of(self.types, self.text.client_encoding);
        types::wire::send(to, of, &self.chunk.column(column).item(row), out)
    }
}

/// Formats the values of one row.
pub(crate) struct RowFormat<'f, T> {
    pub types: &'f dyn types::Types,
    /// Made only if a text is asked for.
    pub text: &'f T,
    pub columns: &'f [ResultColumn],
    pub items: &'f [Item<'f>],
}

impl<T: Deref<Target = TextSettings>> ValueFormat for RowFormat<'_, T> {
    fn text(&mut self, column: usize, _: usize, out: &mut String) {
        if let Some(item) = self.items.get(column) {
            // A value that cannot be written was refused when it was made.
            let _ = types::text::output(self.types, type_of(self.columns, column), item, self.text, out);
        }
    }

    fn binary(&mut self, column: usize, _: usize, out: &mut Vec<u8>) -> WireResult<()> {
        let item = self.items.get(column).unwrap_or(&Item::Null);
        let to = types::wire::Context::of(self.types, self.text.client_encoding);
        types::wire::send(to, type_of(self.columns, column), item, out)
    }
}

/// The type of a column of a result.
fn type_of(columns: &[ResultColumn], column: usize) -> Type {
    columns.get(column).map_or(Type::of(types::catalog::oid::TEXT), |column| column.column_type)
}
