//! Operators: by name and the types on their sides.

use super::cast::can_cast;
use super::choose::{Choice, choose};
use super::polymorphic;
use crate::error::{ResolveError, ResolveResult};
use crate::table::{CastContext, OperatorEntry, operator_by_oid, operators_named};
use types::Types;
use types::catalog::{Type, oid, type_name};

/// The number of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorId(pub u32);

/// An operator that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedOperator {
    /// What the table knows of it.
    pub entry: &'static OperatorEntry,
    /// What its arguments must be cast to, the left one first.
    pub arguments: Vec<u32>,
    /// Of which type its result is.
    pub result: u32,
}

/// Finds an operator; a prefix operator has no `left`. All operators are built in.
pub fn resolve_operator(
    types: &dyn Types,
    name: &str,
    left: Option<u32>,
    right: u32,
) -> ResolveResult<ResolvedOperator> {
    let given: Vec<u32> = left.into_iter().chain([right]).collect();
    let fitting = || operators_named(name).filter(|entry| (entry.left == 0) == left.is_none());
    if let Some(entry) = exact(types, fitting, &given) {
        return resolved(types, entry, &given);
    }
    let candidates: Vec<&'static OperatorEntry> = fitting().collect();
    let wanted: Vec<Vec<u32>> = candidates.iter().map(|entry| sides(entry)).collect();
    let wanted: Vec<&[u32]> = wanted.iter().map(Vec::as_slice).collect();
    let signature = || signature(types, name, left, right);
    match choose(types, &given, &wanted) {
        Choice::One(place) => resolved(types, candidates[place], &given),
        Choice::None => Err(ResolveError::NoOperator { signature: signature(), single: left.is_none() }),
        Choice::Many => Err(ResolveError::AmbiguousOperator { signature: signature() }),
    }
}

/// An operator that users have made, as resolution sees it; the first along the search path first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeOperator {
    /// The type of what stands on its left, 0 for a prefix operator.
    pub left: u32,
    /// The type of what stands on its right.
    pub right: u32,
    /// The type of its result.
    pub result: u32,
    /// Whether it comes before those of the program, and so hides the one that takes the same.
    pub first: bool,
}

/// An operator that was found among those that users have made, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundOperator {
    /// One that comes with the program.
    BuiltIn(ResolvedOperator),
    /// One that a user has made, by its place in the list, with what its arguments must be cast to and its result.
    Made(usize, Vec<u32>, u32),
}

/// Finds an operator, users' among them; those that come with the program only if they are `wanted`.
pub fn resolve_among(
    types: &dyn Types,
    name: &str,
    (left, right): (Option<u32>, u32),
    made: &[MadeOperator],
    wanted: bool,
) -> ResolveResult<FoundOperator> {
    let given: Vec<u32> = left.into_iter().chain([right]).collect();
    let fits = |of_left: u32| (of_left == 0) == left.is_none();
    let hidden = |entry: &OperatorEntry| {
        made.iter().any(|made| made.first && (made.left, made.right) == (entry.left, entry.right))
    };
    let built_in: Vec<&'static OperatorEntry> =
        operators_named(name).filter(|entry| wanted && fits(entry.left) && !hidden(entry)).collect();
    if let Some(entry) = exact(types, || built_in.iter().copied(), &given) {
        return resolved(types, entry, &given).map(FoundOperator::BuiltIn);
    }
    let of_made = |made: &MadeOperator| -> Vec<u32> {
        [made.left, made.right].into_iter().filter(|side| *side != 0).collect()
    };
    let own: Vec<(usize, Vec<u32>)> =
        made.iter().enumerate().filter(|(_, it)| fits(it.left)).map(|(at, it)| (at, of_made(it))).collect();
    let finish = |place: usize| {
        let mut arguments = of_made(&made[place]);
        let result = polymorphic::agree(types, &given, &mut arguments, made[place].result)?;
        Ok(FoundOperator::Made(place, arguments, result))
    };
    let known = exact_sides(types, &given, |sides| {
        own.iter().find(|(_, wanted)| wanted == sides).map(|(place, _)| *place)
    });
    if let Some(place) = known {
        return finish(place);
    }
    // Of those that take the same the first along the path counts.
    let mut candidates: Vec<(Option<usize>, Vec<u32>)> = Vec::new();
    let from_table = built_in.iter().map(|entry| (None, sides(entry)));
    for (place, wanted) in from_table.chain(own.into_iter().map(|(place, wanted)| (Some(place), wanted))) {
        if place.is_none() || !candidates.iter().any(|(_, known)| *known == wanted) {
            candidates.push((place, wanted));
        }
    }
    let wanted: Vec<&[u32]> = candidates.iter().map(|(_, sides)| sides.as_slice()).collect();
    let signature = || signature(types, name, left, right);
    match choose(types, &given, &wanted) {
        Choice::One(at) => match candidates[at].0 {
            Some(place) => finish(place),
            None => resolved(types, built_in[at], &given).map(FoundOperator::BuiltIn),
        },
        Choice::None => Err(ResolveError::NoOperator { signature: signature(), single: left.is_none() }),
        Choice::Many => Err(ResolveError::AmbiguousOperator { signature: signature() }),
    }
}

