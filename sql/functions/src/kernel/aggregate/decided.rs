//! What the keys of a group decide: a value that is the same in all of its rows, nulls among them.

use super::grouped::{Fold, grouped};
use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::loops::internal;
use types::vector::VectorBuilder;
use types::{Kind, Value, Vector};

/// The value of the first row.
struct Decided {
    kind: Option<Kind>,
}

impl Fold for Decided {
    type State = Option<Value>;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<Value>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let [values] = arguments else { return Err(internal("one argument")) };
        self.kind = Some(values.kind());
        for row in 0..rows {
            let state = &mut states[groups.of(row)];
            if state.is_none() {
                *state = Some(values.value(row));
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut Option<Value>, other: &Option<Value>) -> FunctionResult<()> {
        if state.is_none() {
            state.clone_from(other);
        }
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<Value>]) -> FunctionResult<Vector> {
        let kind = self.kind.ok_or_else(|| internal("a value of a known kind"))?;
        let mut builder = VectorBuilder::new(kind, states.len());
        for state in states {
            builder.push(state.as_ref().unwrap_or(&Value::Null))?;
        }
        Ok(builder.finish())
    }

    fn memory(state: &Option<Value>) -> usize {
        state.as_ref().and_then(Value::as_bytes).map_or(0, <[u8]>::len)
    }
}

pub(crate) fn decided(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    grouped(Decided { kind: None })
}
