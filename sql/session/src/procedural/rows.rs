//! Statements of a body that read and change rows, whole or piece by piece.

use super::body::{Plan, Planned};
use super::host::{BodyHost, failure_of, located, within_sql};
use crate::error::SessionError;
use crate::query::{Ready, Verb};
use bumpalo::Bump;
use execute::{Execution, run_inner};
use procedural::host::{Answer, Around, Did, Done, OpenRows, Query, Rows, Shape};
use procedural::tree::Expression;
use procedural::{Failure, Outcome};
use std::sync::Arc;
use syntax::tree::Statement;
use syntax::tree::statement::StatementKind;
use types::vector::Chunk;
use types::{Type, Value};

/// A query that was begun.
pub(super) struct OpenQuery {
    ready: Ready,
    shape: Shape,
    execution: Execution,
    values: Vec<Value>,
    /// What failures say of it.
    text: String,
    /// How many relations it has in use.
    used: usize,
    /// Rows that were computed because the transaction ended.
    kept: Option<Vec<Vec<Value>>>,
    begun: bool,
}

/// The rows of a chunk.
fn values_of(chunk: Chunk, columns: usize, rows: &mut Vec<Vec<Value>>) -> Result<(), SessionError> {
    let chunk = chunk.densify().map_err(|error| SessionError::Function(error.into()))?;
    for row in 0..chunk.rows() {
        rows.push((0..columns).map(|column| chunk.column(column).value(row)).collect());
    }
    Ok(())
}

/// Whether a statement is planned.
pub(super) fn is_planned(statement: &StatementKind<'_>) -> bool {
    match statement {
        StatementKind::Query(query) => {
            let arena = Bump::new();
            crate::select_into::as_create_table(query, &arena).is_none()
        }
        StatementKind::Insert(_)
        | StatementKind::Update(_)
        | StatementKind::Delete(_)
        | StatementKind::Merge(_) => true,
        _ => false, // all others are run as they are
    }
}

fn did(verb: Verb) -> Did {
    match verb {
        Verb::Select => Did::Selected,
        Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge => Did::Changed,
    }
}

impl BodyHost<'_, '_> {
    /// A statement of the body begins: it sees what was committed before it, where it is none of a statement's.
    pub fn begin_statement(&mut self) -> Outcome<()> {
        if self.session.within.as_ref().is_some_and(|within| within.lent) || !self.function.is_volatile {
            return Ok(());
        }
        self.session.begin_snapshot().map_err(|error| failure_of(&error))?;
        self.look_again()
    }

    /// A planned statement with its relations locked, planned anew if something was defined meanwhile.
    pub fn current(
        &mut self,
        planned: Arc<Planned>,
        expression: &Expression,
        around: Around<'_>,
    ) -> Outcome<Arc<Planned>> {
        self.begin_statement()?;
        let mut planned = planned;
        loop {
            let now = match self.planned(expression, around)? {
                Plan::Rows(now) => now,
                Plan::Value(_) => return Ok(planned),
            };
            let (scope, locks) = (now.ready.scope.clone(), now.ready.locks.clone());
            planned = now;
            let same = self.session.lock(&scope, &locks).map_err(|error| failure_of(&error))?;
            if same {
                let verb = planned.ready.verb;
                self.session.refuse_changing(verb, &locks).map_err(|error| failure_of(&error))?;
                return Ok(planned);
            }
            self.session.renew_snapshot().map_err(|error| failure_of(&error))?;
            self.look_again()?;
        }
    }

    /// Runs a planned statement: its rows, as many as are wanted, and how many it read or changed.
    pub fn rows_of(
        &mut self,
        planned: &Planned,
        values: &[Value],
        wanted: Option<usize>,
    ) -> Outcome<(Vec<Vec<Value>>, u64)> {
        self.run_ready(&planned.ready, planned.shape.len(), values, wanted)
    }

