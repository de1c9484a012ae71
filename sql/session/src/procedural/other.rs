//! Statements of a body that neither read nor change rows: definitions, settings, calls, the transaction's end.

use super::host::{BodyHost, failure_of, kind_of, located, read_text};
use crate::client::{Client, ClientGone, Notice, Report, ResultColumn, Teller, ValueFormat};
use crate::error::SessionError;
use crate::prepared::Arguments;
use crate::session::Session;
use bind::Parameters;
use bumpalo::Bump;
use diagnostic::SqlState;
use plan::expression::{Expression as Bound, ExpressionKind};
use procedural::host::{Answer, Around, Called, Did, Done, Field, Rows, Wanted};
use procedural::tree::{Expression, Mode, Place};
use procedural::{Failure, Outcome};
use syntax::tree::Statement;
use syntax::tree::expression::Expression as Written;
use syntax::tree::select::{Query, QueryBody};
use syntax::tree::statement::StatementKind;
use types::Type;
use types::vector::Chunk;

/// Takes the rows of statements that yield some though they are not planned: `SHOW`, `EXPLAIN`, `EXECUTE`.
pub(super) struct Capture<'c> {
    columns: Vec<ResultColumn>,
    chunks: Vec<Chunk>,
    has_rows: bool,
    notices: Vec<Notice>,
    /// What was told of the end.
    tag: String,
    outer: Option<&'c dyn Teller>,
}

impl<'c> Capture<'c> {
    /// One that has taken nothing yet; notices go to somebody further out, if there is one.
    pub fn new(outer: Option<&'c dyn Teller>) -> Capture<'c> {
        let (columns, chunks) = (Vec::new(), Vec::new());
        Capture { columns, chunks, has_rows: false, notices: Vec::new(), tag: String::new(), outer }
    }

    /// How many rows were read or copied by a statement that yields none.
    fn processed(&self) -> u64 {
        let count = self.tag.strip_prefix("SELECT ").or_else(|| self.tag.strip_prefix("COPY "));
        count.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// What was to be told is the session's, which tells it in its turn.
    pub fn hand_on(&mut self, session: &mut Session) {
        session.notices.append(&mut self.notices);
    }
}

impl Client for Capture<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.columns = columns.to_vec();
        self.has_rows = true;
    }

    fn rows(&mut self, chunk: &Chunk, _: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        self.chunks.push(chunk.clone());
        Ok(())
    }

    fn complete(&mut self, tag: &str) {
        tag.clone_into(&mut self.tag);
    }

    fn notice(&mut self, report: Report) {
        let untold = match self.outer {
            Some(teller) => teller.tell(Box::new(report)).err(),
            None => Some(Box::new(report)),
        };
        self.notices.extend(untold.map(Notice::Told));
    }
}

/// What a statement may name.
#[derive(Clone, Copy)]
pub(super) enum Given<'g, 'a> {
    /// The variables of the body that it is part of.
    Variables(&'g Expression, Around<'a>),
    /// `$1`, … of a text that the body has made.
    Values(&'g [Answer]),
}

/// Whether a statement that is not planned yields rows.
fn yields_rows(statement: &StatementKind<'_>) -> bool {
    matches!(
        statement,
        StatementKind::Show(_)
            | StatementKind::Explain(_)
            | StatementKind::Execute(_)
            | StatementKind::Fetch(_)
    )
}

impl BodyHost<'_, '_> {
    /// The rows of a statement that is not planned, if it yields some.
    pub fn rows_of_other(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        given: Given<'_, '_>,
    ) -> Outcome<Rows> {
        let none = || super::rows::no_query(crate::definition::command(&statement.kind));
        if !yields_rows(&statement.kind) {
            return Err(none());
        }
        self.run_other(text, statement, given, Wanted::All)?.rows.ok_or_else(none)
    }

