//! Statements of a body that read and change rows, whole or piece by piece.

use super::body::{Plan, Planned};
use super::cursors::unless_cursor;
use super::host::{BodyHost, failure_of, located, within_sql};
use super::other::Given;
use crate::error::SessionError;
use crate::prepared::is_planned;
use crate::query::{Ready, Verb};
use bumpalo::Bump;
use execute::{Execution, run_inner};
use procedural::host::{Answer, Around, Did, Done, OpenRows, Query, Rows, Shape, Wanted};
use procedural::tree::{Expression, Mode, Sort};
use procedural::{Failure, Outcome};
use std::sync::Arc;
use syntax::tree::Statement;
use syntax::tree::statement::StatementKind;
use types::Value;
use types::vector::Chunk;

/// A query that was begun.
pub(super) struct OpenQuery {
    shape: Shape,
    source: Source,
    /// How many relations it has in use.
    used: usize,
    begun: bool,
    /// How many rows are computed together, where nobody can tell.
    together: usize,
}

/// Few at first, as whoever goes through rows may leave soon.
const TOGETHER_FIRST: usize = 16;

/// Where the rows of a query that was begun come from.
enum Source {
    /// From what is computed.
    Running(Box<(Ready, Execution, Vec<Value>)>),
    /// They are there: it is no query that is planned.
    Kept(Vec<Vec<Value>>),
}

/// The rows of a chunk, at most so many.
fn values_of(
    chunk: Chunk,
    columns: usize,
    most: usize,
    rows: &mut Vec<Vec<Value>>,
) -> Result<(), SessionError> {
    let chunk = chunk.slice(0, most).densify().map_err(|error| SessionError::Function(error.into()))?;
    for row in 0..chunk.rows() {
        rows.push((0..columns).map(|column| chunk.column(column).value(row)).collect());
    }
    Ok(())
}

