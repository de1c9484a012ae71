//! Conversions between encodings that users make. What does them are functions that come with the program, each of which is for
//! certain encodings.

use crate::definer::Definer;
use crate::error::{DefineResult, plain};
use crate::named_routine::Routine;
use catalog::object::{Conversion, FIXED_CONVERSIONS, Object, Oid, PG_CATALOG};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::conversion::CreateConversion;
use syntax::tree::object::{ObjectKind, ObjectName};
use types::catalog::oid;
use types::encoding::Encoding;

/// What such a function takes: the encodings, the text, where it goes, how long it is, and whether errors are told.
const ARGUMENTS: [Oid; 6] = [oid::INT4, oid::INT4, oid::CSTRING, oid::INTERNAL, oid::INT4, oid::BOOL];

/// `CREATE CONVERSION`
///
/// # Errors
/// PostgreSQL's.
pub fn create_conversion(definer: &mut Definer<'_>, statement: &CreateConversion<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let named = |side: &str, name: &str| {
        let message = format!("{side} encoding \"{name}\" does not exist");
        Encoding::named(name).ok_or_else(|| plain(SqlState::UndefinedObject, message))
    };
    let source = named("source", statement.source)?;
    let destination = named("destination", statement.destination)?;
    if source == Encoding::ASCII || destination == Encoding::ASCII {
        let message = "encoding conversion to or from \"SQL_ASCII\" is not supported";
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let function = function(definer, &statement.function)?;
    refuse_other(function, source, destination)?;
    if definer.scope.conversion_in(schema, name).is_some() {
        return Err(plain(SqlState::DuplicateObject, format!("conversion \"{name}\" already exists")));
    }
    let (from, to) = (source.number(), destination.number());
    let same = |made: &Arc<Conversion>| made.default && (made.source, made.destination) == (from, to);
    if statement.default && (schema == PG_CATALOG || definer.scope.conversions_of(schema).any(same)) {
        let (from, to) = (source.name(), destination.name());
        let message = format!("default conversion for {from} to {to} already exists");
        return Err(plain(SqlState::DuplicateObject, message));
    }
    let made = Conversion {
        oid: definer.new_oids_beside(1, schema)?,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        source: from,
        destination: to,
        function,
        default: statement.default,
    };
    let references = [(Address::of(schema), DependencyKind::Normal)];
    definer.create(&Object::Conversion(Arc::new(made)), &references)?;
    definer.refresh()
}

/// The function that does it.
fn function(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    match crate::named_routine::with_arguments(definer, name, &ARGUMENTS)? {
        Routine::BuiltIn(entry) => Ok(entry.oid),
        Routine::Made(_) => definer.unsupported("a conversion by a user's function", None),
    }
}

/// Refuses encodings that the function is not for.
fn refuse_other(function: Oid, source: Encoding, destination: Encoding) -> DefineResult<()> {
    let known = || FIXED_CONVERSIONS.iter().filter(|fixed| fixed.function == function);
    let given = (source.number(), destination.number());
    if known().any(|fixed| (fixed.source, fixed.destination) == given) {
        return Ok(());
    }
    let mut sides = [
        ("source", source, known().map(|fixed| fixed.source).collect::<Vec<_>>()),
        ("destination", destination, known().map(|fixed| fixed.destination).collect()),
    ];
    for (_, _, numbers) in &mut sides {
        numbers.dedup();
    }
    for (side, given, numbers) in sides {
        if let [only] = numbers[..]
            && only != given.number()
        {
            let expected = Encoding::numbered(only).map_or("", Encoding::name);
            let message = format!("expected {side} encoding \"{expected}\", but got \"{}\"", given.name());
            return Err(plain(SqlState::InternalError, message));
        }
    }
    let message = format!(
        "unexpected encodings \"{}\" and \"{}\" of a conversion function",
        source.name(),
        destination.name()
    );
    Err(plain(SqlState::InternalError, message))
}

/// A conversion that a user has made, if an object's name is one's.
///
/// # Errors
/// When the role may not look where it is.
pub(crate) fn made(
    definer: &Definer<'_>,
    kind: ObjectKind,
    name: &ObjectName<'_>,
) -> DefineResult<Option<Oid>> {
    let (ObjectKind::Conversion, ObjectName::Named(name)) = (kind, name) else { return Ok(None) };
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if let Some(schema) = schema {
        if definer.scope.find_schema(schema).is_err() {
            return Ok(None);
        }
        definer.scope.may_look_in(schema)?;
    }
    let found = definer.scope.look_for_conversion(schema, object);
    Ok(found.filter(|oid| definer.scope.conversion(*oid).is_some()))
}

/// A conversion that is to get a comment, if there is one; those that come with the program only a superuser describes.
///
/// # Errors
/// When the role may not describe it.
pub(crate) fn commented(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Option<Oid>> {
    if let Some(made) = made(definer, ObjectKind::Conversion, &ObjectName::Named(*name))? {
        return Ok(Some(made));
    }
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let found = definer.scope.look_for_conversion(schema, object);
    if found.is_some() {
        crate::fixed::require_owner(definer, "conversion", &name.to_string())?;
    }
    Ok(found)
}

/// That a conversion of this name may stand in a schema.
///
/// # Errors
/// When there is one.
pub(crate) fn refuse_taken(definer: &Definer<'_>, schema: Oid, name: &str) -> DefineResult<()> {
    if definer.scope.conversion_in(schema, name).is_none() {
        return Ok(());
    }
    let within = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("conversion \"{name}\" already exists in schema \"{within}\"");
    Err(plain(SqlState::DuplicateObject, message))
}

/// That a conversion may have another name.
///
/// # Errors
/// When that is taken, or the role does not own it.
pub(crate) fn refuse_rename(definer: &Definer<'_>, conversion: Oid, to: &str) -> DefineResult<()> {
    if let Some(made) = definer.scope.conversion(conversion) {
        refuse_taken(definer, made.schema, to)?;
    }
    definer.require_owner(conversion)
}