    /// Runs a statement that is not planned.
    pub fn run_other(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        given: Given<'_, '_>,
        wanted: Wanted,
    ) -> Outcome<Done> {
        self.refuse_definition(&statement.kind)?;
        self.calls(Some((Mode::Statement, text.into())));
        let given = match given {
            Given::Variables(expression, around) => {
                let variables = match self.parameters(expression, around) {
                    Parameters::Variables(variables) => Some(variables),
                    Parameters::None | Parameters::Inferred(_) | Parameters::Named { .. } => None,
                };
                Arguments { types: Vec::new(), values: around.frame.values.clone(), variables, named: None }
            }
            Given::Values(arguments) => Arguments {
                types: arguments.iter().map(|argument| argument.of).collect(),
                values: arguments.iter().map(|argument| argument.value.clone()).collect(),
                variables: None,
                named: None,
            },
        };
        let created = matches!(statement.kind, StatementKind::Query(_));
        let session = &mut *self.session;
        let around = std::mem::replace(&mut session.arguments, given);
        let mut capture = Capture::new(self.teller);
        let done = session.atomically(|session| session.run(text, statement, &mut capture));
        session.arguments = around;
        capture.hand_on(session);
        let without_rows = capture.processed();
        let Capture { columns, chunks, has_rows, .. } = capture;
        // What it has defined or set counts as soon as something asks.
        self.is_stale = true;
        done.map_err(|error| failure_of(&error))?;
        let mut rows = Vec::new();
        for chunk in chunks {
            let chunk = chunk.densify();
            let chunk = chunk.map_err(|error| failure_of(&SessionError::Function(error.into())))?;
            for row in 0..chunk.rows() {
                rows.push((0..columns.len()).map(|column| chunk.column(column).value(row)).collect());
            }
        }
        let processed = if has_rows { rows.len() as u64 } else { without_rows };
        rows.truncate(wanted.most());
        let field = |column: ResultColumn| Field {
            kind: kind_of(&self.scope, column.column_type),
            name: column.name,
            of: column.column_type,
            dropped: false,
        };
        let shape = columns.into_iter().map(field).collect();
        Ok(Done {
            did: if created { Did::Created } else { Did::Other },
            rows: has_rows.then_some(Rows { shape, rows }),
            processed,
        })
    }

    /// What no body may do.
    pub fn refuse_other(&self, statement: &StatementKind<'_>, written: bool) -> Outcome<()> {
        let refused = |message: &str| Err(Failure::new(SqlState::FeatureNotSupported, message));
        match statement {
            StatementKind::Transaction(_) if written => {
                refused("unsupported transaction command in PL/pgSQL")
            }
            StatementKind::Transaction(_) => refused("EXECUTE of transaction commands is not implemented"),
            StatementKind::Copy(copy) if copy.file.is_none() => {
                refused("cannot COPY to/from client in PL/pgSQL")
            }
            _ => Ok(()), // whatever else there is, SQL says
        }
    }

    /// What a function may not do that says that it changes nothing.
    fn refuse_definition(&self, statement: &StatementKind<'_>) -> Outcome<()> {
        let reads = matches!(
            statement,
            StatementKind::Show(_)
                | StatementKind::Explain(_)
                | StatementKind::Fetch(_)
                | StatementKind::Execute(_)
        );
        if self.function.is_volatile || reads {
            return Ok(());
        }
        let name = match statement {
            StatementKind::Query(_) => "SELECT INTO",
            StatementKind::Set(_) => "SET",
            other => crate::definition::command(other),
        };
        let message = format!("{name} is not allowed in a non-volatile function");
        Err(Failure::new(SqlState::FeatureNotSupported, message))
    }

    /// `CALL`, `DO`
    pub fn call_written(&mut self, expression: &Expression, around: Around<'_>) -> Outcome<Called> {
        self.begin_statement()?;
        self.calls(Some((expression.mode, expression.text.clone())));
        let text = read_text(expression);
        let arena = Bump::new();
        let statements = self.session.parse(&text, &arena);
        let statements = statements.map_err(|error| located(Failure::of(&error), expression))?;
        let none = Called { rows: None, places: Vec::new() };
        let done = match statements {
            [Statement { kind: StatementKind::Call(call), .. }] => {
                return self.call_procedure(&call.call, expression, around);
            }
            [Statement { kind: StatementKind::Do(block), .. }] => {
                let mut quiet = Capture::new(self.teller);
                let done = self.session.run_do(block, None, &mut quiet);
                quiet.hand_on(self.session);
                done.map(|()| none).map_err(|error| failure_of(&error))
            }
            _ => Ok(none),
        };
        let called = done.map_err(|failure| located(failure, expression))?;
        self.look_again()?;
        Ok(called)
    }

    fn call_procedure(
        &mut self,
        call: &Written<'_>,
        expression: &Expression,
        around: Around<'_>,
    ) -> Outcome<Called> {
        let parameters = self.parameters(expression, around);
        let called = self
            .binding(|context| bind::definition::called_procedure(context, call, parameters))
            .map_err(|failure| located(failure, expression))?;
        let mut places = Vec::with_capacity(called.places.len());
        for (number, (place, (name, _))) in called.places.iter().zip(&called.outputs).enumerate() {
            match self.place_of(place) {
                Some(place) => places.push(place),
                None => {
                    let shown = match name.is_empty() {
                        true => format!("{}", number + 1),
                        false => format!("\"{name}\""),
                    };
                    let message = format!(
                        "procedure parameter {shown} is an output parameter but corresponding argument is \
                         not writable"
                    );
                    return Err(Failure::syntax(message));
                }
            }
        }
        let outputs = called.outputs.clone();
        let row = self
            .session
            .call_bound(&self.scope, called, &around.frame.values, self.teller)
            .map_err(|error| located(failure_of(&error), expression))?;
        self.look_again()?;
        if outputs.is_empty() {
            return Ok(Called { rows: None, places });
        }
        let field = |(name, of): &(String, Type)| Field {
            kind: kind_of(&self.scope, *of),
            name: name.clone(),
            of: *of,
            dropped: false,
        };
        let shape: procedural::host::Shape = outputs.iter().map(field).collect();
        let values = procedural::run::values_of(&row, &shape);
        Ok(Called { rows: Some(Rows { shape, rows: vec![values] }), places })
    }

