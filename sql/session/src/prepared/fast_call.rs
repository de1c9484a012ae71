//! A function that a client calls by its number, without SQL: what libraries read and write large objects by. It is a statement
//! all the same, `SELECT f($1, …)`, so that it locks, is undone and may do what any other may.

use crate::client::{Client, Report};
use crate::error::SessionError;
use crate::prepared::parameters::Parameter;
use crate::session::Session;
use catalog::name::{qualified, quote_identifier};
use catalog::object::FunctionKind;
use catalog::{Oid, Scope};
use diagnostic::SqlState;
use functions::FunctionError;
use functions::table::FunctionKind as BuiltInKind;
use types::Type;

/// The name of the statement and of its portal: one that no client can say.
pub(crate) const NAME: &str = "\0call";

impl Session {
    /// Calls a function by its number. The only row that the client gets has the answer, as bytes if `binary` says so.
    ///
    /// # Errors
    /// When there is no such function, it takes others, or fails.
    pub fn call_function(
        &mut self,
        function: Oid,
        arguments: &[Parameter<'_>],
        binary: bool,
        client: &mut dyn Client,
    ) -> Result<(), Box<Report>> {
        let done = self.call_by_number(function, arguments, binary, client);
        self.close_portal(NAME);
        self.close_prepared(NAME);
        done?;
        self.sync(client)
    }

    fn call_by_number(
        &mut self,
        function: Oid,
        arguments: &[Parameter<'_>],
        binary: bool,
        client: &mut dyn Client,
    ) -> Result<(), Box<Report>> {
        self.refuse_if_failed()?;
        let written = self.step(|session| {
            session.begin_snapshot()?;
            let scope = session.scope()?;
            call_of(&scope, function, arguments.len()).map_err(SessionError::from)
        });
        let (text, types) = written?;
        self.prepare(NAME, &text, &types)?;
        self.bind_portal_to(NAME, NAME, arguments)?;
        self.set_portal_formats(NAME, vec![binary]);
        self.run_portal(NAME, None, client).map(drop)
    }
}

/// The statement that a call is, and the types of its parameters.
fn call_of(scope: &Scope, function: Oid, given: usize) -> Result<(String, Vec<Option<Type>>), FunctionError> {
    let (name, plain, inputs) = match (functions::table::function(function), scope.function(function)) {
        (Some(entry), _) => {
            let plain = matches!(entry.kind, BuiltInKind::Function) && !entry.returns_set;
            (entry.name, plain, entry.arguments.to_vec())
        }
        (None, Some(made)) => {
            let plain = made.kind == FunctionKind::Function && !made.returns_set;
            (made.name.as_str(), plain, made.inputs().map(|input| input.type_oid).collect())
        }
        (None, None) => {
            let message = format!("function with OID {function} does not exist");
            return Err(FunctionError::plain(SqlState::UndefinedFunction, message));
        }
    };
    if !plain {
        let message = format!("cannot call function \"{name}\" via fastpath interface");
        return Err(FunctionError::plain(SqlState::FeatureNotSupported, message));
    }
    if inputs.len() != given {
        let wanted = inputs.len();
        let message =
            format!("function call message contains {given} arguments but function requires {wanted}");
        return Err(FunctionError::plain(SqlState::ProtocolViolation, message));
    }
    let schema = scope.function(function).and_then(|made| scope.schema(made.schema));
    let shown = match schema {
        Some(schema) => qualified(&schema.name, name),
        None => format!("pg_catalog.{}", quote_identifier(name)),
    };
    let places: Vec<String> = (1..=given).map(|place| format!("${place}")).collect();
    let types = inputs.into_iter().map(|of| Some(Type::of(of))).collect();
    Ok((format!("SELECT {shown}({})", places.join(", ")), types))
}