    fn run_ready(
        &mut self,
        ready: &Ready,
        columns: usize,
        values: &[Value],
        wanted: Option<usize>,
    ) -> Outcome<(Vec<Vec<Value>>, u64)> {
        let view = self.view();
        let text = self.session.kept_text_settings();
        let (mut rows, mut seen) = (Vec::new(), 0_u64);
        let done = {
            let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
            parts.lent.running = &ready.locks;
            let done = parts.within(&ready.scope, transaction, values, |world| {
                if let Some(wanted) = wanted
                    && wanted > 0
                {
                    world.settings.chunk_rows = world.settings.chunk_rows.min(wanted);
                }
                let mut execution = Execution::new(ready.plan.clone(), world)?;
                if let Some(view) = &view {
                    execution.read_from(view.clone());
                }
                let mut failed = None;
                run_inner(world, &mut execution, &mut |chunk| {
                    seen += chunk.len() as u64;
                    if wanted == Some(0) {
                        return Ok(true);
                    }
                    if let Err(error) = values_of(chunk, columns, &mut rows) {
                        failed = Some(error);
                        return Ok(false);
                    }
                    Ok(wanted.is_none_or(|wanted| rows.len() < wanted))
                })?;
                match failed {
                    Some(error) => Ok(Err(error)),
                    None => Ok(Ok(execution.affected())),
                }
            });
            (done, std::mem::take(&mut parts.notices))
        };
        self.session.notices.extend(done.1);
        self.tell_pending();
        let affected = done.0.map_err(|error| failure_of(&error.into()))?;
        let affected = affected.map_err(|error| failure_of(&error))?;
        let processed = if ready.verb == Verb::Select { seen } else { affected };
        if let Some(wanted) = wanted {
            rows.truncate(wanted);
        }
        Ok((rows, processed))
    }

    /// Runs a statement of the body.
    pub fn run_written(
        &mut self,
        expression: &Expression,
        around: Around<'_>,
        wanted: Option<usize>,
    ) -> Outcome<Done> {
        self.begin_statement()?;
        let known = match self.session.transient.get_mut().bodies.get(&self.which) {
            Some(body) => body.plan(expression.number),
            None => None,
        };
        if known.is_none() {
            let arena = Bump::new();
            let statements = syntax::parse(&expression.text, &arena, self.session.depth_limit());
            let statements = statements.map_err(|error| located(Failure::of(&error), expression))?;
            if let [statement] = statements
                && !is_planned(&statement.kind)
            {
                self.refuse_other(&statement.kind, true)?;
                let done =
                    self.run_other(&expression.text, statement, Some((expression, around)), &[], wanted);
                return done.map_err(|failure| located(failure, expression));
            }
        }
        // `CURRENT OF` is bound to the row on which a cursor stands.
        let planned = match self.planned(expression, around)? {
            Plan::Rows(planned) => planned,
            Plan::Value(_) => return Err(Failure::syntax("query is not a SELECT")),
        };
        let planned = self.current(planned, expression, around)?;
        let done = self.rows_of(&planned, &around.frame.values, wanted);
        if names_cursor(&expression.text)
            && let Some(body) = self.session.transient.get_mut().bodies.get(&self.which)
        {
            body.forget(expression.number);
        }
        let (rows, processed) = done.map_err(|failure| within_sql(failure, expression))?;
        let gives = planned.ready.has_rows();
        Ok(Done {
            did: did(planned.ready.verb),
            rows: gives.then(|| Rows { shape: planned.shape.clone(), rows }),
            processed,
        })
    }

    /// Runs the statements of a text that the body has made.
    pub fn run_dynamic(
        &mut self,
        text: &str,
        arguments: Vec<Answer>,
        wanted: Option<usize>,
    ) -> Outcome<Done> {
        self.begin_statement()?;
        let arena = Bump::new();
        if let Ok(statements) = syntax::parse(text, &arena, self.session.depth_limit()) {
            statements.iter().try_for_each(|statement| self.refuse_other(&statement.kind, false))?;
        }
        self.run_text(text, &arguments, wanted).map_err(|failure| in_text(failure, text))
    }