fn sides(entry: &OperatorEntry) -> Vec<u32> {
    [entry.left, entry.right].into_iter().filter(|side| *side != 0).collect()
}

/// Whether an operator stands between values of exactly these types, or before one.
fn takes(entry: &OperatorEntry, sides: &[u32]) -> bool {
    match sides {
        [left, right] => (entry.left, entry.right) == (*left, *right),
        [right] => (entry.left, entry.right) == (0, *right),
        _ => false,
    }
}

/// The operator of exactly these types. An unknown side is taken for the other's type, under its domain if need be.
fn exact<C: Iterator<Item = &'static OperatorEntry>>(
    types: &dyn Types,
    candidates: impl Fn() -> C,
    given: &[u32],
) -> Option<&'static OperatorEntry> {
    exact_sides(types, given, |sides| candidates().find(|entry| takes(entry, sides)))
}

fn exact_sides<T>(types: &dyn Types, given: &[u32], with: impl Fn(&[u32]) -> Option<T>) -> Option<T> {
    let (left, right) = match given {
        [left, right] => (*left, *right),
        _ => return with(given),
    };
    let (left, right) = match (left, right) {
        (oid::UNKNOWN, right) => (right, right),
        (left, oid::UNKNOWN) => (left, left),
        both => both,
    };
    let was_unknown = given.contains(&oid::UNKNOWN) && left != oid::UNKNOWN;
    with(&[left, right]).or_else(|| {
        let base = types.undomained(Type::of(left)).oid;
        if was_unknown && base != left { with(&[base, base]) } else { None }
    })
}

fn resolved(
    types: &dyn Types,
    entry: &'static OperatorEntry,
    given: &[u32],
) -> ResolveResult<ResolvedOperator> {
    let mut arguments = sides(entry);
    let result = polymorphic::agree(types, given, &mut arguments, entry.result)?;
    if crate::table::is_missing(entry.function) {
        let names: Vec<String> = sides(entry).iter().map(|side| type_name(types, *side, None)).collect();
        return Err(ResolveError::Unsupported(format!("operator {}({})", entry.name, names.join(", "))));
    }
    Ok(ResolvedOperator { entry, arguments, result })
}

fn signature(types: &dyn Types, name: &str, left: Option<u32>, right: u32) -> String {
    let right = type_name(types, right, None);
    match left {
        Some(left) => format!("{} {name} {right}", type_name(types, left, None)),
        None => format!("{name} {right}"),
    }
}

/// The operator of `left name ANY|ALL (array)`, whose right side is an element of the array.
pub fn resolve_quantified(
    types: &dyn Types,
    name: &str,
    left: u32,
    array: u32,
) -> ResolveResult<ResolvedOperator> {
    let element = match array {
        oid::UNKNOWN => oid::UNKNOWN,
        array => polymorphic::element_of(types, array).ok_or(ResolveError::NotArrayOperand)?,
    };
    let found = resolve_operator(types, name, Some(left), element)?;
    if found.result != oid::BOOL {
        return Err(ResolveError::NotBoolean);
    }
    Ok(found)
}

/// The operators `<`, `=` and `>` by which values of a type are sorted and grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordering {
    /// Ascending.
    pub less: Option<&'static OperatorEntry>,
    /// Equality.
    pub equal: Option<&'static OperatorEntry>,
    /// Descending.
    pub greater: Option<&'static OperatorEntry>,
}

/// How values of a type are sorted; see also [`Types::order`], which does it.
pub fn resolve_ordering(types: &dyn Types, of: u32) -> Ordering {
    let find = |name: &str| {
        let found = resolve_operator(types, name, Some(of), of).ok()?;
        let same = found.arguments.iter().all(|to| can_cast(types, of, *to, CastContext::Implicit));
        operator_by_oid(found.entry.oid).filter(|_| same)
    };
    Ordering { less: find("<"), equal: find("="), greater: find(">") }
}
