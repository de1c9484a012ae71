//! The type that branches of `CASE`, columns of `UNION`, rows of `VALUES` and the like have in common.

use super::cast::can_cast;
use crate::error::{ResolveError, ResolveResult};
use crate::table::CastContext;
use types::Types;
use types::catalog::{Category, Type, oid, type_name};

/// The common type of `given`, and the place of the argument that an error is about. `context` is what messages begin
/// with: `CASE`, `UNION`, `COALESCE`, `ARRAY` …
///
/// Nothing but unknown literals makes `text`.
pub fn common_type(
    types: &dyn Types,
    given: &[u32],
    context: &'static str,
) -> Result<u32, (usize, ResolveError)> {
    let Some(first) = given.first() else { return Ok(oid::TEXT) };
    if *first != oid::UNKNOWN && given.iter().all(|of| of == first) {
        return Ok(*first);
    }
    let chosen = choose(types, given).map_err(|(place, left, right)| {
        let name = |of| type_name(types, of, None);
        (place, ResolveError::NoCommonType { context, left: name(left), right: name(right) })
    })?;
    let chosen = if chosen == oid::UNKNOWN { oid::TEXT } else { chosen };
    for (place, of) in given.iter().enumerate() {
        if !can_cast(types, *of, chosen, CastContext::Implicit) {
            let name = |of| type_name(types, of, None);
            let error = ResolveError::NoCommonCast { context, from: name(*of), to: name(chosen) };
            return Err((place, error));
        }
    }
    Ok(chosen)
}

/// The common type of the elements of `ARRAY[…]`, and the type of the array.
pub fn common_array_type(types: &dyn Types, element: u32) -> ResolveResult<u32> {
    match super::polymorphic::array_of(types, element) {
        Some(array) => Ok(array),
        None => Err(ResolveError::NoArrayType(type_name(types, element, None))),
    }
}

/// The type that most can become without being asked; `unknown` if there is no other. The error names the place and
/// the two types that do not go together.
pub(super) fn choose(types: &dyn Types, given: &[u32]) -> Result<u32, (usize, u32, u32)> {
    let base = |of: u32| types.undomained(Type::of(of)).oid;
    let class = |of: u32| {
        types.entry(of).map_or((Category::Unknown, false), |entry| (entry.category, entry.preferred))
    };
    let mut chosen = given.first().map_or(oid::UNKNOWN, |first| base(*first));
    for (place, of) in given.iter().enumerate().skip(1) {
        let next = base(*of);
        if next == oid::UNKNOWN || next == chosen {
            continue;
        }
        let ((category, preferred), (next_category, _)) = (class(chosen), class(next));
        if chosen == oid::UNKNOWN {
            chosen = next;
        } else if category != next_category {
            return Err((place, chosen, next));
        } else if !preferred
            && can_cast(types, chosen, next, CastContext::Implicit)
            && !can_cast(types, next, chosen, CastContext::Implicit)
        {
            chosen = next;
        }
    }
    Ok(chosen)
}