    fn run_text(&mut self, text: &str, arguments: &[Answer], wanted: Option<usize>) -> Outcome<Done> {
        let arena = Bump::new();
        let statements = syntax::parse(text, &arena, self.session.depth_limit());
        let statements = statements.map_err(|error| Failure::of(&error))?;
        let values: Vec<Value> = arguments.iter().map(|argument| argument.value.clone()).collect();
        let mut last = Done { did: Did::Other, rows: None, processed: 0 };
        for statement in statements {
            last = if is_planned(&statement.kind) {
                let (ready, shape) = self.ready_dynamic(statement, arguments)?;
                let gives = ready.has_rows();
                let (rows, processed) = self.run_ready(&ready, shape.len(), &values, wanted)?;
                Done { did: did(ready.verb), rows: gives.then_some(Rows { shape, rows }), processed }
            } else {
                self.run_other(text, statement, None, arguments, wanted)?
            };
        }
        Ok(last)
    }

    /// A statement of a text that the body has made, planned.
    pub fn ready_dynamic(
        &mut self,
        statement: &Statement<'_>,
        arguments: &[Answer],
    ) -> Outcome<(Ready, Shape)> {
        let types: Vec<Option<Type>> = arguments.iter().map(|argument| Some(argument.of)).collect();
        let parameters = match types.is_empty() {
            true => bind::Parameters::None,
            false => bind::Parameters::Inferred(types),
        };
        let may_write = self.function.is_volatile;
        self.ready(statement, &|_| parameters.clone(), may_write)
    }

    /// Begins a query.
    pub fn open_rows(&mut self, query: Query<'_>) -> Outcome<OpenRows> {
        self.begin_statement()?;
        let (ready, shape, values, text) = match query {
            Query::Written(expression, around) => {
                let plan = self.planned(expression, around)?;
                let Plan::Rows(planned) = plan else {
                    return Err(Failure::syntax("query is not a SELECT"));
                };
                let planned = self.current(planned, expression, around)?;
                let values = around.frame.values.clone();
                (planned.ready.clone(), planned.shape.clone(), values, expression.text.clone())
            }
            Query::Dynamic(text, arguments) => {
                let (ready, shape) = self.ready_query(text, &arguments)?;
                let values = arguments.into_iter().map(|argument| argument.value).collect();
                (ready, shape, values, text.to_owned())
            }
        };
        if !ready.has_rows() {
            return Err(no_query(ready.verb.name()));
        }
        let view = self.view();
        let settings = self.session.kept_text_settings();
        let (transaction, mut parts) = self.session.split(&settings).map_err(|error| failure_of(&error))?;
        parts.lent.running = &ready.locks;
        let execution = parts.within(&ready.scope, transaction, &values, |world| {
            let mut execution = Execution::new(ready.plan.clone(), world)?;
            match &view {
                Some(view) => execution.read_from(view.clone()),
                None => execution.take_view(world)?,
            }
            Ok(execution)
        });
        let execution = execution.map_err(|error| failure_of(&error.into()))?;
        // What changes rows is done as soon as it begins.
        let used = if execution.changes() { &[] } else { &*ready.locks };
        if let Some(within) = &mut self.session.within {
            within.used.extend(used.iter().map(|lock| lock.relation));
        }
        let used = used.len();
        self.opened += 1;
        self.session.transient.get_mut().unnamed += 1;
        let number = self.opened;
        let open = OpenQuery { ready, shape, execution, values, text, used, kept: None, begun: false };
        self.open.insert(number, open);
        Ok(OpenRows(number))
    }

    /// The query of a text that the body has made.
    fn ready_query(&mut self, text: &str, arguments: &[Answer]) -> Outcome<(Ready, Shape)> {
        let arena = Bump::new();
        let statements = syntax::parse(text, &arena, self.session.depth_limit());
        let statements = statements.map_err(|error| in_text(Failure::of(&error), text))?;
        match statements {
            [statement] if is_planned(&statement.kind) => {
                self.ready_dynamic(statement, arguments).map_err(|failure| in_text(failure, text))
            }
            [statement] => Err(no_query(crate::definition::command(&statement.kind))),
            _ => Err(Failure::new(
                diagnostic::SqlState::InvalidCursorDefinition,
                "cannot open multi-query plan as cursor",
            )),
        }
    }

