//! `CALL`: a procedure's statements run in the transaction; what it gives out is one row.

use crate::client::{Client, ResultColumn, SharedClient, Teller};
use crate::error::SessionError;
use crate::query::send;
use crate::session::Session;
use crate::world::AsStatement;
use crate::world::literals::SessionLiterals;
use bind::Parameters;
use bind::definition::{CalledProcedure, called_procedure};
use catalog::Scope;
use catalog::object::Body;
use execute::{RoutineCall, run_routine};
use syntax::tree::session::CallProcedure;
use types::catalog::oid;
use types::record::RecordView;
use types::vector::{Chunk, VectorBuilder};
use types::{Kind, Type, Types, Value};

impl Session {
    pub(crate) fn run_call(
        &mut self,
        call: &CallProcedure<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let scope = self.scope()?;
        let text = self.text_settings();
        let called = self.called(&scope, call, self.arguments.parameters())?;
        let columns = columns_of_call(&scope, &called);
        let arguments = self.arguments.values.clone();
        let shared = SharedClient::new(client);
        let row = self.call_bound(&scope, called, &arguments, Some(&shared))?;
        if let Some(columns) = columns {
            client.columns(&columns);
            let mut vectors = Vec::with_capacity(columns.len());
            let record = match &row {
                Value::Bytes(bytes) => RecordView::new(bytes),
                _ => None,
            };
            for (place, column) in columns.iter().enumerate() {
                let kind =
                    scope.entry(column.column_type.oid).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes);
                let mut builder = VectorBuilder::new(kind, 1);
                let value = record.as_ref().map_or(Value::Null, |record| record.item(place).to_value());
                builder.push(&value).map_err(|error| SessionError::Function(error.into()))?;
                vectors.push(builder.finish());
            }
            let chunk = Chunk::new(vectors, 1);
            send(&scope, &text, &columns, &chunk, client)?;
        }
        client.complete("CALL");
        Ok(())
    }

    /// What a call means where its parameters are these.
    pub(crate) fn called(
        &self,
        scope: &Scope,
        call: &CallProcedure<'_>,
        parameters: Parameters,
    ) -> Result<CalledProcedure, SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        Ok(called_procedure(context, &call.call, parameters)?)
    }

    /// Calls a procedure; its arguments are computed with these parameters. One in PL/pgSQL may end the transaction if it may
    /// do so where it is called, and tells what it says to the client.
    pub(crate) fn call_bound(
        &mut self,
        scope: &Scope,
        called: CalledProcedure,
        parameters: &[Value],
        teller: Option<&dyn Teller>,
    ) -> Result<Value, SessionError> {
        let text = self.text_settings();
        let procedural = matches!(called.function.body, Body::Procedural(_));
        crate::privileges::may_execute(scope, self.role, self.database.0, [called.function.oid])?;
        for argument in &called.arguments {
            crate::privileges::may_evaluate(scope, self.role, self.database.0, argument)?;
        }
        let statement = AsStatement { scope, locks: &[], values: parameters, text: &text, teller };
        let (values, routine, rows) = self.as_statement(statement, |world| {
            let mut values = Vec::with_capacity(called.arguments.len());
            for argument in &called.arguments {
                values.push(crate::words::evaluated(world, argument.clone())?);
            }
            let routine =
                RoutineCall::of(scope, called.function.oid, &called.arguments, (called.result, Kind::Bytes));
            if procedural {
                return Ok((values, routine, Vec::new()));
            }
            let rows = run_routine(world, &routine, &values, None)?;
            Ok((values, routine, rows))
        })?;
        let rows = match procedural {
            true => self.counting_call(called.function.oid, |session| {
                session.call_procedural(&called, &routine, &values, teller)
            })?,
            false => rows,
        };
        Ok(rows.into_iter().next().unwrap_or(Value::Null))
    }
}

/// The columns of the row that a procedure gives out; none if it gives out nothing.
pub(crate) fn columns_of_call(scope: &Scope, called: &CalledProcedure) -> Option<Vec<ResultColumn>> {
    let column = |(name, of): &(String, Type)| ResultColumn::new(scope, name, *of);
    (called.result.oid == oid::RECORD).then(|| called.outputs.iter().map(column).collect())
}