/// Whether a statement that is not planned reads anything: one that does not may come before the transaction's isolation is
/// chosen, or choose it.
fn needs_snapshot(statement: &StatementKind<'_>) -> bool {
    !matches!(
        statement,
        StatementKind::Set(_)
            | StatementKind::Show(_)
            | StatementKind::SetConstraints(_)
            | StatementKind::Lock(_)
            | StatementKind::Listen(_)
            | StatementKind::Unlisten(_)
            | StatementKind::Notify(_)
            | StatementKind::Checkpoint
    )
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
            return self.look_if_stale();
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
        wanted: Wanted,
    ) -> Outcome<(Vec<Vec<Value>>, u64)> {
        self.run_ready(&planned.ready, planned.shape.len(), values, wanted)
    }

    fn run_ready(
        &mut self,
        ready: &Ready,
        columns: usize,
        values: &[Value],
        wanted: Wanted,
    ) -> Outcome<(Vec<Vec<Value>>, u64)> {
        let view = self.view();
        let text = self.session.kept_text_settings();
        let (mut rows, mut seen) = (Vec::new(), 0_u64);
        let done = {
            let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
            parts.lent.teller = self.teller;
            parts.lent.running = &ready.locks;
            let done = parts.within(&ready.scope, transaction, values, |world| {
                let mut execution = Execution::new(ready.plan.clone(), world)?;
                if let Some(view) = &view {
                    execution.read_from(view.clone());
                }
                let mut failed = None;
                let only = matches!(wanted, Wanted::Only(_));
                run_inner(world, &mut execution, !only, &mut |chunk| {
                    let missing = wanted.most().saturating_sub(rows.len());
                    // More than are wanted come together, but count as if they had not come.
                    seen += if only { chunk.len().min(missing) } else { chunk.len() } as u64;
                    if missing > 0
                        && let Err(error) = values_of(chunk, columns, missing, &mut rows)
                    {
                        failed = Some(error);
                        return Ok(false);
                    }
                    Ok(!only || rows.len() < wanted.most())
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
        Ok((rows, processed))
    }

    /// Runs a statement of the body.
    pub fn run_written(
        &mut self,
        expression: &Expression,
        around: Around<'_>,
        wanted: Wanted,
    ) -> Outcome<Done> {
        let known = match self.session.transient.get_mut().bodies.get(&self.which) {
            Some(body) => body.plan(expression.number),
            None => None,
        };
        if known.is_none() {
            let arena = Bump::new();
            let statements = self.session.parse(&expression.text, &arena);
            let statements = statements.map_err(|error| located(Failure::of(&error), expression))?;
            if let [statement] = statements
                && !is_planned(&statement.kind)
            {
                self.refuse_other(&statement.kind, true)?;
                if needs_snapshot(&statement.kind) {
                    self.begin_statement()?;
                }
                let given = Given::Variables(expression, around);
                let done = self.run_other(&expression.text, statement, given, wanted);
                return done.map_err(|failure| located(failure, expression));
            }
        }
        self.begin_statement()?;
        // `CURRENT OF` is bound to the row on which a cursor stands.
        let planned = match self.planned(expression, around)? {
            Plan::Rows(planned) => planned,
            Plan::Value(_) => return Err(Failure::syntax("query is not a SELECT")),
        };
        let planned = self.current(planned, expression, around)?;
        self.calls(Some((expression.mode, expression.text.clone())));
        let done = self.rows_of(&planned, &around.frame.values, wanted);
        if expression.names_cursor
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
    pub fn run_dynamic(&mut self, text: &str, arguments: Vec<Answer>, wanted: Wanted) -> Outcome<Done> {
        self.begin_statement()?;
        let arena = Bump::new();
        if let Ok(statements) = self.session.parse(text, &arena) {
            statements.iter().try_for_each(|statement| self.refuse_other(&statement.kind, false))?;
        }
        self.calls(Some((Mode::Statement, text.into())));
        self.run_text(text, &arguments, wanted).map_err(|failure| in_text(failure, text))
    }

    fn run_text(&mut self, text: &str, arguments: &[Answer], wanted: Wanted) -> Outcome<Done> {
        let arena = Bump::new();
        let statements = self.session.parse(text, &arena);
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
                self.run_other(text, statement, Given::Values(arguments), wanted)?
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
        let parameters = given_parameters(arguments);
        let may_write = (self.function.is_volatile, false);
        let (ready, shape, _) = self.ready(statement, &|_| parameters.clone(), may_write)?;
        Ok((ready, shape))
    }

    /// Begins a query.
    pub fn open_rows(&mut self, query: Query<'_>) -> Outcome<OpenRows> {
        self.begin_statement()?;
        let (ready, shape, values) = match query {
            Query::Written(expression, around) if expression.sort == Sort::Other => {
                let rows = self.rows_of_written(expression, around);
                let rows = rows.map_err(|failure| unless_cursor(failure, |it| located(it, expression)))?;
                return Ok(self.open_kept(rows));
            }
            Query::Written(expression, around) => {
                let plan = self.planned(expression, around)?;
                let Plan::Rows(planned) = plan else {
                    return Err(Failure::syntax("query is not a SELECT"));
                };
                let planned = self.current(planned, expression, around)?;
                let values = around.frame.values.clone();
                (planned.ready.clone(), planned.shape.clone(), values)
            }
            Query::Dynamic(text, arguments) => match self.ready_query(text, &arguments)? {
                Ok((ready, shape)) => {
                    (ready, shape, arguments.into_iter().map(|argument| argument.value).collect())
                }
                Err(rows) => return Ok(self.open_kept(rows)),
            },
        };
        if !ready.has_rows() {
            return Err(no_query(ready.verb.name()));
        }
        let view = self.view();
        let settings = self.session.kept_text_settings();
        let (transaction, mut parts) = self.session.split(&settings).map_err(|error| failure_of(&error))?;
        parts.lent.teller = self.teller;
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
        let source = Source::Running(Box::new((ready, execution, values)));
        Ok(self.opened(OpenQuery { shape, source, used, begun: false, together: TOGETHER_FIRST }))
    }

    fn opened(&mut self, open: OpenQuery) -> OpenRows {
        self.opened += 1;
        self.session.transient.get_mut().unnamed += 1;
        self.open.insert(self.opened, open);
        OpenRows(self.opened)
    }

    /// A query whose rows are there.
    fn open_kept(&mut self, rows: Rows) -> OpenRows {
        let source = Source::Kept(rows.rows);
        self.opened(OpenQuery { shape: rows.shape, source, used: 0, begun: false, together: TOGETHER_FIRST })
    }

    /// What a text yields that the body has made: what is planned, or rows that are there.
    fn ready_query(&mut self, text: &str, arguments: &[Answer]) -> Outcome<Result<(Ready, Shape), Rows>> {
        let arena = Bump::new();
        let statements = self.session.parse(text, &arena);
        let statements = statements.map_err(|error| in_text(Failure::of(&error), text))?;
        match statements {
            [statement] if is_planned(&statement.kind) => {
                let ready = self.ready_dynamic(statement, arguments);
                ready.map(Ok).map_err(|failure| in_text(failure, text))
            }
            [statement] => {
                let rows = self.rows_of_other(text, statement, Given::Values(arguments));
                rows.map(Err).map_err(|failure| unless_cursor(failure, |failure| in_text(failure, text)))
            }
            _ => Err(Failure::new(
                diagnostic::SqlState::InvalidCursorDefinition,
                "cannot open multi-query plan as cursor",
            )),
        }
    }

    /// The rows of a statement of the body that is not planned.
    fn rows_of_written(&mut self, expression: &Expression, around: Around<'_>) -> Outcome<Rows> {
        let arena = Bump::new();
        let statements = self.session.parse(&expression.text, &arena);
        match statements.map_err(|error| Failure::of(&error))? {
            [statement] => {
                let given = Given::Variables(expression, around);
                self.rows_of_other(&expression.text, statement, given)
            }
            _ => Err(Failure::syntax("syntax error")),
        }
    }

    /// The next rows of a query.
    pub fn more_rows(&mut self, open: OpenRows) -> Outcome<Option<Rows>> {
        let Some(mut query) = self.open.remove(&open.0) else { return Ok(None) };
        // A few rows are computed before they are asked for, as in PostgreSQL, unless the transaction may end before that. Those whose
        // computation has no effect may be more: they come in chunks.
        let first = !std::mem::replace(&mut query.begun, true);
        let ahead = match (self.is_atomic, first) {
            (false, _) => 1,
            (true, true) => 10,
            (true, false) => 50,
        };
        let found = self.next_rows(&mut query, ahead);
        let shape = query.shape.clone();
        self.open.insert(open.0, query);
        match found? {
            Some(rows) => Ok(Some(Rows { shape, rows })),
            // What rows would be is told once even if there are none.
            None if first => Ok(Some(Rows { shape, rows: Vec::new() })),
            None => Ok(None),
        }
    }

    /// The next rows of a query, so many at once.
    fn next_rows(&mut self, query: &mut OpenQuery, ahead: usize) -> Outcome<Option<Vec<Vec<Value>>>> {
        let (ready, execution, values) = match &mut query.source {
            Source::Kept(kept) => {
                let rows = std::mem::take(kept);
                return Ok((!rows.is_empty()).then_some(rows));
            }
            Source::Running(running) => (&running.0, &mut running.1, &running.2),
        };
        let together = query.together;
        query.together = together.saturating_mul(4);
        self.calls(None);
        let text = self.session.kept_text_settings();
        let columns = query.shape.len();
        let mut rows = Vec::new();
        let done = {
            let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
            parts.lent.teller = self.teller;
            parts.lent.running = &ready.locks;
            let done = parts.within(&ready.scope, transaction, values, |world| {
                if execution.changes() {
                    let mut all = Vec::new();
                    run_inner(world, execution, true, &mut |chunk| {
                        all.push(chunk);
                        Ok(true)
                    })?;
                    return Ok(all);
                }
                let usual = world.settings.chunk_rows;
                world.settings.chunk_rows = usual.min(together);
                let (mut chunks, mut count) = (Vec::new(), 0);
                while count < ahead.min(usual) {
                    let Some(chunk) = execution.next(world)? else { break };
                    count += chunk.len();
                    chunks.push(chunk);
                }
                Ok(chunks)
            });
            (done, std::mem::take(&mut parts.notices))
        };
        self.session.notices.extend(done.1);
        self.tell_pending();
        let chunks = done.0.map_err(|error| failure_of(&error.into()))?;
        let ended = chunks.is_empty();
        for chunk in chunks {
            values_of(chunk, columns, usize::MAX, &mut rows).map_err(|error| failure_of(&error))?;
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
        let numbers: Vec<u64> = self.open.keys().copied().collect();
        for number in numbers {
            let Some(mut query) = self.open.remove(&number) else { continue };
            let kept = self.keep_rows(&mut query);
            self.open.insert(number, query);
            kept?;
        }
        Ok(())
    }

    fn keep_rows(&mut self, query: &mut OpenQuery) -> Outcome<()> {
        // Rows of what is not planned are, to PostgreSQL, those of a statement that may do anything.
        let reads = match &query.source {
            Source::Running(running) => !running.1.writes(),
            Source::Kept(_) => false,
        };
        if !reads {
            let message = "cannot perform transaction commands inside a cursor loop that is not read-only";
            return Err(Failure::new(diagnostic::SqlState::ObjectNotInPrerequisiteState, message));
        }
        if let Source::Running(running) = &mut query.source
            && !running.1.is_kept()
        {
            self.calls(None);
            let text = self.session.kept_text_settings();
            let (ready, execution, values) = &mut **running;
            let (transaction, mut parts) = self.session.split(&text).map_err(|error| failure_of(&error))?;
            parts.lent.teller = self.teller;
            parts.lent.running = &ready.locks;
            let done = parts.within(&ready.scope, transaction, values, |world| execution.keep(world));
            let notices = std::mem::take(&mut parts.notices);
            self.session.notices.extend(notices);
            self.tell_pending();
            done.map_err(|error| failure_of(&error.into()))?;
        }
        self.forget_used(query);
        Ok(())
    }
}

/// That a statement yields no rows.
pub(super) fn no_query(name: &str) -> Box<Failure> {
    let message = format!("cannot open {name} query as cursor");
    Failure::new(diagnostic::SqlState::InvalidCursorDefinition, message)
}

/// The parameters of a text that the body has made: so many and no more.
pub(super) fn given_parameters(arguments: &[Answer]) -> bind::Parameters {
    let typed = arguments.iter().map(|argument| (String::new(), argument.of));
    match arguments.is_empty() {
        true => bind::Parameters::None,
        false => bind::Parameters::Named { function: String::new(), arguments: typed.collect() },
    }
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