    /// The next rows of a query.
    pub fn more_rows(&mut self, open: OpenRows) -> Outcome<Option<Rows>> {
        let Some(mut query) = self.open.remove(&open.0) else { return Ok(None) };
        let found = self.next_rows(&mut query);
        let shape = query.shape.clone();
        let first = !std::mem::replace(&mut query.begun, true);
        let text = query.text.clone();
        self.open.insert(open.0, query);
        let rows = found.map_err(|failure| failure.within(format!("SQL statement \"{text}\"")))?;
        match rows {
            Some(rows) => Ok(Some(Rows { shape, rows })),
            // What rows would be is told once even if there are none.
            None if first => Ok(Some(Rows { shape, rows: Vec::new() })),
            None => Ok(None),
        }
    }

    fn next_rows(&mut self, query: &mut OpenQuery) -> Outcome<Option<Vec<Vec<Value>>>> {
        if let Some(kept) = &mut query.kept {
            let rows = std::mem::take(kept);
            return Ok((!rows.is_empty()).then_some(rows));
        }
        let text = self.session.kept_text_settings();
        let columns = query.shape.len();
        let mut rows = Vec::new();
        let done = {
            let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
            let (execution, values) = (&mut query.execution, &query.values);
            parts.lent.running = &query.ready.locks;
            let done = parts.within(&query.ready.scope, transaction, values, |world| {
                if execution.changes() {
                    let mut all = Vec::new();
                    run_inner(world, execution, &mut |chunk| {
                        all.push(chunk);
                        Ok(true)
                    })?;
                    return Ok(all);
                }
                // A few rows are computed before they are asked for, as PostgreSQL does.
                world.settings.chunk_rows = world.settings.chunk_rows.min(50);
                Ok(execution.next(world)?.into_iter().collect())
            });
            (done, std::mem::take(&mut parts.notices))
        };
        self.session.notices.extend(done.1);
        self.tell_pending();
        let chunks = done.0.map_err(|error| failure_of(&error.into()))?;
        let ended = chunks.is_empty();
        for chunk in chunks {
            values_of(chunk, columns, &mut rows).map_err(|error| failure_of(&error))?;
        }
        Ok((!ended).then_some(rows))
    }

    /// The relations of a query are not in use by it any more. Queries are closed in the order opposite to that in which they
    /// were opened.
    pub fn forget_used(&mut self, query: &mut OpenQuery) {
        let used = std::mem::take(&mut query.used);
        if let Some(within) = &mut self.session.within {
            within.used.truncate(within.used.len().saturating_sub(used));
        }
    }

    /// The transaction is about to end: queries that go on afterwards are read to their ends.
    pub fn keep_open(&mut self) -> Outcome<()> {
        for (number, mut query) in std::mem::take(&mut self.open) {
            if query.kept.is_none() {
                let mut all = Vec::new();
                while let Some(rows) = self.next_rows(&mut query)? {
                    all.extend(rows);
                }
                query.kept = Some(all);
                self.forget_used(&mut query);
            }
            self.open.insert(number, query);
        }
        Ok(())
    }
}

/// That a statement yields no rows.
pub(super) fn no_query(name: &str) -> Box<Failure> {
    let message = format!("cannot open {name} query as cursor");
    Failure::new(diagnostic::SqlState::InvalidCursorDefinition, message)
}

/// Whether a statement is about the row on which a cursor stands.
pub(super) fn names_cursor(text: &str) -> bool {
    text.to_ascii_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .windows(2)
        .any(|two| two == ["current", "of"])
}

/// A failure in a text that the body has made.
pub(super) fn in_text(mut failure: Box<Failure>, text: &str) -> Box<Failure> {
    if failure.query.is_some() {
        return failure;
    }
    match failure.position {
        Some(_) => {
            failure.query = Some(text.to_owned());
            failure
        }
        None => failure.within(format!("SQL statement \"{text}\"")),
    }
}
