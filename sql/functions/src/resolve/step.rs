//! Functions that are steps of aggregates: named when the aggregate is made, with the types that it declares.
//!
//! Those types may stand for many. Where a step's types do too, they are compared as if each were a type like others.

use super::cast::{Cast, find_cast};
use super::function::{Argument, Candidate, Resolution, ResolvedCall, resolve_function, signature};
use super::polymorphic;
use crate::error::{ResolveError, ResolveResult};
use crate::table::{CastContext, CastMethod};
use std::sync::Arc;
use types::Types;
use types::catalog::{Column, Form, Type, TypeEntry, builtin, oid};
use types::range::RangeNames;
use types::vector::EnumOrder;

/// Types among which those that stand for many are types like others: `anyarray` is an array of `anyelement`, `anyrange` a range
/// of it.
struct Declared<'t>(&'t dyn Types);

impl Types for Declared<'_> {
    fn made(&self, oid: u32) -> Option<TypeEntry<'_>> {
        self.0.made(oid)
    }

    fn columns(&self, composite: u32) -> Option<&[Column]> {
        self.0.columns(composite)
    }

    fn base(&self, domain: u32) -> Option<Type> {
        self.0.base(domain)
    }

    fn made_like(&self, of: u32) -> Option<u32> {
        self.0.made_like(of)
    }

    fn labels(&self, enumeration: u32) -> Option<Arc<EnumOrder>> {
        self.0.labels(enumeration)
    }

    fn label(&self, enumeration: u32, name: &str) -> Option<u32> {
        self.0.label(enumeration, name)
    }

    fn label_name(&self, label: u32) -> Option<&str> {
        self.0.label_name(label)
    }

    fn made_range(&self, range: u32) -> Option<RangeNames> {
        let family = |range, multirange, subtype| Some(RangeNames { range, subtype, multirange });
        match range {
            oid::ANYRANGE | oid::ANYMULTIRANGE => family(oid::ANYRANGE, oid::ANYMULTIRANGE, oid::ANYELEMENT),
            oid::ANYCOMPATIBLERANGE | oid::ANYCOMPATIBLEMULTIRANGE => {
                family(oid::ANYCOMPATIBLERANGE, oid::ANYCOMPATIBLEMULTIRANGE, oid::ANYCOMPATIBLE)
            }
            made => self.0.made_range(made),
        }
    }

    fn made_cast(&self, source: u32, target: u32) -> Option<(CastContext, CastMethod)> {
        self.0.made_cast(source, target)
    }

    fn worker(&self, function: u32) -> Option<u32> {
        self.0.worker(function)
    }

    fn entry(&self, of: u32) -> Option<TypeEntry<'_>> {
        let array = |entry: TypeEntry<'static>, element| TypeEntry { form: Form::Array, element, ..entry };
        match (of, builtin(of)) {
            (oid::ANYELEMENT, Some(entry)) => Some(TypeEntry { array: oid::ANYARRAY, ..*entry }),
            (oid::ANYCOMPATIBLE, Some(entry)) => Some(TypeEntry { array: oid::ANYCOMPATIBLEARRAY, ..*entry }),
            (oid::ANYARRAY, Some(entry)) => Some(array(*entry, oid::ANYELEMENT)),
            (oid::ANYCOMPATIBLEARRAY, Some(entry)) => Some(array(*entry, oid::ANYCOMPATIBLE)),
            (oid::ANYRANGE | oid::ANYCOMPATIBLERANGE, Some(entry)) => {
                Some(TypeEntry { form: Form::Range, ..*entry })
            }
            (oid::ANYMULTIRANGE | oid::ANYCOMPATIBLEMULTIRANGE, Some(entry)) => {
                Some(TypeEntry { form: Form::Multirange, ..*entry })
            }
            _ => self.0.entry(of),
        }
    }
}

/// The function of a step that is given values of these types, and whether it takes them as they are: what it would have to
/// be cast for with every row, it does not. What it takes as `VARIADIC` it is given as an array.
///
/// # Errors
/// When there is none, or several.
pub fn resolve_step(
    types: &dyn Types,
    displayed: &str,
    mut candidates: Vec<Candidate<'_>>,
    given: &[u32],
) -> ResolveResult<(ResolvedCall, bool)> {
    candidates.iter_mut().for_each(|candidate| candidate.variadic = 0);
    candidates
        .retain(|candidate| candidate.arguments.iter().zip(given).all(|(to, from)| in_family(*from, *to)));
    let (own, types) = (types, Declared(types));
    let arguments: Vec<Argument<'_>> = given.iter().map(|of| Argument { of: *of, name: None }).collect();
    let named = || signature(own, displayed, &arguments);
    let found = resolve_function(&types, displayed, &candidates, &arguments, false, None);
    let found = found.map_err(|error| match error {
        ResolveError::NoFunction { .. } => ResolveError::NoFunction { signature: named() },
        ResolveError::AmbiguousFunction { .. } => ResolveError::AmbiguousFunction { signature: named() },
        error => error,
    });
    match found? {
        Resolution::Call(found) => {
            let same = |(from, to): (&u32, &u32)| {
                from == to || find_cast(&types, *from, *to, CastContext::Implicit) == Some(Cast::Binary)
            };
            let as_is = given.iter().zip(&found.arguments).all(same);
            Ok((found, as_is))
        }
        Resolution::Cast(_) => Err(ResolveError::NoFunction { signature: named() }),
    }
}

/// Whether two types that stand for many are both of those for which a common type is found, or neither is.
fn in_family(from: u32, to: u32) -> bool {
    let both = polymorphic::is_polymorphic(from) && polymorphic::is_polymorphic(to);
    !both || polymorphic::is_compatible(from) == polymorphic::is_compatible(to)
}

/// What a declared type stands for in a call whose arguments are of the types `given`, `declared` being what the function
/// declares of them.
///
/// # Errors
/// When they do not agree, or do not tell.
pub fn stands_for(types: &dyn Types, of: u32, given: &[u32], declared: &[u32]) -> ResolveResult<u32> {
    if !polymorphic::is_polymorphic(of) {
        return Ok(of);
    }
    polymorphic::agree(types, given, &mut declared.to_vec(), of)
}
