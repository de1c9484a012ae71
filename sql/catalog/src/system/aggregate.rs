//! `pg_aggregate`.

use super::aggregate_steps;
use super::emit::{Emit, SystemContext, flag, int, letter, maybe, number};
use crate::error::CatalogResult;
use crate::object::{AggregateSteps, Function, Object, StateUse};
use functions::FunctionKind;
use functions::table;
use types::value::Item;

/// The rows.
pub(super) fn aggregates(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in table::functions() {
        let (kind, direct, sort) = match entry.kind {
            FunctionKind::Aggregate { sort_operator } => (b'n', 0, sort_operator),
            FunctionKind::OrderedSet { direct } => (b'o', i16::from(direct), 0),
            FunctionKind::Hypothetical => (b'h', 1, 0),
            FunctionKind::Function | FunctionKind::Window => continue,
        };
        aggregate_steps::emit(entry.oid, (kind, direct, sort), emit)?;
    }
    for object in context.scope.objects() {
        if let Object::Function(function) = object {
            made(function, emit)?;
        }
    }
    Ok(())
}

/// The row of an aggregate that a user has made.
fn made(function: &Function, emit: &mut Emit) -> CatalogResult<()> {
    let Some(aggregate) = function.aggregate() else { return Ok(()) };
    let none = AggregateSteps {
        transition: 0,
        state: 0,
        space: 0,
        initial: None,
        last: 0,
        last_extra: false,
        last_modifies: StateUse::ReadOnly,
    };
    let plain = &aggregate.plain;
    let (moving, inverse) =
        aggregate.moving.as_ref().map_or((&none, 0), |(steps, inverse)| (steps, *inverse));
    emit.row(&[
        number(function.oid),
        letter(b'n'),
        Item::Int16(0),
        number(plain.transition),
        number(plain.last),
        number(aggregate.combine),
        number(0),
        number(0),
        number(moving.transition),
        number(inverse),
        number(moving.last),
        flag(plain.last_extra),
        flag(moving.last_extra),
        letter(plain.last_modifies.letter()),
        letter(moving.last_modifies.letter()),
        number(aggregate.sort_operator),
        number(plain.state),
        int(plain.space),
        number(moving.state),
        int(moving.space),
        maybe(plain.initial.as_deref()),
        maybe(moving.initial.as_deref()),
    ])
}
