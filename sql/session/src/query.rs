//! Queries and changes of rows: bound, locked, planned, run.

use crate::client::{Client, ClientGone, ResultColumn};
use crate::error::SessionError;
use crate::facts::{StatementFacts, planner_settings};
use crate::literals::SessionLiterals;
use crate::session::Session;
use crate::tables::{About, Tables};
use crate::world::Parts;
use bind::Parameters;
use catalog::object::is_temporary;
use catalog::{Catalog, Scope};
use execute::{Execution, When};
use plan::expression::Expression;
use plan::logical::{Query, RelationUse};
use plan::physical::Plan;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use store::locks::RelationMode;
use store::{Transaction, TreeId};
use syntax::tree::Statement;
use syntax::tree::statement::StatementKind;
use types::text::TextSettings;
use types::vector::{Chunk, Vector};
use types::{Kind, Type, Types, Value};

/// A statement that is ready to be run.
#[derive(Clone)]
pub(crate) struct Ready {
    /// How it is done.
    pub plan: Arc<Plan>,
    /// What names meant when it was planned.
    pub scope: Scope,
    /// What is done with rows.
    pub verb: Verb,
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

    pub(crate) fn tag(self, rows: u64) -> String {
        match self {
            Verb::Select => format!("SELECT {rows}"),
            Verb::Insert => format!("INSERT 0 {rows}"),
            Verb::Update => format!("UPDATE {rows}"),
            Verb::Delete => format!("DELETE {rows}"),
            Verb::Merge => format!("MERGE {rows}"),
        }
    }

