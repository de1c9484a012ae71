//! Statements of functions in SQL that are neither queries nor changes of rows: definitions, settings, calls, and what else a client
//! may send. They are kept as they are written, and run by a nested session when it is their turn, with the function's arguments
//! for what is planned within them. What a function cannot do is refused before its first statement runs.

use super::host::failure_of;
use super::lend::within_nested;
use super::other::Capture;
use crate::client::Teller;
use crate::error::SessionError;
use crate::prepared::Arguments;
use crate::session::Session;
use crate::system::Live;
use crate::world::tables::Begun;
use bind::Context;
use bumpalo::Bump;
use catalog::object::{Function, Volatility};
use diagnostic::SqlState;
use execute::{ExecuteError, ExecuteResult, RoutineCall, World, run_one};
use functions::FunctionError;
use syntax::tree::routine::{CreateRoutine, RoutineBody};
use syntax::tree::session::Transaction;
use syntax::tree::{Statement, StatementKind};
use types::Value;

/// That a function may do what a statement says.
///
/// # Errors
/// When it is the transaction's business, the client's, or changes something where the function says that it changes nothing.
pub(crate) fn refuse_other(text: &str, function: &Function, context: Context<'_>) -> ExecuteResult<()> {
    let arena = Bump::new();
    let Ok(statements) = syntax::parse_by(text, &arena, context.depth_limit, context.strings) else {
        return Ok(());
    };
    let Some(Statement { kind, .. }) = statements.first() else { return Ok(()) };
    let message = match kind {
        StatementKind::Transaction(statement) => {
            format!("{} is not allowed in an SQL function", transaction_tag(statement))
        }
        StatementKind::Copy(copy) if copy.file.is_none() => {
            "cannot COPY to/from client in an SQL function".to_owned()
        }
        kind if function.volatility != Volatility::Volatile => {
            format!("{} is not allowed in a non-volatile function", tag(kind))
        }
        _ => return Ok(()), // whatever else is wrong, it says when it is run
    };
    Err(FunctionError::plain(SqlState::FeatureNotSupported, message).into())
}

/// That what stands in `BEGIN ATOMIC … END` are queries and changes of rows.
///
/// # Errors
/// When something else does.
pub(crate) fn refuse_in_block(create: &CreateRoutine<'_>) -> Result<(), SessionError> {
    let Some(RoutineBody::Block(statements)) = &create.body else { return Ok(()) };
    for statement in *statements {
        let tag = match &statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_) => continue,
            StatementKind::Transaction(transaction) => transaction_tag(transaction),
            kind => tag(kind),
        };
        let message = format!("{tag} is not yet supported in unquoted SQL function body");
        return Err(FunctionError::plain(SqlState::FeatureNotSupported, message).into());
    }
    Ok(())
}

fn transaction_tag(statement: &Transaction<'_>) -> &'static str {
    match statement {
        Transaction::Begin(_) => "BEGIN",
        Transaction::Start(_) => "START TRANSACTION",
        Transaction::Commit(_) => "COMMIT",
        Transaction::Rollback(_) | Transaction::RollbackTo(_) => "ROLLBACK",
        Transaction::Savepoint(_) => "SAVEPOINT",
        Transaction::Release(_) => "RELEASE",
        Transaction::Prepare(_) => "PREPARE TRANSACTION",
        Transaction::CommitPrepared(_) => "COMMIT PREPARED",
        Transaction::RollbackPrepared(_) => "ROLLBACK PREPARED",
    }
}

/// What a statement's tag is, where messages about definitions have no word for it.
fn tag(kind: &StatementKind<'_>) -> &'static str {
    match kind {
        StatementKind::Query(_) => "SELECT INTO",
        StatementKind::Show(_) => "SHOW",
        StatementKind::Explain(_) => "EXPLAIN",
        StatementKind::Prepare(_) => "PREPARE",
        StatementKind::Execute(_) => "EXECUTE",
        StatementKind::Deallocate(_) => "DEALLOCATE",
        StatementKind::DeclareCursor(_) => "DECLARE CURSOR",
        StatementKind::Fetch(fetch) if fetch.only_move => "MOVE",
        StatementKind::Fetch(_) => "FETCH",
        StatementKind::Close(_) => "CLOSE CURSOR",
        StatementKind::Checkpoint => "CHECKPOINT",
        StatementKind::Discard(_) => "DISCARD ALL",
        other => crate::definition::command(other), // has a word
    }
}

/// Runs such a statement of a function.
///
/// # Errors
/// Whatever it fails with.
pub(crate) fn run_other(
    live: Live<'_>,
    world: &mut World<'_>,
    (begun, call): (&Function, &RoutineCall),
    (text, values): (&str, &[Value]),
) -> ExecuteResult<()> {
    let done = within_nested(live, world, None, |session, teller| {
        session.deeper(|session| {
            let done = session.run_other_of((begun, call), (text, values), teller);
            done.map_err(|error| failure_of(&error))
        })
    })?;
    done.map_err(|failure| FunctionError::Other(failure).into())
}

/// Runs a statement of a function by its place, planned by what there is now.
///
/// # Errors
/// Whatever it fails with.
pub(crate) fn run_anew(
    live: Live<'_>,
    world: &mut World<'_>,
    called: (&Begun<'_>, &RoutineCall),
    (place, values): (usize, &[Value]),
) -> ExecuteResult<Vec<Value>> {
    let done = within_nested(live, world, None, |session, teller| {
        session.deeper(|session| Ok(session.run_one_of(called, (place, values), teller)))
    })?;
    done.map_err(|failure| ExecuteError::from(FunctionError::Other(failure)))?.map_err(|error| match error {
        SessionError::Execute(error) => error,
        error => FunctionError::Other(Box::new(error)).into(),
    })
}

impl Session {
    fn run_one_of(
        &mut self,
        (begun, call): (&Begun<'_>, &RoutineCall),
        (place, values): (usize, &[Value]),
        teller: Option<&dyn Teller>,
    ) -> Result<Vec<Value>, SessionError> {
        self.refresh_identity()?;
        let (scope, text) = (self.scope()?, self.text_settings());
        let (transaction, mut parts) = self.split(&text)?;
        parts.lent.teller = teller;
        parts.lent.begun = Some(begun);
        let done = parts.within(&scope, transaction, values, |world| run_one(world, call, place));
        let notices = std::mem::take(&mut parts.notices);
        self.notices.extend(notices);
        Ok(done?)
    }

    fn run_other_of(
        &mut self,
        (begun, call): (&Function, &RoutineCall),
        (text, values): (&str, &[Value]),
        teller: Option<&dyn Teller>,
    ) -> Result<(), SessionError> {
        self.refresh_identity()?;
        let names = begun.inputs().map(|argument| argument.name.clone()).collect();
        let named = Some((begun.name.clone(), names));
        let arena = Bump::new();
        let statements = self.parse(text, &arena)?;
        let given =
            Arguments { types: call.arguments.to_vec(), values: values.to_vec(), variables: None, named };
        let around = std::mem::replace(&mut self.arguments, given);
        let mut capture = Capture::new(teller);
        let done = self.atomically(|session| {
            statements.iter().try_for_each(|statement| session.run(text, statement, &mut capture))
        });
        self.arguments = around;
        capture.hand_on(self);
        done
    }
}
