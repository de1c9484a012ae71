//! `CALL`: a procedure's statements run in the transaction; what it gives out is one row.

use crate::client::{Client, ResultColumn};
use crate::error::SessionError;
use crate::literals::SessionLiterals;
use crate::query::send;
use crate::session::Session;
use bind::Context;
use bind::definition::called_procedure;
use execute::{Execution, RoutineCall, run_routine};
use std::sync::Arc;
use syntax::tree::session::CallProcedure;
use types::catalog::oid;
use types::record::RecordView;
use types::vector::{Chunk, VectorBuilder};
use types::{Kind, Types, Value};

impl Session {
    pub(crate) fn run_call(
        &mut self,
        call: &CallProcedure<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let scope = self.scope()?;
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = Context { scope: &scope, literals: &literals, depth_limit: self.depth_limit() };
        let called = called_procedure(context, &call.call)?;
        crate::privileges::may_execute(&scope, self.role, self.database.0, [called.function.oid])?;
        let (transaction, mut parts) = self.split(&text)?;
        transaction.begin_statement();
        let done = parts.within(&scope, transaction, &[], |world| {
            let mut values = Vec::with_capacity(called.arguments.len());
            for argument in &called.arguments {
                let plan = crate::words::constant_plan(argument.clone());
                let mut execution = Execution::new(Arc::new(plan), world)?;
                let chunk = execution.next(world)?.filter(|chunk| !chunk.is_empty());
                values.push(chunk.map_or(Value::Null, |chunk| chunk.column(0).value(0)));
            }
            let routine = RoutineCall {
                function: called.function.oid,
                arguments: called.arguments.iter().map(|argument| argument.result).collect(),
                result: called.result,
                columns: Box::default(),
                kind: Kind::Bytes,
            };
            run_routine(world, &routine, &values, None)
        });
        let notices = std::mem::take(&mut parts.notices);
        match &done {
            Ok(_) => transaction.end_statement(),
            Err(_) => transaction.undo_statement()?,
        }
        self.notices.extend(notices);
        let row = done?.into_iter().next().unwrap_or(Value::Null);
        if called.result.oid == oid::RECORD {
            let columns: Vec<ResultColumn> =
                called.outputs.iter().map(|(name, of)| ResultColumn::new(&scope, name, *of)).collect();
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
            send(&scope, &text, &columns, &chunk, client).map_err(|_| SessionError::ClientGone)?;
        }
        client.complete("CALL");
        Ok(())
    }
}
