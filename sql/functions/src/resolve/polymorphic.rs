//! Polymorphic arguments: `anyelement`, `anyarray`, `anycompatible` and their relatives, and what they make of each other.

use super::cast::can_cast;
use super::common;
use crate::error::{ResolveError, ResolveResult};
use crate::table::CastContext;
use types::Types;
use types::catalog::{Form, Type, oid, type_name};
use types::range::RangeNames;

/// Whether a declared type stands for many.
pub fn is_polymorphic(of: u32) -> bool {
    is_simple(of) || is_compatible(of)
}

fn is_simple(of: u32) -> bool {
    matches!(
        of,
        oid::ANYELEMENT
            | oid::ANYARRAY
            | oid::ANYNONARRAY
            | oid::ANYENUM
            | oid::ANYRANGE
            | oid::ANYMULTIRANGE
    )
}

/// Whether it is one of those for which a common type is found.
pub fn is_compatible(of: u32) -> bool {
    matches!(
        of,
        oid::ANYCOMPATIBLE
            | oid::ANYCOMPATIBLEARRAY
            | oid::ANYCOMPATIBLENONARRAY
            | oid::ANYCOMPATIBLERANGE
            | oid::ANYCOMPATIBLEMULTIRANGE
    )
}

/// The type of an array's elements; vectors of the catalog are arrays here.
pub(super) fn element_of(types: &dyn Types, array: u32) -> Option<u32> {
    types.element_of(array)
}

/// The type of arrays of `element`.
pub(super) fn array_of(types: &dyn Types, element: u32) -> Option<u32> {
    types.entry(element).map(|entry| entry.array).filter(|array| *array != 0)
}

/// What the polymorphic arguments stand for, as far as the arguments tell.
#[derive(Debug, Default)]
struct Solution {
    element: Option<u32>,
    array: Option<u32>,
    /// The range type that ranges and sets of ranges are of.
    range: Option<RangeNames>,
    compatible: Option<u32>,
    compatible_range: Option<RangeNames>,
}

/// Whether `given` agree among each other where `declared` is polymorphic.
pub(super) fn consistent(types: &dyn Types, given: &[u32], declared: &[u32]) -> bool {
    !declared.iter().any(|of| is_polymorphic(*of)) || solve(types, given, declared).is_ok()
}

/// Whether a value of a type may be given where a type is declared that stands for many. One without a type is no value of an enum.
pub fn may_stand_for(types: &dyn Types, given: u32, declared: u32) -> bool {
    consistent(types, &[given], &[declared]) && (given, declared) != (oid::UNKNOWN, oid::ANYENUM)
}

/// Puts into `declared` what its polymorphic types stand for, and tells the type of the result.
pub(super) fn agree(
    types: &dyn Types,
    given: &[u32],
    declared: &mut [u32],
    result: u32,
) -> ResolveResult<u32> {
    if !declared.iter().any(|of| is_polymorphic(*of)) {
        return Ok(result);
    }
    let solution = solve(types, given, declared)?;
    if result == oid::ANYCOMPATIBLERANGE {
        // Of both kinds of ranges it is this one that is told.
        solution.stands_for(types, result)?;
    }
    for of in declared.iter_mut() {
        *of = solution.stands_for(types, *of)?;
    }
    solution.stands_for(types, result)
}

impl Solution {
    /// That a range type is not known, where something else of its family is or is not.
    fn unknown_range(&self, name: &'static str) -> ResolveError {
        match self.element {
            Some(_) => ResolveError::UnknownRange(name),
            None => ResolveError::UnknownPolymorphic,
        }
    }

    fn stands_for(&self, types: &dyn Types, of: u32) -> ResolveResult<u32> {
        let array = |element: u32| common::common_array_type(types, element);
        match of {
            oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYENUM => {
                self.element.ok_or(ResolveError::UnknownPolymorphic)
            }
            oid::ANYARRAY => match (self.array, self.element) {
                (Some(array), _) => Ok(array),
                (None, Some(element)) => array(element),
                (None, None) => Err(ResolveError::UnknownPolymorphic),
            },
            oid::ANYCOMPATIBLE | oid::ANYCOMPATIBLENONARRAY => Ok(self.compatible.unwrap_or(oid::TEXT)),
            oid::ANYCOMPATIBLEARRAY => array(self.compatible.unwrap_or(oid::TEXT)),
            oid::ANYRANGE => self.range.map(|names| names.range).ok_or(self.unknown_range("anyrange")),
            oid::ANYMULTIRANGE => {
                self.range.map(|names| names.multirange).ok_or(self.unknown_range("anymultirange"))
            }
            oid::ANYCOMPATIBLERANGE => {
                let unknown = ResolveError::UnknownRange("anycompatiblerange");
                self.compatible_range.map(|names| names.range).ok_or(unknown)
            }
            oid::ANYCOMPATIBLEMULTIRANGE => {
                let unknown = ResolveError::UnknownRange("anycompatiblemultirange");
                self.compatible_range.map(|names| names.multirange).ok_or(unknown)
            }
            of => Ok(of),
        }
    }
}

fn versus(types: &dyn Types, left: u32, right: u32) -> String {
    format!("{} versus {}", type_name(types, left, None), type_name(types, right, None))
}

