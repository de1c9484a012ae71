//! Which functions compare, and by which order: for the planner, and for what follows from a condition.

use catalog::Scope;
use functions::Implementation;
use functions::table::{self, CastMethod, function};
use plan::expression::FunctionId;
use plan::facts::Comparison;
use plan::implied::Meanings;
use types::catalog::oid;
use types::vector::Operator;
use types::{Type, Types};

/// What functions mean by themselves and by the catalog.
pub(crate) struct ByCatalog<'s>(pub &'s Scope);

impl Meanings for ByCatalog<'_> {
    fn compares(&self, function: FunctionId, left: Type, right: Type) -> Option<Comparison> {
        comparison_of_sides(self.0, function, left, right)
    }

    fn is_strict(&self, number: FunctionId) -> bool {
        match function(number.0) {
            Some(entry) => entry.strict,
            None => self.0.function(number.0).is_some_and(|made| made.strict),
        }
    }

    fn is_row(&self, of: Type) -> bool {
        self.0.is_row(of)
    }
}

/// A comparison whose function may be one for all enums, arrays or ranges: then both sides are of one of them.
pub fn comparison_of_sides(
    scope: &Scope,
    function: FunctionId,
    left: Type,
    right: Type,
) -> Option<Comparison> {
    comparison(scope, function).or_else(|| comparison_of_many(scope, function, left, right))
}

/// A comparison by the order of its sides' type, if the function is one of two sides of one type.
pub fn comparison(scope: &Scope, function: FunctionId) -> Option<Comparison> {
    let Some(entry) = table::operators_of(function.0).next() else { return made_comparison(scope, function) };
    let common = if entry.left == entry.right { entry.left } else { wider(entry.left, entry.right)? };
    by_common(scope, entry, common)
}

/// A comparison of a moment with a date, or of moments of both types, by the later of both types. Whoever brings a date to it is refused
/// one behind those that moments reach, which the comparison itself is not.
pub fn comparison_of_moments(scope: &Scope, function: FunctionId) -> Option<Comparison> {
    let entry = table::operators_of(function.0).next()?;
    let place = |of: u32| [oid::DATE, oid::TIMESTAMP, oid::TIMESTAMPTZ].iter().position(|known| *known == of);
    let (left, right) = (place(entry.left)?, place(entry.right)?);
    (left != right).then(|| by_common(scope, entry, if left > right { entry.left } else { entry.right }))?
}

/// A comparison by the order of a type to which both sides can be brought.
fn by_common(scope: &Scope, entry: &functions::OperatorEntry, common: u32) -> Option<Comparison> {
    let operator = operator_by_name(entry.name)?;
    let commutator = table::operator_by_oid(entry.commutator)?;
    let order = scope.order(Type::of(common))?;
    let cast = |from: u32| match from == common {
        true => Some(None),
        false => match table::cast_entry(from, common)?.method {
            CastMethod::Function(function) => Some(Some(FunctionId(function))),
            CastMethod::Binary => Some(None),
            CastMethod::Text => None,
        },
    };
    Some(Comparison {
        operator,
        order,
        common: Type::of(common),
        left_cast: cast(entry.left)?,
        right_cast: cast(entry.right)?,
        commutator: (FunctionId(commutator.function), commutator.name.into()),
    })
}

/// The same of an operator that an extension has made for values of its type.
fn made_comparison(scope: &Scope, function: FunctionId) -> Option<Comparison> {
    let worker = table::worker(scope.worker(function.0)?)?;
    let Implementation::Comparison(operator) = worker.implementation else { return None };
    let made = scope.operator_computed_by(function.0)?;
    let like = scope.module_like(made.left).filter(|_| made.left == made.right)?;
    if *worker.arguments != [like, like] || operator_by_name(&made.name) != Some(operator) {
        return None;
    }
    let commutator = scope.operator(made.commutator)?;
    Some(Comparison {
        operator,
        order: scope.order(Type::of(made.left))?,
        common: Type::of(made.left),
        left_cast: None,
        right_cast: None,
        commutator: (FunctionId(commutator.function), commutator.name.as_str().into()),
    })
}

/// The same, if the function is for all enums, arrays or ranges and both sides are of one of them.
fn comparison_of_many(scope: &Scope, function: FunctionId, left: Type, right: Type) -> Option<Comparison> {
    use oid::{ANYARRAY, ANYENUM, ANYMULTIRANGE, ANYRANGE};
    let of = |entry: &&functions::OperatorEntry| {
        entry.left == entry.right && [ANYARRAY, ANYENUM, ANYMULTIRANGE, ANYRANGE].contains(&entry.left)
    };
    let entry = table::operators_of(function.0).next().filter(of)?;
    let common = scope.undomained(left).oid;
    if common != scope.undomained(right).oid {
        return None;
    }
    let commutator = table::operator_by_oid(entry.commutator)?;
    Some(Comparison {
        operator: operator_by_name(entry.name)?,
        order: scope.order(Type::of(common))?,
        common: Type::of(common),
        left_cast: None,
        right_cast: None,
        commutator: (FunctionId(commutator.function), commutator.name.into()),
    })
}

/// The type of both sides to which both are brought without loss.
fn wider(left: u32, right: u32) -> Option<u32> {
    use oid::{FLOAT4, FLOAT8, INT2, INT4, INT8, NAME, TEXT};
    const LADDERS: [&[u32]; 3] = [&[INT2, INT4, INT8], &[FLOAT4, FLOAT8], &[NAME, TEXT]];
    let ladder = LADDERS.iter().find(|ladder| ladder.contains(&left) && ladder.contains(&right))?;
    ladder.iter().rev().find(|of| **of == left || **of == right).copied()
}

fn operator_by_name(name: &str) -> Option<Operator> {
    Some(match name {
        "=" => Operator::Equal,
        "<>" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        _ => return None,
    })
}
