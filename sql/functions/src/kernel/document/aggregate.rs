//! `json_agg`, `jsonb_agg`, `json_object_agg`, `jsonb_object_agg`.

use super::make::{Owned, is_composite, owned};
use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::aggregate::grouped::{Fold, grouped};
use crate::kernel::loops::collect_all;
use json::Jsonb;
use json::build::{ArrayAggregate, BinaryAggregate, ObjectAggregate};
use types::{Type, Vector};

/// Arrays of one argument, objects of two; their values are kept until the end.
struct Documents {
    of: Vec<Type>,
    composite: bool,
    binary: bool,
}

impl Fold for Documents {
    type State = Vec<Owned>;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        context: &mut Context<'_>,
        states: &mut [Vec<Owned>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        for row in 0..rows {
            for (of, vector) in self.of.iter().zip(arguments) {
                states[groups.of(row)].push(owned(context, *of, &vector.item(row))?);
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut Vec<Owned>, other: &Vec<Owned>) -> FunctionResult<()> {
        state.extend_from_slice(other);
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Vec<Owned>]) -> FunctionResult<Vector> {
        match self.binary {
            true => collect_all::<Option<Jsonb>>(states.len(), |row| self.document(&states[row])),
            false => collect_all::<Option<String>>(states.len(), |row| self.text(&states[row])),
        }
    }

    /// Asked after every chunk: all values are taken to be as large as the last.
    fn memory(state: &Vec<Owned>) -> usize {
        state.capacity() * size_of::<Owned>() + state.len() * state.last().map_or(0, Owned::size)
    }
}

impl Documents {
    fn text(&self, values: &[Owned]) -> FunctionResult<Option<String>> {
        if self.of.len() == 1 {
            let mut made = ArrayAggregate::default();
            values.iter().try_for_each(|value| made.add(value.rendered(), self.composite))?;
            return Ok(made.finish());
        }
        let mut made = ObjectAggregate::default();
        for pair in values.chunks_exact(2) {
            made.add(pair[0].rendered(), pair[1].rendered())?;
        }
        Ok(made.finish())
    }

    fn document(&self, values: &[Owned]) -> FunctionResult<Option<Jsonb>> {
        let mut made = BinaryAggregate::default();
        match self.of.len() {
            1 => values.iter().try_for_each(|value| made.add(value.rendered()))?,
            _ => values
                .chunks_exact(2)
                .try_for_each(|pair| made.add_field(pair[0].rendered(), pair[1].rendered()))?,
        }
        Ok(made.finish()?)
    }
}

fn documents(context: &Context<'_>, site: &Site, binary: bool) -> FunctionResult<Box<dyn AggregateState>> {
    let of = site.arguments.to_vec();
    let composite = of.first().is_some_and(|of| is_composite(context, *of));
    grouped(Documents { of, composite, binary })
}

macro_rules! aggregates {
    ($($name:ident, $binary:literal;)*) => {
        $(pub(crate) fn $name(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
            documents(context, site, $binary)
        })*
    };
}

// kernel: aggregate
aggregates! {
    agg_json_agg, false;
    agg_json_object_agg, false;
    agg_jsonb_agg, true;
    agg_jsonb_object_agg, true;
}