fn solve(types: &dyn Types, given: &[u32], declared: &[u32]) -> ResolveResult<Solution> {
    let mut solution = Solution::default();
    let mut compatible = Vec::new();
    for (of, actual) in declared.iter().zip(given) {
        if *actual == oid::UNKNOWN || !is_polymorphic(*of) {
            continue;
        }
        let base = types.undomained(Type::of(*actual)).oid;
        match *of {
            oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYENUM => {
                one(types, &mut solution.element, *actual, "anyelement")?;
            }
            oid::ANYARRAY => one(types, &mut solution.array, base, "anyarray")?,
            oid::ANYCOMPATIBLE | oid::ANYCOMPATIBLENONARRAY => compatible.push(*actual),
            oid::ANYCOMPATIBLEARRAY => {
                compatible.push(element_or_error(types, base, "anycompatiblearray")?);
            }
            oid::ANYCOMPATIBLERANGE | oid::ANYCOMPATIBLEMULTIRANGE => {
                let names = range(types, *of, base)?;
                one_range(types, &mut solution.compatible_range, names, "anycompatiblerange")?;
                compatible.push(names.subtype);
            }
            _ => {
                let names = range(types, *of, base)?;
                let name = if *of == oid::ANYRANGE { "anyrange" } else { "anymultirange" };
                one_range(types, &mut solution.range, names, name)?;
            }
        }
    }
    if let Some(array) = solution.array {
        let element = element_or_error(types, array, "anyarray")?;
        match solution.element {
            Some(known) if known != element => {
                let detail = versus(types, array, known);
                return Err(ResolveError::Inconsistent("anyarray", "anyelement", detail));
            }
            _ => solution.element = Some(element),
        }
    }
    if let Some(names) = solution.range {
        match solution.element {
            Some(known) if known != names.subtype => {
                let (name, of) = if declared.contains(&oid::ANYRANGE) {
                    ("anyrange", names.range)
                } else {
                    ("anymultirange", names.multirange)
                };
                return Err(ResolveError::Inconsistent(name, "anyelement", versus(types, of, known)));
            }
            _ => solution.element = Some(names.subtype),
        }
    }
    special(types, &solution, declared)?;
    solution.compatible = common_of(types, &compatible, declared)?;
    if let (Some(names), Some(common)) = (solution.compatible_range, solution.compatible)
        && names.subtype != common
    {
        let detail = versus(types, names.range, common);
        return Err(ResolveError::Inconsistent("anycompatiblerange", "anycompatible", detail));
    }
    Ok(solution)
}

fn one(types: &dyn Types, slot: &mut Option<u32>, actual: u32, name: &'static str) -> ResolveResult<()> {
    match *slot {
        Some(known) if known != actual => Err(ResolveError::NotAlike(name, versus(types, known, actual))),
        _ => {
            *slot = Some(actual);
            Ok(())
        }
    }
}

fn element_or_error(types: &dyn Types, array: u32, declared: &'static str) -> ResolveResult<u32> {
    element_of(types, array)
        .ok_or_else(|| ResolveError::NotArray { declared, actual: type_name(types, array, None) })
}

fn one_range(
    types: &dyn Types,
    slot: &mut Option<RangeNames>,
    names: RangeNames,
    declared: &'static str,
) -> ResolveResult<()> {
    let mut known = slot.map(|known| known.range);
    one(types, &mut known, names.range, declared)?;
    *slot = Some(names);
    Ok(())
}

/// Arguments of ranges take ranges alone, those of multiranges multiranges.
fn range(types: &dyn Types, declared: u32, base: u32) -> ResolveResult<RangeNames> {
    let form = types.entry(base).map(|entry| entry.form);
    let wanted = match declared {
        oid::ANYRANGE | oid::ANYCOMPATIBLERANGE => Form::Range,
        _ => Form::Multirange,
    };
    let names = types.range(base).filter(|_| form == Some(wanted));
    names.ok_or_else(|| ResolveError::NotRange { actual: type_name(types, base, None) })
}

fn special(types: &dyn Types, solution: &Solution, declared: &[u32]) -> ResolveResult<()> {
    let Some(element) = solution.element else { return Ok(()) };
    if declared.contains(&oid::ANYNONARRAY) && element_of(types, element).is_some() {
        return Err(ResolveError::ArrayForNonArray(type_name(types, element, None)));
    }
    if declared.contains(&oid::ANYENUM) {
        let base = types.undomained(Type::of(element)).oid;
        if types.entry(base).is_none_or(|entry| entry.form != Form::Enum) {
            return Err(ResolveError::NotEnum(type_name(types, element, None)));
        }
    }
    Ok(())
}

fn common_of(types: &dyn Types, given: &[u32], declared: &[u32]) -> ResolveResult<Option<u32>> {
    if given.is_empty() {
        return Ok(None);
    }
    let first = given[0];
    let chosen = if given.iter().all(|of| *of == first) {
        first
    } else {
        common::choose(types, given).map_err(|(_, left, right)| {
            let (left, right) = (type_name(types, left, None), type_name(types, right, None));
            ResolveError::NoCommonType { context: "argument", left, right }
        })?
    };
    if !given.iter().all(|of| can_cast(types, *of, chosen, CastContext::Implicit)) {
        return Err(ResolveError::NoCommonCompatible);
    }
    if declared.contains(&oid::ANYCOMPATIBLENONARRAY) && element_of(types, chosen).is_some() {
        return Err(ResolveError::ArrayForNonArray(type_name(types, chosen, None)));
    }
    Ok(Some(chosen))
}
