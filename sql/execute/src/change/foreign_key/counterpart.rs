//! Keys of one table as those of another whose columns have other types.
//!
//! A value that is written into a column that refers is assigned to it: it has the column's scale and length, and passes the
//! checks of its domain. A value that is looked for is the one that is equal, if the other type has it: what does not come back
//! as it was is none.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::run::Run;
use diagnostic::Diagnostic;
use plan::expression::{Expression, ExpressionKind};
use plan::target::TargetTable;
use types::{Item, Type, Value};

/// The class of errors of values that a type does not have.
const DATA_EXCEPTION: &str = "22";

/// The types of columns.
pub(super) fn types_of(target: &TargetTable, places: &[usize]) -> Vec<Type> {
    places.iter().map(|place| target.columns[*place].column_type).collect()
}

/// A value of one type as it is assigned to a column of another.
pub(super) fn assigned(run: &mut Run<'_, '_>, value: &Value, from: Type, to: Type) -> ExecuteResult<Value> {
    if from == to {
        return Ok(value.clone());
    }
    let constant = Expression::new(ExpressionKind::Constant(value.clone()), from);
    let cast = run.world.catalog.assigned(constant, to)?;
    let cast = cast.ok_or_else(|| ExecuteError::plan("a foreign key of types that have no cast"))?;
    Evaluator::new(&Compiler::new(run.world.context.types), &cast)?.value(run)
}

/// The values of a table's columns that are equal to those of a key; `None` if one of them has no such value.
pub(super) fn counterparts(
    run: &mut Run<'_, '_>,
    (key, types): (&[Value], &[Type]),
    target: &TargetTable,
    places: &[usize],
) -> ExecuteResult<Option<Vec<Value>>> {
    let mut found = Vec::with_capacity(key.len());
    for ((value, from), to) in key.iter().zip(types).zip(types_of(target, places)) {
        match counterpart(run, value, *from, to)? {
            Some(value) => found.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

fn counterpart(run: &mut Run<'_, '_>, value: &Value, from: Type, to: Type) -> ExecuteResult<Option<Value>> {
    let types = run.world.context.types;
    // What a column has beyond its type is no part of what is equal.
    let bare = |of: Type| Type::of(types.undomained(of).oid);
    let (from, to) = (bare(from), bare(to));
    if from == to {
        return Ok(Some(value.clone()));
    }
    let there = match assigned(run, value, from, to) {
        Err(error) if error.sqlstate().code().starts_with(DATA_EXCEPTION) => return Ok(None),
        there => there?,
    };
    let back = assigned(run, &there, to, from)?;
    let order = run.world.context.types.order(from);
    let order = order.ok_or_else(|| ExecuteError::plan("a foreign key of a type without order"))?;
    Ok(order.compare(&Item::from(value), &Item::from(&back)).is_eq().then_some(there))
}