    /// The variable that an argument is, or the field of one.
    fn place_of(&self, argument: &Bound) -> Option<Place> {
        match &argument.kind {
            ExpressionKind::Parameter(variable) => Some(Place { variable: *variable, field: None }),
            ExpressionKind::Field { operand, index } => match &operand.kind {
                ExpressionKind::Parameter(variable) => {
                    let shape = super::host::shape_of(&self.scope, operand.result)?;
                    let field = shape.get(*index as usize)?.name.clone();
                    Some(Place { variable: *variable, field: Some(field) })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `COMMIT`, `ROLLBACK`
    pub fn end_now(&mut self, commits: bool, chain: bool) -> Outcome<()> {
        let refused = |message: String| Err(Failure::new(SqlState::InvalidTransactionTermination, message));
        if self.is_atomic {
            return refused("invalid transaction termination".to_owned());
        }
        if self.session.block.depth() > 0 {
            let verb = if commits { "commit" } else { "roll back" };
            return refused(format!("cannot {verb} while a subtransaction is active"));
        }
        self.keep_open()?;
        self.calls(None);
        // The next transaction begins with what needs it: its isolation may still be chosen.
        self.is_stale = true;
        self.session.end_within(commits, chain, self.teller).map_err(|error| failure_of(&error))
    }
}

impl Session {
    /// An error if whoever sent the statement does not want to wait for it any more, or it takes too long.
    pub(crate) fn check_running(&mut self) -> Result<(), SessionError> {
        if self.store.take_cancel() {
            let message = "canceling statement due to user request";
            return Err(functions::FunctionError::plain(SqlState::QueryCanceled, message).into());
        }
        match self.deadline {
            Some(end) if self.engine.env.monotonic(&crate::labels::TIMER) >= end => {
                // It ends the statement once; a body that keeps the failure goes on.
                self.deadline = None;
                Err(SessionError::StatementTimeout)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether what begins now may not end the transaction: for a handler's block, too, that is a block.
    pub(super) fn is_atomic(&self) -> bool {
        self.block.is_shared()
            || self.block.depth() > 0
            || self.within.as_ref().is_some_and(|within| within.lent || within.atomic)
    }

    /// Runs something that may not end the transaction.
    pub(super) fn atomically<R>(&mut self, what: impl FnOnce(&mut Session) -> R) -> R {
        let around = self.within.as_mut().map(|within| std::mem::replace(&mut within.atomic, true));
        let in_function = self.block.set_in_function(true);
        let done = what(self);
        self.block.set_in_function(in_function);
        if let (Some(within), Some(around)) = (&mut self.within, around) {
            within.atomic = around;
        }
        done
    }

    /// Ends the transaction in the midst of a procedure, and begins another.
    pub(super) fn end_within(
        &mut self,
        commits: bool,
        chain: bool,
        teller: Option<&dyn Teller>,
    ) -> Result<(), SessionError> {
        let like = self.block.characteristics();
        let pinned = self.transient.get_mut().pinned.clone();
        for name in &pinned {
            self.hold_cursor(name)?;
        }
        if commits {
            self.run_before_commit(teller)?;
            let committed = self.block.commit(&mut self.settings);
            self.forget_transaction(committed.is_ok());
            committed?;
        } else {
            self.block.roll_back(&mut self.settings);
            self.forget_transaction(false);
        }
        self.block.enter(&mut self.settings, self.statement_time);
        if chain {
            self.block.go_on_like(&mut self.settings, like);
        }
        Ok(())
    }
}

/// The only expression that a text's only statement selects.
pub(super) fn only_expression<'a>(statements: &'a [Statement<'a>]) -> Option<&'a Written<'a>> {
    let [Statement { kind: StatementKind::Query(Query { body: QueryBody::Select(select), .. }), .. }] =
        statements
    else {
        return None;
    };
    match select.targets {
        [target] => Some(&target.expression),
        _ => None,
    }
}
