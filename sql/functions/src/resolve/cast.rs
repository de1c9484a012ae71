//! Casts: from which type to which, when, and how.

use crate::table::{CastContext, CastMethod, cast_entry};
use types::Types;
use types::catalog::{Category, Form, Type, oid};

/// How a value of one type becomes one of another. Modifiers (lengths, scales) are applied after it: see
/// [`crate::table::length_cast`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cast {
    /// The values are the same.
    Binary,
    /// By this function; its further arguments are the target's modifier and whether the cast is explicit.
    Function(u32),
    /// By the output function of the one and the input function of the other.
    Text,
    /// Each element of an array.
    Elements(Box<Cast>),
    /// A composite value to an anonymous record, or a record to a composite type, column by column.
    Record,
    /// A row as one of a table that its own inherits from: for each column of that the place of its own.
    Parent(Vec<Option<u32>>),
}

/// Whether all of `from` can be cast to `to`; polymorphic targets take everything here, their agreement is looked at
/// later.
pub fn can_cast(types: &dyn Types, from: u32, to: u32, context: CastContext) -> bool {
    from == to
        || to == oid::ANY
        || super::polymorphic::is_polymorphic(to)
        || from == oid::UNKNOWN
        || find_cast(types, from, to, context).is_some()
}

/// How `from` is cast to `to`, if it may be in this context. Literals of type unknown are read by the target's input
/// function instead and do not come here.
pub fn find_cast(types: &dyn Types, from: u32, to: u32, context: CastContext) -> Option<Cast> {
    if from == to {
        return Some(Cast::Binary);
    }
    let source = types.undomained(Type::of(from)).oid;
    let target = types.undomained(Type::of(to)).oid;
    if source == target {
        return Some(Cast::Binary);
    }
    if let Some(cast) = records(types, source, target) {
        return Some(cast);
    }
    let known = cast_entry(source, target).map(|entry| (entry.context, entry.method));
    if let Some((needed, method)) = known.or_else(|| types.made_cast(source, target)) {
        return (context >= needed).then_some(match method {
            CastMethod::Binary => Cast::Binary,
            CastMethod::Function(function) => Cast::Function(function),
            CastMethod::Text => Cast::Text,
        });
    }
    if let Some(cast) = elements(types, source, target, context) {
        return Some(cast);
    }
    through_text(types, source, target, context).then_some(Cast::Text)
}

fn records(types: &dyn Types, source: u32, target: u32) -> Option<Cast> {
    let composite = |of: u32| types.entry(of).is_some_and(|entry| entry.form == Form::Composite);
    match (source, target) {
        (source, oid::RECORD) if composite(source) => Some(Cast::Binary),
        (oid::RECORD, target) if composite(target) => Some(Cast::Record),
        (source, target) if composite(source) && composite(target) => {
            types.inherited(source, target).map(Cast::Parent)
        }
        _ => None,
    }
}

/// Arrays are cast element by element, as their elements are.
fn elements(types: &dyn Types, source: u32, target: u32, context: CastContext) -> Option<Cast> {
    let element =
        |of: u32| types.entry(of).filter(|entry| entry.form == Form::Array).map(|entry| entry.element);
    let vector = |of: u32| match of {
        oid::INT2VECTOR => Some(oid::INT2),
        oid::OIDVECTOR => Some(oid::OID),
        _ => None,
    };
    let target_element = element(target)?;
    let source_element = element(source).or_else(|| vector(source))?;
    match find_cast(types, source_element, target_element, context)? {
        Cast::Text => Some(Cast::Text),
        cast => Some(Cast::Elements(Box::new(cast))),
    }
}

/// To a string on assignment, from a string where it is asked for.
fn through_text(types: &dyn Types, source: u32, target: u32, context: CastContext) -> bool {
    let is_string = |of: u32| types.entry(of).is_some_and(|entry| entry.category == Category::String);
    let pseudo = |of: u32| {
        types.entry(of).is_none_or(|entry| entry.form == Form::Pseudo)
            && of != oid::RECORD
            && of != oid::CSTRING
            && of != oid::VOID
    };
    if pseudo(source) || pseudo(target) {
        return false;
    }
    match context {
        CastContext::Implicit => false,
        CastContext::Assignment => is_string(target),
        CastContext::Explicit => is_string(target) || is_string(source),
    }
}