    fn name(self) -> &'static str {
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
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        Ok(transaction.refresh()?)
    }

    /// Binds and plans a statement, with the relations that it uses locked. If one of them changed while the statement
    /// waited for it, it is bound anew.
    pub(crate) fn ready(
        &mut self,
        statement: &Statement<'_>,
        parameters: Parameters,
    ) -> Result<Ready, SessionError> {
        let verb = Verb::of(&statement.kind);
        loop {
            let scope = self.scope()?;
            let query = self.bind(&scope, statement, parameters.clone())?;
            self.refuse_writing(verb, &query)?;
            if self.lock(&scope, &query.relations)? {
                let plan = self.plan(&scope, query)?;
                return Ok(Ready { plan: Arc::new(plan), scope, verb });
            }
            self.begin_snapshot()?;
        }
    }

    pub(crate) fn bind(
        &mut self,
        scope: &Scope,
        statement: &Statement<'_>,
        parameters: Parameters,
    ) -> Result<Query, SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { scope, text: &text };
        let context = bind::Context { scope, literals: &literals, depth_limit: self.depth_limit() };
        Ok(bind::bind(context, statement, parameters)?)
    }

    fn refuse_writing(&self, verb: Verb, query: &Query) -> Result<(), SessionError> {
        if !self.block.characteristics().read_only {
            return Ok(());
        }
        // Temporary tables are nobody else's concern.
        let mut others = query.relations.iter().filter(|used| !is_temporary(used.relation));
        let writes = others.clone().any(|used| used.insert || used.update || used.delete);
        let locks = others.any(|used| used.lock_rows);
        match (writes, locks, verb) {
            (true, _, _) => Err(SessionError::ReadOnly { statement: verb.name() }),
            (false, true, _) => Err(SessionError::ReadOnly { statement: "SELECT FOR UPDATE" }),
            (false, false, _) => Ok(()),
        }
    }

    /// Locks what a statement uses. The answer is whether everything is still as it was when it was bound.
    pub(crate) fn lock(&mut self, scope: &Scope, relations: &[RelationUse]) -> Result<bool, SessionError> {
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        for used in relations {
            let lock = match scope.relation(used.relation) {
                Some(catalog::Relation::Table(table)) => table.lock,
                Some(catalog::Relation::View(view)) => view.lock,
                Some(catalog::Relation::Sequence(sequence)) => sequence.lock,
                Some(
                    catalog::Relation::Index(_)
                    | catalog::Relation::Composite(_)
                    | catalog::Relation::System(_),
                )
                | None => continue,
            };
            let mode = if used.insert || used.update || used.delete {
                RelationMode::RowExclusive
            } else if used.lock_rows {
                RelationMode::RowShare
            } else {
                RelationMode::AccessShare
            };
            match transaction.lock_tree(TreeId(lock), mode, wait) {
                Ok(_) => {}
                Err(store::StoreError::NoSuchTree { .. }) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            if !self.catalog.is_current(transaction, scope.snapshot(), used.relation)? {
                return Ok(false);
            }
        }
        crate::privileges::may_use(scope, self.role, self.database.0, relations)?;
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
        let literals = SessionLiterals { scope, text: &text };
        let context = bind::Context { scope, literals: &literals, depth_limit: self.depth_limit() };
        let about = self.settings.clone();
        let session = About { who: (self.database, self.role), text: &text, settings: &about };
        let tables = Tables::new(context, session);
        let settings = planner_settings(&self.settings);
        let (transaction, parts) = self.split(&text)?;
        let view = transaction.view()?;
        let world = RefCell::new((transaction, parts));
        let facts = StatementFacts {
            scope,
            view: &view,
            tables: &tables,
            text: &text,
            settings,
            fold: &|expression| {
                let (transaction, parts) = &mut *world.borrow_mut();
                fold(scope, transaction, parts, expression)
            },
        };
        Ok(what(&facts))
    }

    /// The transaction, and everything else that a statement is lent.
    pub(crate) fn split<'s>(
        &'s mut self,
        text: &'s TextSettings,
    ) -> Result<(&'s mut Transaction, Parts<'s>), SessionError> {
        let (transaction, _, parts) = self.split_catalog(text)?;
        Ok((transaction, parts))
    }

    /// The same, with the way to the catalog.
    pub(crate) fn split_catalog<'s>(
        &'s mut self,
        text: &'s TextSettings,
    ) -> Result<(&'s mut Transaction, &'s mut Catalog, Parts<'s>), SessionError> {
        let wait = self.wait();
        let depth_limit = self.depth_limit();
        let deadline = match self.settings.typed().statement_timeout {
            0 => None,
            milliseconds => {
                let begun = self.engine.env.monotonic(&crate::labels::TIMER);
                Some(begun + Duration::from_millis(milliseconds))
            }
        };
        let parts = Parts {
            engine: &self.engine,
            store: &self.store,
            database: self.database,
            text,
            statement_time: self.statement_time,
            settings: &mut self.settings,
            kept: &mut self.kept,
            events: &mut self.events,
            roles: (self.role, self.session_role),
            deadline,
            depth_limit,
            notices: Vec::new(),
        };
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        Ok((transaction, &mut self.catalog, parts))
    }

    /// Runs a statement that is ready, and sends its rows.
    pub(crate) fn run_ready(
        &mut self,
        ready: &Ready,
        parameters: &[Value],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let mut columns: Vec<ResultColumn> =
            ready.plan.output.iter().map(|(_, column)| column.into()).collect();
        for column in &mut columns {
            // A client is told of a domain's base.
            column.column_type = ready.scope.undomained(column.column_type);
        }
        if !columns.is_empty() || ready.verb == Verb::Select {
            client.columns(&columns);
        }
        let mut sent = 0u64;
        let text = self.text_settings();
        let scope = ready.scope.clone();
        let affected = self.each_chunk(ready, parameters, &mut |chunk| {
            sent += chunk.len() as u64;
            send(&scope, &text, &columns, chunk, client)
        })?;
        let rows = if ready.verb == Verb::Select { sent } else { affected };
        client.complete(&ready.verb.tag(rows));
        Ok(())
    }

    /// Runs a statement that is ready, and hands each chunk of its output to `take`. Answers how many rows it changed.
    pub(crate) fn each_chunk(
        &mut self,
        ready: &Ready,
        parameters: &[Value],
        take: &mut dyn FnMut(&Chunk) -> Result<(), ClientGone>,
    ) -> Result<u64, SessionError> {
        let text = self.text_settings();
        let scope = ready.scope.clone();
        let mark = self.events.mark();
        let (transaction, mut parts) = self.split(&text)?;
        transaction.begin_statement();
        let mut gone = false;
        let done = parts.within(&scope, transaction, parameters, |world| {
            let mut execution = Execution::new(ready.plan.clone(), world)?;
            if execution.changes() {
                // What a change sends is sent when all of it is done.
                let mut chunks = Vec::new();
                execution.run(world, &mut |chunk| {
                    chunks.push(chunk);
                    Ok(())
                })?;
                execute::run_events(world, When::Statement)?;
                gone = chunks.iter().any(|chunk| take(chunk).is_err());
            } else {
                while let Some(chunk) = execution.next(world)? {
                    if take(&chunk).is_err() {
                        gone = true;
                        break;
                    }
                }
            }
            Ok(execution.affected())
        });
        let notices = std::mem::take(&mut parts.notices);
        if done.is_err() || gone {
            transaction.undo_statement()?;
            self.events.forget(mark);
        } else {
            transaction.end_statement();
        }
        self.notices.extend(notices);
        if gone {
            return Err(SessionError::ClientGone);
        }
        Ok(done?)
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
        let scope = self.scope()?;
        send(&scope, &text, columns, &chunk, client).map_err(|ClientGone| SessionError::ClientGone)
    }

    /// Runs what was put off to the end of the transaction.
    pub(crate) fn run_deferred(&mut self) -> Result<(), SessionError> {
        self.run_deferred_now(When::Commit)
    }

    /// Runs what was put off, or of one constraint alone.
    pub(crate) fn run_deferred_now(&mut self, when: When) -> Result<(), SessionError> {
        if !self.events.has_deferred() {
            return Ok(());
        }
        let scope = self.scope()?;
        let text = self.text_settings();
        let (transaction, mut parts) = self.split(&text)?;
        Ok(parts.within(&scope, transaction, &[], |world| execute::run_events(world, when))?)
    }
}

/// The value of an expression that depends on nothing but what the session knows; none where it fails, so that the
/// error comes when the statement runs, if it comes at all.
fn fold(
    scope: &Scope,
    transaction: &mut Transaction,
    parts: &mut Parts<'_>,
    expression: &Expression,
) -> Option<Value> {
    let plan = crate::words::constant_plan(expression.clone());
    let value = parts.within(scope, transaction, &[], |world| {
        let mut execution = Execution::new(Arc::new(plan), world)?;
        let chunk = execution.next(world)?;
        Ok(chunk.filter(|chunk| !chunk.is_empty()).map(|chunk| chunk.column(0).value(0)))
    });
    value.ok().flatten()
}

/// Hands a chunk to the client, with whoever makes texts of its values.
pub(crate) fn send(
    scope: &Scope,
    text: &TextSettings,
    columns: &[ResultColumn],
    chunk: &Chunk,
    client: &mut dyn Client,
) -> Result<(), ClientGone> {
    client.rows(chunk, &mut |column, row, out| {
        let vector: &Vector = chunk.column(column);
        let of = columns.get(column).map_or(Type::of(types::catalog::oid::TEXT), |column| column.column_type);
        crate::names::append(scope, of, &vector.item(row), text, out);
    })
}
